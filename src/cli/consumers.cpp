#include "exchange/consumers.h"

#include "base/limits.h"
#include "cli/find.h"
#include "cli/incident.h"
#include "cli/node_dir.h"
#include "cli/progress.h"
#include "cli/stop.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace entente::cli {
namespace {

namespace json = boost::json;
using exchange::Consumer;

std::uint64_t withheld_of(const Consumer& one) {
    return std::accumulate(
        one.withheld.begin(),
        one.withheld.end(),
        std::uint64_t{0},
        [](std::uint64_t sum, const auto& reason) { return sum + reason.second; }
    );
}

json::value time_json(const std::optional<Micros>& time) {
    return time ? json::value(format_taxii(*time)) : json::value(nullptr);
}

std::string token_text(const store::Directory& directory, store::TokenNo no) {
    const auto at = std::ranges::find(directory.tokens, no, &store::Token::no);
    return at == directory.tokens.end() ? std::string() : token_id(*at);
}

json::object consumer_json(
    const store::Directory& directory,
    const store::Collection& collection,
    const store::User& user,
    const Consumer& one
) {
    json::object reasons;
    for (const auto& [reason, count] : one.withheld)
        reasons[agreement::reason_text(reason)] = count;
    json::object o{
        {"user", user.name},
        {"party", party_name(directory, user.party)},
        {"collection", collection.id},
        {"last_request", nullptr},
        {"token", nullptr},
        {"requests", 0},
        {"delivered", 0},
        {"up_to", nullptr},
        {"filtered", false},
        {"may_see", one.may_see},
        {"redacted", one.redacted},
        {"lag", one.lag},
        {"lag_at_least", one.note && one.note->position && one.lag >= limits::lag_counted_max},
        {"withheld", withheld_of(one)},
        {"withheld_by_reason", std::move(reasons)}};
    if (one.note) {
        o["last_request"] = format_taxii(one.note->at);
        const std::string token = token_text(directory, one.note->token);
        if (!token.empty()) o["token"] = token;
        o["requests"] = one.note->requests;
        o["delivered"] = one.note->delivered;
        o["up_to"] = time_json(one.note->date);
        o["filtered"] = one.note->filtered;
    }
    return o;
}

std::string lag_text(const Consumer& one) {
    const bool counted_to_the_end =
        !one.note || !one.note->position || one.lag < limits::lag_counted_max;
    const bool filtered = one.note && one.note->filtered;
    return fmt::format(
        "{}{}{}", grouped(one.lag), counted_to_the_end ? "" : " or more", filtered ? " *" : ""
    );
}

std::string reasons_text(const Consumer& one) {
    std::vector<std::pair<std::uint64_t, std::string_view>> most;
    for (const auto& [reason, count] : one.withheld)
        most.emplace_back(count, agreement::reason_text(reason));
    std::ranges::stable_sort(most, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (const auto& [count, reason] : most) {
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {}", grouped(count), reason);
    }
    return text;
}

}  // namespace

Result<Exit> consumers(const ConsumersOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    exchange::StateCache states;
    std::vector<store::Collection> wanted;
    {
        const store::Directory directory = node.store().snapshot()->directory();
        if (options.collection.empty()) {
            wanted = directory.collections;
        } else {
            ENTENTE_TRY(store::Collection one, find_collection(directory, options.collection));
            wanted.push_back(std::move(one));
        }
    }
    Table table(
        {"READER", "OF", "COLLECTION", "LAST REQUEST", "UP TO", "BEHIND", "DELIVERED", "WITHHELD"}
    );
    std::vector<std::string> reasons;
    bool any_filtered = false;
    for (const store::Collection& collection : wanted) {
        if (stop_requested()) return Exit::interrupted;
        const auto snapshot = node.store().snapshot();  // a new one: a long count holds back no log
        const auto state = states.get(*snapshot);
        if (state->collection(collection.no) == nullptr) continue;
        const store::Directory& directory = state->directory;
        for (const Consumer& one : exchange::consumers_of(*snapshot, states, *state, collection)) {
            const store::User& user = *state->user(one.user);
            context.out.document(consumer_json(directory, collection, user, one));
            const std::string label = label_of(directory, collection);
            any_filtered = any_filtered || (one.note && one.note->filtered);
            table.row(
                {user.name,
                 party_name(directory, user.party),
                 label,
                 one.note ? format_taxii(one.note->at) : "never",
                 one.note && one.note->date ? format_taxii(*one.note->date) : "",
                 lag_text(one),
                 grouped(one.note ? one.note->delivered : 0),
                 grouped(withheld_of(one))}
            );
            if (const std::string why = reasons_text(one); !why.empty())
                reasons.push_back(fmt::format("{} in {}: {}", user.name, label, why));
        }
    }
    const bool none = table.empty();
    context.out.table(table, "no readers");
    if (any_filtered) {
        context.out.line(
            "* it asks for some types or spec versions only; all that it may see is counted"
        );
    }
    if (!reasons.empty()) context.out.line("withheld, and why:");
    for (const std::string& line : reasons)
        context.out.line("  " + line);
    return none ? Exit::findings : Exit::ok;
}

}  // namespace entente::cli
