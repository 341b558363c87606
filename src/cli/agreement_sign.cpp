// agreement sign, propose, suspend, resume, end.
#include "agreement/document.h"
#include "base/escape.h"
#include "cli/agreement_commands.h"
#include "cli/agreement_subject.h"
#include "cli/key_files.h"
#include "cli/new_file.h"
#include "cli/words.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Document;
using agreement::Statement;
using Kind = agreement::Record::Kind;

Result<void> check_signer(const AgreementSignOptions& options) {
    for (const auto& [name, text] :
         {std::pair{"--person", options.person}, std::pair{"--office", options.office}}) {
        if (text.empty() || agreement::is_signer_words(text)) continue;
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "{}: 1 to 256 bytes on one line, without control characters and without blanks at "
                "its ends",
                name
            )
        );
    }
    if (!options.reason.empty()) ENTENTE_CHECK(check_text("--reason", options.reason));
    // Before anything is signed or taken: else the node would act, and the command fail.
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    return {};
}

/// The party that a key signs for. A key that follows another by a rotation signs for its party
/// where the rotation is known.
Result<std::string> pid_of(
    const Document& document, const ledger::Verifier& key, const Subject& subject
) {
    std::vector<std::string> expected;
    for (const agreement::PartyTerm& party : document.parties) {
        for (const ledger::Verifier& known :
             ledger::with_successors(party.sign_keys, subject.keys())) {
            if (known == key) return party.pid;
            expected.push_back(fmt::format("{} of {}", known.name, party.pid));
        }
    }
    constexpr std::size_t shown_max = 8;
    if (expected.size() > shown_max) expected.resize(shown_max);
    return fail(
        Errc::unauthorized,
        fmt::format(
            "{} ({}) signs for no party of this agreement; its keys are {}{}",
            key.name,
            ledger::fingerprint(key),
            fmt::join(expected, ", "),
            subject.on ? ""
                       : "; a key that followed one of them signs where that is known: at a node"
        )
    );
}

Result<ledger::Signer> open_key(const AgreementSignOptions& options, Context& context) {
    if (options.key.empty())
        return fail(Errc::invalid_argument, "--key: name the file of an identity key");
    return KeyOpener(options.passphrase_files, context).open(options.key);
}

Result<Paper> sign_text(
    Kind kind, const std::string& id, std::string text, const ledger::Signer& by
) {
    ledger::Note note;
    note.text = std::move(text);
    ENTENTE_CHECK(ledger::sign_note(note, by));
    return Paper{.kind = kind, .agreement = id, .body = ledger::note_bytes(note)};
}

Result<Paper> sign_document(
    const Document& document, const AgreementSignOptions& options, const ledger::Signer& by
) {
    return sign_text(
        Kind::signature,
        document.id,
        agreement::signed_text(
            {.id = document.id,
             .version = document.version,
             .digest = document.digest,
             .person = options.person,
             .office = options.office}
        ),
        by
    );
}

/// One note as it is; several as a pack.
Result<std::string> file_text(const std::vector<Paper>& papers) {
    if (papers.size() == 1) return papers.front().body;
    return pack_text(papers);
}

/// What was signed: for people what it says, or the note itself where nothing else keeps it.
Result<Exit> hand_over(
    const std::vector<Paper>& papers,
    const AgreementSignOptions& options,
    const ledger::Verifier& key,
    const std::string& pid,
    const Subject& subject,
    const std::vector<Outcome>& outcomes,
    Context& context
) {
    ENTENTE_TRY(const std::string text, file_text(papers));
    const bool kept = !options.out.empty() || !outcomes.empty();
    if (!options.out.empty()) ENTENTE_CHECK(write_new_file(options.out, text, Readers::all));
    json::object shown{
        {"agreement", papers.front().agreement},
        {"about", describe(papers.front())},
        {"pid", pid},
        {"key", ledger::verifier_text(key)},
        {"fingerprint", ledger::fingerprint(key)},
        {"note", text}};
    if (!options.out.empty()) shown["file"] = options.out;
    if (!outcomes.empty()) {
        shown["before"] = agreement::stage_text(outcomes.front().before);
        shown["after"] = agreement::stage_text(outcomes.back().after);
        add_told(shown, told_of(outcomes), subject.on->state.directory);
    }
    context.out.document(shown);
    if (!kept) {
        if (!context.out.json()) context.out.raw(text);
        return Exit::ok;
    }
    context.out.field("agreement", papers.front().agreement);
    for (const Paper& paper : papers)
        context.out.field("signed", describe(paper));
    context.out.field("for", pid);
    context.out.field("key", fmt::format("{} {}", key.name, ledger::fingerprint(key)));
    if (!outcomes.empty()) {
        context.out.field("was", agreement::stage_text(outcomes.front().before));
        context.out.field("is", agreement::stage_text(outcomes.back().after));
    }
    if (!options.out.empty()) context.out.field("file", options.out);
    return Exit::ok;
}

/// Takes what was signed here; each must count.
Result<std::vector<Outcome>> take_own(
    const Subject& subject, const std::vector<Paper>& papers, const Context& context
) {
    if (!subject.on) return std::vector<Outcome>{};
    ENTENTE_TRY(
        std::vector<Outcome> outcomes, take_papers(*subject.on, context.clock, papers, Taking::all)
    );
    for (const Outcome& o : outcomes) {
        if (o.what == Outcome::What::known)
            return fail(Errc::conflict, "this is known already: " + describe(o.paper));
    }
    return outcomes;
}

