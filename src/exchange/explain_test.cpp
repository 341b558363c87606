// What is said of a decision is what readers are served.
#include "exchange/explain.h"

#include "exchange/testing/pact.h"
#include "exchange/withheld.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

namespace entente::exchange {
namespace {

using namespace testing;
using agreement::Reason;
using agreement::Stage;
using stix::Tlp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t hour_us = 3'600'000'000;

struct World {
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    std::deque<Pact> pacts;
    PartyNo south = h.party("South");
    PartyNo east = h.party("East");
    UserNo publisher = h.user("publisher", h.own());
    UserNo reader = h.user("reader", south);
    UserNo eve = h.user("eve", east);
    CollectionNo c = h.collection();

    World() {
        h.identify("identity--11111111-1111-4111-8111-111111111111");
        h.grant(publisher, c, {.read = true, .write = true});
    }

    /// One between this node's party and another, not drafted yet.
    Pact& pact_with(const std::string& pid, const std::string& title = "Indicators") {
        return pacts.emplace_back(
            h,
            std::map<std::string, PartyNo>{
                {"north", h.own()}, {pid, pid == "south" ? south : east}},
            title
        );
    }

    /// Signed by both and giving from the collection.
    Pact& in_force(Pact& pact, const PactVersion& version = {}) {
        pact.agree(version);
        pact.bind(c);
        return pact;
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

    std::vector<ExplainedEntry> ask(
        UserNo user, const ObjectSpec& object, std::optional<Micros> at = std::nullopt
    ) {
        const auto snapshot = store->snapshot();
        const Micros moment = at.value_or(h.clock.now());
        const State state = as_of(load_state(*snapshot), moment);
        return explain_object(
            *snapshot,
            state,
            {.user = *state.user(user),
             .collection = *state.collection(c),
             .object = object_id(object),
             .at = moment,
             .as_served = !at}
        );
    }

    std::vector<Audience> who(const ObjectSpec& object) {
        const auto snapshot = store->snapshot();
        const State state = as_of(load_state(*snapshot), h.clock.now());
        return audience_of(
            *snapshot, state, *state.collection(c), object_id(object), h.clock.now()
        );
    }
};

class Explain : public ::testing::Test, protected World {};

TEST_F(Explain, NamesTheFlowThatReleases) {
    const Pact& pact = in_force(pact_with("south"));
    post({{.number = 1}});
    const auto entries = ask(reader, {.number = 1});
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_TRUE(entries[0].decision.releases());
    EXPECT_EQ(entries[0].decision.way, pact.id() + "/f1");
    EXPECT_EQ(entries[0].reach.access, Access::now);
    EXPECT_EQ(entries[0].source, "North CERT");
    ASSERT_THAT(entries[0].paths, SizeIs(1));
    EXPECT_EQ(entries[0].paths[0].what, Path::What::asked);
    EXPECT_EQ(entries[0].paths[0].title, "Indicators");
    EXPECT_EQ(entries[0].paths[0].stage, Stage::in_force);
}

TEST_F(Explain, TellsTheMarkingThatWithholds) {
    in_force(pact_with("south"));
    post({{.number = 1, .tlp = Tlp::red}});
    const auto entries = ask(reader, {.number = 1});
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_EQ(entries[0].decision.reason, Reason::marking_above_ceiling);
    EXPECT_EQ(entries[0].decision.marking, stix::tlp2_marking_id(Tlp::red));
    EXPECT_EQ(entries[0].reach.access, Access::withheld);
}

TEST_F(Explain, OfEachAgreementTellsTheFlowThatCameFurthest) {
    in_force(
        pact_with("south", "Two flows"),
        {.flows =
             {{.fid = "a", .select = R"({"types":["malware"]})"},
              {.fid = "b", .max_marking = "clear"}}}
    );
    in_force(pact_with("south", "Plain"));
    post({{.number = 1}});
    const auto entries = ask(reader, {.number = 1});
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_TRUE(entries[0].decision.releases());
    std::map<std::string, Path> by_title;
    for (const Path& path : entries[0].paths)
        by_title[path.title] = path;
    ASSERT_THAT(by_title, SizeIs(2));
    EXPECT_EQ(by_title["Two flows"].decision.reason, Reason::marking_above_ceiling);
    EXPECT_TRUE(by_title["Two flows"].decision.way.ends_with("/b"));
    EXPECT_TRUE(by_title["Plain"].decision.releases());
}

TEST_F(Explain, SaysWhyAnAgreementWasNotAsked) {
    Pact& elsewhere = pact_with("south", "Elsewhere");
    elsewhere.agree({});
    elsewhere.bind(h.collection("Other"));
    Pact& half = pact_with("south", "Half");
    half.draft({});
    half.sign("north");
    half.bind(c);
    in_force(
        pact_with("south", "Upwards"),
        {.flows = {{.fid = "up", .from = R"(["south"])", .to = R"(["north"])"}}}
    );
    in_force(pact_with("south", "Stopped")).suspend("south");
    post({{.number = 1}});
    const auto entries = ask(reader, {.number = 1});
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_EQ(entries[0].decision.reason, Reason::agreement_suspended);
    std::map<std::string, Path> by_title;
    for (const Path& path : entries[0].paths)
        by_title[path.title] = path;
    EXPECT_EQ(by_title["Elsewhere"].what, Path::What::not_bound);
    EXPECT_EQ(by_title["Half"].what, Path::What::not_in_force);
    EXPECT_EQ(by_title["Half"].stage, Stage::proposed);
    EXPECT_THAT(by_title["Half"].missing, ElementsAre("south"));
    EXPECT_EQ(by_title["Upwards"].what, Path::What::gives_nothing);
    EXPECT_EQ(by_title["Stopped"].what, Path::What::asked);
    EXPECT_EQ(by_title["Stopped"].decision.reason, Reason::agreement_suspended);
    EXPECT_THAT(by_title["Stopped"].suspended_by, ElementsAre("south"));
}

TEST_F(Explain, AtATimeAgreementsAreAsTheyStoodThen) {
    post({{.number = 1}});
    h.clock.advance(hour_us);
    const Micros before = h.clock.now();
    h.clock.advance(hour_us);
    Pact& pact = in_force(pact_with("south"), {.until = "2026-01-02T00:00:00Z"});
    const Micros during = h.clock.now();
    h.clock.advance(hour_us);
    pact.suspend("north");
    EXPECT_EQ(ask(reader, {.number = 1}, before)[0].decision.reason, Reason::no_read_right);
    EXPECT_THAT(ask(reader, {.number = 1}, before)[0].paths, IsEmpty());
    EXPECT_EQ(ask(reader, {.number = 1}, during)[0].decision.reason, Reason::released);
    EXPECT_EQ(ask(reader, {.number = 1})[0].decision.reason, Reason::agreement_suspended);
    // A time to come is told by what is known now.
    const auto later = ask(reader, {.number = 1}, h.clock.now() + 30 * micros_per_day);
    EXPECT_EQ(later[0].decision.reason, Reason::no_read_right);
    EXPECT_EQ(later[0].paths[0].stage, Stage::expired);
}

TEST_F(Explain, OfADelaySaysFromWhenAndOfWhatWasServedThatItIs) {
    in_force(pact_with("south"), {.flows = {{.extra = R"(,"min_delay_hours":24)"}}});
    post({{.number = 1}});
    const auto entries = ask(reader, {.number = 1});
    EXPECT_TRUE(entries[0].decision.releases());
    EXPECT_EQ(entries[0].reach.access, Access::later);
    EXPECT_EQ(entries[0].reach.from, entries[0].reach.stored + 24 * hour_us);
    EXPECT_THAT(h.ids(reader, c), IsEmpty());
    EXPECT_EQ(ask(reader, {.number = 1}, *entries[0].reach.from)[0].reach.access, Access::now);
    h.clock.set(*entries[0].reach.from);
    h.exchange().look_at_agreements();
    EXPECT_EQ(ask(reader, {.number = 1})[0].reach.access, Access::now);
    EXPECT_THAT(h.ids(reader, c), SizeIs(1));
}

TEST_F(Explain, WhatWasServedBeforeADelayStays) {
    Pact& pact = in_force(pact_with("south"));
    post({{.number = 1}});
    ASSERT_THAT(h.ids(reader, c), SizeIs(1));
    pact.agree({.flows = {{.extra = R"(,"min_delay_hours":24)"}}});
    post({{.number = 2}});
    const auto before = ask(reader, {.number = 1});
    EXPECT_EQ(before[0].reach.access, Access::now);
    EXPECT_TRUE(before[0].reach.before_delay);
    EXPECT_EQ(ask(reader, {.number = 2})[0].reach.access, Access::later);
    EXPECT_THAT(h.ids(reader, c), ElementsAre("1/0"));
    // Of another time nothing was served.
    EXPECT_EQ(ask(reader, {.number = 1}, h.clock.now())[0].reach.access, Access::later);
    const auto snapshot = store->snapshot();
    const State state = load_state(*snapshot);
    const ReleaseReport report = report_release(
        *snapshot, state, *state.user(reader), *state.collection(c), {h.clock.now()}
    );
    EXPECT_EQ(report.released, 2U);
    EXPECT_EQ(report.later, 1U);
}

TEST_F(Explain, TellsWhatCameUnderAnotherAgreementAndItsOnwardRule) {
    Pact& up = pact_with("east", "From East");
    up.agree(
        {.flows = {{.fid = "up", .from = R"(["east"])", .to = R"(["north"])"}},
         .extra = R"(,"onward":{"allowed":true,"max_marking":"green","to":["community:all"],)"
                  R"("attribution":"may"})"}
    );
    up.bind(c, store::AgreementBinding::Way::in);
    in_force(pact_with("south"));
    const auto report = h.publish(
        eve, c, {object_json({.number = 1}), object_json({.number = 2, .tlp = Tlp::amber})}
    );
    ASSERT_TRUE(report);
    ASSERT_EQ(report->accepted(), 2U) << report->outcomes[0].message;
    const auto green = ask(reader, {.number = 1});
    ASSERT_EQ(green[0].arrivals.size(), 1U);
    EXPECT_EQ(green[0].arrivals[0].title, "From East");
    EXPECT_TRUE(green[0].arrivals[0].onward.allowed);
    EXPECT_EQ(green[0].arrivals[0].onward.max_marking, Tlp::green);
    EXPECT_TRUE(green[0].decision.releases());
    EXPECT_EQ(ask(reader, {.number = 2})[0].decision.reason, Reason::marking_above_ceiling);
}

TEST_F(Explain, TellsOfCopiesWhatWasHidden) {
    in_force(pact_with("south"));
    post(
        {{.number = 1,
          .extra = fmt::format(
              R"(,"description":"seen at the ministry","granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
              stix::tlp2_marking_id(Tlp::red)
          )}}
    );
    const auto entries = ask(reader, {.number = 1});
    ASSERT_THAT(entries, SizeIs(2));
    EXPECT_FALSE(entries[0].derived);
    EXPECT_EQ(entries[0].decision.reason, Reason::granular_marking_above_ceiling);
    EXPECT_TRUE(entries[1].derived);
    EXPECT_TRUE(entries[1].decision.releases());
    EXPECT_THAT(entries[1].hidden, ElementsAre(std::string(stix::tlp2_marking_id(Tlp::red))));
}

TEST_F(Explain, SaysWhyToAUserWhoseGrantsNoLongerCount) {
    h.grant(reader, c, {});
    post({{.number = 1}});
    EXPECT_EQ(ask(reader, {.number = 1})[0].decision.way, "grant");
    Pact& pact = pact_with("south");
    pact.agree({});
    pact.bind(h.collection("Other"));
    const auto entries = ask(reader, {.number = 1});
    EXPECT_EQ(entries[0].decision.reason, Reason::no_read_right);
    ASSERT_THAT(entries[0].paths, SizeIs(1));
    EXPECT_EQ(entries[0].paths[0].what, Path::What::not_bound);
}

TEST_F(Explain, OfAnObjectThatIsNotThereSaysNothing) {
    EXPECT_THAT(ask(reader, {.number = 7}), IsEmpty());
    EXPECT_THAT(who({.number = 7}), IsEmpty());
    const auto snapshot = store->snapshot();
    EXPECT_THAT(collections_with(*snapshot, load_state(*snapshot), "no id at all"), IsEmpty());
}

TEST_F(Explain, AudienceIsEveryoneWhoGetsItNowOrLater) {
    in_force(pact_with("south"));
    in_force(
        pact_with("east"),
        {.flows = {{.fid = "late", .to = R"(["east"])", .extra = R"(,"min_delay_hours":2)"}}}
    );
    h.user("auditor", h.own(), Role::auditor);
    h.user("stranger", h.party("West"));
    post({{.number = 1}, {.number = 2, .tlp = Tlp::red}});
    const auto found = who({.number = 1});
    ASSERT_THAT(found, SizeIs(1));
    std::vector<std::string> rows;
    for (const Member& m : found[0].members)
        rows.push_back(fmt::format(
            "{}/{}/{}", m.party, m.name, m.reach.access == Access::now ? "now" : "later"
        ));
    EXPECT_THAT(
        rows, ElementsAre("East/eve/later", "North CERT/publisher/now", "South/reader/now")
    );
    const auto red = who({.number = 2});
    ASSERT_THAT(red[0].members, SizeIs(1));
    EXPECT_EQ(red[0].members[0].name, "publisher");
}

TEST_F(Explain, TheReportOfACollectionNamesTheWays) {
    const Pact& pact = in_force(pact_with("south"));
    post({{.number = 1}, {.number = 2}, {.number = 3, .tlp = Tlp::red}});
    const auto snapshot = store->snapshot();
    const State state = load_state(*snapshot);
    const ReleaseReport report = report_release(
        *snapshot, state, *state.user(reader), *state.collection(c), {h.clock.now()}
    );
    ASSERT_THAT(report.ways, SizeIs(1));
    EXPECT_EQ(report.ways[0].way, pact.id() + "/f1");
    EXPECT_EQ(report.ways[0].count, 2U);
    ASSERT_THAT(report.withheld, SizeIs(1));
    EXPECT_EQ(report.withheld[0].way, pact.id() + "/f1");
    EXPECT_EQ(
        clause_text(state, {.marking = {}, .way = pact.id() + "/f1", .agreement = pact.id()}),
        "Indicators, flow f1"
    );
}

// ---- What is said is what is served: random agreements, objects, readers and moments.

struct Play : World {
    std::mt19937 dice;

