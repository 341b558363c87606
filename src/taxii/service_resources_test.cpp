// What discovery, API roots, collections, status and error resources say, and to whom.
#include "base/limits.h"
#include "taxii/service.h"
#include "taxii/testing/server.h"

#include <gmock/gmock.h>

namespace entente::taxii {
namespace {

using namespace testing;
using exchange::testing::envelope;
using exchange::testing::object_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

std::vector<std::string> names(const json::object& object) {
    std::vector<std::string> found;
    for (const auto& member : object)
        found.emplace_back(member.key());
    return found;
}

std::vector<std::string> texts(const json::value& list) {
    std::vector<std::string> found;
    for (const auto& member : list.as_array())
        found.emplace_back(member.as_string());
    return found;
}

class ServiceResources : public ServiceTest {
  protected:
    void write(const std::function<void(store::Transaction&)>& work) { server.store.write(work); }

    /// A collection in `root` with the given id; `rw` gets all rights on it.
    void add_collection(store::RootNo root, const std::string& id, bool stix20 = false) {
        store::CollectionNo no{};
        write([&](store::Transaction& tx) {
            store::Collection row;
            row.root = root;
            row.id = id;
            row.title = "Title of " + id.substr(0, 8);
            row.description = "Described";
            row.accepts_stix20 = stix20;
            no = tx.put(row);
        });
        server.h.grant(rw_user, no, {.read = true, .write = true, .list = true});
    }
};

TEST_F(ServiceResources, DiscoveryNamesTheRootsOfTheCaller) {
    const json::object one = get("/taxii2/").object();
    EXPECT_EQ(text(one, "title"), "Entente");
    EXPECT_THAT(names(one), ElementsAre("title", "default", "api_roots"));
    EXPECT_THAT(texts(one.at("api_roots")), ElementsAre("/api/"));
    EXPECT_EQ(text(one, "default"), "/api/");

    add_collection(other_root, "5c9c8a3e-0000-4000-8000-00000000000a");
    EXPECT_THAT(texts(get("/taxii2/").object().at("api_roots")), ElementsAre("/api/", "/other/"));
    EXPECT_THAT(texts(server.get("/taxii2/", ro).object().at("api_roots")), ElementsAre("/api/"));
}

TEST_F(ServiceResources, DiscoveryLeavesOutWhatWouldBeEmpty) {
    EXPECT_THAT(names(server.get("/taxii2/", nobody).object()), ElementsAre("title"));
}

TEST_F(ServiceResources, DiscoveryHasNoDefaultThatTheCallerCannotSee) {
    write([&](store::Transaction& tx) {
        for (store::ApiRoot row : tx.directory().roots) {
            row.is_default = row.name == "other";
            tx.put(row);
        }
    });
    EXPECT_THAT(names(get("/taxii2/").object()), ElementsAre("title", "api_roots"));
}

TEST_F(ServiceResources, EveryNamedRootIsServedWhereItIsNamed) {
    add_collection(other_root, "5c9c8a3e-0000-4000-8000-00000000000a");
    for (const std::string& root : texts(get("/taxii2/").object().at("api_roots"))) {
        EXPECT_THAT(root, MatchesRegex("/[^/?]+/"));
        EXPECT_EQ(get(root).status, 200);
        EXPECT_EQ(get(root + "collections/").status, 200);
    }
}

class ServicePresented : public ServiceTest {
  protected:
    ServicePresented()
        : ServiceTest(
              {.node =
                   {.title = "North \"CERT\" \x01\xff",
                    .description = "For members",
                    .contact = "soc@north.example",
                    .public_url = "https://taxii.north.example:8443//"},
               .key_header = {}}
          ) {}
};

TEST_F(ServicePresented, DiscoverySaysWhatIsConfigured) {
    const json::object found = get("/taxii2/").object();
    EXPECT_EQ(text(found, "title"), "North \"CERT\" \x01\xef\xbf\xbd");
    EXPECT_EQ(text(found, "description"), "For members");
    EXPECT_EQ(text(found, "contact"), "soc@north.example");
    EXPECT_THAT(texts(found.at("api_roots")), ElementsAre("https://taxii.north.example:8443/api/"));
    EXPECT_EQ(found.at("default"), found.at("api_roots").as_array()[0]);
}

TEST_F(ServiceResources, ApiRootHasWhatIsRequired) {
    const json::object root = get("/api/").object();
    EXPECT_THAT(names(root), ElementsAre("title", "versions", "max_content_length"));
    EXPECT_EQ(text(root, "title"), "API");
    EXPECT_THAT(texts(root.at("versions")), ElementsAre("application/taxii+json;version=2.1"));
    EXPECT_EQ(root.at("max_content_length").to_number<std::int64_t>(), 10'000'000);

    add_collection(other_root, "5c9c8a3e-0000-4000-8000-00000000000a");
    const json::object other = get("/other/").object();
    EXPECT_EQ(text(other, "description"), "The second root");
    EXPECT_EQ(other.at("max_content_length").to_number<std::int64_t>(), 1'000);
}

TEST_F(ServiceResources, EachRootHasItsOwnCollections) {
    const std::string other_id = "5c9c8a3e-0000-4000-8000-00000000000a";
    add_collection(other_root, other_id);
    EXPECT_THAT(get("/api/collections/").each("collections", "id"), ElementsAre(collection_id));
    EXPECT_THAT(get("/other/collections/").each("collections", "id"), ElementsAre(other_id));
    EXPECT_EQ(get("/other/collections/" + other_id + "/").status, 200);
    EXPECT_EQ(get("/api/collections/" + other_id + "/").status, 404);
}

TEST_F(ServiceResources, CollectionsComeInTheOrderOfTheirIds) {
    add_collection(server.h.root(), "ffffffff-0000-4000-8000-000000000000");
    add_collection(server.h.root(), "00000000-0000-4000-8000-000000000000");
    add_collection(server.h.root(), "77777777-0000-4000-8000-000000000000");
    const Answer first = get("/api/collections/");
    EXPECT_THAT(
        first.each("collections", "id"),
        ElementsAre(
            "00000000-0000-4000-8000-000000000000",
            collection_id,
            "77777777-0000-4000-8000-000000000000",
            "ffffffff-0000-4000-8000-000000000000"
        )
    );
    EXPECT_EQ(get("/api/collections/").body, first.body);
}

TEST_F(ServiceResources, CollectionsListOnlyWhereTheCallerHasARight) {
    add_collection(server.h.root(), "00000000-0000-4000-8000-000000000000");
    EXPECT_EQ(get("/api/collections/").each("collections", "id").size(), 2U);
    for (const std::string& token : {ro, wo, lo}) {
        EXPECT_THAT(
            server.get("/api/collections/", token).each("collections", "id"),
            ElementsAre(collection_id)
        );
    }
}

TEST_F(ServiceResources, AListWithoutCollectionsIsAnObjectThatNobodyTakesForUtf16) {
    const agreement::Released body =
        collections_body(server.h.caller(nobody_user), server.h.root());
    EXPECT_GT(body.size(), 4U);
    EXPECT_EQ(json::parse(std::string(body.for_file())), json::object());
}

TEST_F(ServiceResources, CollectionTellsTheCallersOwnRights) {
    struct {
        std::string token;
        bool read, write;
    } const callers[] = {
        {rw, true, true}, {ro, true, false}, {wo, false, true}, {lo, false, false}};

    for (const auto& caller : callers) {
        const json::object one = server.get(at(), caller.token).object();
        EXPECT_EQ(one.at("can_read"), caller.read);
        EXPECT_EQ(one.at("can_write"), caller.write);
        EXPECT_EQ(
            server.get("/api/collections/", caller.token).object().at("collections").as_array()[0],
            one
        );
    }
}

TEST_F(ServiceResources, CollectionHasTheStandardsProperties) {
    const json::object one = get(at()).object();
    EXPECT_THAT(
        names(one), ElementsAre("id", "title", "alias", "can_read", "can_write", "media_types")
    );
    EXPECT_EQ(text(one, "id"), collection_id);
    EXPECT_EQ(text(one, "title"), "Indicators");
    EXPECT_EQ(text(one, "alias"), "main feed");
    EXPECT_THAT(texts(one.at("media_types")), ElementsAre("application/stix+json;version=2.1"));

    add_collection(server.h.root(), "00000000-0000-4000-8000-000000000000", true);
    const json::object other =
        get("/api/collections/00000000-0000-4000-8000-000000000000/").object();
    EXPECT_EQ(text(other, "description"), "Described");
    EXPECT_FALSE(other.contains("alias"));
    EXPECT_THAT(
        texts(other.at("media_types")),
        ElementsAre("application/stix+json;version=2.1", "application/stix+json;version=2.0")
    );
}

TEST_F(ServiceResources, AnAliasStandsForTheIdOnEveryPath) {
    fill(1);
    const std::string object = exchange::testing::object_id({.number = 1}) + "/";
    for (const std::string& below :
         {std::string(),
          std::string("manifest/"),
          std::string("objects/"),
          "objects/" + object,
          "objects/" + object + "versions/"}) {
        SCOPED_TRACE(below);
        const Answer by_alias = get("/api/collections/main%20feed/" + below);
        EXPECT_EQ(by_alias.status, 200);
        EXPECT_EQ(by_alias.body, get(at(below)).body);
    }
    EXPECT_EQ(text(get("/api/collections/main%20feed/").object(), "id"), collection_id);
    const std::string alias_objects = "/api/collections/main%20feed/objects/";
    EXPECT_EQ(server.post(alias_objects, rw, envelope({object_json({.number = 2})})).status, 202);
    EXPECT_EQ(server.remove(alias_objects + object, rw).status, 200);
}

TEST_F(ServiceResources, StatusIsForTheSubmitterInItsRoot) {
    add_collection(other_root, "00000000-0000-4000-8000-000000000000");
    const Answer posted = post({object_json({.number = 1})});
    const std::string id = text(posted.object(), "id");
    const Answer status = get("/api/status/" + id + "/");
    EXPECT_EQ(status.status, 200);
    EXPECT_EQ(status.object(), posted.object());
    EXPECT_EQ(status.header("Content-Type"), taxii_type);
    const Answer absent = get("/api/status/00000000-0000-4000-8000-000000000000/");
    EXPECT_EQ(absent.status, 404);
    for (const Answer& other :
         {server.get("/api/status/" + id + "/", ro), get("/other/status/" + id + "/")}) {
        EXPECT_EQ(other.status, 404);
        EXPECT_EQ(other.without_error_id(), absent.without_error_id());
    }
}

TEST_F(ServiceResources, StatusIsKeptForMoreThanADayAndThenGone) {
    // TAXII 2.1, 4.3: at least 24 hours after it is complete.
    static_assert(limits::status_kept_us >= micros_per_day);
    const std::string target =
        "/api/status/" + text(post({object_json({.number = 1})}).object(), "id") + "/";
    const auto purge = [&] {
        write([&](store::Transaction& tx) {
            tx.purge_statuses(server.h.clock.now() + -limits::status_kept_us);
        });
    };
    server.h.clock.advance(micros_per_day);
    purge();
    EXPECT_EQ(get(target).status, 200);
    server.h.clock.advance(limits::status_kept_us);
    purge();
    EXPECT_EQ(get(target).status, 404);
}

TEST_F(ServiceResources, ErrorsAreErrorResources) {
    const Answer answer = get(at("objects/?limit=none"));
    const json::object error = answer.object();
    EXPECT_THAT(names(error), ElementsAre("title", "description", "error_id", "http_status"));
    EXPECT_EQ(text(error, "title"), "Bad request");
    EXPECT_THAT(text(error, "description"), HasSubstr("limit: \"none\" is no positive integer"));
    EXPECT_THAT(text(error, "error_id"), MatchesRegex("[0-9a-f]{16}"));
    EXPECT_EQ(text(error, "http_status"), "400");
    EXPECT_NE(text(get(at("objects/?limit=none")).object(), "error_id"), text(error, "error_id"));
}

TEST_F(ServiceResources, ErrorsSayWhatToDo) {
    const auto said = [](const Answer& answer) { return text(answer.object(), "description"); };
    EXPECT_THAT(
        said(server.send({.target = "/api/", .token = rw, .headers = {{"Accept", "text/html"}}})),
        HasSubstr("send \"Accept: application/taxii+json;version=2.1\"")
    );
    EXPECT_THAT(
        said(server.post(at("objects/"), rw, "{}", "text/plain")),
        HasSubstr("send \"Content-Type: application/taxii+json;version=2.1\"")
    );
    EXPECT_THAT(said(server.post(at("objects/"), ro, "{}")), HasSubstr("may not write"));
    EXPECT_THAT(said(server.get(at("objects/"), wo)), HasSubstr("may not read"));
    EXPECT_THAT(said(get(at("objects/?match[version]=new"))), HasSubstr("last, first, all"));
    EXPECT_THAT(
        said(server.send({.method = "PUT", .target = "/api/", .token = rw})), HasSubstr("GET, HEAD")
    );
}

TEST(Resources, GiveEachOutcomeItsStatus) {
    const std::vector<std::pair<Errc, int>> expected = {
        {Errc::invalid_argument, 400},
        {Errc::malformed, 400},
        {Errc::unprocessable, 422},
        {Errc::not_found, 404},
        {Errc::conflict, 409},
        {Errc::too_large, 413},
        {Errc::unauthorized, 401},
        {Errc::forbidden, 403},
        {Errc::not_acceptable, 406},
        {Errc::unsupported_media_type, 415},
        {Errc::corrupt, 500},
        {Errc::overloaded, 503}};
    for (const auto& [code, status] : expected) {
        SCOPED_TRACE(errc_name(code));
        EXPECT_EQ(status_of(code), status);
        const http::Response made = problem(Error{code, "the detail"}, "0123456789abcdef");
        EXPECT_EQ(made.status, status);
        const auto body = json::parse(std::string(made.body.bytes())).as_object();
        EXPECT_EQ(body.at("http_status").as_string(), std::to_string(status));
        // What could tell hidden from absent, or our insides, is not passed on.
        const bool fixed = status == 401 || status == 404 || status >= 500;
        EXPECT_EQ(body.at("description").as_string() == "the detail", !fixed);
    }
}

}  // namespace
}  // namespace entente::taxii
