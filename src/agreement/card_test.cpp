#include "agreement/card.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::agreement {
namespace {

using ledger::KeyFacts;
using ledger::Signer;
using ledger::Verifier;

Signer key(std::uint8_t byte, std::string name = "north.example/identity") {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(byte);
    return Signer::from_seed(std::move(name), seed).value();
}

const Signer& k0() {
    static const Signer signer = key(1);
    return signer;
}

const Signer& k1() {
    static const Signer signer = key(2);
    return signer;
}

const Signer& recovery() {
    static const Signer signer = key(9, "north.example/recovery");
    return signer;
}

const Signer& thief() {
    static const Signer signer = key(66, "thief");
    return signer;
}

const Signer& node() {
    static const Signer signer = key(7, "north.example/node");
    return signer;
}

using Signers = std::vector<const Signer*>;

Micros day(std::int64_t n) {
    return {n * micros_per_day};
}

std::string statement(const ledger::KeyStatement& said, const Signers& by) {
    return note_bytes(ledger::sign_key_statement(said, by).value());
}

std::string certificate() {
    return statement(
        ledger::Certificate{
            .by = k0().verifier(),
            .key = node().verifier(),
            .use = ledger::KeyUse::delivery,
            .from = day(1),
            .until = day(300)},
        {&k0()}
    );
}

Card card() {
    Card card;
    card.name = "north";
    card.organisation = "North CERT";
    card.contact = "+00 1234 duty desk";
    card.identity_keys = {k0().verifier()};
    card.recovery_key = recovery().verifier();
    card.identities = {"identity--8e3c3e5d-5f3a-4f0e-9a3e-2d4f4b6e7c11"};
    card.taxii = {"https://taxii.north.example/api/"};
    card.clients = {"Harbour Authority", "Z\xc3\xbcrich Water"};
    card.statements = {certificate()};
    card.from = day(2);
    card.sequence = 3;
    return card;
}

std::string bytes(const Card& c, const Signers& signers = {&k0()}) {
    const auto note = sign_card(c, signers);
    EXPECT_TRUE(note) << note.error().detail;
    return ledger::note_bytes(*note);
}

SignedCard signed_card(const Card& c, const Signers& signers = {&k0()}) {
    auto read = read_card(bytes(c, signers));
    EXPECT_TRUE(read) << read.error().detail;
    return *read;
}

template <class T>
testing::AssertionResult refused(const Result<T>& result, Errc code, std::string_view part) {
    if (result) return testing::AssertionFailure() << "taken";
    if (result.error().code == code && result.error().detail.find(part) != std::string::npos) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << errc_name(result.error().code) << ": " << result.error().detail;
}

/// A note of any text, signed by k0.
std::string note_of(std::string text) {
    ledger::Note note{.text = std::move(text), .signatures = {}};
    EXPECT_TRUE(sign_note(note, k0()));
    return ledger::note_bytes(note);
}

/// The text of `card()` with a part replaced, signed again.
std::string changed(std::string_view from, std::string_view to) {
    std::string text = card_text(card()).value();
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return note_of(text.replace(at, from.size(), to));
}

TEST(Card, IsReadAsItWasWritten) {
    const SignedCard read = signed_card(card());
    EXPECT_EQ(read.card.name, "north");
    EXPECT_EQ(read.card.organisation, "North CERT");
    EXPECT_EQ(read.card.contact, "+00 1234 duty desk");
    EXPECT_EQ(read.card.identity_keys, card().identity_keys);
    EXPECT_EQ(read.card.recovery_key, recovery().verifier());
    EXPECT_EQ(read.card.identities, card().identities);
    EXPECT_EQ(read.card.taxii, card().taxii);
    EXPECT_EQ(read.card.clients, card().clients);
    EXPECT_EQ(read.card.statements, card().statements);
    ASSERT_EQ(read.statements.size(), 1U);
    EXPECT_EQ(ledger::statement_about(read.statements[0]), node().verifier());
    EXPECT_EQ(read.card.from, day(2));
    EXPECT_EQ(read.card.sequence, 3U);
    EXPECT_EQ(read.digest, sha256(card_text(card()).value()));
}

TEST(Card, IsTheTextThatTheDocumentationShows) {
    Card small;
    small.name = "south";
    small.identity_keys = {k1().verifier()};
    small.from = day(0);
    EXPECT_EQ(
        card_text(small).value(),
        "{\"from\":\"1970-01-01T00:00:00.000000Z\",\"identity_keys\":[\"" +
            verifier_text(k1().verifier()) +
            "\"],\"name\":\"south\",\"schema\":\"entente-card/1\",\"sequence\":1}\n"
    );
    EXPECT_TRUE(read_card(bytes(small, {&k1()})));
}

TEST(Card, IsNotTakenWithABitFlippedOrCutOff) {
    Card small = card();
    small.statements.clear();
    const std::string good = bytes(small);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(read_card(bad)) << bit;
    }
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(read_card(good.substr(0, length))) << length;
    }
}

