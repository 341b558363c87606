// match[…] as TAXII 2.1, section 3.4.1 defines it.
#include "taxii/service.h"
#include "taxii/testing/reading.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace entente::taxii {
namespace {

using namespace testing;
using exchange::testing::object_id;
using exchange::testing::object_json;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;

class ServiceFilter : public ServiceReading {
  protected:
    /// 1: three versions, the oldest of which arrives last. 2, 3: one each. 4: a domain without
    /// version. 5: STIX 2.0 only. 6: the same id in 2.0 and 2.1.
    void SetUp() override {
        server.store.write([&](store::Transaction& tx) {
            for (store::Collection row : tx.directory().collections) {
                row.accepts_stix20 = true;
                tx.put(row);
            }
        });
        add({{.number = 1, .version = 20}, {.number = 2}});
        add({{.number = 1, .version = 30}, {.number = 3, .type = "malware"}});
        add({{.number = 1, .version = 10}});
        const std::string domain =
            R"({"type":"domain-name","spec_version":"2.1","id":"domain-name--00000004-0000-5000-8000-000000000000","value":"a.example"})";
        ASSERT_EQ(post({domain, stix20(5, 0), stix20(6, 5)}).object().at("failure_count"), 0);
        add({{.number = 6, .version = 7}});
    }

    static std::string stix20(int number, int version) {
        std::string object = object_json(
            {.number = number, .version = version, .extra = R"(,"labels":["malicious-activity"])"}
        );
        const std::string spec = R"("spec_version":"2.1",)";
        return object.erase(object.find(spec), spec.size());
    }

    static std::string v(int seconds) {
        return fmt::format("2025-01-01T00:00:{:02}.000Z", seconds);
    }
};

struct Query {
    std::string query;
    std::vector<std::string> expected;
};

TEST_F(ServiceFilter, DefaultsToTheLatestOfEach) {
    for (const char* resource : {"objects/", "manifest/"}) {
        EXPECT_THAT(found("", resource), ElementsAre("2/0", "1/30", "3/0", "4/0", "5/0", "6/7"));
    }
}

TEST_F(ServiceFilter, CombineByAndWithinAFieldByOr) {
    const std::string one = object_id({.number = 1});
    const std::string two = object_id({.number = 2});
    const std::string three = object_id({.number = 3, .type = "malware"});
    const std::vector<Query> queries = {
        {"match[id]=" + one, {"1/30"}},
        {"match[id]=" + two + "," + one, {"2/0", "1/30"}},
        {"match[id]=" + two + "%2C" + three, {"2/0", "3/0"}},
        {"match[id]=unknown," + two, {"2/0"}},
        {"match[id]=unknown", {}},
        {"match[type]=malware", {"3/0"}},
        {"match[type]=malware,domain-name", {"3/0", "4/0"}},
        {"match[type]=x-unheard-of", {}},
        {"match[type]=course-of-action,grouping,location,note,opinion,url,x509-certificate", {}},
        {"match[type]=malware&match[id]=" + one, {}},
        {"match[type]=indicator&match[id]=" + three + "," + two, {"2/0"}},
        {"match[version]=first", {"2/0", "3/0", "1/10", "4/0", "5/0", "6/7"}},
        {"match[version]=last", {"2/0", "1/30", "3/0", "4/0", "5/0", "6/7"}},
        {"match[version]=first,last", {"2/0", "1/30", "3/0", "1/10", "4/0", "5/0", "6/7"}},
        {"match[version]=all", {"1/20", "2/0", "1/30", "3/0", "1/10", "4/0", "5/0", "6/7"}},
        {"match[version]=" + v(20), {"1/20"}},
        {"match[version]=2025-01-01T00:00:20Z", {"1/20"}},
        {"match[version]=" + v(20) + ",first&match[id]=" + one, {"1/20", "1/10"}},
        {"match[version]=" + v(20) + "," + v(10), {"1/20", "1/10"}},
        {"match[version]=" + v(59), {}},
        {"match[spec_version]=2.0", {"5/0", "6/5"}},
        {"match[spec_version]=2.1", {"2/0", "1/30", "3/0", "4/0", "6/7"}},
        {"match[spec_version]=2.0&match[version]=all", {"5/0", "6/5"}},
        {"match[spec_version]=3.0", {}},
    };
    for (const Query& q : queries) {
        SCOPED_TRACE(q.query);
        EXPECT_THAT(found(q.query), ElementsAreArray(q.expected));
        EXPECT_THAT(found(q.query, "manifest/"), ElementsAreArray(q.expected));
        EXPECT_THAT(walk("objects/", q.query, 2), ElementsAreArray(q.expected));
        // By added_after nothing is lost or repeated either; where an older version came late, it
        // is the latest of what is left after the date (T73).
        const auto polled = poll("manifest/", q.query, 2);
        EXPECT_THAT(polled, IsSupersetOf(q.expected));
        EXPECT_EQ(std::set<std::string>(polled.begin(), polled.end()).size(), polled.size());
        if (q.query.find("version]=all") != std::string::npos) {
            EXPECT_THAT(polled, ElementsAreArray(q.expected));
        }
    }
}

TEST_F(ServiceFilter, LatestGoesByVersionNotByArrival) {
    // Version 10 came after 30.
    EXPECT_THAT(found("match[id]=" + object_id({.number = 1})), ElementsAre("1/30"));
}

TEST_F(ServiceFilter, PicksFirstAndLastAmongWhatTheOtherFiltersLeave) {
    const auto dates = get(at("manifest/?match[version]=all&match[id]=" + object_id({.number = 1})))
                           .each("objects", "date_added");
    ASSERT_EQ(dates.size(), 3U);
    const std::string one = "&match[id]=" + object_id({.number = 1});
    // After the date of version 30 only version 10 is left, so it is both.
    EXPECT_THAT(found("added_after=" + dates[1] + one), ElementsAre("1/10"));
    EXPECT_THAT(
        found("added_after=" + dates[1] + "&match[version]=first" + one), ElementsAre("1/10")
    );
    EXPECT_THAT(
        found("added_after=" + dates[0] + "&match[version]=first" + one), ElementsAre("1/10")
    );
    EXPECT_THAT(found("added_after=" + dates[0] + one), ElementsAre("1/30"));
}

TEST_F(ServiceFilter, OfOneObjectTakesVersionAndSpecVersionOnly) {
    const std::string one = "objects/" + object_id({.number = 1}) + "/";
    const std::vector<Query> queries = {
        {"", {"1/30"}},
        {"match[version]=first", {"1/10"}},
        {"match[version]=all", {"1/20", "1/30", "1/10"}},
        {"match[version]=" + v(20), {"1/20"}},
        {"match[version]=" + v(20) + ",last", {"1/20", "1/30"}},
        {"match[spec_version]=2.1", {"1/30"}},
        {"match[type]=malware&match[id]=" + object_id({.number = 2}), {"1/30"}},
        {"match[version]=all&limit=2", {"1/20", "1/30"}}};
    for (const Query& q : queries) {
        SCOPED_TRACE(q.query);
        EXPECT_THAT(found(q.query, one), ElementsAreArray(q.expected));
    }
    const std::string six = "objects/" + object_id({.number = 6}) + "/";
    EXPECT_THAT(found("", six), ElementsAre("6/7"));
    EXPECT_THAT(found("match[spec_version]=2.0", six), ElementsAre("6/5"));
}

TEST_F(ServiceFilter, AnUnknownObjectIs404AKnownOneWithoutHitsAnEmptyPage) {
    const std::string one = "objects/" + object_id({.number = 1}) + "/";
    const std::string unknown = "objects/" + object_id({.number = 77}) + "/";
    for (const char* tail : {"", "?match[version]=all", "versions/", "versions/?limit=1"}) {
        EXPECT_EQ(get(at(unknown + tail)).status, 404) << tail;
    }
    for (const std::string& query :
         {"?match[version]=" + v(59),
          std::string("?match[spec_version]=2.0"),
          std::string("?added_after=2027-01-01T00:00:00Z")}) {
        SCOPED_TRACE(query);
        const Answer answer = get(at(one + query));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.object(), (json::object{{"more", false}}));
        EXPECT_THAT(answer.all("X-TAXII-Date-Added-First"), IsEmpty());
    }
    const Answer versions = get(at(one + "versions/?match[spec_version]=2.0"));
    EXPECT_EQ(versions.status, 200);
    EXPECT_EQ(versions.object(), json::object());
    EXPECT_EQ(get(at("objects/no%20id%20at%20all/")).status, 404);
}

