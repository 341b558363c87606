// What happens on one connection: requests in, replies out. listener.cpp makes the connections.
#include "http/server.h"

#include "base/limits.h"
#include "base/log.h"
#include "http/forwarded.h"
#include "http/internal/body.h"
#include "http/internal/calls.h"
#include "http/internal/core.h"
#include "http/internal/deadline.h"
#include "http/internal/gzip.h"
#include "http/internal/head.h"
#include "http/internal/peer_certificate.h"
#include "http/internal/reply.h"
#include "http/internal/request_parser.h"
#include "http/internal/server_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace entente::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

constexpr std::size_t head_read_bytes = 4U << 10U;
constexpr std::size_t body_read_bytes = 64U << 10U;
constexpr std::size_t kept_buffer_bytes = 16U << 10U;  // an idle connection keeps no more
constexpr std::size_t buffer_bytes_max =
    limits::request_target_bytes_max + limits::header_bytes_max + body_read_bytes;
constexpr std::size_t inline_gzip_bytes_max = 64U
                                              << 10U;  // about 0.1 ms; larger ones go to a worker
constexpr std::size_t tls_record_bytes = 16U << 10U;
constexpr std::uint64_t chunk_framing_factor = 8;  // "1\r\nx\r\n" carries one byte in six

TimePoint after(TimePoint from, std::int64_t ms) {
    return from + std::chrono::milliseconds(ms);
}

/// When a transfer that began at `start` and has moved `bytes` is too slow.
TimePoint slowest(TimePoint start, std::int64_t grace_ms, std::uint64_t bytes) {
    const std::uint64_t earned_ms = bytes * 1'000 / limits::body_bytes_per_second_min;
    return after(start, grace_ms + static_cast<std::int64_t>(earned_ms));
}

/// One connection: reads a request, has it handled, writes the reply, and again. All members belong
/// to the loop's thread.
class Session final : public Connection, public std::enable_shared_from_this<Session> {
  public:
    Session(Core& core, Loop& loop, Accepted accepted, SSL_CTX* tls)
        : core_(core),
          loop_(loop),
          stream_(std::move(accepted.socket), tls),
          address_(std::move(accepted.address)) {}

    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Task<void> run();

    /// To be called after `run` has ended in any way.
    void finish() {
        deadline_.stop();
        stream_.close();
    }

    void drain() override {
        closing_ = true;
        if (idle_) stream_.cancel();
        if (in_pieces_ && slot_) slot_->deliver({});
    }

    void expire() override { stream_.cancel(); }

    void abort() override {
        closing_ = aborted_ = true;
        stream_.close();
        if (slot_) slot_->deliver({});
    }

    void cut_off() override {
        log::info(
            "answer cut off: its login has ended",
            {{"request", head_ ? head_->request_id : ""}, {"address", client()}}
        );
        stream_.drop_unsent();
        abort();
    }

    [[nodiscard]] const void* context() const override {
        if (slot_) {
            if (const auto handled_with = slot_->context()) return handled_with.get();
        }
        return context_.get();
    }

  private:
    enum class Read : std::uint8_t { got, ended, timed_out };
    static constexpr int end_quietly = -1;

    Task<bool> one_request();
    Task<int> read_head();
    Task<Read> fill(std::size_t bytes);
    [[nodiscard]] int parse_head(std::size_t size);
    Task<bool> serve();
    Task<Outcome> ask(std::function<void(std::shared_ptr<Slot>)> launch);
    [[nodiscard]] std::function<void(std::shared_ptr<Slot>)> admission(bool has_body, bool urgent);
    Task<std::optional<Response>> read_body(const Admission& admission);
    Task<int> receive_body(std::uint64_t bytes_max);
    [[nodiscard]] Response body_reply(const Admission& admission, int status) const;
    Task<bool> reply(Response response, bool body_unread);
    Task<bool> reply_in_pieces(Response response);
    Task<std::string> compress(Outgoing body);
    Task<bool> drop_body();
    Task<bool> write_all(std::string_view first, std::string_view second);
    Task<void> say_goodbye(bool linger);

