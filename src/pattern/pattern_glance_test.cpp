// The quick way for the most common form against the grammar: a blank behind the bracket changes
// nothing but which of the two judges. ENTENTE_PATTERN_CASES sets how many damaged patterns.
#include "pattern/pattern.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <random>
#include <string>

namespace entente::pattern {
namespace {

const std::string md5 = "d41d8cd98f00b204e9800998ecf8427e";
const std::string sha256 = md5 + md5;

/// Judged by the grammar. REQUIRES: the text begins with a bracket.
Glance judged_by_grammar(const std::string& text, Dialect dialect) {
    return glance("[ " + text.substr(1), dialect);
}

std::vector<std::string> common_patterns() {
    return {
        "[ipv4-addr:value = '198.51.100.7']",
        "[domain-name:value='example.com']",
        "[url:value= 'https://example.com/a?b=[c]']",
        "[file:name ='a.exe']",
        "[file:size = 'x']",
        "[mutex:name = '']",
        "[email-addr:belongs_to_ref = 'x']",
        "[file:hashes.MD5 = '" + md5 + "']",
        "[file:hashes.'MD5' = '" + md5 + "']",
        "[file:hashes.'SHA-256' = '" + sha256 + "']",
        "[file:hashes.'SHA-256' = '" + md5 + "']",
        "[file:hashes.'SHA256' = '" + sha256 + "']",
        "[file:hashes.SSDEEP = '3:abc:d']",
        "[file:hashes = '" + md5 + "']",
        "[file:hashes.'' = '" + md5 + "']",
        "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\x']",
        "[x-type:value = 'a']",
        "[file:other = 'a']",
        "[domain-name:value = 'b\xc3\xbc"
        "cher']",
        "[a:b = ']",
        "[:value = 'a']",
        "[url:value = 'a' OR url:value = 'b']",
        "[url:value == 'a']",
        "[url:value = 'it's']"};
}

TEST(PatternGlance, JudgesCommonFormsAsTheGrammarDoes) {
    std::size_t clean = 0;
    for (const std::string& text : common_patterns()) {
        for (const Dialect dialect : {Dialect::v20, Dialect::v21}) {
            const Glance judged = glance(text, dialect);
            EXPECT_EQ(judged, judged_by_grammar(text, dialect)) << text;
            clean += judged == Glance::clean ? 1 : 0;
        }
    }
    EXPECT_GT(clean, 16U);
}

TEST(PatternGlance, JudgesDamagedFormsAsTheGrammarDoes) {
    const char* const cases = std::getenv("ENTENTE_PATTERN_CASES");
    const std::size_t count = cases == nullptr ? 60'000 : std::strtoull(cases, nullptr, 10);
    static constexpr std::array<std::string_view, 30> pieces = {
        "'",  "\\",      "[",   "]",   ":",    ".",  "=",    " ",        "-",    "_",
        "0",  "9",       "a",   "h",   "t",    "b",  "Z",    "''",       "\\'",  "']",
        "['", "hashes.", "MD5", "AND", "true", "//", "\x80", "\xc3\xa9", "\x01", "~"};
    const auto patterns = common_patterns();
    std::mt19937_64 random(std::random_device{}());
    const auto below = [&random](std::size_t end) { return random() % end; };
    for (std::size_t i = 0; i < count; ++i) {
        std::string text = patterns[below(patterns.size())];
        for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
            const std::size_t at = 1 + below(text.size() - 1);
            const std::string_view piece = pieces[below(pieces.size())];
            switch (below(3)) {
                case 0:
                    text.erase(at, 1 + below(3));
                    break;
                case 1:
                    text.insert(at, piece);
                    break;
                default:
                    text.replace(at, 1, piece);
            }
            if (text.size() < 2) text = "[x]";
        }
        const Dialect dialect = below(2) == 0 ? Dialect::v20 : Dialect::v21;
        ASSERT_EQ(glance(text, dialect), judged_by_grammar(text, dialect)) << text;
    }
}

TEST(PatternGlance, LeavesLongTextsToTheGrammar) {
    for (const std::size_t size : {990U, 1000U, 1003U, 1004U, 1005U, 1010U, 300'000U}) {
        const std::string text = "[file:name = '" + std::string(size, 'a') + "']";
        EXPECT_EQ(glance(text), judged_by_grammar(text, Dialect::v21)) << size;
    }
}

}  // namespace
}  // namespace entente::pattern
