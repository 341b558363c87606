#include "stix/marking_paths.h"

#include "base/limits.h"
#include "stix/internal/tree.h"
#include "stix/object.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <set>

namespace entente::stix {
namespace {

constexpr std::string_view red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
constexpr std::string_view amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
constexpr std::string_view green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";

std::string canonical(std::string_view json) {
    return canonical_json(json).value();
}

/// A file with what selectors may meet: lists, dictionaries, extensions, upper-case and dotted
/// keys. (`x_a` can be read in several ways.)
std::string object(std::string_view granular_markings = "", std::string_view more = "") {
    std::string text =
        R"({"type":"file","spec_version":"2.1","id":"file--1a2b3c4d-0000-4000-8000-000000000001","name":"a.exe",)"
        R"("hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e","SHA-256":"0"},)"
        R"("external_references":[{"source_name":"one"},{"source_name":"two","url":"https://example.com/"}],)"
        R"("x_dictionary":{"www.example.com":{"port":80},"Plain":1},)"
        R"("x_a":{"b":{"c":1},"b.c":2},"x_lists":[[1,2],[3]],)"
        R"("extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension"}})";
    text.append(more);
    if (!granular_markings.empty())
        text.append(R"(,"granular_markings":[)").append(granular_markings).append("]");
    return canonical(text + "}");
}

std::string resolved(std::string_view json, std::string_view selector) {
    const auto path = resolve_selector(json, selector);
    return path ? pointer_of(*path) : "refused: " + path.error().detail;
}

std::string marking(std::string_view ref, std::string_view selectors) {
    return std::string(R"({"marking_ref":")")
        .append(ref)
        .append(R"(","selectors":[)")
        .append(selectors)
        .append("]}");
}

std::string refusal(std::string_view granular_marking) {
    const auto read = granular_markings(object(granular_marking));
    return read ? "taken" : errc_name(read.error().code) + (": " + read.error().detail);
}

TEST(Selector, NamesPropertiesKeysAndElements) {
    const std::string json = object();
    for (const auto& [selector, pointer] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"id", "/id"},
             {"name", "/name"},
             {"external_references", "/external_references"},
             {"external_references.[1]", "/external_references/1"},
             {"external_references.[0].source_name", "/external_references/0/source_name"},
             {"x_lists.[0].[1]", "/x_lists/0/1"},
             {"extensions.extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d.extension_"
              "type",
              "/extensions/extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d/"
              "extension_type"},
         }) {
        EXPECT_EQ(resolved(json, selector), pointer);
    }
}

// STIX 2.1, 7.2.3.1 allows any dictionary key; the reference's expression refuses these.
TEST(Selector, TakesUpperCaseAndDottedKeys) {
    const std::string json = object();
    EXPECT_EQ(resolved(json, "hashes.MD5"), "/hashes/MD5");
    EXPECT_EQ(resolved(json, "hashes.SHA-256"), "/hashes/SHA-256");
    EXPECT_EQ(resolved(json, "x_dictionary.Plain"), "/x_dictionary/Plain");
    EXPECT_EQ(resolved(json, "x_dictionary.www.example.com"), "/x_dictionary/www.example.com");
    EXPECT_EQ(
        resolved(json, "x_dictionary.www.example.com.port"), "/x_dictionary/www.example.com/port"
    );
}

TEST(Selector, ReadsTheLongestNamesFirst) {
    EXPECT_EQ(resolved(object(), "x_a.b.c"), "/x_a/b.c");
    EXPECT_EQ(resolved(object(), "x_a.b"), "/x_a/b");
    // The longer name is there, but what follows is not in it: the shorter one is meant.
    EXPECT_EQ(resolved(R"({"a":{"b":{"c":{"d":1}},"b.c":{"e":1}}})", "a.b.c.d"), "/a/b/c/d");
}

// A path is compared component by component: `name` says nothing about `name_enc`.
TEST(Selector, IsNoPrefixOfText) {
    const std::string json = object("", R"(,"name_enc":"utf-8")");
    EXPECT_EQ(resolved(json, "name"), "/name");
    EXPECT_EQ(resolved(json, "name_enc"), "/name_enc");
    EXPECT_TRUE(resolved(json, "nam").starts_with("refused"));
}

TEST(Selector, SaysWhichComponentFailsAndWhy) {
    const std::string json = object();
    EXPECT_EQ(
        resolved(json, "name.[0]"),
        R"(refused: "name.[0]" selects nothing: component "[0]": there is nothing in a single value; end the selector before it)"
    );
    EXPECT_EQ(
        resolved(json, "external_references.url"),
        R"(refused: "external_references.url" selects nothing: component "url": a list has no names; expected [n], counted from 0)"
    );
    EXPECT_EQ(
        resolved(json, "external_references.[2].url"),
        R"(refused: "external_references.[2].url" selects nothing: component "[2]": the list has 2 elements, counted from 0)"
    );
    EXPECT_EQ(
        resolved(json, "hashes.[0]"),
        R"(refused: "hashes.[0]" selects nothing: component "[0]": an index, and what it is in is no list)"
    );
    EXPECT_EQ(
        resolved(json, "hashes.md5"),
        R"(refused: "hashes.md5" selects nothing: component "md5": no property or key of that name is there)"
    );
    for (const std::string_view selector :
         {"",
          ".",
          "name.",
          ".name",
          "external_references.[]",
          "external_references.[-1]",
          "external_references.[0",
          "external_references.[99999999999999999999999]",
          "external_references[0]",
          "$.name",
          "/name"}) {
        EXPECT_TRUE(resolved(json, selector).starts_with("refused: \"")) << selector;
    }
}

TEST(Selector, ComparesNamesUnescaped) {
    EXPECT_EQ(resolved(canonical(R"({"a\u005fb":{"\u00e9\n":1}})"), "a_b.é\n"), "/a_b/é\n");
}

// Every part of a random value is found by the selector that its path spells.
TEST(Selector, FindsEveryPart) {
    std::mt19937 random(20);
    const auto pick = [&random](std::size_t n) { return random() % n; };
    static constexpr std::array names = {"a", "B", "a.b", "b.c", "c", "x-y", "A_9", "[0]"};
    const std::function<std::string(int)> value = [&](int depth) -> std::string {
        const std::size_t kind = depth == 0 ? 2 : pick(3);
        std::string out;
        if (kind == 0) {
            for (std::size_t i = 0, n = 1 + pick(3); i < n; ++i)
                out += (i > 0 ? "," : "") + value(depth - 1);
            return "[" + out + "]";
        }
        if (kind == 1) {
            std::set<std::string> used;
            for (std::size_t i = 0, n = 1 + pick(4); i < n; ++i)
                used.insert(names[pick(names.size())]);
            for (const std::string& name : used)
                out += (out.empty() ? "\"" : ",\"") + name + "\":" + value(depth - 1);
            return "{" + out + "}";
        }
        return std::to_string(pick(100));
    };
    for (int round = 0; round < 300; ++round) {
        const std::string json = canonical(R"({"a":)" + value(4) + R"(,"a.b":)" + value(3) + "}");
        internal::Tree tree(json);
        for (internal::Tree::Part part = 1; part < tree.size(); ++part) {
            std::string selector;
            for (internal::Tree::Part at = part; at != 0; at = tree.parent(at)) {
                const std::string step = tree.is_list(tree.parent(at))
                                             ? "[" + std::to_string(tree.position(at)) + "]"
                                             : std::string(tree.name(at));
                selector.insert(0, selector.empty() ? step : step + ".");
            }
            const std::string marked = canonical(
                json.substr(0, json.size() - 1) + R"(,"granular_markings":[)" +
                marking(red, '"' + selector + '"') + "]}"
            );
            const auto read = granular_markings(marked);
            ASSERT_TRUE(read) << marked << read.error().detail;
            // Some reading is this very part; the first is what resolve_selector takes.
            std::vector<std::string> pointers;
            for (const Path& path : read->front().paths)
                pointers.push_back(pointer_of(path));
            std::string wanted;
            for (internal::Tree::Part at = part; at != 0; at = tree.parent(at)) {
                wanted.insert(
                    0,
                    "/" + (tree.is_list(tree.parent(at)) ? std::to_string(tree.position(at))
                                                         : std::string(tree.name(at)))
                );
            }
            EXPECT_NE(std::find(pointers.begin(), pointers.end(), wanted), pointers.end())
                << wanted << " in " << marked;
            EXPECT_EQ(resolved(marked, selector), pointers.front());
        }
    }
}

TEST(GranularMarkings, TellWhatTheySelect) {
    const auto read = granular_markings(object(
        marking(red, R"("name","external_references.[1].url")") +
        R"(,{"lang":"fr","selectors":["name"]},)" + marking(amber, R"("hashes")")
    ));
    ASSERT_TRUE(read) << read.error().detail;
    ASSERT_EQ(read->size(), 2U);  // lang markings restrict nobody (S69)
    EXPECT_EQ((*read)[0].marking_ref, red);
    ASSERT_EQ((*read)[0].paths.size(), 2U);
    EXPECT_EQ(pointer_of((*read)[0].paths[0]), "/name");
    EXPECT_EQ(
        (*read)[0].paths[1],
        (Path{std::string("external_references"), std::size_t{1}, std::string("url")})
    );
    EXPECT_EQ((*read)[1].marking_ref, amber);
    EXPECT_EQ(pointer_of((*read)[1].paths.at(0)), "/hashes");
    EXPECT_TRUE(granular_markings(object())->empty());
}

TEST(GranularMarkings, CoverEveryMeaningOfADottedSelector) {
    const auto read = granular_markings(object(marking(red, R"("x_a.b.c")")));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->front().paths.size(), 2U);
    EXPECT_EQ(pointer_of(read->front().paths[0]), "/x_a/b.c");
    EXPECT_EQ(pointer_of(read->front().paths[1]), "/x_a/b/c");
}

