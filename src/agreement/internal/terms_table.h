#pragma once
// The table of terms: every key that an agreement may have, what it may hold, what it means, who
// enforces it, and what a change of it widens. Reading (shape.cpp, build.cpp), the JSON schema
// (schema.cpp), docs/agreements.md (terms_page.cpp), prose and diff read these rows; nothing else
// knows the keys. A new term is a row here, a member in document.h and a line in build.cpp.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement::internal {

/// What a value is. Each kind is told in words and as a JSON schema by kinds.h.
enum class Kind : std::uint8_t {
    structure,     // an object; its keys are the rows below this place
    topics,        // an object from a name to a list of words
    text,          // for people, on one line
    comment,       // for people; decides nothing
    word,          // a short name inside the document: pid, fid, oid, name of a topic
    pid,           // the word of a party of the document
    topic,         // a name in /topics
    user,          // the name of a user of the receiving party
    integer,       // within `least` and `most`
    truth,         // true or false
    choice,        // one of `choices`
    instant,       // RFC 3339 in UTC
    duration,      // ISO 8601 without years and months, within `least` and `most` seconds
    digest,        // 64 hexadecimal digits, lower case
    agreement_id,  // agr: and a digest
    identity,      // a STIX identifier of an identity
    key,           // a verifier as C2SP signed-note writes it
    stix_type,     // the name of a STIX type
    pattern_path,  // type:path
    topic_word,    // kind:value
    onward,        // clients, public, party:NAME, community:NAME
    uri,           // https://… or http://…
};

/// Who sees to a term; several may.
enum Enforced : std::uint8_t {
    by_reading = 1,    // a document that breaks it is no agreement for any node
    by_sender = 2,     // the node of the party that gives
    by_receiver = 4,   // the node of the party that takes
    only_watched = 8,  // people; software cannot make it so
};

/// What a change of the value widens, as seen from what crosses and what may be done with it.
enum class Widens : std::uint8_t {
    nothing,        // says, names or describes
    doubt,          // a change is neither; who must sign for what widens signs for it too
    higher,         // a larger number, a later date, a later one of `choices`
    lower,          // a smaller one
    higher_0,       // a larger number; 0 is no bound
    higher_absent,  // a larger number; no number is no bound
    lower_absent,   // a smaller number; no number is no bound
    more,           // each entry adds
    more_none,      // each entry adds; no entry at all is no bound
    fewer,          // each entry takes away
};

/// One key.
struct Term {
    std::string_view place;  // JSON pointer, * for each entry of a list
    Kind kind = Kind::text;
    bool list = false;  // of such values, none twice
    bool required = false;
    std::string_view fallback{};  // JSON of what holds without the key; empty = nothing does
    std::uint64_t least = 0;      // of a number, of seconds, of bytes of a text
    std::uint64_t most = 0;
    std::uint64_t multiple = 1;     // of what a number is
    std::size_t entries_least = 0;  // of a list or of topics
    std::size_t entries_most = 0;
    std::span<const std::string_view> choices{};  // from the narrowest to the widest
    std::uint8_t enforced = only_watched;
    Widens widens = Widens::nothing;
    std::string_view means{};  // a sentence without its full stop
    std::string_view how{};    // where and how it is enforced, or what can be watched
};

/// All rows in the order of the page; a structure stands before its keys.
[[nodiscard]] std::span<const Term> terms();
/// The row of a place such as "/flows/*/fid"; nullptr when there is none.
[[nodiscard]] const Term* find_term(std::string_view place);
/// The rows of the keys of the structure at `place` ("" = the document), `comment` left out.
[[nodiscard]] std::span<const Term* const> terms_below(std::string_view place);
/// The row of `comment`, which every structure may have.
[[nodiscard]] const Term& comment_term() noexcept;
/// The rows by file: who, what crosses (terms_crossing.cpp); what then holds (terms_use.cpp).
[[nodiscard]] std::span<const Term> terms_of_crossing() noexcept;
[[nodiscard]] std::span<const Term> terms_of_use() noexcept;
/// The last name of the place.
[[nodiscard]] std::string_view key_of(const Term& term) noexcept;

}  // namespace entente::agreement::internal
