#include "stix/internal/text_rules.h"

#include "stix/internal/text_rules_chars.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace entente::stix::internal {
namespace {

using Texts = std::vector<std::string>;
using Rule = bool (*)(std::string_view) noexcept;

void expect_all(Rule rule, const Texts& good, const Texts& bad) {
    for (const std::string& text : good)
        EXPECT_TRUE(rule(text)) << "refused: " << text;
    for (const std::string& text : bad)
        EXPECT_FALSE(rule(text)) << "taken: " << text;
}

TEST(TypeName, IsLowerCaseWithSingleHyphensAndBeginsWithALetter) {
    expect_all(
        is_type_name,
        {"indicator",
         "x509-certificate",
         "ipv4-addr",
         "abc",
         "x-example-com-thing",
         std::string(250, 'a')},
        {"",
         "ab",
         "4ever",
         "-abc",
         "a--b",
         "Indicator",
         "x_y",
         "ab c",
         "caf\u00E9",
         std::string(251, 'a')}
    );
}

TEST(PropertyName, IsLowerCaseWithUnderscoresAndBeginsWithALetter) {
    expect_all(
        is_property_name,
        {"name", "id", "x_acme_score", "created_by_ref", "abc", std::string(250, 'a')},
        {"", "ab", "ix", "Name", "x-y", "_abc", "1st", "na me", std::string(251, 'a')}
    );
}

TEST(DictionaryKey, HasAsciiLettersDigitsHyphenUnderscoreAndAtMost250) {
    expect_all(
        is_dictionary_key,
        {"a", "SHA-256", "x_Y", "0", std::string(250, 'k')},
        {"a.b", "a b", "\u00E9", "a:b", std::string(251, 'k')}
    );
    expect_all(
        is_hash_name,
        {"MD5", "x_y", std::string(250, 'k')},
        {"M5", "", "SHA 1", std::string(251, 'k')}
    );
}

TEST(ExtensionName, EndsInExt) {
    expect_all(
        is_extension_name,
        {"ntfs-ext", "x-example-com-foo-ext", "-ext"},
        {"ntfs", "Ntfs-ext", "ntfs_ext", "ntfs-ext ", std::string(250, 'a') + "-ext"}
    );
}

TEST(RelationshipName, IsLowerCaseLettersDigitsHyphens) {
    expect_all(
        is_relationship_name, {"uses", "related-to", "a1"}, {"", "Uses", "related_to", "a b"}
    );
}

TEST(Term, HasNoCapitalsSpacesOrUnderscores) {
    expect_all(
        is_term,
        {"", "c++", "pbx-advanced-activity", "123", "caf\u00E9", "\u4E2D\u6587", "\u00DF"},
        {"Malware", "two words", "two_words", "\u00C9t\u00E9", "\u0416", "\u0391", "\u0141"}
    );
}

TEST(UpperLetter, KnowsPairsOfEachBlock) {
    for (const char32_t c :
         {U'A',
          U'Z',
          U'\u00C0',
          U'\u00DE',
          U'\u0100',
          U'\u0139',
          U'\u014A',
          U'\u0178',
          U'\u0179',
          U'\u0386',
          U'\u0391',
          U'\u0410',
          U'\u04D0',
          U'\u0531',
          U'\u1E00',
          U'\uFF21'}) {
        EXPECT_TRUE(is_upper_letter(c)) << std::hex << static_cast<unsigned>(c);
    }
    for (const char32_t c :
         {U'a',
          U'\u00D7',
          U'\u00DF',
          U'\u00FF',
          U'\u0101',
          U'\u0138',
          U'\u013A',
          U'\u017E',
          U'\u03B1',
          U'\u0430',
          U'\u04D1',
          U'\u0561',
          U'\u05D0',
          U'\u4E2D',
          U'\u1E01'}) {
        EXPECT_FALSE(is_upper_letter(c)) << std::hex << static_cast<unsigned>(c);
    }
}

TEST(SplitIdentifier, GivesTypeAndUuid) {
    const auto parts =
        split_identifier("x-example-com-thing--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->type, "x-example-com-thing");
    EXPECT_EQ(parts->uuid, "28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    for (const char* bad :
         {"",
          "indicator",
          "indicator--",
          "28bb3599-77cd-5a82-a950-b5bc3caf07c4",
          "--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
          "ab--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
          "indicator-28bb3599-77cd-5a82-a950-b5bc3caf07c4",
          "indicator--28BB3599-77cd-5a82-a950-b5bc3caf07c4",
          "indicator--28bb3599-77cd-5a82-a950-b5bc3caf07c4 ",
          "a--b--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
          "indicator--28bb3599077cd-5a82-a950-b5bc3caf07c4"}) {
        EXPECT_FALSE(split_identifier(bad)) << bad;
    }
}

TEST(Uuid, TellsVersionAndVariant) {
    const auto with = [](char version, char variant) {
        return std::string("28bb3599-77cd-") + version + "a82-" + variant + "950-b5bc3caf07c4";
    };
    EXPECT_EQ(uuid_version(with('5', 'a')), 5);
    EXPECT_EQ(uuid_version(with('f', 'a')), 15);
    for (const char variant : std::string("0123456789abcdef")) {
        EXPECT_EQ(
            is_rfc4122_uuid(with('4', variant)),
            std::string("89ab").find(variant) != std::string::npos
        );
    }
    for (const char version : std::string("0123456789abcdef")) {
        EXPECT_EQ(is_rfc4122_uuid(with(version, '8')), version >= '1' && version <= '8') << version;
    }
    EXPECT_TRUE(is_rfc4122_uuid("00000000-0000-0000-0000-000000000000"));
}

TEST(Timestamp, IsRfc3339InUtcWithARealDay) {
    expect_all(
        is_timestamp,
        {"2016-01-20T12:31:12Z",
         "2016-01-20T12:31:12.1Z",
         "2016-01-20T12:31:12.123456789012345678Z",
         "0000-01-01T00:00:00Z",
         "9999-12-31T23:59:59.999Z",
         "2024-02-29T00:00:00Z",
         "2000-02-29T00:00:00Z",
         "2016-12-31T23:59:60Z",
         "2016-06-30T23:59:60.5Z"},
        {"",
         "2016-01-20",
         "2016-01-20T12:31:12",
         "2016-01-20T12:31:12z",
         "2016-01-20t12:31:12Z",
         "2016-01-20 12:31:12Z",
         "2016-01-20T12:31:12.Z",
         "2016-01-20T12:31:12,5Z",
         "2016-01-20T12:31:12+00:00",
         "2016-01-20T12:31:12.5+01:00Z",
         "2016-1-20T12:31:12Z",
         "2016-01-20T12:31Z",
         "2016-00-20T12:31:12Z",
         "2016-13-20T12:31:12Z",
         "2016-01-00T12:31:12Z",
         "2016-04-31T12:31:12Z",
         "2023-02-29T00:00:00Z",
         "1900-02-29T00:00:00Z",
         "2016-01-20T24:00:00Z",
         "2016-01-20T12:60:12Z",
         "2016-01-20T12:31:61Z",
         "2016-01-20T12:31:60Z",
         "2016-12-30T23:59:60Z",
         "2016-01-20T12:31:12.1 Z",
         "-016-01-20T12:31:12Z",
         "2016-01-20T12:31:12.1ZZ"}
    );
    EXPECT_EQ(fraction_digits("2016-01-20T12:31:12Z"), 0U);
    EXPECT_EQ(fraction_digits("2016-01-20T12:31:12.120Z"), 3U);
}

TEST(Timestamp, EveryDayOfTheCalendarAndNoOther) {
    const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (const int year : {1900, 2000, 2023, 2024}) {
        const bool leap = year == 2000 || year == 2024;
        for (int month = 0; month <= 13; ++month) {
            for (int day = 0; day <= 32; ++day) {
                char text[32];
                std::snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year, month, day);
                const bool real = month >= 1 && month <= 12 && day >= 1 &&
                                  day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
                EXPECT_EQ(is_timestamp(text), real) << text;
            }
        }
    }
}

TEST(CompareInstants, LosesNoDigit) {
    const auto order = [](const char* a, const char* b) { return compare_instants(a, b); };
    EXPECT_EQ(
        order("2016-01-20T12:31:12Z", "2016-01-20T12:31:12.000Z"), std::strong_ordering::equal
    );
    EXPECT_EQ(
        order("2016-01-20T12:31:12.5Z", "2016-01-20T12:31:12.50Z"), std::strong_ordering::equal
    );
    EXPECT_EQ(
        order("2016-01-20T12:31:12.1234567890123Z", "2016-01-20T12:31:12.1234567890124Z"),
        std::strong_ordering::less
    );
    EXPECT_EQ(
        order("2016-01-20T12:31:12.1Z", "2016-01-20T12:31:12.09999Z"), std::strong_ordering::greater
    );
    EXPECT_EQ(
        order("2016-01-20T12:31:12Z", "2016-01-20T12:31:12.0000001Z"), std::strong_ordering::less
    );
    EXPECT_EQ(order("2015-12-31T23:59:59Z", "2016-01-01T00:00:00Z"), std::strong_ordering::less);
    EXPECT_EQ(
        order("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"), std::strong_ordering::greater
    );
    EXPECT_EQ(order("2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00Z"), std::strong_ordering::less);
}

TEST(Base64, IsRfc4648WithPadding) {
    // The vectors of RFC 4648, section 10.
    expect_all(
        is_base64,
        {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", "+/+/"},
        {"Zg",
         "Zg=",
         "Zg===",
         "Z===",
         "====",
         "=",
         "Zm9v\n",
         "Zm 9",
         "-_-_",
         "Zg==Zg==",
         "Zm8=Zm9v"}
    );
}

TEST(Hex, IsPairsOfLowerCaseDigits) {
    expect_all(is_hex, {"", "00", "4d5a", "00000002"}, {"0", "4D5A", "0x00", "4d5", "zz", "4d 5a"});
}

TEST(HashForm, FollowsTheAlgorithm) {
    const std::string digits(128, 'a');
    const std::pair<const char*, std::size_t> lengths[] = {
        {"MD5", 32},
        {"RIPEMD-160", 40},
        {"SHA-1", 40},
        {"SHA-224", 56},
        {"SHA-256", 64},
        {"SHA-384", 96},
        {"SHA-512", 128},
        {"SHA3-224", 56},
        {"SHA3-256", 64},
        {"SHA3-384", 96},
        {"SHA3-512", 128},
        {"WHIRLPOOL", 128},
        {"TLSH", 70}};
    for (const auto& [name, length] : lengths) {
        SCOPED_TRACE(name);
        EXPECT_EQ(hash_form(name, digits.substr(0, length)), HashForm::right);
        EXPECT_EQ(hash_form(name, digits.substr(0, length - 1)), HashForm::wrong);
        EXPECT_EQ(hash_form(name, digits.substr(0, length - 1) + "A"), HashForm::right);
        EXPECT_EQ(hash_form(name, digits.substr(0, length - 1) + "g"), HashForm::wrong);
        EXPECT_FALSE(hash_expectation(name).empty());
    }
    EXPECT_EQ(hash_form("MD6", digits.substr(0, 56)), HashForm::right);
    EXPECT_EQ(hash_form("MD6", digits.substr(0, 57)), HashForm::wrong);
    EXPECT_EQ(hash_form("TLSH", "T1" + digits.substr(0, 70)), HashForm::right);
    EXPECT_EQ(hash_form("sha-256", digits), HashForm::unknown_algorithm);
    EXPECT_EQ(hash_form("x_foo_hash", ""), HashForm::unknown_algorithm);
    EXPECT_TRUE(hash_expectation("x_foo_hash").empty());
}

TEST(HashForm, KnowsSsdeep) {
    for (const char* good :
         {"96:gS/mFkCpXTWLr/PbKQHbr/S/mFkCpXTWLr/PbKQHbrB:Tu6SXTWGrjQrOB6SXTWGrjQra",
          "3::",
          "1536:yB+A8bMtMeRlbIzvDqZL4QzNxVDm+5gt+M2hDDDvNZ3YZ7sU:N8bMtMeRlbIzvDqZL4QzNxVDm+5gt+"
          "M2d"}) {
        EXPECT_EQ(hash_form("SSDEEP", good), HashForm::right) << good;
        EXPECT_EQ(hash_form("ssdeep", good), HashForm::right) << good;
    }
    for (const std::string& bad :
         {std::string("abc"),
          std::string("3:a"),
          std::string(":a:b"),
          std::string("x3:a:b"),
          std::string("3:a:b,\"file\""),
          "3:" + std::string(65, 'a') + ":b"}) {
        EXPECT_EQ(hash_form("SSDEEP", bad), HashForm::wrong) << bad;
    }
}

TEST(ExternalIds, CveAndCapec) {
    expect_all(
        is_cve_id,
        {"CVE-2024-0001", "CVE-1999-9999", "CVE-2024-12345", "CVE-2021-1234567"},
        {"",
         "CVE-2024-001",
         "CVE-2024-01234",
         "cve-2024-0001",
         "CVE-24-0001",
         "CVE-2024-000a",
         "CVE-2024-0001 ",
         "CVE 2024-0001"}
    );
    expect_all(is_capec_id, {"CAPEC-1", "CAPEC-550"}, {"", "CAPEC-", "CAPEC-5a", "capec-5", "550"});
}

TEST(Cpe23, IsAFormattedString) {
    expect_all(
        is_cpe23,
        {"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*",
         "cpe:2.3:o:microsoft:windows_10:-:*:*:*:*:*:x64:*",
         "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*",
         R"(cpe:2.3:a:foo\\bar:big\$money:2010:*:*:*:special:ipod_touch:80gb:*)",
         "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
         "cpe:2.3:*:*:*:*:*:*:en-us:*:*:*:*",
         "cpe:2.3:a:a:??b??:*:*:*:-:*:*:*:*",
         R"(cpe:2.3:a:a:b\:c:*c*:*:*:es-419:*:*:*:*)"},
        {"",
         "cpe:2.3:",
         "cpe:/a:microsoft:word:2000",
         "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*",
         "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*:*",
         "cpe:2.3:x:a:b:*:*:*:*:*:*:*:*",
         "cpe:2.3:a::b:*:*:*:*:*:*:*:*",
         "cpe:2.3:a:mi*ro:b:*:*:*:*:*:*:*:*",
         "cpe:2.3:a:**x:b:*:*:*:*:*:*:*:*",
         "cpe:2.3:a:a b:b:*:*:*:*:*:*:*:*",
         "cpe:2.3:a:a:b:*:*:*:english:*:*:*:*",
         R"(cpe:2.3:a:a:b:*:*:*:*:*:*:*:\)",
         R"(cpe:2.3:a:a\b:b:*:*:*:*:*:*:*:*)",
         "CPE:2.3:a:a:b:*:*:*:*:*:*:*:*",
         "cpe:2.3:a:a:b$:*:*:*:*:*:*:*:*"}
    );
}

TEST(LanguageTag, IsWellFormed) {
    // RFC 5646, appendix A, and the grandfathered tags of 2.2.8.
    expect_all(
        is_language_tag,
        {"de",
         "fr",
         "ja",
         "i-enochian",
         "zh-Hant",
         "zh-Hans",
         "sr-Cyrl",
         "sr-Latn",
         "zh-cmn-Hans-CN",
         "cmn-Hans-CN",
         "zh-yue-HK",
         "yue-HK",
         "zh-Hans-CN",
         "sr-Latn-RS",
         "sl-rozaj",
         "sl-rozaj-biske",
         "sl-nedis",
         "de-CH-1901",
         "sl-IT-nedis",
         "hy-Latn-IT-arevela",
         "de-DE",
         "en-US",
         "es-419",
         "de-CH-x-phonebk",
         "az-Arab-x-AZE-derbend",
         "x-whatever",
         "qaa-Qaaa-QM-x-southern",
         "de-Qaaa",
         "sr-Latn-QM",
         "sr-Qaaa-RS",
         "en-US-u-islamcal",
         "zh-CN-a-myext-x-private",
         "en-a-myext-b-another",
         "en-GB-oed",
         "i-klingon",
         "sgn-BE-FR",
         "zh-min-nan",
         "art-lojban",
         "EN-us",
         "iw"},
        {"",
         "e",
         "english",
         "abcd",
         "de-419-DE",
         "a-DE",
         "ar-a-aaa-b-bbb-a-ccc",
         "de-1901-1901",
         "en-",
         "-en",
         "en--US",
         "en_US",
         "jp",
         "en-US-",
         "x",
         "x-",
         "x-123456789",
         "en-a",
         "en-a-x-b",
         "de-rozaj-ROZAJ",
         "en-abcdefghi",
         "en US",
         "\u00E9n",
         "i-unknown",
         "12"}
    );
    EXPECT_FALSE(is_language_tag("en-x" + std::string(252, '-')));
    std::string longest = "x";
    while (longest.size() < 253)
        longest += "-a";
    EXPECT_TRUE(is_language_tag(longest));
    EXPECT_FALSE(is_language_tag(longest + "-abc"));
}

TEST(RegistryHive, IsNotAbbreviated) {
    expect_all(
        has_short_hive,
        {"HKLM\\Software", "hklm\\software", "HKCU", "HKU\\S-1-5", "HKCR\\", "HKCC\\x"},
        {"HKEY_LOCAL_MACHINE\\Software",
         "hkey_users\\x",
         "HKEY_LOCAL_MACHINE\\HKLM",
         "",
         "HKLMX\\a"}
    );
}

TEST(MediaType, IsTwoRestrictedNames) {
    expect_all(
        is_media_type,
        {"application/msword",
         "application/vnd.ms-excel",
         "image/svg+xml",
         "text/x-c++",
         "application/stix+json"},
        {"",
         "application",
         "application/",
         "/msword",
         "a/b/c",
         "text/plain; charset=utf-8",
         "text/ plain",
         ".a/b",
         "text/" + std::string(128, 'a')}
    );
    expect_all(
        has_known_media_family,
        {"application/x", "VIDEO/mp4", "font/otf"},
        {"", "application", "chemical/x-pdb", "x-world/x-vrml"}
    );
}

TEST(Uuid, IsLookedAtByteByByte) {
    const std::string sound = "0a1b2c3d-4e5f-4a6b-8c7d-9e8f7a6b5c4d";
    ASSERT_TRUE(is_uuid(sound));
    for (std::size_t i = 0; i < sound.size(); ++i) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = sound;
            text[i] = static_cast<char>(byte);
            const bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
            EXPECT_EQ(is_uuid(text), sound[i] == '-' ? byte == '-' : digit) << i << " " << byte;
        }
    }
    EXPECT_FALSE(is_uuid(sound.substr(1)));
    EXPECT_FALSE(is_uuid(sound + "0"));
}

TEST(Timestamp, HasOnlyDigitsInItsFraction) {
    for (const std::string sound :
         {"2016-01-20T12:31:12.9Z",
          "2016-01-20T12:31:12.98Z",
          "2016-01-20T12:31:12.987Z",
          "2016-01-20T12:31:12.9876Z"}) {
        ASSERT_TRUE(is_timestamp(sound));
        for (std::size_t i = 19; i < sound.size(); ++i) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text = sound;
                text[i] = static_cast<char>(byte);
                const bool digit = byte >= '0' && byte <= '9';
                const bool mark = sound[i] == '.' || sound[i] == 'Z';
                EXPECT_EQ(is_timestamp(text), mark ? text == sound : digit) << text;
            }
        }
    }
}

}  // namespace
}  // namespace entente::stix::internal
