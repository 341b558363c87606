#pragma once
// The values of an agreement out of its JSON.
#include "agreement/document.h"

#include <boost/json/object.hpp>

namespace entente::agreement::internal {

/// All members but `canonical` and `digest`. REQUIRES: `check_shape` and `check_ties` found nothing
/// in `document`, and it is complete.
[[nodiscard]] Document build(const boost::json::object& document);

}  // namespace entente::agreement::internal
