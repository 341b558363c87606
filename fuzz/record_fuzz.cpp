// Arbitrary bytes as what files say that others may have written: records of what was handed over
// and taken away (a restored database), and where a pull stands. What is read makes a text that
// reads the same.
#include "base/assert.h"
#include "exchange/disclosure.h"
#include "taxii/client/pull.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace entente;

namespace {

constexpr std::size_t entries_max = 4'096;  // a run may be longer than memory

void read_list(std::string_view text) {
    std::vector<store::Seq> entries;
    std::uint64_t before = 0;
    bool whole = true;
    const auto read = exchange::each_run(text, [&](store::Seq first, store::Seq last) {
        ENTENTE_ASSERT(agreement::raw(first) > before && first <= last);
        before = agreement::raw(last);
        for (std::uint64_t at = agreement::raw(first); at <= before; ++at) {
            if (entries.size() == entries_max) return whole = false;
            entries.push_back(store::Seq{at});
        }
        return true;
    });
    if (!read || !whole) return;
    std::vector<store::Seq> again;
    const auto reread = exchange::each_run(
        exchange::entry_list(entries),
        [&](store::Seq first, store::Seq last) {
            for (std::uint64_t at = agreement::raw(first); at <= agreement::raw(last); ++at)
                again.push_back(store::Seq{at});
            return true;
        }
    );
    ENTENTE_ASSERT(reread && again == entries);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    store::Act act;
    act.facts = text;
    if (const auto read = exchange::read_disclosure(act); read && read->entries)
        read_list(*read->entries);
    read_list(text);
    act.kind = "entries removed";
    const auto removed = exchange::read_removed(act);
    ENTENTE_ASSERT(removed || !removed.error().detail.empty());

    constexpr std::string_view whose = "https://north.example/api/ all";
    if (const auto position = taxii::client::read_position(text, whose)) {
        const std::string written = taxii::client::position_text(*position, whose);
        const auto again = taxii::client::read_position(written, whose);
        ENTENTE_ASSERT(again && taxii::client::position_text(*again, whose) == written);
        ENTENTE_ASSERT(!taxii::client::read_position(written, "another"));
    }
    return 0;
}
