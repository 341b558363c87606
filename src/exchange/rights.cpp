#include "exchange/rights.h"

#include "exchange/internal/write_state.h"
#include "exchange/state_cache.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace entente::exchange {
namespace {

using agreement::ClassTable;
using agreement::Seq;
using agreement::Stretch;
using store::ClassNo;
using store::CollectionNo;
using store::UserNo;

/// By class number: hours after storing when its entries are released to a user, or `never`.
using Hours = std::vector<std::uint32_t>;
using agreement::never;

struct Release {
    Hours hours;
    bool possible = false;  // the terms may release something, now or later
};

Release release_of(
    const State& state,
    const store::User& user,
    const store::Collection& collection,
    const ClassTable& classes
) {
    const agreement::Terms terms = view_terms(state, user, collection);
    return {
        .hours = agreement::decide_all(terms, classes, state.markings),
        .possible = can_release(terms)};
}

std::uint32_t at(const Hours& hours, ClassNo cls) {
    return agreement::raw(cls) < hours.size() ? hours[agreement::raw(cls)] : never;
}

/// All entries of a class in a collection from a position on, rising.
std::vector<Seq> entries_of_class(
    store::Snapshot& snapshot, CollectionNo collection, ClassNo cls, Seq from = Seq{1}
) {
    constexpr std::size_t chunk = 1'024;
    std::vector<Seq> all;
    for (;;) {
        const std::vector<Seq> some = snapshot.next_of_class(collection, cls, from, chunk);
        all.insert(all.end(), some.begin(), some.end());
        if (some.size() < chunk) return all;
        from = agreement::next(some.back());
    }
}

/// The change for one view: what one user may see of one collection.
class ViewChange {
  public:
    ViewChange(
        store::Transaction& tx, UserNo user, CollectionNo collection, const ClassTable& classes
    )
        : tx_(tx),
          user_(user),
          collection_(collection),
          classes_(classes),
          last_{agreement::raw(tx.head(collection).next_seq) - 1},
          stretches_(tx.stretches(user, collection)),
          shown_before_(tx, user, collection) {
        for (const store::Delayed& d : tx.delayed(user, collection))
            delayed_.emplace(d.cls, d.upto);
    }

    /// When all ends at once (a suspension, the last right taken away) no reader can move on until
    /// something is released again. So its place is kept, and what it had or could have read then
    /// is not sent again.
    void apply(const Clock& clock, const Release& release_before, const Release& release_after) {
        const Hours& before = release_before.hours;
        const Hours& after = release_after.hours;
        const bool pauses = release_before.possible && !release_after.possible;
        const bool goes_on = !release_before.possible && release_after.possible;
        for (std::uint32_t no = 1; no < classes_.size(); ++no) {
            const ClassNo cls{no};
            const std::uint32_t was = at(before, cls);
            const std::uint32_t is = at(after, cls);
            if (was == is) {
                if (goes_on && is == never) forget(cls, after);
            } else if (is == never) {
                if (pauses) {
                    pause(cls, was);
                } else {
                    narrow(cls, before, after);
                }
            } else if (is == 0) {
                widen(cls, was);
            } else if (was == 0) {
                hold_back(cls);
            } else if (was == never) {
                // What is old enough comes with the next look at delays.
                delayed_[cls] = std::max(delayed_[cls], kept_upto(cls));
                changed_ = true;
            }
        }
        if (!changed_) return;
        std::vector<store::Delayed> delayed;
        for (const auto& [cls, upto] : delayed_)
            delayed.push_back({cls, upto});
        tx_.set_delayed(user_, collection_, delayed);
        std::ranges::sort(stretches_, {}, [](const Stretch& s) {
            return std::pair(s.cls, s.after);
        });
        tx_.set_stretches(user_, collection_, stretches_);
        append_late(clock);
    }

