// What a collection insists on when objects are published to it.
#include "exchange/exchange.h"
#include "exchange/testing/harness.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PublishChecks : public ::testing::Test {
  protected:
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    UserNo publisher = h.user("publisher", h.own());
    CollectionNo c = h.collection();
    GrantNo grant = h.grant(publisher, c, {.read = true, .write = true});

    void check(store::Checks checks) {
        store->write([&](store::Transaction& tx) {
            store::Collection row = tx.directory().collections[0];
            row.checks = checks;
            tx.put(row);
        });
    }

    std::vector<Outcome> post(const std::vector<std::string>& objects) {
        auto report = h.publish(publisher, c, objects);
        return report ? report->outcomes : std::vector<Outcome>();
    }

    static std::string backwards(int number) {
        return object_json(
            {.number = number, .extra = R"(,"valid_until":"2024-01-01T00:00:00Z","confidence":200)"}
        );
    }
};

TEST_F(PublishChecks, WhatBreaksTheStandardIsRefusedWithEveryReasonAndTheRestIsTaken) {
    const auto outcomes =
        post({object_json({.number = 1}), backwards(2), object_json({.number = 3})});
    ASSERT_THAT(outcomes, SizeIs(3));
    EXPECT_TRUE(outcomes[0].accepted);
    EXPECT_FALSE(outcomes[1].accepted);
    EXPECT_THAT(outcomes[1].message, HasSubstr("/valid_until"));
    EXPECT_THAT(outcomes[1].message, HasSubstr("/confidence"));
    EXPECT_EQ(outcomes[1].id, object_id({.number = 2}));
    EXPECT_TRUE(outcomes[2].accepted);
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/0", "3/0"));
}

TEST_F(PublishChecks, WhatIsOnlyRecommendedIsTakenAndCountedInTheAct) {
    const std::string custom = object_json({.number = 1, .extra = R"(,"tint":1)"});
    const auto outcomes = post({custom, object_json({.number = 2})});
    ASSERT_THAT(outcomes, SizeIs(2));
    EXPECT_TRUE(outcomes[0].accepted) << outcomes[0].message;
    EXPECT_EQ(outcomes[0].message, "");
    const auto acts = store->snapshot()->acts(store::ActNo{1}, 1'000);
    // 401: a property that no extension defines; 303: an indicator without a description.
    EXPECT_THAT(acts.back().facts, HasSubstr(R"("401":1)"));
    EXPECT_THAT(acts.back().facts, HasSubstr(R"("303":2)"));
}

TEST_F(PublishChecks, AStrictCollectionRefusesThatToo) {
    check(store::Checks::strict);
    const std::string custom = object_json({.number = 1, .extra = R"(,"tint":1)"});
    const std::string sound = object_json(
        {.number = 2, .extra = R"(,"description":"d","indicator_types":["malicious-activity"])"}
    );
    const auto outcomes = post({custom, sound});
    ASSERT_THAT(outcomes, SizeIs(2));
    EXPECT_FALSE(outcomes[0].accepted);
    EXPECT_THAT(outcomes[0].message, HasSubstr("/tint"));
    EXPECT_TRUE(outcomes[1].accepted) << outcomes[1].message;
}

TEST_F(PublishChecks, OffTakesAllThatCanBeIdentifiedAndMarked) {
    check(store::Checks::off);
    const std::string twice = object_json({.number = 2, .extra = R"(,"name":"again")"});
    const std::string nothing_marked = object_json(
        {.number = 3,
         .extra =
             R"(,"granular_markings":[{"marking_ref":"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9","selectors":["description"]}])"}
    );
    const auto outcomes = post({backwards(1), twice, nothing_marked});
    ASSERT_THAT(outcomes, SizeIs(3));
    EXPECT_TRUE(outcomes[0].accepted) << outcomes[0].message;
    EXPECT_FALSE(outcomes[1].accepted);
    EXPECT_FALSE(outcomes[2].accepted);
    EXPECT_THAT(outcomes[2].message, HasSubstr("description"));
}

}  // namespace
}  // namespace entente::exchange
