#include "peer/courier.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace entente::peer {

using store::PartyNo;

struct Courier::Inside {
    explicit Inside(Surroundings given) : node(std::move(given)) {
        node.stopping = [this, outer = std::move(node.stopping)] {
            return stop.stop_requested() || (outer && outer());
        };
        looker = std::thread([this] { look_on(); });
    }

    void look_on() {
        while (!node.stopping()) {
            try {
                look();
            } catch (const StorageError& error) {
                log::warning("cannot look into the outbox now", {{"why", error.what()}});
            }
            std::unique_lock lock(mutex);
            wake.wait_for(lock, std::chrono::milliseconds(limits::peer_look_ms), [this] {
                return node.stopping();
            });
        }
    }

    /// Starts a delivery for each party that something is due for.
    void look() {
        end_finished();
        const auto heads = node.store.snapshot()->outbox_heads();
        const Micros now = node.clock.now();
        // From the one after the last on, so that many who do not answer leave their turn to
        // others.
        for (const bool later : {true, false}) {
            for (const store::OutboxHead& head : heads) {
                if ((head.party > last) != later || !is_due(head.next_due, now)) continue;
                if (busy.size() >= limits::peer_threads_max) return;
                if (busy.contains(head.party)) continue;
                last = head.party;
                busy.emplace(head.party, std::thread([this, party = head.party] { send(party); }));
            }
        }
    }

    void send(PartyNo party) {
        try {
            const Sent sent = deliver(node, party, Due::only);
            if (!sent.error.empty()) {
                log::warning(
                    "a partner was not told",
                    {{"party", printable(sent.party)},
                     {"waiting", std::to_string(sent.failed)},
                     {"why", sent.error}}
                );
            } else if (sent.delivered > 0) {
                log::info(
                    "a partner was told",
                    {{"party", printable(sent.party)}, {"things", std::to_string(sent.delivered)}}
                );
            }
        } catch (const StorageError& error) {
            log::warning("cannot note what was sent", {{"why", error.what()}});
        } catch (const std::exception& error) {
            // Out of memory, for example: this try is lost, the next one comes.
            log::error("a delivery failed", {{"why", error.what()}});
        }
        const std::lock_guard lock(mutex);
        finished.insert(party);
    }

    void end_finished() {
        std::set<PartyNo> done;
        {
            const std::lock_guard lock(mutex);
            done.swap(finished);
        }
        for (const PartyNo party : done) {
            busy.at(party).join();
            busy.erase(party);
        }
    }

    Surroundings node;
    std::stop_source stop;
    std::mutex mutex;  // guards `finished`
    std::condition_variable wake;
    std::set<PartyNo> finished;
    // The looking thread's own; after its end, that of `stop`.
    std::map<PartyNo, std::thread> busy;
    PartyNo last{};
    std::thread looker;
};

Courier::Courier(Surroundings node) : inside_(std::make_unique<Inside>(std::move(node))) {}

Courier::~Courier() {
    stop();
}

void Courier::stop() {
    {
        const std::lock_guard lock(inside_->mutex);
        inside_->stop.request_stop();
    }
    inside_->wake.notify_all();
    if (inside_->looker.joinable()) inside_->looker.join();
    for (auto& [party, thread] : inside_->busy)
        thread.join();
    inside_->busy.clear();
}

}  // namespace entente::peer
