#include "store/contract.h"

namespace entente::store::contract {
namespace {

class KeepingContract : public StoreContract {
  protected:
    [[nodiscard]] Hold hold_on(std::string id, CollectionNo collection = {}, PartyNo party = {}) {
        Hold h;
        h.collection = collection;
        h.party = party;
        h.id = std::move(id);
        h.person = "Jane Doe";
        h.reason = "case 7";
        h.at = {5};
        return h;
    }

    [[nodiscard]] Kept kept_of(std::string id, CollectionNo collection) {
        Kept k;
        k.collection = collection;
        k.seq = Seq{3};
        k.cls = red;
        k.id = std::move(id);
        k.version = "1Z";
        k.derived_of = "base";
        k.body = R"({"id":"x"})";
        k.digest = sha256(k.body);
        k.at = {9};
        return k;
    }

    [[nodiscard]] std::uint64_t entries(CollectionNo c) { return look()->head(c).entries; }

    [[nodiscard]] std::uint64_t bytes(CollectionNo c) { return look()->head(c).bytes; }
};

INSTANTIATE_TEST_SUITE_P(Stores, KeepingContract, testing::ValuesIn(backends()), backend_name);

TEST_P(KeepingContract, CountsEntriesAndTheirBytes) {
    EXPECT_EQ(entries(feed), 0U);
    EXPECT_EQ(bytes(feed), 0U);
    const Draft a{.id = "a", .version_key = "1", .cls = red};
    const Draft b{.id = "b", .version_key = "1", .cls = blue};
    const Seq first = append(feed, {a, b});
    append(spare, {a});
    EXPECT_EQ(entries(feed), 2U);
    EXPECT_EQ(bytes(feed), body_of(a).size() + body_of(b).size());
    write([&](Transaction& tx) {
        tx.remove(feed, first);
        tx.remove(feed, first);  // there is nothing any more
        EXPECT_EQ(tx.head(feed).entries, 1U);
    });
    (void)reopen();
    EXPECT_EQ(entries(feed), 1U);
    EXPECT_EQ(bytes(feed), body_of(b).size());
    EXPECT_EQ(entries(spare), 1U);
    EXPECT_TRUE(findings().empty());
}

TEST_P(KeepingContract, AnUndoneAppendCountsNothing) {
    write([&](Transaction& tx) {
        (void)tx.savepoint([&] {
            append(tx, feed, {{.id = "a", .version_key = "1", .cls = red}});
            return false;
        });
    });
    EXPECT_EQ(entries(feed), 0U);
    EXPECT_EQ(bytes(feed), 0U);
}

TEST_P(KeepingContract, RemembersHowMuchACollectionKeeps) {
    write([&](Transaction& tx) {
        Collection c = tx.directory().collections.front();
        c.keep_us = 90LL * 24 * 3600 * 1'000'000;
        c.bytes_max = 10ULL << 30U;
        c.objects_max = 5;
        c.drop_oldest = true;
        tx.put(c);
    });
    (void)reopen();
    const Collection c = look()->directory().collections.front();
    EXPECT_EQ(c.keep_us, 90LL * 24 * 3600 * 1'000'000);
    EXPECT_EQ(c.bytes_max, 10ULL << 30U);
    EXPECT_EQ(c.objects_max, 5U);
    EXPECT_TRUE(c.drop_oldest);
}

TEST_P(KeepingContract, HoldsAreOfTheDirectory) {
    const std::uint64_t before = look()->generation();
    Hold on_id = hold_on("indicator--1", feed);
    Hold on_party = hold_on("", {}, other);
    write([&](Transaction& tx) {
        on_id.no = tx.put(on_id);
        on_party.no = tx.put(on_party);
    });
    EXPECT_GT(look()->generation(), before);
    (void)reopen();
    EXPECT_EQ(look()->directory().holds, (std::vector<Hold>{on_id, on_party}));
    const std::uint64_t with = look()->generation();
    write([&](Transaction& tx) { tx.erase(on_id.no); });
    EXPECT_GT(look()->generation(), with);
    EXPECT_EQ(look()->directory().holds, std::vector<Hold>{on_party});
}

TEST_P(KeepingContract, TombstonesKeepOutAVersionOrAll) {
    EXPECT_FALSE(look()->has_tombstones(feed));
    const Tombstone all{.id = "a", .version_key = "", .at = {7}};
    const Tombstone one{.id = "b", .version_key = "2", .at = {8}};
    write([&](Transaction& tx) {
        tx.put(feed, one);
        tx.put(feed, all);
        tx.put(feed, {.id = "a", .version_key = "", .at = {99}});  // stays as it was
        EXPECT_TRUE(tx.kept_out(feed, "a", "1"));
    });
    (void)reopen();
    EXPECT_TRUE(look()->has_tombstones(feed));
    EXPECT_FALSE(look()->has_tombstones(spare));
    EXPECT_TRUE(look()->kept_out(feed, "a", "anything"));
    EXPECT_TRUE(look()->kept_out(feed, "b", "2"));
    EXPECT_FALSE(look()->kept_out(feed, "b", "3"));
    EXPECT_FALSE(look()->kept_out(feed, "c", "2"));
    EXPECT_FALSE(look()->kept_out(spare, "a", "1"));
    EXPECT_EQ(look()->tombstones(feed, "", 10), (std::vector<Tombstone>{all, one}));
    EXPECT_EQ(look()->tombstones(feed, "b", 10), std::vector<Tombstone>{one});
    EXPECT_EQ(look()->tombstones(feed, "", 1), std::vector<Tombstone>{all});
    write([&](Transaction& tx) { tx.erase_tombstones(feed, "a"); });
    EXPECT_FALSE(look()->kept_out(feed, "a", "1"));
    EXPECT_TRUE(look()->kept_out(feed, "b", "2"));
}

TEST_P(KeepingContract, KeepsWhatWasRemovedWordForWord) {
    Kept k = kept_of("a", feed);
    k.body = R"({"id":"a","x":")" + std::string(200'000, 'x') + R"("})";
    k.digest = sha256(k.body);
    write([&](Transaction& tx) { k.no = tx.append_kept(k); });
    (void)reopen();
    EXPECT_EQ(look()->kept({}, 10), std::vector<Kept>{k});
    EXPECT_TRUE(look()->kept(KeptNo{agreement::raw(k.no) + 1}, 10).empty());
    EXPECT_TRUE(findings().empty());
    KeptNo second{};
    write([&](Transaction& tx) {
        tx.erase(k.no);
        tx.erase(k.no);
        second = tx.append_kept(kept_of("b", feed));
    });
    EXPECT_GT(second, k.no);
    ASSERT_EQ(look()->kept({}, 10).size(), 1U);
    EXPECT_EQ(look()->kept({}, 10).front().id, "b");
}

TEST_P(KeepingContract, AKeptEntryIsNoEntry) {
    const Seq seq = append(feed, {{.id = "a", .version_key = "1", .cls = red}});
    write([&](Transaction& tx) {
        Kept k = kept_of("a", feed);
        k.seq = seq;
        tx.append_kept(k);
        tx.remove(feed, seq);
    });
    EXPECT_FALSE(look()->entry(feed, seq));
    EXPECT_TRUE(look()->versions(feed, "a").empty());
    EXPECT_EQ(entries(feed), 0U);
    EXPECT_EQ(look()->kept({}, 10).size(), 1U);
}

TEST_P(KeepingContract, ACollectionGoesWithAllThatLeftIt) {
    write([&](Transaction& tx) {
        tx.put(hold_on("", feed));
        tx.put(hold_on("", spare));
        tx.put(feed, {.id = "a", .version_key = "", .at = {1}});
        tx.append_kept(kept_of("a", feed));
        tx.append_kept(kept_of("b", spare));
    });
    write([&](Transaction& tx) { tx.erase(feed); });
    EXPECT_EQ(look()->directory().holds.size(), 1U);
    ASSERT_EQ(look()->kept({}, 10).size(), 1U);
    EXPECT_EQ(look()->kept({}, 10).front().id, "b");
    EXPECT_FALSE(look()->has_tombstones(feed));
    EXPECT_TRUE(findings().empty());
}

TEST_P(KeepingContract, DatesGoOnFromWhereTheyWereRaisedTo) {
    append(feed, {{.id = "a", .version_key = "1", .cls = red}}, {1'000});
    write([&](Transaction& tx) {
        tx.raise_dates(feed, {5'000});
        tx.raise_dates(feed, {4'000});
    });
    EXPECT_EQ(look()->head(feed).next_base.count, 5'000);
    const Seq later = append(feed, {{.id = "b", .version_key = "1", .cls = red}}, {1'000});
    EXPECT_EQ(look()->group_at(feed, later)->base.count, 5'000);
    EXPECT_TRUE(findings().empty());
}

TEST_P(KeepingContract, AQuarantinedObjectCanBeErased) {
    QuarantineItem item;
    item.collection = feed;
    item.user = ann;
    item.party = own;
    item.id = "a";
    item.body = "{}";
    QuarantineNo no{};
    write([&](Transaction& tx) { no = tx.put(item); });
    write([&](Transaction& tx) {
        tx.erase(no);
        tx.erase(no);
    });
    EXPECT_TRUE(look()->quarantine().empty());
}

}  // namespace
}  // namespace entente::store::contract
