#pragma once
// For tests: a store of nothing but settings, whose commits a test can hold back, count and break.
#include "base/result.h"
#include "store/store.h"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::exchange::testing {

/// Settings and savepoints work; everything else throws std::logic_error.
class SettingsTransaction final : public store::Transaction {
  public:
    using Settings = std::map<std::string, std::string, std::less<>>;

    explicit SettingsTransaction(Settings settings) : settings_(std::move(settings)) {}

    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

    /// Counted down by each savepoint; the one that reaches 0 fails as on a broken disk. Null =
    /// none fails.
    int* break_savepoint = nullptr;

    std::optional<std::string> setting(std::string_view name) override {
        const auto at = settings_.find(name);
        if (at == settings_.end()) return std::nullopt;
        return at->second;
    }

    void set_setting(std::string_view name, std::string_view value) override {
        settings_.insert_or_assign(std::string(name), std::string(value));
    }

    bool savepoint(const std::function<bool()>& work) override {
        if (break_savepoint != nullptr && --*break_savepoint == 0) {
            throw StorageError(StorageError::Kind::io, "the savepoint broke");
        }
        const Settings before = settings_;
        try {
            if (work()) return true;
        } catch (...) {
            settings_ = before;
            throw;
        }
        settings_ = before;
        return false;
    }

    std::uint64_t generation() override { none(); }

    store::Directory directory() override { none(); }

    std::vector<std::pair<store::ClassNo, std::string>> classes(store::ClassNo) override { none(); }

    std::unique_ptr<store::EntryCursor> entries(store::CollectionNo, store::Seq) override {
        none();
    }

    std::optional<store::Entry> entry(store::CollectionNo, store::Seq) override { none(); }

    std::optional<store::Seq> next_of_class(store::CollectionNo, store::ClassNo, store::Seq)
        override {
        none();
    }

    std::vector<store::Seq> next_of_class(
        store::CollectionNo, store::ClassNo, store::Seq, std::size_t
    ) override {
        none();
    }

    std::vector<store::Version> versions(store::CollectionNo, std::string_view) override { none(); }

    std::vector<store::Derived> derived(store::CollectionNo, std::string_view) override { none(); }

    std::optional<std::string> made_of(store::CollectionNo, store::Seq) override { none(); }

    bool has_tombstones(store::CollectionNo) override { none(); }

    bool kept_out(store::CollectionNo, std::string_view, std::string_view) override { none(); }

    std::vector<store::Tombstone> tombstones(store::CollectionNo, std::string_view, std::size_t)
        override {
        none();
    }

    std::vector<store::Kept> kept(store::KeptNo, std::size_t) override { none(); }

    std::optional<store::Group> group_at(store::CollectionNo, store::Seq) override { none(); }

    std::optional<store::Group> group_by_date(store::CollectionNo, Micros) override { none(); }

    bool has_view(store::UserNo, store::CollectionNo) override { none(); }

    std::vector<agreement::Stretch> stretches(store::UserNo, store::CollectionNo) override {
        none();
    }

    std::vector<store::UserNo> viewers(store::CollectionNo) override { none(); }

    std::vector<store::LateRow> late_rows(
        store::UserNo, store::CollectionNo, store::Seq, std::size_t
    ) override {
        none();
    }

    std::optional<store::LateRow> late_by_date(store::UserNo, store::CollectionNo, Micros)
        override {
        none();
    }

    std::vector<store::LateRow> late_of_entry(store::UserNo, store::CollectionNo, store::Seq)
        override {
        none();
    }

    std::vector<store::Delayed> delayed(store::UserNo, store::CollectionNo) override { none(); }

    std::optional<store::StatusRow> status(std::string_view) override { none(); }

    std::vector<store::QuarantineItem> quarantine() override { none(); }

    std::optional<store::QuarantineItem> quarantine(store::QuarantineNo) override { none(); }

    std::vector<store::OutboxHead> outbox_heads() override { none(); }

    std::vector<store::OutboxRow> outbox_waiting(store::PartyNo, store::OutboxNo, std::size_t)
        override {
        none();
    }

    std::vector<store::OutboxRow> outbox(store::OutboxNo, std::size_t) override { none(); }

    std::optional<store::Sighting> sighting(store::SightingNo) override { none(); }

    std::vector<store::Sighting> sightings(store::SightingNo, std::size_t) override { none(); }

    std::vector<store::Sighting> sightings_in(
        store::Sighting::State, store::PartyNo, store::SightingNo, std::size_t
    ) override {
        none();
    }

    std::optional<store::Sighting> last_sighting(
        std::string_view, Micros, store::PartyNo, std::string_view
    ) override {
        none();
    }

    std::vector<store::SightingSum> sighting_sums() override { none(); }

    std::vector<store::Act> acts(store::ActNo, std::size_t) override { none(); }

    std::vector<store::Act> acts_of_agreement(std::string_view, store::ActNo, std::size_t)
        override {
        none();
    }

    Head head(store::CollectionNo) override { none(); }

    std::uint64_t rows_touched() const noexcept override { return 0; }

    store::PartyNo put(const store::Party&) override { none(); }

    store::UserNo put(const store::User&) override { none(); }

    store::TokenNo put(const store::Token&) override { none(); }

    store::RootNo put(const store::ApiRoot&) override { none(); }

    store::CollectionNo put(const store::Collection&) override { none(); }

    store::GrantNo put(const store::Grant&) override { none(); }

    void put(const store::StatementMarking&) override { none(); }

    void put(const store::Peer&) override { none(); }

