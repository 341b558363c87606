#pragma once
// What is told of a hit.
#include "agreement/use.h"
#include "base/time.h"
#include "store/rows.h"

#include <cstdint>
#include <string>
#include <vector>

namespace entente::watch {

/// One event that an indicator matched, judged. The indicator's words are those that the watch's
/// user may read.
struct Hit {
    // The event
    std::string sensor;                // the login that sent it
    std::uint64_t line = 0;            // in the request
    std::vector<std::uint64_t> lines;  // of a pattern over several events: those of this request
    Micros at;                         // as the event says, else when it came
    std::string path;
    std::string value;  // cut to limits::watch_value_bytes_max; empty where it is no text
    std::string event;  // names the event
    // The indicator
    store::CollectionNo collection{};
    store::Seq seq{};
    std::string collection_id;
    std::string indicator;
    std::string name;
    std::string pattern;
    std::string created_by;
    std::string marking;
    std::string shared_by;                            // the party that published it here
    std::vector<std::string> agreements;              // those in force under which it came
    agreement::Action may = agreement::Action::look;  // the most that may be done with it
    // What speaks against it
    bool own = false;     // the value is this node's own
    std::string warned;   // a warning list that informs
    std::string stopped;  // one that stops
};

/// As `entente match --json` prints a hit, and what only a node knows: one line of JSON without a
/// line feed.
[[nodiscard]] std::string json_of(const Hit& hit);

}  // namespace entente::watch
