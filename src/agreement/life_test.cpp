#include "agreement/life.h"

#include "agreement/testing/life.h"
#include "base/limits.h"

namespace entente::agreement {
namespace {

using LifeTest = testing::LifeTest;
using testing::day;

TEST_F(LifeTest, HoldsOnlyWhenEverybodySigned) {
    const Document d = document({});
    Life life({}, {});
    take(life, record(d, day(0)));
    EXPECT_EQ(life.at(day(1)).stage, Stage::drafted);
    EXPECT_EQ(life.at(day(1)).missing, (std::vector<std::string>{"north", "south"}));
    take(life, signature(d, "north", day(2)));
    EXPECT_EQ(life.at(day(3)).stage, Stage::proposed);
    EXPECT_EQ(life.at(day(3)).missing, std::vector<std::string>{"south"});
    EXPECT_FALSE(life.at(day(3)).releases());
    take(life, signature(d, "south", day(4)));
    const Standing now = life.at(day(4));
    EXPECT_EQ(now.stage, Stage::in_force);
    ASSERT_NE(now.document, nullptr);
    EXPECT_EQ(now.document->digest, d.digest);
    ASSERT_EQ(now.signatures.size(), 2U);
    EXPECT_EQ(now.signatures[0].person, "A. Person");
    EXPECT_EQ(now.signatures[0].office, "Director");
    // The past is not rewritten.
    EXPECT_EQ(life.at(day(3)).stage, Stage::proposed);
}

TEST_F(LifeTest, HoldsFromItsDateUntilTheOther) {
    Draft draft;
    draft.from = "2026-02-01T00:00:00Z";   // day 31
    draft.until = "2026-03-01T00:00:00Z";  // day 59
    const Life life = agreed(document(draft));
    EXPECT_EQ(life.at(day(31) + -1).stage, Stage::agreed);
    EXPECT_EQ(life.at(day(31) + -1).changes_at, day(31));
    EXPECT_EQ(life.at(day(31)).stage, Stage::in_force);
    EXPECT_EQ(life.at(day(31)).changes_at, day(59));
    EXPECT_EQ(life.at(day(59) + -1).stage, Stage::in_force);
    EXPECT_EQ(life.at(day(59)).stage, Stage::expired);
    EXPECT_FALSE(life.at(day(59)).releases());
    EXPECT_FALSE(life.at(day(59)).changes_at);
}

TEST_F(LifeTest, AnAmendmentHoldsWhenAllSignedItAndTheEarlierVersionUntilThen) {
    const Document first = document({});
    Life life = agreed(first);
    const Document second = document(after(first, "red"));
    take(life, record(second, day(5)));
    take(life, signature(second, "north", day(6)));
    EXPECT_EQ(life.at(day(7)).document->version, 1U);
    EXPECT_EQ(life.at(day(7)).next->version, 2U);
    EXPECT_EQ(life.at(day(7)).missing, std::vector<std::string>{"south"});
    take(life, signature(second, "south", day(8)));
    EXPECT_EQ(life.at(day(8)).document->version, 2U);
    EXPECT_EQ(life.at(day(8)).document->flows[0].max_marking, stix::Tlp::red);
    EXPECT_EQ(life.at(day(8)).next, nullptr);
}

TEST_F(LifeTest, AnAmendmentWithALaterDateWaits) {
    const Document first = document({});
    Life life = agreed(first);
    Draft draft = after(first, "red");
    draft.from = "2026-02-01T00:00:00Z";
    const Document second = document(draft);
    take(life, record(second, day(5)));
    take(life, signature(second, "north", day(6)));
    take(life, signature(second, "south", day(6)));
    EXPECT_EQ(life.at(day(30)).document->version, 1U);
    EXPECT_EQ(life.at(day(30)).changes_at, day(31));
    EXPECT_EQ(life.at(day(31)).document->version, 2U);
}

TEST_F(LifeTest, WithoutOneSignatureNothingOfItHolds) {
    const Document first = document({});
    const Document second = document(after(first, "red"));
    const std::vector<Record> all{
        record(first, day(0)),
        signature(first, "north", day(1)),
        signature(first, "south", day(1)),
        record(second, day(2)),
        signature(second, "north", day(3)),
        signature(second, "south", day(3)),
    };
    ASSERT_EQ(Life(all, {}).at(day(4)).document->version, 2U);
    for (const std::size_t out : {1U, 2U}) {
        std::vector<Record> fewer = all;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(out));
        EXPECT_FALSE(Life(fewer, {}).at(day(4)).releases());
    }
    for (const std::size_t out : {4U, 5U}) {
        std::vector<Record> fewer = all;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(out));
        EXPECT_EQ(Life(fewer, {}).at(day(4)).document->version, 1U);
    }
}

