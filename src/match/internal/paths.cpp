#include "match/internal/paths.h"

#include "base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace entente::match {
namespace {

constexpr std::size_t edges_one_by_one = 16;

// What feeds ask for and sensors see.
constexpr std::array<std::string_view, 40> usual_paths{
    "artifact:hashes.MD5",
    "artifact:hashes.'SHA-1'",
    "artifact:hashes.'SHA-256'",
    "autonomous-system:number",
    "directory:path",
    "domain-name:resolves_to_refs[*].value",
    "domain-name:value",
    "email-addr:value",
    "email-message:from_ref.value",
    "email-message:sender_ref.value",
    "email-message:subject",
    "file:hashes.MD5",
    "file:hashes.'SHA-1'",
    "file:hashes.'SHA-256'",
    "file:hashes.'SHA-512'",
    "file:hashes.SSDEEP",
    "file:hashes.TLSH",
    "file:name",
    "file:parent_directory_ref.path",
    "file:size",
    "ipv4-addr:value",
    "ipv6-addr:value",
    "mac-addr:value",
    "mutex:name",
    "network-traffic:dst_port",
    "network-traffic:dst_ref.value",
    "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
    "network-traffic:extensions.'http-request-ext'.request_value",
    "network-traffic:src_port",
    "network-traffic:src_ref.value",
    "network-traffic:x_ja3",
    "network-traffic:x_ja3s",
    "process:command_line",
    "process:name",
    "url:value",
    "windows-registry-key:key",
    "x509-certificate:hashes.'SHA-1'",
    "x509-certificate:hashes.'SHA-256'",
    "x509-certificate:issuer",
    "x509-certificate:serial_number"};

bool is_usual(std::string_view spelled) {
    return std::ranges::find(usual_paths, spelled) != usual_paths.end();
}

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

void Paths::begin() {
    nodes_then_ = nodes_.size();
    infos_then_ = infos_.size();
    usual_then_ = usual_;
    parents_.clear();
    ends_.clear();
}

void Paths::take_back() {
    for (const std::uint32_t end : ends_)
        nodes_[end].path.reset();
    std::ranges::sort(parents_);
    parents_.erase(std::unique(parents_.begin(), parents_.end()), parents_.end());
    const auto is_new = [this](std::uint32_t node) { return node >= nodes_then_; };
    for (const std::uint32_t parent : parents_) {
        if (parent != no_node && is_new(parent)) continue;  // it goes as a whole
        std::erase_if(edges_of(parent), [&](const Edge& edge) { return is_new(edge.node); });
        if (parent == no_node) continue;
        Node& node = nodes_[parent];
        std::erase_if(node.indexed, [&](const auto& edge) { return is_new(edge.second); });
        if (node.any != no_node && is_new(node.any)) node.any = no_node;
    }
    nodes_.resize(nodes_then_);
    infos_.resize(infos_then_);
    usual_ = usual_then_;
    begin();
}

std::uint32_t Paths::node_at(std::uint32_t parent, std::string_view text) {
    std::vector<Edge>& edges = edges_of(parent);
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
        found = node_at(node, *name);
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
    if (found == next) {
        parents_.push_back(node);
        nodes_.emplace_back();
    }
    return found;
}

bool Paths::room_for(std::string_view spelled) const {
    if (is_usual(spelled)) return true;
    const std::size_t unusual = infos_.size() - usual_;
    const std::size_t unusual_then = infos_then_ - usual_then_;
    return unusual < limits::match_paths_max - usual_paths.size() &&
           unusual - unusual_then < new_paths_max;
}

std::optional<PathId> Paths::known(const pattern::Path& path) const {
    const std::vector<Edge>* edges = &types_;
    std::uint32_t node = no_node;
    const auto follow = [&](std::string_view text) {
        const Name name(text);
        auto at = std::ranges::lower_bound(*edges, name.hash, {}, &Edge::hash);
        while (at != edges->end() && at->hash == name.hash && at->text != text)
            ++at;
        node = at == edges->end() || at->hash != name.hash ? no_node : at->node;
    };
    follow(path.type);
    for (const pattern::PathStep& step : path.steps) {
        if (node == no_node) return std::nullopt;
        const Node& here = nodes_[node];
        if (const auto* name = std::get_if<std::string>(&step)) {
            edges = &here.named;
            follow(*name);
        } else if (const auto* index = std::get_if<std::int64_t>(&step)) {
            const auto number = static_cast<std::uint64_t>(*index);
            const auto at =
                std::ranges::find(here.indexed, number, [](const auto& e) { return e.first; });
            node = at == here.indexed.end() ? no_node : at->second;
        } else {
            node = here.any;
        }
    }
    return node == no_node ? std::nullopt : nodes_[node].path;
}

std::optional<PathId> Paths::number(const pattern::Path& path) {
    if (path.steps.size() > limits::match_path_steps_max) return std::nullopt;
    if (const auto there = known(path)) return there;
    std::string spelled = spelling(path);
    if (!room_for(spelled)) return std::nullopt;
    std::uint32_t node = node_at(no_node, path.type);
    if (node == nodes_.size()) {
        parents_.push_back(no_node);
        nodes_.emplace_back();
    }
    for (const pattern::PathStep& step : path.steps)
        node = step_from(node, step);
    ends_.push_back(node);
    nodes_[node].path = static_cast<PathId>(infos_.size());
    if (is_usual(spelled)) ++usual_;
    infos_.push_back({std::move(spelled), ends_in_octets(path)});
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
    if (node.named.size() > edges_one_by_one) {
        follow_all(node.named, places);
    } else {
        for (const Paths::Edge& edge : node.named) {
            const std::size_t begin = stack_.size();
            follow(edge, places);
            descend(edge.node, begin);
        }
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
                push_property(edge, at);
                break;
            }
            at = value.next;
        }
        if (!spend(1 + looked / 4)) return;
    }
}

