#include "exchange/dated.h"

#include "exchange/testing/harness.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

using testing::Harness;
using testing::ObjectSpec;

class StoreDated : public ::testing::Test {
  protected:
    /// Stores objects with dates and returns the outcomes.
    std::vector<Result<void>> take_over(const std::vector<std::pair<std::string, Micros>>& objects
    ) {
        std::vector<stix::Object> read;
        for (const auto& [json, date] : objects)
            read.push_back(stix::read_object(json).value());
        std::vector<DatedObject> dated;
        for (std::size_t i = 0; i < read.size(); ++i)
            dated.push_back({&read[i], objects[i].second});
        std::vector<Result<void>> outcomes;
        store_->write([&](store::Transaction& tx) {
            const State state = load_state(tx);
            outcomes = store_dated(tx, *state.user(admin_), *state.collection(collection_), dated);
        });
        return outcomes;
    }

    /// (id, date) of each entry as the reader's view has them.
    std::vector<Micros> dates(store::UserNo user) {
        const auto snapshot = store_->snapshot();
        const auto state = harness_.states().get(*snapshot);
        const auto view = harness_.states().view(*snapshot, *state, user, collection_);
        store::Filter all;
        all.version = {.all = true, .first = false, .last = false, .keys = {}};
        std::vector<Micros> dates;
        (void)store::scan(
            *snapshot,
            *view,
            *state->classes,
            all,
            {},
            1'000,
            [&](const agreement::Sealed& sealed) {
                dates.push_back(sealed.date());
                return true;
            }
        );
        return dates;
    }

    std::unique_ptr<store::Store> store_ = store::make_memory_store();
    Harness harness_{*store_};
    store::UserNo admin_ = harness_.user("admin", harness_.own());
    store::UserNo reader_ = harness_.user("reader", harness_.own());
    store::CollectionNo collection_ = harness_.collection();
    store::GrantNo grant_ = harness_.grant(reader_, collection_, {.ceiling = stix::Tlp::amber});
};

constexpr Micros long_ago{1'500'000'000'000'000};

TEST_F(StoreDated, ReadersSeeTheDatesThatWereGiven) {
    const auto outcomes = take_over({
        {object_json(ObjectSpec{.number = 1}), long_ago},
        {object_json(ObjectSpec{.number = 2, .tlp = stix::Tlp::red}), long_ago + 5},
        {object_json(ObjectSpec{.number = 3}), long_ago + 6},
        {object_json(ObjectSpec{.number = 1, .version = 7}), long_ago + 1'000},
    });
    for (const auto& outcome : outcomes)
        EXPECT_TRUE(outcome);
    EXPECT_EQ(dates(reader_), (std::vector<Micros>{long_ago, long_ago + 6, long_ago + 1'000}));
}

TEST_F(StoreDated, WhatIsThereIsNotStoredTwice) {
    const std::string object = object_json(ObjectSpec{.number = 1});
    const auto outcomes = take_over({{object, long_ago}, {object, long_ago + 1}});
    EXPECT_TRUE(outcomes[0]);
    ASSERT_FALSE(outcomes[1]);
    EXPECT_EQ(outcomes[1].error().code, Errc::conflict);
    EXPECT_EQ(dates(reader_).size(), 1U);
}

TEST_F(StoreDated, RefusesStix20WhereItIsNotTaken) {
    const auto outcomes = take_over({{
        R"({"type":"tool","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",)"
        R"("created":"2016-01-01T00:00:00.000Z","modified":"2016-01-01T00:00:00.000Z","labels":["x"],"name":"n"})",
        long_ago,
    }});
    ASSERT_FALSE(outcomes[0]);
    EXPECT_EQ(outcomes[0].error().code, Errc::unprocessable);
}

TEST_F(StoreDated, StatementMarkingsResolveEvenBehindTheirObjects) {
    const std::string marking = "marking-definition--11111111-1111-4111-8111-111111111111";
    ObjectSpec marked{.number = 1, .tlp = std::nullopt};
    marked.extra = R"(,"object_marking_refs":[")" + marking + R"("])";
    const auto outcomes = take_over({
        {object_json(marked), long_ago},
        {R"({"type":"marking-definition","spec_version":"2.1","id":")" + marking +
             R"(","created":"2020-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"c"}})",
         long_ago + 1},
    });
    for (const auto& outcome : outcomes)
        EXPECT_TRUE(outcome) << outcome.error().detail;
    EXPECT_EQ(dates(reader_).size(), 2U);
}

}  // namespace
}  // namespace entente::exchange
