#include "base/escape.h"
#include "cli/change.h"
#include "cli/find.h"
#include "cli/incident.h"
#include "cli/node_dir.h"
#include "cli/progress.h"
#include "cli/words.h"
#include "exchange/stops.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
using exchange::Stop;
using exchange::Stops;

constexpr std::string_view everyone = "all";

/// Whoever types it, if nobody else is named: behind sudo, the one who called it.
std::string login_name() {
    if (const char* behind = std::getenv("SUDO_USER"); behind != nullptr && *behind != '\0')
        return behind;
    const passwd* entry = ::getpwuid(::getuid());
    return entry != nullptr ? entry->pw_name : fmt::format("uid {}", ::getuid());
}

/// What a stop is about. Neither user nor party: everyone.
struct Who {
    std::optional<store::User> user;
    std::optional<store::Party> party;

    [[nodiscard]] std::string name() const {
        if (user) return user->name;
        return party ? party->name : std::string(everyone);
    }

    [[nodiscard]] std::string_view kind() const {
        if (user) return "user";
        return party ? "party" : everyone;
    }

    [[nodiscard]] bool includes(const store::User& one) const {
        if (user) return one.no == user->no;
        return !party || one.party == party->no;
    }
};

/// A user's name goes before a party's, as with `explain`; `all` is everyone.
Result<Who> find_who(const store::Directory& directory, const std::string& name) {
    Who who;
    if (name == everyone) return who;
    if (auto user = find_user(directory, name)) {
        who.user = std::move(*user);
        return who;
    }
    if (auto party = find_party(directory, name)) {
        who.party = std::move(*party);
        return who;
    }
    return fail(
        Errc::not_found,
        fmt::format(
            "no user or party '{}'; `entente user list` and `entente party list` show what there "
            "is, and `all` is everyone",
            printable(name, 100)
        )
    );
}

/// The stop of just that: not one that a party's user has by its party.
std::optional<Stop> stop_of(const Stops& stops, const Who& who) {
    if (who.user) {
        const auto at = stops.users.find(who.user->no);
        return at == stops.users.end() ? std::nullopt : std::optional(at->second);
    }
    if (who.party) {
        const auto at = stops.parties.find(who.party->no);
        return at == stops.parties.end() ? std::nullopt : std::optional(at->second);
    }
    return stops.all;
}

void set_stop(Stops& stops, const Who& who, const Stop& stop) {
    if (who.user) {
        stops.users[who.user->no] = stop;
    } else if (who.party) {
        stops.parties[who.party->no] = stop;
    } else {
        stops.all = stop;
    }
}

void take_stop(Stops& stops, const Who& who) {
    if (who.user) {
        stops.users.erase(who.user->no);
    } else if (who.party) {
        stops.parties.erase(who.party->no);
    } else {
        stops.all.reset();
    }
}

/// Numbers are not given twice, so stops of users and parties that are gone mean nothing.
void forget_gone(Stops& stops, const store::Directory& directory) {
    std::erase_if(stops.users, [&](const auto& row) {
        return std::ranges::find(directory.users, row.first, &store::User::no) ==
               directory.users.end();
    });
    std::erase_if(stops.parties, [&](const auto& row) {
        return std::ranges::find(directory.parties, row.first, &store::Party::no) ==
               directory.parties.end();
    });
}

std::string by_text(const Stop& stop) {
    return fmt::format(
        "by {} at {}{}",
        stop.person,
        format_taxii(stop.at),
        stop.reason.empty() ? "" : ": " + stop.reason
    );
}

json::object stop_json(const Who& who, const Stop& stop) {
    return {
        {"name", who.name()},
        {"kind", who.kind()},
        {"at", format_taxii(stop.at)},
        {"person", stop.person},
        {"reason", stop.reason}};
}

