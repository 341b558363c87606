// Hashes, CPE names and language tags: strings whose form another catalogue sets.
#include "stix/internal/text_rules.h"
#include "stix/internal/text_rules_chars.h"

#include <algorithm>
#include <array>

namespace entente::stix::internal {
namespace {

// -- Hashes

enum class Digest : std::uint8_t { hexadecimal, md6, ssdeep, tlsh };

struct Algorithm {
    std::string_view name;
    Digest digest;
    std::size_t digits;  // of Digest::hexadecimal
    std::string_view expectation;
};

// Sorted by name. The names that STIX 2.1 lists, and those that only STIX 2.0 lists.
constexpr std::array algorithms = {
    Algorithm{"MD5", Digest::hexadecimal, 32, "32 hexadecimal digits"},
    Algorithm{"MD6", Digest::md6, 0, "32, 40, 56, 64, 96 or 128 hexadecimal digits"},
    Algorithm{"RIPEMD-160", Digest::hexadecimal, 40, "40 hexadecimal digits"},
    Algorithm{"SHA-1", Digest::hexadecimal, 40, "40 hexadecimal digits"},
    Algorithm{"SHA-224", Digest::hexadecimal, 56, "56 hexadecimal digits"},
    Algorithm{"SHA-256", Digest::hexadecimal, 64, "64 hexadecimal digits"},
    Algorithm{"SHA-384", Digest::hexadecimal, 96, "96 hexadecimal digits"},
    Algorithm{"SHA-512", Digest::hexadecimal, 128, "128 hexadecimal digits"},
    Algorithm{"SHA3-224", Digest::hexadecimal, 56, "56 hexadecimal digits"},
    Algorithm{"SHA3-256", Digest::hexadecimal, 64, "64 hexadecimal digits"},
    Algorithm{"SHA3-384", Digest::hexadecimal, 96, "96 hexadecimal digits"},
    Algorithm{"SHA3-512", Digest::hexadecimal, 128, "128 hexadecimal digits"},
    Algorithm{"SSDEEP", Digest::ssdeep, 0, "block size, ':', hash, ':', hash"},
    Algorithm{"TLSH", Digest::tlsh, 0, "70 hexadecimal digits, with or without T1 before them"},
    Algorithm{"WHIRLPOOL", Digest::hexadecimal, 128, "128 hexadecimal digits"},
    Algorithm{"ssdeep", Digest::ssdeep, 0, "block size, ':', hash, ':', hash"},
};

const Algorithm* find_algorithm(std::string_view name) {
    const auto* at = std::lower_bound(
        algorithms.begin(),
        algorithms.end(),
        name,
        [](const Algorithm& a, std::string_view n) { return a.name < n; }
    );
    return at == algorithms.end() || at->name != name ? nullptr : at;
}

/// A piecewise hash as ssdeep prints it: `1536:ABC:DEF`, each part of at most 64 characters.
bool is_ssdeep(std::string_view text) {
    const std::size_t first = text.find(':');
    if (first == std::string_view::npos || first == 0 || first > 10) return false;
    const std::size_t second = text.find(':', first + 1);
    if (second == std::string_view::npos) return false;
    const std::string_view one = text.substr(first + 1, second - first - 1);
    const std::string_view two = text.substr(second + 1);
    constexpr std::size_t part_max = 64;
    return all(text.substr(0, first), digit) && one.size() <= part_max && two.size() <= part_max &&
           all(one, base64) && all(two, base64);
}

bool is_tlsh(std::string_view text) {
    if (text.starts_with("T1")) text.remove_prefix(2);
    return text.size() == 70 && all(text, any_hex);
}

bool is_md6(std::string_view text) {
    constexpr std::array<std::size_t, 6> lengths = {32, 40, 56, 64, 96, 128};
    return std::find(lengths.begin(), lengths.end(), text.size()) != lengths.end() &&
           all(text, any_hex);
}

// -- CPE

/// One component of a formatted string other than part and language (NIST IR 7695, figure 6-3).
bool is_cpe_value(std::string_view text) {
    if (text == "*" || text == "-") return true;
    // Wild cards may stand before and behind: one `*`, or any number of `?`.
    std::size_t at = 0;
    const auto pass_wild_cards = [&] {
        if (at < text.size() && text[at] == '*') {
            ++at;
        } else {
            while (at < text.size() && text[at] == '?')
                ++at;
        }
    };
    const auto pass_character = [&] {
        constexpr std::string_view quotable = "\\*?!\"#$%&'()+,/:;<=>@[]^`{|}~";
        if (at == text.size()) return false;
        if (text[at] == '\\') {
            if (at + 1 == text.size() || quotable.find(text[at + 1]) == std::string_view::npos) {
                return false;
            }
            at += 2;
            return true;
        }
        const bool plain = is(text[at], alphanumeric | hyphen | underscore) || text[at] == '.';
        at += plain ? 1 : 0;
        return plain;
    };
    pass_wild_cards();
    if (!pass_character()) return false;
    while (pass_character())
        continue;
    pass_wild_cards();
    return at == text.size();
}

/// A language, perhaps with a region; `*` or `-`.
bool is_cpe_language(std::string_view text) {
    if (text == "*" || text == "-") return true;
    const std::string_view language = text.substr(0, text.find('-'));
    if (language.size() < 2 || language.size() > 3 || !all(language, letter)) return false;
    if (language.size() == text.size()) return true;
    const std::string_view region = text.substr(language.size() + 1);
    return (region.size() == 2 && all(region, letter)) ||
           (region.size() == 3 && all(region, digit));
}

// -- Language tags

// ISO 639-1, with the codes that were withdrawn and stay registered (bh, in, iw, ji, jw, mo, sh).
constexpr std::string_view two_letter_languages =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv "
    "kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr "
    "nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi "
    "yo za zh zu";

constexpr auto make_two_letter_table() {
    std::array<bool, 26U * 26U> table{};
    for (std::size_t i = 0; i < two_letter_languages.size(); i += 3) {
        const auto first = static_cast<std::size_t>(two_letter_languages[i] - 'a');
        const auto second = static_cast<std::size_t>(two_letter_languages[i + 1] - 'a');
        table[first * 26 + second] = true;
    }
    return table;
}

constexpr auto two_letter_table = make_two_letter_table();

// RFC 5646, 2.2.8: the tags that its grammar would not take. The other grandfathered ones fit it.
constexpr std::array<std::string_view, 17> irregular_tags = {
    "en-gb-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "sgn-be-fr",
    "sgn-be-nl",
    "sgn-ch-de"};

/// Reads the subtags of a tag, one after the other.
class Subtags {
  public:
    explicit Subtags(std::string_view tag) : rest_(tag) { take(); }

