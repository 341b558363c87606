#pragma once
// What keys say about keys, as signed notes that carry all that is needed to check them: an
// identity key certifies the keys of a node, names its successor, takes itself back.
// docs/formats.md shows the texts. Whose word counts is judged in key_facts.h. Pure.
#include "base/result.h"
#include "base/time.h"
#include "ledger/note.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace entente::ledger {

/// What a node signs with a key.
enum class KeyUse : std::uint8_t { delivery, log, witness };

[[nodiscard]] std::string_view key_use_text(KeyUse use) noexcept;
/// Fails invalid_argument.
[[nodiscard]] Result<KeyUse> key_use_of(std::string_view text);

/// An identity key speaks for a key of a node.
struct Certificate {
    Verifier by;  // the identity key
    Verifier key;
    KeyUse use = KeyUse::delivery;
    Micros from;
    Micros until;  // no longer at this moment; later than `from`
    friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// `successor` signs wherever `key` might, which itself ends at `until`.
struct Rotation {
    Verifier by;  // the key itself, or the recovery key of its party
    Verifier key;
    Verifier successor;
    Micros until;
    friend bool operator==(const Rotation&, const Rotation&) = default;
};

/// What `key` signed counts only where it was taken before `since`.
struct Revocation {
    enum class Reason : std::uint8_t { retired, lost, stolen };

    Verifier by;  // the key itself, the recovery key of its party, or who certified it
    Verifier key;
    Micros since;
    Reason reason = Reason::retired;
    friend bool operator==(const Revocation&, const Revocation&) = default;
};

[[nodiscard]] std::string_view reason_text(Revocation::Reason reason) noexcept;
/// Fails invalid_argument.
[[nodiscard]] Result<Revocation::Reason> reason_of(std::string_view text);

using KeyStatement = std::variant<Certificate, Rotation, Revocation>;

/// Who made the statement, and about which key.
[[nodiscard]] const Verifier& statement_by(const KeyStatement& statement) noexcept;
[[nodiscard]] const Verifier& statement_about(const KeyStatement& statement) noexcept;

/// The text that is signed. REQUIRES: times in the years 0000 to 9999.
[[nodiscard]] std::string key_statement_text(const KeyStatement& statement);
/// Fails malformed: not such a text in its only spelling (says at which line); unprocessable: an
/// unknown version, or one that says nothing sensible: a certificate of a key for itself or with
/// its dates reversed, a successor that is the key itself or who speaks for it.
[[nodiscard]] Result<KeyStatement> read_key_statement(std::string_view text);

/// A statement with the signatures it needs: of `by`, and for a rotation of the successor too, so
/// that nobody can be made a successor unknowing.
/// Fails invalid_argument: a key that must sign is not among `signers`; unprocessable as
/// `read_key_statement`; too_large: limits::certificate_bytes_max.
[[nodiscard]] Result<Note> sign_key_statement(
    const KeyStatement& statement, std::span<const Signer* const> signers
);

/// Reads the bytes of a note with a statement and checks the signatures that it needs. Says
/// nothing of whether `by` may speak for the key. Fails as `parse_note` and `read_key_statement`;
/// unauthorized: a signature is missing or does not verify; too_large:
/// limits::certificate_bytes_max.
[[nodiscard]] Result<KeyStatement> verify_key_statement(std::string_view note_bytes);

/// One line for people: which key says what about which. Not escaped.
[[nodiscard]] std::string describe(const KeyStatement& statement);

}  // namespace entente::ledger
