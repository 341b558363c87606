#pragma once
// Why one reader gets an object, or does not, and who gets it: for the own party's roles on this
// machine, never for the reader itself. Asks the decision that every exit asks.
#include "exchange/caller.h"
#include "store/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// The same node with its agreements as they stood, or will stand, at `at` by what is known: what
/// was taken later is left out. Users, grants, cards, and where agreements apply are as now. Cost:
/// the whole directory.
[[nodiscard]] State as_of(const State& state, Micros at);

/// What any user of the party is to agreements and grants whom none of them names. Its number is
/// that of no user.
[[nodiscard]] store::User anyone_of(const store::Party& party);

enum class Access : std::uint8_t {
    withheld,
    later,  // released, and a delay is not over
    now,
};

/// When a reader has what a decision gives it.
struct Reach {
    Access access = Access::withheld;
    Micros stored{};               // when it came
    std::optional<Micros> from{};  // of a release with a delay: when that is over
    bool before_delay = false;     // now, since it came before there was a delay: it stays
};

/// What one agreement with the reader's party, or its grants together, had to say.
struct Path {
    enum class What : std::uint8_t {
        asked,          // `decision` is its own
        not_in_force,   // `stage` says how it stands
        not_bound,      // it does not give from this collection
        gives_nothing,  // no flow of it that gives from this collection goes to the reader
    } what = What::asked;
    std::string agreement{};  // empty = grants
    std::string title{};
    std::uint32_t version = 0;  // whose terms hold; 0 = none yet
    agreement::Stage stage = agreement::Stage::drafted;
    std::vector<std::string> missing{};       // pids that must still sign
    std::vector<std::string> suspended_by{};  // pids
    agreement::Decision decision{};           // names the flow that came furthest
};

/// The agreement under which an entry came here, and what it says of passing it on.
struct Arrival {
    std::string agreement{};
    std::string title{};
    agreement::Stage stage = agreement::Stage::drafted;
    agreement::Onward onward{};  // nothing allowed where no version is in force
};

/// One version, or one copy that was made of a version with parts hidden.
struct ExplainedEntry {
    std::string id{};
    std::string version{};
    bool derived = false;
    std::string source{};                 // the party that published it here
    std::string held_for{};               // the party that it is held in quarantine for
    std::vector<std::string> markings{};  // of the whole object
    std::vector<std::string> granular{};  // of parts that are in it
    std::vector<std::string> hidden{};    // of parts that were cut out
    std::vector<std::string> personal{};  // classes of personal data in it, by name
    std::vector<std::string> stripped{};  // those that were cut out
    agreement::Decision decision{};       // what every exit acts on
    Reach reach{};
    std::vector<Path> paths{};        // grants first, then agreements by id
    std::vector<Arrival> arrivals{};  // of what came under agreements: each that let it in
};

/// What is asked. The rows outlive the question.
struct Question {
    const store::User& user;
    const store::Collection& collection;
    std::string_view object;  // an id
    Micros at{};
    bool as_served = true;  // `at` is now: what was served once before a delay began is served
};

/// All versions of the object and the copies made of them, oldest version first; empty if the
/// collection has none. REQUIRES: `state` is of the snapshot, its agreements as of `question.at`.
[[nodiscard]] std::vector<ExplainedEntry> explain_object(
    store::Snapshot& snapshot, const State& state, const Question& question
);

/// One user who gets an entry.
struct Member {
    store::UserNo user{};
    std::string party{};
    std::string name{};
    agreement::Decision decision{};
    Reach reach{};  // now or later
};

/// One version or derived copy with everyone who gets it.
struct Audience {
    std::string id{};
    std::string version{};
    bool derived = false;
    std::vector<Member> members{};  // by party, then name
};

/// Exactly the users of this node who get the object from the collection, now or later. Empty if
/// the collection does not have it. REQUIRES: as `explain_object`.
[[nodiscard]] std::vector<Audience> audience_of(
    store::Snapshot& snapshot,
    const State& state,
    const store::Collection& collection,
    std::string_view object,
    Micros at
);

/// The collections that hold a version of the object, or the object as a derived copy.
[[nodiscard]] std::vector<store::CollectionNo> collections_with(
    store::Snapshot& snapshot, const State& state, std::string_view object
);

/// The way that decided, for people: "TITLE, flow FID", or "grant"; empty if none did.
[[nodiscard]] std::string clause_text(const State& state, const agreement::Decision& decision);

}  // namespace entente::exchange
