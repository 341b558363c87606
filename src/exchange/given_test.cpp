// What records of handing over say: the lists of entries, what was given to whom, and who is let
// in.
#include "exchange/given.h"

#include "base/limits.h"
#include "exchange/consumers.h"
#include "exchange/login.h"
#include "exchange/testing/harness.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;
using store::Seq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Seq> seqs(std::initializer_list<std::uint64_t> numbers) {
    std::vector<Seq> made;
    for (const std::uint64_t n : numbers)
        made.push_back(Seq{n});
    return made;
}

std::vector<Seq> read_list(std::string_view list) {
    std::vector<Seq> found;
    const auto ok = each_run(list, [&](Seq first, Seq last) {
        for (Seq seq = first; seq <= last; seq = agreement::next(seq))
            found.push_back(seq);
        return true;
    });
    EXPECT_TRUE(ok);
    return found;
}

TEST(EntryList, NamesRunsByTheirDistances) {
    EXPECT_EQ(entry_list(seqs({17, 18, 19, 20, 25})), "17+3 5");
    EXPECT_EQ(entry_list(seqs({20, 17, 25, 19, 18, 17})), "17+3 5") << "order and repeats";
    EXPECT_EQ(entry_list(seqs({1})), "1");
    EXPECT_EQ(entry_list({}), "");
}

TEST(EntryList, GivesBackExactlyWhatItWasMadeOf) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 300; ++round) {
        std::set<Seq> numbers;
        const auto spread = std::uint64_t{1} << (1 + random() % 39);
        for (std::uint64_t i = random() % 200; i > 0; --i)
            numbers.insert(Seq{1 + random() % spread});
        const std::vector<Seq> rising(numbers.begin(), numbers.end());
        ASSERT_EQ(read_list(entry_list(rising)), rising) << round;
    }
}

TEST(EntryList, RefusesWhatIsNone) {
    for (const char* text :
         {"0",
          "1 ",
          " 1",
          "a",
          "1+",
          "1++2",
          "1,2",
          "-1",
          "+1",
          "1 0",
          "99999999999999999999",
          "1099511627775+1",
          "1+1 99999999999999",
          "1  2"}) {
        EXPECT_FALSE(each_run(text, [](Seq, Seq) { return true; })) << text;
    }
}

class GivenTest : public ::testing::Test {
  protected:
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    PartyNo south = h.party("South");
    UserNo publisher = h.user("publisher", h.own());
    UserNo reader = h.user("reader", south);
    UserNo other = h.user("other", south);
    CollectionNo c = h.collection();
    GrantNo publisher_grant = h.grant(publisher, c, {.read = true, .write = true});
    GrantNo reader_grant = h.grant(reader, c, up_to(Tlp::green));
    GrantNo other_grant = h.grant(other, c, up_to(Tlp::green));

    static Harness::Rights up_to(Tlp ceiling) {
        return {.read = true, .write = false, .list = true, .ceiling = ceiling};
    }

    void SetUp() override { h.identify("identity--11111111-1111-4111-8111-111111111111"); }

    void post(const ObjectSpec& spec) {
        const auto report = h.publish(publisher, c, {object_json(spec)});
        ASSERT_TRUE(report);
        ASSERT_TRUE(report->outcomes[0].accepted) << report->outcomes[0].message;
    }

    void get(UserNo user, ReadRequest request = {}) { ASSERT_TRUE(h.read(user, c, request)); }

    /// "number/version what" of all that was given, in order.
    std::vector<std::string> given(const GivenQuery& query) {
        std::vector<std::string> found;
        total = what_was_given(
            *store,
            query,
            [&](const Given& one) {
                found.push_back(fmt::format(
                    "{} {}{}",
                    // A copy's id is random and tells no number.
                    one.original.empty()
                        ? Harness::name_of({{"id", one.id}, {"modified", one.version}})
                        : "copy",
                    one.in.what,
                    one.removed ? " removed" : ""
                ));
                last = one;
            },
            [&](const Unnamed& one) { unnamed.push_back(one); }
        );
        return found;
    }

    GivenTotal total;
    Given last;
    std::vector<Unnamed> unnamed;
};

TEST_F(GivenTest, NamesWhatAReaderGotAndNothingElse) {
    post({.number = 1});
    post({.number = 2, .tlp = Tlp::red});
    post({.number = 3});
    post({.number = 4, .type = "malware"});
    ReadRequest indicators;
    indicators.filter_given = true;
    indicators.filter.types = {"indicator"};
    get(reader, indicators);
    EXPECT_THAT(given({.user = reader}), ElementsAre("1/0 objects", "3/0 objects"));
    EXPECT_THAT(given({.user = other}), IsEmpty());
    EXPECT_THAT(given({.party = south}), SizeIs(2));
    EXPECT_THAT(given({.party = h.own()}), IsEmpty());
    EXPECT_EQ(total.requests, 0U);
}

