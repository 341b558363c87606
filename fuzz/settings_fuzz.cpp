// Arbitrary bytes as a file of settings. What is refused is refused with a place; no value that
// somebody typed stands in the words.
#include "base/assert.h"
#include "cli/settings_file.h"

#include <cstddef>
#include <cstdint>

namespace {

struct Told {
    std::string name;
    unsigned count = 0;
    std::uint64_t size = 0;
    std::vector<std::string> list;
    bool yes = false;
};

template <class Set>
void declare(Set& set, Told& told) {
    set.option("--name", told.name, "");
    set.option("--count", told.count, "");
    set.option("--size", told.size, "");
    set.repeated("--one-of", told.list, "");
    set.flag("--yes", told.yes, "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::string file = "f.toml";
    const auto settings = cli::parse_settings(text, file);
    if (!settings) {
        ENTENTE_ASSERT(settings.error().detail.starts_with(file));
        return 0;
    }
    Told told;
    const std::vector<std::string> given{"--count"};
    cli::SettingReader reader(*settings, file, given);
    declare(reader, told);
    ENTENTE_ASSERT(told.count == 0);
    if (const auto read = reader.finish(); !read)
        ENTENTE_ASSERT(read.error().detail.starts_with(file));
    cli::SettingTexts texts;
    declare(texts, told);
    ENTENTE_ASSERT(texts.all().size() == 5);
    return 0;
}
