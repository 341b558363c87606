#include "taxii/client/page.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::taxii::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Page, CutsObjectsByteForByte) {
    const std::string body =
        "\xEF\xBB\xBF { \"x_odd\" : [1,{\"objects\":[0]}] ,\n\"objects\" : [ {\"a\":1e2, "
        "\"b\":\"\\u00e9]}\"} "
        ",{} , {\"c\":[[{}]]}],\"more\":true, \"next\":\"a\\/b\" } \n";
    const Result<Page> page = read_page(body);
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_THAT(
        page->objects, ElementsAre("{\"a\":1e2, \"b\":\"\\u00e9]}\"}", "{}", "{\"c\":[[{}]]}")
    );
    EXPECT_EQ(page->more, true);
    EXPECT_EQ(page->next, "a/b");
}

TEST(Page, EmptyEnvelopesAreFine) {
    for (const std::string_view body :
         {"{}",
          " { } ",
          R"({"more":false})",
          R"({"objects":[]})",
          R"({"more":null,"next":null})"}) {
        SCOPED_TRACE(body);
        const Result<Page> page = read_page(body);
        ASSERT_TRUE(page) << page.error().detail;
        EXPECT_TRUE(page->objects.empty());
        EXPECT_NE(page->more, true);
        EXPECT_EQ(page->next, "");
    }
}

TEST(Page, NumbersAsNextAreTheirText) {
    EXPECT_EQ(read_page(R"({"next":107})")->next, "107");
}

TEST(Page, WhatIsNoObjectIsCountedAndLeftOut) {
    const Result<Page> page = read_page(R"({"objects":[1,"a",{"id":"x"},null,[]]})");
    ASSERT_TRUE(page);
    EXPECT_THAT(page->objects, ElementsAre(R"({"id":"x"})"));
    EXPECT_EQ(page->others, 4U);
}

TEST(Page, RefusesWhatIsNoEnvelope) {
    const std::string deep(limits::json_depth_max + 1, '[');
    const std::string deep_end(limits::json_depth_max + 1, ']');
    for (const std::string& body : std::vector<std::string>{
             "",
             " ",
             "[]",
             "null",
             "\"x\"",
             "{",
             "{}{}",
             "{\"objects\":{}}",
             "{\"objects\":null}",
             "{\"objects\":[{}",
             "{\"objects\":[{}]",
             "{\"objects\":[{},]}",
             "{\"objects\":[,{}]}",
             "{\"more\":1}",
             "{\"more\":\"true\"}",
             "{\"next\":[]}",
             "{\"next\":{}}",
             "{\"more\":true,\"more\":false}",
             "{\"objects\":[],\"obj\\u0065cts\":[{}]}",
             "{\"objects\":[{\"a\":tru}]}",
             "{\"objects\":[{\"a\":01}]}",
             "{\"objects\":[{\"a\":-}]}",
             "{\"objects\":[{\"a\":1.}]}",
             "{\"objects\":[{\"a\":NaN}]}",
             "{\"objects\":[{\"a\" 1}]}",
             "{\"objects\":[{a:1}]}",
             "{\"objects\":[{\"a\":\"\\x\"}]}",
             "{\"objects\":[{\"a\":\"\\u12g4\"}]}",
             "{\"objects\":[{\"a\":\"\n\"}]}",
             "{\"objects\":[{\"a\":\"\xff\"}]}",
             "{\"a\":\"\\",
             "{\"objects\":[{]}]}",
             "{\"objects\":[{\"a\":1 \"b\":2}]}",
             "{\"next\":\"\\ud800\"}",
             "{\"objects\":[{\"a\":" + deep + deep_end + "}]}"}) {
        SCOPED_TRACE(body);
        const Result<Page> page = read_page(body);
        ASSERT_FALSE(page);
        EXPECT_EQ(page.error().code, Errc::corrupt);
        EXPECT_LT(page.error().detail.size(), 200U);
    }
}

TEST(Page, BoundsNextAndCount) {
    const std::string longest(limits::client_next_bytes_max - 2, 'a');
    EXPECT_TRUE(read_page("{\"next\":\"" + longest + "\"}"));
    const Result<Page> next = read_page("{\"next\":\"a" + longest + "\"}");
    ASSERT_FALSE(next);
    EXPECT_THAT(next.error().detail, HasSubstr("`next`"));

    std::string many = "{\"objects\":[0";
    for (std::size_t i = 1; i < limits::objects_per_request_max; ++i)
        many += ",0";
    EXPECT_TRUE(read_page(many + "]}"));
    EXPECT_FALSE(read_page(many + ",0]}"));
}

TEST(Page, DeepestNestingIsRead) {
    const std::string deep(limits::json_depth_max - 1, '[');
    const std::string deep_end(limits::json_depth_max - 1, ']');
    EXPECT_TRUE(read_page("{\"objects\":[{\"a\":" + deep + deep_end + "}]}"));
}

TEST(OneLine, ChangesNothingWithoutLineBreaks) {
    EXPECT_EQ(one_line(R"({"a" :  1.0})"), R"({"a" :  1.0})");
}

TEST(OneLine, TakesWhiteSpaceOutsideOfStringsAway) {
    EXPECT_EQ(
        one_line("{\n  \"a b\" : \"c \\\" d\\\\\",\r\n\t\"e\": [ 1.0, 2 ]\n}"),
        R"({"a b":"c \" d\\","e":[1.0,2]})"
    );
}

}  // namespace
}  // namespace entente::taxii::client
