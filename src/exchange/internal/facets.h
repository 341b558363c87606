#pragma once
// The facets of an object: all that a decision may ask of it.
#include "agreement/class.h"
#include "base/time.h"
#include "stix/object.h"

namespace entente::exchange {

/// What an object says by itself, as published at `now`: without source, arrival, lane and needs.
/// Age is that of the version; what has no dates counts from its publishing.
[[nodiscard]] agreement::Facets facets_of(const stix::Object& object, Micros now);

/// Whoever may have the source by some terms may have the target by the same terms, if the same
/// party published both: naming the target then tells nothing new.
[[nodiscard]] bool implied(const agreement::Facets& target, const agreement::Facets& source);

}  // namespace entente::exchange
