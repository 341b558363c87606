// What leaves a collection by itself, by a purge, or not at all because of a hold.
#include "base/limits.h"
#include "exchange/ageing.h"
#include "exchange/given.h"
#include "exchange/holds.h"
#include "exchange/purge.h"
#include "exchange/testing/harness.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

using testing::Harness;
using testing::object_id;
using testing::object_json;
using testing::ObjectSpec;
using Ids = std::vector<std::string>;

constexpr std::int64_t day = 24LL * 3600 * micros_per_second;

class Keeping : public ::testing::Test {
  protected:
    void SetUp() override {
        h.identify(own_identity);
        feed = h.collection();
        writer = h.user("writer", h.own());
        reader = h.user("reader", south = h.party("South CERT"), store::Role::reader);
        h.grant(writer, feed, {.write = true});
        h.grant(reader, feed, {.ceiling = stix::Tlp::green});
    }

    void publish(const std::vector<ObjectSpec>& specs) {
        std::vector<std::string> texts;
        for (const ObjectSpec& s : specs)
            texts.push_back(object_json(s));
        const auto report = h.publish(writer, feed, texts);
        ASSERT_TRUE(report);
        for (const Outcome& o : report->outcomes)
            ASSERT_TRUE(o.accepted) << o.message;
    }

    [[nodiscard]] std::string refusal(const ObjectSpec& spec) {
        const auto report = h.publish(writer, feed, {object_json(spec)});
        EXPECT_TRUE(report);
        return report->outcomes.front().accepted ? "" : report->outcomes.front().message;
    }

    void change(const std::function<void(store::Collection&)>& set) {
        h.store().write([&](store::Transaction& tx) {
            store::Collection c = tx.directory().collections.front();
            set(c);
            tx.put(c);
        });
    }

    /// Steps until nothing is left to do; how many entries left.
    std::uint64_t age(std::size_t steps_max = 1'000) {
        std::uint64_t entries = 0;
        for (std::size_t n = 0; n < steps_max; ++n) {
            AgeingStep step;
            h.store().write([&](store::Transaction& tx) {
                step = ageing.step(tx, h.clock, nullptr);
            });
            entries += step.entries;
            if (!step.more) return entries;
        }
        ADD_FAILURE() << "it never ends";
        return entries;
    }

    struct What {
        std::string id{};
        store::PartyNo party{};
        store::CollectionNo collection{};
    };

    /// How many objects the user gets, redacted copies with ids of their own among them.
    [[nodiscard]] std::size_t objects(store::UserNo user) {
        const auto page = h.read_json(user, feed, {});
        const auto* found = page.if_contains("objects");
        return found == nullptr ? 0 : found->as_array().size();
    }

    Result<std::size_t> remove(store::UserNo user, int number) {
        DeleteRequest request;
        request.id = object_id({.number = number});
        return h.remove(user, feed, request);
    }

    store::HoldNo hold(const What& what) {
        store::Hold row;
        row.id = what.id;
        row.party = what.party;
        row.collection = what.collection;
        row.person = "Jane Doe";
        h.store().write([&](store::Transaction& tx) { row.no = tx.put(row); });
        return row.no;
    }

    std::uint64_t end(store::HoldNo no) {
        std::uint64_t gone = 0;
        h.store().write([&](store::Transaction& tx) { gone = *end_hold(tx, no); });
        return gone;
    }

    Purge purge(PurgeQuery what, bool allow_again = false) {
        Purge order({std::move(what), "Jane Doe", "asked to", allow_again});
        for (bool more = true; more;)
            h.store().write([&](store::Transaction& tx) { more = order.step(tx, h.clock, nullptr); }
            );
        return order;
    }

    [[nodiscard]] std::vector<store::Act> acts(std::string_view kind) {
        std::vector<store::Act> found;
        for (store::Act& act : h.store().snapshot()->acts({}, 100'000))
            if (act.kind == kind) found.push_back(std::move(act));
        return found;
    }

    [[nodiscard]] std::vector<store::Kept> kept() { return h.store().snapshot()->kept({}, 1'000); }

    /// An indicator whose description a reader up to TLP:GREEN does not get.
    [[nodiscard]] static ObjectSpec partly_red(int number) {
        ObjectSpec s{.number = number};
        s.extra = R"(,"description":"SECRET","granular_markings":[{"marking_ref":")" +
                  std::string(stix::tlp2_marking_id(stix::Tlp::red)) +
                  R"(","selectors":["description"]}])";
        return s;
    }

    static constexpr const char* own_identity = "identity--11111111-1111-4111-8111-111111111111";
    std::unique_ptr<store::Store> store_ = store::make_memory_store();
    Harness h{*store_};
    Ageing ageing;
    store::CollectionNo feed{};
    store::UserNo writer{};
    store::UserNo reader{};
    store::PartyNo south{};
};

