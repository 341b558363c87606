// Two worlds under agreements: a partner that reads and writes by what was signed is told the same
// whether or not there are objects that its agreements keep from it, whatever keeps them. Every
// resource of the service is asked, posted to and deleted from, through amendments, suspensions and
// delays. Then leaks are planted, and each must be noticed.
#include "exchange/caller.h"
#include "exchange/testing/pact.h"
#include "taxii/testing/two_worlds.h"

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

namespace entente::taxii {
namespace {

using namespace exchange::testing;
using namespace testing;
using agreement::Reason;
using stix::Tlp;
using Way = store::AgreementBinding::Way;

/// What keeps an object from the reader.
enum class Kept : std::uint8_t {
    by_marking,
    by_type,
    by_topic,
    by_label,
    by_confidence,
    by_personal_data,
    by_source,       // another party's, under an agreement that lets nothing go on
    by_onward_rule,  // another party's, above what its agreement lets go on
    by_delay,        // not due
    by_suspension,   // of the one agreement that would give it
    by_reference,    // it names what is withheld
    by_quarantine,   // never in the collection: its sender may not send it
};
constexpr std::uint64_t kept_count = 12;

/// A fault, and of which withheld classes it tells (nothing = all).
struct Plant {
    const char* name = "none";
    Leak leak = Leak::none;
    std::optional<Reason> only{};
};

constexpr std::uint32_t never_due_hours = 720;

/// North gives to South under "Pact" (and under "Side", which is suspended); East gives North what
/// is for North alone, West lets TLP:GREEN go on to South.
class World : public WatchedWorld {
  public:
    World(bool with_hidden, const Plant& plant)
        : WatchedWorld(plant.leak),
          with_hidden_(with_hidden) {
        store.bend_of = [this, plant](store::Snapshot& snapshot) {
            return bend_of(snapshot, plant);
        };
        agree(Terms::wide);
        pact.bind(collection);
        pact.bind(collection, Way::in);
        side.agree({.flows = {{.max_marking = "green", .select = R"({"types":["intrusion-set"]})"}}}
        );
        side.bind(collection);
        side.suspend("north");
        from_east.agree({.flows = {{.from = R"(["east"])", .to = R"(["north"])"}}});
        from_east.bind(collection, Way::in);
        from_west.agree(
            {.flows = {{.from = R"(["west"])", .to = R"(["north"])"}},
             .extra = R"(,"onward":{"allowed":true,"max_marking":"green","to":["party:South"]})"}
        );
        from_west.bind(collection, Way::in);
    }

    enum class Terms : std::uint8_t { wide, clear_only, fewer_types };

    void agree(Terms terms) {
        const std::string types = terms == Terms::fewer_types
                                      ? R"(["indicator","relationship"])"
                                      : R"(["campaign","indicator","relationship"])";
        const std::string ceiling = terms == Terms::clear_only ? "clear" : "green";
        pact.agree(
            {.flows =
                 {{.fid = "described",
                   .max_marking = ceiling,
                   .select =
                       R"({"topics":["phishing"],"min_confidence":50,"exclude_labels":["internal"],"types":)" +
                       types + "}"},
                  {.fid = "addresses",
                   .max_marking = "green",
                   .select = R"({"types":["email-addr"]})"},
                  {.fid = "later",
                   .max_marking = "green",
                   .select = R"({"types":["tool"]})",
                   .extra = R"(,"min_delay_hours":1)"},
                  {.fid = "much-later",
                   .max_marking = "green",
                   .select = R"({"types":["infrastructure"]})",
                   .extra = fmt::format(R"(,"min_delay_hours":{})", never_due_hours)},
                  {.fid = "back",
                   .from = R"(["south"])",
                   .to = R"(["north"])",
                   .max_marking = "green"}},
             .extra = R"(,"topics":{"phishing":["label:phishing"]})"}
        );
    }

    /// Its sender publishes it in both worlds.
    void publish(UserNo sender, const std::vector<std::string>& objects) {
        ASSERT_TRUE(h.publish(sender, collection, objects));
    }

    /// Only where there is what the reader may not see.
    void publish_hidden(UserNo sender, const std::vector<std::string>& objects) {
        if (with_hidden_) publish(sender, objects);
    }

