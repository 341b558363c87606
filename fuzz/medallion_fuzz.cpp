// Arbitrary bytes as medallion's data file and as its configuration. What is read has dates that
// rise, and says what it left out in a bounded number of words.
#include "base/assert.h"
#include "base/limits.h"
#include "formats/medallion.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    (void)formats::read_medallion_users(text);
    const auto read = formats::read_medallion(text);
    if (!read) {
        ENTENTE_ASSERT(!read.error().detail.empty());
        return 0;
    }
    ENTENTE_ASSERT(!read->roots.empty() || !read->problems.empty());
    ENTENTE_ASSERT(read->problems.size() <= limits::import_problems_max);
    for (const formats::MedallionRoot& root : read->roots) {
        for (const formats::MedallionCollection& collection : root.collections) {
            const formats::MedallionObject* before = nullptr;
            for (const formats::MedallionObject& object : collection.objects) {
                ENTENTE_ASSERT(!object.json.empty());
                ENTENTE_ASSERT(before == nullptr || before->date < object.date);
                before = &object;
            }
        }
    }
    return 0;
}
