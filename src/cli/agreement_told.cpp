// Which partners a step of an agreement is sent to, for people and programs.
#include "base/escape.h"
#include "cli/agreement_subject.h"
#include "cli/find.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace entente::cli {
namespace {

std::vector<std::string> names_of(
    const std::vector<store::PartyNo>& parties, const store::Directory& directory
) {
    std::vector<std::string> names;
    for (const store::PartyNo no : parties)
        names.push_back(party_name(directory, no));
    return names;
}

}  // namespace

exchange::Told told_of(const std::vector<Outcome>& outcomes) {
    exchange::Told all;
    const auto add = [](std::vector<store::PartyNo>& to, const std::vector<store::PartyNo>& more) {
        for (const store::PartyNo no : more) {
            if (std::ranges::find(to, no) == to.end()) to.push_back(no);
        }
    };
    for (const Outcome& o : outcomes) {
        add(all.queued, o.told.queued);
        add(all.no_address, o.told.no_address);
    }
    return all;
}

void add_told(
    boost::json::object& shown, const exchange::Told& told, const store::Directory& directory
) {
    const auto array = [&](const std::vector<store::PartyNo>& parties) {
        const auto names = names_of(parties, directory);
        return boost::json::array(names.begin(), names.end());
    };
    shown["sends_to"] = array(told.queued);
    shown["no_address"] = array(told.no_address);
}

std::vector<std::string> told_lines(
    const exchange::Told& told, const store::Directory& directory, std::string_view agreement
) {
    std::vector<std::string> lines;
    if (!told.queued.empty()) {
        lines.push_back(fmt::format(
            "will be sent to {} (a running server does so at once; else: entente peer deliver)",
            fmt::join(names_of(told.queued, directory), ", ")
        ));
    }
    if (told.no_address.empty()) return lines;
    const auto names = names_of(told.no_address, directory);
    lines.push_back(fmt::format(
        "not sent to {}, whose node has no address here: entente peer set '{}' --url URL; or by "
        "hand",
        fmt::join(names, ", "),
        names.front()
    ));
    lines.push_back(
        fmt::format("For the partners: entente agreement send {} --out FILE", short_id(agreement))
    );
    return lines;
}

}  // namespace entente::cli
