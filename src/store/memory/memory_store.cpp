#include "store/memory/memory_store.h"

#include "base/assert.h"
#include "store/commits.h"
#include "store/memory/internal/reads.h"
#include "store/memory/internal/state.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace entente::store {
namespace memory {
namespace {

using agreement::next;
using agreement::raw;

constexpr Flags flag(Flag f) {
    return static_cast<Flags>(f);
}

class MemorySnapshot final : public Reads<Snapshot> {
  public:
    explicit MemorySnapshot(std::shared_ptr<const State> state)
        : Reads(*state),
          held_(std::move(state)) {}

  private:
    // Shared: with the store, until a later commit replaces it there.
    std::shared_ptr<const State> held_;
};

class MemoryTransaction final : public Reads<Transaction> {
  public:
    explicit MemoryTransaction(State& state) : Reads(state), state_(state) {}

    PartyNo put(const Party& row) override { return put_row(&Tables::parties, row); }

    UserNo put(const User& row) override { return put_row(&Tables::users, row); }

    TokenNo put(const Token& row) override { return put_row(&Tables::tokens, row); }

    RootNo put(const ApiRoot& row) override { return put_row(&Tables::roots, row); }

    CollectionNo put(const Collection& row) override { return put_row(&Tables::collections, row); }

    GrantNo put(const Grant& row) override { return put_row(&Tables::grants, row); }

    HoldNo put(const Hold& row) override { return put_row(&Tables::holds, row); }

    void erase(HoldNo no) override { changed().holds.erase(no); }

    void put(const StatementMarking& row) override {
        for (const StatementMarking& s : state_.tables->statements) {
            if (s.marking_id == row.marking_id && s.source == row.source) return;
        }
        changed().statements.push_back(row);
    }

    AgreementRecordNo append_agreement(const AgreementRecord& row) override {
        auto& records = changed().agreement_records;
        records.push_back(row);
        records.back().no = AgreementRecordNo{records.size()};
        return records.back().no;
    }

    void put(const AgreementParty& row) override {
        const auto key = std::pair(row.agreement, row.pid);
        const auto there = state_.tables->agreement_parties.find(key);
        if (there != state_.tables->agreement_parties.end() && there->second == row) return;
        changed().agreement_parties.insert_or_assign(key, row);
    }

    void put(const AgreementBinding& row) override {
        const BindingKey key = key_of(row);
        if (state_.tables->agreement_bindings.contains(key)) return;
        changed().agreement_bindings.emplace(key, row);
    }

    void put(const Card& row) override {
        const std::pair key(row.party, row.sequence);
        if (state_.tables->cards.contains(key)) return;
        changed().cards.emplace(key, row);
    }

    void put(const KeyStatement& row) override {
        const auto& there = state_.tables->key_statements;
        if (std::ranges::find(there, row.note, &KeyStatement::note) != there.end()) return;
        changed().key_statements.push_back(row);
    }

    void put(const Peer& row) override {
        ENTENTE_ASSERT(state_.tables->parties.contains(row.party));
        changed().peers.insert_or_assign(row.party, row);
    }

    void erase_peer(PartyNo party) override {
        if (!state_.tables->peers.contains(party)) return;
        changed().peers.erase(party);
    }

    void erase(const AgreementParty& row) override {
        const auto key = std::pair(row.agreement, row.pid);
        if (!state_.tables->agreement_parties.contains(key)) return;
        changed().agreement_parties.erase(key);
    }

    void erase(const AgreementBinding& row) override {
        const BindingKey key = key_of(row);
        if (!state_.tables->agreement_bindings.contains(key)) return;
        changed().agreement_bindings.erase(key);
    }

    void set_agreements_at(Micros at) override {
        if (at <= state_.tables->agreements_at) return;
        changed().agreements_at = at;
    }

    void erase(GrantNo no) override { changed().grants.erase(no); }

    void erase(TokenNo no) override { changed().tokens.erase(no); }

    void erase(UserNo no) override {
        Tables& t = changed();
        t.users.erase(no);
        std::erase_if(t.tokens, [&](const auto& row) { return row.second.user == no; });
        std::erase_if(t.grants, [&](const auto& row) { return row.second.user == no; });
        for (auto& [collection, shelf] : state_.shelves) {
            if (!shelf->views.contains(no) && !shelf->late.contains(no)) continue;
            shelf.edit().views.erase(no);
            shelf.edit().late.erase(no);
            shelf.edit().delayed.erase(no);
        }
    }

