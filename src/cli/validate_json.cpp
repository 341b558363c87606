#include "cli/validate_json.h"

#include "base/limits.h"
#include "stix/object.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace entente::cli {
namespace {

const char* skip_space(const char* at, const char* end) noexcept {
    while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        ++at;
    return at;
}

/// Behind the quote that ends the string whose inside begins at `at`; null if none does.
const char* skip_string(const char* at, const char* end) noexcept {
    while (at != end) {
        const auto* quote =
            static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
        if (quote == nullptr) return nullptr;
        const char* slash = quote;
        while (slash != at && slash[-1] == '\\')
            --slash;
        if ((quote - slash) % 2 == 0) return quote + 1;
        at = quote + 1;
    }
    return nullptr;
}

/// Behind the value that begins at `at`; null when it does not end, or there is none.
const char* skip_value(const char* at, const char* end) noexcept {
    if (at == end) return nullptr;
    if (*at == '"') return skip_string(at + 1, end);
    if (*at != '{' && *at != '[') {
        const char* from = at;
        constexpr std::string_view ends = ",]}: \n\r\t\"{[";
        while (at != end && ends.find(*at) == std::string_view::npos)
            ++at;
        return at == from ? nullptr : at;
    }
    for (std::size_t depth = 0; at != end;) {
        switch (*at++) {
            case '"':
                at = skip_string(at, end);
                if (at == nullptr) return nullptr;
                break;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                if (--depth == 0) return at;
                break;
            default:
                break;
        }
    }
    return nullptr;
}

/// Behind the opening bracket, or `end` if there is none.
const char* inside(std::string_view value, char bracket) noexcept {
    const char* end = value.data() + value.size();
    const char* at = skip_space(value.data(), end);
    return at != end && *at == bracket ? at + 1 : end;
}

/// Passes the comma before a further member or element.
const char* skip_comma(const char* at, const char* end) noexcept {
    at = skip_space(at, end);
    return at != end && *at == ',' ? skip_space(at + 1, end) : at;
}

std::string_view between(const char* from, const char* to) noexcept {
    return {from, static_cast<std::size_t>(to - from)};
}

/// `~1` is `/` and `~0` is `~` (RFC 6901, 4).
std::string read_step(std::string_view raw) {
    std::string step;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool escape = raw[i] == '~' && i + 1 < raw.size();
        step += !escape ? raw[i] : raw[++i] == '1' ? '/' : '~';
    }
    return step;
}

void append_step(std::string& pointer, std::string_view name) {
    pointer += '/';
    for (const char c : name) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

class References {
  public:
    using Found = std::function<void(std::string_view, const std::string&)>;

    explicit References(const Found& found) : found_(found) {}

    void in_object(std::string_view object, std::size_t depth) {
        if (depth > limits::json_depth_max) return;
        Members members(object);
        while (const auto member = members.next()) {
            const std::string name = unescaped(member->raw_name);
            const std::size_t before = pointer_.size();
            append_step(pointer_, name);
            if (name.ends_with("_ref") || name.ends_with("_refs")) {
                named(member->value);
            } else {
                in_value(member->value, depth);
            }
            pointer_.resize(before);
        }
    }

  private:
    void in_value(std::string_view value, std::size_t depth) {
        if (value.starts_with('{')) return in_object(value, depth + 1);
        if (!value.starts_with('[') || depth > limits::json_depth_max) return;
        each_element(value, [&](std::string_view element) { in_value(element, depth + 1); });
    }

    template <class F>
    void each_element(std::string_view list, const F& with) {
        Elements elements(list);
        const std::size_t before = pointer_.size();
        for (std::size_t index = 0; const auto element = elements.next(); ++index) {
            append_step(pointer_, std::to_string(index));
            with(*element);
            pointer_.resize(before);
        }
    }

    void named(std::string_view value) {
        if (const auto id = string_value(value)) {
            if (stix::is_identifier(*id)) found_(pointer_, *id);
        } else if (value.starts_with('[')) {
            each_element(value, [this](std::string_view element) {
                const auto one = string_value(element);
                if (one && stix::is_identifier(*one)) found_(pointer_, *one);
            });
        }
    }

    const Found& found_;
    std::string pointer_;
};

}  // namespace

Members::Members(std::string_view object) noexcept
    : at_(inside(object, '{')),
      end_(object.data() + object.size()) {}

std::optional<Members::Member> Members::next() noexcept {
    const char* at = skip_comma(at_, end_);
    at_ = end_;
    if (at == end_ || *at != '"') return std::nullopt;
    const char* name = at + 1;
    at = skip_string(name, end_);
    if (at == nullptr) return std::nullopt;
    const char* name_end = at - 1;
    at = skip_space(at, end_);
    if (at == end_ || *at != ':') return std::nullopt;
    const char* value = skip_space(at + 1, end_);
    at = skip_value(value, end_);
    if (at == nullptr) return std::nullopt;
    at_ = at;
    return Member{between(name, name_end), between(value, at)};
}

Elements::Elements(std::string_view list) noexcept
    : at_(inside(list, '[')),
      end_(list.data() + list.size()) {}

std::optional<std::string_view> Elements::next() noexcept {
    const char* value = skip_comma(at_, end_);
    at_ = end_;
    const char* at = skip_value(value, end_);
    if (at == nullptr) return std::nullopt;
    at_ = at;
    return between(value, at);
}

