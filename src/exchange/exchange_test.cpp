#include "exchange/exchange.h"

#include "base/limits.h"
#include "exchange/quarantine.h"
#include "exchange/testing/harness.h"
#include "exchange/withheld.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* south_identity = "identity--22222222-2222-4222-8222-222222222222";

class ExchangeTest : public ::testing::Test {
  protected:
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    PartyNo south = h.party("South", {south_identity});
    PartyNo east = h.party("East");
    UserNo publisher = h.user("publisher", h.own());
    UserNo reader = h.user("reader", south);
    UserNo rival = h.user("rival", east);
    CollectionNo c = h.collection();
    GrantNo publisher_grant = h.grant(publisher, c, {.read = true, .write = true});
    GrantNo reader_grant =
        h.grant(reader, c, {.read = true, .write = false, .list = true, .ceiling = Tlp::green});

    ReadRequest all_versions(std::uint64_t limit = 0) {
        ReadRequest r;
        r.filter.version = {.all = true, .first = false, .last = false, .keys = {}};
        r.version_given = true;
        r.limit = limit;
        return r;
    }

    void post(const ObjectSpec& spec) {
        const auto report = h.publish(publisher, c, {object_json(spec)});
        ASSERT_TRUE(report);
        ASSERT_TRUE(report->outcomes[0].accepted) << report->outcomes[0].message;
    }

    std::size_t waiting() { return store->snapshot()->quarantine().size(); }
};

TEST_F(ExchangeTest, ReaderGetsWhatItsCeilingAllowsAndNothingElse) {
    post({.number = 1, .tlp = Tlp::clear});
    post({.number = 2, .tlp = Tlp::green});
    post({.number = 3, .tlp = Tlp::amber});
    post({.number = 4, .tlp = Tlp::red});
    post({.number = 5, .tlp = std::nullopt});  // the collection's default is AMBER
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/0", "2/0"));
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/0", "2/0", "3/0", "4/0", "5/0"));
}

TEST_F(ExchangeTest, UnknownMarkingsAreHeldBackAndReadByNobody) {
    const std::string object = object_json(
        {.number = 1,
         .tlp = std::nullopt,
         .extra =
             R"(,"object_marking_refs":["marking-definition--aaaaaaaa-0000-4000-8000-000000000000"])"}
    );
    const auto report = h.publish(publisher, c, {object});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->outcomes[0].accepted);
    EXPECT_THAT(report->outcomes[0].message, HasSubstr("unknown marking"));
    EXPECT_THAT(h.ids(publisher, c), IsEmpty());
    EXPECT_EQ(waiting(), 1U);
}

std::string statement(int number) {
    return fmt::format(
        R"({{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--{:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","definition_type":"statement","definition":{{"statement":"Copyright North"}},"object_marking_refs":["{}"]}})",
        number,
        stix::tlp2_marking_id(Tlp::green)
    );
}

TEST_F(ExchangeTest, StatementMarkingRestrictsNothingOnceItsPublisherDefinedIt) {
    const std::string carrying = object_json(
        {.number = 1,
         .tlp = std::nullopt,
         .extra = fmt::format(
             R"(,"object_marking_refs":["marking-definition--0000000a-0000-4000-8000-000000000000","{}"])",
             stix::tlp2_marking_id(Tlp::green)
         )}
    );
    // The definition may follow in the same request.
    const auto report = h.publish(publisher, c, {carrying, statement(10)});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->accepted(), 2U);
    EXPECT_EQ(h.ids(reader, c).size(), 2U);
}

TEST_F(ExchangeTest, APartnerCannotDefineAnotherPartysMarking) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    const auto unknown = agreement::Facets{
        .type = "indicator",
        .spec_version = "2.1",
        .markings = {"marking-definition--0000000a-0000-4000-8000-000000000000"},
        .granular = {},
        .producer = {},
        .source = h.own(),
        .held_for = {},
        .needs = {}};
    ASSERT_TRUE(h.publish(rival, c, {statement(10)}));
    const auto snapshot = store->snapshot();
    const State state = load_state(*snapshot);
    EXPECT_FALSE(agreement::decide(
                     state.read_terms(*state.user(publisher), *state.collection(c)),
                     *state.classes,
                     state.markings,
                     unknown
    )
                     .releases());
}

