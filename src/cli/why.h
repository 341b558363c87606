#pragma once
// `entente explain`, `entente audience` and `entente simulate`: why somebody gets something, who
// does, and what an agreement would change. For the operator of the machine, never for partners.
#include "cli/context.h"
#include "cli/find.h"
#include "exchange/caller.h"
#include "store/store.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace entente::cli {

struct ExplainOptions {
    Common common;
    std::string object;      // empty = the whole collection
    std::string for_user;    // a user or a party
    std::string collection;  // empty = all that hold the object
    std::string at;          // empty = now
};

/// Says what the reader gets of a collection, and what not and why; or, of one object, what decides
/// about each of its versions and copies. Fails not_found: no such reader, collection, object.
[[nodiscard]] Result<Exit> explain(const ExplainOptions& options, Context& context);

struct AudienceOptions {
    Common common;
    std::string object;
    std::string collection;  // empty = all that hold it
};

/// Lists who gets each version of an object, now or later. Exit: ok; findings (nobody). Fails
/// not_found: no such collection, object.
[[nodiscard]] Result<Exit> audience(const AudienceOptions& options, Context& context);

// ---- What these commands share

/// A date, which is its first moment (UTC), or an RFC 3339 time. Fails invalid_argument.
[[nodiscard]] Result<Micros> parse_moment(std::string_view name, std::string_view text);

/// A user, or what any user of a party is whom nothing names.
struct Reader {
    store::User user;
    std::string party;
    bool any = false;  // of the party

    [[nodiscard]] std::string name() const;
};

/// A user's name goes before a party's. Fails not_found.
[[nodiscard]] Result<Reader> find_reader(const exchange::State& state, std::string_view name);

/// The collection that is named, or all that hold the object. Fails not_found: no such collection;
/// the object is in none.
[[nodiscard]] Result<std::vector<store::Collection>> collections_of(
    store::Snapshot& snapshot,
    const exchange::State& state,
    const std::string& collection,
    const std::string& object
);

/// "marking above the ceiling (TLP:RED)".
[[nodiscard]] std::string reason_of(const agreement::Decision& decision);
[[nodiscard]] std::string marking_name(std::string_view id);
/// What the decision says, as members of a JSON object.
void add_decision(boost::json::object& to, const agreement::Decision& decision);

}  // namespace entente::cli
