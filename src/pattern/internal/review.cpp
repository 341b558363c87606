#include "pattern/internal/review.h"

#include "pattern/internal/token.h"

#include <fmt/format.h>

namespace entente::pattern {

namespace {

constexpr std::array<Algorithm, 15> algorithms{{
    {"MD5", "MD5", "MD5", "\x20"},
    {"SHA1", "SHA-1", "SHA-1", "\x28"},
    {"SHA256", "SHA-256", "SHA-256", "\x40"},
    {"SHA512", "SHA-512", "SHA-512", "\x80"},
    {"SSDEEP", "SSDEEP", "ssdeep", ""},
    {"SHA3256", "SHA3-256", "SHA3-256", "\x40"},
    {"SHA3512", "SHA3-512", "SHA3-512", "\x80"},
    {"SHA224", "", "SHA-224", "\x38"},
    {"SHA384", "", "SHA-384", "\x60"},
    {"SHA3224", "", "SHA3-224", "\x38"},
    {"SHA3384", "", "SHA3-384", "\x60"},
    {"MD6", "", "MD6", "\x20\x28\x38\x40\x60\x80"},
    {"RIPEMD160", "", "RIPEMD-160", "\x28"},
    {"WHIRLPOOL", "", "WHIRLPOOL", "\x80"},
    {"TLSH", "TLSH", "", "\x46\x48"},  // with and without the version prefix "T1"
}};

}  // namespace

const Algorithm* find_algorithm(std::string_view name) noexcept {
    std::array<char, 12> key{};
    std::size_t size = 0;
    for (const char c : name) {
        if (c == '-') continue;
        if (size == key.size()) return nullptr;
        key[size++] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const std::string_view wanted(key.data(), size);
    for (const Algorithm& algorithm : algorithms)
        if (algorithm.key == wanted) return &algorithm;
    return nullptr;
}

bool fits(const Algorithm& algorithm, std::string_view hash) noexcept {
    using namespace character;
    if (algorithm.lengths.empty()) {
        if (hash.empty() || hash.size() > 128) return false;
        for (const char c : hash)
            if (!is(c, base64) && c != ':' && c != '.') return false;
        return true;
    }
    bool length = false;
    for (const char digits : algorithm.lengths)
        length |= hash.size() == static_cast<unsigned char>(digits);
    if (!length) return false;
    if (algorithm.key == "TLSH" && hash.size() == 0x48) {
        if (!hash.starts_with("T1")) return false;
        hash.remove_prefix(2);
    }
    unsigned all = hexadecimal;
    for (const char c : hash)
        all &= table[static_cast<unsigned char>(c)];
    return all != 0;
}

std::string lengths_in_words(const Algorithm& algorithm) {
    if (algorithm.lengths.empty()) return "1 to 128 characters of A-Z a-z 0-9 / + : .";
    std::string out;
    for (std::size_t i = 0; i < algorithm.lengths.size(); ++i) {
        if (i > 0) out += i + 1 == algorithm.lengths.size() ? " or " : ", ";
        out += fmt::format("{}", static_cast<unsigned char>(algorithm.lengths[i]));
    }
    return out + (algorithm.key == "TLSH" ? " characters" : " hexadecimal digits");
}

namespace {

bool is_ipv4(std::string_view text) noexcept {
    for (int part = 0; part < 4; ++part) {
        unsigned value = 0;
        std::size_t digits = 0;
        while (digits < text.size() && digits < 3 && character::is(text[digits], character::digit))
            value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
        if (digits == 0 || value > 255) return false;
        text.remove_prefix(digits);
        if (part == 3) return text.empty();
        if (!text.starts_with('.')) return false;
        text.remove_prefix(1);
    }
    return false;
}

/// RFC 4291, 2.2.
bool is_ipv6(std::string_view text) noexcept {
    int groups = 0;
    bool gap = false;
    if (text.starts_with("::")) {
        gap = true;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && character::is(text[digits], character::hexadecimal))
            ++digits;
        if (digits < text.size() && text[digits] == '.') {
            groups += 2;
            return is_ipv4(text) && (gap ? groups < 8 : groups == 8);
        }
        if (digits == 0 || digits > 4) return false;
        ++groups;
        text.remove_prefix(digits);
        if (text.empty()) break;
        if (text[0] != ':' || text.size() == 1) return false;
        text.remove_prefix(1);
        if (text[0] != ':') continue;
        if (gap) return false;
        gap = true;
        text.remove_prefix(1);
    }
    return gap ? groups < 8 : groups == 8;
}

}  // namespace

bool is_address(std::string_view text) noexcept {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string_view address = text.substr(0, slash);
    const bool six = is_ipv6(address);
    if (!six && !is_ipv4(address)) return false;
    if (slash == text.size()) return true;
    const std::string_view prefix = text.substr(slash + 1);
    if (prefix.empty() || prefix.size() > 3) return false;
    unsigned value = 0;
    for (const char c : prefix) {
        if (!character::is(c, character::digit)) return false;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value <= (six ? 128U : 32U);
}

bool is_type_name(std::string_view name) noexcept {
    if (name.size() < 3 || name.size() > 250) return false;
    char before = ' ';
    for (const char c : name) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        if (!good || (c == '-' && before == '-')) return false;
        before = c;
    }
    return true;
}

bool is_property_name(std::string_view name) noexcept {
    if (name.size() < 3 || name.size() > 250) return false;
    for (const char c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    return true;
}

bool earlier(std::string_view a, std::string_view b) noexcept {
    // Up to the second both have the same form; the fractions are compared as digits, short ones as
    // if noughts followed.
    const std::string_view whole_a = a.substr(0, 19);
    const std::string_view whole_b = b.substr(0, 19);
    if (whole_a != whole_b) return whole_a < whole_b;
    const auto fraction = [](std::string_view text) {
        text.remove_prefix(std::min<std::size_t>(text.size(), 20));
        if (text.ends_with('Z')) text.remove_suffix(1);
        while (text.ends_with('0'))
            text.remove_suffix(1);
        return text;
    };
    return fraction(a) < fraction(b);
}

void PathReview::begin(std::string_view type, Dialect dialect) noexcept {
    *this = PathReview();
    dialect_ = dialect;
    type_ = find_type(type);
    if (type_ == nullptr) flags_ = is_type_name(type) ? unknown_type : type_name;
}

void PathReview::name(std::string_view name) noexcept {
    if (first_) {
        first_ = false;
        const bool known = type_ != nullptr ? has_property(*type_, name, dialect_)
                                            : is_common_property(name, dialect_);
        if (!known) {
            if (!is_property_name(name)) {
                flags_ |= property_name;
            } else if (type_ != nullptr) {
                flags_ |= unknown_property;
            }
        }
    }
    if (last_.ends_with("_refs")) flags_ |= list_of_references;
    hash_ = last_ == "hashes";
    last_ = name;
    indexed_ = {};
}

void PathReview::index(std::int64_t index) noexcept {
    if (index < 0) flags_ |= negative_index;
    if (last_ == "hashes") flags_ |= indexed_hashes;
    indexed_ = last_;
    last_ = {};
    hash_ = false;
}

void PathReview::end() noexcept {
    if (last_.ends_with("_ref") || last_.ends_with("_refs") || indexed_.ends_with("_refs"))
        flags_ |= reference_itself;
    if (!hash_) return;
    algorithm_ = find_algorithm(last_);
    const std::string_view spelling =
        algorithm_ == nullptr ? "" : (dialect_ == Dialect::v21 ? algorithm_->v21 : algorithm_->v20);
    if (last_ != spelling) flags_ |= other_algorithm;
}

}  // namespace entente::pattern