  private:
    // Stretches are recorded also for classes that have no entry here at the moment: groups
    // remember the classes of deleted entries, and whether those count decides the dates of their
    // neighbours.
    void widen(ClassNo cls, std::uint32_t was) {
        // Of a class that had a delay, those had come whose time had; of a paused one, what lay in
        // place.
        Seq shown = was == never ? kept_upto(cls) : Seq{0};
        if (const auto came = delayed_.find(cls); came != delayed_.end())
            shown = std::max(shown, came->second);
        // One that began here and was closed here holds nothing; but kept, it told that all before
        // it had come.
        std::erase_if(stretches_, [&](const Stretch& s) {
            return s.cls == cls && s.after == last_;
        });
        stretches_.push_back({cls, last_, agreement::seq_max});
        const std::vector<Seq> entries =
            entries_of_class(tx_, collection_, cls, agreement::next(shown));
        widened_.insert(widened_.end(), entries.begin(), entries.end());
        delayed_.erase(cls);
        changed_ = true;
    }

    [[nodiscard]] Seq kept_upto(ClassNo cls) const {
        Seq upto{0};
        for (const Stretch& s : stretches_) {
            if (s.cls == cls && s.kept) upto = std::max(upto, s.upto);
        }
        return upto;
    }

    /// What lies in place stays there for when the view goes on.
    void pause(ClassNo cls, std::uint32_t was) {
        // Of a class with a delay nothing lies in place but what lay there before the delay began.
        bool known = was != 0;
        if (was != 0) delayed_.try_emplace(cls, Seq{0});
        for (Stretch& s : stretches_) {
            if (s.cls != cls) continue;
            known = true;
            if (s.upto != agreement::seq_max) continue;
            s.upto = last_;
            s.kept = true;
        }
        if (!known)
            stretches_.push_back({.cls = cls, .after = Seq{0}, .upto = last_, .kept = true});
        changed_ = true;
    }

    /// The view goes on without a class that was paused: readers pass its places.
    void forget(ClassNo cls, const Hours& after) {
        bool paused = delayed_.erase(cls) != 0;
        for (Stretch& s : stretches_) {
            if (s.cls != cls) continue;
            paused = paused || s.kept;
            s.kept = false;
        }
        if (!paused) return;
        tx_.remove_late(user_, collection_, cls);
        changed_ = true;
        for (const Seq seq : entries_of_class(tx_, collection_, cls))
            expose_older(seq, nullptr, after);
    }

    /// What lies in place stays; what comes from here on waits.
    void hold_back(ClassNo cls) {
        bool known = false;
        for (Stretch& s : stretches_) {
            if (s.cls != cls) continue;
            known = true;
            if (s.upto != agreement::seq_max) continue;
            s.upto = last_;
            s.kept = true;
        }
        if (!known)
            stretches_.push_back({.cls = cls, .after = Seq{0}, .upto = last_, .kept = true});
        delayed_[cls] = last_;
        changed_ = true;
    }

    void narrow(ClassNo cls, const Hours& before, const Hours& after) {
        bool known = at(before, cls) != 0;
        delayed_.erase(cls);
        for (Stretch& s : stretches_) {
            if (s.cls != cls) continue;
            known = true;
            s.kept = false;
            if (s.upto == agreement::seq_max) s.upto = last_;
        }
        if (!known) stretches_.push_back({cls, Seq{0}, last_});
        tx_.remove_late(user_, collection_, cls);
        changed_ = true;
        for (const Seq seq : entries_of_class(tx_, collection_, cls))
            expose_older(seq, &before, after);
    }

    /// An entry that this view loses may have stood in front of an older version, which is now the
    /// latest it sees. No `before`: the view was paused.
    void expose_older(Seq seq, const Hours* before, const Hours& after) {
        const auto entry = tx_.entry(collection_, seq);
        if (!entry || (!has(entry->flags, store::Flag::has_older) &&
                       !has(entry->flags, store::Flag::siblings))) {
            return;
        }
        const std::string id{entry->id};
        if (!exposed_ids_.insert(id).second) return;
        const auto versions = tx_.versions(collection_, id);
        const auto was = latest_visible(versions, classes_, [&](const store::Version& v) {
            return before == nullptr ? shown_before_.paused(v)
                                     : shown_before_(v, at(*before, v.cls));
        });
        const auto is = latest_visible(versions, classes_, [&](const store::Version& v) {
            return shown_before_(v, at(after, v.cls));
        });
        if (is && is != was) reexposed_.push_back(*is);
    }