    /// Whose request the present one is; until its head is read, the peer.
    [[nodiscard]] const std::string& client() const { return head_ ? head_->address : address_; }

    [[nodiscard]] std::string_view buffered() const {
        return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
    }

    void expire_in(std::int64_t ms) { expire_at(after(SteadyClock::now(), ms)); }

    void expire_at(TimePoint when) { deadline_.set(when, shared_from_this()); }

    Core& core_;
    Loop& loop_;
    ServerStream stream_;
    const std::string address_;  // of the peer
    // Shared: by the requests of this connection.
    std::shared_ptr<const ClientCertificate> certificate_;
    beast::flat_buffer buffer_{buffer_bytes_max};

    Deadline deadline_{loop_.context};
    bool idle_ = false;     // waits for a handshake or the first byte of a request
    bool closing_ = false;  // no further request
    bool aborted_ = false;
    bool in_pieces_ = false;  // the present reply has no end of its own
    bool fresh_ = true;       // no request yet
    std::shared_ptr<Slot> slot_;

    // The present request
    std::optional<RequestParser> parser_;
    std::shared_ptr<const Head> head_;
    std::shared_ptr<void> context_;  // shared: the handler's, of the request that it admitted
    Framing framing_;
    std::optional<BodyCollector> body_;
    bool body_begun_ = false;  // some of it may have been read
    TimePoint started_;
};

Task<void> Session::run() {
    expire_in(core_.timeouts.header_ms);
    if (stream_.has_tls()) {
        error_code ec;
        idle_ = true;
        co_await stream_.handshake(ec);
        idle_ = false;
        if (ec) {
            // A plain request, an old version, a scanner: nothing to answer in a protocol we do not
            // share.
            const std::string refused = refused_certificate(stream_.ssl());
            log::write(
                refused.empty() ? log::Level::debug : log::Level::info,
                refused.empty() ? "TLS refused" : "a client's certificate was refused",
                {{"address", address_}, {"reason", refused.empty() ? ec.message() : refused}}
            );
            co_return;
        }
        certificate_ = peer_certificate(stream_.ssl());
    }
    bool go_on = !closing_;
    while (go_on)
        go_on = co_await one_request();
}

Task<bool> Session::one_request() {
    const int refuse_status = co_await read_head();
    fresh_ = false;
    bool go_on = false;
    if (refuse_status == 0) {
        go_on = co_await serve();
    } else if (refuse_status == end_quietly) {
        if (!aborted_) co_await say_goodbye(false);
    } else {
        framing_ = {};
        framing_.keep_alive = false;
        go_on = co_await reply(own_reply(refuse_status), true);
    }
    parser_.reset();
    head_.reset();
    context_.reset();
    body_begun_ = false;
    if (buffer_.size() == 0 && buffer_.capacity() > kept_buffer_bytes) buffer_.shrink_to_fit();
    co_return go_on;
}

Task<Session::Read> Session::fill(std::size_t bytes) {
    error_code ec;
    const asio::mutable_buffer space =
        buffer_.prepare(std::min(bytes, buffer_.max_size() - buffer_.size()));
    const std::size_t got = co_await stream_.read_some(space, ec);
    buffer_.commit(got);
    if (deadline_.passed()) co_return Read::timed_out;
    co_return ec ? Read::ended : Read::got;
}

