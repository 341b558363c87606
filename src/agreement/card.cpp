#include "agreement/card.h"

#include "agreement/internal/json_access.h"
#include "agreement/internal/kinds.h"
#include "agreement/internal/shape.h"
#include "base/escape.h"
#include "base/limits.h"
#include "stix/object.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace entente::agreement {
namespace {

namespace json = boost::json;
using internal::Kind;
using internal::Term;
using ledger::Signer;
using ledger::Verifier;

constexpr std::string_view schema = "entente-card/1";
constexpr std::array<std::string_view, 1> schemas{schema};
constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t shown_bytes = 80;
constexpr std::uint64_t sequence_max = 9'007'199'254'740'991;  // what a JSON number holds exactly

/// Every key of a card. `place` is its name.
constexpr std::array<Term, 12> fields{{
    {.place = "clients",
     .kind = Kind::text,
     .list = true,
     .least = 1,
     .most = name_bytes_max,
     .entries_most = limits::card_clients_max},
    {.place = "contact", .kind = Kind::text, .least = 1, .most = limits::agreement_text_bytes_max},
    {.place = "from", .kind = Kind::instant, .required = true},
    {.place = "identities",
     .kind = Kind::identity,
     .list = true,
     .entries_most = limits::card_identities_max},
    {.place = "identity_keys",
     .kind = Kind::key,
     .list = true,
     .required = true,
     .entries_least = 1,
     .entries_most = limits::card_keys_max},
    {.place = "name", .kind = Kind::text, .required = true, .least = 1, .most = name_bytes_max},
    {.place = "organisation",
     .kind = Kind::text,
     .least = 1,
     .most = limits::agreement_text_bytes_max},
    {.place = "recovery_key", .kind = Kind::key},
    {.place = "schema", .kind = Kind::choice, .required = true, .choices = schemas},
    {.place = "sequence",
     .kind = Kind::integer,
     .required = true,
     .least = 1,
     .most = sequence_max},
    {.place = "statements",
     .kind = Kind::comment,
     .list = true,
     .most = limits::certificate_bytes_max,
     .entries_most = limits::card_statements_max},
    {.place = "taxii", .kind = Kind::uri, .list = true, .entries_most = limits::card_urls_max},
}};

std::string known_keys() {
    std::string all;
    for (const Term& field : fields)
        all += fmt::format("{}{}", all.empty() ? "" : ", ", field.place);
    return all;
}

void check_one(
    const Term& field, const std::string& at, const json::value& value, internal::Findings& findings
) {
    if (!internal::is_allowed(field, value)) {
        findings.add(at, "expected " + internal::expected_value(field));
    }
}

void check_field(const Term& field, const json::value& value, internal::Findings& findings) {
    const std::string at = internal::step("", field.place);
    if (!field.list) return check_one(field, at, value, findings);
    const json::array* list = value.if_array();
    if (list == nullptr || list->size() < field.entries_least ||
        list->size() > field.entries_most) {
        return findings.add(at, "expected " + internal::expected(field));
    }
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < list->size() && !findings.full(); ++i) {
        const json::value& entry = (*list)[i];
        check_one(field, internal::step(at, i), entry, findings);
        if (entry.is_string() && !seen.insert(internal::text(entry)).second) {
            findings.add(internal::step(at, i), "stands there already");
        }
    }
}

void check_object(const json::object& object, internal::Findings& findings) {
    for (const auto& member : object) {
        if (findings.full()) return;
        const std::string_view name{member.key().data(), member.key().size()};
        const auto* const field = std::ranges::find(fields, name, &Term::place);
        if (field == fields.end()) {
            findings.add(internal::step("", name), "unknown key; a card has " + known_keys());
        } else {
            check_field(*field, member.value(), findings);
        }
    }
    for (const Term& field : fields) {
        if (!field.required || object.contains({field.place.data(), field.place.size()})) continue;
        findings.add(
            internal::step("", field.place), "missing; expected " + internal::expected(field)
        );
    }
}

std::string text_or_none(const json::object& object, json::string_view key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? std::string() : std::string(internal::text(*value));
}

std::vector<std::string> texts(const json::object& object, json::string_view key) {
    std::vector<std::string> all;
    if (const json::value* list = object.if_contains(key)) {
        for (const json::value& entry : list->get_array())
            all.emplace_back(internal::text(entry));
    }
    return all;
}

/// REQUIRES: `check_object` found nothing.
Card build(const json::object& object) {
    Card card;
    card.name = text_or_none(object, "name");
    card.organisation = text_or_none(object, "organisation");
    card.contact = text_or_none(object, "contact");
    for (const json::value& key : internal::array(object, "identity_keys"))
        card.identity_keys.push_back(ledger::verifier_of(internal::text(key)).value());
    if (const json::value* key = object.if_contains("recovery_key")) {
        card.recovery_key = ledger::verifier_of(internal::text(*key)).value();
    }
    card.identities = texts(object, "identities");
    card.taxii = texts(object, "taxii");
    card.clients = texts(object, "clients");
    card.statements = texts(object, "statements");
    card.from = parse_stix_time(internal::text(object, "from")).value();
    card.sequence = internal::number(object, "sequence");
    return card;
}

