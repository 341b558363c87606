#pragma once
// The files of a feed in the folder that a sensor reads: each replaced as a whole, and only when it
// differs.
#include "base/result.h"
#include "feed/write.h"

#include <boost/json/object.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace entente::cli {

/// Beside the files: what is in them, how much was left out and why. Nothing reads it but people,
/// monitoring and `entente feed list`.
inline constexpr std::string_view feed_report_name = "entente-feed.json";

/// Fails not_found, forbidden: there is no such folder, or nothing can be written there.
[[nodiscard]] Result<void> check_feed_folder(const std::string& folder);

/// What is asked while nobody else writes in the folder.
struct FeedWriting {
    /// Whether the feed is still wanted there; else nothing is written. Empty = it is.
    std::function<bool()> wanted{};
    /// One file more, by how many were replaced before it. Empty = none.
    std::function<std::optional<feed::File>(std::size_t replaced)> last{};
};

/// Replaces those of the files that differ from what is there, the last one last; a reader sees the
/// old or the new text of each. New files can be read by their owner and group, those that replace
/// others by whom these could be. Durable on return. Returns how many were replaced, without the
/// one that `asking` gave. Fails: not_found, forbidden, overloaded (another process has been
/// writing there for long). Throws StorageError.
[[nodiscard]] Result<std::size_t> write_feed_files(
    const std::string& folder, std::span<const feed::File> files, const FeedWriting& asking = {}
);

/// Removes files by name; those that are not there are passed over. Returns how many there were.
/// Fails as `write_feed_files`.
[[nodiscard]] Result<std::size_t> remove_feed_files(
    const std::string& folder, std::span<const feed::File> files
);

/// What `feed_report_name` in the folder says; nothing when it cannot be read.
[[nodiscard]] std::optional<boost::json::object> read_feed_report(const std::string& folder);

}  // namespace entente::cli
