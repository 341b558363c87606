// Who holds a Sealed cannot read it.
// refused with: is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const agreement::Sealed& sealed) {
#ifdef FORBIDDEN
    (void)sealed.parts_.body;
#endif
}
