#include "base/limits.h"
#include "stix/envelope.h"

#include <gtest/gtest.h>

#include <random>

namespace entente::stix {
namespace {

struct Piece {
    std::string text;
    std::size_t at = 0;
    friend bool operator==(const Piece&, const Piece&) = default;

    friend std::ostream& operator<<(std::ostream& out, const Piece& p) {
        return out << p.at << ':' << p.text;
    }
};

struct Cuts {
    std::vector<Piece> pieces;
    std::string outcome = "cut";
    friend bool operator==(const Cuts&, const Cuts&) = default;

    friend std::ostream& operator<<(std::ostream& out, const Cuts& r) {
        for (const Piece& p : r.pieces)
            out << p << '\n';
        return out << r.outcome;
    }
};

/// Cuts `text`, fed in parts of the sizes that `next_size` gives.
template <class NextSize>
Cuts cut(std::string_view text, NextSize next_size) {
    Cuts run;
    Cutter cutter([&run](std::string_view object, std::size_t at) -> Result<void> {
        run.pieces.push_back({std::string(object), at});
        return {};
    });
    Result<void> result;
    while (result && !text.empty()) {
        // A copy of its own, so that a view kept beyond the call is seen by a sanitizer.
        const std::string part(text.substr(0, next_size()));
        text.remove_prefix(part.size());
        result = cutter.feed(part);
    }
    if (result) result = cutter.finish();
    if (!result) run.outcome = errc_name(result.error().code) + (": " + result.error().detail);
    return run;
}

Cuts cut(std::string_view text) {
    const Cuts whole = cut(text, [] { return std::string_view::npos; });
    if (text.size() < 10'000) {
        // However the stream is divided, the outcome is the same.
        for (const std::size_t size : {1U, 2U, 3U, 7U})
            EXPECT_EQ(cut(text, [size] { return size; }), whole) << text;
    }
    return whole;
}

std::vector<std::string> texts(std::string_view text) {
    const Cuts run = cut(text);
    EXPECT_EQ(run.outcome, "cut") << text;
    std::vector<std::string> out;
    for (const Piece& p : run.pieces)
        out.push_back(p.text);
    return out;
}

using Texts = std::vector<std::string>;

TEST(Cutter, CutsBundlesAndEnvelopes) {
    EXPECT_EQ(
        texts(
            R"({"type":"bundle","id":"bundle--1","objects":[{"a":1},{"b":[{"c":"}]\"{"}]}],"x":{"objects":[9]}})"
        ),
        (Texts{R"({"a":1})", R"({"b":[{"c":"}]\"{"}]})"})
    );
    EXPECT_EQ(texts(" { \"more\" : true , \"objects\" : [ {} , { } ] } \n"), (Texts{"{}", "{ }"}));
    EXPECT_EQ(texts(R"({"x":"\"objects\":[","\u006f\u0062jects":[{}]})"), (Texts{"{}"}));
    EXPECT_EQ(
        texts(R"({"objects":[1,"a,]",true,[2],-1.5e+3]})"),
        (Texts{"1", "\"a,]\"", "true", "[2]", "-1.5e+3"})
    );
}

TEST(Cutter, ReadsNamesWithEscapes) {
    EXPECT_EQ(texts(R"({"a\\":[1],"b\"":2,"\\\"objects":[3],"objects":[{}]})"), (Texts{"{}"}));
    EXPECT_EQ(texts(R"({"\uZZZZbjects":[3]})"), (Texts{R"({"\uZZZZbjects":[3]})"}));
}

