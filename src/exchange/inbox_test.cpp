// Agreements that a partner's node posts to a collection that takes them.
#include "agreement/card.h"
#include "agreement/stix_object.h"
#include "base/limits.h"
#include "exchange/outbox.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using namespace testing;
using Names = std::vector<std::string>;
using Kind = store::AgreementRecord::Kind;

constexpr const char* north_identity = "identity--00000000-0000-4000-8000-00000000000a";

/// Two nodes: what North knows is posted to South, by hand.
class Inbox : public ::testing::Test {
  protected:
    Inbox() {
        n.identify(north_identity);
        at_north = n.party("South");
        north = s.party("North");
        west = s.party("West");
        poster = s.user("north-node", north);
        reader = s.user("north-siem", north, Role::reader);
        stranger = s.user("west-node", west);
        inbox = s.collection("Inbox");
        s.store().write([&](store::Transaction& tx) {
            store::Collection row = tx.directory().collections.front();
            row.takes_agreements = true;
            tx.put(row);
        });
        for (const UserNo user : {poster, stranger})
            s.grant(user, inbox, {.read = false, .write = true, .list = false});
        own = s.user("own", s.own());
        s.grant(own, inbox, {.read = true, .write = true});
    }

    Pact pact(std::string title = "Pact") {
        Pact made{n, {{"north", n.own()}, {"south", at_north}}, std::move(title)};
        add_card(north, made.key("north"));
        add_card(s.own(), made.key("south"));
        return made;
    }

    void add_card(PartyNo party, const ledger::Signer& signer) {
        agreement::Card card;
        card.name = "A CERT";
        card.identity_keys = {signer.verifier()};
        card.sequence = ++cards_;
        const ledger::Signer* const signers[] = {&signer};
        s.store().write([&](store::Transaction& tx) {
            tx.put(store::Card{
                .party = party,
                .sequence = card.sequence,
                .note = note_bytes(agreement::sign_card(card, signers).value()),
                .at = s.clock.now()});
        });
    }

    std::string object(const Pact& p) {
        return agreement_object(n.store().snapshot()->directory(), p.id()).value();
    }

    /// The same with notes beside what North knows.
    std::string object_with(const Pact& p, std::vector<std::string> notes) {
        agreement::Carried carried = agreement::from_stix(object(p)).value();
        std::ranges::move(notes, std::back_inserter(carried.notes));
        return agreement::as_stix(
                   carried,
                   {.created_by_ref = north_identity,
                    .created = start_of_tests,
                    .modified = start_of_tests,
                    .marking = {}}
        ).value();
    }

    Outcome post(const std::string& json) { return post_as(poster, json); }

    Outcome post_as(UserNo user, const std::string& json) {
        const auto report = s.publish(user, inbox, {json});
        if (!report) return {.id = {}, .version = {}, .message = report.error().detail};
        return report->outcomes.at(0);
    }

    std::string stage(const Pact& p) {
        const auto snapshot = s.store().snapshot();
        const auto state = s.states().get(*snapshot);
        const auto* point = state->agreements.point(p.id());
        return point == nullptr ? "unknown"
                                : std::string(agreement::stage_text(point->standing.stage));
    }

    std::size_t records() { return s.store().snapshot()->directory().agreement_records.size(); }

    std::string statement(const Pact& p, const std::string& by, std::string reason) {
        return p.note(
            agreement::statement_text(
                {.what = agreement::Statement::What::suspend,
                 .id = p.id(),
                 .lifts = "",
                 .time = s.clock.now(),
                 .person = "",
                 .office = "",
                 .reason = std::move(reason)}
            ),
            by
        );
    }

    std::unique_ptr<store::Store> north_store = store::make_memory_store();
    std::unique_ptr<store::Store> south_store = store::make_memory_store();
    Harness n{*north_store};
    Harness s{*south_store};
    PartyNo at_north{};
    PartyNo north{};
    PartyNo west{};
    UserNo poster{};
    UserNo reader{};
    UserNo stranger{};
    UserNo own{};
    CollectionNo inbox{};
    std::uint64_t cards_ = 0;
};

