#include "formats/medallion.h"

#include "formats/internal/raw_json.h"

#include <gtest/gtest.h>

namespace entente::formats {
namespace {

/// A data file with one root and one collection of these objects and manifest records (lists'
/// insides).
std::string data_file(const std::string& objects, const std::string& manifest) {
    return R"({"/discovery":{"title":"T","default":"http://localhost:5000/one/"},"one":{
        "information":{"title":"One","description":"D","versions":["application/taxii+json;version=2.1"],
        "max_content_length":9765625},"status":[],"collections":[{"id":"107","title":"C","description":"d",
        "can_read":true,"can_write":false,"media_types":["application/stix+json;version=2.0",
        "application/stix+json;version=2.1"],"objects":[)" +
           objects + R"(],"manifest":[)" + manifest + "]}]}}";
}

std::string object(const std::string& id, const std::string& modified) {
    return R"({"type":"malware","id":")" + id +
           R"(","created":"2015-01-01T00:00:00.000Z","modified":")" + modified +
           R"(","score":1.50})";
}

std::string record(const std::string& id, const std::string& version, const std::string& added) {
    return R"({"id":")" + id + R"(","version":")" + version + R"(","date_added":")" + added +
           R"(","media_type":"application/stix+json;version=2.1"})";
}

const std::string a = "malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b";
const std::string b = "malware--c0931cc6-c75e-47e5-9036-78fabc95d4ec";

TEST(Medallion, ReadsRootsAndCollections) {
    const auto data = read_medallion(data_file("", ""));
    ASSERT_TRUE(data) << data.error().detail;
    EXPECT_EQ(data->default_root, "one");
    ASSERT_EQ(data->roots.size(), 1U);
    const MedallionRoot& root = data->roots[0];
    EXPECT_EQ(root.name, "one");
    EXPECT_EQ(root.title, "One");
    EXPECT_EQ(root.description, "D");
    EXPECT_EQ(root.max_content_length, 9'765'625U);
    ASSERT_EQ(root.collections.size(), 1U);
    const MedallionCollection& collection = root.collections[0];
    EXPECT_EQ(collection.id, "107") << "ids that are no UUIDs stay";
    EXPECT_EQ(collection.title, "C");
    EXPECT_TRUE(collection.can_read);
    EXPECT_FALSE(collection.can_write);
    EXPECT_TRUE(collection.accepts_stix20);
    EXPECT_TRUE(data->problems.empty());
}

TEST(Medallion, PairsObjectsWithRecordsByIdAndInstantAndSortsByDate) {
    const auto data = read_medallion(data_file(
        object(a, "2017-01-27T13:49:53.997Z") + "," + object(b, "2018-02-23T18:30:00.000Z") + "," +
            object(a, "2018-01-01T00:00:00Z"),
        record(a, "2018-01-01T00:00:00.000000Z", "2020-01-03T00:00:00Z") + "," +
            record(b, "2018-02-23T18:30:00.000Z", "2020-01-02T00:00:00.5Z") + "," +
            record(a, "2017-01-27T13:49:53.997Z", "2020-01-01T00:00:00.000001Z")
    ));
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->problems.empty());
    const auto& objects = data->roots[0].collections[0].objects;
    ASSERT_EQ(objects.size(), 3U);
    EXPECT_EQ(format_taxii(objects[0].date), "2020-01-01T00:00:00.000001Z");
    EXPECT_EQ(objects[0].json, object(a, "2017-01-27T13:49:53.997Z")) << "byte for byte";
    EXPECT_EQ(format_taxii(objects[1].date), "2020-01-02T00:00:00.500000Z");
    EXPECT_EQ(objects[1].json, object(b, "2018-02-23T18:30:00.000Z"));
    EXPECT_EQ(format_taxii(objects[2].date), "2020-01-03T00:00:00.000000Z");
}

