#include "exchange/state_cache.h"

#include "base/limits.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace entente::exchange {
namespace {

using agreement::Facets;
using agreement::raw;
using agreement::View;
using stix::Tlp;
using store::ClassNo;
using store::CollectionNo;
using store::PartyNo;
using store::Role;
using store::RootNo;
using store::UserNo;

std::string marking(Tlp level) {
    return std::string(stix::tlp2_marking_id(level));
}

Facets facets_with(std::vector<std::string> markings, PartyNo source = PartyNo{1}) {
    return {
        .type = "indicator",
        .spec_version = "2.1",
        .markings = std::move(markings),
        .granular = {},
        .producer = {},
        .source = source,
        .held_for = {},
        .needs = {}};
}

class StateCacheTest : public ::testing::Test {
  protected:
    StateCacheTest() {
        store_->write([&](store::Transaction& tx) {
            party_ = tx.put(store::Party{.no = {}, .name = "North", .own = true, .identities = {}});
            store::ApiRoot root;
            root.name = "api";
            root_ = tx.put(root);
            user_ = add_user(tx, "ann");
            collection_ = add_collection(tx, "aaaaaaaa-0000-4000-8000-00000000000a");
            tx.put(store::Grant{
                .no = {},
                .collection = collection_,
                .party = {},
                .user = user_,
                .list = true,
                .read = true,
                .write = true,
                .max_marking = Tlp::green});
        });
    }

    UserNo add_user(store::Transaction& tx, const std::string& name) const {
        store::User user;
        user.name = name;
        user.party = party_;
        user.role = Role::publisher;
        return tx.put(user);
    }

    CollectionNo add_collection(store::Transaction& tx, const std::string& id) const {
        store::Collection collection;
        collection.root = root_;
        collection.id = id;
        return tx.put(collection);
    }

    ClassNo add_class(const Facets& facets) {
        ClassNo no{};
        store_->write([&](store::Transaction& tx) {
            no = tx.intern_class(agreement::facets_key(facets));
        });
        return no;
    }

    void change_directory() {
        store_->write([&](store::Transaction& tx) {
            add_user(tx, "user" + std::to_string(++changes_));
        });
    }

