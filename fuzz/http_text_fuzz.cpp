// Arbitrary bytes as a query, an Accept header, credentials and a URL. Whatever is accepted must
// keep what the rest of the program relies on.
#include "base/assert.h"
#include "http/client.h"
#include "http/http.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente::http;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto decoded = percent_decode(text, false)) {
        ENTENTE_ASSERT(decoded->find('\0') == std::string::npos);
        ENTENTE_ASSERT(percent_decode(percent_encode(*decoded), true) == decoded);
    }
    (void)parse_query(text);
    for (const MediaRange& range : parse_accept(text)) {
        ENTENTE_ASSERT(
            !range.type.empty() && !range.subtype.empty() && range.q >= 0 && range.q <= 1
        );
    }
    if (const auto authorization = parse_authorization(text)) {
        ENTENTE_ASSERT(!authorization->scheme.empty());
    }
    if (const auto url = parse_url(text)) {
        const auto again = parse_url(to_string(*url));
        ENTENTE_ASSERT(again && again->origin == url->origin && again->target == url->target);
        ENTENTE_ASSERT(
            url->target.starts_with('/') && url->target.find_first_of(" \r\n") == std::string::npos
        );
    }
    const Url base{{"https", "north.example", 443}, "/a/b?c"};
    if (const auto url = resolve_url(base, text)) {
        ENTENTE_ASSERT(
            url->target.starts_with('/') && url->target.find_first_of(" \r\n") == std::string::npos
        );
    }
    return 0;
}
