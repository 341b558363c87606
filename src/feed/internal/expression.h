#pragma once
// One regular expression of a warning list, written as /…/ with flags.
#include "base/result.h"

#include <memory>
#include <string_view>

namespace entente::feed::internal {

class Expression {
  public:
    /// `/…/` with the flags i (either case) and g, or the bare expression. Fails: unprocessable.
    [[nodiscard]] static Result<Expression> compile(std::string_view text);

    Expression(Expression&&) noexcept;
    Expression& operator=(Expression&&) noexcept;
    ~Expression();

    /// True also when it takes more steps than it may (limits::pattern_regex_calls_max): what it
    /// would have said is not known, and a list that stops something must not fall open.
    [[nodiscard]] bool matches(std::string_view text) const;

  private:
    struct Inside;
    explicit Expression(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::feed::internal