// ---- Ageing

TEST_F(Keeping, WhatIsTooOldLeavesAndNothingElse) {
    publish({{.number = 1}, {.number = 2}});
    h.clock.advance(10 * day);
    publish({{.number = 3}});
    EXPECT_EQ(age(), 0U) << "nothing says how long it keeps";
    change([](store::Collection& c) { c.keep_us = 9 * day; });
    EXPECT_EQ(age(), 2U);
    EXPECT_EQ(h.ids(reader, feed), Ids{"3/0"});
    EXPECT_EQ(acts("aged").size(), 1U);
    h.clock.advance(9 * day);
    EXPECT_EQ(age(), 1U);
    EXPECT_EQ(h.ids(reader, feed), Ids{});
    EXPECT_TRUE(h.store().verify({}).empty());
}

TEST_F(Keeping, AgeingIsDoneInSmallSteps) {
    std::vector<ObjectSpec> many;
    const int count = static_cast<int>(limits::removal_step_entries) + 50;
    for (int n = 0; n < count; ++n)
        many.push_back({.number = n});
    publish(many);
    h.clock.advance(2 * day);
    change([](store::Collection& c) { c.keep_us = day; });
    AgeingStep step;
    h.store().write([&](store::Transaction& tx) { step = ageing.step(tx, h.clock, nullptr); });
    EXPECT_EQ(step.entries, limits::removal_step_entries);
    EXPECT_TRUE(step.more);
    EXPECT_EQ(age(), 50U);
}

TEST_F(Keeping, ACursorGoesOnOverWhatLeft) {
    publish({{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}});
    const auto page = h.read_json(reader, feed, {.limit = 2});
    const std::string next(page.at("next").as_string());
    h.clock.advance(2 * day);
    change([](store::Collection& c) { c.keep_us = day; });
    EXPECT_EQ(age(), 4U);
    publish({{.number = 5}, {.number = 6}});
    EXPECT_EQ(h.ids(reader, feed, {.next = next, .limit = 1}), (Ids{"5/0", "6/0"}));
}

TEST_F(Keeping, ALatestVersionThatLeavesShowsTheOneBefore) {
    publish({{.number = 1, .version = 5}});
    h.clock.advance(2 * day);
    publish({{.number = 1, .version = 3}});  // older, added later
    EXPECT_EQ(h.ids(reader, feed), Ids{"1/5"});
    change([](store::Collection& c) { c.keep_us = day; });
    EXPECT_EQ(age(), 1U);
    EXPECT_EQ(h.ids(reader, feed), Ids{"1/3"});
}

TEST_F(Keeping, RedactedCopiesLeaveWithTheirObject) {
    publish({partly_red(1)});
    ASSERT_EQ(objects(reader), 1U);
    h.clock.advance(2 * day);
    change([](store::Collection& c) { c.keep_us = day; });
    EXPECT_EQ(age(), 2U);
    EXPECT_EQ(objects(reader), 0U);
    EXPECT_EQ(h.store().snapshot()->head(feed).entries, 0U);
}

TEST_F(Keeping, NothingAgesWhileTheClockIsInDoubt) {
    publish({{.number = 1}});
    change([](store::Collection& c) { c.keep_us = day; });
    h.clock.advance(400 * day);
    h.store().write([&](store::Transaction& tx) { doubt_clock(tx, h.clock.now(), "it jumped"); });
    let_age(ageing, h.store(), h.states(), h.writer(), h.clock);
    EXPECT_EQ(h.store().snapshot()->head(feed).entries, 1U);
    h.store().write([&](store::Transaction& tx) {
        ASSERT_TRUE(accept_clock(tx, h.clock.now(), "Jane Doe"));
    });
    let_age(ageing, h.store(), h.states(), h.writer(), h.clock);
    EXPECT_EQ(h.store().snapshot()->head(feed).entries, 0U);
}

/// Whose transactions do all their work, and are then taken back.
class FullDisk final : public Writer {
  public:
    explicit FullDisk(store::Store& store) : store_(store) {}

    void submit(Work work, Done done, std::size_t) override {
        try {
            store_.write([&](store::Transaction& tx) {
                work(tx);
                throw StorageError(StorageError::Kind::full, "the disk is full");
            });
        } catch (const StorageError&) {
            done(std::current_exception());
        }
    }

  private:
    store::Store& store_;
};

TEST_F(Keeping, WhatAFullDiskKeptFromLeavingLeavesLater) {
    publish({{.number = 1}, {.number = 2}});
    h.clock.advance(2 * day);
    change([](store::Collection& c) { c.keep_us = day; });
    FullDisk full(h.store());
    EXPECT_THROW(let_age(ageing, h.store(), h.states(), full, h.clock), StorageError);
    EXPECT_EQ(h.store().snapshot()->head(feed).entries, 2U);
    let_age(ageing, h.store(), h.states(), h.writer(), h.clock);
    EXPECT_EQ(h.store().snapshot()->head(feed).entries, 0U);
}

