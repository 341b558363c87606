#pragma once
// Tables by digest: how a key is hashed, and compared without telling by time how much of it is
// right.
#include "base/hash.h"

#include <cstddef>
#include <cstring>

namespace entente {

/// A digest is spread already: its first bytes.
struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept {
        std::size_t first = 0;
        std::memcpy(&first, digest.data(), sizeof first);
        return first;
    }
};

/// In constant time.
struct SecretDigestEqual {
    bool operator()(const Digest& a, const Digest& b) const noexcept {
        return equal_secrets(as_text(a), as_text(b));
    }
};

}  // namespace entente
