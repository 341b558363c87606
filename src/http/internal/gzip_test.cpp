#include "http/internal/gzip.h"

#include "base/gunzip.h"
#include "base/limits.h"
#include "http/internal/test_peer.h"

#include <gtest/gtest.h>

#include <random>

namespace entente::http {
namespace {

using test::zlib_gunzip;
using test::zlib_gzip;
using State = Gunzip::State;

std::string json_like(std::size_t bytes) {
    std::string out;
    for (unsigned i = 0; out.size() < bytes; ++i) {
        out += "{\"type\":\"indicator\",\"id\":\"indicator--" + std::to_string(i * 2654435761U) +
               "\"},";
    }
    out.resize(bytes);
    return out;
}

std::string noise(std::size_t bytes) {
    std::mt19937 random(7);
    std::string out(bytes, '\0');
    for (char& c : out)
        c = static_cast<char>(random());
    return out;
}

State decode(std::string_view packed, std::string& out, std::uint64_t max, std::size_t step) {
    Gunzip gunzip;
    while (!packed.empty()) {
        const State state = gunzip.feed(packed.substr(0, step), out, max);
        if (state != State::ok) return state;
        packed.remove_prefix(std::min(step, packed.size()));
    }
    return gunzip.complete() ? State::ok : State::broken;
}

TEST(Gzip, ZlibReadsWhatWeWrite) {
    for (const std::size_t size : {0U, 1U, 100U, 4'096U, 65'536U, 1'000'000U, 5'000'000U}) {
        SCOPED_TRACE(size);
        EXPECT_EQ(zlib_gunzip(gzip(json_like(size))), json_like(size));
        EXPECT_EQ(zlib_gunzip(gzip(noise(size))), noise(size));
    }
    EXPECT_LT(gzip(json_like(1'000'000)).size(), 300'000U);
}

TEST(Gunzip, ReadsWhatZlibWritesInAnySteps) {
    for (const std::size_t size : {0U, 1U, 1'000U, 200'000U}) {
        const std::string plain = json_like(size);
        const std::string packed = zlib_gzip(plain);
        for (const std::size_t step : {1U, 2U, 7U, 1'000U, 1'000'000U}) {
            SCOPED_TRACE(std::to_string(size) + " in steps of " + std::to_string(step));
            std::string out;
            EXPECT_EQ(decode(packed, out, size, step), State::ok);
            EXPECT_EQ(out, plain);
        }
    }
}

TEST(Gunzip, ReadsSeveralMembers) {
    std::string packed;
    std::string plain;
    for (int i = 0; i < 50; ++i) {
        const std::string piece = json_like(static_cast<std::size_t>(i) * 37);
        plain += piece;
        packed += i % 2 == 0 ? zlib_gzip(piece) : gzip(piece);
    }
    for (const std::size_t step : {1U, 13U, 100'000U}) {
        SCOPED_TRACE(step);
        std::string out;
        EXPECT_EQ(decode(packed, out, plain.size(), step), State::ok);
        EXPECT_EQ(out, plain);
    }
}

TEST(Gunzip, ReadsHeadersWithOptionalFieldsInAnySteps) {
    // RFC 1952, 2.3: FHCRC 2, FEXTRA 4, FNAME 8, FCOMMENT 16, before the deflate data of an
    // ordinary member.
    const std::string member = zlib_gzip("hello");
    for (int flags = 0; flags < 32; flags += 2) {
        std::string packed = member.substr(0, 10);
        packed[3] = static_cast<char>(flags);
        if ((flags & 4) != 0) packed += std::string("\x04\0abcd", 6);
        if ((flags & 8) != 0) packed += std::string("name\0", 5);
        if ((flags & 16) != 0) packed += std::string("comment\0", 8);
        if ((flags & 2) != 0) packed += "xx";
        packed += member.substr(10);
        for (const std::size_t step : {1U, 2U, 3U, 5U, 1'000U}) {
            SCOPED_TRACE(std::to_string(flags) + " in steps of " + std::to_string(step));
            std::string out;
            EXPECT_EQ(decode(packed, out, 5, step), State::ok);
            EXPECT_EQ(out, "hello");
        }
    }
}

TEST(Gunzip, TheLimitIsExact) {
    const std::string plain = json_like(100'000);
    const std::string packed = zlib_gzip(plain);
    std::string out;
    EXPECT_EQ(decode(packed, out, plain.size(), 1'000), State::ok);
    out.clear();
    EXPECT_EQ(decode(packed, out, plain.size() - 1, 1'000), State::too_large);
    EXPECT_LT(out.size(), plain.size());
}

TEST(Gunzip, ABombStopsAtTheLimit) {
    const std::string bomb = zlib_gzip(std::string(32U << 20U, '\0'));
    ASSERT_LT(bomb.size(), 1U << 20U);
    std::string out;
    EXPECT_EQ(decode(bomb, out, 1'000'000, bomb.size()), State::too_large);
    EXPECT_LE(out.size(), 1'000'000U);
    EXPECT_LE(out.capacity(), 4U << 20U);
}

TEST(Gunzip, EveryCutIsNoticed) {
    const std::string packed = zlib_gzip(json_like(300));
    for (std::size_t size = 0; size < packed.size(); ++size) {
        SCOPED_TRACE(size);
        std::string out;
        EXPECT_EQ(decode(packed.substr(0, size), out, 1'000, 1'000), State::broken);
    }
}

TEST(Gunzip, FlippedBitsNeverGiveOtherContent) {
    const std::string plain = json_like(300);
    const std::string packed = zlib_gzip(plain);
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
        std::string changed = packed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        std::string out;
        // Some bits of the header (time, system) say nothing about the content.
        if (decode(changed, out, 100'000, 10'000) == State::ok) {
            EXPECT_EQ(out, plain) << bit;
        }
    }
}

TEST(Gunzip, RefusesOtherThings) {
    for (const std::string& bytes :
         {std::string("{\"objects\":[]}"),
          std::string("\x1f\x8b"),
          std::string("\x78\x9c\x03\x00", 4),
          noise(1'000),
          zlib_gzip("a") + "trailing garbage",
          zlib_gzip("a") + std::string(10, '\0')}) {
        std::string out;
        EXPECT_EQ(decode(bytes, out, 1'000'000, 10'000), State::broken);
    }
}

TEST(Gunzip, EndlessEmptyMembersAreRefused) {
    const std::string empty = zlib_gzip("");
    std::string packed;
    for (std::size_t i = 0; i <= limits::gzip_members_max; ++i)
        packed += empty;
    std::string out;
    EXPECT_EQ(decode(packed, out, 10, 1U << 20U), State::broken);
}

}  // namespace
}  // namespace entente::http
