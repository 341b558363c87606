#include "agreement/document.h"
#include "agreement/internal/kinds.h"
#include "base/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace entente::agreement {
namespace {

constexpr std::string_view form = "entente-agreement/v1";
constexpr std::string_view person_prefix = "person ";
constexpr std::string_view office_prefix = "office ";
constexpr std::uint32_t version_max = 1'000'000'000;
constexpr std::size_t words_bytes_max = 256;

tl::unexpected<Error> wrong(int line, std::string_view expected) {
    return fail(
        Errc::malformed, fmt::format("line {} of the signed text: expected {}", line, expected)
    );
}

/// Takes lines off the front of a text.
class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}

    /// Nothing when no whole line is left.
    std::optional<std::string_view> next() {
        const auto end = rest_.find('\n');
        if (end == rest_.npos) return std::nullopt;
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        ++number_;
        return line;
    }

    /// What follows `prefix` on the next line, when that begins with it.
    std::optional<std::string_view> after(std::string_view prefix) {
        if (!rest_.starts_with(prefix)) return std::nullopt;
        auto line = next();
        if (line) line->remove_prefix(prefix.size());
        return line;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    /// Of the line that was taken last.
    [[nodiscard]] int number() const { return number_; }

  private:
    std::string_view rest_;
    int number_ = 0;
};

/// One spelling only: what was signed is what is written again.
std::optional<std::uint32_t> version_of(std::string_view text) {
    std::uint32_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (text.front() == '0' || version > version_max) return std::nullopt;
    return version;
}

std::optional<Digest> digest_of(std::string_view text) {
    const auto bytes = from_base64(text);
    Digest digest{};
    if (!bytes || bytes->size() != digest.size() || to_base64(*bytes) != text) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

}  // namespace

bool is_signer_words(std::string_view text) {
    return !text.empty() && text.size() <= words_bytes_max && internal::is_plain(text);
}

std::string signed_text(const SignedText& text) {
    ENTENTE_ASSERT(internal::is_agreement_id(text.id));
    ENTENTE_ASSERT(text.version >= 1 && text.version <= version_max);
    ENTENTE_ASSERT(text.person.empty() || is_signer_words(text.person));
    ENTENTE_ASSERT(text.office.empty() || is_signer_words(text.office));
    std::string out = fmt::format(
        "{}\n{}\n{}\n{}\n", form, text.id, text.version, to_base64(as_text(text.digest))
    );
    if (!text.person.empty()) out += fmt::format("{}{}\n", person_prefix, text.person);
    if (!text.office.empty()) out += fmt::format("{}{}\n", office_prefix, text.office);
    return out;
}

Result<SignedText> read_signed_text(std::string_view text) {
    Lines lines(text);
    SignedText out;
    if (lines.next() != form) return wrong(1, form);
    const auto id = lines.next();
    if (!id || !internal::is_agreement_id(*id))
        return wrong(2, "agr: and 64 hexadecimal digits in lower case");
    out.id = *id;
    const auto number = lines.next();
    const auto version = number ? version_of(*number) : std::nullopt;
    if (!version) return wrong(3, "the version, 1 to 1000000000");
    out.version = *version;
    const auto base64 = lines.next();
    const auto digest = base64 ? digest_of(*base64) : std::nullopt;
    if (!digest) return wrong(4, "the SHA-256 of the document in base64");
    out.digest = *digest;
    for (auto [prefix, words] :
         {std::pair{person_prefix, &out.person}, std::pair{office_prefix, &out.office}}) {
        const auto given = lines.after(prefix);
        if (!given) continue;
        if (!is_signer_words(*given))
            return wrong(
                lines.number(),
                "1 to 256 bytes without control characters, and no blanks at their ends"
            );
        *words = *given;
    }
    if (!lines.at_end())
        return wrong(
            lines.number() + 1, "\"person NAME\", then \"office OFFICE\", or the end of the text"
        );
    return out;
}

}  // namespace entente::agreement
