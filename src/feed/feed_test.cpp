#include "feed/feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace entente::feed {
namespace {

Value value(Kind kind, std::string_view text) {
    const auto read = read_value(kind, text);
    EXPECT_TRUE(read.has_value()) << text;
    return read.value_or(Value{});
}

Read indicator(std::string id, std::vector<Value> values, std::string version = "1") {
    Read read;
    read.id = std::move(id);
    read.version = std::move(version);
    read.found.values = std::move(values);
    return read;
}

PublicSuffixes suffixes() {
    return PublicSuffixes::read("// a comment\ncom\nco.uk\n*.ck\n!www.ck\nпример\nblogspot.com\n")
        .value();
}

std::string texts(const Feed& feed) {
    std::string out;
    for (const Entry& entry : feed.entries)
        out += entry.value.text + " ";
    return out;
}

TEST(Suffixes, FollowThePublishedAlgorithm) {
    const PublicSuffixes list = suffixes();
    for (const std::string_view suffix :
         {"com", "co.uk", "foo.ck", "ck", "blogspot.com", "xn--e1afmkfd", "unknown"})
        EXPECT_TRUE(list.is_suffix(suffix)) << suffix;
    for (const std::string_view domain :
         {"a.com", "uk.com", "www.ck", "a.foo.ck", "a.blogspot.com", "a.unknown"})
        EXPECT_FALSE(list.is_suffix(domain)) << domain;
    EXPECT_FALSE(PublicSuffixes::read("// nothing\n"));
}

TEST(OwnAssets, CoverWhatBlockingWouldTake) {
    const OwnAssets own(
        read_own_assets(
            "# ours\n198.51.100.64/26\r\nexample.org\n\nsoc@mail.example\n2001:db8:1::/48\n"
        )
            .value()
    );
    for (const auto& [kind, text] : std::initializer_list<std::pair<Kind, std::string_view>>{
             {Kind::ipv4, "198.51.100.65"},
             {Kind::cidr, "198.51.100.0/24"},
             {Kind::cidr, "198.51.100.96/27"},
             {Kind::ipv6, "2001:db8:1::5"},
             {Kind::cidr, "2001:db8::/32"},
             {Kind::domain, "example.org"},
             {Kind::domain, "a.b.example.org"},
             {Kind::url, "http://www.example.org/x"},
             {Kind::url, "http://198.51.100.65/"},
             {Kind::email, "a@example.org"},
             {Kind::email, "soc@mail.example"}})
        EXPECT_TRUE(own.covers(value(kind, text))) << text;
    for (const auto& [kind, text] : std::initializer_list<std::pair<Kind, std::string_view>>{
             {Kind::ipv4, "198.51.100.63"},
             {Kind::cidr, "198.51.100.0/26"},
             {Kind::ipv6, "2001:db8:2::"},
             {Kind::domain, "badexample.org"},
             {Kind::domain, "mail.example"},
             {Kind::email, "ceo@mail.example"},
             {Kind::md5, "d41d8cd98f00b204e9800998ecf8427e"}})
        EXPECT_FALSE(own.covers(value(kind, text))) << text;
    const OwnAssets deep(read_own_assets("vpn.corp.example\n").value());
    EXPECT_TRUE(deep.covers(value(Kind::domain, "corp.example")));
    EXPECT_FALSE(deep.covers(value(Kind::url, "http://corp.example/")));
    EXPECT_FALSE(OwnAssets().covers(value(Kind::domain, "a.example")));
    const auto bad = read_own_assets("example.org\nnot an asset\n");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().detail.substr(0, 7), "line 2:");
}

