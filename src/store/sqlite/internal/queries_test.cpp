#include "store/sqlite/internal/queries.h"

#include "store/sqlite/internal/temp_database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <set>
#include <string>

namespace entente::store::sqlite {
namespace {

class Plans : public testing::Test {
  protected:
    void SetUp() override {
        (void)database_.create();
        ASSERT_EQ(sqlite3_open(database_.file().c_str(), &db_), SQLITE_OK);
    }

    void TearDown() override { sqlite3_close(db_); }

    /// The lines of EXPLAIN QUERY PLAN, joined by "|".
    std::string plan_of(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        const std::string text = std::string("EXPLAIN QUERY PLAN ") + sql;
        EXPECT_EQ(sqlite3_prepare_v2(db_, text.c_str(), -1, &statement, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db_);
        std::string plan;
        while (sqlite3_step(statement) == SQLITE_ROW) {
            if (!plan.empty()) plan += "|";
            plan += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
        }
        sqlite3_finalize(statement);
        return plan;
    }

    TempDatabase database_;
    sqlite3* db_ = nullptr;
};

TEST_F(Plans, HotStatementsUseTheIndexTheyWereWrittenFor) {
    std::size_t hot = 0;
    for (const Query& q : queries()) {
        if (q.plan.empty()) continue;
        ++hot;
        SCOPED_TRACE(q.label);
        const std::string plan = plan_of(q.text);
        EXPECT_EQ(plan, q.plan);
        EXPECT_EQ(plan.find("SCAN"), std::string::npos);
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos);
    }
    EXPECT_GE(hot, 36U);
}

// Statistics change what the planner prefers; a database on which someone ran ANALYZE must not
// become slow.
TEST_F(Plans, HoldWithStatisticsThatMislead) {
    ASSERT_EQ(
        sqlite3_exec(
            db_,
            "ANALYZE; INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES"
            "('entry', 'entry_class', '10000000 10000000 5000000'),"
            "('entry_group', 'entry_group_base', '1000000 1000000 1'),"
            "('late', 'late', '1000000 1000000 1000000 1'),"
            "('late', 'late_date', '1000000 1 1 1'),"
            "('late', 'late_entry', '1000000 1 1 1 1'),"
            "('recent_id', 'recent_id', '30000 30000 1 1'),"
            "('settled_id', 'settled_id', '10000000 10000000 1 1');"
            "ANALYZE sqlite_schema",
            nullptr,
            nullptr,
            nullptr
        ),
        SQLITE_OK
    ) << sqlite3_errmsg(db_);
    for (const Query& q : queries()) {
        if (q.plan.empty()) continue;
        SCOPED_TRACE(q.label);
        const std::string plan = plan_of(q.text);
        EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

TEST_F(Plans, EveryStatementCanBePrepared) {
    std::set<std::string_view> labels;
    for (const Query& q : queries()) {
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(db_, q.text, -1, &statement, nullptr), SQLITE_OK)
            << q.label << ": " << sqlite3_errmsg(db_);
        sqlite3_finalize(statement);
        EXPECT_TRUE(labels.insert(q.label).second) << q.label;
    }
}

}  // namespace
}  // namespace entente::store::sqlite
