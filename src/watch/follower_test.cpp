#include "exchange/own_assets.h"
#include "exchange/stops.h"
#include "exchange/testing/pact.h"
#include "match/event_reader.h"
#include "match/watch.h"
#include "store/memory/memory_store.h"
#include "watch/judge.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace entente::watch {
namespace {

using namespace exchange::testing;
using agreement::Action;
using Way = store::AgreementBinding::Way;

constexpr const char* hunts = R"(,"use":{"permitted_actions":"internally-visible-actions"})";
constexpr const char* blocks =
    R"(,"use":{"permitted_actions":"externally-visible-direct-actions"})";

std::string domain(int number, const std::string& name, int version = 0, std::string more = "") {
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"indicator--{:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:{:02}.000Z","name":"object {}","pattern":"[domain-name:value = '{}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["{}"]{}}})",
        number,
        version,
        number,
        name,
        stix::tlp2_marking_id(stix::Tlp::green),
        more
    );
}

/// A node whose sensors look for what "sensor" may read.
class Following : public ::testing::Test {
  protected:
    Following() {
        h.identify("identity--00000000-0000-4000-8000-00000000000a");
        sensor = h.user("sensor", h.own(), Role::reader);
        grant = h.grant(sensor, c, {});
        publisher = h.user("publisher", h.own());
        h.grant(publisher, c, {.read = true, .write = true});
        set(exchange::WatchSettings{.user = sensor});
        EXPECT_TRUE(follower.look());
    }

    void set(const std::optional<exchange::WatchSettings>& settings) {
        store->write([&](store::Transaction& tx) { exchange::put_watch_settings(tx, settings); });
    }

    void post(const std::vector<std::string>& objects) { post(publisher, objects); }

    void post(UserNo user, const std::vector<std::string>& objects) {
        const auto report = h.publish(user, c, objects);
        ASSERT_TRUE(report) << report.error().detail;
        for (const auto& outcome : report->outcomes)
            ASSERT_TRUE(outcome.accepted) << outcome.message;
    }

    /// What is told when plain values are seen: "number" of each indicator with what may be done.
    std::string told(const std::string& values) {
        const auto live = follower.current();
        if (!live) return "nothing is read";
        match::Watch watch(live->indicators);
        match::EventReader reader(match::Format::plain);
        Judge judge(around, *live);
        std::string out;
        std::uint64_t number = 0;
        const auto take = [&](const match::Event& event) {
            for (const match::Hit& hit : watch.look(event, ++number)) {
                ++found;
                const auto& known = judge.ask(hit.key);
                if (!known) continue;
                out += known->hit.name.substr(7) + agreement::action_text(known->hit.may).front();
            }
        };
        for (std::size_t at = 0; at < values.size();) {
            const std::size_t end = std::min(values.find(' ', at), values.size());
            EXPECT_TRUE(reader.read(std::string_view(values).substr(at, end - at), take));
            at = end + 1;
        }
        return out;
    }

    std::string after_look(const std::string& values) {
        EXPECT_TRUE(follower.look());
        return told(values);
    }

    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    CollectionNo c = h.collection();
    UserNo sensor{};
    UserNo publisher{};
    GrantNo grant{};
    Around around{
        .store = *store,
        .states = h.states(),
        .clock = h.clock,
        .write = [this](const std::function<void(store::Transaction&)>& work) {
            store->write(work);
        }};
    Follower follower{around};
    std::size_t found = 0;  // by the set, told or not
};

TEST_F(Following, WhatIsAddedIsLookedFor) {
    EXPECT_EQ(told("one.example"), "");
    post({domain(1, "one.example"), domain(2, "two.example")});
    EXPECT_EQ(after_look("one.example two.example three.example"), "1b2b");
    post({object_json({.number = 9, .type = "malware"}), domain(3, "three.example")});
    EXPECT_EQ(after_look("one.example two.example three.example"), "1b2b3b");
}

TEST_F(Following, ANewVersionTakesThePlaceOfTheOneBefore) {
    post({domain(1, "one.example")});
    EXPECT_EQ(after_look("one.example"), "1b");
    post({domain(1, "other.example", 1)});
    EXPECT_EQ(told("one.example"), "") << "silent before the set knows";
    EXPECT_EQ(after_look("one.example other.example"), "1b");
    EXPECT_EQ(found, 2U + 1U);
}

TEST_F(Following, WhatIsRevokedIsSilentAtOnce) {
    post({domain(1, "one.example"), domain(2, "two.example")});
    EXPECT_EQ(after_look("one.example two.example"), "1b2b");
    post({domain(1, "one.example", 1, R"(,"revoked":true)")});
    EXPECT_EQ(told("one.example two.example"), "2b");
    found = 0;
    EXPECT_EQ(after_look("one.example two.example"), "2b");
    EXPECT_EQ(found, 1U) << "and it is looked for no more";
}

TEST_F(Following, WhatIsRemovedIsSilentAtOnceAndTheVersionBeforeCounts) {
    post({domain(1, "old.example")});
    post({domain(1, "new.example", 1), domain(2, "two.example")});
    EXPECT_EQ(after_look("old.example new.example two.example"), "1b2b");
    h.clock.advance(micros_per_second);
    store::VersionFilter newest;
    const std::string id = object_id({.number = 1});
    ASSERT_TRUE(h.remove(publisher, c, {.id = id, .version = newest, .spec_versions = {}}));
    EXPECT_EQ(told("new.example two.example"), "2b");
    EXPECT_EQ(after_look("old.example new.example two.example"), "1b2b");
    found = 0;
    ASSERT_TRUE(h.remove(publisher, c, {.id = id, .version = {}, .spec_versions = {}}));
    EXPECT_EQ(after_look("old.example new.example two.example"), "2b");
    EXPECT_EQ(found, 1U);
}

