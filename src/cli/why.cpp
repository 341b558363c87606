#include "cli/why.h"

#include "base/escape.h"
#include "cli/node_dir.h"
#include "exchange/explain.h"
#include "exchange/state_cache.h"
#include "exchange/withheld.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;
using exchange::Access;
using exchange::ExplainedEntry;
using exchange::Path;

constexpr std::size_t shown_max = 100;

json::array list(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

std::string names(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string marking_names(const std::vector<std::string>& ids) {
    std::vector<std::string> found;
    for (const std::string& id : ids)
        found.push_back(marking_name(id));
    return names(found);
}

std::string_view access_name(Access access) {
    switch (access) {
        case Access::withheld:
            return "withheld";
        case Access::later:
            return "later";
        case Access::now:
            return "now";
    }
    return "withheld";
}

/// "in force", "suspended by south", "proposed, not signed by south".
std::string stage_of(const Path& path) {
    std::string text{agreement::stage_text(path.stage)};
    if (!path.suspended_by.empty()) text += " by " + names(path.suspended_by);
    if (path.version == 0 && !path.missing.empty())
        text += ", not signed by " + names(path.missing);
    return text;
}

std::string flow_of(const agreement::Decision& decision) {
    const auto slash = decision.way.rfind('/');
    return slash == std::string::npos ? decision.way : decision.way.substr(slash + 1);
}

std::string path_text(const Path& path) {
    if (path.agreement.empty()) return "grant: " + reason_of(path.decision);
    const std::string head = fmt::format("{} ({})", path.title, stage_of(path));
    switch (path.what) {
        case Path::What::asked:
            return path.decision.way.empty() ? fmt::format("{}: {}", head, reason_of(path.decision))
                                             : fmt::format(
                                                   "{}, flow {}: {}",
                                                   head,
                                                   flow_of(path.decision),
                                                   reason_of(path.decision)
                                               );
        case Path::What::not_in_force:
            return head + ": gives nothing now";
        case Path::What::not_bound:
            return head + ": does not give from this collection";
        case Path::What::gives_nothing:
            return head + ": no flow from this collection goes to this reader";
    }
    return head;
}

std::string_view what_name(Path::What what) {
    switch (what) {
        case Path::What::asked:
            return "asked";
        case Path::What::not_in_force:
            return "not_in_force";
        case Path::What::not_bound:
            return "not_bound";
        case Path::What::gives_nothing:
            return "gives_nothing";
    }
    return "asked";
}

json::object path_json(const Path& path) {
    json::object o{{"answer", what_name(path.what)}};
    if (!path.agreement.empty()) {
        o["agreement"] = path.agreement;
        o["title"] = path.title;
        o["version"] = path.version;
        o["stage"] = agreement::stage_text(path.stage);
        if (!path.missing.empty()) o["missing"] = list(path.missing);
        if (!path.suspended_by.empty()) o["suspended_by"] = list(path.suspended_by);
    }
    if (path.what == Path::What::asked) add_decision(o, path.decision);
    return o;
}

json::object arrival_json(const exchange::Arrival& arrival) {
    return {
        {"agreement", arrival.agreement},
        {"title", arrival.title},
        {"stage", agreement::stage_text(arrival.stage)},
        {"onward",
         json::object{
             {"allowed", arrival.onward.allowed},
             {"max_marking", stix::tlp_name(arrival.onward.max_marking)},
             {"to", list(arrival.onward.to)},
             {"attribution", arrival.onward.attribution},
             {"min_delay_hours", arrival.onward.min_delay_hours}}}};
}

std::string arrival_text(const exchange::Arrival& arrival) {
    const std::string head = fmt::format(
        "came under {} ({})",
        arrival.title.empty() ? arrival.agreement : arrival.title,
        agreement::stage_text(arrival.stage)
    );
    const agreement::Onward& onward = arrival.onward;
    if (!onward.allowed) return head + ", which lets nothing go on";
    return fmt::format(
        "{}, which lets it go on to {} up to {}{}{}",
        head,
        names(onward.to),
        stix::tlp_name(onward.max_marking),
        onward.min_delay_hours > 0 ? fmt::format(", {} hours later", onward.min_delay_hours) : "",
        onward.attribution == "must-not" ? ", without its author" : ""
    );
}

json::object entry_json(const ExplainedEntry& entry) {
    json::object o{
        {"id", entry.id},
        {"version", entry.version},
        {"derived", entry.derived},
        {"access", access_name(entry.reach.access)},
        {"published_by", entry.source},
        {"stored", format_taxii(entry.reach.stored)},
        {"markings", list(entry.markings)},
        {"granular_markings", list(entry.granular)},
        {"hidden_markings", list(entry.hidden)},
        {"personal_data", list(entry.personal)},
        {"stripped", list(entry.stripped)}};
    if (!entry.held_for.empty()) o["held_for"] = entry.held_for;
    if (entry.reach.from) o["from"] = format_taxii(*entry.reach.from);
    if (entry.reach.before_delay) o["before_delay"] = true;
    add_decision(o, entry.decision);
    json::array paths;
    for (const Path& path : entry.paths)
        paths.push_back(path_json(path));
    o["paths"] = std::move(paths);
    json::array arrivals;
    for (const exchange::Arrival& arrival : entry.arrivals)
        arrivals.push_back(arrival_json(arrival));
    if (!arrivals.empty()) o["arrivals"] = std::move(arrivals);
    return o;
}

void print_entry(Output& out, const exchange::State& state, const ExplainedEntry& entry) {
    std::string head = entry.derived ? fmt::format("copy {} of version {}", entry.id, entry.version)
                                     : fmt::format("version {}", entry.version);
    head += fmt::format(", published by {}", entry.source);
    if (!entry.held_for.empty()) head += fmt::format(", held in quarantine for {}", entry.held_for);
    out.line(head);
    const auto tell = [&](std::string_view what, const std::string& text) {
        if (!text.empty()) out.line(fmt::format("    {}: {}", what, text));
    };
    tell("marked", entry.markings.empty() ? "not at all" : marking_names(entry.markings));
    tell("parts marked", marking_names(entry.granular));
    tell("personal data in it", names(entry.personal));
    tell("without parts marked", marking_names(entry.hidden));
    tell("without personal data", names(entry.stripped));
    const std::string clause = exchange::clause_text(state, entry.decision);
    std::string decided;
    if (entry.decision.releases()) {
        decided = entry.reach.access == Access::now ? "released" : "not yet released";
        decided += ", by " + clause;
        if (entry.reach.from) {
            decided += entry.reach.before_delay
                           ? fmt::format(
                                 ", before there was a delay of {} hours: it stays",
                                 entry.decision.delay_hours
                             )
                           : fmt::format(
                                 ", {} hours after it came: {} {}",
                                 entry.decision.delay_hours,
                                 entry.reach.access == Access::now ? "since" : "from",
                                 format_taxii(*entry.reach.from)
                             );
        }
    } else {
        decided = "withheld: " + reason_of(entry.decision);
        if (!clause.empty()) decided += ", by " + clause;
    }
    out.line("  " + decided);
    for (const Path& path : entry.paths)
        out.line("    " + path_text(path));
    for (const exchange::Arrival& arrival : entry.arrivals)
        out.line("    " + arrival_text(arrival));
}

/// Why the reader gets nothing whatever the object is; empty if that is not so.
std::string no_rights_text(const store::User& user) {
    if (user.disabled) return fmt::format("{} is disabled.", user.name);
    if (user.role == store::Role::auditor)
        return fmt::format("{} is an auditor, who reads no objects.", user.name);
    if (user.role == store::Role::sensor)
        return fmt::format("{} is a sensor, which posts events and reads nothing.", user.name);
    return {};
}

struct Asked {
    const ExplainOptions& options;
    Reader reader;
    Micros at;
};

Exit explain_one(
    store::Snapshot& snapshot,
    const exchange::State& state,
    const Asked& asked,
    const std::vector<store::Collection>& collections,
    Output& out
) {
    const store::Directory& directory = state.directory;
    json::array found;
    out.line(fmt::format(
        "{} for {}{}",
        asked.options.object,
        asked.reader.name(),
        asked.options.at.empty()
            ? std::string()
            : fmt::format(
                  ", agreements as of {}, grants and collections as they are now",
                  format_taxii(asked.at)
              )
    ));
    if (const std::string none = no_rights_text(asked.reader.user); !none.empty()) out.line(none);
    for (const store::Collection& collection : collections) {
        const auto entries = exchange::explain_object(
            snapshot,
            state,
            {.user = asked.reader.user,
             .collection = collection,
             .object = asked.options.object,
             .at = asked.at,
             .as_served = asked.options.at.empty()}
        );
        out.line(fmt::format("in {}:", label_of(directory, collection)));
        json::array rows;
        for (const ExplainedEntry& entry : entries) {
            rows.push_back(entry_json(entry));
            print_entry(out, state, entry);
        }
        found.push_back(json::object{
            {"collection", collection.id},
            {"title", collection.title},
            {"entries", std::move(rows)}});
    }
    out.document(
        {{"object", asked.options.object},
         {"for", asked.reader.any ? asked.reader.party : asked.reader.user.name},
         {"party", asked.reader.party},
         {"at", format_taxii(asked.at)},
         {"collections", std::move(found)}}
    );
    return Exit::ok;
}

json::array ways_json(const exchange::ReleaseReport& found) {
    json::array ways;
    for (const exchange::ReleasedGroup& way : found.ways) {
        json::object o{{"clause", way.way}, {"count", way.count}, {"later", way.later}};
        if (!way.agreement.empty()) o["agreement"] = way.agreement;
        ways.push_back(std::move(o));
    }
    return ways;
}

Exit explain_all(
    store::Snapshot& snapshot,
    const exchange::State& state,
    const Asked& asked,
    const store::Collection& collection,
    Output& out
) {
    const exchange::ReleaseReport found = exchange::report_release(
        snapshot,
        state,
        asked.reader.user,
        collection,
        {.at = asked.at, .is_now = asked.options.at.empty()}
    );
    const auto clause = [&](const std::string& way, const std::string& by) {
        return exchange::clause_text(state, {.marking = {}, .way = way, .agreement = by});
    };
    json::array groups;
    Table table({"WITHHELD", "REDACTED", "TYPE", "REASON", "MARKING", "BY", "FOR EXAMPLE"});
    std::uint64_t withheld = 0;
    for (const exchange::WithheldGroup& group : found.withheld) {
        withheld += group.count;
        groups.push_back(json::object{
            {"count", group.count},
            {"derived", group.derived},
            {"type", group.type},
            {"reason", agreement::reason_text(group.reason)},
            {"marking", group.marking},
            {"clause", group.way},
            {"examples", list(group.examples)}});
        table.row(
            {grouped(group.count - group.derived),
             grouped(group.derived),
             group.type,
             std::string(agreement::reason_text(group.reason)),
             marking_name(group.marking),
             clause(group.way, group.agreement),
             group.examples.empty() ? "" : group.examples.front()}
        );
    }
    out.document(
        {{"collection", collection.id},
         {"for", asked.reader.any ? asked.reader.party : asked.reader.user.name},
         {"at", format_taxii(asked.at)},
         {"released", found.released},
         {"derived", found.derived},
         {"later", found.later},
         {"withheld", withheld},
         {"ways", ways_json(found)},
         {"groups", std::move(groups)}}
    );
    out.line(fmt::format(
        "{} gets {} of {} entries of '{}'{}{}.",
        asked.reader.name(),
        grouped(found.released - found.derived),
        grouped(found.released - found.derived + withheld),
        collection.title,
        found.derived > 0 ? fmt::format(" as they are, and {} redacted", grouped(found.derived))
                          : std::string(),
        found.later > 0
            ? fmt::format("; {} of these only when a delay is over", grouped(found.later))
            : std::string()
    ));
    if (const std::string none = no_rights_text(asked.reader.user); !none.empty()) out.line(none);
    for (const exchange::ReleasedGroup& way : found.ways)
        out.line(fmt::format("{:>8}  by {}", grouped(way.count), clause(way.way, way.agreement)));
    if (withheld > 0) out.table(table, "");
    return Exit::ok;
}

}  // namespace

std::string Reader::name() const {
    return any ? fmt::format("any user of {}", party) : user.name;
}

Result<Micros> parse_moment(std::string_view name, std::string_view text) {
    const bool date_only = text.size() == 10;
    const auto time =
        parse_client_time(date_only ? std::string(text) + "T00:00:00Z" : std::string(text));
    if (time) return *time;
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "{} '{}' is no moment; use a date such as 2026-11-23 or a time such as "
            "2026-11-23T18:00:00Z",
            name,
            printable(text, shown_max)
        )
    );
}