    void erase(PartyNo no) override {
        const Tables& before = *state_.tables;
        ENTENTE_ASSERT(std::ranges::none_of(before.users, [&](const auto& row) {
            return row.second.party == no;
        }));
        ENTENTE_ASSERT(std::ranges::none_of(before.grants, [&](const auto& row) {
            return row.second.party == no;
        }));
        ENTENTE_ASSERT(std::ranges::none_of(before.holds, [&](const auto& row) {
            return row.second.party == no;
        }));
        Tables& t = changed();
        std::erase_if(t.agreement_parties, [&](const auto& row) { return row.second.party == no; });
        std::erase_if(t.cards, [&](const auto& row) { return row.second.party == no; });
        t.peers.erase(no);
        t.parties.erase(no);
        std::erase_if(state_.records.edit().outbox, [&](const auto& row) {
            return row.second->party == no;
        });
        std::erase_if(state_.records.edit().sightings, [&](const auto& row) {
            return row.second->party == no;
        });
    }

    void erase(RootNo no) override {
        ENTENTE_ASSERT(std::ranges::none_of(state_.tables->collections, [&](const auto& row) {
            return row.second.root == no;
        }));
        changed().roots.erase(no);
    }

    void erase(CollectionNo no) override {
        Tables& t = changed();
        t.collections.erase(no);
        std::erase_if(t.grants, [&](const auto& row) { return row.second.collection == no; });
        std::erase_if(t.agreement_bindings, [&](const auto& row) {
            return row.second.collection == no;
        });
        std::erase_if(t.holds, [&](const auto& row) { return row.second.collection == no; });
        state_.shelves.erase(no);
        std::erase_if(state_.records.edit().quarantine, [&](const auto& row) {
            return row.second.collection == no;
        });
        std::erase_if(state_.records.edit().kept, [&](const auto& row) {
            return row.second->collection == no;
        });
        std::erase_if(state_.records.edit().sightings, [&](const auto& row) {
            return row.second->collection == no;
        });
    }

    void set_setting(std::string_view name, std::string_view value) override {
        state_.records.edit().settings.insert_or_assign(std::string(name), std::string(value));
    }

    ClassNo intern_class(std::string_view key) override {
        const auto known = state_.classes->numbers.find(key);
        if (known != state_.classes->numbers.end()) return known->second;
        Classes& classes = state_.classes.edit();
        classes.keys.emplace_back(key);
        const ClassNo no{static_cast<std::uint32_t>(classes.keys.size())};
        classes.numbers.emplace(key, no);
        return no;
    }

    Seq append(CollectionNo collection, Micros not_before, std::span<const NewEntry> entries)
        override {
        ENTENTE_ASSERT(!entries.empty());
        Shelf& shelf = shelf_to_edit(collection);
        Group group{
            .first = shelf.next_seq,
            .count = static_cast<std::uint32_t>(entries.size()),
            .base = std::max(not_before, shelf.next_base),
            .runs = {},
        };
        for (const NewEntry& e : entries) {
            insert(shelf, e);
            if (group.runs.empty() || group.runs.back().cls != e.cls)
                group.runs.push_back({e.cls, 0});
            ++group.runs.back().count;
        }
        std::set<std::string_view> ids;
        for (const NewEntry& e : entries)
            ids.insert(e.id);
        for (const std::string_view id : ids)
            relink(shelf, id);
        shelf.next_base = group.base + group.count;
        const Seq first = group.first;
        shelf.groups.emplace(first, std::move(group));
        return first;
    }

    void remove(CollectionNo collection, Seq seq) override {
        if (!shelf_of(state_, collection).entries.contains(seq)) return;
        Shelf& shelf = shelf_to_edit(collection);
        const auto node = shelf.entries.extract(seq);
        const Row& row = node.mapped();
        shelf.by_class.at(row.cls).erase(seq);
        shelf.bytes -= row.texts->body.size();
        const auto of_id = shelf.by_id.find(row.texts->id);
        of_id->second.erase({row.texts->version_key, row.lane});
        if (of_id->second.empty()) shelf.by_id.erase(of_id);
        if (const auto made = shelf.derived.find(row.texts->derived_of);
            made != shelf.derived.end()) {
            made->second.erase(seq);
            if (made->second.empty()) shelf.derived.erase(made);
        }
        for (auto& [user, late] : shelf.late) {
            std::erase_if(late, [&](const LateRow& r) { return r.entry == seq; });
        }
        relink(shelf, row.texts->id);
    }

