#include "base/limits.h"
#include "pattern/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::pattern {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Remark> of(std::string_view text, Dialect dialect = Dialect::v21) {
    const auto pattern = parse(text, dialect);
    EXPECT_TRUE(pattern) << text;
    return pattern ? remarks(*pattern, dialect) : std::vector<Remark>{};
}

struct Case {
    std::string_view text;
    bool error;
    std::string_view rule;
    std::size_t at;
    std::string_view says;
    Dialect dialect = Dialect::v21;
};

/// Exactly one remark, as told, and `glance` knows of it.
void remarked(const Case& wanted) {
    SCOPED_TRACE(wanted.text);
    const auto found = of(wanted.text, wanted.dialect);
    ASSERT_THAT(found, SizeIs(1)) << (found.empty() ? "" : found[1].message);
    EXPECT_EQ(found[0].error, wanted.error);
    EXPECT_EQ(found[0].rule, wanted.rule);
    EXPECT_EQ(found[0].at, wanted.at);
    EXPECT_THAT(found[0].message, HasSubstr(wanted.says));
    EXPECT_EQ(
        glance(wanted.text, wanted.dialect), wanted.error ? Glance::broken : Glance::doubtful
    );
    EXPECT_EQ(sound(wanted.text, wanted.dialect), !wanted.error);
}

void silent(std::string_view text, Dialect dialect = Dialect::v21) {
    for (const Remark& remark : of(text, dialect))
        ADD_FAILURE() << text << ": " << remark.message;
    EXPECT_NE(glance(text, dialect), Glance::broken) << text;
}

std::string hash(std::size_t digits) {
    return std::string(digits, 'a');
}

// ---- P30

TEST(PatternRemarks, HashLiteralsHaveTheLengthOfTheirAlgorithm) {
    struct Length {
        std::string_view name;
        std::size_t digits;
    };
    constexpr Length lengths[] = {
        {"MD5", 32},
        {"'SHA-1'", 40},
        {"'SHA-256'", 64},
        {"'SHA-512'", 128},
        {"'SHA3-256'", 64},
        {"'SHA3-512'", 128},
        {"SSDEEP", 128},
        {"TLSH", 70},
    };
    for (const Length& length : lengths) {
        const auto& [name, digits] = length;
        const auto text = [&](std::size_t size) {
            return "[file:hashes." + std::string(length.name) + " = '" + hash(size) + "']";
        };
        silent(text(digits));
        EXPECT_EQ(glance(text(digits)), Glance::clean) << name;
        const std::size_t at = 16 + name.size();
        remarked({text(digits + 1), true, "P30", at, "hash: a text of"});
    }
    remarked(
        {"[file:hashes.MD5 = 'zead3f77f6cda6ec00f57d76c9a6879f']",
         true,
         "P30",
         19,
         "32 hexadecimal digits"}
    );
    remarked(
        {"[file:hashes.'SHA-256' = 'f00']",
         true,
         "P30",
         25,
         "'f00' is no SHA-256 hash: a text of 64"}
    );
    remarked({"[file:hashes.SSDEEP = '']", true, "P30", 22, "1 to 128"});
    remarked({"[file:hashes.SSDEEP = 'a b']", true, "P30", 22, "1 to 128"});
    silent(
        "[file:hashes.SSDEEP = "
        "'96:s4Ud1Lj96tHHlZDrwciQmA+4uy1I0G4HYuL8N3TzS8QsO/wqWXLcMSx:sF1LjEtHHlZDrJzrhuyZvHYm8tKp/"
        "RWO']"
    );
}

TEST(PatternRemarks, HashesAreFoundWhereverTheyStand) {
    for (const std::string_view path :
         {"artifact:hashes.MD5",
          "x509-certificate:hashes.MD5",
          "file:content_ref.hashes.MD5",
          "file:extensions.'ntfs-ext'.alternate_data_streams[*].hashes.MD5",
          "file:'hashes'.'MD5'"}) {
        EXPECT_FALSE(sound("[" + std::string(path) + " = 'f00']")) << path;
        EXPECT_FALSE(sound("[" + std::string(path) + " NOT != 'f00']")) << path;
        EXPECT_FALSE(sound("[" + std::string(path) + " IN ('" + hash(32) + "', 'f00')]")) << path;
        EXPECT_TRUE(sound("[" + std::string(path) + " LIKE 'f00%']")) << path;
        EXPECT_TRUE(sound("[" + std::string(path) + " MATCHES '^f00']")) << path;
    }
    EXPECT_TRUE(sound("[file:hashes.MD5.more = 'f00']"));
    EXPECT_TRUE(sound("[file:md5 = 'f00']"));
    EXPECT_FALSE(sound("[file:hashes.MD5 = 5]"));
    EXPECT_FALSE(sound("[file:hashes.MD5 = h'" + hash(32) + "']"));
}

