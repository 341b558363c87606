#pragma once
// Finds what the table of personal.h names, in the tree of one object. Pure.
#include "stix/internal/personal_text.h"
#include "stix/internal/tree.h"
#include "stix/personal.h"

#include <string_view>
#include <vector>

namespace entente::stix::internal {

struct PersonalFind {
    Tree::Part part = 0;  // never the whole
    const PersonalRow* row = nullptr;
    std::string_view stands;  // in the text; empty where the row does not look into texts
};

struct PersonalFinds {
    std::vector<PersonalFind> finds;  // in the order of the rows
    /// E-mail addresses that the object, or one that it contains, states as its fact.
    Addresses facts;
};

/// What is personal in an object of that type. Linear in the object; at most one find for a row
/// and a part.
[[nodiscard]] PersonalFinds find_personal(Tree& tree, std::string_view type);

/// A row for the type is about more than what stands in texts, or it contains other objects.
[[nodiscard]] bool is_personal_by_form(std::string_view type);

}  // namespace entente::stix::internal
