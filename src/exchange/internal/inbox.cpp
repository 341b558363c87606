#include "exchange/internal/inbox.h"

#include "agreement/stix_object.h"
#include "base/limits.h"
#include "exchange/agreement_changes.h"
#include "exchange/internal/agreement_steps.h"
#include "ledger/note.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace entente::exchange {
namespace {

using agreement::Life;
using store::AgreementRecord;
using store::PartyNo;
using Kind = AgreementRecord::Kind;
using Paper = PostedAgreement::Paper;

// Said of an agreement that the poster is no party to, known here or not: it must not be told
// which.
constexpr std::string_view not_yours =
    "this node takes here only agreements between its own party and yours, which name the keys of "
    "both; anything else a person here takes: entente agreement receive";

// Each round takes at least one more, and what is posted stands in an order that works.
constexpr int rounds_max = 16;

Result<Paper> read_note(const std::string& text, const std::string& agreement) {
    Paper paper{
        .kind = Kind::statement, .body = text, .digest = to_hex(sha256(text)), .document = {}};
    ENTENTE_TRY(const ledger::Note note, ledger::parse_note(text));
    std::string about;
    if (const auto statement = agreement::read_statement(note.text)) {
        about = statement->id;
    } else {
        ENTENTE_TRY(const agreement::SignedText said, agreement::read_signed_text(note.text));
        about = said.id;
        paper.kind = Kind::signature;
        paper.document = to_hex(said.digest);
    }
    if (about != agreement) {
        return fail(Errc::unprocessable, "/notes: one is about another agreement");
    }
    return paper;
}

Result<PostedAgreement> read_one(std::string_view json) {
    ENTENTE_TRY(const agreement::Carried carried, agreement::from_stix(json));
    PostedAgreement posted;
    for (const std::string& text : carried.documents) {
        ENTENTE_TRY(posted.documents.emplace_back(), agreement::read_document(text));
    }
    posted.agreement = posted.documents.front().id;
    const auto add = [&](const agreement::Document& d) {
        posted.papers.push_back(
            {.kind = Kind::document,
             .body = d.canonical,
             .digest = to_hex(sha256(d.canonical)),
             .document = to_hex(d.digest)}
        );
    };
    // Who has left before a version was drafted need not sign it: notes go before later versions.
    add(posted.documents.front());
    for (const std::string& text : carried.notes) {
        ENTENTE_TRY(posted.papers.emplace_back(), read_note(text, posted.agreement));
    }
    for (std::size_t i = 1; i < posted.documents.size(); ++i)
        add(posted.documents[i]);
    return posted;
}

agreement::Record record_of(const Paper& paper, Micros now) {
    using To = agreement::Record::Kind;
    const To kind = paper.kind == Kind::document    ? To::document
                    : paper.kind == Kind::signature ? To::signature
                                                    : To::statement;
    return {.kind = kind, .body = paper.body, .at = now};
}

/// Which of the posted papers count, and in which order.
struct Plan {
    std::vector<const Paper*> order;
    std::size_t known = 0;
    std::size_t aside = 0;   // unsigned, or overtaken by what is known here
    std::size_t looked = 0;  // papers that were judged
    std::size_t more = 0;    // papers that were not: their turn comes when it is sent again
    std::vector<std::string> wrong;
};

class Taking {
  public:
    Taking(WriteState& state, const Clock& clock, const store::User& user)
        : state_(state),
          clock_(clock),
          user_(user),
          now_(judged_at(state.tx(), clock)) {}

    /// What the poster is told of it. Fails with why nothing, or not all of it, was taken.
    Result<std::string> take(const PostedAgreement& posted) {
        if (changed_) state_.reload();
        const auto* known = state_.state().agreements.find(posted.agreement);
        if (!both_are_parties(posted, known != nullptr)) {
            return fail(Errc::forbidden, std::string(not_yours));
        }
        ENTENTE_CHECK(room_for(posted, known != nullptr));
        const Life before =
            known != nullptr ? known->life : Life({}, state_.state().agreements.keys());
        const Plan plan = plan_of(posted, before);
        if (known == nullptr && !vouched_for(plan, before)) {
            return fail(
                Errc::forbidden,
                "nobody whose card this node has has signed it: a new agreement comes with a "
                "signature, or a person here takes it: entente agreement receive"
            );
        }
        return run(posted, plan);
    }

