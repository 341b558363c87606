#include "cli/settings_file.h"

#include "base/limits.h"
#include "cli/testing/settings_sample.h"

#include <gtest/gtest.h>

namespace entente::cli {
namespace {

using testing::declare;
using testing::Told;

Result<Told> read(std::string_view text, const std::vector<std::string>& given = {}) {
    const std::string file = "f.toml";
    ENTENTE_TRY(const SettingsText settings, parse_settings(text, file));
    Told told;
    SettingReader reader(settings, file, given);
    declare(reader, told);
    ENTENTE_CHECK(reader.finish());
    return told;
}

std::string refusal(std::string_view text) {
    const auto outcome = read(text);
    EXPECT_FALSE(outcome) << text;
    return outcome ? "" : outcome.error().detail;
}

TEST(SettingsFile, TakesEveryKindOfValue) {
    const auto told = read(
        "# A comment.\nname = \"north\"\ncount = 8\nsize = 9_000_000_000\none-of = [\"a\", \"b\"]\n"
        "yes = true\n"
    );
    ASSERT_TRUE(told) << told.error().detail;
    EXPECT_EQ(told->name, "north");
    EXPECT_EQ(told->count, 8U);
    EXPECT_EQ(told->size, 9'000'000'000U);
    EXPECT_EQ(told->list, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(told->yes);
    EXPECT_EQ(read("one-of = \"a\"")->list, std::vector<std::string>{"a"});
    EXPECT_EQ(read("")->name, "none");
}

TEST(SettingsFile, WhatTheCommandLineGaveWins) {
    const auto told = read("name = \"file\"\ncount = 8\nyes = true", {"--name", "--yes"});
    ASSERT_TRUE(told);
    EXPECT_EQ(told->name, "none");
    EXPECT_EQ(told->count, 8U);
    EXPECT_FALSE(told->yes);
}

TEST(SettingsFile, TellsFileAndLineOfWhatIsWrong) {
    EXPECT_EQ(
        refusal("\nnmae = \"x\""), "f.toml:2: there is no setting 'nmae'; did you mean 'name'?"
    );
    EXPECT_EQ(
        refusal("frobnicate = 1"),
        "f.toml:1: there is no setting 'frobnicate'; there are name, count, size, one-of, yes"
    );
    EXPECT_EQ(
        refusal("\n\nname = 5"), "f.toml:3: name takes a text in quotes, such as name = \"…\""
    );
    EXPECT_EQ(refusal("yes = \"true\""), "f.toml:1: yes takes true or false");
    EXPECT_EQ(
        refusal("[section]\nname = \"x\""), "f.toml:1: settings have no sections: 'section' is one"
    );
    EXPECT_EQ(
        refusal("name = \"x\"\nname = \"y\""), "f.toml:2: this setting stands in the file already"
    );
    EXPECT_NE(refusal("name = \"x\n").find("f.toml:1: this is no TOML"), std::string::npos);
    EXPECT_NE(refusal("size = 1.5").find("f.toml:1: the value of 'size'"), std::string::npos);
    EXPECT_NE(refusal("one-of = [1, 2]").find("f.toml:1: the value of"), std::string::npos);
}

TEST(SettingsFile, TellsTheFirstOfSeveralMistakes) {
    EXPECT_NE(refusal("yes = 1\nnmae = 2").find(":1: yes"), std::string::npos);
    EXPECT_NE(refusal("nmae = 2\nyes = 1").find(":1: there is no"), std::string::npos);
    EXPECT_NE(refusal("b = 2\na = 1").find(":1: there is no setting 'b'"), std::string::npos);
}

TEST(SettingsFile, NumbersHaveBounds) {
    EXPECT_NE(refusal("count = -1").find("count takes a whole number"), std::string::npos);
    EXPECT_NE(refusal("count = 4294967296").find("count takes a whole number"), std::string::npos);
    EXPECT_EQ(read("count = 4294967295")->count, 4294967295U);
}

TEST(SettingsFile, ASecretIsRefusedAndNotShown) {
    const std::string said = refusal("admin-password = \"hunter2\"");
    EXPECT_NE(said.find("secrets do not stand in this file"), std::string::npos);
    EXPECT_EQ(said.find("hunter2"), std::string::npos);
    EXPECT_EQ(refusal("name = \"hunter2").find("hunter2"), std::string::npos);
}

TEST(SettingsFile, AHugeOrDeepFileIsRefused) {
    const std::string huge(limits::config_file_bytes_max + 1, '\n');
    EXPECT_EQ(parse_settings(huge, "f").error().code, Errc::too_large);
    EXPECT_NE(refusal("one-of = " + std::string(100'000, '[')), "");
}

TEST(SettingsFile, TextsTellWhatDiffers) {
    Told told;
    SettingTexts before;
    declare(before, told);
    told.list = {"a"};
    told.count = 9;
    SettingTexts after;
    declare(after, told);
    EXPECT_EQ(before.all().at("name"), after.all().at("name"));
    EXPECT_NE(before.all().at("count"), after.all().at("count"));
    EXPECT_NE(before.all().at("one-of"), after.all().at("one-of"));
}

}  // namespace
}  // namespace entente::cli
