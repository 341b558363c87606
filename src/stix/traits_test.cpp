// ENTENTE_SEED sets the seed of the tests by chance.
#include "stix/traits.h"

#include "base/limits.h"
#include "stix/internal/check_samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace entente::stix {
namespace {

using namespace internal;
using Texts = std::vector<std::string>;

/// An object with these properties, as `read_object` leaves it.
Object object_of(
    std::string_view type, std::string_view properties, std::string_view version = "2.1"
) {
    Object out;
    out.type = type;
    out.spec_version = version;
    out.body = "{" + std::string(properties) + "}";
    return out;
}

Texts words(std::string_view type, std::string_view properties, std::string_view version = "2.1") {
    return traits_of(object_of(type, properties, version)).words;
}

/// Of an indicator with this pattern, which is written without characters that JSON escapes.
Texts paths(std::string_view pattern, std::string_view version = "2.1") {
    const std::string properties =
        R"("pattern":")" + std::string(pattern) + R"(","pattern_type":"stix")";
    return traits_of(object_of("indicator", properties, version)).pattern_paths;
}

std::uint64_t seed() {
    const char* const text = std::getenv("ENTENTE_SEED");
    return text == nullptr ? std::random_device{}() : std::strtoull(text, nullptr, 10);
}

TEST(TraitsWords, AreLabelsAndValuesOfVocabularies) {
    struct Case {
        std::string_view type, properties;
        Texts words;
    };

    const Case cases[] = {
        {"malware",
         R"("name":"x","malware_types":["worm","ransomware"],"is_family":true,)"
         R"("implementation_languages":["c++"],"labels":["b","a"])",
         {"implementation_languages:c++",
          "label:a",
          "label:b",
          "malware_types:ransomware",
          "malware_types:worm"}},
        {"indicator",
         R"("indicator_types":["benign"],"pattern":"x","pattern_type":"snort")",
         {"indicator_types:benign", "pattern_type:snort"}},
        {"threat-actor",
         R"("threat_actor_types":["spy"],"roles":["agent"],"resource_level":"team",)"
         R"("primary_motivation":"ideology","sophistication":"expert","goals":["g"])",
         {"primary_motivation:ideology",
          "resource_level:team",
          "roles:agent",
          "sophistication:expert",
          "threat_actor_types:spy"}},
        {"infrastructure", R"("infrastructure_types":["botnet"])", {"infrastructure_types:botnet"}},
        {"tool", R"("tool_types":["exploitation"])", {"tool_types:exploitation"}},
        {"identity",
         R"("identity_class":"group","sectors":["energy","water"])",
         {"identity_class:group", "sectors:energy", "sectors:water"}},
        {"location",
         R"("region":"europe","country":"at","city":"Linz")",
         {"country:at", "region:europe"}},
        {"opinion", R"("opinion":"agree")", {"opinion:agree"}},
        // Values need not be of the vocabulary.
        {"tool", R"("tool_types":["my own"])", {"tool_types:my own"}},
        // What another type has is no word here, nor is what lies deeper.
        {"tool", R"("malware_types":["worm"],"x":{"labels":["a"],"tool_types":["b"]})", {}},
        {"x-example-com-thing", R"("labels":["a"],"sectors":["energy"])", {"label:a"}},
        {"malware", R"("malware_types":[],"labels":[])", {}},
        {"malware", "", {}},
        // The same twice is one.
        {"malware", R"("labels":["a","\u0061","a"])", {"label:a"}},
        // A string where a list should be is its only value.
        {"malware", R"("malware_types":"worm","labels":"a")", {"label:a", "malware_types:worm"}},
        // A label that looks like the mark is none.
        {"malware", R"("labels":["*",""])", {"label:", "label:*"}},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.properties);
        EXPECT_EQ(words(c.type, c.properties), c.words);
    }
}

TEST(TraitsWords, OfA20ObjectFollowThatVersion) {
    EXPECT_EQ(
        words("malware", R"("labels":["ransomware"],"malware_types":["worm"])", "2.0"),
        Texts{"label:ransomware"}
    );
    EXPECT_EQ(
        words("threat-actor", R"("labels":["spy"],"roles":["agent"])", "2.0"),
        (Texts{"label:spy", "roles:agent"})
    );
}

TEST(TraitsWords, NamesAndValuesMayBeEscaped) {
    EXPECT_EQ(
        words(
            "malware",
            R"("\u006cabels":["a\"\u00e4\ud83d\ude00"],"malware\u005ftypes":["w\u006frm"])"
        ),
        (Texts{"label:a\"\xC3\xA4\xF0\x9F\x98\x80", "malware_types:worm"})
    );
    // Half of a pair says nothing that could be told.
    EXPECT_EQ(words("malware", R"("labels":["\ud83d","a"])"), (Texts{"*", "label:a"}));
}

