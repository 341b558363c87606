#include "base/hash.h"
#include "stix/internal/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <sodium.h>
#include <string>
#include <vector>

namespace entente::stix::internal {
namespace {

/// The doubles that the published vectors begin with: both zeros and the smallest values; thirds of
/// powers of ten, not all of them the nearest double; fives and sixes at
/// ever later places; and what lies around the borders of spellings.
std::vector<double> first_values() {
    // clang-format off
    constexpr double thirds[] = {
        3.3333333333333335e+21, 3.333333333333333e+20, 3.3333333333333336e+19,
        3.333333333333334e+18, 3.333333333333334e+17, 3.333333333333334e+16, 3333333333333334.0,
        333333333333333.4, 33333333333333.344, 3333333333333.334, 333333333333.33344,
        33333333333.33334, 3333333333.333334, 333333333.3333334, 33333333.333333336,
        3333333.3333333335, 333333.3333333333, 33333.333333333336, 3333.333333333333,
        333.3333333333333, 33.333333333333336, 3.3333333333333335, 0.3333333333333333,
        0.03333333333333333, 0.0033333333333333335, 0.0003333333333333333, 3.3333333333333335e-05,
        3.3333333333333333e-06, 3.3333333333333335e-07, 3.3333333333333334e-08,
        3.3333333333333334e-09, 3.333333333333333e-10, 3.3333333333333335e-11,
        3.333333333333333e-12, 3.3333333333333334e-13, 3.3333333333333334e-14,
        3.3333333333333332e-15, 3.333333333333333e-16, 3.3333333333333335e-17,
        3.3333333333333333e-18, 3.3333333333333334e-19, 3.333333333333333e-20,
        3.3333333333333333e-21, 3.333333333333333e-22, 3.3333333333333333e-23,
        3.3333333333333334e-24, 3.3333333333333335e-25, 3.333333333333333e-26,
        3.333333333333333e-27, 3.3333333333333338e-28,
    };
    constexpr double rest[] = {
        10.0, 5.0, 0.5, 0.05, 0.005, 0.0005, 5e-05, 5e-06, 5e-07, 5e-08, 5e-09, 5.06e-06, 5.006e-06,
        5.0006e-06, 5.00006e-06, 5.000006e-06, 5.0000006e-06, 5.00000006e-06, 5.000000006e-06,
        5.0000000006e-06, 5.00000000006e-06, 5.000000000006e-06, 5.0000000000006e-06,
        5.00000000000006e-06, 5.000000000000006e-06, 5e-06, 1.0, -1.0, -0.9999999999999993,
        -0.9999999999999994, 0.9999999999999993, 0.9999999999999994, 0.9999999999999996,
        0.9999999999999998, -0.9999999999999999, -0.9999999999999999, 0.9999999999999999,
        0.9999999999999999, 0.29999999999999993, 0.3, 0.30000000000000004, 2.2250738585072014e-308,
        2.2250738585072e-308, 2.225073858507201e-308, 1.7976931348623157e+308,
        -1.7976931348623157e+308, 9007199254740992.0, -9007199254740992.0, 2.9514790517935283e+20,
        9.999999999999997e+22, 1e+23, 1.0000000000000001e+23, 9.999999999999997e+20,
        9.999999999999999e+20, 1e+21, 9.999999999999997e-07, 1e-06, 333333333.3333332,
        333333333.33333325, 333333333.3333333, 333333333.3333334, 333333333.33333343,
        -3.3333333333333333e-06, 1424953923781206.2,
    };
    // clang-format on
    constexpr double smallest = std::numeric_limits<double>::denorm_min();
    std::vector<double> values = {0.0, -0.0, smallest, -smallest};
    for (const double third : thirds)
        values.push_back(-third);
    values.insert(values.end(), std::begin(thirds), std::end(thirds));
    values.insert(values.end(), std::begin(rest), std::end(rest));
    // 2,000 values from the smallest normal one on.
    for (std::uint64_t i = 0; i < 2'000; ++i)
        values.push_back(std::bit_cast<double>((std::uint64_t{1} << 52U) + i));
    return values;
}

/// After the first values: the eight-byte words, little end first, of the chain of SHA-256 digests
/// of digests, from 32 zero bytes on; without zeros, infinities and what is no number.
class Values {
  public:
    double next() {
        if (at_ < first_.size()) return first_[at_++];
        while (true) {
            if (word_ == digest_.size()) {
                digest_ = sha256(as_text(digest_));
                word_ = 0;
            }
            std::uint64_t bits = 0;
            for (std::size_t i = 8; i-- > 0;)
                bits = bits << 8U | digest_[word_ + i];
            word_ += 8;
            const auto value = std::bit_cast<double>(bits);
            if (value != 0 && std::isfinite(value)) return value;
        }
    }

  private:
    std::vector<double> first_ = first_values();
    std::size_t at_ = 0;
    Digest digest_{};
    std::size_t word_ = digest_.size();
};

struct Published {
    std::uint64_t lines;
    std::string_view sha256;
};

// RFC 8785, appendix B names the file; its author publishes these sums of it, so that nobody has to
// fetch four gigabytes.
constexpr Published published[] = {
    {1'000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687"},
    {10'000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"},
    {100'000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7"},
    {1'000'000, "49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16"},
    {10'000'000, "b9f8a44a91d46813b21b9602e72f112613c91408db0b8341fb94603d9db135e0"},
    {100'000'000, "0f7dda6b0837dde083c5d6b896f7d62340c8a2415b0c7121d83145e08a755272"},
};

/// ENTENTE_NUMBERS lines, 100,000 without it; every published sum on the way must come out.
TEST(Number, ThePublishedVectorsOfRfc8785HaveTheirChecksums) {
    const char* const wanted = std::getenv("ENTENTE_NUMBERS");
    std::uint64_t lines = 100'000;
    if (wanted != nullptr) {
        const auto read = std::from_chars(wanted, wanted + std::strlen(wanted), lines);
        ASSERT_TRUE(read.ec == std::errc{} && *read.ptr == '\0')
            << "ENTENTE_NUMBERS is " << wanted << "; expected a number of lines";
    }
    ASSERT_GE(lines, published[0].lines) << "the smallest published sum is of so many lines";

    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    std::string text;
    const auto hash_text = [&] {
        const auto bytes = as_bytes(text);
        crypto_hash_sha256_update(&state, bytes.data(), bytes.size());
        text.clear();
    };
    Values values;
    std::size_t sum = 0;
    for (std::uint64_t line = 1; line <= lines; ++line) {
        const double value = values.next();
        char hex[16];
        const auto end = std::to_chars(hex, std::end(hex), std::bit_cast<std::uint64_t>(value), 16);
        text.append(hex, end.ptr).append(",");
        append_number(text, value);
        text += '\n';
        if (text.size() > 1U << 20U) hash_text();
        if (sum == std::size(published) || line != published[sum].lines) continue;
        hash_text();
        crypto_hash_sha256_state so_far = state;
        Digest digest;
        crypto_hash_sha256_final(&so_far, digest.data());
        ASSERT_EQ(to_hex(digest), published[sum].sha256) << "after " << line << " lines";
        ++sum;
    }
}

}  // namespace
}  // namespace entente::stix::internal