TEST(PatternRemarks, AlgorithmsAreSpelledAsInTheVocabulary) {
    const std::string md5 = " = '" + hash(32) + "']";
    const std::string sha = " = '" + hash(64) + "']";
    remarked({"[file:hashes.SHA256" + sha, false, "P30", 1, "objects that say 'SHA-256'"});
    remarked({"[file:hashes.'sha-256'" + sha, false, "P30", 1, "objects that say 'SHA-256'"});
    remarked({"[file:hashes.imphash" + md5, false, "P30", 1, "other hashes"});
    remarked({"[file:hashes.MD6" + md5, false, "P30", 1, "other hashes"});
    silent("[file:hashes.MD6" + md5, Dialect::v20);
    remarked({"[file:hashes.SSDEEP = '3:a:b']", false, "P30", 1, "'ssdeep'", Dialect::v20});
    remarked({"[file:hashes[*]" + md5, false, "P8", 1, "dictionary"});
}

// ---- V12: names

TEST(PatternRemarks, UnknownTypesAndPropertiesAreNamedWithWhatIsNear) {
    remarked({"[ipv4addr:value = 'x']", false, "V12", 1, "is 'ipv4-addr' meant?"});
    remarked({"[win-registry-key:key = 'x']", false, "V12", 1, "is 'windows-registry-key' meant?"});
    remarked(
        {"[file:file_name = 'x']", false, "V12", 1, "no property 'file_name'; is 'name' meant?"}
    );
    remarked({"[file:nmae = 'x']", false, "V12", 1, "is 'name' meant?"});
    remarked({"[weather:wind = 'x']", false, "V12", 1, "a type of one's own is named x-"});
    remarked({"[x:created = 'x']", false, "V12", 1, "no name of an object type"});
    remarked({"[x_whatever:detected = 'x']", false, "V12", 1, "no name of an object type"});
    remarked({"[x--a:detected = 'x']", false, "V12", 1, "no name of an object type"});
    remarked({"[file:'my-name' = 'x']", false, "V12", 1, "no name of a property"});
    silent("[x-usb-device:usbdrive.serial_number = '575833314133343231313937']");
    silent("[file:x_example_com_rating = 5]");
    silent("[x-app-info:id = 'org.example.app']"
    );  // of every object, though shorter than others may be
    EXPECT_EQ(of("[ipv4addr:value = 'x']")[0].code, 0);
    EXPECT_EQ(of("[ipv4addr:value = 'x']", Dialect::v20)[0].code, 101);
}

TEST(PatternRemarks, NamesAreThoseOfTheDialect) {
    silent("[process:name = 'x']", Dialect::v20);
    remarked(
        {"[process:name = 'x']", false, "V12", 1, "no property 'name'; is 'image_ref.name' meant?"}
    );
    remarked({"[file:path = 'x']", false, "V12", 1, "is 'parent_directory_ref.path' meant?"});
    silent("[file:ctime = t'2024-01-15T12:30:45Z']");
    remarked(
        {"[file:ctime = t'2024-01-15T12:30:45Z']",
         false,
         "V12",
         1,
         "no property 'ctime'; is 'created' meant?",
         Dialect::v20}
    );
    silent("[url:defanged = true]");
    remarked({"[url:defanged = true]", false, "V12", 1, "no property", Dialect::v20});
}

// ---- P6

TEST(PatternRemarks, OperandsOfAndMustBeAbleToMeet) {
    remarked(
        {"[network-traffic:src_port = 37020 AND user-account:user_id = 'root']",
         false,
         "P6",
         38,
         "never both hold"}
    );
    silent("[file:size = 1 OR url:value = 'x']");
    silent("[file:size = 1 AND file:name = 'x' OR url:value = 'x' AND url:value = 'y']");
    silent("[(file:size = 1 OR url:value = 'x') AND (url:value = 'y' OR mutex:name = 'z')]");
    remarked(
        {"[(file:size = 1 OR url:value = 'x') AND (mutex:name = 'y' OR mutex:name = 'z')]",
         false,
         "P6",
         41,
         "'mutex'"}
    );
    remarked(
        {"[(file:size = 1 OR url:value = 'x') AND file:size = 1 AND url:value = 'y']",
         false,
         "P6",
         58,
         "'url'"}
    );
    // Said once, not again at every level above.
    remarked(
        {"[((file:size = 1 AND url:value = 'x') OR file:size = 2) AND mutex:name = 'y']",
         false,
         "P6",
         21,
         "'url'"}
    );
    silent("[file:size = 1] AND [url:value = 'x']");
}

