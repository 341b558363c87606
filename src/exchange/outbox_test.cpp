// What a step of an agreement puts down for its other parties, and nobody else.
#include "exchange/outbox.h"

#include "agreement/stix_object.h"
#include "base/limits.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace entente::exchange {
namespace {

using namespace testing;
using store::OutboxRow;
using Names = std::vector<std::string>;

class Outbox : public ::testing::Test {
  protected:
    Outbox() {
        h.identify("identity--00000000-0000-4000-8000-00000000000a");
        south = h.party("South");
        west = h.party("West");
    }

    void set_peer(PartyNo party) {
        h.store().write([&](store::Transaction& tx) {
            tx.put(store::Peer{
                .party = party, .url = "https://x.example/", .settings = "{}", .secret = ""});
        });
    }

    Pact two() { return {h, {{"north", h.own()}, {"south", south}}, "Two"}; }

    Pact three() { return {h, {{"north", h.own()}, {"south", south}, {"west", west}}, "Three"}; }

    std::vector<OutboxRow> rows() { return h.store().snapshot()->outbox({}, 1'000); }

    /// The parties that something waits for.
    Names waiting() {
        Names names;
        const auto snapshot = h.store().snapshot();
        const auto state = h.states().get(*snapshot);
        for (const store::OutboxHead& head : snapshot->outbox_heads())
            names.push_back(state->party(head.party)->name);
        return names;
    }

    void settle_all(bool delivered, std::string error = "", std::int64_t wait_us = 0) {
        h.store().write([&](store::Transaction& tx) {
            Delivery d{
                .rows = {},
                .delivered = delivered,
                .error = std::move(error),
                .next = h.clock.now() + wait_us};
            for (const OutboxRow& row : tx.outbox({}, 1'000))
                d.rows.push_back(row.no);
            settle(tx, h.clock, d);
        });
    }

    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    PartyNo south{};
    PartyNo west{};
};

TEST_F(Outbox, ADraftIsToldToNobodyAndTheOwnSignatureToAllItsParties) {
    set_peer(south);
    set_peer(west);
    Pact p = three();
    p.draft({});
    EXPECT_EQ(waiting(), Names{});
    p.sign("south");
    EXPECT_EQ(waiting(), Names{}) << "not ours yet: others tell of it";
    p.sign("north");
    EXPECT_EQ(waiting(), (Names{"South", "West"}));
}

TEST_F(Outbox, NobodyElseIsTold) {
    set_peer(south);
    set_peer(west);
    Pact p = two();
    p.agree({});
    p.suspend("north");
    EXPECT_EQ(waiting(), Names{"South"});
}

TEST_F(Outbox, TellsWhoHasNoAddress) {
    set_peer(south);
    Pact p = three();
    p.draft({});
    const agreement::Document& d = p.versions().back();
    const auto taken = p.take(
        store::AgreementRecord::Kind::signature,
        p.note(
            agreement::signed_text(
                {.id = d.id, .version = 1, .digest = d.digest, .person = "A", .office = ""}
            ),
            "north"
        )
    );
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->told.queued, std::vector<PartyNo>{south});
    EXPECT_EQ(taken->told.no_address, std::vector<PartyNo>{west});
}

TEST_F(Outbox, WhatAnotherPartyDidIsPassedOn) {
    set_peer(west);
    Pact p = three();
    p.agree({});
    settle_all(true);
    p.suspend("south");
    EXPECT_EQ(waiting(), Names{"West"});
}

TEST_F(Outbox, OneRowStandsForAPartyAndAgreementAndALaterStepIsTriedAtOnce) {
    set_peer(south);
    Pact p = two();
    p.agree({});
    const Micros first = rows().at(0).created;
    settle_all(false, "down", 3'600'000'000);
    h.clock.advance(1'000'000);
    p.suspend("north");
    ASSERT_EQ(rows().size(), 1U);
    EXPECT_EQ(rows().at(0).created, first) << "it waits since then";
    EXPECT_EQ(rows().at(0).due, h.clock.now());
    EXPECT_EQ(rows().at(0).tries, 0U);
}

TEST_F(Outbox, AStepTakenWhileAnEarlierOneIsOnItsWayStillWaits) {
    set_peer(south);
    Pact p = two();
    p.agree({});
    const store::OutboxNo sent = rows().at(0).no;
    p.suspend("north");
    h.store().write([&](store::Transaction& tx) {
        settle(tx, h.clock, {.rows = {sent}, .delivered = true, .error = {}, .next = {}});
    });
    EXPECT_EQ(waiting(), Names{"South"});
}

TEST_F(Outbox, WhoHasLeftIsToldOfThatAndOfNothingLater) {
    set_peer(south);
    set_peer(west);
    Pact p = three();
    p.agree({});
    settle_all(true);
    p.end("west");
    EXPECT_EQ(waiting(), (Names{"South", "West"}));
    settle_all(true);
    p.suspend("north");
    EXPECT_EQ(waiting(), Names{"South"});
}

TEST_F(Outbox, AForgedNextVersionTellsNobodyItNames) {
    set_peer(south);
    set_peer(west);
    Pact p = two();
    p.agree({});
    settle_all(true);
    // A second version with one more party, which nobody has signed.
    std::string draft = p.versions().front().canonical;
    const auto replace = [&](const std::string& from, const std::string& to) {
        const auto at = draft.find(from);
        ASSERT_NE(at, std::string::npos) << draft;
        draft.replace(at, from.size(), to);
    };
    std::array<std::uint8_t, 32> seed{};
    seed.fill(7);
    const auto key = ledger::Signer::from_seed("west.example/entente", seed).value();
    replace(
        "\"parties\":[",
        R"("parties":[{"name":"W","pid":"west","sign_keys":[")" +
            ledger::verifier_text(key.verifier()) + "\"]},"
    );
    replace(
        "\"version\":1",
        "\"version\":2,\"previous\":\"" + to_hex(p.versions().front().digest) + "\""
    );
    const auto read = agreement::read_document(draft);
    ASSERT_TRUE(read) << read.error().detail;
    ASSERT_TRUE(p.take(store::AgreementRecord::Kind::document, read->canonical));
    h.store().write([&](store::Transaction& tx) {
        ASSERT_TRUE(map_party(tx, h.clock, {.agreement = p.id(), .pid = "west", .party = west}, {})
        );
    });
    p.suspend("north");
    EXPECT_EQ(waiting(), Names{"South"});
}

TEST_F(Outbox, APeerThatIsSetLaterIsToldOfEveryAgreementWithIt) {
    Pact p = two();
    p.agree({});
    Pact q = three();
    q.agree({});
    Pact draft{h, {{"north", h.own()}, {"south", south}}, "Draft"};
    draft.draft({});
    EXPECT_EQ(rows().size(), 0U);
    set_peer(west);
    h.store().write([&](store::Transaction& tx) { EXPECT_EQ(queue_known(tx, h.clock, west), 1U); });
    set_peer(south);
    h.store().write([&](store::Transaction& tx) {
        EXPECT_EQ(queue_known(tx, h.clock, south), 2U);
        EXPECT_EQ(queue_known(tx, h.clock, south), 2U) << "and again is the same";
    });
    EXPECT_EQ(rows().size(), 3U);
}

TEST_F(Outbox, WhoIsMappedAfterTheSignatureIsTold) {
    set_peer(west);
    Pact p = two();
    p.agree({});
    const auto map = [&](PartyNo party) {
        h.store().write([&](store::Transaction& tx) {
            ASSERT_TRUE(
                map_party(tx, h.clock, {.agreement = p.id(), .pid = "south", .party = party}, {})
            );
        });
    };
    map({});
    EXPECT_EQ(waiting(), Names{});
    map(west);
    EXPECT_EQ(waiting(), Names{"West"});
}

TEST_F(Outbox, DeliveryIsAStepOfTheAgreementInItsChain) {
    set_peer(south);
    Pact p = two();
    p.agree({});
    settle_all(true);
    ASSERT_EQ(rows().size(), 1U);
    EXPECT_EQ(rows().at(0).state, OutboxRow::State::delivered);
    EXPECT_EQ(waiting(), Names{});
    const auto snapshot = h.store().snapshot();
    const auto acts = snapshot->acts_of_agreement(p.id(), {}, 100);
    EXPECT_EQ(acts.back().kind, "agreement sent");
    EXPECT_NE(acts.back().facts.find("South"), std::string::npos);
    EXPECT_TRUE(broken_links(*snapshot, p.id()).empty());
}

TEST_F(Outbox, AFailureIsKeptAndWhatWaitsTooLongIsGivenUpUntilItIsWantedAgain) {
    set_peer(south);
    Pact p = two();
    p.agree({});
    settle_all(false, std::string(10'000, 'x'), 5);
    EXPECT_EQ(rows().at(0).tries, 1U);
    EXPECT_EQ(rows().at(0).error.size(), limits::outbox_error_bytes_max);
    EXPECT_EQ(rows().at(0).due, h.clock.now() + 5);
    h.clock.advance(limits::outbox_age_max_us);
    settle_all(false, "still down", 5);
    EXPECT_EQ(rows().at(0).state, OutboxRow::State::waiting);
    h.clock.advance(1);
    settle_all(false, "still down", 5);
    EXPECT_EQ(rows().at(0).state, OutboxRow::State::given_up);
    EXPECT_EQ(waiting(), Names{});
    h.store().write([&](store::Transaction& tx) { try_again(tx, h.clock.now(), south); });
    EXPECT_EQ(waiting(), Names{"South"});
    settle_all(false, "still down", 5);
    EXPECT_EQ(waiting(), Names{"South"}) << "its time begins anew";
}

TEST_F(Outbox, ANewStepStandsForWhatWasGivenUp) {
    set_peer(south);
    Pact p = two();
    p.agree({});
    h.clock.advance(limits::outbox_age_max_us + 1);
    settle_all(false, "down", 5);
    p.suspend("north");
    EXPECT_EQ(waiting(), Names{"South"});
    settle_all(true);
    EXPECT_EQ(rows().size(), 1U);
}

TEST_F(Outbox, ObjectsWaitWithinBounds) {
    h.store().write([&](store::Transaction& tx) {
        const auto put = [&](std::string body) {
            return queue_objects(tx, h.clock.now(), south, "sightings", std::move(body));
        };
        EXPECT_EQ(put("{}").error().code, Errc::not_found);
        tx.put(store::Peer{.party = south, .url = "u", .settings = "{}", .secret = ""});
        EXPECT_EQ(
            put(std::string(limits::outbox_body_bytes_max + 1, 'x')).error().code, Errc::too_large
        );
        for (std::size_t i = 0; i < limits::outbox_rows_max; ++i)
            ASSERT_TRUE(put("{}"));
        EXPECT_EQ(put("{}").error().code, Errc::overloaded);
    });
    settle_all(true);
    EXPECT_EQ(rows().at(0).body, "") << "what was delivered is not kept twice";
}

TEST_F(Outbox, TheObjectHoldsAllThatIsKnownAndNothingOfOthers) {
    Pact p = two();
    p.agree({});
    Pact q = three();
    q.agree({});
    p.suspend("north");
    const auto directory = h.store().snapshot()->directory();
    const auto object = agreement_object(directory, p.id());
    ASSERT_TRUE(object) << object.error().detail;
    const auto carried = agreement::from_stix(*object);
    ASSERT_TRUE(carried) << carried.error().detail;
    EXPECT_EQ(carried->documents.size(), 1U);
    EXPECT_EQ(carried->notes.size(), 3U);
    EXPECT_EQ(object->find(q.id()), std::string::npos);
    EXPECT_EQ(agreement_object(directory, "agr:none").error().code, Errc::not_found);
}

}  // namespace
}  // namespace entente::exchange
