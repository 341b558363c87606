#include "exchange/feeds.h"

#include "base/limits.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <memory>

namespace entente::exchange {
namespace {

class Feeds : public ::testing::Test {
  protected:
    Feeds() {
        store->write([](store::Transaction& tx) {
            tx.put(store::Party{.no = {}, .name = "North CERT", .own = true, .identities = {}});
        });
    }

    std::uint64_t generation() { return store->snapshot()->generation(); }

    std::vector<KeptList> lists() { return kept_lists(*store->snapshot()).value(); }

    std::unique_ptr<store::Store> store = store::make_memory_store();
};

TEST_F(Feeds, AreReadAsTheyWerePut) {
    EXPECT_TRUE(feeds(*store->snapshot())->empty());
    const FeedSettings block{
        .name = "wall",
        .user = store::UserNo{7},
        .collections = {store::CollectionNo{3}, store::CollectionNo{1}},
        .purpose = agreement::Action::block,
        .format = "suricata-rules",
        .kinds = {"domain", "ipv4"},
        .folder = "/etc/suricata/\"rules\"\n",
        .sid_first = 4'000'000'000,
        .allowed = {"domain good.example"},
        .suffixes = "/usr/share/list"};
    const FeedSettings look{
        .name = "all", .user = store::UserNo{8}, .format = "plain", .observables = true};
    const std::uint64_t before = generation();
    store->write([&](store::Transaction& tx) { ASSERT_TRUE(put_feeds(tx, {block, look})); });
    EXPECT_EQ(*feeds(*store->snapshot()), (std::vector<FeedSettings>{look, block}));
    EXPECT_GT(generation(), before);
    store->write([&](store::Transaction& tx) {
        EXPECT_FALSE(put_feeds(tx, std::vector<FeedSettings>(limits::feeds_max + 1)));
        ASSERT_TRUE(put_feeds(tx, {}));
    });
    EXPECT_TRUE(feeds(*store->snapshot())->empty());
}

TEST_F(Feeds, SettingsThatCannotBeReadAreNotTakenForNone) {
    for (const char* text : {"{}", "[1]", R"([{"name":"x"}])", "["}) {
        store->write([&](store::Transaction& tx) {
            tx.set_setting("feeds", text);
            tx.set_setting("warning_lists", text);
        });
        EXPECT_EQ(feeds(*store->snapshot()).error().code, Errc::corrupt) << text;
        EXPECT_EQ(kept_lists(*store->snapshot()).error().code, Errc::corrupt) << text;
    }
}

TEST_F(Feeds, AWarningListTakesThePlaceOfTheOneOfItsName) {
    const auto put = [&](const KeptList& list, std::string_view text) {
        store->write([&](store::Transaction& tx) { ASSERT_TRUE(put_kept_list(tx, list, text)); });
    };
    const std::uint64_t before = generation();
    put({.name = "b", .stops = true, .entries = 1}, "one");
    put({.name = "a", .entries = 2}, "two");
    put({.name = "b", .stops = false, .entries = 3, .added = Micros{5}}, "three");
    EXPECT_GT(generation(), before);
    const auto kept = lists();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].name, "a");
    EXPECT_EQ(kept_list_text(*store->snapshot(), kept[0]), "two");
    EXPECT_EQ(
        kept[1],
        (KeptList{.name = "b", .stops = false, .slot = 1, .entries = 3, .added = Micros{5}})
    );
    EXPECT_EQ(kept_list_text(*store->snapshot(), kept[1]), "three");
    store->write([&](store::Transaction& tx) {
        EXPECT_EQ(erase_kept_list(tx, "c").error().code, Errc::not_found);
        ASSERT_TRUE(erase_kept_list(tx, "b"));
    });
    EXPECT_EQ(lists().size(), 1U);
    EXPECT_EQ(kept_list_text(*store->snapshot(), kept[1]), "");
    // Its place is free again.
    put({.name = "c"}, "four");
    EXPECT_EQ(lists()[1].slot, 1U);
    store->write([&](store::Transaction& tx) {
        const KeptList huge{.name = "d", .entries = limits::warning_list_entries_max};
        EXPECT_EQ(put_kept_list(tx, huge, "five").error().code, Errc::conflict);
    });
    EXPECT_EQ(lists().size(), 2U);
}

}  // namespace
}  // namespace entente::exchange
