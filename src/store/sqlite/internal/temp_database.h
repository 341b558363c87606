#pragma once
// For tests: a directory of its own for a database, gone afterwards.
#include "store/sqlite/sqlite_store.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace entente::store::sqlite {

class TempDatabase {
  public:
    TempDatabase() {
        std::string path = (std::filesystem::temp_directory_path() / "entente_db_XXXXXX").string();
        if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary directory");
        directory_ = path;
    }

    ~TempDatabase() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    TempDatabase(const TempDatabase&) = delete;
    TempDatabase& operator=(const TempDatabase&) = delete;

    [[nodiscard]] std::string file() const { return (directory_ / "entente.db").string(); }

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

    [[nodiscard]] SqliteOptions options() const {
        SqliteOptions options;
        options.file = file();
        return options;
    }

    /// A new database.
    [[nodiscard]] std::unique_ptr<Store> create() const {
        SqliteOptions o = options();
        o.create = true;
        return open_sqlite_store(o).value();
    }

    [[nodiscard]] std::unique_ptr<Store> open() const {
        return open_sqlite_store(options()).value();
    }

  private:
    std::filesystem::path directory_;
};

}  // namespace entente::store::sqlite
