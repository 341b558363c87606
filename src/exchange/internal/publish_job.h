#pragma once
// Publishing: what happens to the objects of one request, first without the store, then inside the
// writer's transaction.
#include "base/random.h"
#include "exchange/exchange.h"
#include "exchange/internal/write_state.h"
#include "stix/object.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::exchange {

/// One object of a request as far as it could be read alone.
struct Candidate {
    std::optional<stix::Object> object;  // nothing = `outcome` says why
    Outcome outcome;
};

/// Reads each slice; checks what needs no store (form, size, `modified` not more than 24 h ahead of
/// `now`).
[[nodiscard]] std::vector<Candidate> read_candidates(
    const std::vector<std::string_view>& slices, Micros now
);

/// Why an object is not simply stored.
enum class Verdict : std::uint8_t {
    store,       // into the collection
    duplicate,   // it is there already
    refuse,      // the writer is told; nothing is kept
    quarantine,  // the writer is told; an operator may accept it
    shadow,      // the writer may not know why: kept aside, shown to its own party, answered like
                 // `store`
};

/// Judges and stores the objects of one request. One use, inside one transaction.
///
/// The order of the rules matters: what the answer says depends only on the object, the writer's
/// grants and cards until a rule looks at what is stored; from there on the writer gets a different
/// answer only for entries it may know of (DESIGN section 4, custody), else the answer it would get
/// if nothing were there.
class PublishJob {
  public:
    PublishJob(
        WriteState& state,
        const store::User& user,
        const store::Collection& collection,
        const Clock& clock
    );

    /// Fills the outcomes, in the order of `candidates`, and stores what is accepted as one group
    /// with its act.
    void run(std::vector<Candidate>& candidates, std::string_view status_id);

    /// Stores one object as the user's party's, unjudged: an operator decided. REQUIRES: its
    /// version is not there.
    void store_unjudged(const stix::Object& object);

  private:
    struct Accepted {
        const stix::Object* object = nullptr;
        store::PartyNo lane{};
        agreement::Facets facets;  // without needs
        store::ClassNo cls{};      // 0 = not yet known
        bool in_progress = false;
        bool siblings = false;
    };

    void judge(Candidate& candidate);
    [[nodiscard]] Verdict verdict(const stix::Object& object, std::string& message);
    [[nodiscard]] Verdict against_stored(
        const stix::Object& object, bool foreign_card, std::string& message
    );
    [[nodiscard]] bool writer_knows(store::ClassNo cls) const;
    [[nodiscard]] store::PartyNo custodian(const std::vector<store::Version>& versions) const;
    void accept(const stix::Object& object, store::PartyNo lane);
    void keep_aside(const stix::Object& object, std::string reason, bool visible);
    void register_statement(const stix::Object& object);
    [[nodiscard]] store::ClassNo class_of(std::size_t index, unsigned depth);
    [[nodiscard]] std::vector<store::ClassNo> classes_of_target(
        const std::string& id, unsigned depth
    );
    [[nodiscard]] bool implied(const agreement::Facets& target, const agreement::Facets& source)
        const;
    void append();
    /// What the collection held of this id before this request; read once for each id.
    [[nodiscard]] const std::vector<store::Version>& stored(const std::string& id);

    WriteState& state_;
    const store::User& user_;
    const store::Collection& collection_;
    const Clock& clock_;
    agreement::Terms write_terms_;
    std::vector<Accepted> accepted_;
    std::unordered_map<std::string, std::vector<std::size_t>>
        accepted_by_id_;  // indexes into accepted_
    std::unordered_map<std::string, std::vector<store::Version>> stored_;
    std::size_t quarantined_ = 0;
};

/// Facets of an object as `source` publishes it, without needs.
[[nodiscard]] agreement::Facets base_facets(
    const stix::Object& object, store::PartyNo source, store::PartyNo held_for
);

}  // namespace entente::exchange
