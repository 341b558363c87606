#include "stix/internal/uuid5.h"

#include "base/hash.h"

namespace entente::stix::internal {

std::string observable_uuid(std::string_view name) {
    // 00abedb4-aa42-466c-9c01-fed23315a9b7 in network byte order.
    std::string hashed("\x00\xab\xed\xb4\xaa\x42\x46\x6c\x9c\x01\xfe\xd2\x33\x15\xa9\xb7", 16);
    hashed += name;
    auto digest = sha1(hashed);
    digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0FU) | 0x50U);  // version
    digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3FU) | 0x80U);  // variant
    std::string out = to_hex(std::span(digest).first<16>());
    for (const std::size_t at : {20U, 16U, 12U, 8U})
        out.insert(at, "-");
    return out;
}

}  // namespace entente::stix::internal
