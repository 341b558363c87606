#include "store/contract.h"

#include <algorithm>

namespace entente::store::contract {
namespace {

using Kind = OutboxRow::Kind;
using State = OutboxRow::State;

class OutboxContract : public StoreContract {
  protected:
    void SetUp() override {
        StoreContract::SetUp();
        write([&](Transaction& tx) {
            Party party;
            party.name = "East";
            south_ = tx.put(party);
            party.name = "West";
            west_ = tx.put(party);
        });
    }

    [[nodiscard]] static OutboxRow row_for(PartyNo party, std::string about, Micros created) {
        OutboxRow row;
        row.party = party;
        row.kind = Kind::objects;
        row.about = std::move(about);
        row.body = "{}";
        row.created = row.due = created;
        return row;
    }

    /// What the waiting rows of `party` are about, in order.
    [[nodiscard]] std::vector<std::string> waiting(
        PartyNo party, OutboxNo from = {}, std::size_t count = 100
    ) {
        std::vector<std::string> about;
        for (const OutboxRow& row : look()->outbox_waiting(party, from, count))
            about.push_back(row.about);
        return about;
    }

    [[nodiscard]] std::uint64_t generation() { return look()->generation(); }

    PartyNo south_{};
    PartyNo west_{};
};

using Names = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(Stores, OutboxContract, testing::ValuesIn(backends()), backend_name);

TEST_P(OutboxContract, IsEmptyAtFirst) {
    EXPECT_TRUE(look()->outbox({}, 10).empty());
    EXPECT_TRUE(look()->outbox_heads().empty());
    EXPECT_TRUE(look()->outbox_waiting(south_, {}, 10).empty());
    EXPECT_TRUE(look()->directory().peers.empty());
}

TEST_P(OutboxContract, KeepsARowAsItWasPutAcrossReopening) {
    OutboxRow row = row_for(south_, "agr:1", {5});
    row.kind = Kind::agreement;
    row.body = std::string("\0\xff body", 7) + std::string(300'000, 'b');
    row.state = State::given_up;
    row.tries = 4'000'000'000U;
    row.due = {77};
    row.error = "no answer";
    write([&](Transaction& tx) { row.no = tx.put(row); });
    EXPECT_NE(row.no, OutboxNo{});
    (void)reopen();
    EXPECT_EQ(look()->outbox({}, 10), std::vector<OutboxRow>{row});
}

TEST_P(OutboxContract, GivesWhatWaitsForOnePartyInOrder) {
    std::vector<OutboxNo> numbers;
    write([&](Transaction& tx) {
        for (const char* about : {"a", "b", "c", "d"})
            numbers.push_back(tx.put(row_for(south_, about, {1})));
        tx.put(row_for(west_, "other", {1}));
        OutboxRow done = row_for(south_, "b", {1});
        done.no = numbers[1];
        done.state = State::delivered;
        EXPECT_EQ(tx.put(done), numbers[1]);
        EXPECT_EQ(tx.outbox_waiting(south_, {}, 10).size(), 3U);
    });
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
    EXPECT_EQ(waiting(south_), (Names{"a", "c", "d"}));
    EXPECT_EQ(waiting(south_, numbers[2]), (Names{"c", "d"}));
    EXPECT_EQ(waiting(south_, {}, 2), (Names{"a", "c"}));
    EXPECT_EQ(waiting(west_), Names{"other"});
    EXPECT_EQ(look()->outbox(numbers[1], 2).size(), 2U);
    EXPECT_EQ(look()->outbox({}, 10).size(), 5U);
}

TEST_P(OutboxContract, SumsUpWhatWaitsForEachParty) {
    write([&](Transaction& tx) {
        OutboxRow late = row_for(south_, "a", {3});
        late.due = {50};
        tx.put(late);
        OutboxRow soon = row_for(south_, "b", {9});
        soon.due = {40};
        tx.put(soon);
        OutboxRow done = row_for(west_, "c", {1});
        done.state = State::delivered;
        tx.put(done);
        const std::vector<OutboxHead> expected{
            {.party = south_, .waiting = 2, .oldest = {3}, .next_due = {40}}};
        EXPECT_EQ(tx.outbox_heads(), expected);
    });
    EXPECT_EQ(look()->outbox_heads().size(), 1U);
}

TEST_P(OutboxContract, NumbersAreNeverGivenTwice) {
    OutboxNo first{};
    write([&](Transaction& tx) { first = tx.put(row_for(south_, "a", {1})); });
    write([&](Transaction& tx) { tx.erase(first); });
    (void)reopen();
    write([&](Transaction& tx) {
        EXPECT_GT(tx.put(row_for(south_, "b", {1})), first);
        tx.erase(first);
    });
    EXPECT_EQ(waiting(south_), Names{"b"});
}

TEST_P(OutboxContract, PurgesOnlyWhatNoLongerWaits) {
    write([&](Transaction& tx) {
        tx.put(row_for(south_, "waits", {1}));
        OutboxRow old = row_for(south_, "old", {1});
        old.state = State::given_up;
        old.due = {9};
        tx.put(old);
        old.state = State::delivered;
        tx.put(old);
        old.about = "kept";
        old.due = {10};
        tx.put(old);
        tx.purge_outbox({10});
    });
    Names left;
    for (const OutboxRow& row : look()->outbox({}, 10))
        left.push_back(row.about);
    EXPECT_EQ(left, (Names{"waits", "kept"}));
}

TEST_P(OutboxContract, ASavepointTakesBackWhatWasPut) {
    write([&](Transaction& tx) {
        const OutboxNo no = tx.put(row_for(south_, "a", {1}));
        EXPECT_FALSE(tx.savepoint([&] {
            tx.erase(no);
            tx.put(row_for(south_, "b", {1}));
            tx.put(Peer{.party = south_, .url = "u", .settings = "{}", .secret = ""});
            return false;
        }));
    });
    EXPECT_EQ(waiting(south_), Names{"a"});
    EXPECT_TRUE(look()->directory().peers.empty());
}

TEST_P(OutboxContract, APartyHasOnePeerAndTheNewestCounts) {
    const Peer first{.party = south_, .url = "https://a", .settings = "{}", .secret = "1"};
    const Peer second{.party = south_, .url = "https://b", .settings = R"({"x":1})", .secret = ""};
    const Peer third{.party = west_, .url = "https://c", .settings = "{}", .secret = "3"};
    const std::uint64_t before = generation();
    write([&](Transaction& tx) {
        tx.put(third);
        tx.put(first);
        tx.put(second);
    });
    EXPECT_NE(generation(), before);
    (void)reopen();
    EXPECT_EQ(look()->directory().peers, (std::vector<Peer>{second, third}));
    const std::uint64_t with = generation();
    write([&](Transaction& tx) { tx.erase_peer(south_); });
    EXPECT_NE(generation(), with);
    EXPECT_EQ(look()->directory().peers, std::vector<Peer>{third});
    const std::uint64_t without = generation();
    write([&](Transaction& tx) { tx.erase_peer(south_); });
    EXPECT_EQ(generation(), without);
}

TEST_P(OutboxContract, RowsDoNotMoveTheGeneration) {
    const std::uint64_t before = generation();
    write([&](Transaction& tx) {
        const OutboxNo no = tx.put(row_for(south_, "a", {1}));
        tx.erase(no);
        tx.purge_outbox({10});
    });
    EXPECT_EQ(generation(), before);
}

TEST_P(OutboxContract, ErasingAPartyTakesItsPeerAndWhatWaitsForIt) {
    write([&](Transaction& tx) {
        tx.put(Peer{.party = south_, .url = "https://a", .settings = "{}", .secret = "1"});
        tx.put(row_for(south_, "a", {1}));
        tx.put(row_for(west_, "b", {1}));
        tx.erase(south_);
    });
    EXPECT_TRUE(look()->directory().peers.empty());
    ASSERT_EQ(look()->outbox({}, 10).size(), 1U);
    EXPECT_EQ(look()->outbox({}, 10)[0].about, "b");
}

TEST_P(OutboxContract, ACollectionKeepsWhetherItTakesAgreements) {
    const auto takes = [&] {
        const Directory d = look()->directory();
        return std::ranges::find(d.collections, feed, &Collection::no)->takes_agreements;
    };
    EXPECT_FALSE(takes());
    write([&](Transaction& tx) {
        Collection changed = collection("feed");
        changed.no = feed;
        changed.takes_agreements = true;
        tx.put(changed);
        Collection fresh = collection("inbox");
        fresh.takes_agreements = true;
        tx.put(fresh);
    });
    (void)reopen();
    EXPECT_TRUE(takes());
    EXPECT_TRUE(look()->directory().collections.back().takes_agreements);
}

}  // namespace
}  // namespace entente::store::contract
