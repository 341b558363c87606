// Random histories against the model: whatever happens between two pages, a reader gets exactly its
// stream. ENTENTE_PROPERTY_CASES sets the number of histories, ENTENTE_PROPERTY_SEED the first
// seed.
#include "base/hash.h"
#include "store/internal/scan_with.h"
#include "store/scan.h"
#include "store/scan_model.h"
#include "store/scan_stores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace entente::store::test {
namespace {

using agreement::Facets;
using agreement::raw;
using agreement::Stretch;
using agreement::View;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

const std::vector<std::string> types = {"indicator", "malware", "tool"};
const std::vector<std::string> spec_versions = {"2.0", "2.1"};

/// A reader that goes on from page to page while other things happen.
struct Walker {
    std::size_t viewer = 0;
    Filter filter;
    Position position;
    std::optional<Micros> last_date;
    std::set<std::uint64_t> got;  // positions
    bool complete = false;        // nothing that its stream ends with may be missing
};

/// One history: the same acts on a store and on the model.
class History {
  public:
    History(Store& store, std::uint64_t seed) : store_(store), random_(seed) {
        store_.write([&](Transaction& tx) { set_up(tx); });
        for (std::size_t v = 0; v < users_.size(); ++v) {
            for (int i = 0; i < 4; ++i)
                walkers_.push_back(new_walker(v));
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            step();
            const std::size_t v = pick(users_.size());
            check_whole_stream(v, some_filter());
            check_page(v);
            for (Walker& walker : walkers_) {
                if (pick(3) == 0) advance(walker);
            }
        }
        for (Walker& walker : walkers_) {
            if (!testing::Test::HasFailure()) finish(walker);
        }
    }

  private:
    std::size_t pick(std::size_t n) { return random_() % n; }

    bool chance(std::size_t one_in) { return pick(one_in) == 0; }

    void set_up(Transaction& tx) {
        for (std::uint32_t p = 0; p < 2; ++p) {
            parties_.push_back(tx.put(Party{
                .no = {}, .name = "party " + std::to_string(p), .own = p == 0, .identities = {}}));
        }
        for (std::uint32_t u = 0; u < 3; ++u) {
            User user;
            user.name = "user " + std::to_string(u);
            user.party = parties_[u % 2];
            users_.push_back(tx.put(user));
            parties_of_users_.push_back(user.party);
        }
        ApiRoot root;
        root.name = "root";
        Collection row;
        row.root = tx.put(root);
        row.id = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";
        collection_ = tx.put(row);
        for (std::size_t v = 0; v < users_.size(); ++v) {
            tx.make_view(users_[v], collection_);
            model_.add_viewer({});
        }
    }

    Micros now() {
        now_ += static_cast<std::int64_t>(pick(30)) - 5;
        return {now_};
    }

    ClassNo class_for(Transaction& tx, const std::string& type, std::uint32_t held_for) {
        const std::string marking = "marking " + std::to_string(pick(3));
        const std::string spec = spec_versions[chance(5) ? 0 : 1];
        const Facets facets{
            .type = type,
            .spec_version = spec,
            .markings = {marking},
            .source = parties_[pick(2)],
            .held_for = PartyNo{held_for}};
        const ClassNo no = tx.intern_class(agreement::facets_key(facets));
        while (model_.classes.size() <= raw(no))
            model_.classes.emplace_back();
        if (model_.classes[raw(no)].type.empty()) {
            model_.classes[raw(no)] = {type, spec, held_for};
            table_.add(no, facets);
            // A new class is visible from its first entry on, or not at all.
            for (std::size_t v = 0; v < users_.size(); ++v) {
                if (may_see(v, raw(no)) && !chance(3)) model_.viewers[v].released.insert(raw(no));
            }
        }
        return no;
    }

    bool may_see(std::size_t v, std::uint32_t cls) const {
        const std::uint32_t held_for = model_.classes[cls].held_for;
        return held_for == 0 || PartyNo{held_for} == parties_of_users_[v];
    }

    void step() {
        switch (pick(8)) {
            case 0:
                return remove();
            case 1:
                return change_rights();
            case 2:
                if (model_.viewers.size() < 5 && chance(4)) return new_viewer();
                [[fallthrough]];
            default:
                return publish();
        }
    }

