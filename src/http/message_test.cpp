#include "http/http.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Headers, NamesCompareWithoutCase) {
    Headers headers;
    headers.add("Accept", "a");
    headers.add("X-Other", "x");
    headers.add("aCCEPT", "b");
    EXPECT_EQ(headers.find("ACCEPT"), "a");
    EXPECT_EQ(headers.joined("accept"), "a, b");
    EXPECT_EQ(headers.count("accept"), 2U);
    EXPECT_EQ(headers.find("Accep"), std::nullopt);
    EXPECT_EQ(headers.joined("Acceptt"), std::nullopt);
    EXPECT_EQ(headers.count(""), 0U);
}

TEST(PercentDecode, Table) {
    struct Case {
        std::string_view text;
        bool plus;
        std::optional<std::string> want;
    };

    const Case cases[] = {
        {"", false, ""},
        {"match%5Btype%5D", false, "match[type]"},
        {"%5b%5B", false, "[["},
        {"a+b", true, "a b"},
        {"a+b", false, "a+b"},
        {"%2B", true, "+"},
        {"%C3%A9", false, "\xc3\xa9"},
        {"%FF", false, "\xff"},
        {"%25%32%35", false, "%25"},
        {"%", false, std::nullopt},
        {"%4", false, std::nullopt},
        {"a%4", false, std::nullopt},
        {"%4G", false, std::nullopt},
        {"%G4", false, std::nullopt},
        {"%%41", false, std::nullopt},
        {"% 41", false, std::nullopt},
        {"%+1", true, std::nullopt},
        {"a%00b", false, std::nullopt},
        {std::string_view("a\0b", 3), false, std::nullopt},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(percent_decode(c.text, c.plus), c.want);
    }
}

TEST(PercentEncode, UndoneByDecoding) {
    std::string all;
    for (int c = 1; c < 256; ++c)
        all += static_cast<char>(c);
    const std::string encoded = percent_encode(all);
    EXPECT_EQ(percent_decode(encoded, true), all);
    EXPECT_EQ(encoded.find_first_of(" +&=?#/[]"), std::string::npos);
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("a b/\xff"), "a%20b%2F%FF");
}

TEST(ParseQuery, Table) {
    struct Case {
        std::string_view query;
        std::optional<Pairs> want;
    };

    const Case cases[] = {
        {"", Pairs{}},
        {"&&", Pairs{}},
        {"limit=50&next=", Pairs{{"limit", "50"}, {"next", ""}}},
        {"match%5Btype%5D=a,b&match[id]=x", Pairs{{"match[type]", "a,b"}, {"match[id]", "x"}}},
        {"a", Pairs{{"a", ""}}},
        {"=b", Pairs{{"", "b"}}},
        {"a=b=c", Pairs{{"a", "b=c"}}},
        {"a=1&a=2", Pairs{{"a", "1"}, {"a", "2"}}},
        {"t=2020-01-01T00:00:00+01:00", Pairs{{"t", "2020-01-01T00:00:00 01:00"}}},
        {"a=%", std::nullopt},
        {"%zz=a", std::nullopt},
        {"a=1&b=%0", std::nullopt},
        {"a=%00", std::nullopt},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.query);
        EXPECT_EQ(parse_query(c.query), c.want);
    }
}

