#include "agreement/internal/words.h"

#include "base/assert.h"

#include <fmt/format.h>

namespace entente::agreement::internal {

std::string listed(const std::vector<std::string>& words, std::string_view last) {
    ENTENTE_ASSERT(!words.empty());
    std::string out = words.front();
    for (std::size_t i = 1; i < words.size(); ++i)
        out += i + 1 == words.size() ? fmt::format(" {} {}", last, words[i]) : ", " + words[i];
    return out;
}

std::string counted(std::uint64_t number, std::string_view noun) {
    if (number == 1) return fmt::format("1 {}", noun);
    if (noun.ends_with('y') && noun != "day")
        return fmt::format("{} {}ies", number, noun.substr(0, noun.size() - 1));
    return fmt::format("{} {}s", number, noun);
}

std::string may(std::string_view value, std::string_view what) {
    return fmt::format("{} {}", value == "may" ? "may" : "must not", what);
}

std::string onward_words(std::string_view target) {
    if (target == "clients") return "their clients";
    if (target == "public") return "the public";
    const auto colon = target.find(':');
    ENTENTE_ASSERT(colon != target.npos);
    const bool party = target.substr(0, colon) == "party";
    return fmt::format("{} {}", party ? "the party" : "the community", target.substr(colon + 1));
}

std::string_view duty_words(std::string_view what) {
    if (what == "sighting") return "a sighting";
    if (what == "receipt") return "a receipt";
    if (what == "revoke-propagate") return "word of each revocation";
    ENTENTE_ASSERT(what == "feedback-false-positive");
    return "word of each false alarm";
}

}  // namespace entente::agreement::internal
