#include "peer/delivery.h"

#include "base/escape.h"
#include "base/limits.h"
#include "exchange/outbox.h"
#include "peer/settings.h"
#include "stix/envelope.h"
#include "taxii/client/locate.h"
#include "taxii/client/push.h"
#include "taxii/client/way.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace entente::peer {
namespace {

namespace client = taxii::client;
using store::OutboxNo;
using store::OutboxRow;
using store::PartyNo;

constexpr std::int64_t day_ms = 24LL * 3'600'000;

/// An opened way to a partner. Not movable: the session refers to its world.
class Way {
  public:
    Way(const Surroundings& node, std::string party, client::Way way, client::Route route)
        : way_(std::move(way)),
          route_(std::move(route)),
          world_{
              .connect =
                  [this, &node](const http::Origin& origin) {
                      return client::make_client(way_, route_.access, origin, node.stopping);
                  },
              .clock = node.clock,
              .random = node.random,
              .pause = [&node](std::int64_t ms) { pause(node, ms); },
              .stopping = node.stopping,
              .warn = [&node,
                       name = std::move(party)](std::string_view text) { node.warn(name, text); }},
          session_(
              world_,
              route_.access,
              {.retries_max = 0,
               .bytes_max = 4 * limits::client_resource_bytes_max,
               .ms_max = limits::peer_delivery_ms_max}
          ) {}

    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;

    [[nodiscard]] client::Session& session() noexcept { return session_; }

    /// Where to, found once.
    Result<const client::Place*> place() {
        if (place_) return &*place_;
        ENTENTE_TRY(
            client::Place found,
            client::locate(
                session_,
                {.url = route_.address.url, .root = way_.root, .collection = way_.collection}
            )
        );
        if (found.collection.can_write == false) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "we may not write to the collection {}", printable(found.collection.title, 100)
                )
            );
        }
        place_.emplace(std::move(found));
        return &*place_;
    }

  private:
    static void pause(const Surroundings& node, std::int64_t ms) {
        constexpr std::int64_t slice_ms = 100;
        for (std::int64_t left = ms; left > 0 && !node.stopping(); left -= slice_ms)
            std::this_thread::sleep_for(std::chrono::milliseconds(std::min(left, slice_ms)));
    }

    client::Way way_;
    client::Route route_;
    client::World world_;
    client::Session session_;
    std::optional<client::Place> place_;
};

/// Why something was not delivered.
struct Failed {
    std::string why;
    bool of_the_way = true;  // nothing else will get there now either
};

using Attempt = tl::expected<void, Failed>;

tl::unexpected<Failed> way_failed(const Error& error) {
    return tl::unexpected<Failed>(Failed{error.detail, true});
}

tl::unexpected<Failed> not_taken(std::string why) {
    return tl::unexpected<Failed>(Failed{std::move(why), false});
}

class Delivery {
  public:
    Delivery(const Surroundings& node, PartyNo party) : node_(node), party_(party) {}

    Sent run(Due due) {
        for (OutboxNo from{1}; !node_.stopping();) {
            std::unique_ptr<store::Snapshot> snapshot = node_.store.snapshot();
            const auto rows = snapshot->outbox_waiting(party_, from, 1);
            if (rows.empty()) break;
            const OutboxRow& row = rows.front();
            from = OutboxNo{agreement::raw(row.no) + 1};
            if (due == Due::only && !is_due(row.due, node_.clock.now())) continue;
            const store::Directory directory = snapshot->directory();
            snapshot.reset();  // none is held while the network is waited for
            const Attempt attempt = send(directory, row);
            if (node_.stopping() && !attempt) break;  // no fault of the partner's
            settle(row, attempt);
            if (!attempt && attempt.error().of_the_way) {
                put_off(from, due, attempt.error().why, row.tries);
                break;
            }
        }
        return std::move(sent_);
    }

