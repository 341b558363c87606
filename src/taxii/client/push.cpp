#include "taxii/client/push.h"

#include "base/escape.h"
#include "base/hash.h"
#include "stix/peek.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace entente::taxii::client {
namespace {

constexpr std::string_view body_head = R"({"objects":[)";
constexpr std::string_view body_tail = "]}";
constexpr std::size_t digest_hex_bytes = 64;
constexpr std::int64_t poll_ms = 250;
constexpr std::int64_t poll_ms_max = 15'000;

std::string digest_of(std::span<const std::string> objects) {
    // Of the digests: joining the texts could make two lists look alike.
    std::string all;
    for (const std::string& object : objects)
        all += as_text(sha256(object));
    return to_hex(sha256(all));
}

std::string body_of(std::span<const std::string> objects) {
    std::size_t bytes = body_head.size() + body_tail.size() + objects.size();
    for (const std::string& object : objects)
        bytes += object.size();
    std::string body;
    body.reserve(bytes);
    body += body_head;
    for (const std::string& object : objects) {
        if (body.size() > body_head.size()) body += ',';
        body += object;
    }
    body += body_tail;
    return body;
}

}  // namespace

std::size_t rank_of(std::string_view object) {
    const auto id = stix::peek_id(object);
    if (!id) return 1;
    const std::string_view type = std::string_view(*id).substr(0, id->find("--"));
    if (type == "marking-definition") return 0;
    if (type == "observed-data") return 2;
    if (type == "relationship" || type == "sighting") return 3;
    if (type == "report" || type == "grouping" || type == "note" || type == "opinion" ||
        type == "language-content")
        return 4;
    return 1;
}

std::string batch_line(const PushedBatch& batch) {
    return fmt::format(
        "{} {} {}\n", batch.digest, batch.objects, batch.complete ? "complete" : "partial"
    );
}

Result<PushedBatch> read_batch_line(std::string_view line) {
    const auto wrong = [] {
        return fail(Errc::corrupt, "the state file has a line that is none of a push");
    };
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first != digest_hex_bytes || second == std::string_view::npos) return wrong();
    PushedBatch batch;
    batch.digest = line.substr(0, first);
    if (batch.digest.find_first_not_of("0123456789abcdef") != std::string::npos) return wrong();
    const auto [end, error] =
        std::from_chars(line.data() + first + 1, line.data() + second, batch.objects);
    if (error != std::errc() || end != line.data() + second) return wrong();
    if (batch.objects == 0 || batch.objects > limits::objects_per_request_max) return wrong();
    const std::string_view state = line.substr(second + 1);
    if (state != "complete" && state != "partial") return wrong();
    batch.complete = state == "complete";
    return batch;
}

std::uint64_t body_bytes_for(std::uint64_t stated) noexcept {
    if (stated == 0) return limits::push_body_bytes_default;
    // Strictly smaller bodies must be taken (TAXII 2.1, 4.2.1); some servers count headers in.
    return std::clamp<std::uint64_t>(stated - stated / 64, 1, limits::push_body_bytes_max);
}

Pusher::Pusher(Session& session, const Place& place, PushPlan plan)
    : session_(session),
      place_(place),
      plan_(std::move(plan)),
      body_bytes_max_(plan_.body_bytes_max) {
    plan_.batch = std::clamp<std::uint64_t>(plan_.batch, 1, limits::objects_per_request_max);
}

Result<void> Pusher::add(std::string_view object) {
    if (streaming_) return enqueue(std::string(object));
    buffer_.emplace_back(object);
    buffer_bytes_ += object.size() + sizeof(std::string);
    if (buffer_bytes_ <= plan_.buffer_bytes_max) return {};
    streaming_ = true;
    return release_buffer();
}

Result<void> Pusher::finish() {
    ENTENTE_CHECK(release_buffer());
    return batch_.empty() ? Result<void>() : send_batch();
}

Result<void> Pusher::release_buffer() {
    std::vector<std::pair<std::size_t, std::string>> ranked;
    ranked.reserve(buffer_.size());
    for (std::string& object : buffer_) {
        const std::size_t rank = rank_of(object);
        ranked.emplace_back(rank, std::move(object));
    }
    buffer_.clear();
    buffer_.shrink_to_fit();
    std::ranges::stable_sort(ranked, {}, [](const auto& object) { return object.first; });
    for (auto& [rank, object] : ranked) {
        ENTENTE_CHECK(enqueue(std::move(object)));
    }
    return {};
}

