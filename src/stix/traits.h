#pragma once
// What a term of an agreement may ask about an object: read once, when the object is published.
// Pure.
#include "stix/object.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {

/// Objects with the same canonical form have the same traits: where a limit is passed, what stays
/// is the beginning of all in the order of bytes, however the object was written down.
struct Traits {
    /// "label:NAME" for each of `labels`, and "PROPERTY:VALUE" for each value of a top-level
    /// property to which the standard gives an open vocabulary or a closed enumeration (STIX 2.1,
    /// 10; of a 2.0 object that version's): "malware_types:ransomware", "region:europe". Where that
    /// property is `labels` (2.0), "label:NAME" alone. Sorted by bytes, unique, at most
    /// limits::traits_words_max of at most limits::traits_word_bytes_max bytes. One more, "*",
    /// where some were left out: these limits, a value that is no string, a body that is no JSON
    /// object.
    std::vector<std::string> words;

    /// Of an indicator: each object path that its pattern compares, spelled as `pattern::print`
    /// does: "ipv4-addr:value", "file:hashes.'SHA-256'". Sorted by bytes, unique, at most
    /// limits::traits_paths_max of at most limits::traits_path_bytes_max bytes. One more, "*",
    /// where some cannot be told: these limits, a `pattern_type` other than "stix" (which a 2.0
    /// object need not have), no pattern, one that `pattern::parse` refuses. Empty for other types,
    /// and never empty for an indicator.
    std::vector<std::string> pattern_paths;

    /// 0-100. Nothing when absent or no integer of that range; 85.0 is one, as in the canonical
    /// form.
    std::optional<std::uint8_t> confidence;
};

/// Never fails, one pass over the body. Threads: safe.
[[nodiscard]] Traits traits_of(const Object& object);

/// Does the object path lie within `allowed`? It does when both have the same steps, the index of a
/// list counting as any other and as [*], quotes as none: "x:a[0].'b'" is "x:a[*].b". `allowed` may
/// end in a wildcard, which takes one step or more of any kind: "file:hashes.*" takes
/// "file:hashes.MD5" and "file:hashes.'SHA-256'" but not "file:hashes", "file:*" every path of a
/// file. [*] at the end takes what follows too: "x:refs[*]" takes "x:refs[0]" and "x:refs[0].name".
/// "*" alone takes everything; no other takes the path "*", which stands for what is not known.
/// What is no path takes only itself. Linear in both lengths.
[[nodiscard]] bool path_within(std::string_view path, std::string_view allowed) noexcept;

}  // namespace entente::stix
