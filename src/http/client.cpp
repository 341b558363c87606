// One request at a time over Asio: every operation is started, and the event loop runs on the
// caller's thread until it is done or its time is up.
#include "http/client.h"

#include "base/escape.h"
#include "base/limits.h"
#include "http/internal/body.h"
#include "http/internal/tls.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace entente::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;
using Tls = asio::ssl::stream<tcp::socket&>;

constexpr std::size_t read_bytes = 64U << 10U;
constexpr std::size_t buffer_bytes_max = limits::header_bytes_max + 2 * read_bytes;
constexpr std::int64_t address_share_ms_min =
    2'000;  // of the connect timeout, for each address of a host
constexpr std::uint64_t chunk_framing_factor = 8;  // "1\r\nx\r\n" carries one byte in six

std::string_view as_std(beast::string_view text) {
    return {text.data(), text.size()};
}

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

/// Beast's parser for replies, feeding our headers and body.
class ReplyParser final : public beast::http::basic_parser<false> {
  public:
    ReplyParser(std::uint64_t body_bytes_max, Budget& budget)
        : body_bytes_max_(body_bytes_max),
          budget_(budget) {
        header_limit(static_cast<std::uint32_t>(limits::header_bytes_max));
        body_limit(boost::none);
        eager(true);
    }

    int status_code = 0;
    Headers headers;
    std::string unknown_coding;  // a Content-Encoding that nobody asked for
    std::optional<BodyCollector> body;
    bool too_many_fields = false;

  private:
    void
    on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int, error_code&)
        override {}

    void on_response_impl(int code, beast::string_view, int, error_code&) override {
        status_code = code;
    }

    void on_field_impl(
        beast::http::field, beast::string_view name, beast::string_view value, error_code& ec
    ) override {
        if (++fields_ > limits::header_fields_max) {
            too_many_fields = true;
            ec = beast::http::error::header_limit;
        } else if (!in_body_) {  // trailers come here too, and nothing may act on them
            headers.add(std::string(as_std(name)), std::string(as_std(value)));
        }
    }

    void on_header_impl(error_code& ec) override {
        in_body_ = true;
        const std::string coding = headers.joined("Content-Encoding").value_or("");
        const bool gzip = beast::iequals(coding, "gzip") || beast::iequals(coding, "x-gzip");
        if (!gzip && !coding.empty() && !beast::iequals(coding, "identity")) {
            unknown_coding = coding;
            ec = beast::http::error::bad_value;
            return;
        }
        body.emplace(body_bytes_max_, gzip, budget_);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override {
        if (length) body->expect(*length);
        const bool gzip = headers.count("Content-Encoding") > 0;
        if (length && *length > body_bytes_max_ && !gzip) ec = beast::http::error::body_limit;
    }

    std::size_t on_body_impl(beast::string_view bytes, error_code& ec) override {
        if (body->append(as_std(bytes)) != BodyCollector::State::ok) {
            ec = beast::http::error::body_limit;
        }
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& ec)
        override {
        return on_body_impl(bytes, ec);
    }

    void on_finish_impl(error_code& /*ec*/) override {}

    const std::uint64_t body_bytes_max_;
    Budget& budget_;
    std::size_t fields_ = 0;
    bool in_body_ = false;
};

/// Why a request has no reply. `stale`: the kept connection had ended before the request, so it may
/// be sent again.
struct Failure {
    Error error;
    bool stale = false;
};
template <class T>
using Attempt = tl::expected<T, Failure>;

tl::unexpected<Failure> failed(Errc code, std::string detail) {
    return tl::unexpected<Failure>(Failure{{code, std::move(detail)}, false});
}

class ClientImpl final : public Client {
  public:
    ClientImpl(Origin origin, ClientOptions options)
        : origin_(std::move(origin)),
          options_(std::move(options)),
          reply_bytes_max_(
              options_.reply_bytes_max > 0 ? options_.reply_bytes_max : limits::reply_bytes_max
          ),
          budget_(2 * (reply_bytes_max_ + read_bytes)) {
        if (origin_.scheme != "https") return;
        auto made = make_client_tls(options_);
        if (made) {
            tls_context_ = std::move(*made);
        } else {
            set_up_ = tl::unexpected<Error>(made.error());
        }
    }