/// In a file: whether the note would count where the agreement is.
Result<void> try_in_life(Subject& subject, const std::vector<Paper>& papers) {
    if (subject.on || !subject.life) return {};
    for (const Paper& paper : papers) {
        ENTENTE_CHECK(subject.life->add({.kind = paper.kind, .body = paper.body, .at = subject.now})
        );
    }
    return {};
}

void tell_where_to_send(
    const Subject& subject,
    std::string_view agreement,
    const std::vector<Outcome>& outcomes,
    Context& context
) {
    if (context.out.json() || !subject.on) return;
    const exchange::Told told = told_of(outcomes);
    for (const std::string& line : told_lines(told, subject.on->state.directory, agreement))
        context.out.line(line);
    if (!told.queued.empty() || !told.no_address.empty()) return;
    context.out.line(
        fmt::format("For the partners: entente agreement send {} --out FILE", short_id(agreement))
    );
}

Result<Exit> state_something(
    Statement::What what, const AgreementSignOptions& options, Context& context
) {
    ENTENTE_CHECK(check_signer(options));
    ENTENTE_TRY(Subject subject, read_subject(options.subject, options.common, context));
    if (!subject.life) {
        return fail(
            Errc::conflict,
            "a statement is about an agreement that all signed; name it by id, or a pack of it"
        );
    }
    ENTENTE_TRY(const ledger::Signer signer, open_key(options, context));
    ENTENTE_TRY(const std::string pid, pid_of(subject.document, signer.verifier(), subject));
    Statement statement{
        .what = what,
        .id = subject.document.id,
        .lifts = {},
        .time = context.clock.now(),
        .person = options.person,
        .office = options.office,
        .reason = options.reason};
    std::vector<std::string> lifts{""};
    if (what == Statement::What::resume) {
        lifts.clear();
        for (const auto& s : subject.standing.suspensions) {
            if (s.pid == pid) lifts.push_back(s.digest);
        }
        if (lifts.empty()) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "no suspension by {} stands; it is {}",
                    subject.pid_words(pid),
                    agreement::stage_text(subject.standing.stage)
                )
            );
        }
    }
    std::vector<Paper> papers;
    for (const std::string& digest : lifts) {
        statement.lifts = digest;
        ENTENTE_TRY(
            papers.emplace_back(),
            sign_text(Kind::statement, statement.id, agreement::statement_text(statement), signer)
        );
    }
    ENTENTE_CHECK(try_in_life(subject, papers));
    ENTENTE_TRY(const auto outcomes, take_own(subject, papers, context));
    ENTENTE_TRY(
        const Exit exit,
        hand_over(papers, options, signer.verifier(), pid, subject, outcomes, context)
    );
    if (options.out.empty() || !told_of(outcomes).queued.empty()) {
        tell_where_to_send(subject, papers.front().agreement, outcomes, context);
    }
    return exit;
}

}  // namespace

Result<Exit> agreement_sign(const AgreementSignOptions& options, Context& context) {
    ENTENTE_CHECK(check_signer(options));
    ENTENTE_TRY(Subject subject, read_subject(options.subject, options.common, context));
    ENTENTE_TRY(const ledger::Signer signer, open_key(options, context));
    const Document& document = subject.to_sign();
    ENTENTE_TRY(const std::string pid, pid_of(document, signer.verifier(), subject));
    ENTENTE_TRY(Paper paper, sign_document(document, options, signer));
    const std::vector<Paper> papers{std::move(paper)};
    ENTENTE_CHECK(try_in_life(subject, papers));
    ENTENTE_TRY(const auto outcomes, take_own(subject, papers, context));
    ENTENTE_TRY(
        const Exit exit,
        hand_over(papers, options, signer.verifier(), pid, subject, outcomes, context)
    );
    if (options.out.empty() || !told_of(outcomes).queued.empty()) {
        tell_where_to_send(subject, papers.front().agreement, outcomes, context);
    }
    return exit;
}

Result<Exit> agreement_propose(const AgreementSignOptions& options, Context& context) {
    ENTENTE_CHECK(check_signer(options));
    ENTENTE_TRY(const std::vector<Paper> papers, read_papers_from(options.subject));
    if (papers.size() != 1 || papers.front().kind != Kind::document) {
        return fail(
            Errc::unprocessable,
            printable(options.subject) +
                ": not one document; take other files with: entente agreement add"
        );
    }
    ENTENTE_TRY(const Document document, agreement::read_document(papers.front().body));
    Subject subject;
    ENTENTE_TRY(NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    subject.on = std::make_unique<NodeAgreements>(std::move(on));
    ENTENTE_TRY(const ledger::Signer signer, open_key(options, context));
    ENTENTE_TRY(const std::string pid, pid_of(document, signer.verifier(), subject));
    ENTENTE_TRY(Paper signature, sign_document(document, options, signer));
    ENTENTE_TRY(
        const std::vector<Outcome> outcomes,
        take_papers(*subject.on, context.clock, {papers.front(), signature}, Taking::all)
    );
    ENTENTE_TRY(
        const Exit exit,
        hand_over(
            {std::move(signature)}, options, signer.verifier(), pid, subject, outcomes, context
        )
    );
    tell_where_to_send(subject, document.id, outcomes, context);
    return exit;
}

Result<Exit> agreement_suspend(const AgreementSignOptions& options, Context& context) {
    return state_something(Statement::What::suspend, options, context);
}

Result<Exit> agreement_resume(const AgreementSignOptions& options, Context& context) {
    return state_something(Statement::What::resume, options, context);
}

Result<Exit> agreement_end(const AgreementSignOptions& options, Context& context) {
    return state_something(Statement::What::end, options, context);
}

}  // namespace entente::cli
