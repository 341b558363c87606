#include "base/limits.h"
#include "pattern/pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::pattern {
namespace {

/// The paths in the order of writing; "refused" alone where the text is no pattern.
std::vector<std::string> paths(std::string_view text, Dialect dialect = Dialect::v21) {
    std::vector<std::string> out;
    if (!object_paths(text, dialect, [&](std::string_view path) { out.emplace_back(path); }))
        return {"refused"};
    return out;
}

using Paths = std::vector<std::string>;

TEST(ObjectPaths, AreToldInTheOrderOfWritingAsOftenAsTheyStand) {
    EXPECT_EQ(paths("[ipv4-addr:value = '198.51.100.7']"), Paths{"ipv4-addr:value"});
    EXPECT_EQ(
        paths("[url:value LIKE 'a%' OR domain-name:value IN ('b', 'c')] FOLLOWEDBY ([file:name = "
              "'x' AND NOT EXISTS file:size] REPEATS 2 TIMES AND [url:value != 'b']) WITHIN 5 "
              "SECONDS"),
        (Paths{"url:value", "domain-name:value", "file:name", "file:size", "url:value"})
    );
}

TEST(ObjectPaths, AreSpelledAsPrintDoes) {
    struct Case {
        std::string_view written, path;
    };

    for (const Case& c : {
             Case{"file:hashes.MD5", "file:hashes.MD5"},
             Case{"file:hashes.'MD5'", "file:hashes.MD5"},
             Case{"file:hashes.'SHA-256'", "file:hashes.'SHA-256'"},
             Case{"file : 'name'", "file:name"},
             Case{"x:a [ +3 ] . b[*][-1]", "x:a[3].b[*][-1]"},
             Case{"x:'a\\'b\\\\c'.'[0].d'", "x:'a\\'b\\\\c'.'[0].d'"},
             Case{"x:'AND'.'and'", "x:'AND'.and"},
             Case{"x:''", "x:''"},
             Case{"x:b.h.t", "x:b.h.t"},
             Case{"x:'\xC3\xA4'", "x:'\xC3\xA4'"},
         }) {
        SCOPED_TRACE(c.written);
        const std::string text = "[" + std::string(c.written) + " = 1]";
        EXPECT_EQ(paths(text), Paths{std::string(c.path)});
        const auto tree = parse(text);
        ASSERT_TRUE(tree);
        EXPECT_EQ(print(*tree), "[" + std::string(c.path) + " = 1]");
    }
}

TEST(ObjectPaths, AreReadInTheDialectThatIsGiven) {
    EXPECT_EQ(paths("[EXISTS x:a]"), Paths{"x:a"});
    EXPECT_EQ(paths("[EXISTS x:a]", Dialect::v20), Paths{"refused"});
    // A name in 2.0, which the one spelling quotes.
    EXPECT_EQ(paths("[x:EXISTS = 1]", Dialect::v20), Paths{"x:'EXISTS'"});
    EXPECT_EQ(paths("[x:EXISTS = 1]"), Paths{"refused"});
}

TEST(ObjectPaths, AreRefusedWhereParseRefuses) {
    for (const std::string_view text :
         {"", "[", "[x:a = 1", "x:a = 1", "[x:a = 1] AND", "[x = 1]", "[x:a = 'b]"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse(text));
        EXPECT_EQ(paths(text), Paths{"refused"});
    }
    EXPECT_EQ(paths(std::string(limits::pattern_bytes_max + 1, ' ')), Paths{"refused"});
}

}  // namespace
}  // namespace entente::pattern
