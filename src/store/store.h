#pragma once
// The store: what must survive, behind one interface. memory/ is the plain one, sqlite/ the one on disk; the same contract
// suite (store/contract.h) runs against both. Backends keep rows; what rows mean is decided in exchange/ and store/scan.h.
//
// Threads: Store's methods are safe to call at once. A Snapshot or Transaction belongs to the thread that uses it.
// Failures of the world throw StorageError.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/rows.h"

namespace entente::store {

/// A forward walk over entries of one collection in seq order. Must not outlive its snapshot; what a transaction changes
/// while one of its own cursors is open may or may not be seen by it.
class EntryCursor {
  public:
    virtual ~EntryCursor() = default;
    /// The next entry without its body, or nothing at the end. The texts live until the next call.
    [[nodiscard]] virtual std::optional<Entry> next() = 0;
    /// The body of the entry that `next` returned last. Read only now, so that passing over an entry costs the same
    /// whatever its size. Lives until the next call of `next`.
    [[nodiscard]] virtual std::string_view body() = 0;
};

/// A consistent state of the store. Reads see all commits before its making and none after.
class Snapshot {
  public:
    virtual ~Snapshot() = default;

    // -- directory
    /// Moves with every change of the directory or of a view's stretches; not with entries, late rows, records, settings.
    [[nodiscard]] virtual std::uint64_t generation() = 0;
    [[nodiscard]] virtual Directory directory() = 0;

    // -- classes
    /// (number, key) of the classes with a number of at least `from`, rising.
    [[nodiscard]] virtual std::vector<std::pair<ClassNo, std::string>> classes(ClassNo from) = 0;

    // -- entries
    /// Entries of `collection` with seq >= from, in order.
    [[nodiscard]] virtual std::unique_ptr<EntryCursor> entries(CollectionNo collection, Seq from) = 0;
    /// The entry at `seq` with its body. The texts live until the next call of `entry`.
    [[nodiscard]] virtual std::optional<Entry> entry(CollectionNo collection, Seq seq) = 0;
    /// The first entry of class `cls` at or after `from`. Touches one row however many others lie between.
    [[nodiscard]] virtual std::optional<Seq> next_of_class(CollectionNo collection, ClassNo cls, Seq from) = 0;
    /// The first `count` such.
    [[nodiscard]] virtual std::vector<Seq> next_of_class(CollectionNo collection, ClassNo cls, Seq from, std::size_t count) = 0;
    /// All versions of `id`, all lanes, by (version_key, lane); at most limits::versions_per_object_max.
    [[nodiscard]] virtual std::vector<Version> versions(CollectionNo collection, std::string_view id) = 0;
    /// All entries that were made of versions of `id`, in order of seq.
    [[nodiscard]] virtual std::vector<Derived> derived(CollectionNo collection, std::string_view id) = 0;
    /// The id of the object that the entry at `seq` was made of; nothing for one that was published.
    [[nodiscard]] virtual std::optional<std::string> made_of(CollectionNo collection, Seq seq) = 0;

    // -- what left
    /// Whether the collection has tombstones at all; one row's work.
    [[nodiscard]] virtual bool has_tombstones(CollectionNo collection) = 0;
    /// Whether a tombstone keeps this version of `id` out.
    [[nodiscard]] virtual bool kept_out(CollectionNo collection, std::string_view id, std::string_view version_key) = 0;
    /// Tombstones of ids from `from` on, by (id, version_key), at most `count`.
    [[nodiscard]] virtual std::vector<Tombstone> tombstones(CollectionNo collection, std::string_view from, std::size_t count) = 0;
    /// Removed entries under a hold, with a number of at least `from`, at most `count`, rising.
    [[nodiscard]] virtual std::vector<Kept> kept(KeptNo from, std::size_t count) = 0;

