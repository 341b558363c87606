// agreement add, map, bind, unbind.
#include "base/escape.h"
#include "cli/agreement_commands.h"
#include "cli/agreement_subject.h"
#include "cli/change.h"
#include "cli/find.h"
#include "exchange/agreement_changes.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace entente::cli {
namespace {

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
    return take_and_tell(papers, options.common, context);
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