TEST(GranularMarkings, OfTheWrongFormAreRefused) {
    const std::string both = std::string(R"({"lang":"en","marking_ref":")")
                                 .append(red)
                                 .append(R"(","selectors":["name"]})");
    EXPECT_EQ(
        refusal(both),
        "unprocessable: /granular_markings/0: expected exactly one of marking_ref and lang"
    );
    EXPECT_EQ(
        refusal(R"({"selectors":["name"]})"),
        "unprocessable: /granular_markings/0: expected exactly one of marking_ref and lang"
    );
    for (const std::string_view selectors : {"", "1"})
        EXPECT_TRUE(refusal(marking(red, selectors))
                        .starts_with("unprocessable: /granular_markings/0/selectors"));
    EXPECT_TRUE(refusal("7").starts_with("unprocessable: /granular_markings/0: expected an object")
    );
    EXPECT_TRUE(refusal(marking("identity--e828b379-4e03-4974-9ac4-e53a884c97c1", R"("name")"))
                    .starts_with("unprocessable: /granular_markings/0/marking_ref: "));
    EXPECT_TRUE(refusal(R"({"lang":1,"selectors":["name"]})")
                    .starts_with("unprocessable: /granular_markings/0/lang: "));
    EXPECT_FALSE(granular_markings(canonical(R"({"granular_markings":[]})")));
    EXPECT_FALSE(granular_markings(canonical(R"({"granular_markings":{}})")));
}