    [[nodiscard]] bool changed() const noexcept { return changed_; }

  private:
    [[nodiscard]] bool both_are_parties(const PostedAgreement& posted, bool known) const {
        std::set<PartyNo> named;
        if (known) {
            const auto* point = state_.state().agreements.point(posted.agreement);
            for (const auto& [pid, party] : point->parties)
                named.insert(party);
        } else {
            for (const auto& row : mapped_parties(state_.state(), posted.documents.front()))
                named.insert(row.party);
        }
        return named.contains(user_.party) && named.contains(state_.state().own_party().no);
    }

    [[nodiscard]] Result<void> room_for(const PostedAgreement& posted, bool known) const {
        const store::Directory& directory = state_.state().directory;
        const auto there = std::ranges::count(
            directory.agreement_records, posted.agreement, &AgreementRecord::agreement
        );
        if (static_cast<std::size_t>(there) >= limits::agreement_inbox_records_max) {
            return fail(
                Errc::overloaded,
                fmt::format(
                    "{} records of it are here; what comes beyond a person takes: entente "
                    "agreement receive",
                    there
                )
            );
        }
        if (known) return {};
        std::size_t unsigned_here = 0;
        for (const agreement::Standpoint& point : state_.state().agreements.points()) {
            const auto stage = point.standing.stage;
            if (stage == agreement::Stage::drafted || stage == agreement::Stage::proposed)
                ++unsigned_here;
        }
        if (unsigned_here < limits::agreement_inbox_unsigned_max) return {};
        return fail(
            Errc::overloaded, "too many agreements wait here for a signature to take another"
        );
    }

    /// An order in which the papers that `wanted` lets through count.
    template <class Wanted>
    [[nodiscard]] Plan ordered(const PostedAgreement& posted, Life& life, const Wanted& wanted)
        const {
        Plan plan;
        std::set<std::string, std::less<>> seen;
        for (const AgreementRecord& r : state_.state().directory.agreement_records) {
            if (r.agreement == posted.agreement) seen.insert(to_hex(sha256(r.body)));
        }
        std::vector<std::pair<const Paper*, Error>> pending;
        for (const Paper& paper : posted.papers) {
            if (!seen.insert(paper.digest).second) {
                ++plan.known;
            } else if (looked_ + plan.looked >= looked_max) {
                ++plan.more;
            } else if (++plan.looked; wanted(paper)) {
                pending.emplace_back(&paper, Error{});
            } else {
                ++plan.aside;
            }
        }
        for (int round = 0; round < rounds_max && !pending.empty(); ++round) {
            std::vector<std::pair<const Paper*, Error>> left;
            for (auto& [paper, error] : pending) {
                if (auto added = life.add(record_of(*paper, now_)); added) {
                    plan.order.push_back(paper);
                } else {
                    left.emplace_back(paper, std::move(added).error());
                }
            }
            const bool none = left.size() == pending.size();
            pending = std::move(left);
            if (none) break;
        }
        for (auto& [paper, error] : pending) {
            if (error.code == Errc::conflict) {
                ++plan.aside;
            } else {
                plan.wrong.push_back(error.detail);
            }
        }
        return plan;
    }

    /// A document counts only with a signature under it: anybody can write one.
    [[nodiscard]] Plan plan_of(const PostedAgreement& posted, const Life& before) const {
        std::set<std::string, std::less<>> supported;
        for (const Paper& paper : posted.papers) {
            if (paper.kind == Kind::signature) supported.insert(paper.document);
        }
        constexpr int tries_max = 3;  // a draft whose signature does not count takes one
        for (int tries = 0; tries < tries_max; ++tries) {
            Life life = before;
            Plan plan = ordered(posted, life, [&](const Paper& paper) {
                return paper.kind == Kind::statement || supported.contains(paper.document);
            });
            std::set<std::string, std::less<>> counted;
            for (const auto& s : life.at(now_).signatures)
                counted.insert(to_hex(s.digest));
            const auto bare = [&](const Paper* paper) {
                return paper->kind == Kind::document && !counted.contains(paper->document);
            };
            if (std::ranges::none_of(plan.order, bare)) return plan;
            for (const Paper* paper : plan.order) {
                if (bare(paper)) supported.erase(paper->document);
            }
        }
        Plan none;
        none.wrong.emplace_back("too many versions without a signature that counts");
        return none;
    }