    void put(CollectionNo collection, const Tombstone& row) override {
        shelf_to_edit(collection).tombstones.emplace(std::pair(row.id, row.version_key), row);
    }

    void erase_tombstones(CollectionNo collection, std::string_view id) override {
        std::erase_if(shelf_to_edit(collection).tombstones, [&](const auto& row) {
            return row.second.id == id;
        });
    }

    KeptNo append_kept(const Kept& row) override {
        auto stored = std::make_shared<Kept>(row);
        stored->no = KeptNo{++state_.last_kept};
        const KeptNo no = stored->no;
        state_.records.edit().kept.emplace(no, std::move(stored));
        return no;
    }

    void erase(KeptNo no) override { state_.records.edit().kept.erase(no); }

    void raise_dates(CollectionNo collection, Micros at) override {
        Shelf& shelf = shelf_to_edit(collection);
        shelf.next_base = std::max(shelf.next_base, at);
    }

    void mark_siblings(CollectionNo collection, std::string_view id, bool siblings) override {
        Shelf& shelf = shelf_to_edit(collection);
        const auto of_id = shelf.by_id.find(id);
        if (of_id == shelf.by_id.end()) return;
        for (const auto& [key, seq] : of_id->second) {
            set_flag(shelf.entries.at(seq).flags, Flag::siblings, siblings);
        }
    }

    void make_view(UserNo user, CollectionNo collection) override {
        if (this->has_view(user, collection)) return;
        shelf_to_edit(collection).views.emplace(user, std::vector<Stretch>{});
        changed();
    }

    void set_stretches(UserNo user, CollectionNo collection, std::span<const Stretch> stretches)
        override {
        shelf_to_edit(collection).views[user].assign(stretches.begin(), stretches.end());
        changed();
    }

    void append_late(
        UserNo user, CollectionNo collection, Micros not_before, std::span<const NewLate> rows
    ) override {
        if (rows.empty()) return;
        Shelf& shelf = shelf_to_edit(collection);
        Micros date = std::max(not_before, shelf.next_base);
        for (const NewLate& row : rows) {
            const auto shown = shelf.entries.find(row.entry);
            ENTENTE_ASSERT(shown != shelf.entries.end());
            if (row.kind == LateRow::Kind::reexposed) {
                set_flag(shown->second.flags, Flag::reexposed, true);
            }
            shelf.late[user].push_back(
                {.seq = shelf.next_seq,
                 .entry = row.entry,
                 .kind = row.kind,
                 .date = date,
                 .cls = shown->second.cls}
            );
            shelf.next_seq = next(shelf.next_seq);
            date = date + 1;
        }
        shelf.next_base = date;
    }

    void remove_late(UserNo user, CollectionNo collection, ClassNo cls) override {
        Shelf& shelf = shelf_to_edit(collection);
        std::erase_if(shelf.late[user], [&](const LateRow& row) { return row.cls == cls; });
    }

    void set_delayed(UserNo user, CollectionNo collection, std::span<const Delayed> rows) override {
        ENTENTE_ASSERT(this->has_view(user, collection));
        auto& of_view = shelf_to_edit(collection).delayed[user];
        of_view.clear();
        for (const Delayed& row : rows) {
            const bool named_once = of_view.emplace(row.cls, row.upto).second;
            ENTENTE_ASSERT(named_once);
        }
    }

    ActNo append_act(const Act& act) override {
        Records& records = state_.records.edit();
        auto row = std::make_shared<Act>(act);
        row->no = ActNo{records.acts.size() + 1};
        records.acts.push_back(row);
        if (!act.agreement.empty()) records.of_agreement[act.agreement].push_back(row->no);
        return row->no;
    }

    void put_status(const StatusRow& row) override {
        state_.records.edit().statuses.insert_or_assign(
            row.id, std::make_shared<const StatusRow>(row)
        );
    }

    void purge_statuses(Micros before) override {
        std::erase_if(state_.records.edit().statuses, [&](const auto& row) {
            return row.second->at < before;
        });
    }

    QuarantineNo put(const QuarantineItem& row) override {
        QuarantineItem stored = row;
        if (stored.no == QuarantineNo{}) stored.no = QuarantineNo{++state_.last_quarantine};
        state_.records.edit().quarantine.insert_or_assign(stored.no, stored);
        return stored.no;
    }

    void erase(QuarantineNo no) override { state_.records.edit().quarantine.erase(no); }

