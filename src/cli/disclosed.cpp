#include "base/escape.h"
#include "cli/find.h"
#include "cli/incident.h"
#include "cli/node_dir.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "cli/why.h"
#include "exchange/given.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::raw;
using exchange::Given;
using exchange::GivenIn;
using exchange::Unnamed;

/// Carries a stop by the user out of a long reading. Never leaves this file.
struct Interrupted {};

/// Says by name what records tell by number, of what is gone too.
class Naming {
  public:
    explicit Naming(store::Store& store)
        : directory_(store.snapshot()->directory()),
          gone_(exchange::removed_names(store)) {}

    [[nodiscard]] const store::Directory& directory() const noexcept { return directory_; }

    [[nodiscard]] const exchange::Names& gone() const noexcept { return gone_; }

    [[nodiscard]] std::string user(store::UserNo no) const {
        const auto at = std::ranges::find(directory_.users, no, &store::User::no);
        return at != directory_.users.end() ? at->name : left(gone_.users, no, "user");
    }

    [[nodiscard]] std::string party(store::PartyNo no) const {
        const auto at = std::ranges::find(directory_.parties, no, &store::Party::no);
        return at != directory_.parties.end() ? at->name : left(gone_.parties, no, "party");
    }

    /// Empty when no token was used.
    [[nodiscard]] std::string token(store::TokenNo no) const {
        if (no == store::TokenNo{}) return {};
        const auto at = std::ranges::find(directory_.tokens, no, &store::Token::no);
        return at != directory_.tokens.end() ? token_id(*at) : left(gone_.tokens, no, "token");
    }

    [[nodiscard]] std::string collection(store::CollectionNo no) const {
        const store::Collection* found = collection_of(directory_, no);
        return found != nullptr ? label_of(directory_, *found)
                                : fmt::format("a removed collection ({})", raw(no));
    }

    [[nodiscard]] std::string collection_id(store::CollectionNo no) const {
        const store::Collection* found = collection_of(directory_, no);
        return found != nullptr ? found->id : std::string();
    }

  private:
    template <class No>
    static std::string left(const std::map<No, std::string>& gone, No no, std::string_view what) {
        const auto at = gone.find(no);
        return at != gone.end() ? fmt::format("{} (removed)", at->second)
                                : fmt::format("a removed {} ({})", what, raw(no));
    }

    const store::Directory directory_;
    const exchange::Names gone_;
};

/// "hunter of South CERT, token 0f3c9a2b77d1".
std::string reader_text(const Naming& names, const GivenIn& in) {
    const std::string token = names.token(in.token);
    if (in.user == store::UserNo{}) return "the server of " + names.party(in.party);
    return fmt::format(
        "{} of {}{}",
        names.user(in.user),
        names.party(in.party),
        token.empty() ? "" : ", token " + token
    );
}

json::object in_json(const Naming& names, const GivenIn& in) {
    const std::string token = names.token(in.token);
    return {
        {"at", format_taxii(in.at)},
        {"what", in.what},
        {"user",
         in.user == store::UserNo{} ? json::value(nullptr) : json::value(names.user(in.user))},
        {"party", names.party(in.party)},
        {"token", token.empty() ? json::value(nullptr) : json::value(token)},
        {"collection", names.collection_id(in.collection)},
        {"record", raw(in.act)}};
}

json::object given_json(const Naming& names, const Given& given) {
    json::object o = in_json(names, given.in);
    o["id"] = given.id;
    o["version"] = given.version;
    o["original"] = given.original.empty() ? json::value(nullptr) : json::value(given.original);
    o["removed"] = given.removed;
    return o;
}

/// What was given of an object, for people.
std::string_view what_text(std::string_view what) {
    if (what == "manifest") return "id and version";
    if (what == "versions") return "version";
    if (what == "feed") return "values of it, in a feed";
    return what == "export" ? "object, as a file" : "object";
}

std::string version_text(const std::string& version) {
    return version.empty() ? std::string() : " " + version;
}

std::string remarks(const Given& given) {
    std::string text;
    if (!given.original.empty()) text += "  redacted copy of " + given.original;
    if (given.removed) text += "  (removed since)";
    return text;
}

std::string_view why_name(Unnamed::Why why) {
    switch (why) {
        case Unnamed::Why::no_list:
            return "no_list";
        case Unnamed::Why::collection:
            return "collection_removed";
        case Unnamed::Why::entry:
            return "entries_removed";
    }
    return "no_list";
}

std::string_view why_text(Unnamed::Why why) {
    switch (why) {
        case Unnamed::Why::no_list:
            return "the record is of an older version, which did not list them";
        case Unnamed::Why::collection:
            return "the collection was removed with them";
        case Unnamed::Why::entry:
            return "they were removed by an older version, which did not keep their names";
    }
    return "";
}

json::object unnamed_json(const Naming& names, const Unnamed& unnamed) {
    json::object o = in_json(names, unnamed.in);
    o["not_named"] = unnamed.count;
    o["why"] = why_name(unnamed.why);
    o["sha256"] = unnamed.sha256;
    return o;
}