/// Objects in the batch that is being filled: as many as an earlier run put there, so that the two
/// compare.
std::uint64_t Pusher::due() const noexcept {
    return replay_ < plan_.earlier.size() ? plan_.earlier[replay_].objects : plan_.batch;
}

Result<void> Pusher::enqueue(std::string object) {
    const bool replaying = replay_ < plan_.earlier.size();
    const std::uint64_t bytes = batch_bytes_ + object.size() + 1;
    if (!replaying && !batch_.empty() &&
        bytes + body_head.size() + body_tail.size() > body_bytes_max_) {
        ENTENTE_CHECK(send_batch());
    }
    batch_bytes_ += object.size() + 1;
    batch_.push_back(std::move(object));
    return batch_.size() >= due() ? send_batch() : Result<void>();
}

Result<void> Pusher::send_batch() {
    const std::vector<std::string> objects = std::exchange(batch_, {});
    batch_bytes_ = 0;
    PushedBatch batch{.digest = digest_of(objects), .objects = objects.size(), .complete = false};
    bool known = known_.contains(batch.digest);
    bool recorded = known;
    if (replay_ < plan_.earlier.size()) {
        const PushedBatch& earlier = plan_.earlier[replay_];
        if (earlier.digest == batch.digest) {
            known = earlier.complete;
            recorded = true;
            ++replay_;
        } else {
            session_.warn_once(
                "the input is not what the state file tells of; only what is the same batch for "
                "batch is left out"
            );
            for (; replay_ < plan_.earlier.size(); ++replay_) {
                if (plan_.earlier[replay_].complete) known_.insert(plan_.earlier[replay_].digest);
            }
            known = recorded = known_.contains(batch.digest);
        }
    }
    if (known) {
        report_.skipped += objects.size();
    } else {
        const std::uint64_t accepted = report_.accepted;
        ENTENTE_CHECK(send_parts(objects));
        batch.complete = report_.accepted - accepted == objects.size();
        // A batch that stands there as partial gets a second line when it is complete.
        if (plan_.record && (!recorded || batch.complete)) plan_.record(batch);
    }
    if (plan_.progress)
        plan_.progress(report_.accepted + report_.refused + report_.skipped, report_.bytes_sent);
    return {};
}

Result<void> Pusher::send_parts(Objects objects) {
    // Depth first and in order: what an object names stands before it where the input has it so.
    std::vector<Objects> left = {objects};
    while (!left.empty()) {
        const Objects part = left.back();
        left.pop_back();
        ENTENTE_TRY(const bool smaller, send_one(part));
        if (!smaller) continue;
        left.push_back(part.subspan(part.size() / 2));
        left.push_back(part.first(part.size() / 2));
    }
    return {};
}

Result<bool> Pusher::send_one(Objects objects) {
    const std::string body = body_of(objects);
    if (body.size() > limits::push_body_bytes_max && objects.size() > 1) return true;
    ++report_.requests;
    report_.bytes_sent += body.size();
    const http::Url url = place_.objects();
    ENTENTE_TRY(const http::Reply reply, session_.post(url, body));
    switch (reply.status) {
        case 200:
        case 201:
        case 202:
            ENTENTE_CHECK(settle(reply, objects));
            return false;
        case 413:
            // The next batches need not try again what did not fit.
            if (objects.size() > 1) {
                body_bytes_max_ = std::min<std::uint64_t>(body_bytes_max_, body.size() / 2);
                return true;
            }
            break;
        case 400:  // OpenTAXII's word for one object that it does not like
        case 422:  // medallion's
        case 500:  // and of servers that fall over it
            if (objects.size() > 1) return true;
            break;
        default:
            return tl::unexpected<Error>(error_of(reply, "POST", url));
    }
    ENTENTE_CHECK(refuse(objects.front(), reply));
    return false;
}

