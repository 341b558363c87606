// The engine against the plain evaluator: patterns and streams made at random, all patterns at once
// in one set. ENTENTE_PROPERTY_CASES says how many streams (default 300), ENTENTE_PROPERTY_SEED
// where to begin; a failure prints the seed of its stream.
#include "match/indicators.h"
#include "match/observed.h"
#include "match/watch.h"
#include "pattern/evaluate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace entente::match {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Maker {
  public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }

    template <std::size_t N>
    std::string one_of(const char* const (&words)[N]) {
        return words[below(N)];
    }

    std::string text() {
        return one_of(
            {"abc",
             "abcd",
             "evil.example",
             "www.evil.example",
             "deep.www.evil.example",
             "http://evil.example/path/to/file.php",
             "",
             "x",
             "caf\xc3\xa9 noir",
             "cafe\xcc\x81 noir",
             "10.1.2.3",
             "10.1.0.0/16",
             "2001:db8::1",
             "2001:db8::/32",
             "10.1.2.300",
             "6162",
             "YWJj",
             "2026-01-01T00:00:05Z",
             "2026-01-01T00:00:05.0Z",
             "100%",
             "a_b"}
        );
    }

    std::string number() {
        return one_of({"0", "1", "5", "-1", "5.0", "5.5", "-0.0", "9007199254740993", "4.9999"});
    }

    std::string property() {
        return one_of({"value", "name", "n", "x_hex", "x_bin", "tags", "other_ref", "all_refs", "d"}
        );
    }

    std::string path() {
        std::string out = one_of({"a", "b", "c", "indicator"}) + ":" + property();
        for (std::size_t steps = below(3); steps > 0; --steps) {
            const std::string property_name = property();
            out += one_of({"[*]", "[0]", "[1]", ".", "."});
            if (out.back() == '.') out += property_name;
        }
        return out;
    }

    std::string constant() {
        switch (below(8)) {
            case 0:
            case 1:
                return number();
            case 2:
                return below(2) == 0 ? "true" : "false";
            case 3:
                return "t'2026-01-01T00:00:05Z'";
            case 4:
                return below(2) == 0 ? "h'616263'" : "b'YWJj'";
            default:
                return "'" + text() + "'";
        }
    }

    std::string comparison() {
        const std::string at = path();
        const std::string negated = below(5) == 0 ? "NOT " : "";
        switch (below(10)) {
            case 0:
                return fmt::format("{} {}LIKE '{}'", at, negated, wildcards());
            case 1:
                return fmt::format("{} {}MATCHES '{}'", at, negated, expression());
            case 2:
                return fmt::format(
                    "{} {}{} '{}'",
                    at,
                    negated,
                    one_of({"ISSUBSET", "ISSUPERSET"}),
                    one_of({"10.1.2.3", "10.1.0.0/16", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"})
                );
            case 3:
                return fmt::format("{}EXISTS {}", negated, at);
            case 4:
                return fmt::format("{} {}IN ('{}', '{}')", at, negated, text(), text());
            case 5:
                return fmt::format("{} {}IN ({}, {})", at, negated, number(), number());
            case 6:
                return fmt::format(
                    "{} {}{} {}", at, negated, one_of({"<", "<=", ">", ">=", "!="}), constant()
                );
            default:
                return fmt::format("{} {}= {}", at, negated, constant());
        }
    }

    std::string wildcards() {
        return one_of(
            {"abc%",
             "%.evil.example",
             "%evil%",
             "%.example%file%",
             "%",
             "_bcd",
             "caf\xc3\xa9%",
             "cafe\xcc\x81%",
             "%.%",
             "http://%/path/to/%.php",
             "10.1.%"}
        );
    }

    std::string expression() {
        return one_of(
            {"^abc",
             "evil\\\\.example$",
             "(evil|good)\\\\.example/path",
             "[a-z]+\\\\.php",
             "^.{3,4}$",
             "path/+to",
             "exampl?e",
             "caf\xc3\xa9",
             "(?i)EVIL",
             "a|b",
             "w{3}\\\\.evil",
             "\\\\d{2}"}
        );
    }

    std::string brackets() {
        std::string out = comparison();
        for (std::size_t more = below(3); more > 0; --more) {
            if (below(4) == 0) out = "(" + out + ")";
            out += one_of({" AND ", " OR "}) + comparison();
        }
        return "[" + out + "]";
    }

    std::string pattern() {
        if (below(3) != 0) return brackets();
        std::string out = observations(2);
        return out;
    }

    std::string observations(std::size_t depth) {
        std::string out;
        if (depth == 0 || below(3) == 0) {
            out = brackets();
        } else {
            out = "(" + observations(depth - 1) + one_of({" AND ", " OR ", " FOLLOWEDBY "}) +
                  observations(depth - 1) + ")";
        }
        if (below(4) == 0) out += fmt::format(" REPEATS {} TIMES", 1 + below(3));
        if (below(3) == 0) out += fmt::format(" WITHIN {} SECONDS", one_of({"2.5", "4", "9"}));
        if (below(8) == 0) out += " START t'2026-01-01T00:00:03Z' STOP t'2026-01-01T00:00:09Z'";
        return out;
    }

    // NOLINTNEXTLINE(misc-no-recursion)
    std::string value(const std::string& name, std::size_t objects, std::size_t depth) {
        if (name == "other_ref") return fmt::format("\"{}\"", below(objects + 1));
        if (name == "all_refs") {
            return fmt::format("[\"{}\", \"{}\"]", below(objects + 1), below(objects + 1));
        }
        if (name == "x_hex" || name == "x_bin")
            return one_of({"\"616263\"", "\"YWJj\"", "\"abc\"", "7"});
        switch (below(depth == 0 ? 4 : 7)) {
            case 0:
                return number();
            case 1:
                return one_of({"true", "false", "null"});
            case 4: {
                const std::string inner = property();
                return fmt::format("{{\"{}\": {}}}", inner, value(inner, objects, depth - 1));
            }
            case 5:
                return fmt::format(
                    "[{}, {}]", value("", objects, depth - 1), value("", objects, depth - 1)
                );
            case 6:
                return "[]";
            default:
                return "\"" + text() + "\"";
        }
    }

    std::string object(std::size_t objects) {
        std::set<std::string> names;
        std::string out =
            below(12) == 0
                ? "{\"none\": 1"
                : fmt::format("{{\"type\": \"{}\"", one_of({"a", "a", "b", "b", "c", "indicator"}));
        for (std::size_t i = 1 + below(4); i > 0; --i) {
            const std::string name = property();
            if (!names.insert(name).second) continue;
            out += fmt::format(", \"{}\": {}", name, value(name, objects, 2));
        }
        return out + "}";
    }

    std::string observed(std::size_t second) {
        const std::size_t objects = 1 + below(3);
        std::string out;
        for (std::size_t i = 0; i < objects; ++i)
            out += fmt::format("{}\"{}\": {}", i == 0 ? "" : ", ", i, object(objects));
        const std::size_t last = second + (below(3) == 0 ? below(4) : 0);
        return fmt::format(
            R"({{"type": "observed-data", "first_observed": "2026-01-01T00:00:{:02}Z", "last_observed": "2026-01-01T00:00:{:02}.5Z", "number_observed": {}, "objects": {{{}}}}})",
            second,
            last,
            below(5) == 0 ? 2 : 1,
            out
        );
    }

  private:
    std::mt19937_64 random_;
};

/// One stream with many patterns: whatever the plain evaluator says of a pattern over the whole
/// stream the engine says too, and for patterns on one observation event by event.
void compare(std::uint64_t seed, std::size_t& matched, std::size_t& judged) {
    Maker maker(seed);
    IndicatorSet set({{}, false});
    std::map<Key, std::string> patterns;
    while (patterns.size() < 60) {
        const std::string text = maker.pattern();
        const auto parsed = pattern::parse(text);
        if (!parsed) continue;  // for example ISSUBSET on a path that the grammar does not take
        const Key key = patterns.size() * 3 + 1;
        const bool flawed = pattern::flaw(*parsed).has_value();
        const auto added = set.add({key, text, pattern::Dialect::v21, {}});
        ASSERT_EQ(added.has_value(), !flawed) << text << (added ? "" : added.error().detail);
        if (flawed) continue;
        patterns.emplace(key, text);
        // Some stand in the base, some beside it, some went and came again.
        if (patterns.size() == 25) (void)set.publish();
        if (patterns.size() == 40 && maker.below(2) == 0) {
            auto merge = set.begin_merge();
            merge.run();
            set.end_merge(std::move(merge));
        }
        if (maker.below(10) == 0) {
            ASSERT_TRUE(set.withdraw(key));
            if (maker.below(2) == 0) (void)set.publish();
            ASSERT_TRUE(set.add({key, text, pattern::Dialect::v21, {}}).has_value());
        }
    }
    Watch watch(set.publish());
    ASSERT_EQ(set.size(), patterns.size());
    std::string all;
    std::map<Key, std::set<std::uint64_t>> hits;
    std::size_t second = 0;
    std::uint64_t number = 0;
    Event event;
    // Some streams come in any order, and tell things twice.
    const bool jumps = maker.below(3) == 0;
    for (; number < 6; ++number) {
        second = jumps ? maker.below(12) : second + maker.below(4);
        const std::string one = maker.observed(second);
        const auto read = read_observed(one, event, [&](const Event& made) {
            for (const Hit& hit : watch.look(made, number))
                hits[hit.key].insert(hit.events.begin(), hit.events.end());
        });
        ASSERT_TRUE(read.has_value()) << one << read.error().detail;
        ASSERT_FALSE(watch.was_cut());
        all += (all.empty() ? "[" : ", ") + one;
        const auto observations = pattern::ObservationSet::read_text(one);
        ASSERT_TRUE(observations.has_value()) << observations.error().detail;
        for (const auto& [key, text] : patterns) {
            const auto parsed = pattern::parse(text);
            if (!std::holds_alternative<pattern::Observation>(parsed->root.node) ||
                !parsed->root.qualifiers.empty()) {
                continue;
            }
            const auto match = pattern::evaluate(*parsed, *observations);
            const bool found = match->verdict == pattern::Match::Verdict::match;
            ASSERT_EQ(hits[key].contains(number), found) << text << "\nover " << one;
        }
    }
    all += "]";
    const auto observations = pattern::ObservationSet::read_text(all);
    for (const auto& [key, text] : patterns) {
        const auto parsed = pattern::parse(text);
        const auto match = pattern::evaluate(*parsed, *observations);
        ASSERT_NE(match->verdict, pattern::Match::Verdict::gave_up);
        const bool found = match->verdict == pattern::Match::Verdict::match;
        ASSERT_EQ(!hits[key].empty(), found) << text << "\nover " << all;
        matched += found ? 1 : 0;
        ++judged;
    }
}

TEST(WatchRandom, SaysWhatThePlainEvaluatorSays) {
    const std::uint64_t first = from_environment("ENTENTE_PROPERTY_SEED", 20'261'123);
    const std::uint64_t cases = from_environment("ENTENTE_PROPERTY_CASES", 300);
    std::size_t matched = 0;
    std::size_t judged = 0;
    for (std::uint64_t seed = first; seed < first + cases; ++seed) {
        SCOPED_TRACE(fmt::format("ENTENTE_PROPERTY_SEED={}", seed));
        compare(seed, matched, judged);
        if (HasFatalFailure()) return;
    }
    // The streams are worth judging: neither nearly nothing nor nearly everything matches.
    EXPECT_GT(matched, judged / 40);
    EXPECT_LT(matched, judged * 3 / 4);
}

}  // namespace
}  // namespace entente::match
