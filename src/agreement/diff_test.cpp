#include "agreement/diff.h"

#include "agreement/internal/samples.h"
#include "agreement/internal/samples_random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace entente::agreement {
namespace {

namespace json = boost::json;
using internal::full_first_sample;
using internal::RandomSample;
using Pids = std::set<std::string, std::less<>>;

Document must_read(const json::value& sample) {
    auto read = read_document(json::serialize(sample));
    EXPECT_TRUE(read) << (read ? "" : read.error().detail);
    return read ? std::move(*read) : Document{};
}

/// The full sample with one value replaced; an empty text takes the key away.
Document with(const std::string& pointer, const std::string& text) {
    json::value sample(full_first_sample());
    const auto slash = pointer.rfind('/');
    json::object& holder = sample.at_pointer(pointer.substr(0, slash)).get_object();
    if (text.empty()) {
        holder.erase(pointer.substr(slash + 1));
    } else {
        holder[pointer.substr(slash + 1)] = json::parse(text);
    }
    return must_read(sample);
}

std::string told(const Diff& d) {
    std::string out;
    for (const Difference& one : d.differences) {
        out += one.place + ' ' + one.before + " -> " + one.after + ' ';
        out += judgement_text(one.judgement);
        out += '\n';
    }
    return out;
}

const Pids nobody;
const Pids north{"north"};
const Pids receivers{"east", "south"};
const Pids everyone{"east", "north", "south"};

TEST(Diff, JudgesEachTerm) {
    struct Case {
        const char* pointer;
        const char* value;
        std::string finding;
        Pids widened;
    };

    // clang-format off
    const Case cases[] = {
        {"/flows/0/max_marking", "\"red\"", "/flows/down/max_marking \"amber+strict\" -> \"red\" expanded\n", north},
        {"/flows/0/max_marking", "", "/flows/down/max_marking \"amber+strict\" -> \"amber\" narrowed\n", nobody},
        {"/flows/0/select/types", R"(["malware","indicator","tool"])", "/flows/down/select/types  -> \"tool\" expanded\n", north},
        {"/flows/0/select/types", R"(["indicator"])", "/flows/down/select/types \"malware\" ->  narrowed\n", nobody},
        {"/flows/0/select/types", "", "/flows/down/select/types [\"malware\",\"indicator\"] -> [] expanded\n", north},
        {"/flows/0/select/types", R"(["indicator","malware"])", "", nobody},
        {"/flows/1/select/topics", R"(["lures"])", "/flows/up/select/topics [] -> [\"lures\"] narrowed\n", nobody},
        {"/flows/0/select/min_confidence", "40", "/flows/down/select/min_confidence 50 -> 40 expanded\n", north},
        {"/flows/0/select/min_confidence", "", "/flows/down/select/min_confidence 50 ->  expanded\n", north},
        {"/flows/1/select/min_confidence", "0", "/flows/up/select/min_confidence  -> 0 narrowed\n", nobody},
        {"/flows/0/select/exclude_labels", R"(["internal"])", "/flows/down/select/exclude_labels \"draft\" ->  expanded\n", north},
        {"/flows/0/select/exclude_labels", R"(["internal","draft","x"])", "/flows/down/select/exclude_labels  -> \"x\" narrowed\n", nobody},
        {"/flows/0/select/not_older_days", "366", "/flows/down/select/not_older_days 365 -> 366 expanded\n", north},
        {"/flows/0/select/not_older_days", "", "/flows/down/select/not_older_days 365 ->  expanded\n", north},
        {"/flows/0/strip", R"(["credentials"])", "/flows/down/strip \"contact\" ->  expanded\n", north},
        {"/flows/0/strip", R"(["credentials","contact","account"])", "/flows/down/strip  -> \"account\" narrowed\n", nobody},
        {"/flows/0/min_delay_hours", "23", "/flows/down/min_delay_hours 24 -> 23 expanded\n", north},
        {"/flows/0/objects_per_day", "", "/flows/down/objects_per_day 200000 -> 0 expanded\n", north},
        {"/flows/0/objects_per_day", "1", "/flows/down/objects_per_day 200000 -> 1 narrowed\n", nobody},
        {"/flows/0/named", R"(["bob"])", "/flows/down/named \"eve\" ->  narrowed\n", nobody},
        {"/flows/0/to", R"(["south"])", "/flows/down/to \"east\" ->  narrowed\n", nobody},
        {"/flows/1/from", R"(["south"])", "/flows/up/from \"east\" ->  narrowed\n", nobody},
        {"/topics/ransom", R"(["type:malware","malware_types:ransomware","type:tool"])", "/topics/ransom  -> \"type:tool\" expanded\n", north},
        {"/topics/ransom", R"(["type:malware"])", "/topics/ransom \"malware_types:ransomware\" ->  narrowed\n", nobody},
        // Nobody gives by it.
        {"/topics/other", R"(["type:tool"])", "/topics/other  -> \"type:tool\" expanded\n", nobody},
        {"/use/ml_training", "", "/use/ml_training \"may\" -> \"must-not\" narrowed\n", nobody},
        {"/use/purposes", "", "/use/purposes [\"network-defence\",\"incident-response\"] -> [] expanded\n", everyone},
        {"/onward/max_marking", "\"amber\"", "/onward/max_marking \"green\" -> \"amber\" expanded\n", everyone},
        {"/onward/min_delay_hours", "", "/onward/min_delay_hours 48 -> 0 expanded\n", everyone},
        {"/onward/to", R"(["clients"])", "/onward/to \"community:grid\" ->  narrowed\n", nobody},
        {"/handling/retention_days", "", "/handling/retention_days 365 ->  expanded\n", everyone},
        {"/handling/encrypt_in_transit", "", "/handling/encrypt_in_transit \"may\" -> \"must\" narrowed\n", nobody},
        {"/obligations/0/within", "\"P8D\"", "/obligations/o1/within \"P7D\" -> \"P8D\" narrowed\n", nobody},
        {"/obligations/0/within", "\"P6D\"", "/obligations/o1/within \"P7D\" -> \"P6D\" expanded\n", receivers},
        {"/obligations/0/within", "\"P1W\"", "", nobody},
        {"/obligations/0/on", "", "/obligations/o1/on \"indicator\" ->  changed\n", receivers},
        {"/validity/until", "\"2028-01-01T00:00:00Z\"", "/validity/until \"2027-01-01T00:00:00.5Z\" -> \"2028-01-01T00:00:00Z\" expanded\n", everyone},
        {"/validity/until", "\"2027-01-01T00:00:00.500Z\"", "", nobody},
        {"/validity/from", "\"2026-01-02T00:00:00Z\"", "/validity/from \"2026-01-01T00:00:00Z\" -> \"2026-01-02T00:00:00Z\" narrowed\n", nobody},
        {"/change/quorum", "1", "/change/quorum 2 -> 1 changed\n", everyone},
        {"/title", "\"Other\"", "/title \"Grid\" -> \"Other\" changed\n", nobody},
        {"/parties/1/contact", "\"new\"", "/parties/south/contact \"soc@south.example\" -> \"new\" changed\n", nobody},
        {"/parties/1/name", "\"Someone Else\"", "/parties/south/name \"South Energy\" -> \"Someone Else\" changed\n", everyone},
        {"/parties/1/identities", "", "/parties/south/identities \"identity--33333333-3333-4333-8333-333333333333\" ->  narrowed\n", nobody},
        {"/flows/0/comment", "\"x\"", "/flows/down/comment \"the main flow\" -> \"x\" changed\n", nobody},
        {"/comment", "", "/comment \"for people\" ->  changed\n", nobody},
        {"/law/text_uri", "\"https://b.example\"", "/law/text_uri \"https://grid.example/contract.pdf\" -> \"https://b.example\" changed\n", nobody},
    };
    // clang-format on
    const Document before = must_read(full_first_sample());
    for (const Case& c : cases) {
        SCOPED_TRACE(std::string(c.pointer) + " " + c.value);
        const Diff d = diff(before, with(c.pointer, c.value));
        EXPECT_EQ(told(d), c.finding);
        EXPECT_EQ(d.widened, c.widened);
        EXPECT_EQ(d.widens_giving_of("north"), c.widened.count("north") != 0);
    }
}

TEST(Diff, ANewFlowWidensWhatItsGiversGive) {
    const Document before = must_read(full_first_sample());
    json::object sample = full_first_sample();
    sample["flows"].as_array().push_back(json::object{
        {"fid", "side"}, {"from", json::array{"east"}}, {"to", json::array{"south"}}});
    const Document after = must_read(sample);
    const Diff d = diff(before, after);
    EXPECT_EQ(d.widened, Pids{"east"});
    ASSERT_EQ(d.differences.size(), 1U);
    EXPECT_EQ(d.differences[0].place, "/flows/side");
    EXPECT_EQ(d.differences[0].before, "");
    EXPECT_NE(d.differences[0].after.find("\"from\":[\"east\"]"), std::string::npos);
    EXPECT_EQ(d.differences[0].judgement, Judgement::expanded);
    const Diff back = diff(after, before);
    EXPECT_TRUE(back.widened.empty());
    ASSERT_EQ(back.differences.size(), 1U);
    EXPECT_EQ(back.differences[0].judgement, Judgement::narrowed);
}

TEST(Diff, AGiverMoreWidensTheGivingOfThatOneAlone) {
    const Document before = with("/flows/1/from", R"(["south"])");
    EXPECT_EQ(diff(before, must_read(full_first_sample())).widened, Pids{"east"});
}

TEST(Diff, AReceiverMoreWidensTheGivingOfAll) {
    const Document before = with("/flows/0/to", R"(["south"])");
    EXPECT_EQ(diff(before, must_read(full_first_sample())).widened, north);
}

TEST(Diff, APartyThatOnlyJoinsWidensNothing) {
    json::object sample = full_first_sample();
    sample["parties"].as_array().push_back(json::object{
        {"pid", "west"},
        {"name", "West"},
        {"sign_keys", json::array{json::string(internal::sample_key("west.example/entente"))}}});
    const Diff d = diff(must_read(full_first_sample()), must_read(sample));
    ASSERT_EQ(d.differences.size(), 1U);
    EXPECT_EQ(d.differences[0].place, "/parties/west");
    EXPECT_EQ(d.differences[0].judgement, Judgement::expanded);
    EXPECT_TRUE(d.widened.empty());
}

TEST(Diff, OrderIsNoDifference) {
    json::object sample = full_first_sample();
    for (const char* list : {"parties", "flows", "obligations"}) {
        json::array& entries = sample[list].as_array();
        std::reverse(entries.begin(), entries.end());
    }
    const Diff d = diff(must_read(full_first_sample()), must_read(sample));
    EXPECT_EQ(told(d), "");
    EXPECT_TRUE(d.widened.empty());
}

TEST(Diff, AnotherOwnerOfOneSidedTermsIsToldAndConcernsEveryone) {
    json::object sample = internal::small_sample();
    sample["one_sided"] = true;
    const Document before = must_read(sample);
    json::array& parties = sample["parties"].as_array();
    std::swap(parties[0], parties[1]);
    sample["flows"].as_array()[0].as_object()["from"] = json::array{"south"};
    sample["flows"].as_array()[0].as_object()["to"] = json::array{"north"};
    const Diff d = diff(before, must_read(sample));
    EXPECT_NE(told(d).find("/parties \"north\" -> \"south\" changed\n"), std::string::npos);
    EXPECT_EQ(d.widened, (Pids{"north", "south"}));
}

TEST(Diff, OfADocumentWithItselfIsEmpty) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        RandomSample random(seed);
        const Document d = must_read(random.document(2 + random.below(3)));
        const Diff nothing = diff(d, d);
        ASSERT_EQ(told(nothing), "") << "seed " << seed;
        ASSERT_TRUE(nothing.widened.empty()) << "seed " << seed;
    }
}

