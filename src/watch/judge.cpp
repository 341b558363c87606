#include "watch/judge.h"

#include "agreement/release.h"
#include "base/limits.h"
#include "store/scan.h"
#include "watch/internal/indicator.h"

#include <utility>

namespace entente::watch {

using agreement::Action;

/// What the user may see of one collection, and use so.
struct Judge::Views {
    std::shared_ptr<const agreement::View> whole;  // shared: the cache of states
    agreement::View hunt;
    agreement::View block;

    [[nodiscard]] Action most(store::ClassNo cls) const {
        if (block.releases(cls)) return Action::block;
        return hunt.releases(cls) ? Action::hunt : Action::look;
    }
};

Judge::Judge(const Around& around, const Live& live)
    : around_(around),
      live_(live),
      now_(exchange::present(around.store, around.states, around.clock, around.write)),
      at_(around.clock.now()) {
    const exchange::State& state = *now_.state;
    const store::User* user = state.user(live.settings.user);
    nobody_ = user == nullptr || state.stops.of(*user) != nullptr || state.must_wait(*user);
}

Judge::~Judge() = default;

const Judge::Views& Judge::views(store::CollectionNo collection) {
    auto& made = views_[collection];
    if (!made) {
        auto whole =
            around_.states.view(*now_.snapshot, *now_.state, live_.settings.user, collection);
        auto hunt = exchange::view_for(*whole, *now_.state, Action::hunt);
        auto block = exchange::view_for(*whole, *now_.state, Action::block);
        made = std::make_unique<const Views>(Views{
            std::move(whole), std::move(hunt), std::move(block)});
    }
    return *made;
}

const std::optional<Judge::Known>& Judge::ask(match::Key key) {
    const auto [at, fresh] = known_.try_emplace(key);
    if (fresh) at->second = look_up(place_of(key));
    return at->second;
}

std::optional<Judge::Known> Judge::look_up(Place place) {
    if (nobody_) return std::nullopt;
    const exchange::State& state = *now_.state;
    const store::Collection* collection = state.collection(place.collection);
    if (collection == nullptr) return std::nullopt;
    const auto entry = now_.snapshot->entry(place.collection, place.seq);
    if (!entry || !exchange::terms_hold(state, entry->cls)) return std::nullopt;
    const store::ClassNo cls = entry->cls;
    store::Filter filter;
    filter.ids = {std::string(entry->id)};
    filter.types = {"indicator"};
    // The newest version of it that the user sees, by the decision that reading goes by.
    const Views& of_user = views(place.collection);
    agreement::Gate gate(*of_user.whole, agreement::Form::line);
    (void)store::scan(
        *now_.snapshot,
        *of_user.whole,
        *state.classes,
        filter,
        {},
        limits::versions_per_object_max,
        [&](const agreement::Sealed& sealed) { return gate.pass(sealed); }
    );
    if (gate.entries() != std::vector<store::Seq>{place.seq}) return std::nullopt;
    const agreement::Released line = std::move(gate).finish({});
    auto read = read_indicator(line.for_file());
    if (!read || read->revoked || read->validity.until <= at_) return std::nullopt;
    Known known;
    known.validity = read->validity;
    Hit& hit = known.hit;
    hit.collection = place.collection;
    hit.seq = place.seq;
    hit.collection_id = collection->id;
    hit.indicator = std::move(read->id);
    hit.name = std::move(read->name);
    hit.pattern = std::move(read->pattern);
    hit.created_by = std::move(read->created_by);
    hit.marking = std::move(read->marking);
    hit.may = of_user.most(cls);
    const agreement::Facets* facets = state.classes->find(cls);
    const store::Party* source = state.party(facets->source);
    if (source != nullptr) hit.shared_by = source->name;
    for (const std::string& agreement : facets->arrivals) {
        const agreement::Standpoint* point = state.agreements.point(agreement);
        if (point != nullptr && point->standing.releases()) hit.agreements.push_back(agreement);
    }
    return known;
}

}  // namespace entente::watch
