#include "http/forwarded.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

std::string client(const std::string& peer, const std::vector<std::string>& forwarded) {
    const std::vector<IpNetwork> trusted{
        parse_network("10.0.0.0/8").value(), parse_network("2001:db8:aaaa::/48").value()};
    Headers headers;
    for (const std::string& value : forwarded)
        headers.add("x-forwarded-for", value);
    return client_address(peer, headers, trusted);
}

TEST(Forwarded, AStrangerIsNotBelieved) {
    EXPECT_EQ(client("192.0.2.1", {"198.51.100.7"}), "192.0.2.1");
    EXPECT_EQ(client("2001:db8::1", {"198.51.100.7"}), "2001:db8::1");
    EXPECT_EQ(client_address("10.0.0.1", {}, {}), "10.0.0.1");
}

TEST(Forwarded, TheLastAddressThatIsNoTrustedProxyIsTheClient) {
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.7"}), "198.51.100.7");
    EXPECT_EQ(client("10.0.0.1", {"203.0.113.9, 198.51.100.7"}), "198.51.100.7");
    EXPECT_EQ(client("10.0.0.1", {"203.0.113.9, 198.51.100.7, 10.0.0.2"}), "198.51.100.7");
    EXPECT_EQ(client("10.0.0.1", {"203.0.113.9", "198.51.100.7,10.0.0.2"}), "198.51.100.7");
    EXPECT_EQ(client("2001:db8:aaaa::1", {"2001:DB8:1::7"}), "2001:db8:1::7");
    EXPECT_EQ(client("::ffff:10.0.0.1", {"198.51.100.7"}), "198.51.100.7");
}

TEST(Forwarded, PortsAreLeftOut) {
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.7:4711"}), "198.51.100.7");
    EXPECT_EQ(client("10.0.0.1", {"[2001:db8:1::7]:4711"}), "2001:db8:1::7");
    EXPECT_EQ(client("10.0.0.1", {"[2001:db8:1::7]"}), "2001:db8:1::7");
}

TEST(Forwarded, WithoutAnAddressTheProxyCounts) {
    EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {""}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {"unknown"}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.7, unknown"}), "10.0.0.1");
    EXPECT_EQ(client("10.0.0.1", {"198.51.100.7, unknown, 10.0.0.2"}), "10.0.0.2");
    EXPECT_EQ(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
    EXPECT_EQ(client("10.0.0.1", {"[2001:db8:1::7"}), "10.0.0.1");
}

TEST(Forwarded, ALongListIsReadFromItsEndOnly) {
    std::string list = "198.51.100.7";
    for (std::size_t i = 0; i < limits::forwarded_addresses_max; ++i)
        list += ", 10.0.0.2";
    EXPECT_EQ(client("10.0.0.1", {list}), "10.0.0.2");
    EXPECT_EQ(client("10.0.0.1", {list.substr(0, list.rfind(','))}), "198.51.100.7");
}

}  // namespace
}  // namespace entente::http
