#pragma once
// Which markings cover which part of an object (STIX 2.1, 7.2; items S59-S61, S69). Pure. Threads:
// all functions are safe.
#include "base/result.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace entente::stix {

/// One step of a path: the name of a property or key, or an index of a list.
using Step = std::variant<std::string, std::size_t>;
using Path = std::vector<Step>;

// `canonical` is always one object in RFC 8785 form, as `canonical_json` makes it.

/// What `selector` selects in the object, component by component: names may be upper-case, `[n]`
/// counts from 0, and where keys hold dots the reading with the longest names first is taken. Fails
/// unprocessable when it selects nothing, saying which component fails and why: a name on a list,
/// an index on what is no list, content that is not there.
[[nodiscard]] Result<Path> resolve_selector(std::string_view canonical, std::string_view selector);

/// One granular marking with what it selects. `lang` markings say nothing about who may see and are
/// left out (S69).
struct GranularMarking {
    std::string marking_ref;
    /// In the order of the selectors. A selector that can be read in two ways, because keys hold
    /// dots, gives both paths: who may not see one meaning shall not see the other.
    std::vector<Path> paths;
};

/// What `granular_markings` of the object says; nothing where it has none. Fails unprocessable for
/// entries of the wrong form (S60), and for selectors of a marking that select nothing; too_large:
/// limits selectors_max, selector_steps_max. The error begins with the JSON pointer of the entry or
/// selector.
[[nodiscard]] Result<std::vector<GranularMarking>> granular_markings(std::string_view canonical);

/// A part with the markings that cover it: those of the object, and every granular one that selects
/// it or what holds it.
struct MarkedPart {
    Path path;
    std::vector<std::string> markings;  // sorted, unique
};

/// Every part that a granular marking selects, once, in the order of `canonical`, what holds a part
/// before it; for `entente stix markings` and `explain`. Fails as `granular_markings`; too_large
/// also when the answer would name more than limits::marked_part_refs_max markings.
[[nodiscard]] Result<std::vector<MarkedPart>> marked_parts(std::string_view canonical);

/// The JSON pointer (RFC 6901), for example `/external_references/0/source_name`. Keys stand in it
/// as they are: show it with `printable`.
[[nodiscard]] std::string pointer_of(const Path& path);

}  // namespace entente::stix
