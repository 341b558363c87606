#include "store/sqlite/internal/reader.h"

#include "base/limits.h"
#include "store/sqlite/internal/place.h"
#include "store/sqlite/internal/runs.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace entente::store::sqlite {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
    throw StorageError(StorageError::Kind::corrupt, "database: " + what);
}

// The columns that `entries` and `entry` share.
Entry entry_from(const Statement& s) {
    return {
        .seq = seq_of(s.number(0)),
        .cls = s.as<ClassNo>(1),
        .flags = s.as<Flags>(2),
        .newer_seq = s.as<Seq>(3),
        .newer_cls = s.as<ClassNo>(4),
        .id = s.bytes(5),
        .version = s.bytes(6),
        .version_key = s.bytes(7),
        .body = {}};
}

std::vector<Act> acts_from(Statement&& s) {
    std::vector<Act> found;
    while (s.row()) {
        found.push_back(
            {.no = s.as<ActNo>(0),
             .kind = s.text(1),
             .at = s.time(2),
             .user = s.as<UserNo>(3),
             .party = s.as<PartyNo>(4),
             .collection = s.as<CollectionNo>(5),
             .facts = s.text(6),
             .agreement = s.text(7)}
        );
    }
    return found;
}

class Cursor final : public EntryCursor {
  public:
    Cursor(Connection& connection, CollectionNo collection, Seq from)
        : connection_(connection),
          rows_(
              connection,
              Q::entries,
              place_of(collection, from),
              place_of(collection, agreement::seq_max),
              limits::body_inline_bytes_max
          ) {}

    std::optional<Entry> next() override {
        large_.reset();
        if (ended_ || !rows_.row()) {
            ended_ = true;
            return std::nullopt;
        }
        return entry_from(rows_);
    }

    std::string_view body() override {
        if (ended_) return {};
        if (!rows_.is_null(8)) return rows_.bytes(8);
        if (!large_) {
            large_.emplace(connection_, Q::body, rows_.number(0));
            if (!large_->row()) corrupt("an entry lost its body");
        }
        return large_->bytes(0);
    }

  private:
    Connection& connection_;
    Statement rows_;
    std::optional<Statement> large_;  // the body that `rows_` left out
    bool ended_ = false;              // a step after the end would begin again
};

Group group_from(const Statement& s) {
    auto runs = unpack_runs(s.bytes(3));
    if (!runs) corrupt("the classes of a group cannot be read");
    return {
        .first = seq_of(s.number(0)),
        .count = s.as<std::uint32_t>(1),
        .base = s.time(2),
        .runs = std::move(*runs)};
}

LateRow late_from(const Statement& s) {
    return {
        .seq = s.as<Seq>(0),
        .entry = s.as<Seq>(1),
        .kind = s.as<LateRow::Kind>(2),
        .date = s.time(3),
        .cls = s.as<ClassNo>(4)};
}

QuarantineItem quarantine_from(const Statement& s) {
    return {
        .no = s.as<QuarantineNo>(0),
        .collection = s.as<CollectionNo>(1),
        .user = s.as<UserNo>(2),
        .party = s.as<PartyNo>(3),
        .at = s.time(4),
        .reason = s.text(5),
        .id = s.text(6),
        .version = s.text(7),
        .body = s.text(8),
        .visible_to_sender = s.flag(9),
        .state = s.as<QuarantineItem::State>(10)};
}

std::vector<OutboxRow> outbox_from(Statement s) {
    std::vector<OutboxRow> rows;
    while (s.row()) {
        rows.push_back(
            {.no = s.as<OutboxNo>(0),
             .party = s.as<PartyNo>(1),
             .kind = s.as<OutboxRow::Kind>(2),
             .about = s.text(3),
             .body = s.text(4),
             .created = s.time(5),
             .state = s.as<OutboxRow::State>(6),
             .tries = s.as<std::uint32_t>(7),
             .due = s.time(8),
             .error = s.text(9)}
        );
    }
    return rows;
}

