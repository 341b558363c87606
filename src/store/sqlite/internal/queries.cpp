#include "store/sqlite/internal/queries.h"

#include "store/sqlite/internal/queries_directory.h"
#include "store/sqlite/internal/queries_entries.h"
#include "store/sqlite/internal/queries_records.h"

#include <iterator>

namespace entente::store::sqlite {
namespace {

static_assert(
    std::size(directory_queries) + std::size(entries_queries) + std::size(records_queries) ==
        query_count,
    "each statement has its text"
);

consteval std::array<Query, query_count> joined() {
    std::array<Query, query_count> all{};
    std::size_t count = 0;
    for (const Query& query : directory_queries)
        all[count++] = query;
    for (const Query& query : entries_queries)
        all[count++] = query;
    for (const Query& query : records_queries)
        all[count++] = query;
    return all;
}

constexpr std::array<Query, query_count> table = joined();

consteval bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table[i].name != Q{static_cast<std::uint8_t>(i)}) return false;
    return true;
}

static_assert(in_order(), "the table is read by index");

}  // namespace

const std::array<Query, query_count>& queries() noexcept {
    return table;
}

}  // namespace entente::store::sqlite
