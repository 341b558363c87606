#include "watch/internal/indicator.h"

#include <gtest/gtest.h>

namespace entente::watch {
namespace {

TEST(WatchIndicator, IsReadAsFarAsItMatters) {
    const auto read = read_indicator(
        R"({"type":"indicator","spec_version":"2.1","id":"indicator--1","name":"a","pattern":"[a:b = 1]","pattern_type":"stix","created_by_ref":"identity--1","valid_from":"2025-01-01T00:00:00Z","valid_until":"2025-01-02T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",7]})"
    );
    ASSERT_TRUE(read);
    EXPECT_EQ(
        read->id + read->name + read->pattern + read->created_by,
        "indicator--1a[a:b = 1]identity--1"
    );
    EXPECT_EQ(read->marking, "TLP:GREEN");
    EXPECT_FALSE(read->revoked || read->other_language);
    EXPECT_EQ(read->validity.until - read->validity.from, micros_per_day);
    EXPECT_EQ(read->dialect, pattern::Dialect::v21);
}

TEST(WatchIndicator, OlderOnesAndOtherLanguagesAreTold) {
    EXPECT_EQ(read_indicator(R"({"pattern":"[a:b = 1]"})")->dialect, pattern::Dialect::v20);
    EXPECT_TRUE(read_indicator(R"({"pattern_type":"sigma"})")->other_language);
    EXPECT_TRUE(read_indicator(R"({"revoked":true})")->revoked);
    EXPECT_TRUE(read_indicator(R"({"valid_until":"soon"})")->validity.always());
    for (const char* none : {"", "[]", "{", "7"})
        EXPECT_FALSE(read_indicator(none)) << none;
}

TEST(WatchIndicator, OneNameAloneCanMeanThoseBelow) {
    const auto widened = [](const char* pattern) {
        return with_subdomains(pattern, pattern::Dialect::v21);
    };
    EXPECT_EQ(
        widened("[domain-name:value = 'evil.example']"),
        "[domain-name:value = 'evil.example' OR domain-name:value LIKE '%.evil.example']"
    );
    for (const char* same :
         {"[domain-name:value != 'evil.example']",
          "[domain-name:value = 'evil.example' OR domain-name:value = 'b.example']",
          "[domain-name:value = 'evil.example'] START t'2025-01-01T00:00:00Z' STOP "
          "t'2025-01-02T00:00:00Z'",
          "[domain-name:value = '192.0.2.1']",
          "[domain-name:value = 'localhost']",
          "[url:value = 'evil.example']",
          "[domain-name:resolves_to_refs[*].value = 'evil.example']",
          "no pattern"})
        EXPECT_EQ(widened(same), same);
}

}  // namespace
}  // namespace entente::watch
