// Who may ask what, in which order it is checked, and what each refusal tells.
#include "base/limits.h"
#include "taxii/negotiate.h"
#include "taxii/service.h"
#include "taxii/testing/server.h"

#include <gmock/gmock.h>

namespace entente::taxii {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string some_object = exchange::testing::object_id({.number = 1});

class ServiceAccess : public ServiceTest {
  protected:
    [[nodiscard]] Request with_header(
        const std::string& name, const std::string& value, const std::string& target = "/taxii2/"
    ) const {
        return {.target = target, .headers = {{"Accept", taxii_type}, {name, value}}};
    }
};

TEST_F(ServiceAccess, StrangersGetOneAnswerWhateverTheyAsk) {
    const std::string big(20'000'000, 'x');
    std::vector<Request> requests;
    for (const std::string& target :
         {std::string("/taxii2/"),
          std::string("/"),
          std::string("/api/"),
          std::string("/nowhere/"),
          std::string("/api/status/x/"),
          std::string("/api/collections/"),
          at(),
          at("manifest/"),
          at("objects/"),
          at("objects/" + some_object + "/"),
          at("nonsense/"),
          at("objects/?limit=0"),
          std::string("/%zz/"),
          std::string("/api/collections/none/")}) {
        for (const char* method : {"GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS", "BREW"})
            requests.push_back({.method = method, .target = target, .token = {}});
        requests.push_back({.target = target, .token = {}, .headers = {{"Accept", "text/html"}}});
        requests.push_back(
            {.method = "POST",
             .target = target,
             .token = {},
             .headers = {{"Content-Type", "text/plain"}, {"Content-Encoding", "br"}},
             .body = big}
        );
    }
    const Answer first = server.send(requests[0]);
    EXPECT_EQ(first.status, 401);
    for (const Request& request : requests) {
        SCOPED_TRACE(request.method + " " + request.target);
        const Answer answer = server.send(request);
        EXPECT_EQ(answer.status, 401);
        EXPECT_FALSE(answer.body_was_read);
        EXPECT_EQ(answer.fields, first.fields);
        EXPECT_EQ(answer.without_error_id(), first.without_error_id());
    }
}

TEST_F(ServiceAccess, ChallengesForBasicAndBearer) {
    const Answer answer = server.send({.target = "/taxii2/", .token = {}});
    EXPECT_THAT(
        answer.all("WWW-Authenticate"),
        ElementsAre(R"(Basic realm="entente", charset="UTF-8")", R"(Bearer realm="entente")")
    );
}

TEST_F(ServiceAccess, WrongCredentialsAreAnsweredAsNone) {
    server.password(ro_user, "a good password");
    const Answer none = server.send({.target = at("objects/"), .token = {}});
    const std::string other_token = "ent_" + std::string(43, 'A');
    const std::string good = "Bearer " + ro;
    for (const std::string& value :
         {"Basic " + to_base64("read-only:a bad password"),
          "Basic " + to_base64("nobody-here:x"),
          "Basic " + to_base64("read-only:"),
          "Basic " + to_base64("no colon"),
          std::string("Basic !"),
          std::string("Basic"),
          std::string("Basic "),
          std::string("Bearer"),
          "Bearer " + other_token,
          "Token " + other_token,
          "Digest " + ro,
          ro,
          std::string(""),
          "Negotiate " + to_base64("read-only:a good password"),
          good + " " + good}) {
        SCOPED_TRACE(value);
        const Answer answer = server.send(with_header("Authorization", value, at("objects/")));
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.fields, none.fields);
        EXPECT_EQ(answer.without_error_id(), none.without_error_id());
    }
    Request twice = with_header("Authorization", good, at("objects/"));
    twice.headers.emplace_back("authorization", good);
    EXPECT_EQ(server.send(twice).status, 401) << "two Authorization headers";
}

