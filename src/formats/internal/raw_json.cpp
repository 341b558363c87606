#include "formats/internal/raw_json.h"

#include "base/assert.h"
#include "base/escape.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <charconv>
#include <unordered_set>

namespace entente::formats::internal {
namespace {

namespace json = boost::json;

/// Takes the parser's events and keeps nothing.
struct Nothing {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    using Code = boost::system::error_code;

    bool on_document_begin(Code&) { return true; }

    bool on_document_end(Code&) { return true; }

    bool on_object_begin(Code&) { return true; }

    bool on_object_end(std::size_t, Code&) { return true; }

    bool on_array_begin(Code&) { return true; }

    bool on_array_end(std::size_t, Code&) { return true; }

    bool on_key_part(json::string_view, std::size_t, Code&) { return true; }

    bool on_key(json::string_view, std::size_t, Code&) { return true; }

    bool on_string_part(json::string_view, std::size_t, Code&) { return true; }

    bool on_string(json::string_view, std::size_t, Code&) { return true; }

    bool on_number_part(json::string_view, Code&) { return true; }

    bool on_int64(std::int64_t, json::string_view, Code&) { return true; }

    bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }

    bool on_double(double, json::string_view, Code&) { return true; }

    bool on_bool(bool, Code&) { return true; }

    bool on_null(Code&) { return true; }

    bool on_comment_part(json::string_view, Code&) { return true; }

    bool on_comment(json::string_view, Code&) { return true; }
};

constexpr std::string_view white_space = " \t\r\n";

/// Moves over text that is known to be JSON.
class Walker {
  public:
    explicit Walker(std::string_view text) : text_(text) { skip_space(); }

    [[nodiscard]] bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }

    /// Steps over `c` and the white space after it, if it is there.
    bool take(char c) {
        if (!at(c)) return false;
        ++at_;
        skip_space();
        return true;
    }

    /// Steps over one value and returns it.
    std::string_view value() {
        const std::size_t from = at_;
        if (at('"')) {
            skip_string();
        } else if (at('{') || at('[')) {
            skip_container();
        } else {
            at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
        }
        const std::string_view found = text_.substr(from, at_ - from);
        skip_space();
        return found;
    }

  private:
    void skip_space() { at_ = std::min(text_.find_first_not_of(white_space, at_), text_.size()); }

    void skip_string() {
        for (++at_; text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        ++at_;
    }

    void skip_container() {
        std::size_t depth = 0;
        do {
            const char c = text_[at_];
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            ++at_;
        } while (depth > 0);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<void> check_json(std::string_view text, std::size_t depth_max) {
    json::parse_options options;
    options.max_depth = depth_max;
    json::basic_parser<Nothing> parser(options);
    boost::system::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    const bool more = !error && text.find_first_not_of(white_space, used) != std::string_view::npos;
    if (!error && !more && parser.done()) return {};
    return fail(
        Errc::malformed,
        fmt::format(
            "not JSON at byte {}: {}", used, error ? error.message() : "something follows the end"
        )
    );
}

Result<std::vector<Member>> members_of(std::string_view object) {
    Walker walk(object);
    if (!walk.take('{')) return fail(Errc::unprocessable, "not a JSON object");
    std::vector<Member> members;
    std::unordered_set<std::string> names;
    while (!walk.take('}')) {
        auto name = string_of(walk.value());
        ENTENTE_ASSERT(name.has_value());
        (void)walk.take(':');
        if (!names.insert(*name).second) {
            return fail(
                Errc::unprocessable,
                fmt::format("the property '{}' occurs twice", printable(*name, 100))
            );
        }
        members.push_back({std::move(*name), walk.value()});
        (void)walk.take(',');
    }
    return members;
}

Result<std::vector<std::string_view>> elements_of(std::string_view array) {
    Walker walk(array);
    if (!walk.take('[')) return fail(Errc::unprocessable, "not a JSON list");
    std::vector<std::string_view> elements;
    while (!walk.take(']')) {
        elements.push_back(walk.value());
        (void)walk.take(',');
    }
    return elements;
}

std::optional<std::string_view> find(const std::vector<Member>& members, std::string_view name) {
    for (const Member& member : members) {
        if (member.name == name) return member.value;
    }
    return std::nullopt;
}

std::optional<std::string> string_of(std::string_view value) {
    if (!value.starts_with('"')) return std::nullopt;
    if (value.find('\\') == std::string_view::npos) {
        return std::string(value.substr(1, value.size() - 2));
    }
    boost::system::error_code error;
    const json::value read = json::parse(json::string_view(value.data(), value.size()), error);
    if (error || !read.is_string()) return std::nullopt;
    return std::string(read.get_string());
}

std::optional<bool> bool_of(std::string_view value) {
    if (value == "true") return true;
    if (value == "false") return false;
    return std::nullopt;
}

std::optional<std::uint64_t> number_of(std::string_view value) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    return number;
}

}  // namespace entente::formats::internal
