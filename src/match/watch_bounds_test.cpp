// What wants to cost much: it ends, and what was left out is said.
#include "base/limits.h"
#include "match/eve.h"
#include "match/indicators.h"
#include "match/watch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace entente::match {
namespace {

std::string eve_dns(const std::string& answers) {
    return R"({"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"dns","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","dns":{"version":2,"type":"answer","rrname":"evil.example","rrtype":"A","answers":[)" +
           answers + "]}}";
}

std::string eve_http(std::string_view target) {
    return fmt::format(
        R"({{"timestamp":"2026-01-01T00:00:00.000000+0000","event_type":"http","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","http":{{"hostname":"evil.example","url":"{}"}}}})",
        target
    );
}

class WatchBounds : public ::testing::Test {
  protected:
    Result<void> add(std::string_view pattern) {
        return set_.add({next_++, pattern, pattern::Dialect::v21, {}});
    }

    /// Hits of one event.
    std::size_t look(const std::string& line) {
        if (!watch_) watch_.emplace(set_.publish());
        EXPECT_TRUE(reader_.read(line, event_).has_value());
        return watch_->look(event_, number_++).size();
    }

    IndicatorSet set_{{{1, 2, 3}, true}};
    Key next_ = 1;
    std::optional<Watch> watch_;
    EveReader reader_;
    Event event_;
    std::uint64_t number_ = 0;
};

TEST_F(WatchBounds, AnEventOfManyValuesIsJudgedUpToTheBoundAndSaysSo) {
    ASSERT_TRUE(add("[domain-name:value = 'evil.example']").has_value());
    ASSERT_TRUE(add("[domain-name:value LIKE '%.evil.example']").has_value());
    std::string answers;
    for (int i = 0; answers.size() < (6U << 20U); ++i) {
        answers += fmt::format(
            R"({}{{"rrname":"n{}.evil.example","rrtype":"A","rdata":"192.0.2.1"}})",
            i == 0 ? "" : ",",
            i
        );
    }
    EXPECT_EQ(look(eve_dns(answers)), 2U);  // what was asked for stands before
    EXPECT_TRUE(watch_->was_cut());
    EXPECT_EQ(watch_->counts().cut, 1U);
    // The next one is as good as ever.
    EXPECT_EQ(look(eve_dns("")), 1U);
    EXPECT_FALSE(watch_->was_cut());
}

TEST_F(WatchBounds, AnEventOverTheLimitIsRefused) {
    const auto read =
        reader_.read(eve_http(std::string(limits::match_event_bytes_max, 'a')), event_);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, Errc::too_large);
}

TEST_F(WatchBounds, RegularExpressionsThatBacktrackAreCutAndTheOthersStillHit) {
    ASSERT_TRUE(add("[url:value MATCHES '/(a+)+$']").has_value());
    ASSERT_TRUE(add("[url:value MATCHES '(x?){20}(a*)*b$']").has_value());
    ASSERT_TRUE(add("[url:value MATCHES 'evil.example/a+']").has_value());
    EXPECT_GE(look(eve_http("/" + std::string(5'000, 'a') + "!")), 1U);
    EXPECT_TRUE(watch_->was_cut());
    EXPECT_GE(watch_->counts().undecided, 1U);
}

TEST_F(WatchBounds, PatternsThatNothingNarrowsDownAreTakenUpToABound) {
    std::size_t refused = 0;
    for (std::size_t i = 0; i < limits::match_broad_max + 10; ++i) {
        const auto added = add(fmt::format("[url:value != 'x{}']", i));
        if (added) continue;
        EXPECT_EQ(added.error().code, Errc::overloaded);
        ++refused;
    }
    EXPECT_EQ(refused, 10U);
    EXPECT_EQ(look(eve_http("/")), limits::match_broad_max);
}

std::string alternatives(std::string_view name, std::size_t from, std::size_t count) {
    std::string pattern = "[";
    for (std::size_t i = from; i < from + count; ++i)
        pattern += fmt::format("{}file:{}{} = 1", i == from ? "" : " OR ", name, i);
    return pattern + "]";
}

TEST_F(WatchBounds, OneIndicatorUsesUpNoMorePathsThanItsShareAndARefusedOneNone) {
    EXPECT_EQ(add(alternatives("x", 0, 65)).error().code, Errc::too_large);
    ASSERT_TRUE(add(alternatives("x", 1'000, 64)).has_value());
    for (std::size_t i = 0; i < 100; ++i)
        EXPECT_FALSE(add(alternatives("y", i * 65, 65)).has_value());
    EXPECT_FALSE(add("[file:z = 1 AND file:z0.z1[*].z2 = ]").has_value());
    // Those that were taken back are as if they had never been.
    ASSERT_TRUE(add(alternatives("y", 0, 64)).has_value());
    ASSERT_TRUE(add("[file:z0.z1[*].z2 = 1]").has_value());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(add("[file:y1 = 1 AND file:x1001 = 1 AND file:z = 2]").has_value());
}

TEST_F(WatchBounds, ThePathsThatNearlyAllAskForHaveRoomWhateverOthersTook) {
    std::size_t taken = 0;
    while (add(alternatives("x", taken * 32, 32)))
        ++taken;
    EXPECT_LT(taken * 32, limits::match_paths_max);
    EXPECT_GT(taken * 32, limits::match_paths_max - 100);
    EXPECT_FALSE(add("[file:x_else = 1 OR file:x_more = 1 OR " + alternatives("v", 0, 40).substr(1))
                     .has_value());
    ASSERT_TRUE(add("[domain-name:value = 'evil.example']").has_value());
    ASSERT_TRUE(add("[file:hashes.'SHA-256' = 'aa' OR file:x7 = 1]").has_value());
    EXPECT_EQ(look(eve_http("/")), 1U);
    // An object costs what it has, not what patterns ask of its type.
    const auto fill = [&](Event& event) {
        for (int i = 0; i < 400; ++i) {
            const auto file = event.object("file");
            event.whole(file, "x7", 1);
            event.whole(file, "x7", 2);
            event.whole(file, "x3", 2);
        }
    };
    event_.clear();
    fill(event_);
    EXPECT_EQ(watch_->look(event_, 9).size(), 2U);
    EXPECT_FALSE(watch_->was_cut());
    EXPECT_EQ(watch_->counts().hits, 3U);
}

TEST_F(WatchBounds, WhatIsWithdrawnGivesBackItsRoomOnAPath) {
    const auto is_broad = [&](std::size_t i) { return fmt::format("[url:value != 'x{}']", i); };
    for (std::size_t i = 0; i < limits::match_broad_max; ++i)
        ASSERT_TRUE(add(is_broad(i)).has_value());
    EXPECT_FALSE(add(is_broad(999)).has_value());
    ASSERT_TRUE(set_.withdraw(1));
    ASSERT_TRUE(add(is_broad(999)).has_value());
    EXPECT_FALSE(add(is_broad(998)).has_value());
    (void)set_.publish();
    EXPECT_FALSE(add(is_broad(998)).has_value());
    ASSERT_TRUE(set_.withdraw(2));
    ASSERT_TRUE(add(is_broad(998)).has_value());
    auto merge = set_.begin_merge();
    ASSERT_TRUE(set_.withdraw(3));
    merge.run();
    set_.end_merge(std::move(merge));
    ASSERT_TRUE(add(is_broad(997)).has_value());
    EXPECT_FALSE(add(is_broad(996)).has_value());
    EXPECT_EQ(look(eve_http("/")), limits::match_broad_max);
}

TEST_F(WatchBounds, PatternsThatWaitWithMostGiveWayToOthers) {
    constexpr std::size_t greedy = limits::match_kept_max / limits::match_kept_per_pattern_max;
    for (std::size_t i = 0; i < greedy; ++i)
        ASSERT_TRUE(add(fmt::format("[mutex:name = 'a'] FOLLOWEDBY [mutex:name = 'x{}']", i)));
    ASSERT_TRUE(add("[mutex:name = 'c'] FOLLOWEDBY [mutex:name = 'd']"));
    Watch watch(set_.publish());
    const auto see = [&](std::string_view name) {
        event_.clear();
        event_.text(event_.object("mutex"), "name", name);
        event_.first = event_.last = Micros{1'767'225'600'000'000};
        return watch.look(event_, number_++).size();
    };
    for (std::size_t i = 0; i < limits::match_kept_per_pattern_max; ++i)
        (void)see("a");
    EXPECT_EQ(watch.counts().forgotten, 0U);
    EXPECT_EQ(see("c"), 0U);
    EXPECT_EQ(watch.counts().forgotten, 1U);
    EXPECT_EQ(see("d"), 1U);
    EXPECT_EQ(see("x7"), 1U);
    EXPECT_EQ(watch.counts().cut, 0U);
}

TEST_F(WatchBounds, ManyPatternsThatShareTheirTextCostNoMoreThanTheBound) {
    constexpr std::size_t patterns = 20'000;
    for (std::size_t i = 0; i < patterns; ++i)
        ASSERT_TRUE(add(fmt::format("[url:value LIKE '%shared-text%{}']", i)).has_value());
    (void)look(eve_http("/shared-text/" + std::string(200, 'z')));
    EXPECT_LE(watch_->counts().candidates, patterns);
    // Texts of their own are found whatever stands beside them.
    EXPECT_EQ(look(eve_http("/shared-text/17")), 2U);  // …17 and …7
}

TEST_F(WatchBounds, MoreHitsThanMayBeToldAreCut) {
    for (std::size_t i = 0; i < limits::match_event_hits_max + 5; ++i)
        ASSERT_TRUE(add("[domain-name:value = 'evil.example']").has_value());
    EXPECT_EQ(look(eve_http("/")), limits::match_event_hits_max);
    EXPECT_TRUE(watch_->was_cut());
}

TEST_F(WatchBounds, ObservationOperatorsKeepSoMuchAndSayWhatTheyForgot) {
    // Every event is a candidate for every part, and the last never comes.
    ASSERT_TRUE(add("(([ipv4-addr:value = '10.0.0.1'] AND [ipv4-addr:value = '10.0.0.2']) REPEATS "
                    "20 TIMES) FOLLOWEDBY [domain-name:value = 'never.example']")
                    .has_value());
    for (std::size_t i = 0; i < limits::match_kept_per_pattern_max + 200; ++i)
        EXPECT_EQ(look(eve_http("/")), 0U);
    EXPECT_GE(watch_->counts().forgotten, 200U);
}

TEST_F(WatchBounds, AnEventFromTheFutureEndsNoWaiting) {
    constexpr std::int64_t second = 1'000'000;
    constexpr std::int64_t began = 1'767'225'600 * second;
    constexpr std::int64_t far = 253'402'300'000 * second;  // the year 9999
    ASSERT_TRUE(add("([mutex:name = 'a'] FOLLOWEDBY [mutex:name = 'b']) WITHIN 60 SECONDS"));
    ASSERT_TRUE(add("([mutex:name = 'c'] FOLLOWEDBY [mutex:name = 'd']) WITHIN 60 SECONDS"));
    ASSERT_TRUE(add("[mutex:name = 'e'] AND [mutex:name = 'f']"));
    Watch watch(set_.publish());
    const auto at = [&](std::string_view name, std::int64_t time) {
        event_.clear();
        event_.text(event_.object("mutex"), "name", name);
        event_.first = event_.last = Micros{time};
        return watch.look(event_, number_++).size();
    };
    EXPECT_EQ(at("a", began), 0U);
    EXPECT_EQ(at("e", began), 0U);
    for (const std::string_view name : {"c", "a", "e", "a"})
        EXPECT_EQ(at(name, far), 0U);
    EXPECT_EQ(at("b", began + 10 * second), 1U);
    EXPECT_EQ(at("f", began + 10 * second), 1U);
    EXPECT_EQ(watch.counts().forgotten, 0U);
    // Nor does it keep what came after it for ever.
    for (std::size_t i = 0; i < 2 * limits::match_kept_per_pattern_max; ++i)
        EXPECT_EQ(at("a", began + static_cast<std::int64_t>(i) * 600 * second), 0U);
    EXPECT_EQ(watch.counts().forgotten, 0U);
}

TEST_F(WatchBounds, AThousandObservationsOfBruteForceAreJoined) {
    ASSERT_TRUE(
        add("[network-traffic:dst_ref.value = '10.0.0.2'] REPEATS 1000 TIMES WITHIN 60 SECONDS")
            .has_value()
    );
    std::size_t hits = 0;
    for (std::size_t i = 0; i < 1'000; ++i)
        hits += look(eve_http("/"));
    EXPECT_EQ(hits, 1U);
    EXPECT_FALSE(add("[network-traffic:dst_port = 22] REPEATS 1025 TIMES").has_value());
}

TEST_F(WatchBounds, AnIndicatorThatIsWithdrawnIsSilentFromTheNextEventOn) {
    ASSERT_TRUE(add("[domain-name:value = 'evil.example']").has_value());
    EXPECT_EQ(look(eve_http("/")), 1U);
    ASSERT_TRUE(set_.withdraw(1));
    watch_->use(set_.publish());
    EXPECT_EQ(look(eve_http("/")), 0U);
}

TEST_F(WatchBounds, AnIndicatorIsSilentFromTheVeryEndOfItsTimeOn) {
    constexpr Micros seen{1'767'225'600'000'000};  // of the event: 2026-01-01T00:00:00Z
    const auto add_until = [&](Micros until) {
        const Validity validity{{1'700'000'000'000'000}, until};
        return set_.add(
            {next_++, "[domain-name:value = 'evil.example']", pattern::Dialect::v21, validity}
        );
    };
    ASSERT_TRUE(add_until(seen).has_value());
    EXPECT_EQ(look(eve_http("/")), 0U);
    EXPECT_EQ(watch_->counts().untimely, 1U);
    ASSERT_TRUE(add_until(seen + 1).has_value());
    watch_->use(set_.publish());
    EXPECT_EQ(look(eve_http("/")), 1U);
    EXPECT_EQ(watch_->counts().untimely, 2U);
}

TEST_F(WatchBounds, WhatAnIndicatorDoesNotHoldForIsCounted) {
    const Validity late{{1'800'000'000'000'000}, {1'900'000'000'000'000}};
    ASSERT_TRUE(set_.add({1, "[domain-name:value = 'evil.example']", pattern::Dialect::v21, late})
                    .has_value());
    EXPECT_EQ(look(eve_http("/")), 0U);
    EXPECT_EQ(watch_->counts().untimely, 1U);
    // An event that knows no time is one of now.
    Event timeless;
    const auto object = timeless.object("domain-name");
    timeless.text(object, "value", "evil.example");
    EXPECT_EQ(watch_->look(timeless, 10).size(), 1U);
    WatchOptions options;
    options.now = {1'700'000'000'000'000};
    Watch before(set_.publish(), options);
    EXPECT_EQ(before.look(timeless, 1).size(), 0U);
    options.now = {1'850'000'000'000'000};
    Watch during(set_.publish(), options);
    EXPECT_EQ(during.look(timeless, 1).size(), 1U);
}

}  // namespace
}  // namespace entente::match
