#include "agreement/document.h"

#include <gtest/gtest.h>

namespace entente::agreement {
namespace {

SignedText sample() {
    SignedText text{
        .id = "agr:" + std::string(64, '1'), .version = 3, .person = "Ada Lund", .office = "CISO"};
    text.digest.fill(0xff);
    return text;
}

const std::string written = "entente-agreement/v1\nagr:" + std::string(64, '1') +
                            "\n3\n//////////////////////////////////////////8=\n";

TEST(SignedText, IsWrittenLineByLine) {
    EXPECT_EQ(signed_text(sample()), written + "person Ada Lund\noffice CISO\n");
    SignedText bare = sample();
    bare.person.clear();
    bare.office.clear();
    EXPECT_EQ(signed_text(bare), written);
}

TEST(SignedText, ReadsBack) {
    for (const bool person : {false, true}) {
        for (const bool office : {false, true}) {
            SignedText text = sample();
            if (!person) text.person.clear();
            if (!office) text.office.clear();
            const auto read = read_signed_text(signed_text(text));
            ASSERT_TRUE(read) << read.error().detail;
            EXPECT_EQ(read->id, text.id);
            EXPECT_EQ(read->version, text.version);
            EXPECT_EQ(read->digest, text.digest);
            EXPECT_EQ(read->person, text.person);
            EXPECT_EQ(read->office, text.office);
        }
    }
}

TEST(SignedText, RefusesWhatItDoesNotWrite) {
    struct Case {
        std::string text;
        const char* where;
    };

    const std::string id = "agr:" + std::string(64, '1');
    const std::string digest = "//////////////////////////////////////////8=";
    const Case cases[] = {
        {"", "line 1 "},
        {"entente-agreement/v1", "line 1 "},
        {"entente-agreement/v2\n", "line 1 "},
        {"entente-agreement/v1\n" + id, "line 2 "},
        {"entente-agreement/v1\n" + id + "0\n3\n" + digest + "\n", "line 2 "},
        {"entente-agreement/v1\n" + id + "\n03\n" + digest + "\n", "line 3 "},
        {"entente-agreement/v1\n" + id + "\n0\n" + digest + "\n", "line 3 "},
        {"entente-agreement/v1\n" + id + "\n\n" + digest + "\n", "line 3 "},
        {"entente-agreement/v1\n" + id + "\n1000000001\n" + digest + "\n", "line 3 "},
        {"entente-agreement/v1\n" + id + "\n3 \n" + digest + "\n", "line 3 "},
        {"entente-agreement/v1\n" + id + "\n3\nAAAA\n", "line 4 "},
        // The same digest in another spelling.
        {"entente-agreement/v1\n" + id + "\n3\n" + digest.substr(0, 43) + "\n", "line 4 "},
        {written + "office CISO\nperson Ada Lund\n", "line 6 "},
        {written + "person \n", "line 5 "},
        {written + "person Ada\x1b[2J\n", "line 5 "},
        {written + "person Ada ", "line 5 "},
        {written + "person " + std::string(257, 'a') + "\n", "line 5 "},
        {written + "person Ada\nperson Eve\n", "line 6 "},
        {written + "\n", "line 5 "},
        {written + "reason none\n", "line 5 "},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto read = read_signed_text(c.text);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::malformed);
        EXPECT_EQ(read.error().detail.find(c.where), 0U) << read.error().detail;
    }
}

TEST(SignedText, WordsOfASignerAreOnePlainLine) {
    EXPECT_TRUE(is_signer_words("Ada Lund, née Öst"));
    EXPECT_FALSE(is_signer_words(""));
    EXPECT_FALSE(is_signer_words("Ada\nperson Eve"));
    EXPECT_FALSE(is_signer_words(" Ada"));
    EXPECT_FALSE(
        is_signer_words("\xe2\x80\xae"
                        "adA")
    );
    EXPECT_FALSE(is_signer_words("\xff"));
}

}  // namespace
}  // namespace entente::agreement
