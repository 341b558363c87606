#include "http/internal/head.h"

#include "base/limits.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace entente::http {
namespace {

// Method, two spaces, version and line end around the target.
constexpr std::size_t request_line_extra_bytes = 64;

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool contains(std::string_view text, char c) noexcept {
    return !text.empty() && std::memchr(text.data(), c, text.size()) != nullptr;
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Calls `visit` with each element of a comma-separated list that holds no quoted strings.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        const std::string_view element = trim(list.substr(0, end));
        if (!element.empty()) visit(element);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

/// RFC 9110, 8.6: digits only. No sign, no list, nothing that wraps.
std::optional<std::uint64_t> parse_length(std::string_view text) {
    constexpr std::size_t digits_max = 18;
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

double weight_of(std::string_view element) {
    const std::size_t semicolon = element.find(';');
    if (semicolon == std::string_view::npos) return 1;
    const std::string_view parameter = trim(element.substr(semicolon + 1));
    if (parameter.size() < 3 || lower(parameter[0]) != 'q' || parameter[1] != '=') return 0;
    double weight = 0;
    const char* const end = parameter.data() + parameter.size();
    const auto [stop, error] = std::from_chars(parameter.data() + 2, end, weight);
    const bool valid = error == std::errc() && stop == end && weight >= 0 && weight <= 1;
    return valid ? weight : 0;
}

bool wants_keep_alive(const Headers& headers, unsigned minor) {
    bool close = minor == 0;
    bool says_close = false;
    if (const auto connection = headers.joined("Connection")) {
        for_each_element(*connection, [&](std::string_view option) {
            if (same_word(option, "close")) says_close = true;
            if (same_word(option, "keep-alive")) close = false;
        });
    }
    return !close && !says_close;
}

/// Sets the body framing; the status to refuse with, or 0.
int judge_body(const Head& head, unsigned minor, Framing& framing) {
    const std::size_t lengths = head.headers.count("Content-Length");
    const auto coding = head.headers.joined("Transfer-Encoding");
    if (coding) {
        // RFC 9112, 6.1: both fields, or chunks in HTTP/1.0, are what smuggling is made of.
        if (lengths > 0 || minor == 0) return 400;
        if (!same_word(trim(*coding), "chunked")) return 501;
        framing.body = Framing::Body::chunked;
        return 0;
    }
    if (lengths == 0) return 0;
    if (lengths > 1) return 400;
    const auto length = parse_length(*head.headers.find("Content-Length"));
    if (!length) return 400;
    framing.content_length = *length;
    framing.body = *length == 0 ? Framing::Body::none : Framing::Body::length;
    return 0;
}

}  // namespace

HeadScan::State HeadScan::check_line(std::string_view line) noexcept {
    // `line` ends in LF. A CR elsewhere than before it, or a lone LF, is read differently by
    // different programs.
    if (line.size() < 2 || line[line.size() - 2] != '\r') return State::malformed;
    line.remove_suffix(2);
    if (contains(line, '\r') || contains(line, '\0')) return State::malformed;
    if (first_line_bytes_ == 0) return line.empty() ? State::malformed : State::more;
    if (line.empty()) return State::complete;
    if (line.front() == ' ' || line.front() == '\t') return State::malformed;  // RFC 9112, 5.2
    return ++fields_ > limits::header_fields_max ? State::fields_too_large : State::more;
}

HeadScan::State HeadScan::scan(std::string_view data) noexcept {
    constexpr std::size_t line_max = limits::request_target_bytes_max + request_line_extra_bytes;
    while (true) {
        const std::string_view fresh = data.substr(searched_);
        const std::size_t feed = fresh.find('\n');
        const bool found = feed != std::string_view::npos;
        searched_ = found ? searched_ + feed + 1 : data.size();
        if (first_line_bytes_ == 0) {
            if (searched_ > line_max) return State::target_too_long;
        } else if (searched_ - first_line_bytes_ > limits::header_bytes_max) {
            return State::fields_too_large;
        }
        if (!found) return State::more;
        const State line = check_line(data.substr(line_start_, searched_ - line_start_));
        line_start_ = searched_;
        if (first_line_bytes_ == 0) first_line_bytes_ = searched_;
        if (line != State::more) return line;
    }
}

bool split_target(std::string_view method, std::string_view target, Head& head) {
    if (target.size() > limits::request_target_bytes_max) return false;
    const bool clean =
        std::ranges::all_of(target, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
    if (!clean || target.empty()) return false;
    if (method == "OPTIONS" && target == "*") {
        head.path = "*";
        return true;
    }
    if (!target.starts_with('/')) {
        // RFC 9112, 3.2.2: a server must take the absolute form, which proxies send.
        const std::size_t scheme = target.find("://");
        if (scheme == std::string_view::npos) return false;
        const std::string_view name = target.substr(0, scheme);
        if (!same_word(name, "http") && !same_word(name, "https")) return false;
        target.remove_prefix(scheme + 3);
        const std::size_t authority = std::min(target.find_first_of("/?"), target.size());
        if (authority == 0) return false;
        target.remove_prefix(authority);
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    head.path = target.substr(0, mark);
    if (head.path.empty()) head.path = "/";
    head.query = target.substr(std::min(mark + 1, target.size()));
    return true;
}

Judged judge(const Head& head, unsigned minor) {
    Judged out;
    // RFC 9112, 3.2: exactly one Host in HTTP/1.1, never more than one.
    const std::size_t hosts = head.headers.count("Host");
    if (hosts > 1 || (hosts == 0 && minor >= 1)) {
        out.refuse_status = 400;
        return out;
    }
    out.refuse_status = judge_body(head, minor, out.framing);
    if (out.refuse_status != 0) return out;
    out.framing.keep_alive = wants_keep_alive(head.headers, minor);
    if (const auto expect = head.headers.joined("Expect"); expect && minor >= 1) {
        if (!same_word(*expect, "100-continue")) {
            out.refuse_status = 417;
            return out;
        }
        out.framing.expects_continue = out.framing.body != Framing::Body::none;
    }
    if (const auto coding = head.headers.joined("Content-Encoding")) {
        out.framing.gunzip = same_word(*coding, "gzip") || same_word(*coding, "x-gzip");
    }
    return out;
}

bool accepts_gzip(const Headers& headers) {
    const auto list = headers.joined("Accept-Encoding");
    if (!list) return false;
    std::optional<double> gzip;
    std::optional<double> any;
    double identity = 0;
    for_each_element(*list, [&](std::string_view element) {
        const std::string_view coding = trim(element.substr(0, element.find(';')));
        const double weight = weight_of(element);
        if (same_word(coding, "gzip") || same_word(coding, "x-gzip")) {
            gzip = std::max(gzip.value_or(0), weight);
        } else if (coding == "*") {
            any = weight;
        } else if (same_word(coding, "identity")) {
            identity = weight;
        }
    });
    const double weight = gzip ? *gzip : any.value_or(0);
    return weight > 0 && weight >= identity;
}

bool drops_body(const Framing& framing, int status) noexcept {
    return (status == 429 || status == 503) && framing.body == Framing::Body::length &&
           !framing.expects_continue && framing.content_length <= limits::refused_body_bytes_max;
}

}  // namespace entente::http
