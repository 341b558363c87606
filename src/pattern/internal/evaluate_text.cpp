#include "pattern/internal/evaluate_text.h"

#include "base/assert.h"
#include "base/limits.h"

#include <algorithm>
#include <array>
#include <new>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <vector>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace entente::pattern {
namespace {

/// Code points of UTF-8 text; a byte that begins none stands for itself.
std::u32string code_points(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
        if (i + more >= text.size()) {
            out.push_back(lead);
            ++i;
            continue;
        }
        char32_t point = more == 0 ? lead : lead & (0x3fU >> more);
        for (std::size_t k = 1; k <= more; ++k)
            point = (point << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
        out.push_back(point);
        i += more + 1;
    }
    return out;
}

std::u32string units_of(std::string_view text, Units units) {
    if (units == Units::code_points) return code_points(text);
    std::u32string out;
    for (const char c : text)
        out.push_back(static_cast<unsigned char>(c));
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

std::string nfc(std::string_view text) {
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
        return std::string(text);
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
    ENTENTE_ASSERT(U_SUCCESS(status));
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    normalizer->normalizeUTF8(0, piece, sink, nullptr, status);
    ENTENTE_ASSERT(U_SUCCESS(status));
    return out;
}

std::optional<std::string> as_octets(std::string_view text) {
    std::string out;
    for (const char32_t point : code_points(text)) {
        if (point > 0xff) return std::nullopt;
        out.push_back(static_cast<char>(point));
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string out;
    std::size_t digits = text.size();
    while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=')
        --digits;
    unsigned bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int digit = base64_digit(text[i]);
        if (digit < 0) return std::nullopt;
        bits = (bits << 6U) | static_cast<unsigned>(digit);
        if (i % 4 != 0) out.push_back(static_cast<char>((bits >> (6 - i % 4 * 2)) & 0xffU));
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

bool like(std::string_view value, std::string_view pattern, LikeRules rules, Budget& budget) {
    const std::u32string units = units_of(value, rules.units);
    const std::u32string signs = units_of(pattern, rules.units);
    if (!budget.spend(1 + (units.size() + 1) * (signs.size() + 1) / 4)) return false;
    // reached[i]: the units so far look like the first i signs.
    std::vector<char> reached(signs.size() + 1, 0);
    const auto skip_runs = [&] {
        for (std::size_t i = 0; i < signs.size(); ++i)
            if (reached[i] != 0 && signs[i] == U'%') reached[i + 1] = 1;
    };
    reached[0] = 1;
    skip_runs();
    for (std::size_t at = 0; at < units.size(); ++at) {
        if (rules.line_wise && at + 1 == units.size() && units[at] == U'\n' &&
            reached.back() != 0) {
            return true;
        }
        const bool wild = !rules.line_wise || units[at] != U'\n';
        reached.back() = 0;
        for (std::size_t i = signs.size(); i-- > 0;) {
            const bool here = reached[i] != 0;
            const bool run = signs[i] == U'%';
            const bool one = signs[i] == U'_' ? wild : !run && signs[i] == units[at];
            if (!(run && wild)) reached[i] = 0;
            if (here && one) reached[i + 1] = 1;
        }
        skip_runs();
    }
    return reached.back() != 0;
}

void Regex::Free::operator()(pcre2_real_code_8* code) const noexcept {
    pcre2_code_free(code);
}

tl::expected<Regex, Regex::Wrong> Regex::compile(std::string_view expression, Rules rules) {
    if (expression.size() > limits::pattern_regex_bytes_max) {
        return tl::unexpected(Wrong{
            limits::pattern_regex_bytes_max,
            "longer than " + std::to_string(limits::pattern_regex_bytes_max) + " bytes"});
    }
    std::uint32_t flags = PCRE2_NEVER_BACKSLASH_C;
    flags |= rules.units == Units::code_points ? PCRE2_UTF | PCRE2_UCP
                                               : PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    if (rules.dot_all) flags |= PCRE2_DOTALL;
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code* code = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(expression.data()),
        expression.size(),
        flags,
        &error,
        &at,
        nullptr
    );
    if (code != nullptr) return Regex(code);
    std::array<PCRE2_UCHAR, 256> text{};
    if (pcre2_get_error_message(error, text.data(), text.size()) < 0) text[0] = '?';
    return tl::unexpected(Wrong{at, reinterpret_cast<const char*>(text.data())});
}

Regex::Found Regex::search(std::string_view subject, Budget& budget) const {
    struct Context {
        pcre2_match_context* limits = pcre2_match_context_create(nullptr);
        pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
        Context() = default;
        Context(const Context&) = delete;
        Context& operator=(const Context&) = delete;

        ~Context() {
            pcre2_match_context_free(limits);
            pcre2_match_data_free(data);
        }
    };

    const Context context;
    if (context.limits == nullptr || context.data == nullptr) throw std::bad_alloc();
    pcre2_set_heap_limit(context.limits, limits::pattern_regex_memory_kib_max);
    pcre2_set_depth_limit(context.limits, limits::pattern_regex_calls_max);
    // The library does not tell how much a search has cost, only that it went over a limit. So
    // limits grow until the answer is there, and each that was not enough is paid for. A call is
    // some 30 ns, and more on long subjects.
    const std::uint64_t call_steps = 8 * (1 + subject.size() / 512);
    std::uint32_t calls = 64;
    if (!budget.spend_searching(call_steps * calls / 8 + subject.size() / 16)) return Found::undecided;
    while (true) {
        pcre2_set_match_limit(context.limits, calls);
        const int found = pcre2_match(
            code_.get(),
            reinterpret_cast<PCRE2_SPTR>(subject.data()),
            subject.size(),
            0,
            0,
            context.data,
            context.limits
        );
        if (found >= 0) return Found::yes;
        const bool over = found == PCRE2_ERROR_MATCHLIMIT;
        if (!over && (found == PCRE2_ERROR_DEPTHLIMIT || found == PCRE2_ERROR_HEAPLIMIT ||
                      found == PCRE2_ERROR_NOMEMORY || found == PCRE2_ERROR_RECURSELOOP)) {
            return Found::undecided;
        }
        if (!over) return Found::no;  // no match; or not UTF-8, which no expression matches
        if (!budget.spend_searching(call_steps * calls)) return Found::undecided;
        if (calls >= limits::pattern_regex_calls_max) return Found::undecided;
        calls = std::min<std::uint32_t>(calls * 4, limits::pattern_regex_calls_max);
    }
}

}  // namespace entente::pattern
