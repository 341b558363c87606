#include "match/event_reader.h"

#include "match/indicators.h"
#include "match/watch.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::match {
namespace {

/// Whether `pattern` hits any event of `lines`.
bool hits(
    const std::vector<std::string>& lines,
    std::string_view pattern,
    std::optional<Format> format = std::nullopt,
    std::shared_ptr<const FieldMap> fields = default_fields()
) {
    IndicatorSet set({{}, true});
    const auto added = set.add({1, pattern, pattern::Dialect::v21, {}});
    EXPECT_TRUE(added.has_value()) << pattern << (added ? "" : added.error().detail);
    Watch watch(set.publish());
    EventReader reader(format, std::move(fields));
    bool any = false;
    std::uint64_t number = 0;
    for (const std::string& line : lines) {
        const auto read = reader.read(line, [&](const Event& event) {
            any = !watch.look(event, ++number).empty() || any;
        });
        EXPECT_TRUE(read.has_value()) << line << (read ? "" : read.error().detail);
    }
    return any;
}

TEST(EventReader, AnIpv4AddressThatIsMappedIntoIpv6IsAnIpv4Address) {
    for (const std::string_view at : {"::ffff:203.0.113.5", "::FFFF:cb00:7105"}) {
        const std::vector<std::string> lines{
            R"({"@timestamp":"2026-01-01T00:00:00Z","ecs":{"version":"8"},"source":{"ip":")" +
            std::string(at) + R"("},"url":{"full":"http://[)" + std::string(at) + R"(]:8080/x"}})"};
        for (const std::string_view pattern :
             {"[ipv4-addr:value = '203.0.113.5']",
              "[network-traffic:src_ref.value = '203.0.113.5']",
              "[network-traffic:src_ref.value = '::ffff:203.0.113.5']",
              "[ipv4-addr:value ISSUBSET '203.0.113.0/24']",
              "[ipv6-addr:value = '::ffff:203.0.113.5']",
              "[ipv6-addr:value = '::ffff:203.0.113.0/120']",
              "[url:value = 'http://203.0.113.5:8080/x']"})
            EXPECT_TRUE(hits(lines, pattern)) << pattern;
        EXPECT_FALSE(hits(lines, "[ipv4-addr:value = '203.0.113.6']"));
        EXPECT_FALSE(hits(lines, "[ipv6-addr:value = '::fffe:203.0.113.5']"));
    }
}

