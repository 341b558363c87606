// What is told of a request that published.
#include "exchange/exchange.h"

#include <boost/json.hpp>

#include <algorithm>

namespace entente::exchange {

namespace json = boost::json;

std::size_t PublishReport::accepted() const {
    return static_cast<std::size_t>(std::ranges::count_if(outcomes, [](const Outcome& o) {
        return o.accepted;
    }));
}

std::string status_json(const PublishReport& report) {
    json::array successes;
    json::array failures;
    for (const Outcome& o : report.outcomes) {
        json::object detail{{"id", o.id}, {"version", o.version}};
        if (!o.message.empty()) detail["message"] = o.message;
        (o.accepted ? successes : failures).emplace_back(std::move(detail));
    }
    json::object status{
        {"id", report.status_id},
        {"status", "complete"},
        {"request_timestamp", format_taxii(report.at)},
        {"total_count", report.outcomes.size()},
        {"success_count", successes.size()},
        {"failure_count", failures.size()},
        {"pending_count", 0}};
    // Empty lists are not allowed (TAXII 2.1, 2).
    if (!successes.empty()) status["successes"] = std::move(successes);
    if (!failures.empty()) status["failures"] = std::move(failures);
    return json::serialize(status);
}

}  // namespace entente::exchange
