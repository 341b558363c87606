#include "cli/change.h"
#include "cli/incident.h"
#include "cli/node_dir.h"
#include "exchange/clock_doubt.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {

namespace json = boost::json;

Result<Exit> clock_show(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto snapshot = node.store().snapshot();
    const Micros now = context.clock.now();
    const store::Directory directory = snapshot->directory();
    const Micros newest = exchange::newest_date(*snapshot, directory.collections);
    auto doubt = exchange::clock_doubt_of(*snapshot);
    if (!doubt) {
        if (const auto why = exchange::behind_dates(*snapshot, directory.collections, now))
            doubt = exchange::ClockDoubt{.since = now, .why = *why};
    }
    const bool any = newest > Micros{};
    context.out.document(
        {{"time", format_taxii(now)},
         {"newest_date", any ? json::value(format_taxii(newest)) : json::value(nullptr)},
         {"in_doubt", doubt.has_value()},
         {"since", doubt ? json::value(format_taxii(doubt->since)) : json::value(nullptr)},
         {"why", doubt ? json::value(doubt->why) : json::value(nullptr)}}
    );
    context.out.field("time", format_taxii(now));
    context.out.field("newest date", any ? format_taxii(newest) : "none");
    context.out.field("in doubt", doubt ? doubt->why : "no");
    return doubt ? Exit::findings : Exit::ok;
}

Result<Exit> clock_accept(const ClockOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    const Micros now = context.clock.now();
    exchange::ClockDoubt was;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(was, exchange::accept_clock(tx, now, person));
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"time", format_taxii(now)}, {"person", person}, {"was", was.why}});
    context.out.line(fmt::format("accepted: it is {}", format_taxii(now)));
    context.out.line("in doubt was: " + was.why);
    return Exit::ok;
}

}  // namespace entente::cli
