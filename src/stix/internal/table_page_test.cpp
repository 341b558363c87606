#include "stix/internal/table_page.h"

#include "stix/internal/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace entente::stix::internal {
namespace {

TEST(StixPage, IsWhatTheTablesSay) {
    const std::string path = ENTENTE_SOURCE_DIR "/docs/stix.md";
    const std::string page = types_page();
    if (std::getenv("ENTENTE_WRITE_DOCS") != nullptr) std::ofstream(path) << page;
    std::ifstream in(path);
    std::stringstream written;
    written << in.rdbuf();
    EXPECT_TRUE(written.str() == page)
        << "docs/stix.md is not what the tables say; write it again: ENTENTE_WRITE_DOCS=1 "
           "stix_test --gtest_filter='StixPage.*'";
}

TEST(StixPage, NamesEveryKindOfRow) {
    const std::string page = types_page();
    for (const char* line :
         {"| **pattern** | string |  |",
          "| confidence | integer of 0 to 100 | S12 | O | O |  |  | O |  |  |  |",
          "| sample_refs | list of identifier of `file`, `artifact` | S35 |",
          "- `valid_until` is after `valid_from` (S33)",
          "- exactly one of `payload_bin`, `url` (S44)",
          "- all of `latitude`, `longitude`, or none (S34)",
          "- a family has a name (S35)",
          "extension of `file`"})
        EXPECT_NE(page.find(line), std::string::npos) << line;
}

TEST(StixTable, EveryReferenceNamesTheItemThatLimitsItsTypes) {
    for (const Table* table : {&table_20(), &table_21()}) {
        for (const auto& type : table->all()) {
            for (const Column& column : type->columns) {
                if (column.row->form != Form::reference) continue;
                EXPECT_FALSE(column.row->item.empty()) << type->name << " " << column.name;
            }
        }
    }
}

}  // namespace
}  // namespace entente::stix::internal
