#pragma once
// The plain store: everything in ordinary containers under one lock. For tests and as the measure of the others.
#include <memory>

#include "store/store.h"

namespace entente::store {
[[nodiscard]] std::unique_ptr<Store> make_memory_store();
}
