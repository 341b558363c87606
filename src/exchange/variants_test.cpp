// Redaction at the server: what readers get of objects whose parts are above their ceiling.
#include "exchange/exchange.h"
#include "exchange/testing/harness.h"
#include "exchange/withheld.h"
#include "store/memory/memory_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
namespace json = boost::json;

constexpr const char* secret = "seen at the ministry";

std::string granular(Tlp level, const std::string& selector) {
    return fmt::format(
        R"({{"marking_ref":"{}","selectors":["{}"]}})", stix::tlp2_marking_id(level), selector
    );
}

/// An indicator whose description is above GREEN.
ObjectSpec partly_red(int number, int version = 0) {
    return {
        .number = number,
        .version = version,
        .tlp = Tlp::green,
        .extra = fmt::format(
            R"(,"description":"{}","granular_markings":[{}])",
            secret,
            granular(Tlp::red, "description")
        )};
}

ObjectSpec relationship(int number, const std::string& source, const std::string& target) {
    return {
        .number = number,
        .tlp = Tlp::green,
        .type = "relationship",
        .extra = fmt::format(
            R"(,"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
            source,
            target
        )};
}

class Variants : public ::testing::Test {
  protected:
    std::unique_ptr<store::Store> store = store::make_memory_store();
    Harness h{*store};
    PartyNo south = h.party("South");
    UserNo publisher = h.user("publisher", h.own());
    UserNo reader = h.user("reader", south);
    CollectionNo c = h.collection();
    GrantNo publisher_grant = h.grant(publisher, c, {.read = true, .write = true});
    GrantNo reader_grant = h.grant(reader, c, with(Tlp::green));

    static Harness::Rights with(Tlp ceiling) {
        return {.read = true, .write = false, .list = true, .ceiling = ceiling};
    }

    void SetUp() override { h.identify("identity--11111111-1111-4111-8111-111111111111"); }

    void post(const std::vector<ObjectSpec>& specs) {
        std::vector<std::string> objects;
        for (const ObjectSpec& spec : specs)
            objects.push_back(object_json(spec));
        const auto report = h.publish(publisher, c, objects);
        ASSERT_TRUE(report);
        for (const Outcome& outcome : report->outcomes)
            ASSERT_TRUE(outcome.accepted) << outcome.message;
    }

    json::array objects(UserNo user, ReadRequest request = {}) {
        const json::object page = h.read_json(user, c, request);
        return page.contains("objects") ? page.at("objects").as_array() : json::array();
    }

    ReadRequest all_versions() {
        ReadRequest r;
        r.filter.version = {.all = true, .first = false, .last = false, .keys = {}};
        r.version_given = true;
        return r;
    }

    static std::string text(const json::value& object, std::string_view name) {
        const auto* value = object.as_object().if_contains(name);
        return value == nullptr ? "" : std::string(value->as_string());
    }

    /// Every byte that the user can get of the collection.
    std::string everything(UserNo user) {
        std::string all;
        for (const What what : {What::objects, What::manifest}) {
            ReadRequest r = all_versions();
            r.what = what;
            all += json::serialize(h.read_json(user, c, r));
        }
        return all;
    }
};

TEST_F(Variants, AReaderBelowAPartGetsTheRestUnderAnotherId) {
    post({partly_red(1)});
    const json::array got = objects(reader);
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_NE(text(got[0], "id"), object_id(partly_red(1)));
    EXPECT_THAT(text(got[0], "id"), ::testing::StartsWith("indicator--"));
    EXPECT_EQ(text(got[0], "name"), "object 1");
    EXPECT_EQ(text(got[0], "created_by_ref"), "identity--11111111-1111-4111-8111-111111111111");
    EXPECT_FALSE(got[0].as_object().contains("description"));
    EXPECT_FALSE(got[0].as_object().contains("granular_markings"));
    EXPECT_THAT(everything(reader), Not(HasSubstr(secret)));
    EXPECT_THAT(everything(reader), Not(HasSubstr(object_id(partly_red(1)))));
}

TEST_F(Variants, WhoMaySeeAllGetsTheOriginalAndNothingElse) {
    post({partly_red(1)});
    const json::array got = objects(publisher);
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_EQ(text(got[0], "id"), object_id(partly_red(1)));
    EXPECT_EQ(text(got[0], "description"), secret);
}

