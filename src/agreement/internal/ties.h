#pragma once
// Rules that tie terms of an agreement together.
#include "agreement/internal/shape.h"

#include <boost/json/object.hpp>

namespace entente::agreement::internal {

/// REQUIRES: `document` has the shape of an agreement and is complete. Time: n log n.
void check_ties(const boost::json::object& document, Findings& findings);

}  // namespace entente::agreement::internal
