#include "cli/match_input.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/stop.h"
#include "cli/validate_read.h"
#include "match/observed.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t told_one_by_one = 10;
constexpr std::size_t looked_at = 64U << 10U;  // bytes that say what a file is

}  // namespace

MatchInput::MatchInput(std::string path, const MatchShared& shared)
    : path_(std::move(path)),
      shared_(shared),
      watch_(shared.snapshot, shared.watching) {
    begin();
}

void MatchInput::begin() {
    mode_ = Mode::undecided;
    head_.clear();
    before_ += number_;
    number_ = 0;
    reader_.emplace(shared_.format, shared_.fields);
    cutter_.emplace([this](std::string_view object, std::size_t) -> Result<void> {
        one(object, number_ + 1, false);
        return {};
    });
    lines_.emplace(
        limits::match_event_bytes_max,
        [this](std::string_view line, std::uint64_t number, bool cut) { one(line, number, cut); }
    );
}

Result<void> MatchInput::feed(std::string_view bytes) {
    if (mode_ != Mode::undecided) return pass(bytes);
    head_ += bytes;
    if (head_.size() < looked_at && head_.find('\n') == std::string::npos) return {};
    return decide();
}

Result<void> MatchInput::end_of_text() {
    if (mode_ == Mode::undecided) ENTENTE_CHECK(decide());
    if (mode_ == Mode::lines) lines_->finish();
    if (mode_ == Mode::objects) ENTENTE_CHECK(cutter_->finish());
    if (mode_ != Mode::whole) return {};
    match::Event event;
    return match::read_observed(head_, event, [&](const match::Event& made) {
        ++number_;
        look(made);
    });
}

Result<void> MatchInput::finish() {
    ENTENTE_CHECK(end_of_text());
    const match::WatchCounts& counts = watch_.counts();
    shared_.totals.counts.cut += counts.cut;
    shared_.totals.counts.undecided += counts.undecided;
    shared_.totals.counts.forgotten += counts.forgotten;
    shared_.totals.counts.untimely += counts.untimely;
    return {};
}

Result<void> MatchInput::restart() {
    ENTENTE_CHECK(end_of_text());
    begin();
    return {};
}

/// Lines that are events, or JSON that goes over lines.
Result<void> MatchInput::decide() {
    std::string_view text = head_;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    const bool over_lines =
        text.starts_with('[') ||
        (text.starts_with('{') && end != std::string_view::npos && !line.ends_with('}'));
    mode_ = Mode::lines;
    if (over_lines) {
        const auto format = shared_.format ? shared_.format : match::format_of_line(text);
        mode_ = format == match::Format::observed ? Mode::whole : Mode::objects;
    }
    if (mode_ == Mode::whole) return {};
    const std::string head(text);
    head_.clear();
    return pass(head);
}

Result<void> MatchInput::pass(std::string_view bytes) {
    switch (mode_) {
        case Mode::undecided:
            break;
        case Mode::lines:
            lines_->feed(bytes);
            break;
        case Mode::objects:
            return cutter_->feed(bytes);
        case Mode::whole:
            if (head_.size() + bytes.size() > limits::pattern_observed_bytes_max) {
                return fail(
                    Errc::too_large,
                    fmt::format(
                        "observed data longer than {} bytes", limits::pattern_observed_bytes_max
                    )
                );
            }
            head_ += bytes;
            break;
    }
    return {};
}

void MatchInput::one(std::string_view text, std::uint64_t number, bool cut) {
    if (stop_requested()) return;
    number_ = number;
    const Result<void> read =
        cut ? fail(
                  Errc::too_large,
                  fmt::format("an event longer than {} bytes", limits::match_event_bytes_max)
              )
            : reader_->read(text, [&](const match::Event& event) { look(event); });
    if (read) return;
    MatchTotals& totals = shared_.totals;
    if (++totals.unreadable <= told_one_by_one) {
        shared_.context.note(
            fmt::format("{}:{}: {}", shown_name(path_), number, read.error().detail)
        );
    }
}

void MatchInput::look(const match::Event& event) {
    ++shared_.totals.events;
    for (const match::Hit& hit : watch_.look(event, before_ + number_)) {
        ++shared_.totals.hits;
        tell(hit, event);
    }
}

void MatchInput::tell(const match::Hit& hit, const match::Event& event) {
    const KnownIndicator known = shared_.indicators.known(hit.key);
    Output& out = shared_.context.out;
    std::vector<std::uint64_t> lines;  // those of this file
    for (const std::uint64_t number : hit.events)
        if (number > before_) lines.push_back(number - before_);
    const std::string time = event.last == Micros{} ? std::string() : format_taxii(event.last);
    if (out.json()) {
        json::object told{{"input", path_}, {"line", number_}};
        const auto put = [&](const char* name, std::string_view text) {
            if (!text.empty()) told[name] = text;
        };
        put("time", time);
        put("path", hit.path);
        put("value", hit.value);
        put("indicator", known.id);
        put("name", known.name);
        put("pattern", known.pattern);
        put("created_by", known.created_by);
        put("marking", known.marking);
        if (hit.events.size() > 1) told["lines"] = json::array(lines.begin(), lines.end());
        out.document(told);
        return;
    }
    std::string text = fmt::format("{}:{}: ", shown_name(path_), number_);
    if (!time.empty()) text += time + "  ";
    text += hit.path;
    if (!hit.value.empty()) text += fmt::format(" = {}", hit.value);
    text += fmt::format("  {}", known.id);
    for (const std::string_view more : {known.name, known.created_by, known.marking})
        if (!more.empty()) text += fmt::format("  {}", more);
    if (hit.events.size() > 1) text += fmt::format("  (lines {})", fmt::join(lines, ", "));
    out.line(text);
}

}  // namespace entente::cli
