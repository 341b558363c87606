#include "taxii/query.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "http/http.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace entente::taxii {
namespace {

constexpr std::size_t shown_bytes_max = 80;

enum class Name : std::uint8_t { added_after, limit, next, id, type, version, spec_version };
constexpr std::size_t names_count = 7;

struct Known {
    std::string_view text;
    Name name;
};

constexpr std::array<Known, names_count> known_names{{
    {"added_after", Name::added_after},
    {"limit", Name::limit},
    {"next", Name::next},
    {"match[id]", Name::id},
    {"match[type]", Name::type},
    {"match[version]", Name::version},
    {"match[spec_version]", Name::spec_version},
}};

/// The parameters that one endpoint defines.
class Defined {
  public:
    constexpr Defined(std::initializer_list<Name> names) {
        for (const Name name : names)
            bits_ |= bit(name);
    }

    [[nodiscard]] constexpr bool has(Name name) const { return (bits_ & bit(name)) != 0; }

  private:
    static constexpr unsigned bit(Name name) { return 1U << static_cast<unsigned>(name); }

    unsigned bits_ = 0;
};

using enum Name;
// TAXII 2.1, 5.3, 5.4, 5.6, 5.7, 5.8.
constexpr Defined of_collection{added_after, limit, next, id, type, version, spec_version};
constexpr Defined of_object{added_after, limit, next, version, spec_version};
constexpr Defined of_versions{added_after, limit, next, spec_version};
constexpr Defined of_delete{version, spec_version};

const Defined& defined_by(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::manifest:
        case Endpoint::objects:
            return of_collection;
        case Endpoint::object:
            return of_object;
        case Endpoint::versions:
            return of_versions;
        case Endpoint::discovery:
        case Endpoint::api_root:
        case Endpoint::status:
        case Endpoint::collections:
        case Endpoint::collection:
        case Endpoint::allowed:
            break;
    }
    ENTENTE_ASSERT(false && "an endpoint with filters");
    return of_collection;
}

std::string quoted(std::string_view text) {
    return '"' + printable(text, shown_bytes_max) + '"';
}

tl::unexpected<Error> bad(Name name, const std::string& what_and_right) {
    return fail(
        Errc::invalid_argument,
        std::string(known_names.at(static_cast<std::size_t>(name)).text) + ": " + what_and_right
    );
}

bool is_match(Name name) {
    return name >= Name::id;
}

/// The given text of each defined parameter.
class Parameters {
  public:
    static Result<Parameters> read(std::string_view query, const Defined& defined) {
        const auto pairs = http::parse_query(query);
        if (!pairs) {
            return fail(
                Errc::invalid_argument,
                "query: cannot be percent-decoded; each % must be followed by two hexadecimal "
                "digits other than 00"
            );
        }
        Parameters parameters;
        for (const auto& [text, value] : *pairs) {
            const auto* known = std::ranges::find(known_names, text, &Known::text);
            if (known == known_names.end() || !defined.has(known->name)) continue;
            std::optional<std::string>& place = parameters.at(known->name);
            // TAXII 2.1, 3.4: each at most once in a request (T32, T66).
            if (place) {
                return bad(
                    known->name,
                    is_match(known->name) ? "is given more than once; give it once, with commas "
                                            "between its values"
                                          : "is given more than once; give it once"
                );
            }
            place = value;
        }
        return parameters;
    }

    [[nodiscard]] const std::optional<std::string>& operator[](Name name) const {
        return values_.at(static_cast<std::size_t>(name));
    }

  private:
    std::optional<std::string>& at(Name name) { return values_.at(static_cast<std::size_t>(name)); }

