#pragma once
// For tests: peers that speak or break the protocol byte by byte, over plain sockets and over TLS.
#include "base/assert.h"
#include "http/http.h"
#include "http/server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <zlib.h>

namespace entente::http::test {

inline constexpr int socket_timeout_s = 20;

/// gzip by zlib, so that our own codec is never tested against itself alone.
inline std::string zlib_gzip(std::string_view plain) {
    z_stream stream{};
    ENTENTE_ASSERT(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ENTENTE_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// What zlib makes of `packed`; "<broken>" when it is not one whole gzip stream.
inline std::string zlib_gunzip(std::string_view packed) {
    z_stream stream{};
    ENTENTE_ASSERT(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    int result = Z_OK;
    while (result == Z_OK) {
        std::string piece(1U << 16U, '\0');
        stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        stream.avail_out = static_cast<uInt>(piece.size());
        result = inflate(&stream, Z_NO_FLUSH);
        out.append(piece, 0, piece.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return result == Z_STREAM_END && stream.avail_in == 0 ? out : "<broken>";
}

struct RawReply {
    std::string head;
    std::string body;

    [[nodiscard]] int status() const {
        return head.size() > 12 ? std::atoi(head.substr(9, 3).c_str()) : 0;
    }

    [[nodiscard]] bool has(std::string_view line) const {
        return head.find("\r\n" + std::string(line)) != std::string::npos;
    }
};

/// A connected TCP socket, with TLS on top when asked for. Blocking, with a time limit on each
/// read.
class Peer {
  public:
    explicit Peer(int fd) : fd_(fd) {
        const timeval limit{socket_timeout_s, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }

    Peer(Peer&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)),
          ssl_(std::exchange(other.ssl_, nullptr)),
          context_(std::exchange(other.context_, nullptr)),
          kept_(std::move(other.kept_)) {}

    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    Peer& operator=(Peer&&) = delete;

    ~Peer() { close(); }

    static Peer connect(std::uint16_t port) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ENTENTE_ASSERT(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        return Peer(fd);
    }

    /// TLS without any check, between the two versions. True when the handshake succeeds.
    bool start_tls(int version_min, int version_max, const char* suites = nullptr) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_security_level(context_, 0);
        SSL_CTX_set_min_proto_version(context_, version_min);
        SSL_CTX_set_max_proto_version(context_, version_max);
        if (suites != nullptr) SSL_CTX_set_cipher_list(context_, suites);
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, fd_);
        return SSL_connect(ssl_) == 1;
    }

    /// TLS without any check of the server, showing a certificate, with one more beside it. That it
    /// is refused is seen at the first read.
    bool start_tls_as(
        X509* certificate, EVP_PKEY* key, X509* above = nullptr, int newest = TLS1_3_VERSION
    ) {
        context_ = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(context_, newest);
        SSL_CTX_use_certificate(context_, certificate);
        SSL_CTX_use_PrivateKey(context_, key);
        if (above != nullptr) SSL_CTX_add1_chain_cert(context_, above);
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, fd_);
        return SSL_connect(ssl_) == 1;
    }

    /// The protocol that the server chose of those in `offered` (RFC 7301 wire form).
    std::string start_tls_offering(const std::string& offered) {
        context_ = SSL_CTX_new(TLS_client_method());
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, fd_);
        SSL_set_alpn_protos(
            ssl_,
            reinterpret_cast<const unsigned char*>(offered.data()),
            static_cast<unsigned>(offered.size())
        );
        if (SSL_connect(ssl_) != 1) return "<refused>";
        const unsigned char* chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_, &chosen, &size);
        return {reinterpret_cast<const char*>(chosen), size};
    }

    bool accept_tls(const TlsFiles& files, bool ask_certificate = false) {
        context_ = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate_chain_file(context_, files.certificate_chain.c_str());
        SSL_CTX_use_PrivateKey_file(context_, files.private_key.c_str(), SSL_FILETYPE_PEM);
        if (ask_certificate) {
            SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
        }
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, fd_);
        return SSL_accept(ssl_) == 1;
    }

    [[nodiscard]] SSL* ssl() const { return ssl_; }

    /// False when the other side has gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ssl_ != nullptr
                                     ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                     : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Some bytes; nothing at the end or after a reset. Waiting too long fails the test.
    std::string read_some() {
        if (!kept_.empty()) return std::exchange(kept_, {});
        std::string piece(1U << 16U, '\0');
        errno = 0;
        const ssize_t got = ssl_ != nullptr
                                ? SSL_read(ssl_, piece.data(), static_cast<int>(piece.size()))
                                : ::recv(fd_, piece.data(), piece.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            ADD_FAILURE() << "waited in vain for the other side";
        }
        piece.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return piece;
    }