TEST_F(LifeTest, AnyPartySuspendsAtOnceAndAloneTakesItBack) {
    const Document d = document({});
    Life life = agreed(d);
    take(life, statement(d, Statement::What::suspend, "south", day(5)));
    const Standing stopped = life.at(day(5));
    EXPECT_EQ(stopped.stage, Stage::suspended);
    ASSERT_EQ(stopped.suspensions.size(), 1U);
    EXPECT_EQ(stopped.suspensions[0].pid, "south");
    EXPECT_EQ(stopped.suspensions[0].reason, "audit");
    const std::string which = stopped.suspensions[0].digest;
    EXPECT_EQ(
        refused(life, statement(d, Statement::What::resume, "north", day(6), which)),
        Errc::unauthorized
    );
    EXPECT_EQ(life.at(day(6)).stage, Stage::suspended);
    take(life, statement(d, Statement::What::resume, "south", day(7), which));
    EXPECT_EQ(life.at(day(7)).stage, Stage::in_force);
    EXPECT_EQ(life.at(day(6)).stage, Stage::suspended);
}

TEST_F(LifeTest, WhatAllHaveSignedIsNotTakenOverByOnesOwnTerms) {
    const Document d = document({});
    Life life = agreed(d);
    Draft draft = after(d, "red");
    draft.pids = {"evil", "north"};
    draft.extra = R"("one_sided":true,)";
    const Document mine = document(draft);
    take(life, record(mine, day(2)));
    take(life, signature(mine, "evil", day(2)));
    EXPECT_EQ(life.at(day(3)).document->version, 1U);
    draft.pids = {"north", "evil"};
    const Document norths = document(draft);
    take(life, record(norths, day(2)));
    take(life, signature(norths, "north", day(2)));
    EXPECT_EQ(life.at(day(3)).document->version, 1U) << "South has not signed";
}

TEST_F(LifeTest, TwoSuspensionsNeedTwoResumptions) {
    const Document d = document({});
    Life life = agreed(d);
    take(life, statement(d, Statement::What::suspend, "south", day(5)));
    take(life, statement(d, Statement::What::suspend, "north", day(5)));
    const auto open = life.at(day(5)).suspensions;
    ASSERT_EQ(open.size(), 2U);
    take(life, statement(d, Statement::What::resume, "south", day(6), open[0].digest));
    EXPECT_EQ(life.at(day(6)).stage, Stage::suspended);
    take(life, statement(d, Statement::What::resume, "north", day(6), open[1].digest));
    EXPECT_EQ(life.at(day(6)).stage, Stage::in_force);
}

TEST_F(LifeTest, AReplayedResumptionLiftsNoLaterSuspension) {
    const Document d = document({});
    Life life = agreed(d);
    take(life, statement(d, Statement::What::suspend, "south", day(5)));
    const std::string first = life.at(day(5)).suspensions[0].digest;
    const Record resume = statement(d, Statement::What::resume, "south", day(6), first);
    take(life, resume);
    take(life, statement(d, Statement::What::suspend, "south", day(7)));
    Record again = resume;
    again.at = day(8);
    EXPECT_EQ(refused(life, again), Errc::conflict);
    // The same word with another signature line is the same word.
    ledger::Note note = ledger::parse_note(resume.body).value();
    ASSERT_TRUE(ledger::sign_note(note, signer("stranger")));
    again.body = ledger::note_bytes(note);
    EXPECT_EQ(refused(life, again), Errc::conflict);
    EXPECT_EQ(life.at(day(9)).stage, Stage::suspended);
}

TEST_F(LifeTest, WhoLeavesEndsItForTwoAndNotForThree) {
    const Document two = document({});
    Life life = agreed(two);
    take(life, statement(two, Statement::What::end, "south", day(5)));
    EXPECT_EQ(life.at(day(5)).stage, Stage::ended);
    EXPECT_EQ(life.at(day(4)).stage, Stage::in_force);
    EXPECT_EQ(refused(life, statement(two, Statement::What::end, "south", day(6))), Errc::conflict);

    Draft draft;
    draft.pids = {"north", "south", "east"};
    const Document three = document(draft);
    Life circle({}, {});
    take(circle, record(three, day(0)));
    for (const std::string pid : {"north", "south", "east"})
        take(circle, signature(three, pid, day(1)));
    take(circle, statement(three, Statement::What::end, "east", day(5)));
    const Standing now = circle.at(day(5));
    EXPECT_EQ(now.stage, Stage::in_force);
    EXPECT_TRUE(now.left.contains("east"));
    // What follows needs those who stayed.
    Draft next = after(three, "green");
    const Document smaller = document(next);
    take(circle, record(smaller, day(6)));
    take(circle, signature(smaller, "north", day(7)));
    take(circle, signature(smaller, "south", day(7)));
    EXPECT_EQ(circle.at(day(7)).document->version, 2U);
}

