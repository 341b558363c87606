// party card: writes and signs the own card; party show FILE.
#include "agreement/card.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/card_words.h"
#include "cli/file_kind.h"
#include "cli/key_commands.h"
#include "cli/key_files.h"
#include "cli/new_file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <sys/stat.h>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Card;
using agreement::SignedCard;
using ledger::Signer;

/// What the card before says, or an empty one with the sequence before the first.
Result<Card> card_before(const std::string& after) {
    if (!after.empty()) {
        ENTENTE_TRY(SignedCard before, read_card_from(after));
        return std::move(before.card);
    }
    Card none;
    none.sequence = 0;
    return none;
}

Result<void> add_statements(Card& card, const std::vector<std::string>& files) {
    for (const std::string& file : files) {
        ENTENTE_TRY(std::string note, read_small(file, limits::certificate_bytes_max));
        if (const auto statement = ledger::verify_key_statement(note); !statement) {
            return fail(
                statement.error().code,
                fmt::format("{}: {}", printable(file), statement.error().detail)
            );
        }
        if (std::ranges::find(card.statements, note) == card.statements.end()) {
            card.statements.push_back(std::move(note));
        }
    }
    return {};
}

/// What was said on the command line, over what the card before says.
Result<Card> fill(const PartyCardOptions& options, const Context& context) {
    ENTENTE_TRY(Card card, card_before(options.after));
    card.sequence = options.sequence > 0 ? options.sequence : card.sequence + 1;
    card.from = context.clock.now();
    if (!options.from.empty()) {
        ENTENTE_TRY(card.from, parse_client_time(options.from));
    }
    const auto replace = [](std::vector<std::string>& list, const std::vector<std::string>& given) {
        if (!given.empty()) list = given;
    };
    if (options.name) card.name = *options.name;
    if (options.organisation) card.organisation = *options.organisation;
    if (options.contact) card.contact = *options.contact;
    if (card.name.empty()) {
        return fail(
            Errc::invalid_argument, "--name: say what partners call the party, or give --after"
        );
    }
    replace(card.identities, options.identities);
    replace(card.taxii, options.taxii);
    replace(card.clients, options.clients);
    ENTENTE_CHECK(add_statements(card, options.statements));
    if (!options.recovery.empty()) {
        ENTENTE_TRY(card.recovery_key, named_key(options.recovery));
    }
    return card;
}

}  // namespace

Result<SignedCard> read_card_from(const std::string& source) {
    ENTENTE_TRY(const std::string text, read_small(source, limits::card_bytes_max));
    auto card = agreement::read_card(text);
    if (card) return card;
    Error error = with_kind(card.error(), text, {FileKind::card});
    error.detail =
        fmt::format("{}: {}", source == "-" ? "standard input" : printable(source), error.detail);
    return tl::unexpected<Error>(std::move(error));
}

json::object card_json(const SignedCard& signed_card) {
    const Card& card = signed_card.card;
    json::array keys;
    for (const ledger::Verifier& key : card.identity_keys) {
        keys.push_back(json::object{
            {"key", ledger::verifier_text(key)}, {"fingerprint", ledger::fingerprint(key)}});
    }
    json::array statements;
    for (const ledger::KeyStatement& statement : signed_card.statements)
        statements.emplace_back(ledger::describe(statement));
    json::object document{
        {"name", card.name},
        {"organisation", card.organisation},
        {"contact", card.contact},
        {"identity_keys", std::move(keys)},
        {"identities", json::array(card.identities.begin(), card.identities.end())},
        {"taxii", json::array(card.taxii.begin(), card.taxii.end())},
        {"clients", json::array(card.clients.begin(), card.clients.end())},
        {"statements", std::move(statements)},
        {"from", format_taxii(card.from)},
        {"sequence", card.sequence}};
    if (card.recovery_key) document["recovery_key"] = ledger::verifier_text(*card.recovery_key);
    return document;
}

void show_card(const SignedCard& signed_card, Context& context) {
    const Card& card = signed_card.card;
    context.out.field("name", card.name);
    const auto field = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) context.out.field(name, value);
    };
    field("organisation", card.organisation);
    field("contact", card.contact);
    for (const ledger::Verifier& key : card.identity_keys) {
        context.out.field("key", ledger::verifier_text(key));
        context.out.field("fingerprint", ledger::fingerprint(key));
    }
    if (card.recovery_key) context.out.field("recovery", ledger::verifier_text(*card.recovery_key));
    for (const std::string& identity : card.identities)
        context.out.field("identity", identity);
    for (const std::string& url : card.taxii)
        context.out.field("taxii", url);
    for (const std::string& client : card.clients)
        context.out.field("client", client);
    for (const ledger::KeyStatement& statement : signed_card.statements)
        context.out.field("statement", ledger::describe(statement));
    context.out.field("from", format_taxii(card.from));
    context.out.field("sequence", std::to_string(card.sequence));
}

Result<Exit> party_card(const PartyCardOptions& options, Context& context) {
    if (options.keys.empty()) {
        return fail(Errc::invalid_argument, "--key: name the file of an identity key");
    }
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    ENTENTE_TRY(Card card, fill(options, context));
    KeyOpener opener(options.passphrase_files, context);
    std::vector<const Signer*> signers;
    card.identity_keys.clear();
    for (const std::string& file : options.keys) {
        ENTENTE_TRY(signers.emplace_back(), opener.keep(file));
        card.identity_keys.push_back(signers.back()->verifier());
    }
    for (const std::string& file : options.also_sign) {
        ENTENTE_TRY(signers.emplace_back(), opener.keep(file));
    }
    ENTENTE_TRY(const ledger::Note note, agreement::sign_card(card, signers));
    const std::string text = ledger::note_bytes(note);
    if (options.out.empty()) {
        if (context.out.json()) {
            context.out.document({{"note", text}});
        } else {
            context.out.raw(text);
        }
        return Exit::ok;
    }
    ENTENTE_CHECK(write_new_file(options.out, text, Readers::all));
    ENTENTE_TRY(const SignedCard made, agreement::read_card(text));
    json::object document = card_json(made);
    document["file"] = options.out;
    context.out.document(document);
    show_card(made, context);
    context.out.field("file", options.out);
    return Exit::ok;
}

bool names_card(const std::string& word) {
    if (word == "-" || word.starts_with("https://") || word.starts_with("http://")) return true;

    struct stat status {};

    return ::stat(word.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

Result<Exit> party_show_card(const std::string& source, Context& context) {
    ENTENTE_TRY(const SignedCard card, read_card_from(source));
    context.out.document(card_json(card));
    show_card(card, context);
    return Exit::ok;
}

}  // namespace entente::cli