// ---- Room

TEST_F(Keeping, AFullCollectionRefusesObjectByObject) {
    change([](store::Collection& c) { c.objects_max = 2; });
    publish({{.number = 1}});
    const auto report = h.publish(
        writer,
        feed,
        {object_json({.number = 2}), object_json({.number = 3}), object_json({.number = 1})}
    );
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->outcomes[0].accepted);
    EXPECT_FALSE(report->outcomes[1].accepted);
    EXPECT_NE(report->outcomes[1].message.find("collection is full"), std::string::npos);
    EXPECT_TRUE(report->outcomes[2].accepted) << "it was there: that takes no room";
    EXPECT_EQ(h.ids(reader, feed), (Ids{"1/0", "2/0"}));
}

TEST_F(Keeping, ALimitOfBytesCountsThem) {
    const std::string one = object_json({.number = 1});
    change([&](store::Collection& c) { c.bytes_max = 2 * one.size() + 10; });
    publish({{.number = 1}, {.number = 2}});
    EXPECT_NE(refusal({.number = 3}), "");
    change([&](store::Collection& c) { c.bytes_max = 3 * one.size() + 10; });
    EXPECT_EQ(refusal({.number = 3}), "");
}

TEST_F(Keeping, TheOldestLeaveIfSoSet) {
    change([](store::Collection& c) {
        c.objects_max = 3;
        c.drop_oldest = true;
    });
    publish({{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}, {.number = 5}});
    EXPECT_EQ(age(), 2U);
    EXPECT_EQ(h.ids(reader, feed), (Ids{"3/0", "4/0", "5/0"}));
    EXPECT_EQ(age(), 0U);
}

// ---- Holds

TEST_F(Keeping, WhatIsHeldDoesNotAge) {
    publish({{.number = 1}, {.number = 2}, {.number = 3}});
    h.clock.advance(2 * day);
    const auto no = hold({.id = object_id({.number = 2})});
    change([](store::Collection& c) { c.keep_us = day; });
    EXPECT_EQ(age(), 2U);
    EXPECT_EQ(h.ids(reader, feed), Ids{"2/0"});
    EXPECT_EQ(age(), 0U);
    EXPECT_EQ(end(no), 0U);
    EXPECT_EQ(age(), 1U) << "it leaves when the hold ends";
}

TEST_F(Keeping, ADeleteOfWhatIsHeldLooksLikeOneAndKeepsTheBytes) {
    publish({{.number = 1}, partly_red(2)});
    const auto no = hold({.collection = feed});
    ASSERT_TRUE(remove(writer, 1));
    ASSERT_TRUE(remove(writer, 2));
    EXPECT_TRUE(h.ids(writer, feed).empty());
    EXPECT_TRUE(h.ids(reader, feed).empty());
    EXPECT_EQ(remove(writer, 1).error().code, Errc::not_found);
    const auto held = kept();
    ASSERT_EQ(held.size(), 3U) << "two objects and a copy";
    EXPECT_EQ(held[0].body, object_json({.number = 1}));
    EXPECT_NE(acts("deleted").front().facts.find("kept_by_holds"), std::string::npos);
    EXPECT_EQ(end(no), 3U);
    EXPECT_TRUE(kept().empty());
}

TEST_F(Keeping, AHoldOnASourceHoldsItsObjectsAlone) {
    const auto other = h.user("east", h.party("East CERT"));
    h.grant(other, feed, {.write = true});
    publish({{.number = 1}});
    ASSERT_TRUE(h.publish(other, feed, {object_json({.number = 2})}));
    hold({.party = h.own()});
    ASSERT_TRUE(remove(writer, 1));
    ASSERT_TRUE(remove(other, 2));
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(kept().front().id, object_id({.number = 1}));
}

TEST_F(Keeping, AnEndedHoldLeavesWhatAnotherHolds) {
    publish({{.number = 1}});
    const auto first = hold({.collection = feed});
    const auto second = hold({.id = object_id({.number = 1})});
    ASSERT_TRUE(remove(writer, 1));
    EXPECT_EQ(end(first), 0U);
    EXPECT_EQ(kept().size(), 1U);
    EXPECT_TRUE(hold_in(*h.store().snapshot(), feed));
    EXPECT_EQ(end(second), 1U);
    EXPECT_FALSE(hold_in(*h.store().snapshot(), feed));
}

// ---- Purges

