// Random histories of publishing, new versions, deleting, and grants that widen and narrow, by
// several parties, with readers that page at random in between, against a model that is a list. No
// reader misses, repeats, or sees more.
#include "exchange/testing/harness.h"
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

namespace entente::exchange {
namespace {

using namespace testing;
using stix::Tlp;

using Name = std::string;  // "number/version"

int from_environment(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

struct ModelEntry {
    int number = 0;
    int version = 0;
    Tlp tlp = Tlp::clear;

    [[nodiscard]] Name name() const { return fmt::format("{}/{}", number, version); }
};

/// What one reader should have, as of now, and since which step each entry stands there.
class Expectation {
  public:
    /// `paused`: the reader has no right at all for the moment, and keeps its place. `there`: what
    /// anybody may see.
    void update(
        const std::set<Name>& visible, const std::set<Name>& there, bool paused, int step
    ) {
        if (paused) {
            if (!paused_) kept_ = std::move(since_);
            since_.clear();
            std::erase_if(kept_, [&](const auto& item) { return !there.contains(item.first); });
            paused_ = true;
            return;
        }
        if (paused_) since_ = std::move(kept_);
        paused_ = false;
        std::erase_if(since_, [&](const auto& item) { return !visible.contains(item.first); });
        for (const Name& name : visible)
            since_.try_emplace(name, step);
    }

    [[nodiscard]] bool contains(const Name& name) const { return since_.contains(name); }

    [[nodiscard]] const std::map<Name, int>& since() const { return since_; }

  private:
    std::map<Name, int> since_;
    std::map<Name, int> kept_;
    bool paused_ = false;
};

class History;

/// A client that keeps its place by `next` or by the last date, as it likes, page after page.
class Walker {
  public:
    Walker(UserNo user, bool latest) : user_(user), latest_(latest) {}

    void step(History& history, std::mt19937_64& dice, int step);
    void finish(History& history, std::mt19937_64& dice, int step);

    Expectation all;
    Expectation last;

  private:
    bool one_page(History& history, std::mt19937_64& dice, int step);

    UserNo user_;
    bool latest_;  // asks for the latest versions only
    std::string next_;
    std::optional<Micros> added_after_;  // of the requests that `next_` continues
    std::optional<Micros> last_date_;
    std::map<Name, int> received_;
    std::map<Name, std::string> dates_;
};

class History {
  public:
    explicit History(std::uint64_t seed) : dice_(seed), h(*store_) {
        c = h.collection("c", Tlp::green);
        for (int p = 0; p < 3; ++p) {
            const PartyNo party = p == 0 ? h.own() : h.party(fmt::format("party {}", p));
            publishers_.push_back(h.user(fmt::format("publisher {}", p), party));
            h.grant(
                publishers_.back(),
                c,
                {.read = false, .write = true, .list = true, .ceiling = Tlp::red}
            );
        }
        for (int r = 0; r < 4; ++r) {
            const UserNo user =
                h.user(fmt::format("reader {}", r), h.party(fmt::format("reading party {}", r)));
            ceilings_[user] = level();
            grants_[user] = h.grant(
                user, c, {.read = true, .write = false, .list = true, .ceiling = *ceilings_[user]}
            );
            walkers_.emplace_back(user, r % 2 == 0);
        }
    }

    void run(int steps) {
        for (step_ = 1; step_ <= steps; ++step_) {
            h.clock.advance(static_cast<std::int64_t>(dice_() % 3) * 1'000'000);
            const auto what = dice_() % 100;
            if (what < 35)
                publish();
            else if (what < 45)
                remove();
            else if (what < 55)
                regrant();
            else
                walkers_[dice_() % walkers_.size()].step(*this, dice_, step_);
            update();
            if (::testing::Test::HasFailure()) return;
        }
        for (Walker& walker : walkers_)
            walker.finish(*this, dice_, step_);
    }

    std::unique_ptr<store::Store> store_ = store::make_memory_store();
    std::mt19937_64 dice_;
    Harness h;
    CollectionNo c{};

  private:
    Tlp level() { return static_cast<Tlp>(dice_() % 5); }

    void publish() {
        std::vector<std::string> objects;
        std::vector<ModelEntry> made;
        const std::size_t who = dice_() % publishers_.size();
        for (auto n = 1 + dice_() % 5; n > 0; --n) {
            // Each publisher has ids of its own, so that custody never interferes here.
            const ModelEntry e{
                static_cast<int>(who) * 1'000 + static_cast<int>(dice_() % 12),
                static_cast<int>(dice_() % 8),
                level()};
            objects.push_back(object_json({.number = e.number, .version = e.version, .tlp = e.tlp})
            );
            made.push_back(e);
        }
        const auto report = h.publish(publishers_[who], c, objects);
        ASSERT_TRUE(report);
        for (std::size_t i = 0; i < made.size(); ++i) {
            const bool there = std::ranges::any_of(entries_, [&](const ModelEntry& e) {
                return e.name() == made[i].name();
            });
            if (!there) {
                ASSERT_TRUE(report->outcomes[i].accepted) << report->outcomes[i].message;
                entries_.push_back(made[i]);
            }
        }
    }

    void remove() {
        if (entries_.empty()) return;
        const ModelEntry victim = entries_[dice_() % entries_.size()];
        const auto who = static_cast<std::size_t>(victim.number / 1'000);
        // Deleting needs the right to read as well; it is given for the moment.
        const GrantNo grant = h.grant(
            publishers_[who], c, {.read = true, .write = true, .list = true, .ceiling = Tlp::red}
        );
        DeleteRequest request;
        request.id = object_id({.number = victim.number});
        const bool all = dice_() % 3 == 0;
        if (!all) {
            const std::string version = fmt::format("2025-01-01T00:00:{:02}", victim.version);
            request.version = store::VersionFilter{
                .all = false, .first = false, .last = false, .keys = {version}};
        }
        ASSERT_TRUE(h.remove(publishers_[who], c, request));
        h.revoke(grant);
        std::erase_if(entries_, [&](const ModelEntry& e) {
            return e.number == victim.number && (all || e.version == victim.version);
        });
    }

    void regrant() {
        auto at = ceilings_.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(dice_() % ceilings_.size()));
        const UserNo user = at->first;
        if (at->second && dice_() % 4 == 0) {
            h.revoke(grants_[user]);
            grants_[user] = GrantNo{};
            at->second.reset();
            return;
        }
        at->second = level();
        grants_[user] = h.grant(
            user,
            c,
            {.read = true, .write = false, .list = true, .ceiling = *at->second},
            grants_[user]
        );
    }

    void update() {
        std::set<Name> there;
        for (const ModelEntry& e : entries_)
            there.insert(e.name());
        std::size_t i = 0;
        for (const auto& [user, ceiling] : ceilings_) {
            std::set<Name> all;
            std::map<int, int> newest;
            for (const ModelEntry& e : entries_) {
                if (!ceiling || e.tlp > *ceiling) continue;
                all.insert(e.name());
                newest[e.number] =
                    std::max(newest.try_emplace(e.number, e.version).first->second, e.version);
            }
            std::set<Name> last;
            for (const auto& [number, version] : newest)
                last.insert(fmt::format("{}/{}", number, version));
            walkers_[i].all.update(all, there, !ceiling, step_);
            walkers_[i].last.update(last, there, !ceiling, step_);
            ++i;
        }
    }

    std::vector<ModelEntry> entries_;
    std::vector<UserNo> publishers_;
    std::map<UserNo, std::optional<Tlp>> ceilings_;  // in the order of walkers_
    std::map<UserNo, GrantNo> grants_;
    std::vector<Walker> walkers_;
    int step_ = 0;
};

bool Walker::one_page(History& history, std::mt19937_64& dice, int step) {
    ReadRequest request;
    request.what = dice() % 2 == 0 ? What::objects : What::manifest;
    request.limit = 1 + dice() % 4;
    request.filter.version.all = !latest_;
    request.filter.version.last = latest_;
    request.version_given = true;
    request.what = What::objects;
    if (!next_.empty()) {
        request.next = next_;
        if (dice() % 2 == 0) request.filter.added_after = added_after_;
    } else {
        request.filter.added_after = last_date_;
        added_after_ = last_date_;
    }
    auto page = history.h.read(user_, history.c, request);
    if (!page) return false;  // no right at the moment
    const auto json = boost::json::parse(std::string(page->body.for_file())).as_object();
    const bool more = json.at("more").as_bool();
    EXPECT_EQ(more, json.contains("next"));
    if (more) {
        EXPECT_GT(page->count, 0U) << "a page that promises more is never empty";
    }
    if (const auto* objects = json.if_contains("objects")) {
        for (const auto& object : objects->as_array()) {
            const Name name = Harness::name_of(object.as_object());
            EXPECT_TRUE(all.contains(name)) << "sees more: " << name;
            const auto before = received_.find(name);
            if (before != received_.end() && all.contains(name)) {
                const auto stands = last.since().find(name);
                const int since = std::max(
                    all.since().at(name),
                    latest_ && stands != last.since().end() ? stands->second : 0
                );
                EXPECT_LT(before->second, since) << "repeats: " << name;
            }
            received_[name] = step;
        }
        EXPECT_TRUE(!last_date_ || *last_date_ < *page->first_date) << "dates do not rise";
        last_date_ = page->last_date;
    }
    // A client may go on by the cursor or by the last date.
    const bool by_cursor = more && dice() % 3 != 0;
    next_ = by_cursor ? std::string(json.at("next").as_string()) : std::string();
    return more;
}

void Walker::step(History& history, std::mt19937_64& dice, int step) {
    for (auto pages = 1 + dice() % 3; pages > 0; --pages) {
        if (!one_page(history, dice, step)) return;
    }
}

void Walker::finish(History& history, std::mt19937_64& dice, int step) {
    while (one_page(history, dice, step)) {
    }
    for (const auto& [name, since] : (latest_ ? last : all).since()) {
        const auto got = received_.find(name);
        EXPECT_TRUE(got != received_.end() && got->second >= since)
            << "misses: " << name << " there since step " << since << ", received "
            << (got == received_.end() ? std::string("never")
                                       : fmt::format("at step {}", got->second));
    }
}

TEST(History, NoReaderMissesRepeatsOrSeesMore) {
    const int cases = from_environment("ENTENTE_PROPERTY_CASES", 120);
    const int seed =
        from_environment("ENTENTE_SEED", static_cast<int>(std::random_device()() & 0xffffffU));
    std::cout << "seed " << seed << ", " << cases << " histories\n";
    for (int i = 0; i < cases; ++i) {
        History history(static_cast<std::uint64_t>(seed) + static_cast<std::uint64_t>(i));
        history.run(120);
        ASSERT_FALSE(HasFailure())
            << "ENTENTE_SEED=" << seed + i << " ENTENTE_PROPERTY_CASES=1 repeats it";
    }
}

}  // namespace
}  // namespace entente::exchange
