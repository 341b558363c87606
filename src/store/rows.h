#pragma once
// What the store keeps, as plain values. Numbers (…No) are the store's own and never leave the program.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agreement/class.h"
#include "agreement/view.h"
#include "base/hash.h"
#include "base/time.h"
#include "stix/tlp.h"

namespace entente::store {

using agreement::ClassNo;
using agreement::CollectionNo;
using agreement::PartyNo;
using agreement::Seq;
using agreement::UserNo;
enum class RootNo : std::uint32_t {};
enum class TokenNo : std::uint32_t {};
enum class GrantNo : std::uint32_t {};
enum class QuarantineNo : std::uint64_t {};
enum class ActNo : std::uint64_t {};
enum class AgreementRecordNo : std::uint64_t {};
enum class OutboxNo : std::uint64_t {};
enum class HoldNo : std::uint32_t {};
enum class KeptNo : std::uint64_t {};
enum class SightingNo : std::uint64_t {};

// ---- The directory: who and what there is. Small; read whole, cached by generation.

struct Party {
    PartyNo no{};
    std::string name;  // unique
    bool own = false;  // exactly one party is
    std::vector<std::string> identities;  // identity--… ids that its card lists as its own (custody)
};

/// A sensor may post events to be matched, and nothing else.
enum class Role : std::uint8_t { admin, publisher, reader, auditor, sensor };

struct User {
    UserNo no{};
    std::string name;  // unique
    PartyNo party{};
    Role role = Role::reader;
    std::string password_hash;  // Argon2id in the form of libsodium's crypto_pwhash_str; empty = no password
    std::optional<Micros> password_expires;
    bool disabled = false;
};

/// By what a user's program logs in: a secret, or a client certificate that is bound to the user.
struct Token {
    TokenNo no{};
    UserNo user{};
    Digest hash{};        // keyed hash of the secret, which is never stored; of a certificate's binding just a number
    std::string binding{};  // which certificates (exchange/certificate_login.h), unique among those not revoked; empty = a secret
    std::string label;
    Micros created;
    std::optional<Micros> expires;
    bool revoked = false;
};

struct ApiRoot {
    RootNo no{};
    std::string name;  // one path segment, unique: /name/
    std::string title;
    std::string description;
    std::uint64_t max_content_length = 0;
    bool is_default = false;
};

/// How much of the standard a collection insists on when objects are published to it.
enum class Checks : std::uint8_t {
    must,    // what breaks a rule of the standard is refused, object by object
    strict,  // what it only recommends, too
    off,     // only what the exchange itself needs: JSON, ids, versions, markings
};

struct Collection {
    CollectionNo no{};
    RootNo root{};
    std::string id;     // UUID (a medallion import may keep others), unique
    std::string alias;  // empty = none; unique in the root
    std::string title;
    std::string description;
    bool accepts_stix20 = false;  // media_types then lists version=2.0 too
    stix::Tlp default_marking = stix::Tlp::amber;
    Checks checks = Checks::must;
    bool takes_agreements = false;  // an agreement that is posted to it is taken, not stored as an object
    std::int64_t keep_us = 0;         // what was added longer ago leaves by itself; 0 = nothing does
    std::uint64_t bytes_max = 0;      // of bodies, all versions and copies made here together; 0 = no limit
    std::uint64_t objects_max = 0;    // the same, counted
    bool drop_oldest = false;         // beyond a limit the oldest leave; else nothing more is taken
};

struct Grant {
    GrantNo no{};
    CollectionNo collection{};
    // Exactly one of the two is set: rights of all users of a party, or of one user.
    PartyNo party{};
    UserNo user{};
    bool list = false;
    bool read = false;
    bool write = false;
    stix::Tlp max_marking = stix::Tlp::amber;
    /// To a partner: what is personal is given too. Without it that is cut out, and what cannot be without it is withheld.
    bool personal_data = false;
};

/// Where a partner takes what this node has to tell it. What the node shows there to be let in is no part of the store.
struct Peer {
    PartyNo party{};       // one for each
    std::string url;       // a collection of its TAXII server
    std::string settings;  // a JSON object: how it is reached; no secret
    std::string secret;    // names the file with the credentials; empty = none
    friend bool operator==(const Peer&, const Peer&) = default;
};

/// What must not be removed, whoever asks: objects of one id, what one party published, or all; in one collection or in all.
struct Hold {
    HoldNo no{};
    CollectionNo collection{};  // 0 = every one
    PartyNo party{};            // the source; 0 = whoever it is
    std::string id;             // empty = every object
    std::string person;         // who holds it, and why
    std::string reason;
    Micros at;
    friend bool operator==(const Hold&, const Hold&) = default;
};

/// A statement marking that `source` has published: it restricts nothing on objects of that source.
struct StatementMarking {
    std::string marking_id;
    PartyNo source{};
};

// ---- Agreements: what was taken, word for word, and where it applies here. What it says is decided in agreement/.

/// What became known about an agreement: its document, a signature under it, or a statement about it (of a breach, a
/// termination, …). Only appended; the order is that in which this node took them.
struct AgreementRecord {
    enum class Kind : std::uint8_t { document = 1, signature = 2, statement = 3 };

