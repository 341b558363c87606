#pragma once
// Sending many objects to a collection of a stranger's server: in envelopes that fit, again where
// it was busy, split where it balks, so that one bad object does not lose the others, and told what
// became of each.
#include "base/limits.h"
#include "base/result.h"
#include "taxii/client/locate.h"
#include "taxii/client/resources.h"
#include "taxii/client/session.h"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::taxii::client {

/// One request's worth of objects, as an earlier run left word of it.
struct PushedBatch {
    std::string digest;         // of the objects, hex
    std::uint64_t objects = 0;  // how many
    bool complete = false;      // the server took them all: no need to send them again
};

/// As a line of a state file, and back. A later line on the same digest replaces the earlier one in
/// its place. Reading fails: corrupt.
[[nodiscard]] std::string batch_line(const PushedBatch& batch);
[[nodiscard]] Result<PushedBatch> read_batch_line(std::string_view line);

/// An object that was not taken.
struct RefusedObject {
    std::string id;       // as far as it is known
    std::string version;  // as the server says
    std::string message;  // the server's or our own; not yet printable
};

struct PushPlan {
    std::uint64_t batch = 1'000;  // objects in one request
    std::uint64_t body_bytes_max = limits::push_body_bytes_default;
    std::uint64_t buffer_bytes_max = limits::push_buffer_bytes_max;
    std::int64_t status_wait_ms = 300'000;                // for a pending status; 0 = do not wait
    std::vector<PushedBatch> earlier = {};                // of a run that did not come to its end
    std::function<void(const PushedBatch&)> record = {};  // must be durable when it returns
    std::function<void(const RefusedObject&)> refused =
        {};  // at most limits::push_failures_kept_max times
    std::function<void(std::uint64_t objects, std::uint64_t bytes)> progress = {};
};

/// The largest body that goes to an API root whose max_content_length is `stated` (0 = not known):
/// some room below it.
[[nodiscard]] std::uint64_t body_bytes_for(std::uint64_t stated) noexcept;

struct PushReport {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t pending = 0;      // taken by the server, not yet done when we stopped waiting
    std::uint64_t unconfirmed = 0;  // the server answered with success and no readable status
    std::uint64_t skipped = 0;      // sent by an earlier run
    std::uint64_t requests = 0;     // POSTs
    std::uint64_t bytes_sent = 0;
};

/// The order in which objects are sent, from 0: markings before what they mark, ends before
/// relationships, contents before containers, so that a server that judges an object by what it
/// names knows that already.
[[nodiscard]] std::size_t rank_of(std::string_view object);

/// Takes objects and sends them, by rank as far as the buffer reaches, otherwise in the order in
/// which they came. After an error every later call fails in the same way. Throws what `record`
/// throws. Threads: one at a time.
class Pusher {
  public:
    Pusher(Session& session, const Place& place, PushPlan plan);

    /// Takes one object's text. Fails: the run cannot go on (Session's errors; corrupt: the
    /// server's answers make no sense, a status never completes; unprocessable: the server has
    /// refused everything so far).
    [[nodiscard]] Result<void> add(std::string_view object);
    /// The input has ended: sends what is left.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] const PushReport& report() const noexcept { return report_; }

  private:
    using Objects = std::span<const std::string>;
    [[nodiscard]] Result<void> release_buffer();
    [[nodiscard]] Result<void> enqueue(std::string object);
    [[nodiscard]] Result<void> send_batch();
    [[nodiscard]] Result<void> send_parts(Objects objects);
    /// Sends one request; returns whether the objects must be sent in smaller parts.
    [[nodiscard]] Result<bool> send_one(Objects objects);
    [[nodiscard]] Result<void> settle(const http::Reply& reply, Objects objects);
    [[nodiscard]] Result<Status> await(Status status);
    [[nodiscard]] Result<void> refuse(std::string_view object, const http::Reply& reply);
    void count(const Status& status, Objects objects);
    void tell(RefusedObject object);
    [[nodiscard]] std::uint64_t due() const noexcept;

    Session& session_;
    const Place& place_;
    PushPlan plan_;
    PushReport report_;
    std::vector<std::string>
        buffer_;  // until it is full; then objects go on in the order in which they come
    std::uint64_t buffer_bytes_ = 0;
    bool streaming_ = false;
    std::vector<std::string> batch_;
    std::uint64_t batch_bytes_ = 0;
    std::uint64_t body_bytes_max_;
    std::size_t replay_ = 0;  // the next of plan_.earlier that the input is compared with
    boost::unordered_flat_set<std::string>
        known_;  // complete batches of earlier runs, once the comparison failed
    std::uint64_t told_ = 0;
    int refused_in_a_row_ = 0;
    int broken_in_a_row_ = 0;
};

}  // namespace entente::taxii::client