    ClientImpl(const ClientImpl&) = delete;
    ClientImpl& operator=(const ClientImpl&) = delete;

    ~ClientImpl() override { disconnect(); }

    Result<Reply> send(
        std::string_view method,
        std::string_view target,
        const Headers& headers,
        std::string_view body
    ) override;

  private:
    /// Runs the loop until `done`; false when the time was up first, and the connection is closed
    /// then.
    bool run_until(TimePoint deadline, const bool& done);
    void disconnect();
    Attempt<void> connect();
    Attempt<tcp::resolver::results_type> resolve(TimePoint deadline);
    error_code connect_to(const tcp::endpoint& endpoint, TimePoint deadline);
    Attempt<void> handshake(TimePoint deadline);
    bool kept_connection_is_usable();
    Attempt<Reply> exchange(std::string_view head, std::string_view body, bool is_head);
    Attempt<Reply> read_reply(bool is_head, TimePoint deadline);
    Attempt<void> read_message(ReplyParser& parser, TimePoint deadline);
    Attempt<void> parse_buffered(ReplyParser& parser);
    Attempt<void> read_more(ReplyParser& parser, TimePoint deadline);
    [[nodiscard]] tl::unexpected<Failure> lost(const error_code& ec, bool anything_came) const;
    [[nodiscard]] tl::unexpected<Failure> parse_failure(
        const ReplyParser& parser, const error_code& ec
    ) const;

    [[nodiscard]] std::string name() const { return to_string(Url{origin_, ""}); }

    const Origin origin_;
    const ClientOptions options_;
    const std::uint64_t reply_bytes_max_;
    Budget budget_;
    Result<void> set_up_;
    TlsContext tls_context_;

    asio::io_context context_{1};
    tcp::socket socket_{context_};
    std::optional<Tls> tls_;
    beast::flat_buffer buffer_{buffer_bytes_max};
    bool connected_ = false;
    bool reused_ = false;  // the present request goes over a kept connection
};

bool ClientImpl::run_until(TimePoint deadline, const bool& done) {
    context_.restart();
    while (!done) {
        const TimePoint now = SteadyClock::now();
        if (now >= deadline || (options_.stopping && options_.stopping())) break;
        constexpr auto look_every = std::chrono::milliseconds(100);
        const TimePoint until =
            options_.stopping ? std::min<TimePoint>(deadline, now + look_every) : deadline;
        if (context_.run_one_until(until) == 0 && context_.stopped())
            break;  // nothing is under way
    }
    if (done) return true;
    disconnect();
    return false;
}

void ClientImpl::disconnect() {
    error_code ignored;
    socket_.close(ignored);
    // The handlers of what was under way refer to our buffers and must run before those go.
    context_.restart();
    context_.run();
    tls_.reset();
    buffer_.clear();
    connected_ = false;
}

tl::unexpected<Failure> ClientImpl::lost(const error_code& ec, bool anything_came) const {
    const bool stale = reused_ && !anything_came;
    return tl::unexpected<Failure>(Failure{
        {Errc::overloaded, "the connection to " + name() + " was lost: " + ec.message()}, stale});
}

Attempt<tcp::resolver::results_type> ClientImpl::resolve(TimePoint deadline) {
    tcp::resolver resolver(context_);
    bool done = false;
    error_code ec;
    tcp::resolver::results_type found;
    resolver.async_resolve(
        origin_.host,
        std::to_string(origin_.port),
        tcp::resolver::numeric_service,
        [&](const error_code& result, tcp::resolver::results_type results) {
            done = true;
            ec = result;
            found = std::move(results);
        }
    );
    context_.restart();
    while (!done && context_.run_one_until(deadline) > 0) {
    }
    if (!done) {
        // The system's resolver cannot be interrupted; its own time limits end this wait.
        resolver.cancel();
        context_.restart();
        context_.run();
        return failed(Errc::overloaded, "looking up " + origin_.host + " took too long");
    }
    if (ec == asio::error::host_not_found || ec == asio::error::no_data) {
        return failed(Errc::not_found, "no host " + origin_.host + " is known");
    }
    if (ec) {
        return failed(Errc::overloaded, "cannot look up " + origin_.host + ": " + ec.message());
    }
    return found;
}

