#pragma once
// gzip (RFC 1952) of whole bodies by ISA-L; base/gunzip.h undoes it.
#include <string>
#include <string_view>

namespace entente::http {

/// One gzip member holding `plain`. Costs about 0.6 ms for 450 KB of JSON. Each calling thread
/// keeps about 0.5 MB. Threads: safe.
[[nodiscard]] std::string gzip(std::string_view plain);

}  // namespace entente::http