/// 0 when a request is there, `end_quietly`, or the status to refuse with.
Task<int> Session::read_head() {
    started_ = SteadyClock::now();
    if (!fresh_) expire_in(core_.timeouts.idle_ms);
    HeadScan scan;
    bool begun = false;
    for (int blank_lines = 0;;) {
        // RFC 9112, 2.2: a server should overlook an empty line before the request line.
        for (; blank_lines < 2 && buffered().starts_with("\r\n"); ++blank_lines) {
            buffer_.consume(2);
            scan = {};
        }
        const std::string_view text = buffered();
        if (!text.empty() && !begun) {
            begun = true;
            started_ = SteadyClock::now();
            if (!fresh_) expire_in(core_.timeouts.header_ms);
        }
        switch (scan.scan(text)) {
            case HeadScan::State::more:
                break;
            case HeadScan::State::complete:
                co_return parse_head(scan.size());
            case HeadScan::State::target_too_long:
                co_return 414;
            case HeadScan::State::fields_too_large:
                co_return 431;
            case HeadScan::State::malformed:
                co_return 400;
        }
        idle_ = !begun;
        if (closing_ && idle_) co_return end_quietly;
        const Read read = co_await fill(head_read_bytes);
        idle_ = false;
        if (aborted_ || (read != Read::got && !begun)) co_return end_quietly;
        if (read == Read::timed_out) co_return 408;
        if (read == Read::ended) co_return 400;
    }
}

/// 0, or the status to refuse with.
int Session::parse_head(std::size_t size) {
    parser_.emplace(buffer_bytes_max);
    error_code ec;
    const std::size_t used = parser_->put(asio::buffer(buffer_.data(), size), ec);
    if (ec == beast::http::error::bad_version) return 505;
    if (ec || used != size || !parser_->is_header_done()) return 400;
    buffer_.consume(size);
    Head& head = *parser_->head;
    if (!split_target(head.method, parser_->target, head)) return 400;
    const Judged judged = judge(head, parser_->minor);
    if (judged.refuse_status != 0) return judged.refuse_status;
    framing_ = judged.framing;
    if (framing_.body == Framing::Body::length || head.headers.count("Content-Length") > 0) {
        head.content_length = framing_.content_length;
    }
    head.address = client_address(address_, head.headers, *loop_.trusted);
    head.tls = stream_.has_tls();
    // A proxy's own certificate says nothing of those whose requests it passes on.
    if (!is_proxy(address_, *loop_.trusted)) head.certificate = certificate_;
    head.request_id = loop_.next_request_id();
    head_ = parser_->head;
    return 0;
}

Task<Outcome> Session::ask(std::function<void(std::shared_ptr<Slot>)> launch) {
    deadline_.clear();
    const auto slot = std::make_shared<Slot>();
    slot_ = slot;
    auto initiate =
        [slot, executor = loop_.context.get_executor(), launch = std::move(launch)](auto wake) {
            slot->arm(executor, std::move(wake));
            launch(slot);
        };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void()>(
        std::move(initiate), use_task
    );
    slot_.reset();
    if (auto handled_with = slot->context()) context_ = std::move(handled_with);
    co_return slot->take();
}

/// Asks the handler, when the request's turn has come, whether it is to be served.
std::function<void(std::shared_ptr<Slot>)> Session::admission(bool has_body, bool urgent) {
    return [this, has_body, urgent](std::shared_ptr<Slot> slot) {
        Debt debt{&core_.handler, head_, std::move(slot)};
        auto job = [debt = std::move(debt),
                    // Not shared: the pool would own a job that owns the pool.
                    pool = std::weak_ptr(core_.workers),
                    backlog = urgent ? nullptr : core_.backlog,
                    since = SteadyClock::now(),
                    has_body] {
            if (backlog && !backlog->leave(since, SteadyClock::now())) {
                debt.slot->deliver({{}, own_reply(503)});
            } else {
                call_admit(debt, pool, has_body);
            }
        };
        asio::post(*core_.workers, std::move(job));
    };
}

