#pragma once
// The fields of one format by the parts of their names.
#include "match/internal/record.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::match {

/// Names with a number each: open addressing, at most half full. An event asks for each of its
/// fields here, so no name is compared that is not very likely the one.
class NameTable {
  public:
    static constexpr std::uint32_t none = UINT32_MAX;

    [[nodiscard]] std::uint32_t find(std::string_view name) const noexcept {
        if (slots_.empty()) return none;
        const std::uint32_t hash = hash_of(name);
        for (std::size_t at = hash & (slots_.size() - 1); slots_[at].number != none;
             at = (at + 1) & (slots_.size() - 1)) {
            if (slots_[at].hash == hash && slots_[at].name == name) return slots_[at].number;
        }
        return none;
    }

    /// REQUIRES: `name` is not there.
    void add(std::string_view name, std::uint32_t number) {
        if (++size_ * 2 > slots_.size()) {
            const std::vector<Slot> before = std::exchange(
                slots_, std::vector<Slot>(std::bit_ceil(std::max<std::size_t>(8, size_ * 4)))
            );
            for (const Slot& slot : before)
                if (slot.number != none) place(slot);
        }
        place({std::string(name), hash_of(name), number});
    }

  private:
    struct Slot {
        std::string name;
        std::uint32_t hash = 0;
        std::uint32_t number = none;
    };

    void place(const Slot& slot) {
        std::size_t at = slot.hash & (slots_.size() - 1);
        while (slots_[at].number != none)
            at = (at + 1) & (slots_.size() - 1);
        slots_[at] = slot;
    }

    /// Of the first and the last eight bytes and the size: the names of a field map are the
    /// operator's, so nobody makes them collide.
    static std::uint32_t hash_of(std::string_view name) noexcept {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        if (name.size() >= 8) {
            std::memcpy(&first, name.data(), 8);
            std::memcpy(&last, name.data() + name.size() - 8, 8);
        } else if (name.size() >= 4) {
            std::memcpy(&first, name.data(), 4);
            std::memcpy(&last, name.data() + name.size() - 4, 4);
        } else {
            for (const char c : name)
                first = first << 8U | static_cast<unsigned char>(c);
        }
        std::uint64_t hash = (first ^ name.size()) * 0x9e3779b97f4a7c15ULL;
        hash = (hash ^ hash >> 32U ^ last) * 0xbf58476d1ce4e5b9ULL;
        return static_cast<std::uint32_t>(hash >> 32U);
    }

    std::vector<Slot> slots_;  // a power of two
    std::size_t size_ = 0;
};

struct FieldTree {
    struct Node {
        NameTable children;
        bool says = false;
        Sight sight = Sight::other;
        const OtherPath* other = nullptr;
    };

    static constexpr std::uint32_t root = 0;
    static constexpr std::uint32_t none = NameTable::none;

    std::vector<Node> nodes{1};
    std::uint32_t fields = 0;

    /// `name` below `at`, taken whole or at its points; none where nothing says anything there.
    [[nodiscard]] std::uint32_t find(std::uint32_t at, std::string_view name) const {
        const NameTable& children = nodes[at].children;
        if (const auto whole = children.find(name); whole != none) return whole;
        const auto point = name.find('.');
        if (point == std::string_view::npos) return none;
        const auto part = children.find(name.substr(0, point));
        // Each part goes one step down, and the tree ends: bounded by its depth.
        return part == none ? none : find(part, name.substr(point + 1));
    }
};

}  // namespace entente::match
