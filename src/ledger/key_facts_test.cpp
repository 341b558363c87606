#include "ledger/key_facts.h"

#include "base/limits.h"
#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace entente::ledger {
namespace {

/// A key of each number; only its verifier is needed, for `judge_keys` takes what was verified.
Verifier key(std::uint32_t number) {
    std::array<std::uint8_t, 32> seed{};
    for (std::size_t i = 0; i < 4; ++i)
        seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return Signer::from_seed("k" + std::to_string(number), seed).value().verifier();
}

Micros day(std::int64_t n) {
    return {n * micros_per_day};
}

TakenStatement rotates(
    const Verifier& by, const Verifier& from, const Verifier& to, int at, int until = 1'000
) {
    return {Rotation{.by = by, .key = from, .successor = to, .until = day(until)}, day(at)};
}

TakenStatement revokes(const Verifier& by, const Verifier& about, int at, int since) {
    return {Revocation{.by = by, .key = about, .since = day(since)}, day(at)};
}

Certificate certificate(const Verifier& by, const Verifier& node) {
    return {.by = by, .key = node, .from = day(10), .until = day(20)};
}

const Verifier k0 = key(0);
const Verifier k1 = key(1);
const Verifier k2 = key(2);
const Verifier thief = key(66);
const Verifier recovery = key(99);
const Verifier node = key(7);

/// The party of k0.
PartyKeys party() {
    return {.identity = {k0}, .recovery = recovery};
}

JudgedKeys judge(std::vector<TakenStatement> statements, std::vector<PartyKeys> parties) {
    JudgedKeys judged = judge_keys(parties, statements);
    // Order never matters, of statements or of parties.
    std::ranges::reverse(statements);
    std::ranges::reverse(parties);
    EXPECT_EQ(judge_keys(parties, statements).facts, judged.facts);
    return judged;
}

JudgedKeys judge(std::vector<TakenStatement> statements) {
    return judge(std::move(statements), {party()});
}

std::optional<Micros> revoked(const JudgedKeys& judged, const Verifier& about) {
    for (const auto& r : judged.facts.revoked) {
        if (r.key == about) return r.since;
    }
    return std::nullopt;
}

std::vector<Verifier> chain(const JudgedKeys& judged, const Verifier& from) {
    const Verifier start[] = {from};
    return with_successors(start, judged.facts);
}

TEST(KeyFacts, AKeyNamesItsSuccessorAndEnds) {
    const JudgedKeys judged = judge({rotates(k0, k0, k1, 5, 35)});
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1}));
    EXPECT_EQ(revoked(judged, k0), day(35));
    EXPECT_FALSE(revoked(judged, k1));
    EXPECT_TRUE(judged.problems.empty());
    EXPECT_TRUE(key_counts(k0, judged.facts, {day(35).count - 1}));
    EXPECT_FALSE(key_counts(k0, judged.facts, day(35)));
    EXPECT_TRUE(key_counts(k1, judged.facts, day(99)));
}

TEST(KeyFacts, ALostKeyIsReplacedByTheRecoveryKey) {
    const JudgedKeys judged = judge({rotates(recovery, k0, k1, 5, 5)});
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1}));
    EXPECT_EQ(revoked(judged, k0), day(5));
}

// A thief who has the key names himself as successor; the owner takes it back as of before.
TEST(KeyFacts, AThiefsSuccessorFallsWhenTheRecoveryKeySpeaks) {
    const TakenStatement stolen = rotates(k0, k0, thief, 5);
    EXPECT_EQ(chain(judge({stolen}), k0), (std::vector{k0, thief}));
    const JudgedKeys judged =
        judge({stolen, revokes(recovery, k0, 7, 4), rotates(recovery, k0, k1, 7, 4)});
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1}));
    EXPECT_EQ(revoked(judged, k0), day(4));
    ASSERT_EQ(judged.problems.size(), 1U);
    EXPECT_NE(judged.problems[0].find("the key had been revoked"), std::string::npos);
    // The recovery key's word goes before the key's own even without a revocation.
    EXPECT_EQ(chain(judge({stolen, rotates(recovery, k0, k1, 7)}), k0), (std::vector{k0, k1}));
}

