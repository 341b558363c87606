// A SourceText is made while compiling or not at all.
// refused with: call to consteval|is not a constant expression
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const char (&bytes)[64]) {
#ifdef FORBIDDEN
    (void)SourceText(bytes);
#endif
}
