// Arbitrary bytes as an address, a network and what proxies say whose request they pass on. Each
// address and network has one text that reads the same, and what a stranger claims is not believed.
#include "base/assert.h"
#include "base/ip.h"
#include "http/forwarded.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto address = parse_ip(text)) {
        ENTENTE_ASSERT(parse_ip(ip_text(*address)) == address);
        ENTENTE_ASSERT(!client_key(*address).empty());
    }
    if (const auto network = parse_network(text)) {
        ENTENTE_ASSERT(network->bits <= 128 && network->contains(network->first));
        ENTENTE_ASSERT(IpNetwork({network->first, 128}).contains(network->first));
    } else {
        ENTENTE_ASSERT(!network.error().detail.empty());
    }

    const std::vector<IpNetwork> trusted{parse_network("10.0.0.0/8").value()};
    http::Headers headers;
    headers.add("X-Forwarded-For", text);
    const auto asked = [&](const std::string& peer, const http::Headers& said) {
        return http::client_address(peer, said, trusted);
    };
    ENTENTE_ASSERT(asked("192.0.2.1", headers) == "192.0.2.1");
    const std::string found = asked("10.0.0.1", headers);
    ENTENTE_ASSERT(parse_ip(found) && ip_text(*parse_ip(found)) == found);
    // What the proxy itself saw counts, whatever the client had put in front of it.
    http::Headers longer;
    longer.add("X-Forwarded-For", text + ", 198.51.100.7");
    ENTENTE_ASSERT(asked("10.0.0.1", longer) == "198.51.100.7");
    longer.add("X-Forwarded-For", "10.0.0.2, 10.0.0.3");
    ENTENTE_ASSERT(asked("10.0.0.1", longer) == "198.51.100.7");
    return 0;
}
