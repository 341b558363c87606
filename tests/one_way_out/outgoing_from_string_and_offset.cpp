// The constructor that takes a text of run time belongs to Released.
// refused with: is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(std::string& bytes) {
#ifdef FORBIDDEN
    (void)Outgoing(bytes, 0);
#endif
}
