#include "watch/internal/event_texts.h"

#include <gtest/gtest.h>

#include <string>

namespace entente::watch {
namespace {

std::string texts(std::string_view body) {
    std::string out;
    const auto done = each_event(
        body,
        [&](std::string_view text, std::uint64_t number) {
            out += std::to_string(number) + ':' + std::string(text) + ';';
        },
        [&](std::string_view text) -> Result<void> {
            out += "whole:" + std::string(text);
            return {};
        }
    );
    return done ? out : out + "failed";
}

TEST(EventTexts, AreLinesOrObjectsOfOneText) {
    EXPECT_EQ(texts(""), "");
    EXPECT_EQ(texts("a\n\nb"), "1:a;2:;3:b;");
    EXPECT_EQ(texts("\xef\xbb\xbf{\"a\":1}\n{\"a\":2}\n"), "1:{\"a\":1};2:{\"a\":2};");
    EXPECT_EQ(texts("[{\"ts\":1},\n{\"ts\":2}]"), "1:{\"ts\":1};2:{\"ts\":2};");
    EXPECT_EQ(texts("{\n\"ts\":1}"), "1:{\n\"ts\":1};");
    EXPECT_EQ(texts("[{\"ts\":1},"), "1:{\"ts\":1};failed");
    EXPECT_EQ(
        texts("[{\"type\":\"observed-data\",\"objects\":{}}]"),
        "whole:[{\"type\":\"observed-data\",\"objects\":{}}]"
    );
}

}  // namespace
}  // namespace entente::watch
