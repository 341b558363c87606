#include "ledger/note.h"

#include "base/hash.h"
#include "base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace entente::ledger {
namespace {

using namespace std::string_literals;

// The vectors of golang.org/x/mod/sumdb/note and of C2SP signed-note.
constexpr std::string_view peter_key =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view peter_secret = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=";
constexpr std::string_view peter_text =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view peter_line =
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
constexpr std::string_view foo_key =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view foo_note =
    "This is an example message.\n\n\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";
constexpr std::string_view dash = "\xe2\x80\x94 ";

Signer signer_of(std::string name, std::uint8_t seed) {
    std::array<std::uint8_t, 32> bytes{};
    bytes.fill(seed);
    return Signer::from_seed(std::move(name), bytes).value();
}

Signer peter() {
    const auto seed = from_base64(peter_secret).value();
    return Signer::from_seed("PeterNeumann", as_bytes(seed).first<32>()).value();
}

std::vector<Verifier> one(std::string_view key) {
    return {verifier_of(key).value()};
}

Note signed_by(const Signer& signer, std::string text = "text\n") {
    Note note{.text = std::move(text), .signatures = {}};
    EXPECT_TRUE(sign_note(note, signer));
    return note;
}

std::string error_of(std::string_view bytes) {
    const auto note = parse_note(bytes);
    if (note) return "";
    EXPECT_EQ(note.error().code, Errc::malformed);
    return note.error().detail;
}

testing::AssertionResult says(const std::string& text, std::string_view part) {
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "\"" << text << "\" does not say \"" << part << "\"";
}

/// A signature line that has the right form and no known key.
std::string line_of(std::string_view name, std::string_view blob = "1234567") {
    return std::string(dash) + std::string(name) + ' ' + to_base64(blob) + '\n';
}

TEST(SignedNote, VerifiesThePublicVectors) {
    const Note foo = parse_note(foo_note).value();
    EXPECT_EQ(foo.text, "This is an example message.\n");
    EXPECT_EQ(verify_note(foo, one(foo_key)).value(), one(foo_key));
    const Note text = parse_note(std::string(peter_text) + '\n' + std::string(peter_line)).value();
    EXPECT_EQ(verify_note(text, one(peter_key)).value(), one(peter_key));
}

TEST(SignedNote, SignsThePublicVectorByteForByte) {
    EXPECT_EQ(verifier_text(peter().verifier()), peter_key);
    Note note{.text = std::string(peter_text), .signatures = {}};
    ASSERT_TRUE(sign_note(note, peter()));
    EXPECT_EQ(note_bytes(note), std::string(peter_text) + '\n' + std::string(peter_line));
}

// RFC 8032, 7.1, TEST 1: the empty message.
TEST(SignedNote, SignsAsRfc8032) {
    const std::array<std::uint8_t, 32> seed = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                               0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                               0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                               0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    const Signer signer = Signer::from_seed("rfc8032", seed).value();
    EXPECT_EQ(
        to_hex(signer.verifier().key),
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    );
    EXPECT_EQ(
        to_hex(signer.sign("")),
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b"
    );
    EXPECT_EQ(signer.seed(), seed);
}

TEST(SignedNote, TheLastEmptyLineEndsTheText) {
    const std::string text = "\na\n\n\nb\n\n";
    const Note note = signed_by(signer_of("a", 1), text);
    const Note again = parse_note(note_bytes(note)).value();
    EXPECT_EQ(again.text, text);
    EXPECT_EQ(again.signatures.size(), 1U);
    // Signature lines before another empty line are text.
    const std::string nested = note_bytes(note) + '\n' + line_of("b");
    EXPECT_EQ(parse_note(nested).value().text, note_bytes(note));
}

TEST(SignedNote, RoundTripsWithSeveralSignatures) {
    Note note = signed_by(signer_of("a.example/\xc3\xa9t\xc3\xa9", 1), "eins\n\nzwei\n");
    ASSERT_TRUE(sign_note(note, signer_of("b", 2)));
    ASSERT_TRUE(sign_note(note, signer_of("c", 3)));
    const Note again = parse_note(note_bytes(note)).value();
    EXPECT_EQ(note_bytes(again), note_bytes(note));
    const std::vector<Verifier> known = {
        signer_of("c", 3).verifier(),
        signer_of("d", 4).verifier(),
        signer_of("a.example/\xc3\xa9t\xc3\xa9", 1).verifier()};
    const auto signers = verify_note(again, known).value();
    ASSERT_EQ(signers.size(), 2U);  // in the order of the lines
    EXPECT_EQ(signers[0], known[2]);
    EXPECT_EQ(signers[1], known[0]);
}

TEST(SignedNote, UnknownNamesAndIdsArePassedOver) {
    const Signer a = signer_of("a", 1);
    const Note note = signed_by(a);
    Note foreign = note;
    foreign.signatures.push_back({.name = "a", .id = {1, 2, 3, 4}, .bytes = "of another kind"});
    foreign.signatures.push_back({.name = "b", .id = a.verifier().id, .bytes = "x"});
    const std::vector<Verifier> known = {a.verifier()};
    EXPECT_EQ(verify_note(foreign, known).value(), known);
    // Nobody known: nobody has signed.
    EXPECT_TRUE(verify_note(note, std::vector{signer_of("b", 1).verifier()}).value().empty());
    EXPECT_TRUE(verify_note(note, std::vector{signer_of("a", 2).verifier()}).value().empty());
    EXPECT_TRUE(verify_note(note, {}).value().empty());
}

TEST(SignedNote, ABadSignatureOfAKnownKeyRefusesTheNote) {
    const Signer a = signer_of("a", 1);
    const Signer b = signer_of("b", 2);
    const std::vector<Verifier> known = {a.verifier(), b.verifier()};
    Note note = signed_by(a);
    ASSERT_TRUE(sign_note(note, b));
    ASSERT_EQ(verify_note(note, known).value().size(), 2U);
    Note bad = note;
    bad.text = "other\n";
    const auto refused = verify_note(bad, known);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unauthorized);
    EXPECT_TRUE(says(refused.error().detail, "a+"));
    bad = note;
    bad.signatures[1].bytes.pop_back();
    EXPECT_TRUE(says(verify_note(bad, known).error().detail, "b+"));
    bad = note;  // a good one before it does not help
    bad.signatures.push_back({.name = "a", .id = a.verifier().id, .bytes = std::string(64, 'x')});
    EXPECT_FALSE(verify_note(bad, known));
    bad = note;
    bad.signatures.push_back(note.signatures[0]);
    EXPECT_EQ(verify_note(bad, known).value().size(), 2U);  // each at most once
}

