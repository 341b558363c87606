#include "ledger/key_file.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/hash.h"
#include "ledger/internal/lines.h"

#include <fmt/format.h>

#include <sodium.h>

namespace entente::ledger {
namespace {

constexpr std::string_view encrypted_header = "entente-key/v1";
constexpr std::string_view plain_header = "entente-key-plain/v1";
constexpr std::size_t seed_bytes = crypto_sign_SEEDBYTES;
constexpr std::size_t sealed_bytes = seed_bytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;

static_assert(std::tuple_size_v<decltype(KeyFileSalt::salt)> == crypto_pwhash_argon2id_SALTBYTES);
static_assert(
    std::tuple_size_v<decltype(KeyFileSalt::nonce)> == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
);
static_assert(kdf_interactive.passes == crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE);
static_assert(kdf_interactive.memory_bytes == crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE);
static_assert(kdf_moderate.passes == crypto_pwhash_argon2id_OPSLIMIT_MODERATE);
static_assert(kdf_moderate.memory_bytes == crypto_pwhash_argon2id_MEMLIMIT_MODERATE);

/// Bytes that are wiped when they go.
template <std::size_t size>
struct Secret {
    std::array<std::uint8_t, size> bytes{};
    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    ~Secret() { sodium_memzero(bytes.data(), bytes.size()); }
};

/// A key file's lines, read and judged but for the passphrase.
struct Parsed {
    KeyFileHead head;
    KdfCost cost;
    KeyFileSalt salt;
    std::string_view bound;   // the text before the secret: what the encryption authenticates
    std::string_view secret;  // base64
};

std::string cost_problem(KdfCost cost) {
    const bool fits = cost.passes >= 1 && cost.passes <= limits::key_kdf_passes_max &&
                      cost.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
                      cost.memory_bytes <= limits::key_kdf_memory_bytes_max &&
                      cost.memory_bytes % 1024 == 0;
    if (fits) return {};
    return fmt::format(
        "{} passes over {} bytes; 1 to {} passes over {} to {} bytes, a multiple of 1024, are "
        "allowed",
        cost.passes,
        cost.memory_bytes,
        limits::key_kdf_passes_max,
        crypto_pwhash_argon2id_MEMLIMIT_MIN,
        limits::key_kdf_memory_bytes_max
    );
}

Result<void> derive(
    Secret<32>& key,
    std::string_view passphrase,
    const std::array<std::uint8_t, 16>& salt,
    KdfCost cost
) {
    if (crypto_pwhash_argon2id(
            key.bytes.data(),
            key.bytes.size(),
            passphrase.data(),
            passphrase.size(),
            salt.data(),
            cost.passes,
            static_cast<std::size_t>(cost.memory_bytes),
            crypto_pwhash_argon2id_ALG_ARGON2ID13
        ) != 0) {
        return fail(
            Errc::overloaded,
            fmt::format("not enough memory for the passphrase: {} bytes", cost.memory_bytes)
        );
    }
    return {};
}

std::string head_text(std::string_view header, const Verifier& verifier) {
    return fmt::format("{}\nkey {}\n", header, verifier_text(verifier));
}

/// `kdf argon2id PASSES MEMORY SALT`
Result<void> read_kdf(internal::Lines& lines, Parsed& parsed) {
    ENTENTE_TRY(std::string_view words, lines.value("kdf"));
    const auto wrong = [&] {
        return lines.fail_here("expected \"kdf argon2id PASSES BYTES SALT\"");
    };
    if (internal::cut_word(words) != "argon2id") return wrong();
    const auto passes = internal::read_number(internal::cut_word(words));
    const auto memory = internal::read_number(internal::cut_word(words));
    if (!passes || !memory || !internal::read_base64(words, parsed.salt.salt)) return wrong();
    // Compared as they stand: a cast first could make a small number of a huge one.
    if (*passes > limits::key_kdf_passes_max || *memory > limits::key_kdf_memory_bytes_max) {
        parsed.cost = {.passes = limits::key_kdf_passes_max + 1, .memory_bytes = *memory};
    } else {
        parsed.cost = {.passes = static_cast<std::uint32_t>(*passes), .memory_bytes = *memory};
    }
    return {};
}

Result<Parsed> parse(std::string_view text) {
    if (text.size() > limits::key_file_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "a key file of {} bytes; at most {}", text.size(), limits::key_file_bytes_max
            )
        );
    }
    internal::Lines lines("key file", text);
    Parsed parsed;
    ENTENTE_TRY(const std::string_view header, lines.next("a key file"));
    parsed.head.encrypted = header == encrypted_header;
    if (!parsed.head.encrypted && header != plain_header) {
        if (header.starts_with("entente-key/") || header.starts_with("entente-key-plain/")) {
            return fail(
                Errc::unprocessable,
                fmt::format(
                    "a key file of the unknown version \"{}\"; known are {} and {}",
                    printable(header, 80),
                    encrypted_header,
                    plain_header
                )
            );
        }
        return lines.fail_here(
            fmt::format("a key file begins with {} or {}", encrypted_header, plain_header)
        );
    }
    ENTENTE_TRY(const std::string_view key, lines.value("key"));
    auto verifier = verifier_of(key);
    if (!verifier) return lines.fail_here(verifier.error().detail);
    parsed.head.verifier = std::move(*verifier);
    if (parsed.head.encrypted) {
        ENTENTE_CHECK(read_kdf(lines, parsed));
        if (const std::string problem = cost_problem(parsed.cost); !problem.empty()) {
            return fail(
                Errc::unprocessable,
                fmt::format("key file, line {}: asks for {}", lines.number(), problem)
            );
        }
        ENTENTE_TRY(const std::string_view nonce, lines.value("xchacha20-poly1305"));
        if (!internal::read_base64(nonce, parsed.salt.nonce)) {
            return lines.fail_here("expected 24 bytes as base64");
        }
    }
    parsed.bound = text.substr(0, lines.consumed());
    ENTENTE_TRY(parsed.secret, lines.value(parsed.head.encrypted ? "sealed" : "seed"));
    ENTENTE_CHECK(lines.end());
    return parsed;
}

