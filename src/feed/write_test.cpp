#include "feed/write.h"

#include "feed/testing/readers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace entente::feed {
namespace {

constexpr std::string_view source = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
constexpr std::array formats{
    Format::plain, Format::zeek, Format::suricata_dataset, Format::suricata_rules};

std::vector<Entry> entries_of(const std::set<Value>& values, Format format) {
    std::vector<Entry> entries;
    for (const Value& value : values) {
        if (kinds_of(format).test(static_cast<std::size_t>(value.kind)))
            entries.push_back({value, source});
    }
    return entries;
}

std::string text_of(const std::vector<File>& files, std::string_view name) {
    const auto at = std::ranges::find(files, name, &File::name);
    return at == files.end() ? "no such file" : at->text;
}

std::set<Value> some_of_each() {
    std::set<Value> values;
    for (const auto& [kind, text] : std::initializer_list<std::pair<Kind, std::string_view>>{
             {Kind::domain, "evil.example"},
             {Kind::url, "http://evil.example:8080/a;b?c=\"&d"},
             {Kind::url, "http://evil.example:8080/a;b?c='&d"},
             {Kind::url, "https://evil.example/x"},
             {Kind::ipv4, "198.51.100.7"},
             {Kind::ipv6, "2001:db8::7"},
             {Kind::cidr, "198.51.100.0/24"},
             {Kind::md5, "d41d8cd98f00b204e9800998ecf8427e"},
             {Kind::sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
             {Kind::sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
             {Kind::email, "a@evil.example"},
             {Kind::ja3, "e7d705a3286e19ea42f587b344ee6865"},
             {Kind::cert_sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"}}) {
        if (auto value = read_value(kind, text)) values.insert(*value);
    }
    return values;
}

TEST(WriteFeed, PlainHasAFileForEachKind) {
    WriteOptions options;
    options.wanted.set();
    const auto files =
        write_feed(Format::plain, entries_of(some_of_each(), Format::plain), options);
    EXPECT_EQ(files.size(), kinds);
    EXPECT_EQ(text_of(files, "domain.txt"), "evil.example\n");
    EXPECT_EQ(text_of(files, "cidr.txt"), "198.51.100.0/24\n");
    // What was there is replaced also when there is nothing now.
    const auto none = write_feed(Format::plain, {}, options);
    EXPECT_EQ(none.size(), kinds);
    EXPECT_EQ(text_of(none, "domain.txt"), "");
}

TEST(WriteFeed, ZeekHasTabsAndTypes) {
    const auto files = write_feed(Format::zeek, entries_of(some_of_each(), Format::zeek), {});
    const std::string text = text_of(files, "entente.intel");
    EXPECT_TRUE(text.starts_with("#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n"))
        << text;
    const auto line = [&](std::string_view value, std::string_view type) {
        return text.find(
                   "\n" + std::string(value) + "\t" + std::string(type) + "\tentente\t" +
                   std::string(source) + "\n"
               ) != std::string::npos;
    };
    EXPECT_TRUE(line("evil.example", "Intel::DOMAIN"));
    EXPECT_TRUE(line("evil.example/x", "Intel::URL"));
    EXPECT_TRUE(line("2001:db8::7", "Intel::ADDR"));
    EXPECT_TRUE(line("198.51.100.0/24", "Intel::SUBNET"));
    EXPECT_TRUE(line("a@evil.example", "Intel::EMAIL"));
    EXPECT_TRUE(line("da39a3ee5e6b4b0d3255bfef95601890afd80709", "Intel::CERT_HASH"));
    EXPECT_TRUE(line("da39a3ee5e6b4b0d3255bfef95601890afd80709", "Intel::FILE_HASH"));
}

TEST(WriteFeed, SuricataDatasetsAreAskedByRules) {
    const auto files = write_feed(
        Format::suricata_dataset, entries_of(some_of_each(), Format::suricata_dataset), {}
    );
    EXPECT_EQ(text_of(files, "entente-domain.lst"), "ZXZpbC5leGFtcGxl\n");
    EXPECT_EQ(text_of(files, "entente-ip.lst"), "198.51.100.7\n2001:db8::7\n");
    EXPECT_EQ(text_of(files, "entente-md5.lst"), "d41d8cd98f00b204e9800998ecf8427e\n");
    const std::string rules = text_of(files, "entente.rules");
    EXPECT_NE(
        rules.find(
            "alert dns any any -> any any (msg:\"entente-domain dns\"; dns.query; to_lowercase; "
            "dataset:isset,entente-domain,type string,load entente-domain.lst,memcap 16mb,hashsize "
            "64; sid:1100000000; rev:1;)\n"
        ),
        std::string::npos
    ) << rules;
    EXPECT_NE(rules.find("ip.dst; dataset:isset,entente-ip,type ip,"), std::string::npos);
    EXPECT_NE(rules.find("filesha256:entente-sha256.lst;"), std::string::npos);
    // Networks and URLs have no dataset.
    EXPECT_NE(rules.find("<> [198.51.100.0/24] any"), std::string::npos);
    EXPECT_EQ(rules.find("drop "), std::string::npos);
    const auto none = write_feed(Format::suricata_dataset, {}, {});
    EXPECT_EQ(text_of(none, "entente.rules"), "");
    EXPECT_EQ(text_of(none, "entente-domain.lst"), "");
    EXPECT_EQ(none.size(), files.size());
}

TEST(WriteFeed, SuricataHasNoRuleThatItWouldCutInTwo) {
    std::set<Value> values;
    std::string escapes;
    for (int i = 0; i < 1'000; ++i) {
        escapes += "%41";
        if (i == 999 || i % 100 == 0)
            values.insert(*read_value(Kind::url, "http://a.example/" + escapes));
    }
    for (std::size_t size = 7'000; size < 8'170; size += 10)
        values.insert(*read_value(Kind::url, "http://b.example/" + std::string(size, 'a')));
    std::size_t kept = 0;
    for (const Format format : {Format::suricata_rules, Format::suricata_dataset}) {
        const auto entries = entries_of(values, format);
        const auto files = write_feed(format, entries, {.prefix = std::string(40, 'p')});
        const std::string text = text_of(files, std::string(40, 'p') + ".rules");
        std::string_view rules = text;
        kept = 0;
        for (; !rules.empty(); ++kept) {
            const std::size_t end = rules.find('\n');
            EXPECT_LT(end, 8'190U);
            rules.remove_prefix(end + 1);
        }
        EXPECT_GT(kept, 40U);
        EXPECT_LT(kept, values.size() - 30);
        Guard guard;
        guard.ruled = ruled_kinds(format);
        std::size_t refused = 0;
        for (const Value& value : values)
            refused += refusal(guard, value) == Drop::no_place_in_format ? 1U : 0U;
        EXPECT_EQ(kept + refused, values.size());
    }
}

TEST(WriteFeed, ARenewedFileForZeekDiffersInACommentAlone) {
    const auto entries = entries_of(some_of_each(), Format::zeek);
    WriteOptions options;
    const std::string plain = text_of(write_feed(Format::zeek, entries, options), "entente.intel");
    options.renewed = "2026-01-01T06:00:00.000000Z";
    const auto files = write_feed(Format::zeek, entries, options);
    std::string renewed = text_of(files, "entente.intel");
    EXPECT_EQ(testing::read_back(Format::zeek, files), testing::as_read(Format::zeek, entries));
    const std::string comment = "# renewed 2026-01-01T06:00:00.000000Z\n";
    ASSERT_NE(renewed.find(comment), std::string::npos);
    EXPECT_EQ(renewed.erase(renewed.find(comment), comment.size()), plain);
}

TEST(WriteFeed, NumbersOfRulesThatAskListsAreTheirListsOwn) {
    const auto number = [](const std::set<Value>& values) {
        const auto files =
            write_feed(Format::suricata_dataset, entries_of(values, Format::suricata_dataset), {});
        const std::string rules = text_of(files, "entente.rules");
        return rules.substr(rules.find("sid:", rules.find("ip.src")), 14);
    };
    const Value address{Kind::ipv4, "198.51.100.7"};
    EXPECT_EQ(number({address}), number({address, {Kind::domain, "evil.example"}}));
}

TEST(WriteFeed, SuricataRulesQuoteWhatMeansSomething) {
    std::set<Value> values{read_value(Kind::url, "http://evil.example:8080/a;b?c=1").value()};
    const auto files = write_feed(
        Format::suricata_rules,
        entries_of(values, Format::suricata_rules),
        {.purpose = Purpose::block}
    );
    const std::string rules = text_of(files, "entente.rules");
    EXPECT_TRUE(rules.starts_with(
        "drop http any any -> any 8080 (msg:\"entente-url http\"; http.host; "
        "content:\"evil.example\"; bsize:12; "
        "http.uri.raw; content:\"/a|3B|b|3F|c|3D|1\"; bsize:8; metadata:indicator "
    )) << rules;
}

TEST(WriteFeed, FeedsOfOneSensorHaveNamesOfTheirOwn) {
    const auto entries = entries_of(some_of_each(), Format::suricata_dataset);
    const auto files = write_feed(Format::suricata_dataset, entries, {.prefix = "entente-wall"});
    const std::string rules = text_of(files, "entente-wall.rules");
    EXPECT_NE(
        rules.find("isset,entente-wall-domain,type string,load entente-wall-domain.lst,"),
        std::string::npos
    ) << rules;
    EXPECT_NE(rules.find("filemd5:entente-wall-md5.lst;"), std::string::npos);
    EXPECT_NE(rules.find("msg:\"entente-wall-cidr ip\""), std::string::npos);
    EXPECT_EQ(rules.find("entente-domain"), std::string::npos);
    const auto zeek = write_feed(Format::zeek, {}, {.prefix = "entente-wall"});
    EXPECT_EQ(zeek[0].name, "entente-wall.intel");
}

TEST(WriteFeed, ARuleAboutAUrlKeepsTheBracketsOfAnAddress) {
    std::set<Value> values;
    for (const std::string_view text : {"http://[2001:db8::1]/a", "http://[2001:db8::1]:8080/b"})
        values.insert(read_value(Kind::url, text).value());
    const auto entries = entries_of(values, Format::suricata_rules);
    const auto files = write_feed(Format::suricata_rules, entries, {});
    const std::string rules = text_of(files, "entente.rules");
    const std::string host = "http.host; content:\"|5B|2001|3A|db8|3A||3A|1|5D|\"; bsize:13; ";
    EXPECT_NE(rules.find("-> any any (msg:\"entente-url http\"; " + host), std::string::npos)
        << rules;
    EXPECT_NE(rules.find("-> any 8080 (msg:\"entente-url http\"; " + host), std::string::npos);
    EXPECT_EQ(
        testing::read_back(Format::suricata_rules, files),
        testing::as_read(Format::suricata_rules, entries)
    );
}

TEST(WriteFeed, NumbersOfRulesStayWithTheirValues) {
    std::set<Value> values;
    for (int i = 0; i < 200; ++i)
        values.insert(read_value(Kind::domain, "n" + std::to_string(i) + ".example").value());
    const auto number_of = [&](std::string_view domain) {
        const auto files =
            write_feed(Format::suricata_rules, entries_of(values, Format::suricata_rules), {});
        const std::string rules = text_of(files, "entente.rules");
        const auto lines = testing::lines_of(rules);
        for (const std::string_view line : *lines) {
            const auto rule = testing::read_rule(line);
            if (rule && line.find("\"" + std::string(domain) + "\"") != std::string_view::npos)
                return *rule->of("sid");
        }
        return std::string();
    };
    const std::string before = number_of("n7.example");
    EXPECT_FALSE(before.empty());
    values.erase(values.begin());
    values.insert(read_value(Kind::domain, "another.example").value());
    EXPECT_EQ(number_of("n7.example"), before);
}

// -- by chance

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }

    /// Mostly what nearly fits, with what breaks formats in it.
    std::string text(Kind kind) {
        static const std::vector<std::string> bits{
            "a",
            "B",
            "evil",
            ".",
            "..",
            "example",
            "com",
            "-",
            "_",
            "xn--",
            "ü",
            "пример",
            "/",
            "?",
            "#",
            "%41",
            "%",
            ":",
            "80",
            "443",
            "http://",
            "HTTPS://",
            "@",
            "[",
            "]",
            "::",
            "2001:db8",
            "198.51.100.7",
            "/24",
            "\t",
            "\n",
            "\r",
            "\"",
            "'",
            ";",
            "|",
            "\\",
            " ",
            ",",
            "(",
            ")",
            "$",
            "!",
            "{",
            "\x01",
            std::string(1, '\0'),
            "\xff",
            "\xE2\x80\xAE",
            "d41d8cd98f00b204e9800998ecf8427e"};
        static const std::vector<std::string> heads{
            "evil.example",
            "http://evil.example",
            "198.51.100.7",
            "2001:db8::7",
            "198.51.100.0/24",
            "d41d8cd98f00b204e9800998ecf8427e",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "a@evil.example",
            "e7d705a3286e19ea42f587b344ee6865",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709"};
        std::string out = below(4) == 0 ? "" : heads[static_cast<std::size_t>(kind)];
        for (std::size_t i = below(4); i > 0; --i)
            out.insert(
                below(2) == 0 ? out.size() : below(out.size() + 1), bits[below(bits.size())]
            );
        return out;
    }

  private:
    std::mt19937_64 random_;
};

TEST(WriteFeedProperty, WhatIsReadBackIsWhatWentIn) {
    const std::uint64_t seed = setting("ENTENTE_SEED", std::random_device{}());
    std::cout << "seed " << seed << '\n';
    Chance chance(seed);
    // Fewer could by chance have nothing in them.
    const std::uint64_t rounds =
        std::max<std::uint64_t>(setting("ENTENTE_PROPERTY_CASES", 200), 100);
    std::size_t taken = 0;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        std::set<Value> values;
        for (std::size_t i = chance.below(20); i > 0; --i) {
            const auto kind = static_cast<Kind>(chance.below(kinds));
            const auto value = read_value(kind, chance.text(kind));
            if (!value) continue;
            ++taken;
            ASSERT_EQ(read_value(value->kind, value->text), *value) << value->text;
            values.insert(*value);
        }
        for (const Format format : formats) {
            const auto entries = entries_of(values, format);
            const auto files = write_feed(format, entries, {});
            const auto back = testing::read_back(format, files);
            ASSERT_TRUE(back.has_value()) << "seed " << seed << " round " << round;
            ASSERT_EQ(*back, testing::as_read(format, entries))
                << "seed " << seed << " round " << round;
        }
    }
    EXPECT_GT(taken, rounds);
}

}  // namespace
}  // namespace entente::feed
