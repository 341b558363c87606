#include "cli/validate_inputs.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <glob.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>

namespace entente::cli {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

using Directory = std::unique_ptr<DIR, CloseDirectory>;

bool is_directory(const std::string& path) {
    struct stat info {};

    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

class Finder {
  public:
    Result<void> word(const std::string& word) {
        if (word != "-" && !exists(word) && word.find_first_of("*?[") != std::string::npos) {
            return pattern(word);
        }
        return path(word);
    }

    std::vector<ValidateInput> inputs;

  private:
    static bool exists(const std::string& path) {
        struct stat info {};

        return ::lstat(path.c_str(), &info) == 0;
    }

    Result<void> path(const std::string& path) {
        return path != "-" && is_directory(path) ? folder(path, 0) : file(path);
    }

    Result<void> file(const std::string& path) {
        if (inputs.size() == limits::validate_files_max) {
            return fail(
                Errc::too_large,
                fmt::format("more than {} files were named", grouped(limits::validate_files_max))
            );
        }
        ValidateInput input{path, 0, {}};
        if (const auto info = inspect_input(path)) {
            input.bytes = info->bytes;
        } else {
            input.problem = info.error().detail;
        }
        inputs.push_back(std::move(input));
        return {};
    }

    Result<void> pattern(const std::string& word) {
        glob_t found{};
        const int code = ::glob(word.c_str(), GLOB_TILDE, nullptr, &found);
        const std::unique_ptr<glob_t, void (*)(glob_t*)> owner(&found, ::globfree);
        if (code != 0 && code != GLOB_NOMATCH) {
            return problem(word, "the pattern cannot be followed");
        }
        if (code == GLOB_NOMATCH) return problem(word, "no file has a name like this");
        for (std::size_t i = 0; i < found.gl_pathc; ++i)
            ENTENTE_CHECK(path(found.gl_pathv[i]));
        return {};
    }

    Result<void> problem(const std::string& path, std::string why) {
        inputs.push_back({path, 0, fmt::format("cannot read {}: {}", printable(path), why)});
        return {};
    }

    Result<void> folder(const std::string& path, std::size_t depth) {
        if (depth == limits::validate_depth_max) {
            return problem(path, "folders lie too deeply in one another");
        }
        const Directory directory(::opendir(path.c_str()));
        if (!directory) return problem(path, std::strerror(errno));
        std::vector<std::string> files;
        std::vector<std::string> folders;
        while (const dirent* entry = ::readdir(directory.get())) {
            const std::string name = entry->d_name;
            if (name == "." || name == "..") continue;
            const std::string below = path + (path.ends_with('/') ? "" : "/") + name;

            struct stat info {};

            if (::lstat(below.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
                folders.push_back(below);
            } else if (is_stix_name(name) && !is_directory(below)) {
                files.push_back(below);
            }
            if (files.size() + folders.size() > limits::validate_files_max) break;
        }
        std::ranges::sort(files);
        std::ranges::sort(folders);
        const std::size_t before = inputs.size();
        for (const std::string& one : files)
            ENTENTE_CHECK(file(one));
        for (const std::string& one : folders)
            ENTENTE_CHECK(folder(one, depth + 1));
        if (depth == 0 && inputs.size() == before) {
            return problem(path, "no *.json, *.jsonl, *.stix or *.stix2 is in this folder");
        }
        return {};
    }
};

}  // namespace

bool is_stix_name(const std::string& name) {
    constexpr std::array<std::string_view, 3> packed{".gz", ".zst", ".xz"};
    constexpr std::array<std::string_view, 4> endings{".json", ".jsonl", ".stix", ".stix2"};
    std::string_view plain = name;
    for (const std::string_view ending : packed) {
        if (!plain.ends_with(ending)) continue;
        plain.remove_suffix(ending.size());
        break;
    }
    return std::ranges::any_of(endings, [&](std::string_view ending) {
        return plain.size() > ending.size() && plain.ends_with(ending);
    });
}

Result<std::vector<ValidateInput>> find_inputs(const std::vector<std::string>& words) {
    if (std::ranges::count(words, "-") > 1) {
        return fail(Errc::invalid_argument, "standard input (-) can be read once only");
    }
    Finder finder;
    for (const std::string& word : words)
        ENTENTE_CHECK(finder.word(word));
    return std::move(finder.inputs);
}

}  // namespace entente::cli
