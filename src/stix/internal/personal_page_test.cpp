#include "stix/internal/personal_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace entente::stix::internal {
namespace {

TEST(PersonalPage, IsWhatTheTableSays) {
    const std::string path = ENTENTE_SOURCE_DIR "/docs/stix-personal.md";
    const std::string page = personal_page();
    if (std::getenv("ENTENTE_WRITE_DOCS") != nullptr) std::ofstream(path) << page;
    std::ifstream in(path);
    std::stringstream written;
    written << in.rdbuf();
    EXPECT_TRUE(written.str() == page)
        << "docs/stix-personal.md is not what the table says; write it again: ENTENTE_WRITE_DOCS=1 "
           "stix_test --gtest_filter='PersonalPage.*'";
    EXPECT_NE(
        page.find("| `user-account` | `credential` | credentials | always | password or key |"),
        std::string::npos
    );
}

}  // namespace
}  // namespace entente::stix::internal
