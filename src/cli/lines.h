#pragma once
// Cutting a stream of bytes into lines.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace entente::cli {

/// Keeps at most one line that came in pieces. Threads: one at a time.
class LineCutter {
  public:
    /// `line` without its line feed; `number` counts from 1; `cut`: it is longer than `bytes_max`,
    /// and what is given is not all of it. The view lives for the call.
    using Take = std::function<void(std::string_view line, std::uint64_t number, bool cut)>;

    LineCutter(std::size_t bytes_max, Take take) : bytes_max_(bytes_max), take_(std::move(take)) {}

    void feed(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t end = bytes.find('\n');
            const std::string_view part = bytes.substr(0, end);
            if (end == std::string_view::npos) return keep(part);
            if (open_) {
                keep(part);
                pass(kept_);
            } else {
                cut_ = part.size() > bytes_max_;
                pass(part);
            }
            bytes.remove_prefix(end + 1);
        }
    }

    /// A last line needs no line feed.
    void finish() {
        if (open_) pass(kept_);
    }

  private:
    void keep(std::string_view part) {
        open_ = true;
        cut_ = cut_ || kept_.size() + part.size() > bytes_max_;
        if (!cut_) kept_ += part;
    }

    void pass(std::string_view line) {
        take_(line, ++number_, cut_);
        kept_.clear();
        cut_ = open_ = false;
    }

    std::size_t bytes_max_;
    Take take_;
    std::uint64_t number_ = 0;
    std::string kept_;
    bool cut_ = false;
    bool open_ = false;  // a line has begun
};

}  // namespace entente::cli
