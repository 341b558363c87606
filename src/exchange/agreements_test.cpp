// Agreements at work: what is signed decides what a partner's user gets, at the next request.
#include "agreement/card.h"
#include "exchange/quarantine.h"
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;
using Names = std::vector<std::string>;
using Way = store::AgreementBinding::Way;

constexpr std::int64_t hour = 3'600'000'000;

class AgreementsAtWork : public ::testing::Test {
  protected:
    AgreementsAtWork() {
        h.identify("identity--00000000-0000-4000-8000-00000000000a");
        publisher = h.user("publisher", h.own());
        h.grant(publisher, c, {.read = true, .write = true});
        south = h.party("South");
        reader = h.user("reader", south, Role::reader);
    }

    Pact pact(std::string title = "Pact") {
        return {h, {{"north", h.own()}, {"south", south}}, std::move(title)};
    }

    void publish(const std::vector<std::string>& objects) {
        const auto report = h.publish(publisher, c, objects);
        ASSERT_TRUE(report) << report.error().detail;
        for (const Outcome& o : report->outcomes)
            ASSERT_TRUE(o.accepted) << o.message;
    }

    /// What the poller has not had, by `added_after` alone.
    Names poll() {
        ReadRequest request;
        request.filter.added_after = last_;
        request.filter.version.all = true;
        request.version_given = true;
        const auto page = h.read(reader, c, request);
        if (!page) return {"no right"};
        if (page->last_date) last_ = page->last_date;
        Names names;
        const auto json = boost::json::parse(std::string(page->body.for_file())).as_object();
        if (const auto* objects = json.if_contains("objects")) {
            for (const auto& o : objects->as_array())
                names.push_back(Harness::name_of(o.as_object()));
        }
        return names;
    }

    /// The party's card, with the key `name` of this seed.
    ledger::Signer card(PartyNo party, const std::string& name, std::uint8_t number) {
        std::array<std::uint8_t, 32> seed{};
        seed.fill(number);
        ledger::Signer key = ledger::Signer::from_seed(name, seed).value();
        agreement::Card says;
        says.name = name;
        says.identity_keys = {key.verifier()};
        const ledger::Signer* const signers[] = {&key};
        store->write([&](store::Transaction& tx) {
            tx.put(store::Card{
                .party = party,
                .sequence = 1,
                .note = note_bytes(agreement::sign_card(says, signers).value()),
                .at = h.clock.now()});
        });
        return key;
    }

    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    CollectionNo c = h.collection("Shared", Tlp::green);
    UserNo publisher{};
    PartyNo south{};
    UserNo reader{};
    std::optional<Micros> last_;
};

TEST_F(AgreementsAtWork, NothingIsThereForAPartnerUntilAllHaveSigned) {
    publish({object_json({.number = 1})});
    Pact p = pact();
    EXPECT_EQ(poll(), Names{"no right"});
    p.draft({});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"no right"});
    p.sign("north");
    EXPECT_EQ(poll(), Names{"no right"});
    p.sign("south");
    EXPECT_EQ(poll(), Names{"1/0"});
}

TEST_F(AgreementsAtWork, APollerGetsExactlyWhatAnAmendmentAddsAndNothingTwice) {
    publish(
        {object_json({.number = 1, .tlp = Tlp::green}),
         object_json({.number = 2, .tlp = Tlp::amber}),
         object_json({.number = 3, .tlp = Tlp::red}),
         object_json({.number = 4, .tlp = Tlp::green, .type = "malware"})}
    );
    Pact p = pact();
    p.agree({.flows = {{.max_marking = "green", .select = R"({"types":["indicator"]})"}}});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"1/0"});
    h.clock.advance(1'000'000);
    p.agree({.flows = {{.max_marking = "amber", .select = R"({"types":["indicator","malware"]})"}}}
    );
    EXPECT_EQ(poll(), (Names{"2/0", "4/0"}));
    EXPECT_EQ(poll(), Names{});
    h.clock.advance(1'000'000);
    publish({object_json({.number = 5, .tlp = Tlp::amber})});
    EXPECT_EQ(poll(), Names{"5/0"});
}