TEST(GranularMarkings, ThatSelectNothingAreRefusedWithTheirPlace) {
    EXPECT_EQ(
        refusal(marking(green, R"("name")") + "," + marking(red, R"("name","x_b")")),
        R"(unprocessable: /granular_markings/1/selectors/1: "x_b" selects nothing: component "x_b": no property or key of that name is there)"
    );
    // A language says nothing about who may see.
    EXPECT_EQ(refusal(R"({"lang":"fr","selectors":["x_b"]})"), "taken");
}

TEST(GranularMarkings, CostIsBounded) {
    std::string many;
    for (std::size_t i = 0; i <= limits::selectors_max; ++i)
        many += (i > 0 ? R"(,"name")" : R"("name")");
    EXPECT_TRUE(
        refusal(marking(red, many)).starts_with("too_large: /granular_markings/0/selectors/10000: ")
    );

    // Names with as many dots as can be, each of which could end a name at every depth.
    std::string selectors;
    std::string dotted = "a";
    for (int i = 0; i < 120; ++i)
        dotted += ".a";
    std::string nested = "1";
    for (int i = 0; i < 60; ++i)
        nested = R"({"a":)" + nested + "}";
    for (int i = 0; i < 2'000; ++i)
        selectors += (i > 0 ? ",\"" : "\"") + dotted + ".x" + std::to_string(i) + '"';
    const auto read = granular_markings(canonical(
        nested.substr(0, nested.size() - 1) + R"(,"granular_markings":[)" +
        marking(red, selectors) + "]}"
    ));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::unprocessable);  // the first already selects nothing
    const std::string lang = R"({"lang":"en","selectors":[)" + selectors + "]}";
    const auto steps = granular_markings(
        canonical(nested.substr(0, nested.size() - 1) + R"(,"granular_markings":[)" + lang + "]}")
    );
    ASSERT_FALSE(steps);
    EXPECT_EQ(steps.error().code, Errc::too_large) << steps.error().detail;
}

TEST(MarkedParts, HaveTheMarkingsOfWhatHoldsThem) {
    const auto parts = marked_parts(object(
        marking(red, R"("external_references.[1].url","name")") + "," +
            marking(amber, R"("external_references","name")") + "," +
            marking(amber, R"("external_references.[1]")"),
        std::string(R"(,"object_marking_refs":[")").append(green).append("\"]")
    ));
    ASSERT_TRUE(parts) << parts.error().detail;
    const auto set = [](std::initializer_list<std::string_view> ids) {
        return std::vector<std::string>(ids.begin(), ids.end());
    };
    ASSERT_EQ(parts->size(), 4U);
    EXPECT_EQ(pointer_of((*parts)[0].path), "/external_references");
    EXPECT_EQ((*parts)[0].markings, set({amber, green}));
    EXPECT_EQ(pointer_of((*parts)[1].path), "/external_references/1");
    EXPECT_EQ((*parts)[1].markings, set({amber, green}));
    EXPECT_EQ(pointer_of((*parts)[2].path), "/external_references/1/url");
    EXPECT_EQ((*parts)[2].markings, set({amber, green, red}));
    EXPECT_EQ(pointer_of((*parts)[3].path), "/name");
    EXPECT_EQ((*parts)[3].markings, set({amber, green, red}));
    EXPECT_TRUE(marked_parts(object())->empty());
}

TEST(PointerOf, EscapesWhatRfc6901Reserves) {
    EXPECT_EQ(pointer_of({}), "");
    EXPECT_EQ(pointer_of({std::string("a/b~c"), std::size_t{3}}), "/a~1b~0c/3");
}

}  // namespace
}  // namespace entente::stix
