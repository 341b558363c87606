#include "base/result.h"

#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace entente {

const char* errc_name(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_argument:
            return "invalid_argument";
        case Errc::malformed:
            return "malformed";
        case Errc::unprocessable:
            return "unprocessable";
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::too_large:
            return "too_large";
        case Errc::unauthorized:
            return "unauthorized";
        case Errc::forbidden:
            return "forbidden";
        case Errc::not_acceptable:
            return "not_acceptable";
        case Errc::unsupported_media_type:
            return "unsupported_media_type";
        case Errc::corrupt:
            return "corrupt";
        case Errc::overloaded:
            return "overloaded";
    }
    return "unknown";
}

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    (void)std::fprintf(stderr, "entente: bug: %s at %s:%d\n", condition, file, line);
    std::abort();
}

}  // namespace entente