TEST(SignedNote, KeysThatShareNameAndIdAreToldApartByTheSignature) {
    const Signer a = signer_of("a", 1);
    Verifier twin = signer_of("a", 2).verifier();
    twin.id = a.verifier().id;
    const Note note = signed_by(a);
    EXPECT_EQ(
        verify_note(note, std::vector{twin, a.verifier()}).value(), std::vector{a.verifier()}
    );
    EXPECT_FALSE(verify_note(note, std::vector{twin}));
}

TEST(SignedNote, NoBitOfASignatureOrTextMayFlip) {
    const Signer a = signer_of("a", 1);
    const std::vector<Verifier> known = {a.verifier()};
    const Note note = signed_by(a);
    for (std::size_t bit = 0; bit < 64 * 8; ++bit) {
        Note bad = note;
        bad.signatures[0].bytes[bit / 8] =
            static_cast<char>(bad.signatures[0].bytes[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(verify_note(bad, known)) << bit;
    }
    const std::string bytes = note_bytes(note);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        const auto parsed = parse_note(bad);
        if (!parsed) continue;
        const auto signers = verify_note(*parsed, known);
        EXPECT_TRUE(!signers || signers->empty()) << bit;
    }
}

// RFC 8032, 5.1.7 and 8.4: S + L would verify too if S were not compared with L.
TEST(SignedNote, ANonCanonicalSIsRefused) {
    static constexpr std::uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                               0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                               0,    0,    0,    0,    0,    0,    0,    0,
                                               0,    0,    0,    0,    0,    0,    0,    0x10};
    const Signer a = signer_of("a", 1);
    Note note = signed_by(a);
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        char& byte = note.signatures[0].bytes[32 + i];
        carry += static_cast<unsigned char>(byte) + unsigned{order[i]};
        byte = static_cast<char>(carry & 0xffU);
        carry >>= 8U;
    }
    ASSERT_EQ(carry, 0U);
    EXPECT_FALSE(verify_note(note, std::vector{a.verifier()}));
}

