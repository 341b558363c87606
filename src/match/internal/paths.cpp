#include "match/internal/paths.h"

#include "base/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace entente::match {
namespace {

bool is_plain_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto fits = [&](char c) { return letter(c) || c == '_' || (c >= '0' && c <= '9'); };
    return !name.empty() && (letter(name[0]) || name[0] == '_') && std::ranges::all_of(name, fits);
}

std::string quoted(std::string_view name) {
    std::string out = "'";
    for (const char c : name) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string spelling(const pattern::Path& path) {
    std::string out = path.type + ":";
    bool first = true;
    for (const pattern::PathStep& step : path.steps) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            if (!first) out += '.';
            out += is_plain_name(*name) ? *name : quoted(*name);
        } else if (const auto* index = std::get_if<std::int64_t>(&step)) {
            out += fmt::format("[{}]", *index);
        } else {
            out += "[*]";
        }
        first = false;
    }
    return out;
}

bool ends_in_octets(const pattern::Path& path) {
    const auto* name = std::get_if<std::string>(&path.steps.back());
    return name != nullptr && (name->ends_with("_bin") || name->ends_with("_hex"));
}

}  // namespace

std::uint32_t Paths::node_at(std::vector<Edge>& edges, std::string_view text) {
    const Name name(text);
    auto at = std::ranges::lower_bound(edges, name.hash, {}, &Edge::hash);
    for (; at != edges.end() && at->hash == name.hash; ++at)
        if (at->text == text) return at->node;
    const auto node = static_cast<std::uint32_t>(nodes_.size());
    const bool one = text.ends_with("_ref");
    edges.insert(at, {std::string(text), name.hash, node, one, text.ends_with("_refs")});
    return node;
}

std::uint32_t Paths::step_from(std::uint32_t node, const pattern::PathStep& step) {
    const auto next = static_cast<std::uint32_t>(nodes_.size());
    std::uint32_t found = next;
    if (const auto* name = std::get_if<std::string>(&step)) {
        found = node_at(nodes_[node].named, *name);
    } else if (const auto* index = std::get_if<std::int64_t>(&step)) {
        auto& indexed = nodes_[node].indexed;
        const auto number = static_cast<std::uint64_t>(*index);
        const auto at = std::ranges::find(indexed, number, [](const auto& e) { return e.first; });
        if (at == indexed.end()) {
            indexed.emplace_back(number, next);
        } else {
            found = at->second;
        }
    } else if (nodes_[node].any == no_node) {
        nodes_[node].any = next;
    } else {
        found = nodes_[node].any;
    }
    if (found == next) nodes_.emplace_back();
    return found;
}

std::optional<PathId> Paths::number(const pattern::Path& path) {
    if (path.steps.size() > limits::match_path_steps_max) return std::nullopt;
    const bool room = infos_.size() < limits::match_paths_max;
    if (!room) {
        // No new one; whether it is known is seen without making nodes.
        const std::string wanted = spelling(path);
        const auto at = std::ranges::find(infos_, wanted, &Info::spelled);
        if (at == infos_.end()) return std::nullopt;
        return static_cast<PathId>(at - infos_.begin());
    }
    std::uint32_t node = node_at(types_, path.type);
    if (node == nodes_.size()) nodes_.emplace_back();
    for (const pattern::PathStep& step : path.steps)
        node = step_from(node, step);
    if (!nodes_[node].path) {
        nodes_[node].path = static_cast<PathId>(infos_.size());
        infos_.push_back({spelling(path), ends_in_octets(path)});
    }
    return nodes_[node].path;
}

bool Gather::spend(std::size_t lookups) noexcept {
    if (lookups > left_) {
        left_ = 0;
        whole_ = false;
    } else {
        left_ -= lookups;
    }
    return whole_;
}

