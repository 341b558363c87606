#pragma once
// One write transaction: BEGIN IMMEDIATE was run, the store commits or rolls back.
#include "store/sqlite/internal/reader.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace entente::store::sqlite {

class SqliteTransaction final : public Reading<Transaction> {
  public:
    SqliteTransaction(Connection& connection, const Key& id_secret)
        : Reading(connection, id_secret),
          connection_(connection) {}

    PartyNo put(const Party& row) override;
    UserNo put(const User& row) override;
    TokenNo put(const Token& row) override;
    RootNo put(const ApiRoot& row) override;
    CollectionNo put(const Collection& row) override;
    GrantNo put(const Grant& row) override;
    void put(const StatementMarking& row) override;
    void put(const Peer& row) override;
    HoldNo put(const Hold& row) override;
    void erase(HoldNo no) override;
    void put(CollectionNo collection, const Tombstone& row) override;
    void erase_tombstones(CollectionNo collection, std::string_view id) override;
    KeptNo append_kept(const Kept& row) override;
    void erase(KeptNo no) override;
    void raise_dates(CollectionNo collection, Micros at) override;
    void erase_peer(PartyNo party) override;
    AgreementRecordNo append_agreement(const AgreementRecord& row) override;
    void put(const AgreementParty& row) override;
    void put(const AgreementBinding& row) override;
    void put(const Card& row) override;
    void put(const KeyStatement& row) override;
    void erase(const AgreementParty& row) override;
    void erase(const AgreementBinding& row) override;
    void set_agreements_at(Micros at) override;
    void erase(GrantNo no) override;
    void erase(TokenNo no) override;
    void erase(UserNo no) override;
    void erase(PartyNo no) override;
    void erase(RootNo no) override;
    void erase(CollectionNo no) override;
    void set_setting(std::string_view name, std::string_view value) override;
    ClassNo intern_class(std::string_view key) override;
    Seq append(CollectionNo collection, Micros not_before, std::span<const NewEntry> entries)
        override;
    void remove(CollectionNo collection, Seq seq) override;
    void mark_siblings(CollectionNo collection, std::string_view id, bool siblings) override;
    void make_view(UserNo user, CollectionNo collection) override;
    void set_stretches(
        UserNo user, CollectionNo collection, std::span<const agreement::Stretch> stretches
    ) override;
    void append_late(
        UserNo user, CollectionNo collection, Micros not_before, std::span<const NewLate> rows
    ) override;
    void remove_late(UserNo user, CollectionNo collection, ClassNo cls) override;
    void set_delayed(UserNo user, CollectionNo collection, std::span<const Delayed> rows) override;
    ActNo append_act(const Act& act) override;
    void put_status(const StatusRow& row) override;
    void purge_statuses(Micros before) override;
    QuarantineNo put(const QuarantineItem& row) override;
    void erase(QuarantineNo no) override;
    OutboxNo put(const OutboxRow& row) override;
    void erase(OutboxNo no) override;
    void purge_outbox(Micros before) override;
    SightingNo put(const Sighting& row) override;
    std::size_t erase_done_sightings(Micros before, std::size_t count) override;
    bool savepoint(const std::function<bool()>& work) override;

    /// Something was removed whose bytes are still in the log.
    [[nodiscard]] bool erased() const noexcept { return erased_; }

  private:
    /// The versions of one id in one collection, by (version key, lane).
    struct Link {
        Seq seq{};
        ClassNo cls{};
    };

    using Chain = std::map<std::pair<std::string, PartyNo>, Link>;

    struct Neighbours {
        const Link* older = nullptr;
        const Link* newer = nullptr;
    };

    /// A collection's head and the state of its index of ids.
    struct HeadRow {
        Seq next_seq{};
        Micros next_base;
        std::uint64_t recent = 0;       // rows in recent_id
        std::uint32_t next_bucket = 0;  // the part of them that settles next
        std::uint64_t entries = 0;
        std::uint64_t bytes = 0;  // of their bodies
    };
    struct AppendPart;  // the statements of one `append`

    void changed();  // moves the generation
    [[nodiscard]] HeadRow head_row(CollectionNo collection);
    void set_head(CollectionNo collection, const HeadRow& head);
    [[nodiscard]] Chain chain_of(CollectionNo collection, std::string_view id);
    [[nodiscard]] static Neighbours neighbours(const Chain& chain, Chain::const_iterator of);
    void add_entry(AppendPart& part, const NewEntry& entry, Seq seq);
    void settle_ids(CollectionNo collection, HeadRow& head);
    void forget_id(CollectionNo collection, std::string_view id, Seq seq);

    template <class... Values>
    std::int64_t run(Q q, const Values&... values) {
        return Statement(connection_, q, values...).run();
    }
    /// The number of a row just added, or `no` when it was there; REQUIRES: then it was changed.
    template <class No>
    [[nodiscard]] No added(No no, std::int64_t rows_changed);

    Connection& connection_;
    bool erased_ = false;
};

}  // namespace entente::store::sqlite
