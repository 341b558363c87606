#include "store/commits.h"

namespace entente::store {

const Commits* commits_of(const Store& store) noexcept {
    return dynamic_cast<const Commits*>(&store);
}

}  // namespace entente::store
