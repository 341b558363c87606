#include "store/contract.h"

#include <stdexcept>
#include <thread>

namespace entente::store::contract {
namespace {

using agreement::raw;

class ViewContract : public StoreContract {};

class RecordContract : public StoreContract {};

class TransactionContract : public StoreContract {};

INSTANTIATE_TEST_SUITE_P(Stores, ViewContract, testing::ValuesIn(backends()), backend_name);
INSTANTIATE_TEST_SUITE_P(Stores, RecordContract, testing::ValuesIn(backends()), backend_name);
INSTANTIATE_TEST_SUITE_P(Stores, TransactionContract, testing::ValuesIn(backends()), backend_name);

TEST_P(ViewContract, KeepsStretchesOfEachView) {
    const std::vector<agreement::Stretch> stretches{
        {red, Seq{0}, Seq{5}}, {red, Seq{9}, agreement::seq_max}, {blue, Seq{2}, Seq{3}}};
    write([&](Transaction& tx) {
        tx.make_view(bob, feed);
        tx.make_view(ann, feed);
        tx.set_stretches(bob, feed, stretches);
    });
    for (int round = 0; round < 2; ++round) {
        if (round > 0 && !reopen()) break;
        const auto s = look();
        EXPECT_TRUE(s->has_view(bob, feed));
        EXPECT_FALSE(s->has_view(bob, spare));
        EXPECT_EQ(s->stretches(bob, feed), stretches);
        EXPECT_TRUE(s->stretches(ann, feed).empty());
        EXPECT_EQ(s->viewers(feed), (std::vector{ann, bob}));
        EXPECT_TRUE(s->viewers(spare).empty());
    }
    write([&](Transaction& tx) { tx.set_stretches(bob, feed, {}); });
    EXPECT_TRUE(look()->stretches(bob, feed).empty());
    EXPECT_TRUE(look()->has_view(bob, feed));
}

TEST_P(ViewContract, LateRowsTakePositionsAndDatesAtTheHead) {
    append(feed, {{"a", "1", red}, {"b", "1", green}, {"c", "1", red}}, {100});
    using New = Transaction::NewLate;
    const std::vector<New> rows{{Seq{1}}, {Seq{2}, LateRow::Kind::reexposed}};
    const std::vector<New> more{{Seq{1}, LateRow::Kind::reexposed}};
    write([&](Transaction& tx) {
        tx.make_view(bob, feed);
        tx.make_view(ann, feed);
        tx.append_late(bob, feed, {50}, rows);
        tx.append_late(bob, feed, {500}, more);
        tx.append_late(ann, feed, {500}, more);
        tx.append_late(ann, feed, {900}, {});
    });
    EXPECT_EQ(append(feed, {{"d", "1", red}}, {1}), Seq{8});
    for (int round = 0; round < 2; ++round) {
        if (round > 0 && !reopen()) break;
        const auto s = look();
        EXPECT_EQ(s->group_at(feed, Seq{8})->base, Micros{502});
        const auto late = s->late_rows(bob, feed, {}, 10);
        ASSERT_EQ(late.size(), 3U);
        EXPECT_EQ(late[0].seq, Seq{4});
        EXPECT_EQ(late[0].entry, Seq{1});
        EXPECT_EQ(late[0].kind, LateRow::Kind::widened);
        EXPECT_EQ(late[0].date, Micros{103});
        EXPECT_EQ(late[1].seq, Seq{5});
        EXPECT_EQ(late[1].kind, LateRow::Kind::reexposed);
        EXPECT_EQ(late[1].date, Micros{104});
        EXPECT_EQ(late[2].seq, Seq{6});
        EXPECT_EQ(late[2].date, Micros{500});
        ASSERT_EQ(s->late_rows(bob, feed, Seq{5}, 1).size(), 1U);
        EXPECT_EQ(s->late_rows(bob, feed, Seq{5}, 1)[0].seq, Seq{5});
        EXPECT_TRUE(s->late_rows(bob, feed, Seq{7}, 10).empty());
        EXPECT_TRUE(s->late_rows(bob, spare, {}, 10).empty());
        ASSERT_EQ(s->late_rows(ann, feed, {}, 10).size(), 1U);
        EXPECT_EQ(s->late_rows(ann, feed, {}, 10)[0].seq, Seq{7});
        EXPECT_FALSE(s->late_by_date(bob, feed, {102}));
        EXPECT_EQ(s->late_by_date(bob, feed, {103})->seq, Seq{4});
        EXPECT_EQ(s->late_by_date(bob, feed, {499})->seq, Seq{5});
        EXPECT_EQ(s->late_by_date(bob, feed, {9'999})->seq, Seq{6});
        EXPECT_FALSE(s->late_by_date(bob, spare, {9'999}));
        const auto of_first = s->late_of_entry(bob, feed, Seq{1});
        ASSERT_EQ(of_first.size(), 2U);
        EXPECT_EQ(of_first[0].seq, Seq{4});
        EXPECT_EQ(of_first[1].seq, Seq{6});
        EXPECT_TRUE(s->late_of_entry(bob, feed, Seq{3}).empty());
        EXPECT_TRUE(has(s->entry(feed, Seq{2})->flags, Flag::reexposed));
        EXPECT_FALSE(has(s->entry(feed, Seq{3})->flags, Flag::reexposed));
        EXPECT_TRUE(findings().empty());
    }
}

TEST_P(ViewContract, LateRowsGoWithTheirClassOrTheirEntry) {
    append(feed, {{"a", "1", red}, {"b", "1", green}, {"c", "1", red}});
    const std::vector<Transaction::NewLate> rows{{Seq{1}}, {Seq{2}}, {Seq{3}}};
    write([&](Transaction& tx) {
        for (const UserNo u : {ann, bob}) {
            tx.make_view(u, feed);
            tx.append_late(u, feed, {1}, rows);
        }
        tx.remove_late(bob, feed, red);
    });
    const auto entries_of = [&](UserNo u) {
        std::vector<Seq> found;
        for (const LateRow& row : look()->late_rows(u, feed, {}, 10))
            found.push_back(row.entry);
        return found;
    };
    EXPECT_EQ(entries_of(bob), std::vector{Seq{2}});
    EXPECT_EQ(entries_of(ann), (std::vector{Seq{1}, Seq{2}, Seq{3}}));
    write([&](Transaction& tx) { tx.remove(feed, Seq{2}); });
    EXPECT_TRUE(entries_of(bob).empty());
    EXPECT_EQ(entries_of(ann), (std::vector{Seq{1}, Seq{3}}));
    EXPECT_TRUE(findings().empty());
}

TEST_P(RecordContract, ActsAreNumberedInOrder) {
    Act act{
        .no = {},
        .kind = "published",
        .at = {7},
        .user = ann,
        .party = own,
        .collection = feed,
        .facts = R"({"count":1})"};
    write([&](Transaction& tx) {
        EXPECT_EQ(tx.append_act(act), ActNo{1});
        EXPECT_FALSE(tx.savepoint([&] { return tx.append_act(act) == ActNo{0}; }));
        act.kind = "disclosed";
        EXPECT_EQ(tx.append_act(act), ActNo{2});
    });
    (void)reopen();
    write([&](Transaction& tx) { EXPECT_EQ(tx.append_act(act), ActNo{3}); });
    const auto all = look()->acts(ActNo{0}, 10);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].kind, "published");
    EXPECT_EQ(all[0].at, Micros{7});
    EXPECT_EQ(all[0].user, ann);
    EXPECT_EQ(all[0].party, own);
    EXPECT_EQ(all[0].collection, feed);
    EXPECT_EQ(all[0].facts, R"({"count":1})");
    EXPECT_EQ(all[1].no, ActNo{2});
    const auto one = look()->acts(ActNo{2}, 1);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].no, ActNo{2});
    EXPECT_TRUE(look()->acts(ActNo{4}, 10).empty());
}

TEST_P(RecordContract, StatusesAreKeptReplacedAndPurged) {
    write([&](Transaction& tx) {
        tx.put_status({.id = "s1", .user = ann, .root = root, .at = {10}, .body = "{}"});
        tx.put_status({.id = "s2", .user = bob, .root = root, .at = {20}, .body = "{1}"});
        tx.put_status({.id = "s1", .user = ann, .root = root, .at = {11}, .body = "{2}"});
    });
    (void)reopen();
    const auto one = look()->status("s1");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->id, "s1");
    EXPECT_EQ(one->user, ann);
    EXPECT_EQ(one->root, root);
    EXPECT_EQ(one->at, Micros{11});
    EXPECT_EQ(one->body, "{2}");
    EXPECT_FALSE(look()->status("s3"));
    write([&](Transaction& tx) { tx.purge_statuses({20}); });
    EXPECT_FALSE(look()->status("s1"));
    EXPECT_TRUE(look()->status("s2"));
}

TEST_P(RecordContract, QuarantineKeepsItemsAndTheirState) {
    QuarantineItem item;
    item.collection = feed;
    item.user = bob;
    item.party = other;
    item.at = {9};
    item.reason = "another custodian";
    item.id = "indicator--1";
    item.version = "2024";
    item.body = "{}";
    item.visible_to_sender = true;
    write([&](Transaction& tx) {
        item.no = tx.put(item);
        QuarantineItem second = item;
        second.no = {};
        EXPECT_NE(tx.put(second), item.no);
        item.state = QuarantineItem::State::accepted;
        EXPECT_EQ(tx.put(item), item.no);
    });
    (void)reopen();
    const auto all = look()->quarantine();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].state, QuarantineItem::State::waiting);
    const auto one = look()->quarantine(item.no);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->collection, feed);
    EXPECT_EQ(one->user, bob);
    EXPECT_EQ(one->party, other);
    EXPECT_EQ(one->at, Micros{9});
    EXPECT_EQ(one->reason, "another custodian");
    EXPECT_EQ(one->id, "indicator--1");
    EXPECT_EQ(one->version, "2024");
    EXPECT_EQ(one->body, "{}");
    EXPECT_TRUE(one->visible_to_sender);
    EXPECT_EQ(one->state, QuarantineItem::State::accepted);
    EXPECT_FALSE(look()->quarantine(QuarantineNo{99}));
}

