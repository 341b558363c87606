#include "cli/validate_json.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace entente::cli {
namespace {

std::string_view place(std::string_view text, std::string_view pointer) {
    return text.substr(locate(text, pointer));
}

TEST(ValidateJson, ReadsMembersAndElementsInOrder) {
    const std::string_view text =
        " { \"a\" : [1, {\"b\":\"]}\\\"\"}] , \"c\":-2.5e3,\"d\\u0041\":null } ";
    Members members(text);
    std::vector<std::string> seen;
    while (const auto member = members.next())
        seen.push_back(std::string(member->raw_name) + "=" + std::string(member->value));
    EXPECT_EQ(
        seen, (std::vector<std::string>{"a=[1, {\"b\":\"]}\\\"\"}]", "c=-2.5e3", "d\\u0041=null"})
    );
    Elements elements("[ 1 , \"x,y\", [2], {} ]");
    seen.clear();
    while (const auto element = elements.next())
        seen.emplace_back(*element);
    EXPECT_EQ(seen, (std::vector<std::string>{"1", "\"x,y\"", "[2]", "{}"}));
    EXPECT_FALSE(Members("[1]").next());
    EXPECT_FALSE(Elements("{\"a\":1}").next());
    EXPECT_FALSE(Members("").next());
}

TEST(ValidateJson, StaysInsideWhateverTheTextIs) {
    const std::string good =
        R"({"type":"x","id":"x--1","objects":[{"a_ref":"b","c":"\"\\"}],"modified":"m","n":-1.5})";
    std::mt19937_64 random(11);
    Facts facts;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = good;
        for (int changes = 0; changes < 3; ++changes) {
            const std::size_t at = random() % text.size();
            text[at] = "{}[]\",:\\ x1\x80"[random() % 12];
        }
        text.resize(random() % text.size());
        // An exact copy on the heap: a sanitizer sees the first byte too many.
        const std::vector<char> exact(text.begin(), text.end());
        const std::string_view view(exact.data(), exact.size());
        read_facts(view, facts);
        EXPECT_LE(locate(view, "/objects/0/a_ref"), view.size());
        each_reference(view, [](std::string_view, const std::string&) {});
        (void)line_at(view, view.size() / 2, 10);
    }
}

TEST(ValidateJson, ReadsWhatAnObjectSaysOfItself) {
    Facts facts;
    read_facts(
        R"({"ty\u0070e":"x-\u0061","id":"x-a--1","objects":[1],"modified":"m","nested":{"id":"no"}})",
        facts
    );
    EXPECT_EQ(facts.type, "x-a");
    EXPECT_EQ(facts.id, "x-a--1");
    EXPECT_EQ(facts.modified, "m");
    EXPECT_TRUE(facts.holds_list);
    read_facts(R"({"id":5,"objects":{}})", facts);
    EXPECT_EQ(facts.type, "");
    EXPECT_EQ(facts.id, "");
    EXPECT_FALSE(facts.holds_list);
}

TEST(ValidateJson, LocatesWhereAPointerLeads) {
    const std::string_view text = R"({"a":{"x/y":1,"~":[10,{"k":2}]},"b":"v","\u0063":3})";
    EXPECT_EQ(place(text, ""), text);
    EXPECT_TRUE(place(text, "/a/x~1y").starts_with("\"x/y\":1"));
    EXPECT_TRUE(place(text, "/a/~0/1/k").starts_with("\"k\":2"));
    EXPECT_TRUE(place(text, "/a/~0/1").starts_with("{\"k\""));
    EXPECT_TRUE(place(text, "/c").starts_with("\"\\u0063\""));
    // Where it leads to nothing, as far as it goes.
    EXPECT_TRUE(place(text, "/b/deeper").starts_with("\"b\""));
    EXPECT_TRUE(place(text, "/a/~0/7/k").starts_with("\"~\""));
    EXPECT_TRUE(place(text, "/a/~0/x").starts_with("\"~\""));
    EXPECT_EQ(place(text, "/nowhere"), text);
    EXPECT_EQ(place(text, "no pointer"), text);
}

TEST(ValidateJson, FindsReferencesAtAnyDepth) {
    const std::string id = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f";
    const std::string text = R"({"created_by_ref":")" + id + R"(","id":")" + id +
                             R"(","object_refs":["0",")" + id + R"(",7],"x":[{"y_ref":")" + id +
                             R"("},{"z_ref":{"deep_ref":")" + id + R"("}}],"ref":")" + id + R"("})";
    std::vector<std::string> seen;
    each_reference(text, [&](std::string_view pointer, const std::string& found) {
        EXPECT_EQ(found, id);
        seen.emplace_back(pointer);
    });
    EXPECT_EQ(seen, (std::vector<std::string>{"/created_by_ref", "/object_refs/1", "/x/0/y_ref"}));
}

TEST(ValidateJson, ShowsTheLineOfAPlace) {
    const std::string_view text = "{\n    \"a\": 1,\n    \"b\": [1, 2, 3]\r\n}";
    EXPECT_EQ(line_at(text, text.find("\"b\""), 100), "\"b\": [1, 2, 3]");
    EXPECT_EQ(line_at(text, text.find("2"), 100), "\"b\": [1, 2, 3]");
    EXPECT_EQ(line_at(text, text.find("2"), 12), "2, 3]");
    EXPECT_EQ(line_at(text, 0, 100), "{");
    EXPECT_EQ(line_at("\"\xC3\xA4\xC3\xA4\xC3\xA4\"", 0, 4), "\"\xC3\xA4");
    EXPECT_EQ(line_at("x", 7, 4), "");
}

TEST(ValidateJson, NumbersLinesOfAStreamInPieces) {
    const std::string text = "a\nb\n\nc{\n\n}d\ne";
    std::vector<std::uint64_t> expected;
    std::uint64_t line = 1;
    for (const char c : text) {
        expected.push_back(line);
        if (c == '\n') ++line;
    }
    for (std::size_t size = 1; size <= text.size(); ++size) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            // Asked for in the piece where it lies, and in the one after it.
            for (std::size_t asked = at / size; asked < at / size + 2; ++asked) {
                LineCounter counter;
                for (std::size_t piece = 0; piece * size < text.size(); ++piece) {
                    counter.begin_piece(std::string_view(text).substr(piece * size, size));
                    if (piece == asked) {
                        EXPECT_EQ(
                            counter.line_of(at, std::string_view(text).substr(at)), expected[at]
                        ) << size
                          << " " << at;
                    }
                    counter.end_piece();
                }
            }
        }
    }
}

TEST(ValidateJson, KnowsWhatIsJson) {
    EXPECT_TRUE(is_json(R"({"a":1,"a":[true,null]})"));
    EXPECT_TRUE(is_json("5"));
    EXPECT_FALSE(is_json(R"({"a":tru})"));
    EXPECT_FALSE(is_json("{\"a\":\"\xFF\"}"));
    EXPECT_FALSE(is_json("{} {}"));
    EXPECT_FALSE(is_json(""));
    EXPECT_TRUE(is_json(std::string(900, '[') + std::string(900, ']')));
}

}  // namespace
}  // namespace entente::cli
