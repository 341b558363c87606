#include "stix/object.h"

#include "base/limits.h"
#include "stix/tlp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace entente::stix {
namespace {

constexpr std::string_view indicator =
    R"({"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",)"
    R"("created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2016-04-06T20:03:48.000Z",)"
    R"("modified":"2016-04-07T20:03:48.120Z","name":"Poison Ivy","pattern":"[file:name = 'a']","pattern_type":"stix",)"
    R"("valid_from":"2016-01-01T00:00:00Z"})";

/// Reads `text` with the first `what` in it put instead.
std::string with(std::string_view text, std::string_view what, std::string_view instead) {
    std::string out(text);
    const std::size_t at = out.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return out.replace(at, what.size(), instead);
}

/// `indicator` with further properties behind.
std::string plus(std::string_view properties) {
    return std::string(indicator.substr(0, indicator.size() - 1))
        .append(",")
        .append(properties)
        .append("}");
}

std::string outcome(std::string_view json) {
    const auto object = read_object(json);
    return object ? "read" : errc_name(object.error().code) + (": " + object.error().detail);
}

#define EXPECT_READ(json) EXPECT_EQ(outcome(json), "read") << (json)
#define EXPECT_WRONG(json, pointer)                                        \
    EXPECT_TRUE(outcome(json).starts_with("unprocessable: " pointer ": ")) \
        << outcome(json) << "\n"                                           \
        << (json)

TEST(ReadObject, TellsWhatAServerMustKnow) {
    const std::string json = plus(
        R"("object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",)"
        R"("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",)"
        R"("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"],)"
        R"("granular_markings":[{"selectors":["name"],"lang":"en"},{"selectors":["pattern"],)"
        R"("marking_ref":"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"}],"revoked":true)"
    );
    const auto object = read_object(" " + json + "\n");
    ASSERT_TRUE(object) << object.error().detail;
    EXPECT_EQ(object->type, "indicator");
    EXPECT_EQ(object->id, "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f");
    EXPECT_EQ(object->spec_version, "2.1");
    EXPECT_EQ(object->version, "2016-04-07T20:03:48.120Z");
    EXPECT_EQ(object->version_key, "2016-04-07T20:03:48.12");
    EXPECT_EQ(object->created_by_ref, "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff");
    EXPECT_TRUE(object->revoked);
    EXPECT_EQ(object->kind, Kind::domain_object);
    EXPECT_EQ(
        object->object_markings,
        (std::vector<std::string>{
            "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
            "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"})
    );
    EXPECT_EQ(
        object->granular_markings,
        std::vector<std::string>{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"}
    );
    EXPECT_TRUE(object->references.empty());
    EXPECT_FALSE(object->marking);
    EXPECT_EQ(object->body, json);
    EXPECT_EQ(object->digest, sha256(*canonical_json(json)));
}

TEST(ReadObject, KeepsTheBytesThatCame) {
    const auto object = read_object(plus("\n \"x_a\" : [ 1e2 , 1.0 , \"\\/ \\u00e9 😀\" , -0 ]"));
    ASSERT_TRUE(object);
    EXPECT_TRUE(object->body.ends_with("\"x_a\":[1e2,1.0,\"\\/ \\u00e9 😀\",-0]}")) << object->body;
}

TEST(ReadObject, DigestDoesNotDependOnSpelling) {
    const auto digest = [](std::string_view json) { return read_object(json).value().digest; };
    const std::string a = plus(R"("x_a":100,"x_b":"é/\n","x_c":{"p":1,"q":2})");
    const std::string b =
        "{\"x_c\" : {\"q\":2.0, \"p\":1} ,\"\\u0078_b\":\"\\u00e9\\/\\u000A\",\"x_a\":1e2,\t" +
        std::string(indicator.substr(1));
    EXPECT_EQ(digest(a), digest(b));
    EXPECT_NE(read_object(a)->body, read_object(b)->body);
    EXPECT_NE(digest(a), digest(with(a, "100", "101")));
    EXPECT_NE(digest(a), digest(with(a, "100", "\"100\"")));
    EXPECT_NE(digest(a), digest(with(a, "é", "e\u0301")));  // normalisation is not spelling
    EXPECT_NE(digest(plus(R"("x_a":[1,2])")), digest(plus(R"("x_a":[2,1])")));
}

TEST(ReadObject, NeedsTypeAndId) {
    EXPECT_WRONG("{}", "/type");
    EXPECT_WRONG(R"({"type":7})", "/type");
    EXPECT_WRONG(R"({"type":"ab"})", "/type");
    EXPECT_WRONG(R"({"type":"Indicator"})", "/type");
    EXPECT_WRONG(R"({"type":"a_b"})", "/type");
    EXPECT_WRONG(R"({"type":"a--b"})", "/type");
    EXPECT_WRONG(R"({"type":"in\ndicator"})", "/type");
    EXPECT_WRONG("{\"type\":\"" + std::string(251, 'a') + "\"}", "/type");
    EXPECT_WRONG(
        R"({"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"})", "/type"
    );
    EXPECT_WRONG(R"({"type":"indicator"})", "/id");
    EXPECT_WRONG(R"({"type":"indicator","id":null})", "/id");
    for (const std::string_view id : {
             "",
             "indicator",
             "indicator--",
             "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
             "indicator--8E2E2D2B-17D4-4CBF-938F-98EE46B3CD3F",
             "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3",
             "indicator--8e2e2d2b17d44cbf938f98ee46b3cd3f",
             "indicator-8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
             "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3g",
             "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f ",
             "indicator---8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
             "malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
             "indicators--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
             "indicator--8e2e2d2b_17d4_4cbf_938f_98ee46b3cd3f",
         }) {
        EXPECT_WRONG(with(indicator, "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", id), "/id");
    }
    EXPECT_NE(
        outcome(with(indicator, "8e2e2d2b", "8E2E2D2B")).find("lower-case"), std::string::npos
    );
    // Any version of UUID, the nil one too.
    EXPECT_READ(with(
        indicator, "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "00000000-0000-0000-0000-000000000000"
    ));
    EXPECT_READ(with(indicator, "8e2e2d2b-17d4-4cbf", "8e2e2d2b-17d4-7cbf"));
    // An escape is only a spelling.
    EXPECT_EQ(
        read_object(with(indicator, R"("indicator")", R"("\u0069ndicator")"))->type, "indicator"
    );
}

TEST(ReadObject, OthersThanObjectsAreUnprocessable) {
    for (const std::string_view json : {"1", "\"indicator\"", "null", "[]", "[{}]", "true"}) {
        EXPECT_TRUE(outcome(json).starts_with("unprocessable: ")) << json;
    }
}

TEST(ReadObject, WhatIsNoJsonIsMalformed) {
    for (const std::string_view json :
         {"", " ", "{", "{}{}", "{} x", "{\"type\":}", "\xEF\xBB\xBF{}", "{\"a\":\"\xff\"}"}) {
        EXPECT_TRUE(outcome(json).starts_with("malformed: ")) << json;
    }
    for (std::size_t i = 0; i < indicator.size(); ++i) {
        EXPECT_TRUE(outcome(indicator.substr(0, i)).starts_with("malformed: ")) << i;
    }
    EXPECT_READ(indicator);
    // A marking must not hide behind a second spelling of its name, at any depth.
    EXPECT_TRUE(outcome(plus(R"("\u0069d":"x")")).starts_with("malformed: /id: "));
    EXPECT_TRUE(
        outcome(plus(R"("revoked":false,"revoke\u0064":true)")).starts_with("malformed: /revoked: ")
    );
    EXPECT_TRUE(outcome(plus(R"("extensions":{"a":{"b":1,"\u0062":2}})"))
                    .starts_with("malformed: /extensions/a/b: "));
    EXPECT_TRUE(outcome(plus(R"("x_a":"\ud800")")).starts_with("malformed: /x_a: "));
    EXPECT_TRUE(outcome(plus(R"("x_a":1e999)")).starts_with("malformed: /x_a: "));
    EXPECT_TRUE(outcome(plus(R"("x_a":NaN)")).starts_with("malformed: /x_a: "));
    EXPECT_READ(plus(R"("x_a":123456789012345678901234567890)"));
}

TEST(ReadObject, NeedsCreatedAndModifiedInOrder) {
    EXPECT_WRONG(with(indicator, "\"created\"", "\"x_created\""), "/created");
    EXPECT_WRONG(with(indicator, "\"modified\"", "\"x_modified\""), "/modified");
    for (const std::string_view bad : {
             "2016-04-07",
             "2016-04-07T20:03:48",
             "2016-04-07T20:03:48+00:00",
             "2016-04-07 20:03:48Z",
             "2016-02-30T20:03:48Z",
             "2016-04-07T20:03:48.Z",
             "2016-04-07T24:03:48Z",
             "",
             "now",
             "2016-04-07T20:03:48.000z",
         }) {
        EXPECT_WRONG(with(indicator, "2016-04-07T20:03:48.120Z", bad), "/modified");
        EXPECT_WRONG(with(indicator, "2016-04-06T20:03:48.000Z", bad), "/created");
    }
    EXPECT_WRONG(with(indicator, R"("2016-04-07T20:03:48.120Z")", "1460059428"), "/modified");
    // STIX 2.1, 3.6 (S25): modified is not before created, to the last digit.
    EXPECT_WRONG(
        with(indicator, "2016-04-07T20:03:48.120Z", "2016-04-06T20:03:47.999999999Z"), "/modified"
    );
    EXPECT_READ(with(indicator, "2016-04-07T20:03:48.120Z", "2016-04-06T20:03:48Z"));
    EXPECT_READ(with(indicator, "2016-04-07T20:03:48.120Z", "2016-04-06T20:03:48.000000000001Z"));
}

TEST(ReadObject, VersionIsModifiedElseCreatedElseOneConstant) {
    EXPECT_EQ(
        read_object(with(indicator, "48.120Z", "48.1200Z"))->version, "2016-04-07T20:03:48.1200Z"
    );
    EXPECT_EQ(
        read_object(with(indicator, "48.120Z", "48.1200Z"))->version_key,
        read_object(indicator)->version_key
    );
    const auto statement = read_object(
        R"({"type":"marking-definition","spec_version":"2.1","id":"marking-definition--d81f86b9-975b-4c0b-875e-810c5ad45a4f",)"
        R"("created":"2017-04-14T13:07:49.812Z","definition_type":"statement","definition":{"statement":"\u00a9 North"}})"
    );
    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->version, "2017-04-14T13:07:49.812Z");
    EXPECT_EQ(statement->kind, Kind::meta_object);
    const auto address = read_object(
        R"({"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"})"
    );
    ASSERT_TRUE(address);
    EXPECT_EQ(address->version, unversioned);
    EXPECT_EQ(address->version_key, "1970-01-01T00:00:00");
    EXPECT_EQ(address->kind, Kind::cyber_observable);
}

TEST(ReadObject, SpecVersionIsInferredWhereAbsent) {
    const std::string without = with(indicator, R"("spec_version":"2.1",)", "");
    EXPECT_EQ(read_object(without)->spec_version, "2.0");
    EXPECT_EQ(read_object(with(indicator, "\"2.1\"", "\"2.0\""))->spec_version, "2.0");
    EXPECT_EQ(
        read_object(R"({"type":"url","id":"url--47c3cf9a-5027-5bf0-997a-017c7edc7c55","value":"x"})"
        )
            ->spec_version,
        "2.1"
    );
    EXPECT_EQ(
        read_object(
            R"({"type":"x-probe","id":"x-probe--47c3cf9a-5027-5bf0-997a-017c7edc7c55","created":"2017-04-14T13:07:49Z","modified":"2017-04-14T13:07:49Z"})"
        )
            ->spec_version,
        "2.0"
    );
    // A cyber-observable that an extension gave dates is one of 2.1 all the same.
    EXPECT_EQ(
        read_object(
            R"({"type":"url","id":"url--47c3cf9a-5027-5bf0-997a-017c7edc7c55","value":"x","created":"2017-04-14T13:07:49Z"})"
        )
            ->spec_version,
        "2.1"
    );
    for (const std::string_view bad : {"\"2.2\"", "\"2\"", "2.1", "\"\"", "null", "[\"2.1\"]"}) {
        EXPECT_WRONG(with(indicator, "\"2.1\"", bad), "/spec_version");
    }
}

TEST(ReadObject, KindOfUnknownTypesGoesByShape) {
    const auto kind = [](std::string_view properties) {
        const std::string json =
            R"({"type":"x-probe","spec_version":"2.1","id":"x-probe--47c3cf9a-5027-5bf0-997a-017c7edc7c55")" +
            std::string(properties) + "}";
        return read_object(json).value().kind;
    };
    constexpr std::string_view dates =
        R"(,"created":"2017-04-14T13:07:49Z","modified":"2017-04-14T13:07:49Z")";
    constexpr std::string_view ends =
        R"(,"source_ref":"url--47c3cf9a-5027-5bf0-997a-017c7edc7c55","target_ref":"url--47c3cf9a-5027-5bf0-997a-017c7edc7c55")";
    EXPECT_EQ(kind(""), Kind::cyber_observable);
    EXPECT_EQ(kind(ends), Kind::cyber_observable);
    EXPECT_EQ(kind(dates), Kind::domain_object);
    EXPECT_EQ(kind(std::string(dates).append(ends)), Kind::relationship_object);
    EXPECT_WRONG(
        R"({"type":"x-probe","id":"x-probe--47c3cf9a-5027-5bf0-997a-017c7edc7c55","created":"2017-04-14T13:07:49Z"})",
        "/modified"
    );
    EXPECT_WRONG(
        R"({"type":"x-probe","id":"x-probe--47c3cf9a-5027-5bf0-997a-017c7edc7c55","modified":"2017-04-14T13:07:49Z"})",
        "/created"
    );
}

TEST(ReadObject, ProducerAndRevokedHaveTheirForms) {
    EXPECT_WRONG(with(indicator, "identity--f431", "malware--f431"), "/created_by_ref");
    EXPECT_WRONG(with(indicator, "identity--f431", "identity--F431"), "/created_by_ref");
    EXPECT_WRONG(
        with(indicator, R"("identity--f431f809-377b-45e0-aa1c-6a4751cae5ff")", "null"),
        "/created_by_ref"
    );
    EXPECT_WRONG(plus(R"("revoked":"true")"), "/revoked");
    EXPECT_WRONG(plus(R"("revoked":1)"), "/revoked");
    EXPECT_FALSE(read_object(plus(R"("revoked":false)"))->revoked);
    EXPECT_FALSE(read_object(indicator)->revoked);
}

TEST(ReadObject, MarkingPropertiesHaveTheirForms) {
    for (const std::string_view bad : {
             "null",
             "{}",
             "[]",
             "\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\"",
         }) {
        EXPECT_WRONG(plus("\"object_marking_refs\":" + std::string(bad)), "/object_marking_refs");
    }
    for (const std::string_view bad :
         {"7",
          "\"red\"",
          "\"marking-definition--613F2E26-407D-48C7-9ECA-B8E91DF99DC9\"",
          "\"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff\"",
          "[\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\"]"}) {
        EXPECT_WRONG(
            plus(
                "\"object_marking_refs\":[\"marking-definition--613f2e26-407d-48c7-9eca-"
                "b8e91df99dc9\"," +
                std::string(bad) + "]"
            ),
            "/object_marking_refs/1"
        );
        EXPECT_WRONG(
            plus(
                "\"granular_markings\":[{\"selectors\":[\"name\"],\"marking_ref\":" +
                std::string(bad) + "}]"
            ),
            "/granular_markings/0/marking_ref"
        );
    }
    EXPECT_WRONG(plus(R"("granular_markings":[])"), "/granular_markings");
    EXPECT_WRONG(plus(R"("granular_markings":{})"), "/granular_markings");
    EXPECT_WRONG(plus(R"("granular_markings":["x"])"), "/granular_markings/0");
    constexpr std::string_view red =
        R"("marking_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed")";
    const auto granular = [red](std::string_view rest) {
        return plus("\"granular_markings\":[{" + std::string(red) + std::string(rest) + "}]");
    };
    EXPECT_READ(granular(R"(,"selectors":["name"])"));
    EXPECT_WRONG(granular(""), "/granular_markings/0/selectors");
    EXPECT_WRONG(granular(R"(,"selectors":[])"), "/granular_markings/0/selectors");
    EXPECT_WRONG(granular(R"(,"selectors":"name")"), "/granular_markings/0/selectors");
    EXPECT_WRONG(granular(R"(,"selectors":["name",1])"), "/granular_markings/0/selectors");
    EXPECT_WRONG(granular(R"(,"selectors":["name"],"lang":"en")"), "/granular_markings/0");
    EXPECT_WRONG(plus(R"("granular_markings":[{"selectors":["name"]}])"), "/granular_markings/0");
    EXPECT_WRONG(
        plus(R"("granular_markings":[{"selectors":["name"],"lang":1}])"),
        "/granular_markings/0/lang"
    );
    // STIX 2.1, 3.2 (S15): no marking marks itself.
    EXPECT_WRONG(
        R"({"type":"marking-definition","id":"marking-definition--d81f86b9-975b-4c0b-875e-810c5ad45a4f",)"
        R"("created":"2017-04-14T13:07:49.812Z","definition_type":"statement","definition":{"statement":"x"},)"
        R"("object_marking_refs":["marking-definition--d81f86b9-975b-4c0b-875e-810c5ad45a4f"]})",
        "/object_marking_refs/0"
    );
}

TEST(ReadObject, MarkingsAndReferencesAreBounded) {
    const auto many = [](std::string_view name, std::string_view type, std::size_t count) {
        std::string list = "\"" + std::string(name) + "\":[";
        for (std::size_t i = 0; i < count; ++i) {
            const std::string digits = std::to_string(100'000'000'000 + i);
            list.append(i == 0 ? "\"" : ",\"")
                .append(type)
                .append("--00000000-0000-4000-8000-")
                .append(digits)
                .append("\"");
        }
        return plus(list + "]");
    };
    EXPECT_READ(many("object_marking_refs", "marking-definition", limits::markings_max));
    EXPECT_TRUE(outcome(many("object_marking_refs", "marking-definition", limits::markings_max + 1))
                    .starts_with("too_large: /"));
    const auto full = read_object(many("object_refs", "malware", limits::references_max));
    ASSERT_TRUE(full);
    EXPECT_EQ(full->references.size(), limits::references_max);
    EXPECT_TRUE(outcome(many("object_refs", "malware", limits::references_max + 1))
                    .starts_with("too_large: "));
    EXPECT_TRUE(outcome(std::string(limits::object_bytes_max, ' ') + std::string(indicator))
                    .starts_with("too_large: "));
}

TEST(ReadObject, ReferencesAreAllRefPropertiesButProducerAndMarkings) {
    constexpr std::string_view a = "malware--11111111-1111-4111-8111-111111111111";
    constexpr std::string_view b = "tool--22222222-2222-4222-8222-222222222222";
    const std::string json = with(
        with(
            plus(
                R"("object_refs":["B","A","B","not an id",7],"sample_ref":"A","host_vm_ref":"A",)"
                R"("object_marking_refs":["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"],)"
                R"("external_references":[{"x_ref":"A"}],"x_reference":"A","y_refs":"A")"
            ),
            R"(["B","A","B")",
            "[\"" + std::string(b) + "\",\"" + std::string(a) + "\",\"" + std::string(b) + "\""
        ),
        R"("sample_ref":"A")",
        "\"sample_ref\":\"" + std::string(a) + "\""
    );
    const auto object = read_object(json);
    ASSERT_TRUE(object) << object.error().detail;
    EXPECT_EQ(object->references, (std::vector<std::string>{std::string(a), std::string(b)}));
}

TEST(ReadObject, RelationshipsAndSightingsNameTheirEnds) {
    constexpr std::string_view relationship =
        R"({"type":"relationship","spec_version":"2.1","id":"relationship--57b56a43-b8b0-4cba-9deb-34e3e1faed9e",)"
        R"("created":"2016-05-09T08:17:27.000Z","modified":"2016-05-09T08:17:27.000Z","relationship_type":"uses",)"
        R"("source_ref":"malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061","target_ref":"tool--22222222-2222-4222-8222-222222222222"})";
    const auto object = read_object(relationship);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->kind, Kind::relationship_object);
    EXPECT_EQ(
        object->references,
        (std::vector<std::string>{
            "malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",
            "tool--22222222-2222-4222-8222-222222222222"})
    );
    EXPECT_WRONG(with(relationship, "source_ref", "x_ref"), "/source_ref");
    EXPECT_WRONG(with(relationship, "target_ref", "x_ref"), "/target_ref");
    // Another spelling of an id would name something without being seen to.
    EXPECT_WRONG(with(relationship, "0c7b5b88", "0C7B5B88"), "/source_ref");
    const std::string sighting = with(
        with(relationship, "relationship", "sighting"), "relationship--57b5", "sighting--57b5"
    );
    EXPECT_WRONG(sighting, "/sighting_of_ref");
    EXPECT_READ(with(sighting, "source_ref", "sighting_of_ref"));
}

std::string marking(std::string_view id, std::string_view properties) {
    return R"({"type":"marking-definition","spec_version":"2.1","id":"marking-definition--)" +
           std::string(id) + R"(","created":"2022-10-01T00:00:00.000Z",)" +
           std::string(properties) + "}";
}

