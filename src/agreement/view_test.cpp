#include "agreement/view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <vector>

namespace entente::agreement {
namespace {

using stix::Tlp;

// STIX 2.1, 7.2.1.4 (TLP 1) and the OASIS TLP 2.0 extension definitions.
const std::string tlp1_white = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9";
const std::string tlp1_red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
const std::string tlp2_clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
const std::string tlp2_green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
const std::string tlp2_amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
const std::string tlp2_red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
const std::string statement = "marking-definition--11111111-1111-4111-8111-111111111111";
const std::string others_statement = "marking-definition--22222222-2222-4222-8222-222222222222";
const std::string own_statement = "marking-definition--33333333-3333-4333-8333-333333333333";
const std::string unknown = "marking-definition--44444444-4444-4444-8444-444444444444";

constexpr PartyNo south{2};
constexpr PartyNo east{3};

MarkingRegistry sample_markings() {
    MarkingRegistry markings;
    markings.add_statement(statement, south, false);
    markings.add_statement(others_statement, east, false);
    markings.add_statement(own_statement, PartyNo{1}, true);
    return markings;
}

Terms reader(Tlp ceiling, Tlp default_marking = Tlp::amber) {
    return terms_up_to(east, ceiling, default_marking);
}

Facets marked(std::vector<std::string> markings, std::vector<std::string> granular = {}) {
    return {
        .type = "indicator",
        .spec_version = "2.1",
        .markings = std::move(markings),
        .granular = std::move(granular),
        .producer = {},
        .source = south,
        .held_for = {},
        .needs = {}};
}

Decision decide(const Terms& terms, const Facets& facets) {
    return agreement::decide(terms, ClassTable(), sample_markings(), facets);
}

TEST(Decide, WithoutReadRightNothing) {
    Terms terms = reader(Tlp::red);
    terms.bonds.clear();
    EXPECT_EQ(decide(terms, marked({tlp2_clear})).reason, Reason::no_read_right);
    Facets held = marked({});
    held.held_for = east;
    EXPECT_EQ(decide(terms, held).reason, Reason::no_read_right);
}

struct MarkingCase {
    std::string_view name;
    std::vector<std::string> markings, granular;
    Tlp ceiling, default_marking;
    Reason reason;
    std::string decided_by;
};

TEST(Decide, Markings) {
    using enum Reason;
    using enum Tlp;
    const std::vector<MarkingCase> cases = {
        {"at the ceiling", {tlp2_amber}, {}, amber, amber, released, ""},
        {"above it", {tlp2_red}, {}, amber_strict, amber, marking_above_ceiling, tlp2_red},
        {"TLP 1 white is clear", {tlp1_white}, {}, clear, red, released, ""},
        {"TLP 1 red is red", {tlp1_red}, {}, amber_strict, clear, marking_above_ceiling, tlp1_red},
        {"all of several",
         {tlp2_red, tlp2_clear},
         {},
         green,
         clear,
         marking_above_ceiling,
         tlp2_red},
        {"unmarked under the default", {}, {}, amber, amber, released, ""},
        {"unmarked above it", {}, {}, green, amber, default_marking_above_ceiling, ""},
        {"statement of the source", {statement}, {}, amber, amber, released, ""},
        {"a statement is no TLP", {statement}, {}, green, amber, default_marking_above_ceiling, ""},
        {"statement beside TLP", {statement, tlp2_green}, {}, green, amber, released, ""},
        {"our own statement", {own_statement, tlp2_green}, {}, green, amber, released, ""},
        {"another's statement",
         {others_statement},
         {},
         red,
         clear,
         unknown_marking,
         others_statement},
        {"unknown", {unknown}, {}, red, clear, unknown_marking, unknown},
        {"unknown beside TLP", {unknown, tlp2_clear}, {}, red, clear, unknown_marking, unknown},
        {"granular above",
         {tlp2_green},
         {tlp2_red},
         amber,
         clear,
         granular_marking_above_ceiling,
         tlp2_red},
        {"granular at it", {tlp2_green}, {tlp2_amber}, amber, clear, released, ""},
        {"granular does not replace the default",
         {},
         {tlp2_clear},
         green,
         amber,
         default_marking_above_ceiling,
         ""},
        {"granular unknown", {tlp2_clear}, {unknown}, red, clear, unknown_marking, unknown},
        {"granular statement", {tlp2_clear}, {statement}, clear, red, released, ""},
    };
    for (const MarkingCase& c : cases) {
        SCOPED_TRACE(c.name);
        const Decision d =
            decide(reader(c.ceiling, c.default_marking), marked(c.markings, c.granular));
        EXPECT_EQ(d.reason, c.reason) << reason_text(d.reason);
        EXPECT_EQ(d.marking, c.decided_by);
    }
}

TEST(Decide, ARedactedEntryIsForThoseWhoMaySeeNoneOfTheHiddenParts) {
    Facets redacted = marked({tlp2_green});
    redacted.hidden = {tlp2_amber, tlp2_red};
    EXPECT_TRUE(decide(reader(Tlp::green), redacted).releases());
    EXPECT_EQ(decide(reader(Tlp::clear), redacted).reason, Reason::marking_above_ceiling);
    for (const Tlp fuller : {Tlp::amber, Tlp::amber_strict, Tlp::red}) {
        EXPECT_EQ(decide(reader(fuller), redacted).reason, Reason::fuller_entry_released);
    }
    // Unknown markings are above every ceiling; a statement hides nothing.
    redacted.hidden = {unknown};
    EXPECT_TRUE(decide(reader(Tlp::red), redacted).releases());
    redacted.hidden = {statement};
    EXPECT_EQ(decide(reader(Tlp::green), redacted).reason, Reason::fuller_entry_released);
}

TEST(Decide, LookAlikesAreUnknown) {
    for (const std::string& id : {tlp1_white, tlp2_clear, tlp2_green, statement}) {
        const Terms all = reader(Tlp::red, Tlp::clear);
        ASSERT_TRUE(decide(all, marked({id})).releases());
        for (std::size_t i = id.find("--") + 2; i < id.size(); ++i) {
            std::string other = id;
            if (other[i] == '-') continue;
            other[i] = other[i] == '0' ? '1' : '0';
            EXPECT_EQ(decide(all, marked({other})).reason, Reason::unknown_marking) << other;
            EXPECT_EQ(decide(all, marked({}, {other})).reason, Reason::unknown_marking) << other;
        }
        std::string upper = id;
        std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) {
            return static_cast<char>(std::toupper(c));
        });
        // The statement's digits have no letters; its type name has.
        for (const std::string& other : {upper, id + " ", " " + id, id.substr(0, id.size() - 1)}) {
            EXPECT_EQ(decide(all, marked({other})).reason, Reason::unknown_marking) << other;
        }
    }
    EXPECT_EQ(decide(reader(Tlp::red), marked({""})).reason, Reason::unknown_marking);
}