    [[nodiscard]] std::string_view now() const { return now_; }

    [[nodiscard]] bool ended() const { return ended_; }

    [[nodiscard]] bool all_are(std::size_t length, unsigned classes) const {
        return !ended_ && now_.size() == length && all(now_, classes);
    }

    void take() {
        if (behind_last_) {
            ended_ = true;
            now_ = {};
            return;
        }
        const std::size_t hyphen_at = rest_.find('-');
        now_ = rest_.substr(0, hyphen_at);
        behind_last_ = hyphen_at == std::string_view::npos;
        if (!behind_last_) rest_.remove_prefix(hyphen_at + 1);
    }

  private:
    std::string_view rest_;
    std::string_view now_;
    bool behind_last_ = false;
    bool ended_ = false;
};

bool is_language(std::string_view subtag) {
    if (!all(subtag, letter)) return false;
    if (subtag.size() == 3) return true;
    if (subtag.size() != 2) return false;
    const auto first = static_cast<std::size_t>(to_lower(subtag[0]) - 'a');
    const auto second = static_cast<std::size_t>(to_lower(subtag[1]) - 'a');
    return two_letter_table[first * 26 + second];
}

bool is_variant(std::string_view subtag) {
    if (subtag.size() == 4) return is(subtag[0], digit) && all(subtag, alphanumeric);
    return subtag.size() >= 5 && subtag.size() <= 8 && all(subtag, alphanumeric);
}

/// `x-` and one or more subtags of 1-8 characters, to the end.
bool is_private_use(Subtags& tags) {
    tags.take();
    if (tags.ended()) return false;
    for (; !tags.ended(); tags.take()) {
        const std::string_view t = tags.now();
        if (t.empty() || t.size() > 8 || !all(t, alphanumeric)) return false;
    }
    return true;
}

bool pass_variants(std::string_view tag, Subtags& tags) {
    const char* const first = tags.now().data();
    for (; is_variant(tags.now()); tags.take()) {
        // The variants before this one stand between `first` and it.
        const auto from = static_cast<std::size_t>(first - tag.data());
        const auto to = static_cast<std::size_t>(tags.now().data() - tag.data());
        for (Subtags before(tag.substr(from, to - from)); !before.ended(); before.take()) {
            if (equal_ignoring_case(before.now(), tags.now())) return false;
        }
    }
    return true;
}

bool pass_extensions(Subtags& tags) {
    std::array<bool, 256> seen{};
    while (tags.all_are(1, alphanumeric) && to_lower(tags.now()[0]) != 'x') {
        bool& singleton = seen[static_cast<unsigned char>(to_lower(tags.now()[0]))];
        if (singleton) return false;
        singleton = true;
        std::size_t parts = 0;
        for (tags.take(); !tags.ended() && tags.now().size() >= 2; tags.take(), ++parts) {
            if (tags.now().size() > 8 || !all(tags.now(), alphanumeric)) return false;
        }
        if (parts == 0) return false;
    }
    return true;
}

}  // namespace

HashForm hash_form(std::string_view name, std::string_view value) noexcept {
    const Algorithm* algorithm = find_algorithm(name);
    if (algorithm == nullptr) return HashForm::unknown_algorithm;
    bool right = false;
    switch (algorithm->digest) {
        case Digest::hexadecimal:
            right = value.size() == algorithm->digits && all(value, any_hex);
            break;
        case Digest::md6:
            right = is_md6(value);
            break;
        case Digest::ssdeep:
            right = is_ssdeep(value);
            break;
        case Digest::tlsh:
            right = is_tlsh(value);
            break;
    }
    return right ? HashForm::right : HashForm::wrong;
}

std::string_view hash_expectation(std::string_view name) noexcept {
    const Algorithm* algorithm = find_algorithm(name);
    return algorithm == nullptr ? std::string_view() : algorithm->expectation;
}

bool is_cpe23(std::string_view text) noexcept {
    constexpr std::string_view start = "cpe:2.3:";
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    constexpr std::string_view parts = "aoh*-";
    if (text.size() < 2 || parts.find(text[0]) == std::string_view::npos || text[1] != ':') {
        return false;
    }
    text.remove_prefix(2);
    constexpr int components = 10;
    constexpr int language_at = 5;
    for (int i = 0; i < components; ++i) {
        std::size_t end = 0;
        while (end < text.size() && text[end] != ':')
            end += text[end] == '\\' ? 2 : 1;
        end = std::min(end, text.size());
        const std::string_view value = text.substr(0, end);
        if (!(i == language_at ? is_cpe_language(value) : is_cpe_value(value))) return false;
        const bool last = i == components - 1;
        if ((end == text.size()) != last) return false;
        text.remove_prefix(last ? end : end + 1);
    }
    return true;
}

bool is_language_tag(std::string_view text) noexcept {
    constexpr std::size_t tag_bytes_max = 255;
    if (text.size() > tag_bytes_max) return false;
    for (const std::string_view irregular : irregular_tags) {
        if (equal_ignoring_case(irregular, text)) return true;
    }
    Subtags tags(text);
    if (equal_ignoring_case(tags.now(), "x")) return is_private_use(tags);
    if (!is_language(tags.now())) return false;
    tags.take();
    for (int extended = 0; extended < 3 && tags.all_are(3, letter); ++extended)
        tags.take();
    if (tags.all_are(4, letter)) tags.take();
    if (tags.all_are(2, letter) || tags.all_are(3, digit)) tags.take();
    if (!pass_variants(text, tags) || !pass_extensions(tags)) return false;
    if (tags.ended()) return true;
    return equal_ignoring_case(tags.now(), "x") && is_private_use(tags);
}

}  // namespace entente::stix::internal