    // -- groups
    /// The group that holds position `seq`: the one with the greatest first <= seq.
    [[nodiscard]] virtual std::optional<Group> group_at(CollectionNo collection, Seq seq) = 0;
    /// The last group with base <= date.
    [[nodiscard]] virtual std::optional<Group> group_by_date(CollectionNo collection, Micros date) = 0;

    // -- views
    /// Empty when the user never had a read right on the collection (a view row does not exist).
    [[nodiscard]] virtual bool has_view(UserNo user, CollectionNo collection) = 0;
    [[nodiscard]] virtual std::vector<agreement::Stretch> stretches(UserNo user, CollectionNo collection) = 0;
    /// Users that have a view of the collection.
    [[nodiscard]] virtual std::vector<UserNo> viewers(CollectionNo collection) = 0;
    /// Late rows of the view with seq >= from, at most `count`, in order.
    [[nodiscard]] virtual std::vector<LateRow> late_rows(UserNo user, CollectionNo collection, Seq from, std::size_t count) = 0;
    /// The last late row with date <= `date`.
    [[nodiscard]] virtual std::optional<LateRow> late_by_date(UserNo user, CollectionNo collection, Micros date) = 0;
    /// All late rows of one entry in one view, in order.
    [[nodiscard]] virtual std::vector<LateRow> late_of_entry(UserNo user, CollectionNo collection, Seq entry) = 0;
    /// The delayed classes of the view, by class; none where there is no view.
    [[nodiscard]] virtual std::vector<Delayed> delayed(UserNo user, CollectionNo collection) = 0;

    // -- records
    [[nodiscard]] virtual std::optional<StatusRow> status(std::string_view id) = 0;
    [[nodiscard]] virtual std::vector<QuarantineItem> quarantine() = 0;
    [[nodiscard]] virtual std::optional<QuarantineItem> quarantine(QuarantineNo no) = 0;
    /// Acts with a number of at least `from`, at most `count`, rising.
    [[nodiscard]] virtual std::vector<Act> acts(ActNo from, std::size_t count) = 0;
    /// The same of acts by this agreement alone; none when `agreement` is empty. Touches no act of others.
    [[nodiscard]] virtual std::vector<Act> acts_of_agreement(std::string_view agreement, ActNo from, std::size_t count) = 0;
    /// For each party that something waits for, by party.
    [[nodiscard]] virtual std::vector<OutboxHead> outbox_heads() = 0;
    /// What waits for `party`, with a number of at least `from`, at most `count`, rising.
    [[nodiscard]] virtual std::vector<OutboxRow> outbox_waiting(PartyNo party, OutboxNo from, std::size_t count) = 0;
    /// Rows in every state with a number of at least `from`, at most `count`, rising.
    [[nodiscard]] virtual std::vector<OutboxRow> outbox(OutboxNo from, std::size_t count) = 0;
    [[nodiscard]] virtual std::optional<Sighting> sighting(SightingNo no) = 0;
    /// Those with a number of at least `from`, at most `count`, rising.
    [[nodiscard]] virtual std::vector<Sighting> sightings(SightingNo from, std::size_t count) = 0;
    /// The same of one state for one party alone.
    [[nodiscard]] virtual std::vector<Sighting> sightings_in(Sighting::State state, PartyNo party, SightingNo from, std::size_t count) = 0;
    /// The one with the greatest part, of those of one indicator, hour, party and agreement.
    [[nodiscard]] virtual std::optional<Sighting> last_sighting(std::string_view indicator, Micros hour, PartyNo party, std::string_view agreement) = 0;
    /// By state, then party.
    [[nodiscard]] virtual std::vector<SightingSum> sighting_sums() = 0;
    /// A named value of the node ("node_id", "cursor_key", …); nothing if unset.
    [[nodiscard]] virtual std::optional<std::string> setting(std::string_view name) = 0;

