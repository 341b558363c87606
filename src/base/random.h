#pragma once
// Randomness as a dependency: the machine's in production, a seeded one in tests.
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace entente {

/// Threads: implementations are safe to call at once.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// libsodium's generator.
[[nodiscard]] Random& system_random() noexcept;

/// A repeatable stream for tests; never for secrets.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}

    void fill(std::span<std::uint8_t> out) override;
    /// Starts the stream of `seed` from its beginning.
    void reseed(std::uint64_t seed);

  private:
    std::mutex mutex_;  // guards all members
    std::uint64_t seed_;
    std::uint64_t calls_ = 0;
};

/// A random (version 4) UUID in canonical lower-case text (RFC 4122; TAXII 2.1 identifiers, T12).
[[nodiscard]] std::string new_uuid(Random& random);

/// True for 8-4-4-4-12 lower- or upper-case hexadecimal digits, any version.
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

}  // namespace entente
