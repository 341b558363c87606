#pragma once
// Reading a whole collection of a stranger's server, page by page, so that nothing is lost, little
// is repeated, and no server can keep us for ever.
//
// 1. A page is handed over, durably, before the position moves past it; the position is saved after
// that.
// 2. Pages follow `next` with the same parameters (TAXII 2.1, 3.5; some servers compare them), else
// `added_after`.
// 3. Where a cursor is lost, or a server cuts pages between objects of one date, the pull steps
// back to just before the last
//    date and leaves out what it handed over since: so a server that gives many objects one date
//    loses none.
// 4. Every loop is bounded: pages, bytes, time (Session), empty pages, repeated pages, restarts
// without progress.
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "taxii/client/locate.h"
#include "taxii/client/page.h"
#include "taxii/client/session.h"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::taxii::client {

/// TAXII 2.1, 3.4. Lists are joined with commas.
struct PullFilter {
    std::optional<Micros> added_after = {};
    std::vector<std::string> ids = {};
    std::vector<std::string> types = {};
    std::vector<std::string> versions = {};
    std::vector<std::string> spec_versions = {};

    /// A text that is equal for equal filters.
    [[nodiscard]] std::string key() const;
};

/// The first bytes of an object's digest, in hex: enough to know it again.
[[nodiscard]] std::string object_mark(std::string_view object);

/// Where a pull stands; what a state file holds.
struct PullPosition {
    std::optional<Micros> base = {};  // the added_after of the walk under way
    std::string next = {};            // the cursor of its next page; empty = none
    std::optional<Micros> last = {};  // the newest date of a page that was handed over
    bool open = false;           // the walk has not come to its end
    std::vector<std::string>
        recent;  // marks of the objects that may have the date `last`, oldest first
};

/// As a JSON text that names what it belongs to, and back. Reading fails: corrupt (no such text),
/// conflict (it belongs to another collection or filter).
[[nodiscard]] std::string position_text(const PullPosition& position, std::string_view belongs_to);
[[nodiscard]] Result<PullPosition> read_position(
    std::string_view text, std::string_view belongs_to
);

/// What became of a page's objects.
struct Taken {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

struct PullPlan {
    http::Url objects;  // …/objects/
    PullFilter filter = {};
    std::uint64_t limit = limits::page_objects_default;  // objects a page; always said, since some
                                                         // servers need it beside `next`
    std::uint64_t pages_max = limits::pull_pages_max;
    /// Takes the new objects of a page; must be durable when it returns. An error ends the pull.
    std::function<Result<Taken>(std::span<const std::string_view>)> sink = {};
    std::function<void(const PullPosition&)> save = {};  // empty = nobody keeps it
    std::function<void(std::uint64_t objects, std::uint64_t bytes)> progress = {};
};

struct PullReport {
    std::uint64_t pages = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;     // by the sink, or no objects at all
    std::uint64_t repeated = 0;    // handed over before, left out
    std::optional<Error> stopped = {};  // why it ended before the end; nothing = complete
    std::optional<Micros> last_date = {};
};

/// Pulls from `position` to the end of the collection. Whatever happens, the report says what was
/// handed over. Throws what the sink and `save` throw.
[[nodiscard]] PullReport pull(Session& session, const PullPlan& plan, PullPosition position);

}  // namespace entente::taxii::client
