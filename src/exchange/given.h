#pragma once
// Reading the records of handing over: what was given to somebody, and who was given an object. For
// the own party's roles on this machine, never over the network. Reads acts a few at a time, each
// time in a snapshot of its own, so that a long answer never holds back the log of a running
// server.
#include "exchange/disclosure.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// Whose and what: unset members say nothing.
struct GivenQuery {
    std::optional<store::UserNo> user{};
    std::optional<store::PartyNo> party{};
    std::optional<store::TokenNo> token{};
    std::optional<Micros> since{};
    bool each = false;  // every handing over; else each version once, at its first time
};

/// The record that it stands in.
struct GivenIn {
    store::ActNo act{};
    Micros at;
    store::UserNo user{};
    store::PartyNo party{};
    store::CollectionNo collection{};
    store::TokenNo token{};
    std::string what;  // "objects" and "export" gave the object; "manifest" id and version;
                       // "versions" the version; "feed" values that its pattern looks for;
                       // "sightings" the object, sent to the party's server: no user
};

/// One version, as it was given.
struct Given {
    GivenIn in;
    std::string id;
    std::string version;
    std::string original;  // of a redacted copy: the id of what it was made of
    bool removed = false;  // since then, from the collection
};

/// What a record does not name any more, or never did.
struct Unnamed {
    enum class Why : std::uint8_t {
        no_list,     // the record is from before lists were kept: `after` to `to` bound it
        collection,  // the whole collection was removed
        entry,       // entries that were removed before their names were kept
    };
    GivenIn in;
    Why why = Why::no_list;
    std::uint64_t count = 0;
    store::Seq after{};
    store::Seq to{};
    std::string sha256;  // of the bytes that were given
};

struct GivenTotal {
    std::uint64_t requests = 0;  // pages and files that gave something
    std::uint64_t named = 0;     // versions handed on to `given`
    std::uint64_t unnamed = 0;   // versions in what was handed on to `unnamed`
};

/// Hands on what was given, in order of time. Memory: the names of what was removed are looked up
/// one record at a time (24 bytes each are kept), and one bit for each entry that was given.
/// Throws StorageError, also (corrupt) for a record that cannot be read.
GivenTotal what_was_given(
    store::Store& store,
    const GivenQuery& query,
    const std::function<void(const Given&)>& given,
    const std::function<void(const Unnamed&)>& unnamed
);

/// One version of an object, or of a redacted copy of it, with one login.
struct Holding {
    Given given;  // the first time
    Micros last;
    std::uint64_t times = 0;
};

/// Who may have it: the records do not list what they gave.
struct MayHold {
    Unnamed first;
    Micros last;
    std::uint64_t times = 0;
};

struct Holders {
    bool known = false;               // the object is, or was, in some collection
    std::vector<Holding> holdings{};  // by version, then time
    std::vector<MayHold> may{};       // one for each user and collection
};

/// Who was given any version of the object, or of redacted copies of it; of a copy's id, of that
/// copy alone. Memory: follows the answer. Throws as `what_was_given`.
[[nodiscard]] Holders who_has(store::Store& store, std::string_view id);

/// Users and tokens that are gone, by name, from the acts that removed them.
struct Names {
    std::map<store::UserNo, std::string> users;
    std::map<store::PartyNo, std::string> parties;
    std::map<store::TokenNo, std::string> tokens;
};

[[nodiscard]] Names removed_names(store::Store& store);

}  // namespace entente::exchange
