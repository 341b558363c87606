#pragma once
// The indicators that are looked for: a set that changes one by one while others match with it.
//
// One immutable base holds nearly all of them, a small immutable delta those that came since, and a
// set of bits those of the base that went. A change makes a new delta and swaps one pointer
// (`publish`); now and then a new base is merged of everything, on any thread (`begin_merge`).
#include "base/result.h"
#include "base/table_hash.h"
#include "match/validity.h"
#include "pattern/pattern.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace entente::match {

/// The caller's number of an indicator.
using Key = std::uint64_t;

struct Indicator {
    Key key = 0;
    std::string_view pattern;
    pattern::Dialect dialect = pattern::Dialect::v21;
    Validity validity;
};

/// A state of the set, for any number of `Watch`es at once. Threads: safe, it never changes.
class Snapshot {
  public:
    struct Inside;
    explicit Snapshot(std::unique_ptr<const Inside> inside);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    /// How many indicators are live in it.
    [[nodiscard]] std::size_t size() const noexcept;
    /// Memory of the tables in bytes, without constants' texts and without the trees of patterns
    /// that are more than one condition; and the bytes of those texts.
    [[nodiscard]] std::size_t memory_bytes() const;
    [[nodiscard]] std::size_t text_bytes() const;

    [[nodiscard]] const Inside& inside() const noexcept { return *inside_; }

  private:
    std::unique_ptr<const Inside> inside_;
};

/// Threads: one at a time, but for `Merge::run`.
class IndicatorSet {
  public:
    struct Options {
        /// Keys the tables: who makes indicators or events must not know it.
        TableKey key{};
        /// Constants of patterns are brought to one spelling (domains, hosts of URLs, addresses,
        /// hashes: see canonical.h), as readers of events do with values; `=` with an address block
        /// asks for what lies in it. Without, the standard to the letter.
        bool canonical = true;
    };

    explicit IndicatorSet(const Options& options);
    ~IndicatorSet();
    IndicatorSet(IndicatorSet&&) noexcept;
    IndicatorSet& operator=(IndicatorSet&&) noexcept;

    /// Takes an indicator, in place of one of the same key. Seen after `publish`. Costs some
    /// microseconds. Fails, leaving what was there under the key: malformed (the pattern does not
    /// parse; the detail says where), unprocessable (it can match nothing, or needs more
    /// observations than limits::match_kept_per_pattern_max), too_large (limits::match_paths_max,
    /// match_path_steps_max, match_accesses_max, match_indicators_max, match_text_bytes_max),
    /// overloaded (limits::match_broad_max patterns that nothing narrows down are on its path).
    [[nodiscard]] Result<void> add(const Indicator& indicator);

    /// False when there is none of this key. Seen after `publish`.
    bool withdraw(Key key);

    /// How many are live, changes that are not published included.
    [[nodiscard]] std::size_t size() const noexcept;

    /// The set with all changes so far. Costs time in proportion to the delta and a copy of one bit
    /// for each indicator of the base (below 10 ms up to limits::match_changes_max changes). The
    /// first time, what was added becomes the base.
    [[nodiscard]] std::shared_ptr<const Snapshot> publish();

    /// The delta has grown so that a merge pays.
    [[nodiscard]] bool merge_due() const noexcept;

    /// Making a new base of what was published last.
    class Merge {
      public:
        ~Merge();
        Merge(Merge&&) noexcept;
        Merge& operator=(Merge&&) noexcept;
        /// The work: about a microsecond for each indicator. Threads: may run on another one while
        /// the set goes on changing.
        void run();

      private:
        friend class IndicatorSet;
        struct Inside;
        explicit Merge(std::unique_ptr<Inside> inside);
        std::unique_ptr<Inside> inside_;
    };

    /// REQUIRES: no merge that was begun is unfinished.
    [[nodiscard]] Merge begin_merge();
    /// Takes the new base over. Changes since `begin_merge` stay. REQUIRES: `merge` has run.
    void end_merge(Merge merge);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::match
