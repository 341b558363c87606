#include "agreement/templates.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace entente::agreement {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<Template, std::string_view>, 4> names{
    {{Template::bilateral, "bilateral"},
     {Template::hub, "hub"},
     {Template::circle, "circle"},
     {Template::terms, "terms"}}};

json::string text(std::string_view words) {
    return json::string(words.data(), words.size());
}

json::array list(const std::vector<std::string>& words) {
    json::array out;
    for (const std::string& word : words)
        out.push_back(text(word));
    return out;
}

/// As the document writes a level: without "TLP:".
json::string level(stix::Tlp tlp) {
    static constexpr std::array<std::string_view, 5> words{
        "clear", "green", "amber", "amber+strict", "red"};
    return text(words.at(static_cast<std::size_t>(tlp)));
}

/// No fraction where there is none.
json::string moment(Micros at) {
    std::string out = format_taxii(at);
    if (at.count % micros_per_second == 0) out.replace(out.find('.'), out.npos, "Z");
    return text(out);
}

json::object party(const PartyTerm& from) {
    json::object out;
    out["pid"] = text(from.pid);
    out["name"] = text(from.name);
    if (!from.identities.empty()) out["identities"] = list(from.identities);
    json::array keys;
    for (const ledger::Verifier& key : from.sign_keys)
        keys.push_back(text(ledger::verifier_text(key)));
    if (!keys.empty()) out["sign_keys"] = std::move(keys);
    if (!from.contact.empty()) out["contact"] = text(from.contact);
    if (!from.jurisdiction.empty()) out["jurisdiction"] = text(from.jurisdiction);
    return out;
}

class Maker {
  public:
    explicit Maker(const Answers& answers) : answers_(answers) {
        for (const PartyTerm& p : answers.parties)
            pids_.push_back(p.pid);
    }

    json::object document(Template name) {
        json::object out;
        out["schema"] = "entente-agreement/1";
        out["version"] = 1;
        out["title"] = text(answers_.title);
        if (name == Template::terms) out["one_sided"] = true;
        json::array parties;
        for (const PartyTerm& p : answers_.parties)
            parties.push_back(party(p));
        out["parties"] = std::move(parties);
        out["flows"] = flows(name);
        if (!answers_.onward.empty()) {
            out["onward"] = json::object{
                {"allowed", true}, {"max_marking", "green"}, {"to", list(answers_.onward)}};
        }
        if (answers_.sightings_within_days && !receivers_.empty()) {
            out["obligations"] = json::array{json::object{
                {"oid", "sightings"},
                {"who", list(receivers_)},
                {"what", "sighting"},
                {"on", "indicator"},
                {"when", "match"},
                {"within", text(fmt::format("P{}D", *answers_.sightings_within_days))}}};
        }
        out["validity"] =
            json::object{{"from", moment(answers_.from)}, {"until", moment(answers_.until)}};
        if (answers_.notice_days > 0)
            out["validity"].as_object()["notice_days"] = answers_.notice_days;
        return out;
    }

  private:
    json::array flows(Template name) {
        const auto others_of = [this](const std::string& pid) {
            std::vector<std::string> out;
            std::copy_if(
                pids_.begin(),
                pids_.end(),
                std::back_inserter(out),
                [&pid](const std::string& other) { return other != pid; }
            );
            return out;
        };
        json::array out;
        if (pids_.empty()) return out;
        const std::string& first = pids_.front();
        const std::vector<std::string> others = others_of(first);
        switch (name) {
            case Template::terms:
                receivers_ = others;
                out.push_back(flow("down", {first}, others));
                break;
            case Template::hub:
                receivers_ = pids_;
                out.push_back(flow("down", {first}, others));
                out.push_back(flow("up", others, {first}));
                break;
            case Template::bilateral:
            case Template::circle:
                receivers_ = pids_;
                for (std::size_t i = 0; i < pids_.size(); ++i)
                    out.push_back(flow(pids_[i], {pids_[i]}, others_of(pids_[i])));
                break;
        }
        return out;
    }

    json::object flow(
        std::string_view fid,
        const std::vector<std::string>& from,
        const std::vector<std::string>& to
    ) const {
        json::object out;
        out["fid"] = text(fid);
        out["from"] = list(from);
        out["to"] = list(to);
        if (!answers_.types.empty()) out["select"] = json::object{{"types", list(answers_.types)}};
        out["max_marking"] = level(answers_.max_marking);
        if (!answers_.keep.empty()) {
            json::array strip;
            for (const Personal cls :
                 {Personal::contact,
                  Personal::account,
                  Personal::free_text,
                  Personal::credentials}) {
                if (std::find(answers_.keep.begin(), answers_.keep.end(), cls) ==
                    answers_.keep.end())
                    strip.push_back(text(stix::personal_name(cls)));
            }
            out["strip"] = std::move(strip);
        }
        if (!answers_.named.empty()) out["named"] = list(answers_.named);
        if (answers_.min_delay_hours > 0) out["min_delay_hours"] = answers_.min_delay_hours;
        return out;
    }

    const Answers& answers_;
    std::vector<std::string> pids_;
    std::vector<std::string> receivers_;
};

}  // namespace

std::optional<Template> parse_template(std::string_view name) noexcept {
    for (const auto& [value, word] : names) {
        if (word == name) return value;
    }
    return std::nullopt;
}

std::string_view template_name(Template name) noexcept {
    return names.at(static_cast<std::size_t>(name)).second;
}

Result<Document> from_template(Template name, const Answers& answers) {
    if (name == Template::bilateral && answers.parties.size() != 2) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "a bilateral agreement has two parties, not {}; take \"hub\" or \"circle\"",
                answers.parties.size()
            )
        );
    }
    return read_document(json::serialize(Maker(answers).document(name)));
}

}  // namespace entente::agreement
