#include "match/indicators.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "match/canonical.h"
#include "match/internal/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace entente::match {
namespace {

using Bits = std::vector<std::uint64_t>;

tl::unexpected<Error> refused(const NoAccess& why) {
    switch (why.why) {
        case NoAccess::Why::too_many_paths:
            return fail(
                Errc::too_large,
                fmt::format(
                    "a path of it is longer than {} steps, or it has more than {} that no other "
                    "asks for, or there would be more than {} of all",
                    limits::match_path_steps_max,
                    new_paths_max,
                    limits::match_paths_max
                )
            );
        case NoAccess::Why::too_many_constants:
            return fail(
                Errc::too_large,
                fmt::format("it has more than {} constants", limits::match_accesses_max)
            );
    }
    ENTENTE_ASSERT(false);
}

/// The one comparison of `[path = constant]`, which cannot be a flaw.
bool is_one_equality(const pattern::Pattern& pattern) {
    const auto* observation = std::get_if<pattern::Observation>(&pattern.root.node);
    if (observation == nullptr || !pattern.root.qualifiers.empty()) return false;
    const auto* comparison = std::get_if<pattern::Comparison>(&observation->expression.node);
    return comparison != nullptr && comparison->op == pattern::Op::equal &&
           !std::holds_alternative<pattern::Timestamp>(comparison->values.front());
}

std::size_t key_bytes(const std::vector<Access>& accesses) {
    std::size_t sum = 0;
    for (const Access& access : accesses) {
        if (const auto* key = std::get_if<KeyAccess>(&access.what)) sum += key->bytes.size() + 8;
        if (const auto* piece = std::get_if<PieceAccess>(&access.what)) sum += piece->text.size();
    }
    return sum;
}

/// A pattern made ready to be taken.
struct Ready {
    std::vector<Access> any_of;          // when conditions decide
    std::shared_ptr<const Whole> whole;  // else
};

}  // namespace

// ---- Snapshot

Snapshot::Snapshot(std::unique_ptr<const Inside> inside) : inside_(std::move(inside)) {}

Snapshot::~Snapshot() = default;

std::size_t Snapshot::size() const noexcept {
    return inside_->live;
}

std::size_t Snapshot::memory_bytes() const {
    return inside_->base->memory_bytes() + inside_->gone->capacity() * sizeof(std::uint64_t) +
           (inside_->delta ? inside_->delta->memory_bytes() : 0);
}

std::size_t Snapshot::text_bytes() const {
    return inside_->base->text_bytes() + (inside_->delta ? inside_->delta->text_bytes() : 0);
}

// ---- The set

struct IndicatorSet::Inside {
    explicit Inside(const Options& o)
        : options(o),
          hash(o.key),
          paths(std::make_shared<Paths>()),
          base(std::make_shared<const Segment>(Draft(hash), hash)),
          draft(hash) {}

    Options options;
    KeyedHash hash;
    std::shared_ptr<Paths> paths;  // shared with snapshots: copied before it changes
    std::shared_ptr<const Segment> base;
    std::shared_ptr<const Bits> gone = std::make_shared<const Bits>();  // published
    Bits gone_now;                                                      // with what is not
    std::size_t gone_count = 0;
    bool gone_changed = false;
    Draft draft;           // what came since the base
    std::size_t dead = 0;  // of the draft
    boost::unordered_flat_map<Key, std::uint32_t> in_draft;
    // Paths on which nothing narrows an indicator down, of those that have some; how many there
    // are of each path.
    boost::unordered_flat_map<Key, std::vector<PathId>> broad_of;
    std::vector<std::size_t> broad;
    std::vector<Key> since_merge;  // keys that changed while a merge is under way
    bool merging = false;
    bool published = false;
    std::shared_ptr<const Snapshot> snapshot;

    Paths& own_paths() {
        if (paths.use_count() > 1) paths = std::make_shared<Paths>(*paths);
        return *paths;
    }

    [[nodiscard]] Result<void> add(const Indicator& indicator);
    [[nodiscard]] Result<Ready> compile(const Indicator& indicator);
    [[nodiscard]] Result<void> check_broad(const std::vector<Access>& accesses) const;
    void count_broad(Key key, const std::vector<Access>& accesses);

    /// False when the row went before.
    bool let_go(std::uint32_t row) {
        gone_now.resize((base->rows() + 63) / 64);
        std::uint64_t& word = gone_now[row / 64];
        const std::uint64_t bit = 1ULL << (row % 64);
        if ((word & bit) != 0) return false;
        word |= bit;
        ++gone_count;
        gone_changed = true;
        return true;
    }

    bool remove(Key key);
};

