// Nothing but a Gate appends to it.
// refused with: is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(agreement::Released& page, std::string& bytes) {
#ifdef FORBIDDEN
    page.text_ += bytes;
#endif
}
