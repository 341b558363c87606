#include "exchange/caller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using agreement::ClassTable;
using agreement::raw;
using stix::Tlp;
using store::CollectionNo;
using store::PartyNo;
using store::Role;
using store::RootNo;
using store::UserNo;

std::shared_ptr<const ClassTable> no_classes() {
    return std::make_shared<const ClassTable>();
}

constexpr std::string_view uuid_a = "aaaaaaaa-0000-4000-8000-00000000000a";
constexpr std::string_view uuid_b = "bbbbbbbb-0000-4000-8000-00000000000b";

/// Two parties, three users, two roots with collections.
store::Directory directory() {
    store::Directory d;
    d.generation = 7;
    d.parties = {
        {.no = PartyNo{1},
         .name = "North",
         .own = true,
         .identities = {"identity--n1", "identity--n2"}},
        {.no = PartyNo{2}, .name = "South", .own = false, .identities = {"identity--s"}}};
    for (std::uint32_t no = 1; no <= 3; ++no) {
        store::User u;
        u.no = UserNo{no};
        u.name = std::array{"ann", "bob", "cat"}[no - 1];
        u.party = PartyNo{no == 1 ? 1U : 2U};
        u.role = Role::publisher;
        d.users.push_back(u);
    }
    for (std::uint32_t no = 1; no <= 2; ++no) {
        store::ApiRoot r;
        r.no = RootNo{no};
        r.name = no == 1 ? "one" : "two";
        d.roots.push_back(r);
    }
    const auto collection =
        [](std::uint32_t no, std::uint32_t root, std::string_view id, std::string alias) {
            store::Collection c;
            c.no = CollectionNo{no};
            c.root = RootNo{root};
            c.id = id;
            c.alias = std::move(alias);
            return c;
        };
    d.collections = {
        collection(1, 1, uuid_a, "feed"),
        collection(2, 1, uuid_b, ""),
        collection(3, 2, "107", "feed")};
    return d;
}

store::Grant grant_to(PartyNo party, UserNo user, const char* what, Tlp max = Tlp::amber) {
    const std::string_view rights(what);
    return {
        .no = {},
        .collection = CollectionNo{1},
        .party = party,
        .user = user,
        .list = rights.find('l') != rights.npos,
        .read = rights.find('r') != rights.npos,
        .write = rights.find('w') != rights.npos,
        .max_marking = max};
}

template <class Row>
std::uint32_t number(const Row* row) {
    return row == nullptr ? 0 : raw(row->no);
}

TEST(State, FindsRowsByNumberAndName) {
    const State s(directory(), no_classes());
    for (std::uint32_t no = 1; no <= 3; ++no)
        EXPECT_EQ(number(s.user(UserNo{no})), no);
    EXPECT_EQ(number(s.party(PartyNo{2})), 2U);
    EXPECT_EQ(number(s.party("South")), 2U);
    EXPECT_EQ(number(s.user("cat")), 3U);
    EXPECT_EQ(number(s.root("two")), 2U);
    EXPECT_EQ(number(s.root(RootNo{1})), 1U);
    EXPECT_EQ(number(s.collection(CollectionNo{3})), 3U);
    EXPECT_EQ(number(&s.own_party()), 1U);
    EXPECT_EQ(s.directory.generation, 7U);
}

TEST(State, FindsNothingForWhatThereIsNot) {
    const State s(directory(), no_classes());
    EXPECT_EQ(s.party(PartyNo{0}), nullptr);
    EXPECT_EQ(s.party(PartyNo{3}), nullptr);
    EXPECT_EQ(s.party("south"), nullptr) << "names are compared exactly";
    EXPECT_EQ(s.user(UserNo{0}), nullptr);
    EXPECT_EQ(s.user(""), nullptr);
    EXPECT_EQ(s.root("three"), nullptr);
    EXPECT_EQ(s.root(RootNo{0}), nullptr);
    EXPECT_EQ(s.collection(CollectionNo{4}), nullptr);
    EXPECT_EQ(s.party_of_identity("identity--x"), std::nullopt);
    EXPECT_EQ(s.token(Digest{}), nullptr);
    const State empty(store::Directory{}, no_classes());
    EXPECT_EQ(empty.party("North"), nullptr);
}

TEST(State, FindsCollectionsByIdOrAliasInTheirRootOnly) {
    const State s(directory(), no_classes());
    EXPECT_EQ(number(s.collection(RootNo{1}, uuid_a)), 1U);
    EXPECT_EQ(number(s.collection(RootNo{1}, "feed")), 1U);
    EXPECT_EQ(number(s.collection(RootNo{2}, "feed")), 3U);
    EXPECT_EQ(number(s.collection(RootNo{2}, "107")), 3U);
    EXPECT_EQ(s.collection(RootNo{2}, uuid_a), nullptr);
    EXPECT_EQ(s.collection(RootNo{1}, "107"), nullptr);
    EXPECT_EQ(s.collection(RootNo{1}, ""), nullptr) << "no alias is not an alias";
    EXPECT_EQ(s.collection(RootNo{1}, "FEED"), nullptr);
    EXPECT_EQ(s.collection(RootNo{3}, "feed"), nullptr);
}

