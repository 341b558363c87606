#pragma once
// For tests: North's sensors see what East's indicators, shared under an agreement, look for; what
// North gives by the same agreement goes out of "Given".
#include "exchange/hits.h"
#include "exchange/sightings.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace entente::exchange::testing {

class Seen : public ::testing::Test {
  protected:
    static constexpr std::int64_t hour = 3'600'000'000;

    Seen() {
        h.identify("identity--00000000-0000-4000-8000-00000000000a");
        pact.agree(version());
        pact.bind(in, store::AgreementBinding::Way::in);
        pact.bind(out, store::AgreementBinding::Way::out);
    }

    static PactVersion version(
        const std::string& select = R"({"types":["sighting"]})",
        const std::string& max_marking = "amber"
    ) {
        return {
            .flows = {
                {.fid = "up", .from = R"(["east"])", .to = R"(["north"])"},
                {.fid = "down",
                 .from = R"(["north"])",
                 .to = R"(["east"])",
                 .max_marking = max_marking,
                 .select = select}}};
    }

    /// Publishes an indicator of that number.
    void share(int number, ObjectSpec spec = {}) { share_as(eve, in, number, std::move(spec)); }

    void share_as(UserNo user, CollectionNo where, int number, ObjectSpec spec = {}) {
        spec.number = number;
        const auto report = h.publish(user, where, {object_json(spec)});
        ASSERT_TRUE(report) << report.error().detail;
        ASSERT_TRUE(report->outcomes[0].accepted) << report->outcomes[0].message;
    }

    static std::string id(int number) { return object_id({.number = number}); }

    struct What {
        std::int64_t ago_us = 0;
        bool own = false;
        std::string warned{};
        std::string stopped{};
        std::string event{};
        std::string value = "198.51.100.1";
        CollectionNo where{};
    };

    RecordedHits hit(int number, std::uint64_t times, const What& what) {
        const CollectionNo where = what.where == CollectionNo{} ? in : what.where;
        const auto versions = h.store().snapshot()->versions(where, id(number));
        const std::string indicator = id(number);
        SeenHit one{
            .collection = where,
            .seq = versions.empty() ? store::Seq{999} : versions.back().seq,
            .indicator = indicator,
            .path = "ipv4-addr:value",
            .value = what.value,
            .at = h.clock.now() + -what.ago_us,
            .event = what.event,
            .own = what.own,
            .warned = what.warned,
            .stopped = what.stopped};
        const std::vector<SeenHit> hits(times, one);
        const auto state = h.states().get(*h.store().snapshot());
        RecordedHits done;
        h.store().write([&](store::Transaction& tx) {
            done = record_hits(tx, h.clock, state, hits);
        });
        return done;
    }

    RecordedHits hit(int number) { return hit(number, 1, What{}); }

    std::vector<store::Sighting> rows() { return h.store().snapshot()->sightings({}, 1'000); }

    store::Sighting only() {
        const auto all = rows();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? store::Sighting{} : all.front();
    }

    Result<void> review(std::vector<store::SightingNo> numbers, Review what) {
        Result<void> done;
        h.store().write([&](store::Transaction& tx) {
            done = review_sightings(
                tx, h.clock.now(), {.user = {}, .person = "A. Person"}, numbers, what
            );
        });
        return done;
    }

    void approve_all() {
        std::vector<store::SightingNo> numbers;
        for (const store::Sighting& row : rows()) {
            if (row.state == store::Sighting::State::waiting) numbers.push_back(row.no);
        }
        const auto done = review(numbers, Review::approve);
        ASSERT_TRUE(done) << done.error().detail;
    }

    SentSightings send(Again again = Again::all) {
        SentSightings done;
        h.store().write([&](store::Transaction& tx) {
            done = send_sightings(tx, h.clock, nullptr, again);
        });
        return done;
    }

    void set(Report report, std::uint64_t budget = limits::sightings_day_default) {
        h.store().write([&](store::Transaction& tx) {
            const auto done =
                set_report(tx, h.clock, pact.id(), {.report = report, .budget = budget}, UserNo{});
            ASSERT_TRUE(done) << done.error().detail;
        });
    }

    /// As an act, by its kind, as often as it was recorded.
    std::size_t acts(const std::string& kind) {
        std::size_t count = 0;
        for (const store::Act& act : h.store().snapshot()->acts({}, 10'000))
            count += act.kind == kind ? 1 : 0;
        return count;
    }

    void set_peer(PartyNo party) {
        h.store().write([&](store::Transaction& tx) {
            tx.put(store::Peer{
                .party = party, .url = "https://x.example/", .settings = "{}", .secret = ""});
        });
    }

    /// What East gets of what North gives.
    std::vector<boost::json::object> given(UserNo to) {
        std::vector<boost::json::object> objects;
        const auto page = h.read_json(to, out, {});
        if (const auto* list = page.if_contains("objects")) {
            for (const auto& one : list->as_array())
                objects.push_back(one.as_object());
        }
        return objects;
    }

    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    CollectionNo in = h.collection("Shared", stix::Tlp::green);
    CollectionNo out = h.collection("Given", stix::Tlp::green);
    PartyNo east = h.party("East", {"identity--00000000-0000-4000-8000-00000000000e"});
    UserNo eve = h.user("eve", east);
    Pact pact{h, {{"north", h.own()}, {"east", east}}, "Two"};
};

}  // namespace entente::exchange::testing
