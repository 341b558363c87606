#pragma once
// Redaction: a derived object without the parts that a reader may not see (STIX 2.1, 3.5 and 7.2;
// items S27, S28, S66-S69). Pure.
#include "base/result.h"
#include "stix/personal.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {

/// What to make of an object.
struct Redaction {
    /// Granular markings (marking_ref) whose parts must go, sorted, unique. Where one of them marks
    /// the whole object, nothing of it may be seen and it is withheld.
    std::vector<std::string> hidden;

    /// Classes of personal data whose parts must go (personal.h). References by ids that are
    /// computed from an address or account stay where `renamed` has another name for them.
    PersonalClasses strip = 0;

    /// Ids that the reader knows under other names: every identifier in the object that equals a
    /// key, as a whole string value anywhere but in its markings, becomes the value. (The object's
    /// own id becomes `id` in any case.) In names of properties and as a part of a longer text
    /// nothing is renamed: there such an id withholds the object.
    std::map<std::string, std::string, std::less<>> renamed;

    /// Of the derived object: another one of the same type, with a UUID of version 4's form (S19,
    /// V15).
    std::string id;
    std::string created_by_ref;  // who redacts: an identity
    std::string created;         // STIX timestamps, used where the object has these properties
    std::string modified;
};

enum class Withheld : std::uint8_t {
    no,
    // What cannot be left out is hidden: a required property, the last of a one-of rule, a marking,
    // a revocation, the whole.
    required_part,
    value_elsewhere,  // a hidden value, or an original's id, still stands in another part
    translation,      // a language-content: it repeats an object in other words
    unsound,  // it cannot be derived, or would not pass the checks because the original does not
};

struct Redacted {
    Withheld withheld = Withheld::no;
    /// For a person of the own party: names a pointer or selector, never a value. Empty unless
    /// withheld.
    std::string why;
    /// The derived object, minified; order and spelling of what stays are the original's.
    std::string body;
};

/// Makes the derived object, or says why there can be none. The result
///
/// - has the id that is asked for, `created_by_ref` (added where the type has it), and `created`
///   and `modified` as given where the object has them;
/// - has nothing of what a granular marking in `hidden` selects nor of what `strip` names, and no
///   list or dictionary that is empty;
/// - holds no hidden value anywhere, names of properties included: strings of 4 or more bytes not
///   as a part of any text or number; shorter ones, and numbers of four or more digits or beyond
///   999, not as a whole value. true, false, null and small numbers are no secrets by themselves.
///   Unescaped texts are compared, and once more without regard to case, percent-encoding,
///   backslashes, brackets and hxxp. Keys inside hidden parts that stand nowhere else and are no
///   names of the standard count as hidden strings. Of a string over 256 bytes the first 256 are
///   looked for. E-mail addresses inside what `strip` names are hidden strings too, but those that
///   the object states as its fact;
/// - holds neither the original's id nor one of `renamed` that has another name, nor their UUIDs
///   unless another type's name stands before them. Only where `hidden`, `strip` and `renamed`
///   are empty, which makes a plain copy under another name, nothing is looked for;
/// - has `object_marking_refs` as they were, and of `granular_markings` those for what is left,
///   selectors moved to where things are now;
/// - passes every MUST check, by the rules of the original's `spec_version`.
///
/// A marking-definition or language-content is never derived. The same arguments give the same
/// bytes.
///
/// `json` is one STIX object that `read_object` took; fails as that for what it would not take.
/// Fails invalid_argument when `id`, `created_by_ref` or the times are not of the form said above,
/// or when `id` is the one that STIX derives from the original's content (S20). Threads: safe.
[[nodiscard]] Result<Redacted> redact(std::string_view json, const Redaction& redaction);

}  // namespace entente::stix
