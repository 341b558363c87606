#pragma once
// An agreement as a document: what the parties sign. Canonical JSON (RFC 8785), every key known.
// Pure.
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/note.h"
#include "stix/personal.h"
#include "stix/tlp.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

/// A party as an agreement names it.
struct PartyTerm {
    std::string pid;                          // its short name inside the document
    std::string name;                         // of the organisation
    std::vector<std::string> identities;      // identity--… ids that it answers for
    std::vector<ledger::Verifier> sign_keys;  // identity keys; any of them signs for it
    std::string contact;
    std::string jurisdiction;
    /// False for one that signs nothing itself: it has no key. Only in one-sided terms.
    bool countersigns = true;
};

/// What a flow selects; every condition that is set must hold. Empty = any.
struct Select {
    std::vector<std::string> types;          // STIX types, sorted
    std::vector<std::string> topics;         // names in Document::topics, sorted; one must match
    std::vector<std::string> pattern_paths;  // "ipv4-addr:value"; every path of a pattern is one
    std::optional<std::uint8_t> min_confidence;  // 0-100, a multiple of ten; unset confidence fails
    std::vector<std::string> exclude_labels;     // sorted
    std::optional<std::uint32_t> not_older_days;  // by `modified` when it was published
};

/// A topic: an object belongs to it when one of its words does: `type:malware`, `label:phishing`,
/// or a vocabulary value such as `malware_types:ransomware`.
using Topics = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Classes of personal data; credentials never cross.
using stix::Personal;

struct Flow {
    std::string fid;
    std::vector<std::string> from;  // pids
    std::vector<std::string> to;    // pids
    Select select;
    stix::Tlp max_marking = stix::Tlp::amber;
    std::vector<Personal> strip;     // what is cut out; all four unless the document says otherwise
    std::vector<std::string> named;  // user names that are named recipients (TLP:RED), sorted
    std::uint32_t min_delay_hours = 0;
    std::uint64_t objects_per_day = 0;  // 0 = no bound
    std::uint64_t bytes_per_day = 0;
};

struct Onward {
    bool allowed = false;
    stix::Tlp max_marking = stix::Tlp::clear;
    /// "clients", "public", "party:NAME", "community:NAME".
    std::vector<std::string> to;
    std::string attribution;  // may | must | must-not (IEP 2.0)
    std::uint32_t min_delay_hours = 0;
};

struct Use {
    std::vector<std::string> purposes;
    std::string permitted_actions;             // IEP 2.0
    std::string affected_party_notifications;  // may | must-not
    std::string commercial_use;
    std::string unmodified_resale;
    std::string ml_training;
};

struct Handling {
    std::string encrypt_in_transit;  // must | may
    std::string encrypt_at_rest;
    std::optional<std::uint32_t> retention_days;
    std::optional<std::uint32_t> retention_days_personal;
    std::optional<std::uint32_t> purge_on_end_days;
};

struct Obligation {
    std::string oid;
    std::vector<std::string> who;  // pids
    std::string what;  // sighting | receipt | revoke-propagate | feedback-false-positive
    std::string on;    // a STIX type, empty = any
    std::string when;  // match | confirmed, empty = always
    std::uint64_t within_seconds = 0;
};

/// Who may do what to the agreement itself.
struct Change {
    enum class Rule : std::uint8_t { all, quorum, steward } join = Rule::all;
    std::uint32_t quorum = 0;  // of `join` = quorum
    std::string steward;       // pid, of `join` = steward
    std::string dispute_contact;
};

struct Law {
    std::string text_sha256;
    std::string text_uri;
    std::string precedence;  // legal-text | this-document
};

/// One version of an agreement.
struct Document {
    std::string id;             // agr:<64 hex>, of version 1 without `id`
    std::uint32_t version = 1;  // 1, 2, 3 …
    std::string previous;       // hex digest of the version before; empty in version 1
    std::string title;
    bool one_sided = false;  // terms: the first party alone signs
    std::vector<PartyTerm> parties;
    Topics topics;
    std::vector<Flow> flows;
    Use use;
    Onward onward;
    Handling handling;
    std::vector<Obligation> obligations;
    Micros from;  // validity, half open
    Micros until;
    std::uint32_t notice_days = 0;
    Change change;
    Law law;
    std::string canonical;  // the RFC 8785 form that is signed, `id` included
    Digest digest{};        // SHA-256 of it

    [[nodiscard]] const PartyTerm* party(std::string_view pid) const noexcept;
};

/// Reads a document. Fails malformed (no JSON, duplicate names), unprocessable (an unknown key at
/// any depth, a value that is not allowed, a pid that no party has, dates reversed, an id that is
/// not the document's), too_large. `detail` names the JSON pointer, what is wrong, what would be
/// right, for up to ten findings. A version 1 without `id` gets it. Keys named `comment` decide
/// nothing and are kept.
[[nodiscard]] Result<Document> read_document(std::string_view json);

/// The text of the note that is signed for a version:
/// `entente-agreement/v1\n<id>\n<version>\n<digest, base64>\n` and, when given, lines
/// `person <name>\n` and `office <office>\n`.
struct SignedText {
    std::string id;
    std::uint32_t version = 0;
    Digest digest{};
    std::string person;
    std::string office;
};

/// True for what may stand as a person or an office: 1 to 256 bytes of UTF-8 on one line, without
/// control and direction characters, without blanks at the ends.
[[nodiscard]] bool is_signer_words(std::string_view text);
/// REQUIRES: the id of an agreement, a version from 1 on; `is_signer_words` of the person and the
/// office that are given.
[[nodiscard]] std::string signed_text(const SignedText& text);
/// Fails malformed: not what `signed_text` writes, byte for byte; `detail` names the line.
[[nodiscard]] Result<SignedText> read_signed_text(std::string_view text);

}  // namespace entente::agreement
