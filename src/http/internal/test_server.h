#pragma once
// A server on a free port of this machine, and what its tests say to it. One fixture for all files
// of the suite.
#include "http/internal/test_peer.h"
#include "http/server.h"

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace entente::http::test {

class ServerTest : public testing::Test {
  protected:
    ServerTest() {
        options_.port = 0;
        options_.io_threads = 2;
        options_.worker_threads = 4;
    }

    /// Before what handlers of derived fixtures use goes.
    void TearDown() override { server_.reset(); }

    Peer connect() {
        if (!server_) {
            auto made = Server::listen(options_, handler_);
            EXPECT_TRUE(made) << made.error().detail;
            server_ = std::move(*made);
            server_->start();
        }
        return Peer::connect(server_->port());
    }

    /// Sends `request` on a connection of its own and returns all that comes back until the end.
    std::string talk(std::string_view request, bool half_close = true) {
        Peer peer = connect();
        peer.send(request);
        if (half_close) peer.shutdown_write();
        return peer.read_to_end();
    }

    /// Echoes each body, to see what the handler saw.
    void echo() {
        handler_.on_handle = [this](const Head&, const std::string& body, const Respond& respond) {
            {
                const std::lock_guard lock(mutex_);
                bodies_.push_back(body);
            }
            respond(TestHandler::ok());
        };
    }

    std::vector<std::string> bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

    TestHandler handler_;
    ServerOptions options_;
    std::unique_ptr<Server> server_;
    std::mutex mutex_;  // guards bodies_, and what handlers of derived fixtures write
    std::vector<std::string> bodies_;
};

inline int status_of(const std::string& reply) {
    return RawReply{reply, {}}.status();
}

inline std::string get(std::string_view target, std::string_view more = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
}

inline std::string post(std::string_view body, std::string_view more = "") {
    return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

inline constexpr std::string_view chunked_head =
    "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

#define TEN(x) x x x x x x x x x x
inline constexpr char large_text[] = "[" TEN(TEN("\"0123456789abcdef\",")) "1]";
inline constexpr char hundred_kilobytes[] = TEN(TEN(TEN(TEN("0123456789")))) "!";
#undef TEN

}  // namespace entente::http::test
