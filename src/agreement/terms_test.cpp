// The decision over several agreements, by its properties on random terms and classes.
#include "agreement/terms.h"

#include "agreement/view.h"
#include "stix/personal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace entente::agreement {
namespace {

using stix::Tlp;

constexpr PartyNo own{1};
constexpr PartyNo south{2};
constexpr PartyNo east{3};

/// Small vocabularies, so that what is asked for is often there.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : dice_(seed) {}

    std::size_t below(std::size_t n) { return dice_() % n; }

    bool one_in(std::size_t n) { return below(n) == 0; }

    template <class List>
    auto of(const List& list) {
        return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
    }

    std::vector<std::string> some(const std::vector<std::string>& of_these, std::size_t one_in_n) {
        std::vector<std::string> found;
        for (const std::string& each : of_these) {
            if (one_in(one_in_n)) found.push_back(each);
        }
        return found;
    }

    Tlp level() { return static_cast<Tlp>(below(5)); }

  private:
    std::mt19937_64 dice_;
};

const std::vector<std::string> types{"indicator", "malware", "report"};
const std::vector<std::string> words{"label:a", "label:b", "malware_types:worm"};
const std::vector<std::string> paths{"domain-name:value", "file:name", "ipv4-addr:value"};
const std::vector<std::string> agreements{"agr:1", "agr:2", "agr:3"};

Facets random_facets(Dice& dice, std::uint32_t number) {
    Facets f;
    f.type = dice.of(types);
    f.spec_version = "2.1";
    if (!dice.one_in(4)) f.markings = {std::string(stix::tlp2_marking_id(dice.level()))};
    if (dice.one_in(5)) f.granular = {std::string(stix::tlp2_marking_id(dice.level()))};
    if (dice.one_in(3)) f.producer = "identity--x";
    f.source = dice.one_in(2) ? own : dice.one_in(2) ? south : east;
    if (f.source != own && !dice.one_in(4)) f.arrivals = dice.some(agreements, 2);
    f.described = !dice.one_in(10);
    f.words = dice.some(words, 2);
    if (dice.one_in(12)) f.words.insert(f.words.begin(), "*");
    if (f.type == "indicator") f.pattern_paths = dice.some(paths, 2);
    f.confidence = static_cast<std::uint8_t>(dice.below(12));
    f.age = static_cast<std::uint8_t>(dice.below(9));
    if (dice.one_in(3)) f.personal = static_cast<std::uint8_t>(dice.below(16));
    for (auto n = dice.below(3); n > 0 && number > 1; --n) {
        std::vector<ClassNo> need;
        for (auto k = dice.below(3); k > 0; --k)
            need.push_back(ClassNo{static_cast<std::uint32_t>(1 + dice.below(number - 1))});
        if (!need.empty()) f.needs.push_back(std::move(need));
    }
    return f;
}