Task<bool> Session::serve() {
    const bool has_body = framing_.body != Framing::Body::none;
    FirstLook first;
    if (core_.on_request) first = core_.on_request(*head_);
    if (!first.answer && !has_body) first.answer = call_at_once(core_.handler, *head_);
    if (!first.answer && !first.urgent && !core_.backlog->enter()) first.answer = own_reply(503);
    Outcome outcome;
    if (first.answer) {
        outcome.response = std::move(first.answer);
    } else {
        outcome = co_await ask(admission(has_body, first.urgent));
    }
    if (aborted_) co_return false;
    bool body_unread = has_body;
    if (!outcome.response && outcome.admission) {
        context_ = outcome.admission->context;  // while the body comes
        outcome.response = co_await read_body(*outcome.admission);
        if (aborted_) co_return false;
        if (!outcome.response) {
            body_unread = false;
            std::function<void(std::shared_ptr<Slot>)> handle =
                [this, context = outcome.admission->context](std::shared_ptr<Slot> slot) {
                    Debt debt{&core_.handler, head_, std::move(slot)};
                    auto job = [debt = std::move(debt), body = body_->take(), context]() mutable {
                        call_handle(debt, std::move(body), std::move(context));
                    };
                    asio::post(*core_.workers, std::move(job));
                };
            outcome = co_await ask(std::move(handle));
        }
    }
    body_.reset();
    if (aborted_ || !outcome.response) co_return false;
    Response response = std::move(*outcome.response);
    bool go_on = false;
    if (response.stream && head_->method != "HEAD") {
        go_on = co_await reply_in_pieces(std::move(response));
    } else {
        go_on = co_await reply(std::move(response), body_unread);
    }
    co_return go_on;
}

Response Session::body_reply(const Admission& admission, int status) const {
    if (status == 413 && admission.too_large) return reply_or_failure(*head_, admission.too_large);
    if (status == 400 && admission.bad_body) {
        const char* const why =
            framing_.gunzip ? "the body is cut off, or its chunks or its gzip encoding are broken"
                            : "the body is cut off or its chunks are broken";
        return reply_or_failure(*head_, [&] { return admission.bad_body(why); });
    }
    return own_reply(status);
}

/// The reply to give instead of handling the request, or nothing when the body is complete.
Task<std::optional<Response>> Session::read_body(const Admission& admission) {
    const int status = co_await receive_body(admission.body_bytes_max);
    std::optional<Response> out;
    if (status != 0) out = body_reply(admission, status);
    co_return out;
}

/// 0 when the body is complete, otherwise the status to refuse with.
Task<int> Session::receive_body(std::uint64_t bytes_max) {
    body_begun_ = true;
    bytes_max = std::min<std::uint64_t>(bytes_max, limits::content_length_max);
    if (framing_.content_length > bytes_max && !framing_.gunzip) co_return 413;
    body_.emplace(bytes_max, framing_.gunzip, core_.budget);
    body_->expect(framing_.content_length);
    parser_->collect_into(*body_);
    if (framing_.expects_continue && buffer_.size() == 0) {
        const bool written = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
        if (!written) co_return 400;
    }
    const TimePoint start = SteadyClock::now();
    std::uint64_t wire_bytes = buffer_.size();
    while (true) {
        if (buffer_.size() > 0) {
            error_code ec;
            parser_->eager(true);
            const std::size_t used = parser_->put(buffer_.data(), ec);
            buffer_.consume(used);
            if (body_->state() != BodyCollector::State::ok) co_return status_of(body_->state());
            if (ec && ec != beast::http::error::need_more) co_return 400;
            if (parser_->is_done()) co_return status_of(body_->finish());
            // What is left is a part of a chunk's head; an endless extension must end here.
            if (buffer_.size() > limits::header_bytes_max) co_return 400;
        }
        if (wire_bytes > (bytes_max + body_read_bytes) * chunk_framing_factor) co_return 413;
        const TimePoint now = SteadyClock::now();
        expire_at(std::min(
            {after(start, limits::body_timeout_ms),
             after(now, core_.timeouts.write_ms),
             slowest(start, core_.timeouts.header_ms, wire_bytes)}
        ));
        const std::size_t before = buffer_.size();
        const Read read = co_await fill(body_read_bytes);
        if (read == Read::timed_out) co_return 408;
        if (read == Read::ended) co_return 400;
        wire_bytes += buffer_.size() - before;
    }
}

