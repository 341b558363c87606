#include "store/sqlite/internal/verify.h"

#include "base/limits.h"
#include "stix/object.h"
#include "store/sqlite/internal/place.h"
#include "store/sqlite/internal/reader.h"
#include "store/sqlite/internal/runs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace entente::store::sqlite {
namespace {

using agreement::raw;

struct HeadState {
    Seq next_seq{};
    Micros next_base;
};

/// One version of the id that the walk through the index of ids is at.
struct Linked {
    std::string id;
    std::string version_key;
    PartyNo lane{};
    Seq seq{};
    ClassNo cls{};
    Flags flags = 0;
    Seq newer_seq{};
    ClassNo newer_cls{};
};

class Verifier {
  public:
    Verifier(
        Connection& connection,
        const Key& id_secret,
        const std::function<void(std::uint64_t, std::uint64_t)>& progress
    )
        : connection_(connection),
          reader_(connection, id_secret),
          progress_(progress) {}

    std::vector<std::string> run() {
        try {
            everything();
        } catch (const StorageError& error) {
            if (error.kind() != StorageError::Kind::corrupt) throw;
            find(std::string("structure: cannot be read on: ") + error.what());
        }
        return std::move(findings_);
    }

  private:
    void everything() {
        structure();
        Statement count(connection_, Q::verify_count);
        if (count.row()) entries_ = count.as<std::uint64_t>(0);
        heads();
        classes();
        groups_and_entries();
        ids();
        late_rows();
        derived();
        numbers(Q::verify_acts, "acts");
        numbers(Q::verify_agreement_records, "records of agreements");
        numbers(Q::verify_key_statements, "statements about keys");
        agreements();
        outbox();
        sightings();
        left();
    }

    void find(std::string line) {
        if (findings_.size() < limits::verify_findings_max) findings_.push_back(std::move(line));
    }

    void find(CollectionNo collection, Seq seq, std::string_view what) {
        find(
            "collection " + std::to_string(raw(collection)) + ", position " +
            std::to_string(raw(seq)) + ": " + std::string(what)
        );
    }

