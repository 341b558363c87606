// What waits is sent to a server that answers as the test wants.
#include "peer/delivery.h"

#include "base/limits.h"
#include "http/server.h"
#include "peer/courier.h"
#include "peer/settings.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace entente::peer {
namespace {

using store::OutboxRow;
using store::PartyNo;

constexpr const char* path = "/api/collections/2d086da7-4bdc-4f91-900e-d77486753710/";

/// A partner's server with one collection.
class Partner final : public http::Handler {
  public:
    enum class Answer : std::uint8_t { takes, refuses, busy, lets_nobody_in };

    Partner() {
        http::ServerOptions options;
        options.port = 0;
        options.io_threads = 1;
        options.worker_threads = 2;
        server_ = std::move(http::Server::listen(options, *this).value());
        server_->start();
    }

    ~Partner() override { server_->stop(1'000); }

    Partner(const Partner&) = delete;
    Partner& operator=(const Partner&) = delete;

    void admit(std::shared_ptr<const http::Head>, std::function<void(http::Admission)> then)
        override {
        http::Admission admission;
        admission.body_bytes_max = 1U << 20U;
        admission.too_large = [] { return http::Response{}; };
        admission.bad_body = [](std::string_view) { return http::Response{}; };
        then(std::move(admission));
    }

    void handle(
        std::shared_ptr<const http::Head> head,
        std::string body,
        std::shared_ptr<void>,
        http::Respond respond
    ) override {
        const std::lock_guard lock(mutex_);
        http::Response response;
        response.headers.emplace_back("Content-Type", "application/taxii+json;version=2.1");
        authorization = head->headers.find("Authorization").value_or("");
        if (head->method == "POST") {
            post(response, body);
        } else if (head->path == path) {
            response.body = Outgoing(
                R"({"id":"2d086da7-4bdc-4f91-900e-d77486753710","title":"Inbox","can_read":false,"can_write":true})"
            );
        } else {
            response.body = Outgoing(
                R"({"title":"API","versions":["application/taxii+json;version=2.1"],"max_content_length":1000000})"
            );
        }
        respond(std::move(response));
    }

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
    }

    void answers(std::initializer_list<Answer> next) {
        const std::lock_guard lock(mutex_);
        next_.assign(next);
    }

    [[nodiscard]] std::vector<std::string> got() {
        const std::lock_guard lock(mutex_);
        return got_;
    }

    /// Waits until so many posts came.
    void wait_for(std::size_t posts) {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [&] { return got_.size() >= posts; });
    }

    std::string authorization;  // of the last request

  private:
    void post(http::Response& response, const std::string& body) {
        got_.push_back(body);
        came_.notify_all();
        const Answer answer = next_.empty() ? Answer::takes : next_.front();
        if (!next_.empty()) next_.pop_front();
        switch (answer) {
            case Answer::takes:
                response.status = 202;
                response.body = Outgoing(
                    R"({"id":"2d086da7-4bdc-4f91-900e-d77486753711","status":"complete","total_count":1,"success_count":1,"failure_count":0,"pending_count":0})"
                );
                return;
            case Answer::refuses:
                response.status = 202;
                response.body = Outgoing(
                    R"({"id":"2d086da7-4bdc-4f91-900e-d77486753711","status":"complete","total_count":1,"success_count":0,"failure_count":1,"pending_count":0,"failures":[{"id":"x--1","version":"1","message":"not for us"}]})"
                );
                return;
            case Answer::busy:
                response.status = 503;
                response.headers.emplace_back("Retry-After", "5000");
                response.body = Outgoing(R"({"title":"busy"})");
                return;
            case Answer::lets_nobody_in:
                response.status = 401;
                response.body = Outgoing(R"({"title":"who are you?"})");
                return;
        }
    }

    std::mutex mutex_;  // guards the rest
    std::condition_variable came_;
    std::vector<std::string> got_;
    std::deque<Answer> next_;
    std::unique_ptr<http::Server> server_;
};

class PeerDelivery : public ::testing::Test {
  protected:
    PeerDelivery() {
        store_->write([&](store::Transaction& tx) {
            south = tx.put(store::Party{.no = {}, .name = "South", .own = false, .identities = {}});
        });
        set_peer(partner.url());
    }

    void set_peer(const std::string& url) {
        taxii::client::Way way;
        way.url = url;
        way.timeout_s = 5;
        store_->write([&](store::Transaction& tx) {
            tx.put(store::Peer{
                .party = south, .url = url, .settings = settings_text(way), .secret = "file"});
        });
    }

    void put(const std::string& name) {
        OutboxRow row;
        row.party = south;
        row.kind = OutboxRow::Kind::objects;
        row.about = name;
        row.body = R"({"objects":[{"type":"x","id":"x--)" + name + R"("}]})";
        row.created = row.due = clock.now();
        store_->write([&](store::Transaction& tx) { tx.put(row); });
    }

    Surroundings node() {
        return {
            .store = *store_,
            .clock = clock,
            .random = system_random(),
            .write = [this](const auto& work) { store_->write(work); },
            .credentials = [this](const std::string&) { return credentials; },
            .stopping = [this] { return stop; },
            .warn = [](const std::string&, std::string_view) {}};
    }

    Sent send(Due due = Due::only) {
        const Surroundings around = node();
        return deliver(around, south, due);
    }

    std::vector<OutboxRow> rows() { return store_->snapshot()->outbox({}, 100); }

