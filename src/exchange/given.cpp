#include "exchange/given.h"

#include "base/limits.h"
#include "exchange/internal/seq_set.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::raw;
using store::Act;
using store::ActNo;
using store::CollectionNo;
using store::Seq;

// Beyond so many entries in between, a cursor is opened anew.
constexpr std::uint64_t walked_over_max = 64;

[[noreturn]] void corrupt(const Error& error) {
    throw StorageError(StorageError::Kind::corrupt, error.detail);
}

template <class T>
T sound(Result<T> read) {
    if (!read) corrupt(read.error());
    return std::move(*read);
}

/// All acts in order, each with a snapshot of at least its time.
void each_act(store::Store& store, const std::function<void(const Act&, store::Snapshot&)>& take) {
    ActNo from{1};
    for (;;) {
        const auto snapshot = store.snapshot();
        const std::vector<Act> some = snapshot->acts(from, limits::acts_per_read);
        for (const Act& act : some)
            take(act, *snapshot);
        if (some.size() < limits::acts_per_read) return;
        from = ActNo{raw(some.back().no) + 1};
    }
}

/// The names of entries that were removed: which act has each, read again when it is asked for.
class Removed {
  public:
    void add(const Act& act) {
        for (const RemovedEntry& entry : sound(read_removed(act)))
            places_.push_back({act.collection, entry.seq, act.no});
        sorted_ = false;
    }

    [[nodiscard]] std::optional<RemovedEntry> find(
        store::Snapshot& snapshot, CollectionNo collection, Seq seq
    ) {
        if (!std::exchange(sorted_, true)) std::ranges::sort(places_);
        const Place wanted{collection, seq, ActNo{}};
        const auto at = std::ranges::lower_bound(places_, wanted);
        if (at == places_.end() || at->collection != collection || at->seq != seq)
            return std::nullopt;
        if (at->act != read_) {
            const auto acts = snapshot.acts(at->act, 1);
            if (acts.empty()) return std::nullopt;
            entries_ = sound(read_removed(acts.front()));
            read_ = at->act;
        }
        const auto entry = std::ranges::find(entries_, seq, &RemovedEntry::seq);
        if (entry == entries_.end()) return std::nullopt;
        return *entry;
    }

  private:
    struct Place {
        CollectionNo collection{};
        Seq seq{};
        ActNo act{};
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    std::vector<Place> places_;
    bool sorted_ = true;
    ActNo read_{};
    std::vector<RemovedEntry> entries_;  // of the act `read_`
};

GivenIn in_act(const Act& act, const Disclosure& said) {
    return {
        .act = act.no,
        .at = act.at,
        .user = act.user,
        .party = act.party,
        .collection = act.collection,
        .token = said.token,
        .what = said.what};
}

Unnamed unnamed_of(const Act& act, const Disclosure& said, Unnamed::Why why, std::uint64_t count) {
    return {
        .in = in_act(act, said),
        .why = why,
        .count = count,
        .after = said.after,
        .to = said.to,
        .sha256 = said.sha256};
}

/// Reads the names of the entries that one act lists.
class Namer {
  public:
    Namer(store::Snapshot& snapshot, const Act& act, const Disclosure& said, Removed& removed)
        : snapshot_(snapshot),
          act_(act),
          removed_(removed) {
        given_.in = in_act(act, said);
    }

    /// Nothing when the entry is gone and nobody kept its name. REQUIRES: rising.
    [[nodiscard]] const Given* name(Seq seq) {
        const store::Entry* entry = entry_at(seq);
        if (entry != nullptr) {
            given_.id = entry->id;
            given_.version = entry->version;
            given_.removed = false;
            given_.original.clear();
            if (has(entry->flags, store::Flag::derived))
                given_.original = snapshot_.made_of(act_.collection, seq).value_or("");
            return &given_;
        }
        auto gone = removed_.find(snapshot_, act_.collection, seq);
        if (!gone) return nullptr;
        given_.id = std::move(gone->id);
        given_.version = std::move(gone->version);
        given_.original = std::move(gone->original);
        given_.removed = true;
        return &given_;
    }

