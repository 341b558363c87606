#pragma once
// For tests: stores that pass everything on to another one. A test overrides what it wants to bend
// or to count.
#include "store/store.h"

#include <memory>

namespace entente::store::testing {

/// Passes every call of `Base` (Snapshot or Transaction) that reads on to `inner`, which outlives
/// it.
template <class Base>
class ReadProxy : public Base {
  public:
    explicit ReadProxy(Base& inner) : inner_(inner) {}

    [[nodiscard]] std::uint64_t generation() override { return inner_.generation(); }

    [[nodiscard]] Directory directory() override { return inner_.directory(); }

    [[nodiscard]] std::vector<std::pair<ClassNo, std::string>> classes(ClassNo from) override {
        return inner_.classes(from);
    }

    [[nodiscard]] std::unique_ptr<EntryCursor> entries(CollectionNo collection, Seq from) override {
        return inner_.entries(collection, from);
    }

    [[nodiscard]] std::optional<Entry> entry(CollectionNo collection, Seq seq) override {
        return inner_.entry(collection, seq);
    }

    [[nodiscard]] std::optional<Seq> next_of_class(CollectionNo collection, ClassNo cls, Seq from)
        override {
        return inner_.next_of_class(collection, cls, from);
    }

    [[nodiscard]] std::vector<Seq> next_of_class(
        CollectionNo collection, ClassNo cls, Seq from, std::size_t count
    ) override {
        return inner_.next_of_class(collection, cls, from, count);
    }

    [[nodiscard]] std::vector<Version> versions(CollectionNo collection, std::string_view id)
        override {
        return inner_.versions(collection, id);
    }

    [[nodiscard]] std::vector<Derived> derived(CollectionNo collection, std::string_view id)
        override {
        return inner_.derived(collection, id);
    }

    [[nodiscard]] std::optional<std::string> made_of(CollectionNo collection, Seq seq) override {
        return inner_.made_of(collection, seq);
    }

    [[nodiscard]] bool has_tombstones(CollectionNo collection) override {
        return inner_.has_tombstones(collection);
    }

    [[nodiscard]] bool kept_out(
        CollectionNo collection, std::string_view id, std::string_view version_key
    ) override {
        return inner_.kept_out(collection, id, version_key);
    }

    [[nodiscard]] std::vector<Tombstone> tombstones(
        CollectionNo collection, std::string_view from, std::size_t count
    ) override {
        return inner_.tombstones(collection, from, count);
    }

    [[nodiscard]] std::vector<Kept> kept(KeptNo from, std::size_t count) override {
        return inner_.kept(from, count);
    }

    [[nodiscard]] std::optional<Group> group_at(CollectionNo collection, Seq seq) override {
        return inner_.group_at(collection, seq);
    }

    [[nodiscard]] std::optional<Group> group_by_date(CollectionNo collection, Micros date)
        override {
        return inner_.group_by_date(collection, date);
    }

    [[nodiscard]] bool has_view(UserNo user, CollectionNo collection) override {
        return inner_.has_view(user, collection);
    }

    [[nodiscard]] std::vector<agreement::Stretch> stretches(UserNo user, CollectionNo collection)
        override {
        return inner_.stretches(user, collection);
    }

    [[nodiscard]] std::vector<UserNo> viewers(CollectionNo collection) override {
        return inner_.viewers(collection);
    }

    [[nodiscard]] std::vector<LateRow> late_rows(
        UserNo user, CollectionNo collection, Seq from, std::size_t count
    ) override {
        return inner_.late_rows(user, collection, from, count);
    }

    [[nodiscard]] std::optional<LateRow> late_by_date(
        UserNo user, CollectionNo collection, Micros date
    ) override {
        return inner_.late_by_date(user, collection, date);
    }

    [[nodiscard]] std::vector<LateRow> late_of_entry(
        UserNo user, CollectionNo collection, Seq entry
    ) override {
        return inner_.late_of_entry(user, collection, entry);
    }