    std::string read_to_end() {
        std::string out;
        for (std::string piece = read_some(); !piece.empty(); piece = read_some())
            out += piece;
        return out;
    }

    /// Reads up to and with `mark`; what follows is kept for the next read.
    std::string read_until(std::string_view mark) {
        std::string out;
        while (out.find(mark) == std::string::npos) {
            const std::string piece = read_some();
            if (piece.empty()) return out;
            out += piece;
        }
        const std::size_t end = out.find(mark) + mark.size();
        kept_ = out.substr(end);
        out.resize(end);
        return out;
    }

    std::string read_exactly(std::size_t bytes) {
        std::string out;
        while (out.size() < bytes) {
            const std::string piece = read_some();
            if (piece.empty()) return out;
            out += piece;
        }
        kept_ = out.substr(bytes);
        out.resize(bytes);
        return out;
    }

    /// A reply whose length is given by Content-Length; `bodiless` for the answer to HEAD.
    RawReply read_reply(bool bodiless = false) {
        RawReply reply;
        reply.head = read_until("\r\n\r\n");
        const std::size_t at = reply.head.find("\r\nContent-Length: ");
        if (at != std::string::npos && !bodiless) {
            reply.body = read_exactly(std::stoul(reply.head.substr(at + 18)));
        }
        return reply;
    }

    /// True when the other side has ended or reset the connection, although nothing was read here.
    bool wait_for_end() {
        pollfd poll{fd_, POLLRDHUP, 0};
        return ::poll(&poll, 1, socket_timeout_s * 1'000) == 1;
    }

    void shutdown_write() { ::shutdown(fd_, SHUT_WR); }

    /// Makes the kernel send a reset instead of an orderly end.
    void reset() {
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

    void close() {
        if (ssl_ != nullptr) SSL_free(std::exchange(ssl_, nullptr));
        if (context_ != nullptr) SSL_CTX_free(std::exchange(context_, nullptr));
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    int fd_;
    SSL* ssl_ = nullptr;
    SSL_CTX* context_ = nullptr;
    std::string kept_;
};

/// A server that runs one function per connection, one connection after another, on a thread of its
/// own.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::function<void(Peer&, int connection)> script)
        : script_(std::move(script)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ENTENTE_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        ENTENTE_ASSERT(::listen(listener_, 16) == 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] {
            for (int i = 0;; ++i) {
                const int fd = ::accept(listener_, nullptr, nullptr);
                if (fd < 0) return;
                Peer peer(fd);
                script_(peer, i);
            }
        });
    }

    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    ~ScriptedServer() {
        ::shutdown(listener_, SHUT_RDWR);  // wakes the accept
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    std::function<void(Peer&, int)> script_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A directory that goes away with the test.
class TempDir {
  public:
    TempDir() {
        std::string pattern = std::filesystem::temp_directory_path() / "entente-http-XXXXXX";
        ENTENTE_ASSERT(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }

    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    ~TempDir() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A handler made of functions. By default: bodies up to 1,000 bytes, every request answered with
/// 200 and `{}`.
class TestHandler final : public Handler {
  public:
    std::function<Admission(const Head&)> on_admit = [](const Head&) { return admission(); };
    std::function<void(const Head&, std::string, Respond)> on_handle =
        [](const Head&, const std::string&, const Respond& respond) { respond(ok()); };
    std::function<std::optional<Response>(const Head&)> on_at_once;

    static Admission admission(std::uint64_t body_bytes_max = 1'000) {
        Admission out;
        out.body_bytes_max = body_bytes_max;
        out.too_large = [] { return error(413); };
        out.bad_body = [](std::string_view) { return error(400); };
        return out;
    }

    static Response ok() {
        Response response;
        response.headers.emplace_back("Content-Type", "application/taxii+json;version=2.1");
        response.body = Outgoing("{}");
        return response;
    }

    static Response error(int status) {
        Response response = ok();
        response.status = status;
        response.body = Outgoing("{\"title\":\"from the handler\"}");
        return response;
    }

    std::optional<Response> at_once(const Head& head) override {
        return on_at_once ? on_at_once(head) : std::nullopt;
    }

    void admit(std::shared_ptr<const Head> head, std::function<void(Admission)> then) override {
        then(on_admit(*head));
    }

    void handle(
        std::shared_ptr<const Head> head,
        std::string body,
        std::shared_ptr<void> /*context*/,
        Respond respond
    ) override {
        on_handle(*head, std::move(body), std::move(respond));
    }
};

}  // namespace entente::http::test
