#include "pattern/internal/binding_layout.h"

#include <algorithm>
#include <functional>

namespace entente::pattern {
namespace {

constexpr std::uint64_t very_many = 1ULL << 62U;

std::uint64_t times_at_most(std::uint64_t a, std::uint64_t b) {
    return b != 0 && a > very_many / b ? very_many : a * b;
}

class Maker {
  public:
    Maker(const Plan& plan, Budget& budget) : plan_(plan), budget_(budget) {}

    Layout make() {
        (void)node(plan_.root);
        return std::move(made_);
    }

  private:
    using Kind = Group::Kind;
    using Role = Layout::Role;

    std::uint32_t node(std::size_t index) {
        const Group& group = plan_.groups[index];
        Layout::Node made{&group, {}, none, none, none};
        switch (group.kind) {
            case Kind::leaf:
                made.leaf = leaf(group, index);
                break;
            case Kind::all:
                for (const std::size_t child : group.children)
                    made.children.push_back(node(child));
                break;
            case Kind::sequence:
                made.time = time(group);
                made.children.push_back(under({made.time, Role::first}, group.children[0]));
                made.children.push_back(under({made.time, Role::second}, group.children[1]));
                break;
            case Kind::window:
                made.time = time(group);
                made.children.push_back(under({made.time, Role::inside}, group.children[0]));
                break;
            case Kind::choice:
                made.choice = choice(group, made);
                break;
            case Kind::repeat:
                repeat(group, made);
                break;
        }
        made_.nodes.push_back(std::move(made));
        return static_cast<std::uint32_t>(made_.nodes.size() - 1);
    }

    std::uint32_t under(Layout::Bound bound, std::size_t child) {
        bounds_.push_back(bound);
        const std::uint32_t made = node(child);
        bounds_.pop_back();
        return made;
    }

    std::uint32_t leaf(const Group& group, std::size_t index) {
        (void)budget_.spend(1 + bounds_.size());
        made_.leaves.push_back({&group, bounds_, guards_});
        const auto at = static_cast<std::uint32_t>(made_.leaves.size() - 1);
        if (copies_ != nullptr) (*copies_)[index].push_back(at);
        return at;
    }

    std::uint32_t time(const Group& group) {
        made_.times.push_back({axis(group), guards_});
        return static_cast<std::uint32_t>(made_.times.size() - 1);
    }

    std::uint32_t choice(const Group& group, Layout::Node& made) {
        const auto at = static_cast<std::uint32_t>(made_.choices.size());
        const auto branches = static_cast<std::uint32_t>(group.children.size());
        made_.choices.push_back({branches, none, guards_});
        for (std::uint32_t branch = 0; branch < branches; ++branch) {
            guards_.push_back({at, branch});
            made.children.push_back(node(group.children[branch]));
            guards_.pop_back();
        }
        return at;
    }

    void repeat(const Group& group, Layout::Node& made) {
        const bool chooses = has_choice(group.children[0]);
        std::map<std::size_t, std::vector<std::uint32_t>> alike;
        const bool outermost = copies_ == nullptr && !chooses;
        if (outermost) copies_ = &alike;
        std::vector<std::uint32_t> rising;
        std::uint32_t before = none;
        for (std::uint64_t copy = 0; copy < group.count; ++copy) {
            const auto first_time = static_cast<std::uint32_t>(made_.times.size());
            const auto first_choice = static_cast<std::uint32_t>(made_.choices.size());
            made.children.push_back(node(group.children[0]));
            // Copies can be put in any order, so one order is enough: by the first choice if there
            // is one, else by the first time.
            if (chooses) {
                made_.choices[first_choice].before = before;
                before = first_choice;
            } else {
                rising.push_back(first_time);
            }
        }
        if (!chooses) made_.rising.push_back(std::move(rising));
        if (!outermost) return;
        copies_ = nullptr;
        for (auto& [index, leaves] : alike)
            made_.alike.push_back(std::move(leaves));
    }

    [[nodiscard]] bool has_choice(std::size_t index) const {
        const Group& group = plan_.groups[index];
        return group.kind == Kind::choice ||
               std::ranges::any_of(group.children, [&](std::size_t c) { return has_choice(c); });
    }

    void gather(std::size_t index, Rank Entry::*bound, std::vector<Rank>& to) {
        const Group& group = plan_.groups[index];
        if (!budget_.spend(1 + 8 * group.entries.size())) return;
        for (const Entry& entry : group.entries)
            to.push_back(entry.*bound);
        for (const std::size_t child : group.children)
            gather(child, bound, to);
    }

    const Axis* axis(const Group& group) {
        auto& slot = made_.axes[&group];
        if (slot) return slot.get();
        slot = std::make_unique<Axis>();
        const bool window = group.kind == Kind::window;
        gather(group.children[0], window ? &Entry::hi : &Entry::lo, slot->values);
        std::ranges::sort(slot->values);
        slot->values.erase(
            std::unique(slot->values.begin(), slot->values.end()), slot->values.end()
        );
        if (!window) return slot.get();
        for (const Rank value : slot->values) {
            const Moment end{plan_.moments[value].at + group.length, true};
            // STIX 2.1, 9.5.1: the latest must not be equal to or later than the earliest and the
            // window.
            const auto late = plan_.window_closed ? std::ranges::upper_bound(plan_.moments, end)
                                                  : std::ranges::lower_bound(plan_.moments, end);
            slot->ends.push_back(static_cast<Rank>(late - plan_.moments.begin()));
        }
        return slot.get();
    }

    const Plan& plan_;
    Budget& budget_;
    Layout made_;
    std::vector<Layout::Bound> bounds_;
    std::vector<Guard> guards_;
    std::map<std::size_t, std::vector<std::uint32_t>>* copies_ = nullptr;
};

}  // namespace

std::uint64_t written_out(const Plan& plan) {
    std::vector<std::uint64_t> size(plan.groups.size(), 1);
    for (std::size_t i = 0; i < plan.groups.size(); ++i) {
        const Group& group = plan.groups[i];
        std::uint64_t inside = 0;
        for (const std::size_t child : group.children)
            inside = std::min(very_many, inside + size[child]);
        if (group.kind == Group::Kind::repeat) inside = times_at_most(inside, group.count);
        size[i] = std::min(very_many, inside + 1);
    }
    return size[plan.root];
}

Layout lay_out(const Plan& plan, Budget& budget) {
    return Maker(plan, budget).make();
}

}  // namespace entente::pattern
