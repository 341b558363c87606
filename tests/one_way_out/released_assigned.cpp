// Nor is it copied by assignment.
// refused with: use of deleted function
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(agreement::Released& page, const agreement::Released& other) {
#ifdef FORBIDDEN
    page = other;
#endif
}
