#include "stix/peek.h"

#include "base/limits.h"
#include "stix/internal/scanner.h"

namespace entente::stix {

std::optional<std::string> peek_id(std::string_view json) {
    internal::Scanner in(json);
    in.skip_space();
    if (internal::utf8_error(json) || !in.take('{')) return std::nullopt;
    do {
        in.skip_space();
        const auto name = in.string();
        in.skip_space();
        if (!name || !in.take(':')) return std::nullopt;
        in.skip_space();
        if (name->raw == "id") {
            const auto value = in.string();
            std::string id;
            if (!value || !internal::append_unescaped(id, value->raw)) return std::nullopt;
            if (id.empty() || id.size() > limits::id_bytes_max) return std::nullopt;
            return id;
        }
        if (!in.skip_value()) return std::nullopt;
        in.skip_space();
    } while (in.take(','));
    return std::nullopt;
}

}  // namespace entente::stix