// ---- P4, P26

TEST(PatternRemarks, AQualifierStandsOncePerExpression) {
    remarked(
        {"[url:value = 'x'] WITHIN 5 SECONDS WITHIN 6 SECONDS", true, "P4", 35, "a second WITHIN"}
    );
    remarked(
        {"([url:value = 'x'] REPEATS 2 TIMES REPEATS 3 TIMES)", true, "P4", 35, "a second REPEATS"}
    );
    remarked(
        {"[url:value = 'x'] REPEATS 2 TIMES WITHIN 5 SECONDS REPEATS 2 TIMES",
         true,
         "P4",
         51,
         "a second REPEATS"}
    );
    const std::string range = " START t'2016-06-01T01:30:00Z' STOP t'2016-06-01T02:20:00Z'";
    remarked({"[url:value = 'x']" + range + range, true, "P4", 18 + range.size(), "a second START"}
    );
    silent("[url:value = 'x'] REPEATS 2 TIMES WITHIN 5 SECONDS" + range);
    silent("([url:value = 'x'] REPEATS 2 TIMES) REPEATS 2 TIMES");
    // Groups are counted afresh; 2.0 knows no such rule.
    remarked(
        {"([url:value = 'x']) WITHIN 5 SECONDS WITHIN 6 SECONDS",
         false,
         "P4",
         37,
         "a second WITHIN"}
    );
    remarked(
        {"([url:value = 'x'] OR [url:value = 'y']) WITHIN 5 SECONDS WITHIN 6 SECONDS",
         false,
         "P4",
         58,
         "a second WITHIN"}
    );
    remarked(
        {"[url:value = 'x'] WITHIN 5 SECONDS WITHIN 6 SECONDS",
         false,
         "P4",
         35,
         "a second WITHIN",
         Dialect::v20}
    );
}

TEST(PatternRemarks, QualifiersTakePositiveNumbers) {
    remarked({"[url:value = 'x'] WITHIN 0 SECONDS", true, "P4", 18, "WITHIN takes a number over 0"}
    );
    remarked(
        {"[url:value = 'x'] WITHIN 0.00 SECONDS", true, "P4", 18, "WITHIN takes a number over 0"}
    );
    remarked(
        {"[url:value = 'x'] REPEATS 0 TIMES", true, "P4", 18, "REPEATS takes a whole number over 0"}
    );
    silent("[url:value = 'x'] WITHIN .0001 SECONDS");
}

TEST(PatternRemarks, StartComesBeforeStop) {
    const auto range = [](std::string_view start, std::string_view stop) {
        return "[url:value = 'x'] START t'" + std::string(start) + "' STOP t'" + std::string(stop) +
               "'";
    };
    silent(range("2016-06-01T01:30:00Z", "2016-06-01T01:30:00.001Z"));
    silent(range("2016-06-01T01:30:00.09Z", "2016-06-01T01:30:00.1Z"));
    remarked(
        {range("2016-06-01T01:30:00.10Z", "2016-06-01T01:30:00.1Z"),
         false,
         "P26",
         18,
         "nothing can match"}
    );
    remarked(
        {range("2017-06-01T01:30:00Z", "2016-06-01T01:30:00Z"),
         false,
         "P26",
         18,
         "nothing can match"}
    );
}

TEST(PatternRemarks, PlainTextsAfterStartMustBeTimestamps) {
    silent(
        "[url:value = 'x'] START '2016-06-01T01:30:00Z' STOP '2017-06-01T01:30:00Z'", Dialect::v20
    );
    remarked(
        {"[url:value = 'x'] START '2016-06-01t01:30:00Z' STOP '2017-06-01T01:30:00Z'",
         true,
         "P3",
         18,
         "'2016-06-01t01:30:00Z' is none",
         Dialect::v20}
    );
}

// ---- Constants and paths