TEST(KeyFacts, AnOldKeyThatIsStolenLaterUndoesNoRotation) {
    const JudgedKeys judged = judge({rotates(k0, k0, k1, 5, 35), rotates(k0, k0, thief, 6, 1)});
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1}));
    EXPECT_EQ(revoked(judged, k0), day(35));
    ASSERT_EQ(judged.problems.size(), 1U);
    EXPECT_NE(judged.problems[0].find("named before"), std::string::npos);
}

TEST(KeyFacts, ARotationTakenBeforeTheRevocationStands) {
    EXPECT_EQ(
        chain(judge({rotates(k0, k0, k1, 5), revokes(k0, k0, 9, 6)}), k0), (std::vector{k0, k1})
    );
    EXPECT_EQ(chain(judge({rotates(k0, k0, k1, 6), revokes(k0, k0, 9, 6)}), k0), (std::vector{k0}));
}

TEST(KeyFacts, TheEarliestRevocationHolds) {
    const JudgedKeys judged =
        judge({revokes(k0, k0, 9, 8), revokes(recovery, k0, 10, 4), revokes(k0, k0, 11, 6)});
    EXPECT_EQ(revoked(judged, k0), day(4));
    EXPECT_EQ(judged.facts.revoked.size(), 1U);
}

TEST(KeyFacts, StrangersSayNothingAboutAKey) {
    const JudgedKeys judged = judge(
        {revokes(thief, k0, 5, 1), rotates(thief, k0, thief, 5), revokes(k1, k0, 5, 1)},
        {party(), {.identity = {key(3)}, .recovery = thief}}
    );
    EXPECT_EQ(judged.facts, KeyFacts{});
    EXPECT_EQ(judged.problems.size(), 3U);
}

// Else whoever certifies a partner's key could end it.
TEST(KeyFacts, WhoCertifiedAKeyEndsItsCertificateOnly) {
    const TakenStatement foreign{certificate(thief, k0), day(5)};
    const JudgedKeys judged = judge({foreign, revokes(thief, k0, 5, 1)});
    EXPECT_TRUE(judged.facts.revoked.empty());
    ASSERT_EQ(judged.facts.withdrawn.size(), 1U);
    EXPECT_TRUE(key_counts(k0, judged.facts, day(9)));
}

TEST(KeyFacts, TheRecoveryKeySpeaksForSuccessorsToo) {
    const JudgedKeys judged =
        judge({rotates(k0, k0, k1, 5), rotates(recovery, k1, k2, 6, 6), revokes(recovery, k2, 8, 8)}
        );
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1, k2}));
    EXPECT_EQ(revoked(judged, k1), day(6));
    EXPECT_EQ(revoked(judged, k2), day(8));
    EXPECT_TRUE(judged.problems.empty());
}

TEST(KeyFacts, ARecoveryKeyThatRevokedItselfSpeaksNoMore) {
    const TakenStatement ended = revokes(recovery, recovery, 5, 5);
    EXPECT_EQ(chain(judge({ended, rotates(recovery, k0, k1, 6)}), k0), (std::vector{k0}));
    EXPECT_EQ(chain(judge({ended, rotates(recovery, k0, k1, 4)}), k0), (std::vector{k0, k1}));
}

TEST(KeyFacts, AKeyOfTwoPartiesHasNoRecoveryKey) {
    const PartyKeys other{.identity = {k0}, .recovery = thief};
    const JudgedKeys judged =
        judge({rotates(recovery, k0, k1, 5), rotates(thief, k0, thief, 5)}, {party(), other});
    EXPECT_EQ(judged.facts, KeyFacts{});
}

TEST(KeyFacts, AKeyWithoutACardSpeaksForItself) {
    const JudgedKeys judged = judge({rotates(k0, k0, k1, 5), revokes(k1, k1, 6, 6)}, {});
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1}));
    EXPECT_EQ(revoked(judged, k1), day(6));
    EXPECT_EQ(judge({rotates(recovery, k0, k1, 5)}, {}).facts, KeyFacts{});
}

