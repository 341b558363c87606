// What goes out of hits, to whom, and when not: also when a partner shares indicators to find out
// what there is here.
#include "exchange/sightings.h"

#include "exchange/given.h"
#include "exchange/internal/publish_job.h"
#include "exchange/outbox.h"
#include "exchange/testing/seen.h"

namespace entente::exchange {
namespace {

using namespace testing;
using store::Sighting;
using State = Sighting::State;
namespace json = boost::json;

class Sightings : public Seen {
  protected:
    /// One sighting of indicator 1 that is approved and whose hour is over.
    void approved(std::uint64_t times = 3) {
        share(1);
        (void)hit(1, times, {});
        approve_all();
        h.clock.advance(hour);
    }

    std::string why() { return only().note; }

    SightingPreview preview(store::SightingNo no) {
        SightingPreview shown;
        h.store().write([&](store::Transaction& tx) {
            auto made = preview_sighting(tx, h.clock, no);
            ASSERT_TRUE(made) << made.error().detail;
            shown = std::move(*made);
        });
        return shown;
    }
};

TEST_F(Sightings, NothingGoesOutBeforeAPersonHasLooked) {
    share(1);
    (void)hit(1, 3, {});
    h.clock.advance(24 * hour);
    EXPECT_EQ(send().sent, 0U);
    EXPECT_TRUE(given(eve).empty());
    EXPECT_EQ(only().state, State::waiting) << "review is what holds where nothing is set";
}

TEST_F(Sightings, AnApprovedOneTellsIndicatorHourAndCountAndNothingElse) {
    h.clock.advance(1234LL * 1'000'000);
    approved();
    EXPECT_EQ(send().sent, 1U);
    const auto objects = given(eve);
    ASSERT_EQ(objects.size(), 1U);
    const json::object& o = objects[0];
    json::object expected{
        {"type", "sighting"},
        {"spec_version", "2.1"},
        {"id", only().object},
        {"created_by_ref", "identity--00000000-0000-4000-8000-00000000000a"},
        {"created", "2026-01-01T01:00:00.000000Z"},
        {"modified", "2026-01-01T01:00:00.000000Z"},
        {"first_seen", "2026-01-01T00:00:00.000000Z"},
        {"last_seen", "2026-01-01T01:00:00.000000Z"},
        {"count", 3},
        {"sighting_of_ref", id(1)},
        {"object_marking_refs", json::array{stix::tlp2_marking_id(stix::Tlp::green)}}};
    EXPECT_EQ(json::serialize(o), json::serialize(expected));
}

TEST_F(Sightings, TheObjectBreaksNoRuleOfTheStandardAndNoRecommendation) {
    approved();
    const std::string object = preview(only().no).object;
    store::Collection strict;
    strict.checks = store::Checks::strict;
    const auto read = read_candidates({object}, h.clock.now(), strict);
    ASSERT_EQ(read.size(), 1U);
    EXPECT_TRUE(read[0].object) << read[0].outcome.message;
    EXPECT_TRUE(read[0].recommended.empty());
}

TEST_F(Sightings, AnHourThatIsNotOverWaits) {
    share(1);
    (void)hit(1);
    approve_all();
    EXPECT_EQ(send().sent, 0U);
    h.clock.advance(hour - 1);
    EXPECT_EQ(send().sent, 0U) << "else the moment of sending would tell more than the hour";
    h.clock.advance(1);
    EXPECT_EQ(send().sent, 1U);
    EXPECT_EQ(send().sent, 0U) << "once";
}

TEST_F(Sightings, WithReportsSetToAutoGoOutByThemselvesAndAStepTellsWhoSetIt) {
    share(1);
    set(Report::automatic);
    EXPECT_EQ(acts("sightings reported"), 1U);
    (void)hit(1);
    h.clock.advance(hour);
    EXPECT_EQ(send(Again::some).sent, 1U);
    EXPECT_EQ(given(eve).size(), 1U);
}

TEST_F(Sightings, AreHeldWhenReportsAreOffAtTheTimeOfSending) {
    approved();
    set(Report::off);
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("are off"), std::string::npos) << why();
    EXPECT_TRUE(given(eve).empty());
}

TEST_F(Sightings, AreHeldWhileTheAgreementIsSuspendedAndAfterItsEnd) {
    approved();
    pact.suspend("east");
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("not in force"), std::string::npos) << why();
    pact.resume("east");
    pact.end("east");
    EXPECT_EQ(send().held, 1U);
    EXPECT_EQ(only().state, State::approved);
    EXPECT_TRUE(h.store().snapshot()->versions(out, only().object).empty());
    EXPECT_EQ(acts("sightings sent"), 0U);
}