std::string tlp1(std::string_view id, std::string_view level) {
    return marking(
        id, R"("definition_type":"tlp","definition":{"tlp":")" + std::string(level) + "\"}"
    );
}

std::string tlp2(std::string_view id, std::string_view level) {
    return marking(
        id,
        R"("extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":)"
        R"("property-extension","tlp_2_0":")" +
            std::string(level) + "\"}}"
    );
}

TEST(ReadObject, KnowsTlpByIdAndContent) {
    using Form = MarkingContent::Form;
    const auto form = [](const std::string& json) {
        return read_object(json).value().marking.value().form;
    };
    EXPECT_EQ(form(tlp1("613f2e26-407d-48c7-9eca-b8e91df99dc9", "white")), Form::tlp1);
    EXPECT_EQ(form(tlp1("34098fce-860f-48ae-8e50-ebd3cc5e41da", "green")), Form::tlp1);
    EXPECT_EQ(form(tlp1("f88d31f6-486f-44da-b317-01333bde0b82", "amber")), Form::tlp1);
    EXPECT_EQ(form(tlp1("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red")), Form::tlp1);
    EXPECT_EQ(form(tlp2("94868c89-83c2-464b-929b-a1a8aa3c8487", "clear")), Form::tlp2);
    EXPECT_EQ(form(tlp2("bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green")), Form::tlp2);
    EXPECT_EQ(form(tlp2("55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber")), Form::tlp2);
    EXPECT_EQ(form(tlp2("939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict")), Form::tlp2);
    EXPECT_EQ(form(tlp2("e828b379-4e03-4974-9ac4-e53a884c97c1", "red")), Form::tlp2);
}

