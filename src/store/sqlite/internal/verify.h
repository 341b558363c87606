#pragma once
// Checks a whole store against itself.
#include "store/sqlite/internal/connection.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace entente::store::sqlite {

/// One line per finding, at most limits::verify_findings_max. Names collections and positions, no
/// object values. REQUIRES: a transaction is open on `connection`, so that all is read from one
/// state.
[[nodiscard]] std::vector<std::string> verify(
    Connection& connection,
    const Key& id_secret,
    const std::function<void(std::uint64_t done, std::uint64_t all)>& progress
);

}  // namespace entente::store::sqlite
