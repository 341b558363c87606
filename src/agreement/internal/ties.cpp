#include "agreement/internal/ties.h"

#include "agreement/internal/json_access.h"
#include "agreement/internal/kinds.h"
#include "base/time.h"
#include "ledger/note.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

/// What a value that may stand only once was first said by: value -> pointer.
using Once = std::map<std::string, std::string, std::less<>>;

void only_once(Once& seen, std::string value, const std::string& at, Findings& findings) {
    const auto [place, fresh] = seen.emplace(std::move(value), at);
    if (!fresh) findings.add(at, fmt::format("is the same as {}", place->second));
}

class Ties {
  public:
    Ties(const json::object& document, Findings& findings)
        : document_(document),
          findings_(findings),
          one_sided_(truth(document, "one_sided")) {}

    void check() {
        version();
        parties();
        flows();
        onward();
        obligations();
        validity();
        change();
        law();
    }

  private:
    void version() {
        const bool first = number(document_, "version") == 1;
        const bool follows = document_.if_contains("previous") != nullptr;
        if (first && follows) findings_.add("/previous", "version 1 follows nothing; leave it out");
        if (!first && !follows)
            findings_.add("/previous", "missing; expected the digest of the version before");
        if (!first && document_.if_contains("id") == nullptr)
            findings_.add("/id", "missing; versions after the first carry the id of version 1");
    }