TEST_F(AgreementsAtWork, ASuspensionStopsAtOnceAndAResumptionSendsNothingTwice) {
    publish({object_json({.number = 1}), object_json({.number = 2})});
    Pact p = pact();
    p.agree({});
    p.bind(c);
    EXPECT_EQ(poll(), (Names{"1/0", "2/0"}));
    publish({object_json({.number = 3})});
    h.clock.advance(1'000'000);
    p.suspend("south");
    EXPECT_EQ(poll(), Names{}) << "a reader that was there finds an empty collection";
    EXPECT_EQ(h.ids(reader, c), Names{});
    h.clock.advance(1'000'000);
    publish({object_json({.number = 4})});
    EXPECT_EQ(poll(), Names{});
    h.clock.advance(1'000'000);
    p.resume("south");
    EXPECT_EQ(poll(), (Names{"3/0", "4/0"}));
    EXPECT_EQ(poll(), Names{});
    EXPECT_EQ(h.ids(reader, c), (Names{"1/0", "2/0", "3/0", "4/0"}));
}

TEST_F(AgreementsAtWork, ItEndsByItsDateWithoutAnybodysDoing) {
    publish({object_json({.number = 1})});
    Pact p = pact();
    p.agree({.flows = {{}}, .from = "2026-01-01T01:00:00Z", .until = "2026-01-01T02:00:00Z"});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"no right"}) << "an hour before it begins";
    h.clock.advance(hour - 1'000'000);
    EXPECT_EQ(poll(), Names{"no right"});
    h.clock.advance(1'000'000);
    EXPECT_EQ(poll(), Names{"1/0"}) << "from is within";
    h.clock.advance(hour - 1);
    publish({object_json({.number = 2})});
    EXPECT_EQ(poll(), Names{"2/0"}) << "a microsecond before its end";
    h.clock.advance(1);
    EXPECT_EQ(poll(), Names{"no right"}) << "until is without";
}

TEST_F(AgreementsAtWork, WhoLeavesGetsNothingMore) {
    publish({object_json({.number = 1})});
    Pact p = pact();
    p.agree({});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"1/0"});
    p.end("north");
    EXPECT_EQ(poll(), Names{"no right"});
}

TEST_F(AgreementsAtWork, GrantsToAPartnerGiveNothingOnceAnAgreementDecides) {
    publish({object_json({.number = 1, .tlp = Tlp::red})});
    h.grant(reader, c, {.read = true, .write = false, .list = true, .ceiling = Tlp::red});
    EXPECT_EQ(poll(), Names{"1/0"});
    Pact p = pact();
    p.agree({});
    EXPECT_EQ(poll(), Names{"no right"}) << "the agreement gives nothing of this collection yet";
    p.bind(c);
    EXPECT_EQ(poll(), Names{}) << "RED is above its ceiling";
}

TEST_F(AgreementsAtWork, RedIsForTheNamedAlone) {
    const UserNo colleague = h.user("colleague", south, Role::reader);
    publish({object_json({.number = 1, .tlp = Tlp::red})});
    Pact p = pact();
    p.agree({.flows = {{.max_marking = "red", .extra = R"(,"named":["reader"])"}}});
    p.bind(c);
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"});
    EXPECT_EQ(h.ids(colleague, c), Names{});
}

TEST_F(AgreementsAtWork, ADelayHoldsBackAndThenSendsOnce) {
    Pact p = pact();
    p.agree({.flows = {{.extra = R"(,"min_delay_hours":2)"}}});
    p.bind(c);
    publish({object_json({.number = 1})});
    h.clock.advance(hour);
    publish({object_json({.number = 2})});
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{});
    h.clock.advance(hour - 1);
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{});
    h.clock.advance(1'000);
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{"1/0"});
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{});
    h.clock.advance(hour);
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{"2/0"});
    p.agree({.flows = {{}}});
    publish({object_json({.number = 3})});
    EXPECT_EQ(poll(), Names{"3/0"});
    p.agree({.flows = {{.extra = R"(,"min_delay_hours":2)"}}});
    EXPECT_EQ(h.ids(reader, c).size(), 3U) << "what was served stays";
    publish({object_json({.number = 4})});
    EXPECT_EQ(poll(), Names{});
    p.agree({.flows = {{}}});
    EXPECT_EQ(poll(), Names{"4/0"});
}