    void publish() {
        std::vector<NewModelEntry> batch;
        std::vector<NewEntry> rows;
        const Micros at = now();
        store_.write([&](Transaction& tx) {
            std::set<std::tuple<std::string, std::string, std::uint32_t>> there;
            for (const ModelEntry& e : model_.entries) {
                if (!e.removed) there.emplace(e.id, e.key, model_.classes[e.cls].held_for);
            }
            for (std::size_t n = 1 + pick(6); n > 0; --n) {
                const std::size_t object = pick(7);
                const std::string id = types[object % 3] + "--" + std::to_string(object);
                const std::string key = "2026-01-0" + std::to_string(1 + pick(6)) + "T00:00:00";
                const std::uint32_t held_for = chance(6) ? raw(parties_[pick(2)]) : 0;
                if (!there.emplace(id, key, held_for).second) continue;
                const ClassNo cls = class_for(tx, types[object % 3], held_for);
                batch.push_back({raw(cls), id, key});
            }
            if (batch.empty()) return;
            std::vector<std::string> bodies;
            for (const NewModelEntry& e : batch)
                bodies.push_back(R"({"id":")" + e.id + R"("})");
            for (const NewModelEntry& e : batch) {
                const std::string& body = bodies[rows.size()];
                rows.push_back(
                    {.cls = ClassNo{e.cls},
                     .lane = PartyNo{model_.classes[e.cls].held_for},
                     .id = e.id,
                     .version = e.key,
                     .version_key = e.key,
                     .digest = sha256(body),
                     .body = body,
                     .siblings = false}
                );
            }
            tx.append(collection_, at, rows);
            model_.publish(batch, at.count);
            for (const NewModelEntry& e : batch)
                mark_siblings(tx, e.id);
        });
    }

    void mark_siblings(Transaction& tx, const std::string& id) {
        std::set<std::string> specs;
        bool held = false;
        for (const ModelEntry& e : model_.entries) {
            if (e.id != id || e.removed) continue;
            specs.insert(model_.classes[e.cls].spec_version);
            held = held || model_.classes[e.cls].held_for != 0;
        }
        if (held || specs.size() > 1) tx.mark_siblings(collection_, id, true);
    }

    void remove() {
        if (model_.entries.empty()) return;
        const std::string id = model_.entries[pick(model_.entries.size())].id;
        std::vector<std::size_t> gone;
        for (std::size_t i = 0; i < model_.entries.size(); ++i) {
            if (model_.entries[i].id == id && !model_.entries[i].removed && chance(2))
                gone.push_back(i);
        }
        if (gone.empty()) return;
        const Micros at = now();
        store_.write([&](Transaction& tx) {
            for (const std::size_t i : gone)
                tx.remove(collection_, Seq{model_.entries[i].seq});
            const auto events_before = late_counts();
            model_.remove(gone, at.count);
            append_late(tx, events_before, at);
        });
    }

    std::vector<std::size_t> late_counts() const {
        std::vector<std::size_t> counts;
        for (const ModelViewer& viewer : model_.viewers)
            counts.push_back(viewer.events.size());
        return counts;
    }

    /// Writes the late rows that stand for the events which the model added.
    void append_late(Transaction& tx, const std::vector<std::size_t>& events_before, Micros at) {
        for (std::size_t v = 0; v < users_.size(); ++v) {
            std::vector<Transaction::NewLate> rows;
            const std::vector<ModelEvent>& events = model_.viewers[v].events;
            for (std::size_t i = events_before[v]; i < events.size(); ++i) {
                rows.push_back(
                    {Seq{model_.entries[events[i].entry].seq},
                     events[i].reexposed ? LateRow::Kind::reexposed : LateRow::Kind::widened}
                );
            }
            if (!rows.empty()) tx.append_late(users_[v], collection_, at, rows);
        }
    }

    void change_rights() {
        const std::size_t v = pick(users_.size());
        const std::set<std::uint32_t> before = model_.viewers[v].released;
        std::set<std::uint32_t> after;
        for (std::uint32_t cls = 1; cls < model_.classes.size(); ++cls) {
            const bool flip = chance(4);
            if (may_see(v, cls) && before.contains(cls) != flip) after.insert(cls);
        }
        const Micros at = now();
        store_.write([&](Transaction& tx) {
            const Seq last{raw(tx.head(collection_).next_seq) - 1};
            std::vector<Stretch> stretches = tx.stretches(users_[v], collection_);
            for (std::uint32_t cls = 1; cls < model_.classes.size(); ++cls) {
                if (before.contains(cls) == after.contains(cls)) continue;
                if (after.contains(cls)) {
                    stretches.push_back({ClassNo{cls}, last, agreement::seq_max});
                } else {
                    tx.remove_late(users_[v], collection_, ClassNo{cls});
                    close(stretches, ClassNo{cls}, last);
                }
            }
            tx.set_stretches(users_[v], collection_, stretches);
            auto events_before = late_counts();
            model_.change_rights(v, after, at.count);
            // What was taken away is gone from the model's list; what remains of it comes first.
            const auto& events = model_.viewers[v].events;
            const auto fresh = std::ranges::find_if(events, [&](const ModelEvent& e) {
                return e.position > raw(last);
            });
            events_before[v] = static_cast<std::size_t>(fresh - events.begin());
            append_late(tx, events_before, at);
        });
    }