TEST(Cutter, CutsListsLinesAndSingleObjects) {
    EXPECT_EQ(texts(R"([{"a":1},{"b":2}])"), (Texts{R"({"a":1})", R"({"b":2})"}));
    EXPECT_EQ(
        texts("{\"a\":1}\r\n{\"b\":2}\n\n{\"c\":3}"),
        (Texts{R"({"a":1})", R"({"b":2})", R"({"c":3})"})
    );
    EXPECT_EQ(
        texts(R"({"a":1}{"objects":[{"b":2}]}[{"c":3}]{"more":false}{})"),
        (Texts{R"({"a":1})", R"({"b":2})", R"({"c":3})"})
    );
    EXPECT_EQ(
        texts(R"( {"type":"indicator","x":[1]} )"), (Texts{R"({"type":"indicator","x":[1]})"})
    );
    EXPECT_EQ(texts("\xEF\xBB\xBF{\"a\":1}"), (Texts{R"({"a":1})"}));
}

TEST(Cutter, AStix20ObservationIsAnObjectDespiteItsObjects) {
    constexpr std::string_view observed =
        R"({"type":"observed-data","objects":{"0":{"type":"file"}},"number_observed":1})";
    EXPECT_EQ(texts(observed), (Texts{std::string(observed)}));
}

TEST(Cutter, TellsWhereEachObjectBegan) {
    const Cuts run = cut("\xEF\xBB\xBF {\"objects\":[ {\"a\":1},\n{}]}\n{\"b\":2}");
    EXPECT_EQ(run.pieces, (std::vector<Piece>{{"{\"a\":1}", 17}, {"{}", 26}, {"{\"b\":2}", 31}}));
}

TEST(Cutter, LeavesTheInsideOfObjectsToTheirReader) {
    EXPECT_EQ(
        texts("{\"objects\":[{\"a\":1,,},{\"b\"},{\"\n\":\"\xff\"},nonsense,{}]}").size(), 5U
    );
}

TEST(Cutter, NothingIsAnError) {
    for (const std::string_view text :
         {"",
          " \n\t",
          "\xEF\xBB\xBF",
          "{}",
          " {} ",
          "[]",
          R"({"objects":[]})",
          R"({"more":false})",
          R"({"more":false,"next":"x"})",
          "[][]{}"}) {
        const Cuts run = cut(text);
        EXPECT_TRUE(run.pieces.empty());
        EXPECT_NE(run.outcome.find("no objects"), std::string::npos)
            << text << " -> " << run.outcome;
    }
}

TEST(Cutter, SaysWhatIsWrongAndWhere) {
    struct Case {
        std::string_view text;
        std::string_view error;
        std::size_t objects = 0;
    };

    for (const Case& c : {
             Case{"hello", "malformed: byte 0: expected '{' or '['"},
             Case{"17", "malformed: byte 0: expected '{' or '['"},
             Case{"{\"a\":1}x", "malformed: byte 7: expected '{' or '['", 1},
             Case{"\xEF\xBB{}", "malformed: byte 2: expected '{' or '['"},
             Case{"{\"objects\":[{} {}]}", "malformed: byte 15: expected ',' or ']'", 1},
             Case{"{\"objects\":[{},]}", "malformed: byte 15: expected a value", 1},
             Case{"{\"objects\":[{}},", "malformed: byte 14: expected ',' or ']'", 1},
             Case{"{\"objects\":[{}]]", "malformed: byte 15: expected ',' or '}'", 1},
             Case{"{\"objects\":[{\"a\":[}]}", "malformed: byte 18: this bracket"},
             Case{"{\"objects\" [{}]}", "malformed: byte 11: expected ':'"},
             Case{"{objects:[{}]}", "malformed: byte 1: expected a property name"},
             Case{"{\"a\":1,}", "malformed: byte 7: expected a property name"},
             Case{"{\"a\":}", "malformed: byte 5: expected a value"},
             Case{
                 "{\"objects\":[{}],\"objects\":[{}]}", "malformed: byte 26: a second property", 1},
             Case{"{\"objects\":1,\"objects\":[{}]}", "malformed: byte 23: a second property"},
             Case{
                 "{\"a\":1",
                 "malformed: byte 6: truncated: the text ends inside the value that began at byte "
                 "0"},
             Case{" {\"objects\":[{},{\"a", "malformed: byte 19: truncated", 1},
             Case{"[{}", "malformed: byte 3: truncated", 1},
             Case{"[1", "malformed: byte 2: truncated"},
             Case{"{\"a", "malformed: byte 3: truncated"},
             Case{"\xEF\xBB", "malformed: byte 2: truncated"},
         }) {
        const Cuts run = cut(c.text);
        EXPECT_TRUE(run.outcome.starts_with(c.error)) << c.text << " -> " << run.outcome;
        EXPECT_EQ(run.pieces.size(), c.objects) << c.text;
    }
}

