// Pages, dates, cursors and filters as a TAXII client meets them.
#include "base/limits.h"
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
using ::testing::MatchesRegex;

TEST_F(ServiceReading, AnEmptyCollectionIsAnEmptyPage) {
    const Answer objects = get(at("objects/"));
    EXPECT_EQ(objects.status, 200);
    EXPECT_EQ(objects.object(), (json::object{{"more", false}}));
    EXPECT_GT(objects.body.size(), 4U);
    const Answer manifest = get(at("manifest/"));
    EXPECT_EQ(manifest.status, 200);
    EXPECT_EQ(manifest.object(), json::object());
    EXPECT_GT(manifest.body.size(), 4U);
    for (const Answer& answer : {objects, manifest}) {
        EXPECT_THAT(answer.all("X-TAXII-Date-Added-First"), IsEmpty());
        EXPECT_THAT(answer.all("X-TAXII-Date-Added-Last"), IsEmpty());
    }
}

TEST_F(ServiceReading, ComesOldestFirstInAnEnvelope) {
    add({{.number = 3}, {.number = 1}});
    add({{.number = 2}});
    const Answer page = get(at("objects/"));
    EXPECT_THAT(names(page), ElementsAre("3/0", "1/0", "2/0"));
    EXPECT_EQ(page.object().at("more"), false);
    EXPECT_FALSE(page.object().contains("next"));
    EXPECT_FALSE(page.object().contains("type")) << "never a bundle";
    EXPECT_THAT(names(get(at("manifest/"))), ElementsAre("3/0", "1/0", "2/0"));
    // One object is in an envelope too.
    EXPECT_THAT(names(get(at("objects/" + object_id({.number = 1}) + "/"))), ElementsAre("1/0"));
}

TEST_F(ServiceReading, EveryRecordHasADateOfItsOwnEvenInOneRequest) {
    fill(50);
    std::vector<std::string> dates = get(at("manifest/")).each("objects", "date_added");
    ASSERT_EQ(dates.size(), 50U);
    EXPECT_TRUE(std::ranges::is_sorted(dates));
    EXPECT_EQ(std::set<std::string>(dates.begin(), dates.end()).size(), 50U);
    for (const std::string& date : dates)
        EXPECT_THAT(date, MatchesRegex(date_form));
}

