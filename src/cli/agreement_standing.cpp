// How an agreement stands, for people and programs.
#include "cli/agreement_subject.h"
#include "cli/find.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Document;
using agreement::Stage;
using agreement::Standing;
using store::AgreementBinding;

std::string_view way_name(AgreementBinding::Way way) {
    return way == AgreementBinding::Way::out ? "out" : "in";
}

const std::vector<AgreementBinding>& bindings_of(const Subject& subject) {
    static const std::vector<AgreementBinding> none;
    if (!subject.on) return none;
    const auto* known = subject.on->state.agreements.find(subject.life->id());
    return known == nullptr ? none : known->bindings;
}

json::object signed_json(const Standing::Signed& s) {
    return {
        {"pid", s.pid},
        {"version", s.version},
        {"digest", to_hex(s.digest)},
        {"person", s.person},
        {"office", s.office},
        {"key", ledger::verifier_text(s.key)},
        {"fingerprint", ledger::fingerprint(s.key)},
        {"at", format_taxii(s.at)}};
}

std::string signed_words(const Subject& subject, const Standing::Signed& s) {
    std::string by;
    if (!s.person.empty()) by += ", " + s.person;
    if (!s.office.empty()) by += ", " + s.office;
    return fmt::format(
        "version {} by {}{}, {}, key {} {}",
        s.version,
        subject.pid_words(s.pid),
        by,
        subject.on ? "taken here " + format_taxii(s.at) : std::string("in this file"),
        s.key.name,
        ledger::fingerprint(s.key)
    );
}

json::array parties_json(const Subject& subject) {
    json::array parties;
    for (const agreement::PartyTerm& term : subject.document.parties) {
        json::object party{{"pid", term.pid}, {"name", term.name}};
        if (subject.on) {
            const store::Party* here = subject.on->party(subject.life->id(), term.pid);
            party["party"] = here == nullptr ? json::value() : json::value(here->name);
        }
        parties.push_back(std::move(party));
    }
    return parties;
}

/// Whoever the newest versions name and nobody here is.
std::vector<std::string> unmapped(const Subject& subject) {
    std::vector<std::string> pids;
    for (const Document* d : {subject.standing.document, subject.standing.next}) {
        if (d == nullptr) continue;
        for (const agreement::PartyTerm& term : d->parties) {
            if (subject.on->party(d->id, term.pid) == nullptr &&
                std::ranges::find(pids, term.pid) == pids.end()) {
                pids.push_back(term.pid);
            }
        }
    }
    return pids;
}

bool is_bound(const Subject& subject, std::string_view fid, AgreementBinding::Way way) {
    return std::ranges::any_of(bindings_of(subject), [&](const AgreementBinding& b) {
        return b.way == way && (b.flow.empty() || b.flow == fid);
    });
}

void add_node_steps(const Subject& subject, std::vector<std::string>& steps) {
    const std::string id = short_id(subject.life->id());
    for (const std::string& pid : unmapped(subject)) {
        steps.push_back(fmt::format(
            "{} is no party of this node and gets and gives nothing: entente agreement map {} {} "
            "PARTY",
            subject.pid_words(pid),
            id,
            pid
        ));
    }
    const std::string own = subject.on->own_pid(subject.life->id());
    if (own.empty()) return;
    const Document& document =
        subject.standing.document != nullptr ? *subject.standing.document : subject.document;
    for (const agreement::Flow& flow : document.flows) {
        const bool gives = std::ranges::find(flow.from, own) != flow.from.end();
        if (gives && !is_bound(subject, flow.fid, AgreementBinding::Way::out)) {
            steps.push_back(fmt::format(
                "no collection here feeds flow {}, so it gives nothing: entente agreement bind {} "
                "--flow {} --collection COLLECTION --out",
                flow.fid,
                id,
                flow.fid
            ));
        }
    }
}

void add_signing_steps(const Subject& subject, std::vector<std::string>& steps) {
    const Standing& standing = subject.standing;
    if (standing.next == nullptr) return;
    const std::string own = subject.on ? subject.on->own_pid(subject.life->id()) : std::string();
    for (const std::string& pid : standing.missing) {
        steps.push_back(
            pid == own ? fmt::format(
                             "version {} waits for this node's own signature: entente agreement "
                             "sign {} --key KEYFILE",
                             standing.next->version,
                             short_id(subject.life->id())
                         )
                       : fmt::format(
                             "version {} waits for the signature of {}",
                             standing.next->version,
                             subject.pid_words(pid)
                         )
        );
    }
    if (standing.missing_quorum > 0) {
        steps.push_back(fmt::format(
            "version {} waits for {} more of those who signed the version before",
            standing.next->version,
            standing.missing_quorum
        ));
    }
    if (standing.missing.empty() && standing.missing_quorum == 0) {
        steps.push_back(fmt::format(
            "version {} is signed by all and holds from {} on",
            standing.next->version,
            format_taxii(standing.next->from)
        ));
    }
}

}  // namespace

