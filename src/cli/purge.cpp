#include "exchange/purge.h"

#include "base/escape.h"
#include "cli/find.h"
#include "cli/incident.h"
#include "cli/keeping.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/why.h"
#include "cli/words.h"
#include "exchange/clock_doubt.h"
#include "exchange/given.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
using exchange::PurgeCount;
using exchange::PurgeQuery;

Result<PurgeQuery> query_of(
    const PurgeOptions& options, store::Snapshot& snapshot, const Context& context
) {
    const store::Directory directory = snapshot.directory();
    PurgeQuery query;
    query.id = options.id;
    if (options.from.starts_with("identity--")) {
        ENTENTE_CHECK(check_identity(options.from));
        query.producer = options.from;
    } else if (!options.from.empty()) {
        if (find_user(directory, options.from)) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "'{}' is a user; objects are known by their party: name the party, or the "
                    "identity--… that made them",
                    printable(options.from, 100)
                )
            );
        }
        ENTENTE_TRY(const store::Party party, find_party(directory, options.from));
        query.source = party.no;
    }
    if (!options.older_than.empty()) {
        if (const auto ago = parse_duration_us(options.older_than)) {
            if (exchange::clock_doubt_of(snapshot)) {
                return fail(
                    Errc::conflict,
                    "the clock is in doubt, so nobody knows how old things are: give a date, or "
                    "first `entente clock accept`"
                );
            }
            query.before = context.clock.now() + -*ago;
        } else {
            ENTENTE_TRY(query.before, parse_moment("--older-than", options.older_than));
        }
    }
    if (!options.collection.empty()) {
        ENTENTE_TRY(const store::Collection c, find_collection(directory, options.collection));
        query.collection = c.no;
    }
    if (query.id.empty() && !query.source && query.producer.empty() && !query.before) {
        return fail(
            Errc::invalid_argument,
            "say what to purge: --id, --from or --older-than (together: what fits all)"
        );
    }
    // A copy goes with what it was made of, and alone it would be made again.
    if (!query.id.empty()) ENTENTE_CHECK(check_no_copy(snapshot, query.id, "purge"));
    return query;
}

std::uint64_t removed_by(const PurgeCount& count) {
    return count.versions + count.quarantined;
}

std::string count_text(const PurgeCount& count) {
    std::string text = fmt::format(
        "{} with {}, {} bytes",
        counted(count.versions, "version"),
        count.copies == 1 ? "1 redacted copy"
                          : fmt::format("{} redacted copies", grouped(count.copies)),
        grouped(count.bytes)
    );
    if (count.quarantined > 0)
        text += fmt::format("; {} in quarantine", grouped(count.quarantined));
    return text;
}

json::object count_json(const PurgeCount& count) {
    json::array holds;
    for (const store::HoldNo no : count.holds)
        holds.emplace_back(agreement::raw(no));
    return {
        {"versions", count.versions},
        {"copies", count.copies},
        {"bytes", count.bytes},
        {"quarantined", count.quarantined},
        {"held", count.held},
        {"holds", std::move(holds)}};
}

void tell_held(const PurgeCount& count, const Context& context) {
    if (count.held == 0) return;
    std::string numbers;
    for (const store::HoldNo no : count.holds)
        numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", agreement::raw(no));
    context.out.line(fmt::format(
        "{} stay: hold {} lies on them (entente hold list)", counted(count.held, "version"), numbers
    ));
}

void tell_readers(
    const std::set<store::UserNo>& readers,
    const NodeDir& node,
    Context& context,
    json::object& told
) {
    const store::Directory directory = node.store().snapshot()->directory();
    json::array names;
    std::string text;
    const exchange::Names gone = exchange::removed_names(node.store());
    for (const store::UserNo no : readers) {
        std::string name = user_name(directory, no);
        if (const auto old = gone.users.find(no); name == "?" && old != gone.users.end())
            name = old->second;
        text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
        names.emplace_back(std::move(name));
    }
    told["given_to"] = std::move(names);
    if (readers.empty()) {
        context.out.line("nobody had been given any of it");
    } else {
        context.out.line(fmt::format(
            "{} had been given some of it, and may have it still: {} (entente who-has ID)",
            counted(readers.size(), "user"),
            text
        ));
    }
}

}  // namespace

Result<Exit> purge(const PurgeOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_TRY(PurgeQuery query, query_of(options, *node.store().snapshot(), context));
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    if (!options.dry_run) {
        if (options.reason.empty())
            return fail(Errc::invalid_argument, "--reason says why; it stands in the record");
        ENTENTE_CHECK(check_text("--reason", options.reason));
    }
    exchange::Purge order({query, person, options.reason, options.allow_again});
    if (options.dry_run) {
        const PurgeCount count = order.look(*node.store().snapshot());
        context.out.document(count_json(count));
        context.out.line("would go: " + count_text(count));
        tell_held(count, context);
        return removed_by(count) == 0 ? Exit::findings : Exit::ok;
    }
    exchange::StateCache states;
    bool interrupted = false;
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "purging"
        );
        for (bool more = true; more && !interrupted;) {
            const auto recent = states.get(*node.store().snapshot());
            node.store().write([&](store::Transaction& tx) {
                const std::uint64_t before = removed_by(order.done());
                more = order.step(tx, context.clock, recent);
                if (removed_by(order.done()) > before) bytes_are_left(tx);
            });
            progress.at(order.done().versions, 0, 0);
            interrupted = stop_requested();
        }
    }
    const PurgeCount& done = order.done();
    const bool nothing = removed_by(done) == 0;
    // What an earlier one could not take out of the files is taken out now.
    const bool left = are_bytes_left(*node.store().snapshot());  // which ends before the log is cut
    const bool gone = !left || forget_bytes(
                                   node.store(),
                                   node.path() + "/" + std::string(database_name),
                                   !options.no_compact,
                                   context
                               );
    json::object told = count_json(done);
    told["gone_from_files"] = gone;
    context.out.line(nothing ? "nothing that fits was there" : "purged: " + count_text(done));
    tell_held(done, context);
    if (!nothing) tell_readers(order.readers(node.store()), node, context, told);
    if (options.allow_again) {
        context.out.line("what was purged of it may be taken in again");
    } else if (!nothing) {
        context.out.line("it is not taken in again (unless: --allow-again)");
    }
    if (!gone) {
        context.note(
            options.no_compact
                ? "bytes may be left in unused parts of the database's files: run it without "
                  "--no-compact"
                : "bytes may be left in the database's files, which are in use: run the same again"
        );
    }
    context.out.document(told);
    if (interrupted) return Exit::interrupted;
    if (!gone && nothing) return options.no_compact ? Exit::findings : Exit::broken;
    if (nothing || done.held > 0) return Exit::findings;
    return gone || options.no_compact ? Exit::ok : Exit::broken;
}

}  // namespace entente::cli