    void remove(UserNo sender, const std::string& id) {
        (void)h.remove(sender, collection, {.id = id, .version = {}, .spec_versions = {}});
    }

    void remove_hidden(UserNo sender, const std::string& id) {
        if (with_hidden_) remove(sender, id);
    }

    /// Other parts are hidden here than in the other world.
    [[nodiscard]] std::string secret() const {
        return with_hidden_ ? "write to jo@example.org" : "call anna.person@example.com at once";
    }

    PartyNo east_party = h.party("East");
    PartyNo west_party = h.party("West");
    UserNo east = h.user("east", east_party);
    UserNo west = h.user("west", west_party);
    Pact pact{h, {{"north", h.own()}, {"south", south}}};
    Pact side{h, {{"north", h.own()}, {"south", south}}, "Side"};
    Pact from_east{h, {{"north", h.own()}, {"east", east_party}}, "From East"};
    Pact from_west{h, {{"north", h.own()}, {"west", west_party}}, "From West"};

  private:
    Bend bend_of(store::Snapshot& snapshot, const Plant& plant) {
        Bend bend{.leak = plant.leak};
        const exchange::State state = exchange::load_state(snapshot);
        const agreement::Terms terms =
            state.read_terms(*state.user(reader), *state.collection(collection));
        for (std::uint32_t i = 1; i < state.classes->size(); ++i) {
            const store::ClassNo no{i};
            const agreement::Facets* facets = state.classes->find(no);
            if (facets == nullptr || facets->source == south) continue;
            const auto decision = agreement::decide(terms, *state.classes, state.markings, no);
            const bool due = decision.delay_hours < never_due_hours;
            if (decision.releases() && due) {
                if (facets->hidden.empty() && facets->cut == 0 && facets->needs.empty() &&
                    decision.delay_hours == 0 && facets->held_for == PartyNo{})
                    bend.visible = no;
            } else if (!facets->granular.empty() || (facets->personal != 0 && facets->type != "email-addr")) {
                bend.partly_hidden_classes.insert(no);
            } else if (facets->hidden.empty() && facets->cut == 0 &&
                       (!plant.only || plant.only == decision.reason)) {
                bend.hidden_classes.insert(no);
            }
        }
        return bend;
    }

    bool with_hidden_;
};

class TwoWorldsUnderAgreements : public Twins<World> {
  public:
    TwoWorldsUnderAgreements(std::uint64_t seed, const Plant& plant) : Twins(seed, plant) {}