// Else a party could name a partner's key as its own, and what that one signs would seem its.
TEST(Card, NeedsTheSignatureOfEveryKeyThatItNames) {
    Card two = card();
    two.identity_keys.push_back(k1().verifier());
    const Signers only_first{&k0()};
    EXPECT_TRUE(refused(sign_card(two, only_first), Errc::invalid_argument, "not by: north"));
    EXPECT_TRUE(
        refused(read_card(note_of(card_text(two).value())), Errc::unauthorized, "have not signed")
    );
    EXPECT_EQ(signed_card(two, {&k0(), &k1()}).card.identity_keys.size(), 2U);
}

TEST(Card, RefusesWhatIsUnknownAndSaysWhere) {
    const auto says = [](std::string_view from, std::string_view to, std::string_view part) {
        return refused(read_card(changed(from, to)), Errc::unprocessable, part);
    };
    EXPECT_TRUE(says("\"name\"", "\"nam\"", "/nam: unknown key; a card has clients, contact"));
    EXPECT_TRUE(says("entente-card/1", "entente-card/2", "/schema: expected entente-card/1"));
    EXPECT_TRUE(says("\"sequence\":3", "\"sequence\":0", "/sequence: expected an integer of 1"));
    EXPECT_TRUE(says("identity--8", "identity--X", "/identities/0: expected a STIX identifier"));
    EXPECT_TRUE(says("https://taxii", "ftp://taxii", "/taxii/0: expected an address"));
    EXPECT_TRUE(says("\"North CERT\"", "7", "/organisation: expected a text"));
    EXPECT_TRUE(
        says("[\"Harbour Authority\"", "[\"Harbour Authority\",\"Harbour Authority\"", "/clients/1")
    );
    EXPECT_TRUE(says(
        "north\",\"org",
        "no\xe2\x80\xae"
        "rth\",\"org",
        "/name: expected a text"
    ));
    EXPECT_TRUE(refused(read_card(note_of("[]\n")), Errc::unprocessable, "JSON object"));
    EXPECT_TRUE(refused(read_card(note_of("{}\n")), Errc::unprocessable, "/identity_keys: missing")
    );
}

TEST(Card, RefusesASecondSpellingOfItself) {
    EXPECT_TRUE(refused(read_card(changed("{", "{ ")), Errc::malformed, "canonical"));
    EXPECT_TRUE(
        refused(read_card(changed("\"north\"", "\"n\\u006frth\"")), Errc::malformed, "canon")
    );
    EXPECT_FALSE(read_card(changed("\"name\":\"north\"", "\"name\":\"a\",\"name\":\"north\"")));
    EXPECT_TRUE(refused(read_card(note_of("not JSON\n")), Errc::malformed, ""));
    EXPECT_TRUE(
        refused(read_card(std::string(limits::card_bytes_max + 1, 'x')), Errc::too_large, "at most")
    );
}

TEST(Card, RefusesAStatementThatDoesNotVerify) {
    Card bad = card();
    bad.statements[0].replace(bad.statements[0].find("use delivery"), 12, "use witness");
    EXPECT_TRUE(refused(card_text(bad), Errc::unauthorized, "/statements/0"));
    EXPECT_TRUE(refused(
        read_card(changed("use delivery", "use witness")), Errc::unauthorized, "/statements/0"
    ));
}

