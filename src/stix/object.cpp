#include "stix/object.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/time.h"
#include "stix/internal/canonical.h"
#include "stix/internal/kinds.h"
#include "stix/internal/marking.h"
#include "stix/internal/value.h"

#include <algorithm>
#include <array>

namespace entente::stix {
namespace {

using internal::Property;

constexpr std::size_t uuid_bytes = 36;
constexpr std::size_t type_bytes_min = 3;
constexpr std::size_t type_bytes_max = 250;
constexpr std::size_t shown_bytes_max = 80;

bool is_type(std::string_view text) {
    return text.size() >= type_bytes_min && text.size() <= type_bytes_max &&
           text.find("--") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::string_view type_of_identifier(std::string_view id) {
    return id.substr(0, id.size() - uuid_bytes - 2);
}

bool is_identifier_of(std::string_view type, std::string_view id) {
    return is_identifier(id) && type_of_identifier(id) == type;
}

// The properties that are looked at by name, in canonical order.
enum Name : std::uint8_t {
    created,
    created_by_ref,
    granular_markings,
    id,
    modified,
    object_marking_refs,
    revoked,
    sighting_of_ref,
    source_ref,
    spec_version,
    target_ref,
    type,
    name_count
};

constexpr std::array<std::string_view, name_count> names = {
    "created",
    "created_by_ref",
    "granular_markings",
    "id",
    "modified",
    "object_marking_refs",
    "revoked",
    "sighting_of_ref",
    "source_ref",
    "spec_version",
    "target_ref",
    "type",
};
static_assert(std::is_sorted(names.begin(), names.end()));

tl::unexpected<Error> wrong(std::string_view pointer, std::string_view what) {
    return fail(Errc::unprocessable, std::string(pointer).append(": ").append(what));
}

/// A value as an error may show it.
std::string shown(std::string_view value) {
    return printable(value, shown_bytes_max);
}

/// One object on its way from canonical JSON to `Object`.
class Reading {
  public:
    explicit Reading(const internal::Canonical& json) : json_(json) { pick(); }

    Result<Object> run() &&;

  private:
    /// The value, or an empty text where there is none.
    [[nodiscard]] std::string_view value(Name name) const { return values_[name]; }

    [[nodiscard]] bool has(Name name) const { return !values_[name].empty(); }

    void pick();
    Result<void> read_identity();
    void read_kind();
    Result<void> read_times();
    Result<std::string> read_time(Name name, std::string& key) const;
    Result<void> read_spec_version();
    Result<void> read_producer();
    Result<void> read_ends() const;
    Result<void> read_object_markings();
    Result<void> read_granular_markings();
    Result<void> read_granular_marking(const std::string& pointer, std::string_view marking);
    Result<void> add_marking(
        std::vector<std::string>& to, const std::string& pointer, std::string_view ref
    );
    Result<void> read_references();

    const internal::Canonical& json_;
    std::array<std::string_view, name_count> values_;
    Object object_;
};

/// Both lists are in canonical order, so one walk finds all.
void Reading::pick() {
    std::size_t name = 0;
    for (const Property& p : json_.properties()) {
        while (name < name_count && names[name] < p.name)
            ++name;
        if (name == name_count) return;
        if (names[name] == p.name) values_[name] = p.value;
    }
}

Result<void> Reading::read_identity() {
    if (!has(type)) return wrong("/type", "missing; every STIX object has a type and an id");
    const auto type_text = internal::plain_string(value(type));
    if (!type_text || !is_type(*type_text)) {
        return wrong(
            "/type",
            shown(value(type)) +
                " is no type name; expected 3 to 250 characters of a-z, 0-9, single -"
        );
    }
    object_.type = *type_text;
    if (object_.type == "bundle") {
        return wrong("/type", "a bundle is no STIX object; send the objects that it holds");
    }
    if (!has(id)) return wrong("/id", "missing; expected " + object_.type + "--UUID");
    const auto id_text = internal::plain_string(value(id));
    if (!id_text || !is_identifier(*id_text)) {
        return wrong(
            "/id",
            shown(value(id)) + " is no identifier; expected " + object_.type +
                "-- and a UUID in lower-case hexadecimal digits (RFC 4122)"
        );
    }
    if (type_of_identifier(*id_text) != object_.type) {
        return wrong(
            "/id",
            shown(*id_text) + " does not begin with the object's type; expected " + object_.type +
                "--UUID"
        );
    }
    object_.id = *id_text;
    return {};
}

void Reading::read_kind() {
    if (const auto known = internal::kind_of_type(object_.type)) {
        object_.kind = *known;
    } else if (!has(created) && !has(modified)) {
        object_.kind = Kind::cyber_observable;
    } else if (has(source_ref) && has(target_ref)) {
        object_.kind = Kind::relationship_object;
    } else {
        object_.kind = Kind::domain_object;
    }
}

Result<std::string> Reading::read_time(Name name, std::string& key) const {
    const auto text = internal::plain_string(value(name));
    auto read = instant_key(text.value_or(std::string_view()));
    if (!read) {
        return wrong(
            std::string("/") + std::string(names[name]),
            shown(value(name)) + " is " + read.error().detail +
                ", for example \"2026-01-31T08:00:00.000Z\""
        );
    }
    key = std::move(*read);
    return std::string(*text);
}

Result<void> Reading::read_times() {
    // STIX 2.1, 3.2: domain and relationship objects and all meta objects have `created`; all of
    // these but the marking-definition have `modified`.
    const bool versioned =
        object_.kind != Kind::cyber_observable && object_.type != "marking-definition";
    if (!has(created) && object_.kind != Kind::cyber_observable) {
        return wrong("/created", "missing; objects of type " + object_.type + " have it");
    }
    if (!has(modified) && versioned) {
        return wrong(
            "/modified",
            "missing; objects of type " + object_.type +
                " have it, equal to created in the first version"
        );
    }
    if (has(created)) {
        ENTENTE_TRY(object_.created, read_time(created, object_.created_key));
        object_.version = object_.created;
        object_.version_key = object_.created_key;
    }
    if (has(modified)) {
        ENTENTE_TRY(object_.version, read_time(modified, object_.version_key));
        if (object_.version_key < object_.created_key) {
            return wrong(
                "/modified", shown(value(modified)) + " is before created, " + shown(value(created))
            );
        }
    }
    if (object_.version.empty()) {
        object_.version = unversioned;
        ENTENTE_TRY(object_.version_key, instant_key(unversioned));
    }
    return {};
}

Result<void> Reading::read_spec_version() {
    if (!has(spec_version)) {
        // T72. The standard's cyber-observables are objects only since 2.1.
        object_.spec_version =
            object_.kind != Kind::cyber_observable && has(created) ? "2.0" : "2.1";
        return {};
    }
    const auto text = internal::plain_string(value(spec_version));
    if (text != "2.1" && text != "2.0") {
        return wrong(
            "/spec_version",
            shown(value(spec_version)) + " is not supported; expected \"2.1\" or \"2.0\""
        );
    }
    object_.spec_version = *text;
    return {};
}

Result<void> Reading::read_producer() {
    if (has(created_by_ref)) {
        const auto text = internal::plain_string(value(created_by_ref));
        if (!text || !is_identifier_of("identity", *text)) {
            return wrong(
                "/created_by_ref",
                shown(value(created_by_ref)) + " names no identity; expected identity--UUID"
            );
        }
        object_.created_by_ref = *text;
    }
    if (has(revoked)) {
        object_.revoked = value(revoked) == "true";
        if (!object_.revoked && value(revoked) != "false") {
            return wrong(
                "/revoked", shown(value(revoked)) + " is no boolean; expected true or false"
            );
        }
    }
    return {};
}

Result<void> Reading::read_ends() const {
    const auto check = [this](Name name) -> Result<void> {
        const std::string pointer = "/" + std::string(names[name]);
        if (!has(name))
            return wrong(pointer, "missing; objects of type " + object_.type + " have it");
        const auto text = internal::plain_string(value(name));
        if (text && is_identifier(*text)) return {};
        return wrong(
            pointer,
            shown(value(name)) + " is no identifier; expected type--UUID in lower-case digits"
        );
    };
    if (object_.type == "sighting") return check(sighting_of_ref);
    if (object_.kind != Kind::relationship_object) return {};
    ENTENTE_CHECK(check(source_ref));
    return check(target_ref);
}

Result<void> Reading::add_marking(
    std::vector<std::string>& to, const std::string& pointer, std::string_view ref
) {
    const auto text = internal::plain_string(ref);
    if (!text || !is_identifier_of("marking-definition", *text)) {
        return wrong(
            pointer,
            shown(ref) + " names no marking; expected marking-definition--UUID in lower-case digits"
        );
    }
    if (*text == object_.id) return wrong(pointer, "a marking cannot mark itself");
    const auto place = std::lower_bound(to.begin(), to.end(), *text);
    if (place != to.end() && *place == *text) return {};
    if (to.size() == limits::markings_max) {
        return fail(
            Errc::too_large,
            pointer + ": more than " + std::to_string(limits::markings_max) + " markings"
        );
    }
    to.emplace(place, *text);
    return {};
}

Result<void> Reading::read_object_markings() {
    if (!has(object_marking_refs)) return {};
    const std::string_view list = value(object_marking_refs);
    if (!internal::is_list(list) || list == "[]") {
        return wrong(
            "/object_marking_refs",
            "expected a list of marking-definition ids that is not empty, or no such property"
        );
    }
    std::size_t index = 0;
    for (const std::string_view ref : internal::elements(list)) {
        ENTENTE_CHECK(add_marking(
            object_.object_markings, "/object_marking_refs/" + std::to_string(index++), ref
        ));
    }
    return {};
}

Result<void> Reading::read_granular_markings() {
    if (!has(granular_markings)) return {};
    const std::string_view list = value(granular_markings);
    if (!internal::is_list(list) || list == "[]") {
        return wrong(
            "/granular_markings",
            "expected a list of markings that is not empty, or no such property"
        );
    }
    std::size_t index = 0;
    for (const std::string_view marking : internal::elements(list)) {
        ENTENTE_CHECK(
            read_granular_marking("/granular_markings/" + std::to_string(index++), marking)
        );
    }
    return {};
}

Result<void> Reading::read_granular_marking(const std::string& pointer, std::string_view marking) {
    if (!internal::is_object(marking))
        return wrong(pointer, "expected an object with selectors and marking_ref or lang");
    std::string_view selectors;
    std::string_view ref;
    std::string_view lang;
    for (const Property& p : internal::properties(marking)) {
        if (p.name == "selectors") selectors = p.value;
        if (p.name == "marking_ref") ref = p.value;
        if (p.name == "lang") lang = p.value;
    }
    const auto paths = internal::elements(selectors);
    if (paths.empty() || !std::all_of(paths.begin(), paths.end(), internal::is_string)) {
        return wrong(
            pointer + "/selectors", "expected a list of selectors (texts) that is not empty"
        );
    }
    if (ref.empty() == lang.empty()) {
        return wrong(pointer, "expected exactly one of marking_ref and lang");
    }
    if (!ref.empty()) return add_marking(object_.granular_markings, pointer + "/marking_ref", ref);
    if (!internal::is_string(lang)) return wrong(pointer + "/lang", "expected a text (RFC 5646)");
    return {};
}

Result<void> Reading::read_references() {
    std::vector<std::string>& out = object_.references;
    const auto add = [&out](std::string_view ref) {
        const auto text = internal::plain_string(ref);
        if (text && is_identifier(*text)) out.emplace_back(*text);
    };
    for (const Property& p : json_.properties()) {
        if (p.name == names[created_by_ref] || p.name == names[object_marking_refs]) continue;
        if (p.name.ends_with("_ref")) add(p.value);
        if (p.name.ends_with("_refs")) {
            for (const std::string_view ref : internal::elements(p.value))
                add(ref);
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.size() > limits::references_max) {
        return fail(
            Errc::too_large,
            "names " + std::to_string(out.size()) + " objects; the limit is " +
                std::to_string(limits::references_max)
        );
    }
    return {};
}

Result<Object> Reading::run() && {
    ENTENTE_CHECK(read_identity());
    read_kind();
    ENTENTE_CHECK(read_spec_version());
    ENTENTE_CHECK(read_times());
    ENTENTE_CHECK(read_producer());
    ENTENTE_CHECK(read_ends());
    ENTENTE_CHECK(read_object_markings());
    ENTENTE_CHECK(read_granular_markings());
    ENTENTE_CHECK(read_references());
    if (object_.type == "marking-definition") {
        ENTENTE_TRY(object_.marking, internal::read_marking(object_.id, json_.properties()));
    }
    object_.body = json_.body();
    object_.digest = sha256(json_.text());
    return std::move(object_);
}

internal::Canonical& thread_reader() {
    thread_local internal::Canonical reader;
    return reader;
}

tl::unexpected<Error> no_object() {
    return fail(Errc::unprocessable, "not a STIX object; expected a JSON object");
}

Result<Object> read_with(internal::Canonical& reader, std::string_view json) {
    ENTENTE_CHECK(reader.read(json));
    if (!reader.is_object()) return no_object();
    return Reading(reader).run();
}

}  // namespace

Result<Object> read_object(std::string_view json) {
    internal::Canonical& reader = thread_reader();
    Result<Object> object = read_with(reader, json);
    reader.forget_large();
    return object;
}

CheckedObject read_object(std::string_view json, Checker& checker, const CheckOptions& options) {
    internal::Canonical& reader = thread_reader();
    CheckedObject checked{.object = {}, .findings = nullptr};
    if (auto read = reader.read(json); !read) {
        checked.object = tl::unexpected(std::move(read).error());
    } else if (!reader.is_object()) {
        checked.object = no_object();
    } else {
        checked.object = Reading(reader).run();
        checked.findings = &checker.check_canonical(reader.text(), options);
    }
    reader.forget_large();
    return checked;
}

Result<std::string> canonical_json(std::string_view json) {
    internal::Canonical& reader = thread_reader();
    Result<std::string> text;
    if (auto read = reader.read(json)) {
        text = std::string(reader.text());
    } else {
        text = tl::unexpected(std::move(read).error());
    }
    reader.forget_large();
    return text;
}

bool is_identifier(std::string_view text) noexcept {
    if (text.size() < type_bytes_min + 2 + uuid_bytes || text.size() > limits::id_bytes_max)
        return false;
    const std::string_view uuid = text.substr(text.size() - uuid_bytes);
    return text[text.size() - uuid_bytes - 1] == '-' && text[text.size() - uuid_bytes - 2] == '-' &&
           is_type(type_of_identifier(text)) && is_uuid(uuid) &&
           std::none_of(uuid.begin(), uuid.end(), [](char c) { return c >= 'A' && c <= 'F'; });
}

}  // namespace entente::stix
