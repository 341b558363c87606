#include "stix/internal/canonical.h"

#include "base/escape.h"
#include "base/limits.h"
#include "stix/internal/number.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace entente::stix::internal {
namespace {

constexpr std::size_t step_bytes_max = 64;
constexpr std::size_t word_bytes = sizeof(std::uint64_t);
// The error texts say so.
static_assert(limits::json_depth_max == 64 && limits::json_properties_max == 250'000);

// UTF-8 sorts as code points do. UTF-16 differs in one thing: characters of four UTF-8 bytes (first
// byte F0 to F4) begin with a surrogate, D800 to DFFF, and so come before E000 to FFFF (first bytes
// EE and EF). With EE and EF moved behind them the bytes sort as the code units do; bytes within a
// character are below C0.
constexpr unsigned utf16_rank(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0xEE) return byte;
    return byte < 0xF0 ? byte + 5U : byte - 2U;
}
}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        const char* const plain = skip_plain(at, end);
        out.append(at, static_cast<std::size_t>(plain - at));
        if (plain == end) return;
        at = plain + 1;
        switch (*plain) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default: {
                const auto c = static_cast<unsigned char>(*plain);
                out.append("\\u00").push_back(hex[c >> 4U]);
                out.push_back(hex[c & 15U]);
            }
        }
    }
}

int compare_utf16(std::string_view a, std::string_view b) noexcept {
    const std::size_t common = std::min(a.size(), b.size());
    std::size_t i = 0;
    while (common - i >= word_bytes && std::memcmp(a.data() + i, b.data() + i, word_bytes) == 0)
        i += word_bytes;
    for (; i < common; ++i) {
        if (a[i] != b[i]) return utf16_rank(a[i]) < utf16_rank(b[i]) ? -1 : 1;
    }
    return a.size() < b.size() ? -1 : static_cast<int>(a.size() > b.size());
}

std::uint64_t utf16_sort_key_slowly(std::string_view text) noexcept {
    const bool full = text.size() >= word_bytes;
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < word_bytes; ++i) {
        key = key << 8U | (full || i < text.size() ? utf16_rank(text[i]) : 0U);
    }
    return key;
}

void prepend_step(std::string& pointer, std::string_view name) {
    std::string step = "/";
    for (const char c : printable(name, step_bytes_max)) {
        if (c == '~') {
            step += "~0";
        } else if (c == '/') {
            step += "~1";
        } else {
            step += c;
        }
    }
    pointer.insert(0, step);
}

void prepend_step(std::string& pointer, std::size_t index) {
    pointer.insert(0, "/" + std::to_string(index));
}

void Copy::begin(std::string_view text) {
    out.clear();
    copied_ = text.data();
}

Result<void> Canonical::read(std::string_view json, Parts parts) {
    if (!quick_.read(json, properties_)) return read_strictly(json, parts);
    text_ = quick_.text();
    if (parts == Parts::all) {
        body_.out.resize(json.size());
        std::size_t bytes = 0;
        if (simdjson::minify(json.data(), json.size(), body_.out.data(), bytes) !=
            simdjson::SUCCESS) {
            return read_strictly(json, parts);
        }
        body_.out.resize(bytes);
    } else {
        body_.out.clear();
    }
    return {};
}

Result<void> Canonical::read_strictly(std::string_view json, Parts parts) {
    text_ = {};
    if (json.size() > limits::object_bytes_max) {
        return fail(
            Errc::too_large,
            "object of " + std::to_string(json.size()) + " bytes exceeds the limit of " +
                std::to_string(limits::object_bytes_max) + " bytes"
        );
    }
    properties_.clear();
    if (const auto at = utf8_error(json)) {
        return fail(Errc::malformed, "byte " + std::to_string(*at) + " is not UTF-8");
    }
    in_ = Scanner(json);
    text_bytes_ = json.size();
    has_body_ = parts == Parts::all;
    body_.begin(json);
    canonical_.begin(json);
    members_.clear();
    unescaped_.clear();
    pointer_.clear();
    code_ = Errc::malformed;
    space();
    if (!value(0)) return tl::unexpected(error());
    space();
    if (!in_.at_end()) {
        in_.fail("there is more text after the value");
        return tl::unexpected(error());
    }
    if (has_body_) body_.finish(in_.position());
    canonical_.finish(in_.position());
    text_ = canonical_.out;
    const char* const unescaped = unescaped_.data();
    for (const Member& m : members_) {
        const bool escaped =
            m.name.data() >= unescaped && m.name.data() < unescaped + unescaped_.size();
        properties_.push_back({m.name, text_.substr(m.value, m.to - m.value), escaped, true});
    }
    return {};
}

Error Canonical::error() const {
    std::string detail = "byte " + std::to_string(in_.at()) + ": " + in_.what();
    if (!pointer_.empty()) detail = pointer_ + ": " + detail;
    return {code_, std::move(detail)};
}

void Canonical::skip_space() {
    const char* const from = in_.position();
    in_.skip_space();
    if (in_.position() != from) {
        if (has_body_) body_.cut(from, in_.position());
        canonical_.cut(from, in_.position());
    }
}

bool Canonical::value(std::size_t depth) {
    switch (in_.peek()) {
        case '{':
            return object(depth + 1);
        case '[':
            return list(depth + 1);
        case '"':
            return string().has_value();
        case 't':
        case 'f':
        case 'n':
            return in_.literal();
        default:
            return number();
    }
}

