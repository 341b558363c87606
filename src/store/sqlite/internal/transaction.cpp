#include "store/sqlite/internal/transaction.h"

#include "base/assert.h"
#include "base/limits.h"
#include "store/sqlite/internal/place.h"
#include "store/sqlite/internal/runs.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace entente::store::sqlite {
namespace {

constexpr Flags bit(Flag f) {
    return static_cast<Flags>(f);
}

// The recent ids of a collection settle by sixteenths of the range of id keys
// (docs/adr/0003-entry-table.md).
constexpr std::uint32_t buckets = 16;
constexpr unsigned bucket_bits = 60;

std::int64_t bucket_first(std::uint32_t bucket) {
    // Unsigned: the upper half of the buckets lies above zero, past what a signed sum can hold.
    return static_cast<std::int64_t>(
        (std::uint64_t{1} << 63U) + (static_cast<std::uint64_t>(bucket) << bucket_bits)
    );
}

std::int64_t bucket_last(std::uint32_t bucket) {
    return bucket_first(bucket) + ((1LL << bucket_bits) - 1);
}

[[noreturn]] void corrupt(const char* what) {
    throw StorageError(StorageError::Kind::corrupt, std::string("database: ") + what);
}

}  // namespace

struct SqliteTransaction::AppendPart {
    AppendPart(Connection& connection, CollectionNo to)
        : collection(to),
          chain(connection, Q::chain),
          entry(connection, Q::entry_add),
          id(connection, Q::recent_add) {
        chain.bind(1, to);
        entry.bind(2, to);
        id.bind(1, to);
    }

    CollectionNo collection;
    Statement chain;
    Statement entry;
    Statement id;
    // Chains of the ids that had versions before: an id with a long history is read once for all
    // its new versions.
    std::unordered_map<std::string, Chain> known;
};

SqliteTransaction::HeadRow SqliteTransaction::head_row(CollectionNo collection) {
    Statement s(connection_, Q::head, collection);
    if (!s.row()) corrupt("a collection has no head");
    return {
        .next_seq = s.as<Seq>(0),
        .next_base = s.time(1),
        .recent = s.as<std::uint64_t>(2),
        .next_bucket = s.as<std::uint32_t>(3),
        .entries = s.as<std::uint64_t>(4),
        .bytes = s.as<std::uint64_t>(5)};
}

void SqliteTransaction::set_head(CollectionNo collection, const HeadRow& h) {
    run(Q::head_set,
        collection,
        h.next_seq,
        h.next_base,
        h.recent,
        h.next_bucket,
        h.entries,
        h.bytes);
}

Seq SqliteTransaction::append(
    CollectionNo collection, Micros not_before, std::span<const NewEntry> entries
) {
    ENTENTE_ASSERT(!entries.empty());
    HeadRow head = head_row(collection);
    const Seq first = head.next_seq;
    ENTENTE_ASSERT(entries.size() <= agreement::raw(agreement::seq_max) - agreement::raw(first));
    const Micros base = std::max(not_before, head.next_base);
    {
        AppendPart part(connection_, collection);
        std::vector<Group::Run> runs;
        for (const NewEntry& entry : entries) {
            add_entry(part, entry, head.next_seq);
            head.bytes += entry.body.size();
            head.next_seq = agreement::next(head.next_seq);
            if (runs.empty() || runs.back().cls != entry.cls) runs.push_back({entry.cls, 0});
            ++runs.back().count;
        }
        const std::string packed = pack_runs(runs);
        run(Q::group_add,
            place_of(collection, first),
            collection,
            entries.size(),
            base,
            LastingBlob{packed});
    }
    head.next_base = base + static_cast<std::int64_t>(entries.size());
    head.recent += entries.size();
    head.entries += entries.size();
    settle_ids(collection, head);
    set_head(collection, head);
    return first;
}