Task<std::string> Session::compress(Outgoing body) {
    if (body.bytes().size() <= inline_gzip_bytes_max) co_return gzip(body.bytes());
    // Shared: the worker writes it, and may outlive this connection.
    const auto result = std::make_shared<std::string>();
    std::function<void(std::shared_ptr<Slot>)> job = [this, body, result](std::shared_ptr<Slot> slot
                                                     ) {
        asio::post(*core_.workers, [body, result, slot = std::move(slot)] {
            // The coroutine reads `result` only when this delivery is the one that woke it.
            try {
                *result = gzip(body.bytes());
            } catch (const std::bad_alloc&) {
                result->clear();  // the reply goes out uncompressed
            }
            slot->deliver({});
        });
    };
    co_await ask(std::move(job));
    std::string out;
    if (!aborted_) out = std::move(*result);
    co_return out;
}

Task<bool> Session::reply(Response response, bool body_unread) {
    const bool is_head = head_ && head_->method == "HEAD";
    WireForm form;
    std::string packed;
    const bool has_coding = std::ranges::any_of(response.headers, [](const auto& field) {
        return beast::iequals(field.first, "Content-Encoding");
    });
    if (may_have_body(response.status) && !has_coding &&
        response.body.bytes().size() >= limits::compressed_reply_bytes_min) {
        form.vary_encoding = true;
        if (head_ && accepts_gzip(head_->headers)) {
            packed = co_await compress(response.body);
            if (aborted_) co_return false;
            form.gzip = !packed.empty() && packed.size() < response.body.bytes().size();
        }
    }
    Charge charge(core_.budget);
    if (!charge.grow_to(response.body.bytes().size() + packed.capacity())) {
        response = own_reply(503);
        form = {};
    }
    const bool drops = body_unread && !body_begun_ && drops_body(framing_, response.status);
    const bool keep =
        framing_.keep_alive && !response.close && (!body_unread || drops) && !closing_;
    const bool http10 = parser_ && parser_->minor == 0;
    form.persistence = !keep    ? Persistence::close
                       : http10 ? Persistence::keep_alive_http10
                                : Persistence::keep_alive;
    std::string_view payload = form.gzip ? std::string_view(packed) : response.body.bytes();
    form.content_length = payload.size();
    auto head = reply_head(response, form, core_.server_name, loop_.date.now());
    if (!head) {
        log::error(
            "handler made an invalid header", {{"request_id", head_ ? head_->request_id : ""}}
        );
        response = own_reply(500);
        form.gzip = form.vary_encoding = false;
        payload = response.body.bytes();
        form.content_length = payload.size();
        head = reply_head(response, form, core_.server_name, loop_.date.now());
    }
    if (is_head || !may_have_body(response.status)) payload = {};
    const bool written = co_await write_all(*head, payload);
    core_.tell(
        {head_.get(), client(), response.status, payload.size(), SteadyClock::now() - started_}
    );
    if (written && !keep) co_await say_goodbye(body_unread);
    bool go_on = written && keep;
    if (go_on && drops) go_on = co_await drop_body();
    co_return go_on && !closing_;
}

/// Reads the body of a refused request to its end; false when it does not come.
Task<bool> Session::drop_body() {
    expire_in(std::min(limits::linger_timeout_ms, core_.timeouts.header_ms));
    std::uint64_t left = framing_.content_length;
    const auto here = std::min<std::uint64_t>(left, buffer_.size());
    buffer_.consume(here);
    left -= here;
    error_code ec;
    while (left > 0 && !ec && !deadline_.passed() && !aborted_) {
        const auto some = std::min<std::uint64_t>(left, loop_.dropped.size());
        left -= co_await stream_.drop_some(asio::buffer(loop_.dropped.data(), some), ec);
    }
    co_return left == 0;
}

