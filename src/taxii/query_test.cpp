#include "taxii/query.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace entente::taxii {
namespace {

using exchange::ReadRequest;

Route at(Endpoint endpoint) {
    const bool one = endpoint == Endpoint::object || endpoint == Endpoint::versions;
    return {endpoint, "api", "C", one ? "indicator--1" : ""};
}

ReadRequest read_ok(std::string_view query, Endpoint endpoint = Endpoint::objects) {
    SCOPED_TRACE(query);
    auto request = read_request(at(endpoint), query);
    EXPECT_TRUE(request) << (request ? "" : request.error().detail);
    return request ? std::move(*request) : ReadRequest{};
}

/// The error text must begin with the parameter's name and is a 400.
void expect_refused(
    std::string_view query, std::string_view name, Endpoint endpoint = Endpoint::objects
) {
    SCOPED_TRACE(query);
    const auto request = read_request(at(endpoint), query);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().code, Errc::invalid_argument);
    EXPECT_EQ(request.error().detail.find(std::string(name) + ": "), 0U) << request.error().detail;
}

using Texts = std::vector<std::string>;

TEST(Query, WithoutParametersAsksForTheLatestOfEverything) {
    for (const std::string_view query : {"", "&", "&&="}) {
        const ReadRequest r = read_ok(query);
        EXPECT_FALSE(r.filter.added_after);
        EXPECT_TRUE(r.filter.ids.empty());
        EXPECT_TRUE(r.filter.types.empty());
        EXPECT_TRUE(r.filter.spec_versions.empty());
        EXPECT_TRUE(r.filter.version.last);
        EXPECT_FALSE(r.filter.version.all || r.filter.version.first || r.version_given);
        EXPECT_FALSE(r.filter_given);
        EXPECT_FALSE(r.one_object);
        EXPECT_EQ(r.limit, 0U);
        EXPECT_EQ(r.next, "");
    }
}

TEST(Query, NamesTheResourceByTheEndpoint) {
    EXPECT_EQ(read_ok("", Endpoint::manifest).what, exchange::What::manifest);
    EXPECT_EQ(read_ok("", Endpoint::objects).what, exchange::What::objects);
    EXPECT_EQ(read_ok("", Endpoint::object).what, exchange::What::objects);
    EXPECT_EQ(read_ok("", Endpoint::versions).what, exchange::What::versions);
}