TEST_F(ServiceAccess, TakesCredentialsInTheFormsThatClientsSend) {
    server.password(ro_user, "a good: password");
    for (const std::string& value :
         {"Basic " + to_base64("read-only:a good: password"),
          "basic " + to_base64("read-only:a good: password"),
          "BASIC  " + to_base64("read-only:a good: password"),
          "Bearer " + ro,
          "bearer " + ro,
          "Token " + ro,
          "TOKEN " + ro,
          "Basic " + to_base64(ro + ":"),
          "Basic " + to_base64(":" + ro),
          "Basic " + to_base64("anything:" + ro),
          "Basic " + to_base64(ro + ":anything")}) {
        SCOPED_TRACE(value);
        EXPECT_EQ(server.send(with_header("Authorization", value)).status, 200);
    }
}

TEST_F(ServiceAccess, TakesNoKeyHeaderUnlessConfigured) {
    EXPECT_EQ(server.send(with_header("X-Api-Key", ro)).status, 401);
}

class ServiceKeyHeader : public ServiceTest {
  protected:
    ServiceKeyHeader() : ServiceTest({.node = {}, .key_header = "X-Api-Key"}) {}
};

TEST_F(ServiceKeyHeader, BringsATokenInsteadOfAuthorization) {
    const auto send = [&](Fields headers) {
        return server.send({.target = "/taxii2/", .headers = std::move(headers)}).status;
    };
    EXPECT_EQ(send({{"x-api-key", ro}}), 200);
    EXPECT_EQ(send({{"X-API-Key", "wrong"}}), 401);
    EXPECT_EQ(send({{"X-Api-Key", ""}}), 401);
    EXPECT_EQ(send({{"X-Api-Key", ro}, {"X-Api-Key", ro}}), 401);
    EXPECT_EQ(send({{"Authorization", "Bearer " + ro}}), 200);
    // What stands in Authorization counts; a wrong one is not saved by the other header.
    EXPECT_EQ(send({{"Authorization", "Bearer wrong"}, {"X-Api-Key", ro}}), 401);
}

// Of the user `read-only`, by its key.
class ServiceCertificate : public ServiceKeyHeader {
  protected:
    ServiceCertificate() {
        http::ClientCertificate known;
        known.key_sha256 = std::string(64, 'a');
        known.not_after = server.h.clock.now() + 1'000'000;
        certificate_ = std::make_shared<const http::ClientCertificate>(known);
        store::Token row;
        row.user = ro_user;
        row.binding = exchange::CertificateBinding{known.key_sha256}.text();
        server.store.write([&](store::Transaction& tx) { tx.put(row); });
    }

    int send(Fields headers, const std::string& target = "/taxii2/") {
        headers.emplace_back("Accept", taxii_type);
        return server
            .send({.target = target, .headers = std::move(headers), .certificate = certificate_})
            .status;
    }

    std::shared_ptr<const http::ClientCertificate> certificate_;
};

TEST_F(ServiceCertificate, LogsInWhoBringsNothingElse) {
    EXPECT_EQ(send({}), 200);
    EXPECT_EQ(send({}, at("objects/")), 200);
    EXPECT_EQ(send({}, at("objects/")), 200);
    certificate_ = nullptr;
    EXPECT_EQ(send({}), 401);
    EXPECT_EQ(send({}, at("objects/")), 401) << "what found nothing is kept for nobody else";
}

TEST_F(ServiceCertificate, IsNotAskedWhereTheRequestSaysItself) {
    // The user of the token may not read there; the certificate's may.
    EXPECT_EQ(send({{"Authorization", "Bearer " + wo}}, at("objects/")), 403);
    EXPECT_EQ(send({{"x-api-key", wo}}, at("objects/")), 403);
    EXPECT_EQ(send({{"Authorization", "Bearer wrong"}}), 401) << "a wrong one is not saved by it";
    EXPECT_EQ(send({{"Authorization", ""}}), 401);
    EXPECT_EQ(send({{"X-Api-Key", ""}}), 401);
    EXPECT_EQ(send({{"Authorization", "Bearer " + ro}, {"Authorization", "Bearer " + ro}}), 401);
}

