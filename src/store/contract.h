#pragma once
// What every store must do, as a suite that runs once for each backend. A new backend adds itself
// to `backends()`; the cases are in contract_*_test.cpp.
#include "base/hash.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/internal/temp_database.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::store::contract {

/// One store in a place of its own.
class Subject {
  public:
    virtual ~Subject() = default;
    virtual Store& store() = 0;
    /// Ends the store and opens it again; false when it keeps nothing.
    virtual bool reopen() = 0;
};

struct Backend {
    std::string name;
    std::function<std::unique_ptr<Subject>()> make;
};

class MemorySubject final : public Subject {
  public:
    Store& store() override { return *store_; }

    bool reopen() override { return false; }

  private:
    std::unique_ptr<Store> store_ = make_memory_store();
};

class SqliteSubject final : public Subject {
  public:
    Store& store() override { return *store_; }

    bool reopen() override {
        store_.reset();
        store_ = database_.open();
        return true;
    }

  private:
    sqlite::TempDatabase database_;
    std::unique_ptr<Store> store_ = database_.create();
};

inline std::vector<Backend> backends() {
    return {
        {"memory", [] { return std::make_unique<MemorySubject>(); }},
        {"sqlite", [] { return std::make_unique<SqliteSubject>(); }},
    };
}

inline std::string backend_name(const testing::TestParamInfo<Backend>& info) {
    return info.param.name;
}

/// Owns the texts of a NewEntry.
struct Draft {
    std::string id;
    std::string version_key;
    ClassNo cls{};
    PartyNo lane{};
    bool siblings = false;
    std::string body = {};
    std::string derived_of = {};
};

/// A body in RFC 8785 form already, so that its digest is that of its bytes.
inline std::string body_of(const Draft& d) {
    return d.body.empty() ? R"({"id":")" + d.id + R"(","modified":")" + d.version_key + R"(Z"})"
                          : d.body;
}

/// A directory with two parties, two users, two collections and three classes, and short names for
/// what tests do most.
class StoreContract : public testing::TestWithParam<Backend> {
  protected:
    void SetUp() override {
        subject_ = GetParam().make();
        write([&](Transaction& tx) {
            own = tx.put(Party{.no = {}, .name = "North", .own = true, .identities = {}});
            other = tx.put(Party{.no = {}, .name = "South", .own = false, .identities = {}});
            ann = tx.put(user("ann", own));
            bob = tx.put(user("bob", other));
            root = tx.put(api_root("api"));
            feed = tx.put(collection("feed"));
            spare = tx.put(collection("spare"));
            red = tx.intern_class("red");
            green = tx.intern_class("green");
            blue = tx.intern_class("blue");
        });
    }

    [[nodiscard]] Store& store() { return subject_->store(); }

    [[nodiscard]] bool reopen() { return subject_->reopen(); }

    [[nodiscard]] std::unique_ptr<Snapshot> look() { return store().snapshot(); }

    void write(const std::function<void(Transaction&)>& work) { store().write(work); }

    [[nodiscard]] static User user(std::string name, PartyNo party) {
        User u;
        u.name = std::move(name);
        u.party = party;
        return u;
    }

    [[nodiscard]] static ApiRoot api_root(std::string name) {
        ApiRoot r;
        r.name = std::move(name);
        r.title = "a root";
        r.max_content_length = 1'000;
        return r;
    }

    [[nodiscard]] Collection collection(const std::string& name) const {
        Collection c;
        c.root = root;
        c.id = name + "-id";
        c.title = name;
        return c;
    }

    static Seq append(
        Transaction& tx,
        CollectionNo to,
        const std::vector<Draft>& drafts,
        Micros not_before = {1'000}
    ) {
        std::vector<std::string> bodies;
        std::vector<std::string> versions;
        bodies.reserve(drafts.size());
        versions.reserve(drafts.size());
        std::vector<NewEntry> entries;
        for (const Draft& d : drafts) {
            bodies.push_back(body_of(d));
            versions.push_back(d.version_key + "Z");
            entries.push_back(
                {.cls = d.cls,
                 .lane = d.lane,
                 .id = d.id,
                 .version = versions.back(),
                 .version_key = d.version_key,
                 .digest = sha256(bodies.back()),
                 .body = bodies.back(),
                 .siblings = d.siblings,
                 .derived_of = d.derived_of}
            );
        }
        return tx.append(to, not_before, entries);
    }

    Seq append(CollectionNo to, const std::vector<Draft>& drafts, Micros not_before = {1'000}) {
        Seq first{};
        write([&](Transaction& tx) { first = append(tx, to, drafts, not_before); });
        return first;
    }

    /// The positions of a collection as a cursor finds them.
    [[nodiscard]] static std::vector<std::uint64_t> positions(
        Snapshot& s, CollectionNo c, Seq from = {}
    ) {
        std::vector<std::uint64_t> found;
        const auto cursor = s.entries(c, from);
        while (const auto e = cursor->next())
            found.push_back(agreement::raw(e->seq));
        return found;
    }

    /// Nothing to say about the store.
    [[nodiscard]] std::vector<std::string> findings() { return store().verify({}); }

    PartyNo own{};
    PartyNo other{};
    UserNo ann{};
    UserNo bob{};
    RootNo root{};
    CollectionNo feed{};
    CollectionNo spare{};
    ClassNo red{};
    ClassNo green{};
    ClassNo blue{};

  private:
    std::unique_ptr<Subject> subject_;
};

}  // namespace entente::store::contract