TEST_F(Sightings, AreHeldWhenTheAgreementHasEndedByDate) {
    approved();
    h.clock.set({1'893'456'000'000'000 + hour});  // 2030-01-01T01:00:00Z
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("not in force"), std::string::npos) << why();
}

TEST_F(Sightings, AreHeldForAPartyThatIsStopped) {
    approved();
    h.store().write([&](store::Transaction& tx) {
        Stops stops;
        stops.parties[east] = {.at = {}, .person = "A", .reason = "B"};
        ASSERT_TRUE(put_stops(tx, stops));
    });
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("stopped"), std::string::npos) << why();
    h.store().write([&](store::Transaction& tx) { ASSERT_TRUE(put_stops(tx, {})); });
    EXPECT_EQ(send().sent, 1U);
}

TEST_F(Sightings, AreHeldWhileTheClockIsInDoubt) {
    approved();
    h.store().write([&](store::Transaction& tx) { doubt_clock(tx, h.clock.now(), "jumped"); });
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("clock"), std::string::npos) << why();
}

TEST_F(Sightings, AreHeldWhereNoCollectionGivesByTheAgreement) {
    approved();
    pact.bind(out, store::AgreementBinding::Way::out, false);
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("agreement bind"), std::string::npos) << why();
}

TEST_F(Sightings, AreHeldWhereTheAgreementDoesNotLetSightingsCross) {
    approved();
    pact.agree(version(R"({"types":["indicator"]})"));
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("select the type sighting"), std::string::npos) << why();
    EXPECT_EQ(h.store().snapshot()->head(out).entries, 0U) << "the trial left nothing";
}

TEST_F(Sightings, AreHeldWhenTheIndicatorIsMarkedAboveWhatCrosses) {
    pact.agree(version(R"({"types":["sighting"]})", "green"));
    share(1, {.tlp = stix::Tlp::amber});
    (void)hit(1);
    approve_all();
    h.clock.advance(hour);
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("marking above"), std::string::npos) << why();
    EXPECT_TRUE(given(eve).empty());
}

TEST_F(Sightings, CarryTheMarkingOfTheIndicatorAndOfAnUnmarkedOneThatOfItsCollection) {
    share(1, {.tlp = stix::Tlp::amber});
    share(2, {.tlp = std::nullopt});
    (void)hit(1);
    (void)hit(2);
    const auto marking = [&](std::size_t at) {
        const auto o = json::parse(preview(rows().at(at).no).object).as_object();
        return std::string(o.at("object_marking_refs").as_array().at(0).as_string());
    };
    EXPECT_EQ(marking(0), stix::tlp2_marking_id(stix::Tlp::amber));
    EXPECT_EQ(marking(1), stix::tlp2_marking_id(stix::Tlp::green));
}

TEST_F(Sightings, TheBudgetOfADayHoldsForAPartyAndAnotherDayHasItsOwn) {
    set(Report::automatic, 2);
    for (int i = 1; i <= 5; ++i) {
        share(i);
        (void)hit(i);
    }
    h.clock.advance(hour);
    EXPECT_EQ(send().sent, 2U);
    EXPECT_EQ(send().sent, 0U);
    EXPECT_NE(rows()[4].note.find("budget of 2"), std::string::npos) << rows()[4].note;
    h.clock.advance(24 * hour);
    EXPECT_EQ(send().sent, 2U);
    EXPECT_EQ(given(eve).size(), 4U);
}