TEST_F(AgreementsAtWork, ASuspensionBehindADelayThatIsOverSendsNothingTwice) {
    Pact p = pact();
    p.agree({.flows = {{.extra = R"(,"min_delay_hours":1)"}}});
    p.bind(c);
    publish({object_json({.number = 1})});
    h.clock.advance(2 * hour);
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{"1/0"});
    p.agree({.flows = {{}}});
    h.clock.advance(hour);
    p.suspend("south");
    h.clock.advance(hour);
    p.resume("south");
    EXPECT_EQ(poll(), Names{}) << "nothing came meanwhile";
    publish({object_json({.number = 2})});
    EXPECT_EQ(poll(), Names{"2/0"});
    EXPECT_EQ(h.ids(reader, c), (Names{"1/0", "2/0"}));
}

TEST_F(AgreementsAtWork, WhatAPartnerMayNotSendGoesToQuarantine) {
    const UserNo writer = h.user("writer", south);
    Pact p = pact();
    p.agree(
        {.flows =
             {{.fid = "in",
               .from = R"(["south"])",
               .to = R"(["north"])",
               .max_marking = "green",
               .select = R"({"types":["indicator"]})"}}}
    );
    EXPECT_EQ(h.publish(writer, c, {object_json({.number = 1})}).error().code, Errc::not_found);
    p.bind(c, Way::in);
    const auto report = h.publish(
        writer,
        c,
        {object_json({.number = 1}),
         object_json({.number = 2, .tlp = Tlp::amber}),
         object_json({.number = 3, .type = "malware"}),
         object_json({.number = 4, .extra = R"(,"description":"write to jo@example.org")"})}
    );
    ASSERT_TRUE(report);
    ASSERT_EQ(report->outcomes.size(), 4U);
    EXPECT_TRUE(report->outcomes[0].accepted);
    EXPECT_NE(report->outcomes[1].message.find("marking above the ceiling"), std::string::npos)
        << report->outcomes[1].message;
    EXPECT_NE(report->outcomes[2].message.find("type not selected"), std::string::npos)
        << report->outcomes[2].message;
    EXPECT_NE(report->outcomes[3].message.find("personal data"), std::string::npos)
        << report->outcomes[3].message;
    EXPECT_EQ(store->snapshot()->quarantine().size(), 3U);
    EXPECT_EQ(h.ids(publisher, c), Names{"1/0"});
}

TEST_F(AgreementsAtWork, WhatCameUnderOneAgreementGoesOnOnlyAsThatOneSays) {
    const PartyNo east = h.party("East");
    const UserNo writer = h.user("east writer", east);
    Pact in(h, {{"north", h.own()}, {"east", east}}, "In");
    const auto version = [](const std::string& onward) {
        return PactVersion{
            .flows = {{.fid = "e", .from = R"(["east"])", .to = R"(["north"])"}}, .extra = onward};
    };
    in.agree(version(""));
    in.bind(c, Way::in);
    Pact out = pact("Out");
    out.agree({});
    out.bind(c);
    ASSERT_TRUE(h.publish(writer, c, {object_json({.number = 1, .tlp = Tlp::green})}));
    publish({object_json({.number = 2, .tlp = Tlp::green})});
    EXPECT_EQ(poll(), Names{"2/0"});
    in.agree(version(
        R"(,"onward":{"allowed":true,"max_marking":"clear","to":["party:South"],"attribution":"may"})"
    ));
    EXPECT_EQ(poll(), Names{}) << "GREEN is above what may go on";
    in.agree(version(
        R"(,"onward":{"allowed":true,"max_marking":"green","to":["party:West"],"attribution":"may"})"
    ));
    EXPECT_EQ(poll(), Names{}) << "to another";
    in.agree(version(
        R"(,"onward":{"allowed":true,"max_marking":"green","to":["party:South"],"attribution":"may"})"
    ));
    EXPECT_EQ(poll(), Names{"1/0"});
    in.end("east");
    publish({object_json({.number = 3, .tlp = Tlp::green})});
    EXPECT_EQ(poll(), Names{"3/0"});
    EXPECT_EQ(h.ids(reader, c), (Names{"2/0", "3/0"})) << "its end ends what went on";
}