TEST(Card, KeepsTheRecoveryKeyApart) {
    Card same = card();
    same.recovery_key = key(1, "another.name").verifier();
    EXPECT_TRUE(refused(card_text(same), Errc::unprocessable, "/recovery_key"));
}

TEST(Card, IsConfirmedByTheFingerprintOfAnyOfItsKeys) {
    Card two = card();
    two.identity_keys.push_back(k1().verifier());
    for (const Signer* signer : {&k0(), &k1()}) {
        std::string fingerprint = ledger::fingerprint(signer->verifier());
        EXPECT_TRUE(is_fingerprint(two, fingerprint));
        std::erase(fingerprint, ' ');
        EXPECT_TRUE(is_fingerprint(two, fingerprint));
        EXPECT_FALSE(is_fingerprint(two, fingerprint.substr(1)));
    }
    EXPECT_FALSE(is_fingerprint(two, ledger::fingerprint(recovery().verifier())));
    EXPECT_FALSE(is_fingerprint(two, ""));
}

// -- Updates

Card next_card() {
    Card next = card();
    next.sequence = 4;
    next.organisation = "North CERT, new office";
    return next;
}

Result<void> update(
    const SignedCard& next, const KeyFacts& facts = {}, std::int64_t at = 10, Card before = card()
) {
    return check_update(signed_card(before), next, facts, day(at));
}

TEST(CardUpdate, IsTakenWhenAKeyOfTheCardBeforeSigned) {
    EXPECT_TRUE(update(signed_card(next_card())));
}

TEST(CardUpdate, RefusesAnOlderCardAndOneOfTheSameNumber) {
    Card older = next_card();
    older.sequence = 2;
    EXPECT_TRUE(refused(update(signed_card(older)), Errc::conflict, "an older card"));
    older.sequence = 3;
    EXPECT_TRUE(refused(update(signed_card(older)), Errc::conflict, "sequence 3"));
    EXPECT_TRUE(refused(update(signed_card(card())), Errc::conflict, "known already"));
}

// Else a thief could use up the numbers, and the owner would have none left.
TEST(CardUpdate, RefusesALeapOfTheSequence) {
    Card far = next_card();
    far.sequence = 3 + card_step_max + 1;
    EXPECT_TRUE(refused(update(signed_card(far)), Errc::conflict, "more than 1000 above"));
    far.sequence = 3 + card_step_max;
    EXPECT_TRUE(update(signed_card(far)));
}

TEST(CardUpdate, RefusesAStrangersCard) {
    Card other = next_card();
    other.identity_keys = {thief().verifier()};
    EXPECT_TRUE(refused(update(signed_card(other, {&thief()})), Errc::unauthorized, "no key of"));
    // The same name, another secret.
    const Signer double_ = key(77);
    other.identity_keys = {double_.verifier()};
    EXPECT_TRUE(refused(update(signed_card(other, {&double_})), Errc::unauthorized, "no key of"));
}

TEST(CardUpdate, TakesASuccessorsCardByTheRotationThatItCarries) {
    Card next = next_card();
    next.identity_keys = {k1().verifier()};
    EXPECT_TRUE(refused(update(signed_card(next, {&k1()})), Errc::unauthorized, "no key of"));
    next.statements.push_back(statement(
        ledger::Rotation{
            .by = k0().verifier(),
            .key = k0().verifier(),
            .successor = k1().verifier(),
            .until = day(30)},
        {&k0(), &k1()}
    ));
    const SignedCard signed_next = signed_card(next, {&k1()});
    const std::vector<std::vector<TakenCard>> parties{
        {{signed_card(card()), day(5)}, {signed_next, day(10)}}};
    const ledger::JudgedKeys judged = judge_cards(parties);
    EXPECT_EQ(judged.facts.replaced.size(), 1U);
    EXPECT_TRUE(update(signed_next, judged.facts));
    // Later the old key has ended: a card that names it is not taken.
    EXPECT_TRUE(refused(update(signed_card(next_card()), judged.facts, 31), Errc::unauthorized, "")
    );
    Card both = next;
    both.identity_keys.push_back(k0().verifier());
    EXPECT_TRUE(
        refused(update(signed_card(both, {&k0(), &k1()}), judged.facts, 31), Errc::forbidden, "")
    );
}