TEST_F(ExchangeTest, RelationshipThatNamesAWithheldObjectOfItsPublisherIsWithheldToo) {
    post({.number = 1, .tlp = Tlp::red});
    post({.number = 2, .tlp = Tlp::green});
    const auto relationship = [](int number, int from, int to) {
        return object_json(
            {.number = number,
             .type = "relationship",
             .extra = fmt::format(
                 R"(,"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
                 object_id({.number = from}),
                 object_id({.number = to})
             )}
        );
    };
    ASSERT_EQ(
        h.publish(publisher, c, {relationship(11, 2, 2), relationship(12, 2, 1)})->accepted(), 2U
    );
    EXPECT_THAT(h.ids(reader, c), ElementsAre("2/0", "11/0"));
    // An object of another publisher does not count: else anybody could probe by naming.
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    ASSERT_EQ(h.publish(rival, c, {relationship(13, 2, 1)})->accepted(), 1U);
    EXPECT_THAT(h.ids(reader, c), ElementsAre("2/0", "11/0", "13/0"));
}

TEST_F(ExchangeTest, ReferencesWithinOneRequestCountWhateverTheOrder) {
    const std::string report = object_json(
        {.number = 20,
         .type = "report",
         .extra = fmt::format(
             R"(,"published":"2025-01-01T00:00:00Z","object_refs":["{}"])",
             object_id({.number = 21, .tlp = Tlp::red})
         )}
    );
    ASSERT_EQ(
        h.publish(publisher, c, {report, object_json({.number = 21, .tlp = Tlp::red})})->accepted(),
        2U
    );
    EXPECT_THAT(h.ids(reader, c), IsEmpty());
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("20/0", "21/0"));
}

TEST_F(ExchangeTest, ObjectsThatNameEachOtherInACircleEnd) {
    const auto report = [](int number, int other) {
        return object_json(
            {.number = number,
             .type = "report",
             .extra = fmt::format(
                 R"(,"published":"2025-01-01T00:00:00Z","object_refs":["{}"])",
                 object_id({.number = other, .type = "report"})
             )}
        );
    };
    ASSERT_EQ(h.publish(publisher, c, {report(1, 2), report(2, 1), report(3, 3)})->accepted(), 3U);
    EXPECT_EQ(h.ids(reader, c).size(), 3U);
}

TEST_F(ExchangeTest, ExactDuplicateIsASuccessAndChangesNothing) {
    post({.number = 1});
    const auto before = h.read_json(reader, c, {.what = What::manifest});
    h.clock.advance(5'000'000);
    const auto report = h.publish(publisher, c, {object_json({.number = 1})});
    EXPECT_TRUE(report->outcomes[0].accepted);
    EXPECT_THAT(report->outcomes[0].message, HasSubstr("already there"));
    EXPECT_EQ(h.read_json(reader, c, {.what = What::manifest}), before);
}

TEST_F(ExchangeTest, OtherContentUnderOneVersionIsRefusedAndKeptForReview) {
    post({.number = 1});
    const auto report =
        h.publish(publisher, c, {object_json({.number = 1, .extra = R"(,"description":"x")"})});
    EXPECT_FALSE(report->outcomes[0].accepted);
    EXPECT_THAT(report->outcomes[0].message, HasSubstr("later modified"));
    EXPECT_EQ(waiting(), 1U);
}

TEST_F(ExchangeTest, OneBadObjectDoesNotLoseTheOthers) {
    const auto report = h.publish(
        publisher,
        c,
        {object_json({.number = 1}), "17", R"({"type":"x"})", object_json({.number = 2})}
    );
    ASSERT_TRUE(report);
    EXPECT_EQ(report->accepted(), 2U);
    EXPECT_FALSE(report->outcomes[1].accepted);
    EXPECT_FALSE(report->outcomes[2].accepted);
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/0", "2/0"));
}

TEST_F(ExchangeTest, LatestIsJudgedByVersionNotArrival) {
    post({.number = 1, .version = 20});
    post({.number = 1, .version = 10});
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/20"));
    EXPECT_THAT(h.ids(reader, c, all_versions()), ElementsAre("1/20", "1/10"));
}

TEST_F(ExchangeTest, AReaderWhoMayNotSeeTheNewerVersionGoesOnSeeingTheOlder) {
    post({.number = 1, .version = 1, .tlp = Tlp::green});
    post({.number = 1, .version = 2, .tlp = Tlp::red});
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/1"));
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/2"));
}

