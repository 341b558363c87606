// Reads arbitrary bytes as one object. What is read must come back the same from its body, its
// canonical form must be its own canonical form, and both ways of making that must agree: on each
// byte and on each error.
#include "base/assert.h"
#include "stix/internal/canonical_twins.h"
#include "stix/object.h"
#include "stix/peek.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    (void)stix::peek_id(text);
    static stix::internal::CanonicalTwins twins;
    ENTENTE_ASSERT(twins.difference(text).empty());
    const auto canonical = stix::canonical_json(text);
    if (canonical) ENTENTE_ASSERT(stix::canonical_json(*canonical).value() == *canonical);
    const auto object = stix::read_object(text);
    if (!object) return 0;
    ENTENTE_ASSERT(canonical && object->digest == sha256(*canonical));
    ENTENTE_ASSERT(stix::is_identifier(object->id) && object->id.starts_with(object->type));
    const auto again = stix::read_object(object->body);
    ENTENTE_ASSERT(again && again->body == object->body && again->digest == object->digest);
    ENTENTE_ASSERT(
        again->object_markings == object->object_markings && again->references == object->references
    );
    return 0;
}
