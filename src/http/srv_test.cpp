#include "http/client.h"
#include "http/internal/srv_answer.h"

#include <gtest/gtest.h>

namespace entente::http {
namespace {

using Answer = std::vector<std::pair<std::string, std::uint16_t>>;

void add16(std::string& out, unsigned value) {
    out += static_cast<char>(value >> 8U);
    out += static_cast<char>(value & 255U);
}

/// A name in the wire form of RFC 1035, 3.1, without compression.
std::string wire_name(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        const std::size_t end = std::min(name.find('.'), name.size());
        out += static_cast<char>(end);
        out += name.substr(0, end);
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return out + '\0';
}

struct Srv {
    unsigned priority, weight, port;
    std::string target;  // in wire form
};

/// An answer to the question for _taxii2._tcp.example.org (RFC 1035, 4.1; RFC 2782).
std::string packet(const std::vector<Srv>& records, unsigned flags = 0x8180) {
    std::string out;
    add16(out, 0x1234);
    add16(out, flags);
    add16(out, 1);
    add16(out, static_cast<unsigned>(records.size()));
    add16(out, 0);
    add16(out, 0);
    out += wire_name("_taxii2._tcp.example.org");
    add16(out, 33);
    add16(out, 1);
    for (const Srv& record : records) {
        add16(out, 0xc00c);  // pointer to the question's name
        add16(out, 33);
        add16(out, 1);
        add16(out, 0);
        add16(out, 300);
        add16(out, static_cast<unsigned>(6 + record.target.size()));
        add16(out, record.priority);
        add16(out, record.weight);
        add16(out, record.port);
        out += record.target;
    }
    return out;
}

Result<Answer> parse(std::string_view bytes) {
    return parse_srv_answer({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// What a name server sends for `_taxii2._tcp.example.org. 300 IN SRV 0 5 443 taxii.example.org.`,
// byte for byte; the name of the owner is compressed, that of the target is not (RFC 2782).
TEST(SrvAnswer, ReadsAPacketAsItIsOnTheWire) {
    const std::string_view bytes(
        "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        "\x07_taxii2\x04_tcp\x07"
        "example\x03org\x00\x00\x21\x00\x01"
        "\xc0\x0c\x00\x21\x00\x01\x00\x00\x01\x2c\x00\x19"
        "\x00\x00\x00\x05\x01\xbb\x05taxii\x07"
        "example\x03org\x00",
        12 + 26 + 4 + 12 + 6 + 19
    );
    const auto answer = parse(bytes);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(*answer, (Answer{{"taxii.example.org", 443}}));
}

TEST(SrvAnswer, BestFirst) {
    const auto answer = parse(packet(
        {{20, 0, 1, wire_name("c.example")},
         {10, 5, 2, wire_name("b.example")},
         {10, 60, 3, wire_name("A.Example")},
         {30, 99, 65535, wire_name("d.example")}}
    ));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(
        *answer,
        (Answer{{"a.example", 3}, {"b.example", 2}, {"c.example", 1}, {"d.example", 65535}})
    );
}

TEST(SrvAnswer, LeavesOutWhatIsNoHost) {
    const auto answer = parse(packet(
        {{1,
          1,
          443,
          std::string(
              "\x03"
              "a/b\x00",
              5
          )},
         {1,
          1,
          443,
          std::string(
              "\x03"
              "a\r\n\x00",
              5
          )},
         {1, 1, 0, wire_name("zero-port.example")},
         {1, 1, 443, wire_name("good.example")}}
    ));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(*answer, (Answer{{"good.example", 443}}));
}

TEST(SrvAnswer, SaysWhyThereIsNothing) {
    const auto code = [](const std::string& bytes) {
        const auto answer = parse(bytes);
        EXPECT_FALSE(answer);
        return answer ? Errc::corrupt : answer.error().code;
    };
    EXPECT_EQ(code(packet({})), Errc::not_found);
    EXPECT_EQ(code(packet({}, 0x8183)), Errc::not_found);                               // NXDOMAIN
    EXPECT_EQ(code(packet({}, 0x8182)), Errc::overloaded);                              // SERVFAIL
    EXPECT_EQ(code(packet({{0, 0, 443, std::string(1, '\0')}})), Errc::not_found);      // "."
    EXPECT_EQ(code(packet({{0, 0, 443, wire_name("a.b")}}, 0x8380)), Errc::malformed);  // truncated
    EXPECT_EQ(
        code(packet({{0, 0, 443, wire_name("a.b")}}, 0x0180)), Errc::malformed
    );  // a question
    EXPECT_EQ(code(std::string(20'000, '\0')), Errc::malformed);
}

TEST(SrvAnswer, LiesAreRefused) {
    // A name that points to itself, one that points beyond the packet, one longer than its record
    // says.
    for (const std::string& target :
         {std::string("\xc0\x3e", 2),
          std::string("\xff\xff", 2),
          std::string(
              "\x3f"
              "abc",
              4
          )}) {
        EXPECT_FALSE(parse(packet({{0, 0, 443, target}})));
    }
    EXPECT_FALSE(parse(packet({{0, 0, 443, wire_name("a.b") + "junk"}})));
}

TEST(SrvAnswer, CutOrChangedPacketsNeverCrash) {
    const std::string good =
        packet({{1, 2, 443, wire_name("a.example")}, {2, 2, 80, wire_name("b.example")}});
    ASSERT_TRUE(parse(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        // A copy of exactly that size, so that the address sanitizer sees any read past the end.
        const std::vector<std::uint8_t> cut(
            good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)
        );
        EXPECT_FALSE(parse_srv_answer(cut)) << size;
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned value = 0; value < 256; ++value) {
            std::vector<std::uint8_t> changed(good.begin(), good.end());
            changed[at] = static_cast<std::uint8_t>(value);
            (void)parse_srv_answer(changed);
        }
    }
}

TEST(SrvAnswer, ReadsABoundedNumberOfRecords) {
    const auto answer = parse(packet(std::vector<Srv>(200, {1, 1, 443, wire_name("a.b")})));
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->size(), 32U);
}

TEST(LookupSrv, RefusesWhatIsNoName) {
    for (const std::string_view name : {"", "a b", "a/b", "-a", "a\r\n"}) {
        const auto answer = lookup_srv(name);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, Errc::invalid_argument);
    }
}

}  // namespace
}  // namespace entente::http