TEST(Decide, NobodyRedefinesTlp) {
    MarkingRegistry markings;
    markings.add_statement(tlp2_red, south, true);
    EXPECT_FALSE(markings.is_statement(tlp2_red, south));
    const Decision d = decide(reader(Tlp::amber), ClassTable(), markings, marked({tlp2_red}));
    EXPECT_EQ(d.reason, Reason::marking_above_ceiling);
    markings.add_statement(unknown, PartyNo{}, false);
    EXPECT_FALSE(markings.is_statement(unknown, south));
    EXPECT_FALSE(markings.is_statement(unknown, PartyNo{}));
}

TEST(Decide, HeldCopiesAreForTheirSenderWithinItsCeiling) {
    Facets held = marked({tlp2_clear});
    held.held_for = east;
    EXPECT_TRUE(decide(reader(Tlp::clear), held).releases());
    held.markings = {tlp2_red};
    EXPECT_EQ(decide(reader(Tlp::clear), held).reason, Reason::marking_above_ceiling);
    held.markings = {unknown};
    EXPECT_EQ(decide(reader(Tlp::red), held).reason, Reason::unknown_marking);
    held.held_for = south;
    held.markings = {tlp2_clear};
    EXPECT_EQ(decide(reader(Tlp::red), held).reason, Reason::held_in_quarantine);
}