Result<Signer> open_plain(const Parsed& parsed) {
    Secret<seed_bytes> seed;
    if (!internal::read_base64(parsed.secret, seed.bytes)) {
        return fail(
            Errc::malformed, "key file, line 3: the seed is not 32 bytes as base64 (cut off?)"
        );
    }
    ENTENTE_TRY(Signer signer, Signer::from_seed(parsed.head.verifier.name, seed.bytes));
    if (signer.verifier() != parsed.head.verifier) {
        return fail(Errc::corrupt, "key file: the seed is not that of the key on line 2");
    }
    return signer;
}

Result<Signer> open_sealed(const Parsed& parsed, std::string_view passphrase) {
    std::array<std::uint8_t, sealed_bytes> sealed{};
    if (!internal::read_base64(parsed.secret, sealed)) {
        return fail(Errc::malformed, "key file, line 5: not 48 bytes as base64 (cut off?)");
    }
    const auto wrong = [] {
        return fail(
            Errc::unauthorized, "key file: the passphrase is wrong, or the file was changed"
        );
    };
    // No file was written under such a passphrase; no work for it either.
    if (passphrase.size() > limits::password_bytes_max) return wrong();
    Secret<32> key;
    ENTENTE_CHECK(derive(key, passphrase, parsed.salt.salt, parsed.cost));
    Secret<seed_bytes> seed;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            seed.bytes.data(),
            nullptr,
            nullptr,
            sealed.data(),
            sealed.size(),
            as_bytes(parsed.bound).data(),
            parsed.bound.size(),
            parsed.salt.nonce.data(),
            key.bytes.data()
        ) != 0) {
        return wrong();
    }
    ENTENTE_TRY(Signer signer, Signer::from_seed(parsed.head.verifier.name, seed.bytes));
    if (signer.verifier() != parsed.head.verifier) return wrong();
    return signer;
}

std::string write_plain(const Signer& signer) {
    Secret<seed_bytes> seed;
    seed.bytes = signer.seed();
    std::string encoded = to_base64(as_text(seed.bytes));
    std::string text;
    const std::string head = head_text(plain_header, signer.verifier());
    // Reserved, so that no copy of the secret stays behind in freed memory.
    text.reserve(head.size() + encoded.size() + 16);
    text.append(head).append("seed ").append(encoded) += '\n';
    sodium_memzero(encoded.data(), encoded.size());
    return text;
}

Result<std::string> write_sealed(
    const Signer& signer, std::string_view passphrase, const KeyFileSalt& salt, KdfCost cost
) {
    if (passphrase.size() < limits::password_bytes_min ||
        passphrase.size() > limits::password_bytes_max) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "the passphrase of a key has {} to {} bytes",
                limits::password_bytes_min,
                limits::password_bytes_max
            )
        );
    }
    if (const std::string problem = cost_problem(cost); !problem.empty()) {
        return fail(Errc::invalid_argument, "the cost of a passphrase: " + problem);
    }
    std::string text = head_text(encrypted_header, signer.verifier());
    text += fmt::format(
        "kdf argon2id {} {} {}\nxchacha20-poly1305 {}\n",
        cost.passes,
        cost.memory_bytes,
        to_base64(as_text(salt.salt)),
        to_base64(as_text(salt.nonce))
    );
    Secret<32> key;
    ENTENTE_CHECK(derive(key, passphrase, salt.salt, cost));
    Secret<seed_bytes> seed;
    seed.bytes = signer.seed();
    std::array<std::uint8_t, sealed_bytes> sealed{};
    unsigned long long length = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed.data(),
        &length,
        seed.bytes.data(),
        seed.bytes.size(),
        as_bytes(text).data(),
        text.size(),
        nullptr,
        salt.nonce.data(),
        key.bytes.data()
    );
    ENTENTE_ASSERT(length == sealed.size());
    text.append("sealed ").append(to_base64(as_text(sealed))) += '\n';
    return text;
}

}  // namespace

Result<std::string> write_key_file(
    const Signer& signer,
    std::optional<std::string_view> passphrase,
    const KeyFileSalt& salt,
    KdfCost cost
) {
    constexpr std::size_t lines_bytes_max = 512;  // all but the name
    if (signer.verifier().name.size() > limits::key_file_bytes_max - lines_bytes_max) {
        return fail(Errc::too_large, "the name of the key is too long for a key file");
    }
    if (!passphrase) return write_plain(signer);
    return write_sealed(signer, *passphrase, salt, cost);
}

Result<KeyFileHead> read_key_file_head(std::string_view text) {
    ENTENTE_TRY(Parsed parsed, parse(text));
    return std::move(parsed.head);
}

Result<Signer> read_key_file(std::string_view text, std::optional<std::string_view> passphrase) {
    ENTENTE_TRY(const Parsed parsed, parse(text));
    if (!parsed.head.encrypted) return open_plain(parsed);
    if (!passphrase) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "the key {} lies under a passphrase, and none was given",
                printable(parsed.head.verifier.name, 80)
            )
        );
    }
    return open_sealed(parsed, *passphrase);
}

}  // namespace entente::ledger
