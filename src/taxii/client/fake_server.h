#pragma once
// A scripted server for the tests of the client: answers by a function, keeps what it was asked,
// moves a clock instead of waiting.
#include "base/random.h"
#include "base/time.h"
#include "taxii/client/session.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace entente::taxii::client {

struct Asked {
    std::string method;
    http::Url url;
    http::Headers headers;
    std::string body;
};

inline http::Reply answer(
    int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}
) {
    http::Reply reply;
    reply.status = status;
    reply.body = std::move(body);
    bool typed = false;
    for (auto& [name, value] : headers) {
        typed = typed || name == "Content-Type";
        reply.headers.add(name, value);
    }
    if (!typed) reply.headers.add("Content-Type", std::string(media_type));
    return reply;
}

class FakeServer {
  public:
    using Script = std::function<Result<http::Reply>(const Asked&)>;

    explicit FakeServer(Script server_script) : script(std::move(server_script)) {}

    [[nodiscard]] World& world() { return world_; }

    [[nodiscard]] Session session(Access access, Budget budget = {}) {
        return Session(world_, std::move(access), budget);
    }

    /// A session for the one origin https://peer.example, with a password.
    [[nodiscard]] Session session(Budget budget = {}) {
        const http::Origin origin{.scheme = "https", .host = "peer.example", .port = 443};
        return session(
            {.allowed = {origin},
             .trusted = {origin},
             .credentials = {Credentials::Kind::basic, "u", "p"}},
            budget
        );
    }

    Script script;
    std::vector<Asked> asked;
    std::vector<std::int64_t> pauses_ms;
    std::vector<std::string> warnings;
    bool stop = false;
    FakeClock clock{Micros{1'800'000'000'000'000}};
    SeededRandom random{7};

  private:
    class Connection final : public http::Client {
      public:
        Connection(FakeServer& server, http::Origin origin)
            : server_(server),
              origin_(std::move(origin)) {}

        Result<http::Reply> send(
            std::string_view method,
            std::string_view target,
            const http::Headers& headers,
            std::string_view body
        ) override {
            server_.asked.push_back(
                {std::string(method), {origin_, std::string(target)}, headers, std::string(body)}
            );
            return server_.script(server_.asked.back());
        }

      private:
        FakeServer& server_;
        http::Origin origin_;
    };

    World world_{
        .connect = [this](const http::Origin& origin
                   ) { return std::make_unique<Connection>(*this, origin); },
        .clock = clock,
        .random = random,
        .pause =
            [this](std::int64_t ms) {
                pauses_ms.push_back(ms);
                clock.advance(ms * 1'000);
            },
        .stopping = [this] { return stop; },
        .warn = [this](std::string_view text) { warnings.emplace_back(text); },
    };
};

}  // namespace entente::taxii::client
