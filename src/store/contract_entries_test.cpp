#include "store/contract.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

namespace entente::store::contract {
namespace {

using agreement::raw;

class EntryContract : public StoreContract {};

INSTANTIATE_TEST_SUITE_P(Stores, EntryContract, testing::ValuesIn(backends()), backend_name);

TEST_P(EntryContract, GivesBackWhatWasAppended) {
    const std::string large(100'000, 'x');
    const Seq first = append(
        feed,
        {{"a", "2024", red},
         {"b", "2023", green, PartyNo{}, true},
         {"c", "2022", blue, PartyNo{}, false, large}}
    );
    append(spare, {{"d", "2021", red}});
    for (int round = 0; round < 2; ++round) {
        if (round > 0 && !reopen()) break;
        const auto s = look();
        const auto cursor = s->entries(feed, first);
        auto e = cursor->next();
        ASSERT_TRUE(e);
        EXPECT_EQ(e->seq, first);
        EXPECT_EQ(e->cls, red);
        EXPECT_EQ(e->flags, 0);
        EXPECT_EQ(e->id, "a");
        EXPECT_EQ(e->version, "2024Z");
        EXPECT_EQ(e->version_key, "2024");
        EXPECT_EQ(cursor->body(), R"({"id":"a","modified":"2024Z"})");
        EXPECT_EQ(cursor->body(), R"({"id":"a","modified":"2024Z"})");
        e = cursor->next();
        ASSERT_TRUE(e);
        EXPECT_EQ(e->flags, static_cast<Flags>(Flag::siblings));
        e = cursor->next();  // passes over a body that was not asked for
        ASSERT_TRUE(e);
        EXPECT_EQ(e->cls, blue);
        EXPECT_EQ(cursor->body(), large);
        EXPECT_FALSE(cursor->next());
        EXPECT_FALSE(cursor->next());
        const auto third = s->entry(feed, Seq{raw(first) + 2});
        ASSERT_TRUE(third);
        EXPECT_EQ(third->body, large);
        EXPECT_EQ(third->id, "c");
        EXPECT_FALSE(s->entry(feed, Seq{raw(first) + 3}));
        EXPECT_FALSE(s->entry(feed, Seq{0}));
        EXPECT_EQ(positions(*s, feed, agreement::next(first)).size(), 2U);
        EXPECT_EQ(positions(*s, spare).size(), 1U);
    }
}

TEST_P(EntryContract, TwoCursorsOfOneSnapshotDoNotDisturbEachOther) {
    append(feed, {{"a", "1", red}, {"b", "1", red}, {"c", "1", red}});
    const auto s = look();
    const auto one = s->entries(feed, {});
    ASSERT_EQ(one->next()->id, "a");
    const auto two = s->entries(feed, {});
    ASSERT_EQ(two->next()->id, "a");
    ASSERT_EQ(one->next()->id, "b");
    ASSERT_EQ(two->next()->id, "b");
    const auto late = s->entry(feed, Seq{3});
    ASSERT_EQ(one->next()->id, "c");
    EXPECT_EQ(late->id, "c");
}

TEST_P(EntryContract, PositionsAndDatesRiseWithoutGapsInACollection) {
    EXPECT_EQ(look()->head(feed).next_seq, Seq{1});
    const Seq first = append(feed, {{"a", "1", red}, {"b", "1", red}}, {5'000});
    EXPECT_EQ(first, Seq{1});
    EXPECT_EQ(look()->head(feed).next_seq, Seq{3});
    EXPECT_EQ(look()->head(feed).next_base, Micros{5'002});
    // The clock stood still, and went back.
    EXPECT_EQ(append(feed, {{"c", "1", red}}, {5'000}), Seq{3});
    EXPECT_EQ(append(feed, {{"d", "1", red}}, {10}), Seq{4});
    EXPECT_EQ(append(spare, {{"d", "1", red}}, {10}), Seq{1});
    const auto s = look();
    EXPECT_EQ(s->group_at(feed, Seq{3})->base, Micros{5'002});
    EXPECT_EQ(s->group_at(feed, Seq{4})->base, Micros{5'003});
    EXPECT_EQ(s->head(spare).next_base, Micros{11});
}

TEST_P(EntryContract, FindsGroupsByPositionAndByDate) {
    EXPECT_FALSE(look()->group_at(feed, Seq{1}));
    EXPECT_FALSE(look()->group_by_date(feed, {1'000'000}));
    append(spare, {{"z", "1", red}}, {1});
    append(feed, {{"a", "1", red}, {"b", "1", red}, {"c", "1", green}, {"d", "1", red}}, {100});
    append(feed, {{"e", "1", blue}}, {200});
    for (int round = 0; round < 2; ++round) {
        if (round > 0 && !reopen()) break;
        const auto s = look();
        for (const std::uint64_t seq : {1U, 2U, 4U}) {
            const auto g = s->group_at(feed, Seq{seq});
            ASSERT_TRUE(g);
            EXPECT_EQ(g->first, Seq{1});
            EXPECT_EQ(g->count, 4U);
            EXPECT_EQ(g->base, Micros{100});
            ASSERT_EQ(g->runs.size(), 3U);
            EXPECT_EQ(g->runs[0].cls, red);
            EXPECT_EQ(g->runs[0].count, 2U);
            EXPECT_EQ(g->runs[1].cls, green);
            EXPECT_EQ(g->runs[1].count, 1U);
            EXPECT_EQ(g->runs[2].cls, red);
        }
        EXPECT_EQ(s->group_at(feed, Seq{5})->first, Seq{5});
        EXPECT_EQ(s->group_at(feed, agreement::seq_max)->first, Seq{5});
        EXPECT_FALSE(s->group_at(feed, Seq{0}));
        EXPECT_FALSE(s->group_by_date(feed, {99}));
        EXPECT_EQ(s->group_by_date(feed, {100})->first, Seq{1});
        EXPECT_EQ(s->group_by_date(feed, {199})->first, Seq{1});
        EXPECT_EQ(s->group_by_date(feed, {200})->first, Seq{5});
        EXPECT_EQ(s->group_by_date(feed, {1LL << 60})->first, Seq{5});
    }
    // What is removed keeps its place in the group, so that dates never move.
    write([&](Transaction& tx) { tx.remove(feed, Seq{2}); });
    EXPECT_EQ(look()->group_at(feed, Seq{2})->count, 4U);
    EXPECT_EQ(look()->group_at(feed, Seq{2})->runs[0].count, 2U);
}

TEST_P(EntryContract, FindsTheNextOfAClassWithoutTouchingTheOthers) {
    std::vector<Draft> many;
    for (int i = 0; i < 2'000; ++i)
        many.push_back(
            {"x" + std::to_string(i), "1", i == 3 || i == 1'500 || i == 1'999 ? green : red}
        );
    append(feed, many);
    append(spare, {{"y", "1", green}});
    const auto s = look();
    const std::uint64_t before = s->rows_touched();
    EXPECT_EQ(s->next_of_class(feed, green, {}), Seq{4});
    EXPECT_EQ(s->next_of_class(feed, green, Seq{4}), Seq{4});
    EXPECT_EQ(s->next_of_class(feed, green, Seq{5}), Seq{1'501});
    EXPECT_EQ(s->next_of_class(feed, green, Seq{1'502}), Seq{2'000});
    EXPECT_FALSE(s->next_of_class(feed, green, Seq{2'001}));
    EXPECT_FALSE(s->next_of_class(feed, blue, {}));
    EXPECT_LE(s->rows_touched() - before, 6U);
    EXPECT_EQ(s->next_of_class(feed, green, {}, 2), (std::vector{Seq{4}, Seq{1'501}}));
    EXPECT_EQ(s->next_of_class(feed, green, Seq{5}, 9), (std::vector{Seq{1'501}, Seq{2'000}}));
    EXPECT_TRUE(s->next_of_class(feed, green, {}, 0).empty());
}

TEST_P(EntryContract, CountsTheRowsThatAWalkTouches) {
    std::vector<Draft> many;
    for (int i = 0; i < 100; ++i)
        many.push_back({"x" + std::to_string(i), "1", red});
    append(feed, many);
    const auto s = look();
    const std::uint64_t before = s->rows_touched();
    EXPECT_EQ(positions(*s, feed).size(), 100U);
    EXPECT_GE(s->rows_touched() - before, 100U);
    EXPECT_LE(s->rows_touched() - before, 110U);
    EXPECT_LE(look()->rows_touched(), 2U);  // each snapshot counts for itself
}

TEST_P(EntryContract, KeepsLanesApart) {
    append(
        feed,
        {{"a", "2", red}, {"a", "1", blue, other}, {"a", "2", blue, own}, {"a", "2", blue, other}}
    );
    const auto v = look()->versions(feed, "a");
    ASSERT_EQ(v.size(), 4U);
    EXPECT_EQ(v[0].version_key, "1");
    EXPECT_EQ(v[0].lane, other);
    EXPECT_EQ(v[1].lane, PartyNo{});
    EXPECT_EQ(v[2].lane, own);
    EXPECT_EQ(v[3].lane, other);
    for (const Version& x : v)
        EXPECT_EQ(x.flags, 0) << "a held copy is no version of the collection's own";
    append(feed, {{"a", "3", green}, {"a", "1", green}});
    for (const Version& x : look()->versions(feed, "a"))
        EXPECT_TRUE(x.lane == PartyNo{} || x.flags == 0);
    EXPECT_TRUE(findings().empty());
}

TEST_P(EntryContract, MarksAllVersionsOfAnIdAsSiblings) {
    append(feed, {{"a", "1", red}, {"a", "2", red}, {"b", "1", red}, {"a", "1", blue, other}});
    write([&](Transaction& tx) { tx.mark_siblings(feed, "a", true); });
    const auto siblings = [&](std::string_view id) {
        const auto s = look();
        std::size_t marked = 0;
        for (const Version& v : s->versions(feed, id))
            marked += has(v.flags, Flag::siblings) ? 1 : 0;
        return marked;
    };
    EXPECT_EQ(siblings("a"), 3U);
    EXPECT_EQ(siblings("b"), 0U);
    EXPECT_TRUE(has(look()->entry(feed, Seq{1})->flags, Flag::has_newer));
    write([&](Transaction& tx) { tx.mark_siblings(feed, "a", false); });
    EXPECT_EQ(siblings("a"), 0U);
    EXPECT_TRUE(has(look()->entry(feed, Seq{1})->flags, Flag::has_newer));
}

TEST_P(EntryContract, RemovingWhatIsNotThereChangesNothing) {
    append(feed, {{"a", "1", red}});
    write([&](Transaction& tx) {
        tx.remove(feed, Seq{2});
        tx.remove(feed, Seq{0});
        tx.remove(spare, Seq{1});
    });
    EXPECT_EQ(positions(*look(), feed).size(), 1U);
}

TEST_P(EntryContract, AVersionThatWasRemovedMayComeAgain) {
    append(feed, {{"a", "1", red}});
    write([&](Transaction& tx) { tx.remove(feed, Seq{1}); });
    EXPECT_EQ(append(feed, {{"a", "1", green}}), Seq{2});
    EXPECT_EQ(look()->versions(feed, "a").size(), 1U);
    EXPECT_TRUE(findings().empty());
}

// ---- Random histories against a model that computes everything anew

struct ModelEntry {
    Draft draft;
    bool siblings = false;
    bool reexposed = false;
};

struct Model {
    std::map<std::uint64_t, ModelEntry> entries;

    [[nodiscard]] std::vector<std::uint64_t> chain(const std::string& id) const {
        std::vector<std::uint64_t> found;
        for (const auto& [seq, e] : entries)
            if (e.draft.id == id && e.draft.lane == PartyNo{}) found.push_back(seq);
        std::ranges::sort(found, {}, [&](std::uint64_t seq) {
            return entries.at(seq).draft.version_key;
        });
        return found;
    }

    struct Links {
        Flags flags = 0;
        Seq newer_seq{};
        ClassNo newer_cls{};
    };

    [[nodiscard]] Links links(std::uint64_t seq) const {
        const ModelEntry& e = entries.at(seq);
        Links out;
        unsigned flags = e.siblings ? static_cast<unsigned>(Flag::siblings) : 0U;
        if (e.draft.lane == PartyNo{}) {
            const auto all = chain(e.draft.id);
            const auto at = std::ranges::find(all, seq);
            if (at != all.begin()) flags |= static_cast<unsigned>(Flag::has_older);
            if (std::next(at) != all.end()) {
                flags |= static_cast<unsigned>(Flag::has_newer);
                out.newer_seq = Seq{*std::next(at)};
                out.newer_cls = entries.at(*std::next(at)).draft.cls;
            }
        }
        out.flags = static_cast<Flags>(flags);
        return out;
    }

    [[nodiscard]] bool holds(const Draft& d) const {
        return std::ranges::any_of(entries, [&](const auto& e) {
            return std::tie(e.second.draft.id, e.second.draft.version_key, e.second.draft.lane) ==
                   std::tie(d.id, d.version_key, d.lane);
        });
    }
};

class History : public EntryContract {
  protected:
    void compare(Snapshot& s) {
        std::map<std::uint64_t, std::vector<std::uint64_t>> by_class;
        std::set<std::string> ids;
        const auto cursor = s.entries(feed, {});
        for (const auto& [seq, expected] : model_.entries) {
            const auto e = cursor->next();
            ASSERT_TRUE(e);
            const Model::Links links = model_.links(seq);
            EXPECT_EQ(raw(e->seq), seq);
            EXPECT_EQ(e->cls, expected.draft.cls);
            EXPECT_EQ(e->flags, links.flags) << seq;
            EXPECT_EQ(e->newer_seq, links.newer_seq) << seq;
            EXPECT_EQ(e->newer_cls, links.newer_cls) << seq;
            EXPECT_EQ(cursor->body(), body_of(expected.draft));
            by_class[raw(e->cls)].push_back(seq);
            ids.insert(expected.draft.id);
        }
        EXPECT_FALSE(cursor->next());
        for (const ClassNo cls : {red, green, blue}) {
            std::vector<std::uint64_t> found;
            for (const Seq seq : s.next_of_class(feed, cls, {}, 1'000))
                found.push_back(raw(seq));
            EXPECT_EQ(found, by_class[raw(cls)]);
        }
        for (const std::string& id : ids)
            compare_versions(s, id);
    }

    void compare_versions(Snapshot& s, const std::string& id) {
        std::vector<std::tuple<std::string, PartyNo, std::uint64_t>> expected;
        for (const auto& [seq, e] : model_.entries)
            if (e.draft.id == id) expected.emplace_back(e.draft.version_key, e.draft.lane, seq);
        std::ranges::sort(expected);
        const auto found = s.versions(feed, id);
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(
                std::tuple(found[i].version_key, found[i].lane, raw(found[i].seq)), expected[i]
            );
            EXPECT_EQ(found[i].flags, model_.links(raw(found[i].seq)).flags);
            const Draft& d = model_.entries.at(raw(found[i].seq)).draft;
            EXPECT_EQ(found[i].version, d.version_key + "Z");
            EXPECT_EQ(found[i].digest, sha256(body_of(d)));
        }
    }

    std::uint64_t pick(std::uint64_t n) { return random_() % n; }

    void append_some(Transaction& tx) {
        std::vector<Draft> batch;
        const std::uint64_t first = raw(tx.head(feed).next_seq);
        for (std::uint64_t i = 1 + pick(6); i > 0; --i) {
            const Draft d{
                .id = "id" + std::to_string(pick(5)),
                .version_key = std::to_string(10 + pick(12)),
                .cls = std::vector{red, green, blue}[pick(3)],
                .lane = pick(6) == 0 ? (pick(2) == 0 ? own : other) : PartyNo{},
                .siblings = pick(8) == 0};
            if (model_.holds(d)) continue;
            model_.entries[first + batch.size()] = {d, d.siblings};
            batch.push_back(d);
        }
        if (batch.empty()) return;
        EXPECT_EQ(raw(append(tx, feed, batch)), first);
    }

    void step(Transaction& tx) {
        switch (pick(5)) {
            case 0:
            case 1:
                append_some(tx);
                return;
            case 2:
            case 3: {
                if (model_.entries.empty()) return;
                const auto at = std::next(
                    model_.entries.begin(), static_cast<long>(pick(model_.entries.size()))
                );
                tx.remove(feed, Seq{at->first});
                model_.entries.erase(at);
                return;
            }
            default: {
                const std::string id = "id" + std::to_string(pick(5));
                const bool on = pick(2) == 0;
                tx.mark_siblings(feed, id, on);
                for (auto& [seq, e] : model_.entries)
                    if (e.draft.id == id) e.siblings = on;
            }
        }
    }

    Model model_;
    std::mt19937_64 random_;
};

INSTANTIATE_TEST_SUITE_P(Stores, History, testing::ValuesIn(backends()), backend_name);

TEST_P(History, OfVersionsInAnyOrderLinksThemAsAPlainModelDoes) {
    const char* given = std::getenv("ENTENTE_SEED");
    const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
    SCOPED_TRACE("ENTENTE_SEED=" + std::to_string(seed));
    random_.seed(seed);
    for (int round = 0; round < 40 && !HasFatalFailure(); ++round) {
        write([&](Transaction& tx) {
            for (std::uint64_t i = 1 + pick(3); i > 0; --i) {
                const Model before = model_;
                if (!tx.savepoint([&] {
                        step(tx);
                        return pick(4) != 0;
                    })) {
                    model_ = before;
                }
            }
            compare(tx);
        });
        compare(*look());
        if (round % 10 == 9) {
            EXPECT_TRUE(findings().empty()) << findings().front();
            if (reopen()) compare(*look());
        }
    }
}

TEST_P(EntryContract, KnowsWhatWasMadeOfAnObjectUntilItIsRemoved) {
    const auto made = [](std::string id, std::string version, ClassNo cls, std::string of) {
        return Draft{
            .id = std::move(id),
            .version_key = std::move(version),
            .cls = cls,
            .derived_of = std::move(of)};
    };
    append(feed, {{"a", "1", red}, made("a-open", "1", green, "a"), {"b", "1", red}});
    append(
        feed, {{"a", "2", red}, made("a-open", "2", blue, "a"), made("b-open", "1", green, "b")}
    );
    append(spare, {made("a-open", "1", green, "a")});
    for (int round = 0; round < 2; ++round) {
        if (round > 0 && !reopen()) break;
        const auto s = look();
        const auto of_a = s->derived(feed, "a");
        ASSERT_EQ(of_a.size(), 2U);
        EXPECT_EQ(of_a[0].seq, Seq{2});
        EXPECT_EQ(of_a[0].id, "a-open");
        EXPECT_EQ(of_a[0].version_key, "1");
        EXPECT_EQ(of_a[0].cls, green);
        EXPECT_EQ(of_a[1].seq, Seq{5});
        EXPECT_EQ(of_a[1].cls, blue);
        EXPECT_TRUE(s->derived(feed, "a-open").empty());
        EXPECT_EQ(s->derived(feed, "b").size(), 1U);
        EXPECT_EQ(s->made_of(feed, Seq{2}), "a");
        EXPECT_EQ(s->made_of(feed, Seq{1}), std::nullopt);
        EXPECT_EQ(s->made_of(feed, Seq{999}), std::nullopt);
        EXPECT_EQ(s->made_of(spare, Seq{2}), std::nullopt);
        EXPECT_TRUE(has(s->entry(feed, Seq{2})->flags, Flag::derived));
        EXPECT_FALSE(has(s->entry(feed, Seq{1})->flags, Flag::derived));
        EXPECT_TRUE(findings().empty());
    }
    write([&](Transaction& tx) { tx.remove(feed, Seq{2}); });
    EXPECT_EQ(look()->derived(feed, "a").size(), 1U);
    write([&](Transaction& tx) { tx.erase(spare); });
    EXPECT_TRUE(look()->derived(spare, "a").empty());
    EXPECT_EQ(look()->derived(feed, "a").size(), 1U);
    EXPECT_TRUE(findings().empty());
}

TEST_P(EntryContract, VersionsOfOneObjectArriveInEveryOrder) {
    std::vector<std::string> keys{"1", "2", "3", "4"};
    int at = 0;
    do {
        const std::string id = "id" + std::to_string(at++);
        for (const std::string& key : keys)
            append(feed, {{id, key, red}});
        const auto s = look();
        const auto v = s->versions(feed, id);
        ASSERT_EQ(v.size(), 4U);
        for (std::size_t i = 0; i < 4; ++i) {
            const auto e = s->entry(feed, v[i].seq);
            EXPECT_EQ(has(e->flags, Flag::has_older), i > 0);
            EXPECT_EQ(has(e->flags, Flag::has_newer), i < 3);
            EXPECT_EQ(e->newer_seq, i < 3 ? v[i + 1].seq : Seq{});
        }
    } while (std::ranges::next_permutation(keys).found);
}

}  // namespace
}  // namespace entente::store::contract
