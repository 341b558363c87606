#pragma once
// For tests: a history of transactions that depends on a seed and on what the store holds, so that
// two stores that run the same transactions stay the same.
#include "base/hash.h"
#include "store/contract_dump.h"
#include "store/store.h"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace entente::store::fault {

class History {
  public:
    /// The parties, users and collections that all the rest works on.
    static void begin(Transaction& tx) {
        const PartyNo own = tx.put(Party{.no = {}, .name = "North", .own = true, .identities = {}});
        const PartyNo other =
            tx.put(Party{.no = {}, .name = "South", .own = false, .identities = {"identity--1"}});
        for (const auto& [name, party] : {std::pair("ann", own), std::pair("bob", other)}) {
            User user;
            user.name = name;
            user.party = party;
            tx.put(user);
        }
        ApiRoot root;
        root.name = "api";
        const RootNo root_no = tx.put(root);
        for (const char* name : {"feed", "spare"}) {
            Collection c;
            c.root = root_no;
            c.id = name;
            tx.put(c);
        }
        for (const char* key : {"red", "green", "blue"})
            (void)tx.intern_class(key);
        (void)tx.append_agreement({.no = {}, .agreement = "agr:0", .body = "{}", .at = {1}});
    }

    /// One transaction: a few changes, some of them undone. The same for the same `seed` and store.
    static void transaction(Transaction& tx, std::uint64_t seed) {
        History h(tx, seed);
        // A disk that lies may show a file without rows, or with zeros in them.
        if (h.directory_.users.empty() || h.directory_.collections.empty()) return;
        for (std::uint64_t n = 1 + h.pick(4); n > 0; --n) {
            (void)tx.savepoint([&] {
                h.change();
                return h.pick(6) != 0;
            });
        }
    }

    /// All that the history can have left.
    static std::string dump(Snapshot& snapshot) {
        std::vector<std::string> names;
        for (int i = 0; i < kept; ++i)
            names.push_back(std::to_string(i));
        return contract::Dump(snapshot).text(names, names);
    }

  private:
    static constexpr int kept = 6;

    History(Transaction& tx, std::uint64_t seed)
        : tx_(tx),
          random_(seed),
          directory_(tx.directory()) {}

    std::uint64_t pick(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }

    CollectionNo collection() {
        const auto& all = directory_.collections;
        return all[pick(3) == 0 ? all.size() - 1 : 0].no;
    }

    UserNo user() { return directory_.users[pick(directory_.users.size())].no; }

    Seq any_entry(CollectionNo from) {
        const std::uint64_t end = agreement::raw(tx_.head(from).next_seq);
        for (int tries = 0; tries < 5; ++tries) {
            const Seq seq{1 + pick(end)};
            if (tx_.entry(from, seq)) return seq;
        }
        return Seq{0};
    }

