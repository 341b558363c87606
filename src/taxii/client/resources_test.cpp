#include "taxii/client/resources.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::taxii::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Document, IsToldByWhatItHas) {
    EXPECT_TRUE(read_document(R"({"title":"t","api_roots":["/a/"],"default":"/a/"})")->discovery);
    EXPECT_TRUE(read_document(R"({"title":"t"})")->discovery);
    EXPECT_TRUE(read_document(R"({"title":"t","versions":["v"],"max_content_length":9})")->root);
    EXPECT_TRUE(
        read_document(R"({"id":"107","title":"t","can_read":true,"can_write":false})")->collection
    );
    EXPECT_FALSE(read_document("{}"));
}

TEST(Collection, MayLeaveItsRightsOpenButNotLie) {
    const Result<Collection> open = read_collection(R"({"id":"a","title":"t","can_read":null})");
    ASSERT_TRUE(open);
    EXPECT_EQ(open->can_read, std::nullopt);
    EXPECT_EQ(open->can_write, std::nullopt);
    EXPECT_FALSE(read_collection(R"({"id":"a","can_read":"yes"})"));
    EXPECT_FALSE(read_collection(R"({"title":"t","can_read":true})"));
    EXPECT_FALSE(read_collection(R"({"id":"","title":"t"})"));
    EXPECT_FALSE(read_collection(R"({"id":7})"));
    EXPECT_FALSE(
        read_collection("{\"id\":\"" + std::string(limits::client_id_bytes_max + 1, 'a') + "\"}")
    );
}

TEST(Collections, AbsentMeansNone) {
    EXPECT_TRUE(read_collections("{}")->empty());
    EXPECT_EQ(
        read_collections(R"({"collections":[{"id":"a"},{"id":"b","alias":"x"}]})")->size(), 2U
    );
    EXPECT_FALSE(read_collections(R"({"collections":{}})"));
    EXPECT_FALSE(read_collections(R"({"collections":[1]})"));
    EXPECT_FALSE(read_collections("[]"));
}

TEST(Status, ReadsCountsAndFailures) {
    const Result<Status> status = read_status(
        R"({"id":"s","status":"complete","total_count":3,"success_count":1,"failure_count":2,"pending_count":0,
            "failures":[{"id":"a","version":"v","message":"m"},{"id":"b"}]})"
    );
    ASSERT_TRUE(status) << status.error().detail;
    EXPECT_TRUE(status->complete);
    EXPECT_TRUE(status->adds_up());
    ASSERT_EQ(status->failed.size(), 2U);
    EXPECT_EQ(status->failed[0].message, "m");
}

TEST(Status, CountsThatDoNotAddUpAreToldApart) {
    for (const std::string_view counts :
         {R"("total_count":2,"success_count":1)",
          R"("total_count":1,"success_count":2)",
          R"("total_count":9223372036854775807,"success_count":9223372036854775807)"}) {
        const Result<Status> status =
            read_status(R"({"id":"s","status":"pending",)" + std::string(counts) + "}");
        ASSERT_TRUE(status);
        EXPECT_FALSE(status->adds_up()) << counts;
    }
}

TEST(Status, RefusesAbsurdities) {
    for (const std::string_view body :
         {R"({"status":"complete"})",
          R"({"id":"s"})",
          R"({"id":"s","status":"done"})",
          R"({"id":"s","status":1})",
          R"({"id":"s","status":"pending","total_count":-1})",
          R"({"id":"s","status":"pending","total_count":1.5})",
          R"({"id":"s","status":"pending","total_count":1e99})",
          R"({"id":"s","status":"pending","total_count":"3"})",
          R"({"id":"s","status":"pending","total_count":99999999999999999999})",
          R"({"id":"s","status":"complete","failures":{}})",
          R"({"id":"s","status":"complete","failures":[1]})",
          R"({"id":"s","status":"complete","failures":[{"id":1}]})",
          "",
          "\xff",
          "null"}) {
        SCOPED_TRACE(body);
        const Result<Status> status = read_status(body);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, Errc::corrupt);
    }
}

TEST(Resources, AreBoundedInBytesAndDepth) {
    EXPECT_FALSE(
        read_root("{\"title\":\"" + std::string(limits::client_resource_bytes_max, 'a') + "\"}")
    );
    EXPECT_TRUE(read_root("{\"title\":\"" + std::string(10U << 20U, 'a') + "\"}"));
    EXPECT_FALSE(read_root("{\"x\":" + std::string(40, '[') + std::string(40, ']') + "}"));
}

TEST(ErrorWords, AreSafeToShow) {
    EXPECT_EQ(
        error_words(R"({"title":"No","description":"such\u001b[31m thing"})"),
        "No: such\\u{001b}[31m thing"
    );
    EXPECT_EQ(error_words("<html>"), "");
    EXPECT_LT(error_words("{\"title\":\"" + std::string(100'000, 'a') + "\"}").size(), 400U);
}

}  // namespace
}  // namespace entente::taxii::client
