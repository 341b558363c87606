#include "stix/internal/canonical.h"

#include "base/limits.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <random>

namespace entente::stix::internal {
namespace {

std::string canonical(std::string_view json) {
    Canonical reader;
    const auto read = reader.read(json);
    return read ? std::string(reader.text())
                : errc_name(read.error().code) + (": " + read.error().detail);
}

std::string body(std::string_view json) {
    Canonical reader;
    const auto read = reader.read(json);
    return read ? reader.body() : "refused";
}

std::string nested(std::size_t depth, char open, char close) {
    return std::string(depth, open) + std::string(depth, close);
}

TEST(Canonical, Rfc8785Section322) {
    EXPECT_EQ(
        canonical(R"({
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
})"),
        R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"})"
    );
}

TEST(Canonical, Rfc8785Section323SortsByUtf16) {
    EXPECT_EQ(
        canonical(R"({
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
})"),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small "
        "Letter O With Diaeresis\","
        "\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With "
        "Dagesh\"}"
    );
}

TEST(Canonical, SortsAtEveryDepthAndKeepsListsInOrder) {
    EXPECT_EQ(
        canonical(
            R"( { "b" : [ 2 , 1 , { "z" : { "y" : 1 , "x" : 2 } , "a" : [ ] } ] , "a" : { } } )"
        ),
        R"({"a":{},"b":[2,1,{"a":[],"z":{"x":2,"y":1}}]})"
    );
    EXPECT_EQ(canonical(R"({"ab":1,"a":2,"":3})"), R"({"":3,"a":2,"ab":1})");
    EXPECT_EQ(canonical(" \t\r\n\"x\" "), "\"x\"");
    EXPECT_EQ(canonical("1.0"), "1");
}

TEST(Canonical, IsItsOwnCanonicalForm) {
    const std::string once =
        canonical(R"({"b":"\u0001\ud83d\ude00\/","a":[1e400000000000000000e,0]})");
    EXPECT_TRUE(once.starts_with("malformed")) << once;
    const std::string good = canonical(R"({"b":"\u0001\ud83d\ude00\/","a":[1e40,-0,"\"\\"]})");
    EXPECT_EQ(good, "{\"a\":[1e+40,0,\"\\\"\\\\\"],\"b\":\"\\u0001😀/\"}");
    EXPECT_EQ(canonical(good), good);
    EXPECT_EQ(body(good), good);
}

TEST(Canonical, BodyLosesWhiteSpaceAndNothingElse) {
    EXPECT_EQ(
        body("\n{ \"b\" :\t1e2 , \"a\" : [ 1.0 ,\r\n -0 , \"\\/ \\u0041 \\ud83d\\ude00 😀  \" ] }\n "
        ),
        "{\"b\":1e2,\"a\":[1.0,-0,\"\\/ \\u0041 \\ud83d\\ude00 😀  \"]}"
    );
}

TEST(Canonical, GivesThePropertiesOfTheOutermostObject) {
    Canonical reader;
    ASSERT_TRUE(reader.read(R"( {"t\u0079pe" : {"x":1,"a":[{"q":2}]}, "id":" \u0041", "n":1e1 })"));
    ASSERT_EQ(reader.properties().size(), 3U);
    EXPECT_EQ(reader.properties()[0].name, "id");
    EXPECT_EQ(reader.properties()[0].value, "\" A\"");
    EXPECT_EQ(reader.properties()[1].name, "n");
    EXPECT_EQ(reader.properties()[1].value, "10");
    EXPECT_EQ(reader.properties()[2].name, "type");
    EXPECT_EQ(reader.properties()[2].value, R"({"a":[{"q":2}],"x":1})");
    ASSERT_TRUE(reader.read(R"([{"a":1}])"));
    EXPECT_FALSE(reader.is_object());
    EXPECT_TRUE(reader.properties().empty());
}

TEST(Canonical, RefusesWhatIsNoJson) {
    using namespace std::string_view_literals;
    for (const std::string_view json : {
             ""sv,
             " "sv,
             "{"sv,
             "}"sv,
             "[1,]"sv,
             "[,1]"sv,
             "[1 2]"sv,
             "{\"a\":1,}"sv,
             "{,}"sv,
             "{\"a\"}"sv,
             "{\"a\" 1}"sv,
             "{a:1}"sv,
             "{'a':1}"sv,
             "{1:2}"sv,
             "[1"sv,
             "[1}"sv,
             "{\"a\":1]"sv,
             "\"abc"sv,
             "\"a\\"sv,
             "\"a\\\""sv,
             "\"\\q\""sv,
             "\"\\u12\""sv,
             "\"\\u12g4\""sv,
             "\"\\U0041\""sv,
             "\"\t\""sv,
             "\"\n\""sv,
             "\"\x1f\""sv,
             "\"\0\""sv,
             "nul"sv,
             "nulll"sv,
             "True"sv,
             "NaN"sv,
             "Infinity"sv,
             "-Infinity"sv,
             "+1"sv,
             "-"sv,
             "01"sv,
             "-01"sv,
             "1."sv,
             ".5"sv,
             "1.e5"sv,
             "1e"sv,
             "1e+"sv,
             "0x10"sv,
             "1_000"sv,
             "{} {}"sv,
             "{}x"sv,
             "1 1"sv,
             "[]]"sv,
             "// c\n1"sv,
             "\xEF\xBB\xBF{}"sv,
             "{}\0"sv,
             "\0"sv,
             "\"\x80\""sv,
             "\"\xC0\xAF\""sv,
             "\"\xED\xA0\x80\""sv,
             "\"\xF4\x90\x80\x80\""sv,
             "\"\xE2\x82\""sv,
             "\xFF\xFE{\0}\0"sv,
             "\u00A0{}"sv,
         }) {
        EXPECT_TRUE(canonical(json).starts_with("malformed: ")) << json;
    }
}