TEST_F(AgreementsAtWork, AGrantPassesOnNothingThatAnAgreementDoesNotLetGoOn) {
    const PartyNo east = h.party("East");
    const UserNo writer = h.user("east writer", east);
    const UserNo friendly = h.user("friendly writer", h.party("West"));
    h.grant(friendly, c, {.read = false, .write = true});
    Pact in(h, {{"north", h.own()}, {"east", east}}, "In");
    const auto version = [](const std::string& onward) {
        return PactVersion{
            .flows =
                {{.fid = "e",
                  .from = R"(["east"])",
                  .to = R"(["north"])",
                  .max_marking = "red",
                  .extra = R"(,"named":["publisher"])"}},
            .extra = onward};
    };
    in.agree(version(""));
    in.bind(c, Way::in);
    h.grant(reader, c, {.read = true, .ceiling = Tlp::red});
    ASSERT_TRUE(h.publish(
        writer,
        c,
        {object_json({.number = 1, .tlp = Tlp::green}), object_json({.number = 2, .tlp = Tlp::red})}
    ));
    ASSERT_TRUE(h.publish(friendly, c, {object_json({.number = 3})}));
    publish({object_json({.number = 4})});
    EXPECT_EQ(poll(), (Names{"3/0", "4/0"}))
        << "what came under no agreement goes as the grant says";
    EXPECT_EQ(h.ids(publisher, c), (Names{"1/0", "2/0", "3/0", "4/0"}));
    in.agree(version(
        R"(,"onward":{"allowed":true,"max_marking":"green","to":["party:South"],"attribution":"may","min_delay_hours":1})"
    ));
    EXPECT_EQ(poll(), Names{});
    h.clock.advance(hour + 1'000);
    h.exchange().look_at_agreements();
    EXPECT_EQ(poll(), Names{"1/0"}) << "RED is for whom East names";
    in.end("east");
    EXPECT_EQ(h.ids(reader, c), (Names{"3/0", "4/0"}));
}

TEST_F(AgreementsAtWork, WhatSeveralAgreementsLetInGoesOnAsAnyOfThemSays) {
    const PartyNo east = h.party("East");
    const UserNo writer = h.user("east writer", east);
    const auto version = [](const std::string& onward) {
        return PactVersion{
            .flows = {{.fid = "e", .from = R"(["east"])", .to = R"(["north"])"}}, .extra = onward};
    };
    Pact one(h, {{"north", h.own()}, {"east", east}}, "One");
    Pact two(h, {{"north", h.own()}, {"east", east}}, "Two");
    for (Pact* in : {&one, &two}) {
        in->agree(version(""));
        in->bind(c, Way::in);
    }
    Pact out = pact("Out");
    out.agree({});
    out.bind(c);
    ASSERT_TRUE(h.publish(writer, c, {object_json({.number = 1, .tlp = Tlp::green})}));
    EXPECT_EQ(poll(), Names{}) << "neither lets it go on";
    const std::string onward =
        R"(,"onward":{"allowed":true,"max_marking":"green","to":["party:South"],"attribution":"may"})";
    one.agree(version(onward));
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"});
    one.agree(version(""));
    EXPECT_EQ(h.ids(reader, c), Names{});
    two.agree(version(onward));
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"});
    two.end("east");
    EXPECT_EQ(h.ids(reader, c), Names{}) << "the one that is left does not let it go on";
}

TEST_F(AgreementsAtWork, WhatAnOperatorTakesInGoesOnlyWhereWhatCameUnderTheAgreementDoes) {
    const PartyNo east = h.party("East");
    const UserNo writer = h.user("east writer", east);
    const UserNo friendly = h.user("friend", h.party("West"), Role::reader);
    h.grant(friendly, c, {.read = true, .ceiling = Tlp::red});
    Pact in(h, {{"north", h.own()}, {"east", east}}, "In");
    const auto version = [](const std::string& onward) {
        return PactVersion{
            .flows =
                {{.fid = "e",
                  .from = R"(["east"])",
                  .to = R"(["north"])",
                  .select = R"({"types":["indicator"]})"}},
            .extra = onward};
    };
    in.agree(version(""));
    in.bind(c, Way::in);
    ASSERT_TRUE(h.publish(
        writer,
        c,
        {object_json({.number = 1, .type = "malware"}), object_json({.number = 2, .tlp = Tlp::red})}
    ));
    for (const store::QuarantineItem& item : store->snapshot()->quarantine()) {
        store->write([&](store::Transaction& tx) {
            EXPECT_TRUE(accept_quarantine(tx, h.clock, item.no, publisher));
        });
    }
    EXPECT_EQ(h.ids(publisher, c), Names{"1/0"}) << "TLP:RED is for whom East names, still";
    EXPECT_EQ(h.ids(friendly, c), Names{});
    in.agree(version(
        R"(,"onward":{"allowed":true,"max_marking":"green","to":["party:West"],"attribution":"may"})"
    ));
    EXPECT_EQ(h.ids(friendly, c), Names{"1/0"});
}

TEST_F(AgreementsAtWork, AStrangersDraftMakesNobodyAPartyOfAnAgreement) {
    publish({object_json({.number = 1})});
    const PartyNo evil = h.party("Evil");
    const UserNo thief = h.user("thief", evil, Role::reader);
    const ledger::Signer key = card(evil, "evil.example/entente", 66);
    Pact p = pact();
    p.agree({});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"1/0"});
    store->write([&](store::Transaction& tx) {
        ASSERT_TRUE(map_party(
            tx, h.clock, {.agreement = p.id(), .pid = "south", .party = PartyNo{}}, UserNo{}
        ));
    });
    EXPECT_EQ(poll(), Names{"no right"});
    // A draft that nobody signed, in which South signs with a key that is on Evil's card.
    const agreement::Document& first = p.versions().front();
    auto draft = boost::json::parse(first.canonical).as_object();
    draft["version"] = 2;
    draft["previous"] = to_hex(first.digest);
    draft["parties"].as_array()[1].as_object()["sign_keys"] =
        boost::json::array{ledger::verifier_text(key.verifier())};
    ASSERT_TRUE(p.take(store::AgreementRecord::Kind::document, boost::json::serialize(draft)));
    EXPECT_FALSE(h.read(thief, c));
    const auto snapshot = store->snapshot();
    EXPECT_EQ(h.states().get(*snapshot)->agreements.problems().size(), 1U);
}