/// What the keys of a card say against each other.
void check_keys(const Card& card, internal::Findings& findings) {
    if (!card.recovery_key) return;
    for (std::size_t i = 0; i < card.identity_keys.size(); ++i) {
        // The secret counts, not the name.
        if (card.identity_keys[i].key != card.recovery_key->key) continue;
        findings.add(
            "/recovery_key",
            fmt::format("is /identity_keys/{} too; what recovers a key is kept apart from it", i)
        );
    }
}

Result<std::vector<ledger::KeyStatement>> read_statements(const Card& card) {
    std::vector<ledger::KeyStatement> read;
    for (std::size_t i = 0; i < card.statements.size(); ++i) {
        auto statement = ledger::verify_key_statement(card.statements[i]);
        if (!statement) {
            return fail(
                statement.error().code,
                fmt::format("/statements/{}: {}", i, statement.error().detail)
            );
        }
        read.push_back(std::move(*statement));
    }
    return read;
}

Result<void> check_size(std::size_t bytes) {
    if (bytes <= limits::card_bytes_max) return {};
    return fail(
        Errc::too_large,
        fmt::format("a party card of {} bytes; at most {}", bytes, limits::card_bytes_max)
    );
}

json::value parse(std::string_view canonical) {
    json::parse_options options;
    options.max_depth = limits::json_depth_max + 1;
    return json::parse({canonical.data(), canonical.size()}, {}, options);
}

/// REQUIRES: `text` is canonical JSON.
Result<Card> read_fields(std::string_view text) {
    const json::value root = parse(text);
    if (!root.is_object()) {
        return fail(Errc::unprocessable, "a party card is a JSON object; this is none");
    }
    internal::Findings findings;
    check_object(root.get_object(), findings);
    if (!findings.empty()) return fail(Errc::unprocessable, "party card: " + findings.detail());
    Card card = build(root.get_object());
    check_keys(card, findings);
    if (!findings.empty()) return fail(Errc::unprocessable, "party card: " + findings.detail());
    return card;
}

/// The identity keys that have not signed; empty = all have.
Result<std::string> missing_signers(const ledger::Note& note, const Card& card) {
    ENTENTE_TRY(const std::vector<Verifier> by, ledger::verify_note(note, card.identity_keys));
    std::string missing;
    for (const Verifier& key : card.identity_keys) {
        if (std::ranges::find(by, key) != by.end()) continue;
        missing += fmt::format("{}{}", missing.empty() ? "" : ", ", key.name);
    }
    return missing;
}

Result<void> check_live(const Card& card, const ledger::KeyFacts& facts, Micros at) {
    if (at < card.from) {
        return fail(
            Errc::conflict,
            fmt::format("the card is valid only from {}; take it then", format_taxii(card.from))
        );
    }
    for (const Verifier& key : card.identity_keys) {
        if (ledger::key_counts(key, facts, at)) continue;
        return fail(
            Errc::forbidden,
            fmt::format(
                "the card names the key {}, which was revoked or has a successor",
                printable(key.name, shown_bytes)
            )
        );
    }
    return {};
}

/// Both texts of digits, without blanks.
std::string digits_of(std::string_view text) {
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != ' '; });
    return digits;
}

}  // namespace

Result<std::string> card_text(const Card& card) {
    json::object object;
    const auto put_text = [&](json::string_view key, const std::string& text) {
        if (!text.empty()) object[key] = text;
    };
    const auto put_list = [&](json::string_view key, const std::vector<std::string>& list) {
        if (!list.empty()) object[key] = json::array(list.begin(), list.end());
    };
    object["schema"] = json::string_view(schema.data(), schema.size());
    object["name"] = card.name;
    put_text("organisation", card.organisation);
    put_text("contact", card.contact);
    json::array keys;
    for (const Verifier& key : card.identity_keys)
        keys.emplace_back(ledger::verifier_text(key));
    object["identity_keys"] = std::move(keys);
    if (card.recovery_key) object["recovery_key"] = ledger::verifier_text(*card.recovery_key);
    put_list("identities", card.identities);
    put_list("taxii", card.taxii);
    put_list("clients", card.clients);
    put_list("statements", card.statements);
    object["from"] = format_taxii(card.from);
    object["sequence"] = card.sequence;
    ENTENTE_TRY(std::string text, stix::canonical_json(json::serialize(object)));
    ENTENTE_TRY(const Card read, read_fields(text));
    ENTENTE_TRY(const auto statements, read_statements(read));
    text += '\n';
    ENTENTE_CHECK(check_size(text.size()));
    return text;
}

