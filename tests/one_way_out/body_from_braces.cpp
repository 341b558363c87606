// Nor does a list of values become one.
// refused with: no match for .operator=.|is private within this context
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(http::Response& response, std::string& bytes) {
#ifdef FORBIDDEN
    response.body = {bytes, 0};
#endif
}
