#pragma once
// All that `Snapshot` and `Transaction` read of the plain store.
#include "base/assert.h"
#include "base/limits.h"
#include "store/memory/internal/state.h"
#include "store/store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace entente::store::memory {

template <class Map>
auto rows_of(const Map& map) {
    std::vector<typename Map::mapped_type> out;
    out.reserve(map.size());
    for (const auto& [no, row] : map)
        out.push_back(row);
    return out;
}

// What is read of a collection that has nothing yet.
inline const Shelf empty_shelf;

inline const Shelf& shelf_of(const State& state, CollectionNo collection) {
    const auto at = state.shelves.find(collection);
    return at == state.shelves.end() ? empty_shelf : *at->second;
}

inline Entry entry_of(Seq seq, const Row& row) {
    return {
        .seq = seq,
        .cls = row.cls,
        .flags = row.flags,
        .newer_seq = row.newer_seq,
        .newer_cls = row.newer_cls,
        .id = row.texts->id,
        .version = row.texts->version,
        .version_key = row.texts->version_key,
        .body = {},
    };
}

/// Looks its place up at every step, so it stays good while a transaction changes the collection.
class Cursor final : public EntryCursor {
  public:
    Cursor(const State& state, CollectionNo collection, Seq from, std::uint64_t& touched)
        : state_(state),
          collection_(collection),
          from_(from),
          touched_(touched) {}

    std::optional<Entry> next() override {
        const Shelf& shelf = shelf_of(state_, collection_);
        const auto at = shelf.entries.lower_bound(from_);
        if (at == shelf.entries.end()) return std::nullopt;
        ++touched_;
        from_ = agreement::next(at->first);
        texts_ = at->second.texts;
        return entry_of(at->first, at->second);
    }

    std::string_view body() override {
        ENTENTE_ASSERT(texts_ != nullptr);
        return texts_->body;
    }

  private:
    const State& state_;
    CollectionNo collection_;
    Seq from_;
    std::uint64_t& touched_;
    std::shared_ptr<const Texts> texts_;  // shared: with the row, which may be removed meanwhile
};

/// All of `Snapshot`, over a state that the derived class holds; `Face` is Snapshot or Transaction.
template <class Face>
class Reads : public Face {
  public:
    explicit Reads(const State& state) : state_(state) {}

    std::uint64_t generation() override { return state_.tables->generation; }

    Directory directory() override {
        const Tables& t = *state_.tables;
        return {
            .generation = t.generation,
            .parties = rows_of(t.parties),
            .users = rows_of(t.users),
            .tokens = rows_of(t.tokens),
            .roots = rows_of(t.roots),
            .collections = rows_of(t.collections),
            .grants = rows_of(t.grants),
            .statements = t.statements,
            .agreement_records = t.agreement_records,
            .agreement_parties = rows_of(t.agreement_parties),
            .agreement_bindings = rows_of(t.agreement_bindings),
            .cards = rows_of(t.cards),
            .key_statements = t.key_statements,
            .peers = rows_of(t.peers),
            .holds = rows_of(t.holds),
            .agreements_at = t.agreements_at,
        };
    }

    std::vector<std::pair<ClassNo, std::string>> classes(ClassNo from) override {
        std::vector<std::pair<ClassNo, std::string>> out;
        const std::vector<std::string>& keys = state_.classes->keys;
        for (std::size_t no = std::max<std::size_t>(agreement::raw(from), 1); no <= keys.size();
             ++no) {
            out.emplace_back(ClassNo{static_cast<std::uint32_t>(no)}, keys[no - 1]);
        }
        touched_ += out.size();
        return out;
    }

    std::unique_ptr<EntryCursor> entries(CollectionNo collection, Seq from) override {
        return std::make_unique<Cursor>(state_, collection, from, touched_);
    }

    std::optional<Entry> entry(CollectionNo collection, Seq seq) override {
        ++touched_;
        const Shelf& shelf = shelf_of(state_, collection);
        const auto at = shelf.entries.find(seq);
        if (at == shelf.entries.end()) return std::nullopt;
        last_entry_ = at->second.texts;
        Entry out = entry_of(seq, at->second);
        out.body = last_entry_->body;
        return out;
    }

