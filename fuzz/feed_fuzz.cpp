// Reads arbitrary bytes as values of every kind. What is taken has one spelling, and every format
// that is written from it reads back as it.
#include "base/assert.h"
#include "feed/testing/readers.h"
#include "feed/write.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

namespace {

using namespace entente::feed;

/// The values of lines, each as the kind that its first byte says.
std::set<Value> values_of(std::string_view text) {
    std::set<Value> values;
    while (!text.empty() && values.size() < 64) {
        const auto kind = static_cast<Kind>(static_cast<std::uint8_t>(text.front()) % kinds);
        text.remove_prefix(1);
        // A byte that no value has, so that line feeds and tabs come into them.
        const std::size_t end = std::min(text.find('\xfe'), text.size());
        if (const auto value = read_value(kind, text.substr(0, end))) {
            ENTENTE_ASSERT(read_value(value->kind, value->text) == *value);
            ENTENTE_ASSERT(std::ranges::all_of(value->text, [](char c) {
                return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
            }));
            values.insert(*value);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto values = values_of({reinterpret_cast<const char*>(data), size});
    for (const Format format :
         {Format::plain, Format::zeek, Format::suricata_dataset, Format::suricata_rules}) {
        std::vector<Entry> entries;
        for (const Value& value : values) {
            if (kinds_of(format).test(static_cast<std::size_t>(value.kind)))
                entries.push_back({value, "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"});
        }
        const auto back = testing::read_back(format, write_feed(format, entries, {}));
        ENTENTE_ASSERT(back && *back == testing::as_read(format, entries));
    }
    return 0;
}