TEST_F(Inbox, TakesWhatIsSignedAndASuspensionActsOnTheNextRequest) {
    Pact p = pact();
    p.agree({.flows = {{.from = R"(["south"])", .to = R"(["north"])"}}});
    const Outcome first = post(object(p));
    ASSERT_TRUE(first.accepted) << first.message;
    EXPECT_EQ(stage(p), "in force");
    const CollectionNo shared = s.collection("Shared", stix::Tlp::green);
    s.grant(own, shared, {.read = true, .write = true});
    s.store().write([&](store::Transaction& tx) {
        ASSERT_TRUE(bind_collection(
            tx,
            s.clock,
            {.agreement = p.id(),
             .flow = {},
             .collection = shared,
             .way = store::AgreementBinding::Way::out},
            true,
            {}
        ));
    });
    ASSERT_TRUE(s.publish(own, shared, {object_json({.number = 1})}));
    EXPECT_EQ(s.ids(reader, shared), Names{"1/0"});
    n.clock.advance(1'000'000);
    p.suspend("north");
    const Outcome second = post(object(p));
    ASSERT_TRUE(second.accepted) << second.message;
    EXPECT_NE(second.message.find("1 new records taken, 3 known"), std::string::npos)
        << second.message;
    EXPECT_EQ(stage(p), "suspended");
    EXPECT_EQ(s.ids(reader, shared), Names{});
    // The partner that agreements govern now can still take it back.
    n.clock.advance(1'000'000);
    p.resume("north");
    ASSERT_TRUE(post(object(p)).accepted);
    EXPECT_EQ(stage(p), "in force");
    EXPECT_EQ(s.ids(reader, shared), Names{"1/0"});
}

TEST_F(Inbox, WhatIsKnownIsTakenOnceAndStoredNowhere) {
    Pact p = pact();
    p.agree({});
    ASSERT_TRUE(post(object(p)).accepted);
    const std::size_t before = records();
    const Outcome again = post(object(p));
    EXPECT_TRUE(again.accepted);
    EXPECT_NE(again.message.find("0 new records taken, 3 known"), std::string::npos);
    EXPECT_EQ(records(), before);
    EXPECT_EQ(s.ids(own, inbox), Names{}) << "readers of the collection learn of no agreement";
}

TEST_F(Inbox, WhoIsNoPartyIsToldTheSameWhetherItIsKnownOrNot) {
    Pact p = pact();
    p.agree({});
    const Outcome unknown = post_as(stranger, object(p));
    EXPECT_FALSE(unknown.accepted);
    EXPECT_EQ(stage(p), "unknown");
    ASSERT_TRUE(post(object(p)).accepted);
    const Outcome known = post_as(stranger, object(p));
    EXPECT_FALSE(known.accepted);
    EXPECT_EQ(known.message, unknown.message);
    EXPECT_EQ(known.message.find(p.id()), std::string::npos);
}

TEST_F(Inbox, ANewAgreementComesWithASignatureOfSomebodyWhoseCardIsHere) {
    Pact p = pact();
    p.draft({});
    const Outcome bare = post(object(p));
    EXPECT_FALSE(bare.accepted);
    EXPECT_EQ(stage(p), "unknown");
    p.sign("north");
    const Outcome proposed = post(object(p));
    EXPECT_TRUE(proposed.accepted) << proposed.message;
    EXPECT_EQ(stage(p), "proposed") << "the own party has signed nothing";
}

TEST_F(Inbox, KeysThatNoCardHereListsAreNobodys) {
    Pact p{n, {{"north", n.own()}, {"south", at_north}}, "Forged"};
    p.agree({});
    const Outcome forged = post(object(p));
    EXPECT_FALSE(forged.accepted);
    EXPECT_EQ(records(), 0U);
}

