#pragma once
// One scan's question, worked out once: which classes it wants, after which position, and where the
// view sees an entry.
#include "agreement/class.h"
#include "agreement/view.h"
#include "store/scan.h"
#include "store/store.h"

#include <optional>
#include <string_view>
#include <vector>

namespace entente::store::internal {

/// Where a stream shows an entry: in place, or by a late row.
struct Place {
    Seq seq{};
    bool late = false;
    Micros date;  // of a late row only
};

/// Threads: one. What it refers to outlives it.
class Query {
  public:
    Query(
        Snapshot& snapshot,
        const agreement::View& view,
        const agreement::ClassTable& classes,
        const Filter& filter
    );

    [[nodiscard]] Snapshot& snapshot() const noexcept { return snapshot_; }

    [[nodiscard]] const agreement::View& view() const noexcept { return view_; }

    [[nodiscard]] const Filter& filter() const noexcept { return filter_; }

    [[nodiscard]] CollectionNo collection() const noexcept { return view_.collection(); }

    /// The view releases the class, and its type and spec version pass the filter.
    [[nodiscard]] bool wants(ClassNo cls) const noexcept {
        if (!view_.releases(cls)) return false;
        if (!narrowed_) return true;
        return agreement::raw(cls) < wanted_bits_.size() && wanted_bits_[agreement::raw(cls)];
    }

    /// All wanted classes, rising.
    [[nodiscard]] const std::vector<ClassNo>& wanted() const noexcept {
        return narrowed_ ? wanted_ : view_.released();
    }

    /// Everything at or before it is excluded by added_after; 0 without that filter.
    [[nodiscard]] Seq added_after() const noexcept { return added_after_; }

    [[nodiscard]] std::string_view spec_version(ClassNo cls) const noexcept;
    [[nodiscard]] bool held(ClassNo cls) const noexcept;

    /// Whether a late row counts in this stream for an entry that the view shows in place or not.
    /// Rows that show an entry as the latest again mean something only to those who ask for the
    /// latest.
    [[nodiscard]] bool counts(const LateRow& row, bool in_place) const noexcept;
    /// Where this stream shows the entry; nothing if nowhere. Reads late rows only when the entry
    /// may have some.
    [[nodiscard]] std::optional<Place> place_of(Seq seq, ClassNo cls, Flags flags) const;

  private:
    Snapshot& snapshot_;
    const agreement::View& view_;
    const agreement::ClassTable& classes_;
    const Filter& filter_;
    // By type or spec version; else wanted_ and wanted_bits_ are not filled.
    bool narrowed_ = false;
    std::vector<bool> wanted_bits_;
    std::vector<ClassNo> wanted_;
    Seq added_after_{};
};

}  // namespace entente::store::internal
