#pragma once
// Beast's parser for requests. Included by server.cpp alone, so that it is compiled once.
#include "http/internal/body.h"
#include "http/server.h"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace entente::http {

/// Beast's parser, feeding our head and body.
class RequestParser final : public boost::beast::http::basic_parser<true> {
  public:
    /// No more than `bytes_max` are looked at for a head.
    explicit RequestParser(std::size_t bytes_max) {
        header_limit(static_cast<std::uint32_t>(bytes_max));
        body_limit(boost::none);
    }

    void collect_into(BodyCollector& body) { body_ = &body; }

    // Shared: the handler may keep the head beyond the request.
    std::shared_ptr<Head> head = std::make_shared<Head>();
    std::string target;
    unsigned minor = 0;

  private:
    static std::string_view text_of(boost::beast::string_view text) {
        return {text.data(), text.size()};
    }

    void on_request_impl(
        boost::beast::http::verb /*verb*/,
        boost::beast::string_view method,
        boost::beast::string_view request_target,
        int version,
        boost::system::error_code& /*ec*/
    ) override {
        head->method = text_of(method);
        target = text_of(request_target);
        minor = static_cast<unsigned>(version) % 10;
    }

    void on_response_impl(int, boost::beast::string_view, int, boost::system::error_code&)
        override {}

    void on_field_impl(
        boost::beast::http::field /*field*/,
        boost::beast::string_view name,
        boost::beast::string_view value,
        boost::system::error_code& /*ec*/
    ) override {
        // Trailers come here too; nothing may act on them (RFC 9110, 6.5.1).
        if (!in_body_) head->headers.add(std::string(text_of(name)), std::string(text_of(value)));
    }

    void on_header_impl(boost::system::error_code& /*ec*/) override { in_body_ = true; }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, boost::system::error_code&)
        override {}

    std::size_t on_body_impl(boost::beast::string_view bytes, boost::system::error_code& ec)
        override {
        if (body_->append(text_of(bytes)) != BodyCollector::State::ok) {
            ec = boost::beast::http::error::body_limit;
        }
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, boost::system::error_code&)
        override {}

    std::size_t on_chunk_body_impl(
        std::uint64_t, boost::beast::string_view bytes, boost::system::error_code& ec
    ) override {
        return on_body_impl(bytes, ec);
    }

    void on_finish_impl(boost::system::error_code& /*ec*/) override {}

    BodyCollector* body_ = nullptr;
    bool in_body_ = false;
};

}  // namespace entente::http