TEST(SignedNote, AKeyOfSmallOrderIsNoKey) {
    // The neutral element: with it R = S·B fits every text. And a point of order 8.
    for (const std::string_view hex :
         {"0100000000000000000000000000000000000000000000000000000000000000",
          "0000000000000000000000000000000000000000000000000000000000000000",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
        std::string key;
        for (std::size_t i = 0; i < hex.size(); i += 2)
            key += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
        Verifier verifier{.name = "a"};
        std::ranges::copy(as_bytes(key).first<32>(), verifier.key.begin());
        const Digest id = sha256("a\n\x01"s + key);
        std::copy_n(id.begin(), 4, verifier.id.begin());
        const auto read = verifier_of(verifier_text(verifier));
        ASSERT_FALSE(read) << hex;
        EXPECT_TRUE(says(read.error().detail, "small order"));
        // Nor does it verify where it came in otherwise.
        Note note{.text = "any\n", .signatures = {{.name = "a", .id = verifier.id, .bytes = {}}}};
        note.signatures[0].bytes = std::string("\x01") + std::string(63, '\0');
        EXPECT_FALSE(verify_note(note, std::vector{verifier})) << hex;
    }
}

TEST(SignedNote, RefusesWhatIsNotANote) {
    const std::string good = "text\n\n" + line_of("a");
    ASSERT_TRUE(parse_note(good));
    EXPECT_TRUE(says(error_of(""), "no empty line"));
    EXPECT_TRUE(says(error_of("\n"), "no empty line"));
    EXPECT_TRUE(says(error_of("text\n" + line_of("a")), "no empty line"));
    EXPECT_TRUE(says(error_of("text\n\n"), "line 3: no signature"));
    EXPECT_TRUE(says(error_of(good.substr(0, good.size() - 1)), "cut off"));
    EXPECT_TRUE(says(error_of("text\n\nwords\n"), "line 3: a signature begins with an em dash"));
    EXPECT_TRUE(says(error_of(good + "words\n"), "line 4: a signature begins"));
    EXPECT_TRUE(says(error_of(good + "- a AAAAAAAA\n"), "line 4: a signature begins"));
    EXPECT_TRUE(says(error_of("\n\n" + std::string(dash) + "a\n"), "line 3: no signature after"));
    EXPECT_TRUE(parse_note("\n\n" + line_of("a")));  // a text that is one empty line
}

TEST(SignedNote, RefusesOtherSpellingsOfASignature) {
    const auto with = [](std::string_view base64) {
        return error_of("t\n\n" + std::string(dash) + "a " + std::string(base64) + "\n");
    };
    EXPECT_EQ(with("MTIzNDU="), "");
    EXPECT_TRUE(says(with("MTIzNDU"), "base64"));      // no padding
    EXPECT_TRUE(says(with("MTIzNDV="), "base64"));     // bits beyond the last byte
    EXPECT_TRUE(says(with("MTIzNDU=="), "base64"));    // too much padding
    EXPECT_TRUE(says(with("MTIz NDU="), "base64"));    // a space within
    EXPECT_TRUE(says(with(" MTIzNDU="), "base64"));    // two spaces
    EXPECT_TRUE(says(with("MTIzNDU= "), "base64"));    // one behind
    EXPECT_TRUE(says(with("MTIz-_A="), "base64"));     // the alphabet of URLs
    EXPECT_TRUE(says(with("MTIzNA=="), "too short"));  // an id and nothing
    EXPECT_TRUE(says(with(""), "too short"));
}

TEST(SignedNote, RefusesControlCharactersAndWhatIsNotUtf8) {
    const std::string tail = "\n\n" + line_of("a");
    for (char c = 0; c < 0x20; ++c) {
        if (c == '\n') continue;
        EXPECT_TRUE(says(error_of("one\ntwo"s + c + tail), "line 2: the control character 0x"))
            << static_cast<int>(c);
        Note note{.text = "two"s + c + "\n", .signatures = {}};
        const auto refused = sign_note(note, signer_of("a", 1));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
        EXPECT_TRUE(note.signatures.empty());
    }
    EXPECT_TRUE(parse_note("\x7f" + tail));  // not below U+0020
    EXPECT_TRUE(says(error_of("\xff" + tail), "not UTF-8"));
    EXPECT_TRUE(says(error_of("\xed\xa0\x80" + tail), "not UTF-8"));
    EXPECT_TRUE(says(error_of("t\n\n" + line_of("\xc3")), "not UTF-8"));
}

TEST(SignedNote, SignsNoTextThatANoteCannotHave) {
    const Signer a = signer_of("a", 1);
    for (const std::string& text : {""s, "no line feed"s, "cr\r\n"s, "\xc3\n"s}) {
        Note note{.text = text, .signatures = {}};
        const auto refused = sign_note(note, a);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    }
}

TEST(SignedNote, ANewSignatureOfOneKeyReplacesTheOld) {
    const Signer a = signer_of("a", 1);
    Note note = signed_by(a);
    note.text = "changed\n";
    ASSERT_FALSE(verify_note(note, std::vector{a.verifier()}));
    ASSERT_TRUE(sign_note(note, a));
    EXPECT_EQ(note.signatures.size(), 1U);
    EXPECT_TRUE(verify_note(note, std::vector{a.verifier()}));
}

TEST(SignedNote, HasLimitsOfBytesAndSignatures) {
    std::string many = "text\n\n";
    for (std::size_t i = 0; i < limits::note_signatures_max; ++i)
        many += line_of("k" + std::to_string(i));
    Note full = parse_note(many).value();
    EXPECT_EQ(full.signatures.size(), limits::note_signatures_max);
    const auto one_more = parse_note(many + line_of("k"));
    ASSERT_FALSE(one_more);
    EXPECT_EQ(one_more.error().code, Errc::too_large);
    EXPECT_EQ(sign_note(full, signer_of("a", 1)).error().code, Errc::too_large);
    EXPECT_EQ(full.signatures.size(), limits::note_signatures_max);

    const std::string tail = "\n\n" + line_of("a");
    const std::string fits(limits::note_bytes_max - tail.size(), 'x');
    EXPECT_TRUE(parse_note(fits + tail));
    EXPECT_EQ(parse_note(fits + "x" + tail).error().code, Errc::too_large);
    Note large{.text = fits + "\n", .signatures = {}};
    EXPECT_EQ(sign_note(large, signer_of("a", 1)).error().code, Errc::too_large);
    EXPECT_TRUE(large.signatures.empty());
}

TEST(KeyName, HasNoSpaceNoPlusAndIsNotEmpty) {
    const std::array<std::uint8_t, 32> seed{};
    for (const std::string& name :
         {""s,
          " "s,
          "a b"s,
          "a+b"s,
          "a\tb"s,
          "a\nb"s,
          "a\xc2\xa0"s,
          "\xc2\x85"s,
          "\xe1\x9a\x80"s,
          "\xe2\x80\x80"s,
          "a\xe2\x80\x8a"s,
          "\xe2\x80\xa8"s,
          "\xe2\x80\xa9"s,
          "\xe2\x80\xaf"s,
          "\xe2\x81\x9f"s,
          "\xe3\x80\x80"s,
          "\xff"s}) {
        const auto signer = Signer::from_seed(name, seed);
        ASSERT_FALSE(signer) << name;
        EXPECT_EQ(signer.error().code, Errc::invalid_argument);
        EXPECT_FALSE(verifier_of(name + "+530d903a+" + std::string(foo_key.substr(25)))) << name;
        EXPECT_FALSE(parse_note("t\n\n" + line_of(name))) << name;
    }
    for (const std::string& name : {"a"s, "example.com/foo"s, "\xe2\x80\x8b"s, "\xe2\x80\x94"s})
        EXPECT_TRUE(Signer::from_seed(name, seed)) << name;
}

TEST(KeyText, ReadsAndWritesThePublicVectors) {
    for (const std::string_view text : {foo_key, peter_key})
        EXPECT_EQ(verifier_text(verifier_of(text).value()), text);
    EXPECT_EQ(to_hex(verifier_of(foo_key)->id), "530d903a");
    EXPECT_EQ(to_hex(verifier_of(peter_key)->id), "c74f20a3");
}

TEST(KeyText, RefusesEveryOtherForm) {
    const auto says_of = [](std::string_view text) {
        const auto key = verifier_of(text);
        if (key) return "read"s;
        EXPECT_EQ(key.error().code, Errc::invalid_argument);
        return key.error().detail;
    };
    const std::string key(foo_key);
    EXPECT_TRUE(says(says_of(""), "no '+'"));
    EXPECT_TRUE(says(says_of("example.com/foo"), "no '+'"));
    EXPECT_TRUE(says(says_of("example.com/foo+530d903+Aeky"), "eight digits"));
    EXPECT_TRUE(says(says_of("example.com/foo+530D903A" + key.substr(24)), "not that of this"));
    EXPECT_TRUE(says(says_of("example.com/fop" + key.substr(15)), "not that of this name"));
    EXPECT_TRUE(says(says_of(key + "="), "base64"));
    EXPECT_TRUE(says(says_of(key + "\n"), "base64"));
    EXPECT_TRUE(says(says_of(" " + key), "space"));
    EXPECT_TRUE(says(says_of("a+00000000+"), "not Ed25519"));
    EXPECT_TRUE(says(says_of("a+00000000+" + to_base64("\x04"s + std::string(32, 'x'))), "0x01"));
    EXPECT_TRUE(says(says_of("a+00000000+" + to_base64("\x01"s + std::string(31, 'x'))), "32"));
    EXPECT_TRUE(says(says_of(std::string(limits::note_bytes_max + 1, 'a')), "too long"));
}

TEST(KeyText, NoBitMayFlip) {
    for (std::size_t bit = 0; bit < foo_key.size() * 8; ++bit) {
        std::string bad(foo_key);
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(verifier_of(bad)) << bad;
    }
}

TEST(Fingerprint, IsThirtyTwoDigitsOfTheTextsDigest) {
    // printf %s KEY | sha256sum; each eight hexadecimal digits of it modulo 10000, by Python.
    EXPECT_EQ(
        fingerprint(verifier_of(foo_key).value()), "9256 8298 3596 1869 9224 2118 2244 4576"
    );
}

TEST(Fingerprint, DependsOnNameAndKey) {
    std::set<std::string> seen;
    for (std::uint8_t i = 0; i < 100; ++i) {
        seen.insert(fingerprint(signer_of("a", i).verifier()));
        seen.insert(fingerprint(signer_of("b", i).verifier()));
    }
    EXPECT_EQ(seen.size(), 200U);
}

TEST(Signer, MovesItsSecretAndLeavesNone) {
    Signer a = signer_of("a", 7);
    const Verifier key = a.verifier();
    const Signer b = std::move(a);
    EXPECT_EQ(b.verifier(), key);
    EXPECT_EQ(b.seed()[0], 7);
    EXPECT_EQ(a.seed(), (std::array<std::uint8_t, 32>{}));  // NOLINT(bugprone-use-after-move)
    Signer c = signer_of("c", 9);
    a = std::move(c);
    EXPECT_EQ(a.seed()[0], 9);
    EXPECT_EQ(c.seed(), (std::array<std::uint8_t, 32>{}));  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace entente::ledger
