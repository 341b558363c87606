#include "pattern/internal/grammar.h"
#include "pattern/internal/print.h"
#include "pattern/pattern.h"

#include <fmt/format.h>

#include <iterator>

namespace entente::pattern {

namespace {

/// Keeps of a pattern no more than the path that is being read.
class PathSink {
  public:
    struct Expression {};

    struct Observations {};

    struct Qualifiers {};

    explicit PathSink(const std::function<void(std::string_view)>& take) noexcept : take_(take) {}

    void object_type(std::string_view type) {
        path_ = type;
        path_ += ':';
        first_ = true;
    }

    void name(const Token& token) {
        if (!first_) path_ += '.';
        first_ = false;
        const std::string_view name = token.kind == Kind::string ? token.content() : token.text();
        // What must be escaped is escaped where it stands, and nothing else can be.
        const bool bare = is_bare(name);
        if (!bare) path_ += '\'';
        path_ += name;
        if (!bare) path_ += '\'';
    }

    void index(std::int64_t index) { fmt::format_to(std::back_inserter(path_), "[{}]", index); }

    void any_index() { path_ += "[*]"; }

    void end_path() const { take_(path_); }

    // ---- What paths do not depend on.
    void join(Observations&, Join) noexcept {}

    void join_part(Observations&, Observations) noexcept {}

    void open_bracket() noexcept {}

    void close_bracket(Observations&, Expression) noexcept {}

    void qualify(Observations&, Qualifiers, bool) noexcept {}

    void start_stop(Qualifiers&, const Token&, const Token&, std::size_t) noexcept {}

    void within(Qualifiers&, const Token&, double, std::size_t) noexcept {}

    void repeats(Qualifiers&, std::uint64_t, std::size_t) noexcept {}

    void combine(Expression&, bool) noexcept {}

    void combine_part(Expression&, Expression) noexcept {}

    void begin_comparison(std::size_t) noexcept {}

    void operation(Op, bool) noexcept {}

    void constant_at(std::size_t) noexcept {}

    void integer(std::int64_t) noexcept {}

    void floating(const Token&, double) noexcept {}

    void string(const Token&) noexcept {}

    void binary(const Token&) noexcept {}

    void timestamp(const Token&) noexcept {}

    void boolean(bool) noexcept {}

    void end_comparison(Expression&) noexcept {}

  private:
    const std::function<void(std::string_view)>& take_;
    std::string path_;
    bool first_ = true;
};

}  // namespace

bool object_paths(
    std::string_view text, Dialect dialect, const std::function<void(std::string_view path)>& take
) {
    PathSink sink(take);
    Grammar<PathSink> grammar(text, dialect, sink);
    PathSink::Observations root;
    return grammar.run(root);
}

}  // namespace entente::pattern
