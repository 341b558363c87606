#include "store/internal/dates.h"

#include "store/scan.h"

#include <algorithm>

namespace entente::store {

using agreement::raw;

namespace {

Seq plus(Seq seq, std::uint64_t count) {
    return Seq{raw(seq) + count};
}

std::int64_t signed_count(std::uint64_t count) {
    return static_cast<std::int64_t>(count);
}

}  // namespace

namespace internal {

Seq position_of_date(Snapshot& snapshot, const agreement::View& view, Micros date) {
    Seq at{};
    if (const auto group = snapshot.group_by_date(view.collection(), date)) {
        // So many entries that the view counts have a date up to `date`; at least one, because base
        // <= date.
        std::int64_t left = date - group->base + 1;
        Seq first = group->first;
        for (const Group::Run& run : group->runs) {
            std::uint32_t length = run.count;
            if (signed_count(view.counted(run.cls, first, length)) > left) {
                // The next one that counts lies in this run: the longest beginning that counts no
                // more than `left`.
                std::uint32_t low = 0;
                while (low < length) {
                    const std::uint32_t middle = low + (length - low + 1) / 2;
                    if (signed_count(view.counted(run.cls, first, middle)) <= left) {
                        low = middle;
                    } else {
                        length = middle - 1;
                    }
                }
                return Seq{raw(first) + low - 1};
            }
            left -= signed_count(view.counted(run.cls, first, length));
            first = plus(first, length);
        }
        at = Seq{raw(group->first) + group->count - 1};
    }
    if (const auto late = snapshot.late_by_date(view.user(), view.collection(), date)) {
        at = std::max(at, late->seq);
    }
    return at;
}

void Dates::enter_group_of(Seq seq) {
    if (!group_ || seq < group_->first || seq >= plus(group_->first, group_->count)) {
        group_ = snapshot_.group_at(view_.collection(), seq);
        if (!group_ || seq >= plus(group_->first, group_->count)) {
            throw StorageError(StorageError::Kind::corrupt, "an entry lies in no group");
        }
    } else if (seq >= run_first_) {
        return;
    }
    run_ = 0;
    run_first_ = group_->first;
    rank_ = 0;
}

Micros Dates::of(Seq seq) {
    enter_group_of(seq);
    while (run_ < group_->runs.size()) {
        const Group::Run& run = group_->runs[run_];
        if (seq < plus(run_first_, run.count)) {
            const auto before = static_cast<std::uint32_t>(raw(seq) - raw(run_first_));
            return group_->base +
                   (rank_ + signed_count(view_.counted(run.cls, run_first_, before)));
        }
        rank_ += signed_count(view_.counted(run.cls, run_first_, run.count));
        run_first_ = plus(run_first_, run.count);
        ++run_;
    }
    throw StorageError(StorageError::Kind::corrupt, "a group is shorter than it says");
}

}  // namespace internal

Micros date_in_view(const Group& group, const agreement::View& view, Seq seq) {
    std::int64_t rank = 0;
    Seq first = group.first;
    for (const Group::Run& run : group.runs) {
        if (first >= seq) break;
        const std::uint64_t before = std::min<std::uint64_t>(run.count, raw(seq) - raw(first));
        rank += signed_count(view.counted(run.cls, first, static_cast<std::uint32_t>(before)));
        first = plus(first, run.count);
    }
    return group.base + rank;
}

}  // namespace entente::store
