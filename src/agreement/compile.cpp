#include "agreement/compile.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace entente::agreement {
namespace {

std::uint8_t bits_of(const std::vector<Personal>& classes) {
    std::uint8_t bits = 0;
    for (const Personal p : classes)
        bits = static_cast<std::uint8_t>(bits | stix::personal_bit(p));
    return bits;
}

bool names(const std::vector<std::string>& sorted, std::string_view name) {
    return std::binary_search(sorted.begin(), sorted.end(), name);
}

/// What a flow lets pass, whoever gives it.
Way way_of(const Standpoint& by, const Flow& flow, const Principal& to) {
    const Document& document = *by.standing.document;
    Way way;
    way.name = by.id + '/' + flow.fid;
    // TLP 2.0: RED is for the named alone, what is not public may go round in an organisation.
    way.ceiling = names(flow.named, to.user_name)
                      ? flow.max_marking
                      : std::min(flow.max_marking, stix::Tlp::amber_strict);
    way.types = flow.select.types;
    for (const std::string& topic : flow.select.topics) {
        if (const auto at = document.topics.find(topic); at != document.topics.end())
            way.words.insert(way.words.end(), at->second.begin(), at->second.end());
    }
    // A topic without words, or one that is not there, is no topic at all.
    if (!flow.select.topics.empty() && way.words.empty()) way.words.emplace_back();
    std::sort(way.words.begin(), way.words.end());
    way.pattern_paths = flow.select.pattern_paths;
    way.exclude_labels = flow.select.exclude_labels;
    way.min_confidence = flow.select.min_confidence;
    way.not_older_days = flow.select.not_older_days;
    // Credentials never cross.
    way.strip = bits_of(flow.strip) | stix::personal_bit(Personal::credentials);
    way.delay_hours = flow.min_delay_hours;
    way.sources.emplace();
    way.sources->agreement = by.id;
    return way;
}

/// The highest marking that `from` lets go on to a reader, by what the reader is to it; `agreed`:
/// by an agreement with it.
std::optional<stix::Tlp> onward_ceiling(
    const Standpoint& from, const Principal& reader, bool agreed
) {
    const Onward& onward = from.standing.document->onward;
    if (!onward.allowed) return std::nullopt;
    std::optional<stix::Tlp> highest;
    for (const std::string& to : onward.to) {
        const std::string_view words = to;
        constexpr std::string_view party = "party:";
        std::optional<stix::Tlp> level;
        if (words == "public") {
            level = stix::Tlp::clear;
        } else if (words == "clients") {
            if (reader.client) level = stix::Tlp::amber;
        } else if (words.starts_with(party)) {
            if (words.substr(party.size()) == reader.party_name) level = stix::Tlp::amber;
        } else if (words.starts_with("community:")) {
            // Whoever has an agreement here is of the community that this node serves.
            if (agreed) level = stix::Tlp::green;
        }
        if (level) highest = std::max(highest.value_or(*level), *level);
    }
    if (!highest) return std::nullopt;
    return std::min(*highest, onward.max_marking);
}

/// What agreements other than `by` let go on to a reader; of a grant `by` is empty.
std::vector<Sources::Onward> onward_to(
    const Principal& reader, std::string_view by, std::span<const Standpoint> all
) {
    std::vector<Sources::Onward> onward;
    for (const Standpoint& from : all) {
        if (from.id == by || !from.standing.releases()) continue;
        const auto ceiling = onward_ceiling(from, reader, !by.empty());
        if (!ceiling) continue;
        const Onward& rule = from.standing.document->onward;
        onward.push_back(
            {.arrival = from.id,
             .ceiling = *ceiling,
             .delay_hours = rule.min_delay_hours,
             .without_producer = rule.attribution == "must-not"}
        );
    }
    std::sort(onward.begin(), onward.end(), [](const auto& a, const auto& b) {
        return a.arrival < b.arrival;
    });
    return onward;
}

}  // namespace

bool Standpoint::among(const std::vector<std::string>& pids, PartyNo party) const {
    return std::any_of(pids.begin(), pids.end(), [&](const std::string& pid) {
        const auto at = parties.find(pid);
        return at != parties.end() && at->second == party && !standing.left.contains(pid);
    });
}

std::vector<Way> reading_ways(
    const Standpoint& by,
    const std::set<std::string, std::less<>>& flows,
    const Principal& reader,
    PartyNo own,
    std::span<const Standpoint> all
) {
    std::vector<Way> ways;
    if (!by.standing.releases()) return ways;
    for (const Flow& flow : by.standing.document->flows) {
        if (!flows.empty() && !flows.contains(flow.fid)) continue;
        if (!by.among(flow.to, reader.party)) continue;
        Way way = way_of(by, flow, reader);
        Sources& sources = *way.sources;
        sources.own = own;
        sources.own_gives = by.among(flow.from, own);
        for (const auto& [pid, party] : by.parties) {
            if (party != own && by.among(flow.from, party)) sources.parties.push_back(party);
        }
        std::sort(sources.parties.begin(), sources.parties.end());
        if (sources.own_gives) sources.onward = onward_to(reader, by.id, all);
        ways.push_back(std::move(way));
    }
    return ways;
}

Sources granted_sources(const Principal& reader, PartyNo own, std::span<const Standpoint> all) {
    Sources sources;
    sources.own = own;
    sources.own_gives = true;
    sources.without_agreement = true;
    sources.onward = onward_to(reader, {}, all);
    return sources;
}

std::vector<Way> writing_ways(
    const Standpoint& by,
    const std::set<std::string, std::less<>>& flows,
    const Principal& writer,
    PartyNo own
) {
    std::vector<Way> ways;
    if (!by.standing.releases()) return ways;
    for (const Flow& flow : by.standing.document->flows) {
        if (!flows.empty() && !flows.contains(flow.fid)) continue;
        if (!by.among(flow.from, writer.party)) continue;
        Way way = way_of(by, flow, writer);
        // Whoever is named is so at the other end; what is too high for everybody else is not.
        way.ceiling = flow.max_marking;
        way.delay_hours = 0;
        way.sources->own = own;
        ways.push_back(std::move(way));
    }
    return ways;
}

std::vector<std::string> red_arrivals(
    const Principal& reader, PartyNo own, std::span<const Standpoint> all
) {
    std::vector<std::string> arrivals;
    for (const Standpoint& from : all) {
        if (!from.standing.releases()) continue;
        for (const Flow& flow : from.standing.document->flows) {
            if (!from.among(flow.to, own) || !names(flow.named, reader.user_name)) continue;
            // What a party gave before it left stays for whom it was meant.
            for (const std::string& pid : flow.from) {
                if (const auto at = from.parties.find(pid); at != from.parties.end())
                    arrivals.push_back(from.id + '/' + std::to_string(raw(at->second)));
            }
        }
    }
    std::sort(arrivals.begin(), arrivals.end());
    arrivals.erase(std::unique(arrivals.begin(), arrivals.end()), arrivals.end());
    return arrivals;
}

}  // namespace entente::agreement