    static void close(std::vector<Stretch>& stretches, ClassNo cls, Seq last) {
        bool known = false;
        for (Stretch& s : stretches) {
            if (s.cls != cls) continue;
            known = true;
            if (s.upto == agreement::seq_max) s.upto = last;
        }
        if (!known) stretches.push_back({cls, Seq{0}, last});
    }

    void new_viewer() {
        std::set<std::uint32_t> released;
        store_.write([&](Transaction& tx) {
            User user;
            user.name = "user " + std::to_string(users_.size());
            user.party = parties_[pick(2)];
            users_.push_back(tx.put(user));
            parties_of_users_.push_back(user.party);
            tx.make_view(users_.back(), collection_);
        });
        for (std::uint32_t cls = 1; cls < model_.classes.size(); ++cls) {
            if (may_see(users_.size() - 1, cls) && !chance(3)) released.insert(cls);
        }
        model_.add_viewer(released);
        for (int i = 0; i < 2; ++i)
            walkers_.push_back(new_walker(users_.size() - 1));
    }

    View view_of(Snapshot& snapshot, std::size_t v) {
        std::vector<bool> released(table_.size(), false);
        for (const std::uint32_t cls : model_.viewers[v].released)
            released[cls] = true;
        return {
            users_[v],
            collection_,
            agreement::terms_up_to(parties_of_users_[v], stix::Tlp::red, stix::Tlp::clear),
            released,
            snapshot.stretches(users_[v], collection_)};
    }

    VersionFilter some_versions() {
        VersionFilter version{.all = false, .first = false, .last = false, .keys = {}};
        switch (pick(5)) {
            case 0:
                version.all = true;
                return version;
            case 1:
                version.first = true;
                version.last = chance(3);
                break;
            case 2:
                version.last = chance(2);
                version.first = chance(4);
                for (int i = 0; i < 2; ++i) {
                    version.keys.push_back("2026-01-0" + std::to_string(1 + pick(6)) + "T00:00:00");
                }
                break;
            default:
                version.last = true;
        }
        return version;
    }

    Filter some_filter() {
        Filter filter;
        filter.version = some_versions();
        if (chance(3)) filter.types.push_back(types[pick(3)]);
        if (chance(5)) filter.types.push_back(types[pick(3)]);
        if (chance(4)) filter.spec_versions.push_back(spec_versions[pick(2)]);
        if (chance(8)) filter.spec_versions = spec_versions;
        if (chance(4)) {
            std::set<std::string> ids;
            for (std::size_t n = 1 + pick(4); n > 0; --n) {
                const std::size_t object = pick(8);
                ids.insert(types[object % 3] + "--" + std::to_string(object));
            }
            filter.ids.assign(ids.begin(), ids.end());
        }
        if (chance(3))
            filter.added_after = Micros{now_ - static_cast<std::int64_t>(pick(400)) + 50};
        return filter;
    }

    struct Page {
        std::vector<Shown> shown;
        ScanResult result;
    };

    Page read(
        std::size_t v,
        const Filter& filter,
        Position from,
        std::uint64_t limit,
        std::size_t fits = 1'000'000
    ) {
        const auto snapshot = store_.snapshot();
        const View view = view_of(*snapshot, v);
        agreement::Gate gate(view, agreement::Form::line);
        Page page;
        std::vector<Micros> dates;
        const std::uint64_t passed_over_max = chance(2) ? 1'000 : pick(3);
        page.result = internal::scan_with(
            *snapshot,
            view,
            table_,
            filter,
            {from, limit, passed_over_max},
            [&](const agreement::Sealed& sealed) {
                if (dates.size() == fits) return false;
                dates.push_back(sealed.date());
                EXPECT_TRUE(gate.pass(sealed)) << "the scan offered what the gate withholds";
                return true;
            }
        );
        EXPECT_EQ(gate.count(), dates.size());
        for (const Micros date : dates)
            page.shown.push_back({.position = 0, .date = date.count});
        return page;
    }

