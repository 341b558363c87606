#include "http/internal/reply.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"

#include <algorithm>
#include <array>

namespace entente::http {
namespace {

bool same_name(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view reason_of(int status) noexcept {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";  // RFC 9112, 4: may be empty
    }
}

// Connection management is the server's own business.
bool is_own_field(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 7> own{
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Keep-Alive",
        "Date",
        "Server",
        "Trailer"};
    return std::ranges::any_of(own, [&](std::string_view field) { return same_name(field, name); });
}

bool is_field_name(std::string_view name) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view value) noexcept {
    return std::ranges::all_of(
               value, [](char c) { return c == '\t' || static_cast<unsigned char>(c) >= 0x20; }
           ) &&
           value.find('\x7f') == std::string_view::npos;
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

Outgoing own_text(int status) {
#define ENTENTE_ERROR(status, title)                                                             \
    case status: {                                                                               \
        static const Outgoing text("{\"title\":\"" title "\",\"http_status\":\"" #status "\"}"); \
        return text;                                                                             \
    }
    switch (status) {
        ENTENTE_ERROR(400, "The request is malformed")
        ENTENTE_ERROR(408, "The request did not arrive in time")
        ENTENTE_ERROR(413, "The request body is too large")
        ENTENTE_ERROR(414, "The request target is too long")
        ENTENTE_ERROR(417, "The expectation cannot be met")
        ENTENTE_ERROR(431, "The request headers are too large")
        ENTENTE_ERROR(500, "The server failed to answer this request")
        ENTENTE_ERROR(501, "The transfer coding is not supported")
        ENTENTE_ERROR(503, "The server is busy or cannot write; try again later")
        ENTENTE_ERROR(505, "The HTTP version is not supported")
        default:
            break;
    }
#undef ENTENTE_ERROR
    ENTENTE_ASSERT(false && "own_reply knows this status");
    return {};
}

}  // namespace

Response own_reply(int status) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/taxii+json;version=2.1");
    if (status == 503)
        response.headers.emplace_back("Retry-After", std::to_string(limits::retry_after_s));
    response.body = own_text(status);
    return response;
}

std::string_view DateText::now() {
    const std::time_t second = std::time(nullptr);
    if (second == second_) return text_;
    second_ = second;
    static constexpr std::array<const char*, 7> days{
        "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    gmtime_r(&second, &parts);
    // strftime would follow the locale.
    std::array<char, 64> buffer{};
    const int length = std::snprintf(
        buffer.data(),
        buffer.size(),
        "%s, %02d %s %04d %02d:%02d:%02d GMT",
        days.at(static_cast<std::size_t>(parts.tm_wday)),
        parts.tm_mday,
        months.at(static_cast<std::size_t>(parts.tm_mon)),
        parts.tm_year + 1900,
        parts.tm_hour,
        parts.tm_min,
        parts.tm_sec
    );
    text_.assign(buffer.data(), static_cast<std::size_t>(length));
    return text_;
}

bool may_have_body(int status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

std::optional<std::string> reply_head(
    const Response& response,
    const WireForm& form,
    std::string_view server_name,
    std::string_view date
) {
    if (response.status < 200 || response.status > 599) return std::nullopt;
    std::string out;
    out.reserve(512);
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out += ' ';
    out += reason_of(response.status);
    out += "\r\n";
    add_field(out, "Date", date);
    add_field(out, "Server", server_name);
    bool has_cache_control = false;
    bool has_content_type_options = false;
    for (const auto& [name, value] : response.headers) {
        if (!is_field_name(name) || !is_field_value(value)) return std::nullopt;
        if (is_own_field(name)) continue;
        has_cache_control = has_cache_control || same_name(name, "Cache-Control");
        has_content_type_options =
            has_content_type_options || same_name(name, "X-Content-Type-Options");
        add_field(out, name, value);
    }
    if (!has_cache_control) add_field(out, "Cache-Control", "no-store");
    if (!has_content_type_options) add_field(out, "X-Content-Type-Options", "nosniff");
    if (form.vary_encoding) add_field(out, "Vary", "Accept-Encoding");
    if (form.gzip) add_field(out, "Content-Encoding", "gzip");
    if (may_have_body(response.status) && !form.until_close) {
        add_field(out, "Content-Length", std::to_string(form.content_length));
    }
    if (form.persistence == Persistence::close) add_field(out, "Connection", "close");
    if (form.persistence == Persistence::keep_alive_http10) {
        add_field(out, "Connection", "keep-alive");
    }
    out += "\r\n";
    return out;
}

void log_access(const Access& access) {
    const Head* const head = access.head;
    const bool read = head != nullptr && (head->method == "GET" || head->method == "HEAD");
    const log::Level level = read && access.status < 400 ? log::Level::debug : log::Level::info;
    if (!log::enabled(level)) return;
    std::array<char, 32> ms{};
    const double spent = std::chrono::duration<double, std::milli>(access.spent).count();
    std::snprintf(ms.data(), ms.size(), "%.3f", spent);
    log::write(
        level,
        "request",
        {{"method", head != nullptr ? head->method : "-"},
         {"path", head != nullptr ? head->path : "-"},
         {"status", std::to_string(access.status)},
         {"bytes", std::to_string(access.body_bytes)},
         {"ms", ms.data()},
         {"request_id", head != nullptr ? head->request_id : "-"},
         {"address", std::string(access.address)}}
    );
}

}  // namespace entente::http
