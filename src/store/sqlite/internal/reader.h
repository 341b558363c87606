#pragma once
// What a snapshot and a transaction both do: read through one connection inside an open
// transaction.
#include "store/sqlite/internal/connection.h"
#include "store/store.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::store::sqlite {

class Reader {
  public:
    /// `id_secret` keys the index of ids.
    Reader(Connection& connection, const Key& id_secret)
        : connection_(connection),
          id_secret_(id_secret),
          rows_before_(connection.rows) {}

    [[nodiscard]] std::uint64_t generation();
    [[nodiscard]] Directory directory();
    [[nodiscard]] std::vector<std::pair<ClassNo, std::string>> classes(ClassNo from);
    [[nodiscard]] std::unique_ptr<EntryCursor> entries(CollectionNo collection, Seq from);
    [[nodiscard]] std::optional<Entry> entry(CollectionNo collection, Seq seq);
    [[nodiscard]] std::vector<Seq> next_of_class(
        CollectionNo collection, ClassNo cls, Seq from, std::size_t count
    );
    [[nodiscard]] std::vector<Version> versions(CollectionNo collection, std::string_view id);
    [[nodiscard]] std::vector<Derived> derived(CollectionNo collection, std::string_view id);
    [[nodiscard]] std::optional<std::string> made_of(CollectionNo collection, Seq seq);
    [[nodiscard]] std::optional<Group> group_at(CollectionNo collection, Seq seq);
    [[nodiscard]] std::optional<Group> group_by_date(CollectionNo collection, Micros date);
    [[nodiscard]] bool has_view(UserNo user, CollectionNo collection);
    [[nodiscard]] std::vector<agreement::Stretch> stretches(UserNo user, CollectionNo collection);
    [[nodiscard]] std::vector<UserNo> viewers(CollectionNo collection);
    [[nodiscard]] std::vector<LateRow> late_rows(
        UserNo user, CollectionNo collection, Seq from, std::size_t count
    );
    [[nodiscard]] std::optional<LateRow> late_by_date(
        UserNo user, CollectionNo collection, Micros date
    );
    [[nodiscard]] std::vector<LateRow> late_of_entry(
        UserNo user, CollectionNo collection, Seq entry
    );
    [[nodiscard]] std::vector<Delayed> delayed(UserNo user, CollectionNo collection);
    [[nodiscard]] bool has_tombstones(CollectionNo collection);
    [[nodiscard]] bool kept_out(
        CollectionNo collection, std::string_view id, std::string_view version_key
    );
    [[nodiscard]] std::vector<Tombstone> tombstones(
        CollectionNo collection, std::string_view from, std::size_t count
    );
    [[nodiscard]] std::vector<Kept> kept(KeptNo from, std::size_t count);
    [[nodiscard]] std::optional<StatusRow> status(std::string_view id);
    [[nodiscard]] std::vector<QuarantineItem> quarantine();
    [[nodiscard]] std::optional<QuarantineItem> quarantine(QuarantineNo no);
    [[nodiscard]] std::vector<Act> acts(ActNo from, std::size_t count);
    [[nodiscard]] std::vector<Act> acts_of_agreement(
        std::string_view agreement, ActNo from, std::size_t count
    );
    [[nodiscard]] std::vector<OutboxHead> outbox_heads();
    [[nodiscard]] std::vector<OutboxRow> outbox_waiting(
        PartyNo party, OutboxNo from, std::size_t count
    );
    [[nodiscard]] std::vector<OutboxRow> outbox(OutboxNo from, std::size_t count);
    [[nodiscard]] std::optional<Sighting> sighting(SightingNo no);
    [[nodiscard]] std::vector<Sighting> sightings(SightingNo from, std::size_t count);
    [[nodiscard]] std::vector<Sighting> sightings_in(
        Sighting::State state, PartyNo party, SightingNo from, std::size_t count
    );
    [[nodiscard]] std::optional<Sighting> last_sighting(
        std::string_view indicator, Micros hour, PartyNo party, std::string_view agreement
    );
    [[nodiscard]] std::vector<SightingSum> sighting_sums();
    [[nodiscard]] std::optional<std::string> setting(std::string_view name);
    [[nodiscard]] Snapshot::Head head(CollectionNo collection);

    [[nodiscard]] std::uint64_t rows_touched() const noexcept {
        return connection_.rows - rows_before_;
    }

    [[nodiscard]] Connection& connection() noexcept { return connection_; }

    /// Where an id stands in the index of ids: 64 bits of a keyed hash, so that nobody outside can
    /// choose ids that crowd.
    [[nodiscard]] std::int64_t id_key(std::string_view id) const noexcept;

  private:
    Connection& connection_;
    Key id_secret_;
    std::uint64_t rows_before_;
    std::optional<Statement> shown_;  // holds the texts that `entry` gave
};

/// Implements the reading half of `Base`, a Snapshot or a Transaction.
template <class Base>
class Reading : public Base {
  public:
    std::uint64_t generation() override { return reader_.generation(); }

    Directory directory() override { return reader_.directory(); }

    std::vector<std::pair<ClassNo, std::string>> classes(ClassNo from) override {
        return reader_.classes(from);
    }

