// Random histories of publishing and of agreements that expand, narrow, delay, suspend, resume and
// end, with clients that poll by `added_after` alone, against a model that is a list: each ends
// with exactly what it is entitled to, and gets nothing twice.
#include "exchange/testing/pact.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;
using Name = std::string;  // "number/version"

constexpr std::int64_t hour = 3'600'000'000;

int from_environment(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

struct ModelEntry {
    Name name;
    std::string type;
    Tlp tlp = Tlp::clear;
    Micros stored;
};

/// One flow of what holds, as the model understands it.
struct ModelFlow {
    Tlp ceiling = Tlp::clear;
    std::vector<std::string> types;
    int delay = 0;
};

struct ModelPact {
    std::unique_ptr<Pact> pact;
    ModelFlow flow;
    bool suspended = false;
    bool ended = false;
};

/// A client that keeps nothing but the last date.
class Poller {
  public:
    explicit Poller(UserNo user) : user_(user) {}

    void poll(Harness& h, CollectionNo c, const std::map<Name, int>& visible, int step) {
        for (bool more = true; more;) {
            ReadRequest request;
            request.filter.added_after = last_;
            request.filter.version.all = true;
            request.version_given = true;
            request.limit = 3;
            const auto page = h.read(user_, c, request);
            if (!page) return;
            if (page->last_date) last_ = page->last_date;
            const auto json = boost::json::parse(std::string(page->body.for_file())).as_object();
            more = json.at("more").as_bool();
            if (!json.contains("objects")) continue;
            for (const auto& o : json.at("objects").as_array()) {
                const Name name = Harness::name_of(o.as_object());
                const auto at = visible.find(name);
                ASSERT_TRUE(at != visible.end()) << "sees more: " << name;
                const auto before = received_.find(name);
                ASSERT_TRUE(before == received_.end() || before->second < at->second)
                    << "twice: " << name;
                received_[name] = step;
            }
        }
    }

    void has(const std::map<Name, int>& visible) const {
        for (const auto& [name, since] : visible) {
            const auto got = received_.find(name);
            EXPECT_TRUE(got != received_.end() && got->second >= since) << "misses: " << name;
        }
    }

  private:
    UserNo user_;
    std::optional<Micros> last_;
    std::map<Name, int> received_;
};

class AgreementHistory {
  public:
    explicit AgreementHistory(std::uint64_t seed) : dice_(seed), h(*store_) {
        c = h.collection("c", Tlp::green);
        publisher_ = h.user("publisher", h.own());
        h.grant(publisher_, c, {.read = true, .write = true});
        south_ = h.party("South");
        pollers_.emplace_back(h.user("eager", south_, Role::reader));
        pollers_.emplace_back(h.user("lazy", south_, Role::reader));
    }

    void run(int steps) {
        for (step_ = 1; step_ <= steps; ++step_) {
            h.clock.advance(static_cast<std::int64_t>(dice_() % 4) * hour / 2 + 1'000'000);
            // What is due by now is due before anybody acts.
            h.exchange().look_at_agreements();
            update();
            act();
            h.exchange().look_at_agreements();
            update();
            pollers_[0].poll(h, c, visible_, step_);
            if (dice_() % 5 == 0) pollers_[1].poll(h, c, visible_, step_);
            if (::testing::Test::HasFailure()) return;
            pollers_[0].has(visible_);
        }
        pollers_[1].poll(h, c, visible_, step_);
        pollers_[1].has(visible_);
    }

  private:
    void act() {
        const auto what = dice_() % 100;
        if (what < 45) return publish();
        if (pacts_.size() < 2 && what < 60) return agree();
        if (pacts_.empty()) return;
        ModelPact& p = pacts_[dice_() % pacts_.size()];
        if (p.ended) return;
        if (what < 75) {
            p.flow = flow();
            p.pact->agree({.flows = {json_of(p.flow)}});
        } else if (what < 90) {
            p.suspended ? p.pact->resume("south") : p.pact->suspend("south");
            p.suspended = !p.suspended;
        } else if (what < 91) {
            p.pact->end("north");
            p.ended = true;
        }
    }

    void publish() {
        std::vector<std::string> objects;
        for (auto n = 1 + dice_() % 4; n > 0; --n) {
            const ObjectSpec o{
                .number = next_number_++,
                .tlp = static_cast<Tlp>(dice_() % 5),
                .type = dice_() % 2 == 0 ? "indicator" : "malware"};
            objects.push_back(object_json(o));
            entries_.push_back({fmt::format("{}/0", o.number), o.type, *o.tlp, h.clock.now()});
        }
        ASSERT_TRUE(h.publish(publisher_, c, objects));
    }

    void agree() {
        ModelPact p;
        p.pact = std::make_unique<Pact>(
            h,
            std::map<std::string, PartyNo>{{"north", h.own()}, {"south", south_}},
            fmt::format("Pact {}", pacts_.size())
        );
        p.flow = flow();
        p.pact->agree({.flows = {json_of(p.flow)}});
        p.pact->bind(c);
        pacts_.push_back(std::move(p));
    }

    ModelFlow flow() {
        ModelFlow f{.ceiling = static_cast<Tlp>(dice_() % 5), .types = {}, .delay = 0};
        if (dice_() % 3 == 0) f.types = {dice_() % 2 == 0 ? "indicator" : "malware"};
        if (dice_() % 3 == 0) f.delay = static_cast<int>(1 + dice_() % 4);
        return f;
    }

    static PactFlow json_of(const ModelFlow& f) {
        PactFlow flow;
        flow.max_marking = stix::tlp_name(f.ceiling).substr(4);
        for (char& ch : flow.max_marking)
            ch = static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
        if (!f.types.empty()) flow.select = fmt::format(R"({{"types":["{}"]}})", f.types[0]);
        flow.extra = fmt::format(R"(,"min_delay_hours":{})", f.delay);
        return flow;
    }

    /// Hours after storing, if any agreement gives it.
    [[nodiscard]] std::optional<int> hours(const ModelEntry& e) const {
        std::optional<int> soonest;
        for (const ModelPact& p : pacts_) {
            if (p.suspended || p.ended) continue;
            const bool passes = e.tlp <= std::min(p.flow.ceiling, Tlp::amber_strict) &&
                                (p.flow.types.empty() || p.flow.types[0] == e.type);
            if (passes) soonest = std::min(soonest.value_or(p.flow.delay), p.flow.delay);
        }
        return soonest;
    }

    void update() {
        const bool paused = std::ranges::none_of(pacts_, [](const ModelPact& p) {
            return !p.suspended && !p.ended;
        });
        visible_.clear();
        if (paused) return;
        for (const ModelEntry& e : entries_) {
            const auto after = hours(e);
            if (!after) {
                since_.erase(e.name);
                continue;
            }
            const bool due = e.stored + *after * hour <= h.clock.now();
            if (due) since_.try_emplace(e.name, step_);
        }
        visible_ = since_;
    }

    std::unique_ptr<store::Store> store_ = store::make_memory_store();
    std::mt19937_64 dice_;
    Harness h;
    CollectionNo c{};
    UserNo publisher_{};
    PartyNo south_{};
    std::vector<ModelPact> pacts_;
    std::vector<ModelEntry> entries_;
    std::map<Name, int> since_;  // kept while paused
    std::map<Name, int> visible_;
    std::vector<Poller> pollers_;
    int next_number_ = 1;
    int step_ = 0;
};

TEST(AgreementHistory, APollerEndsWithExactlyWhatItIsEntitledToAndGetsNothingTwice) {
    const int cases = from_environment("ENTENTE_PROPERTY_CASES", 12);
    const int seed =
        from_environment("ENTENTE_SEED", static_cast<int>(std::random_device()() & 0xffffffU));
    std::cout << "seed " << seed << ", " << cases << " histories\n";
    for (int i = 0; i < cases; ++i) {
        AgreementHistory history(static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(i));
        history.run(60);
        ASSERT_FALSE(::testing::Test::HasFailure())
            << "ENTENTE_SEED=" << seed + i << " ENTENTE_PROPERTY_CASES=1 repeats it";
    }
}

}  // namespace
}  // namespace entente::exchange