std::string unescaped(std::string_view raw) {
    if (raw.find('\\') == std::string_view::npos) return std::string(raw);
    boost::system::error_code error;
    const auto parsed = boost::json::parse(fmt::format("\"{}\"", raw), error);
    if (error || !parsed.is_string()) return std::string(raw);
    return {parsed.get_string().data(), parsed.get_string().size()};
}

bool name_is(std::string_view raw, std::string_view plain) {
    if (raw == plain) return true;
    return raw.size() > plain.size() && raw.find('\\') != std::string_view::npos &&
           unescaped(raw) == plain;
}

std::optional<std::string> string_value(std::string_view value) {
    if (value.size() < 2 || value.front() != '"') return std::nullopt;
    return unescaped(value.substr(1, value.size() - 2));
}

bool is_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = limits::cut_depth_max;
    boost::system::error_code error;
    (void)boost::json::parse(text, error, {}, options);
    return !error;
}

void read_facts(std::string_view object, Facts& facts) {
    facts.type.clear();
    facts.id.clear();
    facts.modified.clear();
    facts.holds_list = false;
    const auto take = [](std::string& to, std::string_view value) {
        if (!to.empty() || value.size() < 2 || value.front() != '"') return;
        value = value.substr(1, value.size() - 2);
        if (value.find('\\') == std::string_view::npos) {
            to.assign(value);
        } else {
            to = unescaped(value);
        }
    };
    Members members(object);
    while (const auto member = members.next()) {
        // By length first: most names are none of these.
        std::string_view name = member->raw_name;
        std::string plain;
        if (name.find('\\') != std::string_view::npos) {
            plain = unescaped(name);
            name = plain;
        }
        if (name.size() == 4 && name == "type") {
            take(facts.type, member->value);
        } else if (name.size() == 2 && name == "id") {
            take(facts.id, member->value);
        } else if (name.size() == 8 && name == "modified") {
            take(facts.modified, member->value);
        } else if (name.size() == 7 && name == "objects") {
            facts.holds_list = facts.holds_list || member->value.starts_with('[');
        }
    }
}

std::size_t locate(std::string_view object, std::string_view pointer) {
    const char* const begin = object.data();
    const char* place = skip_space(begin, begin + object.size());
    std::string_view value = object.substr(static_cast<std::size_t>(place - begin));
    while (pointer.starts_with('/')) {
        const std::size_t length = std::min(pointer.find('/', 1), pointer.size()) - 1;
        const std::string step = read_step(pointer.substr(1, length));
        pointer.remove_prefix(1 + length);
        bool found = false;
        if (value.starts_with('{')) {
            Members members(value);
            while (const auto member = members.next()) {
                if (!name_is(member->raw_name, step)) continue;
                place = member->raw_name.data() - 1;
                value = member->value;
                found = true;
                break;
            }
        } else {
            std::size_t index = 0;
            const auto [end, error] =
                std::from_chars(step.data(), step.data() + step.size(), index);
            Elements elements(value);
            auto element = elements.next();
            for (; element && index > 0; --index)
                element = elements.next();
            if (element && error == std::errc() && end == step.data() + step.size()) {
                place = element->data();
                value = *element;
                found = true;
            }
        }
        if (!found) break;
    }
    return static_cast<std::size_t>(place - begin);
}

void each_reference(
    std::string_view object,
    const std::function<void(std::string_view pointer, const std::string& id)>& found
) {
    References(found).in_object(object, 1);
}

std::string_view line_at(std::string_view text, std::size_t at, std::size_t bytes_max) noexcept {
    at = std::min(at, text.size());
    const std::size_t line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 = 0
    const std::size_t first = text.find_first_not_of(" \t\r", line);
    // The line's beginning says more, if there is room for it before the place.
    if (first < at && at - first < bytes_max / 4) at = first;
    std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    if (end - at > bytes_max) {
        end = at + bytes_max;
        while (end > at && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
            --end;
    }
    return text.substr(at, end - at);
}

std::uint64_t line_feeds(std::string_view text) noexcept {
    std::uint64_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        if (at == nullptr) break;
        ++count;
        ++at;
    }
    return count;
}

void LineCounter::begin_piece(std::string_view piece) noexcept {
    piece_ = piece;
    counted_ = 0;
    counted_line_ = piece_line_;
}

void LineCounter::end_piece() noexcept {
    piece_line_ = counted_line_ + line_feeds(piece_.substr(counted_));
    piece_at_ += piece_.size();
    piece_ = {};
    counted_ = 0;
    counted_line_ = piece_line_;
}

std::uint64_t LineCounter::line_of(std::uint64_t at, std::string_view from_there) noexcept {
    if (at < piece_at_) {
        const auto before = static_cast<std::size_t>(piece_at_ - at);
        return piece_line_ - line_feeds(from_there.substr(0, before));
    }
    const auto offset = std::min(static_cast<std::size_t>(at - piece_at_), piece_.size());
    if (offset < counted_) return piece_line_ + line_feeds(piece_.substr(0, offset));
    counted_line_ += line_feeds(piece_.substr(counted_, offset - counted_));
    counted_ = offset;
    return counted_line_;
}

}  // namespace entente::cli
