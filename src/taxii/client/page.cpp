#include "taxii/client/page.h"

#include "base/escape.h"
#include "base/limits.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace entente::taxii::client {
namespace {

constexpr std::size_t depth_max = limits::json_depth_max;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Walks over JSON (RFC 8259) and checks it, value by value, without recursion.
class Walker {
  public:
    explicit Walker(std::string_view text) : text_(text) {}

    void spaces() {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }

    [[nodiscard]] bool ended() const { return at_ >= text_.size(); }

    [[nodiscard]] char peek() const { return ended() ? '\0' : text_[at_]; }

    bool take(char c) {
        if (peek() != c || ended()) return false;
        ++at_;
        return true;
    }

    [[nodiscard]] tl::unexpected<Error> expected(std::string_view what) const {
        return fail(
            Errc::corrupt,
            ended() ? fmt::format("the JSON ends at byte {} where {} is due", at_, what)
                    : fmt::format("the JSON has no {} at byte {}", what, at_)
        );
    }

    /// A string with its quotes.
    Result<std::string_view> string() {
        const std::size_t begin = at_;
        if (!take('"')) return expected("string");
        while (!ended()) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return text_.substr(begin, at_ - begin);
            }
            if (static_cast<unsigned char>(c) < 0x20) return expected("printable character");
            ++at_;
            if (c == '\\') {
                ENTENTE_CHECK(escape());
            }
        }
        return expected("end of the string");
    }

    /// Any value.
    Result<std::string_view> value() {
        const std::size_t begin = at_;
        std::array<char, depth_max> open{};
        std::size_t depth = 0;
        bool due = true;  // a value is due, not a comma or a closing bracket
        while (true) {
            spaces();
            if (due) {
                if (peek() == '{' || peek() == '[') {
                    if (depth == depth_max) return expected("smaller nesting");
                    open[depth++] = peek();
                    ++at_;
                    spaces();
                    const bool object = open[depth - 1] == '{';
                    if (take(object ? '}' : ']')) {
                        --depth;
                        due = false;
                    } else if (object) {
                        ENTENTE_CHECK(name());
                    }
                } else {
                    ENTENTE_CHECK(scalar());
                    due = false;
                }
            } else if (open[depth - 1] == '{' ? take('}') : take(']')) {
                --depth;
            } else {
                if (!take(',')) return expected("comma");
                if (open[depth - 1] == '{') {
                    spaces();
                    ENTENTE_CHECK(name());
                }
                due = true;
            }
            if (!due && depth == 0) return text_.substr(begin, at_ - begin);
        }
    }

    /// A property name and its colon.
    Result<std::string_view> name() {
        ENTENTE_TRY(const std::string_view text, string());
        spaces();
        if (!take(':')) return expected("colon");
        return text;
    }

  private:
    Result<void> escape() {
        const char c = peek();
        if (c == 'u') {
            ++at_;
            for (int i = 0; i < 4; ++i, ++at_) {
                if (!is_hex(peek())) return expected("hexadecimal digit");
            }
            return {};
        }
        if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos || ended()) {
            return expected("escape sequence");
        }
        ++at_;
        return {};
    }

    Result<void> scalar() {
        if (peek() == '"') {
            ENTENTE_CHECK(string());
            return {};
        }
        for (const std::string_view word : {"true", "false", "null"}) {
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return {};
            }
        }
        return number();
    }

    Result<void> number() {
        (void)take('-');
        if (!take('0')) ENTENTE_CHECK(digits());
        if (take('.')) ENTENTE_CHECK(digits());
        if (take('e') || take('E')) {
            if (!take('+')) (void)take('-');
            ENTENTE_CHECK(digits());
        }
        return {};
    }

    Result<void> digits() {
        if (!is_digit(peek())) return expected("value");
        while (is_digit(peek()))
            ++at_;
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// A checked JSON string without its quotes and escapes.
Result<std::string> unescaped(std::string_view quoted) {
    if (quoted.find('\\') == std::string_view::npos) {
        return std::string(quoted.substr(1, quoted.size() - 2));
    }
    boost::json::error_code error;
    const boost::json::value value =
        boost::json::parse(boost::json::string_view(quoted.data(), quoted.size()), error);
    if (error) return fail(Errc::corrupt, "a string in the answer has a broken escape");
    const boost::json::string& text = value.as_string();
    return std::string(text.data(), text.size());
}

Result<void> read_objects(Walker& walker, Page& page) {
    if (!walker.take('[')) return fail(Errc::corrupt, "`objects` in the answer is no list");
    walker.spaces();
    if (walker.take(']')) return {};
    while (true) {
        walker.spaces();
        ENTENTE_TRY(const std::string_view object, walker.value());
        if (page.objects.size() + page.others == limits::objects_per_request_max) {
            return fail(
                Errc::corrupt,
                fmt::format("the page has more than {} objects", limits::objects_per_request_max)
            );
        }
        if (object.front() == '{') {
            page.objects.push_back(object);
        } else {
            ++page.others;
        }
        walker.spaces();
        if (walker.take(']')) return {};
        if (!walker.take(',')) return walker.expected("comma");
    }
}

Result<void> read_next(std::string_view value, Page& page) {
    if (value == "null") return {};
    if (value.size() > limits::client_next_bytes_max) {
        return fail(
            Errc::corrupt,
            fmt::format(
                "`next` in the answer has {} bytes; at most {} are taken",
                value.size(),
                limits::client_next_bytes_max
            )
        );
    }
    if (value.front() == '"') {
        ENTENTE_TRY(page.next, unescaped(value));
        return {};
    }
    // The standard says string (TAXII 2.1, 3.7); some servers send a number.
    if (value.front() != '-' && !is_digit(value.front())) {
        return fail(Errc::corrupt, "`next` in the answer is no string");
    }
    page.next = std::string(value);
    return {};
}

Result<void> read_member(Walker& walker, std::string_view name, Page& page) {
    walker.spaces();
    if (name == "objects") return read_objects(walker, page);
    ENTENTE_TRY(const std::string_view value, walker.value());
    if (name == "next") return read_next(value, page);
    if (name == "more") {
        if (value != "true" && value != "false" && value != "null") {
            return fail(Errc::corrupt, "`more` in the answer is neither true nor false");
        }
        if (value != "null") page.more = value == "true";
    }
    return {};
}

}  // namespace

