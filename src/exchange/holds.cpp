#include "exchange/holds.h"

#include "agreement/class.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace entente::exchange {
namespace {

using store::CollectionNo;
using store::Hold;
using store::Kept;
using store::PartyNo;

constexpr std::size_t kept_at_once = 16;  // their bodies may be large

bool lies_on(const Hold& h, CollectionNo collection, std::string_view id, PartyNo source) {
    return (h.collection == CollectionNo{} || h.collection == collection) &&
           (h.party == PartyNo{} || h.party == source) && (h.id.empty() || h.id == id);
}

/// Who published the entries of each class.
class Sources {
  public:
    explicit Sources(store::Snapshot& snapshot) {
        for (const auto& [no, key] : snapshot.classes(store::ClassNo{0})) {
            if (const auto facets = agreement::facets_of(key)) sources_.emplace(no, facets->source);
        }
    }

    [[nodiscard]] PartyNo of(store::ClassNo cls) const {
        const auto at = sources_.find(cls);
        return at == sources_.end() ? PartyNo{} : at->second;
    }

    [[nodiscard]] const auto& all() const noexcept { return sources_; }

  private:
    std::unordered_map<store::ClassNo, PartyNo> sources_;
};

bool lies_on(const Hold& h, const Kept& k, const Sources& sources) {
    const std::string& id = k.derived_of.empty() ? k.id : k.derived_of;
    return lies_on(h, k.collection, id, sources.of(k.cls));
}

}  // namespace

const Hold* LegalHolds::on(CollectionNo collection, std::string_view id, PartyNo source) const {
    const auto found = std::ranges::find_if(holds_, [&](const Hold& h) {
        return lies_on(h, collection, id, source);
    });
    return found == holds_.end() ? nullptr : &*found;
}

const Hold* LegalHolds::on_all(CollectionNo collection) const {
    const auto found = std::ranges::find_if(holds_, [&](const Hold& h) {
        return (h.collection == CollectionNo{} || h.collection == collection) &&
               h.party == PartyNo{} && h.id.empty();
    });
    return found == holds_.end() ? nullptr : &*found;
}

std::optional<Hold> hold_in(store::Snapshot& snapshot, CollectionNo collection) {
    const std::vector<Hold> holds = snapshot.directory().holds;
    if (holds.empty()) return std::nullopt;
    const Sources sources(snapshot);
    const auto lies_in = [&](const Hold& h) {
        if (h.collection != CollectionNo{}) return h.collection == collection;
        if (!h.id.empty()) return !snapshot.versions(collection, h.id).empty();
        if (h.party == PartyNo{}) return true;
        return std::ranges::any_of(sources.all(), [&](const auto& of) {
            return of.second == h.party &&
                   snapshot.next_of_class(collection, of.first, store::Seq{0}).has_value();
        });
    };
    const auto found = std::ranges::find_if(holds, lies_in);
    if (found != holds.end()) return *found;
    std::optional<Hold> keeps;
    each_kept(snapshot, [&](const Kept& k, const std::vector<const Hold*>& by) {
        if (k.collection == collection && !by.empty() && !keeps) keeps = *by.front();
    });
    return keeps;
}

void each_kept(
    store::Snapshot& snapshot,
    const std::function<void(const Kept&, const std::vector<const Hold*>&)>& take
) {
    std::vector<Kept> some = snapshot.kept({}, kept_at_once);
    if (some.empty()) return;
    const std::vector<Hold> holds = snapshot.directory().holds;
    const Sources sources(snapshot);
    while (!some.empty()) {
        for (const Kept& k : some) {
            std::vector<const Hold*> by;
            for (const Hold& h : holds)
                if (lies_on(h, k, sources)) by.push_back(&h);
            take(k, by);
        }
        some = snapshot.kept(store::KeptNo{agreement::raw(some.back().no) + 1}, kept_at_once);
    }
}

Result<std::uint64_t> end_hold(store::Transaction& tx, store::HoldNo no) {
    const std::vector<Hold> holds = tx.directory().holds;
    if (std::ranges::find(holds, no, &Hold::no) == holds.end())
        return fail(Errc::not_found, fmt::format("there is no hold {}", agreement::raw(no)));
    tx.erase(no);
    std::vector<store::KeptNo> free;
    each_kept(tx, [&](const Kept& k, const std::vector<const Hold*>& by) {
        if (by.empty()) free.push_back(k.no);
    });
    for (const store::KeptNo kept : free)
        tx.erase(kept);
    return free.size();
}

}  // namespace entente::exchange
