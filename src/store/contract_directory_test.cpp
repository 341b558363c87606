#include "store/contract.h"

#include <algorithm>

namespace entente::store::contract {
namespace {

class DirectoryContract : public StoreContract {
  protected:
    static Token token_of(UserNo user, std::string_view text) {
        Token t;
        t.user = user;
        t.hash = sha256(text);
        return t;
    }
};

INSTANTIATE_TEST_SUITE_P(Stores, DirectoryContract, testing::ValuesIn(backends()), backend_name);

TEST_P(DirectoryContract, GivesBackEveryFieldOfEveryRow) {
    Token token = token_of(ann, "t");
    token.label = "laptop";
    token.created = {5};
    token.expires = Micros{9};
    token.binding = "key:0";
    token.revoked = true;
    Grant grant{.no = {}, .collection = feed, .party = other};
    grant.list = grant.write = true;
    grant.max_marking = stix::Tlp::green;
    write([&](Transaction& tx) {
        tx.put(Party{.no = own, .name = "North CERT", .own = true, .identities = {"b", "a"}});
        User u = user("ann", own);
        u.no = ann;
        u.role = Role::auditor;
        u.password_hash = "$argon2id$";
        u.password_expires = Micros{7};
        u.disabled = true;
        EXPECT_EQ(tx.put(u), ann);
        token.no = tx.put(token);
        grant.no = tx.put(grant);
        ApiRoot r = api_root("other");
        r.no = root;
        r.description = "text";
        r.is_default = true;
        tx.put(r);
        Collection c = collection("renamed");
        c.no = feed;
        c.alias = "short";
        c.description = "words";
        c.accepts_stix20 = true;
        c.checks = Checks::strict;
        c.default_marking = stix::Tlp::red;
        tx.put(c);
        tx.put(StatementMarking{.marking_id = "marking-definition--1", .source = other});
    });
    for (int round = 0; round < 2; ++round) {
        const Directory d = look()->directory();
        EXPECT_EQ(d.generation, look()->generation());
        ASSERT_EQ(d.parties.size(), 2U);
        EXPECT_EQ(d.parties[0].name, "North CERT");
        EXPECT_TRUE(d.parties[0].own);
        EXPECT_FALSE(d.parties[1].own);
        EXPECT_EQ(d.parties[0].identities, (std::vector<std::string>{"b", "a"}));
        ASSERT_EQ(d.users.size(), 2U);
        EXPECT_EQ(d.users[0].no, ann);
        EXPECT_EQ(d.users[0].party, own);
        EXPECT_EQ(d.users[0].role, Role::auditor);
        EXPECT_EQ(d.users[0].password_hash, "$argon2id$");
        EXPECT_EQ(d.users[0].password_expires, Micros{7});
        EXPECT_TRUE(d.users[0].disabled);
        EXPECT_FALSE(d.users[1].password_expires);
        ASSERT_EQ(d.tokens.size(), 1U);
        EXPECT_EQ(d.tokens[0].user, ann);
        EXPECT_EQ(d.tokens[0].hash, token.hash);
        EXPECT_EQ(d.tokens[0].binding, "key:0");
        EXPECT_EQ(d.tokens[0].label, "laptop");
        EXPECT_EQ(d.tokens[0].created, Micros{5});
        EXPECT_EQ(d.tokens[0].expires, Micros{9});
        EXPECT_TRUE(d.tokens[0].revoked);
        ASSERT_EQ(d.roots.size(), 1U);
        EXPECT_EQ(d.roots[0].name, "other");
        EXPECT_EQ(d.roots[0].title, "a root");
        EXPECT_EQ(d.roots[0].description, "text");
        EXPECT_EQ(d.roots[0].max_content_length, 1'000U);
        EXPECT_TRUE(d.roots[0].is_default);
        ASSERT_EQ(d.collections.size(), 2U);
        EXPECT_EQ(d.collections[0].no, feed);
        EXPECT_EQ(d.collections[0].root, root);
        EXPECT_EQ(d.collections[0].id, "renamed-id");
        EXPECT_EQ(d.collections[0].alias, "short");
        EXPECT_EQ(d.collections[0].title, "renamed");
        EXPECT_EQ(d.collections[0].description, "words");
        EXPECT_TRUE(d.collections[0].accepts_stix20);
        EXPECT_EQ(d.collections[0].checks, Checks::strict);
        EXPECT_EQ(d.collections[0].default_marking, stix::Tlp::red);
        ASSERT_EQ(d.grants.size(), 1U);
        EXPECT_EQ(d.grants[0].no, grant.no);
        EXPECT_EQ(d.grants[0].collection, feed);
        EXPECT_EQ(d.grants[0].party, other);
        EXPECT_EQ(d.grants[0].user, UserNo{});
        EXPECT_TRUE(d.grants[0].list);
        EXPECT_FALSE(d.grants[0].read);
        EXPECT_TRUE(d.grants[0].write);
        EXPECT_EQ(d.grants[0].max_marking, stix::Tlp::green);
        ASSERT_EQ(d.statements.size(), 1U);
        EXPECT_EQ(d.statements[0].source, other);
        if (!reopen()) break;
    }
}

TEST_P(DirectoryContract, MovesTheGenerationWithDirectoryAndViewsOnly) {
    const Seq seq = append(feed, {{"a", "1", red}});
    const auto moves = [&](const std::function<void(Transaction&)>& work) {
        const std::uint64_t before = look()->generation();
        write([&](Transaction& tx) {
            EXPECT_EQ(tx.generation(), before);
            work(tx);
        });
        return look()->generation() != before;
    };
    Grant grant{.no = {}, .collection = feed, .party = other};
    TokenNo token{};
    EXPECT_TRUE(moves([&](Transaction& tx) { grant.no = tx.put(grant); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.put(grant); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.erase(grant.no); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.put(user("eve", own)); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { token = tx.put(token_of(ann, "1")); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.erase(token); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.put(api_root("more")); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.put(collection("more")); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.put(StatementMarking{"m", own}); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.put(StatementMarking{"m", own}); }));
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.make_view(bob, feed); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.make_view(bob, feed); }));
    const agreement::Stretch stretch{.cls = red, .after = Seq{1}};
    EXPECT_TRUE(moves([&](Transaction& tx) { tx.set_stretches(bob, feed, {&stretch, 1}); }));
    const Transaction::NewLate late{.entry = seq};
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.append_late(bob, feed, {1}, {&late, 1}); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.remove_late(bob, feed, red); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.intern_class("new"); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { append(tx, feed, {{"b", "1", red}}); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.remove(feed, seq); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.set_setting("a", "b"); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.append_act({}); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.put_status({}); }));
    EXPECT_FALSE(moves([&](Transaction& tx) { tx.put(QuarantineItem{}); }));
}

