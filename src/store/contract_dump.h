#pragma once
// For tests: everything that a snapshot shows, as text, with names in place of the numbers that a
// store chose for itself. Two stores that went through the same history give the same text.
#include "store/store.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace entente::store::contract {

class Dump {
  public:
    explicit Dump(Snapshot& snapshot) : snapshot_(snapshot), directory_(snapshot.directory()) {}

    [[nodiscard]] std::string text() {
        directory();
        for (const auto& [no, key] : snapshot_.classes(ClassNo{0}))
            line("class", agreement::raw(no), key);
        for (const Collection& c : directory_.collections)
            collection(c);
        for (const Act& a : snapshot_.acts(ActNo{0}, 1'000'000))
            line("act", agreement::raw(a.no), a.kind, a.at.count, a.facts, a.agreement);
        for (const QuarantineItem& q : snapshot_.quarantine())
            line("quarantine", q.reason, q.id, q.body, static_cast<int>(q.state));
        outbox();
        sightings();
        left();
        return text_;
    }

    /// With the statuses of these ids and the settings of these names.
    [[nodiscard]] std::string text(
        const std::vector<std::string>& statuses, const std::vector<std::string>& settings
    ) {
        text_ = text();
        for (const std::string& id : statuses)
            if (const auto s = snapshot_.status(id)) line("status", id, s->at.count, s->body);
        for (const std::string& name : settings)
            line("setting", name, snapshot_.setting(name).value_or("-"));
        return text_;
    }

  private:
    template <class... Parts>
    void line(const Parts&... parts) {
        ((add(parts)), ...);
        text_ += '\n';
    }

    void add(const std::string& part) { text_ += part + ' '; }

    void add(std::string_view part) { text_ += std::string(part) + ' '; }

    void add(const char* part) { text_ += std::string(part) + ' '; }

    template <class Number>
    void add(Number part) {
        text_ += std::to_string(part) + ' ';
    }

    template <class Rows, class No>
    static std::string name_of(const Rows& rows, No no) {
        for (const auto& row : rows)
            if (row.no == no) return row.name;
        return "-";
    }

    void directory() {
        line("generation", directory_.generation);
        for (const Party& p : directory_.parties)
            line("party", p.name, p.identities.size());
        for (const User& u : directory_.users)
            line("user", u.name, name_of(directory_.parties, u.party));
        std::vector<std::string> grants;
        for (const Grant& g : directory_.grants) {
            std::string collection = "-";
            for (const Collection& c : directory_.collections)
                if (c.no == g.collection) collection = c.id;
            grants.push_back(
                collection + " " + name_of(directory_.users, g.user) + " " +
                name_of(directory_.parties, g.party) + " " +
                std::to_string(static_cast<int>(g.max_marking)) + (g.read ? " read" : "") +
                (g.personal_data ? " personal" : "")
            );
        }
        for (const std::string& g : grants)
            line("grant", g);
        agreements();
    }

    void outbox() {
        for (const Peer& p : directory_.peers)
            line("peer", name_of(directory_.parties, p.party), p.url, p.settings, p.secret);
        for (const OutboxRow& r : snapshot_.outbox({}, 1'000'000)) {
            line(
                "outbox",
                name_of(directory_.parties, r.party),
                int(r.kind),
                r.about,
                r.body,
                r.created.count,
                int(r.state),
                r.tries,
                r.due.count,
                r.error
            );
        }
        for (const OutboxHead& h : snapshot_.outbox_heads()) {
            line(
                "waiting",
                name_of(directory_.parties, h.party),
                h.waiting,
                h.oldest.count,
                h.next_due.count
            );
            for (const OutboxRow& r : snapshot_.outbox_waiting(h.party, {}, 1'000'000))
                line("waits", r.about, r.created.count);
        }
    }

    void sightings() {
        for (const Sighting& r : snapshot_.sightings({}, 1'000'000)) {
            line(
                "sighting",
                r.indicator,
                name_of(directory_.parties, r.party),
                r.agreement,
                r.hour.count,
                r.part,
                agreement::raw(r.seq),
                r.count,
                r.first_seen.count,
                r.last_seen.count,
                int(r.state),
                int(r.why),
                r.warned,
                r.note,
                r.path,
                r.value,
                r.object,
                r.changed.count
            );
        }
        for (const SightingSum& s : snapshot_.sighting_sums()) {
            line("sum", int(s.state), name_of(directory_.parties, s.party), s.rows);
            for (const Sighting& r : snapshot_.sightings_in(s.state, s.party, {}, 1'000'000))
                line("in", r.indicator, r.hour.count, r.part);
        }
    }