struct Case {
    std::string_view name;
    std::vector<std::string> lines;
    std::vector<std::string_view> found;
    std::vector<std::string_view> not_found;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"zeek, tab-separated",
         {"#separator \\x09",
          "#set_separator\t,",
          "#unset_field\t-",
          "#path\tdns",
          "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tanswers",
          "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tvector[string]",
          "1588205199.824370\tC1\t10.0.1.6\t54243\t10.0.0.4\t53\tudp\tWWW.Evil.example\t"
          "cdn.evil.example,192.0.2.7"},
         {"[domain-name:value = 'www.evil.example']",
          "[domain-name:value = 'cdn.evil.example']",
          "[ipv4-addr:value = '192.0.2.7']",
          "[domain-name:value = 'www.evil.example' AND domain-name:resolves_to_refs[*].value = "
          "'192.0.2.7']",
          "[network-traffic:src_ref.value = '10.0.1.6' AND network-traffic:dst_port = 53 AND "
          "network-traffic:protocols[*] = 'udp']",
          "[ipv4-addr:value = '10.0.1.6'] START t'2020-04-30T00:06:39.8Z' STOP "
          "t'2020-04-30T00:06:39.9Z'"},
         {"[network-traffic:dst_ref.value = '10.0.1.6']", "[domain-name:value = '-']"}},
        {"zeek, escapes and another set separator",
         {"#separator \\x09",
          "#set_separator\t|",
          "#empty_field\t(empty)",
          "#unset_field\t-",
          "#path\thttp",
          "#fields\tts\thost\turi\tuser_agent\ttags\tid.orig_h\tid.resp_h",
          "#types\ttime\tstring\tstring\tstring\tset[enum]\taddr\taddr",
          "1588205199.8\tevil.example\t/a\\x09b\tcurl\t(empty)\t10.0.0.1\t10.0.0.2"},
         {"[network-traffic:extensions.'http-request-ext'.request_value MATCHES '^/a\\\\tb$']",
          "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl']",
          "[domain-name:value = 'evil.example']"},
         {"[url:value = 'http://evil.example/a\\\\x09b']"}},
        {"zeek, JSON with both spellings of names",
         {R"({"_path":"ssl","ts":1588205199.8,"id.orig_h":"10.0.0.1","id.resp_h":"192.0.2.9","server_name":"evil.example","subject":"CN=evil.example","cert_chain_fps":["b2dafbcdbc75210672f137f27ce882ccb799887631655d4f11191d5a678e44fe","aadafbcdbc75210672f137f27ce882ccb799887631655d4f11191d5a678e44fe"],"ja3":"6271f898ce5be7dd52b0fc260d0662b3"})",
          R"({"@stream":"files","ts":"2020-05-01T00:00:00Z","tx_hosts":["192.0.2.10"],"md5":"D41D8CD98F00B204E9800998ECF8427E","filename":"a.exe"})",
          R"({"@stream":"x509","id_orig_h":"10.0.0.3","certificate_serial":"0A","certificate_not_valid_before":1500000000.0})"},
         {"[x509-certificate:subject = 'CN=evil.example']",
          "[x509-certificate:hashes.'SHA-256' = "
          "'aadafbcdbc75210672f137f27ce882ccb799887631655d4f11191d5a678e44fe']",
          "[network-traffic:x_ja3 = '6271f898ce5be7dd52b0fc260d0662b3']",
          "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND file:name = 'a.exe']",
          "[network-traffic:src_ref.value = '192.0.2.10']",
          "[x509-certificate:serial_number = '0a' AND x509-certificate:validity_not_before < "
          "t'2018-01-01T00:00:00Z']"},
         {"[email-message:subject = 'CN=evil.example']"}},
        {"Elastic Common Schema, nested and with points",
         {R"({"@timestamp":"2026-01-01T00:00:00Z","ecs":{"version":"8.0"},"dns":{"answers":[{"data":"192.0.2.4"}],"question":{"name":"evil.example"}},"source":{"ip":"10.1.1.1"}})",
          R"({"@timestamp":"2026-01-01T00:00:00Z","destination.ip":"192.0.2.5","url.full":"https://Evil.example:443/x","process":{"pid":7,"executable":"C:\\Users\\a\\evil.exe","name":"evil.exe","command_line":"evil.exe -x","hash":{"md5":"d41d8cd98f00b204e9800998ecf8427e"},"parent":{"name":"cmd.exe"}},"user":{"name":"alice"}})",
          R"({"_source":{"@timestamp":"2026-01-01T00:00:00Z","email":{"from":{"address":["Mallory <m@evil.example>"]},"to":{"address":"a@b.example"},"subject":"hello"}}})",
          R"({"@timestamp":"2026-01-01T00:00:00Z","winlog":{"event_data":{"Image":"C:\\a\\b.exe"}},"related":{"ip":["192.0.2.6"]}})"},
         {"[domain-name:value = 'evil.example' AND domain-name:resolves_to_refs[*].value = "
          "'192.0.2.4']",
          "[network-traffic:dst_ref.value = '192.0.2.5']",
          "[url:value = 'https://evil.example/x']",
          "[process:command_line = 'evil.exe -x' AND process:pid = 7 AND "
          "process:image_ref.hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' AND "
          "process:image_ref.parent_directory_ref.path = 'C:\\\\Users\\\\a' AND "
          "process:parent_ref.image_ref.name = 'cmd.exe' AND "
          "process:creator_user_ref.account_login = 'alice']",
          "[email-message:from_ref.value = 'm@evil.example' AND email-message:subject = 'hello']",
          "[process:image_ref.name = 'b.exe']",
          "[ipv4-addr:value = '192.0.2.6']"},
         {"[network-traffic:src_ref.value = '192.0.2.5']"}},
        {"Open Cybersecurity Schema Framework",
         {R"({"class_uid":4001,"time":1767225600000,"src_endpoint":{"ip":"10.0.0.1","port":4000},"dst_endpoint":{"ip":"2001:DB8::1","port":443},"connection_info":{"protocol_name":"TCP"},"observables":[{"name":"x","type_id":6,"value":"http://evil.example/a"}]})",
          R"({"class_uid":1001,"time":1767225600000,"file":{"name":"a.exe","path":"/tmp/x/a.exe","hashes":[{"algorithm_id":3,"value":"9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"}]},"actor":{"process":{"cmd_line":"sh -c a"}}})"},
         {"[network-traffic:dst_ref.value = '2001:db8:0:0::1' AND network-traffic:src_port = "
          "4000 AND network-traffic:protocols[*] = 'tcp']",
          "[url:value = 'http://evil.example/a']",
          "[file:name = 'a.exe' AND file:parent_directory_ref.path = '/tmp/x' AND "
          "file:hashes.'SHA-256' = "
          "'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08']",
          "[process:command_line = 'sh -c a']",
          "[ipv4-addr:value = '10.0.0.1'] START t'2026-01-01T00:00:00Z' STOP "
          "t'2026-01-01T00:00:01Z'"},
         {"[file:name = 'b.exe']"}},
        {"Sysmon",
         {R"({"SourceName":"Microsoft-Windows-Sysmon","EventID":1,"@timestamp":"2022-08-04T08:20:10.554Z","UtcTime":"2022-08-04 15:20:10.522","Image":"C:\\Windows\\System32\\evil.exe","CommandLine":"evil.exe -Embedding","ProcessId":"4392","ParentImage":"C:\\Windows\\svchost.exe","Hashes":"SHA1=9B0C636DF33BDE21F986279911E0FB03C96EE357,MD5=98321825F06128D24ADE15AA703E193F,IMPHASH=0","User":"PEDRO01\\IT01-Pedro"})",
          R"({"Event":{"System":{"EventID":22,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"QueryName":"evil.example","QueryResults":"type:  5 www.evil.example;::ffff:192.0.2.8;"}}})",
          R"({"EventID":13,"Channel":"x","TargetObject":"HKU\\S-1-5-21\\Software\\Run\\Updater","Details":"c:\\evil.exe"})",
          R"({"EventID":3,"Channel":"x","SourceIp":"10.0.0.1","DestinationIp":"192.0.2.77","DestinationPort":"8443","Protocol":"6","DestinationHostname":"-"})",
          R"({"EventID":7,"Channel":"x","Image":"C:\\a\\host.exe","ImageLoaded":"C:\\a\\evil.dll","Hashes":"MD5=AACBCF90E0226234BAAF7AA98334EFD7"})"},
         {"[process:image_ref.name = 'evil.exe' AND process:image_ref.hashes.'SHA-1' = "
          "'9b0c636df33bde21f986279911e0fb03c96ee357' AND process:pid = 4392]",
          "[process:creator_user_ref.account_login = 'IT01-Pedro']",
          "[file:hashes.MD5 = '98321825f06128d24ade15aa703e193f']",
          "[process:pid = 4392] START t'2022-08-04T15:20:10Z' STOP t'2022-08-04T15:20:11Z'",
          "[domain-name:value = 'www.evil.example']",
          "[ipv4-addr:value = '192.0.2.8']",
          "[windows-registry-key:key = 'HKEY_USERS\\\\S-1-5-21\\\\Software\\\\Run' AND "
          "windows-registry-key:values[*].name = 'Updater' AND "
          "windows-registry-key:values[*].data = 'c:\\\\evil.exe']",
          "[network-traffic:dst_ref.value = '192.0.2.77' AND network-traffic:protocols[*] = 'tcp']",
          "[file:name = 'evil.dll' AND file:hashes.MD5 = 'aacbcf90e0226234baaf7aa98334efd7']"},
         {"[domain-name:value = '-']",
          "[file:name = 'host.exe' AND file:hashes.MD5 = 'aacbcf90e0226234baaf7aa98334efd7']"}},
        {"plain values, defanged and in any case",
         {"# a list",
          "hxxp://Evil[.]Example/a",
          "198.51.100.7",
          "D41D8CD98F00B204E9800998ECF8427E",
          "Mallory@EVIL.example",
          "sub.bad.example",
          "192.0.2.1:8080"},
         {"[url:value = 'http://evil.example/a']",
          "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
          "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
          "[email-addr:value = 'Mallory@evil.example']",
          "[domain-name:value LIKE '%.bad.example']",
          "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 8080]"},
         {"[ipv4-addr:value = '192.0.2.2']"}},
        {"observed data",
         {R"({"type":"observed-data","number_observed":1,"first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","objects":{"0":{"type":"ipv4-addr","value":"192.0.2.3"}}})"},
         {"[ipv4-addr:value = '192.0.2.3']"},
         {"[ipv4-addr:value = '192.0.2.4']"}},
        {"EVE",
         {R"({"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"dns","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","dns":{"version":3,"type":"request","queries":[{"rrname":"evil.example","rrtype":"A"}]}})"},
         {"[domain-name:value = 'evil.example']"},
         {"[url:value LIKE '%evil%']"}}};
    return all;
}

