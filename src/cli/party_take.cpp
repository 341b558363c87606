// party add FILE|URL|-: takes a partner's card, or a statement about a key.
#include "agreement/card.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/card_words.h"
#include "cli/change.h"
#include "cli/file_kind.h"
#include "cli/find.h"
#include "cli/key_commands.h"
#include "cli/key_files.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/words.h"
#include "exchange/known_keys.h"
#include "exchange/rights.h"
#include "http/client.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unistd.h>

namespace entente::cli {
namespace {

using agreement::SignedCard;
using exchange::KnownKeys;
using ledger::Verifier;

constexpr std::int64_t fetch_timeout_ms = 30'000;

bool is_address(const std::string& source) {
    return source.starts_with("https://") || source.starts_with("http://");
}

/// One request without credentials; a redirect is not followed.
Result<std::string> fetch(const PartyTakeOptions& options) {
    ENTENTE_TRY(const http::Url url, http::parse_url(options.source));
    http::ClientOptions client;
    client.ca_file = options.ca_file;
    client.connect_timeout_ms = fetch_timeout_ms;
    client.read_timeout_ms = fetch_timeout_ms;
    client.reply_bytes_max = limits::card_bytes_max;
    auto reply = http::Client::make(url.origin, client)->send("GET", url.target, {}, {});
    if (!reply) {
        return fail(
            reply.error().code, fmt::format("{}: {}", options.source, reply.error().detail)
        );
    }
    if (reply->status == 200) return std::move(reply->body);
    return fail(
        Errc::not_found,
        fmt::format("{}: the server answers {} instead of a card", options.source, reply->status)
    );
}

Result<std::string> source_text(const PartyTakeOptions& options) {
    if (is_address(options.source)) return fetch(options);
    return read_small(options.source, limits::card_bytes_max);
}

/// One line that was typed, cut to a few bytes; nothing when no more comes.
std::optional<std::string> answer(std::FILE* in) {
    constexpr std::size_t answer_bytes_max = 16;
    std::string line;
    // A terminal gives whole lines: only the first of its characters is waited for.
    int c = wait_for_input(::fileno(in)) ? std::fgetc(in) : EOF;
    for (; c != EOF && c != '\n'; c = std::fgetc(in)) {
        if (line.size() < answer_bytes_max) line += static_cast<char>(c);
    }
    if (c == EOF) return std::nullopt;
    return line;
}

/// True when the person says yes. What is neither yes nor no is asked about again.
Result<bool> says_yes(const Context& context, std::string_view question) {
    constexpr int asked_max = 3;
    for (int asked = 0; asked < asked_max; ++asked) {
        (void)std::fputs(
            asked == 0 ? (printable(question) + " [yes/no] ").c_str()
                       : "Please type yes or no [yes/no] ",
            context.err
        );
        (void)std::fflush(context.err);
        const auto said = answer(context.in);
        if (!said) (void)std::fputs("\n", context.err);
        ENTENTE_CHECK(go_on());
        if (!said || *said == "no" || *said == "n") return false;
        if (*said == "yes") return true;
    }
    return false;
}

/// A party's first card counts only when somebody compared its fingerprint.
Result<void> confirm(const PartyTakeOptions& options, const SignedCard& card, Context& context) {
    const std::string_view how =
        "; ask the party for its fingerprint by a way that you trust, such as the phone";
    if (!options.fingerprint.empty()) {
        if (agreement::is_fingerprint(card.card, options.fingerprint)) return {};
        return fail(
            Errc::unauthorized,
            fmt::format(
                "--fingerprint is not that of this card, which has {}{}",
                agreement::fingerprints(card.card).front(),
                how
            )
        );
    }
    if (options.source == "-" || ::isatty(::fileno(context.in)) != 1) {
        return fail(
            Errc::unauthorized,
            fmt::format(
                "the card of '{}' has the fingerprint {} and nobody has confirmed it{}, and give "
                "it "
                "with --fingerprint",
                card.card.name,
                agreement::fingerprints(card.card).front(),
                how
            )
        );
    }
    show_card(card, context);
    context.out.flush();
    ENTENTE_TRY(
        const bool same, says_yes(context, "Does the party read you the same fingerprint?")
    );
    if (same) return {};
    return fail(Errc::unauthorized, "the fingerprint was not confirmed; nothing was taken");
}

std::vector<ledger::TakenStatement> statements_of(const SignedCard& card, Micros at) {
    std::vector<ledger::TakenStatement> taken;
    for (const ledger::KeyStatement& statement : card.statements)
        taken.push_back({statement, at});
    return taken;
}

bool shares_key(const agreement::Card& a, const agreement::Card& b) {
    return std::ranges::any_of(a.identity_keys, [&](const Verifier& key) {
        return std::ranges::find(b.identity_keys, key) != b.identity_keys.end();
    });
}

/// The party whose cards name a key of this one; its successors count.
Result<const store::Party*> party_by_key(
    const store::Directory& directory, const KnownKeys& known, const SignedCard& card
) {
    const store::Party* found = nullptr;
    for (const exchange::PartyCards& other : known.parties) {
        const bool same = std::ranges::any_of(other.cards, [&](const auto& taken) {
            if (shares_key(taken.card.card, card.card)) return true;
            const auto following =
                ledger::with_successors(taken.card.card.identity_keys, known.facts);
            return std::ranges::any_of(card.card.identity_keys, [&](const Verifier& key) {
                return std::ranges::find(following, key) != following.end();
            });
        });
        const auto party = std::ranges::find(directory.parties, other.party, &store::Party::no);
        if (!same || party == directory.parties.end()) continue;
        if (found != nullptr) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "keys of this card are named by cards of '{}' and of '{}'",
                    found->name,
                    party->name
                )
            );
        }
        found = &*party;
    }
    return found;
}

