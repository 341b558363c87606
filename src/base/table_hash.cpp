#include "base/table_hash.h"

#include <sodium.h>
#include <tuple>

namespace entente {

std::array<std::uint64_t, 2> table_hash(const TableKey& key, std::string_view bytes) noexcept {
    static_assert(std::tuple_size_v<TableKey> == crypto_shorthash_siphashx24_KEYBYTES);
    std::array<std::uint64_t, 2> out{};
    static_assert(sizeof out == crypto_shorthash_siphashx24_BYTES);
    crypto_shorthash_siphashx24(
        reinterpret_cast<unsigned char*>(out.data()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        bytes.size(),
        key.data()
    );
    return out;
}

}  // namespace entente
