// Arbitrary bytes as gzip: the limit holds, and the answer does not depend on how the bytes are cut
// into pieces. The first byte chooses the size of the pieces.
#include "base/assert.h"
#include "base/gunzip.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

constexpr std::uint64_t bytes_max = 1U << 20U;

struct Outcome {
    entente::Gunzip::State state = entente::Gunzip::State::ok;
    bool complete = false;
    std::string bytes;
};

Outcome decode(std::string_view packed, std::size_t step) {
    entente::Gunzip gunzip;
    Outcome out;
    while (!packed.empty() && out.state == entente::Gunzip::State::ok) {
        out.state = gunzip.feed(packed.substr(0, step), out.bytes, bytes_max);
        packed.remove_prefix(std::min(step, packed.size()));
    }
    out.complete = gunzip.complete();
    ENTENTE_ASSERT(out.bytes.size() <= bytes_max);
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view packed{reinterpret_cast<const char*>(data) + 1, size - 1};
    const Outcome whole = decode(packed, std::max<std::size_t>(packed.size(), 1));
    const Outcome pieces = decode(packed, 1U + data[0]);
    const bool whole_good = whole.state == entente::Gunzip::State::ok && whole.complete;
    const bool pieces_good = pieces.state == entente::Gunzip::State::ok && pieces.complete;
    ENTENTE_ASSERT(whole_good == pieces_good);
    if (whole_good) ENTENTE_ASSERT(whole.bytes == pieces.bytes);
    return 0;
}
