#include "store/fault/internal/disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

namespace entente::store::fault {

DiskFile::Sector DiskFile::sector(RealFile& real, std::uint64_t index) const {
    const auto found = dirty_.find(index);
    if (found != dirty_.end()) return found->second;
    Sector out{};
    const std::uint64_t at = index * sector_bytes;
    if (at < kept_) (void)real.read(out.data(), std::min(sector_bytes, kept_ - at), at);
    return out;
}

bool DiskFile::read(RealFile& real, char* to, std::uint64_t bytes, std::uint64_t at) const {
    const std::uint64_t there = at < bytes_ ? std::min(bytes, bytes_ - at) : 0;
    std::memset(to + there, 0, bytes - there);
    for (std::uint64_t done = 0; done < there;) {
        const std::uint64_t index = (at + done) / sector_bytes;
        const std::uint64_t inside = (at + done) % sector_bytes;
        const std::uint64_t part = std::min(sector_bytes - inside, there - done);
        const Sector s = sector(real, index);
        std::memcpy(to + done, s.data() + inside, part);
        done += part;
    }
    return there == bytes;
}

void DiskFile::write(RealFile& real, const char* from, std::uint64_t bytes, std::uint64_t at) {
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t index = (at + done) / sector_bytes;
        const std::uint64_t inside = (at + done) % sector_bytes;
        const std::uint64_t part = std::min(sector_bytes - inside, bytes - done);
        Sector s = sector(real, index);
        std::memcpy(s.data() + inside, from + done, part);
        dirty_[index] = s;
        done += part;
    }
    bytes_ = std::max(bytes_, at + bytes);
}

void DiskFile::truncate(std::uint64_t bytes) {
    dirty_.erase(dirty_.lower_bound((bytes + sector_bytes - 1) / sector_bytes), dirty_.end());
    if (const auto last = dirty_.find(bytes / sector_bytes); last != dirty_.end())
        std::memset(
            last->second.data() + bytes % sector_bytes, 0, sector_bytes - bytes % sector_bytes
        );
    bytes_ = bytes;
    kept_ = std::min(kept_, bytes);
}

int DiskFile::put(RealFile& real, std::uint64_t index, const Sector& sector, std::uint64_t end) {
    const std::uint64_t at = index * sector_bytes;
    return real.write(sector.data(), std::min(sector_bytes, end - at), at);
}

int DiskFile::sync(RealFile& real) {
    int result = SQLITE_OK;
    if (kept_ < real.size()) result = real.truncate(kept_);
    for (auto at = dirty_.begin(); at != dirty_.end() && result == SQLITE_OK; ++at)
        result = put(real, at->first, at->second, bytes_);
    if (result == SQLITE_OK && real.size() != bytes_) result = real.truncate(bytes_);
    if (result != SQLITE_OK) return result;
    dirty_.clear();
    kept_ = bytes_;
    return SQLITE_OK;
}

void DiskFile::lose_power(RealFile& real, std::mt19937_64& random) {
    // Sometimes the disk was quick, sometimes it had hardly begun.
    constexpr std::array<std::uint64_t, 5> chances{0, 10, 50, 90, 100};
    const std::uint64_t chance = chances[random() % chances.size()];
    const auto reached = [&] { return random() % 100 < chance; };
    if (kept_ < real.size() && reached()) (void)real.truncate(kept_);
    for (const auto& [index, sector] : dirty_)
        if (reached()) (void)put(real, index, sector, bytes_);
    dirty_.clear();
    bytes_ = kept_ = real.size();
}

void Faults::arm(const Plan& plan) {
    plan_ = plan;
    calls_.fill(0);
    struck_ = false;
}

void Faults::disarm() {
    plan_.reset();
}

std::optional<Failure> Faults::count(Call call) {
    const std::uint64_t of_kind = ++calls_[static_cast<std::size_t>(call)];
    const std::uint64_t of_any = ++calls_[static_cast<std::size_t>(Call::any)];
    if (!plan_ || (plan_->call != Call::any && plan_->call != call)) return std::nullopt;
    const std::uint64_t n = plan_->call == Call::any ? of_any : of_kind;
    if (n != plan_->nth && !(plan_->lasting && n > plan_->nth)) return std::nullopt;
    struck_ = true;
    return plan_->failure;
}

std::uint64_t Faults::calls(Call call) const noexcept {
    return calls_[static_cast<std::size_t>(call)];
}

}  // namespace entente::store::fault
