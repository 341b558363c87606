#pragma once
// Digests by OpenSSL, which uses the processor's SHA instructions; keyed digests, authenticated
// encryption of small tokens, base64 by libsodium; hex. Threads: all functions are safe.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace entente {

using Digest = std::array<std::uint8_t, 32>;
using Key = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view bytes) noexcept;

/// Only where a standard computes names so (UUID version 5, RFC 4122, 4.3): it does not withstand
/// attacks.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view bytes) noexcept;

/// BLAKE2b-256 keyed with `key`: for stored token hashes and deterministic nonces.
[[nodiscard]] Digest keyed_hash(const Key& key, std::string_view bytes) noexcept;

/// True when both are equal, in time that depends only on the lengths.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b) noexcept;

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string to_base64url(std::string_view bytes);  // no padding
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);
/// Standard alphabet, padding optional (HTTP Basic, RFC 7617).
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// XChaCha20-Poly1305 with a nonce derived from the plaintext by keyed hash: the same text under
/// the same key gives the same token. `bound` is authenticated but not contained. Result: nonce,
/// ciphertext, tag, as base64url.
[[nodiscard]] std::string seal_token(
    const Key& key, std::string_view plain, std::string_view bound
);
/// Nothing when the token was not made by `seal_token` with this key and `bound`.
[[nodiscard]] std::optional<std::string> open_token(
    const Key& key, std::string_view token, std::string_view bound
);

inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace entente