TEST_F(ServiceCertificate, FailsWithItsStore) {
    server.store.reads_fail = StorageError::Kind::busy;
    EXPECT_EQ(send({}), 503);
    server.store.reads_fail = StorageError::Kind::io;
    EXPECT_EQ(send({}), 500);
}

TEST_F(ServiceAccess, RevokedAndExpiredCredentialsAreDeadAtTheNextRequest) {
    EXPECT_EQ(server.get("/taxii2/", ro).status, 200);
    server.store.write([&](store::Transaction& tx) {
        for (store::Token row : tx.directory().tokens) {
            if (row.user == ro_user) row.revoked = true;
            if (row.user == wo_user) row.expires = server.h.clock.now() + 1'000'000;
            tx.put(row);
        }
    });
    EXPECT_EQ(server.get("/taxii2/", ro).status, 401);
    EXPECT_EQ(server.get("/taxii2/", wo).status, 200);
    server.h.clock.advance(1'000'000);
    EXPECT_EQ(server.get("/taxii2/", wo).status, 401);
}

TEST_F(ServiceAccess, ChecksInOneOrder) {
    const Fields all_wrong = {
        {"Accept", "text/html"}, {"Content-Type", "text/plain"}, {"Content-Encoding", "br"}};
    const std::string big(20'000'000, 'x');
    const auto post = [&](const std::string& token,
                          const std::string& target,
                          Fields headers,
                          const std::string& body) {
        const Answer a = server.send(
            {.method = "POST",
             .target = target,
             .token = token,
             .headers = std::move(headers),
             .body = body}
        );
        return a.status;
    };
    const std::string objects = at("objects/");
    EXPECT_EQ(post({}, "/nowhere/at/all/", all_wrong, big), 401);
    EXPECT_EQ(post(ro, "/nowhere/at/all/", all_wrong, big), 404);
    EXPECT_EQ(post(ro, at("manifest/"), all_wrong, big), 405);
    EXPECT_EQ(post(nobody, objects, all_wrong, big), 406);
    Fields headers = all_wrong;
    headers[0].second = taxii_type;
    EXPECT_EQ(post(nobody, objects + "?%zz", headers, big), 404);
    EXPECT_EQ(post(ro, objects + "?%zz", headers, big), 403);
    EXPECT_EQ(post(rw, objects + "?%zz", headers, big), 400);
    EXPECT_EQ(post(rw, objects, headers, big), 415);
    headers[1].second = taxii_type;
    EXPECT_EQ(post(rw, objects, headers, big), 415) << "Content-Encoding";
    headers.pop_back();
    EXPECT_EQ(post(rw, objects, headers, big), 413);
    EXPECT_EQ(post(rw, objects, headers, "not json"), 400);
    EXPECT_EQ(post(rw, objects, headers, "{}"), 422);
    EXPECT_EQ(
        post(
            rw,
            objects,
            headers,
            exchange::testing::envelope({exchange::testing::object_json({.number = 1})})
        ),
        202
    );
}

TEST_F(ServiceAccess, DecidesBeforeTheBodyIsRead) {
    const std::string body = exchange::testing::envelope({});
    const auto read = [&](const std::string& token, const std::string& target, Fields headers) {
        return server
            .send(
                {.method = "POST",
                 .target = target,
                 .token = token,
                 .headers = std::move(headers),
                 .body = body}
            )
            .body_was_read;
    };
    const Fields good = {{"Content-Type", taxii_type}};
    EXPECT_FALSE(read({}, at("objects/"), good));
    EXPECT_FALSE(read(rw, "/nowhere/", good));
    EXPECT_FALSE(read(rw, at("manifest/"), good));
    EXPECT_FALSE(read(rw, at("objects/"), {{"Accept", "text/html"}, {"Content-Type", taxii_type}}));
    EXPECT_FALSE(read(ro, at("objects/"), good));
    EXPECT_FALSE(read(nobody, at("objects/"), good));
    EXPECT_FALSE(read(rw, at("objects/"), {}));
    EXPECT_TRUE(read(rw, at("objects/"), good));
}

struct Row {
    std::string method;
    std::string below;  // the collection
    // by rights: both, read, write, list, none
    int both, read, write, list, none;
};

