#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/find.h"
#include "cli/incident.h"
#include "cli/keeping.h"
#include "cli/new_file.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/holds.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace entente::cli {
namespace {

namespace json = boost::json;
using store::Hold;

std::string what_text(const store::Directory& directory, const Hold& hold) {
    std::string text = hold.id.empty() ? "every object" : hold.id;
    if (hold.party != store::PartyNo{}) text += " of " + party_name(directory, hold.party);
    if (const store::Collection* c = collection_of(directory, hold.collection))
        text += " in " + label_of(directory, *c);
    return text;
}

struct Sum {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
};

std::map<store::HoldNo, Sum> sums_of(store::Snapshot& snapshot) {
    std::map<store::HoldNo, Sum> sums;
    exchange::each_kept(snapshot, [&](const store::Kept& kept, const auto& holds) {
        for (const Hold* hold : holds) {
            ++sums[hold->no].entries;
            sums[hold->no].bytes += kept.body.size();
        }
    });
    return sums;
}

json::object hold_json(const store::Directory& directory, const Hold& hold, const Sum& sum) {
    const store::Collection* c = collection_of(directory, hold.collection);
    return {
        {"number", agreement::raw(hold.no)},
        {"object", hold.id},
        {"party", hold.party == store::PartyNo{} ? "" : party_name(directory, hold.party)},
        {"collection", c == nullptr ? "" : c->id},
        {"person", hold.person},
        {"reason", hold.reason},
        {"since", format_taxii(hold.at)},
        {"removed_but_kept", sum.entries},
        {"bytes", sum.bytes}};
}

Result<Hold> hold_of(const store::Directory& directory, const std::string& number) {
    const auto found = std::ranges::find_if(directory.holds, [&](const Hold& hold) {
        return std::to_string(agreement::raw(hold.no)) == number;
    });
    if (found != directory.holds.end()) return *found;
    return fail(
        Errc::not_found,
        fmt::format("there is no hold {}; see: entente hold list", printable(number, 40))
    );
}

Result<Hold> read_hold(
    const HoldOptions& options,
    const store::Directory& directory,
    const std::string& person,
    Micros now
) {
    Hold hold;
    hold.id = options.id;
    hold.person = person;
    hold.reason = options.reason;
    hold.at = now;
    if (!options.party.empty()) {
        ENTENTE_TRY(const store::Party party, find_party(directory, options.party));
        hold.party = party.no;
    }
    if (!options.collection.empty()) {
        ENTENTE_TRY(const store::Collection c, find_collection(directory, options.collection));
        hold.collection = c.no;
    }
    if (directory.holds.size() >= limits::holds_max) {
        return fail(
            Errc::conflict,
            fmt::format("there are {} holds, the most there may be", limits::holds_max)
        );
    }
    for (const Hold& other : directory.holds) {
        if (other.id == hold.id && other.party == hold.party &&
            other.collection == hold.collection) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "hold {} is on it already, by {}",
                    agreement::raw(other.no),
                    printable(other.person)
                )
            );
        }
    }
    return hold;
}

}  // namespace