TEST(ReadObject, RefusesWhatOnlyLooksLikeTlp) {
    constexpr std::string_view other = "d81f86b9-975b-4c0b-875e-810c5ad45a4f";
    // TLP under an id of its own, in any disguise.
    EXPECT_WRONG(tlp1(other, "white"), "/definition_type");
    EXPECT_WRONG(with(tlp1(other, "white"), "\"tlp\"", "\"TLP\""), "/definition_type");
    EXPECT_WRONG(with(tlp1(other, "white"), "\"tlp\"", "\"\\u0074lp\""), "/definition_type");
    EXPECT_WRONG(marking(other, R"("definition_type":"tlp")"), "/definition_type");
    EXPECT_WRONG(tlp2(other, "clear"), "/extensions");
    EXPECT_WRONG(with(tlp2(other, "clear"), "60a3c5c5", "70a3c5c5"), "/extensions");
    EXPECT_WRONG(with(tlp2(other, "clear"), "tlp_2_0", "x"), "/extensions");
    EXPECT_WRONG(with(tlp2(other, "clear"), "tlp_2_0", "tlp\\u005f2_0"), "/extensions");
    // The standard's id with another content.
    constexpr std::string_view white = "613f2e26-407d-48c7-9eca-b8e91df99dc9";
    constexpr std::string_view clear = "94868c89-83c2-464b-929b-a1a8aa3c8487";
    EXPECT_WRONG(tlp1(white, "red"), "/id");
    EXPECT_WRONG(tlp1(white, "clear"), "/id");
    EXPECT_WRONG(tlp2(white, "clear"), "/id");
    EXPECT_WRONG(tlp1(clear, "clear"), "/id");
    EXPECT_WRONG(tlp2(clear, "red"), "/id");
    EXPECT_WRONG(with(tlp2(clear, "clear"), "60a3c5c5", "70a3c5c5"), "/id");
    EXPECT_WRONG(
        marking(clear, R"("definition_type":"statement","definition":{"statement":"x"})"), "/id"
    );
    EXPECT_WRONG(marking(white, R"("name":"TLP:WHITE")"), "/id");
    EXPECT_WRONG(
        with(tlp2(clear, "clear"), "\"extensions\"", R"("definition":{"tlp":"red"},"extensions")"),
        "/id"
    );
}

