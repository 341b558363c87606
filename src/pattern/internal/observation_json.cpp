// Reading JSON.
#include "base/escape.h"
#include "base/limits.h"
#include "pattern/evaluate.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

namespace entente::pattern {
namespace {

namespace json = boost::json;

/// Builds a value. The library rounds some doubles of many digits to a neighbour and keeps the last
/// of equal names; neither may happen to what is compared.
class Builder {
  public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    Builder() { stack_.reset(); }

    json::value release() { return stack_.release(); }

    [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        names_.emplace_back();
        return true;
    }

    bool on_object_end(std::size_t size, json::error_code&) {
        names_.pop_back();
        stack_.push_object(size);
        return true;
    }

    bool on_array_begin(json::error_code&) { return true; }

    bool on_array_end(std::size_t size, json::error_code&) {
        stack_.push_array(size);
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        name_.append(part.data(), part.size());
        return true;
    }

    bool on_key(json::string_view part, std::size_t, json::error_code& error) {
        name_.append(part.data(), part.size());
        stack_.push_key(name_);
        const bool first = names_.back().insert(name_).second;
        if (!first)
            refuse(fmt::format("the name '{}' twice in one object", printable(name_, 100)), error);
        name_.clear();
        return first;
    }

    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        stack_.push_chars(part);
        return true;
    }

    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        stack_.push_string(part);
        return true;
    }

    bool on_number_part(json::string_view part, json::error_code&) {
        number_.append(part.data(), part.size());
        return true;
    }

    bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
        number_.clear();
        stack_.push_int64(value);
        return true;
    }

    bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
        number_.clear();
        stack_.push_uint64(value);
        return true;
    }

    bool on_double(double near, json::string_view part, json::error_code& error) {
        number_.append(part.data(), part.size());
        double value = 0;
        const auto read = std::from_chars(number_.data(), number_.data() + number_.size(), value);
        number_.clear();
        if (read.ec == std::errc::result_out_of_range) {
            if (!(std::abs(near) < 1)) {
                refuse("a number that is too large", error);
                return false;
            }
            value = std::signbit(near) ? -0.0 : 0.0;
        }
        stack_.push_double(value);
        return true;
    }

    bool on_bool(bool value, json::error_code&) {
        stack_.push_bool(value);
        return true;
    }

    bool on_null(json::error_code&) {
        stack_.push_null();
        return true;
    }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    void refuse(std::string what, json::error_code& error) {
        wrong_ = std::move(what);
        error = json::make_error_code(json::error::syntax);
    }

    json::value_stack stack_;
    std::vector<std::unordered_set<std::string>> names_;  // of the objects that are open
    std::string name_;
    std::string number_;
    std::string wrong_;
};

}  // namespace

Result<json::value> read_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = limits::pattern_observed_depth_max;
    json::basic_parser<Builder> parser(options);
    json::error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && read < text.size()) {
        return fail(Errc::malformed, fmt::format("byte {}: more after the end of the JSON", read));
    }
    if (error) {
        const std::string& wrong = parser.handler().wrong();
        return fail(
            Errc::malformed,
            fmt::format("byte {}: not JSON: {}", read, wrong.empty() ? error.message() : wrong)
        );
    }
    return parser.handler().release();
}

}  // namespace entente::pattern