TEST(TraitsWords, TellThatThereIsMoreWhereAValueIsNoString) {
    for (const std::string_view value : {"7", "null", "{\"a\":[1]}", "[\"a\"]", "true"}) {
        SCOPED_TRACE(value);
        EXPECT_EQ(
            words("malware", R"("labels":[)" + std::string(value) + R"(,"z"])"),
            (Texts{"*", "label:z"})
        );
    }
    EXPECT_EQ(words("malware", R"("labels":7,"malware_types":{"worm":1})"), Texts{"*"});
}

TEST(TraitsWords, AreTheFirstOfManyInWhateverOrderTheyStand) {
    Texts labels;
    for (std::size_t i = 0; i <= limits::traits_words_max; ++i)
        labels.push_back("label:" + std::to_string(100 + i));
    const auto told = [](const Texts& all) {
        std::string list;
        for (const std::string& label : all)
            list.append(list.empty() ? "" : ",").append("\"" + label.substr(6) + "\"");
        return words("malware", R"("labels":[)" + list + "]");
    };
    Texts first(labels.begin(), labels.end() - 1);
    EXPECT_EQ(told(first), first) << "as many as there may be";
    Texts expected = first;
    expected.insert(expected.begin(), "*");
    const std::uint64_t s = seed();
    SCOPED_TRACE(s);
    std::mt19937_64 random(s);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(told(labels), expected);
        std::shuffle(labels.begin(), labels.end(), random);
    }
    // What comes twice is not one too many.
    Texts twice = first;
    twice.insert(twice.end(), first.begin(), first.end());
    EXPECT_EQ(told(twice), first);
}

TEST(TraitsWords, HaveABoundEach) {
    const std::string longest(
        limits::traits_word_bytes_max - std::string_view("label:").size(), 'b'
    );
    EXPECT_EQ(words("tool", R"("labels":[")" + longest + R"("])"), Texts{"label:" + longest});
    EXPECT_EQ(words("tool", R"("labels":["a",")" + longest + R"(b"])"), (Texts{"*", "label:a"}));
    EXPECT_EQ(
        words("tool", R"("labels":["a",")" + std::string(1'000'000, 'b') + R"("])"),
        (Texts{"*", "label:a"})
    );
}

TEST(TraitsWords, KnowEachPropertyToWhichATableGivesAVocabulary) {
    std::size_t seen = 0;
    for (const Table* const table : {&table_21(), &table_20()}) {
        const std::string_view version = table == &table_21() ? "2.1" : "2.0";
        for (const Structure* const type : object_types(*table)) {
            for (const Column& c : type->columns) {
                SCOPED_TRACE(std::string(type->name) + "." + std::string(c.name));
                const bool has = c.row->form == Form::open || c.row->form == Form::closed;
                const std::string name = c.name == "labels" ? "label" : std::string(c.name);
                const Texts expected = has || c.name == "labels" ? Texts{name + ":value"} : Texts{};
                const std::string value = c.row->list ? R"(["value"])" : R"("value")";
                EXPECT_EQ(
                    words(type->name, "\"" + std::string(c.name) + "\":" + value, version), expected
                );
                seen += has ? 1U : 0U;
            }
        }
    }
    EXPECT_GT(seen, 50U);
}

TEST(TraitsConfidence, IsAnIntegerUpTo100) {
    struct Case {
        std::string_view value;
        std::optional<std::uint8_t> confidence;
    };

    for (const Case& c : {
             Case{"0", 0},
             Case{"-0", 0},
             Case{"85", 85},
             Case{"100", 100},
             Case{"85.0", 85},
             Case{"8.5e1", 85},
             Case{"1e-400", 0},  // too small for a double, as in the canonical form
             Case{"101", std::nullopt},
             Case{"-1", std::nullopt},
             Case{"256", std::nullopt},
             Case{"0.5", std::nullopt},
             Case{"1e400", std::nullopt},
             Case{"99999999999999999999999999", std::nullopt},
             Case{"\"85\"", std::nullopt},
             Case{"null", std::nullopt},
             Case{"[85]", std::nullopt},
         }) {
        SCOPED_TRACE(c.value);
        const std::string property = "\"confidence\":" + std::string(c.value);
        EXPECT_EQ(traits_of(object_of("tool", property)).confidence, c.confidence);
    }
    EXPECT_EQ(traits_of(object_of("tool", R"("name":"x")")).confidence, std::nullopt);
    EXPECT_EQ(traits_of(object_of("tool", R"("x":{"confidence":5})")).confidence, std::nullopt);
}

