// Reads arbitrary bytes as a page of a stranger's server, and as each of the small resources: every
// object of a page must be JSON to another parser too, and stay the same object on one line.
#include "base/assert.h"
#include "taxii/client/page.h"
#include "taxii/client/pull.h"
#include "taxii/client/push.h"
#include "taxii/client/resources.h"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>

namespace {

using namespace entente;
using namespace entente::taxii;

/// Nothing for what Boost.JSON refuses though it is JSON (numbers beyond its range, nesting).
std::optional<boost::json::value> parse(std::string_view text) {
    boost::json::error_code error;
    boost::json::parse_options options;
    options.max_depth = 100;
    boost::json::value value = boost::json::parse({text.data(), text.size()}, error, {}, options);
    return error ? std::nullopt : std::optional(std::move(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto page = client::read_page(text)) {
        for (const std::string_view object : page->objects) {
            const std::string line = client::one_line(object);
            ENTENTE_ASSERT(line.find_first_of("\r\n") == std::string::npos);
            const auto value = parse(object);
            if (!value) continue;
            ENTENTE_ASSERT(value->is_object());
            ENTENTE_ASSERT(parse(line) == value);
        }
    }
    (void)client::read_document(text);
    (void)client::read_collections(text);
    (void)client::read_status(text);
    (void)client::error_words(text);
    (void)client::read_position(text, "x");
    (void)client::read_batch_line(text);
    return 0;
}
