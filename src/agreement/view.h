#pragma once
// Views: what one user may see of one collection: a set of classes, one bit each, and how that set
// came about.
#include "agreement/terms.h"

#include <cstdint>
#include <vector>

namespace entente::agreement {

/// A stretch of positions in which a view counts a class in place: after < seq <= upto. Those of
/// one class do not overlap.
struct Stretch {
    ClassNo cls{};
    Seq after{};
    Seq upto = seq_max;  // seq_max = still open
    /// Closed, and what lies in it stays: a delay began, nothing was taken away.
    bool kept = false;
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// A released class of which entries are shown only some hours after they were stored.
struct Delay {
    ClassNo cls{};
    std::uint32_t hours = 0;  // at least 1
    friend bool operator==(const Delay&, const Delay&) = default;
};

/// What one user may see of one collection, at one generation.
///
/// 1. `shows(c, s)`: the reader gets an entry of class c that lies in place at s: c is released,
/// and s lies in an open or kept
///    stretch of c (or c has no stretches and no delay). What lies in other closed stretches only
///    was served once, then taken away; when the class comes back it is shown by late rows, so that
///    a reader who had not come so far does not miss it. What has a delay is shown by late rows,
///    too, when its time has come.
/// 2. `counts(c, s)`: an entry of class c at s was, at some time, in place for this reader; it
/// takes part in the ranks that
///    make up dates, so that a date once served never changes when a right is taken away.
/// 3. shows implies counts. A class without stretches is open from the beginning if it is released
/// without a delay, else not counted. Threads: immutable after construction; share it const.
class View {
  public:
    View() = default;
    View(
        UserNo user,
        CollectionNo collection,
        Terms terms,
        std::vector<bool> released,
        std::vector<Stretch> stretches,
        std::vector<Delay> delays = {}
    );

    [[nodiscard]] UserNo user() const noexcept { return user_; }

    [[nodiscard]] PartyNo party() const noexcept { return terms_.party; }

    [[nodiscard]] CollectionNo collection() const noexcept { return collection_; }

    [[nodiscard]] const Terms& terms() const noexcept { return terms_; }

    /// The class is released now, wherever it lies (in place or late).
    [[nodiscard]] bool releases(ClassNo cls) const noexcept {
        return raw(cls) < released_.size() && released_[raw(cls)];
    }

    [[nodiscard]] bool shows(ClassNo cls, Seq seq) const noexcept;
    [[nodiscard]] bool counts(ClassNo cls, Seq seq) const noexcept;
    /// How many of the `count` positions from `first` on `counts` holds for. REQUIRES: the
    /// stretches of a class do not overlap.
    [[nodiscard]] std::uint64_t counted(ClassNo cls, Seq first, std::uint64_t count) const noexcept;
    /// The smallest position from `from` on at which `shows(cls, …)` is true; seq_max if there is
    /// none.
    [[nodiscard]] Seq next_shown(ClassNo cls, Seq from) const noexcept;

    /// All released classes, rising.
    [[nodiscard]] const std::vector<ClassNo>& released() const noexcept { return released_list_; }

    [[nodiscard]] const std::vector<Stretch>& stretches() const noexcept { return stretches_; }

    /// Rising by class.
    [[nodiscard]] const std::vector<Delay>& delays() const noexcept { return delays_; }

  private:
    /// What of the class lies in place is told by its stretches, not by its release alone.
    [[nodiscard]] bool has_stretches(ClassNo cls) const noexcept {
        return raw(cls) < has_stretches_.size() && has_stretches_[raw(cls)];
    }
    template <class Fits>
    [[nodiscard]] bool any_stretch(ClassNo cls, const Fits& fits) const noexcept;

    UserNo user_{};
    CollectionNo collection_{};
    Terms terms_;
    std::vector<bool> released_;
    std::vector<bool> has_stretches_;
    std::vector<ClassNo> released_list_;
    std::vector<Stretch> stretches_;  // sorted by (cls, after)
    std::vector<Delay> delays_;       // sorted by cls
};

/// Decides every class of the table once.
[[nodiscard]] View make_view(
    UserNo user,
    CollectionNo collection,
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& markings,
    std::vector<Stretch> stretches
);

}  // namespace entente::agreement
