// The extension that tells a reader what it is allowed of a collection, and nothing of what is
// there.
#include "exchange/testing/pact.h"
#include "taxii/testing/server.h"

#include <gmock/gmock.h>

#include <deque>
#include <map>

namespace entente::taxii {
namespace {

using namespace testing;
using exchange::testing::object_json;
using exchange::testing::Pact;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> texts(const json::value& list) {
    std::vector<std::string> found;
    for (const auto& member : list.as_array())
        found.emplace_back(member.as_string());
    return found;
}

class ServiceAllowed : public ServiceTest {
  protected:
    /// Between this node's party and that of all users but `rw`.
    Pact& in_force(const exchange::testing::PactVersion& version) {
        const auto south = server.h.caller(ro_user).row().party;
        Pact& pact = pacts.emplace_back(
            server.h,
            std::map<std::string, store::PartyNo>{{"north", server.h.own()}, {"south", south}},
            "Indicators"
        );
        pact.agree(version);
        pact.bind(collection);
        return pact;
    }

    Answer ask(const std::string& token) { return server.get(at("allowed/"), token); }

    std::deque<Pact> pacts;
};

TEST_F(ServiceAllowed, TellsTheMarkingsOfBothVersionsOfTlpUpToTheCeiling) {
    server.h.grant(lo_user, collection, {.ceiling = stix::Tlp::green});
    const Answer got = ask(lo);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.header("Content-Type"), "application/json");
    EXPECT_EQ(got.header("Cache-Control"), "no-store");
    const json::object told = got.object();
    EXPECT_EQ(text(told, "collection"), collection_id);
    EXPECT_EQ(text(told, "max_marking"), "TLP:GREEN");
    EXPECT_EQ(text(told, "unmarked_counts_as"), "TLP:AMBER");
    EXPECT_EQ(text(told, "types"), "any");
    EXPECT_THAT(
        texts(told.at("markings")),
        ElementsAre(
            "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
            "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
            "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
            "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
        )
    );
    // Everything of both versions, and each what its level says.
    const json::object all = ask(rw).object();
    EXPECT_EQ(texts(all.at("markings")).size(), 9U);
    for (const std::string& id : texts(all.at("markings")))
        EXPECT_TRUE(stix::tlp_of_marking(id)) << id;
}

TEST_F(ServiceAllowed, TellsWhatEachFlowOfAnAgreementSays) {
    const Pact& pact = in_force(
        {.flows =
             {{.fid = "down",
               .max_marking = "amber",
               .select = R"({"types":["indicator","malware"],"min_confidence":50})",
               .extra = R"(,"min_delay_hours":24,"strip":["contact","credentials"])"},
              {.fid = "other", .max_marking = "green", .select = R"({"types":["tool"]})"}},
         .until = "2027-03-01T00:00:00Z"}
    );
    const json::object told = ask(ro).object();
    EXPECT_EQ(text(told, "max_marking"), "TLP:AMBER");
    EXPECT_THAT(texts(told.at("types")), ElementsAre("indicator", "malware", "tool"));
    ASSERT_EQ(told.at("ways").as_array().size(), 2U);
    const json::object& way = told.at("ways").as_array()[0].as_object();
    EXPECT_EQ(text(way, "agreement"), pact.id());
    EXPECT_EQ(text(way, "flow"), "down");
    EXPECT_EQ(text(way, "max_marking"), "TLP:AMBER");
    EXPECT_THAT(texts(way.at("types")), ElementsAre("indicator", "malware"));
    EXPECT_THAT(texts(way.at("personal_data_removed")), ElementsAre("contact", "credentials"));
    EXPECT_EQ(way.at("min_delay_hours").to_number<int>(), 24);
    EXPECT_EQ(way.at("min_confidence").to_number<int>(), 50);
    EXPECT_EQ(text(way, "until"), "2027-03-01T00:00:00.000000Z");
}

TEST_F(ServiceAllowed, ASuspendedAgreementIsNamedAndGivesNothing) {
    Pact& pact = in_force({});
    pact.suspend("south");
    const json::object told = ask(ro).object();
    EXPECT_THAT(texts(told.at("suspended")), ElementsAre(pact.id()));
    EXPECT_FALSE(told.contains("ways"));
    EXPECT_FALSE(told.contains("markings"));
}

TEST_F(ServiceAllowed, NamesNoAgreementOfOthers) {
    const auto east = server.h.party("East");
    Pact& others = pacts.emplace_back(
        server.h,
        std::map<std::string, store::PartyNo>{{"north", server.h.own()}, {"east", east}},
        "From East"
    );
    others.agree(
        {.flows = {{.from = R"(["east"])", .to = R"(["north"])"}},
         .extra = R"(,"onward":{"allowed":true,"max_marking":"green","to":["public"]})"}
    );
    others.bind(collection, store::AgreementBinding::Way::in);
    in_force({});
    EXPECT_THAT(ask(ro).body, Not(HasSubstr(others.id())));
    EXPECT_THAT(ask(rw).body, Not(HasSubstr(others.id())));
}

TEST_F(ServiceAllowed, WithoutARightItIsWhatAnAbsentCollectionIs) {
    const Answer hidden = ask(nobody);
    const Answer absent =
        server.get("/api/collections/5c9c8a3e-0000-4000-8000-00000000dead/allowed/", nobody);
    EXPECT_EQ(hidden.status, 404);
    EXPECT_EQ(hidden.without_error_id(), absent.without_error_id());
    EXPECT_EQ(hidden.fields, absent.fields);
    EXPECT_EQ(server.send({.target = at("allowed/")}).status, 401);
}

TEST_F(ServiceAllowed, WhoMayOnlyWriteOrListIsToldSo) {
    const json::object told = ask(wo).object();
    EXPECT_FALSE(told.at("can_read").as_bool());
    EXPECT_TRUE(told.at("can_write").as_bool());
    EXPECT_FALSE(told.contains("ways"));
    EXPECT_EQ(ask(lo).status, 200);
}

TEST_F(ServiceAllowed, SaysNothingOfObjects) {
    const std::string before = ask(ro).body;
    ASSERT_EQ(
        post({object_json({.number = 1}), object_json({.number = 2, .tlp = stix::Tlp::red})})
            .status,
        202
    );
    EXPECT_EQ(ask(ro).body, before);
}

TEST_F(ServiceAllowed, TakesNoFiltersAndNoOtherMethod) {
    EXPECT_EQ(server.send({.method = "POST", .target = at("allowed/"), .token = rw}).status, 405);
    EXPECT_EQ(server.remove(at("allowed/"), rw).header("Allow"), "GET, HEAD");
    EXPECT_EQ(
        server.get(at("allowed/?match[type]=indicator"), rw).status,
        server.get(at("?match[type]=indicator"), rw).status
    );
    EXPECT_EQ(
        server.send({.target = at("allowed/"), .token = rw, .headers = {{"Accept", "text/html"}}}
        ).status,
        406
    );
}

}  // namespace
}  // namespace entente::taxii
