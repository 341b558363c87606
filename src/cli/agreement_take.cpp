// Taking papers into a node.
#include "base/hash.h"
#include "cli/agreement_subject.h"
#include "cli/change.h"
#include "exchange/agreement_changes.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Life;
using store::AgreementRecord;
using Kind = agreement::Record::Kind;

// Each round takes at least one more; a pack stands in an order that works, so this is for files
// that were named in any order.
constexpr int rounds_max = 64;

AgreementRecord::Kind stored_kind(Kind kind) {
    switch (kind) {
        case Kind::document:
            return AgreementRecord::Kind::document;
        case Kind::signature:
            return AgreementRecord::Kind::signature;
        case Kind::statement:
            return AgreementRecord::Kind::statement;
    }
    return AgreementRecord::Kind::statement;
}

/// Finds an order in which papers count: a signature after its document, what follows after what
/// it follows. Costs one check of signatures for each paper, not one for each paper and change.
class Planner {
  public:
    Planner(const NodeAgreements& on, const std::vector<Paper>& papers) : on_(on) {
        std::set<std::string> seen;
        for (const AgreementRecord& r : on.state.directory.agreement_records)
            seen.insert(to_hex(sha256(r.body)));
        for (const Paper& paper : papers) {
            const bool first = seen.insert(to_hex(sha256(paper.body))).second;
            Outcome outcome;
            outcome.what = first ? Outcome::What::refused : Outcome::What::known;
            outcome.paper = paper;
            outcomes_.push_back(std::move(outcome));
            if (first) pending_.push_back(outcomes_.size() - 1);
        }
    }

    void run() {
        for (int round = 0; round < rounds_max && !pending_.empty(); ++round) {
            std::vector<std::size_t> left;
            for (const std::size_t i : pending_) {
                if (!fits(outcomes_[i]))
                    left.push_back(i);
                else
                    order_.push_back(i);
            }
            if (left.size() == pending_.size()) break;
            pending_ = std::move(left);
        }
    }

    [[nodiscard]] const std::vector<std::size_t>& order() const noexcept { return order_; }

    [[nodiscard]] std::vector<Outcome>& outcomes() noexcept { return outcomes_; }

  private:
    bool fits(Outcome& outcome) {
        const Paper& paper = outcome.paper;
        auto taken =
            life(paper.agreement).add({.kind = paper.kind, .body = paper.body, .at = on_.now});
        if (taken) {
            outcome.what = Outcome::What::taken;
        } else {
            outcome.error = std::move(taken).error();
        }
        return outcome.what == Outcome::What::taken;
    }

    Life& life(const std::string& id) {
        const auto at = lives_.find(id);
        if (at != lives_.end()) return at->second;
        const auto* known = on_.state.agreements.find(id);
        const auto& keys = on_.state.agreements.keys();
        return lives_.emplace(id, known != nullptr ? known->life : Life({}, keys)).first->second;
    }

    const NodeAgreements& on_;
    std::map<std::string, Life> lives_;
    std::vector<Outcome> outcomes_;
    std::vector<std::size_t> pending_;
    std::vector<std::size_t> order_;
};

std::string_view what_name(Outcome::What what) {
    switch (what) {
        case Outcome::What::taken:
            return "taken";
        case Outcome::What::known:
            return "known already";
        case Outcome::What::refused:
            return "refused";
    }
    return "?";
}

/// A single paper that was refused is the command's own failure.
Result<Exit> tell_outcomes(
    const std::vector<Outcome>& outcomes, const store::Directory& directory, Context& context
) {
    if (outcomes.size() == 1 && outcomes.front().what == Outcome::What::refused) {
        return tl::unexpected<Error>(outcomes.front().error);
    }
    Exit exit = Exit::ok;
    for (const Outcome& o : outcomes) {
        json::object shown{
            {"agreement", o.paper.agreement},
            {"kind", kind_name(o.paper.kind)},
            {"outcome", what_name(o.what)},
            {"about", describe(o.paper)}};
        std::string line = fmt::format(
            "{}: {}, {}", what_name(o.what), short_id(o.paper.agreement), describe(o.paper)
        );
        if (o.what == Outcome::What::taken) {
            shown["before"] = agreement::stage_text(o.before);
            shown["after"] = agreement::stage_text(o.after);
            line += o.before == o.after ? fmt::format("; it is {}", agreement::stage_text(o.after))
                                        : fmt::format(
                                              "; it was {} and is {}",
                                              agreement::stage_text(o.before),
                                              agreement::stage_text(o.after)
                                          );
        }
        if (!o.told.queued.empty() || !o.told.no_address.empty())
            add_told(shown, o.told, directory);
        if (o.what == Outcome::What::refused) {
            shown["reason"] = o.error.detail;
            line += ": " + o.error.detail;
            exit = Exit::refused;
        }
        context.out.document(shown);
        context.out.line(line);
    }
    return exit;
}

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

}  // namespace

Result<std::vector<Outcome>> take_papers(
    const NodeAgreements& on, const Clock& clock, const std::vector<Paper>& papers, Taking taking
) {
    Planner plan(on, papers);
    plan.run();
    if (taking == Taking::all) {
        for (const Outcome& o : plan.outcomes()) {
            if (o.what == Outcome::What::refused) return tl::unexpected<Error>(o.error);
        }
    }
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        for (const std::size_t i : plan.order()) {
            Outcome& outcome = plan.outcomes()[i];
            const exchange::AgreementStep step{
                .kind = stored_kind(outcome.paper.kind), .body = outcome.paper.body, .user = {}};
            ENTENTE_TRY(const exchange::TakenRecord taken, exchange::take_record(tx, clock, step));
            outcome.before = taken.before;
            outcome.after = taken.after;
            outcome.told = taken.told;
        }
        return {};
    };
    if (!plan.order().empty()) ENTENTE_CHECK(in_transaction(on.node.store(), work));
    return std::move(plan.outcomes());
}

Result<Exit> take_and_tell(
    const std::vector<Paper>& papers, const Common& common, Context& context
) {
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(common, context.clock));
    ENTENTE_TRY(
        const std::vector<Outcome> outcomes,
        take_papers(on, context.clock, papers, Taking::what_counts)
    );
    ENTENTE_TRY(const Exit exit, tell_outcomes(outcomes, on.state.directory, context));
    tell_next(outcomes, common, context);
    return exit;
}

}  // namespace entente::cli
