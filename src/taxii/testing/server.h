#pragma once
// For tests: the TAXII service over a whole exchange on the memory store, called as the HTTP server
// calls it.
#include "exchange/login.h"
#include "exchange/testing/harness.h"
#include "store/commits.h"
#include "store/memory/memory_store.h"
#include "taxii/service.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::taxii::testing {

namespace json = boost::json;
using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr char taxii_type[] = "application/taxii+json;version=2.1";

/// Stored "hashes" are the passwords themselves.
class PlainHasher final : public exchange::PasswordHasher {
  public:
    [[nodiscard]] bool verify(const std::string& hash, std::string_view password) const override {
        return hash == password;
    }

    [[nodiscard]] const std::string& dummy_hash() const noexcept override { return dummy_; }

  private:
    const std::string dummy_ = "\x01 nobody's";
};

inline std::string text(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

/// An answer as a client reads it.
struct Answer {
    int status = 0;
    Fields fields;
    std::string body;
    bool body_was_read = false;  // false: refused on sight of the head

    [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
        std::vector<std::string> values;
        for (const auto& [field, value] : fields) {
            if (field == name) values.push_back(value);
        }
        return values;
    }

    /// The only field of that name; empty if there is none.
    [[nodiscard]] std::string header(std::string_view name) const {
        const auto values = all(name);
        EXPECT_LE(values.size(), 1U) << name;
        return values.empty() ? std::string() : values[0];
    }

    [[nodiscard]] json::object object() const {
        json::error_code problem;
        const json::value value = json::parse(body, problem);
        EXPECT_TRUE(!problem && value.is_object()) << body;
        return value.is_object() ? value.as_object() : json::object();
    }

    /// The strings under `name` in each member of the list.
    [[nodiscard]] std::vector<std::string> each(std::string_view list, std::string_view name)
        const {
        std::vector<std::string> found;
        const json::object page = object();
        if (const auto* members = page.if_contains(list)) {
            for (const auto& member : members->as_array())
                found.emplace_back(member.as_object().at(name).as_string());
        }
        return found;
    }

    /// The body without what must differ from one request to the next.
    [[nodiscard]] std::string without_error_id() const {
        json::object o = object();
        o.erase("error_id");
        return json::serialize(o);
    }
};

struct Request {
    std::string method = "GET";
    std::string target = {};
    std::string token = {};  // Bearer; empty = no Authorization
    Fields headers = {{"Accept", taxii_type}};
    std::string body = {};
    bool chunked = false;  // the head does not tell the length
    bool broken = false;   // the chunks or the gzip stream are not right
    // Shared: as in http::Head.
    std::shared_ptr<const http::ClientCertificate> certificate = {};
};

/// A memory store that a test can break: then the world fails as a disk does.
class BreakableStore final : public store::Store, public store::Commits {
  public:
    std::optional<StorageError::Kind> reads_fail;
    std::optional<StorageError::Kind> writes_fail;

    [[nodiscard]] std::unique_ptr<store::Snapshot> snapshot() override {
        if (reads_fail) throw StorageError(*reads_fail, "secret detail of a failed read");
        return store_->snapshot();
    }

    void write(const std::function<void(store::Transaction&)>& work) override {
        if (writes_fail) throw StorageError(*writes_fail, "secret detail of a failed write");
        store_->write(work);
    }

    [[nodiscard]] std::optional<store::CommitMark> committed() const noexcept override {
        return store::commits_of(*store_)->committed();
    }

    void checkpoint() override { store_->checkpoint(); }

    bool cut_log() override { return store_->cut_log(); }

    [[nodiscard]] std::vector<std::string> verify(
        const std::function<void(std::uint64_t, std::uint64_t)>& progress
    ) override {
        return store_->verify(progress);
    }

  private:
    std::unique_ptr<store::Store> store_ = store::make_memory_store();
};

class TestServer {
  public:
    using Harness = exchange::testing::Harness;

    explicit TestServer(ServiceOptions options = {}, exchange::Settings settings = {})
        : h(store, settings),
          login(h.states(), store, h.clock, token_key, hasher),
          service(h.exchange(), login, std::move(options)) {}

    std::string token(store::UserNo user) {
        const exchange::NewToken made = exchange::new_token(h.random, token_key);
        store::Token row;
        row.user = user;
        row.hash = made.hash;
        row.created = h.clock.now();
        store.write([&](store::Transaction& tx) { tx.put(row); });
        return made.text;
    }

    /// As the HTTP server does: the head first, then the body unless the head was refused.
    Answer send(const Request& request) {
        auto head = std::make_shared<http::Head>();
        head->method = request.method;
        const std::size_t mark = request.target.find('?');
        head->path = request.target.substr(0, mark);
        if (mark != std::string::npos) head->query = request.target.substr(mark + 1);
        for (const auto& [name, value] : request.headers)
            head->headers.add(name, value);
        if (!request.token.empty()) head->headers.add("Authorization", "Bearer " + request.token);
        head->address = "192.0.2.1";
        head->certificate = request.certificate;
        head->request_id = fmt::format("{:016x}", ++requests_);
        if (!request.chunked && !request.body.empty()) head->content_length = request.body.size();

        http::Handler& to = front != nullptr ? *front : service;
        if (request.body.empty()) {
            if (const auto known = to.at_once(*head)) return answer_of(*known, true);
        }
        std::promise<http::Admission> judged;
        to.admit(head, [&](http::Admission a) { judged.set_value(std::move(a)); });
        const http::Admission admission = judged.get_future().get();
        if (admission.refuse) return answer_of(*admission.refuse, false);
        if (request.body.size() > admission.body_bytes_max)
            return answer_of(admission.too_large(), true);
        if (request.broken) return answer_of(admission.bad_body("chunk size"), true);
        std::promise<http::Response> answered;
        to.handle(head, request.body, admission.context, [&](http::Response r) {
            answered.set_value(std::move(r));
        });
        const http::Response response = answered.get_future().get();
        stream = response.stream;
        return answer_of(response, true);
    }

    /// Sets a password; the PlainHasher makes it its own hash.
    void password(store::UserNo user, const std::string& password) {
        store.write([&](store::Transaction& tx) {
            for (store::User row : tx.directory().users) {
                if (row.no != user) continue;
                row.password_hash = password;
                tx.put(row);
            }
        });
    }

    Answer get(const std::string& target, const std::string& token) {
        return send({.target = target, .token = token});
    }

    Answer post(
        const std::string& target,
        const std::string& token,
        const std::string& body,
        const std::string& type = taxii_type
    ) {
        return send(
            {.method = "POST",
             .target = target,
             .token = token,
             .headers = {{"Accept", taxii_type}, {"Content-Type", type}},
             .body = body}
        );
    }

    Answer remove(const std::string& target, const std::string& token) {
        return send({.method = "DELETE", .target = target, .token = token});
    }

    Key token_key{};
    BreakableStore store;
    Harness h;
    PlainHasher hasher;
    exchange::Login login;
    Service service;
    http::Handler* front = nullptr;              // asked in its place, when set
    std::shared_ptr<http::BodyStream> stream{};  // of the last answer; shared, as there

  private:
    static Answer answer_of(const http::Response& response, bool body_was_read) {
        return {
            response.status, response.headers, std::string(response.body.bytes()), body_was_read};
    }

    std::uint64_t requests_ = 0;
};

/// Two API roots, a collection with an alias, and one user of each kind.
class ServiceTest : public ::testing::Test {
  protected:
    using Rights = exchange::testing::Harness::Rights;

    explicit ServiceTest(ServiceOptions options = {}, exchange::Settings settings = {})
        : server(std::move(options), settings) {
        const auto south = server.h.party("South");
        collection_id = "5c9c8a3e-0000-4000-8000-000000000002";
        server.store.write([&](store::Transaction& tx) {
            other_root = tx.put(store::ApiRoot{
                .no = {},
                .name = "other",
                .title = "Other",
                .description = "The second root",
                .max_content_length = 1'000,
                .is_default = false});
            store::Collection row;
            row.root = server.h.root();
            row.id = collection_id;
            row.alias = "main feed";
            row.title = "Indicators";
            collection = tx.put(row);
        });
        const auto make = [&](const std::string& name, store::UserNo& no, Rights rights) {
            no = server.h.user(name, name == "read-write" ? server.h.own() : south);
            server.h.grant(no, collection, rights);
            return server.token(no);
        };
        rw = make("read-write", rw_user, {.read = true, .write = true, .list = true});
        ro = make("read-only", ro_user, {.read = true, .write = false, .list = true});
        wo = make("write-only", wo_user, {.read = false, .write = true, .list = true});
        lo = make("list-only", lo_user, {.read = false, .write = false, .list = true});
        nobody_user = server.h.user("nobody", south);
        nobody = server.token(nobody_user);
    }

    [[nodiscard]] std::string at(const std::string& below = "") const {
        return "/api/collections/" + collection_id + "/" + below;
    }

    Answer get(const std::string& target) { return server.get(target, rw); }

    Answer post(const std::vector<std::string>& objects) {
        return server.post(at("objects/"), rw, exchange::testing::envelope(objects));
    }

    /// Adds objects 1 to `count` in one request, so that they share a moment.
    void fill(int count) {
        std::vector<std::string> objects;
        for (int i = 1; i <= count; ++i)
            objects.push_back(exchange::testing::object_json({.number = i}));
        ASSERT_EQ(post(objects).status, 202);
    }

    TestServer server;
    std::string collection_id;
    store::CollectionNo collection{};
    store::RootNo other_root{};
    store::UserNo rw_user{}, ro_user{}, wo_user{}, lo_user{}, nobody_user{};
    std::string rw, ro, wo, lo, nobody;  // tokens
};

}  // namespace entente::taxii::testing