    /// What left collections, and what may not.
    void left() {
        for (const Hold& h : directory_.holds)
            line(
                "hold", name_of(directory_.parties, h.party), h.id, h.person, h.reason, h.at.count
            );
        for (const Kept& k : snapshot_.kept({}, 1'000'000))
            line("kept", agreement::raw(k.seq), k.id, k.version, k.derived_of, k.body, k.at.count);
    }

    void agreements() {
        std::set<std::string> names;
        for (const AgreementRecord& r : directory_.agreement_records) {
            line("record", agreement::raw(r.no), r.agreement, int(r.kind), r.body, r.at.count);
            names.insert(r.agreement);
        }
        for (const AgreementParty& p : directory_.agreement_parties)
            line("part", p.agreement, p.pid, name_of(directory_.parties, p.party));
        // The order of collections is that of numbers, which stores choose for themselves.
        std::vector<std::string> bindings;
        for (const AgreementBinding& b : directory_.agreement_bindings) {
            for (const Collection& c : directory_.collections)
                if (c.no == b.collection)
                    bindings.push_back(
                        b.agreement + " " + b.flow + " " + c.id +
                        (b.way == AgreementBinding::Way::in ? " in" : " out")
                    );
        }
        std::ranges::sort(bindings);
        for (const std::string& b : bindings)
            line("binding", b);
        for (const Card& c : directory_.cards)
            line("card", name_of(directory_.parties, c.party), c.sequence, c.note, c.at.count);
        for (const KeyStatement& k : directory_.key_statements)
            line("keys", k.note, k.at.count);
        line("agreements at", directory_.agreements_at.count);
        for (const std::string& name : names)
            for (const Act& a : snapshot_.acts_of_agreement(name, ActNo{0}, 1'000'000))
                line("act of", name, agreement::raw(a.no));
    }

    void collection(const Collection& c) {
        const Snapshot::Head head = snapshot_.head(c.no);
        line("collection", c.id, c.title, agreement::raw(head.next_seq), head.next_base.count);
        line("holds", head.entries, head.bytes, c.keep_us, c.bytes_max, c.objects_max);
        for (const Tombstone& t : snapshot_.tombstones(c.no, "", 1'000'000))
            line("tombstone", t.id, t.version_key, t.at.count);
        const auto cursor = snapshot_.entries(c.no, {});
        std::vector<std::string> ids;
        Seq group{};
        while (const auto e = cursor->next()) {
            line(
                "entry",
                agreement::raw(e->seq),
                agreement::raw(e->cls),
                int{e->flags},
                agreement::raw(e->newer_seq),
                agreement::raw(e->newer_cls),
                e->id,
                e->version,
                cursor->body()
            );
            ids.emplace_back(e->id);
            add_group(c.no, e->seq, group);
        }
        std::ranges::sort(ids);
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        for (const std::string& id : ids) {
            text_ += id + ":";
            for (const Version& v : snapshot_.versions(c.no, id))
                line(agreement::raw(v.seq), v.version_key, name_of(directory_.parties, v.lane));
            for (const Derived& d : snapshot_.derived(c.no, id))
                line("derived", agreement::raw(d.seq), agreement::raw(d.cls), d.id, d.version_key);
        }
        for (const User& u : directory_.users)
            view(u, c);
    }

    void add_group(CollectionNo collection, Seq seq, Seq& last) {
        const auto g = snapshot_.group_at(collection, seq);
        if (!g || g->first == last) return;
        last = g->first;
        line("group", agreement::raw(g->first), g->count, g->base.count);
        for (const Group::Run& r : g->runs)
            line(agreement::raw(r.cls), r.count);
    }

    void view(const User& u, const Collection& c) {
        if (!snapshot_.has_view(u.no, c.no)) return;
        line("view", u.name);
        for (const agreement::Stretch& s : snapshot_.stretches(u.no, c.no))
            line(agreement::raw(s.cls), agreement::raw(s.after), agreement::raw(s.upto), s.kept);
        for (const LateRow& r : snapshot_.late_rows(u.no, c.no, {}, 1'000'000))
            line("late", agreement::raw(r.seq), agreement::raw(r.entry), int(r.kind), r.date.count);
        for (const Delayed& d : snapshot_.delayed(u.no, c.no))
            line("delayed", agreement::raw(d.cls), agreement::raw(d.upto));
    }

    Snapshot& snapshot_;
    Directory directory_;
    std::string text_;
};

}  // namespace entente::store::contract
