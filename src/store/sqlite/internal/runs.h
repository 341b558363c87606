#pragma once
// The classes of a group, run by run, as bytes: for each run two LEB128 numbers, the class and the
// count.
#include "store/rows.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::store::sqlite {

[[nodiscard]] std::string pack_runs(std::span<const Group::Run> runs);
/// Nothing when `bytes` were not written by `pack_runs`.
[[nodiscard]] std::optional<std::vector<Group::Run>> unpack_runs(std::string_view bytes);

}  // namespace entente::store::sqlite