void Gather::push_property(const Paths::Edge& edge, Event::Index property) {
    const Event::Value& value = event_->at(property);
    if (edge.to_object) {
        if (value.kind == Event::Kind::reference) stack_.push_back(value.target);
    } else if (!edge.to_objects || value.kind == Event::Kind::references) {
        stack_.push_back(property);
    }
}

/// The same for many edges: it costs what the objects have, not what patterns ask for.
// NOLINTNEXTLINE(misc-no-recursion)
void Gather::follow_all(const std::vector<Paths::Edge>& edges, Span places) {
    struct Met {
        std::size_t edge, place;
        Event::Index property;
    };

    std::vector<Met> met;
    for (std::size_t i = places.begin; i < places.end; ++i) {
        const Event::Value& place = event_->at(stack_[i]);
        if (place.kind != Event::Kind::dict) continue;
        for (Event::Index at = place.first; at != Event::none; at = event_->at(at).next) {
            if (!spend(1)) return;
            const Name& name = event_->at(at).name;
            auto edge = std::ranges::lower_bound(edges, name.hash, {}, &Paths::Edge::hash);
            for (; edge != edges.end() && edge->hash == name.hash; ++edge) {
                if (!spend(1)) return;
                if (edge->text != name.text) continue;
                met.push_back({static_cast<std::size_t>(edge - edges.begin()), i, at});
            }
        }
    }
    const auto order = [](const Met& one) { return std::pair(one.edge, one.place); };
    // Of several properties of one name the first counts.
    std::ranges::stable_sort(met, {}, order);
    for (std::size_t i = 0; i < met.size();) {
        const std::size_t edge = met[i].edge;
        const std::size_t begin = stack_.size();
        for (const std::size_t from = i; i < met.size() && met[i].edge == edge; ++i)
            if (i == from || met[i].place != met[i - 1].place)
                push_property(edges[edge], met[i].property);
        descend(edges[edge].node, begin);
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
