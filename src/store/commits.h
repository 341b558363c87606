#pragma once
// Whether anything was committed since one looked last, told without asking the store.
#include "store/store.h"

#include <array>
#include <cstdint>
#include <optional>

namespace entente::store {

/// Equal ones: nothing was committed between, by this process or another.
using CommitMark = std::array<std::uint64_t, 6>;

/// The face of stores that can tell.
class Commits {
  public:
    virtual ~Commits() = default;
    /// What is committed at this moment; nothing while it cannot be told (a commit is just being
    /// made). Waits for nobody and makes no system call. Threads: safe.
    [[nodiscard]] virtual std::optional<CommitMark> committed() const noexcept = 0;
};

/// Null for a store that cannot tell. Lives as long as the store.
[[nodiscard]] const Commits* commits_of(const Store& store) noexcept;

}  // namespace entente::store
