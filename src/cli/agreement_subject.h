#pragma once
// What a command on agreements is about: an agreement of this node, or what a file holds.
#include "agreement/life.h"
#include "cli/agreement_papers.h"
#include "cli/context.h"
#include "cli/node_dir.h"
#include "exchange/caller.h"
#include "exchange/outbox.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// A node with its agreements as of one moment.
struct NodeAgreements {
    NodeDir node;
    exchange::State state;
    Micros now;  // what commands judge by; never before the node's own last judgement

    /// Fails: as NodeDir::open; invalid_argument: no directory was named.
    [[nodiscard]] static Result<NodeAgreements> open(const Common& common, const Clock& clock);

    /// By id, by its first digits, or by title. Fails not_found, with the command that lists them;
    /// conflict: several are meant.
    [[nodiscard]] Result<const exchange::Agreements::Known*> find(std::string_view word) const;
    /// All records of one, in the order in which they were taken.
    [[nodiscard]] std::vector<Paper> papers(std::string_view id) const;
    /// The party that a pid is here; nothing if it is not mapped.
    [[nodiscard]] const store::Party* party(std::string_view id, std::string_view pid) const;
    /// The pid of this node's own party; empty if it is none.
    [[nodiscard]] std::string own_pid(std::string_view id) const;
};

/// An agreement or a document.
struct Subject {
    std::string word;                       // as the user named it, without `@version`
    std::unique_ptr<NodeAgreements> on;     // of an agreement of a node
    std::vector<Paper> papers;              // all that is known of it
    std::unique_ptr<agreement::Life> life;  // none for a document that stands alone
    agreement::Standing standing;           // of `life`
    agreement::Document document;           // the version that is meant
    bool named_version = false;             // the user named it
    Micros now;

    /// For commands that sign: a later version that waits, before the one that holds.
    [[nodiscard]] const agreement::Document& to_sign() const;
    [[nodiscard]] const ledger::KeyFacts& keys() const;
    /// `south (South CERT)`.
    [[nodiscard]] std::string pid_words(std::string_view pid) const;
};

/// What is meant by `FILE`, `ID`, or one of them with `@version` behind it. A word that begins with
/// `agr:` or is no file names an agreement of the node. Without a version: the one that holds; if
/// none does, the newest. Fails: as `read_papers_from`, `NodeAgreements::open` and `find`;
/// not_found: no such version; conflict: records of several agreements in a file, or of none whose
/// document is there.
[[nodiscard]] Result<Subject> read_subject(
    const std::string& word, const Common& common, const Context& context
);

/// `agr:` and the first digits, enough for people.
[[nodiscard]] std::string short_id(std::string_view id);

/// How it stands: stage, versions, who signed, who is missing, suspensions, dates; of a node's also
/// its parties and bindings.
[[nodiscard]] boost::json::object standing_json(const Subject& subject);
void show_standing(const Subject& subject, Context& context);

/// What has to happen for it to come into force, go on, or give something, one sentence each.
[[nodiscard]] std::vector<std::string> next_steps(const Subject& subject);

/// Takes papers into the node, in any order that works, in one transaction; known ones are passed
/// over.
struct Outcome {
    enum class What : std::uint8_t { taken, known, refused } what = What::known;
    Paper paper;
    agreement::Stage before = agreement::Stage::drafted;
    agreement::Stage after = agreement::Stage::drafted;
    exchange::Told told;  // the other parties of it
    Error error;          // why it was refused
};

/// The partners that these are sent to by themselves, and those that have no address here, each
/// once.
[[nodiscard]] exchange::Told told_of(const std::vector<Outcome>& outcomes);
/// Their names as `sends_to` and `no_address`.
void add_told(
    boost::json::object& shown, const exchange::Told& told, const store::Directory& directory
);
/// As lines: who is told, and how the others can be.
[[nodiscard]] std::vector<std::string> told_lines(
    const exchange::Told& told, const store::Directory& directory, std::string_view agreement
);

/// With Taking::all the first one that is refused is the failure, and nothing was taken.
enum class Taking : std::uint8_t { all, what_counts };

/// Fails: as exchange::take_record does, when the node has changed meanwhile. Throws StorageError.
[[nodiscard]] Result<std::vector<Outcome>> take_papers(
    const NodeAgreements& on, const Clock& clock, const std::vector<Paper>& papers, Taking taking
);

/// Takes what counts of the papers into the node of `common` and prints for each what became of
/// it, and what comes next. A single paper that was refused is the command's own failure. Exit: ok;
/// refused when some were.
[[nodiscard]] Result<Exit> take_and_tell(
    const std::vector<Paper>& papers, const Common& common, Context& context
);

}  // namespace entente::cli
