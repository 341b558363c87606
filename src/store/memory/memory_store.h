#pragma once
// The plain store: everything in ordinary containers under one lock. For tests and as the measure
// of the others.
#include "store/store.h"

#include <memory>

namespace entente::store {
[[nodiscard]] std::unique_ptr<Store> make_memory_store();
}
