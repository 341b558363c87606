#include "base/hash.h"

#include "base/assert.h"

#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <sodium.h>

namespace entente {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* raw(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

/// Finding an algorithm takes as long as hashing a small object, and so does making a context: the
/// one is done once, the other once a thread.
EVP_MD* found(const char* name) noexcept {
    EVP_MD* const algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    ENTENTE_ASSERT(algorithm != nullptr);
    return algorithm;
}

template <std::size_t bytes_of_digest>
std::array<std::uint8_t, bytes_of_digest> digest(const EVP_MD* algorithm, std::string_view bytes) {
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    std::array<std::uint8_t, bytes_of_digest> out{};
    unsigned length = 0;
    // These fail only where there is no memory, or no such algorithm.
    ENTENTE_ASSERT(
        context != nullptr && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
        EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
        EVP_DigestFinal_ex(context.get(), out.data(), &length) == 1 && length == out.size()
    );
    return out;
}

std::string encode(std::string_view bytes, int variant) {
    std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), raw(bytes), bytes.size(), variant);
    out.resize(std::strlen(out.c_str()));
    return out;
}

std::optional<std::string> decode(std::string_view text, int variant) {
    std::string out(text.size(), '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(
            reinterpret_cast<unsigned char*>(out.data()),
            out.size(),
            text.data(),
            text.size(),
            nullptr,
            &length,
            &end,
            variant
        ) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    out.resize(length);
    return out;
}

}  // namespace

Digest sha256(std::string_view bytes) noexcept {
    static const EVP_MD* const algorithm = found("SHA256");
    return digest<std::tuple_size_v<Digest>>(algorithm, bytes);
}

std::array<std::uint8_t, 20> sha1(std::string_view bytes) noexcept {
    static const EVP_MD* const algorithm = found("SHA1");
    return digest<20>(algorithm, bytes);
}

Digest keyed_hash(const Key& key, std::string_view bytes) noexcept {
    Digest out{};
    crypto_generichash(out.data(), out.size(), raw(bytes), bytes.size(), key.data(), key.size());
    return out;
}

bool equal_secrets(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    static constexpr char alphabet[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t b : bytes) {
        out += alphabet[b >> 4U];
        out += alphabet[b & 15U];
    }
    return out;
}

std::string to_base64url(std::string_view bytes) {
    return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::string> from_base64url(std::string_view text) {
    return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string to_base64(std::string_view bytes) {
    return encode(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::optional<std::string> from_base64(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    return decode(text, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

std::string seal_token(const Key& key, std::string_view plain, std::string_view bound) {
    // The nonce is a keyed hash of what is sealed, so one position always gives one token and no
    // nonce repeats for different texts (the construction of synthetic IVs, RFC 5297).
    std::string material;
    material.append("nonce").append(bound).push_back('\0');
    material.append(plain);
    const Digest hash = keyed_hash(key, material);
    std::string out(nonce_bytes + plain.size() + tag_bytes, '\0');
    std::memcpy(out.data(), hash.data(), nonce_bytes);
    unsigned long long length = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        reinterpret_cast<unsigned char*>(out.data()) + nonce_bytes,
        &length,
        raw(plain),
        plain.size(),
        raw(bound),
        bound.size(),
        nullptr,
        hash.data(),
        key.data()
    );
    ENTENTE_ASSERT(length == plain.size() + tag_bytes);
    return to_base64url(out);
}

std::optional<std::string> open_token(
    const Key& key, std::string_view token, std::string_view bound
) {
    const auto bytes = from_base64url(token);
    if (!bytes || bytes->size() < nonce_bytes + tag_bytes) return std::nullopt;
    std::string plain(bytes->size() - nonce_bytes - tag_bytes, '\0');
    unsigned long long length = 0;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            reinterpret_cast<unsigned char*>(plain.data()),
            &length,
            nullptr,
            raw(*bytes) + nonce_bytes,
            bytes->size() - nonce_bytes,
            raw(bound),
            bound.size(),
            raw(*bytes),
            key.data()
        ) != 0) {
        return std::nullopt;
    }
    return plain;
}

}  // namespace entente
