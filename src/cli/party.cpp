#include "base/escape.h"
#include "cli/card_words.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/key_commands.h"
#include "cli/node_dir.h"
#include "cli/peer_files.h"
#include "cli/words.h"
#include "exchange/known_keys.h"
#include "exchange/rights.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

json::object party_json(const store::Directory& directory, const store::Party& party) {
    return {
        {"name", party.name},
        {"own", party.own},
        {"identities", json::array(party.identities.begin(), party.identities.end())},
        {"users", std::ranges::count(directory.users, party.no, &store::User::party)},
    };
}

Result<void> check_identities(
    const store::Directory& directory,
    const std::vector<std::string>& identities,
    store::PartyNo of_party
) {
    for (const std::string& identity : identities) {
        ENTENTE_CHECK(check_identity(identity));
        for (const store::Party& party : directory.parties) {
            if (party.no == of_party) continue;
            if (std::ranges::find(party.identities, identity) == party.identities.end()) continue;
            return fail(
                Errc::conflict,
                fmt::format("{} is listed by the party '{}' already", identity, party.name)
            );
        }
    }
    return {};
}

Result<void> check_free(const store::Directory& directory, std::string_view name) {
    if (!find_party(directory, name)) return {};
    return fail(
        Errc::conflict,
        fmt::format("there is a party '{0}' already; change it with: entente party set '{0}'", name)
    );
}

/// Entries keep the party that published them, for ever.
bool has_entries(store::Snapshot& snapshot, store::PartyNo no) {
    const auto classes = snapshot.classes(store::ClassNo{1});
    return std::ranges::any_of(classes, [&](const auto& row) {
        const auto facets = agreement::facets_of(row.second);
        return facets && (facets->source == no || facets->held_for == no);
    });
}

void show(const Context& context, const store::Directory& directory, const store::Party& party) {
    context.out.document(party_json(directory, party));
    context.out.field("name", party.name);
    context.out.field("own", party.own ? "yes" : "no");
    for (const std::string& identity : party.identities)
        context.out.field("identity", identity);
    std::vector<std::string> users;
    for (const store::User& user : directory.users) {
        if (user.party == party.no) users.push_back(user.name);
    }
    context.out.field("users", fmt::format("{}", fmt::join(users, ", ")));
}

/// A mistyped name of a file should not become a party.
Result<void> check_means_name(const PartyOptions& options) {
    const std::string_view word = options.name;
    const auto begins = [&](std::string_view start) { return word.starts_with(start); };
    const auto ends = [&](std::string_view end) { return word.ends_with(end); };
    const bool of_card =
        !options.fingerprint.empty() || !options.ca_file.empty() || !options.party.empty();
    if (!of_card && !begins("/") && !begins("./") && !begins("../") && !begins("~/") &&
        !ends(".card") && !ends(".note") && !ends(".json") && !ends(".key")) {
        return {};
    }
    return fail(
        Errc::not_found,
        fmt::format(
            "{}: no such file; a card or a statement about a key is taken from a file or an "
            "address, and what a party is called does not look like a file",
            word
        )
    );
}

}  // namespace