/// The user or party that is asked about, also by the name of one that was removed.
Result<void> find_receiver(
    const Naming& names, const std::string& name, exchange::GivenQuery& query
) {
    const store::Directory& directory = names.directory();
    if (const auto user = find_user(directory, name)) {
        query.user = user->no;
        return {};
    }
    if (const auto party = find_party(directory, name)) {
        query.party = party->no;
        return {};
    }
    for (const auto& [no, gone] : names.gone().users) {
        if (gone == name) query.user = no;  // of several the last
    }
    if (query.user) return {};
    for (const auto& [no, gone] : names.gone().parties) {
        if (gone == name) query.party = no;
    }
    if (query.party) return {};
    return fail(
        Errc::not_found,
        fmt::format(
            "no user or party '{}'; `entente user list` and `entente party list` show what there "
            "is",
            printable(name, 100)
        )
    );
}

Result<store::TokenNo> find_token(const Naming& names, const std::string& id) {
    for (const store::Token& token : names.directory().tokens) {
        if (token_id(token) == id) return token.no;
    }
    for (const auto& [no, gone] : names.gone().tokens) {
        if (gone == id) return no;
    }
    return fail(
        Errc::not_found,
        fmt::format("no token '{}'; `entente token list` shows their ids", printable(id, 40))
    );
}

Result<exchange::GivenQuery> query_of(const DisclosedOptions& options, const Naming& names) {
    exchange::GivenQuery query;
    query.each = options.each;
    if (!options.to.empty()) ENTENTE_CHECK(find_receiver(names, options.to, query));
    if (!options.token.empty()) {
        ENTENTE_TRY(query.token, find_token(names, options.token));
    }
    if (!options.since.empty()) {
        ENTENTE_TRY(query.since, parse_moment("--since", options.since));
    }
    return query;
}

}  // namespace

Result<Exit> disclosed(const DisclosedOptions& options, Context& context) {
    if (options.to.empty() && options.token.empty()) {
        return fail(Errc::invalid_argument, "say to whom: --to USER, --to PARTY or --token ID");
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const Naming names(node.store());
    ENTENTE_TRY(const exchange::GivenQuery query, query_of(options, names));
    Output& out = context.out;
    std::string reader;  // of the line before
    const auto heading = [&](const GivenIn& in) {
        if (stop_requested()) throw Interrupted{};
        std::string now = reader_text(names, in);
        if (now != reader) out.line("to " + now);
        reader = std::move(now);
    };
    exchange::GivenTotal total;
    try {
        total = exchange::what_was_given(
            node.store(),
            query,
            [&](const Given& given) {
                heading(given.in);
                out.document(given_json(names, given));
                out.line(fmt::format(
                    "  {}  {}  {}: {}{}{}",
                    format_taxii(given.in.at),
                    names.collection(given.in.collection),
                    what_text(given.in.what),
                    given.id,
                    version_text(given.version),
                    remarks(given)
                ));
            },
            [&](const Unnamed& unnamed) {
                heading(unnamed.in);
                out.document(unnamed_json(names, unnamed));
                out.line(fmt::format(
                    "  {}  {}  {} that cannot be named: {}",
                    format_taxii(unnamed.in.at),
                    names.collection(unnamed.in.collection),
                    counted(unnamed.count, "version"),
                    why_text(unnamed.why)
                ));
            }
        );
    } catch (const Interrupted&) {
        return Exit::interrupted;
    }
    if (total.requests == 0) {
        out.line("nothing was given");
        return Exit::findings;
    }
    out.line(fmt::format(
        "{} in {}{}",
        options.each ? counted(total.named, "version") : counted(total.named, "different version"),
        counted(total.requests, "answer"),
        total.unnamed > 0 ? fmt::format("; {} not named", total.unnamed) : ""
    ));
    return Exit::ok;
}

Result<Exit> who_has_object(const WhoHasOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const exchange::Holders found = exchange::who_has(node.store(), options.object);
    if (!found.known) {
        return fail(
            Errc::not_found,
            fmt::format("no collection has or had {}", printable(options.object, 100))
        );
    }
    const Naming names(node.store());
    Table table({"TO", "OF", "TOKEN", "GIVEN", "VERSION", "COLLECTION", "FIRST", "LAST", "TIMES"});
    std::string copies;
    for (const exchange::Holding& holding : found.holdings) {
        const Given& given = holding.given;
        json::object o = given_json(names, given);
        o["last"] = format_taxii(holding.last);
        o["times"] = holding.times;
        context.out.document(o);
        table.row(
            {given.in.user == store::UserNo{} ? "its server" : names.user(given.in.user),
             names.party(given.in.party),
             names.token(given.in.token),
             fmt::format(
                 "{}{}",
                 what_text(given.in.what),
                 given.original.empty() ? "" : ", redacted: " + given.id
             ),
             given.version,
             names.collection(given.in.collection),
             format_taxii(given.in.at),
             format_taxii(holding.last),
             std::to_string(holding.times)}
        );
    }
    for (const exchange::MayHold& may : found.may) {
        json::object o = unnamed_json(names, may.first);
        o["last"] = format_taxii(may.last);
        o["times"] = may.times;
        context.out.document(o);
    }
    context.out.table(table, "nobody was given it");
    for (const exchange::MayHold& may : found.may) {
        context.out.line(fmt::format(
            "{} may have it: {} of an older version, from {} to {}, list nothing",
            reader_text(names, may.first.in),
            counted(may.times, "record"),
            format_taxii(may.first.in.at),
            format_taxii(may.last)
        ));
    }
    return found.holdings.empty() ? Exit::findings : Exit::ok;
}

}  // namespace entente::cli
