#pragma once
// Selectors of granular markings (STIX 2.1, 7.2.3; S60, S61) on the tree of an object.
#include "base/result.h"
#include "stix/internal/tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// Finds what selectors select, in one object. What all of them may cost together is bounded by
/// limits::selector_steps_max.
class Selectors {
  public:
    explicit Selectors(Tree& tree) : tree_(tree) {}

    /// The part that `selector` names; where keys hold dots it may be read in more than one way,
    /// then all that it can mean, the reading with the longest first names first. Fails
    /// unprocessable when there is none, too_large.
    [[nodiscard]] Result<std::vector<Tree::Part>> resolve(std::string_view selector);

  private:
    struct Miss {
        std::size_t component = 0;  // where it begins in the selector
        std::string why;
        bool any = false;
    };

    [[nodiscard]] bool follow(Tree::Part part, std::size_t from);
    [[nodiscard]] bool follow_index(Tree::Part list, std::size_t from);
    [[nodiscard]] bool follow_names(Tree::Part object, std::size_t from);
    [[nodiscard]] bool arrive(Tree::Part part, std::size_t to);
    [[nodiscard]] bool pay();
    void miss(std::size_t component, std::string why);
    [[nodiscard]] std::string_view component_at(std::size_t from) const;

    Tree& tree_;
    std::size_t steps_ = 0;  // of all selectors
    // Of the selector that is being resolved:
    std::string_view selector_;
    std::vector<Tree::Part> found_;
    Miss miss_;  // the one that came furthest
};

/// One entry of `granular_markings`.
struct Granular {
    Tree::Part entry = Tree::none;
    std::string marking_ref;  // empty for a `lang` marking

    struct Selector {
        Tree::Part text = Tree::none;   // the string in the entry
        std::vector<Tree::Part> parts;  // what it selects; never empty but for `lang` markings
    };

    std::vector<Selector> selectors;
};

/// The entries of the object's `granular_markings` with what they select, in order; none if it has
/// no such property. Fails unprocessable for entries of the wrong form (S60) and for selectors that
/// select nothing, but those of `lang` markings, which protect nothing (S69); too_large: limits
/// selectors_max, selector_steps_max. The error begins with the pointer.
[[nodiscard]] Result<std::vector<Granular>> read_granular(Tree& tree);

}  // namespace entente::stix::internal
