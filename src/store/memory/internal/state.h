#pragma once
// What the plain store holds: ordinary containers, in parts that snapshots, savepoints and the next
// state share.
#include "store/rows.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace entente::store::memory {

using agreement::Stretch;

/// A part of the state that copies of the state share until one of them edits it. Only the writer
/// copies and edits, one at a time; readers see parts through a state that is const.
template <class T>
class Shared {
  public:
    Shared() = default;

    Shared(const Shared& other) : part_(other.part_), owned_(false) { other.owned_ = false; }

    Shared(Shared&&) noexcept = default;

    Shared& operator=(const Shared& other) {
        if (this != &other) {
            part_ = other.part_;
            owned_ = other.owned_ = false;
        }
        return *this;
    }

    Shared& operator=(Shared&&) noexcept = default;
    ~Shared() = default;

    const T& operator*() const noexcept { return *part_; }

    const T* operator->() const noexcept { return part_.get(); }

    T& edit() {
        if (!owned_) part_ = std::make_shared<T>(*part_);
        owned_ = true;
        return *part_;
    }

  private:
    std::shared_ptr<T> part_ = std::make_shared<T>();  // shared: by snapshots and savepoints
    mutable bool owned_ = true;                        // nobody else has seen the part yet
};

struct Texts {
    std::string id;
    std::string version;
    std::string version_key;
    std::string body;
    Digest digest{};
    std::string derived_of;  // empty = none
};

struct Row {
    ClassNo cls{};
    PartyNo lane{};
    Flags flags = 0;
    Seq newer_seq{};
    ClassNo newer_cls{};
    std::shared_ptr<const Texts> texts;  // shared: by the copies of the state
};

/// Everything of one collection but its directory row.
struct Shelf {
    Seq next_seq{1};
    Micros next_base;
    std::map<Seq, Row> entries;
    std::map<ClassNo, std::set<Seq>> by_class;
    std::map<std::string, std::map<std::pair<std::string, PartyNo>, Seq>, std::less<>> by_id;
    std::map<std::string, std::set<Seq>, std::less<>> derived;  // by the id they were made of
    std::map<Seq, Group> groups;                                // by their first
    std::map<UserNo, std::vector<Stretch>> views;               // every user with a view
    std::map<UserNo, std::vector<LateRow>> late;  // in order of position, and so of date
    std::map<UserNo, std::map<ClassNo, Seq>> delayed;
    std::uint64_t bytes = 0;  // of the bodies of `entries`
    std::map<std::pair<std::string, std::string>, Tombstone> tombstones;  // id, version key
};

struct Classes {
    std::vector<std::string> keys;  // number - 1 -> key
    std::map<std::string, ClassNo, std::less<>> numbers;
};

struct Records {
    std::vector<std::shared_ptr<const Act>> acts;  // shared: by the copies of the state
    std::map<std::string, std::vector<ActNo>, std::less<>> of_agreement;  // rising
    std::map<std::string, std::shared_ptr<const StatusRow>, std::less<>> statuses;
    std::map<QuarantineNo, QuarantineItem> quarantine;
    std::map<OutboxNo, std::shared_ptr<const OutboxRow>>
        outbox;                                          // shared: by the copies of the state
    std::map<KeptNo, std::shared_ptr<const Kept>> kept;  // shared: the same
    std::map<SightingNo, std::shared_ptr<const Sighting>> sightings;  // shared: the same
    std::map<std::string, std::string, std::less<>> settings;
};

using BindingKey = std::tuple<std::string, std::string, CollectionNo, AgreementBinding::Way>;

struct Tables {
    std::uint64_t generation = 1;
    std::uint32_t last_number = 0;  // of all kinds together, so that none is given twice
    std::map<PartyNo, Party> parties;
    std::map<UserNo, User> users;
    std::map<TokenNo, Token> tokens;
    std::map<RootNo, ApiRoot> roots;
    std::map<CollectionNo, Collection> collections;
    std::map<GrantNo, Grant> grants;
    std::vector<StatementMarking> statements;
    std::vector<AgreementRecord> agreement_records;
    std::map<std::pair<std::string, std::string>, AgreementParty>
        agreement_parties;  // agreement, pid
    std::map<BindingKey, AgreementBinding> agreement_bindings;
    std::map<std::pair<PartyNo, std::uint64_t>, Card> cards;  // party, sequence
    std::vector<KeyStatement> key_statements;
    std::map<PartyNo, Peer> peers;
    std::map<HoldNo, Hold> holds;
    Micros agreements_at;
};

struct State {
    Shared<Tables> tables;
    Shared<Classes> classes;
    Shared<Records> records;
    std::map<CollectionNo, Shared<Shelf>> shelves;
    std::uint64_t last_quarantine = 0;
    std::uint64_t last_outbox = 0;
    std::uint64_t last_kept = 0;
    std::uint64_t last_sighting = 0;
};

}  // namespace entente::store::memory