TEST_F(ExchangeTest, OnlyTheCustodianMakesVersions) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    post({.number = 1, .version = 1});
    const auto report = h.publish(rival, c, {object_json({.number = 1, .version = 2})});
    EXPECT_FALSE(report->outcomes[0].accepted);
    EXPECT_THAT(report->outcomes[0].message, HasSubstr("derived-from"));
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/1"));
    EXPECT_EQ(waiting(), 1U);
}

TEST_F(ExchangeTest, ARevokedObjectHasNoLaterVersions) {
    post({.number = 1, .version = 1});
    post({.number = 1, .version = 5, .extra = R"(,"revoked":true)"});
    auto refused = h.publish(publisher, c, {object_json({.number = 1, .version = 6})});
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->outcomes[0].accepted);
    EXPECT_THAT(refused->outcomes[0].message, HasSubstr("derived-from"));
    // One that is older may still come.
    post({.number = 1, .version = 3});
    // Neither may the revocation come before what is there; nor within one request.
    post({.number = 2, .version = 9});
    refused = h.publish(
        publisher,
        c,
        {object_json({.number = 2, .version = 8, .extra = R"(,"revoked":true)"}),
         object_json({.number = 3, .version = 1, .extra = R"(,"revoked":true)"}),
         object_json({.number = 3, .version = 2})}
    );
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->outcomes[0].accepted);
    EXPECT_THAT(refused->outcomes[0].message, HasSubstr("/revoked"));
    EXPECT_TRUE(refused->outcomes[1].accepted);
    EXPECT_FALSE(refused->outcomes[2].accepted);
}

TEST_F(ExchangeTest, CreatedNeverChangesAndMarkingsHaveNoVersions) {
    post({.number = 1, .version = 1});
    std::string other = object_json({.number = 1, .version = 2});
    const std::string_view created = R"("created":"2025-01-01T00:00:00.000Z")";
    other.replace(other.find(created), created.size(), R"("created":"2024-01-01T00:00:00.000Z")");
    auto refused = h.publish(publisher, c, {other});
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->outcomes[0].accepted);
    EXPECT_THAT(refused->outcomes[0].message, HasSubstr("/created"));
    std::string marking = statement(10);
    ASSERT_TRUE(h.publish(publisher, c, {marking}));
    marking.replace(marking.find("2025-01-01"), 10, "2025-01-02");
    refused = h.publish(publisher, c, {marking});
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->outcomes[0].accepted);
    EXPECT_THAT(refused->outcomes[0].message, HasSubstr("no versions"));
}

TEST_F(ExchangeTest, TheCardsIdentityDecidesCustody) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    const auto report =
        h.publish(rival, c, {object_json({.number = 1, .created_by = south_identity})});
    EXPECT_FALSE(report->outcomes[0].accepted);
    h.grant(
        reader, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green}, reader_grant
    );
    EXPECT_EQ(
        h.publish(reader, c, {object_json({.number = 1, .created_by = south_identity})})
            ->accepted(),
        1U
    );
}

TEST_F(ExchangeTest, AWriterLearnsNothingFromAHiddenEntryUnderItsId) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    post({.number = 1, .version = 1, .tlp = Tlp::red});
    // Same id and version, and another version of the hidden id: answered as if nothing were there,
    // and read back.
    for (const int version : {1, 2}) {
        const auto report = h.publish(rival, c, {object_json({.number = 1, .version = version})});
        EXPECT_TRUE(report->outcomes[0].accepted);
        EXPECT_EQ(report->outcomes[0].message, "");
    }
    EXPECT_THAT(h.ids(rival, c), ElementsAre("1/2"));
    EXPECT_THAT(h.ids(rival, c, all_versions()), ElementsAre("1/1", "1/2"));
    // Nobody else sees the copy, and the operator finds both.
    EXPECT_THAT(h.ids(reader, c), IsEmpty());
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/1"));
    EXPECT_EQ(waiting(), 2U);
    // Sent again it is a duplicate, as it would be in an empty collection.
    const auto again = h.publish(rival, c, {object_json({.number = 1, .version = 2})});
    EXPECT_THAT(again->outcomes[0].message, HasSubstr("already there"));
}

