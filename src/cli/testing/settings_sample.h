#pragma once
// A command with a setting of each kind, for tests of settings.
#include <cstdint>
#include <string>
#include <vector>

namespace entente::cli::testing {

/// What it could be told.
struct Told {
    std::string name = "none";
    unsigned count = 1;
    std::uint64_t size = 2;
    std::vector<std::string> list;
    bool yes = false;
};

template <class Set>
void declare(Set& set, Told& told) {
    set.option("--name", told.name, "");
    set.option("--count", told.count, "");
    set.option("--size", told.size, "");
    set.repeated("--one-of", told.list, "");
    set.flag("--yes", told.yes, "");
}

}  // namespace entente::cli::testing
