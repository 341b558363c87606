#include "stix/peek.h"

#include "base/limits.h"

#include <simdjson.h>

namespace entente::stix {

std::optional<std::string> peek_id(std::string_view json) {
    thread_local simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(json);
    simdjson::ondemand::document document;
    std::string_view id;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
    if (document["id"].get_string().get(id) != simdjson::SUCCESS) return std::nullopt;
    if (id.empty() || id.size() > limits::id_bytes_max) return std::nullopt;
    return std::string(id);
}

}  // namespace entente::stix
