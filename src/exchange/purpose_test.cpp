#include "exchange/purpose.h"

#include "exchange/own_assets.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"
#include "store/scan.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using namespace testing;
using agreement::Action;
using stix::Tlp;
using Way = store::AgreementBinding::Way;

constexpr const char* hunts = R"(,"use":{"permitted_actions":"internally-visible-actions"})";
constexpr const char* blocks =
    R"(,"use":{"permitted_actions":"externally-visible-direct-actions"})";

/// North's sensors read what East gives North, and what North gives South.
class Purpose : public ::testing::Test {
  protected:
    Purpose() {
        h.identify("identity--00000000-0000-4000-8000-00000000000a");
        sensor = h.user("sensor", h.own(), Role::reader);
        h.grant(sensor, c, {});
        publisher = h.user("publisher", h.own());
        h.grant(publisher, c, {.read = true, .write = true});
    }

    Pact& pact(const std::string& with, PartyNo party, const std::string& title) {
        return pacts.emplace_back(
            h, std::map<std::string, PartyNo>{{"north", h.own()}, {with, party}}, title
        );
    }

    Pact& from_east(const std::string& title, const std::string& use) {
        Pact& made = pact("east", east, title);
        made.agree(
            {.flows = {{.fid = "up", .from = R"(["east"])", .to = R"(["north"])"}}, .extra = use}
        );
        made.bind(c, Way::in);
        return made;
    }

    void post(UserNo user, int number) {
        const auto report = h.publish(user, c, {object_json({.number = number})});
        ASSERT_TRUE(report) << report.error().detail;
        ASSERT_TRUE(report->outcomes[0].accepted) << report->outcomes[0].message;
    }

    /// Numbers of what `reader` may use so.
    std::string usable(UserNo reader, Action action) {
        const auto snapshot = store->snapshot();
        const auto state = h.states().get(*snapshot);
        const auto whole = h.states().view(*snapshot, *state, reader, c);
        const agreement::View view = view_for(*whole, *state, action);
        agreement::Gate gate(view, agreement::Form::line);
        (void)store::scan(
            *snapshot,
            view,
            *state->classes,
            {},
            {},
            100,
            [&](const agreement::Sealed& sealed) { return gate.pass(sealed); }
        );
        const agreement::Released lines = std::move(gate).finish({});
        std::string numbers;
        const std::string_view text = lines.for_file();
        for (auto at = text.find("object "); at != text.npos; at = text.find("object ", at + 1))
            numbers += text[at + 7];
        return numbers;
    }

    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    CollectionNo c = h.collection("Shared", Tlp::green);
    PartyNo east = h.party("East", {"identity--00000000-0000-4000-8000-00000000000e"});
    UserNo eve = h.user("eve", east);
    UserNo sensor{};
    UserNo publisher{};
    std::deque<Pact> pacts;
};

TEST_F(Purpose, WhatMayOnlyBeHuntedIsNotThereToBlock) {
    from_east("Hunting", hunts);
    post(eve, 1);
    post(publisher, 2);
    EXPECT_EQ(usable(sensor, Action::look), "12");
    EXPECT_EQ(usable(sensor, Action::hunt), "12");
    EXPECT_EQ(usable(sensor, Action::block), "2");
}

TEST_F(Purpose, WhatMayBeBlockedIsUntilItsAgreementStops) {
    Pact& pact = from_east("Blocking", blocks);
    post(eve, 1);
    EXPECT_EQ(usable(sensor, Action::block), "1");
    pact.suspend("east");
    EXPECT_EQ(usable(sensor, Action::block), "");
    EXPECT_EQ(usable(sensor, Action::hunt), "");
    EXPECT_EQ(usable(sensor, Action::look), "1");
    pact.resume("east");
    EXPECT_EQ(usable(sensor, Action::block), "1");
    h.clock.advance(5'000'000);
    pact.end("east");
    EXPECT_EQ(usable(sensor, Action::block), "");
}

TEST_F(Purpose, AnAmendmentChangesWhatMayBeDoneWithWhatIsThere) {
    Pact& pact = from_east("Terms", hunts);
    post(eve, 1);
    EXPECT_EQ(usable(sensor, Action::block), "");
    pact.agree(
        {.flows = {{.fid = "up", .from = R"(["east"])", .to = R"(["north"])"}}, .extra = blocks}
    );
    EXPECT_EQ(usable(sensor, Action::block), "1");
}

TEST_F(Purpose, OfSeveralAgreementsByWhichItCameOneHasToPermit) {
    from_east("Hunting", hunts);
    from_east("Blocking", blocks);
    post(eve, 1);
    EXPECT_EQ(usable(sensor, Action::block), "1");
}

TEST_F(Purpose, APartnersReaderUsesWhatItGetsAsItsOwnAgreementSays) {
    const PartyNo south = h.party("South");
    const UserNo reader = h.user("reader", south, Role::reader);
    Pact& down = pact("south", south, "Down");
    down.agree({.extra = hunts});
    down.bind(c);
    post(publisher, 1);
    EXPECT_EQ(usable(reader, Action::hunt), "1");
    EXPECT_EQ(usable(reader, Action::block), "");
    Pact& more = pact("south", south, "More");
    more.agree({.flows = {{.max_marking = "clear"}}, .extra = blocks});
    more.bind(c);
    // What the second one gives is marked lower: it does not lift what the first one says.
    EXPECT_EQ(usable(reader, Action::block), "");
    EXPECT_EQ(usable(reader, Action::hunt), "1");
}

TEST_F(Purpose, OwnAssetsAreKeptSortedAndMoveTheGeneration) {
    const std::uint64_t before = store->snapshot()->generation();
    store->write([](store::Transaction& tx) {
        ASSERT_TRUE(put_own_assets(tx, {"example.org", "198.51.100.0/24", "example.org"}));
    });
    const auto snapshot = store->snapshot();
    EXPECT_EQ(own_assets(*snapshot), (std::vector<std::string>{"198.51.100.0/24", "example.org"}));
    EXPECT_GT(snapshot->generation(), before);
    store->write([](store::Transaction& tx) { ASSERT_TRUE(put_own_assets(tx, {})); });
    EXPECT_TRUE(own_assets(*store->snapshot()).empty());
}

}  // namespace
}  // namespace entente::exchange