TEST_F(AgreementsAtWork, WhoseKeysAVersionReplacesIsThePartyOnlyByItsCard) {
    publish({object_json({.number = 1})});
    Pact p = pact();
    p.agree({.extra = R"(,"change":{"join":"steward","steward":"south"})"});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"1/0"});
    (void)card(h.own(), "north.example/other", 5);
    EXPECT_EQ(h.ids(reader, c), Names{}) << "North's own card does not know the key of 'north'";
}

TEST_F(AgreementsAtWork, WhatOthersSayOfAPartyTakesNothingFromIt) {
    publish({object_json({.number = 1})});
    h.grant(reader, c, {.read = true, .write = false, .list = true});
    const PartyNo east = h.party("East");
    Pact terms(h, {{"east", east}, {"south", south}}, "Terms of East");
    terms.draft(
        {.flows = {{.from = R"(["east"])", .to = R"(["south"])"}}, .extra = R"(,"one_sided":true)"}
    );
    terms.sign("east");
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"});
    Pact pair(h, {{"east", east}, {"south", south}}, "Pair");
    pair.agree({.flows = {{.from = R"(["east"])", .to = R"(["south"])"}}});
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"}) << "this node has no part in it";
    pair.bind(c);
    EXPECT_EQ(h.ids(reader, c), Names{}) << "until an operator takes it on";
}

TEST_F(AgreementsAtWork, OnesOwnTermsDecideForWhomTheyName) {
    publish({object_json({.number = 1}), object_json({.number = 2, .tlp = Tlp::red})});
    h.grant(reader, c, {.read = true, .write = false, .list = true, .ceiling = Tlp::red});
    EXPECT_EQ(poll(), (Names{"1/0", "2/0"}));
    Pact terms = pact("Terms");
    terms.draft({.extra = R"(,"one_sided":true)"});
    terms.sign("north");
    EXPECT_EQ(poll(), Names{"no right"});
    terms.bind(c);
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"});
}

TEST_F(AgreementsAtWork, ACopyIsKeptBackByTheLabelThatWasCutOutOfIt) {
    const std::string labelled = fmt::format(
        R"(,"labels":["internal"],"granular_markings":[{{"marking_ref":"{}","selectors":["labels"]}}])",
        stix::tlp2_marking_id(Tlp::red)
    );
    publish({object_json({.number = 1, .extra = labelled})});
    Pact p = pact();
    p.agree({.flows = {{.select = R"({"exclude_labels":["internal"]})"}}});
    p.bind(c);
    EXPECT_FALSE(h.read_json(reader, c).contains("objects"));
    p.agree({.flows = {{}}});
    EXPECT_EQ(h.read_json(reader, c).at("objects").as_array().size(), 1U) << "a copy without it";
}

