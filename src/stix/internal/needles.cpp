#include "stix/internal/needles.h"

#include "base/assert.h"

namespace entente::stix::internal {

Needles::Needles() : nodes_(1) {}

Needles::At Needles::child(At node, char byte) const noexcept {
    if (node == 0) return first_[static_cast<unsigned char>(byte)];
    At at = nodes_[node].child;
    while (at != 0 && nodes_[at].byte != byte)
        at = nodes_[at].sibling;
    return at;
}

void Needles::add(std::string_view text) {
    ENTENTE_ASSERT(!text.empty());
    At node = 0;
    for (const char byte : text.substr(0, bytes_max)) {
        At next = child(node, byte);
        if (next == 0) {
            next = static_cast<At>(nodes_.size());
            Node fresh;
            fresh.byte = byte;
            if (node == 0) {
                first_[static_cast<unsigned char>(byte)] = next;
            } else {
                fresh.sibling = nodes_[node].child;
                nodes_[node].child = next;
            }
            nodes_.push_back(fresh);
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
    for (const At node : first_) {
        if (node != 0) queue.push_back(node);
    }
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