TEST(Refusal, ABlockingFeedRefusesWhatWouldHurt) {
    const PublicSuffixes list = suffixes();
    const OwnAssets own(read_own_assets("example.org\n").value());
    Guard guard{.purpose = Purpose::block, .own = &own, .suffixes = &list};
    const auto said = [&](Kind kind, std::string_view text) {
        return refusal(guard, value(kind, text));
    };
    EXPECT_EQ(said(Kind::domain, "www.example.org"), Drop::own_asset);
    EXPECT_EQ(said(Kind::domain, "co.uk"), Drop::public_suffix);
    EXPECT_EQ(said(Kind::cidr, "93.184.0.0/23"), Drop::network_too_wide);
    EXPECT_EQ(said(Kind::cidr, "93.184.216.0/24"), std::nullopt);
    EXPECT_EQ(said(Kind::cidr, "2606:2800::/47"), Drop::network_too_wide);
    EXPECT_EQ(said(Kind::cidr, "2606:2800::/48"), std::nullopt);
    for (const std::string_view address :
         {"10.1.2.3", "127.0.0.1", "224.0.0.251", "255.255.255.255"})
        EXPECT_EQ(said(Kind::ipv4, address), Drop::not_global) << address;
    EXPECT_EQ(said(Kind::cidr, "0.0.0.0/0"), Drop::not_global);
    EXPECT_EQ(said(Kind::url, "http://192.168.1.1/"), Drop::not_global);
    EXPECT_EQ(said(Kind::ipv6, "fe80::1"), Drop::not_global);
    EXPECT_EQ(said(Kind::domain, "evil.example"), std::nullopt);

    guard.allowed.insert(value(Kind::domain, "www.example.org"));
    EXPECT_EQ(said(Kind::domain, "www.example.org"), std::nullopt);
    EXPECT_EQ(said(Kind::domain, "example.org"), Drop::own_asset);

    guard.purpose = Purpose::detect;
    EXPECT_EQ(said(Kind::domain, "example.org"), std::nullopt);
    EXPECT_EQ(said(Kind::ipv4, "10.1.2.3"), std::nullopt);
    guard.wanted.reset(static_cast<std::size_t>(Kind::domain));
    EXPECT_EQ(said(Kind::domain, "example.org"), Drop::kind_not_asked);
}

TEST(OwnAssets, AccountsAreTheSameInEitherCase) {
    const OwnAssets own(read_own_assets("SOC@Mail.example\n").value());
    EXPECT_TRUE(own.covers(value(Kind::email, "soc@mail.example")));
    EXPECT_TRUE(own.covers(value(Kind::email, "Soc@mail.example")));
    const PublicSuffixes list = suffixes();
    Guard guard{.purpose = Purpose::block, .own = &own, .suffixes = &list};
    EXPECT_EQ(refusal(guard, value(Kind::email, "sOc@mail.example")), Drop::own_asset);
    guard.allowed.insert(folded(value(Kind::email, "Soc@mail.example")));
    EXPECT_EQ(refusal(guard, value(Kind::email, "sOc@mail.example")), std::nullopt);
}

TEST(Refusal, Ipv4WithinIpv6IsAskedAsIpv4) {
    const PublicSuffixes list = suffixes();
    const OwnAssets own(read_own_assets("93.184.216.0/24\n2002:5db8:d901::/48\n").value());
    WarningLists stopping;
    ASSERT_TRUE(stopping.add(R"({"name":"resolvers","type":"cidr","list":["9.9.9.9"]})").has_value()
    );
    const Guard guard{
        .purpose = Purpose::block, .own = &own, .suffixes = &list, .stopping = &stopping};
    const auto said = [&](std::string_view text) { return refusal(guard, *read_address(text)); };
    for (const std::string_view text :
         {"64:ff9b::5db8:d807",
          "64:ff9b::5db8:d800/120",
          "64:ff9b::/96",
          "2002:5db8:d807::/48",
          "2002:5db8:d807:1::1",
          "::ffff:93.184.216.7",
          "93.184.217.1"})
        EXPECT_EQ(said(text), Drop::own_asset) << text;
    const Guard nobody{.purpose = Purpose::block, .suffixes = &list, .stopping = &stopping};
    const auto without = [&](std::string_view text) {
        return refusal(nobody, *read_address(text));
    };
    for (const std::string_view text :
         {"64:ff9b::/96",
          "64:ff9b::/90",
          "64:ff9b::10.1.2.3",
          "2002::/16",
          "2002:a01:203::1",
          "::ffff:0:0/96",
          "::ffff:93.184.216.34",
          "::/0",
          "3fff:1::1",
          "5f00::1"})
        EXPECT_EQ(without(text), Drop::not_global) << text;
    EXPECT_EQ(without("64:ff9b::5db8:0/112"), Drop::network_too_wide);
    EXPECT_EQ(without("2002:5db8::/33"), Drop::network_too_wide);
    EXPECT_EQ(without("64:ff9b::9.9.9.9"), Drop::warning_list);
    EXPECT_EQ(without("64:ff9b::5db8:d822"), std::nullopt);
    EXPECT_EQ(without("64:ff9b::5db8:d800/120"), std::nullopt);
    EXPECT_EQ(without("2002:5db8:d822::/48"), std::nullopt);
    EXPECT_EQ(refusal(nobody, value(Kind::url, "http://[64:ff9b::a01:203]/")), Drop::not_global);
}