    /// The newest position and the next free date of the collection.
    struct Head {
        Seq next_seq{1};
        Micros next_base;  // the smallest date that may still be given
        std::uint64_t entries = 0;  // that are there
        std::uint64_t bytes = 0;    // of their bodies
    };
    [[nodiscard]] virtual Head head(CollectionNo collection) = 0;

    /// Rows read so far through this snapshot, entries and index rows alike; for tests of the work done.
    [[nodiscard]] virtual std::uint64_t rows_touched() const noexcept = 0;
};

/// The one writer's state while a transaction is open: all that Snapshot reads, its own changes included.
class Transaction : public Snapshot {
  public:
    // -- directory: a number of 0 makes a new row and its number is returned; else the row with that number is replaced.
    // Numbers are not given twice, even after erasing. REQUIRES: what rows.h calls unique is, and what a row names is there.
    virtual PartyNo put(const Party& row) = 0;
    virtual UserNo put(const User& row) = 0;
    virtual TokenNo put(const Token& row) = 0;
    virtual RootNo put(const ApiRoot& row) = 0;
    virtual CollectionNo put(const Collection& row) = 0;
    virtual GrantNo put(const Grant& row) = 0;
    virtual void put(const StatementMarking& row) = 0;
    virtual void put(const Peer& row) = 0;  // replaces the one of its party
    virtual void erase_peer(PartyNo party) = 0;  // what waits for the party stays
    /// Appends; `row.no` is ignored. Returns its number.
    virtual AgreementRecordNo append_agreement(const AgreementRecord& row) = 0;
    virtual void put(const AgreementParty& row) = 0;    // replaces the one of its agreement and pid
    virtual void put(const AgreementBinding& row) = 0;  // no effect if there
    virtual void put(const Card& row) = 0;              // no effect if there is one of its party and sequence
    virtual void put(const KeyStatement& row) = 0;      // no effect if its note is there
    virtual void erase(const AgreementParty& row) = 0;  // the one of its agreement and pid, whatever its party
    virtual void erase(const AgreementBinding& row) = 0;
    /// No effect if that moment, or a later one, is set.
    virtual void set_agreements_at(Micros at) = 0;
    virtual void erase(GrantNo no) = 0;
    virtual void erase(TokenNo no) = 0;
    virtual void erase(UserNo no) = 0;    // with its tokens, grants, views, late rows
    virtual void erase(PartyNo no) = 0;   // with its cards, its part in agreements, its peer, outbox and sightings. REQUIRES: no user, no grant, no hold, no entry class names it
    virtual void erase(RootNo no) = 0;    // REQUIRES: no collection in it
    virtual void erase(CollectionNo no) = 0;  // with entries, groups, grants, views, late rows, quarantine, bindings, holds, sightings, all that left it
    virtual HoldNo put(const Hold& row) = 0;  // 0 = new
    virtual void erase(HoldNo no) = 0;        // what was kept by it stays
    virtual void set_setting(std::string_view name, std::string_view value) = 0;

    // -- classes
    /// The number of the class with this key, made if there is none.
    virtual ClassNo intern_class(std::string_view key) = 0;

    // -- entries
    /// Appends entries at the head as one group with dates from max(not_before, head.next_base) on; links versions of
    /// equal ids by version key within lane 0 (newer_seq, newer_cls, has_newer, has_older). Returns the first seq.
    /// REQUIRES: not empty; no (id, version_key, lane) is there already or twice in `entries`.
    virtual Seq append(CollectionNo collection, Micros not_before, std::span<const NewEntry> entries) = 0;
    /// Removes the row and the late rows that show it, and mends the links around it; its group keeps its place and classes.
    /// No effect if there is no such row.
    virtual void remove(CollectionNo collection, Seq seq) = 0;
    virtual void put(CollectionNo collection, const Tombstone& row) = 0;  // no effect if there
    virtual void erase_tombstones(CollectionNo collection, std::string_view id) = 0;  // all of the id
    /// Appends; `row.no` is ignored. Returns its number. REQUIRES: its collection and class are there.
    virtual KeptNo append_kept(const Kept& row) = 0;
    virtual void erase(KeptNo no) = 0;  // no effect if it is not there
    /// No date before `at` is given in the collection any more.
    virtual void raise_dates(CollectionNo collection, Micros at) = 0;
    /// Sets or clears Flag::siblings on all versions of `id`.
    virtual void mark_siblings(CollectionNo collection, std::string_view id, bool siblings) = 0;

