#include "ledger/certificate.h"

#include "base/escape.h"
#include "base/limits.h"
#include "ledger/internal/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace entente::ledger {
namespace {

using internal::Lines;

constexpr std::string_view certificate_header = "entente-key-certificate/v1";
constexpr std::string_view rotation_header = "entente-key-rotation/v1";
constexpr std::string_view revocation_header = "entente-key-revocation/v1";
constexpr std::size_t shown_bytes = 80;

constexpr std::array uses{
    std::pair{KeyUse::delivery, std::string_view("delivery")},
    std::pair{KeyUse::log, std::string_view("log")},
    std::pair{KeyUse::witness, std::string_view("witness")},
};
constexpr std::array reasons{
    std::pair{Revocation::Reason::retired, std::string_view("retired")},
    std::pair{Revocation::Reason::lost, std::string_view("lost")},
    std::pair{Revocation::Reason::stolen, std::string_view("stolen")},
};

template <class Words, class Value>
std::string_view word_of(const Words& words, Value value) noexcept {
    for (const auto& [known, word] : words) {
        if (known == value) return word;
    }
    return {};
}

template <class Value, class Words>
Result<Value> value_of(const Words& words, std::string_view text, std::string_view expected) {
    for (const auto& [value, word] : words) {
        if (word == text) return value;
    }
    return fail(
        Errc::invalid_argument,
        fmt::format("\"{}\" is not {}", printable(text, shown_bytes), expected)
    );
}

Result<Verifier> read_key(Lines& lines, std::string_view word) {
    ENTENTE_TRY(const std::string_view text, lines.value(word));
    auto key = verifier_of(text);
    if (!key) return lines.fail_here(key.error().detail);
    return key;
}

/// A time in its only spelling: six digits of the fraction, `Z`.
Result<Micros> read_time(Lines& lines, std::string_view word) {
    ENTENTE_TRY(const std::string_view text, lines.value(word));
    const auto time = parse_client_time(text);
    if (!time || format_taxii(*time) != text) {
        return lines.fail_here("expected a time such as 2026-11-23T12:00:00.000000Z");
    }
    return *time;
}

Result<KeyStatement> read_certificate(Lines& lines) {
    Certificate c;
    ENTENTE_TRY(c.by, read_key(lines, "by"));
    ENTENTE_TRY(c.key, read_key(lines, "key"));
    ENTENTE_TRY(const std::string_view use, lines.value("use"));
    const auto known = key_use_of(use);
    if (!known) return lines.fail_here(known.error().detail);
    c.use = *known;
    ENTENTE_TRY(c.from, read_time(lines, "from"));
    ENTENTE_TRY(c.until, read_time(lines, "until"));
    return c;
}

Result<KeyStatement> read_rotation(Lines& lines) {
    Rotation r;
    ENTENTE_TRY(r.by, read_key(lines, "by"));
    ENTENTE_TRY(r.key, read_key(lines, "key"));
    ENTENTE_TRY(r.successor, read_key(lines, "successor"));
    ENTENTE_TRY(r.until, read_time(lines, "until"));
    return r;
}

Result<KeyStatement> read_revocation(Lines& lines) {
    Revocation r;
    ENTENTE_TRY(r.by, read_key(lines, "by"));
    ENTENTE_TRY(r.key, read_key(lines, "key"));
    ENTENTE_TRY(r.since, read_time(lines, "since"));
    ENTENTE_TRY(const std::string_view reason, lines.value("reason"));
    const auto known = reason_of(reason);
    if (!known) return lines.fail_here(known.error().detail);
    r.reason = *known;
    return r;
}

/// The secret of two keys is the same, whatever they are called.
bool same_key(const Verifier& a, const Verifier& b) noexcept {
    return a.key == b.key;
}

/// What makes a well-formed statement senseless.
std::optional<std::string_view> problem_of(const KeyStatement& statement) {
    if (const auto* c = std::get_if<Certificate>(&statement)) {
        if (same_key(c->by, c->key)) return "a key does not certify itself";
        if (c->until <= c->from) return "the certificate ends before it begins";
    } else if (const auto* r = std::get_if<Rotation>(&statement)) {
        if (same_key(r->key, r->successor)) return "a key does not follow itself";
        if (same_key(r->by, r->successor)) {
            return "a recovery key does not become a successor: it has to stay apart";
        }
    }
    return std::nullopt;
}

Result<void> check(const KeyStatement& statement) {
    if (const auto problem = problem_of(statement)) {
        return fail(Errc::unprocessable, "statement about a key: " + std::string(*problem));
    }
    return {};
}

/// Whose signatures the statement needs.
std::vector<Verifier> needed(const KeyStatement& statement) {
    std::vector<Verifier> keys{statement_by(statement)};
    if (const auto* r = std::get_if<Rotation>(&statement)) keys.push_back(r->successor);
    return keys;
}

Result<void> check_size(std::size_t bytes) {
    if (bytes <= limits::certificate_bytes_max) return {};
    return fail(
        Errc::too_large,
        fmt::format(
            "a statement about a key of {} bytes; at most {}", bytes, limits::certificate_bytes_max
        )
    );
}

}  // namespace

std::string_view key_use_text(KeyUse use) noexcept {
    return word_of(uses, use);
}

