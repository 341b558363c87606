#include "ledger/certificate.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::ledger {
namespace {

Signer key(std::uint8_t byte, std::string name = "north.example/identity") {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(byte);
    return Signer::from_seed(std::move(name), seed).value();
}

Micros day(std::int64_t n) {
    return {n * micros_per_day};
}

Certificate certificate() {
    return {
        .by = key(1).verifier(),
        .key = key(7, "north.example/node").verifier(),
        .use = KeyUse::log,
        .from = day(1),
        .until = day(365)};
}

Rotation rotation() {
    return {
        .by = key(1).verifier(),
        .key = key(1).verifier(),
        .successor = key(2).verifier(),
        .until = day(30)};
}

Revocation revocation() {
    return {
        .by = key(9, "north.example/recovery").verifier(),
        .key = key(1).verifier(),
        .since = day(3),
        .reason = Revocation::Reason::stolen};
}

std::string signed_by(const KeyStatement& statement, const std::vector<Signer>& signers) {
    std::vector<const Signer*> all;
    for (const Signer& s : signers)
        all.push_back(&s);
    return note_bytes(sign_key_statement(statement, all).value());
}

std::vector<Signer> list(Signer a) {
    std::vector<Signer> all;
    all.push_back(std::move(a));
    return all;
}

std::vector<Signer> list(Signer a, Signer b) {
    std::vector<Signer> all = list(std::move(a));
    all.push_back(std::move(b));
    return all;
}

std::vector<std::string> all_signed() {
    return {
        signed_by(certificate(), list(key(1))),
        signed_by(rotation(), list(key(1), key(2))),
        signed_by(revocation(), list(key(9, "north.example/recovery")))};
}

testing::AssertionResult refused(
    const Result<KeyStatement>& read, Errc code, std::string_view part
) {
    if (read) return testing::AssertionFailure() << "taken";
    if (read.error().code == code && read.error().detail.find(part) != std::string::npos) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << errc_name(read.error().code) << ": " << read.error().detail;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(KeyStatement, IsTheTextThatTheDocumentationShows) {
    const std::string north = verifier_text(key(1).verifier());
    EXPECT_EQ(
        key_statement_text(certificate()),
        "entente-key-certificate/v1\nby " + north + "\nkey " +
            verifier_text(key(7, "north.example/node").verifier()) +
            "\nuse log\nfrom 1970-01-02T00:00:00.000000Z\nuntil 1971-01-01T00:00:00.000000Z\n"
    );
    EXPECT_EQ(
        key_statement_text(rotation()),
        "entente-key-rotation/v1\nby " + north + "\nkey " + north + "\nsuccessor " +
            verifier_text(key(2).verifier()) + "\nuntil 1970-01-31T00:00:00.000000Z\n"
    );
    EXPECT_EQ(
        key_statement_text(revocation()),
        "entente-key-revocation/v1\nby " +
            verifier_text(key(9, "north.example/recovery").verifier()) + "\nkey " + north +
            "\nsince 1970-01-04T00:00:00.000000Z\nreason stolen\n"
    );
}

TEST(KeyStatement, IsReadAsItWasWritten) {
    for (const KeyStatement& s :
         {KeyStatement(certificate()), KeyStatement(rotation()), KeyStatement(revocation())}) {
        EXPECT_EQ(read_key_statement(key_statement_text(s)).value(), s);
    }
    const std::vector<std::string> notes = all_signed();
    EXPECT_EQ(verify_key_statement(notes[0]).value(), KeyStatement(certificate()));
    EXPECT_EQ(verify_key_statement(notes[1]).value(), KeyStatement(rotation()));
    EXPECT_EQ(verify_key_statement(notes[2]).value(), KeyStatement(revocation()));
}

TEST(KeyStatement, IsNotTakenWithABitFlipped) {
    for (const std::string& note : all_signed()) {
        for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
            std::string bad = note;
            bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
            EXPECT_FALSE(verify_key_statement(bad)) << bit << bad;
        }
    }
}

TEST(KeyStatement, IsNotTakenWhenCutOff) {
    for (const std::string& note : all_signed()) {
        for (std::size_t length = 0; length < note.size(); ++length) {
            EXPECT_FALSE(verify_key_statement(note.substr(0, length))) << length;
        }
    }
    const std::string text = key_statement_text(rotation());
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_TRUE(refused(read_key_statement(text.substr(0, length)), Errc::malformed, "line"))
            << length;
    }
}