    /// Compares one page with the model's stream after `from`.
    Page expect_page(
        std::size_t v,
        const Filter& filter,
        Position from,
        std::uint64_t limit,
        std::size_t fits = 1'000'000
    ) {
        std::vector<Shown> expected = model_.stream(v, filter);
        std::erase_if(expected, [&](const Shown& s) { return s.position <= raw(from.seq); });
        const std::size_t count = std::min<std::size_t>({expected.size(), limit, fits});
        Page page = read(v, filter, from, limit, fits);
        EXPECT_EQ(page.shown.size(), count);
        EXPECT_EQ(page.result.more, expected.size() > count);
        EXPECT_EQ(page.result.first_date.has_value(), count > 0);
        EXPECT_EQ(page.result.last_date.has_value(), count > 0);
        EXPECT_EQ(page.result.any_id_visible, model_.any_visible(v, filter.ids));
        if (testing::Test::HasFailure()) return page;
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(page.shown[i].date, expected[i].date) << "entry " << expected[i].entry_seq;
            page.shown[i] = expected[i];
            remember(v, expected[i]);
        }
        if (count > 0) {
            EXPECT_EQ(raw(page.result.end.seq), expected[count - 1].position);
            EXPECT_EQ(page.result.first_date->count, expected.front().date);
            EXPECT_EQ(page.result.last_date->count, expected[count - 1].date);
        }
        return page;
    }

    /// A date once seen at a position stays there.
    void remember(std::size_t v, const Shown& shown) {
        const auto [at, is_new] = seen_.try_emplace({v, shown.position}, shown.date);
        EXPECT_TRUE(is_new || at->second == shown.date) << "a date moved";
    }

    void check_whole_stream(std::size_t v, const Filter& filter) {
        expect_page(v, filter, {}, 1'000'000);
    }

    void check_page(std::size_t v) {
        const Position from{Seq{pick(60)}};
        expect_page(v, some_filter(), from, pick(8), chance(4) ? pick(3) : 1'000'000);
    }

    Walker new_walker(std::size_t v) {
        Walker walker;
        walker.viewer = v;
        if (chance(2)) walker.filter.types.push_back(types[pick(3)]);
        if (chance(2)) {
            walker.filter.version = {.all = true, .first = false, .last = false, .keys = {}};
            walker.filter.spec_versions = spec_versions;
        } else if (chance(3)) {
            walker.filter.version = some_versions();
            return walker;
        }
        walker.complete = true;
        return walker;
    }

    /// Reads one page by the cursor or by the date of the last one.
    bool advance(Walker& walker) {
        Filter filter = walker.filter;
        Position from = walker.position;
        if (chance(2)) {
            from = {};
            filter.added_after = walker.last_date;
        }
        const Page page = expect_page(walker.viewer, filter, from, 1 + pick(7));
        for (const Shown& s : page.shown) {
            EXPECT_TRUE(!walker.last_date || s.date > walker.last_date->count)
                << "dates do not rise";
            EXPECT_TRUE(walker.got.insert(s.position).second) << "repeated";
            walker.last_date = Micros{s.date};
        }
        if (!page.shown.empty()) walker.position = page.result.end;
        return page.result.more;
    }

    void finish(Walker& walker) {
        while (advance(walker) && !testing::Test::HasFailure()) {
        }
        // A page by date may end later than one by cursor would: read until both say that nothing
        // is left.
        for (int i = 0; i < 10; ++i)
            (void)advance(walker);
        if (!walker.complete) return;
        for (const Shown& s : model_.stream(walker.viewer, walker.filter)) {
            if (walker.filter.version.all && held(s.entry_seq)) continue;
            EXPECT_TRUE(walker.got.contains(s.position)) << "missed position " << s.position;
        }
    }

    bool held(std::uint64_t seq) const {
        const auto entry = std::ranges::find(model_.entries, seq, &ModelEntry::seq);
        return model_.classes[entry->cls].held_for != 0;
    }

    Store& store_;
    std::mt19937_64 random_;
    Model model_;
    agreement::ClassTable table_;
    std::vector<PartyNo> parties_;
    std::vector<UserNo> users_;
    std::vector<PartyNo> parties_of_users_;
    CollectionNo collection_{};
    std::int64_t now_ = 1'000;
    std::vector<Walker> walkers_;
    std::map<std::pair<std::size_t, std::uint64_t>, std::int64_t> seen_;
};

class ScanProperty : public testing::TestWithParam<StoreKind> {};

TEST_P(ScanProperty, EveryPageIsTheModels) {
    const std::uint64_t cases = from_environment("ENTENTE_PROPERTY_CASES", GetParam().cases);
    const std::uint64_t first = from_environment("ENTENTE_PROPERTY_SEED", 1);
    for (std::uint64_t seed = first; seed < first + cases && !HasFailure(); ++seed) {
        SCOPED_TRACE("ENTENTE_PROPERTY_SEED=" + std::to_string(seed));
        const auto store = GetParam().make();
        History(*store, seed).run(40);
        EXPECT_THAT(store->verify({}), testing::IsEmpty());
        if (HasFailure()) std::printf("to see it again: ENTENTE_PROPERTY_SEED=%lu\n", seed);
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, ScanProperty, testing::ValuesIn(store_kinds()), [](const auto& p) {
    return p.param.name;
});

}  // namespace
}  // namespace entente::store::test