    [[nodiscard]] std::vector<Delayed> delayed(UserNo user, CollectionNo collection) override {
        return inner_.delayed(user, collection);
    }

    [[nodiscard]] std::optional<StatusRow> status(std::string_view id) override {
        return inner_.status(id);
    }

    [[nodiscard]] std::vector<QuarantineItem> quarantine() override { return inner_.quarantine(); }

    [[nodiscard]] std::optional<QuarantineItem> quarantine(QuarantineNo no) override {
        return inner_.quarantine(no);
    }

    [[nodiscard]] std::vector<Act> acts(ActNo from, std::size_t count) override {
        return inner_.acts(from, count);
    }

    [[nodiscard]] std::vector<Act> acts_of_agreement(
        std::string_view agreement, ActNo from, std::size_t count
    ) override {
        return inner_.acts_of_agreement(agreement, from, count);
    }

    [[nodiscard]] std::vector<OutboxHead> outbox_heads() override { return inner_.outbox_heads(); }

    [[nodiscard]] std::vector<OutboxRow> outbox_waiting(
        PartyNo party, OutboxNo from, std::size_t count
    ) override {
        return inner_.outbox_waiting(party, from, count);
    }

    [[nodiscard]] std::vector<OutboxRow> outbox(OutboxNo from, std::size_t count) override {
        return inner_.outbox(from, count);
    }

    [[nodiscard]] std::optional<Sighting> sighting(SightingNo no) override {
        return inner_.sighting(no);
    }

    [[nodiscard]] std::vector<Sighting> sightings(SightingNo from, std::size_t count) override {
        return inner_.sightings(from, count);
    }

    [[nodiscard]] std::vector<Sighting> sightings_in(
        Sighting::State state, PartyNo party, SightingNo from, std::size_t count
    ) override {
        return inner_.sightings_in(state, party, from, count);
    }

    [[nodiscard]] std::optional<Sighting> last_sighting(
        std::string_view indicator, Micros hour, PartyNo party, std::string_view agreement
    ) override {
        return inner_.last_sighting(indicator, hour, party, agreement);
    }

    [[nodiscard]] std::vector<SightingSum> sighting_sums() override {
        return inner_.sighting_sums();
    }

    [[nodiscard]] std::optional<std::string> setting(std::string_view name) override {
        return inner_.setting(name);
    }

    [[nodiscard]] Snapshot::Head head(CollectionNo collection) override {
        return inner_.head(collection);
    }

    [[nodiscard]] std::uint64_t rows_touched() const noexcept override {
        return inner_.rows_touched();
    }

  protected:
    Base& inner_;
};

/// A snapshot that owns the one it passes on to.
class SnapshotProxy : public ReadProxy<Snapshot> {
  public:
    explicit SnapshotProxy(std::unique_ptr<Snapshot> inner)
        : ReadProxy(*inner),
          owned_(std::move(inner)) {}

  private:
    std::unique_ptr<Snapshot> owned_;
};

/// A transaction that passes everything on.
class TransactionProxy : public ReadProxy<Transaction> {
  public:
    using ReadProxy::ReadProxy;

    PartyNo put(const Party& row) override { return inner_.put(row); }

    UserNo put(const User& row) override { return inner_.put(row); }

    TokenNo put(const Token& row) override { return inner_.put(row); }

    RootNo put(const ApiRoot& row) override { return inner_.put(row); }

    CollectionNo put(const Collection& row) override { return inner_.put(row); }

    GrantNo put(const Grant& row) override { return inner_.put(row); }

    void put(const StatementMarking& row) override { return inner_.put(row); }

    void put(const Peer& row) override { return inner_.put(row); }

    HoldNo put(const Hold& row) override { return inner_.put(row); }

    void erase(HoldNo no) override { return inner_.erase(no); }

    void put(CollectionNo collection, const Tombstone& row) override {
        return inner_.put(collection, row);
    }

