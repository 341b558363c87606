#pragma once
// Taking over objects from another server together with the dates under which its readers know
// them.
#include "base/result.h"
#include "base/time.h"
#include "stix/object.h"
#include "store/store.h"

#include <span>
#include <vector>

namespace entente::exchange {

struct DatedObject {
    const stix::Object* object = nullptr;
    Micros date;
};

/// Stores each object as the user's party's, in a group of its own, so that its readers see it
/// under `date` or the first date after it that is free: dates are kept in a new collection when
/// they rise. Statement markings among the objects become known. Nobody's custody is judged: the
/// operator takes over a whole collection. One outcome for each object, in order. Fails: conflict
/// (this version is there), too_large (too many versions), unprocessable (STIX 2.0 where the
/// collection takes none).
[[nodiscard]] std::vector<Result<void>> store_dated(
    store::Transaction& tx,
    const store::User& user,
    const store::Collection& collection,
    std::span<const DatedObject> objects
);

}  // namespace entente::exchange
