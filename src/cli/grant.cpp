#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/rights.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

std::string rights_words(const store::Grant& grant) {
    std::string words;
    const auto add = [&](bool has, std::string_view word) {
        if (!has) return;
        if (!words.empty()) words += ",";
        words += word;
    };
    add(grant.list, "list");
    add(grant.read, "read");
    add(grant.write, "write");
    return words;
}

json::object grant_json(const store::Directory& directory, const store::Grant& grant) {
    const store::Collection* collection = collection_of(directory, grant.collection);
    json::object shown{
        {"collection", collection == nullptr ? "" : collection->id},
        {"title", collection == nullptr ? "" : collection->title},
    };
    if (grant.user != store::UserNo{}) {
        shown["user"] = user_name(directory, grant.user);
    } else {
        shown["party"] = party_name(directory, grant.party);
    }
    shown["list"] = grant.list;
    shown["read"] = grant.read;
    shown["write"] = grant.write;
    shown["max_marking"] = stix::tlp_name(grant.max_marking);
    shown["personal_data"] = grant.personal_data;
    return shown;
}

std::string principal_words(const store::Directory& directory, const store::Grant& grant) {
    return grant.user != store::UserNo{} ? "user " + user_name(directory, grant.user)
                                         : "party " + party_name(directory, grant.party);
}

store::PartyNo party_of(const store::Directory& directory, const store::Grant& grant) {
    for (const store::User& user : directory.users) {
        if (user.no == grant.user) return user.party;
    }
    return grant.party;
}

void show(const Context& context, const store::Directory& directory, const store::Grant& grant) {
    context.out.document(grant_json(directory, grant));
    const store::Collection* collection = collection_of(directory, grant.collection);
    context.out.field("collection", collection == nullptr ? "?" : collection->title);
    context.out.field("to", principal_words(directory, grant));
    context.out.field("rights", rights_words(grant));
    context.out.field("up to", stix::tlp_name(grant.max_marking));
    const store::Party* party = nullptr;
    for (const store::Party& p : directory.parties) {
        if (p.no == party_of(directory, grant)) party = &p;
    }
    if (party != nullptr && !party->own && grant.read)
        context.out.field("personal data", grant.personal_data ? "given" : "cut out");
}

/// Whom a grant is for: exactly one of a party and a user.
struct Principal {
    store::PartyNo party{};
    store::UserNo user{};
    bool own = false;  // this node's own party, or a user of it
};

Result<Principal> principal(const store::Directory& directory, const GrantOptions& options) {
    if (options.party.empty() == options.user.empty()) {
        return fail(Errc::invalid_argument, "give one of --party NAME and --user NAME");
    }
    const store::PartyNo own = own_party(directory).no;
    if (!options.user.empty()) {
        ENTENTE_TRY(const store::User user, find_user(directory, options.user));
        return Principal{{}, user.no, user.party == own};
    }
    ENTENTE_TRY(const store::Party party, find_party(directory, options.party));
    return Principal{party.no, {}, party.no == own};
}

/// What is given when --max-marking is not: a named person of the own party may see all; all of the
/// own party what may go round in an organisation; partners what may go to partners (TLP 2.0, 4).
stix::Tlp usual_ceiling(const Principal& to) {
    if (!to.own) return stix::Tlp::amber;
    return to.user != store::UserNo{} ? stix::Tlp::red : stix::Tlp::amber_strict;
}

struct Found {
    store::Collection collection;
    Principal to;
    std::optional<store::Grant> grant;
};

Result<Found> find_grant(const store::Directory& directory, const GrantOptions& options) {
    Found found;
    ENTENTE_TRY(found.collection, find_collection(directory, options.collection));
    ENTENTE_TRY(found.to, principal(directory, options));
    for (const store::Grant& grant : directory.grants) {
        if (grant.collection == found.collection.no && grant.party == found.to.party &&
            grant.user == found.to.user) {
            found.grant = grant;
        }
    }
    return found;
}

tl::unexpected<Error> no_grant(const Found& found, const GrantOptions& options) {
    return fail(
        Errc::not_found,
        fmt::format(
            "'{}' has no grant on '{}'; `entente grant list` shows what there is",
            options.user.empty() ? options.party : options.user,
            found.collection.title
        )
    );
}

void record_grant(
    store::Transaction& tx,
    const Clock& clock,
    std::string_view kind,
    const store::Directory& directory,
    const store::Grant& grant
) {
    record(tx, clock, kind, grant_json(directory, grant), grant.collection);
}

}  // namespace

