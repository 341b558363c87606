// agreement add, receive, send, map, bind, unbind.
#include "base/escape.h"
#include "cli/agreement_commands.h"
#include "cli/agreement_subject.h"
#include "cli/change.h"
#include "cli/find.h"
#include "cli/key_files.h"
#include "exchange/agreement_changes.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace entente::cli {
namespace {

/// What a user who brings papers has to do next, for each agreement that they changed.
void tell_next(const std::vector<Outcome>& outcomes, const Common& common, Context& context) {
    if (context.out.json()) return;
    std::set<std::string> ids;
    for (const Outcome& o : outcomes) {
        if (o.what == Outcome::What::taken) ids.insert(o.paper.agreement);
    }
    for (const std::string& id : ids) {
        const auto subject = read_subject(id, common, context);
        if (!subject) continue;  // the command itself is done
        for (const std::string& step : next_steps(*subject))
            context.out.line(fmt::format("next: {}", step));
    }
}

/// Shows the agreement anew after a change of where it acts.
Result<Exit> show_after(const std::string& id, const Common& common, Context& context) {
    ENTENTE_TRY(const Subject subject, read_subject(id, common, context));
    context.out.document(standing_json(subject));
    context.out.field("agreement", subject.document.id);
    context.out.field("title", subject.document.title);
    show_standing(subject, context);
    return Exit::ok;
}

Result<Exit> change_binding(const AgreementBindOptions& options, bool bound, Context& context) {
    using Way = store::AgreementBinding::Way;
    if (options.out == options.in) {
        return fail(
            Errc::invalid_argument,
            "say one of --out (its flows give what the collection holds) and --in (what partners "
            "publish by them comes into it)"
        );
    }
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    ENTENTE_TRY(const auto* known, on.find(options.id));
    ENTENTE_TRY(
        const store::Collection collection, find_collection(on.state.directory, options.collection)
    );
    const store::AgreementBinding row{
        .agreement = known->id,
        .flow = options.flow,
        .collection = collection.no,
        .way = options.out ? Way::out : Way::in};
    const bool there = std::ranges::find(known->bindings, row) != known->bindings.end();
    if (there == bound) {
        return fail(
            bound ? Errc::conflict : Errc::not_found,
            fmt::format(
                "'{}' is {} that way; `entente agreement show {}` tells what is bound",
                printable(collection.title),
                bound ? "bound already" : "not bound",
                short_id(known->id)
            )
        );
    }
    ENTENTE_CHECK(in_transaction(on.node.store(), [&](store::Transaction& tx) {
        return exchange::bind_collection(tx, context.clock, row, bound, {});
    }));
    return show_after(known->id, options.common, context);
}

}  // namespace

Result<Exit> agreement_add(const AgreementFilesOptions& options, Context& context) {
    std::vector<Paper> papers;
    for (const std::string& file : options.files) {
        ENTENTE_TRY(std::vector<Paper> more, read_papers_from(file));
        std::move(more.begin(), more.end(), std::back_inserter(papers));
    }
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    ENTENTE_TRY(
        const std::vector<Outcome> outcomes,
        take_papers(on, context.clock, papers, Taking::what_counts)
    );
    ENTENTE_TRY(const Exit exit, tell_outcomes(outcomes, context));
    tell_next(outcomes, options.common, context);
    return exit;
}

Result<Exit> agreement_send(const AgreementSendOptions& options, Context& context) {
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    ENTENTE_TRY(const auto* known, on.find(options.id));
    const std::vector<Paper> papers = on.papers(known->id);
    ENTENTE_TRY(const std::string text, pack_text(papers));
    if (options.out.empty() || options.out == "-") {
        context.out.raw(text);
        return Exit::ok;
    }
    ENTENTE_CHECK(write_new_file(options.out, text, Readers::all));
    context.out.document(
        {{"agreement", known->id}, {"records", papers.size()}, {"file", options.out}}
    );
    context.out.field("agreement", known->id);
    context.out.field("records", std::to_string(papers.size()));
    context.out.field("file", options.out);
    context.out.line("The partners take it with: entente agreement receive FILE");
    return Exit::ok;
}

Result<Exit> agreement_map(const AgreementMapOptions& options, Context& context) {
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    ENTENTE_TRY(const auto* known, on.find(options.id));
    store::AgreementParty row{.agreement = known->id, .pid = options.pid, .party = {}};
    if (options.party != "none") {
        ENTENTE_TRY(const store::Party party, find_party(on.state.directory, options.party));
        row.party = party.no;
    }
    ENTENTE_CHECK(in_transaction(on.node.store(), [&](store::Transaction& tx) {
        return exchange::map_party(tx, context.clock, row, {});
    }));
    return show_after(known->id, options.common, context);
}

Result<Exit> agreement_bind(const AgreementBindOptions& options, Context& context) {
    return change_binding(options, true, context);
}

Result<Exit> agreement_unbind(const AgreementBindOptions& options, Context& context) {
    return change_binding(options, false, context);
}

}  // namespace entente::cli
