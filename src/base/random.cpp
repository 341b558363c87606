#include "base/random.h"

#include "base/assert.h"
#include "base/hash.h"

#include <array>
#include <cstring>
#include <sodium.h>

namespace entente {
namespace {
class SystemRandom final : public Random {
  public:
    SystemRandom() { ENTENTE_ASSERT(sodium_init() >= 0); }

    void fill(std::span<std::uint8_t> out) override { randombytes_buf(out.data(), out.size()); }
};
}  // namespace

Random& system_random() noexcept {
    static SystemRandom random;
    return random;
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    std::array<std::uint8_t, randombytes_SEEDBYTES> seed{};
    {
        const std::lock_guard lock(mutex_);
        std::memcpy(seed.data(), &seed_, sizeof seed_);
        std::memcpy(seed.data() + sizeof seed_, &calls_, sizeof calls_);
        ++calls_;
    }
    randombytes_buf_deterministic(out.data(), out.size(), seed.data());
}

void SeededRandom::reseed(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    seed_ = seed;
    calls_ = 0;
}

std::string new_uuid(Random& random) {
    std::array<std::uint8_t, 16> raw{};
    random.fill(raw);
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0fU) | 0x40U);
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3fU) | 0x80U);
    const std::string hex = to_hex(raw);
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
           hex.substr(16, 4) + '-' + hex.substr(20);
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') return false;
        } else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    return true;
}

}  // namespace entente