TEST_F(Variants, TheDerivedObjectIsTheSameByPageByIdInManifestAndVersions) {
    post({partly_red(1)});
    const json::array page = objects(reader);
    const std::string id = text(page.at(0), "id");
    ReadRequest one;
    one.filter.ids = {id};
    one.one_object = true;
    EXPECT_EQ(objects(reader, one), page);
    EXPECT_EQ(objects(reader), page);
    one.what = What::versions;
    EXPECT_EQ(h.read_json(reader, c, one).at("versions").as_array().size(), 1U);
    ReadRequest manifest;
    manifest.what = What::manifest;
    EXPECT_EQ(text(objects(reader, manifest).at(0), "id"), id);
    // The original looks absent.
    one.what = What::objects;
    one.filter.ids = {object_id(partly_red(1))};
    const auto absent = h.read(reader, c, one);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, Errc::not_found);
    // And the derived one to who has the original.
    one.filter.ids = {id};
    EXPECT_FALSE(h.read(publisher, c, one));
}

TEST_F(Variants, LaterVersionsKeepTheDerivedId) {
    post({partly_red(1, 0)});
    post({partly_red(1, 5)});
    const json::array latest = objects(reader);
    ASSERT_THAT(latest, SizeIs(1));
    const json::array all = objects(reader, all_versions());
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(text(all[0], "id"), text(all[1], "id"));
    EXPECT_NE(text(all[0], "modified"), text(all[1], "modified"));
    EXPECT_EQ(text(latest[0], "modified"), text(all[1], "modified"));
}

TEST_F(Variants, EachHiddenSetHasAnObjectOfItsOwn) {
    const UserNo amber = h.user("amber", south);
    h.grant(amber, c, with(Tlp::amber));
    ObjectSpec spec = partly_red(1);
    spec.extra = fmt::format(
        R"(,"description":"{}","labels":["amber-label"],"granular_markings":[{},{}])",
        secret,
        granular(Tlp::red, "description"),
        granular(Tlp::amber, "labels")
    );
    post({spec});
    const json::array green_gets = objects(reader);
    const json::array amber_gets = objects(amber);
    ASSERT_THAT(green_gets, SizeIs(1));
    ASSERT_THAT(amber_gets, SizeIs(1));
    EXPECT_NE(text(green_gets[0], "id"), text(amber_gets[0], "id"));
    EXPECT_FALSE(green_gets[0].as_object().contains("labels"));
    EXPECT_TRUE(amber_gets[0].as_object().contains("labels"));
    EXPECT_TRUE(amber_gets[0].as_object().contains("granular_markings"));
    EXPECT_FALSE(amber_gets[0].as_object().contains("description"));
    EXPECT_THAT(objects(publisher), SizeIs(1));
}

TEST_F(Variants, ReferencesNameTheDerivedObject) {
    const ObjectSpec malware{.number = 2, .tlp = Tlp::green, .type = "malware"};
    // The relationship comes first in the request: order does not matter.
    post({relationship(9, object_id(partly_red(1)), object_id(malware)), partly_red(1), malware});
    std::string derived;
    std::string source;
    const json::array got = objects(reader);
    ASSERT_THAT(got, SizeIs(3));
    for (const json::value& object : got) {
        if (text(object, "type") == "indicator") derived = text(object, "id");
        if (text(object, "type") == "relationship") {
            source = text(object, "source_ref");
            EXPECT_EQ(text(object, "target_ref"), object_id(malware));
            EXPECT_NE(text(object, "id"), object_id(relationship(9, "", "")));
        }
    }
    EXPECT_EQ(source, derived);
    EXPECT_THAT(everything(reader), Not(HasSubstr(object_id(partly_red(1)))));
    EXPECT_THAT(objects(publisher), SizeIs(3));
    EXPECT_THAT(everything(publisher), Not(HasSubstr(derived)));
}

TEST_F(Variants, ReferencesThatComeLaterNameItToo) {
    const ObjectSpec malware{.number = 2, .tlp = Tlp::green, .type = "malware"};
    post({partly_red(1), malware});
    post({relationship(9, object_id(partly_red(1)), object_id(malware))});
    // And what names the relationship.
    post(
        {{.number = 10,
          .tlp = Tlp::green,
          .type = "report",
          .extra = fmt::format(
              R"(,"published":"2025-01-01T00:00:00Z","object_refs":["{}","{}"])",
              object_id(relationship(9, "", "")),
              object_id(malware)
          )}}
    );
    const std::string all = everything(reader);
    EXPECT_THAT(objects(reader), SizeIs(4));
    EXPECT_THAT(all, Not(HasSubstr(object_id(partly_red(1)))));
    EXPECT_THAT(all, Not(HasSubstr(object_id(relationship(9, "", "")))));
}

