// A text made at run time is no body.
// refused with: no match for .operator=.
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(http::Response& response, std::string& bytes) {
#ifdef FORBIDDEN
    response.body = bytes;
#endif
}
