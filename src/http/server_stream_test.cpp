// Replies that come piece by piece.
#include "http/internal/test_server.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace entente::http {
namespace {

using test::get;
using test::Peer;
using test::ServerTest;
using test::TestHandler;

/// Pieces that the test gives by hand.
class Pieces final : public BodyStream {
  public:
    using Then = std::function<void(std::optional<Outgoing>)>;

    void next(Then then) override {
        const std::lock_guard lock(mutex_);
        asked_.set_value(std::move(then));
    }

    /// Waits until it is asked.
    Then asked() {
        Then then = asked_.get_future().get();
        const std::lock_guard lock(mutex_);
        asked_ = {};
        return then;
    }

  private:
    std::mutex mutex_;
    std::promise<Then> asked_;
};

class StreamTest : public ServerTest {
  protected:
    StreamTest() {
        handler_.on_handle = [this](const Head&, const std::string&, const Respond& respond) {
            Response response;
            response.headers.emplace_back("Content-Type", "text/event-stream");
            response.stream = pieces;
            respond(std::move(response));
        };
    }

    std::shared_ptr<Pieces> pieces = std::make_shared<Pieces>();
};

TEST_F(StreamTest, PiecesArriveAsTheyCome) {
    Peer peer = connect();
    peer.send(get("/"));
    const std::string head = peer.read_until("\r\n\r\n");
    EXPECT_NE(head.find("200 OK"), std::string::npos);
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    pieces->asked()(Outgoing("one\n\n"));
    EXPECT_EQ(peer.read_until("\n\n"), "one\n\n");
    pieces->asked()(Outgoing("two\n\n"));
    EXPECT_EQ(peer.read_until("\n\n"), "two\n\n");
    pieces->asked()(std::nullopt);
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(StreamTest, AStoppingServerEndsIt) {
    Peer peer = connect();
    peer.send(get("/"));
    (void)peer.read_until("\r\n\r\n");
    const Pieces::Then late = pieces->asked();
    std::thread stopper([&] { server_->stop(20'000); });
    EXPECT_EQ(peer.read_to_end(), "");
    stopper.join();
    late(Outgoing("nobody hears it"));
}

TEST_F(StreamTest, ALoginThatEndsCutsItOff) {
    const auto context = std::make_shared<int>(1);
    handler_.on_admit = [&](const Head&) {
        Admission admission = TestHandler::admission();
        admission.context = context;
        return admission;
    };
    Peer peer = connect();
    peer.send(get("/"));
    (void)peer.read_until("\r\n\r\n");
    const Pieces::Then late = pieces->asked();
    server_->cut_off([&](const void* which) { return which == context.get(); });
    EXPECT_EQ(peer.read_to_end(), "");
    late(Outgoing("nobody hears it"));
}

TEST_F(StreamTest, AHeadOfItIsAnsweredWithoutIt) {
    Peer peer = connect();
    peer.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_NE(peer.read_to_end().find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace entente::http
