#pragma once
// One page of objects as any TAXII 2.1 server may send it: checked to be JSON without building it
// in memory, cut into slices. Pure.
#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::taxii::client {

/// An envelope (TAXII 2.1, 3.7). Slices live as long as the text it was read from.
struct Page {
    std::vector<std::string_view> objects;  // each one JSON object, byte for byte as it came
    std::size_t others = 0;  // members of `objects` that are no JSON objects, left out
    std::optional<bool> more;
    std::string next;  // empty = none; a number is taken as its text
};

/// Reads an envelope. The whole text must be JSON in UTF-8; nesting is bounded by
/// limits::json_depth_max in an object, the count by limits::objects_per_request_max, `next` by
/// limits::client_next_bytes_max. Memory: the slices alone. Fails: corrupt, with the byte and what
/// was expected: these are answers of a server, not words of the user.
[[nodiscard]] Result<Page> read_page(std::string_view body);

/// The object on one line: white space outside of strings is taken away if a line break is among
/// it, else nothing changes.
[[nodiscard]] std::string one_line(std::string_view object);

}  // namespace entente::taxii::client
