// It has one owner: a page that was answered once is not answered again under another view.
// refused with: use of deleted function
#include "agreement/release.h"
#include "http/http.h"

#include <string>

using namespace entente;

void attempt(const agreement::Released& page) {
#ifdef FORBIDDEN
    (void)agreement::Released(page);
#endif
}