    std::unique_ptr<EntryCursor> entries(CollectionNo collection, Seq from) override {
        return reader_.entries(collection, from);
    }

    std::optional<Entry> entry(CollectionNo collection, Seq seq) override {
        return reader_.entry(collection, seq);
    }

    std::optional<Seq> next_of_class(CollectionNo collection, ClassNo cls, Seq from) override {
        const std::vector<Seq> found = reader_.next_of_class(collection, cls, from, 1);
        return found.empty() ? std::nullopt : std::optional(found.front());
    }

    std::vector<Seq> next_of_class(
        CollectionNo collection, ClassNo cls, Seq from, std::size_t count
    ) override {
        return reader_.next_of_class(collection, cls, from, count);
    }

    std::vector<Version> versions(CollectionNo collection, std::string_view id) override {
        return reader_.versions(collection, id);
    }

    std::vector<Derived> derived(CollectionNo collection, std::string_view id) override {
        return reader_.derived(collection, id);
    }

    std::optional<std::string> made_of(CollectionNo collection, Seq seq) override {
        return reader_.made_of(collection, seq);
    }

    std::optional<Group> group_at(CollectionNo collection, Seq seq) override {
        return reader_.group_at(collection, seq);
    }

    std::optional<Group> group_by_date(CollectionNo collection, Micros date) override {
        return reader_.group_by_date(collection, date);
    }

    bool has_view(UserNo user, CollectionNo collection) override {
        return reader_.has_view(user, collection);
    }

    std::vector<agreement::Stretch> stretches(UserNo user, CollectionNo collection) override {
        return reader_.stretches(user, collection);
    }

    std::vector<UserNo> viewers(CollectionNo collection) override {
        return reader_.viewers(collection);
    }

    std::vector<LateRow> late_rows(
        UserNo user, CollectionNo collection, Seq from, std::size_t count
    ) override {
        return reader_.late_rows(user, collection, from, count);
    }

    std::optional<LateRow> late_by_date(UserNo user, CollectionNo collection, Micros date)
        override {
        return reader_.late_by_date(user, collection, date);
    }

    std::vector<LateRow> late_of_entry(UserNo user, CollectionNo collection, Seq entry) override {
        return reader_.late_of_entry(user, collection, entry);
    }

    std::vector<Delayed> delayed(UserNo user, CollectionNo collection) override {
        return reader_.delayed(user, collection);
    }

    bool has_tombstones(CollectionNo collection) override {
        return reader_.has_tombstones(collection);
    }

    bool kept_out(CollectionNo collection, std::string_view id, std::string_view version_key)
        override {
        return reader_.kept_out(collection, id, version_key);
    }

    std::vector<Tombstone> tombstones(
        CollectionNo collection, std::string_view from, std::size_t count
    ) override {
        return reader_.tombstones(collection, from, count);
    }

    std::vector<Kept> kept(KeptNo from, std::size_t count) override {
        return reader_.kept(from, count);
    }

    std::optional<StatusRow> status(std::string_view id) override { return reader_.status(id); }

    std::vector<QuarantineItem> quarantine() override { return reader_.quarantine(); }

    std::optional<QuarantineItem> quarantine(QuarantineNo no) override {
        return reader_.quarantine(no);
    }

    std::vector<Act> acts(ActNo from, std::size_t count) override {
        return reader_.acts(from, count);
    }

    std::vector<Act> acts_of_agreement(std::string_view agreement, ActNo from, std::size_t count)
        override {
        return reader_.acts_of_agreement(agreement, from, count);
    }

    std::vector<OutboxHead> outbox_heads() override { return reader_.outbox_heads(); }

    std::vector<OutboxRow> outbox_waiting(PartyNo party, OutboxNo from, std::size_t count)
        override {
        return reader_.outbox_waiting(party, from, count);
    }

    std::vector<OutboxRow> outbox(OutboxNo from, std::size_t count) override {
        return reader_.outbox(from, count);
    }

    std::optional<Sighting> sighting(SightingNo no) override { return reader_.sighting(no); }

    std::vector<Sighting> sightings(SightingNo from, std::size_t count) override {
        return reader_.sightings(from, count);
    }

    std::vector<Sighting> sightings_in(
        Sighting::State state, PartyNo party, SightingNo from, std::size_t count
    ) override {
        return reader_.sightings_in(state, party, from, count);
    }

    std::optional<Sighting> last_sighting(
        std::string_view indicator, Micros hour, PartyNo party, std::string_view agreement
    ) override {
        return reader_.last_sighting(indicator, hour, party, agreement);
    }

    std::vector<SightingSum> sighting_sums() override { return reader_.sighting_sums(); }

    std::optional<std::string> setting(std::string_view name) override {
        return reader_.setting(name);
    }

    Snapshot::Head head(CollectionNo collection) override { return reader_.head(collection); }

    std::uint64_t rows_touched() const noexcept override { return reader_.rows_touched(); }

  protected:
    Reading(Connection& connection, const Key& id_secret) : reader_(connection, id_secret) {}

    Reader reader_;
};

}  // namespace entente::store::sqlite
