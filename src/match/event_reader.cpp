#include "match/event_reader.h"

#include "base/escape.h"
#include "match/eve.h"
#include "match/internal/event_bytes.h"
#include "match/json_log.h"
#include "match/observed.h"
#include "match/values.h"
#include "match/zeek.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace entente::match {
namespace {

/// What needs no memory between lines.
struct Stateless {};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

struct EventReader::Inside {
    std::optional<Format> format;
    std::shared_ptr<const FieldMap> fields;
    std::variant<std::monostate, EveReader, ZeekReader, JsonLogReader, Stateless> reader;
    Event event;

    void choose(Format chosen);
    Result<void> read_stateless(
        std::string_view line, const std::function<void(const Event&)>& take
    );
};

void EventReader::Inside::choose(Format chosen) {
    format = chosen;
    switch (chosen) {
        case Format::eve:
            reader.emplace<EveReader>(fields);
            return;
        case Format::zeek:
            reader.emplace<ZeekReader>(fields);
            return;
        case Format::ecs:
        case Format::ocsf:
        case Format::sysmon:
        case Format::json:
            reader.emplace<JsonLogReader>(chosen, fields);
            return;
        case Format::observed:
        case Format::plain:
            reader.emplace<Stateless>();
            return;
    }
}

Result<void> EventReader::Inside::read_stateless(
    std::string_view line, const std::function<void(const Event&)>& take
) {
    ENTENTE_CHECK(check_event_bytes(line));
    if (format == Format::observed) return read_observed(line, event, take);
    if (trimmed(line).starts_with('#')) return {};
    if (!read_value(line, event)) {
        return fail(
            Errc::malformed,
            fmt::format(
                "'{}' is no address, block, URL, name, hash or mail address", printable(line, 100)
            )
        );
    }
    take(event);
    return {};
}

EventReader::EventReader(std::optional<Format> format, std::shared_ptr<const FieldMap> fields)
    : inside_(std::make_unique<Inside>()) {
    inside_->fields = std::move(fields);
    if (format) inside_->choose(*format);
}

EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

std::optional<Format> EventReader::format() const noexcept {
    return inside_->format;
}

Result<void> EventReader::read(
    std::string_view raw, const std::function<void(const Event&)>& take
) {
    Inside& in = *inside_;
    if (!in.format) {
        const auto found = format_of_line(raw);
        if (!found) return {};
        in.choose(*found);
    }
    const std::string_view line = raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw;
    if (trimmed(line).empty()) return {};
    if (auto* const eve = std::get_if<EveReader>(&in.reader)) {
        ENTENTE_CHECK(eve->read(line, in.event));
    } else if (auto* const zeek = std::get_if<ZeekReader>(&in.reader)) {
        ENTENTE_TRY(const bool some, zeek->read(line, in.event));
        if (!some) return {};
    } else if (auto* const log = std::get_if<JsonLogReader>(&in.reader)) {
        ENTENTE_CHECK(log->read(line, in.event));
    } else {
        return in.read_stateless(line, take);
    }
    take(in.event);
    return {};
}

}  // namespace entente::match