Result<KeyUse> key_use_of(std::string_view text) {
    return value_of<KeyUse>(uses, text, "what a node uses a key for: delivery, log or witness");
}

std::string_view reason_text(Revocation::Reason reason) noexcept {
    return word_of(reasons, reason);
}

Result<Revocation::Reason> reason_of(std::string_view text) {
    return value_of<Revocation::Reason>(reasons, text, "why a key ends: retired, lost or stolen");
}

const Verifier& statement_by(const KeyStatement& statement) noexcept {
    return std::visit([](const auto& s) -> const Verifier& { return s.by; }, statement);
}

const Verifier& statement_about(const KeyStatement& statement) noexcept {
    return std::visit([](const auto& s) -> const Verifier& { return s.key; }, statement);
}

std::string key_statement_text(const KeyStatement& statement) {
    const auto head = [](std::string_view header, const auto& s) {
        return fmt::format(
            "{}\nby {}\nkey {}\n", header, verifier_text(s.by), verifier_text(s.key)
        );
    };
    if (const auto* c = std::get_if<Certificate>(&statement)) {
        return head(certificate_header, *c) + fmt::format(
                                                  "use {}\nfrom {}\nuntil {}\n",
                                                  key_use_text(c->use),
                                                  format_taxii(c->from),
                                                  format_taxii(c->until)
                                              );
    }
    if (const auto* r = std::get_if<Rotation>(&statement)) {
        return head(rotation_header, *r) +
               fmt::format(
                   "successor {}\nuntil {}\n", verifier_text(r->successor), format_taxii(r->until)
               );
    }
    const auto& r = std::get<Revocation>(statement);
    return head(revocation_header, r) +
           fmt::format("since {}\nreason {}\n", format_taxii(r.since), reason_text(r.reason));
}

Result<KeyStatement> read_key_statement(std::string_view text) {
    ENTENTE_CHECK(check_size(text.size()));
    Lines lines("statement about a key", text);
    ENTENTE_TRY(const std::string_view header, lines.next("what it is"));
    KeyStatement statement;
    if (header == certificate_header) {
        ENTENTE_TRY(statement, read_certificate(lines));
    } else if (header == rotation_header) {
        ENTENTE_TRY(statement, read_rotation(lines));
    } else if (header == revocation_header) {
        ENTENTE_TRY(statement, read_revocation(lines));
    } else if (header.starts_with("entente-key-")) {
        return fail(
            Errc::unprocessable,
            fmt::format(
                "\"{}\": no statement about a key that is known here; known are {}, {} and {}",
                printable(header, shown_bytes),
                certificate_header,
                rotation_header,
                revocation_header
            )
        );
    } else {
        return lines.fail_here(fmt::format(
            "expected {}, {} or {}", certificate_header, rotation_header, revocation_header
        ));
    }
    ENTENTE_CHECK(lines.end());
    ENTENTE_CHECK(check(statement));
    return statement;
}

Result<Note> sign_key_statement(
    const KeyStatement& statement, std::span<const Signer* const> signers
) {
    ENTENTE_CHECK(check(statement));
    Note note{.text = key_statement_text(statement), .signatures = {}};
    for (const Verifier& key : needed(statement)) {
        const auto signer =
            std::ranges::find_if(signers, [&](const Signer* s) { return s->verifier() == key; });
        if (signer == signers.end()) {
            return fail(
                Errc::invalid_argument,
                fmt::format("the key {} has to sign this too", printable(key.name, shown_bytes))
            );
        }
        ENTENTE_CHECK(sign_note(note, **signer));
    }
    ENTENTE_CHECK(check_size(note_bytes(note).size()));
    return note;
}

Result<KeyStatement> verify_key_statement(std::string_view note_bytes) {
    ENTENTE_CHECK(check_size(note_bytes.size()));
    ENTENTE_TRY(const Note note, parse_note(note_bytes));
    ENTENTE_TRY(KeyStatement statement, read_key_statement(note.text));
    const std::vector<Verifier> keys = needed(statement);
    ENTENTE_TRY(const std::vector<Verifier> signed_by, verify_note(note, keys));
    for (const Verifier& key : keys) {
        if (std::ranges::find(signed_by, key) != signed_by.end()) continue;
        return fail(
            Errc::unauthorized,
            fmt::format(
                "the statement about a key is not signed by {}", printable(key.name, shown_bytes)
            )
        );
    }
    return statement;
}

std::string describe(const KeyStatement& statement) {
    if (const auto* c = std::get_if<Certificate>(&statement)) {
        return fmt::format(
            "{} certifies {} for {} from {} until {}",
            c->by.name,
            c->key.name,
            key_use_text(c->use),
            format_taxii(c->from),
            format_taxii(c->until)
        );
    }
    if (const auto* r = std::get_if<Rotation>(&statement)) {
        return fmt::format(
            "{} says that {} follows {}, which ends at {}",
            r->by.name,
            r->successor.name,
            r->key.name,
            format_taxii(r->until)
        );
    }
    const auto& r = std::get<Revocation>(statement);
    return fmt::format(
        "{} says that {} is {} and ends at {}",
        r.by.name,
        r.key.name,
        reason_text(r.reason),
        format_taxii(r.since)
    );
}

}  // namespace entente::ledger