TEST(ReadObject, TellsStatementMarkingsFromOthers) {
    using Form = MarkingContent::Form;
    constexpr std::string_view id = "d81f86b9-975b-4c0b-875e-810c5ad45a4f";
    const auto content = [id](std::string_view properties) {
        return read_object(marking(id, properties)).value().marking.value();
    };
    const MarkingContent statement =
        content(R"("definition_type":"statement","definition":{"statement":"\u00a9 \"North\""})");
    EXPECT_EQ(statement.form, Form::statement);
    EXPECT_EQ(statement.statement, "© \"North\"");
    EXPECT_EQ(
        content(R"("definition_type":"statement","definition":{"statement":7})").form, Form::other
    );
    EXPECT_EQ(content(R"("definition_type":"statement","definition":"x")").form, Form::other);
    EXPECT_EQ(content(R"("definition_type":"statement")").form, Form::other);
    EXPECT_EQ(
        content(R"("definition_type":"iep","definition":{"statement":"x"})").form, Form::other
    );
    EXPECT_EQ(
        content(R"("extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{}})")
            .form,
        Form::other
    );
}

TEST(ReadObject, ErrorsAreShortAndPrintable) {
    const std::string long_value(1'000'000, 'x');
    for (const std::string& json :
         {with(indicator, "\"2.1\"", "\"" + long_value + "\""),
          with(indicator, "identity--f431", long_value),
          with(indicator, "2016-04-07T", long_value),
          "{\"type\":\"" + long_value + "\"}",
          with(indicator, "\"2.1\"", "\"\u202e\x7f\u009b\"")}) {
        const std::string text = outcome(json);
        EXPECT_TRUE(text.starts_with("unprocessable: ")) << text.substr(0, 100);
        EXPECT_LT(text.size(), 500U);
        EXPECT_EQ(text.find("\u202e"), std::string::npos);
        EXPECT_EQ(text.find('\x7f'), std::string::npos);
    }
}