    std::uint32_t roll(std::uint32_t sides) {
        return std::uniform_int_distribution<std::uint32_t>(0, sides - 1)(dice);
    }

    template <class T>
    T one_of(std::initializer_list<T> values) {
        return *(values.begin() + roll(static_cast<std::uint32_t>(values.size())));
    }

    PactFlow random_flow(int number, const std::string& to) {
        PactFlow flow{
            .fid = fmt::format("f{}", number),
            .to = fmt::format(R"(["{}"])", to),
            .max_marking = one_of<const char*>({"clear", "green", "amber", "amber+strict", "red"})};
        if (roll(3) == 0) flow.select = R"({"types":["malware"]})";
        if (roll(3) == 0) flow.extra += fmt::format(R"(,"min_delay_hours":{})", 1 + roll(30));
        if (roll(4) == 0) flow.extra += R"(,"named":["reader"])";
        if (roll(3) == 0) flow.extra += R"(,"strip":["credentials"])";
        return flow;
    }

    PactVersion random_version(const std::string& other) {
        PactVersion version{
            .flows = {random_flow(1, other)},
            .until = one_of<const char*>({"2026-01-02T00:00:00Z", "2030-01-01T00:00:00Z"})};
        if (roll(2) == 0) version.flows.push_back(random_flow(2, other));
        return version;
    }

