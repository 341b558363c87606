#pragma once
// Reading a collection as one view sees it: the entries in place and the view's late rows, merged
// by position, filtered as TAXII 2.1 section 3.4 says, each handed on sealed with the date that
// this view sees. Works on any Snapshot.
#include "agreement/class.h"
#include "agreement/release.h"
#include "agreement/view.h"
#include "base/result.h"
#include "store/store.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace entente::store {

/// Which versions of each object (TAXII 2.1, 3.4.1 match[version]; T70-T73).
struct VersionFilter {
    bool all = false;
    bool first = false;
    bool last = true;
    std::vector<std::string> keys;  // instant keys; any of first, last and keys may stand together
};

struct Filter {
    std::optional<Micros> added_after;       // strictly after, by the dates this view sees
    std::vector<std::string> ids;            // empty = any; sorted, unique
    std::vector<std::string> types;          // empty = any
    std::vector<std::string> spec_versions;  // empty = the newest that is held of each object (T72)
    VersionFilter version;
};

/// A position in a view's stream: everything up to it has been served. {0} = the beginning. An
/// entry stands where it lies if the view shows it there; else where its late row lies. In streams
/// that ask for the latest versions, an entry that became the latest again stands at its last such
/// row only.
struct Position {
    Seq seq{};
};

struct ScanResult {
    Position end;       // the last entry handed on and taken, else where the scan began
    bool more = false;  // at least one more entry passes for this view and filter after `end`
    std::optional<Micros> first_date;  // of the entries taken
    std::optional<Micros> last_date;
    bool any_id_visible =
        false;  // with `ids`: some version of one of them is visible whatever the other filters say
};

/// Hands at most `limit` entries after `from` to `sink` in order of position; `sink` returns false
/// to stop before taking one (page full), which sets `more`. With added_after as well, the later of
/// the two counts. Versions are judged as the standard says: type, id, added_after and spec version
/// first, version last (T73), among what this view sees; internal/versions.h has the definition.
/// Cost: a few rows per entry handed on, and at most limits::withheld_rows_per_page_max rows that
/// the view does not see; after that the class index leads from one visible entry to the next.
/// Versions that are visible but not asked for, and late rows of other types, are passed over one
/// by one. An entry with a newer version that the view does not see costs reading the object's
/// history once. Throws StorageError (corrupt) when index and entries disagree.
[[nodiscard]] ScanResult scan(
    Snapshot& snapshot,
    const agreement::View& view,
    const agreement::ClassTable& classes,
    const Filter& filter,
    Position from,
    std::uint64_t limit,
    const std::function<bool(const agreement::Sealed&)>& sink
);

/// The date under which `view` sees the entry that lies at `seq` in place.
[[nodiscard]] Micros date_in_view(const Group& group, const agreement::View& view, Seq seq);

}  // namespace entente::store
