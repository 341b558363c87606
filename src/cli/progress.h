#pragma once
// Progress of long work, with its rate, on standard error: one line that is rewritten on a
// terminal, else one line every few seconds when --progress asks for it, else nothing.
#include "base/time.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace entente::cli {

class Progress {
  public:
    enum class Mode : std::uint8_t { silent, terminal, lines };
    /// What to do for this file: silent unless it is a terminal or `forced`; JSON output does not
    /// change it (other file).
    [[nodiscard]] static Mode mode_for(std::FILE* err, bool forced);

    Progress(std::FILE* err, Mode mode, const Clock& clock, std::string what);
    /// Clears the line it wrote.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `count` things are done; `part` of `whole` (bytes, rows; 0 = unknown) tells how far that is.
    /// Cheap to call often.
    void at(std::uint64_t count, std::uint64_t part, std::uint64_t whole);

    /// The line for one moment, for example "importing: 12,000 objects, 41%, 5,210/s".
    [[nodiscard]] static std::string text(
        std::string_view what,
        std::uint64_t count,
        std::uint64_t part,
        std::uint64_t whole,
        std::int64_t elapsed_us
    );

  private:
    std::FILE* err_;
    Mode mode_;
    const Clock& clock_;
    std::string what_;
    std::int64_t started_us_;
    std::int64_t shown_us_ = 0;
    bool on_line_ = false;
};

/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "1 page", "1,000 pages": `noun` takes an s.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace entente::cli