TEST_F(Sightings, ABudgetAboveWhatMayBeIsRefused) {
    h.store().write([&](store::Transaction& tx) {
        EXPECT_FALSE(
            set_report(tx, h.clock, pact.id(), {.budget = limits::sightings_day_max + 1}, UserNo{})
        );
        EXPECT_FALSE(set_report(tx, h.clock, "agr:none", {}, UserNo{}));
    });
}

TEST_F(Sightings, ADeclinedOneStaysAndCountsOnSilently) {
    share(1);
    (void)hit(1);
    EXPECT_TRUE(review({only().no}, Review::decline));
    EXPECT_EQ(hit(1).waiting, 0U);
    h.clock.advance(hour);
    EXPECT_EQ(send().sent, 0U);
    EXPECT_EQ(only().state, State::declined);
    EXPECT_EQ(only().count, 2U);
    EXPECT_FALSE(review({only().no}, Review::approve));
    EXPECT_EQ(acts("sightings declined"), 1U);
}

TEST_F(Sightings, AReviewIsOfAllOrOfNone) {
    share(1);
    (void)hit(1);
    EXPECT_FALSE(h.store().snapshot()->sightings({}, 9).empty());
    bool failed = false;
    try {
        h.store().write([&](store::Transaction& tx) {
            const std::vector<store::SightingNo> numbers{only().no, store::SightingNo{77}};
            failed = !review_sightings(tx, h.clock.now(), {}, numbers, Review::approve);
            if (failed) throw std::runtime_error("undone");
        });
    } catch (const std::runtime_error&) {
    }
    EXPECT_TRUE(failed);
    EXPECT_EQ(only().state, State::waiting);
}

TEST_F(Sightings, ArePutDownForThePartysServerWithTheRecordOfHandingOver) {
    set_peer(east);
    approved();
    EXPECT_EQ(send().sent, 1U);
    const auto waiting = h.store().snapshot()->outbox_waiting(east, {}, 10);
    std::vector<store::OutboxRow> objects;
    for (const auto& row : waiting)
        if (row.kind == store::OutboxRow::Kind::objects) objects.push_back(row);
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0].about, pact.id());
    EXPECT_NE(objects[0].body.find(only().object), std::string::npos);
    const Holders holders = who_has(h.store(), only().object);
    ASSERT_EQ(holders.holdings.size(), 1U);
    EXPECT_EQ(holders.holdings[0].given.in.party, east);
    EXPECT_EQ(holders.holdings[0].given.in.what, "sightings");
    EXPECT_EQ(acts("sightings sent"), 1U);
}

TEST_F(Sightings, WithoutAServerStandInTheCollectionAndNothingIsHandedOverYet) {
    approved();
    EXPECT_EQ(send().sent, 1U);
    EXPECT_TRUE(h.store().snapshot()->outbox({}, 10).empty());
    EXPECT_TRUE(who_has(h.store(), only().object).holdings.empty());
    EXPECT_EQ(given(eve).size(), 1U);
    EXPECT_EQ(who_has(h.store(), only().object).holdings.size(), 1U);
}

TEST_F(Sightings, ThatWereGivenToTwoPartiesAreToldApart) {
    const PartyNo west = h.party("West");
    const UserNo will = h.user("will", west);
    Pact with_west{h, {{"north", h.own()}, {"west", west}}, "West"};
    with_west.agree(
        {.flows =
             {{.fid = "up", .from = R"(["west"])", .to = R"(["north"])"},
              {.fid = "down", .from = R"(["north"])", .to = R"(["west"])"}}}
    );
    const CollectionNo from_west = h.collection("From West", stix::Tlp::green);
    const CollectionNo to_west = h.collection("To West", stix::Tlp::green);
    with_west.bind(from_west, store::AgreementBinding::Way::in);
    with_west.bind(to_west, store::AgreementBinding::Way::out);
    set_peer(east);
    set_peer(west);
    share(1);
    share_as(will, from_west, 1);
    (void)hit(1);
    (void)hit(1, 1, {.where = from_west});
    approve_all();
    h.clock.advance(hour);
    EXPECT_EQ(send().sent, 2U);
    ASSERT_EQ(rows().size(), 2U);
    EXPECT_NE(rows()[0].object, rows()[1].object) << "neither can tell that the other knew of it";
    for (const Sighting& row : rows()) {
        const Holders holders = who_has(h.store(), row.object);
        ASSERT_EQ(holders.holdings.size(), 1U);
        EXPECT_EQ(holders.holdings[0].given.in.party, row.party);
    }
}

