#pragma once
// Undoing gzip (RFC 1952) by ISA-L, for streams of unknown size.
#include "base/limits.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct inflate_state;

namespace entente {

/// Reads over the header of a gzip member (RFC 1952, 2.3), byte by byte. ISA-L's own reader forgets
/// the flags when a header with two optional fields comes in two pieces.
class GzipHeader {
  public:
    enum class State : std::uint8_t { more, done, broken };
    /// Takes what it needs from the front of `bytes`.
    State take(std::string_view& bytes);

  private:
    enum class Part : std::uint8_t { fixed, extra_size, extra, name, comment, checksum, end };
    State step(std::uint8_t byte);
    State step_fixed(std::uint8_t byte);
    /// Goes to the first part from `part` on that the flags announce.
    State enter(Part part);

    Part part_ = Part::fixed;
    unsigned index_ = 0;  // within the part
    unsigned flags_ = 0;
    unsigned extra_bytes_ = 0;
};

/// Undoes gzip piece by piece. Several members may follow one another (RFC 1952, 2.2).
class Gunzip {
  public:
    enum class State : std::uint8_t {
        ok,         // everything given was read
        broken,     // not gzip, a wrong checksum, or something after the end that is no gzip
        too_large,  // `out` would pass its limit
    };

    struct Options {
        std::size_t members_max = limits::gzip_members_max;
        /// Zero bytes behind a member are passed over: padding of tapes and blocks.
        bool zeros_between = false;
    };

    Gunzip() : Gunzip(Options{limits::gzip_members_max, false}) {}

    explicit Gunzip(const Options& options);
    ~Gunzip();
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;

    /// Appends to `out` what `bytes` decode to, at most up to `out_bytes_max` bytes in `out`.
    /// After an answer other than `ok` it must not be called again.
    [[nodiscard]] State feed(std::string_view bytes, std::string& out, std::uint64_t out_bytes_max);

    /// True when the bytes given so far end where a member ends.
    [[nodiscard]] bool complete() const noexcept { return members_ > 0 && !in_member_; }

  private:
    [[nodiscard]] State begin_member();
    [[nodiscard]] State inflate(
        std::string_view& bytes, std::string& out, std::uint64_t out_bytes_max
    );

    Options options_;
    std::unique_ptr<inflate_state> state_;
    std::string scratch_;
    GzipHeader header_;
    std::size_t members_ = 0;
    bool in_member_ = false;
    bool in_header_ = false;
};

}  // namespace entente