Result<Reader> find_reader(const exchange::State& state, std::string_view name) {
    Reader reader;
    if (const store::User* user = state.user(name)) {
        reader.user = *user;
    } else if (const store::Party* party = state.party(name)) {
        reader.user = exchange::anyone_of(*party);
        reader.any = true;
    } else {
        return fail(
            Errc::not_found,
            fmt::format(
                "no user or party '{}'; `entente user list` and `entente party list` show what "
                "there is",
                printable(name, shown_max)
            )
        );
    }
    const store::Party* party = state.party(reader.user.party);
    reader.party = party == nullptr ? "?" : party->name;
    return reader;
}

Result<std::vector<store::Collection>> collections_of(
    store::Snapshot& snapshot,
    const exchange::State& state,
    const std::string& collection,
    const std::string& object
) {
    std::vector<store::Collection> found;
    if (!collection.empty()) {
        ENTENTE_TRY(store::Collection one, find_collection(state.directory, collection));
        if (!snapshot.versions(one.no, object).empty()) found.push_back(std::move(one));
    } else {
        for (const store::CollectionNo no : exchange::collections_with(snapshot, state, object))
            found.push_back(*state.collection(no));
    }
    if (!found.empty()) return found;
    return fail(
        Errc::not_found,
        fmt::format(
            "no object '{}' in {}; an id such as "
            "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f names one",
            printable(object, shown_max),
            collection.empty() ? "any collection"
                               : fmt::format("collection '{}'", printable(collection, shown_max))
        )
    );
}