error_code ClientImpl::connect_to(const tcp::endpoint& endpoint, TimePoint deadline) {
    error_code ec;
    socket_.close(ec);
    socket_.open(endpoint.protocol(), ec);
    if (ec) return ec;
    bool done = false;
    socket_.async_connect(endpoint, [&](const error_code& result) {
        done = true;
        ec = result;
    });
    if (!run_until(deadline, done)) return asio::error::timed_out;
    if (!ec) socket_.set_option(tcp::no_delay(true), ec);
    return ec;
}

Attempt<void> ClientImpl::handshake(TimePoint deadline) {
    SSL* const ssl = SSL_new(tls_context_.get());
    if (ssl == nullptr) return failed(Errc::overloaded, "no memory for TLS");
    tls_.emplace(socket_, ssl);
    if (!expect_host(ssl, origin_.host)) {
        return failed(Errc::invalid_argument, origin_.host + " cannot be checked by TLS");
    }
    bool done = false;
    error_code ec;
    tls_->async_handshake(asio::ssl::stream_base::client, [&](const error_code& result) {
        done = true;
        ec = result;
    });
    if (!run_until(deadline, done)) {
        return failed(Errc::overloaded, "the TLS handshake with " + name() + " took too long");
    }
    if (!ec) return {};
    const long verdict = SSL_get_verify_result(ssl);
    if (!options_.insecure_skip_verify && verdict != X509_V_OK) {
        return failed(
            Errc::unauthorized,
            "the certificate of " + name() +
                " is not trusted: " + X509_verify_cert_error_string(verdict) +
                "; if it should be, trust the file of its issuer's certificate (--ca-file)"
        );
    }
    if (ec.category() == asio::error::get_ssl_category()) {
        return failed(Errc::unauthorized, "no TLS with " + name() + ": " + ec.message());
    }
    return lost(ec, true);
}

Attempt<void> ClientImpl::connect() {
    const TimePoint deadline =
        SteadyClock::now() + std::chrono::milliseconds(options_.connect_timeout_ms);
    reused_ = false;
    const auto found = resolve(deadline);
    if (!found) return tl::unexpected<Failure>(found.error());
    error_code ec = asio::error::host_not_found;
    std::size_t left = found->size();
    for (const auto& entry : *found) {
        // One address that swallows packets must not use up the time of the others.
        const auto remaining = deadline - SteadyClock::now();
        const auto share = std::max<SteadyClock::duration>(
            remaining / static_cast<std::int64_t>(left--),
            std::chrono::milliseconds(address_share_ms_min)
        );
        ec = connect_to(entry.endpoint(), SteadyClock::now() + std::min(remaining, share));
        if (!ec) break;
    }
    if (ec) {
        return failed(Errc::overloaded, "cannot connect to " + name() + ": " + ec.message());
    }
    if (tls_context_) {
        auto secured = handshake(deadline);
        if (!secured) {
            disconnect();
            return secured;
        }
    }
    connected_ = true;
    return {};
}

/// A kept connection on which anything waits to be read was closed, or holds a reply that nobody
/// asked for.
bool ClientImpl::kept_connection_is_usable() {
    if (!connected_ || buffer_.size() > 0) return false;
    char byte = 0;
    error_code ec;
    socket_.non_blocking(true, ec);
    if (ec) return false;
    socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return ec == asio::error::would_block;
}