    void random_agreement() {
        const std::string other = one_of<const char*>({"south", "east"});
        Pact& pact = pact_with(other, fmt::format("Pact {}", roll(1'000'000)));
        pact.draft(random_version(other));
        pact.sign("north");
        if (roll(5) != 0) {
            pact.sign(other);
            running.push_back({&pact, other});
        }
        if (roll(5) != 0) pact.bind(c);
    }

    /// Suspends, resumes or amends one that was signed by all.
    void random_turn() {
        if (running.empty()) return;
        auto& [pact, other, suspended] = running[roll(static_cast<std::uint32_t>(running.size()))];
        if (roll(2) == 0) {
            pact->agree(random_version(other));
        } else if (suspended) {
            pact->resume("north");
            suspended = false;
        } else {
            pact->suspend("north");
            suspended = true;
        }
    }

    ObjectSpec random_object() {
        ObjectSpec spec{.number = ++objects};
        if (objects > 3 && roll(4) == 0) {  // a further version
            spec = known[roll(static_cast<std::uint32_t>(known.size()))];
            spec.version += 1 + static_cast<int>(roll(1000));
        } else {
            spec.type = one_of<const char*>({"indicator", "malware"});
        }
        spec.tlp = one_of<std::optional<Tlp>>(
            {std::nullopt, Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red}
        );
        spec.extra.clear();
        if (roll(4) == 0) {
            spec.extra = fmt::format(
                R"(,"description":"seen at the ministry","granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
                stix::tlp2_marking_id(one_of({Tlp::green, Tlp::amber, Tlp::red}))
            );
        } else if (roll(4) == 0) {
            spec.extra = R"(,"description":"write to anna.person@example.com about it")";
        }
        known.push_back(spec);
        return spec;
    }

