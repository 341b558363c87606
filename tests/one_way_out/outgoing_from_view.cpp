// Nor from a view.
// refused with: no matching function
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(std::string_view bytes) {
#ifdef FORBIDDEN
    (void)Outgoing(bytes);
#endif
}