TEST(TraitsPaths, AreThoseOfTheIndicatorsPattern) {
    EXPECT_EQ(paths("[ipv4-addr:value = '198.51.100.7']"), Texts{"ipv4-addr:value"});
    EXPECT_EQ(
        paths("[url:value = 'a' OR file : hashes . 'SHA-256' = 'b'] FOLLOWEDBY [ file:'name' = 'c' "
              "OR url:value = 'd']"),
        (Texts{"file:hashes.'SHA-256'", "file:name", "url:value"})
    );
    // Escapes of JSON are no escapes of the pattern.
    EXPECT_EQ(paths(R"([file:\u006eame = '\"']\n)"), Texts{"file:name"});
    EXPECT_EQ(
        traits_of(object_of("tool", R"("pattern":"[url:value = 'a']","pattern_type":"stix")"))
            .pattern_paths,
        Texts{}
    );
}

TEST(TraitsPaths, AreNotKnownWhereTheyCannotBeRead) {
    struct Case {
        std::string_view properties, version;
        bool known;
    };

    for (const Case& c : {
             Case{R"("pattern":"[url:value = 'a']","pattern_type":"stix")", "2.1", true},
             Case{R"("pattern_type":"s\u0074ix","pattern":"[url:value = 'a']")", "2.1", true},
             Case{R"("pattern":"[url:value = 'a']")", "2.0", true},
             Case{R"("pattern":"[url:value = 'a']")", "2.1", false},
             Case{R"("pattern":"[url:value = 'a']","pattern_type":"snort")", "2.1", false},
             Case{R"("pattern":"[url:value = 'a']","pattern_type":"snort")", "2.0", false},
             Case{R"("pattern":"[url:value = 'a']","pattern_type":7)", "2.0", false},
             Case{R"("pattern":"[url:value = 'a'","pattern_type":"stix")", "2.1", false},
             Case{R"("pattern":["[url:value = 'a']"],"pattern_type":"stix")", "2.1", false},
             Case{R"("pattern":"[url:value = '\ud83d']","pattern_type":"stix")", "2.1", false},
             Case{R"("pattern_type":"stix")", "2.1", false},
             Case{"", "2.0", false},
         }) {
        SCOPED_TRACE(c.properties);
        EXPECT_EQ(
            traits_of(object_of("indicator", c.properties, c.version)).pattern_paths,
            Texts{c.known ? "url:value" : "*"}
        );
    }
    // Each version has its language.
    EXPECT_EQ(paths("[EXISTS url:value]"), Texts{"url:value"});
    EXPECT_EQ(paths("[EXISTS url:value]", "2.0"), Texts{"*"});
    EXPECT_EQ(paths("[x:a = 1] START 'b' STOP 'c'", "2.0"), Texts{"x:a"});
}

TEST(TraitsPaths, AreBoundedInNumberAndLength) {
    Texts expected;
    std::string pattern;
    for (std::size_t i = 0; i < limits::traits_paths_max; ++i) {
        expected.push_back("x:a" + std::to_string(10 + i));
        pattern.insert(0, expected.back() + " = 1 OR ");
    }
    EXPECT_EQ(paths("[" + pattern + "x:a10 = 2]"), expected);
    expected.insert(expected.begin(), "*");
    EXPECT_EQ(paths("[" + pattern + "x:b = 2]"), expected);
    expected.pop_back();
    expected.insert(expected.begin() + 1, "x:a");
    EXPECT_EQ(paths("[" + pattern + "x:a = 2]"), expected);

    const std::string longest = "x:" + std::string(limits::traits_path_bytes_max - 2, 'a');
    EXPECT_EQ(paths("[" + longest + " = 1]"), Texts{longest});
    EXPECT_EQ(paths("[x:b = 1 OR " + longest + "a = 1]"), (Texts{"*", "x:b"}));
}

TEST(Traits, OfWhatIsNoObjectAreNotKnown) {
    for (const std::string_view body :
         {"",
          "7",
          "[]",
          "{",
          "{\"labels\":[\"a\"",
          "{\"labels\":[\"a\"]",
          "{\"a\" 1}",
          "{}{}",
          "{\"confidence\":5,}",
          "{\"labels\":[\"a\"]} x",
          "{\"a\":tru}",
          "{\"labels\":[\"a\",]}"}) {
        SCOPED_TRACE(body);
        Object object = object_of("indicator", "");
        object.body = body;
        const Traits traits = traits_of(object);
        EXPECT_EQ(traits.words, Texts{"*"});
        EXPECT_EQ(traits.pattern_paths, Texts{"*"});
        EXPECT_EQ(traits.confidence, std::nullopt);
        object.type = "tool";
        EXPECT_EQ(traits_of(object).pattern_paths, Texts{});
    }
}

TEST(Traits, AreTheSameForEveryWayToWriteTheSameObject) {
    const auto one = read_object(R"({"type":"indicator","spec_version":"2.1",
        "id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created":"2016-04-06T20:03:48.000Z","modified":"2016-04-06T20:03:48.000Z",
        "indicator_types":["benign"],"labels":["b","a"],"confidence":85.0,
        "pattern":"[url:value = 'a']","pattern_type":"stix","valid_from":"2016-01-01T00:00:00Z"})");
    const auto other = read_object(R"({"valid_from":"2016-01-01T00:00:00Z","pattern_type":"stix",
        "confidence":85,"pattern":"[url:v\u0061lue = 'a']","l\u0061bels":["b","\u0061"],
        "indicator_types":["benign"],"modified":"2016-04-06T20:03:48.000Z",
        "created":"2016-04-06T20:03:48.000Z","spec_version":"2.1","type":"indicator",
        "id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"})");
    ASSERT_TRUE(one && other);
    ASSERT_EQ(one->digest, other->digest);
    const Traits a = traits_of(*one);
    const Traits b = traits_of(*other);
    EXPECT_EQ(
        a.words, (Texts{"indicator_types:benign", "label:a", "label:b", "pattern_type:stix"})
    );
    EXPECT_EQ(a.words, b.words);
    EXPECT_EQ(a.pattern_paths, Texts{"url:value"});
    EXPECT_EQ(a.pattern_paths, b.pattern_paths);
    EXPECT_EQ(a.confidence, 85);
    EXPECT_EQ(b.confidence, 85);
}

