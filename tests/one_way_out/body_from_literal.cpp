// Even a text of the source names its type: what leaves is seen at the line.
// refused with: no match for .operator=.
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(http::Response& response, std::string&) {
#ifdef FORBIDDEN
    response.body = "text";
#endif
}