bool Canonical::number() {
    if (in_.peek() != '-' && (in_.peek() < '0' || in_.peek() > '9')) return in_.fail_no_value();
    const auto token = in_.number();
    if (!token) return false;
    if (token->integer && is_canonical_integer(token->raw)) return true;
    const char* const from = token->raw.data();
    canonical_.cut(from, in_.position());
    return append_number(canonical_.out, token->raw) ||
           in_.fail("the number before is out of range: a double reaches to 1.8e308");
}

std::optional<std::string_view> Canonical::string() {
    if (const std::string_view plain = in_.plain_string(); plain.data() != nullptr) return plain;
    const char* const from = in_.position();
    const auto token = in_.string();
    if (!token) return std::nullopt;
    if (!token->escaped) return token->raw;
    // Unescaping never lengthens, so views into the reserved memory stay good.
    if (unescaped_.empty()) unescaped_.reserve(text_bytes_);
    const std::size_t start = unescaped_.size();
    if (!append_unescaped(unescaped_, token->raw)) {
        in_.fail("the string before holds one half of a surrogate pair (\\uD800 to \\uDFFF) alone");
        return std::nullopt;
    }
    const std::string_view text = std::string_view(unescaped_).substr(start);
    canonical_.cut(from, in_.position());
    canonical_.out += '"';
    append_escaped(canonical_.out, text);
    canonical_.out += '"';
    return text;
}

bool Canonical::list(std::size_t depth) {
    if (depth > limits::json_depth_max) return in_.fail("nested too deeply; 64 levels are allowed");
    (void)in_.take('[');
    space();
    if (in_.take(']')) return true;
    for (std::size_t index = 0;; ++index) {
        const std::size_t members_before = members_.size();
        if (!value(depth)) {
            prepend_step(pointer_, index);
            return false;
        }
        members_.resize(members_before);
        space();
        if (in_.take(']')) return true;
        if (!in_.take(',')) return in_.fail("expected ',' or ']' in a list");
        space();
    }
}

bool Canonical::member(std::size_t depth) {
    const auto from = static_cast<std::uint32_t>(canonical_.offset(in_.position()));
    const auto name = string();
    if (!name) return false;
    space();
    if (!in_.take(':')) return in_.fail("expected ':' after a property name");
    space();
    const auto value_from = static_cast<std::uint32_t>(canonical_.offset(in_.position()));
    const std::size_t members_before = members_.size();
    if (!value(depth)) {
        prepend_step(pointer_, *name);
        return false;
    }
    members_.resize(members_before);
    if (members_.size() == limits::json_properties_max) {
        code_ = Errc::too_large;
        return in_.fail("more properties than the limit of 250000");
    }
    members_.push_back(
        {utf16_sort_key(*name),
         *name,
         from,
         value_from,
         static_cast<std::uint32_t>(canonical_.offset(in_.position()))}
    );
    return true;
}

/// Leaves this object's members on the stack; the caller takes them away.
bool Canonical::object(std::size_t depth) {
    if (depth > limits::json_depth_max) return in_.fail("nested too deeply; 64 levels are allowed");
    const std::size_t first = members_.size();
    (void)in_.take('{');
    space();
    if (in_.take('}')) return true;
    return members(depth) && sort_members(first);
}

bool Canonical::members(std::size_t depth) {
    for (;;) {
        if (!member(depth)) return false;
        space();
        if (in_.take('}')) return true;
        if (!in_.take(',')) return in_.fail("expected ',' or '}' in an object");
        space();
    }
}

bool Canonical::comes_before(const Member& a, const Member& b) noexcept {
    return a.sort_key != b.sort_key ? a.sort_key < b.sort_key : compare_utf16(a.name, b.name) < 0;
}

/// Puts the members from `first` on, whose text ends the canonical form but for the bracket, into
/// canonical order.
bool Canonical::sort_members(std::size_t first) {
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto not_rising = [](const Member& a, const Member& b) { return !comes_before(a, b); };
    if (std::adjacent_find(begin, members_.end(), not_rising) == members_.end()) return true;

    const std::uint32_t start = begin->from;
    // A lambda is inlined, a function is not.
    std::sort(begin, members_.end(), [](const Member& a, const Member& b) {
        return comes_before(a, b);
    });
    const auto twice = std::adjacent_find(
        begin, members_.end(), [](const Member& a, const Member& b) { return a.name == b.name; }
    );
    if (twice != members_.end()) {
        prepend_step(pointer_, twice->name);
        return in_.fail("the object that ends here has this property twice");
    }
    const char* const bracket = in_.position() - 1;
    canonical_.cut(bracket, bracket);
    const std::size_t bytes = canonical_.out.size() - start;
    if (sorted_.size() < bytes) sorted_.resize(bytes);
    char* const sorted = sorted_.data();
    std::uint32_t at = 0;
    for (auto m = begin; m != members_.end(); ++m) {
        if (m != begin) sorted[at++] = ',';
        std::memcpy(sorted + at, canonical_.out.data() + m->from, m->to - m->from);
        m->value = start + at + (m->value - m->from);
        at += m->to - m->from;
        m->from = start + at - (m->to - m->from);
        m->to = start + at;
    }
    std::memcpy(canonical_.out.data() + start, sorted, at);
    return true;
}

void Canonical::forget_large() {
    const std::size_t kept = quick_.memory() + body_.out.capacity() + canonical_.out.capacity() +
                             unescaped_.capacity() + sorted_.capacity() +
                             members_.capacity() * sizeof(Member) +
                             properties_.capacity() * sizeof(Property);
    if (kept > limits::reader_kept_bytes_max) *this = Canonical();
}

}  // namespace entente::stix::internal