void expect_in_order(const Traits& traits) {
    for (const Texts* const list : {&traits.words, &traits.pattern_paths}) {
        EXPECT_EQ(
            std::adjacent_find(list->begin(), list->end(), std::greater_equal<>()), list->end()
        );
    }
    EXPECT_LE(traits.words.size(), limits::traits_words_max + 1);
    EXPECT_LE(traits.pattern_paths.size(), limits::traits_paths_max + 1);
    for (const std::string& word : traits.words)
        EXPECT_LE(word.size(), limits::traits_word_bytes_max);
    for (const std::string& path : traits.pattern_paths) {
        EXPECT_LE(path.size(), limits::traits_path_bytes_max);
        EXPECT_TRUE(path_within(path, path));
    }
}

TEST(Traits, OfAnyTextAreInOrderAndBounded) {
    const std::uint64_t s = seed();
    SCOPED_TRACE(s);
    std::mt19937_64 random(s);
    const auto below = [&random](std::size_t end) { return std::size_t{random() % end}; };
    for (const Table* const table : {&table_21(), &table_20()}) {
        Samples samples(*table, s);
        for (const Structure* const type : object_types(*table)) {
            for (int i = 0; i < 40; ++i) {
                Object object;
                object.type = type->name;
                object.spec_version = table == &table_21() ? "2.1" : "2.0";
                object.body = json::serialize(samples.object(*type));
                expect_in_order(traits_of(object));
                EXPECT_NE(traits_of(object).words, Texts{"*"});
                for (int j = 0; j < 20; ++j) {
                    char& c = object.body[below(object.body.size())];
                    c = below(2) == 0 ? static_cast<char>(below(256))
                                      : R"({}[]",:\u0' .*)"[below(14)];
                    expect_in_order(traits_of(object));
                }
                object.body.resize(below(object.body.size()));
                expect_in_order(traits_of(object));
            }
        }
    }
}