TEST_F(ServiceFilter, VersionsAreThoseOfTheManifest) {
    const std::string id = object_id({.number = 1});
    const auto records =
        get(at("manifest/?match[version]=all&match[id]=" + id)).each("objects", "version");
    std::vector<std::string> versions;
    const json::object resource = get(at("objects/" + id + "/versions/")).object();
    for (const auto& version : resource.at("versions").as_array())
        versions.emplace_back(version.as_string());
    EXPECT_THAT(versions, ElementsAre(v(20), v(30), v(10)));
    EXPECT_EQ(records, versions);
}

TEST_F(ServiceFilter, ManifestHasOneRecordForEachVersionWithItsMediaType) {
    const json::object page =
        get(at("manifest/?match[version]=all&match[spec_version]=2.0,2.1")).object();
    const json::object root = get(at()).object();
    const auto& types = root.at("media_types").as_array();
    EXPECT_EQ(page.at("objects").as_array().size(), 9U);
    for (const auto& member : page.at("objects").as_array()) {
        const json::object& record = member.as_object();
        EXPECT_TRUE(
            record.contains("id") && record.contains("date_added") && record.contains("version")
        );
        EXPECT_THAT(text(record, "date_added"), MatchesRegex(date_form));
        EXPECT_NE(std::ranges::find(types, record.at("media_type")), types.end());
        const bool old =
            text(record, "version") == v(5) || text(record, "id") == object_id({.number = 5});
        EXPECT_EQ(text(record, "media_type").ends_with("2.0"), old) << text(record, "id");
    }
}

}  // namespace
}  // namespace entente::taxii