    std::unique_ptr<store::Store> store_ = store::make_memory_store();
    StateCache cache_;
    PartyNo party_{};
    RootNo root_{};
    UserNo user_{};
    CollectionNo collection_{};
    int changes_ = 0;
};

TEST_F(StateCacheTest, KeepsTheStateWhileTheGenerationStands) {
    const auto first = cache_.get(*store_->snapshot());
    EXPECT_EQ(cache_.get(*store_->snapshot()), first);
    store_->write([](store::Transaction& tx) { tx.set_setting("x", "y"); });
    EXPECT_EQ(cache_.get(*store_->snapshot()), first);
    change_directory();
    const auto second = cache_.get(*store_->snapshot());
    EXPECT_NE(second, first);
    EXPECT_NE(second->user("user1"), nullptr);
    EXPECT_EQ(first->user("user1"), nullptr) << "a state never changes";
    EXPECT_EQ(cache_.get(*store_->snapshot()), second);
}

TEST_F(StateCacheTest, AnOlderSnapshotGetsItsOwnStateAndDoesNotReplaceTheNewer) {
    const auto old = store_->snapshot();
    change_directory();
    const auto newer = cache_.get(*store_->snapshot());
    const auto older = cache_.get(*old);
    EXPECT_EQ(older->user("user1"), nullptr);
    EXPECT_EQ(older->directory.generation, old->generation());
    EXPECT_EQ(cache_.get(*store_->snapshot()), newer);
}

TEST_F(StateCacheTest, ANewClassGivesANewTableOverTheSameDirectory) {
    const auto first = cache_.get(*store_->snapshot());
    const ClassNo no = add_class(facets_with({marking(Tlp::red)}));
    const auto second = cache_.get(*store_->snapshot());
    EXPECT_EQ(&second->directory, &first->directory);
    EXPECT_EQ(first->classes->find(no), nullptr);
    ASSERT_NE(second->classes->find(no), nullptr);
    EXPECT_EQ(*second->classes->find(no), facets_with({marking(Tlp::red)}));
    EXPECT_EQ(cache_.get(*store_->snapshot()), second);
    change_directory();
    const auto third = cache_.get(*store_->snapshot());
    EXPECT_EQ(third->classes, second->classes) << "classes are read once";
}

TEST_F(StateCacheTest, AClassThatCannotBeReadIsNobodysAndThoseAfterItAreRead) {
    store_->write([](store::Transaction& tx) { tx.intern_class("not a class key"); });
    const ClassNo good = add_class(facets_with({marking(Tlp::clear)}));
    const auto snapshot = store_->snapshot();
    const auto state = cache_.get(*snapshot);
    EXPECT_EQ(state->classes->find(ClassNo{raw(good) - 1}), nullptr);
    EXPECT_NE(state->classes->find(good), nullptr);
    EXPECT_EQ(cache_.get(*snapshot), state) << "it is not read again and again";
    EXPECT_TRUE(cache_.view(*snapshot, *state, user_, collection_)->releases(good));
}

TEST_F(StateCacheTest, NothingReadInATransactionIsKept) {
    const auto before = cache_.get(*store_->snapshot());

    struct Undo {};

    std::uint64_t inside = 0;
    ClassNo lost{};
    EXPECT_THROW(
        store_->write([&](store::Transaction& tx) {
            EXPECT_EQ(cache_.get(tx), before) << "what is committed may be used";
            lost =
                tx.intern_class(agreement::facets_key(facets_with({"marking-definition--lost"})));
            EXPECT_NE(cache_.get(tx)->classes->find(lost), nullptr);
            add_user(tx, "lost");
            const auto state = cache_.get(tx);
            inside = state->directory.generation;
            EXPECT_NE(state->user("lost"), nullptr);
            EXPECT_NE(cache_.view(tx, *state, user_, collection_), nullptr);
            throw Undo{};
        }),
        Undo
    );
    EXPECT_EQ(cache_.get(*store_->snapshot()), before);
    EXPECT_EQ(cache_.cached_views(), 0U);
    ClassNo kept{};
    store_->write([&](store::Transaction& tx) {
        kept = tx.intern_class(agreement::facets_key(facets_with({"marking-definition--kept"})));
        add_user(tx, "kept");
    });
    ASSERT_EQ(kept, lost) << "the store gives the number again: that is what this is about";
    const auto after = cache_.get(*store_->snapshot());
    ASSERT_EQ(after->directory.generation, inside);
    EXPECT_EQ(after->user("lost"), nullptr);
    EXPECT_NE(after->user("kept"), nullptr);
    EXPECT_EQ(*after->classes->find(kept), facets_with({"marking-definition--kept"}));
}

TEST_F(StateCacheTest, LoadStateReadsATransactionsOwnChanges) {
    store_->write([&](store::Transaction& tx) {
        add_user(tx, "new");
        const ClassNo no = tx.intern_class(agreement::facets_key(facets_with({})));
        const State state = load_state(tx);
        EXPECT_NE(state.user("new"), nullptr);
        EXPECT_NE(state.classes->find(no), nullptr);
        EXPECT_EQ(state.directory.generation, tx.generation());
    });
}

// ---- views

TEST_F(StateCacheTest, AViewReleasesWhatTheGrantsGive) {
    const ClassNo green = add_class(facets_with({marking(Tlp::green)}));
    const ClassNo amber = add_class(facets_with({marking(Tlp::amber)}));
    const auto snapshot = store_->snapshot();
    const auto state = cache_.get(*snapshot);
    const auto view = cache_.view(*snapshot, *state, user_, collection_);
    EXPECT_TRUE(view->releases(green));
    EXPECT_FALSE(view->releases(amber));
    EXPECT_EQ(view->user(), user_);
    EXPECT_EQ(view->collection(), collection_);
    EXPECT_EQ(
        view->terms(), state->read_terms(*state->user(user_), *state->collection(collection_))
    );
}

TEST_F(StateCacheTest, AStrangerSeesNothing) {
    const ClassNo cls = add_class(facets_with({marking(Tlp::clear)}));
    const auto snapshot = store_->snapshot();
    const auto state = cache_.get(*snapshot);
    EXPECT_FALSE(cache_.view(*snapshot, *state, UserNo{99}, collection_)->releases(cls));
    EXPECT_FALSE(cache_.view(*snapshot, *state, user_, CollectionNo{99})->releases(cls));
}

TEST_F(StateCacheTest, AViewIsMadeOncePerGenerationAndSetOfClasses) {
    const auto view = [&] {
        const auto snapshot = store_->snapshot();
        return cache_.view(*snapshot, *cache_.get(*snapshot), user_, collection_);
    };
    add_class(facets_with({marking(Tlp::green)}));
    const auto first = view();
    EXPECT_EQ(view(), first);
    const ClassNo added = add_class(facets_with({marking(Tlp::clear)}));
    const auto second = view();
    EXPECT_NE(second, first);
    EXPECT_TRUE(second->releases(added));
    EXPECT_EQ(view(), second);
    change_directory();
    EXPECT_NE(view(), second);
    EXPECT_EQ(cache_.cached_views(), 1U) << "the older ones are not kept";
}

TEST_F(StateCacheTest, AViewHasTheStretchesOfItsSnapshot) {
    const ClassNo cls = add_class(facets_with({marking(Tlp::clear)}));
    const std::vector<agreement::Stretch> stretches{
        {.cls = cls, .after = store::Seq{5}, .upto = agreement::seq_max}};
    const auto before = store_->snapshot();
    store_->write([&](store::Transaction& tx) {
        tx.make_view(user_, collection_);
        tx.set_stretches(user_, collection_, stretches);
    });
    const auto after = store_->snapshot();
    const auto state_after = cache_.get(*after);
    const auto view_after = cache_.view(*after, *state_after, user_, collection_);
    EXPECT_EQ(view_after->stretches(), stretches);
    EXPECT_FALSE(view_after->shows(cls, store::Seq{5}));
    EXPECT_TRUE(view_after->shows(cls, store::Seq{6}));
    const auto state_before = cache_.get(*before);
    EXPECT_TRUE(cache_.view(*before, *state_before, user_, collection_)->stretches().empty());
    // A state of another generation is not mixed with this snapshot's stretches.
    EXPECT_TRUE(cache_.view(*before, *state_after, user_, collection_)->stretches().empty());
    EXPECT_EQ(cache_.view(*after, *state_after, user_, collection_), view_after)
        << "the newer one stays";
}

TEST_F(StateCacheTest, AViewThatGrowsWithTheClassesIsTheViewMadeAnew) {
    std::mt19937 engine(20260101);
    const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
    const std::vector<std::string> ids{
        marking(Tlp::clear),
        marking(Tlp::green),
        marking(Tlp::amber),
        "marking-definition--ours",
        "marking-definition--unknown"};
    store_->write([&](store::Transaction& tx) {
        tx.put(store::StatementMarking{.marking_id = "marking-definition--ours", .source = party_});
        tx.make_view(user_, collection_);
        const std::array stretches{agreement::Stretch{.cls = ClassNo{2}, .after = store::Seq{1}}};
        tx.set_stretches(user_, collection_, stretches);
    });
    std::uint32_t classes = 0;
    std::size_t released = 0;
    for (int round = 0; round < 30; ++round) {
        // Sometimes more than are decided one by one.
        const std::uint32_t more = round % 10 == 9 ? 100 : 1 + random() % 4;
        for (std::uint32_t i = 0; i < more; ++i) {
            Facets f = facets_with({}, party_);
            std::set<std::string> chosen;
            for (std::uint32_t m = random() % 3; m > 0; --m)
                chosen.insert(ids[random() % ids.size()]);
            f.markings.assign(chosen.begin(), chosen.end());
            f.producer = std::to_string(classes);  // makes the class a new one
            for (std::uint32_t n = random() % 3; n > 0 && classes > 0; --n) {
                f.needs.push_back({ClassNo{1 + random() % classes}, ClassNo{1 + random() % classes}}
                );
                std::ranges::sort(f.needs.back());
            }
            classes = raw(add_class(f));
        }
        const auto snapshot = store_->snapshot();
        const auto state = cache_.get(*snapshot);
        const auto view = cache_.view(*snapshot, *state, user_, collection_);
        const View anew = agreement::make_view(
            user_,
            collection_,
            state->read_terms(*state->user(user_), *state->collection(collection_)),
            *state->classes,
            state->markings,
            snapshot->stretches(user_, collection_)
        );
        ASSERT_EQ(view->released(), anew.released()) << "round " << round;
        ASSERT_EQ(view->stretches(), anew.stretches());
        released = view->released().size();
    }
    EXPECT_GT(released, 20U);
    EXPECT_LT(released, classes);
}

TEST_F(StateCacheTest, KeepsNoMoreViewsThanTheLimitAndDropsTheOneNotUsed) {
    add_class(facets_with({marking(Tlp::clear)}));
    const auto snapshot = store_->snapshot();
    const auto state = cache_.get(*snapshot);
    const auto used = cache_.view(*snapshot, *state, user_, collection_);
    const auto forgotten = cache_.view(*snapshot, *state, UserNo{1'000'000}, collection_);
    for (std::uint32_t i = 1; i < limits::cached_views_max; ++i) {
        (void)cache_.view(*snapshot, *state, UserNo{2'000'000 + i}, collection_);
        EXPECT_EQ(cache_.view(*snapshot, *state, user_, collection_), used);
    }
    EXPECT_EQ(cache_.cached_views(), limits::cached_views_max);
    EXPECT_EQ(cache_.view(*snapshot, *state, user_, collection_), used);
    EXPECT_NE(cache_.view(*snapshot, *state, UserNo{1'000'000}, collection_), forgotten);
}

TEST_F(StateCacheTest, ManyThreadsGetStatesAndViewsWhileOthersWrite) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> readers;
    for (int t = 0; t < 4; ++t) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto snapshot = store_->snapshot();
                const auto state = cache_.get(*snapshot);
                ASSERT_EQ(state->directory.generation, snapshot->generation());
                for (const auto& [no, key] : snapshot->classes(ClassNo{0})) {
                    ASSERT_NE(state->classes->find(no), nullptr);
                }
                const auto view = cache_.view(*snapshot, *state, user_, collection_);
                for (const auto& [no, key] : snapshot->classes(ClassNo{0})) {
                    ASSERT_EQ(
                        view->releases(no),
                        agreement::decide(view->terms(), *state->classes, state->markings, no)
                            .releases()
                    );
                }
            }
        });
    }
    for (int i = 0; i < 200; ++i) {
        if (i % 3 == 0) change_directory();
        Facets f = facets_with({marking(i % 2 == 0 ? Tlp::green : Tlp::red)});
        f.producer = std::to_string(i);
        add_class(f);
    }
    stop = true;
    for (std::thread& t : readers)
        t.join();
}

}  // namespace
}  // namespace entente::exchange
