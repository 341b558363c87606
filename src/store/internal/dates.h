#pragma once
// Dates as a view sees them: an entry's date is its group's base plus the number of entries of the
// group before it that the view counts. So a withheld entry leaves no gap, and a date never moves.
#include "agreement/view.h"
#include "store/store.h"

#include <optional>

namespace entente::store::internal {

/// The position up to which everything that `view` sees has a date of at most `date`; 0 if there is
/// nothing such.
[[nodiscard]] Seq position_of_date(Snapshot& snapshot, const agreement::View& view, Micros date);

/// Dates of entries in place, of one view. Cheap when asked in rising order: then each run of a
/// group is looked at once.
class Dates {
  public:
    Dates(Snapshot& snapshot, const agreement::View& view) : snapshot_(snapshot), view_(view) {}

    /// Throws StorageError (corrupt) when no group holds `seq`.
    [[nodiscard]] Micros of(Seq seq);

  private:
    void enter_group_of(Seq seq);

    Snapshot& snapshot_;
    const agreement::View& view_;
    std::optional<Group> group_;
    // The run of group_ that was looked at last, its first position, and how many entries before it
    // the view counts.
    std::size_t run_ = 0;
    Seq run_first_{};
    std::int64_t rank_ = 0;
};

}  // namespace entente::store::internal
