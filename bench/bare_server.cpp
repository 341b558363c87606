// The least that a server of pages must do, for scripts/bench G2: one thread, bare SQLite reads the
// rows of a page from a node's own database, Beast sends them. No login, no decision, no record.
//
//   bare_server DATABASE    GET /SEQ/COUNT gives COUNT bodies after SEQ; prints "port N"
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <sqlite3.h>

#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Rows {
  public:
    explicit Rows(const char* file) {
        if (sqlite3_open_v2(file, &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) !=
            SQLITE_OK) {
            std::cerr << "bare_server: cannot open " << file << "\n";
            std::exit(2);
        }
        // As the program itself reads.
        sqlite3_exec(db_, "PRAGMA mmap_size = 0x7fff0000", nullptr, nullptr, nullptr);
        sqlite3_exec(db_, "PRAGMA cache_size = -4096", nullptr, nullptr, nullptr);
        sqlite3_prepare_v2(
            db_,
            "SELECT body FROM entry WHERE place > ?1 AND place < ?2 ORDER BY place LIMIT ?3",
            -1,
            &select_,
            nullptr
        );
    }

    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    ~Rows() {
        sqlite3_finalize(select_);
        sqlite3_close(db_);
    }

    std::string page(std::int64_t after, std::int64_t count) {
        constexpr std::int64_t collection = std::int64_t{1} << 40;
        sqlite3_bind_int64(select_, 1, collection + after);
        sqlite3_bind_int64(select_, 2, 2 * collection);
        sqlite3_bind_int64(select_, 3, count);
        std::string page = R"({"more":true,"next":")" + std::string(200, 'x') + R"(","objects":[)";
        page.reserve(static_cast<std::size_t>(count) * 520);
        bool first = true;
        while (sqlite3_step(select_) == SQLITE_ROW) {
            if (!std::exchange(first, false)) page += ',';
            page.append(
                static_cast<const char*>(sqlite3_column_blob(select_, 0)),
                static_cast<std::size_t>(sqlite3_column_bytes(select_, 0))
            );
        }
        sqlite3_reset(select_);
        return page += "]}";
    }

  private:
    sqlite3* db_ = nullptr;
    sqlite3_stmt* select_ = nullptr;
};

asio::awaitable<void> serve(tcp::socket socket, Rows& rows) {
    socket.set_option(tcp::no_delay(true));
    beast::flat_buffer buffer;
    for (;;) {
        http::request<http::empty_body> request;
        co_await http::async_read(socket, buffer, request, asio::use_awaitable);
        const std::string_view target(request.target().data(), request.target().size());
        std::int64_t after = 0;
        std::int64_t count = 0;
        const std::size_t slash = target.find('/', 1);
        if (slash == std::string_view::npos) co_return;
        std::from_chars(target.data() + 1, target.data() + slash, after);
        std::from_chars(target.data() + slash + 1, target.data() + target.size(), count);
        http::response<http::string_body> response(http::status::ok, 11);
        response.set(http::field::content_type, "application/taxii+json;version=2.1");
        response.body() = rows.page(after, count);
        response.prepare_payload();
        co_await http::async_write(socket, response, asio::use_awaitable);
    }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, Rows& rows) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), rows), asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "bare_server: DATABASE\n";
        return 2;
    }
    Rows rows(argv[1]);
    asio::io_context context(1);
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    std::cout << "port " << acceptor.local_endpoint().port() << std::endl;
    asio::co_spawn(context, listen(acceptor, rows), asio::detached);
    context.run();
}