TEST(Cutter, StopsWhenTheSinkDoesAndStaysStopped) {
    int calls = 0;
    Cutter cutter([&calls](std::string_view, std::size_t at) -> Result<void> {
        ++calls;
        if (at > 0) return fail(Errc::overloaded, "full");
        return {};
    });
    EXPECT_TRUE(cutter.feed("{\"a\":1}"));
    EXPECT_EQ(cutter.feed("{\"b\":1}{\"c\":1}").error().code, Errc::overloaded);
    EXPECT_EQ(cutter.feed("{\"d\":1}").error().detail, "full");
    EXPECT_EQ(cutter.finish().error().detail, "full");
    EXPECT_EQ(calls, 2);
}

TEST(Cutter, NestsOnlySoDeep) {
    const auto nested = [](std::size_t depth) {
        return "[" + std::string(depth, '[') + std::string(depth, ']') + "]";
    };
    EXPECT_EQ(texts(nested(limits::cut_depth_max)).size(), 1U);
    EXPECT_NE(
        cut(nested(limits::cut_depth_max + 1)).outcome.find("nested too deeply"), std::string::npos
    );
    EXPECT_NE(
        cut(std::string(10'000'000, '[')).outcome.find("nested too deeply"), std::string::npos
    );
}

TEST(Cutter, ObjectsAreBoundedHoweverTheyArrive) {
    const std::string fill(limits::object_bytes_max, 'x');
    const std::string at_limit = "{\"" + fill.substr(7) + "\":1}";
    ASSERT_EQ(at_limit.size(), limits::object_bytes_max - 1);
    const std::string over = "{\"" + fill + "\":1}";
    for (const std::size_t part : {std::size_t{1} << 16U, std::string::npos}) {
        const auto run = [part](const std::string& text) {
            return cut(text, [part] { return part; });
        };
        EXPECT_EQ(run(at_limit).pieces.size(), 1U);
        const Cuts far_over = run(" {\"" + fill + fill + "\":1}{}");
        EXPECT_EQ(
            far_over.outcome, "too_large: the object at byte 1 exceeds the limit of 16777216 bytes"
        );
        EXPECT_TRUE(far_over.pieces.empty());
        EXPECT_EQ(run("[" + at_limit + "]").pieces.size(), 1U);
        EXPECT_EQ(
            run("  " + over).outcome,
            "too_large: the object at byte 2 exceeds the limit of 16777216 bytes"
        );
        EXPECT_EQ(
            run("[{}," + over + "]").outcome,
            "too_large: the object at byte 4 exceeds the limit of 16777216 bytes"
        );
        EXPECT_EQ(
            run("{\"objects\":[" + over + "]}").outcome,
            "too_large: the object at byte 12 exceeds the limit of 16777216 bytes"
        );
        // What a bundle holds beside its objects may be of any size, before them or behind.
        EXPECT_EQ(
            run("{\"x\":\"" + fill + "\",\"objects\":[{}],\"y\":\"" + fill + "\"}").pieces.size(),
            1U
        );
        EXPECT_EQ(run("{\"" + fill + "\":1,\"objects\":[{}]}").pieces.size(), 1U);
    }
}

