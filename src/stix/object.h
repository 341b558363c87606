#pragma once
// Reading one STIX object: what a server must know about it to identify, version, mark and store
// it. Pure. Checks here are those that hold even where a collection's checks are off.
#include "base/hash.h"
#include "base/result.h"
#include "stix/check.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {

enum class Kind : std::uint8_t {
    domain_object,
    relationship_object,
    cyber_observable,
    meta_object
};

/// What a marking-definition says (STIX 2.1, 7.2).
struct MarkingContent {
    enum class Form : std::uint8_t { tlp1, tlp2, statement, other } form = Form::other;
    std::string statement;  // the text of Form::statement
};

/// What is known of one object after reading it. All texts are unescaped values.
struct Object {
    std::string type;
    std::string id;
    std::string spec_version;  // "2.0" or "2.1", inferred where absent (T72)
    std::string
        version;  // `modified`, else `created`, else `unversioned` (T71), as the object spells it
    std::string version_key;     // instant_key(version)
    std::string created;         // as the object spells it; empty if absent
    std::string created_key;     // instant_key(created); empty if absent
    std::string created_by_ref;  // empty if absent
    bool revoked = false;
    Kind kind = Kind::domain_object;
    std::vector<std::string> object_markings;    // object_marking_refs: sorted, unique
    std::vector<std::string> granular_markings;  // marking_ref of granular_markings: sorted, unique
    /// Ids that a relationship, sighting, container or other object names: every identifier in a
    /// top-level property whose name ends in _ref or _refs, but created_by_ref and
    /// object_marking_refs. Sorted, unique. Who may not see what is named may not see this either.
    std::vector<std::string> references;
    std::optional<MarkingContent> marking;  // for a marking-definition
    std::string body;  // the bytes that came, without insignificant white space
    Digest digest{};   // SHA-256 of the RFC 8785 canonical form
};

/// The version of an object that has neither `modified` nor `created` (a cyber-observable): one
/// constant, so that it says nothing about when anything arrived.
inline constexpr std::string_view unversioned = "1970-01-01T00:00:00.000Z";

/// Reads one object from `json`, which holds one JSON value and white space. Every property at
/// every depth is visited. Fails `malformed`: not JSON, not UTF-8, lone surrogate, nesting over
/// limits::json_depth_max, duplicate property name at any depth (compared after unescaping), number
/// out of the range of a double. Fails `unprocessable`: no object; `type` or `id` missing or of the
/// wrong form; the id's type differs (S18); a `spec_version` other than 2.0 and 2.1; `created` or
/// `modified` no timestamps, or missing where the kind needs them; modified before created (S25);
/// the ends of a relationship or sighting missing; `created_by_ref` no identity (S14), `revoked` no
/// boolean; marking properties of the wrong form (S15, S60); a TLP look-alike (S62); type `bundle`.
/// Fails `too_large`: limits object_bytes_max, json_properties_max, markings_max, references_max.
/// `detail` names the JSON pointer, what is wrong, what would be right, for the first thing found.
/// Threads: safe (each thread has its own parser).
[[nodiscard]] Result<Object> read_object(std::string_view json);

/// What `read_object` says of an object, and what `Checker` finds in it, by one reading of the
/// text.
struct CheckedObject {
    Result<Object> object;
    /// Of the checker; none when the text is no I-JSON object. They live until the checker's next
    /// call.
    const std::vector<Finding>* findings = nullptr;
};

[[nodiscard]] CheckedObject read_object(
    std::string_view json, Checker& checker, const CheckOptions& options
);

/// True for `type--UUID` with a type of [a-z0-9-], 3-250 characters, no `--` in it, and a UUID of
/// any version in lower-case hexadecimal digits, as RFC 4122 writes them (S18, S72).
[[nodiscard]] bool is_identifier(std::string_view text) noexcept;

/// The RFC 8785 canonical form of a JSON text of any type. Fails as `read_object` does for what is
/// no I-JSON. Numbers are doubles there: integers beyond 2^53 that round to the same double have
/// the same canonical form.
[[nodiscard]] Result<std::string> canonical_json(std::string_view json);

}  // namespace entente::stix
