#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace entente::cli {
namespace {
constexpr std::int64_t terminal_interval_us = 200'000;
constexpr std::int64_t lines_interval_us = 2'000'000;
}  // namespace

std::string counted(std::uint64_t number, std::string_view noun) {
    return grouped(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

Progress::Mode Progress::mode_for(std::FILE* err, bool forced) {
    if (::isatty(::fileno(err)) == 1) return Mode::terminal;
    return forced ? Mode::lines : Mode::silent;
}

Progress::Progress(std::FILE* err, Mode mode, const Clock& clock, std::string what)
    : err_(err),
      mode_(mode),
      clock_(clock),
      what_(std::move(what)),
      started_us_(clock.monotonic_us()),
      shown_us_(started_us_) {}

Progress::~Progress() {
    if (on_line_) {
        (void)std::fputs("\r\x1b[K", err_);
        (void)std::fflush(err_);
    }
}

std::string Progress::text(
    std::string_view what,
    std::uint64_t count,
    std::uint64_t part,
    std::uint64_t whole,
    std::int64_t elapsed_us
) {
    std::string line = fmt::format("{}: {}", what, grouped(count));
    if (whole > 0) line += fmt::format(", {}%", std::min(part, whole) * 100 / whole);
    if (elapsed_us > 0) {
        const auto rate = static_cast<double>(count) * 1e6 / static_cast<double>(elapsed_us);
        line += fmt::format(", {}/s", grouped(static_cast<std::uint64_t>(rate)));
    }
    return line;
}

void Progress::at(std::uint64_t count, std::uint64_t part, std::uint64_t whole) {
    if (mode_ == Mode::silent) return;
    const std::int64_t now = clock_.monotonic_us();
    const std::int64_t interval =
        mode_ == Mode::terminal ? terminal_interval_us : lines_interval_us;
    if (now - shown_us_ < interval) return;
    shown_us_ = now;
    const std::string line = text(what_, count, part, whole, now - started_us_);
    if (mode_ == Mode::terminal) {
        (void)std::fputs(("\r" + line + "\x1b[K").c_str(), err_);
        on_line_ = true;
    } else {
        (void)std::fputs((line + "\n").c_str(), err_);
    }
    (void)std::fflush(err_);
}

}  // namespace entente::cli
