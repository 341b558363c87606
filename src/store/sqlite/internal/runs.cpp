#include "store/sqlite/internal/runs.h"

namespace entente::store::sqlite {
namespace {

void put(std::string& out, std::uint32_t number) {
    for (; number >= 0x80; number >>= 7U)
        out += static_cast<char>((number & 0x7fU) | 0x80U);
    out += static_cast<char>(number);
}

std::optional<std::uint32_t> take(std::string_view& bytes) {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        number |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) != 0) continue;
        if (number > UINT32_MAX) return std::nullopt;
        return static_cast<std::uint32_t>(number);
    }
    return std::nullopt;
}

}  // namespace

std::string pack_runs(std::span<const Group::Run> runs) {
    std::string out;
    for (const Group::Run& run : runs) {
        put(out, agreement::raw(run.cls));
        put(out, run.count);
    }
    return out;
}

std::optional<std::vector<Group::Run>> unpack_runs(std::string_view bytes) {
    std::vector<Group::Run> runs;
    while (!bytes.empty()) {
        const auto cls = take(bytes);
        const auto count = cls ? take(bytes) : std::nullopt;
        if (!count) return std::nullopt;
        runs.push_back({ClassNo{*cls}, *count});
    }
    return runs;
}

}  // namespace entente::store::sqlite