TEST_F(ExchangeTest, OverMarkedObjectsAreKeptForReviewAndMayBeAccepted) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    const auto report = h.publish(rival, c, {object_json({.number = 1, .tlp = Tlp::red})});
    EXPECT_FALSE(report->outcomes[0].accepted);
    ASSERT_EQ(waiting(), 1U);
    const auto no = store->snapshot()->quarantine()[0].no;
    store->write([&](store::Transaction& tx) {
        ASSERT_TRUE(accept_quarantine(tx, h.clock, no, publisher));
    });
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/0"));
    EXPECT_THAT(h.ids(rival, c), IsEmpty());
    store->write([&](store::Transaction& tx) {
        EXPECT_EQ(accept_quarantine(tx, h.clock, no, publisher).error().code, Errc::conflict);
    });
}

TEST_F(ExchangeTest, RefusingAShadowCopyTakesItFromItsSender) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    post({.number = 1, .version = 1, .tlp = Tlp::red});
    ASSERT_TRUE(
        h.publish(rival, c, {object_json({.number = 1, .version = 2})})->outcomes[0].accepted
    );
    const auto no = store->snapshot()->quarantine()[0].no;
    store->write([&](store::Transaction& tx) {
        ASSERT_TRUE(refuse_quarantine(tx, h.clock, no, publisher));
    });
    EXPECT_THAT(h.ids(rival, c), IsEmpty());
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/1"));
}

TEST_F(ExchangeTest, ModifiedFarAheadIsRefused) {
    const auto report = h.publish(
        publisher,
        c,
        {R"({"type":"campaign","spec_version":"2.1","id":"campaign--00000001-0000-4000-8000-000000000000","name":"x","created":"2026-01-02T00:00:01.000Z","modified":"2026-01-02T00:00:01.000Z"})"}
    );
    EXPECT_FALSE(report->outcomes[0].accepted);
    EXPECT_THAT(report->outcomes[0].message, HasSubstr("24 hours"));
}

TEST_F(ExchangeTest, WidenedGrantBringsOldEntriesAsLateRows) {
    post({.number = 1, .tlp = Tlp::green});
    post({.number = 2, .tlp = Tlp::amber});
    post({.number = 3, .tlp = Tlp::green});
    ReadRequest poll;
    const auto first = h.read(reader, c, poll);
    ASSERT_EQ(first->count, 2U);
    h.clock.advance(1'000'000);
    h.grant(
        reader, c, {.read = true, .write = false, .list = true, .ceiling = Tlp::amber}, reader_grant
    );
    poll.filter.added_after = first->last_date;
    poll.filter_given = true;
    EXPECT_THAT(h.ids(reader, c, poll), ElementsAre("2/0"));
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/0", "3/0", "2/0"));
}

TEST_F(ExchangeTest, NarrowedGrantHidesAtOnceAndMovesNoDate) {
    // One request, so that the dates of the three are ranks in one group.
    h.grant(
        reader, c, {.read = true, .write = false, .list = true, .ceiling = Tlp::amber}, reader_grant
    );
    ASSERT_EQ(
        h.publish(
             publisher,
             c,
             {object_json({.number = 1}),
              object_json({.number = 2, .tlp = Tlp::amber}),
              object_json({.number = 3})}
        )
            ->accepted(),
        3U
    );
    const auto last = h.read(reader, c)->last_date;
    h.grant(
        reader, c, {.read = true, .write = false, .list = true, .ceiling = Tlp::green}, reader_grant
    );
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/0", "3/0"));
    EXPECT_EQ(h.read(reader, c)->last_date, last);
}

TEST_F(ExchangeTest, DatesLeaveNoGapForWhatIsWithheld) {
    ASSERT_EQ(
        h.publish(
             publisher,
             c,
             {object_json({.number = 1}),
              object_json({.number = 2, .tlp = Tlp::red}),
              object_json({.number = 3, .tlp = Tlp::red}),
              object_json({.number = 4})}
        )
            ->accepted(),
        4U
    );
    const auto page = h.read(reader, c);
    EXPECT_EQ(*page->last_date - *page->first_date, 1);
}

