// Two worlds: the same history with and without the objects that a reader may not see. With one
// clock and one seed, what that reader is answered must be the same bytes (cursors: the same
// length), and the rows read for it must differ by no more than a constant. Objects of which the
// reader may see a part are in both worlds, with other hidden parts in each. Then leaks are
// planted, and each must be noticed.
#include "taxii/testing/two_worlds.h"

#include <gtest/gtest.h>

#include <iostream>

namespace entente::taxii {
namespace {

using namespace exchange::testing;
using namespace testing;
using stix::Tlp;

bool hidden(const agreement::Facets& facets) {
    return std::ranges::any_of(facets.markings, [](const std::string& id) {
        const auto level = stix::tlp_of_marking(id);
        return !level || *level > Tlp::green;
    });
}

bool partly_hidden(const agreement::Facets& facets) {
    return !hidden(facets) && !facets.granular.empty();
}

/// What of a snapshot a leak bends.
Bend bend_of(store::Snapshot& snapshot, Leak leak) {
    Bend bend{.leak = leak};
    for (const auto& [no, key] : snapshot.classes(store::ClassNo{0})) {
        const auto facets = agreement::facets_of(key);
        if (!facets) continue;
        if (hidden(*facets))
            bend.hidden_classes.insert(no);
        else if (partly_hidden(*facets))
            bend.partly_hidden_classes.insert(no);
        else if (facets->hidden.empty() && facets->held_for == store::PartyNo{} && facets->needs.empty())
            bend.visible = no;
    }
    return bend;
}

/// The reader has a grant.
class World : public WatchedWorld {
  public:
    World(bool with_hidden, Leak leak) : WatchedWorld(leak), with_hidden_(with_hidden) {
        store.bend_of = [leak](store::Snapshot& snapshot) { return bend_of(snapshot, leak); };
        grant = h.grant(
            reader, collection, {.read = true, .write = true, .list = true, .ceiling = Tlp::green}
        );
    }

    /// What North publishes; the hidden objects only in the world that has them.
    void publish(const std::vector<ObjectSpec>& objects) {
        std::vector<std::string> texts;
        for (const ObjectSpec& o : objects) {
            const bool is_hidden = o.tlp && *o.tlp > Tlp::green;
            if (with_hidden_ || !is_hidden) texts.push_back(object_json(in_this_world(o)));
        }
        if (!texts.empty()) {
            ASSERT_TRUE(h.publish(publisher, collection, texts));
        }
    }

    /// Partly hidden objects have another hidden part here.
    [[nodiscard]] ObjectSpec in_this_world(ObjectSpec o) const {
        if (!is_partly_hidden(o)) return o;
        o.extra = fmt::format(
            R"(,"description":"{}","granular_markings":[{{"marking_ref":"{}","selectors":["description"]}}])",
            with_hidden_ ? "a secret" : "another and longer secret",
            stix::tlp2_marking_id(Tlp::red)
        );
        return o;
    }

    static bool is_partly_hidden(const ObjectSpec& o) {
        return o.number >= 200 && o.number < 300 && o.type != "relationship";
    }

    void remove(int number, bool is_hidden) {
        if (is_hidden && !with_hidden_) return;
        (void)h.remove(
            publisher,
            collection,
            {.id = object_id({.number = number}), .version = {}, .spec_versions = {}}
        );
    }

    GrantNo grant{};

  private:
    bool with_hidden_;
};

/// Runs one history in both worlds; says where they differ for the reader.
class TwoWorlds : public Twins<World> {
  public:
    TwoWorlds(std::uint64_t seed, Leak leak) : Twins(seed, leak) {}

    /// Nothing when the worlds are alike.
    std::optional<std::string> run(int steps) {
        for (int step = 0; step < steps; ++step) {
            const std::int64_t wait = static_cast<std::int64_t>(1 + dice_() % 3) * 1'000'000;
            step_to(step, wait);
            const auto what = dice_() % 100;
            if (what < 35)
                publish();
            else if (what < 42)
                remove();
            else if (what < 46)
                regrant();
            else if (auto difference = ask())
                return fmt::format("step {}: {}", step, *difference);
        }
        return std::nullopt;
    }

  private:
    // North's visible ids, ids that are always hidden (the reader writes under them too), the
    // reader's own.
    static constexpr int visible_ids = 10;
    static constexpr int hidden_ids = 100;
    static constexpr int partly_hidden_ids = 200;