Result<Ready> IndicatorSet::Inside::compile(const Indicator& indicator) {
    auto parsed = pattern::parse(indicator.pattern, indicator.dialect);
    if (!parsed) {
        const auto& wrong = parsed.error();
        return fail(
            Errc::malformed, fmt::format("byte {} of the pattern: {}", wrong.at, wrong.message)
        );
    }
    if (options.canonical) canonicalise(*parsed);
    Ready ready;
    const bool plain = is_one_equality(*parsed);
    std::optional<pattern::Prepared> prepared;
    if (!plain) {
        auto made = pattern::Prepared::make(std::move(*parsed), indicator.dialect);
        if (!made) {
            return fail(
                Errc::unprocessable,
                fmt::format("the pattern can match nothing: {}", made.error().message)
            );
        }
        prepared = std::move(*made);
        if (prepared->least() > limits::match_kept_per_pattern_max) {
            return fail(
                Errc::unprocessable,
                fmt::format(
                    "the pattern asks for {} observations; at most {} are kept",
                    prepared->least(),
                    limits::match_kept_per_pattern_max
                )
            );
        }
    }
    Paths& names = own_paths();
    const auto found_by = [&](const pattern::Expression& expression) {
        return accesses_of(expression, indicator.dialect, names);
    };
    if (plain) {
        const auto& root = std::get<pattern::Observation>(parsed->root.node);
        auto accesses = found_by(root.expression);
        if (!accesses) return refused(accesses.error());
        if (accesses->exact) {
            ready.any_of = std::move(accesses->any_of);
            return ready;
        }
        auto made = pattern::Prepared::make(std::move(*parsed), indicator.dialect);
        ENTENTE_ASSERT(made.has_value());
        prepared = std::move(*made);
    }
    std::vector<std::vector<Access>> accesses;
    for (const pattern::Expression* expression : prepared->expressions()) {
        auto one = found_by(*expression);
        if (!one) return refused(one.error());
        if (prepared->single() && one->exact) {
            ready.any_of = std::move(one->any_of);
            return ready;
        }
        accesses.push_back(std::move(one->any_of));
    }
    ready.whole = std::make_shared<const Whole>(Whole{std::move(*prepared), std::move(accesses)});
    return ready;
}

Result<void> IndicatorSet::Inside::check_broad(const std::vector<Access>& accesses) const {
    for (const Access& access : accesses) {
        if (!std::holds_alternative<PresentAccess>(access.what)) continue;
        const std::size_t here = access.path < broad.size() ? broad[access.path] : 0;
        if (here < limits::match_broad_max) continue;
        return fail(
            Errc::overloaded,
            fmt::format(
                "nothing in it narrows down what stands at {}, and {} patterns like that are "
                "there already",
                printable(paths->spelled(access.path), 200),
                limits::match_broad_max
            )
        );
    }
    return {};
}

void IndicatorSet::Inside::count_broad(Key key, const std::vector<Access>& accesses) {
    for (const Access& access : accesses) {
        if (!std::holds_alternative<PresentAccess>(access.what)) continue;
        if (broad.size() <= access.path) broad.resize(access.path + std::size_t{1});
        ++broad[access.path];
        broad_of[key].push_back(access.path);
    }
}

bool IndicatorSet::Inside::remove(Key key) {
    if (const auto at = broad_of.find(key); at != broad_of.end()) {
        for (const PathId path : at->second)
            --broad[path];
        broad_of.erase(at);
    }
    if (const auto at = in_draft.find(key); at != in_draft.end()) {
        draft.kill(at->second);
        ++dead;
        in_draft.erase(at);
        return true;
    }
    const auto row = base->row(key);
    return row && let_go(*row);
}

IndicatorSet::IndicatorSet(const Options& options) : inside_(std::make_unique<Inside>(options)) {}

IndicatorSet::~IndicatorSet() = default;
IndicatorSet::IndicatorSet(IndicatorSet&&) noexcept = default;
IndicatorSet& IndicatorSet::operator=(IndicatorSet&&) noexcept = default;

Result<void> IndicatorSet::add(const Indicator& indicator) {
    Paths& paths = inside_->own_paths();
    paths.begin();
    auto added = inside_->add(indicator);
    // What is not taken leaves nothing behind.
    if (!added) paths.take_back();
    return added;
}