TEST_F(ServiceReading, DatesRiseAlsoWhenTheClockIsSetBack) {
    add({{.number = 1}});
    server.h.clock.set(exchange::testing::start_of_tests + -3'600'000'000);
    add({{.number = 2}});
    const auto dates = get(at("manifest/")).each("objects", "date_added");
    ASSERT_EQ(dates.size(), 2U);
    EXPECT_LT(dates[0], dates[1]);
}

TEST_F(ServiceReading, TellsTheDatesOfTheFirstAndLastRecordOfThePage) {
    fill(5);
    add({{.number = 1, .version = 9}});
    const std::string one = object_id({.number = 1});
    const std::vector<std::pair<std::string, std::string>> resources = {
        {"manifest/?match[version]=all&limit=4", "manifest/?match[version]=all&limit=4"},
        {"objects/?match[version]=all&limit=4", "manifest/?match[version]=all&limit=4"},
        {"objects/" + one + "/?match[version]=all",
         "manifest/?match[version]=all&match[id]=" + one},
        {"objects/" + one + "/versions/", "manifest/?match[version]=all&match[id]=" + one}};
    for (const auto& [resource, manifest] : resources) {
        SCOPED_TRACE(resource);
        const auto dates = get(at(manifest)).each("objects", "date_added");
        const Answer page = get(at(resource));
        EXPECT_EQ(page.header("X-TAXII-Date-Added-First"), dates.front());
        EXPECT_EQ(page.header("X-TAXII-Date-Added-Last"), dates.back());
    }
    for (const std::string& other :
         {std::string("/taxii2/"), std::string("/api/collections/"), at()}) {
        EXPECT_THAT(get(other).all("X-TAXII-Date-Added-First"), IsEmpty()) << other;
    }
    EXPECT_THAT(get(at("objects/?limit=0")).all("X-TAXII-Date-Added-Last"), IsEmpty());
}

TEST_F(ServiceReading, WalksByNextLoseAndRepeatNothing) {
    fill(23);
    std::vector<std::string> all;
    for (int i = 1; i <= 23; ++i)
        all.push_back(std::to_string(i) + "/0");
    for (const int limit : {1, 2, 5, 22, 23, 24}) {
        SCOPED_TRACE(limit);
        EXPECT_THAT(walk("objects/", "", limit), ElementsAreArray(all));
        EXPECT_THAT(walk("manifest/", "", limit), ElementsAreArray(all));
    }
}

TEST_F(ServiceReading, PollsByAddedAfterLoseAndRepeatNothing) {
    fill(23);
    std::vector<std::string> all;
    for (int i = 1; i <= 23; ++i)
        all.push_back(std::to_string(i) + "/0");
    // One request gave all 23: no page may end inside a group of equal dates.
    for (const int limit : {1, 2, 5, 22, 23, 24}) {
        SCOPED_TRACE(limit);
        EXPECT_THAT(poll("objects/", "", limit), ElementsAreArray(all));
        EXPECT_THAT(poll("manifest/", "", limit), ElementsAreArray(all));
    }
}

TEST_F(ServiceReading, VersionsArePagedLikeTheRest) {
    for (int v = 0; v < 5; ++v)
        add({{.number = 1, .version = v}});
    const std::string resource = "objects/" + object_id({.number = 1}) + "/versions/";
    const Answer whole = get(at(resource));
    ASSERT_EQ(whole.object().at("versions").as_array().size(), 5U);
    const Answer first = get(at(resource + "?limit=2"));
    EXPECT_EQ(first.object().at("more"), true);
    const Answer second =
        get(at(resource + "?limit=2&next=" + http::percent_encode(text(first.object(), "next"))));
    EXPECT_EQ(
        second.object().at("versions").as_array()[0], whole.object().at("versions").as_array()[2]
    );
    const Answer after =
        get(at(resource + "?limit=2&added_after=" + first.header("X-TAXII-Date-Added-Last")));
    EXPECT_EQ(after.object().at("versions"), second.object().at("versions"));
}

TEST_F(ServiceReading, MoreIsTrueOnlyWhenThisReaderGetsMore) {
    add({{.number = 1}, {.number = 2}});
    add({{.number = 3, .tlp = stix::Tlp::red}, {.number = 4, .type = "malware"}});
    const auto strict = server.h.user("strict", server.h.party("East"));
    server.h.grant(
        strict,
        collection,
        {.read = true, .write = false, .list = true, .ceiling = stix::Tlp::green}
    );
    const std::string token = server.token(strict);
    const auto more = [&](const std::string& who, const std::string& query) {
        return server.get(at("objects/?" + query), who).object().at("more").as_bool();
    };
    EXPECT_TRUE(more(rw, "limit=2"));
    EXPECT_TRUE(more(rw, "limit=2&match[type]=indicator"));
    EXPECT_FALSE(more(rw, "limit=3&match[type]=indicator"));
    EXPECT_FALSE(more(token, "limit=2&match[type]=indicator")) << "the third one is withheld";
    EXPECT_TRUE(more(token, "limit=2"));
    EXPECT_FALSE(more(rw, "limit=4"));
}

TEST_F(ServiceReading, AddedAfterIsStrictAndLooksAtNothingElse) {
    add({{.number = 1, .version = 3'000}, {.number = 2}, {.number = 3}});
    const auto dates = get(at("manifest/")).each("objects", "date_added");
    EXPECT_THAT(found("added_after=" + dates[0]), ElementsAre("2/0", "3/0"));
    EXPECT_THAT(found("added_after=" + dates[1]), ElementsAre("3/0"));
    EXPECT_THAT(found("added_after=" + dates[2]), IsEmpty());
    EXPECT_THAT(found("added_after=2025-06-01T00:00:00Z").size(), 3U) << "modified is no matter";
    EXPECT_THAT(found("added_after=2026-01-01T02:00:00%2B03:00").size(), 3U);
    EXPECT_THAT(found("added_after=2026-01-01T02:00:00+03:00").size(), 3U) << "+ became a blank";
    EXPECT_THAT(found("added_after=2027-01-01T00:00:00Z"), IsEmpty());
}

TEST_F(ServiceReading, LimitIsAMaximumAndIsClamped) {
    fill(5);
    EXPECT_EQ(found("limit=2").size(), 2U);
    EXPECT_EQ(found("limit=5").size(), 5U);
    EXPECT_EQ(found("limit=18446744073709551615").size(), 5U);
    EXPECT_EQ(found("").size(), 5U);
    EXPECT_EQ(found("limit=2&next=").size(), 2U) << "an empty next is none";
}

TEST_F(ServiceReading, ServesAtMostItsOwnPageSize) {
    const auto count = static_cast<int>(limits::page_objects_default) + 1;
    fill(count);
    EXPECT_EQ(found("").size(), limits::page_objects_default);
    EXPECT_EQ(get(at("objects/")).object().at("more"), true);
    EXPECT_EQ(found("limit=5000").size(), static_cast<std::size_t>(count))
        << "big pages are allowed";
}

TEST_F(ServiceReading, MalformedParametersAre400OnEveryReadingEndpoint) {
    fill(1);
    const std::string one = "objects/" + object_id({.number = 1}) + "/";
    for (const std::string& resource :
         {std::string("objects/"), std::string("manifest/"), one, one + "versions/"}) {
        for (const char* query :
             {"limit=0",
              "limit=-1",
              "limit=x",
              "limit=1&limit=1",
              "added_after=x",
              "added_after=2020-01-01T00:00:00Z&added_after=2020-01-01T00:00:00Z",
              "next=garbage",
              "match[spec_version]=two",
              "match[spec_version]=2.1&match[spec_version]=2.1",
              "%zz"}) {
            SCOPED_TRACE(resource + "?" + query);
            EXPECT_EQ(get(at(resource + "?" + query)).status, 400);
        }
    }
    for (const char* query :
         {"match[type]=a&match[type]=b",
          "match[id]=",
          "match[version]=all,last",
          "match[version]=x"}) {
        EXPECT_EQ(get(at(std::string("objects/?") + query)).status, 400) << query;
        EXPECT_EQ(get(at(std::string("manifest/?") + query)).status, 400) << query;
    }
    // What nobody defined is nobody's mistake.
    EXPECT_EQ(get(at("objects/?match[foo]=1&match[foo]=2&bar")).status, 200);
}

// ---- Cursors

class ServiceCursor : public ServiceReading {
  protected:
    std::string cursor(const std::string& query, const std::string& resource = "objects/") {
        return http::percent_encode(text(get(at(resource + "?" + query)).object(), "next"));
    }

    int status(const std::string& query, const std::string& resource = "objects/") {
        return get(at(resource + "?" + query)).status;
    }
};

TEST_F(ServiceCursor, IsRepeatableAndTakesAnotherLimit) {
    fill(9);
    const std::string next = cursor("limit=3");
    const Answer once = get(at("objects/?limit=3&next=" + next));
    EXPECT_EQ(get(at("objects/?limit=3&next=" + next)).body, once.body);
    EXPECT_THAT(found("limit=1&next=" + next), ElementsAre("4/0"));
    EXPECT_THAT(found("next=" + next).size(), 6U);
    server.h.clock.advance(400LL * micros_per_day);
    EXPECT_EQ(get(at("objects/?limit=3&next=" + next)).body, once.body) << "it never expires";
}

TEST_F(ServiceCursor, KeepsTheFiltersThatAreNotRepeated) {
    for (int i = 1; i <= 6; ++i)
        add({{.number = i}, {.number = 100 + i, .type = "malware"}});
    const std::string filter = "match[type]=malware&added_after=2026-01-01T00:00:01Z";
    const std::string next = cursor("limit=2&" + filter);
    const std::vector<std::string> rest = {"104/0", "105/0", "106/0"};
    const auto continued = found("next=" + next + "&" + filter);
    ASSERT_EQ(continued.size(), 3U);
    EXPECT_THAT(continued, ElementsAreArray(rest));
    EXPECT_THAT(found("next=" + next), ElementsAreArray(rest)) << "all filters dropped";
    EXPECT_THAT(found("next=" + next + "&match[type]=malware"), ElementsAreArray(rest))
        << "added_after dropped";
    EXPECT_THAT(
        found("next=" + next + "&match%5Btype%5D=malware&limit=10000"), ElementsAreArray(rest)
    );
    EXPECT_THAT(
        found("next=" + next + "&added_after=2026-01-01T01:00:01.000%2B01:00"),
        ElementsAreArray(rest)
    ) << "another spelling";
}

TEST_F(ServiceCursor, RefusesOtherFilters) {
    fill(5);
    const std::string next = "&next=" + cursor("limit=2&match[type]=indicator,malware");
    EXPECT_EQ(status("match[type]=malware,indicator" + next), 200);
    EXPECT_EQ(status("match[type]=indicator" + next), 400);
    EXPECT_EQ(status("match[id]=x" + next), 400);
    EXPECT_EQ(status("match[version]=all" + next), 400);
    EXPECT_EQ(status("match[version]=last" + next), 200) << "the default, said aloud";
    EXPECT_EQ(status("match[spec_version]=2.1" + next), 400);
}

TEST_F(ServiceCursor, TakesAnotherAddedAfterForABoundBesideItsPlace) {
    fill(9);
    const std::vector<std::string> dates = get(at("manifest/")).each("objects", "date_added");
    ASSERT_EQ(dates.size(), 9U);
    const std::string next = "&next=" + cursor("limit=3");
    const std::string dated = "&next=" + cursor("limit=3&added_after=2020-01-01T00:00:00Z");
    for (const std::string& one : {next, dated}) {
        EXPECT_THAT(found("added_after=" + dates[0] + one), ElementsAreArray(found(next)))
            << "the cursor's place is the later of the two";
        EXPECT_THAT(found("added_after=" + dates[6] + one), ElementsAre("8/0", "9/0"));
        EXPECT_THAT(found("added_after=" + dates[8] + one), IsEmpty());
    }
    // The bound goes on with the cursor that comes of it, and changes only when another is given.
    const std::string later = "&next=" + cursor("limit=1&added_after=" + dates[5] + next);
    EXPECT_THAT(found(later), ElementsAre("8/0", "9/0"));
    EXPECT_THAT(found("added_after=2020-01-01T00:00:00Z" + later), ElementsAre("8/0", "9/0"));
}

TEST_F(ServiceCursor, BelongsToItsUserCollectionAndResource) {
    fill(5);
    add({{.number = 1, .version = 1}, {.number = 1, .version = 2}});
    const std::string one = object_id({.number = 1});
    const std::string next = cursor("limit=2");
    EXPECT_EQ(server.get(at("objects/?next=" + next), ro).status, 400) << "another user";
    EXPECT_EQ(status("next=" + next, "manifest/"), 400) << "another resource";
    EXPECT_EQ(status("next=" + next, "objects/" + one + "/"), 400);
    const std::string of_one = cursor("limit=1&match[version]=all", "objects/" + one + "/");
    EXPECT_EQ(status("next=" + of_one, "objects/" + one + "/"), 200);
    EXPECT_EQ(status("next=" + of_one, "objects/" + object_id({.number = 2}) + "/"), 400)
        << "another object";
    EXPECT_EQ(status("next=" + of_one), 400);
    store::CollectionNo second{};
    server.store.write([&](store::Transaction& tx) {
        store::Collection row;
        row.root = server.h.root();
        row.id = "5c9c8a3e-0000-4000-8000-0000000000ff";
        row.title = "Second";
        second = tx.put(row);
    });
    server.h.grant(rw_user, second, {.read = true, .write = true, .list = true});
    EXPECT_EQ(
        get("/api/collections/5c9c8a3e-0000-4000-8000-0000000000ff/objects/?next=" + next).status,
        400
    );
}

TEST_F(ServiceCursor, RefusesEveryForgery) {
    fill(5);
    const std::string next = text(get(at("objects/?limit=2")).object(), "next");
    std::string first_refusal;
    for (std::size_t i = 0; i < next.size(); ++i) {
        std::string bent = next;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        const Answer answer = get(at("objects/?next=" + bent));
        EXPECT_EQ(answer.status, 400) << i;
        if (i == 0) first_refusal = answer.without_error_id();
        EXPECT_EQ(answer.without_error_id(), first_refusal);
    }
    for (const std::string& token : {std::string("1"), next + "A", next.substr(1), next + next}) {
        EXPECT_EQ(status("next=" + token), 400) << token;
    }
}

TEST_F(ServiceCursor, GivesNothingThatTheUserLost) {
    fill(5);
    const std::string next = cursor("limit=2");
    server.store.write([&](store::Transaction& tx) {
        for (const store::Grant& grant : tx.directory().grants) {
            if (grant.user == rw_user) exchange::erase_grant(tx, server.h.clock, grant.no);
        }
    });
    EXPECT_EQ(status("next=" + next), 404);
}

TEST_F(ServiceCursor, WalksStandWhileOthersWriteAndDelete) {
    fill(10);
    std::vector<std::string> seen = found("limit=3");
    std::string next = cursor("limit=3");
    add({{.number = 11}, {.number = 12}});
    EXPECT_EQ(server.remove(at("objects/" + object_id({.number = 2}) + "/"), rw).status, 200);
    EXPECT_EQ(server.remove(at("objects/" + object_id({.number = 7}) + "/"), rw).status, 200);
    for (;;) {
        const Answer page = get(at("objects/?limit=3&next=" + next));
        for (const std::string& name : names(page))
            seen.push_back(name);
        if (!page.object().at("more").as_bool()) break;
        next = http::percent_encode(text(page.object(), "next"));
    }
    EXPECT_THAT(
        seen,
        ElementsAre("1/0", "2/0", "3/0", "4/0", "5/0", "6/0", "8/0", "9/0", "10/0", "11/0", "12/0")
    );
}

TEST_F(ServiceCursor, ADateOfADeletedRecordStillContinues) {
    fill(4);
    const std::string date = get(at("objects/?limit=2")).header("X-TAXII-Date-Added-Last");
    EXPECT_EQ(server.remove(at("objects/" + object_id({.number = 2}) + "/"), rw).status, 200);
    EXPECT_THAT(found("added_after=" + date), ElementsAre("3/0", "4/0"));
    add({{.number = 2}});
    EXPECT_THAT(found("added_after=" + date), ElementsAre("3/0", "4/0", "2/0")) << "a new date";
}

}  // namespace
}  // namespace entente::taxii
