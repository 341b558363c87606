#pragma once
// What files look like to a program, and what of it the disk has: the difference is what a loss of
// power can take away.
#include "store/fault/fault_vfs.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>

namespace entente::store::fault {

inline constexpr std::uint64_t sector_bytes = 512;

/// The file on the real disk. Methods return a SQLite result code.
class RealFile {
  public:
    virtual ~RealFile() = default;
    /// Missing bytes read as zero.
    virtual int read(void* to, std::uint64_t bytes, std::uint64_t at) = 0;
    virtual int write(const void* from, std::uint64_t bytes, std::uint64_t at) = 0;
    virtual int truncate(std::uint64_t bytes) = 0;
    virtual std::uint64_t size() = 0;
};

/// One file: synced bytes are in the real file, the rest in `dirty`.
class DiskFile {
  public:
    /// `real` is the file as it is on the disk.
    explicit DiskFile(RealFile& real) : bytes_(real.size()), kept_(bytes_) {}

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// The disk has it all.
    [[nodiscard]] bool is_clean() const noexcept { return dirty_.empty() && bytes_ == kept_; }

    /// Reads; what lies behind the end is zero. True: all of it was there.
    bool read(RealFile& real, char* to, std::uint64_t bytes, std::uint64_t at) const;
    void write(RealFile& real, const char* from, std::uint64_t bytes, std::uint64_t at);
    void truncate(std::uint64_t bytes);
    /// Everything reaches the real file. That one is not synced: only the simulated power fails.
    int sync(RealFile& real);
    /// Power goes: each sector, and a shortening, reaches the disk or not.
    void lose_power(RealFile& real, std::mt19937_64& random);

  private:
    using Sector = std::array<char, sector_bytes>;
    [[nodiscard]] Sector sector(RealFile& real, std::uint64_t index) const;
    static int put(RealFile& real, std::uint64_t index, const Sector& sector, std::uint64_t end);

    std::map<std::uint64_t, Sector> dirty_;  // by index
    std::uint64_t bytes_;                    // length as the program sees it
    std::uint64_t kept_;  // bytes of the real file that count; a truncation lowers it
};

/// Counts calls and says which fail.
class Faults {
  public:
    explicit Faults(std::uint64_t seed) : random(seed) {}

    void arm(const Plan& plan);
    void disarm();
    /// Counts one call; the failure that it shall have.
    [[nodiscard]] std::optional<Failure> count(Call call);
    [[nodiscard]] std::uint64_t calls(Call call) const noexcept;

    [[nodiscard]] bool struck() const noexcept { return struck_; }

    std::mt19937_64 random;

  private:
    std::optional<Plan> plan_;
    std::array<std::uint64_t, 6> calls_{};
    bool struck_ = false;
};

}  // namespace entente::store::fault
