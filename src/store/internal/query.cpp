#include "store/internal/query.h"

#include "store/internal/dates.h"

#include <algorithm>
#include <unordered_set>

namespace entente::store::internal {
namespace {

class OneOf {
  public:
    explicit OneOf(const std::vector<std::string>& texts) : texts_(texts.begin(), texts.end()) {}

    [[nodiscard]] bool has(std::string_view text) const {
        return texts_.empty() || texts_.contains(text);
    }

  private:
    std::unordered_set<std::string_view> texts_;
};

}  // namespace

Query::Query(
    Snapshot& snapshot,
    const agreement::View& view,
    const agreement::ClassTable& classes,
    const Filter& filter
)
    : snapshot_(snapshot),
      view_(view),
      classes_(classes),
      filter_(filter),
      narrowed_(!filter.types.empty() || !filter.spec_versions.empty()) {
    if (filter.added_after) added_after_ = position_of_date(snapshot, view, *filter.added_after);
    if (!narrowed_) return;
    const OneOf types(filter.types);
    const OneOf spec_versions(filter.spec_versions);
    wanted_bits_.resize(classes.size(), false);
    for (const ClassNo cls : view.released()) {
        const agreement::Facets* facets = classes.find(cls);
        if (facets == nullptr || !types.has(facets->type)) continue;
        if (!spec_versions.has(facets->spec_version)) continue;
        wanted_bits_[agreement::raw(cls)] = true;
        wanted_.push_back(cls);
    }
}

std::string_view Query::spec_version(ClassNo cls) const noexcept {
    const agreement::Facets* facets = classes_.find(cls);
    return facets == nullptr ? std::string_view() : facets->spec_version;
}

bool Query::held(ClassNo cls) const noexcept {
    const agreement::Facets* facets = classes_.find(cls);
    return facets == nullptr || facets->held_for != PartyNo{};
}

bool Query::counts(const LateRow& row, bool in_place) const noexcept {
    switch (row.kind) {
        case LateRow::Kind::widened:
            return !in_place;
        case LateRow::Kind::reexposed:
            return filter_.version.last;
    }
    return false;
}

std::optional<Place> Query::place_of(Seq seq, ClassNo cls, Flags flags) const {
    if (!view_.releases(cls)) return std::nullopt;
    const bool in_place = view_.shows(cls, seq);
    std::optional<Place> place;
    if (in_place) place = Place{.seq = seq, .late = false, .date = {}};
    if (in_place && !(filter_.version.last && has(flags, Flag::reexposed))) return place;
    for (const LateRow& row : snapshot_.late_of_entry(view_.user(), collection(), seq)) {
        if (counts(row, in_place)) place = Place{.seq = row.seq, .late = true, .date = row.date};
    }
    return place;
}

}  // namespace entente::store::internal