TEST_F(LifeTest, APartyIsNotDroppedWithoutItsWord) {
    Draft draft;
    draft.pids = {"north", "south", "east"};
    const Document three = document(draft);
    Life life({}, {});
    take(life, record(three, day(0)));
    for (const std::string pid : {"north", "south", "east"})
        take(life, signature(three, pid, day(1)));
    const Document two = document(after(three, "amber"));
    take(life, record(two, day(2)));
    take(life, signature(two, "north", day(3)));
    take(life, signature(two, "south", day(3)));
    EXPECT_EQ(life.at(day(4)).document->version, 1U);
    EXPECT_EQ(life.at(day(4)).missing, std::vector<std::string>{"east"});
}

TEST_F(LifeTest, ReplaysAndForksAreRefused) {
    const Document first = document({});
    Life life = agreed(first);
    EXPECT_EQ(refused(life, record(first, day(5))), Errc::conflict);
    const Document second = document(after(first, "red"));
    const Document other = document(after(first, "green"));
    take(life, record(second, day(5)));
    take(life, record(other, day(5)));  // two drafts may be talked about
    take(life, signature(second, "north", day(6)));
    take(life, signature(other, "north", day(6)));
    take(life, signature(second, "south", day(7)));
    EXPECT_EQ(refused(life, signature(other, "south", day(8))), Errc::conflict);
    EXPECT_EQ(life.at(day(9)).document->flows[0].max_marking, stix::Tlp::red);
    // A third draft of a version that is signed by all.
    EXPECT_EQ(refused(life, record(document(after(first, "clear")), day(9))), Errc::conflict);
    // One behind a version that nobody knows.
    Draft gap = after(second, "amber");
    gap.version = 4;
    EXPECT_EQ(refused(life, record(document(gap), day(9))), Errc::conflict);
    Draft strange;
    strange.title = "Another agreement";
    EXPECT_EQ(refused(life, record(document(strange), day(9))), Errc::conflict);
}

TEST_F(LifeTest, AStatementAboutAnotherAgreementStopsNothingHere) {
    const Document first = document({});
    Draft other;
    other.title = "Another agreement";
    const Document strange = document(other);
    ASSERT_NE(strange.id, first.id);
    Life life = agreed(first);
    for (const auto what : {Statement::What::suspend, Statement::What::end}) {
        EXPECT_EQ(refused(life, statement(strange, what, "south", day(5))), Errc::conflict);
        EXPECT_EQ(life.at(day(6)).stage, Stage::in_force);
    }
    take(life, statement(first, Statement::What::suspend, "south", day(5)));
    EXPECT_EQ(life.at(day(6)).stage, Stage::suspended);
}

TEST_F(LifeTest, OneSidedTermsHoldByTheOwnersSignatureAlone) {
    Draft draft;
    draft.extra = R"("one_sided":true,)";
    const Document d = document(draft);
    Life life({}, {});
    take(life, record(d, day(0)));
    EXPECT_EQ(life.at(day(0)).missing, std::vector<std::string>{"north"});
    take(life, signature(d, "north", day(1)));
    EXPECT_EQ(life.at(day(1)).stage, Stage::in_force);
    take(life, statement(d, Statement::What::end, "north", day(2)));
    EXPECT_EQ(life.at(day(2)).stage, Stage::ended);
}

TEST_F(LifeTest, ReadingTheRecordsAgainGivesTheSame) {
    const Document d = document({});
    const std::vector<Record> all{
        record(d, day(0)),
        signature(d, "north", day(1)),
        signature(d, "south", day(1)),
        {.kind = Record::Kind::signature, .body = "no note", .at = day(2)},
        statement(d, Statement::What::suspend, "south", day(5)),
    };
    const Life life(all, {});
    EXPECT_EQ(life.problems().size(), 1U);
    EXPECT_EQ(life.at(day(4)).stage, Stage::in_force);
    EXPECT_EQ(life.at(day(5)).stage, Stage::suspended);
}

TEST_F(LifeTest, RecordsAndDraftsAreBounded) {
    const Document first = document({});
    Life life({}, {});
    take(life, record(first, day(0)));
    take(life, signature(first, "north", day(1)));
    take(life, signature(first, "south", day(1)));
    for (std::size_t i = 0; i < limits::agreement_drafts_max; ++i) {
        Draft draft = after(first, "amber");
        draft.title = "Draft " + std::to_string(i);
        take(life, record(document(draft), day(2)));
    }
    EXPECT_EQ(refused(life, record(document(after(first, "red")), day(2))), Errc::too_large);
}

}  // namespace
}  // namespace entente::agreement
