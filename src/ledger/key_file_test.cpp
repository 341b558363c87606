#include "ledger/key_file.h"

#include "base/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace entente::ledger {
namespace {

constexpr KdfCost cheap{.passes = 1, .memory_bytes = 8U << 10U};
constexpr std::string_view phrase = "correct horse battery";

Signer key() {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(0x5e);
    return Signer::from_seed("north.example/identity", seed).value();
}

KeyFileSalt salt(std::uint8_t byte = 1) {
    KeyFileSalt salt;
    salt.salt.fill(byte);
    salt.nonce.fill(static_cast<std::uint8_t>(byte + 1));
    return salt;
}

std::string sealed_file() {
    return write_key_file(key(), phrase, salt(), cheap).value();
}

std::string plain_file() {
    return write_key_file(key(), std::nullopt, salt(), cheap).value();
}

Error error_of(std::string_view text, std::optional<std::string_view> passphrase = phrase) {
    const auto read = read_key_file(text, passphrase);
    EXPECT_FALSE(read) << text;
    return read ? Error{Errc::not_found, ""} : read.error();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

testing::AssertionResult says(const Error& error, Errc code, std::string_view part) {
    if (error.code == code && error.detail.find(part) != std::string::npos) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << errc_name(error.code) << ": " << error.detail;
}

TEST(KeyFile, OpensUnderItsPassphrase) {
    const Signer read = read_key_file(sealed_file(), phrase).value();
    EXPECT_EQ(read.verifier(), key().verifier());
    EXPECT_EQ(read.seed(), key().seed());
}

TEST(KeyFile, OpensPlain) {
    const std::string text = plain_file();
    EXPECT_EQ(
        text,
        "entente-key-plain/v1\nkey " + verifier_text(key().verifier()) + "\nseed " +
            to_base64(std::string(32, '\x5e')) + "\n"
    );
    EXPECT_EQ(read_key_file(text, std::nullopt)->seed(), key().seed());
    EXPECT_EQ(read_key_file(text, phrase)->seed(), key().seed());
}

TEST(KeyFile, IsTheTextThatTheDocumentationShows) {
    const std::string text = sealed_file();
    const std::string sealed = text.substr(text.rfind(' ') + 1);
    EXPECT_EQ(
        text,
        "entente-key/v1\nkey " + verifier_text(key().verifier()) +
            "\nkdf argon2id 1 8192 AQEBAQEBAQEBAQEBAQEBAQ==\n"
            "xchacha20-poly1305 AgICAgICAgICAgICAgICAgICAgICAgIC\nsealed " +
            sealed
    );
    EXPECT_EQ(sealed.size(), 65U);  // 48 bytes as base64, line feed
    EXPECT_EQ(sealed_file(), text);
    EXPECT_NE(write_key_file(key(), phrase, salt(9), cheap).value(), text);
}

TEST(KeyFile, ASealedFileDoesNotHoldTheSecret) {
    const std::string text = sealed_file();
    EXPECT_EQ(text.find(to_base64(as_text(key().seed())).substr(0, 40)), std::string::npos);
    EXPECT_EQ(text.find(phrase), std::string::npos);
}

TEST(KeyFile, OpensUnderTheCostOfLibsodium) {
    const std::string text = write_key_file(key(), phrase, salt(), kdf_interactive).value();
    EXPECT_NE(text.find("\nkdf argon2id 2 67108864 "), std::string::npos);
    EXPECT_EQ(read_key_file(text, phrase)->seed(), key().seed());
}

TEST(KeyFile, SaysWithoutAPassphraseWhoseItIs) {
    const KeyFileHead sealed = read_key_file_head(sealed_file()).value();
    EXPECT_TRUE(sealed.encrypted);
    EXPECT_EQ(sealed.verifier, key().verifier());
    const KeyFileHead plain = read_key_file_head(plain_file()).value();
    EXPECT_FALSE(plain.encrypted);
    EXPECT_EQ(plain.verifier, key().verifier());
}

TEST(KeyFile, AsksForAPassphraseThatIsNeeded) {
    const Error error = error_of(sealed_file(), std::nullopt);
    EXPECT_TRUE(says(error, Errc::invalid_argument, "none was given"));
}

TEST(KeyFile, AWrongPassphraseAndADamagedFileLookAlike) {
    const std::string text = sealed_file();
    const Error wrong = error_of(text, "correct horse batterz");
    EXPECT_EQ(wrong.code, Errc::unauthorized);
    std::string damaged = text;
    char& last = damaged[damaged.size() - 5];
    last = last == 'A' ? 'B' : 'A';
    for (const Error& other :
         {error_of(text, ""),
          error_of(text, std::string(limits::password_bytes_max + 1, 'x')),
          error_of(damaged)}) {
        EXPECT_EQ(other.code, wrong.code);
        EXPECT_EQ(other.detail, wrong.detail);
    }
    EXPECT_EQ(wrong.detail.find("horse"), std::string::npos);
}

TEST(KeyFile, EveryByteOfTheHeaderIsBound) {
    const std::string text = sealed_file();
    const auto unauthorized = [](const std::string& changed) {
        EXPECT_EQ(error_of(changed).code, Errc::unauthorized) << changed;
    };
    unauthorized(replaced(text, "AQEBAQ", "AQEBAA"));
    unauthorized(replaced(text, "AgICAg", "AgICAA"));
    unauthorized(replaced(text, "argon2id 1 ", "argon2id 2 "));
    unauthorized(replaced(text, " 8192 ", " 9216 "));
    // The key of somebody else, whose passphrase would then be asked for.
    std::array<std::uint8_t, 32> seed{};
    const Signer other = Signer::from_seed("north.example/identity", seed).value();
    unauthorized(replaced(text, verifier_text(key().verifier()), verifier_text(other.verifier())));
}

TEST(KeyFile, NoBitMayFlip) {
    const std::string text = sealed_file();
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        // Higher bits of the cost's digits ask for more work; one of them is tested above.
        std::string bad = text;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(read_key_file(bad, phrase)) << bit;
    }
    const std::string plain = plain_file();
    for (std::size_t bit = 0; bit < plain.size() * 8; ++bit) {
        std::string bad = plain;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(read_key_file(bad, std::nullopt)) << bit;
    }
}

TEST(KeyFile, ATruncatedFileSaysSo) {
    for (const std::string& text : {sealed_file(), plain_file()}) {
        for (std::size_t length = 0; length < text.size(); ++length) {
            const Error error = error_of(text.substr(0, length));
            EXPECT_TRUE(says(error, Errc::malformed, "cut off at line")) << length;
            EXPECT_FALSE(read_key_file_head(text.substr(0, length)));
        }
    }
    EXPECT_TRUE(says(error_of("entente-key/v1\n"), Errc::malformed, "line 2: expected \"key"));
    const std::string text = sealed_file();
    const std::string shorter = text.substr(0, text.size() - 5) + "\n";
    EXPECT_TRUE(says(error_of(shorter), Errc::malformed, "line 5"));
}

TEST(KeyFile, SaysWhereAFileIsWrong) {
    const std::string text = sealed_file();
    EXPECT_TRUE(says(error_of("\n"), Errc::malformed, "line 1: a key file begins with"));
    EXPECT_TRUE(says(error_of("-----BEGIN KEY-----\n"), Errc::malformed, "line 1"));
    EXPECT_TRUE(
        says(error_of(replaced(text, "key/v1", "key/v2")), Errc::unprocessable, "unknown version")
    );
    EXPECT_TRUE(says(
        error_of(replaced(plain_file(), "plain/v1", "plain/v9")),
        Errc::unprocessable,
        "unknown version"
    ));
    EXPECT_TRUE(says(error_of(replaced(text, "+", "")), Errc::malformed, "line 2: not a key"));
    EXPECT_TRUE(says(error_of(replaced(text, "2id", "2i")), Errc::malformed, "line 3"));
    EXPECT_TRUE(says(error_of(replaced(text, "id 1", "id -1")), Errc::malformed, "line 3"));
    EXPECT_TRUE(says(error_of(replaced(text, "id 1", "id 01")), Errc::malformed, "line 3"));
    EXPECT_TRUE(says(error_of(replaced(text, "BAQ==", "BAQ=")), Errc::malformed, "line 3"));
    EXPECT_TRUE(says(error_of(replaced(text, "AgIC", "")), Errc::malformed, "line 4"));
    EXPECT_TRUE(says(error_of(replaced(text, "sealed", "seed")), Errc::malformed, "line 5"));
    EXPECT_TRUE(says(error_of(text + "\n"), Errc::malformed, "line 6: expected the end"));
    EXPECT_TRUE(says(error_of(replaced(text, "v1\n", "v1\r\n")), Errc::unprocessable, "\\u{000d}"));
    EXPECT_TRUE(
        says(error_of(std::string(limits::key_file_bytes_max + 1, 'x')), Errc::too_large, "at most")
    );
}

TEST(KeyFile, APlainFileWhoseSeedIsAnothersIsCorrupt) {
    const std::string seed = to_base64(std::string(32, '\x5e'));
    const std::string other = to_base64(std::string(32, '\x5f'));
    EXPECT_TRUE(says(error_of(replaced(plain_file(), seed, other)), Errc::corrupt, "seed"));
    const Error error = error_of(replaced(plain_file(), seed, seed.substr(4)));
    EXPECT_TRUE(says(error, Errc::malformed, "line 3"));
    EXPECT_EQ(error.detail.find(seed.substr(4)), std::string::npos);
}

// A file from outside must not take gigabytes or minutes: no memory is taken before the refusal.
TEST(KeyFile, ACostOutOfBoundsIsRefusedBeforeAnyWork) {
    for (const std::string_view cost :
         {"5 8192",
          "0 8192",
          "1 268436480",
          "1 274877906944",
          "4294967297 8192",
          "18446744073709551615 18446744073709551615",
          "1 8191",
          "1 8193",
          "1 0"}) {
        const std::string text = replaced(sealed_file(), "1 8192", cost);
        EXPECT_TRUE(says(error_of(text), Errc::unprocessable, "are allowed")) << cost;
        EXPECT_FALSE(read_key_file_head(text)) << cost;
    }
    EXPECT_TRUE(says(
        error_of(replaced(sealed_file(), "1 8192", "1 18446744073709551616")),
        Errc::malformed,
        "line 3"
    ));
}

TEST(KeyFile, IsNotWrittenUnderABadPassphraseOrCost) {
    const auto refused = [](std::string_view passphrase, KdfCost cost) {
        const auto text = write_key_file(key(), passphrase, salt(), cost);
        return text ? Errc::not_found : text.error().code;
    };
    EXPECT_EQ(refused("", cheap), Errc::invalid_argument);
    EXPECT_EQ(refused("seven77", cheap), Errc::invalid_argument);
    EXPECT_EQ(
        refused(std::string(limits::password_bytes_max + 1, 'x'), cheap), Errc::invalid_argument
    );
    EXPECT_EQ(refused(phrase, {.passes = 0, .memory_bytes = 8192}), Errc::invalid_argument);
    EXPECT_EQ(refused(phrase, {.passes = 5, .memory_bytes = 8192}), Errc::invalid_argument);
    EXPECT_EQ(refused(phrase, {.passes = 1, .memory_bytes = 1U << 30U}), Errc::invalid_argument);
    const Signer large =
        Signer::from_seed(std::string(limits::key_file_bytes_max, 'n'), key().seed()).value();
    EXPECT_EQ(write_key_file(large, phrase, salt(), cheap).error().code, Errc::too_large);
    EXPECT_EQ(write_key_file(large, std::nullopt, salt(), cheap).error().code, Errc::too_large);
    const Signer fits =
        Signer::from_seed(std::string(limits::key_file_bytes_max - 512, 'n'), key().seed()).value();
    EXPECT_TRUE(read_key_file(write_key_file(fits, phrase, salt(), kdf_interactive).value(), phrase)
    );
}

}  // namespace
}  // namespace entente::ledger
