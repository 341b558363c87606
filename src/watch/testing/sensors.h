#pragma once
// For tests: a node whose sensors send events, with a matcher and its door, on the memory store.
#include "exchange/own_assets.h"
#include "taxii/testing/server.h"
#include "watch/door.h"
#include "watch/matcher.h"

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace entente::watch::testing {

using store::UserNo;

inline std::string indicator(
    int number, const std::string& pattern, int version = 0, const std::string& more = ""
) {
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"indicator--{:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:{:02}.000Z","name":"object {}","pattern":"{}","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["{}"]{}}})",
        number,
        version,
        number,
        pattern,
        stix::tlp2_marking_id(stix::Tlp::green),
        more
    );
}

inline std::string named(int number, const std::string& name, int version = 0) {
    return indicator(number, "[domain-name:value = '" + name + "']", version);
}

/// One line of Suricata's EVE JSON.
inline std::string dns(const std::string& name, const std::string& second = "00") {
    return fmt::format(
        R"({{"timestamp":"2026-01-01T00:00:{}.000000+0000","event_type":"dns","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","dns":{{"version":2,"type":"query","rrname":"{}","rrtype":"A"}}}})"
        "\n",
        second,
        name
    );
}

class Sensors : public ::testing::Test {
  protected:
    using Harness = exchange::testing::Harness;

    Sensors() {
        reader = h.user("reader", h.own(), store::Role::reader);
        h.grant(reader, c, {});
        publisher = h.user("publisher", h.own());
        h.grant(publisher, c, {.read = true, .write = true});
        server.front = &door;
    }

    ~Sensors() override { stop(); }

    void start(const exchange::WatchSettings& more = {}) {
        exchange::WatchSettings settings = more;
        settings.user = reader;
        server.store.write([&](store::Transaction& tx) {
            exchange::put_watch_settings(tx, settings);
        });
        Around around{
            .store = server.store,
            .states = h.states(),
            .clock = h.clock,
            .write = [this](const std::function<void(store::Transaction&)>& work) {
                server.store.write(work);
            }};
        matcher = std::make_unique<Matcher>(std::move(around), "run", [this](const Found& found) {
            const std::lock_guard lock(mutex);
            if (record_fails) throw StorageError(StorageError::Kind::io, "no room");
            recorded.insert(recorded.end(), found.hits.begin(), found.hits.end());
            if (found.muted) muted = *found.muted;
        });
        door.open(matcher.get());
        // Until there is something to judge by.
        while (!matcher->live())
            std::this_thread::yield();
    }

    void stop() {
        door.open(nullptr);
        matcher.reset();
    }

    void publish(const std::vector<std::string>& objects) {
        const auto report = h.publish(publisher, c, objects);
        ASSERT_TRUE(report) << report.error().detail;
        for (const auto& outcome : report->outcomes)
            ASSERT_TRUE(outcome.accepted) << outcome.message;
    }

    /// Waits until so many indicators are looked for.
    void wait_for(std::size_t indicators) {
        while (matcher->live()->indicators->size() != indicators)
            std::this_thread::yield();
    }

    Result<Seen> send(const std::string& body, UserNo user = UserNo{77}) {
        std::promise<Result<Seen>> answer;
        matcher->post({user, "probe"}, body, [&](Result<Seen> seen) {
            answer.set_value(std::move(seen));
        });
        return answer.get_future().get();
    }

    std::vector<Hit> hits() {
        const std::lock_guard lock(mutex);
        return recorded;
    }

    taxii::testing::TestServer server;
    Harness& h = server.h;
    store::CollectionNo c = h.collection();
    UserNo reader{}, publisher{};
    Door door{server.service, server.service};
    std::unique_ptr<Matcher> matcher;

    std::mutex mutex;  // guards what follows
    std::vector<Hit> recorded;
    exchange::MutedHits muted;
    bool record_fails = false;
};

}  // namespace entente::watch::testing
