// key certify, rotate, revoke.
#include "cli/key_commands.h"
#include "cli/key_files.h"
#include "cli/new_file.h"
#include "cli/words.h"
#include "ledger/certificate.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>

namespace entente::cli {
namespace {

using ledger::Signer;
using ledger::Verifier;

/// A time as typed, or the one that holds without.
Result<Micros> time_or(std::string_view option, const std::string& text, Micros otherwise) {
    if (text.empty()) return otherwise;
    auto time = parse_client_time(text);
    if (!time && text.size() == 10) time = parse_client_time(text + "T00:00:00Z");
    if (time) return time;
    return fail(
        Errc::invalid_argument,
        fmt::format("{} {}: expected a date or a time such as 2026-11-23T12:00:00Z", option, text)
    );
}

/// Prints the statement, or writes it to the file that was named.
Result<Exit> hand_out(
    const ledger::KeyStatement& statement,
    std::span<const Signer* const> signers,
    const std::string& out,
    Context& context
) {
    ENTENTE_TRY(const ledger::Note note, ledger::sign_key_statement(statement, signers));
    const std::string text = ledger::note_bytes(note);
    if (out.empty()) {
        if (context.out.json()) {
            context.out.document({{"says", ledger::describe(statement)}, {"note", text}});
        } else {
            context.out.raw(text);
        }
        return Exit::ok;
    }
    ENTENTE_CHECK(write_new_file(out, text, Readers::all));
    context.out.document({{"says", ledger::describe(statement)}, {"file", out}});
    context.out.field("says", ledger::describe(statement));
    context.out.field("file", out);
    return Exit::ok;
}

}  // namespace

Result<Exit> key_certify(const KeyStatementOptions& options, Context& context) {
    ledger::Certificate certificate;
    ENTENTE_TRY(certificate.use, ledger::key_use_of(options.use));
    ENTENTE_TRY(certificate.key, named_key(options.about));
    ENTENTE_TRY(certificate.from, time_or("--from", options.from, context.clock.now()));
    if (options.until.empty()) {
        return fail(Errc::invalid_argument, "--until: say when the certificate ends, such as 400d");
    }
    ENTENTE_TRY(certificate.until, parse_expiry(options.until, certificate.from));
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    KeyOpener opener(options.passphrase_files, context);
    ENTENTE_TRY(const Signer signer, opener.open(options.signer));
    certificate.by = signer.verifier();
    const std::array signers{&signer};
    return hand_out(certificate, signers, options.out, context);
}

Result<Exit> key_rotate(const KeyStatementOptions& options, Context& context) {
    ledger::Rotation rotation;
    const Micros now = context.clock.now();
    // Loss and theft leave no time; a rotation that was planned lets what is under way arrive.
    rotation.until = now;
    if (options.until != "now") {
        const std::string until = options.until.empty() ? "30d" : options.until;
        ENTENTE_TRY(rotation.until, parse_expiry(until, now));
    }
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    KeyOpener opener(options.passphrase_files, context);
    ENTENTE_TRY(const Signer signer, opener.open(options.signer));
    ENTENTE_TRY(const Signer successor, opener.open(options.successor));
    rotation.by = signer.verifier();
    rotation.key = rotation.by;
    if (!options.about.empty()) {
        ENTENTE_TRY(rotation.key, named_key(options.about));
    }
    rotation.successor = successor.verifier();
    const std::array signers{&signer, &successor};
    return hand_out(rotation, signers, options.out, context);
}

Result<Exit> key_revoke(const KeyStatementOptions& options, Context& context) {
    ledger::Revocation revocation;
    ENTENTE_TRY(revocation.reason, ledger::reason_of(options.reason));
    ENTENTE_TRY(revocation.since, time_or("--since", options.since, context.clock.now()));
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    KeyOpener opener(options.passphrase_files, context);
    ENTENTE_TRY(const Signer signer, opener.open(options.signer));
    revocation.by = signer.verifier();
    revocation.key = revocation.by;
    if (!options.about.empty()) {
        ENTENTE_TRY(revocation.key, named_key(options.about));
    }
    const std::array signers{&signer};
    return hand_out(revocation, signers, options.out, context);
}

}  // namespace entente::cli