TEST(WarningLists, MatchByTheirType) {
    WarningLists lists;
    for (const std::string_view text :
         {R"({"name":"strings","type":"string","list":["Good.example",7,"203.0.113.0/24"]})",
          R"({"name":"hosts","type":"hostname","list":[".cdn.example","host.example"]})",
          R"({"name":"networks","type":"cidr","list":["192.0.2.0/25","2001:DB8::/32","nonsense"]})",
          R"({"name":"parts","type":"substring","list":["tracker","@q"]})",
          R"({"name":"expressions","type":"regex","list":["/^(noc|abuse)\\@.*$/i"]})"}) {
        const auto added = lists.add(text);
        EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().detail);
    }
    const auto hit = [&](Kind kind, std::string_view text) {
        return std::string(lists.hit(value(kind, text)).value_or(""));
    };
    EXPECT_EQ(hit(Kind::domain, "good.example"), "strings");
    EXPECT_EQ(hit(Kind::domain, "a.good.example"), "");
    EXPECT_EQ(hit(Kind::url, "http://good.example/a"), "strings");
    EXPECT_EQ(hit(Kind::ipv4, "203.0.113.9"), "strings");
    EXPECT_EQ(hit(Kind::domain, "x.cdn.example"), "hosts");
    EXPECT_EQ(hit(Kind::domain, "cdn.example"), "hosts");
    EXPECT_EQ(hit(Kind::domain, "notcdn.example"), "");
    EXPECT_EQ(hit(Kind::url, "https://a.host.example/"), "hosts");
    EXPECT_EQ(hit(Kind::ipv4, "192.0.2.127"), "networks");
    EXPECT_EQ(hit(Kind::ipv4, "192.0.2.128"), "");
    EXPECT_EQ(hit(Kind::cidr, "192.0.0.0/16"), "networks");
    EXPECT_EQ(hit(Kind::ipv6, "2001:db8::5"), "networks");
    EXPECT_EQ(hit(Kind::url, "http://evil.example/TRACKER.js"), "parts");
    EXPECT_EQ(hit(Kind::email, "a@q.example"), "parts");
    EXPECT_EQ(hit(Kind::email, "NOC@evil.example"), "expressions");
    EXPECT_EQ(hit(Kind::email, "ceo@evil.example"), "");
    for (const std::string_view bad :
         {"",
          "[]",
          "{}",
          R"({"type":"string"})",
          R"({"type":"shape","list":[]})",
          R"({"type":"regex","list":["/(/"]})",
          R"({"type":"regex","list":["/a/x"]})"})
        EXPECT_FALSE(WarningLists().add(bad).has_value()) << bad;
}

TEST(WarningLists, AnExpressionThatRunsAwayEnds) {
    WarningLists lists;
    ASSERT_TRUE(lists.add(R"({"name":"slow","type":"regex","list":["/^((a+)+)+$/"]})").has_value());
    // What it cannot say in time it is taken to say: a list that stops would fall open.
    EXPECT_EQ(lists.hit(value(Kind::domain, std::string(60, 'a') + ".example")), "slow");
    EXPECT_EQ(lists.hit(value(Kind::domain, "b.example")), std::nullopt);
}