    OutboxNo put(const OutboxRow& row) override {
        ENTENTE_ASSERT(state_.tables->parties.contains(row.party));
        auto& outbox = state_.records.edit().outbox;
        ENTENTE_ASSERT(row.no == OutboxNo{} || outbox.contains(row.no));
        auto stored = std::make_shared<OutboxRow>(row);
        if (stored->no == OutboxNo{}) stored->no = OutboxNo{++state_.last_outbox};
        const OutboxNo no = stored->no;
        outbox.insert_or_assign(no, std::move(stored));
        return no;
    }

    void erase(OutboxNo no) override { state_.records.edit().outbox.erase(no); }

    void purge_outbox(Micros before) override {
        std::erase_if(state_.records.edit().outbox, [&](const auto& row) {
            return row.second->state != OutboxRow::State::waiting && row.second->due < before;
        });
    }

    SightingNo put(const Sighting& row) override {
        ENTENTE_ASSERT(state_.tables->collections.contains(row.collection));
        ENTENTE_ASSERT(row.party == PartyNo{} || state_.tables->parties.contains(row.party));
        auto& sightings = state_.records.edit().sightings;
        ENTENTE_ASSERT(row.no == SightingNo{} || sightings.contains(row.no));
        auto stored = std::make_shared<Sighting>(row);
        if (stored->no == SightingNo{}) stored->no = SightingNo{++state_.last_sighting};
        const SightingNo no = stored->no;
        sightings.insert_or_assign(no, std::move(stored));
        return no;
    }

    std::size_t erase_done_sightings(Micros before, std::size_t count) override {
        auto& sightings = state_.records.edit().sightings;
        std::set<std::pair<Micros, SightingNo>> done;
        for (const auto& [no, row] : sightings) {
            if (row->state > Sighting::State::approved && row->changed < before)
                done.emplace(row->changed, no);
        }
        std::size_t erased = 0;
        for (auto at = done.begin(); at != done.end() && erased < count; ++at, ++erased)
            sightings.erase(at->second);
        return erased;
    }

    bool savepoint(const std::function<bool()>& work) override {
        struct Undo {
            ~Undo() {
                if (!keep) state = std::move(before);
            }

            State& state;
            State before;
            bool keep = false;
        } undo{state_, state_};

        undo.keep = work();
        return undo.keep;
    }

  private:
    /// The directory, of which something changes now.
    Tables& changed() {
        Tables& t = state_.tables.edit();
        ++t.generation;
        return t;
    }

    static BindingKey key_of(const AgreementBinding& row) {
        return {row.agreement, row.flow, row.collection, row.way};
    }

    template <class No, class RowOf>
    No put_row(std::map<No, RowOf> Tables::*table, const RowOf& row) {
        Tables& t = changed();
        RowOf stored = row;
        if (stored.no == No{}) stored.no = No{++t.last_number};
        (t.*table).insert_or_assign(stored.no, stored);
        return stored.no;
    }

    Shelf& shelf_to_edit(CollectionNo collection) { return state_.shelves[collection].edit(); }

    static void set_flag(Flags& flags, Flag f, bool on) {
        flags = static_cast<Flags>(on ? flags | flag(f) : flags & ~flag(f));
    }

    static void insert(Shelf& shelf, const NewEntry& e) {
        const Seq seq = shelf.next_seq;
        ENTENTE_ASSERT(seq < agreement::seq_max);
        shelf.next_seq = next(seq);
        auto& of_id = shelf.by_id[std::string(e.id)];
        const bool is_new = of_id.emplace(std::pair(e.version_key, e.lane), seq).second;
        ENTENTE_ASSERT(is_new);
        shelf.by_class[e.cls].insert(seq);
        Row row{
            .cls = e.cls,
            .lane = e.lane,
            .flags = 0,
            .newer_seq = {},
            .newer_cls = {},
            .texts = {}};
        set_flag(row.flags, Flag::siblings, e.siblings);
        set_flag(row.flags, Flag::derived, !e.derived_of.empty());
        if (!e.derived_of.empty()) shelf.derived[std::string(e.derived_of)].insert(seq);
        row.texts = std::make_shared<const Texts>(Texts{
            .id = std::string(e.id),
            .version = std::string(e.version),
            .version_key = std::string(e.version_key),
            .body = std::string(e.body),
            .digest = e.digest,
            .derived_of = std::string(e.derived_of),
        });
        shelf.bytes += e.body.size();
        shelf.entries.emplace(seq, std::move(row));
    }