TEST_P(DirectoryContract, DoesNotMoveTheGenerationWhenUndone) {
    const std::uint64_t before = look()->generation();
    write([&](Transaction& tx) {
        EXPECT_FALSE(tx.savepoint([&] {
            tx.put(user("eve", own));
            EXPECT_NE(tx.generation(), before);
            return false;
        }));
    });
    EXPECT_EQ(look()->generation(), before);
}

TEST_P(DirectoryContract, NeverGivesANumberTwice) {
    UserNo first{};
    UserNo second{};
    CollectionNo third{};
    CollectionNo fourth{};
    write([&](Transaction& tx) { first = tx.put(user("eve", own)); });
    write([&](Transaction& tx) { tx.erase(first); });
    write([&](Transaction& tx) { second = tx.put(user("eve", own)); });
    EXPECT_NE(first, second);
    write([&](Transaction& tx) { third = tx.put(collection("x")); });
    write([&](Transaction& tx) { tx.erase(third); });
    (void)reopen();
    write([&](Transaction& tx) { fourth = tx.put(collection("x")); });
    EXPECT_NE(third, fourth);
}

TEST_P(DirectoryContract, ErasesAUserWithAllThatIsItsOwn) {
    const Seq seq = append(feed, {{"a", "1", red}});
    write([&](Transaction& tx) {
        tx.put(token_of(bob, "b"));
        tx.put(token_of(ann, "a"));
        tx.put(Grant{.no = {}, .collection = feed, .user = bob});
        tx.put(Grant{.no = {}, .collection = feed, .party = other});
        const agreement::Stretch stretch{.cls = red, .after = Seq{1}};
        const Transaction::NewLate late{.entry = seq};
        for (const UserNo u : {ann, bob}) {
            tx.make_view(u, feed);
            tx.set_stretches(u, feed, {&stretch, 1});
            tx.append_late(u, feed, {1}, {&late, 1});
        }
        tx.erase(bob);
    });
    const auto s = look();
    const Directory d = s->directory();
    ASSERT_EQ(d.users.size(), 1U);
    ASSERT_EQ(d.tokens.size(), 1U);
    EXPECT_EQ(d.tokens[0].user, ann);
    ASSERT_EQ(d.grants.size(), 1U);
    EXPECT_EQ(d.grants[0].party, other);
    EXPECT_FALSE(s->has_view(bob, feed));
    EXPECT_TRUE(s->stretches(bob, feed).empty());
    EXPECT_TRUE(s->late_rows(bob, feed, {}, 10).empty());
    EXPECT_EQ(s->viewers(feed), std::vector{ann});
    EXPECT_EQ(s->stretches(ann, feed).size(), 1U);
    EXPECT_EQ(s->late_rows(ann, feed, {}, 10).size(), 1U);
    EXPECT_TRUE(findings().empty());
}

