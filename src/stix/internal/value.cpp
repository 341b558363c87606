#include "stix/internal/value.h"

#include "base/assert.h"

namespace entente::stix::internal {
namespace {

std::string_view since(const char* from, const Scanner& in) {
    return {from, static_cast<std::size_t>(in.position() - from)};
}

}  // namespace

std::optional<std::string_view> plain_string(std::string_view value) noexcept {
    if (!is_string(value)) return std::nullopt;
    value = value.substr(1, value.size() - 2);
    if (value.find('\\') != std::string_view::npos) return std::nullopt;
    return value;
}

std::vector<std::string_view> elements(std::string_view value) {
    std::vector<std::string_view> out;
    if (!is_list(value) || value == "[]") return out;
    Scanner in(value);
    while (in.take('[') || in.take(',')) {
        const char* const from = in.position();
        ENTENTE_ASSERT(in.skip_value());
        out.push_back(since(from, in));
    }
    return out;
}

std::vector<Property> properties(std::string_view value) {
    std::vector<Property> out;
    if (!is_object(value) || value == "{}") return out;
    Scanner in(value);
    while (in.take('{') || in.take(',')) {
        const auto name = in.string();
        ENTENTE_ASSERT(name && in.take(':'));
        const char* const from = in.position();
        ENTENTE_ASSERT(in.skip_value());
        out.push_back({name->raw, since(from, in)});
    }
    return out;
}

std::optional<std::string_view> find(std::string_view object, std::string_view name) {
    for (const Property& p : properties(object)) {
        if (p.name == name) return p.value;
    }
    return std::nullopt;
}

std::string unescaped(std::string_view value) {
    std::string out;
    ENTENTE_ASSERT(is_string(value) && append_unescaped(out, value.substr(1, value.size() - 2)));
    return out;
}

}  // namespace entente::stix::internal