TEST_F(GivenTest, TellsIdsAndVersionsFromObjects) {
    post({.number = 1});
    get(reader, {.what = What::manifest});
    ReadRequest versions;
    versions.what = What::versions;
    versions.one_object = true;
    versions.filter.ids = {object_id({.number = 1})};
    get(reader, versions);
    EXPECT_THAT(given({.user = reader}), ElementsAre("1/0 manifest", "1/0 versions"));
}

TEST_F(GivenTest, EachVersionOnceOrEveryTime) {
    post({.number = 1});
    get(reader);
    post({.number = 2});
    get(reader);
    EXPECT_THAT(given({.user = reader}), ElementsAre("1/0 objects", "2/0 objects"));
    EXPECT_EQ(total.requests, 2U);
    EXPECT_THAT(given({.user = reader, .each = true}), SizeIs(3));
    h.clock.advance(10 * micros_per_second);
    get(reader);
    EXPECT_THAT(
        given({.user = reader, .since = h.clock.now()}), ElementsAre("1/0 objects", "2/0 objects")
    );
}

TEST_F(GivenTest, ARedactedCopyIsNamedAsOne) {
    const ObjectSpec partly_red{
        .number = 1,
        .extra = fmt::format(
            R"(,"description":"x","granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
            stix::tlp2_marking_id(Tlp::red)
        )};
    post(partly_red);
    get(reader);
    EXPECT_THAT(given({.user = reader}), ElementsAre("copy objects"));
    EXPECT_EQ(last.original, object_id(partly_red));
    EXPECT_NE(last.id, object_id(partly_red));
    // Who asks about the original learns of the copy, and the other way round.
    const std::string copy = last.id;
    for (const std::string& id : {object_id(partly_red), copy}) {
        const Holders found = who_has(*store, id);
        ASSERT_THAT(found.holdings, SizeIs(1)) << id;
        EXPECT_EQ(found.holdings[0].given.id, copy);
        EXPECT_EQ(found.holdings[0].given.original, object_id(partly_red));
        EXPECT_EQ(found.holdings[0].given.in.user, reader);
    }
}

TEST_F(GivenTest, WhatIsRemovedKeepsItsName) {
    post({.number = 1, .version = 1});
    post({.number = 1, .version = 2});
    get(reader);
    ASSERT_TRUE(
        h.remove(publisher, c, {.id = object_id({.number = 1}), .version = {}, .spec_versions = {}})
    );
    post({.number = 1, .version = 2});
    EXPECT_THAT(given({.user = reader}), ElementsAre("1/2 objects removed"));
    const Holders found = who_has(*store, object_id({.number = 1}));
    ASSERT_THAT(found.holdings, SizeIs(1)) << "the new entry was given to nobody";
    EXPECT_TRUE(found.holdings[0].given.removed);
    EXPECT_THAT(unnamed, IsEmpty());
}

TEST_F(GivenTest, WhoHasTellsVersionsTimesAndUsers) {
    post({.number = 1, .version = 1});
    get(reader);
    h.clock.advance(micros_per_second);
    get(reader);
    post({.number = 1, .version = 2});
    post({.number = 2});
    get(other);
    const Holders found = who_has(*store, object_id({.number = 1}));
    ASSERT_THAT(found.holdings, SizeIs(2));
    EXPECT_EQ(found.holdings[0].given.in.user, reader);
    EXPECT_EQ(found.holdings[0].times, 2U);
    EXPECT_GT(found.holdings[0].last, found.holdings[0].given.in.at);
    EXPECT_EQ(found.holdings[1].given.in.user, other);
    EXPECT_GT(found.holdings[1].given.version, found.holdings[0].given.version);
    EXPECT_FALSE(who_has(*store, object_id({.number = 9})).known);
    EXPECT_TRUE(found.known);
}

TEST_F(GivenTest, RecordsWithoutListsAreToldAsSuch) {
    post({.number = 1});
    store::Act old;
    old.kind = "disclosed";
    old.at = h.clock.now();
    old.user = reader;
    old.party = south;
    old.collection = c;
    old.facts = R"({"what":"objects","token":3,"after":0,"to":1,"count":1,"sha256":"00"})";
    store->write([&](store::Transaction& tx) { tx.append_act(old); });
    EXPECT_THAT(given({.user = reader, .token = store::TokenNo{3}}), IsEmpty());
    ASSERT_THAT(unnamed, SizeIs(1));
    EXPECT_EQ(unnamed[0].why, Unnamed::Why::no_list);
    EXPECT_EQ(total.unnamed, 1U);
    const Holders found = who_has(*store, object_id({.number = 1}));
    EXPECT_THAT(found.holdings, IsEmpty());
    ASSERT_THAT(found.may, SizeIs(1));
    EXPECT_EQ(found.may[0].first.in.user, reader);
    EXPECT_THAT(given({.user = reader, .token = store::TokenNo{4}}), IsEmpty());
    EXPECT_EQ(total.requests, 0U);
}

