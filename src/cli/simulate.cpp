#include "cli/simulate.h"

#include "agreement/document.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/agreement_subject.h"
#include "cli/decode.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/why.h"
#include "exchange/explain.h"
#include "exchange/simulate.h"
#include "exchange/state_cache.h"
#include "stix/envelope.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Document;
using exchange::SimulatedReader;
using exchange::Simulation;

json::array list(const std::vector<std::string>& texts) {
    return json::array(texts.begin(), texts.end());
}

Result<void> read_files(const std::vector<std::string>& files, exchange::TrialCollection& trial) {
    for (const std::string& file : files) {
        stix::Cutter cutter([&](std::string_view object, std::size_t) { return trial.add(object); }
        );
        ENTENTE_CHECK(decode_file(file, [&](std::string_view bytes) { return cutter.feed(bytes); })
        );
        if (stop_requested()) return {};
        if (const auto end = cutter.finish(); !end) {
            return fail(
                end.error().code, fmt::format("{}: {}", printable(file), end.error().detail)
            );
        }
    }
    return trial.publish();
}

json::object difference_json(const exchange::Difference& d) {
    return {{"count", d.count}, {"derived", d.derived}, {"examples", list(d.examples)}};
}

json::object reader_json(const SimulatedReader& reader) {
    json::array crossing;
    for (const exchange::CrossingGroup& group : reader.crossing) {
        crossing.push_back(json::object{
            {"type", group.type},
            {"markings", list(group.markings)},
            {"clause", group.flow},
            {"delay_hours", group.delay_hours},
            {"count", group.count},
            {"derived", group.derived},
            {"examples", list(group.examples)}});
    }
    json::array withheld;
    for (const exchange::WithheldGroup& group : reader.withheld) {
        withheld.push_back(json::object{
            {"type", group.type},
            {"reason", agreement::reason_text(group.reason)},
            {"marking", group.marking},
            {"clause", group.way},
            {"count", group.count},
            {"derived", group.derived},
            {"examples", list(group.examples)}});
    }
    return {
        {"pid", reader.pid},
        {"party", reader.party},
        {"user", reader.user},
        {"released", reader.released},
        {"derived", reader.derived},
        {"crossing", std::move(crossing)},
        {"withheld", std::move(withheld)},
        {"newly_visible", difference_json(reader.appears)},
        {"no_longer_visible", difference_json(reader.disappears)}};
}

std::string first_of(const std::vector<std::string>& examples) {
    return examples.empty() ? std::string() : examples.front();
}

void print_reader(Output& out, const SimulatedReader& reader) {
    std::string who = reader.pid;
    if (!reader.user.empty()) {
        who += fmt::format(" ({} of {})", reader.user, reader.party);
    } else {
        who += reader.party.empty() ? " (no party here yet)"
                                    : fmt::format(" (any user of {})", reader.party);
    }
    std::uint64_t all = reader.released - reader.derived;
    for (const exchange::WithheldGroup& group : reader.withheld)
        all += group.count;
    out.line(fmt::format(
        "{} would get {} of {} entries as they are, and {} redacted.",
        who,
        grouped(reader.released - reader.derived),
        grouped(all),
        grouped(reader.derived)
    ));
    const auto tell = [&](std::string_view what, const exchange::Difference& d) {
        if (d.count == 0) return;
        out.line(fmt::format("  {}: {}, for example {}", what, grouped(d.count), d.examples.front())
        );
    };
    tell("newly visible", reader.appears);
    tell("no longer visible", reader.disappears);
    Table crossing({"CROSSING", "REDACTED", "TYPE", "MARKING", "FLOW", "DELAY", "FOR EXAMPLE"});
    for (const exchange::CrossingGroup& group : reader.crossing) {
        std::vector<std::string> markings;
        for (const std::string& id : group.markings)
            markings.push_back(marking_name(id));
        crossing.row(
            {grouped(group.count - group.derived),
             grouped(group.derived),
             group.type,
             fmt::format("{}", fmt::join(markings, " ")),
             group.flow,
             group.delay_hours == 0 ? "" : fmt::format("{} h", group.delay_hours),
             first_of(group.examples)}
        );
    }
    if (!crossing.empty()) out.table(crossing, "");
    Table withheld({"WITHHELD", "REDACTED", "TYPE", "REASON", "MARKING", "BY", "FOR EXAMPLE"});
    for (const exchange::WithheldGroup& group : reader.withheld) {
        withheld.row(
            {grouped(group.count - group.derived),
             grouped(group.derived),
             group.type,
             std::string(agreement::reason_text(group.reason)),
             marking_name(group.marking),
             group.way.substr(group.way.rfind('/') + 1),
             first_of(group.examples)}
        );
    }
    if (!withheld.empty()) out.table(withheld, "");
}

