#pragma once
// The file that a secret key is kept in: text, under a passphrase (identity keys) or plain (the
// keys of a node, whose directory guards them). docs/formats.md shows both forms. Pure.
#include "base/limits.h"
#include "base/result.h"
#include "ledger/note.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace entente::ledger {

/// What one guess of the passphrase costs: Argon2id (RFC 9106) with one lane.
struct KdfCost {
    std::uint32_t passes = 0;        // 1 to limits::key_kdf_passes_max
    std::uint64_t memory_bytes = 0;  // whole KiB, 8 KiB to limits::key_kdf_memory_bytes_max
    friend bool operator==(const KdfCost&, const KdfCost&) = default;
};

/// libsodium's two: about 0.1 s and 0.5 s of one core.
inline constexpr KdfCost kdf_interactive{.passes = 2, .memory_bytes = 64U << 20U};
inline constexpr KdfCost kdf_moderate{.passes = 3, .memory_bytes = 256U << 20U};

/// Fresh random bytes for one file. They are not secret, but no two files may have the same.
struct KeyFileSalt {
    std::array<std::uint8_t, 16> salt{};
    std::array<std::uint8_t, 24> nonce{};
};

/// What a key file says without its passphrase. The verifier is proven only by opening the file.
struct KeyFileHead {
    Verifier verifier;
    bool encrypted = false;
};

/// The text of a key file. Without a passphrase the secret stands in it plain: wipe it after use.
/// With one, takes what `cost` says in time and memory. Fails invalid_argument: a passphrase of
/// fewer than limits::password_bytes_min or more than limits::password_bytes_max bytes, a cost out
/// of its bounds; too_large: a name that makes the file pass limits::key_file_bytes_max;
/// overloaded: no memory for `cost`.
[[nodiscard]] Result<std::string> write_key_file(
    const Signer& signer,
    std::optional<std::string_view> passphrase,
    const KeyFileSalt& salt,
    KdfCost cost = kdf_moderate
);

/// Fails malformed: not a key file, or cut off (says at which line); unprocessable: a version that
/// is not known, a cost out of bounds; too_large.
[[nodiscard]] Result<KeyFileHead> read_key_file_head(std::string_view text);

/// Opens a key file; a plain one takes no notice of `passphrase`. Takes the cost that the file
/// asks for, within the bounds of KdfCost. Fails as `read_key_file_head`; invalid_argument: no
/// passphrase for a file that has one; unauthorized: the passphrase is wrong or the file was
/// changed, which cannot be told apart; corrupt: the secret of a plain file is not that of its
/// key; overloaded: no memory.
[[nodiscard]] Result<Signer> read_key_file(
    std::string_view text, std::optional<std::string_view> passphrase
);

}  // namespace entente::ledger