TEST(EventReader, TellsFormatsApartAndFindsWhatEventsShow) {
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        for (const std::string_view pattern : c.found)
            EXPECT_TRUE(hits(c.lines, pattern)) << pattern;
        for (const std::string_view pattern : c.not_found)
            EXPECT_FALSE(hits(c.lines, pattern)) << pattern;
    }
}

TEST(EventReader, TakesALineThatIsBrokenAsAnErrorAndGoesOn) {
    const std::vector<std::string> broken{
        "{\"ts\":1.0,\"id.orig_h\":\"10.0.0.1\"",
        "{\"ts\":1.0,\"id.orig_h\":\"10.0.0.1",
        "a\tb",
        "[1]",
        std::string(100, '{'),
        "{\"\\u0000\":1, \"ts\": tru}"};
    EventReader reader(Format::zeek);
    std::size_t events = 0;
    const auto count = [&](const Event&) { ++events; };
    for (const std::string& line : broken)
        EXPECT_FALSE(reader.read(line, count).has_value()) << line;
    EXPECT_EQ(events, 0U);
    ASSERT_TRUE(reader.read(R"({"ts":1.0,"id.orig_h":"10.0.0.1"})", count).has_value());
    EXPECT_EQ(events, 1U);
    EXPECT_TRUE(reader.read("#fields\tts\thost", count).has_value());
    EXPECT_FALSE(reader.read("1.0\ta\tb", count).has_value());
    EXPECT_TRUE(reader.read("1.0\ta.example", count).has_value());
    EXPECT_EQ(events, 2U);
}

