#include "agreement/document.h"

#include "agreement/internal/samples.h"
#include "base/limits.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace entente::agreement {
namespace {

namespace json = boost::json;
using internal::full_first_sample;
using internal::full_sample;
using internal::sample_key;
using internal::small_sample;
using Strings = std::vector<std::string>;

Document must_read(const json::value& sample) {
    auto read = read_document(json::serialize(sample));
    EXPECT_TRUE(read) << (read ? "" : read.error().detail);
    return read ? std::move(*read) : Document{};
}

/// `sample` with the value at `pointer` (an existing place or a new key) set to `text`.
json::value with(json::object sample, const std::string& pointer, const std::string& text) {
    json::value out(std::move(sample));
    const auto slash = pointer.rfind('/');
    json::value& holder = out.at_pointer(pointer.substr(0, slash));
    const std::string last = pointer.substr(slash + 1);
    if (holder.is_array()) {
        holder.get_array().at(std::stoul(last)) = json::parse(text);
    } else {
        holder.get_object()[last] = json::parse(text);
    }
    return out;
}

void expect_refused(const json::value& sample, const std::string& finding) {
    const auto read = read_document(json::serialize(sample));
    ASSERT_FALSE(read) << finding;
    EXPECT_EQ(read.error().code, Errc::unprocessable);
    EXPECT_NE(read.error().detail.find(finding), std::string::npos)
        << read.error().detail << "\nlacks\n"
        << finding;
}

TEST(ReadDocument, GivesEveryTerm) {
    const Document d = must_read(full_sample());
    EXPECT_EQ(d.id, "agr:" + std::string(64, 'a'));
    EXPECT_EQ(d.version, 2U);
    EXPECT_EQ(d.previous, std::string(64, 'b'));
    EXPECT_EQ(d.title, "Grid");
    EXPECT_FALSE(d.one_sided);
    ASSERT_EQ(d.parties.size(), 3U);
    const PartyTerm& north = d.parties[0];
    EXPECT_EQ(north.pid, "north");
    EXPECT_EQ(north.name, "CERT North");
    EXPECT_EQ(
        north.identities,
        (Strings{
            "identity--11111111-1111-4111-8111-111111111111",
            "identity--22222222-2222-4222-8222-222222222222"})
    );
    ASSERT_EQ(north.sign_keys.size(), 2U);
    EXPECT_EQ(ledger::verifier_text(north.sign_keys[1]), sample_key("north.example/entente", 1));
    EXPECT_EQ(north.contact, "soc@north.example");
    EXPECT_EQ(north.jurisdiction, "NO");
    EXPECT_TRUE(north.countersigns);
    EXPECT_EQ(
        d.topics,
        (Topics{
            {"lures", {"label:phishing"}}, {"ransom", {"malware_types:ransomware", "type:malware"}}}
        )
    );
    EXPECT_EQ(d.use.purposes, (Strings{"incident-response", "network-defence"}));
    EXPECT_EQ(d.use.permitted_actions, "externally-visible-indirect-actions");
    EXPECT_EQ(d.use.affected_party_notifications, "may");
    EXPECT_EQ(d.use.commercial_use, "may");
    EXPECT_EQ(d.use.unmodified_resale, "may");
    EXPECT_EQ(d.use.ml_training, "may");
    EXPECT_TRUE(d.onward.allowed);
    EXPECT_EQ(d.onward.max_marking, stix::Tlp::green);
    EXPECT_EQ(d.onward.to, (Strings{"clients", "community:grid"}));
    EXPECT_EQ(d.onward.attribution, "may");
    EXPECT_EQ(d.onward.min_delay_hours, 48U);
    EXPECT_EQ(d.handling.encrypt_in_transit, "may");
    EXPECT_EQ(d.handling.encrypt_at_rest, "must");
    EXPECT_EQ(d.handling.retention_days, 365U);
    EXPECT_EQ(d.handling.retention_days_personal, 30U);
    EXPECT_EQ(d.handling.purge_on_end_days, 60U);
    EXPECT_EQ(format_taxii(d.from), "2026-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_taxii(d.until), "2027-01-01T00:00:00.500000Z");
    EXPECT_EQ(d.notice_days, 30U);
    EXPECT_EQ(d.change.join, Change::Rule::quorum);
    EXPECT_EQ(d.change.quorum, 2U);
    EXPECT_EQ(d.change.steward, "");
    EXPECT_EQ(d.change.dispute_contact, "board@grid.example");
    EXPECT_EQ(d.law.text_sha256, std::string(64, 'c'));
    EXPECT_EQ(d.law.text_uri, "https://grid.example/contract.pdf");
    EXPECT_EQ(d.law.precedence, "legal-text");
}

TEST(ReadDocument, GivesEveryTermOfFlowsAndDuties) {
    const Document d = must_read(full_sample());
    ASSERT_EQ(d.flows.size(), 2U);
    const Flow& down = d.flows[0];
    EXPECT_EQ(down.fid, "down");
    EXPECT_EQ(down.from, (Strings{"north"}));
    EXPECT_EQ(down.to, (Strings{"south", "east"}));
    EXPECT_EQ(down.select.types, (Strings{"indicator", "malware"}));
    EXPECT_EQ(down.select.topics, (Strings{"lures", "ransom"}));
    EXPECT_EQ(down.select.pattern_paths, (Strings{"file:hashes.*", "ipv4-addr:value"}));
    EXPECT_EQ(down.select.min_confidence, 50);
    EXPECT_EQ(down.select.exclude_labels, (Strings{"draft", "internal"}));
    EXPECT_EQ(down.select.not_older_days, 365U);
    EXPECT_EQ(down.max_marking, stix::Tlp::amber_strict);
    EXPECT_EQ(down.strip, (std::vector{Personal::contact, Personal::credentials}));
    EXPECT_EQ(down.named, (Strings{"bob", "eve"}));
    EXPECT_EQ(down.min_delay_hours, 24U);
    EXPECT_EQ(down.objects_per_day, 200'000U);
    EXPECT_EQ(down.bytes_per_day, 1'000'000'000U);
    EXPECT_EQ(d.flows[1].max_marking, stix::Tlp::red);
    ASSERT_EQ(d.obligations.size(), 2U);
    EXPECT_EQ(d.obligations[0].oid, "o1");
    EXPECT_EQ(d.obligations[0].who, (Strings{"south", "east"}));
    EXPECT_EQ(d.obligations[0].what, "sighting");
    EXPECT_EQ(d.obligations[0].on, "indicator");
    EXPECT_EQ(d.obligations[0].when, "match");
    EXPECT_EQ(d.obligations[0].within_seconds, 7U * 86'400);
    EXPECT_EQ(d.obligations[1].on, "");
    EXPECT_EQ(d.obligations[1].when, "");
    EXPECT_EQ(d.obligations[1].within_seconds, 5'400U);
}

TEST(ReadDocument, FallsBackToTheCautiousValue) {
    const Document d = must_read(small_sample());
    ASSERT_EQ(d.flows.size(), 1U);
    EXPECT_EQ(d.flows[0].max_marking, stix::Tlp::amber);
    EXPECT_EQ(
        d.flows[0].strip,
        (std::vector{
            Personal::contact, Personal::account, Personal::free_text, Personal::credentials})
    );
    EXPECT_TRUE(d.flows[0].select.types.empty());
    EXPECT_FALSE(d.flows[0].select.min_confidence);
    EXPECT_FALSE(d.flows[0].select.not_older_days);
    EXPECT_FALSE(d.onward.allowed);
    EXPECT_TRUE(d.onward.to.empty());
    EXPECT_EQ(d.onward.attribution, "must-not");
    EXPECT_EQ(d.use.permitted_actions, "internally-visible-actions");
    EXPECT_EQ(d.use.ml_training, "must-not");
    EXPECT_EQ(d.handling.encrypt_in_transit, "must");
    EXPECT_FALSE(d.handling.retention_days);
    EXPECT_EQ(d.change.join, Change::Rule::all);
    EXPECT_EQ(d.law.precedence, "this-document");
}

TEST(ReadDocument, IdIsTheDigestOfVersion1WithoutIt) {
    const json::object sample = small_sample();
    const Document d = must_read(sample);
    // RFC 8785 sorts the names: these six are in order, and in the sample they are not.
    const std::string parties = json::serialize(sample.at("parties"));
    const std::string canonical = fmt::format(
        R"({{"flows":[{{"fid":"f1","from":["north"],"to":["south"]}}],"parties":[)"
        R"({{"name":"CERT North","pid":"north","sign_keys":["{}"]}},)"
        R"({{"name":"South Energy","pid":"south","sign_keys":["{}"]}}],)"
        R"("schema":"entente-agreement/1","title":"Indicators",)"
        R"("validity":{{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}},"version":1}})",
        sample_key("north.example/entente"),
        sample_key("south.example/entente")
    );
    EXPECT_EQ(d.id, "agr:" + to_hex(sha256(canonical)));
    EXPECT_EQ(d.digest, sha256(d.canonical));
    EXPECT_NE(d.canonical.find("\"id\":\"" + d.id + "\""), std::string::npos);
    // What was named reads as itself.
    const auto again = read_document(d.canonical);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, d.id);
    EXPECT_EQ(again->canonical, d.canonical);
    EXPECT_EQ(again->digest, d.digest);
}

TEST(ReadDocument, RefusesAVersion1ThatWasChangedAfterItGotItsId) {
    std::string text = must_read(small_sample()).canonical;
    text.replace(text.find("2027-"), 5, "2037-");
    const auto read = read_document(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::unprocessable);
    EXPECT_EQ(read.error().detail.find("/id: agr:"), 0U) << read.error().detail;
}

TEST(ReadDocument, SpellingDoesNotMatter) {
    const Document d = must_read(small_sample());
    std::string text = "\n " + json::serialize(small_sample()) + "\t";
    text.replace(text.find("\"version\":1"), 11, "\"v\\u0065rsion\" : 1.0e0");
    const auto read = read_document(text);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->canonical, d.canonical);
}

TEST(ReadDocument, RefusesTheSameNameTwiceAtAnyDepth) {
    const std::string text = json::serialize(small_sample());
    for (const char* name : {"version", "pid", "fid", "until"}) {
        SCOPED_TRACE(name);
        std::string twice = text;
        const auto at = twice.find(fmt::format("\"{}\"", name));
        // The first letter escaped: another spelling of the same name.
        twice.insert(
            at, fmt::format("\"\\u{:04x}{}\":1,", static_cast<unsigned char>(name[0]), name + 1)
        );
        const auto read = read_document(twice);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::malformed);
    }
}

TEST(ReadDocument, RefusesWhatIsNoDocument) {
    for (const char* text : {"", "{", "nonsense", "\xff", "{\"a\":1}}"}) {
        SCOPED_TRACE(text);
        const auto read = read_document(text);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::malformed);
    }
    for (const char* text : {"[]", "1", "null", "\"agreement\""}) {
        SCOPED_TRACE(text);
        const auto read = read_document(text);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, Errc::unprocessable);
    }
    const auto deep = read_document(std::string(10'000, '[') + std::string(10'000, ']'));
    ASSERT_FALSE(deep);
    EXPECT_EQ(deep.error().code, Errc::malformed);
}

TEST(ReadDocument, RefusesWhatTermsSayAgainstEachOther) {
    struct Case {
        const char* pointer;
        const char* value;
        const char* finding;
    };

    // clang-format off
    static constexpr Case cases[] = {
        {"/version", "2", "/previous: missing"},
        {"/version", "2", "/id: missing"},
        {"/previous", "\"0000000000000000000000000000000000000000000000000000000000000000\"", "/previous: version 1 follows nothing"},
        {"/parties/1/pid", "\"north\"", "/parties/1/pid: is the same as /parties/0/pid"},
        {"/parties/1/name", "\"CERT North\"", "/parties/1/name: is the same as /parties/0/name"},
        {"/parties/1/identities/0", "\"identity--22222222-2222-4222-8222-222222222222\"", "/parties/1/identities/0: is the same as /parties/0/identities/1"},
        {"/parties/1/sign_keys", "[]", "/parties/1/sign_keys: empty"},
        {"/flows/1/fid", "\"down\"", "/flows/1/fid: is the same as /flows/0/fid"},
        {"/flows/0/from", "[\"west\"]", "/flows/0/from/0: \"west\" is the pid of no party"},
        {"/flows/0/to", "[\"east\",\"west\"]", "/flows/0/to/1: \"west\" is the pid of no party"},
        {"/flows/0/to", "[\"north\"]", "/flows/0/to/0: \"north\" gives in this flow"},
        {"/flows/0/select/topics", "[\"ransom\",\"worms\"]", "/flows/0/select/topics/1: \"worms\" is no topic"},
        {"/flows/0/select/min_confidence", "55", "/flows/0/select/min_confidence: 55 is not a multiple of 10 of 0 to 100"},
        {"/flows/0/strip", "[\"contact\"]", "/flows/0/strip: lacks \"credentials\""},
        {"/one_sided", "true", "/flows/1/from: in one-sided terms only the first party gives"},
        {"/onward/to", "[]", "/onward/to: empty though onward sharing is allowed"},
        {"/onward/allowed", "false", "/onward/to: names someone though onward sharing is not allowed"},
        {"/onward/to", "[\"party:West\",\"party:East Water\"]", "/onward/to/1: circular: \"East Water\" is a party here"},
        {"/onward/to", "[\"party:south\"]", "/onward/to/0: circular: \"south\" is a party here"},
        {"/obligations/1/oid", "\"o1\"", "/obligations/1/oid: is the same as /obligations/0/oid"},
        {"/obligations/1/who", "[\"west\"]", "/obligations/1/who/0: \"west\" is the pid of no party"},
        {"/validity/until", "\"2025-12-31T00:00:00Z\"", "/validity/until: 2025-12-31T00:00:00Z is not after /validity/from"},
        {"/validity/until", "\"2026-01-01T00:00:00.0Z\"", "/validity/until: 2026-01-01T00:00:00.0Z is not after"},
        {"/change/quorum", "4", "/change/quorum: more than there are parties"},
        {"/change/join", "\"all\"", "/change/quorum: stands exactly when"},
        {"/change/join", "\"steward\"", "/change/steward: stands exactly when"},
        {"/change", "{\"join\":\"steward\",\"steward\":\"west\"}", "/change/steward: \"west\" is the pid of no party"},
        {"/law", "{\"precedence\":\"legal-text\"}", "/law/text_sha256: missing"},
    };
    // clang-format on
    for (const Case& c : cases) {
        SCOPED_TRACE(c.finding);
        expect_refused(with(full_first_sample(), c.pointer, c.value), c.finding);
    }
    must_read(full_first_sample());
}

TEST(ReadDocument, TheSameKeyUnderAnotherNameIsTheSameKey) {
    const auto seed = sha256("seed");
    const auto one = ledger::Signer::from_seed("north.example/entente", seed).value();
    const auto two = ledger::Signer::from_seed("other.example/entente", seed).value();
    json::value sample = with(
        small_sample(),
        "/parties/0/sign_keys/0",
        json::serialize(json::value(ledger::verifier_text(one.verifier())))
    );
    expect_refused(
        with(
            sample.get_object(),
            "/parties/1/sign_keys/0",
            json::serialize(json::value(ledger::verifier_text(two.verifier())))
        ),
        "/parties/1/sign_keys/0: is the same as /parties/0/sign_keys/0"
    );
}

TEST(ReadDocument, OneSidedTermsNeedNoKeyOfTheOthers) {
    json::object sample = small_sample();
    sample["one_sided"] = true;
    sample["parties"].as_array()[1].as_object()["sign_keys"] = json::array();
    const Document d = must_read(sample);
    EXPECT_TRUE(d.one_sided);
    EXPECT_TRUE(d.parties[0].countersigns);
    EXPECT_FALSE(d.parties[1].countersigns);
    EXPECT_EQ(d.party("south"), &d.parties[1]);
    EXPECT_EQ(d.party("west"), nullptr);
    sample["parties"].as_array()[0].as_object()["sign_keys"] = json::array();
    expect_refused(sample, "/parties/0/sign_keys: empty");
}

TEST(ReadDocument, RefusesTenThousandParties) {
    json::object sample = small_sample();
    json::array& parties = sample["parties"].as_array();
    while (parties.size() < 10'000)
        parties.push_back(json::object{{"pid", "p"}, {"name", "n"}});
    expect_refused(sample, "/parties: 10000 entries is not a list of 2 to 256 entries");
}

TEST(ReadDocument, RefusesMoreThanOneMebibyte) {
    const auto read = read_document(std::string(limits::agreement_bytes_max + 1, ' '));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::too_large);
    EXPECT_EQ(read.error().detail, "an agreement of 1048577 bytes; at most 1048576 are read");
}

TEST(ReadDocument, TellsTenFindings) {
    json::object sample = small_sample();
    for (int i = 0; i < 100; ++i)
        sample[fmt::format("x{:02}", i)] = i;
    const auto read = read_document(json::serialize(sample));
    ASSERT_FALSE(read);
    const std::string& detail = read.error().detail;
    EXPECT_EQ(std::count(detail.begin(), detail.end(), '/'), 10) << detail;
    EXPECT_NE(detail.find("/x09: unknown key; known here: schema, id"), std::string::npos)
        << detail;
    EXPECT_EQ(detail.find("/x10"), std::string::npos);
}

TEST(ReadDocument, TellsTheNearestKey) {
    json::object sample = small_sample();
    sample["onwards"] = json::object();
    expect_refused(sample, "/onwards: unknown key; the nearest that is known here is \"onward\"");
}

TEST(ReadDocument, NamesFromOutsideAreShownSafely) {
    json::object sample = small_sample();
    sample["a/b~c\x1b[2J" + std::string(1'000, 'x')] = 1;
    const auto read = read_document(json::serialize(sample));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().detail.find("/a~1b~0c\\u{001b}[2J"), 0U) << read.error().detail;
    EXPECT_LT(read.error().detail.size(), 400U);
}

}  // namespace
}  // namespace entente::agreement
