#include "ledger/note.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sodium.h>

namespace entente::ledger {
namespace {

constexpr std::string_view mark = "\xe2\x80\x94 ";  // em dash, space: begins a signature line
constexpr std::size_t shown_bytes = 80;             // of a name, in errors

/// The Unicode spaces (White_Space) beyond ASCII's, which are control characters but for U+0020.
constexpr std::string_view wide_spaces[] = {
    "\xc2\x85",      // U+0085 next line
    "\xc2\xa0",      // U+00A0 no-break space
    "\xe1\x9a\x80",  // U+1680 ogham space mark
    "\xe2\x80\xa8",  // U+2028 line separator
    "\xe2\x80\xa9",  // U+2029 paragraph separator
    "\xe2\x80\xaf",  // U+202F narrow no-break space
    "\xe2\x81\x9f",  // U+205F medium mathematical space
    "\xe3\x80\x80",  // U+3000 ideographic space
};

bool control(char c) {
    return static_cast<unsigned char>(c) < 0x20;
}

/// REQUIRES: `name` is UTF-8, so that a space's bytes are a space.
bool has_wide_space(std::string_view name) {
    for (const std::string_view space : wide_spaces) {
        if (name.find(space) != std::string_view::npos) return true;
    }
    // U+2000 to U+200A
    for (std::size_t at = name.find("\xe2\x80"); at != std::string_view::npos;
         at = name.find("\xe2\x80", at + 1)) {
        const auto last = static_cast<unsigned char>(name[at + 2]);
        if (last >= 0x80 && last <= 0x8a) return true;
    }
    return false;
}

/// What is wrong with a key's name; empty when nothing is.
std::string_view name_problem(std::string_view name) {
    if (name.empty()) return "is empty";
    if (!is_utf8(name)) return "is not UTF-8";
    if (std::ranges::any_of(name, control)) return "has control characters";
    if (name.find('+') != std::string_view::npos) return "has a '+'";
    if (name.find(' ') != std::string_view::npos || has_wide_space(name)) return "has a space";
    return {};
}

std::size_t line_of(std::string_view text, std::size_t at) {
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')
               );
}

/// What holds for a whole note and for its text: UTF-8, no control characters but line feeds.
std::optional<std::string> bytes_problem(std::string_view bytes) {
    const auto bad = std::ranges::find_if(bytes, [](char c) { return control(c) && c != '\n'; });
    if (bad != bytes.end()) {
        return fmt::format(
            "line {}: the control character 0x{:02x}; a note has no other than line feeds",
            line_of(bytes, static_cast<std::size_t>(bad - bytes.begin())),
            static_cast<unsigned>(*bad)
        );
    }
    if (!is_utf8(bytes)) return "not UTF-8";
    return std::nullopt;
}

std::array<std::uint8_t, 4> key_id(std::string_view name, std::span<const std::uint8_t, 32> key) {
    std::string input(name);
    input += '\n';
    input += static_cast<char>(SignatureType::ed25519);
    input += as_text(key);
    const Digest digest = sha256(input);
    return {digest[0], digest[1], digest[2], digest[3]};
}

/// Standard base64 in its only spelling: with padding, no bits beyond the last byte.
std::optional<std::string> strict_base64(std::string_view text) {
    auto bytes = from_base64(text);
    if (bytes && to_base64(*bytes) != text) bytes.reset();
    return bytes;
}

/// `line` without its line feed.
Result<Signature> read_signature(std::string_view line, std::size_t number) {
    const auto bad = [&](std::string_view what) {
        return fail(Errc::malformed, fmt::format("line {}: {}", number, what));
    };
    if (!line.starts_with(mark)) {
        return bad("a signature begins with an em dash (U+2014) and a space");
    }
    line.remove_prefix(mark.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return bad("no signature after the name of the key");
    const std::string_view name = line.substr(0, space);
    if (const std::string_view problem = name_problem(name); !problem.empty()) {
        return bad(fmt::format("the name of the key {}", problem));
    }
    const auto blob = strict_base64(line.substr(space + 1));
    if (!blob) return bad("the signature is not standard base64 (RFC 4648, 4) with its padding");
    Signature signature{.name = std::string(name), .id = {}, .bytes = {}};
    if (blob->size() <= signature.id.size()) return bad("the signature is too short");
    std::ranges::copy(as_bytes(*blob).first<4>(), signature.id.begin());
    signature.bytes = blob->substr(signature.id.size());
    return signature;
}

bool verifies(const Verifier& key, std::string_view text, const Signature& signature) {
    // libsodium refuses S beyond the group's order, keys and R of small order (RFC 8032, 8.4).
    return signature.bytes.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(
               as_bytes(signature.bytes).data(), as_bytes(text).data(), text.size(), key.key.data()
           ) == 0;
}

}  // namespace

Result<Signer> Signer::from_seed(std::string name, std::span<const std::uint8_t, 32> seed) {
    if (const std::string_view problem = name_problem(name); !problem.empty()) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "the name of a key {}: \"{}\"; such as example.com/entente",
                problem,
                printable(name, shown_bytes)
            )
        );
    }
    Signer signer;
    crypto_sign_seed_keypair(signer.verifier_.key.data(), signer.secret_.data(), seed.data());
    signer.verifier_.id = key_id(name, signer.verifier_.key);
    signer.verifier_.name = std::move(name);
    return signer;
}

