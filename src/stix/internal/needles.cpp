#include "stix/internal/needles.h"

#include "base/assert.h"

namespace entente::stix::internal {

namespace {

// Searching a longer list of children costs more than a table's memory is worth.
constexpr std::size_t listed_children_max = 16;

}  // namespace

Needles::Needles() : nodes_(1), tables_(1) {
    nodes_[0].table = 1;
}

Needles::At Needles::child(At node, char byte) const noexcept {
    if (nodes_[node].table != 0)
        return tables_[nodes_[node].table - 1][static_cast<unsigned char>(byte)];
    At at = nodes_[node].child;
    while (at != 0 && nodes_[at].byte != byte)
        at = nodes_[at].sibling;
    return at;
}

void Needles::add_child(At node, At child) {
    const auto index = [this](At at) { return static_cast<unsigned char>(nodes_[at].byte); };
    nodes_[child].sibling = nodes_[node].child;
    nodes_[node].child = child;
    if (nodes_[node].table != 0) {
        tables_[nodes_[node].table - 1][index(child)] = child;
        return;
    }
    std::size_t count = 0;
    for (At at = child; at != 0; at = nodes_[at].sibling)
        ++count;
    if (count <= listed_children_max) return;
    Table& table = tables_.emplace_back();
    for (At at = child; at != 0; at = nodes_[at].sibling)
        table[index(at)] = at;
    nodes_[node].table = static_cast<At>(tables_.size());
}

void Needles::add(std::string_view text) {
    ENTENTE_ASSERT(!text.empty());
    At node = 0;
    for (const char byte : text.substr(0, bytes_max)) {
        At next = child(node, byte);
        if (next == 0) {
            next = static_cast<At>(nodes_.size());
            nodes_.emplace_back().byte = byte;
            add_child(node, next);
        }
        node = next;
    }
    nodes_[node].whole = true;
}

Needles::At Needles::step(At node, char byte) const noexcept {
    for (;;) {
        const At next = child(node, byte);
        if (next != 0 || node == 0) return next;
        node = nodes_[node].suffix;
    }
}

void Needles::prepare() {
    // Breadth first, so that the suffix of a node's parent is ready before the node's own.
    std::vector<At> queue;
    queue.reserve(nodes_.size());
    for (At node = nodes_[0].child; node != 0; node = nodes_[node].sibling)
        queue.push_back(node);
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const At node = queue[i];
        for (At at = nodes_[node].child; at != 0; at = nodes_[at].sibling) {
            const At suffix = step(nodes_[node].suffix, nodes_[at].byte);
            nodes_[at].suffix = suffix;
            nodes_[at].whole = nodes_[at].whole || nodes_[suffix].whole;
            queue.push_back(at);
        }
    }
}

bool Needles::stand_in(std::string_view text) const noexcept {
    At node = 0;
    for (const char byte : text) {
        node = step(node, byte);
        if (nodes_[node].whole) return true;
    }
    return false;
}

}  // namespace entente::stix::internal
