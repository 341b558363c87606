#include "store/contract.h"

#include <algorithm>

namespace entente::store::contract {
namespace {

using State = Sighting::State;
using Why = Sighting::Why;

class SightingContract : public StoreContract {
  protected:
    void SetUp() override {
        StoreContract::SetUp();
        write([&](Transaction& tx) {
            Party party;
            party.name = "East";
            east_ = tx.put(party);
            party.name = "West";
            west_ = tx.put(party);
            collection_ = tx.directory().collections.front().no;
        });
    }

    [[nodiscard]] Sighting row_for(PartyNo party, std::string indicator, State state) const {
        Sighting row;
        row.indicator = std::move(indicator);
        row.party = party;
        row.collection = collection_;
        row.seq = Seq{1};
        row.count = 1;
        row.state = state;
        return row;
    }

    [[nodiscard]] std::vector<std::string> indicators() {
        std::vector<std::string> names;
        for (const Sighting& row : look()->sightings({}, 100))
            names.push_back(row.indicator);
        return names;
    }

    PartyNo east_{};
    PartyNo west_{};
    CollectionNo collection_{};
};

using Names = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(Stores, SightingContract, testing::ValuesIn(backends()), backend_name);

TEST_P(SightingContract, IsEmptyAtFirst) {
    EXPECT_TRUE(look()->sightings({}, 10).empty());
    EXPECT_TRUE(look()->sighting_sums().empty());
    EXPECT_FALSE(look()->sighting(SightingNo{1}));
    EXPECT_FALSE(look()->last_sighting("i", {0}, east_, ""));
}

TEST_P(SightingContract, KeepsARowAsItWasPutAcrossReopening) {
    Sighting row{
        .no = {},
        .indicator = "indicator--1",
        .party = east_,
        .agreement = "agr:1",
        .hour = {3'600'000'000},
        .part = 4'000'000'000U,
        .collection = collection_,
        .seq = agreement::seq_max,
        .count = 1ULL << 60U,
        .first_seen = {3'600'000'001},
        .last_seen = {3'600'000'002},
        .state = State::sent,
        .why = Why::crowded,
        .warned = "a list",
        .note = "waits",
        .path = "url:value",
        .value = std::string("\0\xff value", 8),
        .object = "sighting--1",
        .changed = {-5}};
    write([&](Transaction& tx) { row.no = tx.put(row); });
    EXPECT_NE(row.no, SightingNo{});
    (void)reopen();
    EXPECT_EQ(look()->sighting(row.no), row);
    EXPECT_EQ(look()->sightings({}, 10), std::vector<Sighting>{row});
}

TEST_P(SightingContract, ReplacesARowByItsNumber) {
    Sighting row = row_for(east_, "i", State::waiting);
    write([&](Transaction& tx) { row.no = tx.put(row); });
    row.count = 77;
    row.state = State::declined;
    write([&](Transaction& tx) { EXPECT_EQ(tx.put(row), row.no); });
    EXPECT_EQ(look()->sightings({}, 10), std::vector<Sighting>{row});
}

TEST_P(SightingContract, FindsTheLastPartOfABucketAndNoOther) {
    write([&](Transaction& tx) {
        Sighting row = row_for(east_, "i", State::sent);
        row.hour = {7};
        row.agreement = "a";
        for (const std::uint32_t part : {0U, 2U, 1U}) {
            row.part = part;
            row.count = 10 + part;
            (void)tx.put(row);
        }
        row.part = 9;
        for (const auto& [party, hour, agreement] :
             {std::tuple{west_, 7, "a"}, {east_, 8, "a"}, {east_, 7, "b"}}) {
            row.party = party;
            row.hour = {hour};
            row.agreement = agreement;
            (void)tx.put(row);
        }
    });
    const auto last = look()->last_sighting("i", {7}, east_, "a");
    ASSERT_TRUE(last);
    EXPECT_EQ(last->part, 2U);
    EXPECT_EQ(last->count, 12U);
    EXPECT_FALSE(look()->last_sighting("j", {7}, east_, "a"));
}

TEST_P(SightingContract, GivesThoseOfOneStateAndPartyInOrderAndTheirSums) {
    write([&](Transaction& tx) {
        (void)tx.put(row_for(west_, "a", State::waiting));
        (void)tx.put(row_for(east_, "b", State::waiting));
        (void)tx.put(row_for(west_, "c", State::waiting));
        (void)tx.put(row_for(west_, "d", State::sent));
        (void)tx.put(row_for({}, "e", State::counted));
    });
    const auto in = [&](SightingNo from, std::size_t count) {
        Names names;
        for (const Sighting& row : look()->sightings_in(State::waiting, west_, from, count))
            names.push_back(row.indicator);
        return names;
    };
    EXPECT_EQ(in({}, 10), (Names{"a", "c"}));
    EXPECT_EQ(in({}, 1), (Names{"a"}));
    const auto first = look()->sightings_in(State::waiting, west_, {}, 1)[0].no;
    EXPECT_EQ(in(SightingNo{agreement::raw(first) + 1}, 10), (Names{"c"}));
    const std::vector<SightingSum> sums{
        {State::waiting, east_, 1},
        {State::waiting, west_, 2},
        {State::counted, {}, 1},
        {State::sent, west_, 1}};
    EXPECT_EQ(look()->sighting_sums(), sums);
}

TEST_P(SightingContract, ErasesWhatWaitsForNothingTheLongestUnchangedFirst) {
    write([&](Transaction& tx) {
        const auto add = [&](std::string name, State state, std::int64_t changed) {
            Sighting row = row_for(east_, std::move(name), state);
            row.changed = {changed};
            (void)tx.put(row);
        };
        add("waiting", State::waiting, 1);
        add("approved", State::approved, 1);
        add("sent late", State::sent, 9);
        add("declined", State::declined, 3);
        add("counted", State::counted, 2);
        EXPECT_EQ(tx.erase_done_sightings({9}, 1), 1U);
    });
    EXPECT_EQ(indicators(), (Names{"waiting", "approved", "sent late", "declined"}));
    write([&](Transaction& tx) { EXPECT_EQ(tx.erase_done_sightings({9}, 100), 1U); });
    EXPECT_EQ(indicators(), (Names{"waiting", "approved", "sent late"}));
}

TEST_P(SightingContract, GoWithTheirPartyAndWithTheCollectionOfTheIndicator) {
    CollectionNo elsewhere{};
    write([&](Transaction& tx) {
        Collection c = tx.directory().collections.front();
        c.no = {};
        c.id = "00000000-0000-4000-8000-0000000000cc";
        c.alias = "";
        elsewhere = tx.put(c);
        (void)tx.put(row_for(east_, "a", State::waiting));
        (void)tx.put(row_for(west_, "b", State::waiting));
        Sighting row = row_for(west_, "c", State::sent);
        row.collection = elsewhere;
        (void)tx.put(row);
    });
    write([&](Transaction& tx) { tx.erase(east_); });
    EXPECT_EQ(indicators(), (Names{"b", "c"}));
    write([&](Transaction& tx) { tx.erase(elsewhere); });
    EXPECT_EQ(indicators(), (Names{"b"}));
}

TEST_P(SightingContract, DoNotMoveTheGenerationAndASavepointTakesThemBack) {
    const auto before = look()->generation();
    write([&](Transaction& tx) {
        (void)tx.put(row_for(east_, "a", State::waiting));
        (void)tx.savepoint([&] {
            (void)tx.put(row_for(east_, "b", State::waiting));
            return false;
        });
    });
    EXPECT_EQ(look()->generation(), before);
    EXPECT_EQ(indicators(), (Names{"a"}));
}

}  // namespace
}  // namespace entente::store::contract
