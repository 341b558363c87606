#include "cli/validate_read.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/stop.h"
#include "stix/envelope.h"

#include <fmt/format.h>

#include <charconv>

namespace entente::cli {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// What the report has to say of an input beside its name, which stands there already.
std::string without_name(const std::string& path, const std::string& detail) {
    const std::string name = printable(shown_name(path)) + ": ";
    return detail.starts_with(name) ? detail.substr(name.size()) : detail;
}

/// Takes the "byte N: " off a cutter's words.
std::optional<std::uint64_t> take_byte(std::string& detail) {
    constexpr std::string_view word = "byte ";
    if (!detail.starts_with(word)) return std::nullopt;
    std::uint64_t byte = 0;
    const char* const end = detail.data() + detail.size();
    const auto [rest, error] = std::from_chars(detail.data() + word.size(), end, byte);
    if (error != std::errc() || !std::string_view(rest, end).starts_with(": ")) return std::nullopt;
    detail.erase(0, static_cast<std::size_t>(rest - detail.data()) + 2);
    return byte;
}

/// Cuts one input.
class ObjectCutter {
  public:
    ObjectCutter(std::size_t index, Judge& judge, Report& report)
        : index_(index),
          judge_(judge),
          report_(report),
          cutter_(
              [this](std::string_view text, std::size_t byte) -> Result<void> {
                  if (!stop_requested()) judge_.object(text, at(byte, text));
                  return {};
              },
              {[this](std::string_view head, std::size_t byte) -> Result<void> {
                   judge_.opened(head, at(byte, head));
                   return {};
               },
               [this](std::string_view tail, std::size_t byte) -> Result<void> {
                   judge_.closed(tail, at(byte, tail));
                   return {};
               }}
          ) {}

    Result<void> feed(std::string_view bytes) {
        lines_.begin_piece(bytes);
        auto fed = cutter_.feed(bytes);
        if (!fed) tell(fed.error().detail);
        lines_.end_piece();
        return fed;
    }

    void finish() {
        if (const auto end = cutter_.finish(); !end) tell(end.error().detail);
    }

    /// True when the report knows already why the rest cannot be read.
    [[nodiscard]] bool told() const noexcept { return told_; }

  private:
    FoundAt at(std::uint64_t byte, std::string_view from_there) {
        return {index_, byte, lines_.line_of(byte, from_there)};
    }

    void tell(std::string detail) {
        told_ = true;
        const auto byte = take_byte(detail);
        report_.unreadable(byte ? at(*byte, {}) : FoundAt{index_}, std::move(detail));
    }

    std::size_t index_;
    Judge& judge_;
    Report& report_;
    LineCounter lines_;
    stix::Cutter cutter_;
    bool told_ = false;
};

/// Splits one input into lines.
class LineSplitter {
  public:
    using Take = std::function<void(std::string_view line, std::uint64_t at_byte, bool too_long)>;

    explicit LineSplitter(Take take) : take_(std::move(take)) {}

    void feed(std::string_view bytes) {
        while (!bytes.empty() && !stop_requested()) {
            const std::size_t end = bytes.find('\n');
            const std::string_view part = bytes.substr(0, end);
            const bool whole = line_bytes_ == 0;
            line_bytes_ += part.size();
            if (end == std::string_view::npos) {
                keep(part);
                return;
            }
            if (!whole) keep(part);
            pass(whole ? part : kept_);
            at_ += 1;
            bytes.remove_prefix(end + 1);
        }
    }

    /// A last line needs no line feed.
    void finish() {
        if (line_bytes_ > 0) pass(kept_);
    }

  private:
    void keep(std::string_view part) {
        if (line_bytes_ <= limits::object_bytes_max) kept_ += part;
    }

    void pass(std::string_view line) {
        if (at_ == 0 && line.starts_with(byte_order_mark)) {
            line.remove_prefix(byte_order_mark.size());
        }
        take_(line, at_, line_bytes_ > limits::object_bytes_max);
        at_ += line_bytes_;
        line_bytes_ = 0;
        kept_.clear();
    }

    Take take_;
    std::uint64_t at_ = 0;          // where the line begins
    std::uint64_t line_bytes_ = 0;  // of it so far
    std::string kept_;              // what of it came in pieces before, unless it is too long
};

}  // namespace

std::string shown_name(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

Reading::Reading(const std::vector<ValidateInput>& inputs, Progress& progress)
    : inputs_(inputs),
      progress_(progress) {
    for (const ValidateInput& input : inputs)
        all_bytes_ += input.bytes;
}

Result<void> Reading::input(
    std::size_t index,
    const std::function<Result<void>(std::string_view bytes)>& take,
    const std::function<std::uint64_t()>& count
) {
    const ValidateInput& input = inputs_[index];
    if (!input.problem.empty()) return fail(Errc::not_found, input.problem);
    std::uint64_t read = 0;
    auto outcome = decode_file(
        input.path,
        [&](std::string_view bytes) {
            decoded_ += bytes.size();
            return take(bytes);
        },
        limits::validate_bytes_max,
        [&](std::uint64_t so_far) {
            read = so_far;
            progress_.at(count(), before_ + so_far, all_bytes_);
        }
    );
    before_ += read;
    return outcome;
}

void read_objects(
    const std::vector<ValidateInput>& inputs, Reading& reading, Judge& judge, Report& report
) {
    for (std::size_t index = 0; index < inputs.size() && !stop_requested(); ++index) {
        judge.begin_input();
        ObjectCutter cutter(index, judge, report);
        const auto outcome = reading.input(
            index,
            [&](std::string_view bytes) { return cutter.feed(bytes); },
            [&] { return report.objects(); }
        );
        if (stop_requested() || cutter.told()) continue;
        if (outcome) {
            cutter.finish();
        } else {
            report.unreadable({index}, without_name(inputs[index].path, outcome.error().detail));
        }
    }
    // What is missing in a part proves nothing.
    if (!stop_requested()) judge.finish();
}

void read_lines(
    const std::vector<ValidateInput>& inputs,
    Reading& reading,
    LineJudge& judge,
    Report& report,
    const std::function<void(const LineAnswer&)>& answer,
    const std::function<void()>& pause
) {
    const std::vector<stix::Finding> too_long{
        {stix::Level::must,
         0,
         "S1",
         "",
         fmt::format("the line exceeds the limit of {} bytes", limits::object_bytes_max)}};
    const Facts no_facts;
    std::uint64_t lines = 0;
    for (std::size_t index = 0; index < inputs.size() && !stop_requested(); ++index) {
        std::uint64_t line = 0;
        LineSplitter splitter([&](std::string_view text, std::uint64_t at_byte, bool over) {
            const FoundAt at{index, at_byte, ++line};
            ++lines;
            const auto& findings = over ? too_long : judge.check(text);
            answer({text, at, over ? no_facts : judge.facts(), findings});
        });
        const auto outcome = reading.input(
            index,
            [&](std::string_view bytes) -> Result<void> {
                splitter.feed(bytes);
                pause();
                return {};
            },
            [&] { return lines; }
        );
        if (stop_requested()) return;
        if (outcome) {
            splitter.finish();
        } else {
            report.unreadable({index}, without_name(inputs[index].path, outcome.error().detail));
        }
    }
}

}  // namespace entente::cli