TEST_F(Inbox, ANextVersionThatNobodySignedIsLeftAside) {
    Pact p = pact();
    p.agree({});
    ASSERT_TRUE(post(object(p)).accepted);
    const std::size_t before = records();
    p.draft({.flows = {{.max_marking = "red"}}});
    const Outcome unsigned_one = post(object(p));
    EXPECT_TRUE(unsigned_one.accepted);
    EXPECT_NE(unsigned_one.message.find("1 left aside"), std::string::npos);
    EXPECT_EQ(records(), before);
    p.sign("north");
    EXPECT_TRUE(post(object(p)).accepted);
    EXPECT_EQ(records(), before + 2);
    EXPECT_EQ(stage(p), "in force") << "of the version that both signed";
}

TEST_F(Inbox, AForgedStatementDoesNotCountAndIsToldSo) {
    Pact p = pact();
    p.agree({});
    ASSERT_TRUE(post(object(p)).accepted);
    std::array<std::uint8_t, 32> seed{};
    seed.fill(3);
    const auto thief = ledger::Signer::from_seed("north.example/entente", seed).value();
    ledger::Note note{
        .text = agreement::statement_text(
            {.what = agreement::Statement::What::suspend,
             .id = p.id(),
             .lifts = "",
             .time = s.clock.now(),
             .person = "",
             .office = "",
             .reason = ""}
        ),
        .signatures = {}};
    ASSERT_TRUE(ledger::sign_note(note, thief));
    const Outcome forged = post(object_with(p, {ledger::note_bytes(note)}));
    EXPECT_FALSE(forged.accepted);
    EXPECT_NE(forged.message.find("do not count"), std::string::npos) << forged.message;
    EXPECT_EQ(stage(p), "in force");
}

TEST_F(Inbox, AFloodOfRecordsIsTakenInSteps) {
    Pact p = pact();
    p.agree({});
    ASSERT_TRUE(post(object(p)).accepted);
    const std::size_t before = records();
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < limits::agreement_inbox_step_max + 6; ++i)
        notes.push_back(statement(p, "north", "reason " + std::to_string(i)));
    const Outcome first = post(object_with(p, notes));
    EXPECT_FALSE(first.accepted) << "so that the sender sends the rest";
    EXPECT_NE(first.message.find("6 more"), std::string::npos) << first.message;
    EXPECT_EQ(records(), before + limits::agreement_inbox_step_max);
    EXPECT_TRUE(post(object_with(p, notes)).accepted);
    EXPECT_EQ(records(), before + notes.size());
}

TEST_F(Inbox, OtherObjectsAreJudgedAsEverAndEachForItself) {
    Pact p = pact();
    p.agree({});
    const auto report =
        s.publish(poster, inbox, {object_json({.number = 1}), object(p), "{\"type\":\"x\"}"});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->outcomes.at(1).accepted) << report->outcomes.at(1).message;
    EXPECT_FALSE(report->outcomes.at(0).accepted) << "agreements alone say what a partner may send";
    EXPECT_FALSE(report->outcomes.at(2).accepted);
    EXPECT_EQ(s.ids(own, inbox), Names{});
}

TEST_F(Inbox, ACollectionThatTakesNoneStoresItAsAnObject) {
    Pact p = pact();
    p.agree({});
    const CollectionNo plain = s.collection("Plain");
    s.grant(own, plain, {.read = true, .write = true});
    const auto report = s.publish(own, plain, {object(p)});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->outcomes.at(0).accepted) << report->outcomes.at(0).message;
    EXPECT_EQ(stage(p), "unknown");
}

TEST_F(Inbox, WhatAPartnerBringsIsPassedOnToTheOthersAndNotBack) {
    const PartyNo west_at_north = n.party("West");
    Pact p{n, {{"north", n.own()}, {"south", at_north}, {"west", west_at_north}}, "Three of us"};
    add_card(north, p.key("north"));
    add_card(s.own(), p.key("south"));
    add_card(west, p.key("west"));
    s.store().write([&](store::Transaction& tx) {
        for (const PartyNo party : {north, west})
            tx.put(store::Peer{.party = party, .url = "u", .settings = "{}", .secret = ""});
    });
    p.agree({});
    ASSERT_TRUE(post(object(p)).accepted);
    const auto heads = s.store().snapshot()->outbox_heads();
    ASSERT_EQ(heads.size(), 1U);
    EXPECT_EQ(heads.front().party, west);
}

}  // namespace
}  // namespace entente::exchange