  private:
    const store::Entry* entry_at(Seq seq) {
        if (!cursor_ || !at_ || raw(seq) > raw(at_->seq) + walked_over_max) {
            if (cursor_ && !at_) return nullptr;  // behind the last entry
            cursor_ = snapshot_.entries(act_.collection, seq);
            at_ = cursor_->next();
        }
        while (at_ && at_->seq < seq)
            at_ = cursor_->next();
        return at_ && at_->seq == seq ? &*at_ : nullptr;
    }

    store::Snapshot& snapshot_;
    const Act& act_;
    Removed& removed_;
    std::unique_ptr<store::EntryCursor> cursor_;
    std::optional<store::Entry> at_;
    Given given_;
};

bool fits(const GivenQuery& query, const Act& act) {
    return act.kind == "disclosed" && (!query.user || act.user == *query.user) &&
           (!query.party || act.party == *query.party) && (!query.since || act.at >= *query.since);
}

/// The entries that an object's versions, and copies made of it, have or had.
using Targets = std::map<CollectionNo, std::map<Seq, Given>>;

void add_stored(Targets& targets, store::Snapshot& snapshot, std::string_view id) {
    for (const store::Collection& c : snapshot.directory().collections) {
        for (const store::Version& v : snapshot.versions(c.no, id)) {
            Given& given = targets[c.no][v.seq];
            given.id = id;
            given.version = v.version;
            given.original = snapshot.made_of(c.no, v.seq).value_or("");
        }
        for (const store::Derived& d : snapshot.derived(c.no, id)) {
            const auto entry = snapshot.entry(c.no, d.seq);
            Given& given = targets[c.no][d.seq];
            given.id = d.id;
            given.version = entry ? std::string(entry->version) : std::string();
            given.original = id;
        }
    }
}

void add_removed(Targets& targets, const Act& act, std::string_view id) {
    for (const RemovedEntry& entry : sound(read_removed(act))) {
        if (entry.id != id && entry.original != id) continue;
        Given& given = targets[act.collection][entry.seq];
        given.id = entry.id;
        given.version = entry.version;
        given.original = entry.original;
        given.removed = true;
    }
}

std::string text_in(const json::object& facts, std::string_view name) {
    const json::value* value = facts.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::uint32_t number_in(const json::object& facts, std::string_view name) {
    const json::value* value = facts.if_contains(name);
    if (value == nullptr) return 0;
    boost::system::error_code ec;
    const auto number = value->to_number<std::uint32_t>(ec);
    return ec ? 0 : number;
}

}  // namespace

GivenTotal what_was_given(
    store::Store& store,
    const GivenQuery& query,
    const std::function<void(const Given&)>& given,
    const std::function<void(const Unnamed&)>& unnamed
) {
    Removed removed;
    each_act(store, [&](const Act& act, store::Snapshot&) { removed.add(act); });
    // What goes to a party's server names no user.
    std::map<std::tuple<store::PartyNo, store::UserNo, CollectionNo, std::string>, SeqSet> told;
    GivenTotal total;
    each_act(store, [&](const Act& act, store::Snapshot& snapshot) {
        if (!fits(query, act)) return;
        const Disclosure said = sound(read_disclosure(act));
        if ((query.token && said.token != *query.token) || said.count == 0) return;
        ++total.requests;
        const auto tell_unnamed = [&](Unnamed::Why why, std::uint64_t count) {
            total.unnamed += count;
            unnamed(unnamed_of(act, said, why, count));
        };
        if (!said.entries) {
            tell_unnamed(Unnamed::Why::no_list, said.count);
            return;
        }
        SeqSet& before = told[{act.party, act.user, act.collection, said.what}];
        Namer namer(snapshot, act, said, removed);
        std::uint64_t nameless = 0;
        const auto each_entry = [&](Seq first, Seq last) {
            for (Seq seq = first; seq <= last; seq = agreement::next(seq)) {
                if (!before.insert(seq) && !query.each) continue;
                if (const Given* one = namer.name(seq)) {
                    ++total.named;
                    given(*one);
                } else {
                    ++nameless;
                }
            }
            return true;
        };
        if (const auto ok = each_run(*said.entries, each_entry); !ok) corrupt(ok.error());
        if (nameless == 0) return;
        // A collection that is gone took all its entries with it.
        const auto directory = snapshot.directory();
        const bool there =
            std::ranges::find(directory.collections, act.collection, &store::Collection::no) !=
            directory.collections.end();
        tell_unnamed(there ? Unnamed::Why::entry : Unnamed::Why::collection, nameless);
    });
    return total;
}

Holders who_has(store::Store& store, std::string_view id) {
    Targets targets;
    each_act(store, [&](const Act& act, store::Snapshot&) { add_removed(targets, act, id); });
    {
        const auto snapshot = store.snapshot();
        add_stored(targets, *snapshot, id);
    }
    Holders found{.known = !targets.empty()};
    using Whose =
        std::tuple<CollectionNo, Seq, store::PartyNo, store::UserNo, store::TokenNo, std::string>;
    std::map<Whose, Holding> holdings;
    std::map<std::tuple<store::UserNo, CollectionNo>, MayHold> may;
    each_act(store, [&](const Act& act, store::Snapshot&) {
        if (act.kind != "disclosed") return;
        const auto of_collection = targets.find(act.collection);
        if (of_collection == targets.end()) return;
        const std::map<Seq, Given>& wanted = of_collection->second;
        const Disclosure said = sound(read_disclosure(act));
        if (!said.entries) {
            // Entries that were shown late lie before the page's positions, so only what came after
            // it is out of the question.
            if (said.count == 0 || wanted.begin()->first > said.to) return;
            MayHold& one = may[{act.user, act.collection}];
            if (one.times++ == 0)
                one.first = unnamed_of(act, said, Unnamed::Why::no_list, said.count);
            one.last = act.at;
            return;
        }
        const auto each_hit = [&](Seq first, Seq last) {
            for (auto at = wanted.lower_bound(first); at != wanted.end() && at->first <= last;
                 ++at) {
                Holding& one = holdings[{
                    act.collection, at->first, act.party, act.user, said.token, said.what}];
                if (one.times++ == 0) {
                    one.given = at->second;
                    one.given.in = in_act(act, said);
                }
                one.last = act.at;
            }
            return true;
        };
        if (const auto ok = each_run(*said.entries, each_hit); !ok) corrupt(ok.error());
    });
    for (auto& [key, holding] : holdings)
        found.holdings.push_back(std::move(holding));
    std::ranges::stable_sort(found.holdings, [](const Holding& a, const Holding& b) {
        return std::tie(a.given.version, a.given.id, a.given.in.act) <
               std::tie(b.given.version, b.given.id, b.given.in.act);
    });
    for (auto& [key, one] : may)
        found.may.push_back(std::move(one));
    return found;
}

Names removed_names(store::Store& store) {
    Names names;
    each_act(store, [&](const Act& act, store::Snapshot&) {
        const bool user = act.kind == "user removed";
        if (!user && act.kind != "party removed") return;
        boost::system::error_code ec;
        const json::value value = json::parse(act.facts, ec);
        if (ec || !value.is_object()) return;
        const json::object& facts = value.get_object();
        const std::uint32_t no = number_in(facts, "no");
        if (no == 0) return;  // from before numbers were kept
        if (!user) {
            names.parties[store::PartyNo{no}] = text_in(facts, "party");
            return;
        }
        names.users[store::UserNo{no}] = text_in(facts, "user");
        const json::value* tokens = facts.if_contains("tokens");
        if (tokens == nullptr || !tokens->is_array()) return;
        for (const json::value& one : tokens->get_array()) {
            if (!one.is_object()) continue;
            const std::uint32_t token = number_in(one.get_object(), "no");
            names.tokens[store::TokenNo{token}] = text_in(one.get_object(), "token");
        }
    });
    return names;
}

}  // namespace entente::exchange
