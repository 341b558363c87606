// Arbitrary bytes as a file that may be compressed: the limit holds, and what comes out does not
// depend on how the bytes are cut into pieces. The first byte chooses the size of the pieces.
#include "base/assert.h"
#include "cli/decode.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace {

constexpr std::size_t decoded_bytes_max = 1 << 20;

/// What comes out; nothing for bytes that are refused.
std::optional<std::string> decode(std::string_view bytes, std::size_t piece) {
    using namespace entente;
    std::string out;
    cli::Decoder decoder(
        [&](std::string_view some) -> Result<void> {
            out += some;
            return {};
        },
        decoded_bytes_max
    );
    bool good = true;
    while (good && !bytes.empty()) {
        const std::size_t size = std::min(piece, bytes.size());
        good = decoder.feed(bytes.substr(0, size)).has_value();
        bytes.remove_prefix(size);
    }
    good = good && decoder.finish().has_value();
    ENTENTE_ASSERT(out.size() <= decoded_bytes_max);
    if (!good) return std::nullopt;
    ENTENTE_ASSERT(decoder.decoded_bytes() == out.size());
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data + 1), size - 1};
    const auto whole = decode(bytes, bytes.size() + 1);
    ENTENTE_ASSERT(whole == decode(bytes, 1 + data[0] % 64));
    return 0;
}