TEST(FieldMap, IsExtendedByAPerson) {
    const auto fields = std::make_shared<FieldMap>();
    const auto added = fields->add(
        "# ours\n"
        "json  peer.addr      network-traffic:dst_ref.value   # who was asked\n"
        "json  when\ttime\n"
        "json  tags.score     x-ours:score.value\r\n"
        "eve   http.xff       ipv4-addr:value\n"
        "zeek  host           -\n"
        "ecs   labels.family  x-ours:family"
    );
    ASSERT_TRUE(added.has_value()) << added.error().detail;
    const std::vector<std::string> ours{
        R"({"peer":[{"addr":"192.0.2.1"}],"when":1767225600,"tags":{"score":"high"}})"};
    EXPECT_TRUE(hits(ours, "[network-traffic:dst_ref.value = '192.0.2.1']", Format::json, fields));
    EXPECT_TRUE(hits(ours, "[x-ours:score.value = 'high']", Format::json, fields));
    EXPECT_TRUE(hits(
        ours,
        "[ipv4-addr:value = '192.0.2.1'] START t'2026-01-01T00:00:00Z' STOP "
        "t'2026-01-02T00:00:00Z'",
        Format::json,
        fields
    ));
    const std::vector<std::string> eve{
        R"({"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"http","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","http":{"hostname":"a.example","url":"/","xff":"192.0.2.9"}})"};
    EXPECT_TRUE(hits(eve, "[ipv4-addr:value = '192.0.2.9']", std::nullopt, fields));
    EXPECT_TRUE(hits(
        eve,
        "[network-traffic:src_ref.value = '10.0.0.1' AND "
        "network-traffic:extensions.'http-request-ext'.request_value = '/']",
        std::nullopt,
        fields
    ));
    EXPECT_FALSE(hits(eve, "[ipv4-addr:value = '192.0.2.9']"));
    const std::vector<std::string> zeek{R"({"_path":"http","ts":1.0,"host":"evil.example"})"};
    EXPECT_TRUE(hits(zeek, "[domain-name:value = 'evil.example']"));
    EXPECT_FALSE(hits(zeek, "[domain-name:value = 'evil.example']", std::nullopt, fields));
}