    /// Nothing when the worlds are alike.
    std::optional<std::string> run(int steps) {
        for (int step = 0; step < steps; ++step) {
            const bool long_wait = roll(40) == 0;
            step_to(step, static_cast<std::int64_t>(long_wait ? 3'600 : 1 + roll(3)) * 1'000'000);
            if (long_wait) {
                for (World* w : {&with_, &without_})
                    w->look();
            }
            const auto what = roll(100);
            if (what < 18)
                publish_visible();
            else if (what < 36)
                publish_hidden();
            else if (what < 42)
                remove();
            else if (what < 45)
                change_terms();
            else if (auto difference = ask())
                return fmt::format("step {}: {}", step, *difference);
        }
        return std::nullopt;
    }

  private:
    // North's visible ids; ids of which nothing is ever visible (the reader writes under them too);
    // objects of which a part is; the reader's own; West's.
    static constexpr int visible_ids = 10;
    static constexpr int hidden_ids = 100;
    static constexpr int named_ids = 150;  // North's alone, never visible
    static constexpr int partly_hidden_ids = 200;
    static constexpr int own_ids = 300;
    static constexpr int west_ids = 400;
    // Of the visible ones the reader writes under the later half. It is North's there from the
    // first in both worlds, or in none: who writes under an id that another holds unseen is told so
    // by what the other releases under it one day (docs/security.md).
    static constexpr int written_ids = visible_ids + 4;
    static constexpr const char* described = R"(,"confidence":80,"labels":["phishing"])";

    ObjectSpec visible(int first, int count) {
        return {
            .number = pick(first, count),
            .version = pick(0, 9),
            .tlp = roll(2) == 0 ? Tlp::clear : Tlp::green,
            .extra = described};
    }

    void publish_visible() {
        for (World* w : {&with_, &without_}) {
            // The same dice for both.
            auto kept = dice_;
            std::vector<std::string> objects;
            for (auto n = 1 + roll(4); n > 0; --n) {
                ObjectSpec o = visible(visible_ids, 8);
                if (roll(5) == 0) o = of_type(o, "campaign", 500);
                if (roll(6) == 0) o = of_type(o, "tool", 600);
                in_both_.insert(o.number);
                objects.push_back(object_json(o));
            }
            if (roll(2) == 0) objects.push_back(partly_hidden(*w));
            if (roll(3) == 0) objects.push_back(naming(partly_hidden_ids));
            w->publish(w->publisher, objects);
            if (roll(3) == 0) w->publish(w->west, {object_json(visible(west_ids, 5))});
            if (w == &with_) dice_ = kept;
        }
        ++relationships_;
    }

    static ObjectSpec of_type(ObjectSpec o, std::string type, int numbers) {
        o.type = std::move(type);
        o.number += numbers;
        return o;
    }

    std::string partly_hidden(const World& world) {
        ObjectSpec o = visible(partly_hidden_ids, 4);
        o.tlp = Tlp::clear;
        o.extra += fmt::format(R"(,"description":"{}")", world.secret());
        if (o.number % 2 == 0) {
            o.extra += fmt::format(
                R"(,"granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
                stix::tlp2_marking_id(Tlp::red)
            );
        }
        return object_json(o);
    }

    /// A relationship between two such objects, new each time.
    std::string naming(int ids) {
        ObjectSpec o;
        o.type = "relationship";
        o.number = ids * 100 + relationships_;
        o.tlp = Tlp::clear;
        o.extra = fmt::format(
            R"({},"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
            described,
            object_id({.number = pick(ids, 4)}),
            object_id({.number = pick(ids, 4)})
        );
        return object_json(o);
    }

    void publish_hidden() {
        const Kept kept = static_cast<Kept>(roll(kept_count));
        ObjectSpec o = visible(hidden_ids, 6);
        // Newer than all of that id that is visible, or an older one.
        const bool of_visible_id = roll(3) == 0;
        const auto among_visible = [&] {
            if (!of_visible_id) return;
            const int number = pick(visible_ids, 8);
            if (number >= written_ids && !in_both_.contains(number)) return;
            o.number = number;
            o.version += 20;
        };
        switch (kept) {
            case Kept::by_marking:
                o.tlp = static_cast<Tlp>(2 + roll(3));
                among_visible();
                break;
            case Kept::by_type:
                if (roll(3) == 0) {
                    with_.publish_hidden(with_.publisher, {host(o.number, Tlp::green)});
                    return;
                }
                o = of_type(o, roll(2) == 0 ? "attack-pattern" : "course-of-action", 0);
                break;
            case Kept::by_topic:
                o.extra = R"(,"confidence":80)";
                among_visible();
                break;
            case Kept::by_label:
                o.extra = R"(,"confidence":80,"labels":["internal","phishing"])";
                among_visible();
                break;
            case Kept::by_confidence:
                o.extra = R"(,"confidence":30,"labels":["phishing"])";
                among_visible();
                break;
            case Kept::by_personal_data:
                with_.publish_hidden(with_.publisher, {address(o.number)});
                return;
            case Kept::by_source:
                with_.publish_hidden(with_.east, {object_json(o)});
                return;
            case Kept::by_onward_rule:
                o.tlp = Tlp::amber;
                with_.publish_hidden(with_.west, {object_json(o)});
                return;
            case Kept::by_delay:
                o = of_type(o, "infrastructure", 0);
                break;
            case Kept::by_suspension:
                o = of_type(o, "intrusion-set", 0);
                break;
            case Kept::by_reference: {
                std::vector<std::string> objects;
                for (int n = 0; n < 4; ++n) {
                    objects.push_back(
                        object_json({.number = named_ids + n, .tlp = Tlp::red, .extra = described})
                    );
                }
                with_.publish_hidden(with_.publisher, objects);
                with_.publish_hidden(with_.publisher, {naming(named_ids)});
                ++relationships_;
                return;
            }
            case Kept::by_quarantine:
                o.tlp = Tlp::red;
                with_.publish_hidden(with_.east, {object_json(o)});
                return;
        }
        // Beside something visible, so that it lies between what the reader gets at one date.
        const ObjectSpec first = visible(visible_ids, 8);
        in_both_.insert(first.number);
        const std::string beside = object_json(first);
        const std::string after = object_json(of_type(visible(visible_ids, 8), "campaign", 500));
        with_.publish(with_.publisher, {beside, object_json(o), after});
        without_.publish(without_.publisher, {beside, after});
    }

    /// An address is personal in whole; who writes it under the same id may write another one.
    std::string address(int number) {
        return fmt::format(
            R"({{"type":"email-addr","spec_version":"2.1","id":"email-addr--{:08x}-0000-5000-8000-000000000000","value":"person{}@example.org","object_marking_refs":["{}"]}})",
            number,
            roll(3),
            stix::tlp2_marking_id(Tlp::clear)
        );
    }

    /// One that has no versions.
    std::string host(int number, Tlp marking) {
        return fmt::format(
            R"({{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--{:08x}-0000-5000-8000-000000000000","value":"198.51.100.{}","object_marking_refs":["{}"]}})",
            number,
            roll(3),
            stix::tlp2_marking_id(marking)
        );
    }