TEST_P(DirectoryContract, ErasesACollectionWithAllThatIsInIt) {
    const Seq seq = append(feed, {{"a", "1", red}, {"a", "2", green}});
    append(spare, {{"a", "1", red}});
    write([&](Transaction& tx) {
        for (const CollectionNo c : {feed, spare}) {
            tx.put(Grant{.no = {}, .collection = c, .user = bob});
            tx.make_view(bob, c);
            const agreement::Stretch stretch{.cls = red, .after = Seq{1}};
            tx.set_stretches(bob, c, {&stretch, 1});
            const Transaction::NewLate late{.entry = seq};
            tx.append_late(bob, c, {1}, {&late, 1});
            QuarantineItem item;
            item.collection = c;
            tx.put(item);
        }
        tx.erase(feed);
    });
    const auto s = look();
    ASSERT_EQ(s->directory().collections.size(), 1U);
    EXPECT_EQ(s->directory().grants.size(), 1U);
    EXPECT_TRUE(positions(*s, feed).empty());
    EXPECT_FALSE(s->entry(feed, seq));
    EXPECT_TRUE(s->versions(feed, "a").empty());
    EXPECT_FALSE(s->next_of_class(feed, red, {}));
    EXPECT_FALSE(s->group_at(feed, seq));
    EXPECT_FALSE(s->group_by_date(feed, {9'999}));
    EXPECT_FALSE(s->has_view(bob, feed));
    EXPECT_TRUE(s->stretches(bob, feed).empty());
    EXPECT_TRUE(s->late_rows(bob, feed, {}, 9).empty());
    EXPECT_EQ(s->quarantine().size(), 1U);
    EXPECT_EQ(positions(*s, spare).size(), 1U);
    EXPECT_EQ(s->versions(spare, "a").size(), 1U);
    EXPECT_EQ(s->late_rows(bob, spare, {}, 9).size(), 1U);
    EXPECT_EQ(s->stretches(bob, spare).size(), 1U);
    EXPECT_TRUE(findings().empty());
}

TEST_P(DirectoryContract, ErasesPartiesAndRootsThatNothingNames) {
    PartyNo party{};
    RootNo empty{};
    write([&](Transaction& tx) {
        party = tx.put(Party{.no = {}, .name = "West", .own = false, .identities = {"i"}});
        empty = tx.put(api_root("empty"));
    });
    write([&](Transaction& tx) {
        tx.erase(party);
        tx.erase(empty);
    });
    EXPECT_EQ(look()->directory().parties.size(), 2U);
    EXPECT_EQ(look()->directory().roots.size(), 1U);
}

TEST_P(DirectoryContract, InternsAClassOnceAndForGood) {
    std::vector<std::pair<ClassNo, std::string>> all;
    write([&](Transaction& tx) {
        EXPECT_EQ(tx.intern_class("green"), green);
        const ClassNo fresh = tx.intern_class("fresh");
        EXPECT_GT(fresh, blue);
        EXPECT_EQ(tx.intern_class("fresh"), fresh);
        EXPECT_EQ(
            tx.intern_class(std::string("fr\0sh", 5)), agreement::ClassNo{agreement::raw(fresh) + 1}
        );
    });
    all = look()->classes(ClassNo{0});
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0], std::pair(red, std::string("red")));
    EXPECT_EQ(all[4].second, std::string("fr\0sh", 5));
    EXPECT_TRUE(std::ranges::is_sorted(all));
    EXPECT_EQ(look()->classes(green).size(), 4U);
    EXPECT_EQ(agreement::raw(red), 1U);  // 0 is "none"
    (void)reopen();
    EXPECT_EQ(look()->classes(ClassNo{0}), all);
    write([&](Transaction& tx) { EXPECT_EQ(tx.intern_class("red"), red); });
    // A number that was given in a savepoint that was undone means nothing.
    write([&](Transaction& tx) {
        EXPECT_FALSE(tx.savepoint([&] {
            (void)tx.intern_class("gone");
            return false;
        }));
    });
    EXPECT_EQ(look()->classes(ClassNo{0}), all);
}

}  // namespace
}  // namespace entente::store::contract
