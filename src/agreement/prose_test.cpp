#include "agreement/prose.h"

#include "agreement/internal/samples.h"
#include "agreement/internal/samples_random.h"
#include "agreement/internal/terms_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace entente::agreement {
namespace {

namespace json = boost::json;

Document must_read(const json::value& sample) {
    auto read = read_document(json::serialize(sample));
    EXPECT_TRUE(read) << (read ? "" : read.error().detail);
    return read ? std::move(*read) : Document{};
}

/// The line that contains `words`, whole.
std::string line_with(const std::string& text, const std::string& words) {
    const auto at = text.find(words);
    if (at == text.npos) return "";
    const auto begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
}

TEST(Prose, TellsEveryTermThatIsSet) {
    std::set<std::string_view> told;
    for (const Sentence& one : sentences(must_read(internal::full_sample())))
        told.insert(one.place);
    // Said by the sentence of another key of the same structure, or by no sentence.
    const std::set<std::string_view> within{
        "/schema",
        "/one_sided",
        "/parties/*/pid",
        "/topics",
        "/flows/*/fid",
        "/flows/*/from",
        "/obligations/*/oid",
        "/obligations/*/who",
        "/obligations/*/on",
        "/obligations/*/when",
        "/obligations/*/within",
        "/change/quorum",
        "/change/steward"};
    for (const internal::Term& term : internal::terms()) {
        if (term.kind == internal::Kind::structure || within.count(term.place) != 0) continue;
        EXPECT_EQ(told.count(term.place), 1U) << term.place;
    }
    for (const std::string_view place : told) {
        const bool known =
            place.empty() || place == "/comment" || internal::find_term(place) != nullptr;
        EXPECT_TRUE(known) << place;
    }
}

TEST(Prose, SaysItInWordsWithWhoSeesToIt) {
    const std::string text = prose(must_read(internal::full_sample()));
    for (const char* line : {
             "Grid",
             "version 2",
             "  north: CERT North  [watched]",
             "    is reached by soc@south.example",
             "  down: north gives to south and east  [enforced]",
             "    objects of type indicator or malware  [enforced]",
             "    of topic lures: label:phishing  [enforced]",
             "    or of topic ransom: malware_types:ransomware or type:malware  [enforced]",
             "    patterns that speak of nothing but file:hashes.* and ipv4-addr:value  [enforced]",
             "    with a confidence of 50 or more  [enforced]",
             "    without the label draft or internal  [enforced]",
             "    not older than 365 days when published  [enforced]",
             "    marked up to TLP:AMBER+STRICT; what is marked higher, or in a way that is not "
             "known, stays  [enforced]",
             "    TLP:RED for these users alone: bob and eve  [enforced]",
             "    personal data of class contact and credentials is cut out; that of class account "
             "and free-text crosses  [enforced]",
             "    24 hours after it was published  [enforced]",
             "    at most 200000 objects a day  [watched]",
             "  up: south and east give to north  [enforced]",
             "    TLP:RED reaches nobody, for no user is named  [enforced]",
             "    personal data of every class is cut out  [enforced]",
             "  use it for incident-response and network-defence  [enforced by the receiver, else "
             "watched]",
             "  may train machine-learning models on it  [watched]",
             "    to their clients and the community grid, and to nobody else  [enforced by the "
             "receiver, else watched]",
             "    what is marked up to TLP:GREEN  [enforced by the receiver, else watched]",
             "  kept for 365 days at most  [watched]",
             "  o1: south and east owe a sighting for each indicator that matches within 7 days  "
             "[watched]",
             "  o2: north owes word of each revocation within 90 minutes  [watched]",
             "  from 2026-01-01T00:00:00Z  [enforced]",
             "  until 2027-01-01T00:00:00.500000Z  [enforced]",
             "  parties join, contacts and keys change, when 2 parties sign  [enforced]",
             "  what widens what a party gives needs that party's signature  [enforced]",
             "  comes first where the two differ  [watched]",
             "  /: for people",
             "  /flows/0: the main flow",
         })
        EXPECT_EQ(line_with(text, line), line);
    EXPECT_EQ(text.find("force"), text.find("enforced") + 2) << "in force is not its business";
}

TEST(Prose, OfTheSmallestAgreementSaysWhatHolds) {
    const std::string text = prose(must_read(internal::small_sample()));
    for (const char* line : {
             "    objects of any type  [enforced]",
             "    personal data of every class is cut out  [enforced]",
             "  receivers pass nothing on  [enforced by the receiver, else watched]",
             "  must not sell it as it is  [watched]",
             "  use it for any purpose  [enforced by the receiver, else watched]",
             "  kept for any time  [watched]",
             "  parties join, contacts and keys change, when all sign  [enforced]",
         })
        EXPECT_EQ(line_with(text, line), line);
    EXPECT_EQ(text.find("Comments"), text.npos);
    EXPECT_EQ(text.find("What is owed"), text.npos);
}

TEST(Prose, OneSidedTermsAreShownAsSuch) {
    json::object sample = internal::small_sample();
    sample["one_sided"] = true;
    sample["parties"].as_array()[1].as_object().erase("sign_keys");
    const std::string text = prose(must_read(sample));
    EXPECT_NE(
        text.find("\none-sided terms: north alone gives and signs; not countersigned\n"), text.npos
    );
    EXPECT_NE(text.find("\n    has no key and signs nothing\n"), text.npos);
}

TEST(Prose, ACommentCannotLookLikeATerm) {
    json::object sample = internal::small_sample();
    sample["comment"] =
        "first\nWhat crosses, and nothing else\n\n  objects of any type  [enforced]";
    const std::string text = prose(must_read(sample));
    EXPECT_NE(text.find("\n  /: first\n  /: What crosses"), text.npos);
    EXPECT_NE(text.find("\n  /:   objects of any type  [enforced]\n"), text.npos);
}

TEST(ReadableJson, ReadsBackAsTheSameDocument) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        internal::RandomSample random(seed);
        const Document d = must_read(random.document(2 + random.below(3)));
        const auto again = read_document(readable_json(d));
        ASSERT_TRUE(again) << "seed " << seed << ": " << again.error().detail;
        ASSERT_EQ(again->digest, d.digest) << "seed " << seed;
    }
    const Document full = must_read(internal::full_sample());
    const std::string text = readable_json(full);
    EXPECT_EQ(read_document(text).value().digest, full.digest);
    EXPECT_LT(text.find("\"schema\""), text.find("\"id\""));
    EXPECT_LT(text.find("\"parties\""), text.find("\"flows\""));
}

}  // namespace
}  // namespace entente::agreement
