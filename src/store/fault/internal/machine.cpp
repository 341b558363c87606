#include "store/fault/internal/machine.h"

#include "store/fault/internal/real_file.h"

#include <algorithm>
#include <cstring>

namespace entente::store::fault {
namespace {

constexpr int concerned = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;

}  // namespace

std::optional<Failure> Machine::next(Call call) {
    const auto failure = faults_.count(call);
    if (failure == Failure::power) lose_power();
    return failure;
}

bool Machine::dead(const ShimFile* file) const {
    return off_ || file->life != life_;
}

void Machine::lose_power() {
    if (off_) return;
    for (auto& [path, file] : files_) {
        const auto open = handles_.find(path);
        if (open != handles_.end() && !open->second.empty()) {
            SqliteFile real(open->second.front());
            file.lose_power(real, faults_.random);
        } else {
            ClosedFile real(path);
            file.lose_power(real, faults_.random);
        }
    }
    files_.clear();
    off_ = true;
    ++life_;
}

bool Machine::may_grow(std::uint64_t bytes) {
    if (!free_bytes_) return true;
    if (bytes > *free_bytes_) return false;
    *free_bytes_ -= bytes;
    return true;
}

void Machine::give_back(std::uint64_t bytes) {
    if (free_bytes_) *free_bytes_ += bytes;
}

int Machine::open(sqlite3_filename path, ShimFile* file, int flags, int* out_flags) {
    const std::scoped_lock lock(mutex_);
    file->machine = this;
    file->path = (flags & concerned) != 0 ? path : nullptr;
    if (off_ || next(Call::open)) return SQLITE_CANTOPEN;
    file->life = life_;
    const int result = below->xOpen(below, path, file->below(), flags, out_flags);
    if (result != SQLITE_OK || file->path == nullptr) return result;
    SqliteFile real(file->below());
    files_.try_emplace(file->path, real);
    handles_[file->path].push_back(file->below());
    return SQLITE_OK;
}

int Machine::close(ShimFile* file) {
    const std::scoped_lock lock(mutex_);
    if (file->path != nullptr) {
        const auto open = handles_.find(file->path);
        std::erase(open->second, file->below());
        if (open->second.empty()) {
            handles_.erase(open);
            const auto state = files_.find(file->path);
            if (state != files_.end() && state->second.is_clean()) files_.erase(state);
        }
    }
    return file->below()->pMethods->xClose(file->below());
}

int Machine::read(ShimFile* file, void* to, int bytes, sqlite3_int64 at) {
    if (file->path == nullptr) return file->below()->pMethods->xRead(file->below(), to, bytes, at);
    const std::scoped_lock lock(mutex_);
    if (dead(file)) return SQLITE_IOERR_READ;
    const auto failure = next(Call::read);
    if (failure && *failure != Failure::short_read) return SQLITE_IOERR_READ;
    SqliteFile real(file->below());
    const auto wanted = static_cast<std::uint64_t>(bytes);
    auto* text = static_cast<char*>(to);
    const bool all = files_.at(file->path).read(real, text, wanted, static_cast<std::uint64_t>(at));
    if (!failure) return all ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    std::memset(text + wanted / 2, 0, wanted - wanted / 2);
    return SQLITE_IOERR_SHORT_READ;
}

int Machine::write(ShimFile* file, const void* from, int bytes, sqlite3_int64 at) {
    if (file->path == nullptr)
        return file->below()->pMethods->xWrite(file->below(), from, bytes, at);
    const std::scoped_lock lock(mutex_);
    if (dead(file)) return SQLITE_IOERR_WRITE;
    const auto failure = next(Call::write);
    if (failure == Failure::full) return SQLITE_FULL;
    if (failure && *failure != Failure::torn) return SQLITE_IOERR_WRITE;
    SqliteFile real(file->below());
    DiskFile& disk = files_.at(file->path);
    const auto begin = static_cast<std::uint64_t>(at);
    const std::uint64_t end = begin + static_cast<std::uint64_t>(bytes);
    if (end > disk.bytes() && !may_grow(end - disk.bytes())) return SQLITE_FULL;
    const auto* text = static_cast<const char*>(from);
    if (!failure) {
        disk.write(real, text, end - begin, begin);
        return SQLITE_OK;
    }
    for (std::uint64_t part = begin; part < end;) {
        const std::uint64_t part_end = std::min(end, (part / sector_bytes + 1) * sector_bytes);
        if (faults_.random() % 2 == 0)
            disk.write(real, text + (part - begin), part_end - part, part);
        part = part_end;
    }
    return SQLITE_IOERR_WRITE;
}

int Machine::truncate(ShimFile* file, sqlite3_int64 bytes) {
    if (file->path == nullptr) return file->below()->pMethods->xTruncate(file->below(), bytes);
    const std::scoped_lock lock(mutex_);
    if (dead(file) || next(Call::truncate)) return SQLITE_IOERR_TRUNCATE;
    DiskFile& disk = files_.at(file->path);
    const auto wanted = static_cast<std::uint64_t>(bytes);
    if (wanted < disk.bytes()) {
        give_back(disk.bytes() - wanted);
    } else if (!may_grow(wanted - disk.bytes())) {
        return SQLITE_FULL;
    }
    disk.truncate(wanted);
    return SQLITE_OK;
}

int Machine::sync(ShimFile* file, int flags) {
    if (file->path == nullptr) return file->below()->pMethods->xSync(file->below(), flags);
    const std::scoped_lock lock(mutex_);
    if (dead(file)) return SQLITE_IOERR_FSYNC;
    const auto failure = next(Call::sync);
    if (failure == Failure::full) return SQLITE_FULL;
    if (failure) return SQLITE_IOERR_FSYNC;
    SqliteFile real(file->below());
    return files_.at(file->path).sync(real);
}

int Machine::size(ShimFile* file, sqlite3_int64* bytes) {
    if (file->path == nullptr) return file->below()->pMethods->xFileSize(file->below(), bytes);
    const std::scoped_lock lock(mutex_);
    if (dead(file)) return SQLITE_IOERR_FSTAT;
    *bytes = static_cast<sqlite3_int64>(files_.at(file->path).bytes());
    return SQLITE_OK;
}

int Machine::remove(const char* path, int sync_directory) {
    const std::scoped_lock lock(mutex_);
    if (off_) return SQLITE_IOERR_DELETE;
    if (const auto state = files_.find(path); state != files_.end()) {
        give_back(state->second.bytes());
        files_.erase(state);
    }
    return below->xDelete(below, path, sync_directory);
}

int Machine::access(const char* path, int flags, int* there) {
    const std::scoped_lock lock(mutex_);
    if (off_) return SQLITE_IOERR_ACCESS;
    return below->xAccess(below, path, flags, there);
}

void Machine::arm(const Plan& plan) {
    const std::scoped_lock lock(mutex_);
    faults_.arm(plan);
}

void Machine::disarm() {
    const std::scoped_lock lock(mutex_);
    faults_.disarm();
}

bool Machine::struck() {
    const std::scoped_lock lock(mutex_);
    return faults_.struck();
}

std::uint64_t Machine::calls(Call call) {
    const std::scoped_lock lock(mutex_);
    return faults_.calls(call);
}

void Machine::set_free_bytes(std::optional<std::uint64_t> bytes) {
    const std::scoped_lock lock(mutex_);
    free_bytes_ = bytes;
}

void Machine::power_off() {
    const std::scoped_lock lock(mutex_);
    lose_power();
}

void Machine::power_on() {
    const std::scoped_lock lock(mutex_);
    off_ = false;
}

bool Machine::is_off() {
    const std::scoped_lock lock(mutex_);
    return off_;
}

void Machine::settle() {
    const std::scoped_lock lock(mutex_);
    for (auto& [path, file] : files_) {
        ClosedFile real(path);
        (void)file.sync(real);
    }
    files_.clear();
}

}  // namespace entente::store::fault