    std::array<std::optional<std::string>, names_count> values_;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(' ');
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

/// The values between the commas, in the order given. Blanks around them are no part of any id,
/// type or version.
Result<std::vector<std::string>> list_of(Name name, const Parameters& parameters) {
    std::vector<std::string> values;
    const auto& given = parameters[name];
    if (!given) return values;
    std::string_view rest = *given;
    while (true) {
        const std::size_t comma = rest.find(',');
        const std::string_view value = trimmed(rest.substr(0, comma));
        if (value.empty()) {
            return bad(name, "holds an empty value; give one or more, with a comma between two");
        }
        if (values.size() == limits::filter_values_max) {
            return bad(
                name,
                "holds more than " + std::to_string(limits::filter_values_max) +
                    " values; ask in parts"
            );
        }
        values.emplace_back(value);
        if (comma == std::string_view::npos) return values;
        rest.remove_prefix(comma + 1);
    }
}

void make_set(std::vector<std::string>& values) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

Result<std::vector<std::string>> set_of(Name name, const Parameters& parameters) {
    ENTENTE_TRY(auto values, list_of(name, parameters));
    make_set(values);
    return values;
}

/// STIX specification versions are `n.m`; one that no object has just finds nothing.
Result<std::vector<std::string>> spec_versions_of(const Parameters& parameters) {
    ENTENTE_TRY(auto values, set_of(Name::spec_version, parameters));
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (const std::string& value : values) {
        const std::size_t dot = value.find('.');
        const bool form =
            dot != std::string::npos && dot > 0 && dot + 1 < value.size() &&
            std::ranges::count_if(value, is_digit) == static_cast<std::ptrdiff_t>(value.size()) - 1;
        if (!form) {
            return bad(
                Name::spec_version, quoted(value) + " is no STIX version; give 2.0, 2.1 or both"
            );
        }
    }
    return values;
}

/// TAXII 2.1, 3.4.1: `last`, `first` and exact versions go together, `all` stands alone, nothing
/// twice (T70).
Result<std::optional<store::VersionFilter>> versions_of(const Parameters& parameters) {
    ENTENTE_TRY(const auto values, list_of(Name::version, parameters));
    if (values.empty()) return std::nullopt;
    store::VersionFilter filter;
    filter.last = false;
    std::vector<std::string> sorted = values;
    std::ranges::sort(sorted);
    if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
        return bad(Name::version, "holds " + quoted(*twice) + " twice; give each value once");
    }
    for (const std::string& value : values) {
        if (value == "all") {
            if (values.size() > 1) {
                return bad(Name::version, "holds \"all\" beside others; give \"all\" alone");
            }
            filter.all = true;
        } else if (value == "first") {
            filter.first = true;
        } else if (value == "last") {
            filter.last = true;
        } else {
            auto key = instant_key(value);
            if (!key) {
                return bad(
                    Name::version,
                    quoted(value) +
                        " is no version; give last, first, all, or a timestamp such as "
                        "2026-11-23T03:15:16.000Z"
                );
            }
            filter.keys.push_back(std::move(*key));
        }
    }
    make_set(filter.keys);
    return filter;
}

/// What the client sent as `+` may stand here as a blank.
Result<std::optional<Micros>> added_after_of(const Parameters& parameters) {
    const auto& given = parameters[Name::added_after];
    if (!given) return std::nullopt;
    const auto time = parse_client_time(*given);
    if (!time) {
        return bad(
            Name::added_after,
            quoted(*given) + " is no timestamp; give one such as 2026-11-23T03:15:16.000000Z"
        );
    }
    return *time;
}

/// 0 = not given.
Result<std::uint64_t> limit_of(const Parameters& parameters) {
    const auto& given = parameters[Name::limit];
    if (!given) return 0;
    std::uint64_t limit = 0;
    const char* end = given->data() + given->size();
    const auto [stop, problem] = std::from_chars(given->data(), end, limit);
    if (given->empty() || problem != std::errc() || stop != end || limit == 0) {
        return bad(
            Name::limit,
            quoted(*given) + " is no positive integer; give 1 or more (at most " +
                std::to_string(limits::page_objects_max) + " are sent at a time)"
        );
    }
    return std::min(limit, limits::page_objects_max);
}

exchange::What what_of(Endpoint endpoint) {
    if (endpoint == Endpoint::manifest) return exchange::What::manifest;
    if (endpoint == Endpoint::versions) return exchange::What::versions;
    return exchange::What::objects;
}

}  // namespace

Result<exchange::ReadRequest> read_request(const Route& route, std::string_view query) {
    ENTENTE_TRY(const Parameters parameters, Parameters::read(query, defined_by(route.endpoint)));
    exchange::ReadRequest request;
    request.what = what_of(route.endpoint);
    store::Filter& filter = request.filter;
    ENTENTE_TRY(filter.added_after, added_after_of(parameters));
    ENTENTE_TRY(filter.ids, set_of(Name::id, parameters));
    ENTENTE_TRY(filter.types, set_of(Name::type, parameters));
    ENTENTE_TRY(filter.spec_versions, spec_versions_of(parameters));
    ENTENTE_TRY(const auto given_versions, versions_of(parameters));
    if (given_versions) filter.version = *given_versions;
    request.version_given = given_versions.has_value();
    request.filter_given = filter.added_after || !filter.ids.empty() || !filter.types.empty() ||
                           !filter.spec_versions.empty() || request.version_given;
    ENTENTE_TRY(request.limit, limit_of(parameters));
    // An empty `next` is what some clients send on the first page.
    request.next = parameters[Name::next].value_or("");
    if (route.endpoint == Endpoint::object || route.endpoint == Endpoint::versions) {
        request.one_object = true;
        filter.ids = {route.id};
    }
    if (route.endpoint == Endpoint::versions) {
        filter.version =
            store::VersionFilter{.all = true, .first = false, .last = false, .keys = {}};
    }
    return request;
}

Result<exchange::DeleteRequest> delete_request(const Route& route, std::string_view query) {
    ENTENTE_ASSERT(route.endpoint == Endpoint::object);
    ENTENTE_TRY(const Parameters parameters, Parameters::read(query, of_delete));
    exchange::DeleteRequest request;
    request.id = route.id;
    ENTENTE_TRY(request.version, versions_of(parameters));
    ENTENTE_TRY(request.spec_versions, spec_versions_of(parameters));
    return request;
}

Result<void> check_query(std::string_view query) {
    ENTENTE_CHECK(Parameters::read(query, {}));
    return {};
}

}  // namespace entente::taxii