TEST_F(Keeping, APurgeTakesAllVersionsAndCopiesAndKeepsThemOut) {
    publish({partly_red(1), {.number = 2}});
    publish({{.number = 1, .version = 9}});
    EXPECT_GT(objects(reader), 0U);
    const Purge done = purge({.id = object_id({.number = 1})});
    EXPECT_EQ(done.done().versions, 2U);
    EXPECT_EQ(done.done().copies, 1U);
    EXPECT_EQ(done.readers(h.store()), std::set<store::UserNo>{reader});
    EXPECT_EQ(h.ids(writer, feed), Ids{"2/0"});
    EXPECT_EQ(h.store().snapshot()->head(feed).entries, 1U);
    EXPECT_NE(refusal({.number = 1, .version = 20}).find("not taken in again"), std::string::npos);
    EXPECT_EQ(refusal({.number = 3}), "");
    const auto said = acts("purged");
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].facts.find("Jane Doe"), std::string::npos);
    EXPECT_NE(said[0].facts.find("asked to"), std::string::npos);
    EXPECT_EQ(said[0].facts.find("SECRET"), std::string::npos);
    EXPECT_TRUE(h.store().verify({}).empty());
    EXPECT_TRUE(who_has(h.store(), object_id({.number = 1})).known) << "acts still name it";
}

TEST_F(Keeping, APurgeCanAllowThemAgain) {
    publish({{.number = 1}});
    purge({.id = object_id({.number = 1})});
    EXPECT_NE(refusal({.number = 1}), "");
    const Purge lifted = purge({.id = object_id({.number = 1})}, true);
    EXPECT_EQ(lifted.done().versions, 0U);
    EXPECT_EQ(refusal({.number = 1}), "");
}

TEST_F(Keeping, APurgeOfASourceLeavesOthers) {
    const auto east = h.party("East CERT");
    const auto other = h.user("east", east);
    h.grant(other, feed, {.write = true});
    publish({{.number = 1}});
    ASSERT_TRUE(h.publish(other, feed, {object_json({.number = 2}), object_json({.number = 3})}));
    Purge look({{.source = east}, "Jane Doe", "", false});
    EXPECT_EQ(look.look(*h.store().snapshot()).versions, 2U);
    EXPECT_EQ(h.ids(writer, feed).size(), 3U) << "a look changes nothing";
    EXPECT_EQ(purge({.source = east}).done().versions, 2U);
    EXPECT_EQ(h.ids(writer, feed), Ids{"1/0"});
}

TEST_F(Keeping, APurgeByAgeLetsLaterVersionsCome) {
    publish({{.number = 1}});
    h.clock.advance(day);
    const Micros then = h.clock.now();
    publish({{.number = 2}});
    EXPECT_EQ(purge({.before = then}).done().versions, 1U);
    EXPECT_EQ(h.ids(writer, feed), Ids{"2/0"});
    EXPECT_NE(refusal({.number = 1}), "") << "the version that was purged";
    EXPECT_EQ(refusal({.number = 1, .version = 7}), "");
}

TEST_F(Keeping, APurgeTakesWhatWaitsInQuarantine) {
    const auto low = h.user("low", h.own());
    h.grant(low, feed, {.write = true, .ceiling = stix::Tlp::green});
    ASSERT_TRUE(h.publish(low, feed, {object_json({.number = 1, .tlp = stix::Tlp::red})}));
    ASSERT_EQ(h.store().snapshot()->quarantine().size(), 1U);
    EXPECT_EQ(purge({.id = object_id({.number = 1})}).done().quarantined, 1U);
    EXPECT_TRUE(h.store().snapshot()->quarantine().empty());
}

TEST_F(Keeping, APurgeLeavesWhatIsHeld) {
    publish({{.number = 1}, {.number = 2}});
    const auto no = hold({.id = object_id({.number = 1})});
    h.clock.advance(day);
    const Purge done = purge({.before = h.clock.now()});
    EXPECT_EQ(done.done().versions, 1U);
    EXPECT_EQ(done.done().held, 1U);
    EXPECT_EQ(done.done().holds, std::set<store::HoldNo>{no});
    EXPECT_EQ(h.ids(writer, feed), Ids{"1/0"});
    EXPECT_EQ(refusal({.number = 1, .version = 2}), "") << "no tombstone for what stays";
}

TEST_F(Keeping, ALargePurgeTakesItsStepsToTheEnd) {
    std::vector<ObjectSpec> many;
    const int count = 2 * static_cast<int>(limits::removal_step_entries) + 3;
    for (int n = 0; n < count; ++n)
        many.push_back({.number = n});
    publish(many);
    EXPECT_EQ(purge({.source = h.own()}).done().versions, static_cast<std::uint64_t>(count));
    EXPECT_TRUE(h.ids(writer, feed).empty());
}

}  // namespace
}  // namespace entente::exchange
