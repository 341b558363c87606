#pragma once
// The fields of one format by the parts of their names.
#include "match/internal/record.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace entente::match {

struct FieldTree {
    struct Node {
        std::map<std::string, std::uint32_t, std::less<>> children;
        bool says = false;
        Sight sight = Sight::other;
        const OtherPath* other = nullptr;
    };

    static constexpr std::uint32_t root = 0;
    static constexpr std::uint32_t none = UINT32_MAX;

    std::vector<Node> nodes{1};
    std::uint32_t fields = 0;

    /// `name` below `at`, taken whole or at its points; none where nothing says anything there.
    [[nodiscard]] std::uint32_t find(std::uint32_t at, std::string_view name) const {
        const auto& children = nodes[at].children;
        if (const auto whole = children.find(name); whole != children.end()) return whole->second;
        const auto point = name.find('.');
        if (point == std::string_view::npos) return none;
        const auto part = children.find(name.substr(0, point));
        // Each part goes one step down, and the tree ends: bounded by its depth.
        return part == children.end() ? none : find(part->second, name.substr(point + 1));
    }
};

}  // namespace entente::match