TEST(PathWithin, ComparesStepByStep) {
    struct Case {
        std::string_view path, allowed;
        bool within;
    };

    for (const Case& c : {
             Case{"ipv4-addr:value", "ipv4-addr:value", true},
             Case{"ipv4-addr:value", "ipv6-addr:value", false},
             Case{"ipv4-addr:value", "ipv4-addr:val", false},
             Case{"ipv4-addr:val", "ipv4-addr:value", false},
             Case{"file:hashes.MD5", "file:hashes.MD5", true},
             Case{"file:hashes.MD5", "file:hashes.md5", false},
             Case{"file:hashes.MD5", "file:hashes.'MD5'", true},
             Case{"file:hashes.'SHA-256'", "file:hashes.SHA-256", true},
             Case{"file:hashes.MD5", "file:hashes", false},
             Case{"file:hashes", "file:hashes.MD5", false},
             // A wildcard takes one step or more.
             Case{"file:hashes.MD5", "file:hashes.*", true},
             Case{"file:hashes.'SHA-256'", "file:hashes.*", true},
             Case{"file:hashes.a.b[3].c", "file:hashes.*", true},
             Case{"file:hashes[0]", "file:hashes.*", true},
             Case{"file:hashes", "file:hashes.*", false},
             Case{"file:hashes2.MD5", "file:hashes.*", false},
             Case{"file:name", "file:hashes.*", false},
             Case{"file:name", "file:*", true},
             Case{"file:hashes.'SHA-256'", "file:*", true},
             Case{"files:name", "file:*", false},
             Case{"file:name", "*", true},
             Case{"*", "*", true},
             Case{"*", "file:*", false},
             Case{"*", "file:name", false},
             Case{"file:*", "file:hashes.*", false},
             Case{"file:hashes.*", "file:*", false},
             // All indexes are one.
             Case{"x:a[0].b", "x:a[*].b", true},
             Case{"x:a[*].b", "x:a[0].b", true},
             Case{"x:a[0].b", "x:a[17].b", true},
             Case{"x:a[-1].b", "x:a[17].b", true},
             Case{"x:a.b", "x:a[*].b", false},
             Case{"x:a[0].b", "x:a.b", false},
             Case{"x:a[0]", "x:a[*]", true},
             Case{"x:a[0].b.c", "x:a[*]", true},
             Case{"x:a[0][1]", "x:a[*]", true},
             Case{"x:a[0].b", "x:a[0]", false},
             Case{"x:a", "x:a[*]", false},
             Case{"x:a.b", "x:a[*]", false},
             Case{"x:a[0]", "x:a[*].*", false},
             Case{"x:a[0].b", "x:a[*].*", true},
             // What stands in quotes is a name.
             Case{"x:'a.b'", "x:a.b", false},
             Case{"x:'a.b'", "x:a.*", false},
             Case{"x:a.'*'", "x:a.'*'", true},
             Case{"x:a.b", "x:a.'*'", false},
             Case{"x:a.'*'", "x:a.*", true},
             Case{"x:'a[0]'", "x:'a[*]'", false},
             Case{"x:'a\\'.b'.c", "x:'a\\'.b'.*", true},
             Case{"x:'a\\\\'.c", "x:'a\\\\'.*", true},
             Case{"x:''", "x:*", true},
             // What is no path takes and is taken by itself alone.
             Case{"", "", true},
             Case{"", "x:*", false},
             Case{"x:a", "", false},
             Case{"x:", "x:*", false},
             Case{"x:a.", "x:a.*", false},
             Case{"x:a.b'", "x:a.*", false},
             Case{"x:a.'b", "x:a.*", false},
             Case{"x:a.'b\\x'", "x:a.*", false},
             Case{"x:a.b[", "x:a.*", false},
             Case{"x:a.b[]", "x:a.*", false},
             Case{"x:a.b[c]", "x:a.*", false},
             Case{"x:a.b..c", "x:a.*", false},
             Case{"x:a.b:c", "x:a.*", false},
             Case{"x:a.*.b", "x:a.*", false},
             Case{"x:a.c.b", "x:a.*.b", false},
             Case{"x:ab", "x:a*", false},
             Case{":a", ":*", false},
             Case{"x:a\xC3\xA4", "x:*", false},
             Case{"x:'a\xC3\xA4'", "x:*", true},
         }) {
        SCOPED_TRACE(std::string(c.path) + " within " + std::string(c.allowed));
        EXPECT_EQ(path_within(c.path, c.allowed), c.within);
    }
}

TEST(PathWithin, TakesAnyTexts) {
    const std::uint64_t s = seed();
    SCOPED_TRACE(s);
    std::mt19937_64 random(s);
    const auto text = [&random] {
        std::string out = random() % 2 == 0 ? "x:" : "";
        for (std::size_t i = 0, n = random() % 10; i < n; ++i)
            out += "ab:.[]*'\\0-"[random() % 11];
        return out;
    };
    for (int i = 0; i < 50'000; ++i) {
        const std::string path = text();
        const std::string allowed = text();
        const bool within = path_within(path, allowed);
        EXPECT_TRUE(path_within(path, path));
        EXPECT_TRUE(path_within(path, "*"));
        // What is within goes on being so where more is allowed.
        if (within && allowed.starts_with("x:") && allowed != path) {
            EXPECT_TRUE(path_within(path, "x:*")) << path << " within " << allowed;
        }
    }
}

}  // namespace
}  // namespace entente::stix