TEST_F(ExchangeTest, DeletedLatestBringsTheOlderVersionBackWithANewDate) {
    post({.number = 1, .version = 1});
    post({.number = 1, .version = 2});
    const auto before = h.read(reader, c);
    h.clock.advance(1'000'000);
    DeleteRequest request;
    request.id = object_id({.number = 1});
    request.version = store::VersionFilter{.all = false, .first = false, .last = true, .keys = {}};
    EXPECT_EQ(h.remove(publisher, c, request), 1U);
    ReadRequest poll;
    poll.filter.added_after = before->last_date;
    EXPECT_THAT(h.ids(reader, c, poll), ElementsAre("1/1"));
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/1"));
}

TEST_F(ExchangeTest, DeleteFollowsRightsAndCustody) {
    post({.number = 1});
    const DeleteRequest request{.id = object_id({.number = 1}), .version = {}, .spec_versions = {}};
    EXPECT_EQ(h.remove(reader, c, request).error().code, Errc::forbidden);  // read without write
    EXPECT_EQ(h.remove(rival, c, request).error().code, Errc::not_found);   // no right at all
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    EXPECT_EQ(h.remove(rival, c, request).error().code, Errc::forbidden);  // not the custodian
    EXPECT_EQ(h.remove(publisher, c, request), 1U);
    EXPECT_EQ(h.remove(publisher, c, request).error().code, Errc::not_found);
    EXPECT_THAT(h.ids(reader, c), IsEmpty());
}

TEST_F(ExchangeTest, DeletingAHiddenObjectLooksLikeDeletingNothing) {
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    post({.number = 1, .tlp = Tlp::red});
    const auto hidden =
        h.remove(rival, c, {.id = object_id({.number = 1}), .version = {}, .spec_versions = {}});
    const auto absent =
        h.remove(rival, c, {.id = object_id({.number = 9}), .version = {}, .spec_versions = {}});
    EXPECT_EQ(hidden.error().code, absent.error().code);
    EXPECT_EQ(hidden.error().detail, absent.error().detail);
    EXPECT_THAT(h.ids(publisher, c), ElementsAre("1/0"));
}

TEST_F(ExchangeTest, CursorWorksOnlyForItsUserCollectionAndFilter) {
    for (int i = 1; i <= 3; ++i)
        post({.number = i});
    ReadRequest one;
    one.limit = 1;
    const std::string next{h.read_json(reader, c, one).at("next").as_string()};
    one.next = next;
    EXPECT_EQ(h.read_json(reader, c, one), h.read_json(reader, c, one)) << "a cursor is repeatable";
    EXPECT_EQ(h.read(publisher, c, one).error().code, Errc::invalid_argument);
    ReadRequest other = one;
    other.filter.types = {"malware"};
    EXPECT_EQ(h.read(reader, c, other).error().code, Errc::invalid_argument);
    other = one;
    other.what = What::manifest;
    EXPECT_EQ(h.read(reader, c, other).error().code, Errc::invalid_argument);
    const CollectionNo second = h.collection("Second");
    h.grant(reader, second, {});
    EXPECT_EQ(h.read(reader, second, one).error().code, Errc::invalid_argument);
    for (std::size_t i = 0; i < next.size(); i += 7) {
        ReadRequest bent = one;
        bent.next[i] = bent.next[i] == 'x' ? 'y' : 'x';
        EXPECT_EQ(h.read(reader, c, bent).error().code, Errc::invalid_argument) << i;
    }
}

TEST_F(ExchangeTest, CursorLengthSaysNothingAboutThePosition) {
    for (int i = 1; i <= 40; ++i)
        post({.number = i});
    ReadRequest request;
    request.limit = 1;
    std::size_t length = 0;
    for (int i = 0; i < 39; ++i) {
        const auto page = h.read_json(reader, c, request);
        request.next = std::string(page.at("next").as_string());
        if (length == 0) length = request.next.size();
        EXPECT_EQ(request.next.size(), length);
    }
}

TEST_F(ExchangeTest, MoreIsTrueOnlyWhenThisReaderGetsMore) {
    post({.number = 1, .tlp = Tlp::green});
    post({.number = 2, .tlp = Tlp::red});
    ReadRequest one;
    one.limit = 1;
    EXPECT_FALSE(h.read_json(reader, c, one).at("more").as_bool());
    EXPECT_TRUE(h.read_json(publisher, c, one).at("more").as_bool());
}

