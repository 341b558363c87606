#pragma once
// The bytes of one connection of the server, under TLS or not. Included by server.cpp alone, so
// that it is compiled once.
#include "http/internal/core.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace entente::http {

template <class T>
using Task = boost::asio::awaitable<T, Executor>;
inline constexpr boost::asio::use_awaitable_t<Executor> use_task{};

/// A socket with or without TLS: one type, so that the session is compiled once. All calls on the
/// loop's thread; one read and one write at a time.
class ServerStream {
  public:
    ServerStream(Socket socket, SSL_CTX* tls) : socket_(std::move(socket)) {
        boost::system::error_code ignored;
        socket_.non_blocking(true, ignored);
        if (tls == nullptr) return;
        SSL* const ssl = SSL_new(tls);
        if (ssl == nullptr) throw std::bad_alloc();
        tls_.emplace(socket_, ssl);
    }

    [[nodiscard]] bool has_tls() const noexcept { return tls_.has_value(); }

    /// REQUIRES: has_tls().
    [[nodiscard]] SSL* ssl() { return tls_->native_handle(); }

    Task<void> handshake(boost::system::error_code& ec) {
        co_await tls_->async_handshake(
            boost::asio::ssl::stream_base::server, boost::asio::redirect_error(use_task, ec)
        );
    }

    Task<std::size_t> read_some(boost::asio::mutable_buffer space, boost::system::error_code& ec) {
        std::size_t got = 0;
        if (tls_) {
            got = co_await tls_->async_read_some(space, boost::asio::redirect_error(use_task, ec));
        } else {
            got =
                co_await socket_.async_read_some(space, boost::asio::redirect_error(use_task, ec));
        }
        co_return got;
    }

    /// What the system takes at once; 0 when it takes nothing now, and always under TLS.
    [[nodiscard]] std::size_t write_now(
        const std::array<boost::asio::const_buffer, 2>& buffers, boost::system::error_code& ec
    ) {
        if (tls_) return 0;
        const std::size_t sent = socket_.write_some(buffers, ec);
        if (ec == boost::asio::error::would_block) ec = {};
        return sent;
    }

    Task<std::size_t> write_some(
        const std::array<boost::asio::const_buffer, 2>& buffers, boost::system::error_code& ec
    ) {
        std::size_t sent = 0;
        if (tls_) {
            const boost::asio::const_buffer first = buffers[0].size() > 0 ? buffers[0] : buffers[1];
            sent =
                co_await tls_->async_write_some(first, boost::asio::redirect_error(use_task, ec));
        } else {
            sent = co_await socket_.async_write_some(
                buffers, boost::asio::redirect_error(use_task, ec)
            );
        }
        co_return sent;
    }

    /// Says that nothing more will be sent. With `wait_for_peer` the TLS layer also waits for the
    /// peer's goodbye.
    Task<void> end(bool wait_for_peer) {
        boost::system::error_code ec;
        if (tls_) {
            // OpenSSL waits for the peer's close_notify only as long as it believes that none came.
            if (!wait_for_peer) SSL_set_shutdown(tls_->native_handle(), SSL_RECEIVED_SHUTDOWN);
            co_await tls_->async_shutdown(boost::asio::redirect_error(use_task, ec));
        }
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ec);
    }

    /// Reads from below TLS what nobody will look at; `space` may be given to several at once.
    Task<std::size_t> discard_some(
        boost::asio::mutable_buffer space, boost::system::error_code& ec
    ) {
        // The system drops the bytes itself, without copying them.
        const std::size_t got = co_await socket_.async_receive(
            space, MSG_TRUNC, boost::asio::redirect_error(use_task, ec)
        );
        co_return got;
    }

    /// Reads what nobody will look at, and no more than fits into `space`, which may be given to
    /// several at once.
    Task<std::size_t> drop_some(boost::asio::mutable_buffer space, boost::system::error_code& ec) {
        std::size_t got = 0;
        if (tls_) {
            got = co_await read_some(space, ec);
        } else {
            got = co_await discard_some(space, ec);
        }
        co_return got;
    }

    void cancel() {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    /// Closing from here on resets the connection: the system sends nothing more of what it has.
    void drop_unsent() {
        boost::system::error_code ignored;
        socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    }

  private:
    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace entente::http