    void change() {
        switch (pick(12)) {
            case 0:
            case 1:
            case 2:
            case 3:
                append();
                return;
            case 4: {
                const CollectionNo from = collection();
                for (int i = 0; i < 3; ++i)
                    tx_.remove(from, any_entry(from));
                return;
            }
            case 5:
                grants();
                return;
            case 6:
                late_rows();
                return;
            case 7: {
                Act act;
                act.kind = "published";
                act.at = {static_cast<std::int64_t>(pick(1'000))};
                act.facts = std::string(pick(300), 'f');
                if (pick(2) == 0) act.agreement = an_agreement();
                tx_.append_act(act);
                return;
            }
            case 8:
                records();
                return;
            case 9:
            case 10:
                agreements();
                return;
            default:
                (void)tx_.intern_class("class" + std::to_string(pick(20)));
                return;
        }
    }

    void append() {
        const CollectionNo to = collection();

        struct Texts {
            std::string id, key, version, body;
        };

        std::vector<Texts> texts;
        for (std::uint64_t n = 1 + pick(pick(8) == 0 ? 120 : 12); n > 0; --n) {
            Texts t;
            t.id = "id" + std::to_string(pick(40));
            t.key = std::to_string(100 + pick(60));
            const auto same = [&](const auto& x) { return x.id == t.id && key_of(x) == t.key; };
            const auto there = tx_.versions(to, t.id);
            const bool known = std::ranges::any_of(there, [&](const Version& v) {
                return v.version_key == t.key;
            });
            if (known || std::ranges::any_of(texts, same)) continue;
            t.version = t.key + "Z";
            t.body = R"({"id":")" + t.id + R"(","k":")" + t.key + R"(","x":")" +
                     std::string(pick(pick(20) == 0 ? 20'000 : 600), 'x') + R"("})";
            texts.push_back(std::move(t));
        }
        if (texts.empty()) return;
        std::vector<NewEntry> entries;
        for (const Texts& t : texts) {
            entries.push_back(
                {.cls = ClassNo{static_cast<std::uint32_t>(1 + pick(3))},
                 .lane = pick(10) == 0 ? directory_.parties.back().no : PartyNo{},
                 .id = t.id,
                 .version = t.version,
                 .version_key = t.key,
                 .digest = sha256(t.body),
                 .body = t.body,
                 .siblings = pick(20) == 0}
            );
        }
        (void)tx_.append(to, {static_cast<std::int64_t>(pick(100'000))}, entries);
    }

    template <class T>
    static const std::string& key_of(const T& texts) {
        return texts.key;
    }

    void grants() {
        const Directory now = tx_.directory();
        if (now.grants.size() > 3) {
            tx_.erase(now.grants[pick(now.grants.size())].no);
            return;
        }
        Grant grant;
        grant.collection = collection();
        grant.user = user();
        grant.read = pick(2) == 0;
        grant.max_marking = static_cast<stix::Tlp>(pick(5));
        tx_.put(grant);
        const agreement::Stretch stretch{
            .cls = ClassNo{1}, .after = Seq{pick(50)}, .upto = agreement::seq_max};
        tx_.set_stretches(grant.user, grant.collection, {&stretch, 1});
    }

    void late_rows() {
        const CollectionNo in = collection();
        const UserNo viewer = user();
        tx_.make_view(viewer, in);
        if (pick(3) == 0) {
            tx_.remove_late(viewer, in, ClassNo{static_cast<std::uint32_t>(1 + pick(3))});
            return;
        }
        std::vector<Transaction::NewLate> rows;
        for (int i = 0; i < 4; ++i) {
            const Seq seq = any_entry(in);
            if (seq == Seq{0}) continue;
            rows.push_back({seq, pick(2) == 0 ? LateRow::Kind::widened : LateRow::Kind::reexposed});
        }
        tx_.append_late(viewer, in, {static_cast<std::int64_t>(pick(100'000))}, rows);
    }

    void records() {
        const std::string name = std::to_string(pick(kept));
        switch (pick(8)) {
            case 7:
                sightings();
                return;
            case 4:
            case 5:
                outbox();
                return;
            case 6:
                peers();
                return;
            case 0:
                tx_.set_setting(name, std::to_string(pick(1'000)));
                return;
            case 1:
                tx_.purge_statuses({static_cast<std::int64_t>(pick(50))});
                return;
            case 2: {
                QuarantineItem item;
                item.collection = collection();
                item.reason = std::to_string(pick(1'000));
                item.body = std::string(pick(2'000), 'q');
                tx_.put(item);
                return;
            }
            default: {
                StatusRow row;
                row.id = name;
                row.at = {static_cast<std::int64_t>(pick(100))};
                row.body = std::string(pick(5'000), 's');
                tx_.put_status(row);
            }
        }
    }

    void sightings() {
        if (pick(10) == 0) {
            (void)tx_.erase_done_sightings({static_cast<std::int64_t>(pick(50))}, 1 + pick(5));
            return;
        }
        const std::vector<Sighting> rows = tx_.sightings({}, 100);
        const bool is_new = rows.empty() || pick(2) == 0;
        Sighting row = is_new ? Sighting() : rows[pick(rows.size())];
        row.collection = collection();
        if (is_new) {
            row.indicator = std::to_string(pick(kept));
            row.party = directory_.parties[pick(directory_.parties.size())].no;
            row.hour = {static_cast<std::int64_t>(pick(5))};
            const auto last = tx_.last_sighting(row.indicator, row.hour, row.party, row.agreement);
            if (last) row.part = last->part + 1;
        }
        row.count += 1 + pick(100);
        row.state = static_cast<Sighting::State>(1 + pick(5));
        row.why = static_cast<Sighting::Why>(pick(8));
        row.value = std::string(pick(300), 'v');
        row.changed = {static_cast<std::int64_t>(pick(100))};
        (void)tx_.put(row);
    }

    void outbox() {
        if (pick(10) == 0) tx_.purge_outbox({static_cast<std::int64_t>(pick(50))});
        const std::vector<OutboxRow> rows = tx_.outbox({}, 100);
        const bool is_new = rows.empty() || pick(2) == 0;
        OutboxRow row = is_new ? OutboxRow() : rows[pick(rows.size())];
        if (!is_new && pick(4) == 0) return tx_.erase(row.no);
        row.party = directory_.parties[pick(directory_.parties.size())].no;
        row.kind = OutboxRow::Kind::objects;
        row.about = std::to_string(pick(kept));
        row.body = std::string(1 + pick(pick(8) == 0 ? 20'000 : 600), 'o');
        row.created = {static_cast<std::int64_t>(pick(100))};
        row.due = {static_cast<std::int64_t>(pick(100))};
        row.state = static_cast<OutboxRow::State>(1 + pick(3));
        row.tries = static_cast<std::uint32_t>(pick(5));
        row.error = std::string(pick(50), 'e');
        tx_.put(row);
    }

    void peers() {
        const PartyNo party = directory_.parties[pick(directory_.parties.size())].no;
        if (pick(4) == 0) return tx_.erase_peer(party);
        tx_.put(Peer{
            .party = party,
            .url = "https://" + std::to_string(pick(kept)),
            .settings = std::string(pick(300), 's'),
            .secret = std::to_string(pick(kept))});
    }

    std::string an_agreement() {
        const auto& known = directory_.agreement_records;
        return known[pick(known.size())].agreement;
    }

    void agreements() {
        const std::string name = std::to_string(pick(kept));
        const PartyNo party = directory_.parties[pick(directory_.parties.size())].no;
        const Micros at{static_cast<std::int64_t>(pick(1'000))};
        const AgreementParty part{.agreement = an_agreement(), .pid = name, .party = party};
        const AgreementBinding binding{
            .agreement = an_agreement(),
            .flow = name,
            .collection = collection(),
            .way = pick(2) == 0 ? AgreementBinding::Way::in : AgreementBinding::Way::out};
        const std::string text(pick(pick(8) == 0 ? 20'000 : 600), 'n');
        switch (pick(9)) {
            case 0: {
                const auto kind = static_cast<AgreementRecord::Kind>(1 + pick(3));
                const std::string agreement = "agr:" + name;
                (void)tx_.append_agreement(
                    {.no = {}, .agreement = agreement, .kind = kind, .body = text, .at = at}
                );
                return;
            }
            case 1:
                tx_.put(part);
                return;
            case 2:
                tx_.erase(part);
                return;
            case 3:
                tx_.put(binding);
                return;
            case 4:
                tx_.erase(binding);
                return;
            case 5:
                tx_.put(Card{.party = party, .sequence = pick(20), .note = text, .at = at});
                return;
            case 6:
                tx_.put(KeyStatement{.note = text, .at = at});
                return;
            case 7:
                tx_.set_agreements_at(at);
                return;
            default:
                delay();
        }
    }

    void delay() {
        const CollectionNo in = collection();
        const UserNo viewer = user();
        tx_.make_view(viewer, in);
        std::vector<Delayed> rows;
        for (std::uint32_t cls = 1; cls <= 3; ++cls)
            if (pick(2) == 0) rows.push_back({.cls = ClassNo{cls}, .upto = Seq{pick(50)}});
        tx_.set_delayed(viewer, in, rows);
    }

    Transaction& tx_;
    std::mt19937_64 random_;
    Directory directory_;
};

}  // namespace entente::store::fault
