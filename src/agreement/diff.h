#pragma once
// What changes from one agreement to another, and whether each change lets more cross or less.
// Pure.
#include "agreement/document.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

enum class Judgement : std::uint8_t {
    expanded,  // more crosses, for longer, to more, or more may be done with it, or more is owed
    narrowed,
    changed,  // neither, or it cannot be told
};

/// "expanded" and so on.
[[nodiscard]] std::string_view judgement_text(Judgement judgement) noexcept;

struct Difference {
    /// A JSON pointer in which parties, flows and duties stand by their short names, so that their
    /// order does not matter: "/flows/f1/max_marking". Of a list it names the list.
    std::string place;
    /// The value as JSON, or what holds where the key was left out; empty = nothing. Of a list the
    /// one entry that came or went; the whole list when it went from some to any, or back.
    std::string before;
    std::string after;
    Judgement judgement = Judgement::changed;
};

struct Diff {
    std::vector<Difference> differences;  // in the order of docs/agreements.md
    /// Pids whose giving may be widened: more of what they give crosses, to more, or more may be
    /// done with it; they owe more; or who signs for what changes. In doubt a party is in it.
    /// New contacts and keys widen nothing.
    std::set<std::string, std::less<>> widened;

    [[nodiscard]] bool widens_giving_of(std::string_view pid) const {
        return widened.find(pid) != widened.end();
    }
};

/// From `before` to `after`: terms alone, not `id`, `version` and `previous`. REQUIRES: both come
/// from `read_document`. Time: n log n.
[[nodiscard]] Diff diff(const Document& before, const Document& after);

}  // namespace entente::agreement