    void remove() {
        switch (roll(4)) {
            case 0:
                for (World* w : {&with_, &without_}) {
                    w->remove(w->publisher, object_id({.number = visible_number(*w)}));
                }
                in_both_.erase(removed_);
                removed_ = pick(visible_ids, 8);
                break;
            case 1:
                for (World* w : {&with_, &without_})
                    w->remove(w->west, object_id({.number = west_ids + removed_ % 5}));
                removed_ = pick(visible_ids, 8);
                break;
            default:
                for (const UserNo who : {with_.publisher, with_.east, with_.west})
                    with_.remove_hidden(who, object_id({.number = pick(hidden_ids, 6)}));
        }
    }

    [[nodiscard]] int visible_number(const World&) const {
        return removed_ % 2 == 0 ? removed_ : partly_hidden_ids + removed_ % 4;
    }

    void change_terms() {
        const auto what = roll(5);
        for (World* w : {&with_, &without_}) {
            if (suspended_) {
                w->pact.resume("south");
            } else if (what == 0) {
                w->pact.suspend("south");
            } else {
                w->agree(static_cast<World::Terms>(what % 3));
            }
        }
        suspended_ = !suspended_ && what == 0;
    }

    std::optional<std::string> ask() {
        const auto kind = roll(12);
        const std::string base = collection_path();
        if (kind < 3) {
            std::vector<std::string> objects;
            for (auto n = 1 + roll(3); n > 0; --n)
                objects.push_back(posted());
            const std::string target = base + "objects/";
            return compare("POST", target, target, envelope(objects));
        }
        if (kind < 4) {
            std::string target = base + "objects/" + some_id() + "/";
            if (roll(3) == 0) target += "?match[version]=first";
            return compare("DELETE", target, target, "");
        }
        if (kind < 6) {
            const std::array paths{
                std::string("/taxii2/"),
                std::string("/api/"),
                std::string("/api/collections/"),
                base + "allowed/",
                "/api/status/" + status_id_ + "/",
                base + "nowhere/"};
            const std::string& target = paths[roll(paths.size())];
            return compare("GET", target, target, "");
        }
        return read(some_id());
    }

    /// What the reader sends: its own, and what collides with what it may not see.
    std::string posted() {
        static constexpr std::array types{
            "indicator", "indicator", "indicator", "infrastructure", "intrusion-set", "tool"};
        ObjectSpec o = visible(roll(2) == 0 ? hidden_ids : own_ids, 6);
        switch (roll(8)) {
            case 0:
                return roll(2) == 0 ? address(o.number) : host(o.number, Tlp::clear);
            case 1:
                o.tlp = Tlp::red;  // not for it to send
                break;
            case 2:
                o.number = pick(written_ids, 4);
                break;
            default:
                break;
        }
        o.type = types[roll(types.size())];
        if (roll(3) == 0) o.extra = "";
        o.extra += R"(,"description":"the reader's own")";
        // North's identity, which is not the reader's to write under.
        if (roll(8) == 0) o.created_by = "identity--11111111-1111-4111-8111-111111111111";
        std::string text = object_json(o);
        // It never changes from version to version.
        constexpr std::string_view created = R"("created":"2025)";
        if (roll(6) == 0) text.replace(text.find(created), created.size(), R"("created":"2024)");
        return text;
    }