TEST(State, ReadsUuidsInEitherCase) {
    auto d = directory();
    d.collections[1].id = "BBBBBBBB-0000-4000-8000-00000000000B";
    const State s(std::move(d), no_classes());
    EXPECT_EQ(number(s.collection(RootNo{1}, "AAAAAAAA-0000-4000-8000-00000000000A")), 1U);
    EXPECT_EQ(number(s.collection(RootNo{1}, uuid_b)), 2U);
    EXPECT_EQ(number(s.collection(RootNo{1}, "BBBBBBBB-0000-4000-8000-00000000000B")), 2U);
}

TEST(State, AnIdGoesBeforeAnEqualAlias) {
    auto d = directory();
    d.collections[0].alias = uuid_b;
    const State s(std::move(d), no_classes());
    EXPECT_EQ(number(s.collection(RootNo{1}, uuid_b)), 2U);
}

TEST(State, AnIdentityOnTwoCardsStaysWithTheOwnPartyThenTheFirst) {
    auto d = directory();
    d.parties.insert(
        d.parties.begin(),
        {.no = PartyNo{3},
         .name = "East",
         .own = false,
         .identities = {"identity--n2", "identity--s", "identity--e"}}
    );
    d.parties[1].no = PartyNo{9};  // the own party's number is the greatest
    const State s(std::move(d), no_classes());
    EXPECT_EQ(s.party_of_identity("identity--n2"), PartyNo{9});
    EXPECT_EQ(s.party_of_identity("identity--s"), PartyNo{2});
    EXPECT_EQ(s.party_of_identity("identity--e"), PartyNo{3});
}

TEST(State, FindsTokensByTheirHashEvenWhenTheFirstBytesAreEqual) {
    auto d = directory();
    for (std::uint32_t no = 1; no <= 20; ++no) {
        store::Token t;
        t.no = store::TokenNo{no};
        t.hash.fill(0x5A);
        t.hash[31] = static_cast<std::uint8_t>(no);
        if (no > 10) t.hash[0] = static_cast<std::uint8_t>(no);
        d.tokens.push_back(t);
    }
    const auto rows = d.tokens;
    const State s(std::move(d), no_classes());
    for (const store::Token& row : rows) {
        EXPECT_EQ(number(s.token(row.hash)), raw(row.no));
        for (std::size_t byte = 0; byte < row.hash.size(); ++byte) {
            Digest other = row.hash;
            other[byte] ^= 0x80U;
            EXPECT_EQ(s.token(other), nullptr);
        }
    }
}

TEST(State, CopiesShareTheDirectory) {
    auto first = std::make_unique<const State>(directory(), no_classes());
    const State copy(*first);
    const State grown(*first, no_classes());
    EXPECT_EQ(&copy.directory, &first->directory);
    EXPECT_EQ(&grown.directory, &first->directory);
    EXPECT_NE(grown.classes, first->classes);
    first.reset();
    EXPECT_EQ(number(copy.user("bob")), 2U);
    EXPECT_EQ(number(grown.user("bob")), 2U);
}

struct RightsCase {
    const char* name;
    std::vector<store::Grant> grants;
    Role role;
    bool list, read, write;
    Tlp read_ceiling, write_ceiling;
};