TEST(Cutter, CutsWhatReadEnvelopeCuts) {
    const std::string good =
        R"({"type":"bundle","objects":[{"a":[1,{"b":"c\n\"]}"}]},2.5,"x",[{}],null,{"\u0061":"\ud83d\ude00"}],"x":{"k":[true]}})";
    constexpr std::uint64_t seed = 99;
    std::mt19937_64 random(seed);
    constexpr std::string_view spice = "{}[]\",:\\01eE+-.tfnu \n\x80";
    int agreed = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = good;
        for (std::uint64_t changes = random() % 3; changes > 0; --changes) {
            const std::size_t at = random() % text.size();
            switch (random() % 3) {
                case 0:
                    text[at] = spice[random() % spice.size()];
                    break;
                case 1:
                    text.erase(at, 1);
                    break;
                default:
                    text.insert(at, 1, spice[random() % spice.size()]);
            }
        }
        const Cuts run = cut(text, [&random] { return random() % 40 + 1; });
        ASSERT_EQ(run, cut(text, [] { return std::string_view::npos; }))
            << text << " seed " << seed;
        const auto envelope = read_envelope(text);
        if (!envelope) continue;
        ++agreed;
        ASSERT_EQ(run.outcome, "cut") << text << " seed " << seed;
        ASSERT_EQ(run.pieces.size(), envelope->objects.size()) << text << " seed " << seed;
        for (std::size_t i = 0; i < run.pieces.size(); ++i) {
            ASSERT_EQ(run.pieces[i].text, envelope->objects[i]) << text << " seed " << seed;
            ASSERT_EQ(
                run.pieces[i].at,
                static_cast<std::size_t>(envelope->objects[i].data() - text.data())
            );
        }
    }
    EXPECT_GT(agreed, 20'000);
}

/// What a cutter tells of lists and objects, in order.
std::vector<std::string> told_of(std::string_view text, std::size_t step) {
    std::vector<std::string> told;
    const auto note = [&told](std::string_view what) {
        return [&told, what](std::string_view piece, std::size_t at) -> Result<void> {
            told.push_back(std::string(what) + std::to_string(at) + ":" + std::string(piece));
            return {};
        };
    };
    Cutter cutter(note(""), {note("["), note("]")});
    for (std::size_t from = 0; from < text.size(); from += step) {
        if (auto fed = cutter.feed(text.substr(from, step)); !fed) {
            told.push_back(fed.error().detail);
            return told;
        }
    }
    if (auto end = cutter.finish(); !end) told.push_back(end.error().detail);
    return told;
}

TEST(Cutter, TellsWhatIsAroundTheObjects) {
    const std::string_view text =
        R"( {"id":"b", "objects" :[{"a":1} , 2 ],"x":[{"y":"]}"}] } [3] {"objects":[]} {"c":4})";
    const std::vector<std::string> expected{
        R"([1:{"id":"b", "objects" :)",
        R"(24:{"a":1})",
        R"(34:2)",
        R"(]37:,"x":[{"y":"]}"}] })",
        R"([57:)",
        R"(58:3)",
        R"(]60:)",
        R"([61:{"objects":)",
        R"(]74:})",
        R"(76:{"c":4})",
    };
    for (const std::size_t step : {1U, 2U, 3U, 7U, 1'000U}) {
        EXPECT_EQ(told_of(text, step), expected) << step;
    }
    // An empty list was told of, so it is not nothing; an empty page of TAXII still is.
    EXPECT_EQ(told_of(R"({"objects":[]})", 5).size(), 2U);
    EXPECT_EQ(told_of("[]", 5).size(), 2U);
    EXPECT_EQ(told_of(R"({"more":false})", 5).back(), "byte 14: no objects: the text holds none");
}

TEST(Cutter, LeavesOutWhatIsAroundTheObjectsWhenItIsTooLong) {
    const std::string fill(limits::object_bytes_max, 'x');
    const auto told =
        told_of("{\"x\":\"" + fill + "\",\"objects\":[{}],\"y\":\"" + fill + "\"}", 65'536);
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0], "[0:");
    EXPECT_EQ(told[2].substr(told[2].find(':')), ":");
}

}  // namespace
}  // namespace entente::stix