    AgreementRecordNo no{};  // rising from 1 without gaps, given by the store
    std::string agreement;   // "agr:<64 hex>"
    Kind kind = Kind::document;
    std::string body;  // the JSON document, or the text of a signed note
    Micros at;         // when this node took it
    friend bool operator==(const AgreementRecord&, const AgreementRecord&) = default;
};

/// Which party of this node one that an agreement names is. A pid that is not mapped gets nothing.
struct AgreementParty {
    std::string agreement;
    std::string pid;  // unique in the agreement
    PartyNo party{};
    friend bool operator==(const AgreementParty&, const AgreementParty&) = default;
};

/// A collection that a flow of an agreement reads from or writes to here. Unique as a whole.
struct AgreementBinding {
    enum class Way : std::uint8_t {
        out = 1,  // the flow gives away what the collection holds
        in = 2,   // what the flow brings goes into the collection
    };

    std::string agreement;
    std::string flow;  // its fid; empty = every flow of the agreement
    CollectionNo collection{};
    Way way = Way::out;
    friend bool operator==(const AgreementBinding&, const AgreementBinding&) = default;
};

/// A party's card as it was accepted. The one with the greatest sequence counts; the others are kept.
struct Card {
    PartyNo party{};
    std::uint64_t sequence = 0;  // unique in the party; less than 2^63
    std::string note;            // a signed note
    Micros at;                   // when this node took it
    friend bool operator==(const Card&, const Card&) = default;
};

/// A signed statement that certifies, replaces or revokes keys, as it was taken. Only appended.
struct KeyStatement {
    std::string note;  // a signed note; unique
    Micros at;         // when this node took it
    friend bool operator==(const KeyStatement&, const KeyStatement&) = default;
};

/// Rows stand in the order of their numbers or, where they have none, as said here.
struct Directory {
    std::uint64_t generation = 0;
    std::vector<Party> parties;
    std::vector<User> users;
    std::vector<Token> tokens;
    std::vector<ApiRoot> roots;
    std::vector<Collection> collections;
    std::vector<Grant> grants;
    std::vector<StatementMarking> statements;
    std::vector<AgreementRecord> agreement_records;
    std::vector<AgreementParty> agreement_parties;      // by agreement, pid
    std::vector<AgreementBinding> agreement_bindings;   // by agreement, flow, collection, way
    std::vector<Card> cards;                            // by party, sequence
    std::vector<KeyStatement> key_statements;           // as they were taken
    std::vector<Peer> peers;                            // by party
    std::vector<Hold> holds;
    Micros agreements_at;  // the moment as of which agreements are judged; never goes back; 0 = never set
};

// ---- Entries

/// Facts about an entry that a scan needs beside its class.
enum class Flag : std::uint8_t {
    has_newer = 1,   // another version of the id with a greater version key lies in the collection
    has_older = 2,   // and one with a smaller key
    siblings = 4,    // look at all versions of the id: mixed spec versions or a held copy
    reexposed = 8,   // some view has a late row that shows it again as the latest
    derived = 16,    // made here of another entry: `Snapshot::derived` of that one's id names it
};
using Flags = std::uint8_t;
constexpr bool has(Flags flags, Flag f) { return (flags & static_cast<Flags>(f)) != 0; }

/// One version of one object in one collection. Texts live until the cursor moves or the snapshot ends.
struct Entry {
    Seq seq{};
    ClassNo cls{};
    Flags flags = 0;
    Seq newer_seq{};      // the version that follows this one by version key, if has_newer
    ClassNo newer_cls{};
    std::string_view id;
    std::string_view version;
    std::string_view version_key;
    std::string_view body;  // empty from EntryCursor::next: ask its body()
};

/// One row of an id's history, oldest version key first.
struct Version {
    Seq seq{};
    ClassNo cls{};
    Flags flags = 0;
    PartyNo lane{};  // 0 = the collection's own; else held for that party
    std::string version;
    std::string version_key;
    Digest digest{};
};

/// An entry that was made of a version of another object, with parts of it hidden or ids in it renamed. Its version key is that
/// of the version that it was made of.
struct Derived {
    Seq seq{};
    ClassNo cls{};
    std::string id;
    std::string version_key;
};

struct NewEntry {
    ClassNo cls{};
    PartyNo lane{};
    std::string_view id;
    std::string_view version;
    std::string_view version_key;
    Digest digest{};
    std::string_view body;
    bool siblings = false;
    std::string_view derived_of{};  // the id of the object that it was made of; empty = none
};

/// Entries that were appended together get dates base, base+1, … by their rank in a view. `runs` tells the classes
/// in seq order and is kept when entries are deleted, so that ranks, and dates, never move.
struct Group {
    struct Run {
        ClassNo cls{};
        std::uint32_t count = 0;
    };
    Seq first{};
    std::uint32_t count = 0;
    Micros base;
    std::vector<Run> runs;
};

/// A row that shows an entry to one view at a later position than where it lies.
struct LateRow {
    enum class Kind : std::uint8_t {
        widened,    // the entry became visible to the view after its place was served
        reexposed,  // the entry became the latest again; only in streams of the latest versions
    };
    Seq seq{};    // its position
    Seq entry{};  // the entry shown
    Kind kind = Kind::widened;
    Micros date;    // group base + offset, fixed
    ClassNo cls{};  // of the entry
};

/// A class that a view gets only some time after its entries came: those up to `upto` have had their time.
struct Delayed {
    ClassNo cls{};
    Seq upto{};
    friend bool operator==(const Delayed&, const Delayed&) = default;
};

// ---- What left a collection

/// An object, or one version of it, that was purged and is not taken in again.
struct Tombstone {
    std::string id;
    std::string version_key;  // empty = all versions
    Micros at;
    friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

/// An entry that was removed while a hold lay on it: no reader gets it any more, its bytes stay until the hold ends.
struct Kept {
    KeptNo no{};  // rising, never given twice
    CollectionNo collection{};
    Seq seq{};  // where it lay
    ClassNo cls{};
    PartyNo lane{};
    std::string id;
    std::string version;
    std::string derived_of;  // the id of what it was made of; empty = it was published
    Digest digest{};
    std::string body;
    Micros at;  // when it was removed
    friend bool operator==(const Kept&, const Kept&) = default;
};

// ---- Records

struct Act {
    ActNo no{};
    std::string kind;  // "published", "disclosed", "deleted", "quarantined", "granted", …
    Micros at;
    UserNo user{};
    PartyNo party{};
    CollectionNo collection{};
    std::string facts;  // a JSON object; no object values, only ids, counts, digests
    std::string agreement{};  // the agreement by which it was done; empty = none
};

struct StatusRow {
    std::string id;
    UserNo user{};
    RootNo root{};
    Micros at;
    std::string body;  // the status resource
};

struct QuarantineItem {
    QuarantineNo no{};
    CollectionNo collection{};
    UserNo user{};
    PartyNo party{};
    Micros at;
    std::string reason;
    std::string id;
    std::string version;
    std::string body;
    bool visible_to_sender = false;  // also stored as an entry in the sender's own lane
    enum class State : std::uint8_t { waiting, accepted, refused } state = State::waiting;
};

/// Something that a party has to be told: kept until its node has it or until it is given up.
struct OutboxRow {
    enum class Kind : std::uint8_t {
        agreement = 1,  // all that is known of the agreement `about` when it is sent
        objects = 2,    // `body`
    };
    enum class State : std::uint8_t { waiting = 1, delivered = 2, given_up = 3 };