/// A reply that goes on until its stream ends. It is told of when it begins.
Task<bool> Session::reply_in_pieces(Response response) {
    WireForm form;
    form.until_close = true;
    form.persistence = Persistence::close;
    const auto head = reply_head(response, form, core_.server_name, loop_.date.now());
    if (!head) co_return false;
    bool written = co_await write_all(*head, {});
    core_.tell({head_.get(), client(), response.status, 0, SteadyClock::now() - started_});
    in_pieces_ = true;
    while (written && !closing_) {
        std::function<void(std::shared_ptr<Slot>)> ask_next =
            [stream = response.stream](std::shared_ptr<Slot> slot) {
                stream->next([slot = std::move(slot)](std::optional<Outgoing> piece) {
                    Outcome outcome;
                    if (piece) outcome.response.emplace().body = std::move(*piece);
                    slot->deliver(std::move(outcome));
                });
            };
        const Outcome outcome = co_await ask(std::move(ask_next));
        if (aborted_ || !outcome.response) break;
        written = co_await write_all(outcome.response->body.bytes(), {});
    }
    in_pieces_ = false;
    if (written && !aborted_) co_await say_goodbye(false);
    co_return false;
}

Task<bool> Session::write_all(std::string_view first, std::string_view second) {
    std::string record;
    if (stream_.has_tls() && !second.empty() && first.size() < tls_record_bytes) {
        // Head and body in one TLS record and one packet, at the price of copying at most 16 KB.
        const std::size_t joined = std::min(second.size(), tls_record_bytes - first.size());
        record.reserve(first.size() + joined);
        record += first;
        record += second.substr(0, joined);
        first = record;
        second.remove_prefix(joined);
    }
    const TimePoint start = SteadyClock::now();
    std::uint64_t sent = 0;
    while (!first.empty() || !second.empty()) {
        expire_at(std::min(
            after(SteadyClock::now(), core_.timeouts.write_ms),
            slowest(start, core_.timeouts.write_ms, sent)
        ));
        const std::array<asio::const_buffer, 2> buffers{
            asio::buffer(first.data(), first.size()), asio::buffer(second.data(), second.size())};
        error_code ec;
        std::size_t count = 0;
        // Most replies fit into the socket's buffer, and need no turn of the event loop.
        if (sent == 0) count = stream_.write_now(buffers, ec);
        if (count == 0 && !ec) count = co_await stream_.write_some(buffers, ec);
        if (ec || deadline_.passed() || aborted_) co_return false;
        sent += count;
        const std::size_t of_first = std::min(count, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(count - of_first);
    }
    co_return true;
}

/// With `linger`, reads on for a while: closing a socket with unread bytes makes the peer lose our
/// last reply.
Task<void> Session::say_goodbye(bool linger) {
    expire_in(limits::linger_timeout_ms);
    co_await stream_.end(linger);
    if (!linger) co_return;
    error_code ec;
    std::size_t discarded = 0;
    while (!ec && !deadline_.passed() && !aborted_ && discarded < limits::linger_bytes_max) {
        discarded += co_await stream_.discard_some(asio::buffer(loop_.dropped), ec);
    }
}

Task<void> run_session(std::shared_ptr<Session> session) {
    co_await session->run();
}

}  // namespace

void start_connection(Core& core, Loop& loop, Accepted accepted) {
    if (loop.draining) {
        core.leave();
        return;
    }
    TlsContext tls;
    {
        const std::lock_guard lock(core.mutex);
        tls = core.tls;
    }
    // Shared: the coroutine, its timer and the loop's list refer to it, and end in any order.
    std::shared_ptr<Session> session;
    try {
        session = std::make_shared<Session>(core, loop, std::move(accepted), tls.get());
        loop.connections.insert(session.get());
    } catch (const std::exception& error) {
        log::error("connection dropped", {{"reason", error.what()}});
        core.leave();
        return;
    }
    auto ended = [&core, &loop, session](const std::exception_ptr& thrown) {
        loop.connections.erase(session.get());
        session->finish();
        core.leave();
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
            log::error("connection dropped", {{"reason", error.what()}});
        } catch (...) {
            log::error("connection dropped", {{"reason", "unknown"}});
        }
    };
    asio::co_spawn(loop.context, run_session(std::move(session)), std::move(ended));
}

}  // namespace entente::http