void SqliteTransaction::add_entry(AppendPart& part, const NewEntry& entry, Seq seq) {
    const std::int64_t key = reader_.id_key(entry.id);
    Flags flags = entry.siblings ? bit(Flag::siblings) : Flags{0};
    if (!entry.derived_of.empty()) {
        flags |= bit(Flag::derived);
        run(Q::derived_add, part.collection, Lasting{entry.derived_of}, seq);
    }
    Link newer;
    auto known = part.known.empty() ? part.known.end() : part.known.find(std::string(entry.id));
    if (known == part.known.end()) {
        part.chain.again();
        part.chain.bind(2, key);
        part.chain.bind(3, Lasting{entry.id});
        if (part.chain.row())
            known = part.known.emplace(entry.id, chain_of(part.collection, entry.id)).first;
    }
    if (known != part.known.end()) {
        Chain& chain = known->second;
        const auto [at, fresh] = chain.emplace(
            std::pair(std::string(entry.version_key), entry.lane), Link{seq, entry.cls}
        );
        if (!fresh) corrupt("a version to append is there already");
        if (entry.lane == PartyNo{}) {
            const Neighbours beside = neighbours(chain, at);
            if (beside.newer != nullptr) {
                flags |= bit(Flag::has_newer);
                newer = *beside.newer;
                run(Q::entry_flags, place_of(part.collection, newer.seq), 0, bit(Flag::has_older));
            }
            if (beside.older != nullptr) {
                flags |= bit(Flag::has_older);
                run(Q::entry_newer_set, place_of(part.collection, beside.older->seq), seq, entry.cls
                );
            }
        }
    }
    part.entry.again();
    part.entry.bind(1, place_of(part.collection, seq));
    part.entry.bind(3, entry.cls);
    part.entry.bind(4, flags);
    part.entry.bind(5, entry.lane);
    part.entry.bind(6, newer.seq);
    part.entry.bind(7, newer.cls);
    part.entry.bind(8, Lasting{entry.id});
    part.entry.bind(9, Lasting{entry.version_key});
    part.entry.bind(10, Lasting{entry.version});
    part.entry.bind(11, LastingBlob{as_text(entry.digest)});
    part.entry.bind(12, LastingBlob{entry.body});
    part.entry.run();
    part.id.again();
    part.id.bind(2, key);
    part.id.bind(3, seq);
    part.id.run();
}

SqliteTransaction::Chain SqliteTransaction::chain_of(CollectionNo collection, std::string_view id) {
    Chain chain;
    Statement s(connection_, Q::chain, collection, reader_.id_key(id), Lasting{id});
    while (s.row())
        chain.emplace(std::pair(s.text(3), s.as<PartyNo>(2)), Link{s.as<Seq>(0), s.as<ClassNo>(1)});
    return chain;
}

SqliteTransaction::Neighbours SqliteTransaction::neighbours(
    const Chain& chain, Chain::const_iterator of
) {
    Neighbours found;
    for (auto at = of; at != chain.begin() && found.older == nullptr;) {
        --at;
        if (at->first.second == PartyNo{}) found.older = &at->second;
    }
    for (auto at = std::next(of); at != chain.end() && found.newer == nullptr; ++at)
        if (at->first.second == PartyNo{}) found.newer = &at->second;
    return found;
}

void SqliteTransaction::settle_ids(CollectionNo collection, HeadRow& head) {
    for (std::uint32_t i = 0; i < buckets && head.recent > limits::recent_ids_max; ++i) {
        const std::int64_t first = bucket_first(head.next_bucket);
        const std::int64_t last = bucket_last(head.next_bucket);
        run(Q::recent_settle, collection, first, last);
        const auto settled =
            static_cast<std::uint64_t>(run(Q::recent_settled_erase, collection, first, last));
        if (settled > head.recent) corrupt("the index of ids is miscounted");
        head.recent -= settled;
        head.next_bucket = (head.next_bucket + 1) % buckets;
    }
}