/// The party that the card is of, as it will be stored: one that is known, or a new one.
Result<store::Party> party_of(
    const PartyTakeOptions& options,
    const store::Directory& directory,
    const KnownKeys& known,
    const SignedCard& card
) {
    const std::string& name = options.party.empty() ? card.card.name : options.party;
    ENTENTE_CHECK(check_name("party name", name));
    ENTENTE_TRY(const store::Party* by_key, party_by_key(directory, known, card));
    if (by_key != nullptr) {
        if (options.party.empty() || options.party == by_key->name) return *by_key;
        return fail(
            Errc::conflict,
            fmt::format("a key of this card is that of the party '{}' already", by_key->name)
        );
    }
    if (auto party = find_party(directory, name)) return party;
    store::Party fresh;
    fresh.name = name;
    return fresh;
}

/// What the card says of identities holds for custody.
Result<void> take_identities(
    const store::Directory& directory, const SignedCard& card, store::Party& party
) {
    for (const std::string& identity : card.card.identities) {
        for (const store::Party& other : directory.parties) {
            if (other.no == party.no) continue;
            if (std::ranges::find(other.identities, identity) == other.identities.end()) continue;
            return fail(
                Errc::conflict,
                fmt::format("{} is listed by the party '{}' already", identity, other.name)
            );
        }
    }
    if (!card.card.identities.empty()) party.identities = card.card.identities;
    return {};
}

/// Whether the card may be taken: as the party's first, or over the one that is known.
Result<void> judge(
    const store::Directory& directory,
    const store::Party& party,
    const SignedCard& card,
    const agreement::TakenCard* before,
    Micros now
) {
    exchange::AddedKeys added{.party = party.no, .cards = {{card, now}}, .statements = {}};
    // A party that is not stored yet has no number; its card is judged as a stranger's then.
    const KnownKeys known = exchange::known_keys(directory, added);
    if (before == nullptr) return agreement::check_first(card, known.facts, now);
    return agreement::check_update(before->card, card, known.facts, now);
}