std::vector<Sighting> sightings_from(Statement s) {
    std::vector<Sighting> rows;
    while (s.row()) {
        rows.push_back(
            {.no = s.as<SightingNo>(0),
             .indicator = s.text(1),
             .party = s.as<PartyNo>(2),
             .agreement = s.text(3),
             .hour = s.time(4),
             .part = s.as<std::uint32_t>(5),
             .collection = s.as<CollectionNo>(6),
             .seq = s.as<Seq>(7),
             .count = s.as<std::uint64_t>(8),
             .first_seen = s.time(9),
             .last_seen = s.time(10),
             .state = s.as<Sighting::State>(11),
             .why = s.as<Sighting::Why>(12),
             .warned = s.text(13),
             .note = s.text(14),
             .path = s.text(15),
             .value = s.text(16),
             .object = s.text(17),
             .changed = s.time(18)}
        );
    }
    return rows;
}

std::int64_t row_limit(std::size_t count) {
    return static_cast<std::int64_t>(std::min<std::size_t>(count, INT64_MAX));
}

}  // namespace

std::int64_t Reader::id_key(std::string_view id) const noexcept {
    const Digest digest = keyed_hash(id_secret_, id);
    std::int64_t key = 0;
    std::memcpy(&key, digest.data(), sizeof key);
    return key;
}

std::uint64_t Reader::generation() {
    Statement s(connection_, Q::generation);
    if (!s.row()) corrupt("the generation is missing");
    return s.as<std::uint64_t>(0);
}

std::vector<std::pair<ClassNo, std::string>> Reader::classes(ClassNo from) {
    std::vector<std::pair<ClassNo, std::string>> found;
    Statement s(connection_, Q::classes, from);
    while (s.row())
        found.emplace_back(s.as<ClassNo>(0), s.text(1));
    return found;
}

std::unique_ptr<EntryCursor> Reader::entries(CollectionNo collection, Seq from) {
    return std::make_unique<Cursor>(connection_, collection, std::min(from, agreement::seq_max));
}

std::optional<Entry> Reader::entry(CollectionNo collection, Seq seq) {
    shown_.reset();
    if (seq > agreement::seq_max) return std::nullopt;
    shown_.emplace(connection_, Q::entry, place_of(collection, seq));
    if (!shown_->row()) return std::nullopt;
    Entry found = entry_from(*shown_);
    found.body = shown_->bytes(8);
    return found;
}

std::vector<Seq> Reader::next_of_class(
    CollectionNo collection, ClassNo cls, Seq from, std::size_t count
) {
    std::vector<Seq> found;
    if (from > agreement::seq_max) return found;
    Statement s(
        connection_,
        Q::next_of_class,
        collection,
        cls,
        place_of(collection, from),
        place_of(collection, agreement::seq_max),
        row_limit(count)
    );
    while (s.row())
        found.push_back(seq_of(s.number(0)));
    return found;
}

std::vector<Version> Reader::versions(CollectionNo collection, std::string_view id) {
    std::vector<Version> found;
    Statement s(connection_, Q::versions, collection, id_key(id), Lasting{id});
    while (s.row()) {
        found.push_back(
            {.seq = s.as<Seq>(0),
             .cls = s.as<ClassNo>(1),
             .flags = s.as<Flags>(2),
             .lane = s.as<PartyNo>(3),
             .version = s.text(5),
             .version_key = s.text(4),
             .digest = s.digest(6)}
        );
    }
    std::ranges::sort(found, {}, [](const Version& v) {
        return std::tuple(std::string_view(v.version_key), v.lane);
    });
    if (found.size() > limits::versions_per_object_max)
        found.resize(limits::versions_per_object_max);
    return found;
}

std::vector<Derived> Reader::derived(CollectionNo collection, std::string_view id) {
    std::vector<Derived> found;
    Statement s(connection_, Q::derived, collection, Lasting{id});
    while (s.row()) {
        found.push_back(
            {.seq = s.as<Seq>(0),
             .cls = s.as<ClassNo>(1),
             .id = s.text(2),
             .version_key = s.text(3)}
        );
    }
    return found;
}

