// Arbitrary records of an agreement, one behind each 0 byte. The first letter says what one is: `d`
// a document, `n` a note as it comes, `s` and `t` (and a digit: which key) the text of a signature
// or statement that is then signed here, `S` (and a digit) a signature of the document before, `T`
// (and a digit) a statement about it: suspend, or end with an `e` behind. What is taken one by one
// is what is read again, and an agreement in force has terms that somebody signed.
#include "agreement/life.h"
#include "base/assert.h"
#include "base/hash.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

using namespace entente;
using namespace entente::agreement;

namespace {

constexpr std::size_t records_max = 24;

/// The keys that the seeds name: the same as those of tests.
std::vector<ledger::Signer> make_keys() {
    std::vector<ledger::Signer> keys;
    for (const std::string name :
         {"north.example/entente", "south.example/entente", "east.example/entente"}) {
        auto seed = sha256(name);
        seed[0] = 0;
        keys.push_back(ledger::Signer::from_seed(name, seed).value());
    }
    return keys;
}

std::string signed_note(std::string text, char which) {
    static const std::vector<ledger::Signer> keys = make_keys();
    ledger::Note note{.text = std::move(text), .signatures = {}};
    if (!ledger::sign_note(note, keys[static_cast<unsigned char>(which) % keys.size()])) return {};
    return ledger::note_bytes(note);
}

std::optional<Record> record_of(
    std::string_view part, std::optional<Document>& last, Micros at
) {
    using Kind = Record::Kind;
    if (part.empty()) return std::nullopt;
    const char letter = part.front();
    part.remove_prefix(1);
    if (letter == 'd') {
        if (auto document = read_document(part)) last = std::move(*document);
        return Record{Kind::document, last ? last->canonical : std::string(part), at};
    }
    if (letter == 'n') {
        const bool statement = part.starts_with("entente-agreement-statement/");
        return Record{statement ? Kind::statement : Kind::signature, std::string(part), at};
    }
    if (part.empty()) return std::nullopt;
    const char key = part.front();
    part.remove_prefix(1);
    switch (letter) {
        case 's': return Record{Kind::signature, signed_note(std::string(part), key), at};
        case 't': return Record{Kind::statement, signed_note(std::string(part), key), at};
        case 'S':
            if (!last) return std::nullopt;
            return Record{
                Kind::signature,
                signed_note(signed_text({last->id, last->version, last->digest, {}, {}}), key),
                at};
        case 'T': {
            if (!last) return std::nullopt;
            const bool ends = part.starts_with('e');
            const Statement said{
                .what = ends ? Statement::What::end : Statement::What::suspend,
                .id = last->id,
                .lifts = {},
                .time = at,
                .person = {},
                .office = {},
                .reason = {}};
            return Record{Kind::statement, signed_note(statement_text(said), key), at};
        }
        default: return std::nullopt;
    }
}

void check_same(const Life& one, const Life& other, Micros at) {
    const Standing a = one.at(at);
    const Standing b = other.at(at);
    ENTENTE_ASSERT(a.stage == b.stage && a.signatures.size() == b.signatures.size());
    ENTENTE_ASSERT(a.missing == b.missing && a.missing_quorum == b.missing_quorum);
    ENTENTE_ASSERT(a.suspensions.size() == b.suspensions.size() && a.left == b.left);
    ENTENTE_ASSERT(a.changes_at == b.changes_at);
    ENTENTE_ASSERT(!a.releases() || (a.document != nullptr && !a.signatures.empty()));
    ENTENTE_ASSERT(!a.changes_at || *a.changes_at > at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    (void)read_statement(rest);
    Life life({}, {});
    std::vector<Record> taken;
    std::optional<Document> last;
    Micros now{1'767'225'600'000'000};  // 2026-01-01
    for (std::size_t count = 0; count < records_max && !rest.empty(); ++count) {
        const std::size_t end = std::min(rest.find('\0'), rest.size());
        const auto record = record_of(rest.substr(0, end), last, now);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!record) continue;
        if (record->kind == Record::Kind::statement) {
            if (const auto note = ledger::parse_note(record->body)) {
                const auto said = read_statement(note->text);
                ENTENTE_ASSERT(!said || statement_text(*said) == note->text);
            }
        }
        if (const auto added = life.add(*record)) {
            taken.push_back(*record);
            // A replay is none.
            ENTENTE_ASSERT(!life.add(*record));
        } else {
            ENTENTE_ASSERT(!added.error().detail.empty());
        }
        now = now + micros_per_day;
    }
    const Life again(taken, {});
    ENTENTE_ASSERT(again.problems().empty());
    for (const int days : {-30, 0, 1, 400, 4'000})
        check_same(life, again, now + days * micros_per_day);
    return 0;
}