tl::unexpected<Failure> ClientImpl::parse_failure(const ReplyParser& parser, const error_code& ec)
    const {
    using State = BodyCollector::State;
    const State state = parser.body ? parser.body->state() : State::ok;
    if (!parser.unknown_coding.empty()) {
        return failed(
            Errc::malformed,
            name() + " used the content coding " + printable(parser.unknown_coding, 40)
        );
    }
    if (parser.too_many_fields || ec == beast::http::error::header_limit) {
        return failed(Errc::too_large, "the headers of the reply of " + name() + " are too large");
    }
    if (state == State::broken) {
        return failed(
            Errc::malformed, "the gzip encoding of the reply of " + name() + " is broken"
        );
    }
    if (state != State::ok || ec == beast::http::error::body_limit) {
        return failed(
            Errc::too_large,
            "the reply of " + name() + " exceeds the limit of " + std::to_string(reply_bytes_max_) +
                " bytes"
        );
    }
    return failed(Errc::malformed, "the reply of " + name() + " is not HTTP: " + ec.message());
}

Attempt<void> ClientImpl::read_more(ReplyParser& parser, TimePoint deadline) {
    bool done = false;
    error_code ec;
    std::size_t got = 0;
    const auto on_read = [&](const error_code& result, std::size_t bytes) {
        done = true;
        ec = result;
        got = bytes;
    };
    const asio::mutable_buffer space =
        buffer_.prepare(std::min(read_bytes, buffer_.max_size() - buffer_.size()));
    if (tls_) {
        tls_->async_read_some(space, on_read);
    } else {
        socket_.async_read_some(space, on_read);
    }
    if (!run_until(deadline, done)) {
        return failed(Errc::overloaded, name() + " took too long to reply");
    }
    buffer_.commit(got);
    if (!ec) return {};
    // Only a clean end may end a body: over TLS anyone on the way could cut a connection.
    const bool ends_body = ec == asio::error::eof && parser.got_some() && parser.need_eof();
    if (!ends_body) return lost(ec, parser.got_some() || buffer_.size() > 0);
    error_code eof;
    parser.put_eof(eof);
    if (eof) return parse_failure(parser, eof);
    return {};
}

Attempt<void> ClientImpl::parse_buffered(ReplyParser& parser) {
    if (buffer_.size() == 0 || parser.is_done()) return {};
    error_code ec;
    const std::size_t used = parser.put(buffer_.data(), ec);
    buffer_.consume(used);
    if (ec && ec != beast::http::error::need_more) return parse_failure(parser, ec);
    if (!parser.is_done() && buffer_.size() >= limits::header_bytes_max) {
        return failed(Errc::too_large, "the headers of the reply of " + name() + " are too large");
    }
    return {};
}

Attempt<void> ClientImpl::read_message(ReplyParser& parser, TimePoint deadline) {
    std::uint64_t wire_bytes = 0;
    while (true) {
        if (auto parsed = parse_buffered(parser); !parsed) return parsed;
        if (parser.is_done()) return {};
        if (wire_bytes > (reply_bytes_max_ + read_bytes) * chunk_framing_factor) {
            return failed(Errc::too_large, "the reply of " + name() + " never ends");
        }
        const std::size_t before = buffer_.size();
        if (auto read = read_more(parser, deadline); !read) return read;
        if (parser.is_done()) return {};
        wire_bytes += buffer_.size() - before;
    }
}

Attempt<Reply> ClientImpl::read_reply(bool is_head, TimePoint deadline) {
    for (int interim = 0; interim <= limits::interim_replies_max; ++interim) {
        ReplyParser parser(reply_bytes_max_, budget_);
        parser.skip(is_head);
        if (auto read = read_message(parser, deadline); !read) {
            return tl::unexpected<Failure>(read.error());
        }
        if (parser.status_code < 100 || parser.status_code > 599 || parser.status_code == 101) {
            return failed(Errc::malformed, name() + " replied with a wrong status");
        }
        if (parser.status_code < 200) {
            reused_ = false;  // something came: the request must not be sent again
            continue;
        }
        const bool bodiless = is_head || parser.status_code == 204 || parser.status_code == 304;
        if (!bodiless && parser.body->finish() != BodyCollector::State::ok) {
            return parse_failure(parser, {});
        }
        if (!parser.keep_alive() || buffer_.size() > 0) connected_ = false;
        return Reply{parser.status_code, std::move(parser.headers), parser.body->take()};
    }
    return failed(Errc::malformed, name() + " sends interim replies without end");
}