std::optional<std::string> Reader::made_of(CollectionNo collection, Seq seq) {
    Statement s(connection_, Q::made_of, collection, seq);
    if (!s.row()) return std::nullopt;
    return s.text(0);
}

std::optional<Group> Reader::group_at(CollectionNo collection, Seq seq) {
    Statement s(
        connection_,
        Q::group_at,
        place_of(collection, Seq{0}),
        place_of(collection, std::min(seq, agreement::seq_max))
    );
    if (!s.row()) return std::nullopt;
    return group_from(s);
}

std::optional<Group> Reader::group_by_date(CollectionNo collection, Micros date) {
    Statement s(connection_, Q::group_by_date, collection, date);
    if (!s.row()) return std::nullopt;
    return group_from(s);
}

bool Reader::has_view(UserNo user, CollectionNo collection) {
    Statement s(connection_, Q::has_view, user, collection);
    return s.row();
}

std::vector<agreement::Stretch> Reader::stretches(UserNo user, CollectionNo collection) {
    std::vector<agreement::Stretch> found;
    Statement s(connection_, Q::stretches, user, collection);
    while (s.row())
        found.push_back(
            {.cls = s.as<ClassNo>(0),
             .after = s.as<Seq>(1),
             .upto = s.as<Seq>(2),
             .kept = s.flag(3)}
        );
    return found;
}

std::vector<UserNo> Reader::viewers(CollectionNo collection) {
    std::vector<UserNo> found;
    Statement s(connection_, Q::viewers, collection);
    while (s.row())
        found.push_back(s.as<UserNo>(0));
    return found;
}

std::vector<LateRow> Reader::late_rows(
    UserNo user, CollectionNo collection, Seq from, std::size_t count
) {
    std::vector<LateRow> found;
    if (from > agreement::seq_max) return found;
    Statement s(connection_, Q::late_rows, user, collection, from, row_limit(count));
    while (s.row())
        found.push_back(late_from(s));
    return found;
}

std::optional<LateRow> Reader::late_by_date(UserNo user, CollectionNo collection, Micros date) {
    Statement s(connection_, Q::late_by_date, user, collection, date);
    if (!s.row()) return std::nullopt;
    return late_from(s);
}

std::vector<LateRow> Reader::late_of_entry(UserNo user, CollectionNo collection, Seq entry) {
    std::vector<LateRow> found;
    if (entry > agreement::seq_max) return found;
    Statement s(connection_, Q::late_of_entry, user, collection, entry);
    while (s.row())
        found.push_back(late_from(s));
    return found;
}

std::vector<Delayed> Reader::delayed(UserNo user, CollectionNo collection) {
    std::vector<Delayed> found;
    Statement s(connection_, Q::delayed, user, collection);
    while (s.row())
        found.push_back({.cls = s.as<ClassNo>(0), .upto = s.as<Seq>(1)});
    return found;
}

bool Reader::has_tombstones(CollectionNo collection) {
    Statement s(connection_, Q::tombstones_any, collection);
    return s.row();
}

bool Reader::kept_out(CollectionNo collection, std::string_view id, std::string_view version_key) {
    Statement s(connection_, Q::tombstone_of, collection, Lasting{id}, Lasting{version_key});
    return s.row();
}

std::vector<Tombstone> Reader::tombstones(
    CollectionNo collection, std::string_view from, std::size_t count
) {
    std::vector<Tombstone> found;
    Statement s(connection_, Q::tombstones, collection, Lasting{from}, row_limit(count));
    while (s.row())
        found.push_back({.id = s.text(0), .version_key = s.text(1), .at = s.time(2)});
    return found;
}

std::vector<Kept> Reader::kept(KeptNo from, std::size_t count) {
    std::vector<Kept> found;
    Statement s(connection_, Q::kept, from, row_limit(count));
    while (s.row()) {
        found.push_back(
            {.no = s.as<KeptNo>(0),
             .collection = s.as<CollectionNo>(1),
             .seq = s.as<Seq>(2),
             .cls = s.as<ClassNo>(3),
             .lane = s.as<PartyNo>(4),
             .id = s.text(5),
             .version = s.text(6),
             .derived_of = s.text(7),
             .digest = s.digest(8),
             .body = s.text(10),
             .at = s.time(9)}
        );
    }
    return found;
}

