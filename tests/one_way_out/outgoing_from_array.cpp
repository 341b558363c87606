// Nor from an array that is filled at run time.
// refused with: call to consteval|is not a constant expression
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const char (&bytes)[64]) {
#ifdef FORBIDDEN
    (void)Outgoing(bytes);
#endif
}