bool Gather::run(
    const Event& event, const Paths& paths, std::size_t& lookups, std::vector<Fact>& facts
) {
    event_ = &event;
    paths_ = &paths;
    facts_ = &facts;
    left_ = lookups;
    whole_ = true;
    facts.clear();
    types_.clear();
    by_type_.resize(std::max(by_type_.size(), paths.types_.size()));
    for (const Event::Root& root : event.roots()) {
        auto at = std::ranges::lower_bound(paths.types_, root.type.hash, {}, &Paths::Edge::hash);
        for (; at != paths.types_.end() && at->hash == root.type.hash; ++at) {
            if (at->text != root.type.text) continue;
            const auto type = static_cast<std::uint32_t>(at - paths.types_.begin());
            if (by_type_[type].empty()) types_.push_back(type);
            by_type_[type].push_back(root.value);
        }
    }
    for (const std::uint32_t type : types_) {
        stack_.assign(by_type_[type].begin(), by_type_[type].end());
        by_type_[type].clear();
        visit(paths.types_[type].node, {0, stack_.size()});
    }
    lookups = left_;
    return whole_;
}

// As deep as a path is long (limits::match_path_steps_max).
// NOLINTNEXTLINE(misc-no-recursion)
void Gather::visit(std::uint32_t number, Span places) {
    const Paths::Node& node = paths_->nodes_[number];
    if (node.path) {
        if (!spend(places.end - places.begin)) return;
        for (std::size_t i = places.begin; i < places.end; ++i)
            facts_->push_back({*node.path, stack_[i]});
    }
    for (const Paths::Edge& edge : node.named) {
        const std::size_t begin = stack_.size();
        follow(edge, places);
        descend(edge.node, begin);
    }
    for (const auto& [index, next] : node.indexed) {
        const std::size_t begin = stack_.size();
        elements(index, places);
        descend(next, begin);
    }
    if (node.any != Paths::no_node) {
        const std::size_t begin = stack_.size();
        elements(std::nullopt, places);
        descend(node.any, begin);
    }
}

// NOLINTNEXTLINE(misc-no-recursion)
void Gather::descend(std::uint32_t node, std::size_t begin) {
    if (stack_.size() > begin + 1) {
        // Several ways may lead to one value, exponentially many where references make circles.
        const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(begin);
        std::sort(from, stack_.end());
        stack_.erase(std::unique(from, stack_.end()), stack_.end());
    }
    if (stack_.size() > begin && whole_) visit(node, {begin, stack_.size()});
    stack_.resize(begin);
}

void Gather::follow(const Paths::Edge& edge, Span places) {
    for (std::size_t i = places.begin; i < places.end; ++i) {
        const Event::Value& place = event_->at(stack_[i]);
        if (place.kind != Event::Kind::dict) continue;
        std::size_t looked = 1;
        for (Event::Index at = place.first; at != Event::none; ++looked) {
            const Event::Value& value = event_->at(at);
            if (value.name.hash == edge.hash && value.name.text == edge.text) {
                if (edge.to_object) {
                    if (value.kind == Event::Kind::reference) stack_.push_back(value.target);
                } else if (!edge.to_objects || value.kind == Event::Kind::references) {
                    stack_.push_back(at);
                }
                break;
            }
            at = value.next;
        }
        if (!spend(1 + looked / 4)) return;
    }
}

void Gather::push_element(Event::Index element) {
    const Event::Value& value = event_->at(element);
    stack_.push_back(value.kind == Event::Kind::reference ? value.target : element);
}

void Gather::elements(std::optional<std::uint64_t> index, Span places) {
    for (std::size_t i = places.begin; i < places.end; ++i) {
        const Event::Value& place = event_->at(stack_[i]);
        const bool references = place.kind == Event::Kind::references;
        if (place.kind != Event::Kind::list && !references) continue;
        std::uint64_t at = 0;
        for (Event::Index e = place.first; e != Event::none; e = event_->at(e).next, ++at) {
            if ((at % 4 == 0 && !spend(1)) || (index && at > *index)) break;
            if (index && at != *index) continue;
            // A reference that leads nowhere is no value.
            if (references && event_->at(e).kind != Event::Kind::reference) continue;
            push_element(e);
        }
    }
}

}  // namespace entente::match