TEST(Canonical, RefusesHalvesOfSurrogatePairs) {
    for (const std::string_view json :
         {R"("\ud800")",
          R"("\udc00")",
          R"("\ud800\ud800")",
          R"("\ud800x")",
          R"("\udc00\ud800")",
          R"("\ud83d\\ude00")",
          R"("\ud83d\u0041")",
          R"({"\udfff":1})",
          R"(["\ud800\n"])"}) {
        EXPECT_NE(canonical(json).find("surrogate"), std::string::npos) << json;
    }
    EXPECT_EQ(canonical(R"("\ud83d\ude00\uFFFF")"), "\"😀\uFFFF\"");
}

TEST(Canonical, RefusesANameThatStandsTwiceHoweverItIsSpelled) {
    for (const std::string_view json : {
             R"({"id":1,"id":1})",
             R"({"id":1,"\u0069d":2})",
             R"({"i\u0064":1,"x":0,"\u0069d":2})",
             R"({"😀":1,"\ud83d\ude00":2})",
             R"({"":1,"":2})",
             R"([[{"a":{"b":1,"c":[],"b":1}}]])",
             R"({"a\/b":1,"a/b":2})",
         }) {
        EXPECT_NE(canonical(json).find("twice"), std::string::npos) << json;
    }
    // Equal at different depths, or in different objects, is fine.
    EXPECT_EQ(canonical(R"({"a":{"a":[{"a":1},{"a":1}]}})"), R"({"a":{"a":[{"a":1},{"a":1}]}})");
    // Names that differ in normalisation or case are different names.
    EXPECT_EQ(canonical("{\"é\":1,\"e\u0301\":2,\"E\":3}"), "{\"E\":3,\"e\u0301\":2,\"é\":1}");
}