TEST_F(ServiceAccess, GivesEachRightItsOwnAnswer) {
    // TAXII 2.1, 5.2 to 5.8: without the right 403 for who has another, 404 for who has none.
    const std::vector<Row> rows = {
        {"GET", "", 200, 200, 200, 200, 404},
        {"GET", "manifest/", 200, 200, 403, 403, 404},
        {"GET", "objects/", 200, 200, 403, 403, 404},
        {"GET", "objects/" + some_object + "/", 200, 200, 403, 403, 404},
        {"GET", "objects/" + some_object + "/versions/", 200, 200, 403, 403, 404},
        {"POST", "objects/", 202, 403, 202, 403, 404},
        {"DELETE", "objects/" + some_object + "/", 200, 403, 403, 404, 404},
    };
    for (const Row& row : rows) {
        const auto status = [&](const std::string& token) {
            // Something to read and to delete, each time.
            EXPECT_EQ(post({exchange::testing::object_json({.number = 1})}).status, 202);
            const Answer answer = server.send(
                {.method = row.method,
                 .target = at(row.below),
                 .token = token,
                 .headers = {{"Accept", taxii_type}, {"Content-Type", taxii_type}},
                 .body = row.method == "POST" ? exchange::testing::envelope(
                                                    {exchange::testing::object_json({.number = 2})}
                                                )
                                              : ""}
            );
            return answer.status;
        };
        SCOPED_TRACE(row.method + " " + row.below);
        EXPECT_EQ(status(rw), row.both) << "read and write";
        EXPECT_EQ(status(ro), row.read) << "read";
        EXPECT_EQ(status(wo), row.write) << "write";
        EXPECT_EQ(status(lo), row.list) << "list";
        EXPECT_EQ(status(nobody), row.none) << "none";
    }
}

TEST_F(ServiceAccess, DeleteTellsForbiddenFromAbsentByTheStandardsMatrix) {
    fill(1);
    const std::string target = at("objects/" + some_object + "/");
    EXPECT_EQ(server.remove(target, lo).status, 404) << "neither right";
    EXPECT_EQ(server.remove(target, nobody).status, 404) << "neither right";
    EXPECT_EQ(server.remove(target, ro).status, 403);
    EXPECT_EQ(server.remove(target, wo).status, 403);
    EXPECT_EQ(server.remove(target, rw).status, 200);
    EXPECT_EQ(server.remove(target, ro).status, 403) << "whether the object is there or not";
}

TEST_F(ServiceAccess, HiddenAndAbsentLookAlike) {
    fill(1);
    const std::string hidden = at();
    const std::string absent = "/api/collections/00000000-0000-4000-8000-000000000000/";
    const std::string alias = "/api/collections/main%20feed/";
    const std::string elsewhere = "/other/collections/" + collection_id + "/";
    const std::string nowhere = "/nowhere/collections/" + collection_id + "/";
    for (const std::string& below :
         {std::string(),
          std::string("manifest/"),
          std::string("objects/"),
          std::string("objects/?limit=x"),
          "objects/" + some_object + "/",
          "objects/" + some_object + "/versions/"}) {
        SCOPED_TRACE(below);
        const Answer unknown = server.get(absent + below, nobody);
        EXPECT_EQ(unknown.status, 404);
        for (const std::string& path : {hidden, alias, elsewhere, nowhere}) {
            const Answer answer = server.get(path + below, nobody);
            EXPECT_EQ(answer.status, 404) << path;
            EXPECT_EQ(answer.fields, unknown.fields) << path;
            EXPECT_EQ(answer.without_error_id(), unknown.without_error_id()) << path;
        }
    }
    const std::string body =
        exchange::testing::envelope({exchange::testing::object_json({.number = 9})});
    EXPECT_EQ(
        server.post(hidden + "objects/", nobody, body).without_error_id(),
        server.post(absent + "objects/", nobody, body).without_error_id()
    );
    EXPECT_EQ(
        server.remove(hidden + "objects/" + some_object + "/", nobody).without_error_id(),
        server.remove(absent + "objects/" + some_object + "/", nobody).without_error_id()
    );
    // The same words for everything that is not there.
    EXPECT_EQ(
        server.get(at("objects/indicator--00000000-0000-4000-8000-00000000ffff/"), ro)
            .without_error_id(),
        server.get("/not/a/path/", ro).without_error_id()
    );
}

