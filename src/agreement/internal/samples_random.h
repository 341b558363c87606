#pragma once
// Random agreements for tests: the same seed gives the same document.
#include "agreement/internal/samples.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace entente::agreement::internal {

/// Makes documents of version 1 that can be read.
class RandomSample {
  public:
    explicit RandomSample(std::uint64_t seed) : random_(seed) {}

    /// Of `parties` parties, 2 to 4; the first ones of north, south, east, west.
    boost::json::object document(std::size_t parties) {
        namespace json = boost::json;
        pids_.assign(pid_list().begin(), pid_list().begin() + static_cast<long>(parties));
        json::object out = sample_object(
            R"({"schema":"entente-agreement/1","version":1,"title":"t","parties":[],"topics":{},"flows":[]})"
        );
        for (std::size_t i = 0; i < parties; ++i)
            out["parties"].as_array().push_back(party(i));
        json::object& topics = out["topics"].as_object();
        for (const char* name : {"ransom", "lures", "worms"}) {
            if (coin()) topics[name] = some({"type:malware", "type:tool", "label:a", "label:b"}, 1);
        }
        const std::size_t flows = 1 + below(3);
        for (std::size_t i = 0; i < flows; ++i)
            out["flows"].as_array().push_back(flow(fmt::format("f{}", i + below(2) * 10), topics));
        use(out);
        if (coin()) out["obligations"] = json::array{duty("o1"), duty("o2")};
        json::object validity;
        validity["from"] = fmt::format("2026-0{}-01T00:00:00Z", 1 + below(3));
        validity["until"] = fmt::format("2027-0{}-01T00:00:00Z", 1 + below(3));
        if (coin()) validity["notice_days"] = below(3);
        out["validity"] = validity;
        return out;
    }

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }

    bool coin() { return below(2) == 0; }

  private:
    using Words = std::vector<const char*>;

    static const Words& pid_list() {
        static const Words all{"north", "south", "east", "west"};
        return all;
    }

    const char* one(const Words& words) { return words[below(words.size())]; }

    /// At least `least` of the words, in any order.
    boost::json::array some(Words words, std::size_t least) {
        std::shuffle(words.begin(), words.end(), random_);
        words.resize(least + below(words.size() - least + 1));
        return boost::json::array(words.begin(), words.end());
    }

    boost::json::object party(std::size_t i) {
        const std::string pid = pids_[i];
        static const std::map<std::string, std::string, std::less<>> keys = [] {
            std::map<std::string, std::string, std::less<>> made;
            for (const std::string name : pid_list())
                made.emplace(name, sample_key(name + ".example/entente"));
            return made;
        }();
        boost::json::object out;
        out["pid"] = pid;
        out["name"] = "The " + pid;
        out["sign_keys"] = boost::json::array{boost::json::string(keys.at(pid))};
        if (coin()) {
            out["identities"] = boost::json::array{boost::json::string(
                fmt::format("identity--{:08}-1111-4111-8111-111111111111", i * 2 + below(2))
            )};
        }
        if (coin()) out["contact"] = one({"a@example", "b@example"});
        return out;
    }

    boost::json::object flow(const std::string& fid, const boost::json::object& topics) {
        namespace json = boost::json;
        json::object out;
        out["fid"] = fid;
        Words order = pids_;
        std::shuffle(order.begin(), order.end(), random_);
        const auto cut = static_cast<long>(1 + below(order.size() - 1));
        out["from"] = json::array(order.begin(), order.begin() + cut);
        out["to"] = json::array(order.begin() + cut, order.end());
        json::object select;
        if (coin()) select["types"] = some({"indicator", "malware", "tool"}, 0);
        if (coin()) {
            json::array names;
            for (const auto& topic : topics) {
                if (coin()) names.emplace_back(topic.key());
            }
            select["topics"] = std::move(names);
        }
        if (coin()) select["pattern_paths"] = some({"ipv4-addr:value", "file:hashes.*"}, 0);
        if (coin()) select["min_confidence"] = below(11) * 10;
        if (coin()) select["exclude_labels"] = some({"a", "b"}, 0);
        if (coin()) select["not_older_days"] = 1 + below(3);
        if (coin()) out["select"] = std::move(select);
        if (coin()) out["max_marking"] = one({"clear", "green", "amber", "amber+strict", "red"});
        if (coin()) {
            json::array strip = some({"contact", "account", "free-text"}, 0);
            strip.emplace_back("credentials");
            out["strip"] = std::move(strip);
        }
        if (coin()) out["named"] = some({"eve", "bob"}, 0);
        if (coin()) out["min_delay_hours"] = below(3);
        if (coin()) out["objects_per_day"] = below(3);
        if (coin()) out["bytes_per_day"] = below(3);
        return out;
    }

    void use(boost::json::object& out) {
        namespace json = boost::json;
        if (coin()) {
            out["use"] = json::object{
                {"purposes", some({"research", "awareness"}, 0)},
                {"permitted_actions", one({"none", "externally-visible-direct-actions"})},
                {"ml_training", one({"may", "must-not"})}};
        }
        if (coin()) {
            out["onward"] = json::object{
                {"allowed", true},
                {"to", some({"clients", "public", "party:Elsewhere"}, 1)},
                {"max_marking", one({"clear", "green", "amber"})},
                {"min_delay_hours", below(3)}};
        }
        if (coin()) out["handling"] = json::object{{"retention_days", 1 + below(3)}};
        if (coin()) out["change"] = json::object{{"join", "quorum"}, {"quorum", 1 + below(2)}};
        if (coin())
            out["law"] =
                json::object{{"text_uri", one({"https://a.example", "https://b.example"})}};
    }

    boost::json::object duty(const char* oid) {
        boost::json::object out;
        out["oid"] = oid;
        out["who"] = some(pids_, 1);
        out["what"] = one({"sighting", "receipt"});
        out["within"] = one({"P1D", "PT24H", "P2D"});
        if (coin()) out["on"] = one({"indicator", "malware"});
        return out;
    }

    std::mt19937_64 random_;
    Words pids_;
};

}  // namespace entente::agreement::internal