TEST_P(RecordContract, SettingsAreNamedValues) {
    EXPECT_FALSE(look()->setting("a"));
    write([&](Transaction& tx) {
        tx.set_setting("a", "1");
        tx.set_setting("a", std::string_view("2\0x", 3));
        tx.set_setting("b", "");
        EXPECT_EQ(tx.setting("b"), "");
    });
    (void)reopen();
    EXPECT_EQ(look()->setting("a"), std::string("2\0x", 3));
    EXPECT_EQ(look()->setting("b"), "");
}

TEST_P(TransactionContract, ASnapshotSeesNothingOfLaterCommits) {
    append(feed, {{"a", "1", red}});
    const auto old = look();
    const std::uint64_t generation = old->generation();
    const auto walk = old->entries(feed, {});
    append(feed, {{"a", "2", red}});
    write([&](Transaction& tx) {
        tx.remove(feed, Seq{1});
        tx.put(user("eve", own));
        tx.append_act({});
    });
    EXPECT_EQ(old->generation(), generation);
    EXPECT_EQ(walk->next()->id, "a");
    EXPECT_FALSE(walk->next());
    EXPECT_EQ(old->versions(feed, "a").size(), 1U);
    EXPECT_EQ(old->head(feed).next_seq, Seq{2});
    EXPECT_TRUE(old->acts(ActNo{0}, 1).empty());
    EXPECT_EQ(look()->versions(feed, "a").size(), 1U);
    EXPECT_EQ(positions(*look(), feed), std::vector<std::uint64_t>{2});
}