TEST(FieldMap, SaysWhichLineIsWrong) {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"\nzeek host", "line 2: expected a format"},
        {"suricata host url:value", "line 1: expected a format"},
        {"plain host url:value", "line 1: expected a format"},
        {"zeek host url", "line 1: 'url' is nothing"},
        {"zeek host url:value more", "line 1: expected a format"},
        {"zeek host x-a:b_ref", "'x-a:b_ref' is nothing"},
        {"zeek host x-a:b[0]", "is nothing"},
        {"zeek host a:b = 'x'] OR [c:d", "line 1"},
        {"zeek a..b url:value", "names with points"},
        {"zeek " + std::string(5'000, 'a') + " url:value", "line 1: longer than"}};
    for (const auto& [text, words] : wrong) {
        FieldMap fields;
        const auto added = fields.add(text);
        ASSERT_FALSE(added.has_value()) << text;
        EXPECT_NE(added.error().detail.find(words), std::string::npos) << added.error().detail;
    }
    FieldMap many;
    std::string lines;
    for (int i = 0; i < 20'000; ++i)
        lines += "json f" + std::to_string(i) + " url:value\n";
    const auto added = many.add(lines);
    ASSERT_FALSE(added.has_value());
    EXPECT_EQ(added.error().code, Errc::too_large);
}

TEST(EventReader, NamesOfAnyLengthAndEscapedOnesAreRead) {
    const std::string name(2U << 20U, 'a');
    const std::string more = "\"" + name + "\":1,\"a\\\"b\":2,";
    const std::vector<std::pair<Format, std::string>> lines{
        {Format::eve,
         R"({"event_type":"dns",)" + more + R"("dns":{)" + more +
             R"("rrn\u0061me":"evil.example"}})"},
        {Format::eve,
         R"({"event_type":"dns",)" + more + R"("dns":{)" + more + R"("rrname":"evil.example"}})"},
        {Format::zeek, R"({"_path":"dns","ts":1.5,)" + more + R"("qu\u0065ry":"evil.example"})"},
        {Format::ecs,
         R"({"@timestamp":"2026-06-01T00:00:00Z",)" + more + R"("dns":{)" + more +
             R"("question":{)" + more + R"("name":"evil.example"}}})"}};
    for (const auto& [format, line] : lines) {
        EXPECT_TRUE(hits({line}, "[domain-name:value = 'evil.example']", format))
            << line.substr(0, 40);
    }
}

}  // namespace
}  // namespace entente::match
