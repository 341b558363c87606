#include "stix/marking_paths.h"

#include "base/limits.h"
#include "stix/internal/selectors.h"
#include "stix/internal/tree.h"
#include "stix/internal/value.h"
#include "stix/object.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace entente::stix {
namespace {

using internal::Tree;
using Part = Tree::Part;

Path path_of(Tree& tree, Part part) {
    Path path;
    for (; part != 0; part = tree.parent(part)) {
        if (tree.is_list(tree.parent(part))) {
            path.emplace_back(tree.position(part));
        } else {
            path.emplace_back(std::string(tree.name(part)));
        }
    }
    std::reverse(path.begin(), path.end());
    return path;
}

/// The markings of the whole object; what is no identifier is left out.
std::set<std::string> object_markings(Tree& tree) {
    std::set<std::string> out;
    const Part list = tree.member(0, "object_marking_refs");
    if (list == Tree::none) return out;
    for (const Part ref : tree.children(list)) {
        const auto id = internal::plain_string(tree.value(ref));
        if (id && is_identifier(*id)) out.emplace(*id);
    }
    return out;
}

/// Spares the tree of most objects. In canonical form the name has one spelling.
bool may_have_granular_markings(std::string_view canonical) {
    return canonical.find("\"granular_markings\":") != std::string_view::npos;
}

/// The granular markings by the parts that they select, in order of the text.
Result<std::map<Part, std::set<std::string>>> markings_by_part(Tree& tree) {
    ENTENTE_TRY(const auto entries, internal::read_granular(tree));
    std::map<Part, std::set<std::string>> out;
    for (const internal::Granular& entry : entries) {
        if (entry.marking_ref.empty()) continue;
        for (const auto& selector : entry.selectors) {
            for (const Part part : selector.parts)
                out[part].insert(entry.marking_ref);
        }
    }
    return out;
}

}  // namespace

Result<Path> resolve_selector(std::string_view canonical, std::string_view selector) {
    Tree tree(canonical);
    ENTENTE_TRY(const auto parts, internal::Selectors(tree).resolve(selector));
    return path_of(tree, parts.front());
}

Result<std::vector<GranularMarking>> granular_markings(std::string_view canonical) {
    if (!may_have_granular_markings(canonical)) return std::vector<GranularMarking>();
    Tree tree(canonical);
    ENTENTE_TRY(const auto entries, internal::read_granular(tree));
    std::vector<GranularMarking> out;
    for (const internal::Granular& entry : entries) {
        if (entry.marking_ref.empty()) continue;
        GranularMarking& marking = out.emplace_back();
        marking.marking_ref = entry.marking_ref;
        for (const auto& selector : entry.selectors) {
            for (const Part part : selector.parts)
                marking.paths.push_back(path_of(tree, part));
        }
    }
    return out;
}

Result<std::vector<MarkedPart>> marked_parts(std::string_view canonical) {
    if (!may_have_granular_markings(canonical)) return std::vector<MarkedPart>();
    Tree tree(canonical);
    ENTENTE_TRY(const auto by_part, markings_by_part(tree));
    const std::set<std::string> whole = object_markings(tree);

    std::vector<MarkedPart> out;
    std::vector<std::pair<Part, std::size_t>>
        around;  // selected parts that are open, and where in `out`
    std::size_t refs = 0;
    for (const auto& [part, own] : by_part) {
        while (!around.empty() && part >= tree.end(around.back().first))
            around.pop_back();
        MarkedPart marked;
        std::set<std::string> all = own;
        if (around.empty()) {
            all.insert(whole.begin(), whole.end());
        } else {
            const auto& outer = out[around.back().second].markings;
            all.insert(outer.begin(), outer.end());
        }
        refs += all.size();
        if (refs > limits::marked_part_refs_max) {
            return fail(
                Errc::too_large,
                "/granular_markings: the parts have more markings together than the limit of " +
                    std::to_string(limits::marked_part_refs_max)
            );
        }
        marked.path = path_of(tree, part);
        std::move(all.begin(), all.end(), std::back_inserter(marked.markings));
        around.emplace_back(part, out.size());
        out.push_back(std::move(marked));
    }
    return out;
}

std::string pointer_of(const Path& path) {
    std::string out;
    for (const Step& step : path) {
        out += '/';
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            out += std::to_string(*index);
            continue;
        }
        for (const char c : std::get<std::string>(step)) {
            if (c == '~') {
                out += "~0";
            } else if (c == '/') {
                out += "~1";
            } else {
                out += c;
            }
        }
    }
    return out;
}

}  // namespace entente::stix
