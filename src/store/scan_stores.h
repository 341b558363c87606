#pragma once
// For tests of scan: the stores that it is tried on.
#include "store/memory/memory_store.h"
#include "store/sqlite/internal/temp_database.h"
#include "store/store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace entente::store::test {

struct StoreKind {
    std::string name;
    std::uint64_t cases;  // random histories in an ordinary run
    std::function<std::unique_ptr<Store>()> make;
};

/// A store in a directory of its own, which goes with it.
class OnDisk final : public Store {
  public:
    std::unique_ptr<Snapshot> snapshot() override { return inner_->snapshot(); }

    void write(const std::function<void(Transaction&)>& work) override { inner_->write(work); }

    void checkpoint() override { inner_->checkpoint(); }

    bool cut_log() override { return inner_->cut_log(); }

    std::vector<std::string> verify(
        const std::function<void(std::uint64_t done, std::uint64_t all)>& progress
    ) override {
        return inner_->verify(progress);
    }

  private:
    sqlite::TempDatabase database_;
    std::unique_ptr<Store> inner_ = database_.create();
};

inline std::vector<StoreKind> store_kinds() {
    return {
        {"memory", 300, [] { return make_memory_store(); }},
        {"sqlite", 30, [] { return std::make_unique<OnDisk>(); }}};
}

}  // namespace entente::store::test