json::object standing_json(const Subject& subject) {
    json::object shown{
        {"id", subject.document.id},
        {"title", subject.document.title},
        {"version", subject.document.version},
        {"digest", to_hex(subject.document.digest)},
        {"parties", parties_json(subject)}};
    if (!subject.life) return shown;
    const Standing& standing = subject.standing;
    shown["stage"] = agreement::stage_text(standing.stage);
    const auto version_of = [](const Document* d) {
        return d == nullptr ? json::value() : json::value(d->version);
    };
    shown["holds"] = version_of(standing.document);
    shown["next"] = version_of(standing.next);
    shown["missing"] = json::array(standing.missing.begin(), standing.missing.end());
    shown["missing_quorum"] = standing.missing_quorum;
    json::array signatures;
    for (const Standing::Signed& s : standing.signatures)
        signatures.push_back(signed_json(s));
    shown["signatures"] = std::move(signatures);
    json::array suspensions;
    for (const Standing::Suspension& s : standing.suspensions) {
        suspensions.push_back(json::object{
            {"pid", s.pid}, {"digest", s.digest}, {"reason", s.reason}, {"at", format_taxii(s.at)}}
        );
    }
    shown["suspensions"] = std::move(suspensions);
    shown["left"] = json::array(standing.left.begin(), standing.left.end());
    if (standing.changes_at) shown["changes_at"] = format_taxii(*standing.changes_at);
    if (!subject.on) return shown;
    json::array bindings;
    for (const AgreementBinding& b : bindings_of(subject)) {
        const store::Collection* c = subject.on->state.collection(b.collection);
        bindings.push_back(json::object{
            {"flow", b.flow}, {"collection", c == nullptr ? "" : c->id}, {"way", way_name(b.way)}});
    }
    shown["bindings"] = std::move(bindings);
    return shown;
}

void show_standing(const Subject& subject, Context& context) {
    if (!subject.life) {
        context.out.field("stage", "a document alone: nothing tells who signed it");
        return;
    }
    const Standing& standing = subject.standing;
    context.out.field("stage", agreement::stage_text(standing.stage));
    if (standing.document != nullptr) {
        context.out.field(
            "holds",
            fmt::format(
                "version {}, until {}",
                standing.document->version,
                format_taxii(standing.document->until)
            )
        );
    }
    for (const Standing::Signed& s : standing.signatures)
        context.out.field("signed", signed_words(subject, s));
    for (const std::string& pid : standing.missing) {
        context.out.field(
            "missing", fmt::format("version {}: {}", standing.next->version, subject.pid_words(pid))
        );
    }
    for (const Standing::Suspension& s : standing.suspensions) {
        context.out.field(
            "suspended",
            fmt::format(
                "by {}{}{}", subject.pid_words(s.pid), s.reason.empty() ? "" : ": ", s.reason
            )
        );
    }
    for (const std::string& pid : standing.left)
        context.out.field("left", subject.pid_words(pid));
    if (!subject.on) return;
    for (const agreement::PartyTerm& term : subject.document.parties) {
        const store::Party* here = subject.on->party(subject.life->id(), term.pid);
        context.out.field(
            "party",
            fmt::format(
                "{} is {}",
                term.pid,
                here == nullptr ? "nobody here" : here->name + (here->own ? " (this node)" : "")
            )
        );
    }
    for (const AgreementBinding& b : bindings_of(subject)) {
        const store::Directory& directory = subject.on->state.directory;
        const store::Collection* c = collection_of(directory, b.collection);
        context.out.field(
            way_name(b.way),
            fmt::format(
                "{} {}",
                c == nullptr ? "?" : label_of(directory, *c),
                b.flow.empty() ? "(every flow)" : "(flow " + b.flow + ")"
            )
        );
    }
}

std::vector<std::string> next_steps(const Subject& subject) {
    std::vector<std::string> steps;
    if (!subject.life) return steps;
    const Standing& standing = subject.standing;
    switch (standing.stage) {
        case Stage::expired:
            steps.push_back(
                "its dates are over; a version with later dates, signed by all, lets it go on: "
                "entente agreement amend " +
                short_id(subject.life->id())
            );
            break;
        case Stage::ended:
            steps.push_back("it is over; nothing lets it go on but a new agreement");
            return steps;
        case Stage::suspended:
            for (const Standing::Suspension& s : standing.suspensions) {
                steps.push_back(fmt::format(
                    "{} suspended it and alone can take that back", subject.pid_words(s.pid)
                ));
            }
            break;
        case Stage::drafted:
        case Stage::proposed:
        case Stage::agreed:
        case Stage::in_force:
            break;
    }
    add_signing_steps(subject, steps);
    if (standing.stage == Stage::in_force) {
        steps.push_back("it holds until " + format_taxii(standing.document->until));
    }
    if (subject.on) add_node_steps(subject, steps);
    return steps;
}

}  // namespace entente::cli