TEST(KeyFacts, ACircleIsNotClosed) {
    const JudgedKeys judged =
        judge({rotates(k0, k0, k1, 5), rotates(k1, k1, k2, 6), rotates(k2, k2, k0, 7)});
    EXPECT_EQ(judged.facts.replaced.size(), 2U);
    EXPECT_EQ(judged.problems.size(), 1U);
    EXPECT_EQ(chain(judged, k0), (std::vector{k0, k1, k2}));
    EXPECT_EQ(
        judge({rotates(k0, k0, k1, 5), rotates(k1, k1, k0, 5)}, {}).facts.replaced.size(), 1U
    );
}

TEST(KeyFacts, TheChainHasAnEnd) {
    std::vector<TakenStatement> statements;
    for (std::uint32_t i = 0; i < limits::identity_chain_max + 8; ++i)
        statements.push_back(rotates(key(i), key(i), key(i + 1), static_cast<int>(i)));
    EXPECT_EQ(chain(judge(std::move(statements)), k0).size(), limits::identity_chain_max);
}

TEST(KeyFacts, ACertificateHoldsWithinItsDatesWhileWhoMadeItCounts) {
    const Verifier identity[] = {k0};
    const Certificate c = certificate(k0, node);
    const TakenStatement taken{c, day(5)};
    const auto holds = [&](const JudgedKeys& judged, int at) {
        return certificate_holds(c, identity, judged.facts, day(at));
    };
    const JudgedKeys plain = judge({taken});
    EXPECT_FALSE(holds(plain, 9));
    EXPECT_TRUE(holds(plain, 10));
    EXPECT_TRUE(holds(plain, 19));
    EXPECT_FALSE(holds(plain, 20));
    EXPECT_FALSE(certificate_holds(certificate(thief, node), identity, plain.facts, day(15)));

    const JudgedKeys withdrawn = judge({taken, revokes(k0, node, 12, 12)});
    EXPECT_TRUE(holds(withdrawn, 11));
    EXPECT_FALSE(holds(withdrawn, 12));
    const JudgedKeys by_node = judge({taken, revokes(node, node, 12, 12)});
    EXPECT_FALSE(holds(by_node, 12));
    const JudgedKeys stolen = judge({taken, revokes(recovery, k0, 12, 12)});
    EXPECT_TRUE(holds(stolen, 11));
    EXPECT_FALSE(holds(stolen, 12));

    const JudgedKeys rotated = judge({taken, rotates(k0, k0, k1, 5, 15)});
    EXPECT_TRUE(holds(rotated, 14));
    EXPECT_FALSE(holds(rotated, 15));
    EXPECT_TRUE(certificate_holds(certificate(k1, node), identity, rotated.facts, day(16)));
}

// Random histories: never a circle, never two successors, whatever the order.
TEST(KeyFacts, RandomHistoriesGiveOneAnswerInAnyOrder) {
    SeededRandom random(20'261'123);
    const auto pick = [&](std::size_t below) {
        std::uint8_t byte = 0;
        random.fill({&byte, 1});
        return byte % below;
    };
    std::vector<Verifier> keys;
    for (std::uint32_t i = 0; i < 6; ++i)
        keys.push_back(key(i));
    for (int round = 0; round < 300; ++round) {
        std::vector<TakenStatement> statements;
        for (std::size_t n = pick(14); n > 0; --n) {
            const Verifier& about = keys[pick(keys.size())];
            const Verifier& by = pick(2) == 0 ? about : keys[pick(keys.size())];
            const Verifier& to = keys[pick(keys.size())];
            const int at = static_cast<int>(pick(4));
            if (pick(3) == 0) {
                statements.push_back(revokes(by, about, at, static_cast<int>(pick(4))));
            } else if (to != about && to != by) {
                statements.push_back(rotates(by, about, to, at, static_cast<int>(pick(6))));
            }
        }
        const std::vector<PartyKeys> parties{
            {.identity = {keys[0]}, .recovery = keys[5]},
            {.identity = {keys[1], keys[2]}, .recovery = std::nullopt}};
        const JudgedKeys judged = judge(statements, parties);
        for (const auto& replaced : judged.facts.replaced) {
            EXPECT_EQ(
                std::ranges::count(judged.facts.replaced, replaced.key, &KeyFacts::Replaced::key), 1
            );
            const std::vector<Verifier> after = chain(judged, replaced.successor);
            EXPECT_EQ(std::ranges::count(after, replaced.key), 0) << "round " << round;
        }
    }
}

}  // namespace
}  // namespace entente::ledger
