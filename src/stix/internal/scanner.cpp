#include "stix/internal/scanner.h"

#include "base/limits.h"

#include <simdjson.h>

#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>

namespace entente::stix::internal {
namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The code unit of four hexadecimal digits that have been checked.
std::uint32_t code_unit(const char* digits) {
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i)
        unit = unit * 16 + static_cast<std::uint32_t>(hex_value(digits[i]));
    return unit;
}

void append_utf8(std::string& out, std::uint32_t c) {
    const auto byte = [&out](std::uint32_t b) { out += static_cast<char>(b); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xC0U | (c >> 6U));
        byte(0x80U | (c & 0x3FU));
    } else if (c < 0x10000) {
        byte(0xE0U | (c >> 12U));
        byte(0x80U | ((c >> 6U) & 0x3FU));
        byte(0x80U | (c & 0x3FU));
    } else {
        byte(0xF0U | (c >> 18U));
        byte(0x80U | ((c >> 12U) & 0x3FU));
        byte(0x80U | ((c >> 6U) & 0x3FU));
        byte(0x80U | (c & 0x3FU));
    }
}

char simple_escape(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;  // " \ /
    }
}

}  // namespace

const char* skip_plain_slowly(const char* from, const char* end) noexcept {
    // Eight bytes at a time: the high bit of a byte of `hit` is set where the byte is wanted. Bits
    // above the lowest one that is set may be wrong (a borrow), the lowest never is.
    if constexpr (std::endian::native == std::endian::little) {
        constexpr std::uint64_t ones = 0x0101010101010101;
        while (end - from >= 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, from, 8);
            const std::uint64_t quote = word ^ (ones * '"');
            const std::uint64_t backslash = word ^ (ones * '\\');
            const std::uint64_t hit =
                (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                 ((word - ones * 0x20) & ~word)) &
                (ones * 0x80);
            if (hit != 0) return from + std::countr_zero(hit) / 8;
            from += 8;
        }
    }
    while (from != end && *from != '"' && *from != '\\' && static_cast<unsigned char>(*from) >= 0x20
    ) {
        ++from;
    }
    return from;
}

std::optional<std::size_t> utf8_error(std::string_view text) noexcept {
    if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
    // Only for the error text: a prefix is good as long as it is UTF-8 when cut before a
    // character's first byte.
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t next = at + 1;
        while (next < text.size() && next - at < 4 &&
               (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) {
            ++next;
        }
        if (!simdjson::validate_utf8(text.data() + at, next - at)) return at;
        at = next;
    }
    return at;
}

bool append_unescaped(std::string& out, std::string_view raw) {
    const char* at = raw.data();
    const char* const end = at + raw.size();
    while (at != end) {
        const char* const plain = skip_plain(at, end);
        out.append(at, static_cast<std::size_t>(plain - at));
        if (plain == end) break;
        at = plain + 2;
        if (plain[1] != 'u') {
            out += simple_escape(plain[1]);
            continue;
        }
        std::uint32_t c = code_unit(at);
        at += 4;
        if (c >= 0xDC00 && c <= 0xDFFF) return false;
        if (c >= 0xD800 && c <= 0xDBFF) {
            if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return false;
            const std::uint32_t low = code_unit(at + 2);
            if (low < 0xDC00 || low > 0xDFFF) return false;
            c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
            at += 6;
        }
        append_utf8(out, c);
    }
    return true;
}

bool Scanner::escape() noexcept {
    if (at_ == end_) return fail("the text ends inside a string");
    switch (*at_++) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            return true;
        case 'u':
            for (int i = 0; i < 4; ++i, ++at_) {
                if (at_ == end_) return fail("the text ends inside a string");
                if (hex_value(*at_) < 0) return fail("\\u needs four hexadecimal digits");
            }
            return true;
        default:
            --at_;
            return fail("a backslash begins no known escape; write \\\\ for the character itself");
    }
}

std::optional<Scanner::Text> Scanner::string() noexcept {
    if (!take('"')) {
        fail("expected a string in double quotes");
        return std::nullopt;
    }
    const char* const start = at_;
    bool escaped = false;
    for (;;) {
        at_ = skip_plain(at_, end_);
        if (at_ == end_) {
            fail("the text ends inside a string");
            return std::nullopt;
        }
        if (*at_ == '"') {
            const std::string_view raw{start, static_cast<std::size_t>(at_ - start)};
            ++at_;
            return Text{raw, escaped};
        }
        if (*at_ != '\\') {
            fail("a control character stands in a string; write it as \\u00XX");
            return std::nullopt;
        }
        escaped = true;
        ++at_;
        if (!escape()) return std::nullopt;
    }
}

bool Scanner::digits() noexcept {
    const char* const start = at_;
    while (at_ != end_ && is_digit(*at_))
        ++at_;
    return at_ != start || fail("a number lacks a digit here");
}

std::optional<Scanner::Number> Scanner::number() noexcept {
    const char* const start = at_;
    bool integer = true;
    (void)take('-');
    if (!take('0')) {
        if (!digits()) return std::nullopt;
    } else if (is_digit(peek())) {
        fail("a number begins with 0");
        return std::nullopt;
    }
    if (take('.')) {
        integer = false;
        if (!digits()) return std::nullopt;
    }
    if (take('e') || take('E')) {
        integer = false;
        if (!take('-')) (void)take('+');
        if (!digits()) return std::nullopt;
    }
    return Number{{start, static_cast<std::size_t>(at_ - start)}, integer};
}

bool Scanner::literal() noexcept {
    for (const std::string_view word : {"true", "false", "null"}) {
        if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
            at_ += word.size();
            return true;
        }
    }
    return fail_no_value();
}

bool Scanner::fail_no_value() noexcept {
    if (at_ == end_) return fail("the text ends where a value should be");
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with("\xEF\xBB\xBF")) {
        return fail("a byte order mark stands here; send UTF-8 without it");
    }
    return fail(
        "expected a value: an object, a list, a string in double quotes, a number, true, false or "
        "null"
    );
}

bool Scanner::scalar() noexcept {
    switch (peek()) {
        case '"':
            return string().has_value();
        case 't':
        case 'f':
        case 'n':
            return literal();
        default:
            return peek() == '-' || is_digit(peek()) ? number().has_value() : fail_no_value();
    }
}

bool Scanner::member_name() noexcept {
    skip_space();
    if (!string()) return false;
    skip_space();
    return take(':') || fail("expected ':' after a property name");
}

bool Scanner::skip_value() noexcept {
    std::bitset<limits::cut_depth_max> is_object;  // of the brackets that are open
    std::size_t depth = 0;
    for (;;) {
        skip_space();
        if (peek() == '{' || peek() == '[') {
            if (depth == limits::cut_depth_max) return fail("nested too deeply");
            const bool object = *at_++ == '{';
            is_object[depth++] = object;
            skip_space();
            if (peek() != (object ? '}' : ']')) {
                if (object && !member_name()) return false;
                continue;
            }
        } else if (!scalar()) {
            return false;
        }
        // A value has ended here, or a bracket with nothing in it closes: close all that close.
        for (;;) {
            if (depth == 0) return true;
            skip_space();
            const bool object = is_object[depth - 1];
            if (take(object ? '}' : ']')) {
                --depth;
                continue;
            }
            if (!take(','))
                return fail(
                    object ? "expected ',' or '}' in an object" : "expected ',' or ']' in a list"
                );
            if (object && !member_name()) return false;
            break;
        }
    }
}

}  // namespace entente::stix::internal
