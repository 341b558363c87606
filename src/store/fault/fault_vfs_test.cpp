#include "store/fault/fault_vfs.h"

#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstring>
#include <fstream>

namespace entente::store::fault {
namespace {

/// One file opened on the faulty VFS, without a database.
class RawFile {
  public:
    RawFile(const FaultVfs& faults, const std::string& path) {
        sqlite3_vfs* vfs = sqlite3_vfs_find(faults.name().c_str());
        memory_.resize(static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
        path_ = path;
        path_ += std::string(2, '\0');  // as sqlite3_filename ends
        result_ = vfs->xOpen(
            vfs,
            path_.c_str(),
            file(),
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL,
            nullptr
        );
    }

    ~RawFile() {
        if (result_ == SQLITE_OK) file()->pMethods->xClose(file());
    }

    RawFile(const RawFile&) = delete;
    RawFile& operator=(const RawFile&) = delete;

    int opened() const { return result_; }

    int write(const std::string& text, sqlite3_int64 at) {
        return file()->pMethods->xWrite(file(), text.data(), static_cast<int>(text.size()), at);
    }

    int read(std::string& text, int bytes, sqlite3_int64 at) {
        text.assign(static_cast<std::size_t>(bytes), '?');
        return file()->pMethods->xRead(file(), text.data(), bytes, at);
    }

    int sync() { return file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL); }

    int truncate(sqlite3_int64 bytes) { return file()->pMethods->xTruncate(file(), bytes); }

    sqlite3_int64 size() {
        sqlite3_int64 bytes = -1;
        file()->pMethods->xFileSize(file(), &bytes);
        return bytes;
    }

  private:
    sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

