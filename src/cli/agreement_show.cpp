// agreement show, diff, list, check.
#include "agreement/diff.h"
#include "agreement/prose.h"
#include "cli/agreement_changes_text.h"
#include "cli/agreement_commands.h"
#include "cli/agreement_subject.h"
#include "exchange/agreement_changes.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Document;

void print_lines(std::string_view text, Context& context) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        context.out.line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

json::array terms_json(const Document& document) {
    json::array terms;
    for (const agreement::Sentence& s : agreement::sentences(document)) {
        terms.push_back(json::object{
            {"place", s.place},
            {"text", s.text},
            {"indent", s.indent},
            {"enforcement", agreement::enforcement_text(s.place)}});
    }
    return terms;
}

/// What is wrong with an agreement of a node, beside what its records say of themselves.
std::vector<std::string> node_findings(const Subject& subject) {
    std::vector<std::string> findings = subject.life->problems();
    const std::string& id = subject.life->id();
    for (const store::ActNo act :
         exchange::broken_links(*subject.on->node.store().snapshot(), id)) {
        findings.push_back(fmt::format(
            "act {} does not follow from the one before it: the record of what was done was "
            "changed",
            agreement::raw(act)
        ));
    }
    return findings;
}

/// A document that no reader takes.
Exit check_file(const AgreementReadOptions& options, const Error& error, Context& context) {
    context.out.document(
        {{"subject", options.subject},
         {"sound", false},
         {"findings", json::array{error.detail}},
         {"next_steps", json::array{}}}
    );
    context.out.field("wrong", error.detail);
    return Exit::findings;
}

}  // namespace

Result<Exit> agreement_show(const AgreementReadOptions& options, Context& context) {
    ENTENTE_TRY(const Subject subject, read_subject(options.subject, options.common, context));
    json::object shown = standing_json(subject);
    shown["document"] = json::parse(subject.document.canonical);
    shown["terms"] = terms_json(subject.document);
    const std::vector<std::string> steps = next_steps(subject);
    shown["next_steps"] = json::array(steps.begin(), steps.end());
    context.out.document(shown);
    print_lines(agreement::prose(subject.document), context);
    context.out.line("");
    show_standing(subject, context);
    for (const std::string& step : steps)
        context.out.field("next", step);
    return Exit::ok;
}

Result<Exit> agreement_diff(const AgreementReadOptions& options, Context& context) {
    ENTENTE_TRY(const Subject before, read_subject(options.subject, options.common, context));
    ENTENTE_TRY(const Subject after, read_subject(options.other, options.common, context));
    const agreement::Diff diff = agreement::diff(before.document, after.document);
    context.out.document(
        {{"changes", changes_json(diff)},
         {"widened", json::array(diff.widened.begin(), diff.widened.end())}}
    );
    if (diff.differences.empty()) {
        context.out.line("no term differs");
        return Exit::findings;
    }
    for (const std::string& line : change_lines(diff))
        context.out.line(line);
    return Exit::ok;
}

Result<Exit> agreement_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options, context.clock));
    Table table({"ID", "TITLE", "STAGE", "VERSION", "PARTIES", "MISSING"});
    for (const exchange::Agreements::Known& known : on.state.agreements.all()) {
        const agreement::Standing standing = known.life.at(on.now);
        const Document* d = standing.document != nullptr ? standing.document : standing.next;
        if (d == nullptr) continue;
        std::vector<std::string> pids;
        for (const agreement::PartyTerm& party : d->parties)
            pids.push_back(party.pid);
        context.out.document(
            {{"id", known.id},
             {"title", d->title},
             {"stage", agreement::stage_text(standing.stage)},
             {"version", d->version},
             {"parties", json::array(pids.begin(), pids.end())},
             {"missing", json::array(standing.missing.begin(), standing.missing.end())}}
        );
        table.row(
            {short_id(known.id),
             d->title,
             std::string(agreement::stage_text(standing.stage)),
             std::to_string(d->version),
             fmt::format("{}", fmt::join(pids, ", ")),
             fmt::format("{}", fmt::join(standing.missing, ", "))}
        );
    }
    context.out.table(table, "no agreements");
    return Exit::ok;
}

Result<Exit> agreement_check(const AgreementReadOptions& options, Context& context) {
    const auto subject = read_subject(options.subject, options.common, context);
    if (!subject && subject.error().code == Errc::unprocessable)
        return check_file(options, subject.error(), context);
    if (!subject) return tl::unexpected<Error>(subject.error());
    std::vector<std::string> findings;
    if (subject->life) findings = subject->on ? node_findings(*subject) : subject->life->problems();
    const std::vector<std::string> steps = next_steps(*subject);
    json::object shown{
        {"subject", options.subject},
        {"id", subject->document.id},
        {"sound", findings.empty()},
        {"findings", json::array(findings.begin(), findings.end())},
        {"next_steps", json::array(steps.begin(), steps.end())}};
    if (subject->life) shown["stage"] = agreement::stage_text(subject->standing.stage);
    context.out.document(shown);
    context.out.field("agreement", subject->document.id);
    context.out.field("title", subject->document.title);
    if (subject->life) context.out.field("stage", agreement::stage_text(subject->standing.stage));
    for (const std::string& finding : findings)
        context.out.field("wrong", finding);
    for (const std::string& step : steps)
        context.out.field("next", step);
    if (findings.empty()) context.out.line("nothing is wrong with it");
    return findings.empty() ? Exit::ok : Exit::findings;
}

}  // namespace entente::cli
