#include "agreement/use.h"

#include <gtest/gtest.h>

namespace entente::agreement {
namespace {

Action of(std::string actions, std::vector<std::string> purposes = {}) {
    Use use;
    use.permitted_actions = std::move(actions);
    use.purposes = std::move(purposes);
    return permitted(use);
}

TEST(Use, PermitsWhatOthersCanSeeOfIt) {
    EXPECT_EQ(of("none"), Action::look);
    EXPECT_EQ(of("contact-for-instruction"), Action::look);
    EXPECT_EQ(of("internally-visible-actions"), Action::hunt);
    EXPECT_EQ(of("externally-visible-indirect-actions"), Action::block);
    EXPECT_EQ(of("externally-visible-direct-actions"), Action::block);
    EXPECT_EQ(of(""), Action::look);
    EXPECT_EQ(of("something-new"), Action::look);
}

TEST(Use, AsksForAPurposeThatDefends) {
    EXPECT_EQ(of("externally-visible-direct-actions", {"research", "statistics"}), Action::look);
    EXPECT_EQ(
        of("externally-visible-direct-actions", {"network-defence", "research"}), Action::block
    );
    EXPECT_EQ(of("internally-visible-actions", {"incident-response"}), Action::hunt);
}

}  // namespace
}  // namespace entente::agreement