    std::string some_id() {
        static constexpr std::array types{
            "indicator",
            "indicator",
            "indicator",
            "infrastructure",
            "intrusion-set",
            "attack-pattern",
            "email-addr"};
        static constexpr std::array from{
            visible_ids, hidden_ids, named_ids, partly_hidden_ids, own_ids, west_ids};
        ObjectSpec o{.number = pick(from[roll(from.size())], 6)};
        o.type = types[roll(types.size())];
        return object_id(o);
    }

    int relationships_ = 0;
    int removed_ = visible_ids;
    std::set<int>
        in_both_;  // North published indicators under these visible numbers in both worlds
    bool suspended_ = false;
};

TEST(TwoWorldsAgreements, APartnersTranscriptIsTheSameWithAndWithoutWhatItsAgreementsWithhold) {
    const int cases = from_environment("ENTENTE_PROPERTY_CASES", 25);
    const int seed =
        from_environment("ENTENTE_SEED", static_cast<int>(std::random_device()() & 0xffffffU));
    std::cout << "seed " << seed << ", " << cases << " histories\n";
    std::int64_t rows = 0;
    for (int i = 0; i < cases; ++i) {
        TwoWorldsUnderAgreements worlds(
            static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(i), Plant{}
        );
        const auto difference = worlds.run(150);
        ASSERT_EQ(difference, std::nullopt)
            << *difference << "\nENTENTE_SEED=" << seed + i << " repeats it";
        rows = std::max(rows, worlds.rows_differ_max());
    }
    std::cout << "rows touched differ by at most " << rows << "\n";
}

constexpr std::array plants{
    Plant{"MarkingAboveTheCeilingShown", Leak::hidden_shown, Reason::marking_above_ceiling},
    Plant{"TypeNotSelectedShown", Leak::hidden_shown, Reason::type_not_selected},
    Plant{"TopicNotSelectedShown", Leak::hidden_shown, Reason::topic_not_selected},
    Plant{"ExcludedLabelShown", Leak::hidden_shown, Reason::label_excluded},
    Plant{"LowConfidenceShown", Leak::hidden_shown, Reason::confidence_too_low},
    Plant{"PersonalDataShown", Leak::hidden_shown, Reason::personal_data},
    Plant{"OthersAgreementShown", Leak::hidden_shown, Reason::onward_sharing_not_allowed},
    Plant{"DelayedShownBeforeItIsDue", Leak::hidden_shown, Reason::released},
    Plant{"NamesAWithheldObjectShown", Leak::hidden_shown, Reason::names_a_withheld_object},
    Plant{"PartsShownThatShouldBeCut", Leak::original_shown},
    Plant{"DatesCountTheWithheld", Leak::ranks_count_hidden},
    Plant{"DatesFollowPositions", Leak::dates_follow_positions},
    Plant{"WithheldVersionHidesAnOlderOne", Leak::hidden_newer_hides_older},
    Plant{"PostTellsThatAnIdIsTaken", Leak::custody_tells},
    Plant{"DeleteTellsThatAnIdIsTaken", Leak::delete_tells},
    Plant{"NotFoundTellsWhy", Leak::not_found_tells},
    Plant{"MoreCountsTheWithheld", Leak::more_counts_hidden},
    Plant{"CursorGrowsWithTheStore", Leak::cursor_grows},
    Plant{"HeaderCountsPositions", Leak::header_counts},
    Plant{"WorkGrowsWithTheWithheld", Leak::work_grows},
    Plant{"AnswersDifferWhileTheyWait", Leak::retry_after_hidden},
};

class PlantedLeakUnderAgreements : public ::testing::TestWithParam<Plant> {};

TEST_P(PlantedLeakUnderAgreements, IsNoticed) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        if (TwoWorldsUnderAgreements(seed, GetParam()).run(150)) return;
    }
    FAIL() << "not noticed in 40 histories";
}

INSTANTIATE_TEST_SUITE_P(
    TwoWorldsAgreements,
    PlantedLeakUnderAgreements,
    ::testing::ValuesIn(plants),
    [](const ::testing::TestParamInfo<Plant>& plant) { return std::string(plant.param.name); }
);

}  // namespace
}  // namespace entente::taxii
