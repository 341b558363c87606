#include "exchange/internal/write_state.h"

#include "base/assert.h"
#include "exchange/state_cache.h"

#include <algorithm>

namespace entente::exchange {

WriteState::WriteState(store::Transaction& tx, std::shared_ptr<const State> recent) : tx_(tx) {
    if (recent && recent->directory.generation == tx.generation()) {
        state_ = std::move(recent);
    } else {
        state_ = std::make_shared<const State>(load_state(tx));
    }
    classes_ = state_->classes.get();
    const auto newer = tx.classes(store::ClassNo{classes_->size()});
    if (!newer.empty()) {
        own_classes_ = std::make_shared<agreement::ClassTable>(*classes_);
        for (const auto& [no, key] : newer) {
            auto facets = agreement::facets_of(key);
            if (facets) own_classes_->add(no, std::move(*facets));
        }
        classes_ = own_classes_.get();
    }
}

void WriteState::reload() {
    state_ = std::make_shared<const State>(load_state(tx_));
    if (!own_classes_) classes_ = state_->classes.get();  // the table before went with its state
}

const agreement::Facets& WriteState::facets(store::ClassNo no) const {
    const agreement::Facets* found = classes_->find(no);
    ENTENTE_ASSERT(found != nullptr);
    return *found;
}

store::ClassNo WriteState::intern(const agreement::Facets& facets) {
    const std::string key = agreement::facets_key(facets);
    const auto known = interned_.find(key);
    if (known != interned_.end()) return known->second;
    const store::ClassNo no = tx_.intern_class(key);
    if (classes_->find(no) == nullptr) {
        if (!own_classes_) own_classes_ = std::make_shared<agreement::ClassTable>(*classes_);
        own_classes_->add(no, facets);
        classes_ = own_classes_.get();
    }
    interned_.emplace(key, no);
    return no;
}

bool WriteState::reads(
    const store::User& user, const store::Collection& collection, const store::Version& version
) const {
    const agreement::Decision decision = agreement::decide(
        state().read_terms(user, collection), classes(), state().markings, version.cls
    );
    if (!decision.releases()) return false;
    return decision.delay_hours == 0 ||
           Shown(tx_, user.no, collection.no)(version, decision.delay_hours);
}

bool can_release(const agreement::Terms& terms) noexcept {
    return std::ranges::any_of(terms.bonds, [](const agreement::Bond& bond) {
        return !bond.ways.empty();
    });
}

Shown::Shown(store::Snapshot& snapshot, store::UserNo user, store::CollectionNo collection) {
    if (!snapshot.has_view(user, collection)) return;
    for (const store::Delayed& d : snapshot.delayed(user, collection))
        delayed_.emplace(d.cls, d.upto);
    for (const agreement::Stretch& s : snapshot.stretches(user, collection)) {
        if (!s.kept) continue;
        store::Seq& upto = kept_[s.cls];
        upto = std::max(upto, s.upto);
    }
}

bool Shown::operator()(const store::Version& version, std::uint32_t hours) const {
    if (hours == agreement::never) return false;
    return hours == 0 || paused(version);
}

bool Shown::paused(const store::Version& version) const {
    const auto within = [&](const auto& upto) {
        const auto at = upto.find(version.cls);
        return at != upto.end() && version.seq <= at->second;
    };
    return within(delayed_) || within(kept_);
}

agreement::Terms view_terms(
    const State& state, const store::User& user, const store::Collection& collection
) {
    store::User enabled = user;
    enabled.disabled = false;
    return state.read_terms(enabled, collection);
}

}  // namespace entente::exchange
