#include "cli/agreement_changes_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;

/// JSON text as a value, for output that is JSON itself; null for none.
json::value value_of(const std::string& text) {
    json::error_code error;
    json::value value = text.empty() ? json::value() : json::parse(text, error);
    return error ? json::value(text) : value;
}

std::string change_line(const agreement::Difference& d) {
    const std::string judged = fmt::format("{:<9}", agreement::judgement_text(d.judgement));
    if (d.before.empty()) return fmt::format("{} {}: added {}", judged, d.place, d.after);
    if (d.after.empty()) return fmt::format("{} {}: removed {}", judged, d.place, d.before);
    return fmt::format("{} {}: {} -> {}", judged, d.place, d.before, d.after);
}

}  // namespace

json::array changes_json(const agreement::Diff& diff) {
    json::array changes;
    for (const agreement::Difference& d : diff.differences) {
        changes.push_back(json::object{
            {"place", d.place},
            {"before", value_of(d.before)},
            {"after", value_of(d.after)},
            {"judgement", agreement::judgement_text(d.judgement)}});
    }
    return changes;
}

std::vector<std::string> change_lines(const agreement::Diff& diff) {
    std::vector<std::string> lines;
    for (const agreement::Difference& d : diff.differences)
        lines.push_back(change_line(d));
    if (!diff.widened.empty()) {
        lines.push_back(fmt::format(
            "What these give may be widened, so it needs their signatures: {}",
            fmt::join(diff.widened, ", ")
        ));
    }
    return lines;
}

}  // namespace entente::cli