Attempt<Reply> ClientImpl::exchange(std::string_view head, std::string_view body, bool is_head) {
    const TimePoint deadline =
        SteadyClock::now() + std::chrono::milliseconds(options_.read_timeout_ms);
    std::string first(head);
    constexpr std::size_t joined_bytes_max = 16U << 10U;
    if (first.size() + body.size() <= joined_bytes_max) {
        first += body;
        body = {};
    }
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(first), asio::buffer(body.data(), body.size())};
    bool written = false;
    const auto on_written = [&](const error_code&, std::size_t) { written = true; };

    // Whatever happens while reading, the write must not outlive the buffers above.
    struct EndWrite {
        ClientImpl& client;
        const bool& written;

        ~EndWrite() {
            if (written) return;
            // What is still unsent will not be read either: an orderly end would wait behind it.
            error_code ignored;
            client.socket_.set_option(asio::socket_base::linger(true, 0), ignored);
            client.disconnect();
        }
    } const end_write{*this, written};

    // Reading begins at once: a server that refuses a large body early may never read the rest of
    // it. A failed write shows in the read.
    if (tls_) {
        asio::async_write(*tls_, buffers, on_written);
    } else {
        asio::async_write(socket_, buffers, on_written);
    }
    Attempt<Reply> reply = read_reply(is_head, deadline);
    if (!reply || !connected_) disconnect();
    return reply;
}

/// The request head, or what is wrong with its parts: nothing of a caller may break out of its
/// line.
Result<std::string> request_head(
    const Origin& origin,
    const ClientOptions& options,
    std::string_view method,
    std::string_view target,
    const Headers& headers,
    std::size_t body_bytes
) {
    const auto is_target = [](char c) { return c > ' ' && c <= '~'; };
    if (!is_token(method)) return fail(Errc::invalid_argument, "not an HTTP method");
    if (!target.starts_with('/') || !std::ranges::all_of(target, is_target)) {
        return fail(Errc::invalid_argument, "not a request target: " + printable(target, 200));
    }
    std::string out;
    out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
    const Url host{origin, ""};
    const std::string url = to_string(host);
    out += "Host: " + url.substr(url.find("://") + 3) + "\r\n";
    if (!headers.find("User-Agent")) out += "User-Agent: " + options.user_agent + "\r\n";
    if (!headers.find("Accept-Encoding")) out += "Accept-Encoding: gzip\r\n";
    for (const auto& [name, value] : headers.fields()) {
        const bool own = beast::iequals(name, "Host") || beast::iequals(name, "Content-Length") ||
                         beast::iequals(name, "Transfer-Encoding") ||
                         beast::iequals(name, "Connection") || beast::iequals(name, "Expect");
        const bool clean = std::ranges::all_of(value, [](char c) {
            return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
        });
        if (own || !is_token(name) || !clean) {
            // The value may be a credential: only the name is shown.
            return fail(
                Errc::invalid_argument, "the header " + printable(name, 100) + " cannot be sent"
            );
        }
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (body_bytes > 0 || method == "POST" || method == "PUT") {
        out += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
    }
    return out + "\r\n";
}

Result<Reply> ClientImpl::send(
    std::string_view method, std::string_view target, const Headers& headers, std::string_view body
) {
    ENTENTE_CHECK(set_up_);
    ENTENTE_TRY(
        const std::string head,
        request_head(origin_, options_, method, target, headers, body.size())
    );
    reused_ = kept_connection_is_usable();
    if (!reused_) disconnect();
    while (true) {
        if (!connected_) {
            if (auto made = connect(); !made) return tl::unexpected<Error>(made.error().error);
        }
        auto reply = exchange(head, body, method == "HEAD");
        if (reply) return std::move(*reply);
        if (!reply.error().stale) return tl::unexpected<Error>(reply.error().error);
    }
}

}  // namespace

std::unique_ptr<Client> Client::make(const Origin& origin, const ClientOptions& options) {
    return std::make_unique<ClientImpl>(origin, options);
}

}  // namespace entente::http