Result<Exit> grant_add(const GrantOptions& options, Context& context) {
    if (!options.list && !options.read && !options.write) {
        return fail(
            Errc::invalid_argument, "a grant gives something: add --read, --write or --list"
        );
    }
    std::optional<stix::Tlp> ceiling;
    if (!options.max_marking.empty()) {
        ENTENTE_TRY(ceiling, parse_marking(options.max_marking));
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::Grant grant;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const Found found, find_grant(directory, options));
        if (found.grant) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "{} has {} up to {} on '{}' already; change it with: entente grant set",
                    principal_words(directory, *found.grant),
                    rights_words(*found.grant),
                    stix::tlp_name(found.grant->max_marking),
                    found.collection.title
                )
            );
        }
        grant.collection = found.collection.no;
        grant.party = found.to.party;
        grant.user = found.to.user;
        grant.list = options.list;
        grant.read = options.read;
        grant.write = options.write;
        grant.personal_data = options.personal_data;
        grant.max_marking = ceiling.value_or(usual_ceiling(found.to));
        grant.no = exchange::put_grant(tx, context.clock, grant);
        record_grant(tx, context.clock, "granted", directory, grant);
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, grant);
    if (!ceiling) {
        context.out.line(fmt::format(
            "The ceiling {} is the usual one here; --max-marking gives another.",
            stix::tlp_name(grant.max_marking)
        ));
    }
    return Exit::ok;
}

Result<Exit> grant_set(const GrantOptions& options, Context& context) {
    if ((options.list && options.no_list) || (options.read && options.no_read) ||
        (options.write && options.no_write) ||
        (options.personal_data && options.no_personal_data)) {
        return fail(Errc::invalid_argument, "a right cannot be given and taken away at once");
    }
    std::optional<stix::Tlp> ceiling;
    if (!options.max_marking.empty()) {
        ENTENTE_TRY(ceiling, parse_marking(options.max_marking));
    }
    if (!options.list && !options.read && !options.write && !options.no_list && !options.no_read &&
        !options.no_write && !options.personal_data && !options.no_personal_data && !ceiling) {
        return fail(
            Errc::invalid_argument,
            "nothing to change; give --read, --no-read, --write, --no-write, --list, --no-list, "
            "--personal-data, --no-personal-data or --max-marking"
        );
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::Grant grant;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const Found found, find_grant(directory, options));
        if (!found.grant) return no_grant(found, options);
        grant = *found.grant;
        grant.list = options.list || (grant.list && !options.no_list);
        grant.read = options.read || (grant.read && !options.no_read);
        grant.write = options.write || (grant.write && !options.no_write);
        grant.personal_data =
            options.personal_data || (grant.personal_data && !options.no_personal_data);
        if (ceiling) grant.max_marking = *ceiling;
        if (!grant.list && !grant.read && !grant.write) {
            return fail(
                Errc::invalid_argument,
                "the grant would give nothing; take it away with: entente grant remove"
            );
        }
        (void)exchange::put_grant(tx, context.clock, grant);
        record_grant(tx, context.clock, "grant changed", directory, grant);
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, grant);
    return Exit::ok;
}

Result<Exit> grant_list(const GrantOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    store::CollectionNo only_collection{};
    if (!options.collection.empty()) {
        ENTENTE_TRY(const store::Collection row, find_collection(directory, options.collection));
        only_collection = row.no;
    }
    Principal only;
    if (!options.party.empty() || !options.user.empty()) {
        ENTENTE_TRY(only, principal(directory, options));
    }
    Table table({"COLLECTION", "TO", "RIGHTS", "UP TO"});
    for (const store::Grant& grant : directory.grants) {
        if (only_collection != store::CollectionNo{} && grant.collection != only_collection) {
            continue;
        }
        if (only.party != store::PartyNo{} && grant.party != only.party) continue;
        if (only.user != store::UserNo{} && grant.user != only.user) continue;
        context.out.document(grant_json(directory, grant));
        const store::Collection* collection = collection_of(directory, grant.collection);
        table.row(
            {collection == nullptr ? "?" : collection->title,
             principal_words(directory, grant),
             rights_words(grant),
             std::string(stix::tlp_name(grant.max_marking))}
        );
    }
    context.out.table(table, "no grants");
    return Exit::ok;
}

Result<Exit> grant_show(const GrantOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    ENTENTE_TRY(const Found found, find_grant(directory, options));
    if (!found.grant) return no_grant(found, options);
    show(context, directory, *found.grant);
    return Exit::ok;
}

Result<Exit> grant_remove(const GrantOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    json::object removed;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const Found found, find_grant(directory, options));
        if (!found.grant) return no_grant(found, options);
        removed = grant_json(directory, *found.grant);
        exchange::erase_grant(tx, context.clock, found.grant->no);
        record_grant(tx, context.clock, "grant removed", directory, *found.grant);
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"removed", removed}});
    context.out.line("grant removed; it is gone at the next request");
    return Exit::ok;
}

}  // namespace entente::cli
