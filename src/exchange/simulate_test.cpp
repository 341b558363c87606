// What a simulation says of an agreement is what readers get once it is signed.
#include "exchange/simulate.h"

#include "base/limits.h"
#include "exchange/explain.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <map>
#include <random>
#include <set>

namespace entente::exchange {
namespace {

using namespace testing;
using agreement::Reason;
using stix::Tlp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char identity[] = "identity--11111111-1111-4111-8111-111111111111";

/// A document between "north" and others. `more` stands behind its validity.
std::string document_text(
    const std::string& flows,
    const std::string& more = {},
    const std::vector<std::string>& pids = {"south"}
) {
    std::string parties = fmt::format(
        R"({{"pid":"north","name":"North CERT","sign_keys":["{}"]}})",
        ledger::verifier_text(
            ledger::Signer::from_seed("north.example/entente", sha256("north")).value().verifier()
        )
    );
    for (const std::string& pid : pids) {
        parties += fmt::format(
            R"(,{{"pid":"{}","name":"{}","sign_keys":["{}"]}})",
            pid,
            pid == "south" ? "South" : pid,
            ledger::verifier_text(
                ledger::Signer::from_seed(pid + ".example/entente", sha256(pid)).value().verifier()
            )
        );
    }
    return fmt::format(
        R"({{"schema":"entente-agreement/1","version":1,"title":"Draft","parties":[{}],"flows":[{}],)"
        R"("validity":{{"from":"2030-01-01T00:00:00Z","until":"2031-01-01T00:00:00Z"}}{}}})",
        parties,
        flows,
        more
    );
}

std::string flow(
    const std::string& more = R"(,"max_marking":"amber")", const std::string& to = "south"
) {
    return fmt::format(R"({{"fid":"f1","from":["north"],"to":["{}"]{}}})", to, more);
}

struct World {
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    std::deque<Pact> pacts;
    PartyNo south = h.party("South");
    UserNo publisher = h.user("publisher", h.own());
    UserNo reader = h.user("reader", south);
    CollectionNo c = h.collection();

    World() {
        h.identify(identity);
        h.grant(publisher, c, {.read = true, .write = true});
    }

    void post(const std::vector<ObjectSpec>& specs) {
        std::vector<std::string> objects;
        for (const ObjectSpec& spec : specs)
            objects.push_back(object_json(spec));
        const auto report = h.publish(publisher, c, objects);
        ASSERT_TRUE(report);
        for (const Outcome& outcome : report->outcomes)
            ASSERT_TRUE(outcome.accepted) << outcome.message;
    }

    State state() {
        const auto snapshot = store->snapshot();
        return as_of(load_state(*snapshot), h.clock.now());
    }

    Result<std::vector<SimulatedReader>> simulate(
        const agreement::Document& document,
        const std::string& own = {},
        const std::string& user = {},
        const std::string& pid = {}
    ) {
        const State now = state();
        const store::User* row = user.empty() ? nullptr : now.user(user);
        ENTENTE_TRY(
            Simulation simulation, Simulation::make(now, document, own, {.user = row, .pid = pid})
        );
        const auto snapshot = store->snapshot();
        simulation.look_at(*snapshot, now, c, *now.collection(c));
        return std::move(simulation).finish();
    }