Result<void> Pusher::refuse(std::string_view object, const http::Reply& reply) {
    const Error error = error_of(reply, "POST", place_.objects());
    ++report_.refused;
    ++refused_in_a_row_;
    broken_in_a_row_ = reply.status == 500 ? broken_in_a_row_ + 1 : 0;
    const std::string words = error_words(reply.body);
    tell({
        .id = stix::peek_id(object).value_or(""),
        .version = {},
        .message = words.empty() ? fmt::format("answered {}", reply.status) : words,
    });
    const bool nothing_yet =
        report_.accepted + report_.skipped + report_.pending + report_.unconfirmed == 0;
    if ((nothing_yet && refused_in_a_row_ >= limits::push_refused_in_a_row_max) ||
        broken_in_a_row_ >= limits::push_refused_in_a_row_max) {
        return fail(
            broken_in_a_row_ > 0 ? Errc::corrupt : Errc::unprocessable,
            fmt::format(
                "the server refuses one object after the other; the last time: {}", error.detail
            )
        );
    }
    return {};
}

Result<void> Pusher::settle(const http::Reply& reply, Objects objects) {
    refused_in_a_row_ = 0;
    broken_in_a_row_ = 0;
    const Result<Status> first = read_status(reply.body);
    if (!first) {
        session_.warn_once(
            fmt::format("what became of the objects is not known: {}", first.error().detail)
        );
        report_.unconfirmed += objects.size();
        return {};
    }
    ENTENTE_TRY(const Status last, await(*first));
    count(last, objects);
    if (!last.complete && plan_.status_wait_ms > 0) {
        return fail(
            Errc::corrupt,
            fmt::format(
                "the status {} is still pending after {} seconds",
                printable(last.id, 100),
                plan_.status_wait_ms / 1'000
            )
        );
    }
    return {};
}

Result<Status> Pusher::await(Status status) {
    const std::int64_t began = session_.world().clock.monotonic_us();
    std::int64_t pause = poll_ms;
    for (int polls = 0; !status.complete && polls < limits::push_status_polls_max; ++polls) {
        const std::int64_t left =
            plan_.status_wait_ms - (session_.world().clock.monotonic_us() - began) / 1'000;
        if (left <= 0 || !is_segment(status.id)) break;
        ENTENTE_CHECK(session_.wait(std::min(pause, left)));
        pause = std::min(pause * 2, poll_ms_max);
        const http::Url url = place_.status(status.id);
        const Result<http::Reply> reply = session_.get(url);
        if (!reply) {
            const Errc code = reply.error().code;
            if (code != Errc::not_found && code != Errc::forbidden)
                return tl::unexpected<Error>(reply.error());
            // Some servers keep no status, or show it to nobody: then what they said at first is
            // all there is.
            return fail(
                Errc::corrupt,
                fmt::format("a pending status cannot be read: {}", reply.error().detail)
            );
        }
        ENTENTE_TRY(Status next, read_status(reply->body));
        next.id = status.id;
        status = std::move(next);
    }
    return status;
}

void Pusher::count(const Status& status, Objects objects) {
    const std::uint64_t sent = objects.size();
    if (!status.adds_up() || status.total != sent || status.failed.size() > status.failures ||
        (status.complete && status.pendings != 0)) {
        session_.warn_once("the numbers in the server's status do not add up");
    }
    const std::uint64_t refused = std::min<std::uint64_t>(
        std::max<std::uint64_t>(status.failures, status.failed.size()), sent
    );
    const std::uint64_t pending = status.complete ? 0 : std::min(status.pendings, sent - refused);
    report_.refused += refused;
    report_.pending += pending;
    report_.accepted += sent - refused - pending;
    for (std::size_t i = 0; i < status.failed.size() && i < refused; ++i) {
        const Failure& failure = status.failed[i];
        tell({.id = failure.id, .version = failure.version, .message = failure.message});
    }
    // Refused without a word about which: at least a lone one is known.
    if (status.failed.empty() && refused == 1 && sent == 1) {
        tell(
            {.id = stix::peek_id(objects.front()).value_or(""),
             .version = {},
             .message = "the server does not say why"}
        );
    }
}

void Pusher::tell(RefusedObject object) {
    if (!plan_.refused || told_ >= limits::push_failures_kept_max) return;
    ++told_;
    plan_.refused(object);
}

}  // namespace entente::taxii::client
