#include "cli/backup_file.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace entente::cli {
namespace {

using Members = std::map<std::string, std::string>;

class BackupFile : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string made = ::testing::TempDir() + "/backup_file_XXXXXX";
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        folder_ = made;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string at(const std::string& name) const { return folder_ + "/" + name; }

    void put(const std::string& name, std::string_view bytes) const {
        std::ofstream(at(name), std::ios::binary) << bytes;
    }

    [[nodiscard]] std::string text_of(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(at(name), std::ios::binary).rdbuf();
        return text.str();
    }

    void write(
        const std::string& name, const Members& members, std::optional<std::string_view> words = {}
    ) {
        auto writer = BackupWriter::make(at(name), words, random_);
        ASSERT_TRUE(writer) << writer.error().detail;
        for (const auto& [member, bytes] : members) {
            writer->begin(member, bytes.size());
            writer->put(bytes);
        }
        EXPECT_EQ(writer->finish().size(), 64U);
        ASSERT_TRUE(writer->give_name());
    }

    [[nodiscard]] Result<Members> read(const std::string& name, std::string_view words = "") const {
        const auto ask = [&]() -> Result<Passphrase> {
            Passphrase passphrase;
            for (const char c : words)
                EXPECT_TRUE(passphrase.add(c));
            return passphrase;
        };
        ENTENTE_TRY(BackupReader reader, BackupReader::open(at(name), ask));
        Members found;
        for (;;) {
            ENTENTE_TRY(const auto member, reader.next());
            if (!member) return found;
            std::string& bytes = found[member->name];
            for (;;) {
                ENTENTE_TRY(const std::string_view piece, reader.read());
                if (piece.empty()) break;
                bytes += piece;
            }
            EXPECT_EQ(bytes.size(), member->size);
        }
    }

    SeededRandom random_{1};
    std::string folder_;
};

const Members small{
    {"manifest", "{}"}, {"keys/token.key", ""}, {"entente.db", "file x 1\nend y\n"}};
constexpr std::string_view words = "correct horse battery";

TEST_F(BackupFile, GivesBackWhatWasPutIn) {
    write("plain", small);
    const auto found = read("plain");
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(*found, small);
}

TEST_F(BackupFile, EveryCutAndEveryChangedByteIsNoticed) {
    write("plain", small);
    const std::string whole = text_of("plain");
    for (std::size_t n = 0; n < whole.size(); ++n) {
        put("cut", whole.substr(0, n));
        EXPECT_FALSE(read("cut")) << "cut at " << n;
        std::string changed = whole;
        changed[n] = static_cast<char>(changed[n] ^ 1);
        put("changed", changed);
        EXPECT_FALSE(read("changed")) << "changed at " << n;
    }
    put("longer", whole + "x");
    EXPECT_EQ(read("longer").error().code, Errc::corrupt);
}

TEST_F(BackupFile, WhatIsNoBackupIsTold) {
    put("empty", "");
    put("foreign", "SQLite format 3");
    put("newer", "entente backup 2\nplain\n");
    put("sealed", "entente backup 1\nargon2id 99999999999 1 AAAA AAAA\n");
    EXPECT_EQ(read("empty").error().code, Errc::malformed);
    EXPECT_EQ(read("foreign").error().code, Errc::malformed);
    EXPECT_EQ(read("newer").error().code, Errc::conflict);
    EXPECT_EQ(read("sealed").error().code, Errc::corrupt);
    EXPECT_EQ(read("nowhere").error().code, Errc::not_found);
    EXPECT_EQ(read(".").error().code, Errc::invalid_argument);
}

TEST_F(BackupFile, ASealedOneEndsWhereItsLastChunkSays) {
    // Members that fill chunks exactly, so that the last chunk is a short one of its own.
    const std::string head = "file entente.db 2097129\n";
    const Members big{
        {"entente.db", std::string(2 * limits::backup_chunk_bytes - head.size(), 'x')}};
    ASSERT_EQ(big.at("entente.db").size(), 2'097'128U);
    write("sealed", big, words);
    const std::string whole = text_of("sealed");
    EXPECT_EQ(whole.find("xxxx"), std::string::npos);
    const auto found = read("sealed", words);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(*found, big);
    put("cut", whole.substr(0, whole.size() - (5 + 64 + 17)));
    const auto cut = read("cut", words);
    ASSERT_FALSE(cut);
    EXPECT_NE(cut.error().detail.find("cut off"), std::string::npos);
}

TEST_F(BackupFile, OverwritesNothingAndLeavesNoDraft) {
    put("there", "mine");
    const auto refused = BackupWriter::make(at("there"), std::nullopt, random_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::conflict);
    {
        auto writer = BackupWriter::make(at("new"), std::nullopt, random_);
        ASSERT_TRUE(writer);
        put("new", "somebody was quicker");
        (void)writer->finish();
        EXPECT_EQ(writer->give_name().error().code, Errc::conflict);
    }
    EXPECT_EQ(text_of("there"), "mine");
    EXPECT_EQ(text_of("new"), "somebody was quicker");
    const std::filesystem::directory_iterator all(folder_);
    EXPECT_EQ(std::distance(begin(all), end(all)), 2);
}

TEST(BackupNames, LeadNowhereElse) {
    for (const char* name :
         {"manifest", "entente.db", "keys/token.key", "peers/3.json", "tls/cert.pem"})
        EXPECT_TRUE(is_backup_name(name)) << name;
    for (const char* name :
         {"",
          "/etc/passwd",
          "keys/",
          "keys/..",
          "keys/../x",
          "keys/a/b",
          "other/x",
          "keys/.x",
          "keys/a b",
          "lock"})
        EXPECT_FALSE(is_backup_name(name)) << name;
}

}  // namespace
}  // namespace entente::cli