TEST_F(ServiceAccess, ARootWithoutRightsInItDoesNotExist) {
    const Answer unknown = server.get("/nowhere/", nobody);
    EXPECT_EQ(unknown.status, 404);
    for (const char* target :
         {"/api/", "/api/collections/", "/other/", "/other/collections/", "/api/status/x/"}) {
        const Answer answer = server.get(target, nobody);
        EXPECT_EQ(answer.status, 404) << target;
        EXPECT_EQ(answer.without_error_id(), unknown.without_error_id()) << target;
    }
    EXPECT_EQ(server.get("/other/", rw).status, 404);
    EXPECT_EQ(server.get("/api/", lo).status, 200);
}

TEST_F(ServiceAccess, AnObjectAboveTheCeilingLooksAbsent) {
    const auto strict = server.h.user("strict", server.h.party("East"));
    server.h.grant(
        strict,
        collection,
        {.read = true, .write = false, .list = true, .ceiling = stix::Tlp::green}
    );
    const std::string token = server.token(strict);
    const std::string red = exchange::testing::object_json({.number = 1, .tlp = stix::Tlp::red});
    ASSERT_EQ(post({red}).status, 202);
    const std::string absent = "indicator--0000ffff-0000-4000-8000-000000000000";
    for (const char* tail : {"/", "/versions/"}) {
        const Answer hidden = server.get(at("objects/" + some_object + tail), token);
        const Answer unknown = server.get(at("objects/" + absent + tail), token);
        EXPECT_EQ(hidden.status, 404);
        EXPECT_EQ(hidden.fields, unknown.fields);
        EXPECT_EQ(hidden.without_error_id(), unknown.without_error_id());
    }
    const Answer filtered = server.get(at("objects/?match[id]=" + some_object), token);
    EXPECT_EQ(filtered.status, 200);
    EXPECT_EQ(filtered.body, server.get(at("objects/?match[id]=" + absent), token).body);
}

TEST_F(ServiceAccess, WrongMethodsGet405WithAllow) {
    const std::vector<std::pair<std::string, std::string>> paths = {
        {"/taxii2/", "GET, HEAD"},
        {"/api/", "GET, HEAD"},
        {"/api/status/x/", "GET, HEAD"},
        {"/api/collections/", "GET, HEAD"},
        {at(), "GET, HEAD"},
        {at("manifest/"), "GET, HEAD"},
        {at("objects/"), "GET, HEAD, POST"},
        {at("objects/x/"), "GET, HEAD, DELETE"},
        {at("objects/x/versions/"), "GET, HEAD"}};
    for (const auto& [target, allow] : paths) {
        for (const char* method : {"PUT", "PATCH", "OPTIONS", "TRACE", "get", "PROPFIND"}) {
            SCOPED_TRACE(std::string(method) + " " + target);
            const Answer answer = server.send({.method = method, .target = target, .token = rw});
            EXPECT_EQ(answer.status, 405);
            EXPECT_EQ(answer.header("Allow"), allow);
        }
    }
    // The same for a root and a collection that are not there: the method says nothing about them.
    EXPECT_EQ(server.send({.method = "PUT", .target = "/nowhere/", .token = rw}).status, 405);
}

TEST_F(ServiceAccess, HeadIsAnsweredAsGet) {
    fill(3);
    for (const std::string& target :
         {std::string("/taxii2/"),
          std::string("/api/"),
          at("objects/?limit=2"),
          at("manifest/"),
          at("objects/nothing/"),
          at("objects/?limit=0")}) {
        SCOPED_TRACE(target);
        const Answer get = server.get(target, rw);
        const Answer head = server.send({.method = "HEAD", .target = target, .token = rw});
        EXPECT_EQ(head.status, get.status);
        EXPECT_EQ(head.fields, get.fields);
        EXPECT_EQ(head.body.size(), get.body.size()) << "for Content-Length; the server drops it";
    }
}

