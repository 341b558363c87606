// Reads arbitrary bytes as a pattern, in both dialects. With and without a tree the judgement is
// the same, and what is printed is the same pattern.
#include "base/assert.h"
#include "pattern/pattern.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace entente::pattern;

void look(std::string_view text, Dialect dialect) {
    const Glance judged = glance(text, dialect);
    const auto pattern = parse(text, dialect);
    if (!pattern) {
        ENTENTE_ASSERT(judged == Glance::broken);
        ENTENTE_ASSERT(pattern.error().at <= text.size() && !pattern.error().message.empty());
        (void)caret(text, pattern.error());
        return;
    }
    const auto found = remarks(*pattern, dialect);
    const bool error =
        std::any_of(found.begin(), found.end(), [](const Remark& one) { return one.error; });
    ENTENTE_ASSERT(error == (judged == Glance::broken));
    ENTENTE_ASSERT(judged != Glance::clean || found.empty());
    const std::string printed = print(*pattern);
    const auto again = parse(printed, dialect);
    ENTENTE_ASSERT(again && print(*again) == printed);
    // Same words, same tree; same tree, same judgement.
    ENTENTE_ASSERT(explain(*again) == explain(*pattern));
    ENTENTE_ASSERT(sound(printed, dialect) == !error);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    look(text, Dialect::v21);
    look(text, Dialect::v20);
    return 0;
}