    std::optional<Seq> next_of_class(CollectionNo collection, ClassNo cls, Seq from) override {
        const std::vector<Seq> one = next_of_class(collection, cls, from, 1);
        return one.empty() ? std::nullopt : std::optional(one.front());
    }

    std::vector<Seq> next_of_class(
        CollectionNo collection, ClassNo cls, Seq from, std::size_t count
    ) override {
        std::vector<Seq> out;
        const Shelf& shelf = shelf_of(state_, collection);
        if (const auto seqs = shelf.by_class.find(cls); seqs != shelf.by_class.end()) {
            auto at = seqs->second.lower_bound(from);
            for (; at != seqs->second.end() && out.size() < count; ++at)
                out.push_back(*at);
        }
        touched_ += std::max<std::size_t>(out.size(), 1);
        return out;
    }

    std::vector<Version> versions(CollectionNo collection, std::string_view id) override {
        std::vector<Version> out;
        const Shelf& shelf = shelf_of(state_, collection);
        const auto of_id = shelf.by_id.find(id);
        if (of_id == shelf.by_id.end()) return out;
        for (const auto& [key_and_lane, seq] : of_id->second) {
            if (out.size() == limits::versions_per_object_max) break;
            const Row& row = shelf.entries.at(seq);
            out.push_back(
                {.seq = seq,
                 .cls = row.cls,
                 .flags = row.flags,
                 .lane = row.lane,
                 .version = row.texts->version,
                 .version_key = row.texts->version_key,
                 .digest = row.texts->digest}
            );
        }
        touched_ += out.size();
        return out;
    }

    std::vector<Derived> derived(CollectionNo collection, std::string_view id) override {
        std::vector<Derived> out;
        const Shelf& shelf = shelf_of(state_, collection);
        ++touched_;
        const auto of_id = shelf.derived.find(id);
        if (of_id == shelf.derived.end()) return out;
        for (const Seq seq : of_id->second) {
            const Row& row = shelf.entries.at(seq);
            out.push_back(
                {.seq = seq,
                 .cls = row.cls,
                 .id = row.texts->id,
                 .version_key = row.texts->version_key}
            );
        }
        touched_ += out.size();
        return out;
    }

    std::optional<std::string> made_of(CollectionNo collection, Seq seq) override {
        const Shelf& shelf = shelf_of(state_, collection);
        ++touched_;
        const auto at = shelf.entries.find(seq);
        if (at == shelf.entries.end() || at->second.texts->derived_of.empty()) return std::nullopt;
        return at->second.texts->derived_of;
    }

    std::optional<Group> group_at(CollectionNo collection, Seq seq) override {
        const Shelf& shelf = shelf_of(state_, collection);
        const auto after = shelf.groups.upper_bound(seq);
        if (after == shelf.groups.begin()) return std::nullopt;
        ++touched_;
        return std::prev(after)->second;
    }

    std::optional<Group> group_by_date(CollectionNo collection, Micros date) override {
        const Shelf& shelf = shelf_of(state_, collection);
        std::optional<Group> last;
        for (const auto& [first, group] : shelf.groups) {
            if (group.base > date) break;
            last = group;
        }
        ++touched_;
        return last;
    }

    bool has_view(UserNo user, CollectionNo collection) override {
        return shelf_of(state_, collection).views.contains(user);
    }

    std::vector<Stretch> stretches(UserNo user, CollectionNo collection) override {
        const auto& views = shelf_of(state_, collection).views;
        const auto at = views.find(user);
        return at == views.end() ? std::vector<Stretch>{} : at->second;
    }

    std::vector<UserNo> viewers(CollectionNo collection) override {
        std::vector<UserNo> out;
        for (const auto& [user, view] : shelf_of(state_, collection).views)
            out.push_back(user);
        return out;
    }

    std::vector<LateRow> late_rows(
        UserNo user, CollectionNo collection, Seq from, std::size_t count
    ) override {
        const std::vector<LateRow>& late = late_of(user, collection);
        const auto first = std::ranges::lower_bound(late, from, {}, &LateRow::seq);
        const auto left = static_cast<std::size_t>(late.end() - first);
        std::vector<LateRow> out(first, first + static_cast<std::ptrdiff_t>(std::min(count, left)));
        touched_ += out.size();
        return out;
    }