std::string shown(const std::vector<MediaRange>& ranges) {
    std::string out;
    for (const MediaRange& range : ranges) {
        if (!out.empty()) out += " | ";
        out += range.type + "/" + range.subtype;
        for (const auto& [name, value] : range.parameters)
            out += ";" + name + "=" + value;
        if (range.q < 1) out += " q" + std::to_string(static_cast<int>(range.q * 1'000));
    }
    return out;
}

TEST(ParseAccept, Table) {
    struct Case {
        std::string_view text, want;
    };

    const Case cases[] = {
        {"", ""},
        {"application/taxii+json;version=2.1", "application/taxii+json;version=2.1"},
        {"application/taxii+json; version=2.1;q=0.9, application/stix+json;version=2.1",
         "application/taxii+json;version=2.1 q900 | application/stix+json;version=2.1"},
        {"Application/TAXII+JSON ; Version = \"2.1\"", "application/taxii+json;version=2.1"},
        {"a/b;v=\"x,y;z\\\"w\\\\\"", "a/b;v=x,y;z\"w\\"},
        {"a/b;v=\"\"", "a/b;v="},
        {"*/*", "*/*"},
        {"application/*;q=0", "application/* q0"},
        {"*; q=.2", "*/* q200"},
        {"a/b;q=1.000", "a/b"},
        {"a/b;Q=0.5", "a/b q500"},
        {"\t a/b \t,\tc/d ", "a/b | c/d"},
        {",,a/b,,", "a/b"},
        {"a/b;", "a/b"},
        {"a/b;;x=1", "a/b;x=1"},
        {"a/b;X=Y", "a/b;x=Y"},
        // Unreadable ranges are left out, their neighbours stay.
        {"a, b/c", "b/c"},
        {"*/json, b/c", "b/c"},
        {"a/b/c, b/c", "b/c"},
        {"a b/c, b/c", "b/c"},
        {"a/b;q=2, b/c", "b/c"},
        {"a/b;q=-1, b/c", "b/c"},
        {"a/b;q=nan, b/c", "b/c"},
        {"a/b;q=1e-1, b/c", "b/c"},
        {"a/b;q=, b/c", "b/c"},
        {"a/b;q, b/c", "b/c"},
        {"a/b;x=\"open, b/c", ""},
        {"a/b;x=\"y\"z, b/c", "b/c"},
        {"a/b;=1, b/c", "b/c"},
        {"a/b;x y=1, b/c", "b/c"},
        {"/b, b/c", "b/c"},
        {"a/, b/c", "b/c"},
        {"\"a/b\", b/c", "b/c"},
        {"a/b;x=\"\\", ""},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(shown(parse_accept(c.text)), c.want);
    }
}

TEST(ParseAccept, ParametersAreFoundByName) {
    const auto ranges = parse_accept("a/b;Charset=UTF-8;version=2.1");
    ASSERT_EQ(ranges.size(), 1U);
    EXPECT_EQ(ranges[0].parameter("version"), "2.1");
    EXPECT_EQ(ranges[0].parameter("CHARSET"), "UTF-8");
    EXPECT_EQ(ranges[0].parameter("q"), std::nullopt);
}

TEST(ParseAccept, ReadsABoundedNumberOfRanges) {
    std::string text;
    for (int i = 0; i < 10'000; ++i)
        text += "a/b,";
    EXPECT_EQ(parse_accept(text).size(), 100U);
}

TEST(ParseAuthorization, Table) {
    struct Case {
        std::string_view text;
        std::optional<std::pair<std::string, std::string>> want;
    };

    using P = std::pair<std::string, std::string>;
    const Case cases[] = {
        {"Basic QWxhZGRpbg==", P{"basic", "QWxhZGRpbg=="}},
        {"basic x", P{"basic", "x"}},
        {"BEARER   ent_abc ", P{"bearer", "ent_abc"}},
        {"Token\tabc", P{"token", "abc"}},
        {" Basic x", P{"basic", "x"}},
        {"Basic", P{"basic", ""}},
        {"Digest a=\"b\", c=d", P{"digest", "a=\"b\", c=d"}},
        {"", std::nullopt},
        {"   ", std::nullopt},
        {"Ba,sic x", std::nullopt},
        {"\"Basic\" x", std::nullopt},
        {"=abc", std::nullopt},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto got = parse_authorization(c.text);
        ASSERT_EQ(got.has_value(), c.want.has_value());
        if (got) {
            EXPECT_EQ(got->scheme, c.want->first);
            EXPECT_EQ(got->value, c.want->second);
        }
    }
}

}  // namespace
}  // namespace entente::http
