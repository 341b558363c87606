#pragma once
// For tests: a disk that breaks. A SQLite VFS over the default one that fails, tears and fills up
// on command, and that can lose power: writes are kept in memory until they are synced, and a crash
// lets a random part of the others reach the file. Open a store on it by SqliteOptions::vfs =
// name(). Directory changes (making, deleting a file) count as durable at once.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace entente::store::fault {

enum class Call : std::uint8_t { open, read, write, sync, truncate, any };

enum class Failure : std::uint8_t {
    error,       // the call fails and does nothing
    short_read,  // a read gives half of what was asked for
    full,        // "no space left on device"
    torn,        // a write puts some 512-byte sectors down and fails
    power,       // the power goes before the call is done
};

/// The `nth` call of this kind (from 1, counted from `arm` on) fails, and all after it if
/// `lasting`.
struct Plan {
    Call call = Call::any;
    Failure failure = Failure::error;
    std::uint64_t nth = 1;
    bool lasting = false;
};

class Machine;

/// Threads: safe. Must outlive the databases opened on it. Registers itself under a name of its
/// own.
class FaultVfs {
  public:
    /// What a crash keeps, and where a write tears, depends on `seed` alone.
    explicit FaultVfs(std::uint64_t seed);
    /// What is not synced reaches the files, as it does when a machine runs on.
    ~FaultVfs();
    FaultVfs(const FaultVfs&) = delete;
    FaultVfs& operator=(const FaultVfs&) = delete;

    [[nodiscard]] const std::string& name() const noexcept;

    void arm(const Plan& plan);
    void disarm();
    /// The armed plan has struck at least once.
    [[nodiscard]] bool struck() const;
    /// Calls of this kind since `arm`, or since the beginning.
    [[nodiscard]] std::uint64_t calls(Call call) const;

    /// How many bytes files may still grow; nothing = without end. Truncating and deleting give
    /// bytes back.
    void set_free_bytes(std::optional<std::uint64_t> bytes);

    /// The power goes now. Files keep what was synced and a random part of the sectors written
    /// since. Every later call fails, until `power_on`; files opened before stay dead.
    void power_off();
    void power_on();
    [[nodiscard]] bool is_off() const;

  private:
    std::unique_ptr<Machine> machine_;
};

}  // namespace entente::store::fault
