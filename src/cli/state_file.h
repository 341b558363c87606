#pragma once
// Files that say where a `push` or `pull` stands: small, private to the user, whole after every
// crash.
#include "base/result.h"
#include "cli/file_handle.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// The file's text; nothing when it is not there. Fails: too_large, forbidden. Throws StorageError.
[[nodiscard]] Result<std::optional<std::string>> read_state(
    const std::string& path, std::size_t bytes_max
);

/// Replaces the file (mode 0600): after a crash either the old or the new text is there. Durable on
/// return. Throws StorageError.
void write_state(const std::string& path, std::string_view text);

/// A file of lines (mode 0600) to which whole lines are added, each durable on return. A line that
/// a crash cut off is taken away on opening.
class StateLog {
  public:
    /// Opens or makes it and gives its lines. Fails: too_large, forbidden, not_found (no such
    /// directory). Throws StorageError.
    [[nodiscard]] static Result<StateLog> open(const std::string& path, std::size_t bytes_max);
    [[nodiscard]] std::vector<std::string_view> lines() const;
    /// `line` ends with a line feed. Throws StorageError.
    void add(std::string_view line);

  private:
    std::string path_;
    FileHandle file_;
    std::string text_;  // as it was on opening
};

/// Writes all bytes. Throws StorageError with `path` in its words.
void write_all(int fd, std::string_view bytes, const std::string& path);
/// Throws StorageError.
void sync_file(int fd, const std::string& path);
/// Makes the names in the folder of `path` durable. Throws StorageError.
void sync_folder_of(const std::string& path);

}  // namespace entente::cli