    store::HoldNo put(const store::Hold&) override { none(); }

    void erase(store::HoldNo) override { none(); }

    void put(store::CollectionNo, const store::Tombstone&) override { none(); }

    void erase_tombstones(store::CollectionNo, std::string_view) override { none(); }

    store::KeptNo append_kept(const store::Kept&) override { none(); }

    void erase(store::KeptNo) override { none(); }

    void raise_dates(store::CollectionNo, Micros) override { none(); }

    void erase(store::QuarantineNo) override { none(); }

    void erase_peer(store::PartyNo) override { none(); }

    store::AgreementRecordNo append_agreement(const store::AgreementRecord&) override { none(); }

    void put(const store::AgreementParty&) override { none(); }

    void put(const store::AgreementBinding&) override { none(); }

    void put(const store::Card&) override { none(); }

    void put(const store::KeyStatement&) override { none(); }

    void erase(const store::AgreementParty&) override { none(); }

    void erase(const store::AgreementBinding&) override { none(); }

    void set_agreements_at(Micros) override { none(); }

    void erase(store::GrantNo) override { none(); }

    void erase(store::TokenNo) override { none(); }

    void erase(store::UserNo) override { none(); }

    void erase(store::PartyNo) override { none(); }

    void erase(store::RootNo) override { none(); }

    void erase(store::CollectionNo) override { none(); }

    store::ClassNo intern_class(std::string_view) override { none(); }

    store::Seq append(store::CollectionNo, Micros, std::span<const store::NewEntry>) override {
        none();
    }

    void remove(store::CollectionNo, store::Seq) override { none(); }

    void mark_siblings(store::CollectionNo, std::string_view, bool) override { none(); }

    void make_view(store::UserNo, store::CollectionNo) override { none(); }

    void set_stretches(store::UserNo, store::CollectionNo, std::span<const agreement::Stretch>)
        override {
        none();
    }

    void append_late(store::UserNo, store::CollectionNo, Micros, std::span<const NewLate>)
        override {
        none();
    }

    void remove_late(store::UserNo, store::CollectionNo, store::ClassNo) override { none(); }

    void set_delayed(store::UserNo, store::CollectionNo, std::span<const store::Delayed>) override {
        none();
    }

    store::ActNo append_act(const store::Act&) override { none(); }

    void put_status(const store::StatusRow&) override { none(); }

    void purge_statuses(Micros) override { none(); }

    store::QuarantineNo put(const store::QuarantineItem&) override { none(); }

    store::OutboxNo put(const store::OutboxRow&) override { none(); }

    void erase(store::OutboxNo) override { none(); }

    void purge_outbox(Micros) override { none(); }

    store::SightingNo put(const store::Sighting&) override { none(); }

    std::size_t erase_done_sightings(Micros, std::size_t) override { none(); }

  private:
    [[noreturn]] static void none() { throw std::logic_error("a store of settings alone"); }

    Settings settings_;
};

class SettingsStore final : public store::Store {
  public:
    using Settings = SettingsTransaction::Settings;

    void write(const std::function<void(store::Transaction&)>& work) override {
        std::unique_lock lock(mutex_);
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        SettingsTransaction tx(settings_);
        tx.break_savepoint = &break_savepoint_;
        lock.unlock();
        work(tx);
        lock.lock();
        if (--break_commit_ == 0) {
            throw StorageError(StorageError::Kind::full, "no space left");
        }
        settings_ = tx.settings();
        ++commits_;
    }

    bool cut_log() override { return true; }

    void checkpoint() override {
        const std::lock_guard lock(mutex_);
        ++checkpoints_;
        changed_.notify_all();
        if (break_checkpoints_) throw StorageError(StorageError::Kind::io, "no checkpoint");
    }

    std::unique_ptr<store::Snapshot> snapshot() override {
        const std::lock_guard lock(mutex_);
        return std::make_unique<SettingsTransaction>(settings_);
    }

    std::vector<std::string> verify(const std::function<void(std::uint64_t, std::uint64_t)>&)
        override {
        return {};
    }

    // ---- what a test does with it

    /// Transactions that begin now wait before their work until `release`.
    void hold() { set(held_, true); }

    void release() { set(held_, false); }

    /// The n-th commit from now on fails (1 = the next one); likewise the n-th savepoint. While no
    /// job runs.
    void break_commit(int nth) { set(break_commit_, nth); }

    void break_savepoint(int nth) { set(break_savepoint_, nth); }

    void break_checkpoints() { set(break_checkpoints_, true); }

    /// Waits until so many transactions have begun in all.
    void wait_for_begun(std::size_t n) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return begun_ >= n; });
    }

    void wait_for_checkpoints(std::size_t n) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return checkpoints_ >= n; });
    }

    [[nodiscard]] std::size_t commits() const {
        const std::lock_guard lock(mutex_);
        return commits_;
    }

    [[nodiscard]] Settings settings() const {
        const std::lock_guard lock(mutex_);
        return settings_;
    }

  private:
    template <class T>
    void set(T& member, T value) {
        const std::lock_guard lock(mutex_);
        member = value;
        changed_.notify_all();
    }

    mutable std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    Settings settings_;
    bool held_ = false;
    int break_commit_ = 0;
    int break_savepoint_ = 0;  // the writing thread's own while it writes
    bool break_checkpoints_ = false;
    std::size_t begun_ = 0;
    std::size_t commits_ = 0;
    std::size_t checkpoints_ = 0;
};

}  // namespace entente::exchange::testing
