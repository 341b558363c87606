// Arbitrary bytes as a file of settings. What is refused is refused with a place; no value that
// somebody typed stands in the words.
#include "base/assert.h"
#include "cli/settings_file.h"
#include "cli/testing/settings_sample.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::string file = "f.toml";
    const auto settings = cli::parse_settings(text, file);
    if (!settings) {
        ENTENTE_ASSERT(settings.error().detail.starts_with(file));
        return 0;
    }
    cli::testing::Told told;
    const std::vector<std::string> given{"--count"};
    cli::SettingReader reader(*settings, file, given);
    declare(reader, told);
    ENTENTE_ASSERT(told.count == 1);
    if (const auto read = reader.finish(); !read)
        ENTENTE_ASSERT(read.error().detail.starts_with(file));
    cli::SettingTexts texts;
    declare(texts, told);
    ENTENTE_ASSERT(texts.all().size() == 5);
    return 0;
}
