#include "agreement/templates.h"

#include "agreement/internal/samples.h"

#include <gtest/gtest.h>

namespace entente::agreement {
namespace {

using Strings = std::vector<std::string>;

Answers answers(const Strings& pids) {
    Answers out;
    out.title = "Harbours";
    for (const std::string& pid : pids) {
        PartyTerm party;
        party.pid = pid;
        party.name = "The " + pid;
        party.sign_keys = {
            ledger::verifier_of(internal::sample_key(pid + ".example/entente")).value()};
        out.parties.push_back(party);
    }
    out.from = {1'767'225'600'000'000};
    out.until = {1'798'761'600'000'000};
    return out;
}

Document must_make(Template name, const Answers& given) {
    auto made = from_template(name, given);
    EXPECT_TRUE(made) << (made ? "" : made.error().detail);
    return made ? std::move(*made) : Document{};
}

/// "north>south east; …"
std::string told(const Document& d) {
    std::string out;
    for (const Flow& f : d.flows) {
        for (const std::string& pid : f.from)
            out += pid + ' ';
        out += '>';
        for (const std::string& pid : f.to)
            out += ' ' + pid;
        out += "; ";
    }
    return out;
}

TEST(Templates, SayWhoGivesToWhom) {
    const Strings two{"north", "south"};
    const Strings three{"north", "south", "east"};
    EXPECT_EQ(told(must_make(Template::bilateral, answers(two))), "north > south; south > north; ");
    EXPECT_EQ(
        told(must_make(Template::hub, answers(three))), "north > south east; south east > north; "
    );
    EXPECT_EQ(
        told(must_make(Template::circle, answers(three))),
        "north > south east; south > north east; east > north south; "
    );
    EXPECT_EQ(told(must_make(Template::terms, answers(three))), "north > south east; ");
}

TEST(Templates, FewAnswersMeanTheCautiousValues) {
    const Document d = must_make(Template::bilateral, answers({"north", "south"}));
    EXPECT_EQ(d.version, 1U);
    EXPECT_FALSE(d.one_sided);
    EXPECT_EQ(d.title, "Harbours");
    EXPECT_EQ(d.flows[0].max_marking, stix::Tlp::amber);
    EXPECT_EQ(d.flows[0].strip.size(), 4U);
    EXPECT_TRUE(d.flows[0].select.types.empty());
    EXPECT_FALSE(d.onward.allowed);
    EXPECT_TRUE(d.obligations.empty());
    EXPECT_EQ(d.from, Micros{1'767'225'600'000'000});
    EXPECT_EQ(d.until, Micros{1'798'761'600'000'000});
    EXPECT_NE(d.canonical.find("\"until\":\"2027-01-01T00:00:00Z\""), std::string::npos);
}

TEST(Templates, EveryAnswerArrives) {
    Answers given = answers({"north", "south"});
    given.parties[0].identities = {"identity--11111111-1111-4111-8111-111111111111"};
    given.parties[0].contact = "soc@north.example";
    given.parties[0].jurisdiction = "NO";
    given.types = {"indicator", "malware"};
    given.max_marking = stix::Tlp::red;
    given.named = {"eve"};
    given.keep = {Personal::account};
    given.min_delay_hours = 24;
    given.onward = {"clients"};
    given.sightings_within_days = 7;
    given.notice_days = 30;
    for (const Template name :
         {Template::bilateral, Template::hub, Template::circle, Template::terms}) {
        SCOPED_TRACE(template_name(name));
        const Document d = must_make(name, given);
        EXPECT_EQ(d.parties[0].identities, given.parties[0].identities);
        EXPECT_EQ(d.parties[0].contact, "soc@north.example");
        EXPECT_EQ(d.parties[0].jurisdiction, "NO");
        EXPECT_EQ(d.parties[0].sign_keys, given.parties[0].sign_keys);
        for (const Flow& f : d.flows) {
            EXPECT_EQ(f.select.types, given.types);
            EXPECT_EQ(f.max_marking, stix::Tlp::red);
            EXPECT_EQ(f.named, given.named);
            EXPECT_EQ(
                f.strip,
                (std::vector{Personal::contact, Personal::free_text, Personal::credentials})
            );
            EXPECT_EQ(f.min_delay_hours, 24U);
        }
        EXPECT_TRUE(d.onward.allowed);
        EXPECT_EQ(d.onward.max_marking, stix::Tlp::green);
        EXPECT_EQ(d.onward.to, given.onward);
        ASSERT_EQ(d.obligations.size(), 1U);
        EXPECT_EQ(d.obligations[0].what, "sighting");
        EXPECT_EQ(d.obligations[0].within_seconds, 7U * 86'400);
        EXPECT_EQ(
            d.obligations[0].who,
            name == Template::terms ? Strings{"south"} : (Strings{"north", "south"})
        );
        EXPECT_EQ(d.notice_days, 30U);
        EXPECT_EQ(d.one_sided, name == Template::terms);
    }
}

TEST(Templates, TermsNeedNoKeyOfWhoGets) {
    Answers given = answers({"north", "south"});
    given.parties[1].sign_keys.clear();
    EXPECT_FALSE(must_make(Template::terms, given).parties[1].countersigns);
    const auto refused = from_template(Template::bilateral, given);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail.find("/parties/1/sign_keys: empty"), 0U);
}

TEST(Templates, RefuseAnswersThatNoAgreementHas) {
    const auto three = from_template(Template::bilateral, answers({"a1", "b1", "c1"}));
    ASSERT_FALSE(three);
    EXPECT_EQ(three.error().code, Errc::invalid_argument);
    EXPECT_FALSE(from_template(Template::circle, answers({})));
    EXPECT_FALSE(from_template(Template::hub, answers({"north"})));
    Answers given = answers({"north", "south"});
    given.keep = {Personal::credentials};
    const auto credentials = from_template(Template::bilateral, given);
    ASSERT_FALSE(credentials);
    EXPECT_NE(credentials.error().detail.find("credentials"), std::string::npos);
    given = answers({"north", "south"});
    std::swap(given.from, given.until);
    EXPECT_FALSE(from_template(Template::bilateral, given));
}

TEST(Templates, HaveNames) {
    for (const char* name : {"bilateral", "hub", "circle", "terms"})
        EXPECT_EQ(template_name(parse_template(name).value()), name);
    EXPECT_FALSE(parse_template("mesh"));
}

}  // namespace
}  // namespace entente::agreement