    std::vector<std::max_align_t> memory_;
    std::string path_;
    int result_ = SQLITE_ERROR;
};

class FaultyDisk : public testing::Test {
  protected:
    std::string on_disk() {
        std::ifstream in(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    sqlite::TempDatabase directory_;
    std::string path_ = directory_.file();
};

TEST_F(FaultyDisk, ShowsWritesAtOnceAndKeepsThemOffTheDiskUntilSynced) {
    FaultVfs faults(1);
    RawFile file(faults, path_);
    ASSERT_EQ(file.opened(), SQLITE_OK);
    const std::string text(1'300, 'a');
    ASSERT_EQ(file.write(text, 100), SQLITE_OK);
    EXPECT_EQ(file.size(), 1'400);
    std::string back;
    EXPECT_EQ(file.read(back, 1'400, 0), SQLITE_OK);
    EXPECT_EQ(back, std::string(100, '\0') + text);
    EXPECT_EQ(file.read(back, 10, 1'395), SQLITE_IOERR_SHORT_READ);
    EXPECT_EQ(back, "aaaaa" + std::string(5, '\0'));
    EXPECT_EQ(on_disk(), "");
    ASSERT_EQ(file.sync(), SQLITE_OK);
    EXPECT_EQ(on_disk(), std::string(100, '\0') + text);
    ASSERT_EQ(file.truncate(200), SQLITE_OK);
    ASSERT_EQ(file.write("b", 1'000), SQLITE_OK);
    EXPECT_EQ(file.read(back, 1'001, 0), SQLITE_OK);
    EXPECT_EQ(back.substr(0, 200), std::string(100, '\0') + std::string(100, 'a'));
    EXPECT_EQ(back.substr(200), std::string(800, '\0') + "b");
    EXPECT_EQ(on_disk().size(), 1'400U);
    ASSERT_EQ(file.sync(), SQLITE_OK);
    EXPECT_EQ(on_disk(), back);
}

TEST_F(FaultyDisk, LosesSectorsThatWereNotSyncedAndNoOthers) {
    bool some_lost = false;
    bool some_kept = false;
    bool mixed = false;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        std::ofstream(path_, std::ios::trunc).close();
        FaultVfs faults(seed);
        RawFile file(faults, path_);
        ASSERT_EQ(file.write(std::string(4'096, 'a'), 0), SQLITE_OK);
        ASSERT_EQ(file.sync(), SQLITE_OK);
        ASSERT_EQ(file.write(std::string(2'048, 'b'), 1'024), SQLITE_OK);
        faults.power_off();
        EXPECT_EQ(file.sync(), SQLITE_IOERR_FSYNC);
        EXPECT_EQ(file.write("c", 0), SQLITE_IOERR_WRITE);
        std::string back;
        EXPECT_EQ(file.read(back, 1, 0), SQLITE_IOERR_READ);
        EXPECT_EQ(RawFile(faults, path_).opened(), SQLITE_CANTOPEN);
        const std::string left = on_disk();
        ASSERT_EQ(left.size(), 4'096U);
        EXPECT_EQ(left.substr(0, 1'024), std::string(1'024, 'a'));
        EXPECT_EQ(left.substr(3'072), std::string(1'024, 'a'));
        std::size_t kept = 0;
        for (std::size_t at = 1'024; at < 3'072; at += 512) {
            const std::string sector = left.substr(at, 512);
            EXPECT_TRUE(sector == std::string(512, 'a') || sector == std::string(512, 'b'));
            kept += sector[0] == 'b' ? 1 : 0;
        }
        some_lost |= kept == 0;
        some_kept |= kept == 4;
        mixed |= kept > 0 && kept < 4;
        faults.power_on();
        EXPECT_EQ(RawFile(faults, path_).opened(), SQLITE_OK);
        EXPECT_EQ(file.write("c", 0), SQLITE_IOERR_WRITE) << "a file from before the crash is dead";
    }
    EXPECT_TRUE(some_lost);
    EXPECT_TRUE(some_kept);
    EXPECT_TRUE(mixed);
}

TEST_F(FaultyDisk, FailsTheCallThatWasAskedFor) {
    FaultVfs faults(3);
    RawFile file(faults, path_);
    const std::string text(1'024, 'a');
    faults.arm({.call = Call::write, .failure = Failure::error, .nth = 2, .lasting = false});
    EXPECT_EQ(file.write(text, 0), SQLITE_OK);
    EXPECT_FALSE(faults.struck());
    EXPECT_EQ(file.write(text, 0), SQLITE_IOERR_WRITE);
    EXPECT_TRUE(faults.struck());
    EXPECT_EQ(file.write(text, 0), SQLITE_OK);
    EXPECT_EQ(faults.calls(Call::write), 3U);
    faults.arm({.call = Call::write, .failure = Failure::full, .nth = 1, .lasting = true});
    EXPECT_EQ(file.write(text, 0), SQLITE_FULL);
    EXPECT_EQ(file.write(text, 0), SQLITE_FULL);
    EXPECT_EQ(file.sync(), SQLITE_OK);
    faults.arm({.call = Call::sync, .failure = Failure::error, .nth = 1, .lasting = false});
    EXPECT_EQ(file.sync(), SQLITE_IOERR_FSYNC);
    faults.arm({.call = Call::truncate, .failure = Failure::error, .nth = 1, .lasting = false});
    EXPECT_EQ(file.truncate(0), SQLITE_IOERR_TRUNCATE);
    faults.arm({.call = Call::open, .failure = Failure::error, .nth = 1, .lasting = false});
    EXPECT_EQ(RawFile(faults, path_ + "x").opened(), SQLITE_CANTOPEN);
    faults.arm({.call = Call::read, .failure = Failure::short_read, .nth = 1, .lasting = false});
    std::string back;
    EXPECT_EQ(file.read(back, 1'024, 0), SQLITE_IOERR_SHORT_READ);
    EXPECT_EQ(back, std::string(512, 'a') + std::string(512, '\0'));
    faults.arm({.call = Call::any, .failure = Failure::power, .nth = 2, .lasting = false});
    EXPECT_EQ(file.read(back, 1, 0), SQLITE_OK);
    EXPECT_EQ(file.write("b", 0), SQLITE_IOERR_WRITE);
    EXPECT_TRUE(faults.is_off());
}

TEST_F(FaultyDisk, TearsAWriteBetweenSectors) {
    FaultVfs faults(5);
    RawFile file(faults, path_);
    ASSERT_EQ(file.write(std::string(8'192, 'a'), 0), SQLITE_OK);
    faults.arm({.call = Call::write, .failure = Failure::torn, .nth = 1, .lasting = false});
    EXPECT_EQ(file.write(std::string(8'192, 'b'), 0), SQLITE_IOERR_WRITE);
    std::string back;
    ASSERT_EQ(file.read(back, 8'192, 0), SQLITE_OK);
    std::size_t torn = 0;
    for (std::size_t at = 0; at < back.size(); at += 512) {
        EXPECT_EQ(back.substr(at, 512), std::string(512, back[at]));
        torn += back[at] == 'b' ? 1 : 0;
    }
    EXPECT_GT(torn, 0U);
    EXPECT_LT(torn, 16U);
}

TEST_F(FaultyDisk, IsFullWhenItsBytesAreUsed) {
    FaultVfs faults(6);
    RawFile file(faults, path_);
    faults.set_free_bytes(1'000);
    EXPECT_EQ(file.write(std::string(600, 'a'), 0), SQLITE_OK);
    EXPECT_EQ(file.write(std::string(600, 'a'), 600), SQLITE_FULL);
    EXPECT_EQ(file.write(std::string(600, 'b'), 0), SQLITE_OK) << "what does not grow fits";
    EXPECT_EQ(file.truncate(0), SQLITE_OK);
    EXPECT_EQ(file.write(std::string(900, 'a'), 0), SQLITE_OK);
    faults.set_free_bytes(std::nullopt);
    EXPECT_EQ(file.write(std::string(9'000, 'a'), 0), SQLITE_OK);
}

}  // namespace
}  // namespace entente::store::fault