    void parties() {
        Once names;
        Once identities;
        Once keys;
        const json::array& list = array(document_, "parties");
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i) {
            const json::object& party = list[i].get_object();
            const std::string at = step("/parties", i);
            only_once(pids_, std::string(text(party, "pid")), at + "/pid", findings_);
            only_once(names, std::string(text(party, "name")), at + "/name", findings_);
            const json::array& ids = array(party, "identities");
            for (std::size_t k = 0; k < ids.size(); ++k)
                only_once(
                    identities, std::string(text(ids[k])), step(at + "/identities", k), findings_
                );
            const json::array& own = array(party, "sign_keys");
            for (std::size_t k = 0; k < own.size(); ++k) {
                // The same key under another name is the same key.
                const auto verifier = ledger::verifier_of(text(own[k])).value();
                only_once(
                    keys,
                    {verifier.key.begin(), verifier.key.end()},
                    step(at + "/sign_keys", k),
                    findings_
                );
            }
            if (own.empty() && (i == 0 || !one_sided_))
                findings_.add(at + "/sign_keys", "empty; a party that signs has at least one key");
        }
    }

    /// Every entry is the pid of a party.
    void known_pids(const json::array& list, const std::string& at) {
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i)
            known_pid(text(list[i]), step(at, i));
    }

    void known_pid(std::string_view pid, const std::string& at) {
        if (pids_.find(pid) == pids_.end())
            findings_.add(at, fmt::format("\"{}\" is the pid of no party in /parties", pid));
    }

    void flows() {
        Once fids;
        const json::array& list = array(document_, "flows");
        const std::string_view owner = text(array(document_, "parties")[0].get_object(), "pid");
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i) {
            const json::object& flow = list[i].get_object();
            const std::string at = step("/flows", i);
            only_once(fids, std::string(text(flow, "fid")), at + "/fid", findings_);
            const json::array& from = array(flow, "from");
            known_pids(from, at + "/from");
            known_pids(array(flow, "to"), at + "/to");
            if (one_sided_ && (from.size() != 1 || text(from[0]) != owner))
                findings_.add(
                    at + "/from",
                    fmt::format(
                        "in one-sided terms only the first party gives; expected [\"{}\"]", owner
                    )
                );
            both_ways(from, array(flow, "to"), at + "/to");
            select(flow.at("select").get_object(), at + "/select");
            strip(array(flow, "strip"), at + "/strip");
        }
    }

    void both_ways(const json::array& from, const json::array& to, const std::string& at) {
        std::set<std::string_view> giving;
        for (const json::value& pid : from)
            giving.insert(text(pid));
        for (std::size_t i = 0; i < to.size(); ++i) {
            if (giving.count(text(to[i])) != 0)
                findings_.add(
                    step(at, i),
                    fmt::format(
                        "\"{}\" gives in this flow and cannot get by it; make two flows",
                        text(to[i])
                    )
                );
        }
    }

    void select(const json::object& chosen, const std::string& at) {
        const json::object& topics = document_.at("topics").get_object();
        const json::array& names = array(chosen, "topics");
        for (std::size_t i = 0; i < names.size() && !findings_.full(); ++i) {
            if (topics.if_contains(names[i].get_string()) == nullptr)
                findings_.add(
                    step(at + "/topics", i),
                    fmt::format("\"{}\" is no topic in /topics", text(names[i]))
                );
        }
    }

    void strip(const json::array& classes, const std::string& at) {
        for (const json::value& word : classes) {
            if (text(word) == "credentials") return;
        }
        findings_.add(at, "lacks \"credentials\", which never cross");
    }

    void onward() {
        const json::object& rules = document_.at("onward").get_object();
        const json::array& to = array(rules, "to");
        if (truth(rules, "allowed") && to.empty())
            findings_.add("/onward/to", "empty though onward sharing is allowed; say to whom");
        if (!truth(rules, "allowed") && !to.empty())
            findings_.add("/onward/to", "names someone though onward sharing is not allowed");
        std::set<std::string_view> names;
        for (const json::value& party : array(document_, "parties"))
            names.insert(text(party.get_object(), "name"));
        static constexpr std::string_view prefix = "party:";
        for (std::size_t i = 0; i < to.size() && !findings_.full(); ++i) {
            std::string_view target = text(to[i]);
            if (!target.starts_with(prefix)) continue;
            target.remove_prefix(prefix.size());
            if (pids_.find(target) != pids_.end() || names.count(target) != 0)
                findings_.add(
                    step("/onward/to", i),
                    fmt::format(
                        "circular: \"{}\" is a party here; what it gets is said by a flow", target
                    )
                );
        }
    }

    void obligations() {
        Once oids;
        const json::array& list = array(document_, "obligations");
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i) {
            const json::object& duty = list[i].get_object();
            const std::string at = step("/obligations", i);
            only_once(oids, std::string(text(duty, "oid")), at + "/oid", findings_);
            known_pids(array(duty, "who"), at + "/who");
        }
    }

    void validity() {
        const json::object& times = document_.at("validity").get_object();
        const Micros from = parse_stix_time(text(times, "from")).value();
        const Micros until = parse_stix_time(text(times, "until")).value();
        if (until <= from)
            findings_.add(
                "/validity/until",
                fmt::format(
                    "{} is not after /validity/from, {}", text(times, "until"), text(times, "from")
                )
            );
    }

    void change() {
        const json::object& rules = document_.at("change").get_object();
        const std::string_view join = text(rules, "join");
        const json::value* quorum = rules.if_contains("quorum");
        const json::value* steward = rules.if_contains("steward");
        if ((quorum != nullptr) != (join == "quorum"))
            findings_.add("/change/quorum", "stands exactly when /change/join is \"quorum\"");
        else if (quorum != nullptr && static_cast<std::size_t>(quorum->get_int64()) > array(document_, "parties").size())
            findings_.add("/change/quorum", "more than there are parties");
        if ((steward != nullptr) != (join == "steward"))
            findings_.add("/change/steward", "stands exactly when /change/join is \"steward\"");
        else if (steward != nullptr)
            known_pid(text(*steward), "/change/steward");
    }

    void law() {
        const json::object& contract = document_.at("law").get_object();
        if (text(contract, "precedence") == "legal-text" &&
            contract.if_contains("text_sha256") == nullptr)
            findings_.add(
                "/law/text_sha256", "missing; without it nobody knows which text comes first"
            );
    }

    const json::object& document_;
    Findings& findings_;
    const bool one_sided_;
    Once pids_;
};

}  // namespace

void check_ties(const json::object& document, Findings& findings) {
    Ties(document, findings).check();
}

}  // namespace entente::agreement::internal
