#include "exchange/known_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using ledger::Signer;

Signer key(std::uint8_t byte, std::string name) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(byte);
    return Signer::from_seed(std::move(name), seed).value();
}

Micros day(std::int64_t n) {
    return {n * micros_per_day};
}

constexpr store::PartyNo north{2};

store::Card card_row(const Signer& signer, std::uint64_t sequence, Micros at) {
    agreement::Card card;
    card.name = "North CERT";
    card.identity_keys = {signer.verifier()};
    card.sequence = sequence;
    const Signer* const signers[] = {&signer};
    return {
        .party = north,
        .sequence = sequence,
        .note = note_bytes(agreement::sign_card(card, signers).value()),
        .at = at};
}

store::KeyStatement revocation_row(const Signer& signer, Micros since, Micros at) {
    const Signer* const signers[] = {&signer};
    const ledger::Revocation said{
        .by = signer.verifier(), .key = signer.verifier(), .since = since};
    return {.note = note_bytes(ledger::sign_key_statement(said, signers).value()), .at = at};
}

TEST(KnownKeys, ThePartysNewestCardCounts) {
    const Signer k = key(1, "north");
    store::Directory directory;
    directory.cards = {card_row(k, 1, day(1)), card_row(k, 2, day(3))};
    const KnownKeys known = known_keys(directory);
    ASSERT_NE(known.card_of(north), nullptr);
    EXPECT_EQ(known.card_of(north)->card.card.sequence, 2U);
    EXPECT_EQ(known.card_of(north)->at, day(3));
    EXPECT_EQ(known.card_of(store::PartyNo{9}), nullptr);
    EXPECT_TRUE(known.problems.empty());
}

TEST(KnownKeys, AStatementThatCameAloneCounts) {
    const Signer k = key(1, "north");
    store::Directory directory;
    directory.cards = {card_row(k, 1, day(1))};
    directory.key_statements = {revocation_row(k, day(5), day(6))};
    const KnownKeys known = known_keys(directory);
    EXPECT_TRUE(ledger::key_counts(k.verifier(), known.facts, day(4)));
    EXPECT_FALSE(ledger::key_counts(k.verifier(), known.facts, day(5)));
}

TEST(KnownKeys, WhatIsOnItsWayInIsJudgedWithTheRest) {
    const Signer k0 = key(1, "north");
    const Signer k1 = key(2, "north-2");
    store::Directory directory;
    directory.cards = {card_row(k0, 1, day(1))};
    AddedKeys added;
    const ledger::Rotation said{
        .by = k0.verifier(), .key = k0.verifier(), .successor = k1.verifier(), .until = day(9)};
    added.statements = {{said, day(2)}};
    EXPECT_EQ(known_keys(directory, added).facts.replaced.size(), 1U);
    EXPECT_TRUE(known_keys(directory).facts.replaced.empty());
    added.party = north;
    added.cards = {{agreement::read_card(card_row(k0, 2, day(4)).note).value(), day(4)}};
    EXPECT_EQ(known_keys(directory, added).card_of(north)->card.card.sequence, 2U);
}

// A row that was damaged takes nothing else with it, and gives nothing.
TEST(KnownKeys, ARowThatDoesNotReadIsLeftOutAndTold) {
    const Signer k = key(1, "north");
    store::Directory directory;
    directory.cards = {card_row(k, 1, day(1)), card_row(k, 2, day(3))};
    directory.cards[1].note.pop_back();
    directory.key_statements = {revocation_row(k, day(5), day(6))};
    directory.key_statements[0].note[30] ^= 1;
    const KnownKeys known = known_keys(directory);
    EXPECT_EQ(known.card_of(north)->card.card.sequence, 1U);
    EXPECT_TRUE(known.facts.revoked.empty());
    EXPECT_EQ(known.problems.size(), 2U);
}

}  // namespace
}  // namespace entente::exchange