TEST(Canonical, SaysWhereTheErrorIs) {
    EXPECT_EQ(
        canonical(R"({"a":[0,{"b~/c":tru}]})"),
        "malformed: /a/1/b~0~1c: byte 16: expected a value: an object, a list, a string in double "
        "quotes, a number, true, "
        "false or null"
    );
    EXPECT_EQ(
        canonical(R"({"a":{"x":1,"x":2}})"),
        "malformed: /a/x: byte 18: the object that ends here has this property twice"
    );
    EXPECT_EQ(canonical("[\"\xff\"]"), "malformed: byte 2 is not UTF-8");
    EXPECT_NE(canonical("\xEF\xBB\xBF{}").find("byte order mark"), std::string::npos);
    // The pointer is short and printable however long the names are.
    const std::string message = canonical("{\"" + std::string(100'000, 'n') + "\u202E\":x}");
    EXPECT_LT(message.size(), 300U);
}

TEST(Canonical, NestsTo64AndNoDeeper) {
    const std::size_t max = limits::json_depth_max;
    EXPECT_EQ(canonical(nested(max, '[', ']')), nested(max, '[', ']'));
    EXPECT_NE(canonical(nested(max + 1, '[', ']')).find("nested too deeply"), std::string::npos);
    EXPECT_NE(canonical(std::string(10'000'000, '[')).find("nested too deeply"), std::string::npos);
    std::string objects;
    for (int i = 0; i < 1'000'000; ++i)
        objects += "{\"a\":";
    const std::string message = canonical(objects);
    EXPECT_NE(message.find("nested too deeply"), std::string::npos);
    EXPECT_LT(message.size(), 1'000U);
}

TEST(Canonical, StandsLargeTexts) {
    const std::string text(10'000'000, 'x');
    EXPECT_EQ(canonical("\"" + text + "\"").size(), text.size() + 2);
    const std::string escapes = [] {
        std::string s = "\"";
        for (int i = 0; i < 1'000'000; ++i)
            s += "\\u0001";
        return s + "\"";
    }();
    EXPECT_EQ(canonical(escapes), escapes);
    EXPECT_TRUE(canonical(std::string(limits::object_bytes_max + 1, ' ')).starts_with("too_large: ")
    );

    // Many names, in the worst order, with one of them twice.
    std::string names = "{";
    for (std::size_t i = limits::json_properties_max - 1; i > 0; --i)
        names += "\"" + std::to_string(i) + "\":0,";
    EXPECT_EQ(canonical(names + "\"x\":1}").substr(0, 28), R"({"1":0,"10":0,"100":0,"1000")");
    EXPECT_NE(canonical(names + "\"\\u0037\":1}").find("/7: "), std::string::npos);
    EXPECT_TRUE(canonical(names + "\"x\":1,\"y\":1}").starts_with("too_large: byte "));

    // Many escaped names: what they unescape to must not move while it is looked at.
    std::string escaped = "{";
    for (int i = 0; i < 10'000; ++i)
        escaped += "\"\\u0061" + std::to_string(99'999 - i) + "\":0,";
    EXPECT_EQ(canonical(escaped + "\"b\":1}").substr(0, 20), R"({"a90000":0,"a90001")");

    // Every level in the wrong order: each is sorted, none is lost.
    std::string deep;
    for (int i = 0; i < 60; ++i)
        deep += R"({"b":)";
    deep += "[" + std::string(100'000, '1') + "e-100000]";
    for (int i = 0; i < 60; ++i)
        deep += R"(,"a":0})";
    EXPECT_TRUE(canonical(deep).starts_with(R"({"a":0,"b":{"a":0,"b":{"a":0)"));
}

TEST(CompareUtf16, IsTheOrderOfCodeUnits) {
    const auto sign = [](int x) { return (x > 0) - (x < 0); };
    std::vector<std::pair<std::string, std::u16string>> texts;
    constexpr std::u32string_view some = U"\u0001aéߺࠀ힣﷐\uE000\uFFFF\U00010000\U0010FFFF";
    for (const char32_t a : some) {
        for (const char32_t b : some) {
            std::string utf8;
            std::u16string utf16;
            for (const char32_t c : {a, b}) {
                char escape[16];
                if (c >= 0x10000) {
                    const auto high = static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10U));
                    const auto low = static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FFU));
                    utf16 += {high, low};
                    (void)std::snprintf(escape, sizeof escape, "\\u%04x\\u%04x", high, low);
                } else {
                    utf16 += static_cast<char16_t>(c);
                    (void)std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
                }
                ASSERT_TRUE(append_unescaped(utf8, escape));
            }
            texts.emplace_back(utf8, utf16);
        }
    }
    for (const auto& [a8, a16] : texts) {
        for (const auto& [b8, b16] : texts)
            EXPECT_EQ(compare_utf16(a8, b8), sign(a16.compare(b16)));
    }
}

/// simdjson's document parser is the second opinion: it must accept what we accept, and what we
/// refuse it must refuse too, but for what we refuse on purpose (and integers of more than 64 bits,
/// which it does not take).
TEST(Canonical, AgreesWithSimdjsonOnDamagedTexts) {
    const std::string good =
        R"({"type":"indicator","n":[1,-2.5e3,true,false,null,{"k":"\u00e9\n","o":{}}],"s":"aé😀\ud83d\ude00","e":[]})";
    constexpr std::uint64_t seed = 20240607;
    std::mt19937_64 random(seed);
    constexpr std::string_view spice = "{}[]\",:\\0123456789eE+-.tfnu \n\x80\xff\x01";
    simdjson::dom::parser parser;
    int accepted = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::string text = good;
        for (std::uint64_t changes = random() % 3 + 1; changes > 0; --changes) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
                case 0:
                    text[at] = static_cast<char>(random() & 0xFFU);
                    break;
                case 1:
                    text[at] = spice[random() % spice.size()];
                    break;
                case 2:
                    text.erase(at, random() % 4);
                    break;
                default:
                    text.insert(at, 1, spice[random() % spice.size()]);
            }
        }
        const std::string ours = canonical(text);
        const bool theirs = parser.parse(text).error() == simdjson::SUCCESS;
        const bool on_purpose = ours.find("twice") != std::string::npos;
        if (on_purpose) continue;
        ASSERT_EQ(!ours.starts_with("malformed"), theirs)
            << ours << "\n"
            << text << "\nround " << round << " seed " << seed;
        accepted += theirs ? 1 : 0;
        if (!theirs) continue;
        ASSERT_EQ(canonical(ours), ours);
        ASSERT_EQ(canonical(body(text)), ours);
        std::string minified(text.size(), '\0');
        std::size_t bytes = 0;
        ASSERT_EQ(
            simdjson::minify(text.data(), text.size(), minified.data(), bytes), simdjson::SUCCESS
        );
        ASSERT_EQ(body(text), minified.substr(0, bytes));
    }
    EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace entente::stix::internal