TEST_F(ServiceAccess, SlashesAndEncodingDoNotMatterAndNothingRedirects) {
    fill(2);
    const Answer plain = server.get(at("objects/"), rw);
    for (const std::string& target :
         {"/api/collections/" + collection_id + "/objects",
          "//api//collections/" + collection_id + "//objects//",
          "/%61pi/collections/" + collection_id + "/object%73/",
          std::string("/api/collections/main%20feed/objects")}) {
        SCOPED_TRACE(target);
        const Answer answer = server.get(target, rw);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, plain.body);
    }
    const std::string body =
        exchange::testing::envelope({exchange::testing::object_json({.number = 7})});
    EXPECT_EQ(server.post("/api//collections/" + collection_id + "/objects", rw, body).status, 202);
    EXPECT_EQ(
        server.remove("/api/collections/" + collection_id + "//objects/" + some_object, rw).status,
        200
    );
}

TEST_F(ServiceAccess, EveryAnswerCarriesTheMediaTypeToTheLetter) {
    fill(1);
    std::vector<Answer> answers = {
        server.send({.target = "/taxii2/", .token = {}}),
        server.get("/taxii2/", rw),
        server.get("/api/", rw),
        server.get("/api/collections/", rw),
        server.get(at(), rw),
        server.get(at("objects/"), rw),
        server.get(at("manifest/"), rw),
        server.get(at("objects/" + some_object + "/versions/"), rw),
        server.get(at("objects/?limit=0"), rw),
        server.get("/nowhere/at/all/", rw),
        server.get(at("objects/"), wo),
        server.send({.method = "PUT", .target = "/api/", .token = rw}),
        server.send({.target = "/api/", .token = rw, .headers = {{"Accept", "text/html"}}}),
        server.post(at("objects/"), rw, "{}"),
        server.post(at("objects/"), rw, "{}", "text/plain"),
        server.post(at("objects/"), rw, std::string(20'000'000, ' ')),
        post({exchange::testing::object_json({.number = 2})}),
        server.remove(at("objects/" + some_object + "/"), rw)};
    const std::vector<int> expected = {
        401, 200, 200, 200, 200, 200, 200, 200, 400, 404, 403, 405, 406, 422, 415, 413, 202, 200};
    for (std::size_t i = 0; i < answers.size(); ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(answers[i].status, expected[i]);
        EXPECT_EQ(answers[i].header("Content-Type"), "application/taxii+json;version=2.1");
        EXPECT_EQ(answers[i].header("Cache-Control"), "no-store");
        if (answers[i].status >= 400) {
            EXPECT_EQ(
                answers[i].object().at("http_status").as_string(), std::to_string(expected[i])
            );
        }
    }
}

TEST_F(ServiceAccess, NegotiatesOnEveryEndpoint) {
    fill(1);
    for (const std::string& target :
         {std::string("/taxii2/"),
          std::string("/api/"),
          std::string("/api/collections/"),
          at(),
          at("manifest/"),
          at("objects/"),
          at("objects/" + some_object + "/"),
          at("objects/" + some_object + "/versions/")}) {
        SCOPED_TRACE(target);
        const auto status = [&](Fields headers) {
            return server.send({.target = target, .token = rw, .headers = std::move(headers)})
                .status;
        };
        EXPECT_EQ(status({}), 200);
        EXPECT_EQ(status({{"Accept", "application/taxii+json"}}), 200);
        EXPECT_EQ(status({{"Accept", "application/taxii+json; version=2.1"}}), 200);
        EXPECT_EQ(status({{"Accept", "application/json, text/plain, */*"}}), 200);
        EXPECT_EQ(status({{"Accept", "application/vnd.oasis.taxii+json; version=2.0"}}), 406);
        EXPECT_EQ(status({{"Accept", "application/taxii+json;version=2.0"}}), 406);
        EXPECT_EQ(status({{"Accept", "text/html"}}), 406);
        // A Content-Type on a GET, which some clients send, says nothing.
        EXPECT_EQ(status({{"Accept", taxii_type}, {"Content-Type", "text/plain"}}), 200);
        EXPECT_EQ(status({{"Accept", taxii_type}, {"User-Agent", ""}}), 200);
    }
}

