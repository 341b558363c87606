#pragma once
// From agreements to terms: which ways an agreement opens to one reader, or to one writer, of a
// collection on this node. Pure.
#include "agreement/life.h"
#include "agreement/terms.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

/// An agreement as it stands at a moment, on one node.
struct Standpoint {
    std::string id;
    Standing standing;  // points into a Life
    /// Which party of this node a pid is. Who is not in it gets nothing and gives nothing.
    std::map<std::string, PartyNo, std::less<>> parties;

    /// A pid of `pids` that has not left is this party.
    [[nodiscard]] bool among(const std::vector<std::string>& pids, PartyNo party) const;
};

/// Who reads or writes.
struct Principal {
    PartyNo party{};
    std::string_view party_name;
    std::string_view user_name;
    bool client = false;  // its party is in the list of clients of this node's party
};

/// The ways by which `reader` gets entries of a collection to which the flows `flows` of `by` are
/// bound (empty = all its flows). What came here under another agreement of `all` goes on only as
/// that one says. A ceiling is at most what TLP 2.0 gives the reader's relation: RED for those whom
/// a flow names, AMBER+STRICT for their organisation; onward AMBER for clients, GREEN for a
/// community, CLEAR for the public. No ways while the agreement is not in force.
[[nodiscard]] std::vector<Way> reading_ways(
    const Standpoint& by,
    const std::set<std::string, std::less<>>& flows,
    const Principal& reader,
    PartyNo own,
    std::span<const Standpoint> all
);

/// Whose objects a grant to a partner lets through: this node's own, what came here under no
/// agreement, and of what came under one of `all` only what that one lets go on to the reader: a
/// grant is the word of this node alone.
[[nodiscard]] Sources granted_sources(
    const Principal& reader, PartyNo own, std::span<const Standpoint> all
);

/// The ways by which `writer` may publish into such a collection: what it gives to this node's
/// party, or to others through it.
[[nodiscard]] std::vector<Way> writing_ways(
    const Standpoint& by,
    const std::set<std::string, std::less<>>& flows,
    const Principal& writer,
    PartyNo own
);

/// Whose TLP:RED is for this user of the own party, as "AGREEMENT/PARTY" (the party's number): each
/// that gives in a flow of `all` to the own party that names the user. Sorted.
[[nodiscard]] std::vector<std::string> red_arrivals(
    const Principal& reader, PartyNo own, std::span<const Standpoint> all
);

}  // namespace entente::agreement