TEST(Collector, KeepsTheLatestVersionOfEach) {
    const Value a = value(Kind::domain, "a.example");
    const Value b = value(Kind::domain, "b.example");
    Collector all;
    all.add(indicator("indicator--1", {b}, "2"));
    all.add(indicator("indicator--1", {a}, "1"));
    EXPECT_EQ(texts(all.make({}, {})), "b.example ");
    Read revoked = indicator("indicator--1", {b}, "2");
    revoked.revoked = true;
    all.add(revoked);
    all.add(indicator("indicator--1", {b}, "2"));
    const Feed feed = all.make({}, {});
    EXPECT_EQ(texts(feed), "");
    EXPECT_EQ(feed.left_out.of(Drop::revoked), 1U);
    EXPECT_EQ(feed.objects, 1U);
}

TEST(Collector, AnotherPartyNeitherReplacesNorWithdrawsWhatIsNotItsOwn) {
    const Value a = value(Kind::domain, "a.example");
    Read theirs = indicator("indicator--1", {a}, "1");
    theirs.custodian = 1;
    Read revoked = indicator("indicator--1", {}, "2");
    revoked.custodian = 2;
    revoked.revoked = true;
    Read other = indicator("indicator--1", {value(Kind::domain, "b.example")}, "3");
    other.custodian = 3;
    Read forbidden = indicator("indicator--1", {}, "4");
    forbidden.custodian = 4;
    forbidden.found.drops = {Drop::use_not_permitted};
    for (const bool first : {true, false}) {
        Collector all;
        if (first) all.add(theirs);
        for (const Read& read : {revoked, other, forbidden})
            all.add(read);
        if (!first) all.add(theirs);
        const Feed feed = all.make({}, {});
        EXPECT_EQ(texts(feed), "a.example b.example ") << first;
        EXPECT_EQ(feed.objects, 4U);
        Read back = theirs;
        back.version = "2";
        back.revoked = true;
        all.add(back);
        EXPECT_EQ(texts(all.make({}, {})), "b.example ") << first;
    }
}

TEST(Collector, WhatIsNotPermittedBySomeWayIsNotInTheFeedWhicheverComesFirst) {
    const Value a = value(Kind::domain, "a.example");
    Read forbidden = indicator("indicator--1", {});
    forbidden.found.drops = {Drop::use_not_permitted};
    for (const bool first : {true, false}) {
        Collector all;
        all.add(first ? forbidden : indicator("indicator--1", {a}));
        all.add(first ? indicator("indicator--1", {a}) : forbidden);
        const Feed feed = all.make({}, {});
        EXPECT_EQ(texts(feed), "") << first;
        EXPECT_EQ(feed.left_out.of(Drop::use_not_permitted), 1U);
        all.add(indicator("indicator--1", {a}, "2"));
        EXPECT_EQ(texts(all.make({}, {})), "a.example ");
    }
}

TEST(Collector, GivesWhatIsValidNowAndSaysWhenThatChanges) {
    Collector all;
    Read later = indicator("indicator--1", {value(Kind::domain, "later.example")});
    later.from = Micros{100};
    Read until = indicator("indicator--2", {value(Kind::domain, "until.example")});
    until.until = Micros{200};
    all.add(later);
    all.add(until);
    const Feed before = all.make({}, Micros{99});
    EXPECT_EQ(texts(before), "until.example ");
    EXPECT_EQ(before.left_out.of(Drop::not_yet_valid), 1U);
    EXPECT_EQ(before.changes_at, Micros{100});
    const Feed between = all.make({}, Micros{100});
    EXPECT_EQ(texts(between), "later.example until.example ");
    EXPECT_EQ(between.changes_at, Micros{200});
    const Feed after = all.make({}, Micros{200});
    EXPECT_EQ(texts(after), "later.example ");
    EXPECT_EQ(after.left_out.of(Drop::expired), 1U);
    EXPECT_EQ(after.changes_at, std::nullopt);
}

TEST(Collector, NamesEachValueOnceWithTheSmallestId) {
    const Value a = value(Kind::domain, "a.example");
    Collector all;
    all.add(indicator("indicator--2", {a, a}));
    all.add(indicator("indicator--1", {a, value(Kind::ipv4, "198.51.100.7")}));
    const Feed feed = all.make({}, {});
    ASSERT_EQ(feed.entries.size(), 2U);
    EXPECT_EQ(feed.entries[0].source, "indicator--1");
}