TEST_F(AgreementsAtWork, PersonalDataIsCutOutUnlessItIsAgreed) {
    publish({object_json({.number = 1, .extra = R"(,"description":"write to jo@example.org")"})});
    Pact p = pact();
    p.agree({});
    p.bind(c);
    const auto page = h.read_json(reader, c);
    ASSERT_TRUE(page.contains("objects"));
    const auto& object = page.at("objects").as_array().at(0).as_object();
    EXPECT_FALSE(object.contains("description"));
    EXPECT_NE(object.at("id").as_string(), object_id({.number = 1}));
    p.agree({.flows = {{.extra = R"(,"strip":["credentials"])"}}});
    EXPECT_EQ(h.ids(reader, c), Names{"1/0"}) << "as it is, and no copy beside it";
}

TEST_F(AgreementsAtWork, AnObjectThatNamesAWithheldOneIsWithheld) {
    const std::string malware = object_json({.number = 2, .tlp = Tlp::green, .type = "malware"});
    const std::string link = fmt::format(
        R"({{"type":"relationship","spec_version":"2.1","id":"relationship--00000003-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","relationship_type":"indicates","source_ref":"{}","target_ref":"{}","object_marking_refs":["{}"]}})",
        object_id({.number = 1}),
        object_id({.number = 2, .type = "malware"}),
        stix::tlp2_marking_id(Tlp::green)
    );
    publish({object_json({.number = 1}), malware, link});
    Pact p = pact();
    p.agree({.flows = {{.select = R"({"types":["indicator","relationship"]})"}}});
    p.bind(c);
    EXPECT_EQ(poll(), Names{"1/0"}) << "the relationship would tell of the malware";
    p.agree({.flows = {{.select = R"({"types":["indicator","malware","relationship"]})"}}});
    EXPECT_EQ(poll(), (Names{"2/0", "3/0"}));
}

TEST_F(AgreementsAtWork, WhatAMarkingMeansTravelsAlong) {
    const std::string marking = "marking-definition--00000009-0000-4000-8000-000000000000";
    publish(
        {fmt::format(
             R"({{"type":"marking-definition","spec_version":"2.1","id":"{}","created":"2025-01-01T00:00:00.000Z","definition_type":"statement","definition":{{"statement":"Copyright"}}}})",
             marking
         ),
         object_json(
             {.number = 1,
              .tlp = {},
              .extra = fmt::format(R"(,"object_marking_refs":["{}"])", marking)}
         ),
         object_json({.number = 2, .type = "malware"})}
    );
    Pact p = pact();
    p.agree({.flows = {{.select = R"({"types":["indicator"]})"}}});
    p.bind(c);
    EXPECT_EQ(h.read_json(reader, c).at("objects").as_array().size(), 2U);
}

TEST_F(AgreementsAtWork, ARecordOfOneAgreementHasNoOtherJudgedAnew) {
    Pact one = pact("One");
    one.agree({});
    Pact two = pact("Two");
    two.agree({});
    const auto life = [&](const Pact& p) {
        return &h.states().get(*store->snapshot())->agreements.find(p.id())->life;
    };
    const agreement::Life* const first = life(one);
    const agreement::Life* const second = life(two);
    two.suspend("south");
    EXPECT_EQ(life(one), first) << "none of its signatures is checked again";
    EXPECT_NE(life(two), second);
    EXPECT_TRUE(life(two)->problems().empty());
    EXPECT_EQ(
        h.states().get(*store->snapshot())->agreements.point(two.id())->standing.stage,
        agreement::Stage::suspended
    );
}

TEST_F(AgreementsAtWork, EachStepIsAnActOfAChainThatHolds) {
    Pact p = pact();
    p.agree({});
    p.bind(c);
    p.suspend("south");
    const auto snapshot = store->snapshot();
    const auto acts = snapshot->acts_of_agreement(p.id(), store::ActNo{1}, 100);
    std::vector<std::string> kinds;
    for (const store::Act& act : acts)
        kinds.push_back(act.kind);
    EXPECT_EQ(
        kinds,
        (std::vector<std::string>{
            "agreement drafted",
            "agreement party mapped",
            "agreement party mapped",
            "agreement signed",
            "agreement signed by all",
            "agreement bound",
            "agreement statement"})
    );
    EXPECT_TRUE(broken_links(*snapshot, p.id()).empty());
}

}  // namespace
}  // namespace entente::exchange
