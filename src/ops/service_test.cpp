#include "ops/service.h"

#include <gtest/gtest.h>

namespace entente::ops {
namespace {

http::Response ask(http::Handler& handler, std::string method, std::string path) {
    auto head = std::make_shared<http::Head>();
    head->method = std::move(method);
    head->path = std::move(path);
    std::optional<http::Response> response;
    handler.admit(head, [&](http::Admission admission) {
        if (admission.refuse) {
            response = std::move(*admission.refuse);
        } else {
            handler.handle(head, "", admission.context, [&](http::Response r) {
                response = std::move(r);
            });
        }
    });
    return std::move(*response);
}

class Inner final : public http::Handler {
  public:
    void admit(
        std::shared_ptr<const http::Head> /*head*/, std::function<void(http::Admission)> then
    ) override {
        then({});
    }

    void handle(
        std::shared_ptr<const http::Head> /*head*/,
        std::string /*body*/,
        std::shared_ptr<void> /*context*/,
        http::Respond respond
    ) override {
        respond({.status = 401, .headers = {}, .body = Outgoing("who are you?")});
    }
};

struct Ops : ::testing::Test {
    std::optional<std::string> why;
    OpsService service{[this] { return why; }, [] { return std::string("x 1\n"); }};
    Inner inner;
    HealthDoor door{inner, [this] { return why; }};
};

TEST_F(Ops, SayWhyTheNodeIsNotReady) {
    EXPECT_EQ(ask(service, "GET", "/readyz").status, 200);
    why = "the disk is full";
    const http::Response response = ask(service, "GET", "/readyz");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.body.bytes(), "the disk is full\n");
    EXPECT_EQ(ask(service, "GET", "/healthz").status, 200) << "it lives, all the same";
}

TEST_F(Ops, MetricsAreInTheTextFormat) {
    const http::Response response = ask(service, "GET", "/metrics");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.front().second, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(response.body.bytes(), "x 1\n");
}

TEST_F(Ops, OtherPathsAndMethodsAreRefused) {
    EXPECT_EQ(ask(service, "GET", "/taxii2/").status, 404);
    EXPECT_EQ(ask(service, "POST", "/metrics").status, 405);
    EXPECT_EQ(ask(service, "HEAD", "/healthz").status, 200);
}

TEST_F(Ops, TheDoorTellsStrangersNoReason) {
    why = "the disk is full";
    const http::Response response = ask(door, "GET", "/readyz");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.body.bytes(), "not ready\n");
    EXPECT_EQ(ask(door, "GET", "/healthz").status, 200);
    EXPECT_EQ(ask(door, "DELETE", "/healthz").status, 405);
}

TEST_F(Ops, TheDoorGivesTheRestOn) {
    EXPECT_EQ(ask(door, "GET", "/metrics").status, 401);
    EXPECT_EQ(ask(door, "GET", "/taxii2/").status, 401);
    EXPECT_EQ(ask(door, "GET", "/healthz/").status, 401);
}

}  // namespace
}  // namespace entente::ops
