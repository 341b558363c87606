#include "stix/internal/check_findings.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "stix/internal/scanner.h"

#include <algorithm>

namespace entente::stix::internal {
namespace {

constexpr std::size_t shown_bytes_max = 80;
constexpr std::size_t step_bytes_max = 256;  // no name of STIX is longer

void append_step(std::string& pointer, std::string_view raw_name) {
    std::string name;
    // The text was checked when it was made canonical.
    ENTENTE_ASSERT(append_unescaped(name, raw_name));
    if (name.size() > step_bytes_max) {
        std::size_t cut = step_bytes_max;
        while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0U) == 0x80)
            --cut;
        name.replace(cut, std::string::npos, "...");
    }
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

void append(std::string& pointer, const Where& where) {
    if (where.up != nullptr) append(pointer, *where.up);
    if (where.index != Where::no_index) {
        pointer.append("/").append(std::to_string(where.index));
    } else if (where.up != nullptr) {
        append_step(pointer, where.name);
    }
}

}  // namespace

std::string pointer_to(const Where& where) {
    std::string pointer;
    append(pointer, where);
    return pointer;
}

std::string shown(std::string_view value) {
    return printable(value, shown_bytes_max);
}

bool Findings::room(Level level) noexcept {
    constexpr std::size_t max = limits::findings_per_object_max;
    if (level == Level::should && recommended_ == max / 2) {
        ++left_out_should_;
        return false;
    }
    if (all_.size() == max - 1) {
        ++(level == Level::must ? left_out_must_ : left_out_should_);
        return false;
    }
    if (level == Level::should) ++recommended_;
    return true;
}

void Findings::must(
    Rule rule, const Where& where, std::initializer_list<std::string_view> message
) {
    if (taken_away(rule, 0) || !room(Level::must)) return;
    std::string text;
    for (const std::string_view part : message)
        text += part;
    all_.push_back({Level::must, 0, rule, pointer_to(where), std::move(text)});
}

void Findings::recommend(
    std::uint16_t code,
    Rule rule,
    const Where& where,
    std::initializer_list<std::string_view> message
) {
    if (!should_ || taken_away(rule, code) || !room(Level::should)) return;
    std::string text;
    for (const std::string_view part : message)
        text += part;
    all_.push_back({Level::should, code, rule, pointer_to(where), std::move(text)});
}

void Findings::must_at(Rule rule, std::string pointer, std::string message) {
    if (!taken_away(rule, 0) && room(Level::must))
        all_.push_back({Level::must, 0, rule, std::move(pointer), std::move(message)});
}

void Findings::finish() {
    if (left_out_must_ + left_out_should_ == 0) return;
    const Level level = left_out_must_ > 0 ? Level::must : Level::should;
    all_.push_back(
        {level,
         0,
         all_.back().rule,
         "",
         "there are more findings than are told of one object: " + std::to_string(left_out_must_) +
             " of level MUST and " + std::to_string(left_out_should_) +
             " of level SHOULD were left out"}
    );
}

}  // namespace entente::stix::internal
