// Arbitrary bytes as the times of TAXII and STIX. Every STIX timestamp is a time that clients may
// send, of the same instant; what we write is read back; texts that sort are of times that do.
#include "base/assert.h"
#include "base/time.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto sent = parse_client_time(text);
    if (sent) {
        const auto again = parse_client_time(format_taxii(*sent));
        ENTENTE_ASSERT(again && *again == *sent);
        ENTENTE_ASSERT(parse_stix_time(format_taxii(*sent)) == *sent);
    }
    const auto key = instant_key(text);
    const auto instant = parse_stix_time(text);
    ENTENTE_ASSERT(key.has_value() == instant.has_value());
    // A leap second is an instant of the minute that follows, but sorts in its own.
    if (!instant || key->substr(17, 2) == "60") return 0;
    ENTENTE_ASSERT(instant_key(*key + "Z") == *key);
    const auto floor = instant_key(format_taxii(*instant));
    ENTENTE_ASSERT(floor && *floor <= *key);
    const auto next = instant_key(format_taxii(*instant + 1));
    ENTENTE_ASSERT(!next || *key < *next);
    return 0;
}