Signer::Signer(Signer&& other) noexcept
    : verifier_(std::move(other.verifier_)),
      secret_(other.secret_) {
    sodium_memzero(other.secret_.data(), other.secret_.size());
}

Signer& Signer::operator=(Signer&& other) noexcept {
    if (this != &other) {
        verifier_ = std::move(other.verifier_);
        secret_ = other.secret_;
        sodium_memzero(other.secret_.data(), other.secret_.size());
    }
    return *this;
}

Signer::~Signer() {
    sodium_memzero(secret_.data(), secret_.size());
}

std::array<std::uint8_t, 64> Signer::sign(std::string_view bytes) const noexcept {
    std::array<std::uint8_t, 64> signature{};
    crypto_sign_detached(
        signature.data(), nullptr, as_bytes(bytes).data(), bytes.size(), secret_.data()
    );
    return signature;
}

std::array<std::uint8_t, 32> Signer::seed() const noexcept {
    std::array<std::uint8_t, 32> seed{};
    crypto_sign_ed25519_sk_to_seed(seed.data(), secret_.data());
    return seed;
}

std::string verifier_text(const Verifier& verifier) {
    std::string blob(1, static_cast<char>(SignatureType::ed25519));
    blob += as_text(verifier.key);
    return verifier.name + '+' + to_hex(verifier.id) + '+' + to_base64(blob);
}

Result<Verifier> verifier_of(std::string_view text) {
    const auto bad = [](std::string_view what) {
        return fail(
            Errc::invalid_argument,
            fmt::format("not a key: {}; expected name+hexadecimal id+base64", what)
        );
    };
    if (text.size() > limits::note_bytes_max) return bad("too long");
    const std::size_t plus = text.find('+');
    if (plus == std::string_view::npos) return bad("no '+' after the name");
    const std::string_view name = text.substr(0, plus);
    if (const std::string_view problem = name_problem(name); !problem.empty()) {
        return bad(fmt::format("the name {}", problem));
    }
    const std::string_view rest = text.substr(plus + 1);
    if (rest.size() < 9 || rest[8] != '+') return bad("the id is not eight digits and a '+'");
    const auto blob = strict_base64(rest.substr(9));
    if (!blob) return bad("what follows the id is not standard base64 with its padding");
    if (blob->empty() || (*blob)[0] != static_cast<char>(SignatureType::ed25519)) {
        return bad("its kind is not Ed25519 (0x01), the only one that is known here");
    }
    Verifier verifier{.name = std::string(name)};
    if (blob->size() != 1 + verifier.key.size()) return bad("an Ed25519 key has 32 bytes");
    std::ranges::copy(as_bytes(*blob).last<32>(), verifier.key.begin());
    verifier.id = key_id(name, verifier.key);
    if (to_hex(verifier.id) != rest.substr(0, 8)) {
        return bad("the id is not that of this name and key (mistyped, or cut?)");
    }
    // A key of small order has signatures that fit every text.
    if (crypto_core_ed25519_is_valid_point(verifier.key.data()) != 1) {
        return bad("the bytes are no point of Ed25519's group, or one of small order");
    }
    return verifier;
}