TEST_F(ServiceAccess, BoundsTheBodyByTheRootsMaxContentLength) {
    const auto length = [&](std::size_t bytes, bool chunked) {
        const std::string object = exchange::testing::object_json({.number = 1});
        std::string body = exchange::testing::envelope({object});
        body.insert(body.size() - 1, std::string(bytes - body.size(), ' '));
        return server.send(
            {.method = "POST",
             .target = at("objects/"),
             .token = rw,
             .headers = {{"Content-Type", taxii_type}},
             .body = body,
             .chunked = chunked}
        );
    };
    EXPECT_EQ(length(9'999'999, false).status, 202);
    EXPECT_EQ(length(10'000'000, false).status, 202) << "equal is not more";
    const Answer told = length(10'000'001, false);
    EXPECT_EQ(told.status, 413);
    EXPECT_FALSE(told.body_was_read);
    EXPECT_THAT(
        std::string(told.object().at("description").as_string()), HasSubstr("10000000 bytes")
    );
    EXPECT_EQ(length(10'000'000, true).status, 202);
    EXPECT_EQ(length(10'000'001, true).status, 413) << "the length was not told";
}

TEST_F(ServiceAccess, IgnoresASmallBodyWhereNoneIsAskedFor) {
    const auto get = [&](std::size_t bytes) {
        return server.send({.target = "/taxii2/", .token = rw, .body = std::string(bytes, 'x')})
            .status;
    };
    EXPECT_EQ(get(limits::ignored_body_bytes_max), 200);
    EXPECT_EQ(get(limits::ignored_body_bytes_max + 1), 413);
}

TEST_F(ServiceAccess, BrokenEncodingsOfTheBodyAreABadRequest) {
    const Answer answer = server.send(
        {.method = "POST",
         .target = at("objects/"),
         .token = rw,
         .headers = {{"Content-Type", taxii_type}, {"Content-Encoding", "gzip"}},
         .body = "x",
         .broken = true}
    );
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(
        std::string(answer.object().at("description").as_string()), HasSubstr("body: chunk size")
    );
}

TEST_F(ServiceAccess, AFullOrBusyStoreIs503WithRetryAfterAndABrokenOne500) {
    const auto outcome = [&](StorageError::Kind kind, bool reading) {
        (reading ? server.store.reads_fail : server.store.writes_fail) = kind;
        const Answer answer =
            reading ? get(at("objects/")) : post({exchange::testing::object_json({.number = 1})});
        server.store.reads_fail.reset();
        server.store.writes_fail.reset();
        EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
        EXPECT_EQ(answer.header("Retry-After").empty(), answer.status != 503);
        return answer.status;
    };
    for (const bool reading : {true, false}) {
        SCOPED_TRACE(reading);
        EXPECT_EQ(outcome(StorageError::Kind::full, reading), 503);
        EXPECT_EQ(outcome(StorageError::Kind::busy, reading), 503);
        EXPECT_EQ(outcome(StorageError::Kind::io, reading), 500);
        EXPECT_EQ(outcome(StorageError::Kind::corrupt, reading), 500);
    }
    EXPECT_EQ(get("/taxii2/").status, 200) << "and it goes on";
}

TEST_F(ServiceAccess, ReadsGoOnWhileWritesFail) {
    fill(1);
    server.store.writes_fail = StorageError::Kind::full;
    EXPECT_EQ(post({exchange::testing::object_json({.number = 2})}).status, 503);
    EXPECT_EQ(get(at("objects/")).status, 200);
    EXPECT_EQ(server.remove(at("objects/" + some_object + "/"), rw).status, 503);
}

}  // namespace
}  // namespace entente::taxii