TEST_F(GivenTest, ARemovedCollectionLeavesTheNumberOfWhatWasGiven) {
    post({.number = 1});
    post({.number = 2});
    get(reader);
    store->write([&](store::Transaction& tx) { tx.erase(c); });
    EXPECT_THAT(given({.user = reader}), IsEmpty());
    ASSERT_THAT(unnamed, SizeIs(1));
    EXPECT_EQ(unnamed[0].why, Unnamed::Why::collection);
    EXPECT_EQ(unnamed[0].count, 2U);
}

TEST_F(GivenTest, MoreActsThanAreReadAtATime) {
    post({.number = 1});
    for (std::size_t i = 0; i < 2 * limits::acts_per_read + 5; ++i)
        get(reader);
    EXPECT_THAT(given({.user = reader, .each = true}), SizeIs(2 * limits::acts_per_read + 5));
}

TEST_F(GivenTest, OwnUsersAreWaitedForByTheFlush) {
    post({.number = 1});
    get(publisher);
    EXPECT_THAT(given({.user = publisher}), IsEmpty());
    h.exchange().flush();
    EXPECT_THAT(given({.user = publisher}), ElementsAre("1/0 objects"));
}

class ConsumersTest : public GivenTest {
  protected:
    std::map<UserNo, Consumer> consumers() {
        h.exchange().flush();
        const auto snapshot = store->snapshot();
        const auto state = h.states().get(*snapshot);
        std::map<UserNo, Consumer> found;
        for (Consumer& one : consumers_of(*snapshot, h.states(), *state, *state->collection(c)))
            found.emplace(one.user, std::move(one));
        return found;
    }
};

TEST_F(ConsumersTest, TellsWhereEachReaderStands) {
    for (int i = 1; i <= 5; ++i)
        post({.number = i});
    post({.number = 6, .tlp = Tlp::red});
    ReadRequest two;
    two.limit = 2;
    get(reader, two);
    const auto found = consumers();
    ASSERT_THAT(found, SizeIs(3));
    const Consumer& one = found.at(reader);
    ASSERT_TRUE(one.note);
    EXPECT_EQ(one.note->requests, 1U);
    EXPECT_EQ(one.note->delivered, 2U);
    EXPECT_EQ(one.lag, 3U);
    EXPECT_EQ(one.may_see, 5U);
    EXPECT_THAT(
        one.withheld,
        ElementsAre(std::pair(agreement::Reason::marking_above_ceiling, std::uint64_t{1}))
    );
    EXPECT_FALSE(found.at(other).note);
    EXPECT_EQ(found.at(other).lag, 5U);
    EXPECT_EQ(found.at(publisher).may_see, 6U);
}

TEST_F(ConsumersTest, LooksAtSingleObjectsDoNotMoveAReader) {
    post({.number = 1});
    post({.number = 2});
    ReadRequest one;
    one.limit = 1;
    get(reader, one);
    ReadRequest by_id;
    by_id.filter_given = true;
    by_id.filter.ids = {object_id({.number = 2})};
    get(reader, by_id);
    get(reader, {.what = What::manifest});
    const auto found = consumers();
    EXPECT_EQ(found.at(reader).lag, 1U);
    EXPECT_EQ(found.at(reader).note->requests, 3U);
    EXPECT_EQ(found.at(reader).note->delivered, 2U) << "ids alone are no objects";
}

TEST_F(ConsumersTest, NotesAddUpOverFlushesAndEmptyPollsCount) {
    post({.number = 1});
    get(reader);
    EXPECT_EQ(consumers().at(reader).note->requests, 1U);
    h.clock.advance(micros_per_second);
    ReadRequest news;
    news.filter_given = true;
    news.filter.added_after = h.clock.now();
    get(reader, news);
    const Consumer one = consumers().at(reader);
    EXPECT_EQ(one.note->requests, 2U);
    EXPECT_EQ(one.note->delivered, 1U);
    EXPECT_EQ(one.note->at, h.clock.now());
    EXPECT_EQ(one.lag, 0U);
    EXPECT_TRUE(one.note->date) << "that of the last page with something in it";
}

class StopTest : public GivenTest {
  protected:
    void stop(const std::function<void(Stops&)>& change) {
        store->write([&](store::Transaction& tx) {
            Stops stops = stops_of(tx);
            change(stops);
            ASSERT_TRUE(put_stops(tx, stops));
        });
    }

