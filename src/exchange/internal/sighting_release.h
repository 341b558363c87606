#pragma once
// Whether one sighting may go to its party now, and the object that goes.
#include "exchange/internal/write_state.h"
#include "exchange/sightings.h"
#include "stix/object.h"

#include <optional>
#include <string>
#include <vector>

namespace entente::exchange {

/// What was told to each party today (UTC); a setting of the store, so that a restart forgets none.
class DaysTold {
  public:
    DaysTold(store::Snapshot& snapshot, Micros now);
    [[nodiscard]] std::uint64_t of(store::PartyNo party) const;
    void add(store::PartyNo party, std::uint64_t count);
    void put(store::Transaction& tx) const;

  private:
    std::int64_t day_;
    std::map<store::PartyNo, std::uint64_t> told_;
};

/// The node's secret for the ids of sightings, so that nobody else can tell or foresee one. Made
/// when it is first needed. Throws StorageError when it cannot be read.
[[nodiscard]] Key sighting_key(store::Transaction& tx);

/// One use, inside one transaction.
class SightingRelease {
  public:
    SightingRelease(store::Transaction& tx, const Clock& clock, const State& state);

    /// The object, word for word. Nothing of it but the indicator, the hour and the count depends
    /// on what was seen. Fails: why it cannot be made, for people.
    [[nodiscard]] Result<std::string> object_of(const store::Sighting& row);

    /// Why it cannot go to its party now, whatever the object is; empty = it may.
    [[nodiscard]] std::string held(const store::Sighting& row);

    /// Where an object was stored.
    struct Stored {
        const store::Collection* collection = nullptr;
        store::Seq seq{};
        std::uint32_t delay_hours = 0;          // after which the party may have it
        std::vector<store::PartyNo> readers{};  // other parties who get it there
    };

    /// Stores the object where the agreement lets its party have it: among several such collections
    /// in the one that the fewest other parties read. Fails: why there is none, for people; then
    /// nothing is stored.
    [[nodiscard]] Result<Stored> store(const store::Sighting& row, const std::string& object);

  private:
    [[nodiscard]] Result<std::vector<std::string>> markings_of(const store::Sighting& row);
    [[nodiscard]] std::string id_of(const store::Sighting& row);
    [[nodiscard]] Result<Stored> store_in(
        const store::Collection& collection, const store::Sighting& row, const stix::Object& object
    );

    store::Transaction& tx_;
    const Clock& clock_;
    const State& state_;
    Reports reports_;
    std::optional<Key> key_;
};

}  // namespace entente::exchange
