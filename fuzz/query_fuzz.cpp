// Arbitrary bytes as a path with a query, and as the media types that a client takes and sends.
// Every endpoint's parameters are read from the query; what is accepted keeps what the exchange
// relies on.
#include "base/assert.h"
#include "base/limits.h"
#include "taxii/negotiate.h"
#include "taxii/query.h"
#include "taxii/route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace entente;
using taxii::Endpoint;

namespace {

void check_sets(const store::Filter& filter) {
    for (const auto* set : {&filter.ids, &filter.types, &filter.spec_versions, &filter.version.keys}) {
        ENTENTE_ASSERT(std::ranges::is_sorted(*set));
        ENTENTE_ASSERT(std::ranges::adjacent_find(*set) == set->end());
    }
}

void read(const taxii::Route& route, std::string_view query) {
    if (const auto request = taxii::read_request(route, query)) {
        check_sets(request->filter);
        ENTENTE_ASSERT(request->limit <= limits::page_objects_max);
        ENTENTE_ASSERT(!request->one_object || request->filter.ids.size() == 1);
    } else {
        ENTENTE_ASSERT(!request.error().detail.empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::size_t mark = std::min(text.find('?'), text.size());
    const std::string_view query = text.substr(std::min(mark + 1, text.size()));
    (void)taxii::find_route(text.substr(0, mark));
    for (const Endpoint endpoint :
         {Endpoint::manifest, Endpoint::objects, Endpoint::object, Endpoint::versions}) {
        read({endpoint, "api", "c", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}, query);
    }
    (void)taxii::delete_request({Endpoint::object, "api", "c", "malware--1"}, query);
    (void)taxii::check_query(query);

    http::Headers headers;
    headers.add("Accept", std::string(text));
    headers.add("Content-Type", std::string(text));
    headers.add("Content-Encoding", std::string(text));
    for (const Endpoint endpoint : {Endpoint::discovery, Endpoint::objects})
        (void)taxii::check_accept(headers, endpoint);
    (void)taxii::check_content_type(headers);
    (void)taxii::check_content_encoding(headers);
    return 0;
}
