#pragma once
// The life of an agreement: from what was drafted, signed and stated to what is in force at a
// moment. Pure: the same records and keys give the same answer.
#include "agreement/document.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/key_facts.h"
#include "ledger/note.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

/// One thing that became known about an agreement, as a node keeps it. Append-only.
struct Record {
    enum class Kind : std::uint8_t {
        document,   // body: a version of the agreement, as `Document::canonical`
        signature,  // body: a signed note whose text is `signed_text`
        statement,  // body: a signed note whose text is `statement_text`
    } kind = Kind::document;
    std::string body;
    Micros at;  // when this node took it; what counts, whatever the body claims
};

/// A party's word about an agreement after it was signed.
struct Statement {
    enum class What : std::uint8_t {
        suspend,  // stops everything at once, until the same party resumes
        resume,   // takes back one suspension of the same party
        end,      // the party leaves; with fewer than two left the agreement is over
    } what = What::suspend;
    std::string id;      // of the agreement
    std::string lifts;   // resume: what names the suspension, `Standing::Suspension::digest`
    Micros time;         // as the person states it
    std::string person;  // one line each, may be empty
    std::string office;
    std::string reason;
};

/// `entente-agreement-statement/v1\n<id>\n<suspend|resume HEX|end>\n<time>\n` and, when given,
/// lines `person …`, `office …`, `reason …`, in this order. REQUIRES: no control characters in
/// them.
[[nodiscard]] std::string statement_text(const Statement& statement);
/// Fails malformed.
[[nodiscard]] Result<Statement> read_statement(std::string_view text);

using ledger::KeyFacts;

enum class Stage : std::uint8_t {
    drafted,   // nobody has signed
    proposed,  // signed by some
    agreed,    // signed by all who must, its date has not come
    in_force,
    suspended,
    ended,
    expired,
};

/// "in force" and so on.
[[nodiscard]] std::string_view stage_text(Stage stage) noexcept;

/// How an agreement stands at a moment.
struct Standing {
    struct Signed {
        std::string pid;
        std::uint32_t version = 0;
        Digest digest{};  // of the version
        ledger::Verifier key;
        std::string person;
        std::string office;
        Micros at;
    };

    struct Suspension {
        std::string pid;
        std::string digest;  // hex SHA-256 of its text and its signer's key
        std::string reason;
        Micros at;
    };

    Stage stage = Stage::drafted;
    /// The version whose terms hold: set in the stages in_force, suspended and expired. Nothing
    /// crosses unless the stage is in_force.
    const Document* document = nullptr;
    /// A later version that somebody signed or drafted and that does not hold yet.
    const Document* next = nullptr;
    /// Who must still sign `next` (or, before anything holds, the newest version).
    std::vector<std::string> missing;
    /// How many more must sign, beside `missing`, of those who signed the version before.
    std::size_t missing_quorum = 0;
    std::vector<Signed> signatures;           // all that count, by version
    std::vector<Suspension> suspensions;      // those that stand
    std::set<std::string, std::less<>> left;  // pids whose flows have ended
    /// When the standing changes by itself: a date comes.
    std::optional<Micros> changes_at;

    [[nodiscard]] bool releases() const noexcept { return stage == Stage::in_force; }
};

/// All records of one agreement. Threads: a value; share it const.
class Life {
  public:
    /// Reads records that `add` took before. Those that do not fit are left out and told by
    /// `problems`: an agreement of which something cannot be read loses signatures, never gains.
    /// What stops it goes on to count when the key that said so was revoked since, from an earlier
    /// moment on: else word of a stolen key would set going again what its owner had stopped.
    Life(std::span<const Record> records, KeyFacts keys);

    /// One more that `add` took before, as the constructor reads it.
    void restore(const Record& record);

    /// Takes one more. Fails conflict: known already, an old version replayed, a second version
    /// where one is signed by all (a fork), another agreement's; unauthorized: signed by no key of
    /// a party that may, by a revoked key, by one that others gave the party where more of what it
    /// gives would cross, or a signature that does not verify; unprocessable, malformed, too_large:
    /// as the readers say, or limits::agreement_records_max. Beyond that many a party may still
    /// suspend once and leave, so that nobody can take this from it. Nothing changes when it fails.
    [[nodiscard]] Result<void> add(const Record& record);

    /// REQUIRES: the Life outlives what it points to.
    [[nodiscard]] Standing at(Micros now) const;

    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

  private:
    struct Version {
        Document document;
        std::optional<std::size_t> previous;  // where it stands in `versions_`
        std::vector<std::string> needed;      // pids that must all sign
        std::vector<std::string> electors;    // and of these
        std::size_t quorum = 0;               // so many
        // Pids whose giving it widens: they sign with keys that they brought themselves.
        std::set<std::string, std::less<>> widened;
        std::vector<Standing::Signed> signatures;  // at most one of each pid, the first
        std::optional<Micros> complete;            // when all that it needs had signed
    };

    struct Said {
        Statement statement;
        ledger::Verifier key;
        std::string pid;
        std::string digest;  // as Standing::Suspension has it
        Micros at;
    };

    /// Whether a record comes from outside or was taken before.
    enum class Comes : std::uint8_t { new_here, again };

    [[nodiscard]] Result<void> add(const Record& record, Comes comes);
    [[nodiscard]] Result<void> add_new(const Record& record, Comes comes);
    [[nodiscard]] Result<void> add_document(const Record& record);
    [[nodiscard]] Result<void> add_signature(const Record& record);
    [[nodiscard]] Result<void> add_statement(const Record& record, Comes comes);
    [[nodiscard]] bool is_full() const noexcept;
    /// Where it stands in `versions_`.
    [[nodiscard]] std::optional<std::size_t> find_version(std::string_view digest_hex) const;
    /// Which parties the signatures are of, by the keys that hold for them. Of a party that signed
    /// an earlier version the keys of that one count: else a new version could bring its own.
    /// `ended_too`: those of keys that have ended count as well.
    [[nodiscard]] Result<std::vector<std::pair<std::string, ledger::Verifier>>> signers_of(
        const ledger::Note& note, const Document& document, Micros at, bool ended_too = false
    ) const;
    /// The keys that a party brought itself: those of the version that it came with, and of each
    /// later one that it signed with such a key. Others, which a quorum or steward put in their
    /// place, sign for it but widen nothing that it gives.
    [[nodiscard]] std::vector<ledger::Verifier> own_keys(
        const Version& version, std::string_view pid
    ) const;
    void choose_signers(Version& version, const Version* previous, Micros at) const;
    /// How many of the electors have signed by `now`, beside those who must anyhow.
    [[nodiscard]] static std::vector<Micros> votes(const Version& version, Micros now);
    /// When the version had all signatures that it needs. Later ones do not change it.
    [[nodiscard]] static std::optional<Micros> completed(const Version& version);
    [[nodiscard]] std::set<std::string, std::less<>> left(Micros now) const;
    /// The versions that were signed by all, one of each number, from 1 on.
    [[nodiscard]] std::vector<const Version*> chain(Micros now) const;
    void add_statements(Standing& standing, Micros now) const;

    KeyFacts keys_;
    std::string id_;
    std::deque<Version> versions_;  // addresses stay; each behind the one before it
    std::map<std::string, std::size_t, std::less<>> by_digest_;  // of `versions_`, in hex
    std::vector<Said> said_;
    std::set<std::string, std::less<>> seen_;  // digests of records, so that a replay is one
    std::vector<std::string> problems_;
};

}  // namespace entente::agreement
