#define PCRE2_CODE_UNIT_WIDTH 8

#include "feed/internal/expression.h"

#include "base/assert.h"
#include "base/limits.h"

#include <fmt/format.h>

#include <pcre2.h>

namespace entente::feed::internal {
namespace {

template <auto F>
struct Calls {
    template <class P>
    void operator()(P* p) const noexcept {
        F(p);
    }
};

using Code = std::unique_ptr<pcre2_code, Calls<pcre2_code_free>>;
using Match = std::unique_ptr<pcre2_match_data, Calls<pcre2_match_data_free>>;
using Bounds = std::unique_ptr<pcre2_match_context, Calls<pcre2_match_context_free>>;

}  // namespace

struct Expression::Inside {
    Code code;
    Bounds bounds;
};

Expression::Expression(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Result<Expression> Expression::compile(std::string_view text) {
    if (text.size() > limits::pattern_regex_bytes_max)
        return fail(Errc::unprocessable, "a regular expression that is too long");
    std::uint32_t options = PCRE2_UTF;
    const std::size_t slash = text.rfind('/');
    if (text.starts_with('/') && slash != 0) {
        for (const char flag : text.substr(slash + 1)) {
            if (flag == 'i') {
                options |= PCRE2_CASELESS;
            } else if (flag != 'g') {
                return fail(Errc::unprocessable, fmt::format("the flag {} is not known", flag));
            }
        }
        text = text.substr(1, slash - 1);
    }
    int error = 0;
    std::size_t at = 0;
    Code code(pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options, &error, &at, nullptr
    ));
    if (!code)
        return fail(Errc::unprocessable, fmt::format("no regular expression, at byte {}", at));
    Bounds bounds(pcre2_match_context_create(nullptr));
    ENTENTE_ASSERT(bounds != nullptr);
    pcre2_set_match_limit(bounds.get(), limits::pattern_regex_calls_max);
    pcre2_set_heap_limit(bounds.get(), limits::pattern_regex_memory_kib_max);
    auto inside = std::make_unique<Inside>();
    inside->code = std::move(code);
    inside->bounds = std::move(bounds);
    return Expression(std::move(inside));
}

bool Expression::matches(std::string_view text) const {
    const Match match(pcre2_match_data_create(1, nullptr));
    ENTENTE_ASSERT(match != nullptr);
    return pcre2_match(
               inside_->code.get(),
               reinterpret_cast<PCRE2_SPTR>(text.data()),
               text.size(),
               0,
               0,
               match.get(),
               inside_->bounds.get()
           ) != PCRE2_ERROR_NOMATCH;
}

}  // namespace entente::feed::internal
