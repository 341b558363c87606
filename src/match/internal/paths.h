#pragma once
// The object paths that patterns ask for, as one tree over types and steps; and the values of an
// event that they lead to (STIX 2.1, 9.7; P8, P9).
#include "match/event.h"
#include "pattern/pattern.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::match {

using PathId = std::uint16_t;

/// A value that a path leads to.
struct Fact {
    PathId path = 0;
    Event::Index value = Event::none;
};

/// How many paths one indicator may bring of which no other has asked: all share the room for them.
inline constexpr std::size_t new_paths_max = 64;

/// Threads: const methods are safe to call at once.
class Paths {
  public:
    /// Begins a change: what `number` makes new from now on is taken back by `take_back`.
    void begin();
    /// The paths are as they were at `begin`. Costs time in proportion to what was new.
    void take_back();

    /// The number of a path, which never changes; new ones get the next. Nothing when there are
    /// limits::match_path_steps_max steps or limits::match_paths_max paths already, or
    /// new_paths_max since `begin`. The paths that nearly all indicators ask for have room of their
    /// own, so that nobody can use it up.
    [[nodiscard]] std::optional<PathId> number(const pattern::Path& path);

    [[nodiscard]] std::size_t size() const noexcept { return infos_.size(); }

    /// As patterns spell it.
    [[nodiscard]] const std::string& spelled(PathId path) const { return infos_[path].spelled; }

    /// The path ends in `_bin` or `_hex`: texts there stand for octets.
    [[nodiscard]] bool octets(PathId path) const { return infos_[path].octets; }

  private:
    friend class Gather;

    struct Edge {
        std::string text;
        std::uint32_t hash = 0;
        std::uint32_t node = 0;
        bool to_object = false;   // …_ref
        bool to_objects = false;  // …_refs
    };

    static constexpr std::uint32_t no_node = 0xffffffffU;

    struct Node {
        std::vector<Edge> named;
        std::vector<std::pair<std::uint64_t, std::uint32_t>> indexed;
        std::uint32_t any = no_node;
        std::optional<PathId> path;
    };

    struct Info {
        std::string spelled;
        bool octets = false;
    };

    std::uint32_t node_at(std::uint32_t parent, std::string_view text);
    [[nodiscard]] std::optional<PathId> known(const pattern::Path& path) const;
    [[nodiscard]] bool room_for(std::string_view spelled) const;

    [[nodiscard]] std::vector<Edge>& edges_of(std::uint32_t parent) {
        return parent == no_node ? types_ : nodes_[parent].named;
    }

    std::uint32_t step_from(std::uint32_t node, const pattern::PathStep& step);

    std::vector<Edge> types_;  // sorted by hash
    std::vector<Node> nodes_;
    std::vector<Info> infos_;
    std::size_t usual_ = 0;  // of the infos
    // What there was at `begin`, and which nodes lead to new ones since; no_node: a type.
    std::size_t nodes_then_ = 0, infos_then_ = 0, usual_then_ = 0;
    std::vector<std::uint32_t> parents_;
    std::vector<std::uint32_t> ends_;  // nodes that became the end of a path
};

/// Finds the facts of events. Keeps memory between them. Threads: one at a time.
class Gather {
  public:
    /// All values of `event` that some path leads to, each once for each path, in `facts`. Takes
    /// what it costs from `lookups`; false when that was not enough and facts are missing.
    [[nodiscard]] bool run(
        const Event& event, const Paths& paths, std::size_t& lookups, std::vector<Fact>& facts
    );

  private:
    struct Span {
        std::size_t begin = 0, end = 0;  // of stack_
    };

    bool spend(std::size_t lookups) noexcept;
    void visit(std::uint32_t node, Span places);
    void follow(const Paths::Edge& edge, Span places);
    void follow_all(const std::vector<Paths::Edge>& edges, Span places);
    void push_property(const Paths::Edge& edge, Event::Index property);
    void elements(std::optional<std::uint64_t> index, Span places);
    void descend(std::uint32_t node, std::size_t begin);
    void push_element(Event::Index element);

    const Event* event_ = nullptr;
    const Paths* paths_ = nullptr;
    std::vector<Fact>* facts_ = nullptr;
    std::size_t left_ = 0;
    bool whole_ = true;
    std::vector<Event::Index> stack_;  // places of all nodes on the way
    std::vector<std::vector<Event::Index>> by_type_;
    std::vector<std::uint32_t> types_;  // with objects
};

}  // namespace entente::match