Result<Exit> party_add(const PartyOptions& options, Context& context) {
    if (options.identities.empty() && names_card(options.name)) {
        return party_take(
            {.common = options.common,
             .source = options.name,
             .party = options.party,
             .fingerprint = options.fingerprint,
             .ca_file = options.ca_file},
            context
        );
    }
    ENTENTE_CHECK(check_means_name(options));
    ENTENTE_CHECK(check_name("party name", options.name));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::Party party;
    party.name = options.name;
    party.identities = options.identities;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_CHECK(check_free(directory, options.name));
        ENTENTE_CHECK(check_identities(directory, options.identities, {}));
        party.no = tx.put(party);
        record(
            tx,
            context.clock,
            "party added",
            {{"party", party.name},
             {"identities", json::array(party.identities.begin(), party.identities.end())}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, party);
    return Exit::ok;
}

Result<Exit> party_set(const PartyOptions& options, Context& context) {
    if (!options.new_name && options.identities.empty()) {
        return fail(Errc::invalid_argument, "nothing to change; give --name or --identity");
    }
    if (options.new_name) ENTENTE_CHECK(check_name("party name", *options.new_name));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::Party party;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(party, find_party(directory, options.name));
        if (options.new_name && *options.new_name != party.name) {
            ENTENTE_CHECK(check_free(directory, *options.new_name));
            party.name = *options.new_name;
        }
        if (!options.identities.empty()) {
            ENTENTE_CHECK(check_identities(directory, options.identities, party.no));
            party.identities = options.identities;
        }
        // By its name and identities agreements tell a party: whom a term means, who is a client.
        exchange::change_rights(tx, context.clock, exchange::all_collections(tx), [&] {
            (void)tx.put(party);
        });
        record(
            tx,
            context.clock,
            "party changed",
            {{"party", options.name},
             {"name", party.name},
             {"identities", json::array(party.identities.begin(), party.identities.end())}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, party);
    return Exit::ok;
}

Result<Exit> party_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    store::Directory directory = node.store().snapshot()->directory();
    std::ranges::sort(directory.parties, {}, &store::Party::name);
    Table table({"PARTY", "OWN", "IDENTITIES", "USERS", "CARD"});
    for (const store::Party& party : directory.parties) {
        json::object document = party_json(directory, party);
        std::uint64_t sequence = 0;  // of the newest card; cards begin with 1
        for (const store::Card& card : directory.cards) {
            if (card.party == party.no) sequence = std::max(sequence, card.sequence);
        }
        if (sequence > 0) document["card"] = sequence;
        context.out.document(document);
        const std::string more =
            party.identities.size() > 1 ? fmt::format(" +{}", party.identities.size() - 1) : "";
        table.row(
            {party.name,
             party.own ? "yes" : "no",
             party.identities.empty() ? "" : party.identities.front() + more,
             std::to_string(std::ranges::count(directory.users, party.no, &store::User::party)),
             sequence > 0 ? std::to_string(sequence) : ""}
        );
    }
    context.out.table(table, "no parties");
    return Exit::ok;
}

Result<Exit> party_show(const NameOptions& options, Context& context) {
    if (names_card(options.name)) return party_show_card(options.name, context);
    if (options.common.data.empty()) {
        return fail(
            Errc::not_found,
            fmt::format(
                "there is no file '{}'; for a party of a node name its directory with --data",
                options.name
            )
        );
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    const auto found = find_party(directory, options.name);
    if (!found) {
        return fail(found.error().code, found.error().detail + ", and no file has that name");
    }
    const store::Party& party = *found;
    const exchange::KnownKeys known = exchange::known_keys(directory);
    const agreement::TakenCard* card = known.card_of(party.no);
    if (card == nullptr) {
        show(context, directory, party);
        return Exit::ok;
    }
    json::object document = party_json(directory, party);
    document["card"] = card_json(card->card);
    document["card_taken"] = format_taxii(card->at);
    context.out.document(document);
    context.out.field("party", party.name);
    context.out.field("own", party.own ? "yes" : "no");
    show_card(card->card, context);
    context.out.field("taken", format_taxii(card->at));
    for (const ledger::KeyFacts::Revoked& revoked : known.facts.revoked) {
        if (std::ranges::find(card->card.card.identity_keys, revoked.key) ==
            card->card.card.identity_keys.end()) {
            continue;
        }
        context.out.field("ended", revoked.key.name + " at " + format_taxii(revoked.since));
    }
    return Exit::ok;
}

Result<Exit> party_remove(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    std::string secret;  // names the file of what its node is shown
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const store::Party party, find_party(directory, options.name));
        const auto refuse = [&](std::string_view why) {
            return fail(
                Errc::conflict, fmt::format("the party '{}' cannot go: {}", party.name, why)
            );
        };
        if (party.own) return refuse("this node is its own");
        if (const auto users = std::ranges::count(directory.users, party.no, &store::User::party)) {
            return refuse(fmt::format(
                "it has {} users; remove them first with: entente user remove NAME", users
            ));
        }
        if (const auto grants =
                std::ranges::count(directory.grants, party.no, &store::Grant::party)) {
            return refuse(fmt::format(
                "it has {} grants; remove them first with: entente grant remove COLLECTION "
                "--party '{}'",
                grants,
                party.name
            ));
        }
        if (has_entries(tx, party.no)) {
            return refuse("objects that it published are here, and they keep their source");
        }
        const auto peer = std::ranges::find(directory.peers, party.no, &store::Peer::party);
        if (peer != directory.peers.end()) secret = peer->secret;
        // With it go its cards, and with these what they say of keys.
        exchange::change_rights(tx, context.clock, exchange::all_collections(tx), [&] {
            tx.erase(party.no);
        });
        record(
            tx,
            context.clock,
            "party removed",
            {{"party", party.name}, {"no", agreement::raw(party.no)}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    forget_credentials(node, secret);
    context.out.document({{"removed", options.name}});
    context.out.line(fmt::format("party '{}' removed", options.name));
    return Exit::ok;
}

}  // namespace entente::cli