Exit list_stops(const NodeDir& node, Output& out) {
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    const Stops stops = exchange::stops_of(*snapshot);
    Table table({"STOPPED", "KIND", "SINCE", "BY", "REASON"});
    const auto row = [&](const Who& who, const Stop& stop) {
        out.document(stop_json(who, stop));
        table.row(
            {who.name(), std::string(who.kind()), format_taxii(stop.at), stop.person, stop.reason}
        );
    };
    if (stops.all) row({}, *stops.all);
    for (const store::Party& party : directory.parties) {
        const auto at = stops.parties.find(party.no);
        if (at != stops.parties.end()) row({.user = {}, .party = party}, at->second);
    }
    for (const store::User& user : directory.users) {
        const auto at = stops.users.find(user.no);
        if (at != stops.users.end()) row({.user = user, .party = {}}, at->second);
    }
    const bool none = table.empty();
    out.table(table, "nobody is stopped");
    return none ? Exit::findings : Exit::ok;
}

}  // namespace

Result<std::string> deciding_person(const std::string& given) {
    std::string person = given.empty() ? login_name() : given;
    ENTENTE_CHECK(check_name("--person", person));
    return person;
}

Result<Exit> stop_logins(const StopOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    if (options.who.empty()) return list_stops(node, context.out);
    if (!options.reason.empty()) ENTENTE_CHECK(check_text("--reason", options.reason));
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    const Stop stop{.at = context.clock.now(), .person = person, .reason = options.reason};
    Who who;
    std::int64_t users = 0;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(who, find_who(directory, options.who));
        Stops stops = exchange::stops_of(tx);
        if (const auto before = stop_of(stops, who)) {
            return fail(
                Errc::conflict,
                fmt::format("'{}' is stopped already, {}", who.name(), by_text(*before))
            );
        }
        forget_gone(stops, directory);
        set_stop(stops, who, stop);
        ENTENTE_CHECK(exchange::put_stops(tx, stops));
        users = std::ranges::count_if(directory.users, [&](const store::User& user) {
            return who.includes(user);
        });
        record(
            tx,
            context.clock,
            "stopped",
            {{"name", who.name()},
             {"kind", who.kind()},
             {"person", stop.person},
             {"reason", stop.reason}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    json::object told = stop_json(who, stop);
    told["users"] = users;
    context.out.document(told);
    context.out.line(fmt::format(
        "stopped: {}; {} let in no more, and what is being sent to {} ends now",
        who.name() == everyone ? "everyone" : who.name(),
        users == 1 ? "1 user is"
                   : fmt::format("{} users are", grouped(static_cast<std::uint64_t>(users))),
        users == 1 ? "it" : "them"
    ));
    context.out.line(fmt::format("it lasts until: entente start '{}'", who.name()));
    return Exit::ok;
}

Result<Exit> start_logins(const StopOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    if (!options.reason.empty()) ENTENTE_CHECK(check_text("--reason", options.reason));
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    Who who;
    Stop was;
    const Stop* still = nullptr;
    Stops stops;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(who, find_who(directory, options.who));
        stops = exchange::stops_of(tx);
        const auto before = stop_of(stops, who);
        if (!before) {
            const Stop* by = who.user ? stops.of(*who.user) : nullptr;
            if (who.party) by = stops.of(who.party->no);
            return fail(
                Errc::conflict,
                by == nullptr ? fmt::format("'{}' is not stopped", who.name())
                              : fmt::format(
                                    "'{}' is not stopped by itself but with its party or with "
                                    "everyone, {}; `entente stop` lists what is stopped",
                                    who.name(),
                                    by_text(*by)
                                )
            );
        }
        was = *before;
        forget_gone(stops, directory);
        take_stop(stops, who);
        ENTENTE_CHECK(exchange::put_stops(tx, stops));
        if (who.user) still = stops.of(*who.user);
        if (who.party) still = stops.of(who.party->no);
        record(
            tx,
            context.clock,
            "started",
            {{"name", who.name()},
             {"kind", who.kind()},
             {"person", person},
             {"reason", options.reason}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document(
        {{"name", who.name()},
         {"kind", who.kind()},
         {"person", person},
         {"stopped_at", format_taxii(was.at)},
         {"still_stopped", still != nullptr}}
    );
    context.out.line(fmt::format(
        "started: {}; logins, tokens and grants count again as they are",
        who.name() == everyone ? "everyone" : who.name()
    ));
    if (still != nullptr) {
        context.out.line(
            "still stopped with its party or with everyone: `entente stop` lists what is stopped"
        );
    }
    if (who.name() == everyone && !stops.empty())
        context.out.line("users and parties that were stopped one by one stay so");
    return Exit::ok;
}

}  // namespace entente::cli