TEST_F(Following, WhatHasRunOutIsSilent) {
    post({domain(1, "one.example", 0, R"(,"valid_until":"2026-01-01T00:01:00Z")")});
    EXPECT_EQ(after_look("one.example"), "1b");
    h.clock.advance(60 * micros_per_second);
    EXPECT_EQ(told("one.example"), "");
}

TEST_F(Following, ARightThatIsTakenAwayLeavesNothing) {
    post({domain(1, "one.example")});
    EXPECT_EQ(after_look("one.example"), "1b");
    h.revoke(grant);
    EXPECT_EQ(told("one.example"), "");
    found = 0;
    EXPECT_EQ(after_look("one.example"), "");
    EXPECT_EQ(found, 0U);
    h.grant(sensor, c, {});
    EXPECT_EQ(after_look("one.example"), "1b");
}

TEST_F(Following, AMarkingAboveTheUsersIsNotLookedFor) {
    h.revoke(grant);
    h.grant(sensor, c, {.ceiling = stix::Tlp::clear});
    post({domain(1, "one.example")});
    EXPECT_EQ(after_look("one.example"), "");
    EXPECT_EQ(found, 0U);
    h.grant(sensor, c, {.ceiling = stix::Tlp::amber});
    EXPECT_EQ(after_look("one.example"), "1b") << "what was there comes late";
}

TEST_F(Following, AnAgreementSaysWhatMayBeDoneAndItsEndSilences) {
    const PartyNo east = h.party("East CERT");
    const UserNo sender = h.user("east-node", east);
    const auto agrees = [&](const std::string& title, const std::string& use) {
        auto pact = std::make_unique<Pact>(
            h, std::map<std::string, PartyNo>{{"north", h.own()}, {"east", east}}, title
        );
        pact->agree(
            {.flows = {{.fid = "up", .from = R"(["east"])", .to = R"(["north"])"}}, .extra = use}
        );
        pact->bind(c, Way::in);
        return pact;
    };
    const auto hunting = agrees("Hunting", hunts);
    post(sender, {domain(1, "one.example")});
    hunting->bind(c, Way::in, false);
    const auto blocking = agrees("Blocking", blocks);
    post(sender, {domain(2, "two.example")});
    post({domain(3, "three.example")});
    const std::string all = "one.example two.example three.example";
    EXPECT_EQ(after_look(all), "1h2b3b");
    blocking->suspend("east");
    EXPECT_EQ(told(all), "1h3b");
    found = 0;
    EXPECT_EQ(after_look(all), "1h3b");
    EXPECT_EQ(found, 2U);
    blocking->resume("east");
    EXPECT_EQ(after_look(all), "1h2b3b");
    hunting->end("east");
    EXPECT_EQ(told(all), "2b3b");
    EXPECT_EQ(after_look(all), "2b3b");
}

TEST_F(Following, AStoppedUserHearsNothing) {
    post({domain(1, "one.example")});
    EXPECT_EQ(after_look("one.example"), "1b");
    store->write([&](store::Transaction& tx) {
        exchange::Stops stops;
        stops.users[sensor] = {};
        ASSERT_TRUE(exchange::put_stops(tx, stops));
    });
    EXPECT_EQ(told("one.example"), "");
}

TEST_F(Following, SettingsSayWhichCollectionsAndWhetherNamesBelow) {
    const CollectionNo other = h.collection("Other");
    h.grant(sensor, other, {});
    h.grant(publisher, other, {.read = true, .write = true});
    post({domain(1, "one.example")});
    const auto report = h.publish(publisher, other, {domain(2, "two.example")});
    ASSERT_TRUE(report && report->outcomes[0].accepted);
    EXPECT_EQ(after_look("one.example two.example www.two.example"), "1b2b");
    const auto before = follower.current()->epoch;
    set(exchange::WatchSettings{.user = sensor, .collections = {other}, .subdomains = true});
    EXPECT_EQ(after_look("one.example two.example www.two.example"), "2b2b");
    EXPECT_GT(follower.current()->epoch, before);
    set(std::nullopt);
    EXPECT_EQ(after_look("two.example"), "nothing is read");
    EXPECT_FALSE(follower.set());
}

TEST_F(Following, WhatCannotBeLookedForIsCounted) {
    post(
        {domain(1, "one.example"),
         object_json({.number = 2, .extra = R"(,"valid_until":"2025-06-01T00:00:00Z")"})}
    );
    store->write([&](store::Transaction& tx) {
        ASSERT_TRUE(exchange::put_own_assets(tx, {"one.example"}));
    });
    EXPECT_EQ(after_look("one.example 198.51.100.1"), "1b");
    const auto live = follower.current();
    EXPECT_EQ(live->refused, 0U) << "what has run out is no failure";
    EXPECT_TRUE(live->lists->of("domain-name:value", "one.example").own);
    EXPECT_TRUE(live->lists->of("domain-name:value", "www.one.example").own);
    EXPECT_FALSE(live->lists->of("domain-name:value", "two.example").own);
    EXPECT_FALSE(live->lists->of("url:value", "not a url").own);
}

TEST(Places, AreKeysAndBack) {
    const Place place{store::CollectionNo{77}, store::Seq{agreement::seq_max}};
    EXPECT_EQ(place_of(key_of(place)), place);
    EXPECT_NE(
        key_of({store::CollectionNo{1}, store::Seq{2}}),
        key_of({store::CollectionNo{2}, store::Seq{1}})
    );
}

}  // namespace
}  // namespace entente::watch