TEST(Query, ReadsEveryParameterOfACollection) {
    const ReadRequest r = read_ok(
        "added_after=2016-05-12T08:17:23.120005Z&limit=20&next=abc&match[id]=b,a&match[type]="
        "malware"
        "&match[version]=first,2016-01-01T00:00:00.1Z,last&match[spec_version]=2.1,2.0",
        Endpoint::manifest
    );
    EXPECT_EQ(r.filter.added_after, (Micros{1'463'041'043'120'005}));
    EXPECT_EQ(r.limit, 20U);
    EXPECT_EQ(r.next, "abc");
    EXPECT_EQ(r.filter.ids, (Texts{"a", "b"}));
    EXPECT_EQ(r.filter.types, (Texts{"malware"}));
    EXPECT_EQ(r.filter.spec_versions, (Texts{"2.0", "2.1"}));
    EXPECT_TRUE(r.filter.version.first && r.filter.version.last);
    EXPECT_FALSE(r.filter.version.all);
    EXPECT_EQ(r.filter.version.keys, (Texts{"2016-01-01T00:00:00.1"}));
    EXPECT_TRUE(r.filter_given);
    EXPECT_TRUE(r.version_given);
}

TEST(Query, ReadsPercentEncodedBracketsAndCommas) {
    const ReadRequest r = read_ok("match%5Btype%5D=malware%2Cindicator&match%5bid%5d=%61");
    EXPECT_EQ(r.filter.types, (Texts{"indicator", "malware"}));
    EXPECT_EQ(r.filter.ids, (Texts{"a"}));
}

TEST(Query, GivesOneFormToOneFilter) {
    const ReadRequest a =
        read_ok("match[type]=b,a,b&match[version]=2020-01-01T00:00:00.100Z,first");
    const ReadRequest b =
        read_ok("match[version]=first,2020-01-01T00:00:00.1Z&match[type]=a,+b%20,a");
    EXPECT_EQ(a.filter.types, b.filter.types);
    EXPECT_EQ(a.filter.version.keys, b.filter.version.keys);
    // Two spellings of one instant are one version.
    EXPECT_EQ(
        read_ok("match[version]=2020-01-01T00:00:00Z,2020-01-01T00:00:00.000Z")
            .filter.version.keys.size(),
        1U
    );
}

TEST(Query, RefusesASingleValuedParameterThatIsGivenTwice) {
    expect_refused("limit=1&limit=1", "limit");
    expect_refused("next=&next=", "next");
    expect_refused(
        "added_after=2020-01-01T00:00:00Z&added_after=2020-01-01T00:00:00Z", "added_after"
    );
    expect_refused("match[type]=a&match%5Btype%5D=b", "match[type]");
    expect_refused("match[id]=a&limit=1&match[id]=a", "match[id]");
    expect_refused("match[version]=last&match[version]=last", "match[version]");
    expect_refused("match[spec_version]=2.1&match[spec_version]=2.0", "match[spec_version]");
}

TEST(Query, IgnoresUnknownParametersAndMatchFields) {
    const ReadRequest r =
        read_ok("foo=1&foo=2&match[foo]=a&match[foo]=b&match[TYPE]=x&match=y&Limit=0&limit=3");
    EXPECT_FALSE(r.filter_given);
    EXPECT_EQ(r.limit, 3U);
}

TEST(Query, IgnoresFiltersThatTheEndpointDoesNotDefine) {
    const ReadRequest object =
        read_ok("match[id]=x&match[type]=&match[type]=b&match[version]=all", Endpoint::object);
    EXPECT_EQ(object.filter.ids, (Texts{"indicator--1"}));
    EXPECT_TRUE(object.filter.types.empty());
    EXPECT_TRUE(object.filter.version.all);
    EXPECT_TRUE(object.one_object);
    const ReadRequest versions = read_ok(
        "match[id]=x&match[type]=b&match[version]=nonsense&match[spec_version]=2.1",
        Endpoint::versions
    );
    EXPECT_EQ(versions.filter.ids, (Texts{"indicator--1"}));
    EXPECT_TRUE(versions.filter.types.empty());
    EXPECT_EQ(versions.filter.spec_versions, (Texts{"2.1"}));
    EXPECT_FALSE(versions.version_given);
    EXPECT_TRUE(versions.one_object);
}

TEST(Query, OfVersionsAsksForAllOfThem) {
    const ReadRequest r = read_ok("", Endpoint::versions);
    EXPECT_TRUE(r.filter.version.all);
    EXPECT_FALSE(r.filter.version.last);
}

TEST(Query, ReadsDatesAsClientsWriteThem) {
    const Micros expected{1'463'041'043'000'000};
    for (const char* date :
         {"2016-05-12T08:17:23Z",
          "2016-05-12T08:17:23.0Z",
          "2016-05-12T08:17:23.000000000Z",
          "2016-05-12T10:17:23%2B02:00",
          "2016-05-12T10:17:23+02:00",
          "2016-05-12T06:17:23-02:00"}) {
        EXPECT_EQ(read_ok(std::string("added_after=") + date).filter.added_after, expected) << date;
    }
    // Finer than a microsecond is cut.
    EXPECT_EQ(read_ok("added_after=2016-05-12T08:17:23.0000019Z").filter.added_after, expected + 1);
}

TEST(Query, RefusesDatesThatAreNone) {
    for (const char* date :
         {"",
          "yesterday",
          "2016-05-12",
          "2016-02-30T00:00:00Z",
          "1463041043",
          "undefined",
          "2016-05-12T08:17:23Z,2016-05-12T08:17:23Z"}) {
        expect_refused(std::string("added_after=") + date, "added_after");
    }
}

TEST(Query, ClampsALimitAndRefusesWhatIsNone) {
    EXPECT_EQ(read_ok("limit=1").limit, 1U);
    EXPECT_EQ(read_ok("limit=10000").limit, limits::page_objects_max);
    EXPECT_EQ(read_ok("limit=10001").limit, limits::page_objects_max);
    EXPECT_EQ(read_ok("limit=18446744073709551615").limit, limits::page_objects_max);
    for (const char* limit :
         {"",
          "0",
          "00",
          "-1",
          "%2B1",
          "+1",
          "1.0",
          "1e3",
          "0x10",
          "ten",
          "1,2",
          " 1",
          "1%20",
          "18446744073709551616",
          "99999999999999999999999999"}) {
        expect_refused(std::string("limit=") + limit, "limit");
    }
}

TEST(Query, TakesAnEmptyNextForNone) {
    EXPECT_EQ(read_ok("limit=50&next=").next, "");
    EXPECT_EQ(read_ok("next").next, "");
    EXPECT_EQ(read_ok("next=a%2Bb").next, "a+b");
}

TEST(Query, LetsAnyTextBeAnIdOrType) {
    const ReadRequest r = read_ok("match[type]=x-our-own,2,!%22&match[id]=no--uuid,%F0%9F%98%80");
    EXPECT_EQ(r.filter.types, (Texts{"!\"", "2", "x-our-own"}));
    EXPECT_EQ(r.filter.ids.size(), 2U);
}

TEST(Query, RefusesEmptyValues) {
    for (const std::string_view name :
         {"match[id]", "match[type]", "match[version]", "match[spec_version]"}) {
        for (const std::string_view value : {"", ",", "2.1,", ",2.1", "2.1,,2.0", "+", "%20,2.1"}) {
            expect_refused(std::string(name) + "=" + std::string(value), name);
        }
    }
}

TEST(Query, BoundsTheValuesOfAField) {
    std::string values = "a0";
    for (std::size_t i = 1; i < limits::filter_values_max; ++i)
        values += ",a" + std::to_string(i);
    EXPECT_EQ(read_ok("match[id]=" + values).filter.ids.size(), limits::filter_values_max);
    expect_refused("match[id]=" + values + ",b", "match[id]");
}

TEST(Query, TakesAllAloneAndNoVersionTwice) {
    EXPECT_TRUE(read_ok("match[version]=all").filter.version.all);
    EXPECT_FALSE(read_ok("match[version]=all").filter.version.last);
    const auto first = read_ok("match[version]=first").filter.version;
    EXPECT_TRUE(first.first && !first.last && !first.all && first.keys.empty());
    for (const char* value :
         {"all,first",
          "last,all",
          "all,all",
          "all,2020-01-01T00:00:00Z",
          "last,last",
          "first,last,first",
          "2020-01-01T00:00:00Z,2020-01-01T00:00:00Z"}) {
        expect_refused(std::string("match[version]=") + value, "match[version]");
    }
}

TEST(Query, RefusesVersionsThatAreNone) {
    for (const char* value :
         {"newest",
          "LAST",
          "2020-01-01",
          "2020-01-01T00:00:00",
          "2020-13-01T00:00:00Z",
          "2020-01-01T00:00:00%2B00:00",
          "2.1",
          "0"}) {
        expect_refused(std::string("match[version]=") + value, "match[version]");
    }
    EXPECT_EQ(
        read_ok("match[version]=2020-01-01T00:00:00.123456789Z").filter.version.keys,
        (Texts{"2020-01-01T00:00:00.123456789"})
    );
}

TEST(Query, ChecksTheFormOfSpecificationVersions) {
    EXPECT_EQ(read_ok("match[spec_version]=3.14").filter.spec_versions, (Texts{"3.14"}));
    for (const char* value : {"2", "2.", ".1", "2.1.0", "two", "2,1", "-2.1", "v2.1"}) {
        expect_refused(std::string("match[spec_version]=") + value, "match[spec_version]");
    }
}

TEST(Query, RefusesWhatCannotBeDecoded) {
    for (const std::string_view query : {"limit=%zz", "%=1", "foo=%4", "match[id]=%00"}) {
        expect_refused(query, "query");
        EXPECT_FALSE(check_query(query));
        EXPECT_FALSE(delete_request(at(Endpoint::object), query));
    }
    EXPECT_TRUE(check_query("limit=0&limit=x&foo=%41"));
}

TEST(Query, ShowsAHostileValueHarmlessAndShort) {
    const auto request =
        read_request(at(Endpoint::objects), "limit=%1B%5B31m%E2%80%AE" + std::string(9'000, 'x'));
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().detail.find('\x1b'), std::string::npos);
    EXPECT_EQ(request.error().detail.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_LT(request.error().detail.size(), 400U);
}

TEST(Query, OfADeleteTellsGivenVersionsFromNone) {
    const auto bare = delete_request(at(Endpoint::object), "match[type]=a&added_after=no&limit=0");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->id, "indicator--1");
    EXPECT_FALSE(bare->version);
    EXPECT_TRUE(bare->spec_versions.empty());
    const auto last = delete_request(
        at(Endpoint::object), "match[version]=last,2020-01-01T00:00:00Z&match[spec_version]=2.1"
    );
    ASSERT_TRUE(last);
    ASSERT_TRUE(last->version);
    EXPECT_TRUE(last->version->last && !last->version->all && !last->version->first);
    EXPECT_EQ(last->version->keys, (Texts{"2020-01-01T00:00:00"}));
    EXPECT_EQ(last->spec_versions, (Texts{"2.1"}));
    EXPECT_FALSE(delete_request(at(Endpoint::object), "match[version]=latest"));
    EXPECT_FALSE(delete_request(at(Endpoint::object), "match[version]=all&match[version]=all"));
}

}  // namespace
}  // namespace entente::taxii