TEST(Rights, AreTheUnionOfTheUsersAndItsPartysGrantsBoundedByTheRole) {
    const PartyNo south{2};
    const UserNo bob{2};
    const PartyNo nobody{};
    const UserNo no_one{};
    const std::vector<store::Grant> mixed{
        grant_to(south, no_one, "lr", Tlp::green), grant_to(nobody, bob, "w", Tlp::red)};
    const std::vector<RightsCase> cases{
        {"no grant", {}, Role::admin, false, false, false, Tlp::clear, Tlp::clear},
        {"of the party",
         {grant_to(south, no_one, "r", Tlp::green)},
         Role::reader,
         false,
         true,
         false,
         Tlp::green,
         Tlp::clear},
        {"of the user",
         {grant_to(nobody, bob, "lw", Tlp::red)},
         Role::publisher,
         true,
         false,
         true,
         Tlp::clear,
         Tlp::red},
        {"of both, ceilings apart", mixed, Role::publisher, true, true, true, Tlp::green, Tlp::red},
        {"the same for an admin", mixed, Role::admin, true, true, true, Tlp::green, Tlp::red},
        {"a reader cannot write", mixed, Role::reader, true, true, false, Tlp::green, Tlp::clear},
        {"an auditor has nothing",
         mixed,
         Role::auditor,
         false,
         false,
         false,
         Tlp::clear,
         Tlp::clear},
        {"a role that is none",
         mixed,
         static_cast<Role>(200),
         false,
         false,
         false,
         Tlp::clear,
         Tlp::clear},
        {"the highest ceiling of those that give the right",
         {grant_to(south, no_one, "r", Tlp::green),
          grant_to(nobody, bob, "r", Tlp::amber),
          grant_to(nobody, bob, "r", Tlp::clear),
          grant_to(south, no_one, "l", Tlp::red)},
         Role::publisher,
         true,
         true,
         false,
         Tlp::amber,
         Tlp::clear},
        {"a ceiling of CLEAR",
         {grant_to(nobody, bob, "rw", Tlp::clear)},
         Role::publisher,
         false,
         true,
         true,
         Tlp::clear,
         Tlp::clear},
        {"of another user",
         {grant_to(nobody, UserNo{3}, "lrw")},
         Role::publisher,
         false,
         false,
         false,
         Tlp::clear,
         Tlp::clear},
        {"of a user with the party's number",
         {grant_to(PartyNo{}, UserNo{1}, "lrw"), grant_to(PartyNo{1}, UserNo{}, "lrw")},
         Role::publisher,
         false,
         false,
         false,
         Tlp::clear,
         Tlp::clear},
        {"to nobody",
         {grant_to(nobody, no_one, "lrw")},
         Role::publisher,
         false,
         false,
         false,
         Tlp::clear,
         Tlp::clear},
        {"to a party and a user at once",
         {grant_to(south, bob, "lrw")},
         Role::publisher,
         false,
         false,
         false,
         Tlp::clear,
         Tlp::clear},
    };
    for (const RightsCase& c : cases) {
        SCOPED_TRACE(c.name);
        auto d = directory();
        d.grants = c.grants;
        d.users[1].role = c.role;
        d.collections[0].default_marking = Tlp::green;
        const State s(std::move(d), no_classes());
        const store::User& user = *s.user(bob);
        const State::Rights r = s.rights(user, CollectionNo{1});
        EXPECT_EQ(r.list, c.list);
        EXPECT_EQ(r.read, c.read);
        EXPECT_EQ(r.write, c.write);
        EXPECT_EQ(r.any(), c.list || c.read || c.write);
        EXPECT_EQ(r.read_ceiling, c.read_ceiling);
        EXPECT_EQ(r.write_ceiling, c.write_ceiling);
        EXPECT_FALSE(s.rights(user, CollectionNo{2}).any()) << "another collection";

        const store::Collection& collection = *s.collection(CollectionNo{1});
        // A grant to a partner gives nothing that is personal unless it says so, and nothing that
        // came under an agreement which does not let it go on.
        const auto terms = [](bool has, Tlp ceiling, std::uint8_t strip, bool reads) {
            agreement::Terms all = agreement::terms_up_to(south, ceiling, Tlp::green);
            agreement::Way& way = all.bonds[0].ways[0];
            way.strip = strip;
            if (reads) {
                way.sources.emplace();
                way.sources->own = PartyNo{1};
                way.sources->own_gives = true;
                way.sources->without_agreement = true;
            }
            if (!has) all.bonds.clear();
            return all;
        };
        EXPECT_EQ(
            s.read_terms(user, collection), terms(c.read, c.read_ceiling, stix::all_personal, true)
        );
        EXPECT_EQ(s.write_terms(user, collection), terms(c.write, c.write_ceiling, 0, false));

        store::User disabled = user;
        disabled.disabled = true;
        EXPECT_FALSE(s.rights(disabled, CollectionNo{1}).any());
        EXPECT_FALSE(s.read_terms(disabled, collection).read());
        EXPECT_FALSE(s.write_terms(disabled, collection).read());
    }
}

TEST(State, StatementsOfTheOwnPartyResolveForEveryoneThoseOfPartnersForThemselves) {
    auto d = directory();
    d.statements = {
        {"marking-definition--north", PartyNo{1}}, {"marking-definition--south", PartyNo{2}}};
    const State s(std::move(d), no_classes());
    EXPECT_TRUE(s.markings.is_statement("marking-definition--north", PartyNo{2}));
    EXPECT_TRUE(s.markings.is_statement("marking-definition--south", PartyNo{2}));
    EXPECT_FALSE(s.markings.is_statement("marking-definition--south", PartyNo{1}));
}

}  // namespace
}  // namespace entente::exchange
