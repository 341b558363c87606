// A Gate's page is its own.
// refused with: is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(agreement::Gate& gate, std::string& bytes) {
#ifdef FORBIDDEN
    gate.page_.text_ += bytes;
#endif
}