TEST(PatternRemarks, IntegersLieWithinTheRangeOfStix) {
    silent("[file:size = 9007199254740991]");
    remarked({"[file:size = 9007199254740992]", true, "P2", 13, "too large"});
    remarked({"[file:size > -9007199254740992]", true, "P2", 13, "too large"});
}

TEST(PatternRemarks, SetsAreOfOneKind) {
    silent("[file:size IN (1, 2.5)]");
    remarked({"[file:size IN (1, '2')]", true, "P14", 14, "of one kind"});
    remarked({"[file:name IN ('1', h'00')]", true, "P14", 14, "of one kind"});
    remarked({"[file:name IN ()]", false, "P14", 14, "empty"});
}

TEST(PatternRemarks, SubsetsAreOfAddresses) {
    for (const std::string_view good :
         {"198.51.100.0/24",
          "198.51.100.3",
          "0.0.0.0/0",
          "2001:db8::/32",
          "::",
          "::1",
          "::ffff:198.51.100.3",
          "2001:0db8:dead:beef:0000:0000:0000:0000/64",
          "1::",
          "1:2:3:4:5:6:7::",
          "::2:3:4:5:6:7:8/128"}) {
        silent("[ipv4-addr:value ISSUBSET '" + std::string(good) + "']");
        silent("[network-traffic:dst_ref.value NOT ISSUPERSET '" + std::string(good) + "']");
    }
    for (const std::string_view bad :
         {"",
          "198.51.100",
          "198.51.100.256",
          "198.51.100.3.4",
          "198.51.100.0/33",
          "198.51.100.0/",
          "198.51.100.0/-1",
          "2001:db8::/129",
          "1::2::3",
          "12345::",
          ":::",
          "1:2:3:4:5:6:7",
          "1:2:3:4:5:6:7:8:9",
          ":1",
          "1:",
          "example.com",
          "1:2:3:4:5:6:7:8::",
          "::198.51.100",
          "198.51.100.0/0024"})
        remarked(
            {"[ipv4-addr:value ISSUBSET '" + std::string(bad) + "']",
             true,
             "P17",
             26,
             "no IPv4 or IPv6 address"}
        );
    remarked({"[ipv4-addr:id ISSUBSET '198.51.100.3']", false, "P17", 1, "ends in the value"});
}

TEST(PatternRemarks, PathsThatNeverMatchAreNamed) {
    remarked({"[network-traffic:protocols[-1] = 'tcp']", false, "P8", 1, "indexes count from 0"});
    remarked({"[network-traffic:src_ref = 'ipv4-addr--1']", false, "P9", 1, "stands for the object"}
    );
    remarked({"[domain-name:resolves_to_refs[*] = 'x']", false, "P9", 1, "stands for the object"});
    remarked(
        {"[domain-name:resolves_to_refs.value = 'x']", false, "P9", 1, "after it stands an index"}
    );
    silent("[domain-name:resolves_to_refs[*].value = 'x']");
    silent("[EXISTS network-traffic:src_ref]");
}

TEST(PatternRemarks, AreBoundedWithoutLosingTheErrors) {
    std::string text = "[nothing:here = 1";
    for (int i = 0; i < 1'000; ++i)
        text += " OR nothing:here = 1";
    text += " OR file:hashes.MD5 = 'f00'] WITHIN 0 SECONDS";
    const auto found = of(text);
    EXPECT_THAT(found, SizeIs(limits::pattern_remarks_max + 2));
    EXPECT_EQ(found[found.size() - 1].rule, "P4");
    EXPECT_EQ(found[found.size() - 2].rule, "P30");
}

TEST(PatternGlance, IsCleanForWhatFeedsAreMadeOf) {
    for (const std::string_view text : {
             "[file:hashes.'SHA-256' = "
             "'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']",
             "[file:hashes.MD5 = 'cead3f77f6cda6ec00f57d76c9a6879f' OR file:name = 'x']",
             "[ipv4-addr:value = '198.51.100.3']",
             "[domain-name:value = 'example.com'] OR [url:value = 'http://example.com/']",
             "[network-traffic:dst_ref.value = '198.51.100.3' AND network-traffic:dst_port = 443]",
             "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\x' AND "
             "windows-registry-key:values[*].name = 'y']",
             "([email-message:from_ref.value LIKE '%@example.com'] FOLLOWEDBY "
             "[process:command_line MATCHES 'x']) WITHIN 300 SECONDS",
         })
        EXPECT_EQ(glance(text), Glance::clean) << text;
}

}  // namespace
}  // namespace entente::pattern