    /// id and version of everything that a reader is served, whatever the version.
    std::set<std::string> served(UserNo user) {
        std::set<std::string> found;
        ReadRequest request;
        request.filter.version = {.all = true, .first = false, .last = false, .keys = {}};
        request.filter.spec_versions = {"2.0", "2.1"};
        for (;;) {
            const auto page = h.read(user, c, request);
            if (!page) return found;  // no right at all
            const auto body = boost::json::parse(std::string(page->body.for_file())).as_object();
            if (const auto* list = body.if_contains("objects")) {
                for (const auto& o : list->as_array())
                    found.insert(fmt::format(
                        "{} {}",
                        std::string_view(o.at("id").as_string()),
                        std::string_view(o.at("modified").as_string())
                    ));
            }
            if (!body.at("more").as_bool()) return found;
            request.next = std::string(body.at("next").as_string());
        }
    }

    std::set<std::string> said(UserNo user) {
        std::set<std::string> found;
        std::set<std::string> ids;
        for (const ObjectSpec& spec : known)
            ids.insert(object_id(spec));
        const auto snapshot = store->snapshot();
        const State state = as_of(load_state(*snapshot), h.clock.now());
        for (const std::string& id : ids) {
            for (const ExplainedEntry& entry : explain_object(
                     *snapshot,
                     state,
                     {.user = *state.user(user),
                     .collection = *state.collection(c),
                     .object = id,
                     .at = h.clock.now(),
                     .as_served = true}
                 )) {
                if (entry.reach.access == Access::now) found.insert(entry.id + " " + entry.version);
            }
        }
        return found;
    }

