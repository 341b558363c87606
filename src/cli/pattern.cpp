#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/pattern_commands.h"
#include "cli/stop.h"
#include "pattern/evaluate.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

namespace entente::cli {
namespace {

namespace json = boost::json;
using pattern::Dialect;
using pattern::EvaluateOptions;
using pattern::Match;
using pattern::ParseError;
using pattern::Remark;

constexpr std::size_t line_bytes_max = 2 * limits::object_bytes_max;  // of patterns and of cases

Result<Dialect> dialect_of(std::string_view version) {
    if (version == "2.1") return Dialect::v21;
    if (version == "2.0") return Dialect::v20;
    return fail(
        Errc::invalid_argument,
        fmt::format("there is no STIX version '{}' here; expected 2.0 or 2.1", printable(version))
    );
}

/// What `check` says of one pattern.
struct Judgement {
    bool sound = false;
    std::string canonical;        // when it could be read
    std::vector<Remark> remarks;  // the error of reading is one too
};

Judgement judge(std::string_view text, Dialect dialect) {
    const auto parsed = pattern::parse(text, dialect);
    if (!parsed) {
        const ParseError& wrong = parsed.error();
        return {false, {}, {{true, 0, wrong.rule, wrong.at, wrong.message}}};
    }
    Judgement made{true, pattern::print(*parsed), pattern::remarks(*parsed, dialect)};
    const auto is_error = [](const Remark& remark) { return remark.error; };
    if (std::ranges::none_of(made.remarks, is_error)) {
        if (const auto wrong = pattern::flaw(*parsed, {dialect, false})) {
            made.remarks.push_back({true, 0, wrong->rule, wrong->at, wrong->message});
        }
    }
    made.sound = std::ranges::none_of(made.remarks, is_error);
    return made;
}

std::string indented(std::string_view lines, std::string_view by) {
    std::string out;
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        out += fmt::format("{}{}\n", by, lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return out;
}

/// The place of an error under the text of the pattern; texts are escaped by `caret`.
std::string shown(std::string_view text, const Remark& remark) {
    std::string message = remark.message;
    if (remark.code != 0) message += fmt::format(" ({})", remark.code);
    return pattern::caret(text, {remark.at, std::move(message), remark.rule});
}

/// A pattern that cannot be used: told on standard error with its place.
Exit bad_pattern(std::string_view text, const ParseError& wrong, Context& context) {
    context.out.document(
        {{"result", "pattern_error"},
         {"at", wrong.at},
         {"rule", wrong.rule},
         {"message", wrong.message}}
    );
    if (!context.out.json()) {
        context.note("the pattern is wrong:");
        (void)std::fputs(indented(pattern::caret(text, wrong), "  ").c_str(), context.err);
    }
    return Exit::usage;
}

Exit bad_observations(const PatternMatchOptions& options, const Error& wrong, Context& context) {
    context.out.document({{"result", "match_error"}, {"message", wrong.detail}});
    if (!context.out.json()) {
        const bool standard_input = options.observed == "-";
        context.note(fmt::format(
            "{}: {}", standard_input ? "standard input" : printable(options.observed), wrong.detail
        ));
    }
    return Exit::refused;
}

void tell(std::string_view text, const Judgement& judgement, Context& context) {
    json::array remarks;
    for (const Remark& remark : judgement.remarks) {
        json::object one{
            {"level", remark.error ? "must" : "should"},
            {"rule", remark.rule},
            {"at", remark.at},
            {"message", remark.message}};
        if (remark.code != 0) one["code"] = remark.code;
        remarks.push_back(std::move(one));
    }
    json::object document{{"pattern", text}, {"valid", judgement.sound}};
    if (!judgement.canonical.empty()) document["canonical"] = judgement.canonical;
    document["findings"] = std::move(remarks);
    context.out.document(document);
    context.out.line(fmt::format(
        "{}: {}",
        judgement.sound ? "sound" : "wrong",
        judgement.canonical.empty() ? text : std::string_view(judgement.canonical)
    ));
    if (context.out.json()) return;
    for (const Remark& remark : judgement.remarks) {
        context.out.line(remark.error ? "  error" : "  note");
        context.out.raw(indented(shown(text, remark), "    "));
    }
}

/// Calls `take(line, number)` for each line of a file that is not blank.
Result<void> each_line(
    const std::string& path,
    const std::function<Result<void>(std::string_view line, std::size_t number)>& take
) {
    std::string rest;
    std::size_t number = 0;
    const auto flush = [&](std::string_view line) -> Result<void> {
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos) return {};
        return take(line, number);
    };
    const auto split = [&](std::string_view bytes) -> Result<void> {
        while (!stop_requested()) {
            const auto end = bytes.find('\n');
            rest += bytes.substr(0, end);
            if (rest.size() > line_bytes_max) {
                return fail(
                    Errc::too_large,
                    fmt::format("line {} is longer than {} bytes", number + 1, line_bytes_max)
                );
            }
            if (end == std::string_view::npos) break;
            const std::string line = std::move(rest);
            rest.clear();
            ENTENTE_CHECK(flush(line));
            bytes.remove_prefix(end + 1);
        }
        return {};
    };
    ENTENTE_CHECK(decode_file(path, split));
    if (rest.empty() || stop_requested()) return {};
    return flush(rest);
}

/// A pattern as it came: the command line gives those in brackets a blank at their end (see
/// parse.cpp).
std::string_view as_typed(std::string_view word) {
    if (word.ends_with("] ")) word.remove_suffix(1);
    return word;
}

// ---- match

struct Answer {
    std::string_view result;  // match, no_match, pattern_error, match_error
    std::string detail;
};

Answer answer_to(const json::object& one, bool reference) {
    const auto text_at = [&](const char* name) {
        const json::value* value = one.if_contains(name);
        return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                      : std::string_view{};
    };
    const EvaluateOptions options{
        text_at("stix_version") == "2.0" ? Dialect::v20 : Dialect::v21, reference};
    const auto parsed = pattern::parse(text_at("pattern"), options.dialect);
    if (!parsed) return {"pattern_error", parsed.error().message};
    if (!reference) {
        if (auto wrong = pattern::flaw(*parsed, options)) return {"pattern_error", wrong->message};
    }
    const auto observed = pattern::ObservationSet::read(one.at("observations"), options);
    if (!observed) return {"match_error", observed.error().detail};
    const auto match = pattern::evaluate(*parsed, *observed, options);
    if (!match) return {"match_error", match.error().detail};
    switch (match->verdict) {
        case Match::Verdict::match:
            return {"match", {}};
        case Match::Verdict::no_match:
            return {"no_match", {}};
        case Match::Verdict::gave_up:
            break;
    }
    return {"match_error", match->why};
}

Result<Exit> match_cases(const PatternMatchOptions& options, Context& context) {
    std::size_t cases = 0;
    const auto take = [&](std::string_view line, std::size_t number) -> Result<void> {
        const auto read = pattern::read_json(line);
        const auto* one = read ? read->if_object() : nullptr;
        const bool whole = one != nullptr && one->contains("id") && one->contains("pattern") &&
                           one->contains("observations");
        if (!whole) {
            return fail(
                Errc::unprocessable,
                fmt::format(
                    "line {}: {}",
                    number,
                    read ? "not an object with id, pattern and observations" : read.error().detail
                )
            );
        }
        ++cases;
        const Answer answer = answer_to(*one, options.reference);
        json::object out{{"id", one->at("id")}, {"result", answer.result}};
        if (!answer.detail.empty()) out["detail"] = answer.detail;
        context.out.raw(json::serialize(out) + "\n");
        return {};
    };
    ENTENTE_CHECK(each_line(options.cases, take));
    if (stop_requested()) return Exit::interrupted;
    if (cases == 0) return fail(Errc::unprocessable, "there are no cases in it");
    return Exit::ok;
}

Exit tell(const Match& match, std::size_t observed, Context& context) {
    json::object document{{"observations", observed}};
    switch (match.verdict) {
        case Match::Verdict::match:
            document["result"] = "match";
            document["bound"] = json::array(match.bound.begin(), match.bound.end());
            context.out.document(document);
            context.out.line(fmt::format(
                "match: observation{} {} of {} (counted from 0)",
                match.bound.size() == 1 ? "" : "s",
                fmt::join(match.bound, ", "),
                observed
            ));
            return Exit::ok;
        case Match::Verdict::no_match:
            document["result"] = "no_match";
            context.out.document(document);
            context.out.line(fmt::format("no match in {} observations", observed));
            return Exit::findings;
        case Match::Verdict::gave_up:
            break;
    }
    document["result"] = "gave_up";
    document["why"] = match.why;
    context.out.document(document);
    context.out.line(fmt::format("not decided: {}", match.why));
    return Exit::state;
}

}  // namespace

Result<Exit> pattern_check(const PatternCheckOptions& options, Context& context) {
    ENTENTE_TRY(const Dialect dialect, dialect_of(options.stix_version));
    bool sound = true;
    const auto one = [&](std::string_view text, std::size_t) -> Result<void> {
        const Judgement judgement = judge(text, dialect);
        tell(text, judgement, context);
        sound = sound && judgement.sound;
        return {};
    };
    for (const std::string& word : options.patterns)
        ENTENTE_CHECK(word == "-" ? each_line(word, one) : one(as_typed(word), 0));
    if (stop_requested()) return Exit::interrupted;
    return sound ? Exit::ok : Exit::usage;
}

Result<Exit> pattern_explain(const PatternExplainOptions& options, Context& context) {
    ENTENTE_TRY(const Dialect dialect, dialect_of(options.stix_version));
    const std::string_view text = as_typed(options.pattern);
    const auto parsed = pattern::parse(text, dialect);
    if (!parsed) return bad_pattern(text, parsed.error(), context);
    const std::string canonical = pattern::print(*parsed);
    const std::string words = pattern::explain(*parsed);
    context.out.document({{"pattern", canonical}, {"explanation", words}});
    context.out.line(canonical);
    if (!context.out.json()) context.out.raw(indented(words, ""));
    return Exit::ok;
}

Result<Exit> pattern_match(const PatternMatchOptions& options, Context& context) {
    ENTENTE_TRY(const Dialect dialect, dialect_of(options.stix_version));
    if (!options.cases.empty()) {
        if (!options.pattern.empty() || !options.observed.empty()) {
            return fail(Errc::invalid_argument, "--cases goes without --pattern and --observed");
        }
        return match_cases(options, context);
    }
    if (options.pattern.empty() || options.observed.empty()) {
        return fail(Errc::invalid_argument, "give --pattern and --observed, or --cases");
    }
    const EvaluateOptions evaluating{dialect, options.reference};
    const std::string_view words = as_typed(options.pattern);
    const auto parsed = pattern::parse(words, dialect);
    if (!parsed) return bad_pattern(words, parsed.error(), context);
    if (const auto wrong = pattern::flaw(*parsed, evaluating)) {
        return bad_pattern(words, *wrong, context);
    }
    std::string text;
    const auto keep = [&text](std::string_view bytes) -> Result<void> {
        text += bytes;
        return {};
    };
    ENTENTE_CHECK(decode_file(options.observed, keep, limits::pattern_observed_bytes_max));
    if (stop_requested()) return Exit::interrupted;
    const auto observed = pattern::ObservationSet::read_text(text, evaluating);
    if (!observed) return bad_observations(options, observed.error(), context);
    const auto match = pattern::evaluate(*parsed, *observed, evaluating);
    if (!match) return bad_observations(options, match.error(), context);
    return tell(*match, observed->size(), context);
}

}  // namespace entente::cli
