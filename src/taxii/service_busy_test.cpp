// Publishing when more is under way than can be written: refused on sight of the head.
#include "taxii/service.h"
#include "taxii/testing/server.h"

#include <gmock/gmock.h>

#include <vector>

namespace entente::taxii {
namespace {

using namespace testing;
using exchange::testing::envelope;
using exchange::testing::object_id;
using exchange::testing::object_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ServiceBusy : public ServiceTest {
  protected:
    /// Has as much under way for this user as is let in.
    void keep_busy(store::UserNo user) {
        exchange::Caller caller;
        caller.user = user;
        while (auto place = server.h.exchange().room_to_publish(caller, 1'000))
            under_way_.push_back(std::move(*place));
    }

    [[nodiscard]] std::size_t count() { return server.h.exchange().intake().under_way; }

    Answer send(const std::string& token, int number) {
        return server.post(at("objects/"), token, envelope({object_json({.number = number})}));
    }

    std::vector<exchange::Intake::Place> under_way_;
};

TEST_F(ServiceBusy, APostIsRefusedByItsHeadWithRetryAfterAndLaterTaken) {
    keep_busy(rw_user);
    const Answer refused = send(rw, 1);
    EXPECT_EQ(refused.status, 503);
    EXPECT_FALSE(refused.body_was_read);
    EXPECT_EQ(refused.header("Retry-After"), "2");
    EXPECT_EQ(refused.header("Content-Type"), taxii_type);
    EXPECT_EQ(text(refused.object(), "http_status"), "503");
    EXPECT_EQ(get(at("objects/")).body, R"({"more":false})") << "reading goes on, none was stored";
    under_way_.clear();
    EXPECT_EQ(send(rw, 1).status, 202);
    EXPECT_THAT(get(at("objects/")).each("objects", "id"), ElementsAre(object_id({.number = 1})));
    EXPECT_EQ(count(), 0U);
}

TEST_F(ServiceBusy, WhoMayNotPublishLearnsNothingOfIt) {
    const auto answers = [&] {
        const std::string path = at("objects/");
        const std::string body = envelope({object_json({.number = 1})});
        std::vector<std::string> all;
        const auto note = [&](const Answer& answer) {
            EXPECT_NE(answer.status, 503);
            all.push_back(std::to_string(answer.status) + answer.without_error_id());
        };
        note(server.post(path, "", body));
        note(server.post(path, "ent_wrong", body));
        note(server.post(path, nobody, body));
        note(server.post(path, ro, body));
        note(server.post("/api/collections/none/objects/", rw, body));
        note(server.post(path, rw, body, "text/plain"));
        note(server.post(path, rw, std::string(10'000'001, ' ')));
        return all;
    };
    const auto idle = answers();
    keep_busy(rw_user);
    ASSERT_EQ(send(rw, 1).status, 503);
    EXPECT_EQ(answers(), idle);
}

TEST_F(ServiceBusy, OneThatSendsMuchDoesNotShutOutTheOthers) {
    keep_busy(rw_user);
    ASSERT_EQ(send(rw, 1).status, 503);
    EXPECT_EQ(send(wo, 2).status, 202);
}

TEST_F(ServiceBusy, NoRoomIsLostByRequestsThatComeToNothing) {
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(server.post(at("objects/"), rw, "no JSON").status, 400);
        ASSERT_EQ(
            server
                .send(
                    {.method = "POST",
                     .target = at("objects/"),
                     .token = rw,
                     .headers = {{"Accept", taxii_type}, {"Content-Type", taxii_type}},
                     .body = "{}",
                     .chunked = true,
                     .broken = true}
                )
                .status,
            400
        ) << "the body never came whole";
        ASSERT_EQ(send(rw, 1).status, 202);
    }
    EXPECT_EQ(count(), 0U);
    server.store.writes_fail = StorageError::Kind::full;
    EXPECT_EQ(send(rw, 2).status, 503);
    EXPECT_EQ(count(), 0U);
}

TEST_F(ServiceBusy, WhatWasRefusedIsCountedAndToldToTheLogOnce) {
    keep_busy(rw_user);
    const auto before = server.h.exchange().intake().refused;
    ::testing::internal::CaptureStderr();
    for (int i = 0; i < 5; ++i)
        ASSERT_EQ(send(rw, 1).status, 503);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(server.h.exchange().intake().refused, before + 5);
    ::testing::internal::CaptureStderr();
    server.h.exchange().flush();
    server.h.exchange().flush();
    const std::string told = ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(told, HasSubstr("requests=" + std::to_string(before + 5)));
    EXPECT_EQ(told.find("refused"), told.rfind("refused")) << told;
    EXPECT_THAT(told, Not(HasSubstr("the store failed")));
}

}  // namespace
}  // namespace entente::taxii
