// Arbitrary bytes as the lists that keep a feed from doing harm: what is one's own, public
// suffixes, and a warning list. What is read of one's own covers itself and reads the same again.
#include "base/assert.h"
#include "feed/own_assets.h"
#include "feed/suffixes.h"
#include "feed/warning_lists.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace entente::feed;

namespace {

/// Some of every kind that a list can be about.
std::vector<Value> make_values() {
    std::vector<Value> values;
    for (const auto& [kind, text] : std::vector<std::pair<Kind, std::string>>{
             {Kind::domain, "a.example.org"},
             {Kind::url, "https://www.example.org/x?y=1"},
             {Kind::ipv4, "192.0.2.1"},
             {Kind::ipv6, "2001:db8::1"},
             {Kind::cidr, "198.51.100.0/24"},
             {Kind::md5, "d41d8cd98f00b204e9800998ecf8427e"},
             {Kind::email, "soc@example.org"}})
        values.push_back(read_value(kind, text).value());
    return values;
}

Value value_of(const OwnAsset& asset) {
    switch (asset.kind) {
        case OwnAsset::Kind::network: return read_address(asset.text).value();
        case OwnAsset::Kind::domain: return read_value(Kind::domain, asset.text).value();
        case OwnAsset::Kind::account: break;
    }
    return read_value(Kind::email, asset.text).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<Value> values = make_values();
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto assets = read_own_assets(text)) {
        const OwnAssets own(*assets);
        std::string again;
        for (const OwnAsset& asset : *assets) {
            ENTENTE_ASSERT(own.covers(value_of(asset)));
            again += asset.text + '\n';
        }
        ENTENTE_ASSERT(read_own_assets(again) == *assets);
    } else {
        ENTENTE_ASSERT(!assets.error().detail.empty());
    }

    const auto suffixes = PublicSuffixes::read(text);
    WarningLists lists;
    const auto added = lists.add(text);
    ENTENTE_ASSERT(lists.size() == (added ? 1U : 0U));
    for (const Value& value : values) {
        (void)lists.hit(value);
        if (suffixes && value.kind == Kind::domain) (void)suffixes->is_suffix(value.text);
    }
    return 0;
}
