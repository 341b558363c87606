// Reads arbitrary bytes as an envelope and cuts them as a stream in parts: where the envelope is
// good, both must find the same objects at the same places; the parts must not matter.
#include "base/assert.h"
#include "stix/envelope.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace {

using namespace entente;
using Pieces = std::vector<std::pair<std::size_t, std::string>>;

/// What the cutter finds; the last piece is the error, if there is one.
Pieces cut(std::string_view text, std::size_t part) {
    Pieces pieces;
    stix::Cutter cutter([&pieces](std::string_view object, std::size_t at) -> Result<void> {
        pieces.emplace_back(at, object);
        return {};
    });
    Result<void> result;
    for (; result && !text.empty(); text.remove_prefix(std::min(part, text.size()))) {
        result = cutter.feed(std::string(text.substr(0, part)));
    }
    if (result) result = cutter.finish();
    if (!result) pieces.emplace_back(std::string_view::npos, result.error().detail);
    return pieces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const Pieces whole = cut(text, size + 1);
    ENTENTE_ASSERT(cut(text, 1) == whole && cut(text, 5) == whole);
    const auto envelope = stix::read_envelope(text);
    if (!envelope) return 0;
    ENTENTE_ASSERT(envelope->objects.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const std::string_view object = envelope->objects[i];
        ENTENTE_ASSERT(whole[i].second == object);
        ENTENTE_ASSERT(whole[i].first == static_cast<std::size_t>(object.data() - text.data()));
    }
    return 0;
}