Result<store::Party> store_card(
    const PartyTakeOptions& options,
    const SignedCard& card,
    bool confirmed,
    store::Transaction& tx,
    Context& context
) {
    const store::Directory directory = tx.directory();
    const Micros now = context.clock.now();
    const KnownKeys known = exchange::known_keys(
        directory, {.party = {}, .cards = {}, .statements = statements_of(card, now)}
    );
    ENTENTE_TRY(store::Party party, party_of(options, directory, known, card));
    const agreement::TakenCard* before = known.card_of(party.no);
    ENTENTE_CHECK(judge(directory, party, card, before, now));
    if (before == nullptr && !confirmed) {
        return fail(Errc::conflict, "the directory changed meanwhile; try again");
    }
    ENTENTE_CHECK(take_identities(directory, card, party));
    // Whose signatures count, and who is a client, decides what agreements let cross.
    exchange::change_rights(tx, context.clock, exchange::all_collections(tx), [&] {
        party.no = tx.put(party);
        tx.put(store::Card{
            .party = party.no,
            .sequence = card.card.sequence,
            .note = ledger::note_bytes(card.note),
            .at = now});
    });
    record(
        tx,
        context.clock,
        "party card taken",
        {{"party", party.name},
         {"sequence", card.card.sequence},
         {"digest", to_hex(card.digest)},
         {"fingerprint", agreement::fingerprints(card.card).front()}}
    );
    return party;
}

Result<Exit> take_card(
    const PartyTakeOptions& options, const std::string& text, const NodeDir& node, Context& context
) {
    auto read = agreement::read_card(text);
    if (!read) {
        Error error = with_kind(read.error(), text, {FileKind::card});
        error.detail = fmt::format("{}: {}", options.source, error.detail);
        return tl::unexpected<Error>(std::move(error));
    }
    const SignedCard card = std::move(*read);
    bool confirmed = false;
    {
        const store::Directory directory = node.store().snapshot()->directory();
        const KnownKeys known = exchange::known_keys(
            directory,
            {.party = {}, .cards = {}, .statements = statements_of(card, context.clock.now())}
        );
        ENTENTE_TRY(const store::Party party, party_of(options, directory, known, card));
        if (known.card_of(party.no) == nullptr) {
            ENTENTE_CHECK(confirm(options, card, context));
            confirmed = true;
        }
    }
    store::Party party;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(party, store_card(options, card, confirmed, tx, context));
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    boost::json::object document = card_json(card);
    document["party"] = party.name;
    context.out.document(document);
    context.out.line(fmt::format("card {} of '{}' taken", card.card.sequence, party.name));
    for (const std::string& fingerprint : agreement::fingerprints(card.card))
        context.out.field("fingerprint", fingerprint);
    return Exit::ok;
}

Result<Exit> take_statement(
    const PartyTakeOptions& options, const std::string& text, const NodeDir& node, Context& context
) {
    const auto statement = ledger::verify_key_statement(text);
    if (!statement) {
        return fail(
            statement.error().code, fmt::format("{}: {}", options.source, statement.error().detail)
        );
    }
    std::vector<std::string> problems;
    const std::string says = ledger::describe(*statement);
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        if (std::ranges::find(directory.key_statements, text, &store::KeyStatement::note) !=
            directory.key_statements.end()) {
            return fail(Errc::conflict, "this statement is known already");
        }
        const Micros now = context.clock.now();
        for (std::string& problem :
             exchange::known_keys(
                 directory, {.party = {}, .cards = {}, .statements = {{*statement, now}}}
             ).problems) {
            if (problem.starts_with(says)) problems.push_back(std::move(problem));
        }
        // What counts for nobody is not kept: else strangers could fill the store.
        if (!problems.empty()) return fail(Errc::unauthorized, problems.front());
        exchange::change_rights(tx, context.clock, exchange::all_collections(tx), [&] {
            tx.put(store::KeyStatement{.note = text, .at = now});
        });
        record(
            tx,
            context.clock,
            "key statement taken",
            {{"says", says}, {"digest", to_hex(sha256(text))}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"says", says}});
    context.out.line("taken: " + says);
    return Exit::ok;
}

}  // namespace

Result<Exit> party_take(const PartyTakeOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_TRY(const std::string text, source_text(options));
    if (kind_of(text) == FileKind::key_statement)
        return take_statement(options, text, node, context);
    return take_card(options, text, node, context);
}

}  // namespace entente::cli
