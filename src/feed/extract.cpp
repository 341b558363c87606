#include "feed/extract.h"

#include "base/limits.h"
#include "feed/internal/text.h"
#include "stix/object.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace entente::feed {
namespace {

namespace dom = simdjson::dom;

struct PathKind {
    std::string_view type;
    std::string_view property;
    std::string_view key;  // below the property; empty = none
    Kind kind;
};

// Spellings of hash names as STIX 2.1 and 2.0 have them, and as people write them.
constexpr std::array<PathKind, 15> path_kinds{{
    {"domain-name", "value", "", Kind::domain},
    {"url", "value", "", Kind::url},
    {"ipv4-addr", "value", "", Kind::ipv4},
    {"ipv6-addr", "value", "", Kind::ipv6},
    {"email-addr", "value", "", Kind::email},
    {"file", "hashes", "MD5", Kind::md5},
    {"file", "hashes", "md5", Kind::md5},
    {"file", "hashes", "SHA-1", Kind::sha1},
    {"file", "hashes", "SHA1", Kind::sha1},
    {"file", "hashes", "sha1", Kind::sha1},
    {"file", "hashes", "SHA-256", Kind::sha256},
    {"file", "hashes", "SHA256", Kind::sha256},
    {"file", "hashes", "sha256", Kind::sha256},
    {"x509-certificate", "hashes", "SHA-1", Kind::cert_sha1},
    {"x509-certificate", "hashes", "SHA1", Kind::cert_sha1},
}};

bool is_address(Kind kind) {
    return kind == Kind::ipv4 || kind == Kind::ipv6;
}

std::optional<Kind> kind_of_path(const pattern::Path& path) {
    const auto name = [&](std::size_t i) -> std::string_view {
        const auto* text = std::get_if<std::string>(&path.steps[i]);
        return text == nullptr ? std::string_view() : std::string_view(*text);
    };
    const std::string_view last = name(path.steps.size() - 1);
    if (last == "ja3" || last == "ja3_hash") return Kind::ja3;
    if (path.steps.size() > 2) return std::nullopt;
    const std::string_view key = path.steps.size() == 2 ? name(1) : std::string_view();
    if (path.steps.size() == 2 && key.empty()) return std::nullopt;
    const auto at = std::ranges::find_if(path_kinds, [&](const PathKind& row) {
        return row.type == path.type && row.property == name(0) && row.key == key;
    });
    return at == path_kinds.end() ? std::nullopt : std::optional(at->kind);
}

/// An address whose family is the one of its path: a comparison across them never matches.
tl::expected<Value, Drop> address_of(Kind family, std::string_view text) {
    auto value = read_address(text);
    const bool v6 = text.find(':') != std::string_view::npos;
    if (value && v6 != (family == Kind::ipv6)) return tl::unexpected(Drop::no_address);
    return value;
}

void take(tl::expected<Value, Drop> value, Extract& to) {
    if (value) {
        to.values.push_back(std::move(*value));
    } else {
        to.drops.push_back(value.error());
    }
}

/// Narrower than the value alone: a role in a connection, a part of something else.
bool has_reference(const pattern::Path& path) {
    return std::ranges::any_of(path.steps, [](const pattern::PathStep& step) {
        const auto* name = std::get_if<std::string>(&step);
        return name != nullptr && (name->ends_with("_ref") || name->ends_with("_refs"));
    });
}

void from_comparison(const pattern::Comparison& comparison, Extract& to) {
    const auto kind = kind_of_path(comparison.path);
    const bool equality = comparison.op == pattern::Op::equal || comparison.op == pattern::Op::in ||
                          (comparison.op == pattern::Op::is_subset && kind && is_address(*kind));
    if (comparison.negated || !equality || has_reference(comparison.path)) {
        to.drops.push_back(Drop::needs_the_matcher);
        return;
    }
    if (!kind) {
        to.drops.push_back(Drop::no_kind);
        return;
    }
    for (const pattern::Literal& literal : comparison.values) {
        const auto* text = std::get_if<std::string>(&literal);
        if (text == nullptr) {
            to.drops.push_back(Drop::needs_the_matcher);
            continue;
        }
        take(is_address(*kind) ? address_of(*kind, *text) : read_value(*kind, *text), to);
    }
}

void from_expression(const pattern::Expression& expression, Extract& to) {
    if (const auto* comparison = std::get_if<pattern::Comparison>(&expression.node)) {
        from_comparison(*comparison, to);
        return;
    }
    const auto& both = std::get<pattern::Boolean>(expression.node);
    if (both.conjunction) {
        to.drops.push_back(Drop::needs_the_matcher);
        return;
    }
    // Depth: limits::pattern_depth_max.
    for (const pattern::Expression& part : both.parts)
        from_expression(part, to);
}

void from_observations(const pattern::Observations& observations, Extract& to) {
    if (!observations.qualifiers.empty()) {
        to.drops.push_back(Drop::needs_the_matcher);
        return;
    }
    if (const auto* one = std::get_if<pattern::Observation>(&observations.node)) {
        from_expression(one->expression, to);
        return;
    }
    const auto& joined = std::get<pattern::Joined>(observations.node);
    if (joined.join != pattern::Join::disjunction && joined.parts.size() > 1) {
        to.drops.push_back(Drop::needs_the_matcher);
        return;
    }
    for (const pattern::Observations& part : joined.parts)
        from_observations(part, to);
}

std::string_view text_at(const dom::object& object, std::string_view name) {
    std::string_view text;
    return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// Nothing where it is absent. What cannot be read as a time fails.
tl::expected<std::optional<Micros>, Drop> time_at(
    const dom::object& object, std::string_view name
) {
    const std::string_view text = text_at(object, name);
    if (text.empty()) {
        dom::element there;
        if (object[name].get(there) == simdjson::SUCCESS) return tl::unexpected(Drop::no_object);
        return std::optional<Micros>();
    }
    const auto time = parse_stix_time(text);
    if (!time) return tl::unexpected(Drop::no_object);
    return std::optional<Micros>(*time);
}

std::string version_of(const dom::object& object) {
    for (const std::string_view name : {"modified", "created"}) {
        if (auto key = instant_key(text_at(object, name))) return std::move(*key);
    }
    return {};
}

void read_pattern(const dom::object& object, Read& to) {
    const std::string_view language = text_at(object, "pattern_type");
    if (!language.empty() && language != "stix") {
        to.found.drops.push_back(Drop::other_language);
        return;
    }
    const auto dialect =
        text_at(object, "spec_version") == "2.1" ? pattern::Dialect::v21 : pattern::Dialect::v20;
    const auto parsed = pattern::parse(text_at(object, "pattern"), dialect);
    if (!parsed) {
        to.found.drops.push_back(Drop::bad_pattern);
        return;
    }
    to.found = extract(*parsed);
}

void read_observable(const dom::object& object, std::string_view type, Read& to) {
    for (const PathKind& row : path_kinds) {
        if (row.type != type) continue;
        std::string_view text;
        if (row.key.empty()) {
            text = text_at(object, row.property);
        } else {
            dom::object below;
            if (object[row.property].get(below) != simdjson::SUCCESS) continue;
            text = text_at(below, row.key);
        }
        if (text.empty()) continue;
        take(
            is_address(row.kind) ? address_of(row.kind, text) : read_value(row.kind, text), to.found
        );
    }
}

bool is_observable(std::string_view type) {
    return std::ranges::find(path_kinds, type, &PathKind::type) != path_kinds.end();
}

}  // namespace

Extract extract(const pattern::Pattern& pattern) {
    Extract found;
    from_observations(pattern.root, found);
    return found;
}

struct ObjectReader::Inside {
    Objects which;
    dom::parser parser{limits::object_bytes_max};
};

ObjectReader::ObjectReader(Objects which) : inside_(std::make_unique<Inside>()) {
    inside_->which = which;
}

ObjectReader::~ObjectReader() = default;

tl::expected<std::optional<Read>, Drop> ObjectReader::read(std::string_view json) {
    dom::object object;
    if (inside_->parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
        return tl::unexpected(Drop::no_object);
    }
    const std::string_view type = text_at(object, "type");
    const std::string_view id = text_at(object, "id");
    if (type.empty() || !stix::is_identifier(id) || !id.starts_with(type) ||
        id.substr(type.size(), 2) != "--") {
        return tl::unexpected(Drop::no_object);
    }
    const bool observable = inside_->which == Objects::observables_too && is_observable(type);
    if (type != "indicator" && !observable) return std::optional<Read>();
    Read read;
    read.id = id;
    read.version = version_of(object);
    if (observable) {
        read_observable(object, type, read);
        return std::optional(std::move(read));
    }
    dom::element revoked;
    if (object["revoked"].get(revoked) == simdjson::SUCCESS) {
        bool flag = false;
        // What is no boolean is taken for the safe one.
        read.revoked = revoked.get(flag) != simdjson::SUCCESS || flag;
    }
    auto from = time_at(object, "valid_from");
    auto until = time_at(object, "valid_until");
    if (!from || !until) return tl::unexpected(Drop::no_object);
    read.from = *from;
    read.until = *until;
    read_pattern(object, read);
    return std::optional(std::move(read));
}

}  // namespace entente::feed