TEST(Diff, ExpandedAndNarrowedChangePlacesWithTheArguments) {
    const auto turned = [](Judgement judgement) {
        if (judgement == Judgement::expanded) return Judgement::narrowed;
        return judgement == Judgement::narrowed ? Judgement::expanded : judgement;
    };
    using Row = std::tuple<std::string, std::string, std::string, Judgement>;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        RandomSample random(seed);
        const Document a = must_read(random.document(2 + random.below(3)));
        const Document b = must_read(random.document(2 + random.below(3)));
        std::vector<Row> there;
        std::vector<Row> back;
        for (const Difference& d : diff(a, b).differences)
            there.emplace_back(d.place, d.before, d.after, d.judgement);
        for (const Difference& d : diff(b, a).differences)
            back.emplace_back(d.place, d.after, d.before, turned(d.judgement));
        std::sort(there.begin(), there.end());
        std::sort(back.begin(), back.end());
        ASSERT_EQ(there, back) << "seed " << seed;
    }
}

/// An object, a reader and a moment, as far as terms look at them.
struct Probe {
    std::string type;
    std::vector<std::string> labels;
    std::optional<std::uint8_t> confidence;
    std::string path;
    std::uint32_t age_days = 0;
    std::uint32_t hours = 0;  // since it was published
    stix::Tlp marking = stix::Tlp::clear;
    std::string user;
    Micros at;
};

