// Whose signature counts for what: keys of strangers, new, revoked and succeeding ones.
#include "agreement/testing/life.h"
#include "base/limits.h"

namespace entente::agreement {
namespace {

using LifeTest = testing::LifeTest;
using testing::day;
using testing::key;

TEST_F(LifeTest, SignaturesOfStrangersAndOfAWrongKeyDoNotCount) {
    const Document d = document({});
    Life life({}, {});
    EXPECT_EQ(refused(life, signature(d, "north", day(0))), Errc::conflict);  // no document yet
    take(life, record(d, day(0)));
    EXPECT_EQ(refused(life, signature(d, "mallory", day(1))), Errc::unauthorized);
    // South's name with another key.
    EXPECT_EQ(
        refused(life, signature(d, key("south.example/entente", 99), day(1))), Errc::unauthorized
    );
    Record broken = signature(d, "south", day(1));
    broken.body[broken.body.size() - 8] = broken.body[broken.body.size() - 8] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refused(life, broken), Errc::unauthorized);
    take(life, signature(d, "north", day(1)));
    EXPECT_EQ(refused(life, signature(d, "north", day(2))), Errc::conflict);
    EXPECT_EQ(life.at(day(9)).stage, Stage::proposed);
}

TEST_F(LifeTest, ANewVersionDoesNotBringItsOwnKeyForAPartyThatSigned) {
    const Document first = document({});
    Life life = agreed(first);
    // North writes a version 2 in which South has a key that North made.
    const ledger::Signer own = key("south.example/entente", 77);
    signers_.erase("south");
    signers_.emplace("south", key("south.example/entente", 77));
    const Document second = document(after(first, "red"));
    take(life, record(second, day(2)));
    take(life, signature(second, "north", day(3)));
    EXPECT_EQ(refused(life, signature(second, own, day(3))), Errc::unauthorized);
    EXPECT_EQ(life.at(day(4)).document->version, 1U);
}

TEST_F(LifeTest, NoVersionHoldsByNobodysWord) {
    Life life({}, {});
    const Document first = stewarded(life);
    take(life, statement(first, Statement::What::end, "east", day(2)));
    // The steward, who alone would have to sign a new key, is gone.
    new_key("north", 66);
    const Document second = document(behind(first));
    take(life, record(second, day(3)));
    const Standing now = life.at(day(4));
    EXPECT_EQ(now.document->version, 1U);
    EXPECT_EQ(now.missing, (std::vector<std::string>{"north", "south"}));
    take(life, signature(second, "south", day(4)));
    EXPECT_EQ(life.at(day(5)).document->version, 1U) << "North has not signed";
}

TEST_F(LifeTest, AKeyThatOthersGaveAPartyWidensNothingThatItGives) {
    Life life({}, {});
    const Document first = stewarded(life);
    // The steward gives North a key of its own making, as it may where a key was lost.
    new_key("north", 66);
    const Document second = document(behind(first));
    take(life, record(second, day(2)));
    take(life, signature(second, "east", day(3)));
    ASSERT_EQ(life.at(day(3)).document->version, 2U);
    const Document wider = document(behind(second, "red"));
    take(life, record(wider, day(4)));
    take(life, signature(wider, "south", day(5)));
    take(life, signature(wider, "east", day(5)));
    EXPECT_EQ(refused(life, signature(wider, "north", day(5))), Errc::unauthorized);
    EXPECT_EQ(life.at(day(6)).document->version, 2U);
    EXPECT_EQ(life.at(day(6)).missing, std::vector<std::string>{"north"});
    // What does not widen it may sign: it speaks for North otherwise.
    const Document narrower = document(behind(second, "green"));
    take(life, record(narrower, day(6)));
    for (const std::string pid : {"north", "south", "east"})
        take(life, signature(narrower, pid, day(7)));
    EXPECT_EQ(life.at(day(7)).document->flows[0].max_marking, stix::Tlp::green);
}

TEST_F(LifeTest, AKeyThatAPartyBroughtItselfSignsWhateverItMay) {
    Life life({}, {});
    const Document first = stewarded(life);
    const ledger::Signer old = key("north.example/entente", 1);
    ASSERT_EQ(old.verifier(), signer("north").verifier());
    new_key("north", 66);
    const Document second = document(behind(first));
    take(life, record(second, day(2)));
    take(life, signature(second, "east", day(3)));
    take(life, signature(second, old, day(3)));
    const Document wider = document(behind(second, "red"));
    take(life, record(wider, day(4)));
    for (const std::string pid : {"north", "south", "east"})
        take(life, signature(wider, pid, day(5)));
    EXPECT_EQ(life.at(day(6)).document->version, 3U);
}

TEST_F(LifeTest, AStewardAloneEndsNoFlowWhateverItIsCalled) {
    Life life({}, {});
    const Document first = stewarded(life, R"(,{"fid":"to","from":["south"],"to":["north"]})");
    const Document second = document(behind(first));
    take(life, record(second, day(2)));
    take(life, signature(second, "east", day(3)));
    EXPECT_EQ(life.at(day(4)).document->version, 1U);
}

TEST_F(LifeTest, WhatWasStoppedStaysSoWhenTheKeyThatSaidItIsRevokedSince) {
    const Document d = document({});
    std::vector<Record> all{
        record(d, day(0)),
        signature(d, "north", day(1)),
        signature(d, "south", day(1)),
        statement(d, Statement::What::suspend, "south", day(5)),
    };
    const ledger::Signer newer = key("south.example/entente", 50);
    KeyFacts facts;
    facts.replaced.push_back({signer("south").verifier(), newer.verifier()});
    facts.revoked.push_back({signer("south").verifier(), day(4)});
    Life life(all, facts);
    EXPECT_EQ(life.problems(), std::vector<std::string>{});
    ASSERT_EQ(life.at(day(6)).stage, Stage::suspended);
    // A thief cannot set it going again, nor say anything new; South can, with its new key.
    const std::string which = life.at(day(6)).suspensions[0].digest;
    EXPECT_EQ(
        refused(life, statement(d, Statement::What::resume, "south", day(6), which)),
        Errc::unauthorized
    );
    EXPECT_EQ(
        refused(life, statement(d, Statement::What::suspend, "south", day(6))), Errc::unauthorized
    );
    const std::string text = statement_text(
        {.what = Statement::What::resume,
         .id = d.id,
         .lifts = which,
         .time = day(7),
         .person = {},
         .office = {},
         .reason = {}}
    );
    take(life, {.kind = Record::Kind::statement, .body = note(text, newer), .at = day(7)});
    EXPECT_EQ(life.at(day(7)).stage, Stage::in_force);
    all.push_back(statement(d, Statement::What::end, "south", day(5)));
    EXPECT_EQ(Life(all, facts).at(day(6)).stage, Stage::ended);
}

TEST_F(LifeTest, NobodyCanUseUpWhatOthersNeedToStopIt) {
    const Document d = document({});
    Life life = agreed(d);
    for (std::size_t i = 3; i < limits::agreement_records_max; ++i) {
        const Micros now = day(5) + static_cast<std::int64_t>(i);
        const auto open = life.at(now).suspensions;
        const auto what = open.empty() ? Statement::What::suspend : Statement::What::resume;
        take(life, statement(d, what, "south", now, open.empty() ? "" : open[0].digest));
    }
    const auto south = life.at(day(6)).suspensions;
    const auto say = [&](Statement::What what, const std::string& pid, int on) {
        return statement(d, what, pid, day(on), south.empty() ? "" : south[0].digest);
    };
    EXPECT_EQ(refused(life, record(document(after(d, "red")), day(6))), Errc::too_large);
    EXPECT_EQ(refused(life, say(Statement::What::resume, "south", 6)), Errc::too_large);
    take(life, say(Statement::What::suspend, "north", 7));
    EXPECT_EQ(life.at(day(7)).suspensions.back().pid, "north");
    EXPECT_EQ(refused(life, say(Statement::What::suspend, "north", 8)), Errc::too_large);
    take(life, say(Statement::What::end, "north", 9));
    EXPECT_EQ(life.at(day(9)).stage, Stage::ended);
    EXPECT_EQ(refused(life, say(Statement::What::end, "north", 10)), Errc::conflict);
}

TEST_F(LifeTest, ARevokedKeySignsNothingMoreWhateverDateItClaims) {
    const Document d = document({});
    KeyFacts facts;
    facts.revoked.push_back({.key = signer("south").verifier(), .since = day(3)});
    Life early({}, facts);
    take(early, record(d, day(0)));
    take(early, signature(d, "north", day(1)));
    take(early, signature(d, "south", day(2)));
    EXPECT_EQ(early.at(day(5)).stage, Stage::in_force);
    Life late({}, facts);
    take(late, record(d, day(0)));
    take(late, signature(d, "north", day(1)));
    EXPECT_EQ(refused(late, signature(d, "south", day(3))), Errc::unauthorized);
    EXPECT_EQ(late.at(day(5)).stage, Stage::proposed);
}

TEST_F(LifeTest, ASuccessorSignsWhereTheOldKeyMight) {
    const Document d = document({});
    const ledger::Signer newer = key("south.example/entente", 50);
    const ledger::Signer newest = key("south.example/entente", 51);
    KeyFacts facts;
    facts.replaced.push_back({signer("south").verifier(), newer.verifier()});
    facts.replaced.push_back({newer.verifier(), newest.verifier()});
    facts.replaced.push_back({newest.verifier(), newer.verifier()});  // a circle ends
    Life life({}, facts);
    take(life, record(d, day(0)));
    take(life, signature(d, "north", day(1)));
    take(life, signature(d, newest, day(1)));
    EXPECT_EQ(life.at(day(2)).stage, Stage::in_force);
}

}  // namespace
}  // namespace entente::agreement