TEST(Collector, WhoFloodsAFeedTakesNoOthersRoom) {
    const PublicSuffixes list = suffixes();
    const auto network = [&](std::size_t i) {
        return value(
            Kind::cidr, "11." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24"
        );
    };
    Collector all;
    Read flood = indicator("indicator--1", {});
    flood.custodian = 1;
    for (std::size_t i = 0; i < blocked_networks_max + 100; ++i)
        flood.found.values.push_back(network(i));
    Read small = indicator("indicator--2", {network(7)});
    small.custodian = 1;
    Read other = indicator("indicator--3", {network(9), value(Kind::cidr, "93.184.216.0/24")});
    other.custodian = 2;
    for (const Read& read : {flood, small, other})
        all.add(read);
    const Guard guard{.purpose = Purpose::block, .suffixes = &list};
    const Feed feed = all.make(guard, {});
    const auto has = [&](const Value& wanted) {
        return std::ranges::find(feed.entries, wanted, &Entry::value) != feed.entries.end();
    };
    EXPECT_TRUE(has(network(7)));
    EXPECT_TRUE(has(network(9)));
    EXPECT_TRUE(has(value(Kind::cidr, "93.184.216.0/24")));
    EXPECT_LE(feed.entries.size(), blocked_networks_max);
    EXPECT_GE(feed.entries.size(), blocked_networks_max - 2);
    EXPECT_EQ(feed.left_out.of(Drop::too_many), 102U);
    // What is only looked for may be more.
    EXPECT_EQ(all.make({}, {}).entries.size(), blocked_networks_max + 101);
}

TEST(Collector, AFeedOfRulesHasNoMoreThanASensorTakes) {
    Collector all;
    for (std::uint64_t custodian = 1; custodian <= 3; ++custodian) {
        Read read = indicator("indicator--" + std::to_string(custodian), {});
        read.custodian = custodian;
        const std::size_t count = custodian == 1 ? ruled_values_max : custodian * 10;
        for (std::size_t i = 0; i < count; ++i)
            read.found.values.push_back(
                {Kind::domain, std::to_string(i) + ".c" + std::to_string(custodian) + ".example"}
            );
        all.add(std::move(read));
    }
    Guard guard;
    guard.ruled.set(static_cast<std::size_t>(Kind::domain));
    const Feed feed = all.make(guard, {});
    std::array<std::size_t, 4> counts{};
    for (const Entry& entry : feed.entries)
        ++counts[static_cast<std::size_t>(entry.source.back() - '0')];
    EXPECT_EQ(counts[3], 30U);
    EXPECT_EQ(counts[2], 20U);
    EXPECT_EQ(counts[1], ruled_values_max - 50);
}

TEST(Collector, CountsWarningsAndOverrides) {
    WarningLists lists;
    ASSERT_TRUE(
        lists.add(R"({"name":"top sites","type":"hostname","list":["good.example"]})").has_value()
    );
    const PublicSuffixes list = suffixes();
    Collector all;
    all.add(indicator(
        "indicator--1", {value(Kind::domain, "good.example"), value(Kind::domain, "bad.example")}
    ));
    Guard guard{.purpose = Purpose::block, .suffixes = &list, .informing = &lists};
    const Feed told = all.make(guard, {});
    EXPECT_EQ(texts(told), "bad.example good.example ");
    EXPECT_EQ(told.warned.at("top sites"), 1U);
    guard.informing = nullptr;
    guard.stopping = &lists;
    const Feed stopped = all.make(guard, {});
    EXPECT_EQ(texts(stopped), "bad.example ");
    EXPECT_EQ(stopped.left_out.of(Drop::warning_list), 1U);
    guard.purpose = Purpose::detect;
    const Feed looked_for = all.make(guard, {});
    EXPECT_EQ(texts(looked_for), "bad.example good.example ");
    EXPECT_EQ(looked_for.warned.at("top sites"), 1U);
    guard.purpose = Purpose::block;
    guard.allowed = {value(Kind::domain, "good.example"), value(Kind::domain, "bad.example")};
    const Feed allowed = all.make(guard, {});
    EXPECT_EQ(texts(allowed), "bad.example good.example ");
    EXPECT_EQ(allowed.overridden, std::set<Value>{value(Kind::domain, "good.example")});
}

}  // namespace
}  // namespace entente::feed