    /// One who signed it is known here by its card.
    [[nodiscard]] bool vouched_for(const Plan& plan, Life life) const {
        for (const Paper* paper : plan.order)
            (void)life.add(record_of(*paper, now_));
        const auto signatures = life.at(now_).signatures;
        return std::ranges::any_of(signatures, [&](const auto& s) {
            return state_.state().agreements.party_of_key(s.key).has_value();
        });
    }

    Result<std::string> run(const PostedAgreement& posted, const Plan& plan) {
        const std::size_t now =
            std::min(plan.order.size(), limits::agreement_inbox_step_max - taken_);
        const std::size_t more = plan.more + plan.order.size() - now;
        looked_ += plan.looked;
        std::vector<std::string> wrong = plan.wrong;
        std::size_t taken = 0;
        for (std::size_t i = 0; i < now; ++i) {
            const auto done = take_record(
                state_.tx(),
                clock_,
                {.kind = plan.order[i]->kind,
                 .body = plan.order[i]->body,
                 .user = user_.no,
                 .from = user_.party}
            );
            if (!done) {
                wrong.push_back(done.error().detail);
                continue;
            }
            ++taken;
            ++taken_;
            changed_ = true;
        }
        std::string text = fmt::format(
            "agreement {}: {} new records taken, {} known", posted.agreement, taken, plan.known
        );
        if (plan.aside > 0) {
            text += fmt::format(", {} left aside (unsigned, or overtaken here)", plan.aside);
        }
        if (more > 0) {
            return fail(
                Errc::overloaded,
                fmt::format("{}; {} more are taken when it is sent again", text, more)
            );
        }
        if (wrong.empty()) return text;
        return fail(
            Errc::unprocessable,
            fmt::format("{}; {} do not count, first: {}", text, wrong.size(), wrong.front())
        );
    }

    WriteState& state_;
    const Clock& clock_;
    const store::User& user_;
    Micros now_;
    // Of the whole request: verifying costs 0.1 ms, and acting on a record more, in the writer's
    // time.
    static constexpr std::size_t looked_max = 2 * limits::agreement_inbox_step_max;
    std::size_t looked_ = 0;
    std::size_t taken_ = 0;
    bool changed_ = false;
};

}  // namespace

std::vector<PostedAgreement> read_posted(std::vector<Candidate>& candidates) {
    std::vector<PostedAgreement> all;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        Candidate& c = candidates[i];
        if (!c.object || c.object->type != agreement::agreement_stix_type) continue;
        const stix::Object object = std::move(*c.object);
        c.object.reset();
        if (all.size() == limits::agreement_inbox_objects_max) {
            c.outcome.message = fmt::format(
                "at most {} agreements are taken of one request",
                limits::agreement_inbox_objects_max
            );
            continue;
        }
        auto posted = read_one(object.body);
        if (!posted) {
            c.outcome.message = posted.error().detail;
            continue;
        }
        posted->candidate = i;
        all.push_back(std::move(*posted));
    }
    return all;
}

bool take_posted(
    WriteState& state,
    const Clock& clock,
    const store::User& user,
    const std::vector<PostedAgreement>& posted,
    std::vector<Candidate>& candidates
) {
    Taking taking(state, clock, user);
    for (const PostedAgreement& p : posted) {
        Outcome& outcome = candidates[p.candidate].outcome;
        auto told = taking.take(p);
        outcome.accepted = told.has_value();
        outcome.message = told ? std::move(*told) : told.error().detail;
    }
    if (taking.changed()) state.reload();
    return taking.changed();
}

}  // namespace entente::exchange