    std::optional<LateRow> late_by_date(UserNo user, CollectionNo collection, Micros date)
        override {
        std::optional<LateRow> last;
        for (const LateRow& row : late_of(user, collection)) {
            if (row.date <= date) last = row;
        }
        ++touched_;
        return last;
    }

    std::vector<LateRow> late_of_entry(UserNo user, CollectionNo collection, Seq entry) override {
        std::vector<LateRow> out;
        for (const LateRow& row : late_of(user, collection)) {
            if (row.entry == entry) out.push_back(row);
        }
        touched_ += std::max<std::size_t>(out.size(), 1);
        return out;
    }

    std::vector<Delayed> delayed(UserNo user, CollectionNo collection) override {
        std::vector<Delayed> out;
        const auto& delayed = shelf_of(state_, collection).delayed;
        const auto of_user = delayed.find(user);
        if (of_user == delayed.end()) return out;
        for (const auto& [cls, upto] : of_user->second)
            out.push_back({.cls = cls, .upto = upto});
        return out;
    }

    bool has_tombstones(CollectionNo collection) override {
        ++touched_;
        return !shelf_of(state_, collection).tombstones.empty();
    }

    bool kept_out(CollectionNo collection, std::string_view id, std::string_view version_key)
        override {
        touched_ += 2;
        const auto& all = shelf_of(state_, collection).tombstones;
        return all.contains({std::string(id), ""}) ||
               all.contains({std::string(id), std::string(version_key)});
    }

    std::vector<Tombstone> tombstones(
        CollectionNo collection, std::string_view from, std::size_t count
    ) override {
        std::vector<Tombstone> out;
        const auto& all = shelf_of(state_, collection).tombstones;
        for (auto at = all.lower_bound({std::string(from), ""});
             at != all.end() && out.size() < count;
             ++at) {
            out.push_back(at->second);
        }
        touched_ += out.size();
        return out;
    }

    std::vector<Kept> kept(KeptNo from, std::size_t count) override {
        std::vector<Kept> out;
        const auto& all = state_.records->kept;
        for (auto at = all.lower_bound(from); at != all.end() && out.size() < count; ++at)
            out.push_back(*at->second);
        touched_ += out.size();
        return out;
    }

    std::optional<StatusRow> status(std::string_view id) override {
        const auto at = state_.records->statuses.find(id);
        if (at == state_.records->statuses.end()) return std::nullopt;
        return *at->second;
    }

    std::vector<QuarantineItem> quarantine() override {
        return rows_of(state_.records->quarantine);
    }

    std::optional<QuarantineItem> quarantine(QuarantineNo no) override {
        const auto at = state_.records->quarantine.find(no);
        if (at == state_.records->quarantine.end()) return std::nullopt;
        return at->second;
    }

    std::vector<Act> acts(ActNo from, std::size_t count) override {
        std::vector<Act> out;
        const auto& all = state_.records->acts;
        for (std::size_t no = std::max<std::size_t>(agreement::raw(from), 1);
             no <= all.size() && out.size() < count;
             ++no) {
            out.push_back(*all[no - 1]);
        }
        return out;
    }

    std::vector<Act> acts_of_agreement(std::string_view agreement, ActNo from, std::size_t count)
        override {
        std::vector<Act> out;
        const Records& records = *state_.records;
        const auto numbers = records.of_agreement.find(agreement);
        if (numbers == records.of_agreement.end()) return out;
        auto at = std::ranges::lower_bound(numbers->second, from);
        for (; at != numbers->second.end() && out.size() < count; ++at)
            out.push_back(*records.acts[static_cast<std::size_t>(agreement::raw(*at)) - 1]);
        touched_ += out.size();
        return out;
    }