/// What was looked at, for the answer.
struct Looked {
    std::vector<std::string> collections;  // labels
    std::uint64_t accepted = 0;            // of files
    std::uint64_t refused = 0;
    std::vector<exchange::TrialCollection::Refused> refusals;
};

Result<Looked> look(
    Simulation& simulation,
    const SimulateOptions& options,
    const exchange::State& state,
    store::Snapshot& snapshot,
    Context& context
) {
    Looked looked;
    std::vector<store::Collection> collections;
    if (!options.collection.empty()) {
        ENTENTE_TRY(store::Collection one, find_collection(state.directory, options.collection));
        collections.push_back(std::move(one));
    } else {
        for (const store::CollectionNo no : simulation.collections())
            collections.push_back(*state.collection(no));
    }
    if (options.against.empty()) {
        for (const store::Collection& c : collections) {
            looked.collections.push_back(label_of(state.directory, c));
            simulation.look_at(snapshot, state, c.no, c);
        }
        return looked;
    }
    // As if the files were published to the first of them.
    const store::Collection like = collections.empty() ? store::Collection{} : collections.front();
    exchange::TrialCollection trial(state, like, context.clock, context.random);
    ENTENTE_CHECK(read_files(options.against, trial));
    trial.show(simulation, like);
    looked.accepted = trial.accepted();
    looked.refused = trial.refused();
    looked.refusals = trial.refusals();
    return looked;
}

void print_looked(Output& out, const SimulateOptions& options, const Looked& looked) {
    if (options.against.empty()) {
        out.line(fmt::format("Against what is stored in {}:", fmt::join(looked.collections, ", ")));
        return;
    }
    out.line(fmt::format(
        "Against {} objects of files{}:",
        grouped(looked.accepted),
        looked.refused > 0
            ? fmt::format(
                  "; {} that no collection would take are left out", grouped(looked.refused)
              )
            : std::string()
    ));
    for (const auto& refusal : looked.refusals)
        out.line(fmt::format("  left out {}: {}", refusal.id, refusal.why));
}

json::object looked_json(const Looked& looked) {
    json::array refusals;
    for (const auto& refusal : looked.refusals)
        refusals.push_back(json::object{{"id", refusal.id}, {"message", refusal.why}});
    return {
        {"collections", list(looked.collections)},
        {"objects", looked.accepted},
        {"left_out", looked.refused},
        {"left_out_because", std::move(refusals)}};
}

}  // namespace

Result<Exit> simulate(const SimulateOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const exchange::State stored = exchange::load_state(*snapshot);
    const exchange::State state =
        exchange::as_of(stored, std::max(context.clock.now(), stored.directory.agreements_at));
    ENTENTE_TRY(const Subject subject, read_subject(options.agreement, options.common, context));
    // What waits to be signed is what somebody asks about.
    const Document& document = subject.to_sign();
    std::optional<store::User> user;
    if (!options.user.empty()) {
        ENTENTE_TRY(user, find_user(state.directory, options.user));
    }
    ENTENTE_TRY(
        Simulation simulation,
        Simulation::make(
            state, document, options.own, {.user = user ? &*user : nullptr, .pid = options.pid}
        )
    );
    ENTENTE_TRY(const Looked looked, look(simulation, options, state, *snapshot, context));
    if (stop_requested()) return Exit::interrupted;
    const Document* before = simulation.before();
    json::object told{
        {"agreement", document.id},
        {"version", document.version},
        {"title", document.title},
        {"strangers", list(simulation.roles().strangers)},
        {"against", looked_json(looked)}};
    if (before != nullptr) told["in_force"] = before->version;
    context.out.line(fmt::format(
        "{}, version {}, as if it were signed by all and in force{}.",
        document.title,
        document.version,
        before != nullptr ? fmt::format("; now version {} is", before->version) : std::string()
    ));
    print_looked(context.out, options, looked);
    json::array readers;
    std::uint64_t crossing = 0;
    for (const SimulatedReader& reader : std::move(simulation).finish()) {
        crossing += reader.released;
        readers.push_back(reader_json(reader));
        print_reader(context.out, reader);
    }
    told["readers"] = std::move(readers);
    context.out.document(told);
    return crossing > 0 ? Exit::ok : Exit::findings;
}

}  // namespace entente::cli