    void publish() {
        std::vector<ObjectSpec> objects;
        for (auto n = 1 + dice_() % 6; n > 0; --n) {
            ObjectSpec o;
            const bool always_hidden = dice_() % 2 == 0;
            o.number = always_hidden ? pick(hidden_ids, 6) : pick(visible_ids, 8);
            o.version = pick(0, 9);
            o.tlp =
                always_hidden ? static_cast<Tlp>(2 + dice_() % 3) : static_cast<Tlp>(dice_() % 5);
            o.type = dice_() % 5 == 0 ? "campaign" : "indicator";
            if (o.type == "campaign") o.number += 500;
            // One content for each version, so that a visible one never meets a hidden one of the
            // same version.
            if (!always_hidden && *o.tlp > Tlp::green) o.version += 20;
            objects.push_back(o);
        }
        if (dice_() % 2 == 0) objects.push_back(partly_hidden());
        if (dice_() % 3 == 0) objects.push_back(naming(partly_hidden()));
        with_.publish(objects);
        without_.publish(objects);
    }

    ObjectSpec partly_hidden() {
        ObjectSpec o;
        o.number = pick(partly_hidden_ids, 4);
        o.version = pick(0, 9);
        o.tlp = Tlp::clear;
        return o;
    }

    /// A relationship between two of them; a version of its own each time, because what it names
    /// may have other ends.
    ObjectSpec naming(const ObjectSpec& target) {
        ObjectSpec o;
        o.type = "relationship";
        o.number = partly_hidden_ids + 20 + relationships_++;
        o.tlp = Tlp::clear;
        o.extra = fmt::format(
            R"(,"relationship_type":"related-to","source_ref":"{}","target_ref":"{}")",
            object_id(target),
            object_id(partly_hidden())
        );
        return o;
    }

    void remove() {
        const bool is_hidden = dice_() % 2 == 0;
        int number = is_hidden ? pick(hidden_ids, 6) : pick(visible_ids, 8);
        if (!is_hidden && dice_() % 4 == 0) number = pick(partly_hidden_ids, 4);
        // Deleting a visible id takes its hidden versions with it; an id of which only hidden
        // versions are left is as good as gone.
        with_.remove(number, is_hidden);
        without_.remove(number, is_hidden);
    }

    void regrant() {
        const Tlp ceiling = dice_() % 2 == 0 ? Tlp::clear : Tlp::green;
        for (World* w : {&with_, &without_}) {
            w->h.grant(
                w->reader,
                w->collection,
                {.read = true, .write = true, .list = true, .ceiling = ceiling},
                w->grant
            );
        }
    }

    std::optional<std::string> ask() {
        const std::string base = collection_path();
        std::string method = "GET";
        std::string body;
        std::string target;
        const auto kind = dice_() % 10;
        if (kind < 2) {
            method = "POST";
            target = base + "objects/";
            std::vector<std::string> objects;
            for (auto n = 1 + dice_() % 3; n > 0; --n) {
                objects.push_back(object_json(
                    {.number = dice_() % 2 == 0 ? pick(hidden_ids, 6) : pick(300, 6),
                     .version = pick(0, 9),
                     .tlp = dice_() % 2 == 0 ? Tlp::clear : Tlp::green,
                     .extra = R"(,"description":"the reader's own")"}
                ));
            }
            body = envelope(objects);
        } else if (kind < 3) {
            method = "DELETE";
            target = fmt::format("{}objects/{}/", base, object_id({.number = some_id()}));
        } else {
            return read(object_id({.number = some_id()}));
        }
        return compare(method, target, target, body);
    }

    int some_id() {
        switch (dice_() % 4) {
            case 0:
                return pick(visible_ids, 8);
            case 2:
                return pick(partly_hidden_ids, 4);
            case 1:
                return pick(hidden_ids, 6);
            default:
                return pick(300, 6);
        }
    }

    int relationships_ = 0;
};

TEST(TwoWorlds, AReadersTranscriptIsTheSameWithAndWithoutHiddenObjects) {
    const int cases = from_environment("ENTENTE_PROPERTY_CASES", 40);
    const int seed =
        from_environment("ENTENTE_SEED", static_cast<int>(std::random_device()() & 0xffffffU));
    std::cout << "seed " << seed << ", " << cases << " histories\n";
    std::int64_t rows = 0;
    for (int i = 0; i < cases; ++i) {
        TwoWorlds worlds(
            static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(i), Leak::none
        );
        const auto difference = worlds.run(150);
        ASSERT_EQ(difference, std::nullopt)
            << *difference << "\nENTENTE_SEED=" << seed + i << " repeats it";
        rows = std::max(rows, worlds.rows_differ_max());
    }
    std::cout << "rows touched differ by at most " << rows << "\n";
}

class PlantedLeak : public ::testing::TestWithParam<int> {};

TEST_P(PlantedLeak, IsNoticed) {
    const auto leak = static_cast<Leak>(GetParam());
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        if (TwoWorlds(seed, leak).run(150)) return;
    }
    FAIL() << "planted leak " << GetParam() << " was not noticed in 40 histories";
}

INSTANTIATE_TEST_SUITE_P(
    TwoWorlds, PlantedLeak, ::testing::Range(1, static_cast<int>(last_leak) + 1)
);

}  // namespace
}  // namespace entente::taxii
