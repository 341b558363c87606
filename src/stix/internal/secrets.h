#pragma once
// What a derived object must not say, and whether it says it (S66, S68).
#include "stix/internal/needles.h"
#include "stix/internal/tree.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace entente::stix::internal {

/// The texts and numbers that are hidden. They are looked for as they are, and in a plain form:
/// lower case, percent-encoding undone, without backslashes and brackets, hxxp as http. So a
/// pattern that escapes a text, or a description that "defangs" it, is found too.
class Secrets {
  public:
    /// Texts below this many bytes are looked for as whole values, longer ones as parts of any
    /// other text.
    static constexpr std::size_t part_bytes_min = 4;

    /// An empty text is no secret.
    void add_text(std::string_view text);

    /// Numbers beyond 999, and those of four or more digits, are secrets: as whole values.
    void add_number(std::string_view canonical);

    /// `id`, and the keys of `renamed` that are not their own value, must not stand anywhere.
    /// `renamed` must outlive this.
    void add_ids(
        std::string_view id, const std::map<std::string, std::string, std::less<>>& renamed
    );

    /// False when there is more than can be looked for: limits::hidden_bytes_max.
    [[nodiscard]] bool prepare();

    /// The first part of the tree that says a secret, in its name or value.
    [[nodiscard]] std::optional<Tree::Part> stand_in(Tree& tree);

  private:
    void add(std::unordered_set<std::string>& to, std::string_view text);
    [[nodiscard]] bool said_by(std::string_view text);
    [[nodiscard]] bool has_id(std::string_view text);
    [[nodiscard]] bool is_id_at(std::string_view text, std::size_t uuid_at);

    std::unordered_set<std::string> texts_;
    std::unordered_set<std::string> whole_;
    Needles parts_;
    Needles plain_parts_;
    std::size_t bytes_ = 0;
    std::string id_;
    const std::map<std::string, std::string, std::less<>>* renamed_ = nullptr;
    /// UUIDs of the ids with the types that have them; made when it is needed first.
    std::unordered_map<std::string, std::vector<std::string_view>> types_by_uuid_;
    std::string plain_;  // scratch
};

/// Appends the plain form of `text`.
void append_plain(std::string& out, std::string_view text);

/// Names that the standard gives to properties, predefined extensions and hashes: they tell
/// nothing.
[[nodiscard]] bool is_name_of_the_standard(std::string_view name);

}  // namespace entente::stix::internal