Result<Note> parse_note(std::string_view bytes) {
    if (bytes.size() > limits::note_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format("a note of {} bytes; at most {}", bytes.size(), limits::note_bytes_max)
        );
    }
    const auto bad = [](std::string what) {
        return fail(Errc::malformed, "not a signed note: " + std::move(what));
    };
    if (auto problem = bytes_problem(bytes)) return bad(std::move(*problem));
    // The text may have empty lines; the last one of the note ends it.
    const std::size_t split = bytes.rfind("\n\n");
    if (split == std::string_view::npos) return bad("no empty line between text and signatures");
    Note note{.text = std::string(bytes.substr(0, split + 1)), .signatures = {}};
    std::string_view rest = bytes.substr(split + 2);
    std::size_t number = line_of(bytes, split + 2);
    if (rest.empty()) return bad(fmt::format("line {}: no signature", number));
    if (rest.back() != '\n') return bad("the last line does not end with a line feed (cut off?)");
    for (; !rest.empty(); ++number) {
        if (note.signatures.size() == limits::note_signatures_max) {
            return fail(
                Errc::too_large,
                fmt::format(
                    "line {}: a note with more than {} signatures",
                    number,
                    limits::note_signatures_max
                )
            );
        }
        const std::size_t end = rest.find('\n');
        auto signature = read_signature(rest.substr(0, end), number);
        if (!signature) return bad(std::move(signature).error().detail);
        note.signatures.push_back(std::move(*signature));
        rest.remove_prefix(end + 1);
    }
    return note;
}

std::string note_bytes(const Note& note) {
    std::string out = note.text + '\n';
    for (const Signature& signature : note.signatures) {
        std::string blob(as_text(signature.id));
        blob += signature.bytes;
        out.append(mark).append(signature.name).append(1, ' ').append(to_base64(blob)) += '\n';
    }
    return out;
}

Result<void> sign_note(Note& note, const Signer& signer) {
    if (note.text.empty() || note.text.back() != '\n') {
        return fail(
            Errc::invalid_argument, "the text of a note is not empty and ends with a line feed"
        );
    }
    if (const auto problem = bytes_problem(note.text)) {
        return fail(Errc::invalid_argument, "the text of a note: " + *problem);
    }
    const Verifier& key = signer.verifier();
    Note next = note;
    std::erase_if(next.signatures, [&](const Signature& one) {
        return one.name == key.name && one.id == key.id;
    });
    next.signatures.push_back(
        {.name = key.name, .id = key.id, .bytes = std::string(as_text(signer.sign(note.text)))}
    );
    if (next.signatures.size() > limits::note_signatures_max ||
        note_bytes(next).size() > limits::note_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "a note has at most {} bytes and {} signatures",
                limits::note_bytes_max,
                limits::note_signatures_max
            )
        );
    }
    note = std::move(next);
    return {};
}

Result<std::vector<Verifier>> verify_note(const Note& note, std::span<const Verifier> known) {
    std::vector<Verifier> signers;
    for (const Signature& signature : note.signatures) {
        bool named = false;
        bool good = false;
        // Several keys can have one name and id (32 bits are found in seconds): the signature must
        // be that of one of them.
        for (const Verifier& key : known) {
            if (key.id != signature.id || key.name != signature.name) continue;
            named = true;
            if (!verifies(key, note.text, signature)) continue;
            good = true;
            if (std::ranges::find(signers, key) == signers.end()) signers.push_back(key);
        }
        if (named && !good) {
            return fail(
                Errc::unauthorized,
                fmt::format(
                    "the signature of {}+{} does not fit the text: it was changed, or the "
                    "signature was",
                    printable(signature.name, shown_bytes),
                    to_hex(signature.id)
                )
            );
        }
    }
    return signers;
}

std::string fingerprint(const Verifier& verifier) {
    const Digest digest = sha256(verifier_text(verifier));
    std::string out;
    // Each group is 32 bits of the digest modulo 10,000. 2^32 is not a multiple of it, so the
    // smaller groups come up 429,497 times in 2^32 and the others 429,496 times: over all eight
    // that is less than a ten-thousandth of a bit of the 106.
    for (std::size_t i = 0; i < digest.size(); i += 4) {
        const std::uint32_t word = (std::uint32_t{digest[i]} << 24U) |
                                   (std::uint32_t{digest[i + 1]} << 16U) |
                                   (std::uint32_t{digest[i + 2]} << 8U) | digest[i + 3];
        out += fmt::format("{}{:04}", out.empty() ? "" : " ", word % 10'000);
    }
    return out;
}

}  // namespace entente::ledger
