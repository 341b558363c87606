#include "base/ip.h"

#include <gtest/gtest.h>

namespace entente {
namespace {

TEST(Ip, ReadsAndWritesBothKinds) {
    EXPECT_EQ(ip_text(parse_ip("192.0.2.7").value()), "192.0.2.7");
    EXPECT_EQ(ip_text(parse_ip("2001:DB8:0:0::1").value()), "2001:db8::1");
    EXPECT_EQ(ip_text(parse_ip("::ffff:192.0.2.7").value()), "192.0.2.7");
    EXPECT_EQ(ip_text(parse_ip("fe80::1%eth0").value()), "fe80::1");
    for (const char* wrong :
         {"", "a", "192.0.2", "192.0.2.256", "1.2.3.4.5", "[::1]", "::1::", "1.2.3.4 "})
        EXPECT_FALSE(parse_ip(wrong)) << wrong;
    EXPECT_FALSE(parse_ip(std::string("1.2.3.4\0", 8)));
    EXPECT_FALSE(parse_ip(std::string(1'000'000, '1')));
}

TEST(Ip, KnowsLoopback) {
    for (const char* text : {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(is_loopback(parse_ip(text).value())) << text;
    for (const char* text : {"128.0.0.1", "::2", "::", "10.0.0.1", "100::1"})
        EXPECT_FALSE(is_loopback(parse_ip(text).value())) << text;
}

TEST(Ip, AClientIsOneIpv4AddressOrOneIpv6Network64) {
    const auto key = [](const char* text) { return client_key(parse_ip(text).value()); };
    EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
    EXPECT_EQ(key("192.0.2.1"), key("::ffff:192.0.2.1"));
    EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
}

TEST(Ip, ANetworkContainsWhatBeginsLikeIt) {
    const auto inside = [](const char* network, const char* address) {
        return parse_network(network).value().contains(parse_ip(address).value());
    };
    EXPECT_TRUE(inside("10.0.0.0/8", "10.255.1.2"));
    EXPECT_TRUE(inside("10.0.0.0/8", "::ffff:10.1.1.1"));
    EXPECT_FALSE(inside("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(inside("192.0.2.128/25", "192.0.2.200"));
    EXPECT_FALSE(inside("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(inside("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(inside("192.0.2.1", "192.0.2.2"));
    EXPECT_TRUE(inside("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(inside("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(inside("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(inside("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(inside("::/0", "8.8.8.8"));
    EXPECT_TRUE(inside("::1", "::1"));
}

TEST(Ip, WhatIsNoNetworkIsRefusedWithWhatWouldBeRight) {
    for (const char* wrong :
         {"",
          "/8",
          "10.0.0.0/",
          "10.0.0.0/33",
          "::/129",
          "10.0.0.0/8/8",
          "10.0.0.0/-1",
          "10.0.0.0/ 8",
          "proxy.example",
          "fe80::1%eth0",
          "10.0.0.0/+8"})
        EXPECT_EQ(parse_network(wrong).error().code, Errc::invalid_argument) << wrong;
    EXPECT_NE(
        parse_network("10.1.2.3/8").error().detail.find("do you mean 10.0.0.0/8?"),
        std::string::npos
    );
    EXPECT_NE(
        parse_network("2001:db8::1/32").error().detail.find("do you mean 2001:db8::/32?"),
        std::string::npos
    );
}

}  // namespace
}  // namespace entente
