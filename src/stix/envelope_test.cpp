#include "stix/envelope.h"

#include "base/limits.h"
#include "stix/object.h"

#include <gtest/gtest.h>

namespace entente::stix {
namespace {

using Slices = std::vector<std::string_view>;

Slices slices(std::string_view body) {
    return read_envelope(body).value().objects;
}

std::string outcome(std::string_view body) {
    const auto envelope = read_envelope(body);
    return envelope ? "read" : errc_name(envelope.error().code) + (": " + envelope.error().detail);
}

TEST(ReadEnvelope, GivesEachObjectAsItStands) {
    EXPECT_EQ(
        slices(
            " {\n\"more\" : false , \"objects\" : [ {\"a\" : 1} , {} ,\t[1] ] , \"next\":\"x\" } "
        ),
        (Slices{"{\"a\" : 1}", "{}", "[1]"})
    );
    EXPECT_EQ(slices(R"({"\u006fbjects":[{"s":"]}\"[{"}]})"), (Slices{R"({"s":"]}\"[{"})"}));
    EXPECT_EQ(slices(R"({"x":{"objects":[1]},"objects":[2]})"), (Slices{"2"}));
}

TEST(ReadEnvelope, GivesValuesOfAnyType) {
    EXPECT_EQ(
        slices(R"({"objects":[1,-2.5e3,"a",true,null,[],[[{}]],{"b":2}]})"),
        (Slices{"1", "-2.5e3", "\"a\"", "true", "null", "[]", "[[{}]]", "{\"b\":2}"})
    );
}

TEST(ReadEnvelope, TellsBundlesFromEnvelopes) {
    const auto form = [](std::string_view body) { return read_envelope(body).value().form; };
    EXPECT_EQ(form(R"({"objects":[1]})"), Envelope::Form::envelope);
    EXPECT_EQ(form(R"({"type":"bundle","id":"bundle--1","objects":[1]})"), Envelope::Form::bundle);
    EXPECT_EQ(form(R"({"objects":[1],"type":"bundle"})"), Envelope::Form::bundle);
    EXPECT_EQ(form(R"({"objects":[1],"type":"bundles"})"), Envelope::Form::envelope);
    EXPECT_EQ(form(R"({"objects":[{"type":"bundle"}]})"), Envelope::Form::envelope);
}

TEST(ReadEnvelope, OneBadObjectDoesNotLoseTheOthers) {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    const std::string body = R"({"objects":[{"id":1,"\u0069d":2},{"a":"\ud800"},{"a":1e999},)" +
                             deep + R"(,{"good":1}]})";
    const Slices found = slices(body);
    ASSERT_EQ(found.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(read_object(found[i]).error().code, Errc::malformed) << found[i];
    EXPECT_EQ(found[4], R"({"good":1})");
}

TEST(ReadEnvelope, WhatIsNoJsonAnywhereIsMalformed) {
    using namespace std::string_view_literals;
    for (const std::string_view body : {
             ""sv,
             " "sv,
             "{"sv,
             "[1"sv,
             "nope"sv,
             "{\"objects\":[1]"sv,
             "{\"objects\":[1]}}"sv,
             "{\"objects\":[1]} x"sv,
             "{\"objects\":[1}]"sv,
             "{\"objects\":[1,]}"sv,
             "{\"objects\":[1 2]}"sv,
             "{\"objects\":[,1]}"sv,
             "{\"objects\":[1],}"sv,
             "{\"objects\" [1]}"sv,
             "{objects:[1]}"sv,
             "{\"objects\":[{\"a\":1,}]}"sv,
             "{\"objects\":[{\"a\":tru}]}"sv,
             "{\"objects\":[{\"a\":01}]}"sv,
             "{\"objects\":[{\"a\":NaN}]}"sv,
             "{\"objects\":[\"\n\"]}"sv,
             "{\"objects\":[\"\\x\"]}"sv,
             "{\"objects\":[\"\xff\"]}"sv,
             "{\"objects\":[1],\"x\":nul}"sv,
             "{\"objects\":[1],\"x\":\"\xed\xa0\x80\"}"sv,
             "{\"objects\":[1],\"x\":[}]}"sv,
             "\xEF\xBB\xBF{\"objects\":[1]}"sv,
             "{\"objects\":[1]}\0"sv,
             "{\"objects\":[1],\"\\ud800\":1}"sv,
         }) {
        EXPECT_TRUE(outcome(body).starts_with("malformed: ")) << body << " -> " << outcome(body);
    }
    const std::string good = R"({"type":"bundle","objects":[{"a":[1,{"b":"c\n"}]},2.5],"x":null})";
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_TRUE(outcome(good.substr(0, i)).starts_with("malformed: ")) << i;
    }
    EXPECT_EQ(outcome(good), "read");
}

TEST(ReadEnvelope, RefusesATopLevelNameThatStandsTwice) {
    EXPECT_TRUE(outcome(R"({"objects":[1],"objects":[2]})").starts_with("malformed: "));
    EXPECT_TRUE(outcome(R"({"objects":[1],"\u006fbjects":[2]})").starts_with("malformed: "));
    EXPECT_TRUE(outcome(R"({"x":1,"objects":[1],"x":1})").starts_with("malformed: "));
}

TEST(ReadEnvelope, OtherJsonIsUnprocessable) {
    for (const std::string_view body :
         {"1",
          "\"x\"",
          "null",
          "[]",
          "[{\"type\":\"indicator\"}]",
          "{}",
          R"({"type":"indicator"})",
          R"({"objects":{}})",
          R"({"objects":null})",
          R"({"objects":[]})",
          R"({"objects":[ ]})",
          R"({"more":false})"}) {
        EXPECT_TRUE(outcome(body).starts_with("unprocessable: "))
            << body << " -> " << outcome(body);
        EXPECT_NE(outcome(body).find(R"(expected {"objects": [...]})"), std::string::npos);
    }
}

TEST(ReadEnvelope, IsBounded) {
    const auto with_depth = [](std::size_t depth) {
        return "{\"objects\":[" + std::string(depth, '[') + std::string(depth, ']') + "]}";
    };
    EXPECT_EQ(outcome(with_depth(limits::cut_depth_max)), "read");
    EXPECT_TRUE(outcome(with_depth(limits::cut_depth_max + 1)).starts_with("malformed: "));
    EXPECT_TRUE(outcome("{\"x\":" + std::string(10'000'000, '[')).starts_with("malformed: "));

    std::string many = "{\"objects\":[0";
    for (std::size_t i = 1; i < limits::objects_per_request_max; ++i)
        many += ",0";
    EXPECT_EQ(slices(many + "]}").size(), limits::objects_per_request_max);
    EXPECT_TRUE(outcome(many + ",0]}").starts_with("too_large: "));

    const std::string text(10'000'000, 'x');
    EXPECT_EQ(slices("{\"objects\":[\"" + text + "\"]}")[0].size(), text.size() + 2);
}

TEST(ReadEnvelope, SaysAtWhichByte) {
    EXPECT_EQ(
        outcome(R"({"objects":[{}{}]})"), "malformed: byte 14: expected ',' or ']' in a list"
    );
    EXPECT_EQ(outcome("{\"objects\":[\"\xff\"]}"), "malformed: byte 13 is not UTF-8");
}

}  // namespace
}  // namespace entente::stix