Result<Page> read_page(std::string_view body) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (body.substr(0, mark.size()) == mark) body.remove_prefix(mark.size());
    if (!is_utf8(body)) return fail(Errc::corrupt, "the answer is not UTF-8");
    Walker walker(body);
    Page page;
    std::vector<std::string_view> seen;
    walker.spaces();
    if (!walker.take('{')) return walker.expected("object");
    walker.spaces();
    bool open = !walker.take('}');
    while (open) {
        walker.spaces();
        ENTENTE_TRY(const std::string_view quoted, walker.name());
        ENTENTE_TRY(const std::string name, unescaped(quoted));
        for (const std::string_view known : {"objects", "next", "more"}) {
            if (name != known) continue;
            // I-JSON (RFC 7493, 2.3): twice the same name would mean that another reader sees
            // another page.
            if (std::ranges::find(seen, known) != seen.end()) {
                return fail(Errc::corrupt, fmt::format("the answer has `{}` twice", known));
            }
            seen.push_back(known);
        }
        ENTENTE_CHECK(read_member(walker, name, page));
        walker.spaces();
        if (walker.take('}')) break;
        if (!walker.take(',')) return walker.expected("comma");
    }
    walker.spaces();
    if (!walker.ended()) return walker.expected("end");
    return page;
}

std::string one_line(std::string_view object) {
    if (object.find_first_of("\r\n") == std::string_view::npos) return std::string(object);
    std::string line;
    line.reserve(object.size());
    bool in_string = false;
    for (std::size_t i = 0; i < object.size(); ++i) {
        const char c = object[i];
        if (in_string && c == '\\' && i + 1 < object.size()) {
            line.append(object.substr(i, 2));
            ++i;
            continue;
        }
        if (c == '"') in_string = !in_string;
        if (in_string || !is_space(c)) line.push_back(c);
    }
    return line;
}

}  // namespace entente::taxii::client
