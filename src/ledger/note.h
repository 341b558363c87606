#pragma once
// Signed notes: a text that people can read with Ed25519 signatures under it, byte for byte as
// C2SP signed-note (https://c2sp.org/signed-note) writes them. Pure.
#include "base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::ledger {

/// The first byte of what a key id is computed over; the kinds of signature that are known here.
enum class SignatureType : std::uint8_t { ed25519 = 0x01 };

/// A public key with the name of who holds it. Values: copy freely.
struct Verifier {
    std::string name;  // no spaces, no '+', not empty
    std::array<std::uint8_t, 4> id{};
    std::array<std::uint8_t, 32> key{};  // RFC 8032
    friend bool operator==(const Verifier&, const Verifier&) = default;
};

/// A secret key. Move-only; the secret is wiped when it goes.
class Signer {
  public:
    /// The key that RFC 8032 derives from a seed of 32 random bytes. Fails invalid_argument: a name
    /// that a Verifier cannot have.
    [[nodiscard]] static Result<Signer> from_seed(
        std::string name, std::span<const std::uint8_t, 32> seed
    );
    Signer(Signer&&) noexcept;
    Signer& operator=(Signer&&) noexcept;
    Signer(const Signer&) = delete;
    Signer& operator=(const Signer&) = delete;
    ~Signer();

    [[nodiscard]] const Verifier& verifier() const noexcept { return verifier_; }

    /// Ed25519 over the bytes.
    [[nodiscard]] std::array<std::uint8_t, 64> sign(std::string_view bytes) const noexcept;
    /// For keeping it: RFC 8032's seed. Wipe it after use.
    [[nodiscard]] std::array<std::uint8_t, 32> seed() const noexcept;

  private:
    Signer() = default;
    Verifier verifier_;
    std::array<std::uint8_t, 64> secret_{};
};

/// `name+hex(id)+base64(type || key)`.
[[nodiscard]] std::string verifier_text(const Verifier& verifier);
/// Fails invalid_argument: not of that form, a type that is not Ed25519, an id that is not the
/// key's, a key of small order.
[[nodiscard]] Result<Verifier> verifier_of(std::string_view text);

/// One line under a note.
struct Signature {
    std::string name;
    std::array<std::uint8_t, 4> id{};
    std::string bytes;  // as signed; 64 for Ed25519
};

struct Note {
    std::string text;  // ends with a line feed
    std::vector<Signature> signatures;
};

/// Fails malformed: not a note (says which line); too_large: limits::note_bytes_max or
/// limits::note_signatures_max. Checks no signature.
[[nodiscard]] Result<Note> parse_note(std::string_view bytes);
[[nodiscard]] std::string note_bytes(const Note& note);

/// Adds a signature; one of the same key is replaced. Fails invalid_argument: a text that a note
/// cannot have (empty, no line feed at its end, control characters, not UTF-8); too_large: the note
/// would pass limits::note_bytes_max or limits::note_signatures_max.
[[nodiscard]] Result<void> sign_note(Note& note, const Signer& signer);

/// Which of `known` have signed the text, each at most once, in the order of the lines. Signatures
/// of others are passed over. Fails unauthorized: a signature of a known name and id that does not
/// verify (the whole note is refused). Names that are equal with different ids are different keys.
/// Nothing in the result = nobody known has signed: the text must not be used.
[[nodiscard]] Result<std::vector<Verifier>> verify_note(
    const Note& note, std::span<const Verifier> known
);

/// For reading over the phone: 32 digits in eight groups of four, from SHA-256 of the key's text.
/// Nobody can make a key with the fingerprint of another's (about 106 bits); two keys of one's own
/// that share it take 53 bits of work and deceive nobody about whose they are.
[[nodiscard]] std::string fingerprint(const Verifier& verifier);

}  // namespace entente::ledger