    std::unique_ptr<store::Store> store_ = store::make_memory_store();
    FakeClock clock{{1'767'225'600'000'000}};
    Partner partner;
    PartyNo south{};
    bool stop = false;
    Result<taxii::client::Credentials> credentials = taxii::client::Credentials{
        .kind = taxii::client::Credentials::Kind::bearer, .user = {}, .secret = "a secret"};
};

using Answer = Partner::Answer;

TEST_F(PeerDelivery, SendsInOrderAndMarksWhatWasTaken) {
    for (const char* name : {"1", "2", "3"})
        put(name);
    const Sent sent = send();
    EXPECT_EQ(sent.delivered, 3U) << sent.error;
    const auto got = partner.got();
    ASSERT_EQ(got.size(), 3U);
    for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_NE(got[i].find("x--" + std::to_string(i + 1)), std::string::npos) << got[i];
    for (const OutboxRow& row : rows())
        EXPECT_EQ(row.state, OutboxRow::State::delivered);
    EXPECT_EQ(partner.authorization, "Bearer a secret");
    EXPECT_EQ(send().delivered, 0U);
    EXPECT_EQ(partner.got().size(), 3U);
}

TEST_F(PeerDelivery, WhatIsRefusedHoldsNothingElse) {
    put("1");
    put("2");
    partner.answers({Answer::refuses, Answer::takes});
    const Sent sent = send();
    EXPECT_EQ(sent.delivered, 1U);
    EXPECT_EQ(sent.failed, 1U);
    EXPECT_EQ(rows()[0].error, "refused: not for us");
    EXPECT_EQ(rows()[0].state, OutboxRow::State::waiting);
    EXPECT_GT(rows()[0].due, clock.now());
    EXPECT_EQ(rows()[1].state, OutboxRow::State::delivered);
}

TEST_F(PeerDelivery, ABusyServerIsLeftAloneForAsLongAsItAsks) {
    put("1");
    put("2");
    partner.answers({Answer::busy});
    const Sent sent = send();
    EXPECT_EQ(sent.delivered, 0U);
    EXPECT_EQ(sent.failed, 2U);
    EXPECT_EQ(partner.got().size(), 1U) << "the rest does not try";
    for (const OutboxRow& row : rows())
        EXPECT_EQ(row.due, clock.now() + 5'000'000'000);
    EXPECT_EQ(send().failed, 0U) << "nothing is due";
    clock.advance(5'000'000'000);
    EXPECT_EQ(send().delivered, 2U);
}

TEST_F(PeerDelivery, SomebodyWhoAsksSendsAllOfItNow) {
    put("1");
    partner.answers({Answer::busy});
    (void)send();
    EXPECT_EQ(send(Due::all).delivered, 1U);
}

TEST_F(PeerDelivery, AWrongSecretIsToldWithoutIt) {
    put("1");
    partner.answers({Answer::lets_nobody_in});
    EXPECT_EQ(send().failed, 1U);
    EXPECT_NE(rows()[0].error.find("401"), std::string::npos) << rows()[0].error;
    EXPECT_EQ(rows()[0].error.find("a secret"), std::string::npos);
}

TEST_F(PeerDelivery, AFileOfCredentialsThatCannotBeReadSendsNothing) {
    put("1");
    credentials = fail(Errc::forbidden, "peers/x is open to others");
    EXPECT_EQ(send().failed, 1U);
    EXPECT_EQ(rows()[0].error, "peers/x is open to others");
    EXPECT_TRUE(partner.got().empty());
}

TEST_F(PeerDelivery, SecretsGoNowhereWithoutTls) {
    put("1");
    set_peer("http://south.example/api/collections/x/");
    EXPECT_EQ(send().failed, 1U);
    EXPECT_NE(rows()[0].error.find("unprotected"), std::string::npos) << rows()[0].error;
}

TEST_F(PeerDelivery, StoppingIsNoFailureOfThePartner) {
    put("1");
    stop = true;
    const Sent sent = send();
    EXPECT_EQ(sent.delivered + sent.failed, 0U);
    EXPECT_EQ(rows()[0].tries, 0U);
}

TEST_F(PeerDelivery, APartyWithoutAnAddressIsSaidSo) {
    put("1");
    store_->write([&](store::Transaction& tx) { tx.erase_peer(south); });
    EXPECT_EQ(send().failed, 1U);
    EXPECT_EQ(rows()[0].error, "no address is set for this party");
}

TEST(PeerBackoff, DoublesToAnHourAndHeedsTheServerUpToADay) {
    SeededRandom random(1);
    for (std::uint32_t tries = 0; tries < 100; ++tries) {
        const std::int64_t most = tries < 12 ? 1'000LL << tries : 3'600'000;
        for (int i = 0; i < 20; ++i) {
            const std::int64_t wait = backoff_ms(tries, std::nullopt, random);
            EXPECT_GE(wait, most / 2);
            EXPECT_LE(wait, std::min<std::int64_t>(most, 3'600'000));
        }
    }
    EXPECT_EQ(backoff_ms(0, 90'000, random), 90'000);
    EXPECT_GE(backoff_ms(20, 1, random), 1'800'000);
    EXPECT_EQ(backoff_ms(0, INT64_MAX, random), 24LL * 3'600'000);
}

TEST_F(PeerDelivery, AClockThatWasSetBackHoldsNothingForLong) {
    put("1");
    clock.set(clock.now() + -400LL * 24 * 3'600'000'000);
    EXPECT_EQ(send().delivered, 1U);
}

TEST_F(PeerDelivery, TheCourierSendsWhatComesUpAndStopsAtOnce) {
    Courier courier(node());
    put("1");
    partner.wait_for(1);
    put("2");
    partner.wait_for(2);
    courier.stop();
    put("3");
    EXPECT_EQ(partner.got().size(), 2U);
}

}  // namespace
}  // namespace entente::peer
