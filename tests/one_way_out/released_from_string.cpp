// It is not made from a text of run time (own_words names its reason at the place).
// refused with: no matching function
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(std::string& bytes) {
#ifdef FORBIDDEN
    (void)agreement::Released(bytes);
#endif
}