Result<Exit> hold_add(const HoldOptions& options, Context& context) {
    if (options.id.empty() && options.party.empty() && options.collection.empty()) {
        return fail(
            Errc::invalid_argument,
            "say what to hold: --id, --from or --collection (together: what fits all)"
        );
    }
    if (options.id.size() > limits::id_bytes_max)
        return fail(Errc::invalid_argument, "--id is the id of a STIX object");
    if (!options.id.empty()) ENTENTE_CHECK(check_name("--id", options.id));
    if (options.reason.empty())
        return fail(Errc::invalid_argument, "--reason says why; it stands in the record");
    ENTENTE_CHECK(check_text("--reason", options.reason));
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    Hold hold;
    store::Directory after;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        // A copy is held as what it was made of, and a hold on its own id would hold nothing.
        if (!options.id.empty()) ENTENTE_CHECK(check_no_copy(tx, options.id, "hold"));
        ENTENTE_TRY(hold, read_hold(options, tx.directory(), person, context.clock.now()));
        hold.no = tx.put(hold);
        after = tx.directory();
        record(
            tx,
            context.clock,
            "held",
            {{"hold", agreement::raw(hold.no)},
             {"object", hold.id},
             {"source", agreement::raw(hold.party)},
             {"person", hold.person},
             {"reason", hold.reason}},
            hold.collection
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document(hold_json(after, hold, {}));
    context.out.line(fmt::format(
        "hold {}: {} is not purged, does not age, and is kept when a client deletes it",
        agreement::raw(hold.no),
        what_text(after, hold)
    ));
    return Exit::ok;
}

Result<Exit> hold_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    std::map<store::HoldNo, Sum> sums = sums_of(*snapshot);
    Table table({"NUMBER", "WHAT", "SINCE", "PERSON", "REASON", "REMOVED BUT KEPT"});
    for (const Hold& hold : directory.holds) {
        const Sum& sum = sums[hold.no];
        context.out.document(hold_json(directory, hold, sum));
        table.row(
            {std::to_string(agreement::raw(hold.no)),
             what_text(directory, hold),
             format_taxii(hold.at),
             hold.person,
             hold.reason,
             std::to_string(sum.entries)}
        );
    }
    context.out.table(table, "no holds");
    return directory.holds.empty() ? Exit::findings : Exit::ok;
}

Result<Exit> hold_show(const HoldOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    ENTENTE_TRY(const Hold hold, hold_of(directory, options.number));
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    Table table({"OBJECT", "VERSION", "COLLECTION", "REMOVED", "BYTES"});
    std::string bodies;
    exchange::each_kept(*snapshot, [&](const store::Kept& kept, const auto& holds) {
        if (std::ranges::find(holds, hold.no, &Hold::no) == holds.end()) return;
        const store::Collection* c = collection_of(directory, kept.collection);
        context.out.document(
            {{"id", kept.id},
             {"version", kept.version},
             {"collection", c == nullptr ? "" : c->id},
             {"redacted_copy_of", kept.derived_of},
             {"removed", format_taxii(kept.at)},
             {"bytes", kept.body.size()},
             {"sha256", to_hex(kept.digest)}}
        );
        table.row(
            {kept.id,
             kept.version,
             c == nullptr ? "" : label_of(directory, *c),
             format_taxii(kept.at),
             std::to_string(kept.body.size())}
        );
        if (!options.out.empty()) bodies += kept.body + "\n";
    });
    if (!options.out.empty()) ENTENTE_CHECK(write_new_file(options.out, bodies, Readers::owner));
    context.out.line(fmt::format(
        "hold {} on {}, by {}: {}",
        options.number,
        what_text(directory, hold),
        hold.person,
        hold.reason
    ));
    context.out.table(table, "nothing that it lies on was removed");
    return Exit::ok;
}

Result<Exit> hold_remove(const HoldOptions& options, Context& context) {
    if (options.reason.empty())
        return fail(Errc::invalid_argument, "--reason says why; it stands in the record");
    ENTENTE_CHECK(check_text("--reason", options.reason));
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    std::uint64_t gone = 0;
    store::HoldNo no{};
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(const Hold hold, hold_of(tx.directory(), options.number));
        no = hold.no;
        ENTENTE_TRY(gone, exchange::end_hold(tx, no));
        if (gone > 0) bytes_are_left(tx);
        record(
            tx,
            context.clock,
            "hold ended",
            {{"hold", agreement::raw(no)},
             {"object", hold.id},
             {"source", agreement::raw(hold.party)},
             {"held_by", hold.person},
             {"person", person},
             {"reason", options.reason},
             {"removed", gone}},
            hold.collection
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    const bool clean =
        gone == 0 ||
        forget_bytes(node.store(), node.path() + "/" + std::string(database_name), true, context);
    context.out.document(
        {{"number", agreement::raw(no)}, {"removed", gone}, {"gone_from_files", clean}}
    );
    context.out.line(fmt::format(
        "hold {} ended; {} that clients had removed {} gone for good now",
        options.number,
        counted(gone, "version"),
        gone == 1 ? "is" : "are"
    ));
    if (!clean) {
        context.note(
            "bytes may be left in the database's files, which are in use: run entente purge with "
            "any --id and --reason to take them out"
        );
    }
    return clean ? Exit::ok : Exit::broken;
}

}  // namespace entente::cli