TEST_P(TransactionContract, OthersSeeNothingBeforeTheCommit) {
    write([&](Transaction& tx) {
        append(tx, feed, {{"a", "1", red}});
        EXPECT_EQ(positions(tx, feed).size(), 1U);
        EXPECT_TRUE(positions(*look(), feed).empty());
    });
    EXPECT_EQ(positions(*look(), feed).size(), 1U);
}

TEST_P(TransactionContract, AnExceptionLeavesNothing) {
    const std::uint64_t generation = look()->generation();
    const auto fails = [&] {
        write([&](Transaction& tx) {
            append(tx, feed, {{"a", "1", red}});
            tx.put(user("eve", own));
            tx.append_act({});
            throw std::runtime_error("no");
        });
    };
    EXPECT_THROW(fails(), std::runtime_error);
    EXPECT_EQ(look()->generation(), generation);
    EXPECT_TRUE(positions(*look(), feed).empty());
    EXPECT_EQ(look()->head(feed).next_seq, Seq{1});
    EXPECT_EQ(append(feed, {{"a", "1", red}}), Seq{1});
}

TEST_P(TransactionContract, ASavepointUndoesItsOwnWritesOnly) {
    write([&](Transaction& tx) {
        append(tx, feed, {{"a", "1", red}});
        EXPECT_FALSE(tx.savepoint([&] {
            append(tx, feed, {{"a", "2", red}, {"b", "1", red}});
            tx.remove(feed, Seq{1});
            return false;
        }));
        EXPECT_EQ(positions(tx, feed), std::vector<std::uint64_t>{1});
        EXPECT_EQ(tx.entry(feed, Seq{1})->flags, 0);
        const auto throws = [&] {
            return tx.savepoint([&]() -> bool {
                append(tx, feed, {{"a", "3", red}});
                throw std::runtime_error("no");
            });
        };
        EXPECT_THROW((void)throws(), std::runtime_error);
        EXPECT_TRUE(tx.savepoint([&] {
            append(tx, feed, {{"a", "4", red}});
            EXPECT_FALSE(tx.savepoint([&] {
                append(tx, feed, {{"a", "5", red}});
                return false;
            }));
            return true;
        }));
    });
    const auto v = look()->versions(feed, "a");
    ASSERT_EQ(v.size(), 2U);
    EXPECT_EQ(v[0].version_key, "1");
    EXPECT_EQ(v[1].version_key, "4");
    EXPECT_EQ(v[1].seq, Seq{2});
    EXPECT_TRUE(findings().empty());
}

TEST_P(TransactionContract, ReadersWorkWhileAWriterWrites) {
    constexpr std::uint64_t groups = 200;
    std::thread writer([&] {
        for (std::uint64_t i = 0; i < groups; ++i)
            append(
                feed, {{"a" + std::to_string(i), "1", red}, {"b" + std::to_string(i), "1", green}}
            );
    });
    std::uint64_t last = 0;
    while (last < 2 * groups) {
        const auto s = look();
        const auto seen = positions(*s, feed);
        EXPECT_EQ(seen.size() % 2, 0U) << "half a transaction";
        EXPECT_GE(seen.size(), last);
        EXPECT_EQ(raw(s->head(feed).next_seq), seen.size() + 1);
        last = seen.size();
    }
    writer.join();
}

}  // namespace
}  // namespace entente::store::contract