TEST(Decide, UnknownClass) {
    ClassTable classes;
    classes.add(ClassNo{2}, marked({tlp2_clear}));
    for (const std::uint32_t no : {0U, 1U, 3U, 4'000'000'000U}) {
        const Decision d = decide(reader(Tlp::red), classes, MarkingRegistry(), ClassNo{no});
        EXPECT_EQ(d.reason, Reason::unknown_class);
        EXPECT_FALSE(d.releases());
    }
    EXPECT_TRUE(decide(reader(Tlp::red), classes, MarkingRegistry(), ClassNo{2}).releases());
}

TEST(Decide, NeedsOnePassingClassEach) {
    ClassTable classes;
    classes.add(ClassNo{1}, marked({tlp2_green}));
    classes.add(ClassNo{2}, marked({tlp2_red}));
    const auto with = [](std::vector<std::vector<ClassNo>> needs) {
        Facets f = marked({tlp2_clear});
        f.needs = std::move(needs);
        return f;
    };
    const auto reason = [&](const Facets& f) {
        return decide(reader(Tlp::green), classes, MarkingRegistry(), f).reason;
    };
    constexpr ClassNo green{1};
    constexpr ClassNo red{2};
    EXPECT_EQ(reason(with({{green}})), Reason::released);
    EXPECT_EQ(reason(with({{red}})), Reason::names_a_withheld_object);
    EXPECT_EQ(reason(with({{red, green}})), Reason::released);
    EXPECT_EQ(reason(with({{green}, {red}})), Reason::names_a_withheld_object);
    EXPECT_EQ(reason(with({{}})), Reason::names_a_withheld_object);
    EXPECT_EQ(reason(with({{ClassNo{3}}})), Reason::names_a_withheld_object);
    EXPECT_EQ(reason(with({{ClassNo{0}}})), Reason::names_a_withheld_object);
    EXPECT_EQ(reason(with({{ClassNo{4'000'000'000U}}})), Reason::names_a_withheld_object);
}

// A publisher can nest references as deep as it likes, in shapes with very many paths; a damaged
// table may have a circle.
TEST(Decide, DeepNeedsAndCircles) {
    ClassTable classes;
    constexpr std::uint32_t deep = 200'000;
    for (std::uint32_t no = 1; no <= deep; ++no) {
        Facets f = marked({tlp2_clear});
        if (no > 2) f.needs = {{ClassNo{no - 1}}, {ClassNo{no - 2}}};
        classes.add(ClassNo{no}, f);
    }
    Facets self = marked({tlp2_clear});
    self.needs = {{ClassNo{deep + 1}}};
    classes.add(ClassNo{deep + 1}, self);
    Facets forward = marked({tlp2_clear});
    forward.needs = {{ClassNo{deep + 3}}};
    classes.add(ClassNo{deep + 2}, forward);
    classes.add(ClassNo{deep + 3}, marked({tlp2_clear}));
    const Terms terms = reader(Tlp::clear, Tlp::clear);
    const View view = make_view(UserNo{1}, CollectionNo{1}, terms, classes, MarkingRegistry(), {});
    for (const std::uint32_t no : {1U, 3U, deep, deep + 1, deep + 2, deep + 3}) {
        const Decision d = decide(terms, classes, MarkingRegistry(), ClassNo{no});
        EXPECT_EQ(d.releases(), no <= deep || no == deep + 3) << no;
        EXPECT_EQ(view.releases(ClassNo{no}), d.releases()) << no;
    }
    const Terms low = reader(Tlp::clear, Tlp::amber);
    EXPECT_TRUE(decide(low, classes, MarkingRegistry(), ClassNo{deep}).releases());
}

// Random class tables: what must hold of every decision.
class DecideProperty : public testing::Test {
  protected:
    std::mt19937 random_{20'250'117};

    std::size_t pick(std::size_t n) { return random_() % n; }

    Tlp level() { return static_cast<Tlp>(pick(5)); }

    std::vector<std::string> some_markings() {
        static const std::vector<std::string> ids = {
            tlp1_white,
            tlp1_red,
            tlp2_clear,
            tlp2_green,
            tlp2_amber,
            statement,
            others_statement,
            unknown};
        std::vector<std::string> out;
        for (std::size_t n = pick(3); n > 0; --n)
            out.push_back(ids[pick(ids.size())]);
        return out;
    }

    Facets some_facets(std::uint32_t below) {
        Facets f =
            marked(some_markings(), pick(3) == 0 ? some_markings() : std::vector<std::string>());
        if (pick(6) == 0) f.held_for = PartyNo{static_cast<std::uint32_t>(pick(4))};
        if (below > 1 && pick(2) == 0) {
            f.needs.resize(1 + pick(2));
            for (auto& need : f.needs) {
                for (std::size_t n = pick(3); n > 0; --n) {
                    need.push_back(ClassNo{static_cast<std::uint32_t>(1 + pick(below - 1))});
                }
            }
        }
        return f;
    }

    ClassTable some_classes() {
        ClassTable classes;
        for (std::uint32_t no = 1; no <= 12; ++no)
            classes.add(ClassNo{no}, some_facets(no));
        return classes;
    }
};

TEST_F(DecideProperty, ViewAndDecideAgree) {
    const MarkingRegistry markings = sample_markings();
    for (int round = 0; round < 500; ++round) {
        const ClassTable classes = some_classes();
        const Terms terms = reader(level(), level());
        const View view = make_view(UserNo{1}, CollectionNo{1}, terms, classes, markings, {});
        for (std::uint32_t no = 0; no <= 13; ++no) {
            EXPECT_EQ(
                view.releases(ClassNo{no}),
                agreement::decide(terms, classes, markings, ClassNo{no}).releases()
            );
        }
    }
}

TEST_F(DecideProperty, AddingAMarkingOrANeedNeverReleases) {
    const MarkingRegistry markings = sample_markings();
    int released = 0;
    for (int round = 0; round < 20'000; ++round) {
        const ClassTable classes = some_classes();
        const Terms terms = reader(level(), level());
        const Facets before = some_facets(13);
        const auto is_tlp = [](const std::string& id) {
            return stix::tlp_of_marking(id).has_value();
        };
        Facets after = before;
        switch (pick(3)) {
            case 0:
                for (const std::string& id : some_markings())
                    after.markings.push_back(id);
                break;
            case 1:
                for (const std::string& id : some_markings())
                    after.granular.push_back(id);
                break;
            default:
                after.needs.push_back(
                    some_facets(13).needs.empty() ? std::vector<ClassNo>{} : std::vector{ClassNo{1}}
                );
        }
        // The first TLP marking takes the place of the collection's default: that is its purpose.
        if (std::none_of(before.markings.begin(), before.markings.end(), is_tlp) &&
            std::any_of(after.markings.begin(), after.markings.end(), is_tlp)) {
            continue;
        }
        const bool now = agreement::decide(terms, classes, markings, after).releases();
        EXPECT_TRUE(!now || agreement::decide(terms, classes, markings, before).releases());
        released += now ? 1 : 0;
    }
    EXPECT_GT(released, 100);
}

TEST_F(DecideProperty, RaisingTheCeilingNeverWithholds) {
    const MarkingRegistry markings = sample_markings();
    for (int round = 0; round < 2'000; ++round) {
        const ClassTable classes = some_classes();
        Terms terms = reader(Tlp::clear, level());
        std::vector<bool> before(14, false);
        for (int ceiling = 0; ceiling < 5; ++ceiling) {
            terms.bonds[0].ways[0].ceiling = static_cast<Tlp>(ceiling);
            const View view = make_view(UserNo{1}, CollectionNo{1}, terms, classes, markings, {});
            for (std::uint32_t no = 0; no < before.size(); ++no) {
                EXPECT_TRUE(!before[no] || view.releases(ClassNo{no}));
                before[no] = view.releases(ClassNo{no});
            }
        }
    }
}

TEST(ViewStretches, ShowsTheOpenOneAndCountsAll) {
    // Class 1: open from the beginning. 2: away since 20. 3: seen till 10, back since 30. 4: never.
    // 5: not released, but a stretch is still open.
    const View view(
        UserNo{1},
        CollectionNo{1},
        reader(Tlp::red),
        {false, true, false, true, false, false},
        {{ClassNo{3}, Seq{30}, seq_max},
         {ClassNo{5}, Seq{4}, seq_max},
         {ClassNo{2}, Seq{0}, Seq{20}},
         {ClassNo{3}, Seq{0}, Seq{10}}}
    );

    struct Case {
        std::uint32_t cls;
        std::uint64_t seq;
        bool shows, counts;
    };

    for (const Case& c : std::vector<Case>{
             {1, 1, true, true},
             {1, 1'000, true, true},
             {2, 1, false, true},
             {2, 20, false, true},
             {2, 21, false, false},
             {3, 10, false, true},
             {3, 11, false, false},
             {3, 30, false, false},
             {3, 31, true, true},
             {4, 5, false, false},
             {5, 4, false, false},
             {5, 5, false, true},
             {0, 5, false, false},
             {99, 5, false, false}}) {
        SCOPED_TRACE(testing::Message() << "class " << c.cls << " at " << c.seq);
        EXPECT_EQ(view.shows(ClassNo{c.cls}, Seq{c.seq}), c.shows);
        EXPECT_EQ(view.counts(ClassNo{c.cls}, Seq{c.seq}), c.counts);
        EXPECT_EQ(view.next_shown(ClassNo{c.cls}, Seq{c.seq}) == Seq{c.seq}, c.shows);
        EXPECT_EQ(view.counted(ClassNo{c.cls}, Seq{c.seq}, 1), c.counts ? 1U : 0U);
        std::uint64_t sum = 0;
        for (std::uint64_t count = 0; count < 50; ++count) {
            EXPECT_EQ(view.counted(ClassNo{c.cls}, Seq{c.seq}, count), sum) << count;
            sum += view.counts(ClassNo{c.cls}, Seq{c.seq + count}) ? 1U : 0U;
        }
    }
    EXPECT_EQ(view.released(), (std::vector<ClassNo>{ClassNo{1}, ClassNo{3}}));
    EXPECT_FALSE(View().shows(ClassNo{1}, Seq{1}));
    EXPECT_FALSE(View().counts(ClassNo{1}, Seq{1}));
}

}  // namespace
}  // namespace entente::agreement
