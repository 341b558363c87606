#include "agreement/life.h"

#include "base/limits.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace entente::agreement {
namespace {

Micros day(int n) {
    // From 2026-01-01T00:00:00Z on.
    return {1'767'225'600'000'000 + n * micros_per_day};
}

ledger::Signer key(const std::string& name, std::uint8_t seed) {
    std::array<std::uint8_t, 32> bytes{};
    bytes.fill(seed);
    return ledger::Signer::from_seed(name, bytes).value();
}

/// North and South (and whoever else is asked for), and what they sign.
class LifeTest : public testing::Test {
  protected:
    struct Draft {
        std::vector<std::string> pids{"north", "south"};
        std::string title = "Indicators";
        std::uint32_t version = 1;
        std::string id{};
        std::string previous{};
        std::string ceiling = "amber";
        std::string from = "2026-01-01T00:00:00Z";
        std::string until = "2027-01-01T00:00:00Z";
        std::string extra{};  // further keys of the document
        std::string more_flows{};
    };

    const ledger::Signer& signer(const std::string& pid) {
        const auto at = signers_.find(pid);
        if (at != signers_.end()) return at->second;
        const auto seed = static_cast<std::uint8_t>(signers_.size() + 1);
        return signers_.emplace(pid, key(pid + ".example/entente", seed)).first->second;
    }

    Document document(const Draft& draft) {
        std::string parties;
        for (const std::string& pid : draft.pids) {
            parties += fmt::format(
                R"({}{{"pid":"{}","name":"{}","sign_keys":["{}"]}})",
                parties.empty() ? "" : ",",
                pid,
                pid,
                ledger::verifier_text(signer(pid).verifier())
            );
        }
        std::string links;
        if (!draft.id.empty())
            links = fmt::format(R"("id":"{}","previous":"{}",)", draft.id, draft.previous);
        auto read = read_document(fmt::format(
            R"({{"schema":"entente-agreement/1",{}"version":{},"title":"{}","parties":[{}],)"
            R"("flows":[{{"fid":"f1","from":["{}"],"to":["{}"],"max_marking":"{}"}}{}],{})"
            R"("validity":{{"from":"{}","until":"{}"}}}})",
            links,
            draft.version,
            draft.title,
            parties,
            draft.pids[0],
            draft.pids[1],
            draft.ceiling,
            draft.more_flows,
            draft.extra,
            draft.from,
            draft.until
        ));
        EXPECT_TRUE(read) << (read ? "" : read.error().detail);
        return read.value();
    }

    /// Version 2 behind `before`.
    static Draft after(const Document& before, std::string ceiling) {
        Draft draft;
        draft.version = before.version + 1;
        draft.id = before.id;
        draft.previous = to_hex(before.digest);
        draft.ceiling = std::move(ceiling);
        return draft;
    }

    static Record record(const Document& d, Micros at) {
        return {.kind = Record::Kind::document, .body = d.canonical, .at = at};
    }

    static std::string note(std::string text, const ledger::Signer& by) {
        ledger::Note note{.text = std::move(text), .signatures = {}};
        EXPECT_TRUE(ledger::sign_note(note, by));
        return ledger::note_bytes(note);
    }

    static Record signature(const Document& d, const ledger::Signer& by, Micros at) {
        const std::string text = signed_text(
            {.id = d.id,
             .version = d.version,
             .digest = d.digest,
             .person = "A. Person",
             .office = "Director"}
        );
        return {.kind = Record::Kind::signature, .body = note(text, by), .at = at};
    }

    Record signature(const Document& d, const std::string& pid, Micros at) {
        return signature(d, signer(pid), at);
    }

    Record statement(
        const Document& d,
        Statement::What what,
        const std::string& pid,
        Micros at,
        std::string lifts = {}
    ) {
        const std::string text = statement_text(
            {.what = what,
             .id = d.id,
             .lifts = std::move(lifts),
             .time = at,
             .person = "B. Person",
             .office = "",
             .reason = "audit"}
        );
        return {.kind = Record::Kind::statement, .body = note(text, signer(pid)), .at = at};
    }

    /// A life with version 1 signed by both on day 1.
    Life agreed(const Document& d) {
        Life life({}, {});
        take(life, record(d, day(0)));
        take(life, signature(d, "north", day(1)));
        take(life, signature(d, "south", day(1)));
        return life;
    }

    /// North, South and East, which is the steward, signed on day 1.
    static constexpr std::string_view by_steward =
        R"("change":{"join":"steward","steward":"east"},)";

    Document stewarded(Life& life, std::string more_flows = {}) {
        Draft draft;
        draft.pids = {"north", "south", "east"};
        draft.extra = by_steward;
        draft.more_flows = std::move(more_flows);
        Document d = document(draft);
        take(life, record(d, day(0)));
        for (const std::string& pid : draft.pids)
            take(life, signature(d, pid, day(1)));
        return d;
    }

    /// The version behind it, with the same parties.
    static Draft behind(const Document& before, std::string ceiling = "amber") {
        Draft draft = after(before, std::move(ceiling));
        draft.pids = {"north", "south", "east"};
        draft.extra = by_steward;
        return draft;
    }

    void new_key(const std::string& pid, std::uint8_t seed) {
        signers_.erase(pid);
        signers_.emplace(pid, key(pid + ".example/entente", seed));
    }

    static void take(Life& life, const Record& r) {
        const auto added = life.add(r);
        EXPECT_TRUE(added) << (added ? "" : added.error().detail);
    }

    static Errc refused(Life& life, const Record& r) {
        const auto added = life.add(r);
        EXPECT_FALSE(added);
        return added ? Errc::corrupt : added.error().code;
    }

    std::map<std::string, ledger::Signer> signers_;
};

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