    /// Sets what the lane-0 versions of an id say of each other.
    static void relink(Shelf& shelf, std::string_view id) {
        const auto of_id = shelf.by_id.find(id);
        if (of_id == shelf.by_id.end()) return;
        Row* older = nullptr;
        for (const auto& [key_and_lane, seq] : of_id->second) {
            if (key_and_lane.second != PartyNo{}) continue;
            Row& row = shelf.entries.at(seq);
            set_flag(row.flags, Flag::has_older, older != nullptr);
            set_flag(row.flags, Flag::has_newer, false);
            row.newer_seq = {};
            row.newer_cls = {};
            if (older != nullptr) {
                set_flag(older->flags, Flag::has_newer, true);
                older->newer_seq = seq;
                older->newer_cls = row.cls;
            }
            older = &row;
        }
    }

    State& state_;
};

std::vector<std::string> check_shelf(const Shelf& shelf, const std::string& name) {
    std::vector<std::string> findings;
    const auto expect = [&](bool holds, Seq seq, std::string_view what) {
        if (holds) return;
        findings.push_back(
            name + ", position " + std::to_string(raw(seq)) + ": " + std::string(what)
        );
    };
    for (const auto& [seq, row] : shelf.entries) {
        expect(seq < shelf.next_seq, seq, "lies beyond the head");
        const auto of_class = shelf.by_class.find(row.cls);
        expect(
            of_class != shelf.by_class.end() && of_class->second.contains(seq),
            seq,
            "not in its class"
        );
        const auto after = shelf.groups.upper_bound(seq);
        expect(after != shelf.groups.begin(), seq, "in no group");
        if (after != shelf.groups.begin()) {
            const Group& group = std::prev(after)->second;
            expect(raw(seq) < raw(group.first) + group.count, seq, "in no group");
        }
        const auto made = shelf.derived.find(row.texts->derived_of);
        expect(
            has(row.flags, Flag::derived) ==
                (made != shelf.derived.end() && made->second.contains(seq)),
            seq,
            "what it was made of is not known"
        );
        if (has(row.flags, Flag::has_newer)) {
            const auto newer = shelf.entries.find(row.newer_seq);
            expect(
                newer != shelf.entries.end() && newer->second.cls == row.newer_cls &&
                    newer->second.texts->id == row.texts->id &&
                    newer->second.texts->version_key > row.texts->version_key,
                seq,
                "names a newer version that is none"
            );
        }
    }
    for (const auto& [user, late] : shelf.late) {
        for (const LateRow& row : late) {
            const auto shown = shelf.entries.find(row.entry);
            expect(
                shown != shelf.entries.end() && shown->second.cls == row.cls,
                row.seq,
                "a late row shows nothing"
            );
        }
    }
    return findings;
}

class MemoryStore final : public Store, public Commits {
  public:
    std::unique_ptr<Snapshot> snapshot() override {
        return std::make_unique<MemorySnapshot>(current());
    }

    void write(const std::function<void(Transaction&)>& work) override {
        const std::scoped_lock one_writer(writing_);
        State changed = *current();
        MemoryTransaction transaction(changed);
        work(transaction);
        auto committed = std::make_shared<const State>(std::move(changed));
        const std::scoped_lock lock(mutex_);
        state_ = std::move(committed);
        ++commits_;
    }

    std::optional<CommitMark> committed() const noexcept override {
        const std::scoped_lock lock(mutex_);
        return CommitMark{commits_};
    }

    void checkpoint() override {}

    bool cut_log() override { return true; }

    std::vector<std::string> verify(
        const std::function<void(std::uint64_t done, std::uint64_t all)>& progress
    ) override {
        const std::shared_ptr<const State> state = current();
        std::vector<std::string> findings;
        std::uint64_t done = 0;
        for (const auto& [no, shelf] : state->shelves) {
            const auto row = state->tables->collections.find(no);
            const std::string name = row == state->tables->collections.end()
                                         ? std::string("a collection that is gone")
                                         : row->second.id;
            std::ranges::move(check_shelf(*shelf, name), std::back_inserter(findings));
            if (progress) progress(++done, state->shelves.size());
        }
        return findings;
    }

  private:
    std::shared_ptr<const State> current() {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

    std::mutex writing_;        // held by the one writer; guards the copying of parts
    mutable std::mutex mutex_;  // guards what follows
    std::uint64_t commits_ = 0;
    std::shared_ptr<const State> state_ = std::make_shared<const State>();  // shared: by snapshots
};

}  // namespace
}  // namespace memory

std::unique_ptr<Store> make_memory_store() {
    return std::make_unique<memory::MemoryStore>();
}

}  // namespace entente::store
