// An Outgoing is not made from a text of run time.
// refused with: is private within this context|no matching function
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(std::string& bytes) {
#ifdef FORBIDDEN
    (void)Outgoing(bytes);
#endif
}