TEST(ReadObject, DamagedObjectsNeverPassUnnoticed) {
    const std::string good = plus(
        R"("object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"],"x_a":[1.5e3,{"k":"\u00e9"}])"
    );
    constexpr std::uint64_t seed = 4711;
    std::mt19937_64 random(seed);
    int read = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = good;
        text[random() % text.size()] = static_cast<char>(random() & 0xFFU);
        const auto object = read_object(text);
        if (!object) {
            ASSERT_FALSE(object.error().detail.empty());
            continue;
        }
        ++read;
        ASSERT_TRUE(is_identifier(object->id)) << text << " seed " << seed;
        const auto again = read_object(object->body);
        ASSERT_TRUE(again) << text << " seed " << seed;
        ASSERT_EQ(again->digest, object->digest) << text << " seed " << seed;
        ASSERT_EQ(again->body, object->body);
    }
    EXPECT_GT(read, 1'000);
}

TEST(ReadObject, IsSafeFromManyThreads) {
    const Digest digest = read_object(indicator)->digest;
    std::vector<std::jthread> threads;
    std::array<bool, 4> good{};
    for (bool& mine : good) {
        threads.emplace_back([&mine, &digest] {
            mine = true;
            for (int i = 0; i < 2'000; ++i)
                mine = mine && read_object(indicator)->digest == digest;
        });
    }
    threads.clear();
    EXPECT_TRUE(std::all_of(good.begin(), good.end(), [](bool b) { return b; }));
}

TEST(IsIdentifier, TakesTypeAndLowerCaseUuid) {
    EXPECT_TRUE(is_identifier("url--47c3cf9a-5027-5bf0-997a-017c7edc7c55"));
    EXPECT_TRUE(is_identifier("x-y-1--47c3cf9a-5027-5bf0-997a-017c7edc7c55"));
    EXPECT_TRUE(is_identifier(std::string(250, 'a') + "--47c3cf9a-5027-5bf0-997a-017c7edc7c55"));
    for (const std::string_view text :
         {"",
          "--47c3cf9a-5027-5bf0-997a-017c7edc7c55",
          "ab--47c3cf9a-5027-5bf0-997a-017c7edc7c55",
          "Url--47c3cf9a-5027-5bf0-997a-017c7edc7c55",
          "u_l--47c3cf9a-5027-5bf0-997a-017c7edc7c55",
          "a--b--47c3cf9a-5027-5bf0-997a-017c7edc7c55",
          "url--47C3CF9A-5027-5bf0-997a-017c7edc7c55",
          "url--47c3cf9a-5027-5bf0-997a-017c7edc7c5",
          "url-47c3cf9a-5027-5bf0-997a-017c7edc7c55"}) {
        EXPECT_FALSE(is_identifier(text)) << text;
    }
    EXPECT_FALSE(is_identifier(std::string(251, 'a') + "--47c3cf9a-5027-5bf0-997a-017c7edc7c55"));
}

TEST(CanonicalJson, TakesAnyValueAndSaysWhy) {
    EXPECT_EQ(canonical_json(" [ 1.50 ] ").value(), "[1.5]");
    EXPECT_EQ(canonical_json("{\"b\":1,\"a\":2}").value(), "{\"a\":2,\"b\":1}");
    EXPECT_EQ(canonical_json("{\"a\":1,\"a\":2}").error().code, Errc::malformed);
    EXPECT_EQ(
        canonical_json(std::string(limits::object_bytes_max + 1, ' ')).error().code, Errc::too_large
    );
}

}  // namespace
}  // namespace entente::stix
