#include "ledger/internal/lines.h"

#include <fmt/format.h>

#include <charconv>
#include <sodium.h>

namespace entente::ledger::internal {

Result<std::string_view> Lines::next(std::string_view expected) {
    const std::string_view rest = text_.substr(at_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
        return fail(
            Errc::malformed,
            fmt::format(
                "{}: cut off at line {}: expected {} and a line feed", what_, number_ + 1, expected
            )
        );
    }
    ++number_;
    at_ += end + 1;
    return rest.substr(0, end);
}

Result<std::string_view> Lines::value(std::string_view word) {
    ENTENTE_TRY(const std::string_view line, next(fmt::format("\"{} VALUE\"", word)));
    if (line.size() < word.size() + 2 || !line.starts_with(word) || line[word.size()] != ' ') {
        return fail_here(fmt::format("expected \"{} VALUE\"", word));
    }
    return line.substr(word.size() + 1);
}

Result<void> Lines::end() {
    if (at_ == text_.size()) return {};
    ++number_;
    return fail_here("expected the end: nothing follows the line before");
}

tl::unexpected<Error> Lines::fail_here(std::string_view problem) const {
    return fail(Errc::malformed, fmt::format("{}, line {}: {}", what_, number_, problem));
}

std::string_view cut_word(std::string_view& words) noexcept {
    const std::size_t space = words.find(' ');
    const std::string_view word = words.substr(0, space);
    words.remove_prefix(space == std::string_view::npos ? words.size() : space + 1);
    return word;
}

std::optional<std::uint64_t> read_number(std::string_view text) noexcept {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool read_base64(std::string_view text, std::span<std::uint8_t> out) noexcept {
    std::size_t length = 0;
    const char* end = nullptr;
    // libsodium wants the padding and refuses bits beyond the last byte.
    return sodium_base642bin(
               out.data(),
               out.size(),
               text.data(),
               text.size(),
               nullptr,
               &length,
               &end,
               sodium_base64_VARIANT_ORIGINAL
           ) == 0 &&
           length == out.size() && end == text.data() + text.size();
}

}  // namespace entente::ledger::internal
