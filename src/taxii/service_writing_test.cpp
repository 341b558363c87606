// Adding and deleting objects as a TAXII client meets it.
#include "taxii/service.h"
#include "taxii/testing/server.h"

#include <gmock/gmock.h>

namespace entente::taxii {
namespace {

using namespace testing;
using exchange::testing::envelope;
using exchange::testing::object_id;
using exchange::testing::object_json;
using exchange::testing::ObjectSpec;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class ServiceWriting : public ServiceTest {
  protected:
    Answer send(const std::string& body) { return server.post(at("objects/"), rw, body); }

    std::vector<std::string> versions(int number) {
        const Answer answer = get(at("objects/" + object_id({.number = number}) + "/versions/"));
        std::vector<std::string> found;
        const json::object page = answer.object();
        if (const auto* list = page.if_contains("versions")) {
            for (const auto& version : list->as_array())
                found.emplace_back(version.as_string());
        }
        return found;
    }

    std::string date_of(int number) {
        const auto dates = get(at("manifest/?match[id]=" + object_id({.number = number})))
                               .each("objects", "date_added");
        return dates.size() == 1 ? dates[0] : "";
    }

    static void expect_counts(const Answer& answer, int success, int failure) {
        EXPECT_EQ(answer.status, 202);
        const json::object status = answer.object();
        EXPECT_EQ(text(status, "status"), "complete");
        EXPECT_EQ(status.at("total_count"), success + failure);
        EXPECT_EQ(status.at("success_count"), success);
        EXPECT_EQ(status.at("failure_count"), failure);
        EXPECT_EQ(status.at("pending_count"), 0);
        EXPECT_FALSE(status.contains("pendings"));
        // A list that is there has as many members as its count says; an empty one is not there.
        const auto size_of = [&](const char* list) {
            const auto* found = status.if_contains(list);
            EXPECT_TRUE(found == nullptr || !found->as_array().empty());
            return found == nullptr ? 0 : static_cast<int>(found->as_array().size());
        };
        EXPECT_EQ(size_of("successes"), success);
        EXPECT_EQ(size_of("failures"), failure);
    }
};

TEST_F(ServiceWriting, Answers202WithACompleteStatus) {
    const Answer answer =
        post({object_json({.number = 1}), object_json({.number = 2, .version = 4})});
    expect_counts(answer, 2, 0);
    const json::object status = answer.object();
    EXPECT_THAT(
        text(status, "id"),
        MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    );
    EXPECT_EQ(text(status, "request_timestamp"), "2026-01-01T00:00:00.000000Z");
    EXPECT_THAT(
        answer.each("successes", "id"),
        ElementsAre(object_id({.number = 1}), object_id({.number = 2}))
    );
    EXPECT_THAT(
        answer.each("successes", "version"),
        ElementsAre("2025-01-01T00:00:00.000Z", "2025-01-01T00:00:04.000Z")
    );
    EXPECT_EQ(answer.header("Content-Type"), taxii_type);
}

TEST_F(ServiceWriting, WhatIsCompleteCanBeReadAtOnceEverywhere) {
    ASSERT_EQ(post({object_json({.number = 1})}).status, 202);
    const std::string one = object_id({.number = 1});
    EXPECT_THAT(get(at("objects/")).each("objects", "id"), ElementsAre(one));
    EXPECT_THAT(get(at("manifest/")).each("objects", "id"), ElementsAre(one));
    EXPECT_THAT(get(at("objects/" + one + "/")).each("objects", "id"), ElementsAre(one));
    EXPECT_THAT(versions(1), ElementsAre("2025-01-01T00:00:00.000Z"));
}

TEST_F(ServiceWriting, AnExactDuplicateIsASuccessAndAddsNothing) {
    const std::string one = object_json({.number = 1});
    ASSERT_EQ(post({one}).status, 202);
    const std::string date = date_of(1);
    server.h.clock.advance(1'000'000);
    expect_counts(post({one}), 1, 0);
    EXPECT_EQ(date_of(1), date);
    EXPECT_EQ(versions(1).size(), 1U);
    // Twice in one envelope; and in another spelling of the same JSON.
    const std::string two = object_json({.number = 2});
    expect_counts(post({two, two}), 2, 0);
    EXPECT_EQ(versions(2).size(), 1U);
    std::string spelled = one;
    spelled.replace(spelled.find("object 1"), 8, "\\u006fbject 1");
    spelled.insert(1, " \n ");
    expect_counts(post({spelled}), 1, 0);
    EXPECT_EQ(get(at("objects/")).each("objects", "id").size(), 2U);
}

TEST_F(ServiceWriting, OtherContentUnderOneVersionFailsThatObject) {
    ASSERT_EQ(post({object_json({.number = 1})}).status, 202);
    const Answer answer = post({object_json({.number = 1, .extra = R"(,"description":"new")"})});
    expect_counts(answer, 0, 1);
    EXPECT_THAT(answer.each("failures", "message")[0], HasSubstr("another content"));
    EXPECT_THAT(answer.each("failures", "id"), ElementsAre(object_id({.number = 1})));
    EXPECT_THAT(get(at("objects/")).body, ::testing::Not(HasSubstr("description")));
    // The same within one envelope: the first counts.
    expect_counts(
        post(
            {object_json({.number = 2}),
             object_json({.number = 2, .extra = R"(,"description":"new")"})}
        ),
        1,
        1
    );
    // A cyber-observable has one version only.
    const auto domain = [](const char* value) {
        return std::string(
                   R"({"type":"domain-name","spec_version":"2.1","id":"domain-name--00000004-0000-5000-8000-000000000000","value":")"
               ) +
               value + "\"}";
    };
    expect_counts(post({domain("a.example")}), 1, 0);
    expect_counts(post({domain("a.example")}), 1, 0);
    expect_counts(post({domain("b.example")}), 0, 1);
}

TEST_F(ServiceWriting, OneBadObjectLosesNoOther) {
    const std::vector<std::string> objects = {
        object_json({.number = 1}),
        R"({"type":"indicator"})",
        R"("a text")",
        "17",
        R"({"type":"malware","id":"indicator--00000009-0000-4000-8000-000000000000"})",
        R"({"type":"x-a","id":"x-a--00000008-0000-4000-8000-000000000000","spec_version":"2.1","a":1,"\u0061":2})",
        object_json({.number = 2})};
    const Answer answer = post(objects);
    expect_counts(answer, 2, 5);
    for (const char* name : {"id", "version", "message"})
        EXPECT_EQ(answer.each("failures", name).size(), 5U);
    for (const std::string& message : answer.each("failures", "message"))
        EXPECT_FALSE(message.empty());
    EXPECT_EQ(get(at("objects/")).each("objects", "id").size(), 2U);
}

TEST_F(ServiceWriting, AllBadIsStillAnAccepted202) {
    expect_counts(post({R"({"type":"indicator"})"}), 0, 1);
}

TEST_F(ServiceWriting, ObjectsOfAVersionThatTheCollectionDoesNotTakeFail) {
    std::string old = object_json({.number = 1});
    const std::string spec = R"("spec_version":"2.1",)";
    old.erase(old.find(spec), spec.size());
    const Answer answer = post({old, object_json({.number = 2})});
    expect_counts(answer, 1, 1);
    EXPECT_THAT(answer.each("failures", "message")[0], HasSubstr("version=2.1 only"));
}

TEST_F(ServiceWriting, ReadsABundleAsAnEnvelope) {
    const Answer answer = send(
        R"({"type":"bundle","id":"bundle--00000001-0000-4000-8000-000000000000","objects":[)" +
        object_json({.number = 1}) + "]}"
    );
    expect_counts(answer, 1, 0);
    EXPECT_FALSE(get(at("objects/")).object().contains("type")) << "and never returns one";
}

TEST_F(ServiceWriting, IgnoresCustomPropertiesOfAnEnvelope) {
    expect_counts(
        send(R"({"x_north_batch":7,"more":false,"objects":[)" + object_json({.number = 1}) + "]}"),
        1,
        0
    );
}

TEST_F(ServiceWriting, WhatIsNoJsonIs400AndWhatIsNoEnvelope422) {
    for (const std::string& body :
         {std::string(),
          std::string("x"),
          std::string("{"),
          std::string("{\"objects\":[}"),
          "{\"objects\":[" + object_json({.number = 1}),
          "{\"objects\":[" + object_json({.number = 1}) + "]}}",
          std::string("{\"objects\":[NaN]}"),
          std::string("\xff\xfe{\0}", 5),
          std::string("{\"objects\":[{}],\"objects\":[{}]}"),
          std::string("{\"objects\":[{}],\"\\u006fbjects\":[{}]}"),
          "{\"objects\":[" + std::string(100'000, '[') + std::string(100'000, ']') + "]}"}) {
        SCOPED_TRACE(body.substr(0, 60));
        EXPECT_EQ(send(body).status, 400);
    }
    for (const char* body :
         {"{}",
          "[]",
          "7",
          "null",
          "\"text\"",
          "{\"objects\":{}}",
          "{\"objects\":null}",
          "{\"objects\":[]}",
          "{\"object\":[{}]}",
          "[{\"type\":\"indicator\"}]"}) {
        SCOPED_TRACE(body);
        EXPECT_EQ(send(body).status, 422);
    }
    EXPECT_EQ(get(at("manifest/")).object(), json::object()) << "nothing was stored";
}

TEST_F(ServiceWriting, ReturnsUnchangedWhatWasStored) {
    // Not all of it is STIX: that is another question.
    server.store.write([&](store::Transaction& tx) {
        for (store::Collection row : tx.directory().collections) {
            row.checks = store::Checks::off;
            tx.put(row);
        }
    });
    const std::string object =
        R"({"type":"indicator","spec_version":"2.1","id":"indicator--00000001-0000-4000-8000-000000000000",)"
        R"("created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.123456789Z",)"
        R"("x_numbers":[1e2,1.0,-0,0.1,1E+2,12345678901234567],"x_text":"\u00e9 é 😀 \ud83d\ude00 a\/b \u0001",)"
        R"("x_unknown":{"deep":[{"b":null,"a":true}]},"name":"","pattern":"[a:b = 'c']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z"})";
    expect_counts(post({object}), 1, 0);
    const Answer page = get(at("objects/"));
    EXPECT_THAT(page.body, HasSubstr(object)) << "byte for byte";
    EXPECT_THAT(
        get(at("manifest/")).each("objects", "version"),
        ElementsAre("2025-01-01T00:00:00.123456789Z")
    ) << "modified as it was spelled";
}

TEST_F(ServiceWriting, TakesEveryContentTypeThatClientsSend) {
    int number = 0;
    for (const char* type :
         {"application/taxii+json;version=2.1",
          "application/taxii+json; version=2.1",
          "application/taxii+json",
          "application/taxii+json;version=2.1; charset=utf-8",
          "application/json",
          "application/stix+json;version=2.1"}) {
        SCOPED_TRACE(type);
        const std::string body = envelope({object_json({.number = ++number})});
        EXPECT_EQ(server.post(at("objects/"), rw, body, type).status, 202);
    }
    for (const char* type : {"application/taxii+json;version=2.0", "text/plain", ""}) {
        EXPECT_EQ(
            server.post(at("objects/"), rw, envelope({object_json({.number = 9})}), type).status,
            415
        );
    }
    EXPECT_EQ(
        server
            .send(
                {.method = "POST",
                 .target = at("objects/"),
                 .token = rw,
                 .headers = {},
                 .body = "{}"}
            )
            .status,
        415
    ) << "no Content-Type";
}

TEST_F(ServiceWriting, AWriterWhoCannotReadMayWrite) {
    expect_counts(server.post(at("objects/"), wo, envelope({object_json({.number = 1})})), 1, 0);
    EXPECT_EQ(server.get(at("objects/"), wo).status, 403);
    EXPECT_EQ(server.get(at("objects/"), ro).status, 200);
}

// ---- Deleting

class ServiceDeleting : public ServiceWriting {
  protected:
    void SetUp() override {
        for (const int version : {1, 2, 3})
            ASSERT_EQ(post({object_json({.number = 1, .version = version})}).status, 202);
        ASSERT_EQ(post({object_json({.number = 2})}).status, 202);
    }

    Answer remove(int number, const std::string& query = "") {
        return server.remove(at("objects/" + object_id({.number = number}) + "/" + query), rw);
    }
};

TEST_F(ServiceDeleting, IsAnEmpty200AndTheObjectIsGoneEverywhere) {
    const Answer answer = remove(1);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.header("Content-Type"), taxii_type);
    const std::string one = object_id({.number = 1});
    EXPECT_EQ(get(at("objects/" + one + "/")).status, 404);
    EXPECT_EQ(get(at("objects/" + one + "/versions/")).status, 404);
    EXPECT_THAT(
        get(at("objects/?match[version]=all")).each("objects", "id"),
        ElementsAre(object_id({.number = 2}))
    );
    EXPECT_THAT(
        get(at("manifest/?match[version]=all")).each("objects", "id"),
        ElementsAre(object_id({.number = 2}))
    );
}

TEST_F(ServiceDeleting, WithoutVersionTakesAllOfThem) {
    ASSERT_EQ(remove(1).status, 200);
    EXPECT_THAT(versions(1), IsEmpty());
}

TEST_F(ServiceDeleting, WithVersionTakesOnlyThose) {
    EXPECT_EQ(remove(1, "?match[version]=2025-01-01T00:00:02Z").status, 200);
    EXPECT_THAT(versions(1), ElementsAre("2025-01-01T00:00:01.000Z", "2025-01-01T00:00:03.000Z"));
    EXPECT_EQ(remove(1, "?match[version]=last").status, 200);
    EXPECT_THAT(versions(1), ElementsAre("2025-01-01T00:00:01.000Z"));
    EXPECT_EQ(remove(1, "?match[version]=first").status, 200);
    EXPECT_EQ(get(at("objects/" + object_id({.number = 1}) + "/")).status, 404);
}

TEST_F(ServiceDeleting, OfTheLatestShowsTheOneBefore) {
    EXPECT_EQ(remove(1, "?match[version]=last").status, 200);
    const Answer page = get(at("objects/" + object_id({.number = 1}) + "/"));
    EXPECT_THAT(page.each("objects", "modified"), ElementsAre("2025-01-01T00:00:02.000Z"));
}

TEST_F(ServiceDeleting, WhatIsNotThereIs404) {
    EXPECT_EQ(remove(7).status, 404);
    EXPECT_EQ(remove(1, "?match[version]=2025-01-01T00:00:09Z").status, 404);
    EXPECT_EQ(remove(1, "?match[spec_version]=2.0").status, 404);
    EXPECT_EQ(versions(1).size(), 3U) << "and nothing was taken";
    EXPECT_EQ(remove(1).status, 200);
    EXPECT_EQ(remove(1).status, 404) << "the second time";
}

TEST_F(ServiceDeleting, MalformedFiltersAre400AndTakeNothing) {
    for (const char* query :
         {"?match[version]=x",
          "?match[version]=all,last",
          "?match[version]=",
          "?match[spec_version]=x",
          "?match[version]=last&match[version]=first",
          "?%zz"}) {
        EXPECT_EQ(remove(1, query).status, 400) << query;
    }
    EXPECT_EQ(versions(1).size(), 3U);
    EXPECT_EQ(remove(2, "?match[type]=malware&added_after=x").status, 200)
        << "not defined here, so ignored";
}

TEST_F(ServiceDeleting, GivesANewDateToWhatIsAddedAgain) {
    const std::string date = date_of(2);
    server.h.clock.advance(1'000'000);
    ASSERT_EQ(post({object_json({.number = 3})}).status, 202);
    const std::string later = date_of(3);
    ASSERT_EQ(remove(2).status, 200);
    EXPECT_EQ(date_of(3), later) << "the others keep theirs";
    ASSERT_EQ(post({object_json({.number = 2})}).status, 202);
    EXPECT_LT(date, date_of(2));
    EXPECT_LT(later, date_of(2));
}

TEST_F(ServiceDeleting, AnswersTheStandardsAcceptHeaders) {
    const std::string target = at("objects/" + object_id({.number = 2}) + "/");
    EXPECT_EQ(
        server
            .send(
                {.method = "DELETE",
                 .target = target,
                 .token = rw,
                 .headers = {{"Accept", "text/html"}}}
            )
            .status,
        406
    );
    EXPECT_EQ(
        server.send({.method = "DELETE", .target = target, .token = rw, .headers = {}}).status, 200
    );
}

class ServiceNewestOnly : public ServiceTest {
  protected:
    ServiceNewestOnly()
        : ServiceTest({}, {.cursor_key = {}, .epoch = 1, .delete_newest_only = true}) {}
};

TEST_F(ServiceNewestOnly, ABareDeleteTakesTheNewestVersionWhereSoConfigured) {
    for (const int version : {1, 2})
        ASSERT_EQ(post({object_json({.number = 1, .version = version})}).status, 202);
    const std::string target = at("objects/" + object_id({.number = 1}) + "/");
    ASSERT_EQ(server.remove(target, rw).status, 200);
    EXPECT_THAT(get(target).each("objects", "modified"), ElementsAre("2025-01-01T00:00:01.000Z"));
    ASSERT_EQ(server.remove(target + "?match[version]=all", rw).status, 200);
    EXPECT_EQ(get(target).status, 404);
}

}  // namespace
}  // namespace entente::taxii
