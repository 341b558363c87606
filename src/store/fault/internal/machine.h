#pragma once
// The state behind one FaultVfs, and the calls of SQLite on it.
#include "store/fault/internal/disk.h"

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace entente::store::fault {

/// One open file; SQLite gives the memory, the file of the VFS below follows in it.
struct ShimFile {
    sqlite3_file base;
    Machine* machine;
    const char*
        path;  // SQLite keeps it as long as the file is open; null for files that no crash concerns
    std::uint64_t life;  // the machine's at opening

    [[nodiscard]] sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

/// Threads: methods lock.
class Machine {
  public:
    explicit Machine(std::uint64_t seed) : faults_(seed) {}

    int open(sqlite3_filename path, ShimFile* file, int flags, int* out_flags);
    int close(ShimFile* file);
    int read(ShimFile* file, void* to, int bytes, sqlite3_int64 at);
    int write(ShimFile* file, const void* from, int bytes, sqlite3_int64 at);
    int truncate(ShimFile* file, sqlite3_int64 bytes);
    int sync(ShimFile* file, int flags);
    int size(ShimFile* file, sqlite3_int64* bytes);
    int remove(const char* path, int sync_directory);
    int access(const char* path, int flags, int* there);

    void arm(const Plan& plan);
    void disarm();
    [[nodiscard]] bool struck();
    [[nodiscard]] std::uint64_t calls(Call call);
    void set_free_bytes(std::optional<std::uint64_t> bytes);
    void power_off();
    void power_on();
    [[nodiscard]] bool is_off();
    /// Everything reaches the disk. REQUIRES: no file is open.
    void settle();

    sqlite3_vfs vfs{};             // set before it is registered, then constant
    sqlite3_vfs* below = nullptr;  // likewise
    std::string name;

  private:
    // All of these with mutex_ held.
    [[nodiscard]] std::optional<Failure> next(Call call);
    [[nodiscard]] bool dead(const ShimFile* file) const;
    void lose_power();
    [[nodiscard]] bool may_grow(std::uint64_t bytes);
    void give_back(std::uint64_t bytes);

    std::mutex mutex_;  // guards what follows
    Faults faults_;
    std::map<std::string, DiskFile, std::less<>>
        files_;  // those that are open or not all on the disk
    std::map<std::string, std::vector<sqlite3_file*>, std::less<>> handles_;  // of the VFS below
    std::optional<std::uint64_t> free_bytes_;
    bool off_ = false;
    std::uint64_t life_ = 0;  // moves when the power goes
};

}  // namespace entente::store::fault