    std::vector<OutboxHead> outbox_heads() override {
        std::map<PartyNo, OutboxHead> heads;
        for (const auto& [no, row] : state_.records->outbox) {
            if (row->state != OutboxRow::State::waiting) continue;
            OutboxHead fresh{row->party, 0, row->created, row->due};
            OutboxHead& head = heads.emplace(row->party, fresh).first->second;
            ++head.waiting;
            head.oldest = std::min(head.oldest, row->created);
            head.next_due = std::min(head.next_due, row->due);
        }
        return rows_of(heads);
    }

    std::vector<OutboxRow> outbox_waiting(PartyNo party, OutboxNo from, std::size_t count)
        override {
        return outbox_rows(from, count, [&](const OutboxRow& row) {
            return row.party == party && row.state == OutboxRow::State::waiting;
        });
    }

    std::vector<OutboxRow> outbox(OutboxNo from, std::size_t count) override {
        return outbox_rows(from, count, [](const OutboxRow&) { return true; });
    }

    std::optional<Sighting> sighting(SightingNo no) override {
        const auto at = state_.records->sightings.find(no);
        if (at == state_.records->sightings.end()) return std::nullopt;
        return *at->second;
    }

    std::vector<Sighting> sightings(SightingNo from, std::size_t count) override {
        return sighting_rows(from, count, [](const Sighting&) { return true; });
    }

    std::vector<Sighting> sightings_in(
        Sighting::State state, PartyNo party, SightingNo from, std::size_t count
    ) override {
        return sighting_rows(from, count, [&](const Sighting& row) {
            return row.state == state && row.party == party;
        });
    }

    std::optional<Sighting> last_sighting(
        std::string_view indicator, Micros hour, PartyNo party, std::string_view agreement
    ) override {
        std::optional<Sighting> last;
        for (const auto& [no, row] : state_.records->sightings) {
            const bool same = row->indicator == indicator && row->hour == hour &&
                              row->party == party && row->agreement == agreement;
            if (same && (!last || row->part > last->part)) last = *row;
        }
        return last;
    }

    std::vector<SightingSum> sighting_sums() override {
        std::map<std::pair<Sighting::State, PartyNo>, SightingSum> sums;
        for (const auto& [no, row] : state_.records->sightings) {
            SightingSum fresh{row->state, row->party, 0};
            ++sums.emplace(std::pair(row->state, row->party), fresh).first->second.rows;
        }
        return rows_of(sums);
    }

    std::optional<std::string> setting(std::string_view name) override {
        const auto at = state_.records->settings.find(name);
        if (at == state_.records->settings.end()) return std::nullopt;
        return at->second;
    }

    Snapshot::Head head(CollectionNo collection) override {
        const Shelf& shelf = shelf_of(state_, collection);
        return {
            .next_seq = shelf.next_seq,
            .next_base = shelf.next_base,
            .entries = shelf.entries.size(),
            .bytes = shelf.bytes};
    }

    std::uint64_t rows_touched() const noexcept override { return touched_; }

  private:
    template <class Wanted>
    std::vector<OutboxRow> outbox_rows(OutboxNo from, std::size_t count, const Wanted& wanted) {
        std::vector<OutboxRow> out;
        const auto& all = state_.records->outbox;
        for (auto at = all.lower_bound(from); at != all.end() && out.size() < count; ++at) {
            if (wanted(*at->second)) out.push_back(*at->second);
        }
        touched_ += out.size();
        return out;
    }

    template <class Wanted>
    std::vector<Sighting> sighting_rows(SightingNo from, std::size_t count, const Wanted& wanted) {
        std::vector<Sighting> out;
        const auto& all = state_.records->sightings;
        for (auto at = all.lower_bound(from); at != all.end() && out.size() < count; ++at) {
            if (wanted(*at->second)) out.push_back(*at->second);
        }
        touched_ += out.size();
        return out;
    }

    const std::vector<LateRow>& late_of(UserNo user, CollectionNo collection) const {
        static const std::vector<LateRow> none;
        const auto& late = shelf_of(state_, collection).late;
        const auto at = late.find(user);
        return at == late.end() ? none : at->second;
    }

    const State& state_;
    std::uint64_t touched_ = 0;
    // Shared: with the row, which may be removed meanwhile.
    std::shared_ptr<const Texts> last_entry_;
};

}  // namespace entente::store::memory