std::string marking_name(std::string_view id) {
    const auto level = stix::tlp_of_marking(id);
    return std::string(level ? stix::tlp_name(*level) : id);
}

std::string reason_of(const agreement::Decision& decision) {
    std::string text{agreement::reason_text(decision.reason)};
    if (!decision.marking.empty()) text += fmt::format(" ({})", marking_name(decision.marking));
    return text;
}

void add_decision(json::object& to, const agreement::Decision& decision) {
    to["decision"] = decision.releases() ? "released" : "withheld";
    to["reason"] = agreement::reason_text(decision.reason);
    to["clause"] = decision.way;
    if (!decision.marking.empty()) to["marking"] = decision.marking;
    if (decision.releases()) to["delay_hours"] = decision.delay_hours;
}

Result<Exit> explain(const ExplainOptions& options, Context& context) {
    std::optional<Micros> at;
    if (!options.at.empty()) {
        ENTENTE_TRY(at, parse_moment("--at", options.at));
    }
    if (options.object.empty() && options.collection.empty()) {
        return fail(
            Errc::invalid_argument, "name an object, or a collection with --collection, or both"
        );
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const exchange::State stored = exchange::load_state(*snapshot);
    const Micros moment =
        at.value_or(std::max(context.clock.now(), stored.directory.agreements_at));
    const exchange::State state = exchange::as_of(stored, moment);
    ENTENTE_TRY(Reader reader, find_reader(state, options.for_user));
    const Asked asked{.options = options, .reader = std::move(reader), .at = moment};
    if (options.object.empty()) {
        ENTENTE_TRY(
            const store::Collection collection, find_collection(state.directory, options.collection)
        );
        return explain_all(*snapshot, state, asked, collection, context.out);
    }
    ENTENTE_TRY(
        const auto collections, collections_of(*snapshot, state, options.collection, options.object)
    );
    return explain_one(*snapshot, state, asked, collections, context.out);
}

Result<Exit> audience(const AudienceOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const exchange::State stored = exchange::load_state(*snapshot);
    const Micros now = std::max(context.clock.now(), stored.directory.agreements_at);
    const exchange::State state = exchange::as_of(stored, now);
    ENTENTE_TRY(
        const auto collections, collections_of(*snapshot, state, options.collection, options.object)
    );
    json::array found;
    Table table({"COLLECTION", "VERSION", "PARTY", "USER", "GETS", "WHEN", "BY"});
    std::size_t members = 0;
    for (const store::Collection& collection : collections) {
        json::array versions;
        for (const exchange::Audience& entry :
             exchange::audience_of(*snapshot, state, collection, options.object, now)) {
            json::array rows;
            for (const exchange::Member& member : entry.members) {
                ++members;
                const bool later = member.reach.access == Access::later;
                json::object row{
                    {"party", member.party},
                    {"user", member.name},
                    {"access", access_name(member.reach.access)},
                    {"clause", member.decision.way}};
                if (member.reach.from) row["from"] = format_taxii(*member.reach.from);
                rows.push_back(std::move(row));
                table.row(
                    {label_of(state.directory, collection),
                     entry.version,
                     member.party,
                     member.name,
                     entry.derived ? "redacted" : "as it is",
                     later ? "from " + format_taxii(*member.reach.from) : "now",
                     exchange::clause_text(state, member.decision)}
                );
            }
            versions.push_back(json::object{
                {"id", entry.id},
                {"version", entry.version},
                {"derived", entry.derived},
                {"readers", std::move(rows)}});
        }
        found.push_back(json::object{
            {"collection", collection.id},
            {"title", collection.title},
            {"entries", std::move(versions)}});
    }
    context.out.document(
        {{"object", options.object}, {"at", format_taxii(now)}, {"collections", std::move(found)}}
    );
    context.out.table(table, "nobody gets it");
    return members > 0 ? Exit::ok : Exit::findings;
}

}  // namespace entente::cli
