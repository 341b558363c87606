#include "agreement/internal/terms_table.h"

#include "agreement/diff.h"
#include "agreement/document.h"
#include "agreement/internal/kinds.h"
#include "agreement/internal/samples_faults.h"
#include "agreement/internal/samples_random.h"
#include "agreement/internal/shape.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

TEST(TermsTable, EveryRowIsWhole) {
    for (const Term& term : terms()) {
        SCOPED_TRACE(term.place);
        EXPECT_FALSE(term.means.empty());
        EXPECT_FALSE(term.how.empty());
        EXPECT_NE(term.means.back(), '.');
        EXPECT_NE(term.how.back(), '.');
        EXPECT_NE(term.enforced, 0);
        EXPECT_EQ(term.list, term.entries_most > 0 && term.kind != Kind::topics);
        EXPECT_EQ(term.kind == Kind::choice, !term.choices.empty());
        EXPECT_FALSE(term.required && !term.fallback.empty());
        // A value that may not be there cannot be wider or narrower, unless its absence is told of.
        switch (term.widens) {
            case Widens::higher:
            case Widens::lower:
            case Widens::higher_0:
                EXPECT_TRUE(term.required || !term.fallback.empty());
                EXPECT_FALSE(term.list);
                break;
            case Widens::higher_absent:
            case Widens::lower_absent:
                EXPECT_TRUE(!term.required && term.fallback.empty());
                EXPECT_EQ(term.kind, Kind::integer);
                break;
            case Widens::more:
            case Widens::more_none:
            case Widens::fewer:
                EXPECT_TRUE(term.list || term.kind == Kind::topics);
                break;
            case Widens::nothing:
            case Widens::doubt:
                break;
        }
        const auto above = term.place.substr(0, term.place.rfind('/'));
        if (above.empty()) continue;
        const Term* parent =
            find_term(above.ends_with("/*") ? above.substr(0, above.size() - 2) : above);
        ASSERT_NE(parent, nullptr);
        EXPECT_EQ(parent->kind, Kind::structure);
        EXPECT_EQ(parent->list, above.ends_with("/*"));
    }
}

TEST(TermsTable, WhatHoldsWithoutAKeyMayStandThere) {
    for (const Term& term : terms()) {
        if (term.fallback.empty()) continue;
        SCOPED_TRACE(term.place);
        const json::value value = json::parse({term.fallback.data(), term.fallback.size()});
        if (!term.list) {
            EXPECT_TRUE(is_allowed(term, value));
            continue;
        }
        ASSERT_TRUE(value.is_array());
        EXPECT_GE(value.get_array().size(), term.entries_least);
        for (const json::value& entry : value.get_array())
            EXPECT_TRUE(is_allowed(term, entry));
    }
}

TEST(TermsTable, ClassesOfPersonalDataHaveTheNamesOfStix) {
    for (const std::string_view word : find_term("/flows/*/strip")->choices) {
        const auto cls = stix::parse_personal(word);
        ASSERT_TRUE(cls) << word;
        EXPECT_EQ(stix::personal_name(*cls), word);
    }
    EXPECT_EQ(find_term("/flows/*/strip")->choices.size(), 4U);
}

TEST(TermsTable, TheFullSampleHasEveryKey) {
    const json::object sample = full_sample();
    for (const Term& term : terms()) {
        // Its rule is another than the sample's.
        if (term.place == "/change/steward") continue;
        std::string pointer(term.place);
        for (auto at = pointer.find('*'); at != pointer.npos; at = pointer.find('*'))
            pointer[at] = '0';
        json::error_code error;
        EXPECT_NE(json::value(sample).find_pointer(pointer, error), nullptr) << term.place;
    }
}

