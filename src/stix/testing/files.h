#pragma once
// For tests: the files of published sets, packed or not.
#include "base/result.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace entente::stix::internal {

/// Gives `take` the bytes of a file, a piece at a time, as long as it wants more; .xz is unpacked
/// by the xz program. `take(std::string_view)` is a Result<bool>: more, no more, or a failure that
/// ends the reading. Fails: not_found; as `take`.
template <class Take>
[[nodiscard]] Result<void> read_test_file(const std::filesystem::path& path, const Take& take) {
    const bool packed = path.extension() == ".xz";
    const auto close = [packed](std::FILE* file) {
        (void)(packed ? ::pclose(file) : std::fclose(file));
    };
    const std::unique_ptr<std::FILE, decltype(close)> file(
        packed ? ::popen(("xz -dc -- '" + path.string() + "'").c_str(), "r")
               : std::fopen(path.c_str(), "rb"),
        close
    );
    if (!file) return fail(Errc::not_found, path.string());
    std::string buffer(1U << 16U, '\0');
    for (bool more = true; more;) {
        const std::size_t bytes = std::fread(buffer.data(), 1, buffer.size(), file.get());
        if (bytes == 0) break;
        ENTENTE_TRY(more, take(std::string_view(buffer).substr(0, bytes)));
    }
    return {};
}

}  // namespace entente::stix::internal
