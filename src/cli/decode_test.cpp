#define ZLIB_CONST

#include "cli/decode.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

namespace entente::cli {
namespace {

std::string gzip(const std::string& plain) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(plain.size() / 2 + 1'000, '\0');
    stream.next_in = reinterpret_cast<const Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    (void)deflateEnd(&stream);
    return out;
}

std::string zstd(const std::string& plain) {
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
    return out;
}

std::string xz(const std::string& plain) {
    std::string out(lzma_stream_buffer_bound(plain.size()), '\0');
    std::size_t size = 0;
    EXPECT_EQ(
        lzma_easy_buffer_encode(
            6,
            LZMA_CHECK_CRC64,
            nullptr,
            reinterpret_cast<const std::uint8_t*>(plain.data()),
            plain.size(),
            reinterpret_cast<std::uint8_t*>(out.data()),
            &size,
            out.size()
        ),
        LZMA_OK
    );
    out.resize(size);
    return out;
}

/// All of `bytes` fed in pieces of `step` bytes.
Result<std::string> decode(
    const std::string& bytes, std::size_t step, std::uint64_t max = limits::decoded_input_bytes_max
) {
    std::string plain;
    Decoder decoder(
        [&](std::string_view piece) -> Result<void> {
            plain += piece;
            return {};
        },
        max
    );
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        ENTENTE_CHECK(decoder.feed(std::string_view(bytes).substr(at, step)));
    }
    ENTENTE_CHECK(decoder.finish());
    EXPECT_EQ(decoder.decoded_bytes(), plain.size());
    return plain;
}

std::string sample() {
    std::string text;
    for (int i = 0; text.size() < 300'000; ++i)
        text += "line " + std::to_string(i * 7'919) + "\n";
    return text;
}

struct Kind {
    const char* name;
    std::string (*encode)(const std::string&);
};

const Kind kinds[] = {{"gzip", gzip}, {"zstd", zstd}, {"xz", xz}};

TEST(Decode, GivesBackWhatWasEncodedInPiecesOfAnySize) {
    const std::string plain = sample();
    for (const Kind& kind : kinds) {
        const std::string encoded = kind.encode(plain);
        for (const std::size_t step :
             {std::size_t{1}, std::size_t{7}, std::size_t{4'096}, encoded.size()}) {
            SCOPED_TRACE(std::string(kind.name) + " in " + std::to_string(step));
            const auto decoded = decode(encoded, step);
            ASSERT_TRUE(decoded) << decoded.error().detail;
            EXPECT_TRUE(*decoded == plain);
        }
    }
}

TEST(Decode, JoinsMembersAndFrames) {
    for (const Kind& kind : kinds) {
        for (const std::size_t step : {std::size_t{1}, std::size_t{1'000}}) {
            const auto decoded =
                decode(kind.encode("one\n") + kind.encode("") + kind.encode("two\n"), step);
            ASSERT_TRUE(decoded) << kind.name << decoded.error().detail;
            EXPECT_EQ(*decoded, "one\ntwo\n") << kind.name;
        }
    }
}

TEST(Decode, PlainTextPassesEvenWhenShort) {
    for (const char* text : {"", "{", "{}", "\x1f", "(\xb5/"})
        EXPECT_EQ(decode(text, 1).value(), text);
}

TEST(Decode, ACutOffStreamIsMalformed) {
    const std::string plain = sample();
    for (const Kind& kind : kinds) {
        const std::string encoded = kind.encode(plain);
        for (const std::size_t keep : {encoded.size() - 1, encoded.size() / 2, std::size_t{8}}) {
            const auto decoded = decode(encoded.substr(0, keep), 512);
            ASSERT_FALSE(decoded) << kind.name << " " << keep;
            EXPECT_EQ(decoded.error().code, Errc::malformed);
        }
    }
}

TEST(Decode, ADamagedStreamIsMalformed) {
    const std::string plain = sample();
    for (const Kind& kind : kinds) {
        std::string encoded = kind.encode(plain);
        encoded[encoded.size() / 2] = static_cast<char>(encoded[encoded.size() / 2] ^ 0x55);
        const auto decoded = decode(encoded, 512);
        // zstd frames of ZSTD_compress carry no checksum, so there the text may only differ.
        EXPECT_TRUE(!decoded || *decoded != plain) << kind.name;
        if (!decoded) {
            EXPECT_EQ(decoded.error().code, Errc::malformed) << decoded.error().detail;
        }
    }
    EXPECT_FALSE(decode(gzip("a") + "garbage", 512));
}

TEST(Decode, ZerosBehindAGzipMemberArePadding) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{512}, std::size_t{20'000}}) {
        const std::string zeros(10'000, '\0');
        const auto decoded = decode(gzip("one\n") + zeros + gzip("two\n") + zeros, step);
        ASSERT_TRUE(decoded) << decoded.error().detail;
        EXPECT_EQ(*decoded, "one\ntwo\n");
    }
    EXPECT_FALSE(decode(gzip("a") + std::string(10, '\0') + "garbage", 512));
}

TEST(Decode, AGzipFileMayHaveAnyNumberOfMembers) {
    // Blocked gzip has one for each 64 KiB.
    std::string encoded;
    const std::string member = gzip("x");
    for (std::size_t i = 0; i <= limits::gzip_members_max; ++i)
        encoded += member;
    const auto decoded = decode(encoded, 1U << 20U);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(decoded->size(), limits::gzip_members_max + 1);
}

TEST(Decode, LimitsWhatComesOut) {
    // 64 MiB of zeros are a few KiB encoded.
    const std::string zeros(64U << 20U, '\0');
    for (const Kind& kind : kinds) {
        std::size_t most = 0;
        std::uint64_t passed = 0;
        Decoder decoder(
            [&](std::string_view piece) -> Result<void> {
                most = std::max(most, piece.size());
                passed += piece.size();
                return {};
            },
            1U << 20U
        );
        const auto fed = decoder.feed(kind.encode(zeros));
        ASSERT_FALSE(fed) << kind.name;
        EXPECT_EQ(fed.error().code, Errc::too_large);
        EXPECT_LE(passed, 1U << 20U);
        EXPECT_LE(most, 1U << 20U) << "pieces stay small";
    }
    EXPECT_TRUE(decode("12345", 5, 5));
    EXPECT_FALSE(decode("123456", 6, 5));
}

TEST(Decode, TheSinkCanStopIt) {
    Decoder decoder([](std::string_view) -> Result<void> {
        return fail(Errc::conflict, "enough");
    });
    const auto fed = decoder.feed(gzip("some text"));
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, Errc::conflict);
}

class DecodeFile : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "entente-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }

    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string file(const std::string& text) {
        const std::string path = directory_ + "/f";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    std::string directory_;
};

TEST_F(DecodeFile, ReadsFilesAndTellsHowFar) {
    const std::string encoded = gzip(sample());
    const std::string path = file(encoded);
    std::string plain;
    std::uint64_t read = 0;
    const auto done = decode_file(
        path,
        [&](std::string_view piece) -> Result<void> {
            plain += piece;
            return {};
        },
        limits::decoded_input_bytes_max,
        [&](std::uint64_t so_far) { read = so_far; }
    );
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_TRUE(plain == sample());
    EXPECT_EQ(read, encoded.size());
    const auto info = inspect_input(path);
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->regular);
    EXPECT_EQ(info->bytes, encoded.size());
}

TEST_F(DecodeFile, NamesTheFileInErrors) {
    const auto sink = [](std::string_view) -> Result<void> { return {}; };
    const auto missing = decode_file(directory_ + "/missing", sink);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_NE(missing.error().detail.find("/missing"), std::string::npos);
    const auto directory = decode_file(directory_, sink);
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().code, Errc::invalid_argument);
    const auto cut = decode_file(file(gzip("abc").substr(0, 12)), sink);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, Errc::malformed);
    EXPECT_NE(cut.error().detail.find(directory_), std::string::npos);
}

}  // namespace
}  // namespace entente::cli