    SimulatedReader one(const std::string& text) {
        const agreement::Document document = agreement::read_document(text).value();
        auto told = simulate(document);
        if (!told) throw std::runtime_error(told.error().detail);
        return told->at(0);
    }
};

class Simulate : public ::testing::Test, protected World {};

TEST_F(Simulate, CountsWhatWouldCrossByTypeAndMarking) {
    post({{.number = 1}, {.number = 2}, {.number = 3, .tlp = Tlp::clear, .type = "malware"}});
    const SimulatedReader told = one(document_text(flow()));
    EXPECT_EQ(told.pid, "south");
    EXPECT_EQ(told.party, "South");
    EXPECT_EQ(told.released, 3U);
    ASSERT_THAT(told.crossing, SizeIs(2));
    EXPECT_EQ(told.crossing[0].type, "indicator");
    EXPECT_EQ(told.crossing[0].count, 2U);
    EXPECT_EQ(told.crossing[0].flow, "f1");
    EXPECT_THAT(
        told.crossing[0].markings, ElementsAre(std::string(stix::tlp2_marking_id(Tlp::green)))
    );
    EXPECT_THAT(
        told.crossing[0].examples, ElementsAre(object_id({.number = 1}), object_id({.number = 2}))
    );
    EXPECT_EQ(told.appears.count, 3U);
    EXPECT_EQ(told.disappears.count, 0U);
}

TEST_F(Simulate, GivesThreeExamplesAtMost) {
    post({{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}, {.number = 5}});
    const SimulatedReader told = one(document_text(flow()));
    EXPECT_EQ(told.crossing.at(0).count, 5U);
    EXPECT_THAT(told.crossing.at(0).examples, SizeIs(3));
}

TEST_F(Simulate, SaysWhatIsWithheldAndWhy) {
    post({{.number = 1, .tlp = Tlp::red}, {.number = 2, .type = "malware"}});
    const SimulatedReader told =
        one(document_text(flow(R"(,"max_marking":"amber","select":{"types":["indicator"]})")));
    EXPECT_EQ(told.released, 0U);
    std::map<std::string, Reason> reasons;
    for (const WithheldGroup& group : told.withheld)
        reasons[group.type] = group.reason;
    EXPECT_EQ(reasons["indicator"], Reason::marking_above_ceiling);
    EXPECT_EQ(reasons["malware"], Reason::type_not_selected);
}

TEST_F(Simulate, CountsCopiesThatWouldBeGivenInstead) {
    post(
        {{.number = 1,
          .extra = fmt::format(
              R"(,"description":"seen at the ministry","granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
              stix::tlp2_marking_id(Tlp::red)
          )}}
    );
    const SimulatedReader told = one(document_text(flow()));
    EXPECT_EQ(told.released, 1U);
    EXPECT_EQ(told.derived, 1U);
    ASSERT_THAT(told.withheld, SizeIs(1));
    EXPECT_EQ(told.withheld[0].derived, 1U);
}

TEST_F(Simulate, SaysWhatGrantsGiveNowAndTheAgreementWouldEnd) {
    h.grant(reader, c, {.ceiling = Tlp::amber});
    const agreement::Document document =
        agreement::read_document(document_text(flow(R"(,"max_marking":"clear")"))).value();
    post({{.number = 1, .tlp = Tlp::amber}, {.number = 2, .tlp = Tlp::clear}});
    const auto told = simulate(document, {}, "reader");
    ASSERT_TRUE(told);
    EXPECT_EQ(told->at(0).released, 1U);
    EXPECT_EQ(told->at(0).appears.count, 0U);
    EXPECT_EQ(told->at(0).disappears.count, 1U);
    EXPECT_THAT(told->at(0).disappears.examples, ElementsAre(object_id({.number = 1})));
}

TEST_F(Simulate, ComparesWithTheVersionInForce) {
    Pact& pact = pacts.emplace_back(
        h, std::map<std::string, PartyNo>{{"north", h.own()}, {"south", south}}, "Indicators"
    );
    pact.agree({.flows = {{.max_marking = "green", .select = R"({"types":["indicator"]})"}}});
    pact.bind(c);
    post({{.number = 1}, {.number = 2, .tlp = Tlp::amber}, {.number = 3, .type = "malware"}});
    const agreement::Document& next = pact.draft(
        {.flows = {{.max_marking = "amber", .select = R"({"types":["malware","indicator"]})"}}}
    );
    const State now = state();
    auto wider = Simulation::make(now, next, {}, {});
    ASSERT_TRUE(wider);
    ASSERT_NE(wider->before(), nullptr);
    EXPECT_EQ(wider->before()->version, 1U);
    EXPECT_THAT(wider->collections(), ElementsAre(c));
    const auto told = simulate(next);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->at(0).released, 3U);
    EXPECT_EQ(told->at(0).appears.count, 2U);
    EXPECT_EQ(told->at(0).disappears.count, 0U);
}

TEST_F(Simulate, ForANamedUserGivesRed) {
    post({{.number = 1, .tlp = Tlp::red}});
    const agreement::Document document =
        agreement::read_document(document_text(flow(R"(,"max_marking":"red","named":["reader"])")))
            .value();
    EXPECT_EQ(simulate(document)->at(0).released, 0U);
    EXPECT_EQ(simulate(document, {}, "reader")->at(0).released, 1U);
}

TEST_F(Simulate, APartyThatIsNotHereYetIsARecipientToo) {
    post({{.number = 1}});
    const agreement::Document document =
        agreement::read_document(document_text(flow({}, "west"), {}, {"west"})).value();
    const auto told = simulate(document);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->at(0).pid, "west");
    EXPECT_EQ(told->at(0).party, "");
    EXPECT_EQ(told->at(0).released, 1U);
}