Result<ledger::Note> sign_card(const Card& card, std::span<const Signer* const> signers) {
    ENTENTE_TRY(std::string text, card_text(card));
    ledger::Note note{.text = std::move(text), .signatures = {}};
    for (const Signer* signer : signers)
        ENTENTE_CHECK(ledger::sign_note(note, *signer));
    ENTENTE_TRY(const std::string missing, missing_signers(note, card));
    if (!missing.empty()) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "a card is signed by all identity keys that it names; not by: {}",
                printable(missing, shown_bytes)
            )
        );
    }
    ENTENTE_CHECK(check_size(ledger::note_bytes(note).size()));
    return note;
}

Result<SignedCard> read_card(std::string_view note_bytes) {
    ENTENTE_CHECK(check_size(note_bytes.size()));
    SignedCard out;
    ENTENTE_TRY(out.note, ledger::parse_note(note_bytes));
    const std::string_view text =
        std::string_view(out.note.text).substr(0, out.note.text.size() - 1);
    ENTENTE_TRY(const std::string canonical, stix::canonical_json(text));
    if (canonical != text) {
        return fail(
            Errc::malformed,
            "a party card is one line of canonical JSON (RFC 8785), written by entente party card"
        );
    }
    ENTENTE_TRY(out.card, read_fields(text));
    ENTENTE_TRY(const std::string missing, missing_signers(out.note, out.card));
    if (!missing.empty()) {
        return fail(
            Errc::unauthorized,
            fmt::format(
                "the card names identity keys that have not signed it: {}",
                printable(missing, shown_bytes)
            )
        );
    }
    ENTENTE_TRY(out.statements, read_statements(out.card));
    out.digest = sha256(out.note.text);
    return out;
}

std::vector<std::string> fingerprints(const Card& card) {
    std::vector<std::string> all;
    for (const Verifier& key : card.identity_keys)
        all.push_back(ledger::fingerprint(key));
    return all;
}

bool is_fingerprint(const Card& card, std::string_view typed) {
    const std::string digits = digits_of(typed);
    return std::ranges::any_of(fingerprints(card), [&](const std::string& fingerprint) {
        return digits_of(fingerprint) == digits;
    });
}

ledger::JudgedKeys judge_cards(
    std::span<const std::vector<TakenCard>> parties, std::span<const ledger::TakenStatement> others
) {
    std::vector<ledger::PartyKeys> keys;
    std::vector<ledger::TakenStatement> statements(others.begin(), others.end());
    for (const std::vector<TakenCard>& cards : parties) {
        ledger::PartyKeys& party = keys.emplace_back();
        for (const TakenCard& taken : cards) {
            const Card& card = taken.card.card;
            party.identity.insert(
                party.identity.end(), card.identity_keys.begin(), card.identity_keys.end()
            );
            party.recovery = card.recovery_key;
            for (const ledger::KeyStatement& statement : taken.card.statements)
                statements.push_back({statement, taken.at});
        }
    }
    return ledger::judge_keys(keys, statements);
}

Result<void> check_first(const SignedCard& card, const ledger::KeyFacts& facts, Micros at) {
    return check_live(card.card, facts, at);
}

Result<void> check_update(
    const SignedCard& before, const SignedCard& next, const ledger::KeyFacts& facts, Micros at
) {
    if (before.digest == next.digest) {
        return fail(Errc::conflict, "this card is known already");
    }
    if (next.card.sequence <= before.card.sequence) {
        return fail(
            Errc::conflict,
            fmt::format(
                "the card has the sequence {}, and one with {} is known: an older card, or two of "
                "one number",
                next.card.sequence,
                before.card.sequence
            )
        );
    }
    if (next.card.sequence - before.card.sequence > card_step_max) {
        return fail(
            Errc::conflict,
            fmt::format(
                "the card has the sequence {}, more than {} above the {} that is known",
                next.card.sequence,
                card_step_max,
                before.card.sequence
            )
        );
    }
    std::vector<Verifier> known = ledger::with_successors(before.card.identity_keys, facts);
    std::erase_if(known, [&](const Verifier& key) { return !ledger::key_counts(key, facts, at); });
    const std::optional<Verifier>& recovery = before.card.recovery_key;
    if (recovery && ledger::key_counts(*recovery, facts, at)) known.push_back(*recovery);
    ENTENTE_TRY(const std::vector<Verifier> by, ledger::verify_note(next.note, known));
    if (by.empty()) {
        return fail(
            Errc::unauthorized,
            "the card is signed by no key of the card before it that still counts, nor by a "
            "successor of one, nor by the recovery key"
        );
    }
    if (recovery && next.card.recovery_key != recovery &&
        std::ranges::find(by, *recovery) == by.end()) {
        return fail(
            Errc::unauthorized,
            "the card changes the recovery key, which the recovery key before has to sign too"
        );
    }
    return check_live(next.card, facts, at);
}

}  // namespace entente::agreement