    void step() {
        ++done_;
        if (progress_ && done_ % 1'024 == 0) progress_(done_, 2 * entries_);
    }

    void structure() {
        Statement check(connection_, Q::verify_structure);
        while (check.row())
            if (check.bytes(0) != "ok") find("structure: " + check.text(0));
        Statement references(connection_, Q::verify_references);
        while (references.row())
            find("structure: a row of " + references.text(0) + " names nothing");
    }

    void heads() {
        Statement s(connection_, Q::verify_heads);
        while (s.row()) {
            if (s.is_null(0)) {
                find("collection " + s.text(5) + ": has no head");
                continue;
            }
            const auto no = s.as<CollectionNo>(0);
            heads_[no] = {.next_seq = s.as<Seq>(1), .next_base = s.time(2)};
            if (s.is_null(5)) find(no, Seq{0}, "a head without a collection");
            if (s.number(3) != s.number(4)) find(no, Seq{0}, "recent ids are miscounted");
        }
    }

    void classes() {
        Statement s(connection_, Q::verify_classes);
        for (std::uint32_t expected = 1; s.row(); ++expected) {
            const auto no = s.as<std::uint32_t>(0);
            if (no != expected) find("class " + std::to_string(no) + ": a gap before it");
            if (s.digest(1) != sha256(s.bytes(2)))
                find("class " + std::to_string(no) + ": its digest is not that of its key");
            expected = no;
            last_class_ = no;
        }
    }

    // -- groups and entries, side by side in order of place

    /// The group that the walk is at, with the place of its first entry and where its runs are.
    struct AtGroup {
        CollectionNo collection{};
        Group group;
        std::size_t run = 0;
        std::uint64_t run_first = 0;  // offset in the group at which `run` begins
    };

    std::optional<AtGroup> read_group(Statement& s, const std::optional<AtGroup>& before) {
        while (s.row()) {
            const CollectionNo collection = collection_of(s.number(0));
            const Seq first = seq_of(s.number(0));
            auto runs = unpack_runs(s.bytes(3));
            if (s.as<CollectionNo>(4) != collection) find(collection, first, "group of another");
            if (!runs) {
                find(collection, first, "the classes of the group cannot be read");
                continue;
            }
            AtGroup at{
                .collection = collection,
                .group = {
                    .first = first,
                    .count = s.as<std::uint32_t>(1),
                    .base = s.time(2),
                    .runs = std::move(*runs)}};
            check_group(at, before);
            return at;
        }
        return std::nullopt;
    }

    void check_group(const AtGroup& at, const std::optional<AtGroup>& before) {
        std::uint64_t sum = 0;
        for (const Group::Run& r : at.group.runs)
            sum += r.count;
        if (sum != at.group.count || sum == 0)
            find(at.collection, at.group.first, "the group's classes do not add up to its count");
        const auto head = heads_.find(at.collection);
        if (head == heads_.end() || end_of(at) > raw(head->second.next_seq) ||
            at.group.base + at.group.count > head->second.next_base) {
            find(at.collection, at.group.first, "the group reaches beyond the head");
        }
        if (before && before->collection == at.collection &&
            (end_of(*before) > raw(at.group.first) ||
             before->group.base + before->group.count > at.group.base)) {
            find(at.collection, at.group.first, "the group overlaps the one before");
        }
    }

    static std::uint64_t end_of(const AtGroup& at) { return raw(at.group.first) + at.group.count; }

    void groups_and_entries() {
        Statement groups(connection_, Q::verify_groups);
        std::optional<AtGroup> at = read_group(groups, std::nullopt);
        Statement s(connection_, Q::verify_entries);
        while (s.row()) {
            step();
            const CollectionNo collection = collection_of(s.number(0));
            const Seq seq = seq_of(s.number(0));
            const auto cls = s.as<ClassNo>(1);
            while (at && std::pair(at->collection, end_of(*at)) <= std::pair(collection, raw(seq)))
                at = read_group(groups, at);
            check_entry_in_group(at, collection, seq, cls);
            if (s.as<CollectionNo>(2) != collection) find(collection, seq, "entry of another");
            if (!heads_.contains(collection)) find(collection, seq, "entry of no collection");
            if (raw(cls) == 0 || raw(cls) > last_class_) find(collection, seq, "class unknown");
            const auto canonical = stix::canonical_json(s.bytes(4));
            if (!canonical || sha256(*canonical) != s.digest(3))
                find(collection, seq, "the body is not what was stored");
        }
        while (at)
            at = read_group(groups, at);
    }

    void check_entry_in_group(
        std::optional<AtGroup>& at, CollectionNo collection, Seq seq, ClassNo cls
    ) {
        if (!at || at->collection != collection || at->group.first > seq) {
            find(collection, seq, "in no group");
            return;
        }
        const std::uint64_t offset = raw(seq) - raw(at->group.first);
        const auto& runs = at->group.runs;
        while (at->run < runs.size() && offset >= at->run_first + runs[at->run].count) {
            at->run_first += runs[at->run].count;
            ++at->run;
        }
        if (at->run < runs.size() && runs[at->run].cls != cls)
            find(collection, seq, "its group knows it as another class");
    }

    // -- the index of ids and the links between versions

    void ids() {
        Statement s(connection_, Q::verify_ids);
        std::pair<CollectionNo, std::int64_t> at{};
        std::vector<Linked> same_key;
        std::uint64_t seen = 0;
        while (s.row()) {
            step();
            const std::pair key(s.as<CollectionNo>(0), s.number(1));
            if (key != at) check_key(at.first, same_key);
            at = key;
            const auto seq = s.as<Seq>(2);
            if (s.is_null(3)) {
                find(key.first, seq, "the index of ids names nothing");
                continue;
            }
            ++seen;
            if (reader_.id_key(s.bytes(3)) != key.second)
                find(key.first, seq, "the index of ids has it under another id");
            same_key.push_back(
                {.id = s.text(3),
                 .version_key = s.text(4),
                 .lane = s.as<PartyNo>(5),
                 .seq = seq,
                 .cls = s.as<ClassNo>(6),
                 .flags = s.as<Flags>(7),
                 .newer_seq = s.as<Seq>(8),
                 .newer_cls = s.as<ClassNo>(9)}
            );
        }
        check_key(at.first, same_key);
        if (seen != entries_) find("the index of ids does not hold every entry once");
    }

    void check_key(CollectionNo collection, std::vector<Linked>& rows) {
        std::ranges::sort(rows, {}, [](const Linked& r) {
            return std::tuple(
                std::string_view(r.id), std::string_view(r.version_key), raw(r.lane), raw(r.seq)
            );
        });
        for (std::size_t i = 1; i < rows.size(); ++i) {
            const Linked& a = rows[i - 1];
            const Linked& b = rows[i];
            if (a.id == b.id && a.version_key == b.version_key && a.lane == b.lane)
                find(collection, b.seq, "a version that is there twice");
        }
        check_links(collection, rows);
        rows.clear();
    }

    void check_links(CollectionNo collection, const std::vector<Linked>& rows) {
        const Linked* older = nullptr;
        const auto expect = [&](const Linked& row, const Linked* newer) {
            const bool right = newer == nullptr
                                   ? !has(row.flags, Flag::has_newer) && row.newer_seq == Seq{0}
                                   : has(row.flags, Flag::has_newer) &&
                                         row.newer_seq == newer->seq && row.newer_cls == newer->cls;
            if (!right) find(collection, row.seq, "the link to the next version is wrong");
        };
        for (const Linked& row : rows) {
            if (row.lane != PartyNo{}) {
                expect(row, nullptr);
                if (has(row.flags, Flag::has_older)) find(collection, row.seq, "linked in a lane");
                continue;
            }
            const bool follows = older != nullptr && older->id == row.id;
            if (older != nullptr) expect(*older, follows ? &row : nullptr);
            if (has(row.flags, Flag::has_older) != follows)
                find(collection, row.seq, "the mark of an older version is wrong");
            older = &row;
        }
        if (older != nullptr) expect(*older, nullptr);
    }

    // -- late rows and what was made of other entries

    void late_rows() {
        Statement s(connection_, Q::verify_late);
        std::tuple<UserNo, CollectionNo, Seq, Micros> last{};
        while (s.row()) {
            const auto user = s.as<UserNo>(0);
            const auto collection = s.as<CollectionNo>(1);
            const auto seq = s.as<Seq>(2);
            const Micros date = s.time(6);
            if (s.is_null(7)) {
                find(collection, seq, "a late row shows nothing");
            } else if (s.number(7) != s.number(4)) {
                find(collection, seq, "a late row has another class than its entry");
            } else if (s.as<LateRow::Kind>(5) == LateRow::Kind::reexposed && !has(s.as<Flags>(8), Flag::reexposed)) {
                find(collection, seq, "an entry does not know that it was exposed again");
            }
            if (s.as<Seq>(3) >= seq) find(collection, seq, "a late row before its entry");
            if (s.is_null(9)) find(collection, seq, "a late row of no view");
            const auto head = heads_.find(collection);
            if (head == heads_.end() || seq >= head->second.next_seq ||
                date >= head->second.next_base) {
                find(collection, seq, "a late row beyond the head");
            }
            const auto& [last_user, last_collection, last_seq, last_date] = last;
            if (last_user == user && last_collection == collection && date <= last_date)
                find(collection, seq, "the date of a late row does not rise");
            last = {user, collection, seq, date};
        }
    }

    void derived() {
        Statement s(connection_, Q::verify_derived);
        while (s.row())
            find(s.as<CollectionNo>(0), seq_of(s.number(1)), "what it was made of is not known");
    }

    // -- what is only appended, and agreements

    void numbers(Q q, std::string_view of) {
        Statement s(connection_, q);
        if (s.row() && s.number(0) != s.number(1)) find(std::string(of) + ": a number is missing");
    }

    void agreements() {
        Statement names(connection_, Q::verify_agreement_names);
        while (names.row())
            find(
                "agreement " + names.text(1) + ": " + names.text(0) +
                ", but nothing else is known of it"
            );
    }

    void outbox() {
        Statement s(connection_, Q::verify_outbox);
        while (s.row())
            find("outbox, number " + s.text(0) + ": " + s.text(1));
    }

    void sightings() {
        Statement s(connection_, Q::verify_sightings);
        while (s.row())
            find("sighting, number " + s.text(0) + ": " + s.text(1));
    }

    // -- how much there is, and what left but is kept

    void left() {
        Statement sums(connection_, Q::verify_sums);
        while (sums.row())
            find(sums.as<CollectionNo>(0), Seq{0}, "its entries or their bytes are miscounted");
        Statement kept(connection_, Q::verify_kept);
        while (kept.row()) {
            const auto canonical = stix::canonical_json(kept.bytes(2));
            if (!canonical || sha256(*canonical) != kept.digest(1))
                find("kept, number " + kept.text(0) + ": the body is not what was stored");
        }
    }

    Connection& connection_;
    Reader reader_;
    const std::function<void(std::uint64_t, std::uint64_t)>& progress_;
    std::vector<std::string> findings_;
    std::map<CollectionNo, HeadState> heads_;
    std::uint32_t last_class_ = 0;
    std::uint64_t entries_ = 0;
    std::uint64_t done_ = 0;
};

}  // namespace

std::vector<std::string> verify(
    Connection& connection,
    const Key& id_secret,
    const std::function<void(std::uint64_t done, std::uint64_t all)>& progress
) {
    return Verifier(connection, id_secret, progress).run();
}

}  // namespace entente::store::sqlite
