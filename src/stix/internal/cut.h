#pragma once
// What of an object goes when some of its granular markings hide their parts, and what the others
// are then (S67).
#include "stix/internal/selectors.h"
#include "stix/internal/tree.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// Threads: one at a time, as the tree.
class Cut {
  public:
    /// `granular` is what `read_granular` said of the tree; the parts of those entries go whose
    /// marking is in `hidden`, and `parts` beside. `tree`, `granular` and `hidden` must outlive
    /// this.
    Cut(Tree& tree,
        std::span<const Granular> granular,
        std::span<const std::string> hidden,
        std::span<const Tree::Part> parts);

    /// The parts that hidden markings select and those that were given, in no order.
    [[nodiscard]] std::span<const Tree::Part> selected() const noexcept { return selected_; }

    /// The part is selected, or what holds it.
    [[nodiscard]] bool is_hidden(Tree::Part part) const noexcept { return hidden_[part]; }

    /// The part is in the result. A list or dictionary goes with the last of what it holds; the
    /// properties that every derived object has its own values of (`is_replaced`) stay.
    [[nodiscard]] bool is_kept(Tree::Part part) const noexcept { return kept_[part]; }

    /// The part is the object's id, created_by_ref, created or modified.
    [[nodiscard]] bool is_replaced(Tree::Part part);

    /// The entry is for a hidden marking.
    [[nodiscard]] bool is_hidden(const Granular& entry) const;

    /// The value of `granular_markings` for the result: entries and selectors for what is kept,
    /// moved to where it then is; empty when none is left.
    [[nodiscard]] std::string granular_markings();

  private:
    void find_hidden();
    void find_kept();
    void find_places();
    [[nodiscard]] std::string selectors_of(const Granular& entry);
    [[nodiscard]] bool has_moved(Tree::Part part) const;
    [[nodiscard]] std::string selector_to(Tree::Part part);

    Tree& tree_;
    std::span<const Granular> granular_;
    std::span<const std::string> hidden_markings_;
    std::vector<Tree::Part> selected_;
    std::vector<bool> hidden_;
    std::vector<bool> kept_;
    std::vector<bool> moved_;           // elements of lists before which something went
    std::vector<std::uint32_t> place_;  // of elements of lists, in the result
};

}  // namespace entente::stix::internal
