// Nor from a pointer, which may point to anything.
// refused with: no matching function|is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const char* bytes) {
#ifdef FORBIDDEN
    (void)Outgoing(bytes);
#endif
}