TEST(Medallion, RaisesSharedDatesInManifestOrder) {
    const std::string same = "2017-01-27T13:49:59.997000Z";
    const auto data = read_medallion(data_file(
        object(a, "2017-01-01T00:00:00Z") + "," + object(a, "2017-01-02T00:00:00Z") + "," +
            object(b, "2017-01-03T00:00:00Z"),
        record(b, "2017-01-03T00:00:00Z", same) + "," + record(a, "2017-01-01T00:00:00Z", same) +
            "," + record(a, "2017-01-02T00:00:00Z", "2017-01-27T13:49:59.997001Z")
    ));
    ASSERT_TRUE(data);
    const auto& objects = data->roots[0].collections[0].objects;
    ASSERT_EQ(objects.size(), 3U);
    EXPECT_EQ(objects[0].json, object(b, "2017-01-03T00:00:00Z"));
    EXPECT_EQ(format_taxii(objects[0].date), "2017-01-27T13:49:59.997000Z");
    EXPECT_EQ(objects[1].json, object(a, "2017-01-01T00:00:00Z"));
    EXPECT_EQ(format_taxii(objects[1].date), "2017-01-27T13:49:59.997001Z");
    // The raised one pushed the next on.
    EXPECT_EQ(format_taxii(objects[2].date), "2017-01-27T13:49:59.997002Z");
}

TEST(Medallion, TakesTheListsOfVersionsThatMedallionOneWrote) {
    const auto data = read_medallion(data_file(
        object(a, "2017-01-01T00:00:00Z") + "," + object(a, "2018-01-01T00:00:00Z"),
        R"({"id":")" + a +
            R"(","date_added":"2018-05-01T00:00:00Z","versions":["2017-01-01T00:00:00.000Z","2018-01-01T00:00:00.000Z"]})"
    ));
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->problems.empty());
    const auto& objects = data->roots[0].collections[0].objects;
    ASSERT_EQ(objects.size(), 2U);
    EXPECT_EQ(objects[0].json, object(a, "2017-01-01T00:00:00Z"));
    EXPECT_EQ(objects[1].json, object(a, "2018-01-01T00:00:00Z"));
    EXPECT_EQ(objects[1].date, objects[0].date + 1);
}

TEST(Medallion, DropsItsOwnPropertyOfObservables) {
    const std::string id = "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd";
    const auto data = read_medallion(data_file(
        R"({"type":"ipv4-addr","_date_added":"2020-01-01T00:00:00.000000Z","id":")" + id +
            R"(","value":"198.51.100.3","x_n":1E400,"x_t":"a\"b"})",
        record(id, "2020-01-01T00:00:00.000000Z", "2020-01-01T00:00:00.000000Z")
    ));
    ASSERT_TRUE(data) << data.error().detail;
    const auto& objects = data->roots[0].collections[0].objects;
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(
        objects[0].json,
        R"({"type":"ipv4-addr","id":")" + id +
            R"(","value":"198.51.100.3","x_n":1E400,"x_t":"a\"b"})"
    );
}

TEST(Medallion, NamesWhatItCannotUseAndKeepsTheRest) {
    const auto data = read_medallion(data_file(
        object(a, "2017-01-01T00:00:00Z") + "," + object(b, "2017-01-03T00:00:00Z") + "," +
            object(b, "2017-01-03T00:00:00.000Z") + R"(,17,{"id":"x"},{"id":1,"id":2})",
        record(a, "2017-01-01T00:00:00Z", "2017-01-01T00:00:00Z") + "," +
            record(a, "2017-01-01T00:00:00Z", "2017-01-02T00:00:00Z") + R"(,{"id":"y"},"z")"
    ));
    ASSERT_TRUE(data);
    ASSERT_EQ(data->roots[0].collections[0].objects.size(), 1U);
    std::string all;
    for (const std::string& problem : data->problems)
        all += problem + "\n";
    EXPECT_NE(all.find("one/107: object 3: not a JSON object"), std::string::npos) << all;
    EXPECT_NE(all.find("object 4 (x) has no id or no version"), std::string::npos) << all;
    EXPECT_NE(all.find("object 5: the property 'id' occurs twice"), std::string::npos) << all;
    EXPECT_NE(all.find(b + " 2017-01-03T00:00:00.000Z is there twice"), std::string::npos) << all;
    EXPECT_NE(all.find(b + " 2017-01-03T00:00:00 has no manifest record"), std::string::npos)
        << all;
    EXPECT_NE(all.find("manifest record 1"), std::string::npos) << all;
    EXPECT_NE(all.find("manifest record 2 (y)"), std::string::npos) << all;
    EXPECT_NE(all.find("manifest record 3: not a JSON object"), std::string::npos) << all;
    EXPECT_EQ(data->problems.size(), 8U) << all;
}

