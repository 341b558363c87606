#include "agreement/internal/kinds.h"

#include "stix/traits.h"

#include <boost/json/string.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace entente::agreement::internal {
namespace {

/// Each kind of word that a topic may have, but type, with an object that has such a value.
struct Holder {
    const char* kind;
    const char* type;
};

constexpr Holder holders[] = {
    {"label", "tool"},
    {"account_type", "user-account"},
    {"architecture_execution_envs", "malware"},
    {"capabilities", "malware"},
    {"context", "grouping"},
    {"encryption_algorithm", "artifact"},
    {"identity_class", "identity"},
    {"implementation_languages", "malware"},
    {"indicator_types", "indicator"},
    {"infrastructure_types", "infrastructure"},
    {"malware_types", "malware"},
    {"opinion", "opinion"},
    {"pattern_type", "indicator"},
    {"personal_motivations", "threat-actor"},
    {"primary_motivation", "intrusion-set"},
    {"region", "location"},
    {"report_types", "report"},
    {"resource_level", "intrusion-set"},
    {"result", "malware-analysis"},
    {"roles", "threat-actor"},
    {"secondary_motivations", "threat-actor"},
    {"sectors", "identity"},
    {"sophistication", "threat-actor"},
    {"threat_actor_types", "threat-actor"},
    {"tool_types", "tool"},
};

TEST(TopicWords, AreThoseThatObjectsHave) {
    const Term term{.place = "", .kind = Kind::topic_word};
    const std::string expected = expected_value(term);
    for (const Holder& holder : holders) {
        SCOPED_TRACE(holder.kind);
        const bool label = std::string_view(holder.kind) == "label";
        stix::Object object;
        object.type = holder.type;
        object.spec_version = "2.1";
        object.body = std::string("{\"") + (label ? "labels" : holder.kind) + "\":[\"x\"]}";
        std::vector<std::string> words = stix::traits_of(object).words;
        if (std::find(words.begin(), words.end(), "*") != words.end()) {
            object.body = std::string("{\"") + holder.kind + "\":\"x\"}";
            words = stix::traits_of(object).words;
        }
        const std::string word = std::string(holder.kind) + ":x";
        EXPECT_NE(std::find(words.begin(), words.end(), word), words.end());
        EXPECT_TRUE(is_allowed(term, boost::json::value(boost::json::string(word))));
        EXPECT_NE(expected.find(holder.kind), expected.npos);
    }
    // No other kind: the list in words has as many commas as kinds stand between others.
    EXPECT_EQ(
        std::count(
            expected.begin() + static_cast<long>(expected.find("(one of")), expected.end(), ','
        ),
        static_cast<long>(std::size(holders))
    );
    EXPECT_TRUE(is_allowed(term, "type:malware"));
    EXPECT_FALSE(is_allowed(term, "goals:x"));
    EXPECT_FALSE(is_allowed(term, boost::json::string("label:" + std::string(123, 'x'))));
}

}  // namespace
}  // namespace entente::agreement::internal