Way random_way(Dice& dice, const std::string& agreement) {
    Way w;
    w.name = agreement + "/f";
    w.ceiling = dice.level();
    w.types = dice.one_in(3) ? dice.some(types, 2) : std::vector<std::string>();
    w.words = dice.one_in(4) ? dice.some({"label:a", "label:b", "type:malware"}, 2)
                             : std::vector<std::string>();
    if (dice.one_in(4)) w.pattern_paths = dice.some(paths, 2);
    if (dice.one_in(4)) w.exclude_labels = dice.some({"a", "b"}, 2);
    if (dice.one_in(4)) w.min_confidence = static_cast<std::uint8_t>(dice.below(11) * 10);
    if (dice.one_in(4)) w.not_older_days = static_cast<std::uint32_t>(1 + dice.below(2'000));
    if (dice.one_in(2)) w.strip = static_cast<std::uint8_t>(dice.below(16));
    if (dice.one_in(4)) w.delay_hours = static_cast<std::uint32_t>(dice.below(5));
    Sources s;
    s.own = own;
    s.agreement = agreement;
    s.own_gives = !dice.one_in(4);
    if (dice.one_in(3)) s.parties = {east};
    for (const std::string& other : agreements) {
        if (other != agreement && dice.one_in(3)) {
            s.onward.push_back(
                {.arrival = other,
                 .ceiling = dice.level(),
                 .delay_hours = static_cast<std::uint32_t>(dice.below(3)),
                 .without_producer = dice.one_in(3)}
            );
        }
    }
    w.sources = std::move(s);
    return w;
}

Terms random_terms(Dice& dice, std::size_t bonds) {
    Terms t{.party = south, .default_marking = dice.level(), .bonds = {}};
    for (std::size_t i = 0; i < bonds; ++i) {
        Bond bond;
        for (auto n = 1 + dice.below(3); n > 0; --n)
            bond.ways.push_back(random_way(dice, agreements[i % agreements.size()]));
        t.bonds.push_back(std::move(bond));
    }
    return t;
}

ClassTable random_classes(Dice& dice) {
    ClassTable table;
    for (std::uint32_t no = 1; no <= 40; ++no)
        table.add(ClassNo{no}, random_facets(dice, no));
    return table;
}

class TermsProperty : public ::testing::TestWithParam<int> {
  protected:
    Dice dice{static_cast<std::uint64_t>(GetParam())};
    MarkingRegistry registry;
    ClassTable classes = random_classes(dice);

    std::vector<std::uint32_t> all(const Terms& terms) {
        return decide_all(terms, classes, registry);
    }
};

INSTANTIATE_TEST_SUITE_P(Random, TermsProperty, ::testing::Range(1, 301));

TEST_P(TermsProperty, SeveralAgreementsReleaseExactlyWhatOneOfThemReleases) {
    const Terms together = random_terms(dice, 3);
    const auto hours = all(together);
    for (std::uint32_t no = 1; no < classes.size(); ++no) {
        std::uint32_t soonest = never;
        for (const Bond& bond : together.bonds) {
            Terms alone = together;
            alone.bonds = {bond};
            soonest = std::min(soonest, all(alone)[no]);
        }
        EXPECT_EQ(hours[no], soonest) << no;
    }
}

TEST_P(TermsProperty, NothingComesOutAboveTheHighestCeiling) {
    const Terms terms = random_terms(dice, 2);
    Tlp highest = Tlp::clear;
    for (const Bond& bond : terms.bonds) {
        for (const Way& way : bond.ways)
            highest = std::max(highest, way.ceiling);
    }
    const auto hours = all(terms);
    for (std::uint32_t no = 1; no < classes.size(); ++no) {
        if (hours[no] == never) continue;
        const Facets& f = *classes.find(ClassNo{no});
        for (const auto* list : {&f.markings, &f.granular}) {
            for (const std::string& id : *list)
                EXPECT_LE(*stix::tlp_of_marking(id), highest) << no;
        }
        if (f.markings.empty()) {
            EXPECT_LE(terms.default_marking, highest) << no;
        }
    }
}

TEST_P(TermsProperty, OneMoreRestrictionReleasesNothingMore) {
    const Terms before = random_terms(dice, 2);
    Terms after = before;
    Bond& bond = after.bonds[dice.below(after.bonds.size())];
    Way& way = bond.ways[dice.below(bond.ways.size())];
    switch (dice.below(9)) {
        case 0:
            way.ceiling = std::min(way.ceiling, dice.level());
            break;
        case 1:
            if (way.types.empty())
                way.types = {"indicator"};
            else if (way.types.size() > 1)
                way.types.pop_back();
            break;
        case 2:
            if (way.words.empty()) way.words = {"label:a"};
            break;
        case 3:
            if (way.pattern_paths.empty()) way.pattern_paths = {"file:name"};
            break;
        case 4:
            way.exclude_labels = {"a", "b"};
            break;
        case 5:
            way.min_confidence = static_cast<std::uint8_t>(100);
            break;
        case 6:
            way.not_older_days = std::min(way.not_older_days.value_or(1'000), 7U);
            break;
        case 7:
            way.strip = stix::all_personal;
            break;
        default:
            way.sources->onward.clear();
            way.sources->own_gives = false;
            break;
    }
    const auto was = all(before);
    const auto is = all(after);
    for (std::uint32_t no = 1; no < classes.size(); ++no)
        EXPECT_TRUE(is[no] >= was[no]) << no << ": " << was[no] << " -> " << is[no];
}

TEST_P(TermsProperty, TheOrderOfAgreementsAndFlowsNeverMatters) {
    const Terms terms = random_terms(dice, 3);
    Terms turned = terms;
    std::ranges::reverse(turned.bonds);
    for (Bond& bond : turned.bonds)
        std::ranges::reverse(bond.ways);
    EXPECT_EQ(all(terms), all(turned));
}

TEST_P(TermsProperty, TheDecisionOnOneClassIsTheViewsDecision) {
    const Terms terms = random_terms(dice, 2);
    const auto hours = all(terms);
    const View view = make_view(UserNo{1}, CollectionNo{1}, terms, classes, registry, {});
    for (std::uint32_t no = 1; no < classes.size(); ++no) {
        const Decision d = decide(terms, classes, registry, ClassNo{no});
        EXPECT_EQ(d.releases(), hours[no] != never) << no;
        EXPECT_EQ(view.releases(ClassNo{no}), d.releases()) << no;
        if (d.releases()) {
            EXPECT_EQ(d.delay_hours, hours[no]) << no;
        }
        EXPECT_EQ(view.shows(ClassNo{no}, Seq{5}), hours[no] == 0) << no << ": delays come late";
    }
}

TEST_P(TermsProperty, WithoutABondNothingIsReleased) {
    const Terms none = random_terms(dice, 0);
    for (const std::uint32_t hours : all(none))
        EXPECT_EQ(hours, never);
    Terms suspended = none;
    suspended.bonds.push_back({.ways = {}, .suspended = true});
    for (const std::uint32_t hours : all(suspended))
        EXPECT_EQ(hours, never);
    EXPECT_EQ(decide(suspended, classes, registry, ClassNo{1}).reason, Reason::agreement_suspended);
}

TEST(Terms, SayHowFarAnEntryCame) {
    ClassTable classes;
    Facets f;
    f.type = "indicator";
    f.source = own;
    f.described = true;
    f.words = {"label:a"};
    f.markings = {std::string(stix::tlp2_marking_id(Tlp::amber))};
    f.personal = 1;
    classes.add(ClassNo{1}, f);
    const MarkingRegistry registry;
    Terms terms = terms_up_to(south, Tlp::green, Tlp::green, "w");
    Way& way = terms.bonds[0].ways[0];
    const auto reason = [&] { return decide(terms, classes, registry, ClassNo{1}).reason; };
    EXPECT_EQ(reason(), Reason::marking_above_ceiling);
    way.ceiling = Tlp::amber;
    EXPECT_EQ(reason(), Reason::released);
    way.strip = 1;
    EXPECT_EQ(reason(), Reason::personal_data);
    way.min_confidence = 10;
    EXPECT_EQ(reason(), Reason::confidence_too_low);
    way.not_older_days = 30;
    EXPECT_EQ(reason(), Reason::confidence_too_low);
    way.min_confidence.reset();
    EXPECT_EQ(reason(), Reason::too_old);
    way.exclude_labels = {"a"};
    EXPECT_EQ(reason(), Reason::label_excluded);
    way.words = {"label:b"};
    EXPECT_EQ(reason(), Reason::topic_not_selected);
    way.types = {"malware"};
    EXPECT_EQ(reason(), Reason::type_not_selected);
    way.sources =
        Sources{.own = own, .own_gives = false, .agreement = {}, .parties = {}, .onward = {}};
    EXPECT_EQ(reason(), Reason::not_given_by_its_source);
}

TEST(Terms, WhatGoesOnIsUpToTheLowerOfTwoCeilingsAndAfterTheLongerOfTwoDelays) {
    Terms terms = terms_up_to(east, Tlp::amber, Tlp::amber);
    Way& way = terms.bonds[0].ways[0];
    way.delay_hours = 2;
    way.sources =
        Sources{.own = own, .own_gives = true, .agreement = "agr:2", .parties = {}, .onward = {}};
    way.sources->onward.push_back({.arrival = "agr:1", .ceiling = Tlp::green, .delay_hours = 5});
    Facets from_south;
    from_south.type = "indicator";
    from_south.source = south;
    from_south.arrivals = {"agr:1"};
    const auto decision = [&](Tlp level) {
        from_south.markings = {std::string(stix::tlp2_marking_id(level))};
        return decide(terms, {}, {}, from_south);
    };
    EXPECT_EQ(decision(Tlp::amber).reason, Reason::marking_above_ceiling);
    EXPECT_EQ(decision(Tlp::green).reason, Reason::released);
    EXPECT_EQ(decision(Tlp::green).delay_hours, 5U);
    way.sources->onward[0].ceiling = Tlp::red;
    way.sources->onward[0].delay_hours = 1;
    EXPECT_EQ(decision(Tlp::red).reason, Reason::marking_above_ceiling);
    EXPECT_EQ(decision(Tlp::amber).reason, Reason::released);
    EXPECT_EQ(decision(Tlp::amber).delay_hours, 2U);
}

TEST(Terms, RedOfAPartnerIsForThoseWhomItNames) {
    Terms terms = terms_up_to(own, Tlp::red, Tlp::amber);
    terms.bonds[0].ways[0].red = RedFromPartners{.own = own, .arrivals = {"agr:1/2"}};
    ClassTable classes;
    Facets red;
    red.type = "indicator";
    red.spec_version = "2.1";
    const auto reason = [&](PartyNo source, std::string arrival, Tlp level = Tlp::red) {
        red.source = source;
        red.arrivals.clear();
        if (!arrival.empty()) red.arrivals.push_back(std::move(arrival));
        red.markings = {std::string(stix::tlp2_marking_id(level))};
        return decide(terms, classes, {}, red).reason;
    };
    EXPECT_EQ(reason(south, "agr:1"), Reason::released);
    EXPECT_EQ(reason(own, ""), Reason::released);
    EXPECT_EQ(reason(east, "agr:1"), Reason::red_not_for_this_user)
        << "another party of the same agreement, which does not name this user";
    EXPECT_EQ(reason(PartyNo{22}, "agr:1"), Reason::red_not_for_this_user);
    EXPECT_EQ(reason(south, "agr:2"), Reason::red_not_for_this_user);
    EXPECT_EQ(reason(east, "agr:1", Tlp::amber_strict), Reason::released);
}

}  // namespace
}  // namespace entente::agreement