TEST_F(Sightings, APreviewIsTheObjectWordForWordAndLeavesNothing) {
    set_peer(east);
    share(1);
    (void)hit(1, 3, {});
    const SightingPreview shown = preview(only().no);
    EXPECT_NE(shown.held.find("hour"), std::string::npos) << shown.held;
    EXPECT_EQ(shown.through, out);
    EXPECT_TRUE(shown.pushed);
    EXPECT_EQ(h.store().snapshot()->head(out).entries, 0U);
    approve_all();
    h.clock.advance(hour);
    EXPECT_EQ(send().sent, 1U);
    ASSERT_EQ(given(eve).size(), 1U);
    EXPECT_EQ(json::serialize(given(eve)[0]), json::serialize(json::parse(shown.object)));
}

TEST_F(Sightings, APreviewNamesWhoElseReadsTheCollection) {
    const PartyNo west = h.party("West");
    const UserNo will = h.user("will", west);
    h.grant(will, out, {});
    share(1);
    (void)hit(1);
    EXPECT_EQ(preview(only().no).readers, std::vector<PartyNo>{west});
    const CollectionNo quiet = h.collection("Quiet", stix::Tlp::green);
    pact.bind(quiet, store::AgreementBinding::Way::out);
    EXPECT_EQ(preview(only().no).through, quiet) << "the one that the fewest others read";
    EXPECT_TRUE(preview(only().no).readers.empty());
}

TEST_F(Sightings, AreNotMadeWithoutAnIdentity) {
    h.store().write([&](store::Transaction& tx) {
        tx.put(store::Party{.no = h.own(), .name = "North CERT", .own = true, .identities = {}});
    });
    approved();
    EXPECT_EQ(send().held, 1U);
    EXPECT_NE(why().find("identity"), std::string::npos) << why();
}

TEST_F(Sightings, TheIdsAreTheNodesOwnAndTellNothing) {
    approved();
    const std::string mine = json::parse(preview(only().no).object).at("id").as_string().c_str();
    EXPECT_EQ(mine, json::parse(preview(only().no).object).at("id").as_string().c_str());
    EXPECT_EQ(mine.size(), std::string("sighting--").size() + 36);
    EXPECT_EQ(mine[24], '4') << "a random UUID for all who lack the key (RFC 4122, 4.4)";
    h.store().write([](store::Transaction& tx) { tx.set_setting("sighting_key", ""); });
    EXPECT_THROW((void)preview(only().no), StorageError);
}

TEST_F(Sightings, OfARunningServerGoOutAtItsNextLook) {
    approved();
    look_at_sightings(h.store(), h.states(), h.writer(), h.clock);
    EXPECT_EQ(only().state, State::sent);
    look_at_sightings(h.store(), h.states(), h.writer(), h.clock);
    EXPECT_EQ(acts("sightings sent"), 1U);
}

// A partner that wants to find out what there is here shares indicators of what only this node has,
// and of what hits everything.
TEST_F(Sightings, APartnerThatPlantsCanariesLearnsNothing) {
    set_peer(east);
    set(Report::automatic);
    share(1);
    share(2);
    share(3);
    (void)hit(1, 50, {.own = true});                       // a host of this node's own
    (void)hit(2, limits::sighting_hits_hour_max + 1, {});  // any address at all
    (void)hit(3, 1, {.stopped = "Public DNS resolvers"});
    h.clock.advance(24 * hour);
    EXPECT_EQ(send().sent, 0U);
    EXPECT_TRUE(given(eve).empty());
    for (const auto& row : h.store().snapshot()->outbox({}, 100))
        EXPECT_NE(row.kind, store::OutboxRow::Kind::objects);
}

}  // namespace
}  // namespace entente::exchange
