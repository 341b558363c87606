#include "agreement/internal/terms_table.h"

#include "base/assert.h"
#include "base/limits.h"

#include <map>

namespace entente::agreement::internal {
namespace {

constexpr Term comment_row{
    .place = "/comment",
    .kind = Kind::comment,
    .most = limits::agreement_comment_bytes_max,
    .enforced = only_watched,
    .means =
        "A note for people; any object of the document may have one. It is signed with the "
        "rest",
    .how = "decides nothing"};

/// The place of the structure that a row belongs to.
std::string_view parent_of(const Term& term) {
    return term.place.substr(0, term.place.rfind('/'));
}

struct Index {
    std::map<std::string_view, const Term*> by_place;
    std::map<std::string_view, std::vector<const Term*>> below;

    std::vector<Term> all;

    Index() {
        for (const auto part : {terms_of_crossing(), terms_of_use()})
            all.insert(all.end(), part.begin(), part.end());
        for (const Term& term : all) {
            ENTENTE_ASSERT(by_place.emplace(term.place, &term).second);
            below[parent_of(term)].push_back(&term);
        }
    }
};

const Index& index() {
    static const Index made;
    return made;
}

}  // namespace

std::span<const Term> terms() {
    return index().all;
}

const Term* find_term(std::string_view place) {
    const auto found = index().by_place.find(place);
    return found == index().by_place.end() ? nullptr : found->second;
}

std::span<const Term* const> terms_below(std::string_view place) {
    const auto found = index().below.find(place);
    if (found == index().below.end()) return {};
    return found->second;
}

const Term& comment_term() noexcept {
    return comment_row;
}

std::string_view key_of(const Term& term) noexcept {
    return term.place.substr(term.place.rfind('/') + 1);
}

}  // namespace entente::agreement::internal