TEST_F(Variants, WhatCannotStandWithoutThePartIsWithheld) {
    ObjectSpec spec{
        .number = 1,
        .tlp = Tlp::green,
        .extra = fmt::format(R"(,"granular_markings":[{}])", granular(Tlp::red, "pattern"))};
    post({spec});
    post({relationship(9, object_id(spec), object_id(spec))});
    EXPECT_THAT(objects(reader), SizeIs(0));
    EXPECT_THAT(objects(publisher), SizeIs(2));
}

TEST_F(Variants, DeletingAVersionTakesWhatWasMadeOfIt) {
    post({partly_red(1, 0)});
    post({partly_red(1, 5)});
    DeleteRequest request{.id = object_id(partly_red(1)), .version = {}, .spec_versions = {}};
    request.version = store::VersionFilter{.all = false, .first = false, .last = true, .keys = {}};
    ASSERT_TRUE(h.remove(publisher, c, request));
    const json::array left = objects(reader);
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(text(left[0], "modified"), "2025-01-01T00:00:00.000Z");
    request.version.reset();
    ASSERT_TRUE(h.remove(publisher, c, request));
    EXPECT_THAT(objects(reader), SizeIs(0));
    EXPECT_TRUE(store->verify({}).empty());
}

TEST_F(Variants, AWiderCeilingBringsTheOriginalInsteadAndAPollerGetsItOnce) {
    post({partly_red(1)});
    ReadRequest poll;
    auto page = h.read(reader, c, poll);
    ASSERT_TRUE(page);
    ASSERT_TRUE(page->last_date);
    poll.filter.added_after = *page->last_date;
    poll.filter_given = true;
    EXPECT_THAT(objects(reader, poll), SizeIs(0));
    h.grant(reader, c, with(Tlp::red), reader_grant);
    const json::array got = objects(reader, poll);
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_EQ(text(got[0], "id"), object_id(partly_red(1)));
    EXPECT_THAT(objects(reader), SizeIs(1));
    h.grant(reader, c, with(Tlp::green), reader_grant);
    const json::array narrowed = objects(reader);
    ASSERT_THAT(narrowed, SizeIs(1));
    EXPECT_NE(text(narrowed[0], "id"), object_id(partly_red(1)));
}

TEST_F(Variants, ThePublishersOwnPartnerCannotTakeTheDerivedIdOver) {
    const UserNo rival = h.user("rival", south);
    h.grant(rival, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::green});
    post({partly_red(1)});
    json::object copy = objects(reader).at(0).as_object();
    copy["modified"] = "2025-06-01T00:00:00.000Z";
    const auto report = h.publish(rival, c, {json::serialize(copy)});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->outcomes[0].accepted);
    EXPECT_EQ(text(objects(reader).at(0), "modified"), "2025-01-01T00:00:00.000Z");
}

TEST_F(Variants, TheReportTellsWhatIsRedacted) {
    post({partly_red(1), {.number = 2, .tlp = Tlp::red}});
    const auto snapshot = store->snapshot();
    const State state = load_state(*snapshot);
    const ReleaseReport report =
        report_release(*snapshot, state, *state.user(reader), *state.collection(c), {h.clock.now()});
    EXPECT_EQ(report.released, 1U);
    EXPECT_EQ(report.derived, 1U);
    ASSERT_THAT(report.withheld, SizeIs(2));
    std::uint64_t derived = 0;
    for (const WithheldGroup& group : report.withheld) {
        derived += group.derived;
        if (group.derived == 0) continue;
        EXPECT_EQ(group.reason, agreement::Reason::granular_marking_above_ceiling);
    }
    EXPECT_EQ(derived, 1U);
    const ReleaseReport own =
        report_release(*snapshot, state, *state.user(publisher), *state.collection(c), {h.clock.now()});
    EXPECT_EQ(own.released, 2U);
    EXPECT_EQ(own.derived, 0U);
    EXPECT_TRUE(own.withheld.empty());
}

TEST_F(Variants, AnotherPartysObjectsAreRedactedInItsName) {
    const UserNo partner = h.user("partner", south);
    h.grant(partner, c, {.read = true, .write = true, .list = true, .ceiling = Tlp::red});
    const auto report = h.publish(partner, c, {object_json(partly_red(1))});
    ASSERT_TRUE(report);
    ASSERT_TRUE(report->outcomes[0].accepted) << report->outcomes[0].message;
    EXPECT_THAT(objects(reader), SizeIs(1));
    EXPECT_THAT(everything(reader), Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace entente::exchange
