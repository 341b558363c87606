// A Released begins in a Gate.
// refused with: is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt() {
#ifdef FORBIDDEN
    const agreement::Released page;
#endif
}