bool selects(const Document& d, const Select& s, const Probe& p) {
    const auto has = [](const std::vector<std::string>& list, const std::string& word) {
        return std::find(list.begin(), list.end(), word) != list.end();
    };
    if (!s.types.empty() && !has(s.types, p.type)) return false;
    if (!s.pattern_paths.empty() && !has(s.pattern_paths, p.path)) return false;
    if (s.min_confidence && (!p.confidence || *p.confidence < *s.min_confidence)) return false;
    if (s.not_older_days && p.age_days > *s.not_older_days) return false;
    for (const std::string& label : p.labels) {
        if (has(s.exclude_labels, label)) return false;
    }
    if (s.topics.empty()) return true;
    return std::any_of(s.topics.begin(), s.topics.end(), [&](const std::string& name) {
        const std::vector<std::string>& words = d.topics.at(name);
        return has(words, "type:" + p.type) ||
               std::any_of(p.labels.begin(), p.labels.end(), [&](const std::string& label) {
                   return has(words, "label:" + label);
               });
    });
}

/// Bit 0: it crosses; bit 1 + n: with personal data of class n.
unsigned crosses(
    const Document& d, const std::string& giver, const std::string& to, const Probe& p
) {
    unsigned out = 0;
    if (p.at < d.from || p.at >= d.until) return out;
    for (const Flow& f : d.flows) {
        const auto has = [](const auto& list, const auto& word) {
            return std::find(list.begin(), list.end(), word) != list.end();
        };
        if (!has(f.from, giver) || !has(f.to, to) || p.marking > f.max_marking) continue;
        if (p.marking == stix::Tlp::red && !has(f.named, p.user)) continue;
        if (p.hours < f.min_delay_hours || !selects(d, f.select, p)) continue;
        out |= 1U;
        for (unsigned n = 0; n < 4; ++n) {
            if (!has(f.strip, static_cast<Personal>(n))) out |= 2U << n;
        }
    }
    return out;
}

