// Only its owner sends it.
// refused with: passing .* as .this. argument discards qualifiers|no matching|discards
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const agreement::Released& page) {
#ifdef FORBIDDEN
    (void)std::move(page).out();
#endif
}
