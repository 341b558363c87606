#pragma once
// For tests of scan: the stores that it is tried on.
#include "store/memory/memory_store.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace entente::store::test {

struct StoreKind {
    std::string name;
    std::uint64_t cases;  // random histories in an ordinary run
    std::function<std::unique_ptr<Store>()> make;
};

inline std::vector<StoreKind> store_kinds() {
    return {{"memory", 300, [] { return make_memory_store(); }}};
}

}  // namespace entente::store::test