    // -- views
    virtual void make_view(UserNo user, CollectionNo collection) = 0;  // no effect if there
    virtual void set_stretches(UserNo user, CollectionNo collection, std::span<const agreement::Stretch> stretches) = 0;
    struct NewLate {
        Seq entry{};
        LateRow::Kind kind = LateRow::Kind::widened;
    };
    /// Appends late rows at the head: they take positions and dates of the collection as `append` gives them. Sets
    /// Flag::reexposed on the entries of rows of that kind; the flag stays when the rows go. REQUIRES: the entries are there.
    virtual void append_late(UserNo user, CollectionNo collection, Micros not_before, std::span<const NewLate> rows) = 0;
    /// Removes the view's late rows of entries of these classes.
    virtual void remove_late(UserNo user, CollectionNo collection, ClassNo cls) = 0;
    /// Replaces the view's delayed classes. REQUIRES: the view is there; each class is there and named once.
    virtual void set_delayed(UserNo user, CollectionNo collection, std::span<const Delayed> rows) = 0;

    // -- records
    virtual ActNo append_act(const Act& act) = 0;
    virtual void put_status(const StatusRow& row) = 0;
    virtual void purge_statuses(Micros before) = 0;
    virtual QuarantineNo put(const QuarantineItem& row) = 0;  // 0 = new
    virtual void erase(QuarantineNo no) = 0;                  // no effect if it is not there
    virtual OutboxNo put(const OutboxRow& row) = 0;  // 0 = new. REQUIRES: its party is there; so is a row with that number
    virtual void erase(OutboxNo no) = 0;             // no effect if it is not there
    /// Removes what does not wait any more and whose waiting ended before.
    virtual void purge_outbox(Micros before) = 0;
    virtual SightingNo put(const Sighting& row) = 0;  // 0 = new. REQUIRES: its collection, and party if it has one, are there; so is a row with that number
    /// Removes those that wait for nothing any more and changed before, at most `count`, the longest unchanged first. Returns how many.
    virtual std::size_t erase_done_sightings(Micros before, std::size_t count) = 0;

    /// Runs `work`; when it throws or returns false, everything it wrote is undone and the transaction goes on. Returns what
    /// `work` returned; rethrows what it threw.
    virtual bool savepoint(const std::function<bool()>& work) = 0;
};

class Store {
  public:
    virtual ~Store() = default;
    [[nodiscard]] virtual std::unique_ptr<Snapshot> snapshot() = 0;
    /// One transaction: begins immediately (waits for other processes), runs `work`, commits durably before returning. An
    /// exception from `work` rolls back and passes on. A StorageError inside ends the transaction even if `work` goes on: the
    /// commit throws it again. Kind busy: no lock in about 10 s, or the log is full and a snapshot keeps it from being moved.
    /// Not from within `work`.
    virtual void write(const std::function<void(Transaction&)>& work) = 0;
    /// Moves the log into the database if there is something to move; called from a thread of its own.
    virtual void checkpoint() = 0;
    /// Moves the whole log into the database and cuts it off, so that what was removed is in it no more. False: a reader or
    /// another process keeps a part of it; later may be better.
    [[nodiscard]] virtual bool cut_log() = 0;
    /// Verifies the whole store: structure, digests against bodies, links, groups, late rows. One line per finding.
    [[nodiscard]] virtual std::vector<std::string> verify(const std::function<void(std::uint64_t done, std::uint64_t all)>& progress) = 0;
};

}  // namespace entente::store