TEST(ReadDocument, TellsEachFaultAtItsPlace) {
    const std::vector<Fault> faults = Faults::all();
    EXPECT_GT(faults.size(), 600U);
    for (const Fault& fault : faults) {
        const std::string text = json::serialize(with_fault(fault));
        SCOPED_TRACE(fault.pointer + " " + (fault.value ? json::serialize(*fault.value) : "gone"));
        const auto read = read_document(text);
        ASSERT_FALSE(read);
        ASSERT_EQ(read.error().code, Errc::unprocessable);
        EXPECT_EQ(read.error().detail.find(fault.finding), 0U) << read.error().detail;
    }
}

TEST(ReadDocument, AKeyThatMayBeLeftOutMeansItsFallback) {
    for (const Term& term : terms()) {
        if (term.fallback.empty()) continue;
        SCOPED_TRACE(term.place);
        std::string pointer(term.place);
        for (auto at = pointer.find('*'); at != pointer.npos; at = pointer.find('*'))
            pointer[at] = '0';
        json::object sample = full_first_sample();
        // What other terms lean on this one goes with it.
        if (pointer.starts_with("/onward/"))
            sample["onward"] = json::parse(R"({"allowed":false,"to":[]})");
        if (pointer == "/topics")
            sample["flows"].as_array()[0].as_object()["select"].as_object().erase("topics");
        if (pointer == "/change/join") sample["change"] = json::parse(R"({"join":"all"})");
        const auto slash = pointer.rfind('/');
        const std::string key = pointer.substr(slash + 1);
        json::value left_out(sample);
        left_out.at_pointer(pointer.substr(0, slash)).get_object().erase(key);
        if (pointer.ends_with("/sign_keys")) {
            EXPECT_FALSE(read_document(json::serialize(left_out)));
            continue;
        }
        json::value written(sample);
        written.at_pointer(pointer.substr(0, slash)).get_object()[key] =
            json::parse({term.fallback.data(), term.fallback.size()});
        const auto a = read_document(json::serialize(left_out));
        const auto b = read_document(json::serialize(written));
        ASSERT_TRUE(a) << a.error().detail;
        ASSERT_TRUE(b) << b.error().detail;
        EXPECT_TRUE(diff(*a, *b).differences.empty());
        EXPECT_NE(a->id, b->id);  // what was signed are the bytes
    }
}

TEST(ReadDocument, RandomDocumentsReadBackEqual) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        RandomSample random(seed);
        const json::object sample = random.document(2 + random.below(3));
        const auto read = read_document(json::serialize(sample));
        ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().detail;
        json::object back = parse_canonical(read->canonical).as_object();
        EXPECT_EQ(back.at("id").as_string(), read->id);
        back.erase("id");
        // Members in any order, every value as it was.
        ASSERT_EQ(json::value(back), json::value(sample)) << "seed " << seed;
        const auto again = read_document(read->canonical);
        ASSERT_TRUE(again) << "seed " << seed;
        ASSERT_EQ(again->digest, read->digest) << "seed " << seed;
    }
}

TEST(Durations, AreReadAndTold) {
    struct Case {
        const char* text;
        std::uint64_t seconds;
        const char* words;
    };

    static constexpr Case cases[] = {
        {"P7D", 604'800, "7 days"},
        {"P1W", 604'800, "7 days"},
        {"P1D", 86'400, "24 hours"},
        {"PT24H", 86'400, "24 hours"},
        {"PT36H", 129'600, "36 hours"},
        {"P1DT12H", 129'600, "36 hours"},
        {"PT1H", 3'600, "60 minutes"},
        {"PT90M", 5'400, "90 minutes"},
        {"PT1M", 60, "60 seconds"},
        {"PT1S", 1, "1 second"},
        {"P1DT1H1M1S", 90'061, "90061 seconds"},
        {"P999999999D", 86'399'999'913'600, "999999999 days"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(duration_seconds(c.text), c.seconds);
        EXPECT_EQ(duration_words(c.seconds), c.words);
    }
    for (const char* text :
         {"", "P", "PT", "P1", "P1000000000D", "P-1D", "p1d", "P1DT", "PTT1H", "P1D ", "P1D1D"})
        EXPECT_FALSE(duration_seconds(text)) << text;
}

}  // namespace
}  // namespace entente::agreement::internal
