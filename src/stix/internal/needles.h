#pragma once
// Whether any of many texts stands in another text, in one pass over it (Aho and Corasick, 1975).
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// A set of texts to look for. First `add` all, then `prepare`, then look. Threads: looking is
/// safe.
class Needles {
  public:
    Needles();

    /// Of a long text only the beginning is kept: where the whole stands, that stands too.
    static constexpr std::size_t bytes_max = 256;

    /// REQUIRES: not empty.
    void add(std::string_view text);

    void prepare();

    [[nodiscard]] bool stand_in(std::string_view text) const noexcept;

    /// About the memory it takes: one node a byte, less what texts have in common.
    [[nodiscard]] std::size_t nodes() const noexcept { return nodes_.size(); }

  private:
    using At = std::uint32_t;  // an index of `nodes_`; 0 is the root, and "none" for children

    struct Node {
        At child = 0;    // the first
        At sibling = 0;  // the next child of the same parent
        At table = 0;    // of a node with many children: 1 + the index in `tables_`
        At suffix = 0;   // the longest proper suffix of this beginning that is one itself
        char byte = 0;
        bool whole = false;  // a text ends here, or in a suffix
    };

    using Table = std::array<At, 256>;  // children by byte

    void add_child(At node, At child);
    [[nodiscard]] At child(At node, char byte) const noexcept;
    [[nodiscard]] At step(At node, char byte) const noexcept;

    std::vector<Node> nodes_;
    std::vector<Table> tables_;  // the root's first
};

}  // namespace entente::stix::internal