    bool reads(UserNo user) {
        const auto page = h.read(user, c);
        if (!page) {
            EXPECT_EQ(page.error().code, Errc::unauthorized);
        }
        return page.has_value();
    }

    const Stop why{.at = start_of_tests, .person = "Jane Doe", .reason = "stolen"};
};

TEST_F(StopTest, StopsAUserAPartyOrEveryoneAtTheNextRequest) {
    post({.number = 1});
    stop([&](Stops& s) { s.users[reader] = why; });
    EXPECT_FALSE(reads(reader));
    EXPECT_TRUE(reads(other));
    stop([&](Stops& s) {
        s.users.clear();
        s.parties[south] = why;
    });
    EXPECT_FALSE(reads(reader));
    EXPECT_FALSE(reads(other));
    EXPECT_TRUE(reads(publisher));
    stop([&](Stops& s) {
        s.parties.clear();
        s.all = why;
    });
    EXPECT_FALSE(reads(publisher));
    EXPECT_FALSE(h.publish(publisher, c, {object_json({.number = 2})}));
    stop([&](Stops& s) { s.all.reset(); });
    EXPECT_TRUE(reads(reader));
    EXPECT_TRUE(reads(publisher));
}

TEST_F(StopTest, WhoIsStartedAgainGoesOnWhereItWas) {
    post({.number = 1});
    ReadRequest one;
    one.limit = 1;
    post({.number = 2});
    const auto page = h.read_json(reader, c, one);
    ReadRequest next;
    next.next = std::string(page.at("next").as_string());
    stop([&](Stops& s) { s.users[reader] = why; });
    post({.number = 3});
    const auto late_rows = [&] {
        return store->snapshot()->late_rows(reader, c, Seq{0}, 100).size();
    };
    EXPECT_EQ(late_rows(), 0U) << "rights and views do not move";
    stop([&](Stops& s) { s.users.clear(); });
    EXPECT_THAT(h.ids(reader, c, next), ElementsAre("2/0", "3/0"));
    EXPECT_EQ(late_rows(), 0U);
}

TEST_F(StopTest, SurvivesBeingWrittenAndStopsEveryoneWhenItCannotBeRead) {
    Stops stops;
    stops.users[reader] = why;
    stops.parties[south] = {.at = {17}, .person = "\"quoted\"", .reason = ""};
    store->write([&](store::Transaction& tx) { ASSERT_TRUE(put_stops(tx, stops)); });
    EXPECT_EQ(stops_of(*store->snapshot()), stops);
    for (const char* text : {"x", "{}", R"({"all":null,"parties":[{}],"users":[]})"}) {
        store->write([&](store::Transaction& tx) { tx.set_setting("stopped", text); });
        EXPECT_TRUE(stops_of(*store->snapshot()).all) << text;
    }
    store->write([&](store::Transaction& tx) { ASSERT_TRUE(put_stops(tx, {})); });
    EXPECT_TRUE(stops_of(*store->snapshot()).empty());
}

TEST_F(StopTest, IsBounded) {
    Stops stops;
    for (std::uint32_t i = 1; i <= limits::stops_max + 1; ++i)
        stops.users[UserNo{i}] = why;
    store->write([&](store::Transaction& tx) {
        const auto done = put_stops(tx, stops);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, Errc::conflict);
    });
    EXPECT_TRUE(stops_of(*store->snapshot()).empty());
}

TEST_F(StopTest, LetsNoStoppedTokenIn) {
    const Key key{1, 2, 3};
    const NewToken token = new_token(h.random, key);
    store->write([&](store::Transaction& tx) {
        tx.put(store::Token{
            .no = {},
            .user = reader,
            .hash = token.hash,
            .label = {},
            .created = h.clock.now(),
            .expires = {},
            .revoked = false});
    });
    Login login(h.states(), *store, h.clock, key);
    const auto let_in = [&] {
        bool in = false;
        login.check({.user = {}, .secret = token.text, .address = "127.0.0.1"}, [&](auto caller) {
            in = caller.has_value();
        });
        return in;
    };
    EXPECT_TRUE(let_in());
    stop([&](Stops& s) { s.parties[south] = why; });
    EXPECT_FALSE(let_in());
    stop([&](Stops& s) { s.parties.clear(); });
    EXPECT_TRUE(let_in());
}

TEST_F(StopTest, ARunningAnswerIsKnownToHaveLostItsLogin) {
    const Caller caller = h.caller(reader);
    const auto valid = [&] {
        const auto snapshot = store->snapshot();
        return h.exchange().valid(*h.states().get(*snapshot), caller);
    };
    EXPECT_TRUE(valid());
    stop([&](Stops& s) { s.users[reader] = why; });
    EXPECT_FALSE(valid());
}

}  // namespace
}  // namespace entente::exchange
