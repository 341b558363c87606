#pragma once
// An agreement in plain words, for those who sign it. Pure.
#include "agreement/document.h"

#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

/// One term in words.
struct Sentence {
    std::string_view
        place;         // of its row in docs/agreements.md, "/flows/*/max_marking"; "" = a heading
    std::string text;  // one line; all that came from the document is plain text
    int indent = 0;    // levels
};

/// Everything that the document says, in the order in which people read it: each term that is set,
/// and what holds where one was left out if that matters to who signs. Nothing about whether it is
/// signed or in force.
[[nodiscard]] std::vector<Sentence> sentences(const Document& document);

/// Who sees to the term at `place`: "enforced", "enforced by the receiver, else watched",
/// "watched"; empty for places that need no word: the form of the document itself.
[[nodiscard]] std::string_view enforcement_text(std::string_view place);

/// The sentences on lines, each with its [enforced] or [watched] at the end.
[[nodiscard]] std::string prose(const Document& document);

/// The document as JSON on several lines, keys in the order of docs/agreements.md, for a file that
/// people read and edit. It reads back as the same document.
[[nodiscard]] std::string readable_json(const Document& document);

}  // namespace entente::agreement
