#pragma once
// medallion's data file (its memory back end's, which is also what it loads into MongoDB) and its
// configuration's users: API roots, collections, permissions, objects with the dates under which
// its clients know them.
#include "base/result.h"
#include "base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace entente::formats {

/// One object of a collection, by the date that it gets.
struct MedallionObject {
    std::string json;  // as it stands in the file, without medallion's own `_date_added`
    Micros date;       // of its manifest record; raised where several share one
};

struct MedallionCollection {
    std::string id;  // as written, a UUID or not
    std::string title;
    std::string description;
    std::string alias;
    bool can_read = false;
    bool can_write = false;
    bool accepts_stix20 = false;
    /// By rising date, all dates different: of records that share one, the later in manifest order
    /// is raised by 1 microsecond.
    std::vector<MedallionObject> objects;
};

struct MedallionRoot {
    std::string name;  // the path segment
    std::string title;
    std::string description;
    std::uint64_t max_content_length = 0;  // 0 = not said
    std::vector<MedallionCollection> collections;
};

struct MedallionData {
    std::string default_root;  // name of the one that discovery calls default; empty = none
    std::vector<MedallionRoot> roots;
    /// What could not be used, and where, in words: an object without a manifest record, a date
    /// that is none. At most limits::import_problems_max; `problems_left_out` counts the others.
    std::vector<std::string> problems;
    std::size_t problems_left_out = 0;
};

/// Reads a data file. Fails: malformed (not JSON), unprocessable (JSON, but no data file of
/// medallion's: no API root in it). What is wrong with a single root, collection or object goes to
/// `problems`. Memory: about twice `text`.
[[nodiscard]] Result<MedallionData> read_medallion(std::string_view text);

struct MedallionUser {
    std::string name;
    std::string password;  // medallion keeps them in clear
};

/// The users of a configuration file. Fails: malformed, unprocessable (`users` is no object of
/// texts). None is no failure.
[[nodiscard]] Result<std::vector<MedallionUser>> read_medallion_users(std::string_view text);

}  // namespace entente::formats