// Nobody can be made a successor, whose signatures then count for another, without signing it.
TEST(KeyStatement, OfARotationNeedsTheSuccessorsSignature) {
    Note note{.text = key_statement_text(rotation()), .signatures = {}};
    ASSERT_TRUE(sign_note(note, key(1)));
    EXPECT_TRUE(refused(verify_key_statement(note_bytes(note)), Errc::unauthorized, "not signed"));
    ASSERT_TRUE(sign_note(note, key(2)));
    EXPECT_TRUE(verify_key_statement(note_bytes(note)));
    const Signer old = key(1);
    const Signer* const only[] = {&old};
    const auto unsigned_by_successor = sign_key_statement(rotation(), only);
    ASSERT_FALSE(unsigned_by_successor);
    EXPECT_EQ(unsigned_by_successor.error().code, Errc::invalid_argument);
}

TEST(KeyStatement, SignedByAnotherKeyIsNotTaken) {
    Note note{.text = key_statement_text(revocation()), .signatures = {}};
    ASSERT_TRUE(sign_note(note, key(1)));
    EXPECT_TRUE(refused(verify_key_statement(note_bytes(note)), Errc::unauthorized, "recovery"));
    // The same name with another secret is another key.
    note.signatures.clear();
    ASSERT_TRUE(sign_note(note, key(8, "north.example/recovery")));
    EXPECT_TRUE(refused(verify_key_statement(note_bytes(note)), Errc::unauthorized, "recovery"));
}

TEST(KeyStatement, SaysWhereItsTextIsWrong) {
    const std::string c = key_statement_text(certificate());
    const auto wrong = [&](std::string_view from, std::string_view to, std::string_view says) {
        return refused(read_key_statement(replaced(c, from, to)), Errc::malformed, says);
    };
    EXPECT_TRUE(wrong("by ", "of ", "line 2: expected \"by VALUE\""));
    EXPECT_TRUE(wrong("use log", "use everything", "line 4: \"everything\" is not"));
    EXPECT_TRUE(wrong(".000000Z\nuntil", "Z\nuntil", "line 5: expected a time"));
    EXPECT_TRUE(wrong("1971-01-01", "1971-02-30", "line 6: expected a time"));
    EXPECT_TRUE(wrong("until", "comment x\nuntil", "line 6: expected \"until VALUE\""));
    EXPECT_TRUE(refused(read_key_statement(c + "more\n"), Errc::malformed, "line 7"));
    EXPECT_TRUE(refused(
        read_key_statement(replaced(c, "certificate/v1", "certificate/v2")),
        Errc::unprocessable,
        "known are"
    ));
    EXPECT_TRUE(refused(read_key_statement("hello\n"), Errc::malformed, "line 1"));
    EXPECT_TRUE(refused(
        read_key_statement(std::string(limits::certificate_bytes_max + 1, 'x')),
        Errc::too_large,
        "at most"
    ));
    EXPECT_TRUE(refused(
        verify_key_statement(std::string(limits::certificate_bytes_max + 1, 'x')),
        Errc::too_large,
        "at most"
    ));
}

TEST(KeyStatement, ThatMakesNoSenseIsNeitherReadNorSigned) {
    Certificate own = certificate();
    own.key = own.by;
    Certificate reversed = certificate();
    reversed.until = reversed.from;
    Rotation same = rotation();
    same.successor = key(1, "north.example/new").verifier();  // the same secret, another name
    Rotation recovering = rotation();
    recovering.by = recovering.successor;
    for (const KeyStatement& s :
         {KeyStatement(own),
          KeyStatement(reversed),
          KeyStatement(same),
          KeyStatement(recovering)}) {
        EXPECT_TRUE(refused(
            read_key_statement(key_statement_text(s)), Errc::unprocessable, "statement about a key"
        ));
        EXPECT_FALSE(sign_key_statement(s, {}));
    }
}

}  // namespace
}  // namespace entente::ledger
