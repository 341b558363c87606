#include "stix/internal/cut.h"

#include "base/escape.h"

#include <algorithm>
#include <array>
#include <set>

namespace entente::stix::internal {
namespace {

using Part = Tree::Part;

constexpr std::array<std::string_view, 4> replaced = {
    "id", "created_by_ref", "created", "modified"};

}  // namespace

Cut::Cut(
    Tree& tree,
    std::span<const Granular> granular,
    std::span<const std::string> hidden,
    std::span<const Part> parts
)
    : tree_(tree),
      granular_(granular),
      hidden_markings_(hidden),
      selected_(parts.begin(), parts.end()),
      hidden_(tree.size()),
      kept_(tree.size()),
      moved_(tree.size()),
      place_(tree.size()) {
    find_hidden();
    find_kept();
    find_places();
}

bool Cut::is_replaced(Part part) {
    return tree_.parent(part) == 0 &&
           std::find(replaced.begin(), replaced.end(), tree_.name(part)) != replaced.end();
}

bool Cut::is_hidden(const Granular& entry) const {
    return !entry.marking_ref.empty() &&
           std::find(hidden_markings_.begin(), hidden_markings_.end(), entry.marking_ref) !=
               hidden_markings_.end();
}

void Cut::find_hidden() {
    for (const Part part : selected_)
        hidden_[part] = true;
    for (const Granular& entry : granular_) {
        if (!is_hidden(entry)) continue;
        for (const auto& selector : entry.selectors) {
            for (const Part part : selector.parts) {
                hidden_[part] = true;
                selected_.push_back(part);
            }
        }
    }
    // What holds a part comes before it.
    for (Part part = 1; part < tree_.size(); ++part) {
        if (hidden_[tree_.parent(part)]) hidden_[part] = true;
    }
}

/// What lies in a part comes behind it, so that backwards a list or dictionary comes when all in it
/// is known.
void Cut::find_kept() {
    for (Part part = tree_.size(); part-- > 0;) {
        const bool holds = tree_.is_object(part) || tree_.is_list(part);
        if (!holds && (!hidden_[part] || is_replaced(part))) kept_[part] = true;
        if (kept_[part] && part > 0) kept_[tree_.parent(part)] = true;
    }
}

void Cut::find_places() {
    std::vector<std::uint32_t> kept_before(tree_.size());
    std::vector<bool> went_before(tree_.size());
    for (Part part = 1; part < tree_.size(); ++part) {
        const Part list = tree_.parent(part);
        if (!tree_.is_list(list)) continue;
        moved_[part] = went_before[list];
        if (kept_[part]) {
            place_[part] = kept_before[list]++;
        } else {
            went_before[list] = true;
        }
    }
}

bool Cut::has_moved(Part part) const {
    for (; part != 0; part = tree_.parent(part)) {
        if (moved_[part]) return true;
    }
    return false;
}

std::string Cut::selector_to(Part part) {
    std::vector<Part> way;
    for (; part != 0; part = tree_.parent(part))
        way.push_back(part);
    std::string out;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        if (!out.empty()) out += '.';
        if (tree_.is_list(tree_.parent(*at))) {
            out.append("[").append(std::to_string(place_[*at])).append("]");
        } else {
            out += tree_.name(*at);
        }
    }
    return out;
}

/// The inside of the list; empty when none of them selects anything that is left.
std::string Cut::selectors_of(const Granular& entry) {
    std::string out;
    for (const auto& selector : entry.selectors) {
        // Where a selector can be read in several ways (keys that hold dots), each part that it
        // covered stays covered.
        std::set<std::string> texts;
        for (const Part part : selector.parts) {
            if (!kept_[part]) continue;
            texts.insert(
                has_moved(part) ? json_string(selector_to(part))
                                : std::string(tree_.value(selector.text))
            );
        }
        for (const std::string& text : texts)
            out.append(out.empty() ? "" : ",").append(text);
    }
    return out;
}

std::string Cut::granular_markings() {
    std::string out;
    for (const Granular& entry : granular_) {
        if (is_hidden(entry)) continue;
        const std::string selectors = selectors_of(entry);
        if (selectors.empty()) continue;
        out.append(out.empty() ? "[{" : ",{");
        bool first = true;
        for (const Part member : tree_.children(entry.entry)) {
            out.append(first ? "\"" : ",\"").append(tree_.raw_name(member)).append("\":");
            first = false;
            if (tree_.name(member) == "selectors") {
                out.append("[").append(selectors).append("]");
            } else {
                out += tree_.value(member);
            }
        }
        out += '}';
    }
    if (!out.empty()) out += ']';
    return out;
}

}  // namespace entente::stix::internal
