#include "cli/validate.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/stop.h"
#include "cli/validate_read.h"

#include <fmt/format.h>

namespace entente::cli {
namespace {

constexpr std::uint64_t examples_asked_max = 100;

Result<stix::Spec> read_spec(const std::string& word) {
    if (word.empty()) return stix::Spec::as_stated;
    if (word == "2.0") return stix::Spec::v20;
    if (word == "2.1") return stix::Spec::v21;
    return fail(
        Errc::invalid_argument, fmt::format("--spec is 2.0 or 2.1, not '{}'", printable(word, 100))
    );
}

/// `{"line":1,"valid":true,"findings":[]}`, made by hand: there may be a million a second.
void append_answer(
    std::string& out,
    const LineAnswer& answer,
    const std::string* file,
    const Ignored& ignored,
    bool strict
) {
    std::string findings;
    bool valid = true;
    for (const stix::Finding& finding : answer.findings) {
        if (ignored.has(finding)) continue;
        const bool must = finding.level == stix::Level::must;
        if (must || strict) valid = false;
        findings += findings.empty() ? "" : ",";
        findings += must ? R"({"level":"must","code":)" : R"({"level":"should","code":)";
        findings += finding.code == 0 ? "null" : std::to_string(finding.code);
        findings += R"(,"rule":)";
        findings += json_string(finding.rule);
        findings += R"(,"pointer":)";
        findings += json_string(finding.pointer);
        findings += R"(,"message":)";
        findings += json_string(finding.message);
        findings += '}';
    }
    out += '{';
    if (file != nullptr) out += R"("file":)" + json_string(*file) + ',';
    out +=
        fmt::format(R"("line":{},"valid":{},"findings":[{}]}})", answer.at.line, valid, findings);
    out += '\n';
}

/// Checks line by line; with --json each line has its answer at once.
void check_lines(
    const std::vector<ValidateInput>& inputs,
    Reading& reading,
    LineJudge& judge,
    Report& report,
    const Ignored& ignored,
    const ValidateOptions& options,
    Context& context
) {
    const bool json = options.common.json;
    std::string out;
    std::string name;
    read_lines(
        inputs,
        reading,
        judge,
        report,
        [&](const LineAnswer& answer) {
            report.take({answer.text, answer.at, answer.facts}, answer.findings);
            if (!json) return;
            name = shown_name(inputs[answer.at.file].path);
            append_answer(
                out, answer, inputs.size() > 1 ? &name : nullptr, ignored, options.strict
            );
        },
        [&] {
            if (!json) return;
            // Who waits for the answers to what it sent so far shall have them.
            context.out.raw(out);
            context.out.flush();
            out.clear();
        }
    );
    if (json) context.out.raw(out);
}

/// With answers by line on standard output, what is unreadable has to be told elsewhere.
void tell_unreadable(const Report& report, Context& context) {
    for (const std::string& line : report.unreadable_lines())
        context.note(line);
}

}  // namespace

Exit validate_exit(bool sound, bool readable) noexcept {
    return static_cast<Exit>(
        (sound ? 0 : static_cast<int>(Exit::unsound)) |
        (readable ? 0 : static_cast<int>(Exit::unreadable))
    );
}

Result<Exit> validate(const ValidateOptions& options, Context& context) {
    ENTENTE_TRY(const stix::Spec spec, read_spec(options.spec));
    ENTENTE_TRY(const Ignored ignored, Ignored::read(options.ignore));
    if (options.examples > examples_asked_max) {
        return fail(
            Errc::invalid_argument, fmt::format("--examples is at most {}", examples_asked_max)
        );
    }
    if (options.each_line && options.enforce_refs) {
        return fail(
            Errc::invalid_argument,
            "--enforce-refs needs all that is given, and --each-line looks at each line alone"
        );
    }
    ENTENTE_TRY(const std::vector<ValidateInput> inputs, find_inputs(options.files));
    const std::int64_t started = context.clock.monotonic_us();
    Report report(
        {.strict = options.strict, .examples_max = static_cast<std::size_t>(options.examples)},
        ignored
    );
    for (const ValidateInput& input : inputs)
        report.add_input(shown_name(input.path));
    stix::Checker checker;
    const CheckObject check = [&checker](std::string_view json, const stix::CheckOptions& how)
        -> const std::vector<stix::Finding>& { return checker.check(json, how); };
    std::uint64_t bytes = 0;
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "checking"
        );
        Reading reading(inputs, progress);
        if (options.each_line) {
            LineJudge judge(spec, check, context.random);
            check_lines(inputs, reading, judge, report, ignored, options, context);
        } else {
            Judge judge({spec, options.enforce_refs}, check, report, context.random);
            read_objects(inputs, reading, judge, report);
        }
        bytes = reading.bytes();
    }
    if (stop_requested()) report.interrupted();
    const std::int64_t elapsed = context.clock.monotonic_us() - started;
    if (options.each_line && options.common.json) {
        tell_unreadable(report, context);
    } else {
        context.out.document(report.document(bytes, elapsed));
    }
    for (const std::string& line : report.lines(bytes, elapsed))
        context.out.line(line);
    if (stop_requested()) return Exit::interrupted;
    return validate_exit(report.sound(), report.readable());
}

}  // namespace entente::cli
