#pragma once
// SipHash-1-3 over short keys (Aumasson, Bernstein: SipHash, 2012; one compression and three
// finalisation rounds, as hash tables use it): who makes values must not be able to choose where
// they fall.
#include "base/table_hash.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace entente::match {

class KeyedHash {
  public:
    explicit KeyedHash(const TableKey& key) noexcept {
        std::memcpy(&k0_, key.data(), 8);
        std::memcpy(&k1_, key.data() + 8, 8);
    }

    /// Of `head` as eight bytes in little endian, followed by `bytes`.
    [[nodiscard]] std::uint64_t operator()(std::uint64_t head, std::string_view bytes)
        const noexcept {
        State s{
            k0_ ^ 0x736f6d6570736575ULL,
            k1_ ^ 0x646f72616e646f6dULL,
            k0_ ^ 0x6c7967656e657261ULL,
            k1_ ^ 0x7465646279746573ULL};
        s.take(head);
        const char* at = bytes.data();
        std::size_t left = bytes.size();
        for (; left >= 8; left -= 8, at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, 8);
            s.take(word);
        }
        std::uint64_t last = static_cast<std::uint64_t>(bytes.size() + 8) << 56U;
        for (std::size_t i = 0; i < left; ++i)
            last |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
        s.take(last);
        s.v2 ^= 0xffU;
        s.round();
        s.round();
        s.round();
        return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    }

  private:
    struct State {
        std::uint64_t v0, v1, v2, v3;

        void round() noexcept {
            v0 += v1;
            v1 = std::rotl(v1, 13) ^ v0;
            v0 = std::rotl(v0, 32);
            v2 += v3;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 += v3;
            v3 = std::rotl(v3, 21) ^ v0;
            v2 += v1;
            v1 = std::rotl(v1, 17) ^ v2;
            v2 = std::rotl(v2, 32);
        }

        void take(std::uint64_t word) noexcept {
            v3 ^= word;
            round();
            v0 ^= word;
        }
    };

    static_assert(std::endian::native == std::endian::little);
    std::uint64_t k0_ = 0, k1_ = 0;
};

}  // namespace entente::match
