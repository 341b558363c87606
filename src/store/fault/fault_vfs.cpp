#include "store/fault/fault_vfs.h"

#include "base/assert.h"
#include "store/fault/internal/machine.h"

#include <cstdio>

namespace entente::store::fault {
namespace {

ShimFile* shim(sqlite3_file* file) {
    return reinterpret_cast<ShimFile*>(file);
}

sqlite3_file* below(sqlite3_file* file) {
    return shim(file)->below();
}

Machine& machine(sqlite3_vfs* vfs) {
    return *static_cast<Machine*>(vfs->pAppData);
}

// A size hint would make the file below grow past what is synced, and a mapping would read around
// `x_read`.
int file_control(sqlite3_file* file, int what, void* value) {
    if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
    if (what == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;
    return below(file)->pMethods->xFileControl(below(file), what, value);
}

const sqlite3_io_methods io_methods{
    .iVersion = 2,  // shared memory, no mapped reads
    .xClose = [](sqlite3_file* f) { return shim(f)->machine->close(shim(f)); },
    .xRead = [](sqlite3_file* f, void* to, int bytes, sqlite3_int64 at
             ) { return shim(f)->machine->read(shim(f), to, bytes, at); },
    .xWrite = [](sqlite3_file* f, const void* from, int bytes, sqlite3_int64 at
              ) { return shim(f)->machine->write(shim(f), from, bytes, at); },
    .xTruncate = [](sqlite3_file* f,
                    sqlite3_int64 bytes) { return shim(f)->machine->truncate(shim(f), bytes); },
    .xSync = [](sqlite3_file* f, int flags) { return shim(f)->machine->sync(shim(f), flags); },
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* bytes) { return shim(f)->machine->size(shim(f), bytes); },
    .xLock = [](sqlite3_file* f, int level) { return below(f)->pMethods->xLock(below(f), level); },
    .xUnlock = [](sqlite3_file* f,
                  int level) { return below(f)->pMethods->xUnlock(below(f), level); },
    .xCheckReservedLock = [](sqlite3_file* f, int* out
                          ) { return below(f)->pMethods->xCheckReservedLock(below(f), out); },
    .xFileControl = file_control,
    .xSectorSize = [](sqlite3_file* f) { return below(f)->pMethods->xSectorSize(below(f)); },
    .xDeviceCharacteristics = [](sqlite3_file* f
                              ) { return below(f)->pMethods->xDeviceCharacteristics(below(f)); },
    .xShmMap = [](sqlite3_file* f, int region, int bytes, int extend, volatile void** out
               ) { return below(f)->pMethods->xShmMap(below(f), region, bytes, extend, out); },
    .xShmLock = [](sqlite3_file* f, int offset, int n, int flags
                ) { return below(f)->pMethods->xShmLock(below(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { below(f)->pMethods->xShmBarrier(below(f)); },
    .xShmUnmap = [](sqlite3_file* f,
                    int remove) { return below(f)->pMethods->xShmUnmap(below(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, sqlite3_filename path, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;  // SQLite closes only what has methods
    const int result = machine(vfs).open(path, shim(file), flags, out);
    if (result == SQLITE_OK) file->pMethods = &io_methods;
    return result;
}

void set_up(Machine& m) {
    static int number = 0;  // names must differ among those alive; made by one thread at a time
    m.name = "entente-fault-" + std::to_string(++number);
    m.below = sqlite3_vfs_find(nullptr);
    ENTENTE_ASSERT(m.below != nullptr);
    m.vfs = *m.below;  // what is not replaced below works on the VFS itself or on nothing
    m.vfs.iVersion = 2;
    m.vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + m.below->szOsFile;
    m.vfs.pNext = nullptr;
    m.vfs.zName = m.name.c_str();
    m.vfs.pAppData = &m;
    m.vfs.xOpen = open_file;
    m.vfs.xDelete = [](sqlite3_vfs* v, const char* path, int sync) {
        return machine(v).remove(path, sync);
    };
    m.vfs.xAccess = [](sqlite3_vfs* v, const char* path, int flags, int* there) {
        return machine(v).access(path, flags, there);
    };
    m.vfs.xFullPathname = [](sqlite3_vfs* v, const char* path, int bytes, char* out) {
        sqlite3_vfs* real = machine(v).below;
        return real->xFullPathname(real, path, bytes, out);
    };
}

}  // namespace

FaultVfs::FaultVfs(std::uint64_t seed) : machine_(std::make_unique<Machine>(seed)) {
    set_up(*machine_);
    ENTENTE_ASSERT(sqlite3_vfs_register(&machine_->vfs, 0) == SQLITE_OK);
}

FaultVfs::~FaultVfs() {
    machine_->settle();
    sqlite3_vfs_unregister(&machine_->vfs);
}

const std::string& FaultVfs::name() const noexcept {
    return machine_->name;
}

void FaultVfs::arm(const Plan& plan) {
    machine_->arm(plan);
}

void FaultVfs::disarm() {
    machine_->disarm();
}

bool FaultVfs::struck() const {
    return machine_->struck();
}

std::uint64_t FaultVfs::calls(Call call) const {
    return machine_->calls(call);
}

void FaultVfs::set_free_bytes(std::optional<std::uint64_t> bytes) {
    machine_->set_free_bytes(bytes);
}

void FaultVfs::power_off() {
    machine_->power_off();
}

void FaultVfs::power_on() {
    machine_->power_on();
}

bool FaultVfs::is_off() const {
    return machine_->is_off();
}

}  // namespace entente::store::fault
