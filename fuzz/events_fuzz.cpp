// Arbitrary bytes as lines of events: the first byte chooses the format, or that it is found out;
// before a 0 byte stands a map of fields. What is read is the same when it is read into memory that
// was used, and can be shown as observed data; and as values to look for, which are patterns.
#include "base/assert.h"
#include "match/event_reader.h"
#include "match/values.h"
#include "pattern/pattern.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace entente;
using match::Format;

namespace {

constexpr int formats = 8;
constexpr std::size_t lines_max = 32;

std::vector<std::string> read(match::EventReader& reader, std::string_view line) {
    std::vector<std::string> shown;
    const auto done = reader.read(line, [&](const match::Event& event) {
        shown.push_back(boost::json::serialize(event.observed_data()));
    });
    if (!done) {
        ENTENTE_ASSERT(!done.error().detail.empty());
        shown.push_back(done.error().detail);
    }
    return shown;
}

void check_value(std::string_view line) {
    for (const auto below : {match::Subdomains::no, match::Subdomains::yes}) {
        if (const auto pattern = match::pattern_of_value(line, below))
            ENTENTE_ASSERT(pattern::parse(*pattern).has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::optional<Format> format;
    if (data[0] % (formats + 1) != formats) format = static_cast<Format>(data[0] % (formats + 1));
    std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
    auto fields = match::default_fields();
    if (const std::size_t end = rest.find('\0'); end != std::string_view::npos) {
        auto own = std::make_shared<match::FieldMap>();
        if (const auto added = own->add(rest.substr(0, end)); !added)
            ENTENTE_ASSERT(!added.error().detail.empty());
        fields = std::move(own);
        rest.remove_prefix(end + 1);
    }

    match::EventReader used(format, fields);
    std::vector<std::string_view> said;  // lines of Zeek that say what follows
    for (std::size_t count = 0; count < lines_max && !rest.empty(); ++count) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        check_value(line);
        const auto first = read(used, line);
        match::EventReader fresh(used.format(), fields);
        for (const std::string_view before : said)
            (void)read(fresh, before);
        ENTENTE_ASSERT(read(fresh, line) == first);
        if (line.starts_with('#')) said.push_back(line);
    }
    return 0;
}