void SqliteTransaction::forget_id(CollectionNo collection, std::string_view id, Seq seq) {
    const std::int64_t key = reader_.id_key(id);
    if (run(Q::recent_remove, collection, key, seq) > 0) {
        run(Q::head_recent_less, collection);
    } else if (run(Q::settled_remove, collection, key, seq) == 0) {
        corrupt("an entry is missing from the index of ids");
    }
}

void SqliteTransaction::remove(CollectionNo collection, Seq seq) {
    if (seq > agreement::seq_max) return;
    const std::int64_t place = place_of(collection, seq);
    std::string id;
    PartyNo lane{};
    Flags flags = 0;
    std::uint64_t bytes = 0;
    {
        Statement s(connection_, Q::entry_id_of, place);
        if (!s.row()) return;
        id = s.text(0);
        lane = s.as<PartyNo>(1);
        flags = s.as<Flags>(2);
        bytes = s.as<std::uint64_t>(3);
    }
    erased_ = true;
    if (lane == PartyNo{}) {
        const Chain chain = chain_of(collection, id);
        const auto at =
            std::ranges::find_if(chain, [&](const auto& link) { return link.second.seq == seq; });
        if (at == chain.end()) corrupt("an entry is missing from the index of ids");
        const auto [older, newer] = neighbours(chain, at);
        if (older != nullptr) {
            const std::int64_t older_place = place_of(collection, older->seq);
            if (newer != nullptr) {
                run(Q::entry_newer_set, older_place, newer->seq, newer->cls);
            } else {
                run(Q::entry_newer_clear, older_place);
            }
        } else if (newer != nullptr) {
            run(Q::entry_flags, place_of(collection, newer->seq), bit(Flag::has_older), 0);
        }
    }
    if (has(flags, Flag::derived) && run(Q::derived_remove, collection, seq) == 0)
        corrupt("a derived entry is missing from its index");
    run(Q::late_of_entry_erase, collection, seq);
    forget_id(collection, id, seq);
    run(Q::entry_remove, place);
    run(Q::head_less, collection, bytes);
}

void SqliteTransaction::mark_siblings(CollectionNo collection, std::string_view id, bool siblings) {
    const Flags on = siblings ? bit(Flag::siblings) : Flags{0};
    for (const auto& [key, link] : chain_of(collection, id))
        run(Q::entry_flags, place_of(collection, link.seq), bit(Flag::siblings), on);
}

void SqliteTransaction::append_late(
    UserNo user, CollectionNo collection, Micros not_before, std::span<const NewLate> rows
) {
    if (rows.empty()) return;
    HeadRow head = head_row(collection);
    Micros date = std::max(not_before, head.next_base);
    for (const NewLate& row : rows) {
        const std::int64_t place = place_of(collection, row.entry);
        ClassNo cls{};
        {
            Statement s(connection_, Q::entry_class_of, place);
            if (!s.row()) corrupt("an entry to show late is not there");
            cls = s.as<ClassNo>(0);
        }
        ENTENTE_ASSERT(head.next_seq < agreement::seq_max);
        run(Q::late_add, user, collection, head.next_seq, row.entry, cls, row.kind, date);
        if (row.kind == LateRow::Kind::reexposed) {
            run(Q::entry_flags, place, 0, bit(Flag::reexposed));
        }
        head.next_seq = agreement::next(head.next_seq);
        date = date + 1;
    }
    head.next_base = date;
    set_head(collection, head);
}

void SqliteTransaction::remove_late(UserNo user, CollectionNo collection, ClassNo cls) {
    run(Q::late_of_class_erase, user, collection, cls);
}

bool SqliteTransaction::savepoint(const std::function<bool()>& work) {
    run(Q::savepoint);
    bool keep = false;
    try {
        keep = work();
    } catch (...) {
        // After a failure of the storage the whole transaction is lost anyhow, and says so at the
        // next statement.
        if (!connection_.failure()) {
            run(Q::savepoint_undo);
            run(Q::savepoint_release);
        }
        throw;
    }
    if (!keep) run(Q::savepoint_undo);
    run(Q::savepoint_release);
    return keep;
}

}  // namespace entente::store::sqlite