TEST(Medallion, RefusesWhatIsNoDataFile) {
    const std::string deep(200, '[');
    for (const std::string& text :
         {std::string(),
          std::string("[]"),
          std::string("{"),
          std::string("{}"),
          deep,
          std::string(R"({"a":{"information":{},"information":{}}} x)"),
          std::string("{\"a\":{\"information\":{\"title\":\"\xff\"}}}"),
          std::string(R"({"a":{"b":1}})"),
          std::string(R"({"one":{},"one":{}})"),
          std::string(R"({"type":"bundle","objects":[]})")}) {
        EXPECT_FALSE(read_medallion(text)) << text;
    }
    const auto cut = read_medallion(data_file("", "").substr(0, 100));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, Errc::malformed);
}

TEST(Medallion, SurvivesWrongTypesAnywhere) {
    for (const char* text :
         {R"({"one":{"information":1,"collections":{}}})",
          R"({"one":{"collections":[1,{},{"id":5}]}})",
          R"({"one":{"collections":[{"id":"a","objects":{},"manifest":"x","can_read":"yes"}]}})",
          R"({"/discovery":[],"one":{"information":{"max_content_length":-1}}})"}) {
        const auto data = read_medallion(text);
        ASSERT_TRUE(data) << text;
        EXPECT_EQ(data->roots.size(), 1U) << text;
    }
}

TEST(MedallionUsers, ReadsNamesAndPasswords) {
    const auto users = read_medallion_users(
        R"({"backend":{"module_class":"MemoryBackend"},"users":{"admin":"Password0","u\u0031":"p\"w"}})"
    );
    ASSERT_TRUE(users);
    ASSERT_EQ(users->size(), 2U);
    EXPECT_EQ((*users)[0].name, "admin");
    EXPECT_EQ((*users)[0].password, "Password0");
    EXPECT_EQ((*users)[1].name, "u1");
    EXPECT_EQ((*users)[1].password, "p\"w");
}

TEST(MedallionUsers, NoneIsFineAndWrongOnesAreNot) {
    EXPECT_TRUE(read_medallion_users("{}")->empty());
    EXPECT_FALSE(read_medallion_users(R"({"users":["a"]})"));
    EXPECT_FALSE(read_medallion_users(R"({"users":{"a":1}})"));
    EXPECT_FALSE(read_medallion_users("users: a"));
}

TEST(RawJson, CutsValuesAsTheyStand) {
    const std::string text =
        " { \"a\" : [ 1.0 , \"x]\\\"\" , {\"b\":[]} ] , \"\\u0062\": -0.00e+5 } ";
    ASSERT_TRUE(internal::check_json(text, 8));
    const auto members = internal::members_of(text);
    ASSERT_TRUE(members);
    ASSERT_EQ(members->size(), 2U);
    EXPECT_EQ((*members)[1].name, "b");
    EXPECT_EQ((*members)[1].value, "-0.00e+5");
    const auto elements = internal::elements_of((*members)[0].value);
    ASSERT_TRUE(elements);
    ASSERT_EQ(elements->size(), 3U);
    EXPECT_EQ((*elements)[0], "1.0");
    EXPECT_EQ(internal::string_of((*elements)[1]), "x]\"");
    EXPECT_EQ((*elements)[2], R"({"b":[]})");
    EXPECT_EQ(internal::number_of("18446744073709551616"), std::nullopt);
    EXPECT_EQ(internal::number_of("12"), 12U);
}

TEST(RawJson, LimitsDepth) {
    EXPECT_TRUE(internal::check_json("[[[]]]", 3));
    EXPECT_FALSE(internal::check_json("[[[[]]]]", 3));
}

}  // namespace
}  // namespace entente::formats
