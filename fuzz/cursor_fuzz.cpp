// Arbitrary bytes as a `next`, which nobody but this node can have made; as a cursor of this node
// that was changed; and as the filter of a cursor, which must come back.
#include "base/assert.h"
#include "exchange/internal/cursor.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace entente;
using namespace entente::exchange;

namespace {

constexpr store::UserNo user{7};
constexpr store::CollectionNo collection{3};

/// The next part of `rest`, which ends at a 0 byte.
std::string part(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    std::string out(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    Key key{};
    key.fill(9);
    ENTENTE_ASSERT(!open_cursor(key, rest, user, collection));
    if (size < 4) return 0;

    Cursor cursor;
    cursor.epoch = data[0];
    cursor.what = static_cast<What>(data[1] % 3);
    cursor.one_object = (data[2] & 1U) != 0;
    cursor.filter.version.all = (data[2] & 2U) != 0;
    cursor.position.seq = store::Seq{data[3]};
    const std::size_t flip = data[3];
    rest.remove_prefix(4);
    cursor.filter.ids = {part(rest)};
    cursor.filter.types = {part(rest), part(rest)};
    cursor.filter.version.keys = {part(rest)};
    // What a filter holds was text of a query: UTF-8 or refused there.
    for (const auto* set :
         {&cursor.filter.ids, &cursor.filter.types, &cursor.filter.version.keys}) {
        for (const std::string& value : *set) {
            if (std::ranges::any_of(value, [](char c) { return (c & 0x80) != 0; })) return 0;
        }
    }

    std::string token = seal_cursor(key, cursor, user, collection);
    const auto open = open_cursor(key, token, user, collection);
    ENTENTE_ASSERT(open && open->epoch == cursor.epoch && open->what == cursor.what);
    ENTENTE_ASSERT(open->one_object == cursor.one_object);
    ENTENTE_ASSERT(open->position.seq == cursor.position.seq);
    ENTENTE_ASSERT(open->filter.ids == cursor.filter.ids);
    ENTENTE_ASSERT(open->filter.types == cursor.filter.types);
    ENTENTE_ASSERT(open->filter.version.keys == cursor.filter.version.keys);
    ENTENTE_ASSERT(!open_cursor(key, token, store::UserNo{8}, collection));
    ENTENTE_ASSERT(!open_cursor(key, token, user, store::CollectionNo{4}));
    char& changed = token[flip % token.size()];
    changed = changed == 'A' ? 'B' : 'A';
    ENTENTE_ASSERT(!open_cursor(key, token, user, collection));
    return 0;
}