    OutboxNo no{};  // rising, never given twice
    PartyNo party{};
    Kind kind = Kind::agreement;
    std::string about;  // the agreement; of objects, what they belong to, or nothing
    std::string body;   // a TAXII envelope, word for word; empty = made when it is sent
    Micros created;
    State state = State::waiting;
    std::uint32_t tries = 0;
    Micros due;         // the next try; of one that does not wait: when its waiting ended
    std::string error;  // of the last try, for people; no secret
    friend bool operator==(const OutboxRow&, const OutboxRow&) = default;
};

/// What waits for one party, in sum.
struct OutboxHead {
    PartyNo party{};
    std::uint64_t waiting = 0;
    Micros oldest;    // created
    Micros next_due;  // the earliest
    friend bool operator==(const OutboxHead&, const OutboxHead&) = default;
};

/// How often an indicator hit in one hour, as far as one party may hear of it. Its indicator, party,
/// agreement, hour and part together are unique.
struct Sighting {
    enum class State : std::uint8_t {
        waiting = 1,   // a person looks at it
        approved = 2,  // goes out when it may
        counted = 3,   // stays here
        declined = 4,  // by a person
        sent = 5,
    };
    /// Why it is only counted.
    enum class Why : std::uint8_t {
        nothing = 0,
        own_asset = 1,
        stop_list = 2,
        muted = 3,          // it hits too often to tell anything
        own_indicator = 4,  // nobody sent it
        no_agreement = 5,   // it came under none
        not_asked = 6,      // the agreement's reports are off
        crowded = 7,        // too much waits for that party
    };

    SightingNo no{};  // rising, never given twice
    std::string indicator;      // its STIX id
    PartyNo party{};            // who sent it; 0 = none
    std::string agreement;      // under which; empty = none
    Micros hour;                // the first moment of the hour
    std::uint32_t part = 0;     // hits of an hour that was sent already are a part of their own
    CollectionNo collection{};  // where the indicator lies
    Seq seq{};
    std::uint64_t count = 0;
    Micros first_seen;
    Micros last_seen;
    State state = State::counted;
    Why why = Why::nothing;
    std::string warned;  // the list that says it is probably no threat
    std::string note;    // what one that is approved waits for
    std::string path;  // an example of what matched, for people here alone
    std::string value;
    std::string object;  // the id that it was sent under
    Micros changed;
    friend bool operator==(const Sighting&, const Sighting&) = default;
};

/// How many sightings of one state there are for one party.
struct SightingSum {
    Sighting::State state{};
    PartyNo party{};
    std::uint64_t rows = 0;
    friend bool operator==(const SightingSum&, const SightingSum&) = default;
};

}  // namespace entente::store
