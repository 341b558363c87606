#include "stix/internal/tree.h"

#include "base/assert.h"
#include "stix/internal/scanner.h"

#include <algorithm>

namespace entente::stix::internal {

namespace {

/// A character of a step of a JSON pointer (RFC 6901, 3).
void append_reserved(std::string& out, char c) {
    if (c == '~') {
        out += "~0";
    } else if (c == '/') {
        out += "~1";
    } else {
        out += c;
    }
}

}  // namespace

/// Walks the text once. Recursion is as deep as the text, which limits::json_depth_max bounds.
class Tree::Builder {
  public:
    Builder(std::string_view text, std::vector<Place>& parts)
        : text_(text),
          in_(text),
          parts_(parts) {}

    void build() {
        add(none, 0, 0);
        ENTENTE_ASSERT(in_.at_end());
    }

  private:
    [[nodiscard]] std::uint32_t at() const noexcept { return static_cast<std::uint32_t>(in_.at()); }

    void add(Part parent, std::uint32_t name, std::uint32_t name_end) {
        const Part part = static_cast<Part>(parts_.size());
        parts_.push_back({name, name_end, at(), 0, parent, 0});
        switch (in_.peek()) {
            case '{':
                members(part);
                break;
            case '[':
                list(part);
                break;
            default:
                ENTENTE_ASSERT(in_.skip_value());
        }
        parts_[part].value_end = at();
        parts_[part].end = static_cast<Part>(parts_.size());
    }

    void members(Part part) {
        ENTENTE_ASSERT(in_.take('{'));
        if (in_.take('}')) return;
        do {
            const auto name = in_.string();
            ENTENTE_ASSERT(name && in_.take(':'));
            const auto from = static_cast<std::uint32_t>(name->raw.data() - text_.data());
            add(part, from, from + static_cast<std::uint32_t>(name->raw.size()));
        } while (in_.take(','));
        ENTENTE_ASSERT(in_.take('}'));
    }

    void list(Part part) {
        ENTENTE_ASSERT(in_.take('['));
        if (in_.take(']')) return;
        do {
            add(part, 0, 0);
        } while (in_.take(','));
        ENTENTE_ASSERT(in_.take(']'));
    }

    std::string_view text_;
    Scanner in_;
    std::vector<Place>& parts_;
};

Tree::Tree(std::string_view text) : text_(text) {
    ENTENTE_ASSERT(text.size() < none);
    Builder(text, parts_).build();
}

std::string_view Tree::value(Part part) const noexcept {
    const Place& place = parts_[part];
    return text_.substr(place.value, place.value_end - place.value);
}

std::string_view Tree::raw_name(Part part) const noexcept {
    const Place& place = parts_[part];
    return text_.substr(place.name, place.name_end - place.name);
}

std::string_view Tree::name(Part part) {
    const std::string_view raw = raw_name(part);
    if (raw.find('\\') == std::string_view::npos) return raw;
    const auto [at, fresh] = unescaped_.try_emplace(part);
    if (fresh) ENTENTE_ASSERT(append_unescaped(at->second, raw));
    return at->second;
}

std::span<const Tree::Part> Tree::children(Part part) {
    const auto [at, fresh] = children_.try_emplace(part);
    if (fresh) {
        for (Part child = part + 1; child < end(part); child = end(child))
            at->second.push_back(child);
    }
    return at->second;
}

const std::vector<Tree::Part>& Tree::by_name(Part object) {
    const auto [at, fresh] = by_name_.try_emplace(object);
    if (fresh) {
        const auto all = children(object);
        at->second.assign(all.begin(), all.end());
        std::sort(at->second.begin(), at->second.end(), [this](Part a, Part b) {
            return name(a) < name(b);
        });
    }
    return at->second;
}

Tree::Part Tree::member(Part object, std::string_view wanted) {
    if (!is_object(object)) return none;
    const std::vector<Part>& sorted = by_name(object);
    const auto at = std::lower_bound(
        sorted.begin(),
        sorted.end(),
        wanted,
        [this](Part part, std::string_view text) { return name(part) < text; }
    );
    return at != sorted.end() && name(*at) == wanted ? *at : none;
}

std::string Tree::pointer(Part part) {
    std::vector<Part> way;
    for (; part != 0; part = parent(part))
        way.push_back(part);
    std::string out;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        out += '/';
        if (is_list(parent(*at))) {
            out += std::to_string(position(*at));
            continue;
        }
        for (const char c : name(*at))
            append_reserved(out, c);
    }
    return out;
}

std::size_t Tree::position(Part part) {
    if (part == 0) return 0;
    const auto all = children(parent(part));
    return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), part) - all.begin());
}

}  // namespace entente::stix::internal
