// Nor turn it into its parts.
// refused with: no matching function|cannot convert|invalid .static_cast.
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const agreement::Sealed& sealed) {
#ifdef FORBIDDEN
    (void)static_cast<const agreement::Sealed::Parts&>(sealed);
#endif
}