TEST_F(ExchangeTest, PagesForPartnersLeaveAnActAndEmptyOnesDoNot) {
    const auto disclosed = [&] {
        std::size_t n = 0;
        for (const auto& act : store->snapshot()->acts(store::ActNo{0}, 1'000))
            n += act.kind == "disclosed" ? 1 : 0;
        return n;
    };
    ASSERT_TRUE(h.read(reader, c));
    EXPECT_EQ(disclosed(), 0U);
    post({.number = 1});
    ASSERT_TRUE(h.read(reader, c));
    EXPECT_EQ(disclosed(), 1U);
    ASSERT_TRUE(h.read(publisher, c));
    EXPECT_EQ(disclosed(), 1U) << "own users' reads wait for the flush";
    h.exchange().flush();
    EXPECT_EQ(disclosed(), 2U);
}

TEST_F(ExchangeTest, RevokedTokenIsDeadAtTheNextRequest) {
    post({.number = 1});
    Caller caller = h.caller(reader);
    store->write([&](store::Transaction& tx) {
        caller.token = tx.put(store::Token{
            .no = {},
            .user = reader,
            .hash = {},
            .label = {},
            .created = h.clock.now(),
            .expires = {},
            .revoked = false});
    });
    const auto code = [&] {
        std::optional<Errc> found;
        h.exchange().read(caller, c, {}, [&](const Result<Page>& r) {
            if (!r) found = r.error().code;
        });
        return found;
    };
    EXPECT_EQ(code(), std::nullopt);
    store->write([&](store::Transaction& tx) {
        store::Token t = tx.directory().tokens[0];
        t.revoked = true;
        tx.put(t);
    });
    EXPECT_EQ(code(), Errc::unauthorized);
}

TEST_F(ExchangeTest, StatusIsForItsSubmitterOnlyAndAddsUp) {
    const auto report = h.publish(publisher, c, {object_json({.number = 1}), "17"});
    const auto mine = h.exchange().status(h.caller(publisher), h.root(), report->status_id);
    ASSERT_TRUE(mine);
    const auto status = boost::json::parse(std::string(mine->for_file())).as_object();
    EXPECT_EQ(status.at("total_count").as_int64(), 2);
    EXPECT_EQ(status.at("successes").as_array().size(), 1U);
    EXPECT_EQ(status.at("failures").as_array().size(), 1U);
    EXPECT_EQ(
        h.exchange().status(h.caller(reader), h.root(), report->status_id).error().code,
        Errc::not_found
    );
}

TEST_F(ExchangeTest, RightsDecideBeforeAnythingElse) {
    EXPECT_EQ(h.read(rival, c).error().code, Errc::not_found);
    EXPECT_EQ(h.publish(rival, c, {object_json({.number = 1})}).error().code, Errc::not_found);
    EXPECT_EQ(h.publish(reader, c, {object_json({.number = 1})}).error().code, Errc::forbidden);
    const GrantNo list_only =
        h.grant(rival, c, {.read = false, .write = false, .list = true, .ceiling = Tlp::red});
    EXPECT_EQ(h.read(rival, c).error().code, Errc::forbidden);
    h.revoke(list_only);
    EXPECT_EQ(h.read(rival, c).error().code, Errc::not_found);
}

TEST_F(ExchangeTest, ReleaseReportNamesTheReasonForEachWithheldEntry) {
    post({.number = 1, .tlp = Tlp::green});
    post({.number = 2, .tlp = Tlp::red});
    post({.number = 3, .tlp = Tlp::red});
    post({.number = 4, .tlp = std::nullopt});
    const auto snapshot = store->snapshot();
    const State state = load_state(*snapshot);
    const ReleaseReport report =
        report_release(*snapshot, state, *state.user(reader), *state.collection(c), {h.clock.now()});
    EXPECT_EQ(report.released, 1U);
    ASSERT_EQ(report.withheld.size(), 2U);
    EXPECT_EQ(report.withheld[0].reason, agreement::Reason::marking_above_ceiling);
    EXPECT_EQ(report.withheld[0].count, 2U);
    EXPECT_EQ(report.withheld[0].examples.size(), 2U);
    EXPECT_EQ(report.withheld[1].reason, agreement::Reason::default_marking_above_ceiling);
}

}  // namespace
}  // namespace entente::exchange