Probe random_probe(RandomSample& random) {
    static const char* const types[] = {"indicator", "malware", "tool"};
    static const char* const paths[] = {"ipv4-addr:value", "file:hashes.*", "url:value"};
    Probe p;
    p.type = types[random.below(3)];
    p.path = paths[random.below(3)];
    if (random.coin()) p.labels.emplace_back("a");
    if (random.coin()) p.labels.emplace_back("b");
    if (random.coin()) p.confidence = static_cast<std::uint8_t>(random.below(11) * 10);
    p.age_days = static_cast<std::uint32_t>(random.below(5));
    p.hours = static_cast<std::uint32_t>(random.below(4));
    p.marking = static_cast<stix::Tlp>(random.below(5));
    p.user = random.coin() ? "eve" : "bob";
    p.at = parse_stix_time(
               fmt::format("202{}-0{}-15T00:00:00Z", 6 + random.below(2), 1 + random.below(3))
    )
               .value();
    return p;
}

/// One key of the document, or of one of its flows, comes from the other.
json::object mixed(json::object a, const json::object& b, RandomSample& random) {
    static const char* const keys[] = {"topics", "use", "onward", "validity", "flows"};
    const char* key = keys[random.below(5)];
    if (random.coin()) {
        json::object& flow = a["flows"].as_array()[0].as_object();
        const json::object& other = b.at("flows").as_array()[0].as_object();
        const char* const terms[] = {"max_marking", "strip", "named", "min_delay_hours", "to"};
        key = terms[random.below(5)];
        if (const json::value* value = other.if_contains(key))
            flow[key] = *value;
        else
            flow.erase(key);
        return a;
    }
    if (const json::value* value = b.if_contains(key))
        a[key] = *value;
    else
        a.erase(key);
    return a;
}

TEST(Diff, WhereMoreCrossesTheGiverIsNamed) {
    int more = 0;
    int spared = 0;
    for (std::uint64_t seed = 0; seed < 800; ++seed) {
        RandomSample random(seed);
        const std::size_t parties = 2 + random.below(3);
        const json::object first = random.document(parties);
        const auto a = read_document(json::serialize(first));
        const auto b =
            read_document(json::serialize(mixed(first, random.document(parties), random)));
        if (!a || !b) continue;
        const Diff d = diff(*a, *b);
        for (int i = 0; i < 50; ++i) {
            const Probe probe = random_probe(random);
            for (const PartyTerm& giver : b->parties) {
                for (const PartyTerm& to : b->parties) {
                    const unsigned before = crosses(*a, giver.pid, to.pid, probe);
                    const unsigned after = crosses(*b, giver.pid, to.pid, probe);
                    if ((after & ~before) == 0) continue;
                    ++more;
                    ASSERT_TRUE(d.widens_giving_of(giver.pid)) << "seed " << seed << '\n'
                                                               << told(d);
                }
            }
        }
        spared += d.differences.empty() || !d.widened.empty() ? 0 : 1;
    }
    // The property was put to the test, and not by naming everybody always.
    EXPECT_GT(more, 1'000);
    EXPECT_GT(spared, 50);
}

}  // namespace
}  // namespace entente::agreement