TEST_F(Simulate, RefusesWhatItCannotTell) {
    const agreement::Document document = agreement::read_document(document_text(flow())).value();
    const auto unknown = simulate(document, "west");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().detail, HasSubstr("no party 'west'"));
    EXPECT_FALSE(simulate(document, {}, {}, "north"));
    EXPECT_FALSE(simulate(document, {}, {}, "west"));
    EXPECT_FALSE(simulate(document, {}, "publisher"));
    store->write([&](store::Transaction& tx) {
        tx.put(store::Party{.no = h.own(), .name = "Other name", .own = true, .identities = {}});
    });
    const auto nobody = simulate(document);
    ASSERT_FALSE(nobody);
    EXPECT_THAT(nobody.error().detail, HasSubstr("--own north|south"));
    EXPECT_TRUE(simulate(document, "north"));
}

TEST_F(Simulate, NothingButWhatComesHereIsRefused) {
    const agreement::Document up =
        agreement::read_document(document_text(R"({"fid":"up","from":["south"],"to":["north"]})"))
            .value();
    const auto told = simulate(up);
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().code, Errc::unprocessable);
}

// ---- Files

class SimulateFiles : public Simulate {
  protected:
    SimulatedReader against(const std::string& text, const std::vector<std::string>& objects) {
        const agreement::Document document = agreement::read_document(text).value();
        const State now = state();
        auto simulation = Simulation::make(now, document, {}, {}).value();
        const store::Collection like = *now.collection(c);
        TrialCollection trial(now, like, h.clock, h.random);
        for (const std::string& object : objects)
            EXPECT_TRUE(trial.add(object));
        EXPECT_TRUE(trial.publish());
        accepted = trial.accepted();
        refused = trial.refused();
        trial.show(simulation, like);
        return std::move(simulation).finish().at(0);
    }

    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

TEST_F(SimulateFiles, AreJudgedAsIfTheyWerePublished) {
    const std::string relationship = object_json(
        {.number = 9,
         .type = "relationship",
         .extra = fmt::format(
             R"(,"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
             object_id({.number = 1}),
             object_id({.number = 2})
         )}
    );
    // The relationship comes first and names one that is withheld.
    const SimulatedReader told = against(
        document_text(flow()),
        {relationship, object_json({.number = 1}), object_json({.number = 2, .tlp = Tlp::red})}
    );
    EXPECT_EQ(accepted, 3U);
    EXPECT_EQ(told.released, 1U);
    std::map<std::string, Reason> reasons;
    for (const WithheldGroup& group : told.withheld)
        reasons[group.type] = group.reason;
    EXPECT_EQ(reasons["indicator"], Reason::marking_above_ceiling);
    EXPECT_EQ(reasons["relationship"], Reason::names_a_withheld_object);
    EXPECT_EQ(told.appears.count, 1U);
    // Nothing was stored.
    EXPECT_THAT(h.ids(publisher, c), IsEmpty());
}

TEST_F(SimulateFiles, WhatNamesOthersIsJudgedAfterThemHoweverManyThereAre) {
    std::vector<std::string> objects{object_json(
        {.number = 9'000,
         .type = "relationship",
         .extra = fmt::format(
             R"(,"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
             object_id({.number = 1}),
             object_id({.number = 2'000})
         )}
    )};
    // More than are published at once.
    for (int n = 1; n <= static_cast<int>(limits::import_batch_objects) + 1; ++n)
        objects.push_back(object_json({.number = n}));
    objects.push_back(object_json({.number = 2'000, .tlp = Tlp::red}));
    const SimulatedReader told = against(document_text(flow()), objects);
    EXPECT_EQ(accepted, objects.size());
    EXPECT_EQ(told.released, objects.size() - 2);
}

TEST_F(SimulateFiles, MakeCopiesAsTheExchangeWould) {
    const SimulatedReader told = against(
        document_text(flow()),
        {object_json(
            {.number = 1,
             .extra = fmt::format(
                 R"(,"description":"seen at the ministry","granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
                 stix::tlp2_marking_id(Tlp::red)
             )}
        )}
    );
    EXPECT_EQ(told.derived, 1U);
}

TEST_F(SimulateFiles, LeaveOutWhatNoCollectionTakes) {
    (void)against(document_text(flow()), {object_json({.number = 1}), "{\"type\":", "[1]", "{}"});
    EXPECT_EQ(accepted, 1U);
    EXPECT_EQ(refused, 3U);
}

TEST_F(SimulateFiles, SayTheSameAsWhatIsStored) {
    std::mt19937 dice(7);
    const auto roll = [&](std::uint32_t sides) {
        return std::uniform_int_distribution<std::uint32_t>(0, sides - 1)(dice);
    };
    constexpr std::array levels{Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red};
    std::vector<ObjectSpec> specs;
    for (int n = 1; n <= 60; ++n) {
        ObjectSpec spec{
            .number = n, .tlp = levels[roll(5)], .type = roll(2) == 0 ? "indicator" : "malware"};
        if (roll(4) == 0)
            spec.extra = R"(,"description":"write to anna.person@example.com about it")";
        specs.push_back(spec);
    }
    post(specs);
    std::vector<std::string> objects;
    for (const ObjectSpec& spec : specs)
        objects.push_back(object_json(spec));
    for (const char* more :
         {R"(,"max_marking":"green")",
          R"(,"max_marking":"red","strip":["credentials"])",
          R"(,"max_marking":"amber","select":{"types":["malware"]})"}) {
        SCOPED_TRACE(more);
        const std::string text = document_text(flow(more));
        const SimulatedReader stored = one(text);
        const SimulatedReader tried = against(text, objects);
        EXPECT_EQ(tried.released, stored.released);
        EXPECT_EQ(tried.derived, stored.derived);
        EXPECT_GT(tried.released, 0U);
        ASSERT_EQ(tried.withheld.size(), stored.withheld.size());
        for (std::size_t i = 0; i < tried.withheld.size(); ++i)
            EXPECT_EQ(tried.withheld[i].count, stored.withheld[i].count);
    }
}

// ---- What is said is what comes.

TEST(SimulateProperty, WhatIsSaidIsServedOnceItIsSigned) {
    constexpr std::array ceilings{"clear", "green", "amber", "amber+strict", "red"};
    constexpr std::array levels{Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red};
    std::uint64_t seen = 0;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        std::mt19937 dice(seed);
        const auto roll = [&](std::size_t sides) {
            return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice);
        };
        World world;
        if (roll(2) == 0) world.h.grant(world.reader, world.c, {.ceiling = levels[roll(5)]});
        for (int n = 1; n <= 25; ++n) {
            ObjectSpec spec{
                .number = n,
                .tlp = levels[roll(5)],
                .type = roll(2) == 0 ? "indicator" : "malware"};
            if (roll(4) == 0)
                spec.extra = R"(,"description":"write to anna.person@example.com about it")";
            world.post({spec});
        }
        Pact& pact = world.pacts.emplace_back(
            world.h,
            std::map<std::string, PartyNo>{{"north", world.h.own()}, {"south", world.south}},
            "Indicators"
        );
        const auto version = [&] {
            PactFlow made{.max_marking = ceilings[roll(5)]};
            if (roll(2) == 0) made.select = R"({"types":["malware"]})";
            if (roll(2) == 0) made.extra = R"(,"strip":["credentials"])";
            if (roll(3) == 0) made.extra += R"(,"named":["reader"])";
            return PactVersion{.flows = {made}};
        };
        const auto served = [&] {
            std::set<std::string> all;
            if (!world.h.read(world.reader, world.c)) return all;  // no right at all
            const auto page = world.h.read_json(world.reader, world.c);
            if (const auto* list = page.if_contains("objects")) {
                for (const auto& o : list->as_array())
                    all.emplace(o.at("id").as_string());
            }
            return all;
        };
        // A first version, then an amendment.
        for (int step = 0; step < 2; ++step) {
            const std::set<std::string> had = served();
            const agreement::Document& draft = pact.draft(version());
            if (step == 0) pact.bind(world.c);
            const auto told = world.simulate(draft, {}, "reader");
            ASSERT_TRUE(told) << told.error().detail;
            pact.sign("north");
            pact.sign("south");
            const SimulatedReader& said = told->at(0);
            const std::set<std::string> has = served();
            std::vector<std::string> came;
            std::vector<std::string> went;
            std::ranges::set_difference(has, had, std::back_inserter(came));
            std::ranges::set_difference(had, has, std::back_inserter(went));
            EXPECT_EQ(said.released, has.size());
            EXPECT_EQ(said.appears.count, came.size());
            EXPECT_EQ(said.disappears.count, went.size());
            seen += said.appears.count + said.disappears.count;
        }
    }
    EXPECT_GT(seen, 100U);
}

}  // namespace
}  // namespace entente::exchange
