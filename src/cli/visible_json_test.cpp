#include "cli/visible_json.h"

#include <gtest/gtest.h>

namespace entente::cli {
namespace {

TEST(VisibleJson, LeavesWhatShowsAsItIs) {
    for (const char* text : {"", "{}", R"({"a":"b\\u001b"})", "\"Zürich 東京 🙂\""})
        EXPECT_EQ(visible_json(text), text);
}

TEST(VisibleJson, EscapesWhatSteersATerminalOrDoesNotShow) {
    EXPECT_EQ(visible_json("\"a\x7f\""), R"("a\u007f")");
    EXPECT_EQ(visible_json("\"\u009b31m\u202etxt\u200b\""), R"("\u009b31m\u202etxt\u200b")");
    EXPECT_EQ(visible_json("\"\U000e0041\""), R"("\udb40\udc41")");
}

TEST(VisibleJson, BytesThatAreNoTextAreReplaced) {
    EXPECT_EQ(visible_json("\"\xff\xe2\x80\""), R"("\ufffd\ufffd\ufffd")");
}

}  // namespace
}  // namespace entente::cli