TEST(CardUpdate, TheRecoveryKeyTakesTheCardBackFromAThief) {
    // The thief has k0 and brings in his own key.
    Card stolen = next_card();
    stolen.identity_keys = {thief().verifier()};
    const SignedCard his = signed_card(stolen, {&k0(), &thief()});
    EXPECT_TRUE(update(his));
    // He cannot become the one who recovers.
    stolen.recovery_key = key(67, "thief/recovery").verifier();
    EXPECT_TRUE(refused(
        update(signed_card(stolen, {&k0(), &thief()})), Errc::unauthorized, "recovery key before"
    ));
    stolen.recovery_key.reset();
    EXPECT_TRUE(refused(
        update(signed_card(stolen, {&k0(), &thief()})), Errc::unauthorized, "recovery key before"
    ));
    // The owner answers with the recovery key.
    Card back = next_card();
    back.sequence = 5;
    back.identity_keys = {k1().verifier()};
    back.statements = {
        statement(
            ledger::Revocation{
                .by = recovery().verifier(),
                .key = k0().verifier(),
                .since = day(8),
                .reason = ledger::Revocation::Reason::stolen},
            {&recovery()}
        ),
        statement(
            ledger::Rotation{
                .by = recovery().verifier(),
                .key = k0().verifier(),
                .successor = k1().verifier(),
                .until = day(8)},
            {&recovery(), &k1()}
        )};
    const SignedCard owners = signed_card(back, {&k1(), &recovery()});
    const std::vector<std::vector<TakenCard>> parties{
        {{signed_card(card()), day(5)}, {his, day(9)}, {owners, day(10)}}};
    const ledger::JudgedKeys judged = judge_cards(parties);
    EXPECT_TRUE(judged.problems.empty());
    EXPECT_TRUE(check_update(his, owners, judged.facts, day(10)));
    // What the thief signs with the stolen key afterwards is nobody's.
    Card again = stolen;
    again.sequence = 9;
    again.recovery_key = recovery().verifier();
    EXPECT_TRUE(refused(
        check_update(owners, signed_card(again, {&k0(), &thief()}), judged.facts, day(11)),
        Errc::unauthorized,
        "no key of"
    ));
}

TEST(CardUpdate, ANewRecoveryKeyNeedsTheOneBefore) {
    Card next = next_card();
    next.recovery_key = key(10, "north.example/recovery-2").verifier();
    EXPECT_TRUE(refused(update(signed_card(next)), Errc::unauthorized, "recovery key before"));
    EXPECT_TRUE(update(signed_card(next, {&k0(), &recovery()})));
    Card without = card();
    without.recovery_key.reset();
    EXPECT_TRUE(update(signed_card(next), {}, 10, without));
}

TEST(CardUpdate, IsNotTakenBeforeItsDate) {
    Card next = next_card();
    next.from = day(11);
    EXPECT_TRUE(refused(update(signed_card(next)), Errc::conflict, "valid only from 1970-01-12"));
    EXPECT_TRUE(update(signed_card(next), {}, 11));
    EXPECT_TRUE(refused(check_first(signed_card(next), {}, day(10)), Errc::conflict, "only from"));
    EXPECT_TRUE(check_first(signed_card(next), {}, day(11)));
}

TEST(CardUpdate, ARevokedKeySignsNoCard) {
    KeyFacts facts;
    facts.revoked.push_back({k0().verifier(), day(9)});
    EXPECT_TRUE(refused(update(signed_card(next_card()), facts), Errc::unauthorized, "no key of"));
    EXPECT_TRUE(update(signed_card(next_card()), facts, 8));
    EXPECT_TRUE(refused(check_first(signed_card(card()), facts, day(9)), Errc::forbidden, "north"));
}

}  // namespace
}  // namespace entente::agreement