    void append_late(const Clock& clock) {
        std::ranges::sort(widened_);
        std::ranges::sort(reexposed_);
        std::vector<store::Transaction::NewLate> rows;
        rows.reserve(widened_.size() + reexposed_.size());
        for (const Seq seq : widened_)
            rows.push_back({seq, store::LateRow::Kind::widened});
        for (const Seq seq : reexposed_) {
            // What is new to the view anyhow needs no second row.
            if (std::ranges::binary_search(widened_, seq)) continue;
            rows.push_back({seq, store::LateRow::Kind::reexposed});
        }
        if (!rows.empty()) tx_.append_late(user_, collection_, clock.now(), rows);
    }

    store::Transaction& tx_;
    UserNo user_;
    CollectionNo collection_;
    const ClassTable& classes_;
    Seq last_;  // everything up to it lies before the change
    std::vector<Stretch> stretches_;
    const Shown shown_before_;
    std::map<ClassNo, Seq> delayed_;
    std::vector<Seq> widened_;
    std::vector<Seq> reexposed_;
    std::unordered_set<std::string> exposed_ids_;
    bool changed_ = false;
};

}  // namespace

void change_rights(
    store::Transaction& tx,
    const Clock& clock,
    std::span<const CollectionNo> collections,
    const std::function<void()>& change
) {
    const State before = load_state(tx);
    std::map<std::pair<CollectionNo, UserNo>, Release> had;
    for (const CollectionNo no : collections) {
        const store::Collection* collection = before.collection(no);
        if (collection == nullptr) continue;
        for (const UserNo viewer : tx.viewers(no)) {
            const store::User* user = before.user(viewer);
            if (user == nullptr) continue;
            had.emplace(
                std::pair(no, viewer), release_of(before, *user, *collection, *before.classes)
            );
        }
    }
    change();
    const State after = load_state(tx);
    for (const CollectionNo no : collections) {
        const store::Collection* collection = after.collection(no);
        if (collection == nullptr) continue;
        for (const store::User& user : after.directory.users) {
            const auto old = had.find({no, user.no});
            if (old == had.end()) {
                if (view_terms(after, user, *collection).read()) tx.make_view(user.no, no);
                continue;
            }
            const Release now = release_of(after, user, *collection, *after.classes);
            if (now.hours != old->second.hours || now.possible != old->second.possible) {
                ViewChange(tx, user.no, no, *after.classes).apply(clock, old->second, now);
            }
        }
    }
}

std::vector<CollectionNo> all_collections(store::Snapshot& snapshot) {
    std::vector<CollectionNo> all;
    for (const store::Collection& c : snapshot.directory().collections)
        all.push_back(c.no);
    return all;
}

UserNo put_user(store::Transaction& tx, const Clock& clock, const store::User& user) {
    UserNo no{};
    change_rights(tx, clock, all_collections(tx), [&] { no = tx.put(user); });
    return no;
}

store::GrantNo put_grant(store::Transaction& tx, const Clock& clock, const store::Grant& grant) {
    store::GrantNo no{};
    std::vector<CollectionNo> touched{grant.collection};
    if (agreement::raw(grant.no) != 0)
        touched = all_collections(tx);  // it may have been of another collection
    change_rights(tx, clock, touched, [&] { no = tx.put(grant); });
    return no;
}

void erase_grant(store::Transaction& tx, const Clock& clock, store::GrantNo no) {
    change_rights(tx, clock, all_collections(tx), [&] { tx.erase(no); });
}

void change_collection(
    store::Transaction& tx, const Clock& clock, const store::Collection& collection
) {
    const std::vector<CollectionNo> touched{collection.no};
    change_rights(tx, clock, touched, [&] { tx.put(collection); });
}

void add_statement(
    store::Transaction& tx, const Clock& clock, const store::StatementMarking& statement
) {
    // Only where a class already carries the marking can anything change.
    const State state = load_state(tx);
    bool carried = false;
    for (std::uint32_t no = 1; no < state.classes->size() && !carried; ++no) {
        const agreement::Facets* facets = state.classes->find(ClassNo{no});
        if (facets == nullptr) continue;
        carried = std::ranges::binary_search(facets->markings, statement.marking_id) ||
                  std::ranges::binary_search(facets->granular, statement.marking_id) ||
                  std::ranges::binary_search(facets->hidden, statement.marking_id);
    }
    if (!carried) {
        tx.put(statement);
        return;
    }
    change_rights(tx, clock, all_collections(tx), [&] { tx.put(statement); });
}

}  // namespace entente::exchange