  private:
    Attempt open(const store::Directory& directory) {
        const auto party = std::ranges::find(directory.parties, party_, &store::Party::no);
        if (party != directory.parties.end()) sent_.party = party->name;
        const auto peer = std::ranges::find(directory.peers, party_, &store::Peer::party);
        if (peer == directory.peers.end()) {
            return tl::unexpected<Failed>(Failed{"no address is set for this party", true});
        }
        auto way = read_way(*peer);
        if (!way) return way_failed(way.error());
        client::Credentials credentials;
        if (!peer->secret.empty()) {
            auto read = node_.credentials(peer->secret);
            if (!read) return way_failed(read.error());
            credentials = std::move(*read);
        }
        way->timeout_s = std::min(way->timeout_s, limits::peer_delivery_ms_max / 1'000);
        auto route = client::find_route(*way, std::move(credentials));
        if (!route) return way_failed(route.error());
        way_ = std::make_unique<Way>(node_, sent_.party, std::move(*way), std::move(*route));
        return {};
    }

    Attempt send(const store::Directory& directory, const OutboxRow& row) {
        if (!way_) {
            if (auto opened = open(directory); !opened) return opened;
        }
        std::vector<std::string> objects;
        if (row.kind == OutboxRow::Kind::agreement) {
            auto object = exchange::agreement_object(directory, row.about);
            if (!object) return not_taken(object.error().detail);
            objects.push_back(std::move(*object));
        } else {
            const auto envelope = stix::read_envelope(row.body);
            if (!envelope) return not_taken(envelope.error().detail);
            objects.assign(envelope->objects.begin(), envelope->objects.end());
        }
        return push(objects);
    }

    Attempt push(const std::vector<std::string>& objects) {
        const auto place = way_->place();
        if (!place) return way_failed(place.error());
        std::string refusal;
        client::PushPlan plan;
        plan.body_bytes_max = client::body_bytes_for((*place)->max_content_length);
        plan.status_wait_ms = limits::peer_delivery_ms_max / 2;
        plan.refused = [&refusal](const client::RefusedObject& object) {
            if (refusal.empty()) refusal = printable(object.message, 300);
        };
        client::Pusher pusher(way_->session(), **place, std::move(plan));
        Result<void> done;
        for (const std::string& object : objects) {
            done = pusher.add(object);
            if (!done) break;
        }
        if (done) done = pusher.finish();
        const client::PushReport& report = pusher.report();
        if (report.refused > 0) {
            return not_taken(refusal.empty() ? "refused without a reason" : "refused: " + refusal);
        }
        if (!done) return way_failed(done.error());
        if (report.accepted == objects.size()) return {};
        return not_taken("whether it was taken is not known yet: the server does not say");
    }

    void settle(const OutboxRow& row, const Attempt& attempt) {
        exchange::Delivery delivery{
            .rows = {row.no}, .delivered = attempt.has_value(), .error = {}, .next = {}};
        if (attempt) {
            ++sent_.delivered;
        } else {
            ++sent_.failed;
            delivery.error = sent_.error = attempt.error().why;
            delivery.next = next_try(row.tries);
        }
        node_.write([&](store::Transaction& tx) { exchange::settle(tx, node_.clock, delivery); });
    }

    /// What comes behind something that could not get there need not try: it waits as long.
    void put_off(OutboxNo from, Due due, const std::string& why, std::uint32_t tries) {
        exchange::Delivery delivery{
            .rows = {}, .delivered = false, .error = why, .next = next_try(tries)};
        node_.write([&](store::Transaction& tx) {
            for (;;) {
                const auto rows = tx.outbox_waiting(party_, from, 1);
                if (rows.empty()) break;
                from = OutboxNo{agreement::raw(rows.front().no) + 1};
                if (due == Due::only && !is_due(rows.front().due, node_.clock.now())) continue;
                delivery.rows.push_back(rows.front().no);
            }
            exchange::settle(tx, node_.clock, delivery);
        });
        sent_.failed += delivery.rows.size();
    }

    [[nodiscard]] Micros next_try(std::uint32_t tries) {
        const auto asked = way_ ? way_->session().asked_to_wait_ms() : std::nullopt;
        return node_.clock.now() + backoff_ms(tries, asked, node_.random) * 1'000;
    }

    const Surroundings& node_;
    PartyNo party_;
    std::unique_ptr<Way> way_;
    Sent sent_;
};

}  // namespace

bool is_due(Micros due, Micros now) noexcept {
    return due <= now || due - now > 2 * day_ms * 1'000;
}

std::int64_t backoff_ms(std::uint32_t tries, std::optional<std::int64_t> asked_ms, Random& random) {
    const std::int64_t most =
        std::min(limits::peer_backoff_ms_min << std::min(tries, 20U), limits::peer_backoff_ms_max);
    std::array<std::uint8_t, 2> dice{};
    random.fill(dice);
    const std::int64_t share = dice[0] * 256 + dice[1];
    const std::int64_t wait = most / 2 + most / 2 * share / 65'535;
    return std::max(wait, std::min(asked_ms.value_or(0), day_ms));
}

Sent deliver(const Surroundings& node, PartyNo party, Due due) {
    return Delivery(node, party).run(due);
}

}  // namespace entente::peer