    struct Running {
        Pact* pact = nullptr;
        std::string other;
        bool suspended = false;
    };

    std::vector<Running> running;  // signed by all
    std::vector<ObjectSpec> known;
    int objects = 0;
};

TEST(ExplainProperty, WhatIsSaidIsWhatIsServed) {
    std::size_t compared = 0;
    std::size_t not_yet = 0;
    for (std::uint32_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Play round;
        round.dice.seed(seed);
        if (round.roll(2) == 0) round.h.grant(round.reader, round.c, {.ceiling = Tlp::green});
        for (int step = 0; step < 25; ++step) {
            switch (round.roll(6)) {
                case 0:
                    if (round.pacts.size() < 4) round.random_agreement();
                    break;
                case 1:
                    round.random_turn();
                    break;
                case 2:
                    round.h.clock.advance(round.roll(12) * hour_us);
                    round.h.exchange().look_at_agreements();
                    break;
                default:
                    (void)round.h.publish(
                        round.publisher, round.c, {object_json(round.random_object())}
                    );
                    break;
            }
            round.h.exchange().look_at_agreements();
            std::map<std::string, std::set<std::string>> by_user;
            for (const UserNo user : {round.publisher, round.reader, round.eve}) {
                const auto really = round.served(user);
                ASSERT_EQ(round.said(user), really) << "step " << step;
                compared += really.size();
                by_user[std::to_string(agreement::raw(user))] = really;
            }
            // The audience of an object says the same the other way round.
            if (round.known.empty()) continue;
            const ObjectSpec& asked =
                round.known[round.roll(static_cast<std::uint32_t>(round.known.size()))];
            for (const Audience& entry : round.who(asked)) {
                std::set<std::string> told;
                for (const Member& m : entry.members) {
                    if (m.reach.access == Access::now)
                        told.insert(std::to_string(agreement::raw(m.user)));
                    not_yet += m.reach.access == Access::later ? 1 : 0;
                }
                std::set<std::string> really;
                for (const auto& [user, got] : by_user) {
                    if (got.contains(entry.id + " " + entry.version)) really.insert(user);
                }
                ASSERT_EQ(told, really) << entry.id << " step " << step;
            }
        }
    }
    // The play is worth something: much was served, and delays held some back.
    EXPECT_GT(compared, 2'000U);
    EXPECT_GT(not_yet, 0U);
}

}  // namespace
}  // namespace entente::exchange