std::optional<StatusRow> Reader::status(std::string_view id) {
    Statement s(connection_, Q::status, id);
    if (!s.row()) return std::nullopt;
    return StatusRow{
        .id = std::string(id),
        .user = s.as<UserNo>(0),
        .root = s.as<RootNo>(1),
        .at = s.time(2),
        .body = s.text(3)};
}

std::vector<QuarantineItem> Reader::quarantine() {
    std::vector<QuarantineItem> found;
    Statement s(connection_, Q::quarantine_all);
    while (s.row())
        found.push_back(quarantine_from(s));
    return found;
}

std::optional<QuarantineItem> Reader::quarantine(QuarantineNo no) {
    Statement s(connection_, Q::quarantine_one, no);
    if (!s.row()) return std::nullopt;
    return quarantine_from(s);
}

std::vector<Act> Reader::acts(ActNo from, std::size_t count) {
    return acts_from(Statement(connection_, Q::acts, from, row_limit(count)));
}

std::vector<Act> Reader::acts_of_agreement(
    std::string_view agreement, ActNo from, std::size_t count
) {
    return acts_from(Statement(connection_, Q::acts_of_agreement, agreement, from, row_limit(count))
    );
}

std::vector<OutboxHead> Reader::outbox_heads() {
    std::vector<OutboxHead> found;
    Statement s(connection_, Q::outbox_heads);
    while (s.row()) {
        found.push_back(
            {.party = s.as<PartyNo>(0),
             .waiting = s.as<std::uint64_t>(1),
             .oldest = s.time(2),
             .next_due = s.time(3)}
        );
    }
    return found;
}

std::vector<OutboxRow> Reader::outbox_waiting(PartyNo party, OutboxNo from, std::size_t count) {
    return outbox_from(Statement(connection_, Q::outbox_waiting, party, from, row_limit(count)));
}

std::vector<OutboxRow> Reader::outbox(OutboxNo from, std::size_t count) {
    return outbox_from(Statement(connection_, Q::outbox_all, from, row_limit(count)));
}

std::optional<Sighting> Reader::sighting(SightingNo no) {
    auto rows = sightings_from(Statement(connection_, Q::sighting_one, no));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

std::vector<Sighting> Reader::sightings(SightingNo from, std::size_t count) {
    return sightings_from(Statement(connection_, Q::sightings_all, from, row_limit(count)));
}

std::vector<Sighting> Reader::sightings_in(
    Sighting::State state, PartyNo party, SightingNo from, std::size_t count
) {
    return sightings_from(
        Statement(connection_, Q::sightings_in, state, party, from, row_limit(count))
    );
}

std::optional<Sighting> Reader::last_sighting(
    std::string_view indicator, Micros hour, PartyNo party, std::string_view agreement
) {
    auto rows =
        sightings_from(Statement(connection_, Q::sighting_last, indicator, hour, party, agreement));
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

std::vector<SightingSum> Reader::sighting_sums() {
    std::vector<SightingSum> sums;
    Statement s(connection_, Q::sighting_sums);
    while (s.row()) {
        sums.push_back(
            {.state = s.as<Sighting::State>(0),
             .party = s.as<PartyNo>(1),
             .rows = s.as<std::uint64_t>(2)}
        );
    }
    return sums;
}

std::optional<std::string> Reader::setting(std::string_view name) {
    Statement s(connection_, Q::setting, name);
    if (!s.row()) return std::nullopt;
    return s.text(0);
}

Snapshot::Head Reader::head(CollectionNo collection) {
    Statement s(connection_, Q::head, collection);
    if (!s.row()) return {};
    return {
        .next_seq = s.as<Seq>(0),
        .next_base = s.time(1),
        .entries = s.as<std::uint64_t>(4),
        .bytes = s.as<std::uint64_t>(5)};
}

}  // namespace entente::store::sqlite
