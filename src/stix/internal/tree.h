#pragma once
// The parts of one JSON text and how they lie in each other: places in the text, no copies.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::stix::internal {

/// A tree over a text that `read_object` or `canonical_json` made, which therefore is right JSON of
/// bounded depth without insignificant white space. Part 0 is the whole; a part comes before the
/// parts in it, which follow in the order of the text. The text must outlive the tree. Threads: one
/// at a time, lookups fill an index.
class Tree {
  public:
    using Part = std::uint32_t;
    static constexpr Part none = UINT32_MAX;

    explicit Tree(std::string_view text);

    [[nodiscard]] Part size() const noexcept { return static_cast<Part>(parts_.size()); }

    /// The value as it stands in the text.
    [[nodiscard]] std::string_view value(Part part) const noexcept;

    /// The inside of the name's quotes as it stands in the text; empty for the whole and for
    /// elements of lists.
    [[nodiscard]] std::string_view raw_name(Part part) const noexcept;

    /// The unescaped name; it lives as long as the tree.
    [[nodiscard]] std::string_view name(Part part);

    [[nodiscard]] bool is_object(Part part) const noexcept { return first(part) == '{'; }

    [[nodiscard]] bool is_list(Part part) const noexcept { return first(part) == '['; }

    [[nodiscard]] bool is_string(Part part) const noexcept { return first(part) == '"'; }

    /// What holds the part; `none` for the whole.
    [[nodiscard]] Part parent(Part part) const noexcept { return parts_[part].parent; }

    /// Behind the last of the parts that lie in `part`: they are those from part + 1 on.
    [[nodiscard]] Part end(Part part) const noexcept { return parts_[part].end; }

    /// The property or key of an object; `none` if there is none, or if it is no object.
    [[nodiscard]] Part member(Part object, std::string_view name);

    /// What lies directly in a list or object, in the order of the text.
    [[nodiscard]] std::span<const Part> children(Part part);

    /// The JSON pointer (RFC 6901) to it; keys stand in it as they are.
    [[nodiscard]] std::string pointer(Part part);

    /// How many elements or members come before `part` in what holds it.
    [[nodiscard]] std::size_t position(Part part);

  private:
    struct Place {
        std::uint32_t name;  // where the inside of the name begins; 0 if it has none
        std::uint32_t name_end;
        std::uint32_t value;
        std::uint32_t value_end;
        Part parent;
        Part end;
    };

    [[nodiscard]] char first(Part part) const noexcept { return text_[parts_[part].value]; }

    [[nodiscard]] const std::vector<Part>& by_name(Part object);

    class Builder;

    std::string_view text_;
    std::vector<Place> parts_;
    std::unordered_map<Part, std::string> unescaped_;
    std::unordered_map<Part, std::vector<Part>> children_;  // of those that were looked into
    std::unordered_map<Part, std::vector<Part>> by_name_;   // the same, in order of names
};

}  // namespace entente::stix::internal
