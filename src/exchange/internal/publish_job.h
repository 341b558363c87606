#pragma once
// Publishing: what happens to the objects of one request, first without the store, then inside the
// writer's transaction.
#include "base/hash.h"
#include "base/random.h"
#include "exchange/exchange.h"
#include "exchange/internal/write_state.h"
#include "stix/object.h"
#include "stix/personal.h"

#include <bitset>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace entente::exchange {

/// One object of a request as far as it could be read alone.
struct Candidate {
    std::optional<stix::Object> object;  // nothing = `outcome` says why
    Outcome outcome;
    /// What the standard recommends otherwise: public numbers of the reference checker, each once.
    std::vector<std::uint16_t> recommended;
    agreement::Facets facets;  // of `object`, as `facets_of` tells them
};

/// Reads each slice; checks what needs no store: form, size, `modified` not more than 24 h ahead of
/// `now`, and the standard, as far as the collection insists on it.
[[nodiscard]] std::vector<Candidate> read_candidates(
    const std::vector<std::string_view>& slices, Micros now, const store::Collection& collection
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
/// answer only for entries it may know of (docs/architecture.md, custody and silence), else the
/// answer it would get if nothing were there.
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
    /// An object made of an accepted one for those who may not see all of it (STIX 2.1, 3.5; S66).
    struct Variant {
        stix::Object object;
        store::ClassNo cls{};
    };

    /// How to make one, and nothing for readers who get none.
    struct Plan {
        std::vector<std::string> hidden;                          // granular markings
        stix::PersonalClasses cut = 0;                            // personal data
        std::map<std::string, std::string, std::less<>> renamed;  // named object -> its variant
        std::map<std::string, std::set<store::ClassNo>, std::less<>> needs;  // by named object
    };

    /// Readers for whom the same is made: what their ceiling is and what must be stripped for them.
    struct Vantage {
        stix::Tlp level = stix::Tlp::clear;
        stix::PersonalClasses strip = 0;
    };

    struct Accepted {
        const stix::Object* object = nullptr;
        store::PartyNo lane{};
        agreement::Facets facets;  // without needs
        store::ClassNo cls{};      // 0 = not yet known
        bool in_progress = false;
        std::vector<Variant> variants;
        enum class Made : std::uint8_t { no, in_progress, yes } made = Made::no;
    };

    struct Row {
        const stix::Object* object = nullptr;
        store::PartyNo lane{};
        store::ClassNo cls{};
        std::string_view derived_of;
    };

    void judge(Candidate& candidate);
    /// Why the collection takes no more; empty when there is room for the object.
    [[nodiscard]] std::string no_room_for(const stix::Object& object);
    [[nodiscard]] Verdict verdict(
        const stix::Object& object, agreement::Facets& facets, std::string& message
    );
    /// Of the writer's agreements each that lets it in by itself.
    [[nodiscard]] std::vector<std::string> let_in_by(const agreement::Facets& facets) const;
    /// Those under which it may have sent what none of them lets in. REQUIRES: the user is that of
    /// the directory.
    [[nodiscard]] std::vector<std::string> sent_under() const;
    [[nodiscard]] std::string not_yours_to_send(const agreement::Decision& decision) const;
    [[nodiscard]] Verdict against_stored(
        const stix::Object& object, bool foreign_card, std::string& message
    );
    [[nodiscard]] bool fits_history(
        const stix::Object& object,
        const std::vector<store::Version>& versions,
        std::string& message
    );
    [[nodiscard]] bool writer_knows(const store::Version& version) const;
    [[nodiscard]] store::PartyNo custodian(const std::vector<store::Version>& versions) const;
    void accept(const stix::Object& object, agreement::Facets facets, store::PartyNo lane);
    void keep_aside(
        const stix::Object& object, agreement::Facets facets, std::string reason, bool visible
    );
    void register_statement(const stix::Object& object, const agreement::Facets& facets);
    [[nodiscard]] store::ClassNo class_of(std::size_t index, unsigned depth);
    [[nodiscard]] std::vector<store::ClassNo> classes_of_target(
        const std::string& id, unsigned depth
    );
    /// As they are, or joined in classes that stand for many.
    [[nodiscard]] std::vector<std::vector<store::ClassNo>> bounded_needs(
        const std::set<std::vector<store::ClassNo>>& needs
    );
    /// Classes of personal data in it and in what it needs; all bits set beyond what can be told.
    [[nodiscard]] stix::PersonalClasses concern(store::ClassNo cls);
    /// Nothing is ever made of an entry of this class for anybody.
    [[nodiscard]] bool invariable(store::ClassNo cls);
    [[nodiscard]] const std::vector<Variant>& variants_of(std::size_t index, unsigned depth);
    static void add_plan(std::vector<Plan>& plans, Plan plan);
    [[nodiscard]] std::optional<Plan> plan_at(std::size_t index, Vantage vantage, unsigned depth);
    [[nodiscard]] std::optional<std::pair<std::string, std::vector<store::ClassNo>>> variant_at(
        const std::string& id, Vantage vantage, unsigned depth
    );
    [[nodiscard]] std::optional<Variant> make_variant(const Accepted& accepted, const Plan& plan);
    /// Does a reader of no party who stands there get entries of the class?
    [[nodiscard]] bool released_at(Vantage vantage, store::ClassNo cls);
    [[nodiscard]] agreement::Terms terms_at(Vantage vantage) const;
    void append();
    [[nodiscard]] std::vector<Row> rows();
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

    /// A bit for each vantage, and one for whether it is known.
    struct ReleasedAt {
        std::bitset<128> known;
        std::bitset<128> released;
    };

    bool tombstones_ = false;       // the collection has some
    store::Snapshot::Head before_;  // this request
    std::uint64_t accepted_bytes_ = 0;
    std::unordered_map<store::ClassNo, ReleasedAt> released_at_;
    std::unordered_map<store::ClassNo, stix::PersonalClasses> concern_;
    std::unordered_map<store::ClassNo, bool> invariable_;
    std::map<std::uint16_t, std::size_t> recommended_;  // objects by what is recommended otherwise
    std::optional<Key> derive_key_;                     // once it is needed
    std::size_t redacted_bytes_ = 0;  // of objects, once for each copy that was to be made
    std::size_t quarantined_ = 0;
    std::size_t derived_ = 0;
};

}  // namespace entente::exchange