    void erase_tombstones(CollectionNo collection, std::string_view id) override {
        return inner_.erase_tombstones(collection, id);
    }

    KeptNo append_kept(const Kept& row) override { return inner_.append_kept(row); }

    void erase(KeptNo no) override { return inner_.erase(no); }

    void raise_dates(CollectionNo collection, Micros at) override {
        return inner_.raise_dates(collection, at);
    }

    void erase_peer(PartyNo party) override { return inner_.erase_peer(party); }

    AgreementRecordNo append_agreement(const AgreementRecord& row) override {
        return inner_.append_agreement(row);
    }

    void put(const AgreementParty& row) override { return inner_.put(row); }

    void put(const AgreementBinding& row) override { return inner_.put(row); }

    void put(const Card& row) override { return inner_.put(row); }

    void put(const KeyStatement& row) override { return inner_.put(row); }

    void erase(const AgreementParty& row) override { return inner_.erase(row); }

    void erase(const AgreementBinding& row) override { return inner_.erase(row); }

    void set_agreements_at(Micros at) override { return inner_.set_agreements_at(at); }

    void erase(GrantNo no) override { return inner_.erase(no); }

    void erase(TokenNo no) override { return inner_.erase(no); }

    void erase(UserNo no) override { return inner_.erase(no); }

    void erase(PartyNo no) override { return inner_.erase(no); }

    void erase(RootNo no) override { return inner_.erase(no); }

    void erase(CollectionNo no) override { return inner_.erase(no); }

    void set_setting(std::string_view name, std::string_view value) override {
        return inner_.set_setting(name, value);
    }

    ClassNo intern_class(std::string_view key) override { return inner_.intern_class(key); }

    Seq append(CollectionNo collection, Micros not_before, std::span<const NewEntry> entries)
        override {
        return inner_.append(collection, not_before, entries);
    }

    void remove(CollectionNo collection, Seq seq) override {
        return inner_.remove(collection, seq);
    }

    void mark_siblings(CollectionNo collection, std::string_view id, bool siblings) override {
        return inner_.mark_siblings(collection, id, siblings);
    }

    void make_view(UserNo user, CollectionNo collection) override {
        return inner_.make_view(user, collection);
    }

    void set_stretches(
        UserNo user, CollectionNo collection, std::span<const agreement::Stretch> stretches
    ) override {
        return inner_.set_stretches(user, collection, stretches);
    }

    void append_late(
        UserNo user,
        CollectionNo collection,
        Micros not_before,
        std::span<const Transaction::NewLate> rows
    ) override {
        return inner_.append_late(user, collection, not_before, rows);
    }

    void remove_late(UserNo user, CollectionNo collection, ClassNo cls) override {
        return inner_.remove_late(user, collection, cls);
    }

    void set_delayed(UserNo user, CollectionNo collection, std::span<const Delayed> rows) override {
        return inner_.set_delayed(user, collection, rows);
    }

    ActNo append_act(const Act& act) override { return inner_.append_act(act); }

    void put_status(const StatusRow& row) override { return inner_.put_status(row); }

    void purge_statuses(Micros before) override { return inner_.purge_statuses(before); }

    QuarantineNo put(const QuarantineItem& row) override { return inner_.put(row); }

    void erase(QuarantineNo no) override { return inner_.erase(no); }

    OutboxNo put(const OutboxRow& row) override { return inner_.put(row); }

    void erase(OutboxNo no) override { return inner_.erase(no); }

    void purge_outbox(Micros before) override { return inner_.purge_outbox(before); }

    SightingNo put(const Sighting& row) override { return inner_.put(row); }

    std::size_t erase_done_sightings(Micros before, std::size_t count) override {
        return inner_.erase_done_sightings(before, count);
    }

    bool savepoint(const std::function<bool()>& work) override { return inner_.savepoint(work); }
};

}  // namespace entente::store::testing