Result<void> IndicatorSet::Inside::add(const Indicator& indicator) {
    Inside& in = *this;
    ENTENTE_TRY(Ready ready, in.compile(indicator));
    std::size_t bytes = key_bytes(ready.any_of);
    ENTENTE_CHECK(in.check_broad(ready.any_of));
    if (ready.whole) {
        for (const auto& accesses : ready.whole->accesses) {
            bytes += key_bytes(accesses);
            ENTENTE_CHECK(in.check_broad(accesses));
        }
    }
    if (!in.draft.room(bytes + in.base->text_bytes()) ||
        in.draft.rows().size() + in.base->rows() >= limits::match_indicators_max) {
        return fail(Errc::too_large, "the set of indicators is full");
    }
    in.remove(indicator.key);
    if (in.merging) in.since_merge.push_back(indicator.key);
    std::uint32_t row = 0;
    if (ready.whole) {
        for (const auto& accesses : ready.whole->accesses)
            in.count_broad(indicator.key, accesses);
        row = in.draft.add(indicator.key, indicator.validity, std::move(ready.whole));
    } else {
        in.count_broad(indicator.key, ready.any_of);
        row = in.draft.add(indicator.key, indicator.validity, ready.any_of);
    }
    in.in_draft.insert_or_assign(indicator.key, row);
    return {};
}

bool IndicatorSet::withdraw(Key key) {
    if (!inside_->remove(key)) return false;
    if (inside_->merging) inside_->since_merge.push_back(key);
    return true;
}

std::size_t IndicatorSet::size() const noexcept {
    const Inside& in = *inside_;
    return in.base->rows() - in.gone_count + in.draft.rows().size() - in.dead;
}

std::shared_ptr<const Snapshot> IndicatorSet::publish() {
    Inside& in = *inside_;
    const std::size_t live = size();
    if (!in.published && !in.merging) {
        in.published = true;
        in.base = std::make_shared<const Segment>(in.draft, in.hash);
        in.draft = Draft(in.hash);
        in.dead = 0;
        boost::unordered_flat_map<Key, std::uint32_t>().swap(in.in_draft);
    }
    if (in.gone_changed) in.gone = std::make_shared<const Bits>(in.gone_now);
    in.gone_changed = false;
    auto made = std::make_unique<Snapshot::Inside>(Snapshot::Inside{
        in.hash, in.paths, in.base, nullptr, in.gone, live});
    if (in.draft.rows().size() > in.dead) {
        made->delta = std::make_shared<const Segment>(in.draft, in.hash);
    }
    in.snapshot = std::make_shared<const Snapshot>(std::move(made));
    return in.snapshot;
}

bool IndicatorSet::merge_due() const noexcept {
    const Inside& in = *inside_;
    return !in.merging && (in.draft.rows().size() > limits::match_changes_max ||
                           in.gone_count > in.base->rows() / 4 + limits::match_changes_max);
}

// ---- Merging

struct IndicatorSet::Merge::Inside {
    std::shared_ptr<const Snapshot> of;
    std::uint32_t rows = 0;  // of the draft that are in it
    std::shared_ptr<const Segment> made;
};

IndicatorSet::Merge::Merge(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

IndicatorSet::Merge::~Merge() = default;
IndicatorSet::Merge::Merge(Merge&&) noexcept = default;
IndicatorSet::Merge& IndicatorSet::Merge::operator=(Merge&&) noexcept = default;

void IndicatorSet::Merge::run() {
    const Snapshot::Inside& from = inside_->of->inside();
    Draft all(from.hash);
    all.add_from(*from.base, *from.gone);
    if (from.delta) all.add_from(*from.delta, {});
    inside_->made = std::make_shared<const Segment>(all, from.hash);
}

IndicatorSet::Merge IndicatorSet::begin_merge() {
    Inside& in = *inside_;
    ENTENTE_ASSERT(!in.merging);
    auto work = std::make_unique<Merge::Inside>();
    work->of = publish();
    work->rows = static_cast<std::uint32_t>(in.draft.rows().size());
    in.merging = true;
    in.since_merge.clear();
    return Merge(std::move(work));
}

void IndicatorSet::end_merge(Merge merge) {
    Inside& in = *inside_;
    ENTENTE_ASSERT(in.merging && merge.inside_->made);
    in.merging = false;
    in.base = merge.inside_->made;
    in.gone = std::make_shared<const Bits>();
    in.gone_now.clear();
    in.gone_count = 0;
    in.gone_changed = false;
    in.draft = in.draft.after(merge.inside_->rows);
    in.dead = 0;
    in.in_draft.clear();
    for (std::uint32_t row = 0; row < in.draft.rows().size(); ++row) {
        const Draft::Row& one = in.draft.rows()[row];
        if (one.dead) {
            ++in.dead;
        } else {
            in.in_draft.insert_or_assign(one.key, row);
        }
    }
    // What went or was replaced meanwhile is still in the new base.
    std::ranges::sort(in.since_merge);
    in.since_merge.erase(
        std::unique(in.since_merge.begin(), in.since_merge.end()), in.since_merge.end()
    );
    for (const Key key : in.since_merge)
        if (const auto row = in.base->row(key)) in.let_go(*row);
    in.since_merge.clear();
}

}  // namespace entente::match
