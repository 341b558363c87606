#pragma once
// A node's directory: the database, the node's secrets, the lock. See docs/configuration.md for
// each file.
#include "base/hash.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/file_handle.h"
#include "exchange/exchange.h"
#include "store/store.h"

#include <memory>
#include <string>
#include <vector>

namespace entente::cli {

struct NodeKeys {
    Key cursor{};  // seals cursors
    Key token{};   // hashes tokens
};

/// An opened directory. While it lives, it holds DIR/lock. Movable; one owner.
class NodeDir {
  public:
    enum class Lock : std::uint8_t { shared, exclusive };

    /// Opens a node that `entente init` made. Fails: not_found (no such directory, no node in it),
    /// forbidden (not ours to read; open to other users of the machine), conflict (a restore or
    /// migration holds it; `exclusive` and in use), corrupt.
    [[nodiscard]] static Result<NodeDir> open(
        const std::string& directory, Lock lock = Lock::shared
    );

    /// Makes the directory (mode 0700) with its keys, lock and an empty database, or goes on with
    /// what an interrupted `create` left. Fails: conflict (a node is there already, or other files
    /// are), forbidden, not_found (no parent).
    [[nodiscard]] static Result<NodeDir> create(const std::string& directory, Random& random);

    /// A place for a node: an empty directory (made if it is not there), or one with a node in it,
    /// which holds DIR/lock alone as long as it lives. It has no store and no keys. Fails: conflict
    /// (other files are there, or it is in use), forbidden, not_found (no parent).
    [[nodiscard]] static Result<NodeDir> claim(const std::string& directory);

    [[nodiscard]] store::Store& store() const noexcept { return *store_; }

    [[nodiscard]] const NodeKeys& keys() const noexcept { return keys_; }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// What an Exchange on this directory needs: the cursor key and the epoch that is stored.
    [[nodiscard]] exchange::Settings settings() const;
    /// Makes a subdirectory (mode 0700) if it is not there. Returns its path.
    [[nodiscard]] Result<std::string> subdirectory(const std::string& name) const;
    /// What a file in a subdirectory holds, which nobody else may read. Fails: not_found, forbidden
    /// (open to others), too_large.
    [[nodiscard]] Result<std::string> read_private(
        const std::string& subdirectory, const std::string& name, std::size_t bytes_max
    ) const;
    /// The same of a file that others may read: a certificate.
    [[nodiscard]] Result<std::string> read_public(
        const std::string& subdirectory, const std::string& name, std::size_t bytes_max
    ) const;
    /// The names of the plain files in a subdirectory, in order; none when it is not there.
    [[nodiscard]] std::vector<std::string> files_in(const std::string& subdirectory) const;
    /// Gives a file that was made below the directory to the directory's owner (root works on
    /// another's node).
    void give_to_owner(const std::string& file) const;

  private:
    NodeDir() = default;
    [[nodiscard]] Result<void> enter(const std::string& directory, Lock lock);
    [[nodiscard]] Result<Key> read_key(const std::string& name) const;
    [[nodiscard]] Result<Key> make_key(const std::string& name, Random& random) const;

    std::string path_;
    FileHandle lock_;  // released after the store is closed: members are destroyed in reverse order
    NodeKeys keys_;
    std::unique_ptr<store::Store> store_;
};

/// The settings row that holds the epoch of cursors, and the one of those before it; a restore
/// opens a new one.
inline constexpr std::string_view epoch_setting = "epoch";
inline constexpr std::string_view ended_epochs_setting = "ended_epochs";
/// The database's file in the directory.
inline constexpr std::string_view database_name = "entente.db";
inline constexpr std::string_view node_id_setting = "node_id";

/// The text of `ended_epochs_setting`, and what it says; nothing of a text that cannot be read.
[[nodiscard]] std::string ended_epochs_text(const std::vector<exchange::EndedEpoch>& ended);
[[nodiscard]] std::vector<exchange::EndedEpoch> read_ended_epochs(std::string_view text);

}  // namespace entente::cli
