#include "store/scan.h"

#include "base/limits.h"
#include "store/internal/dates.h"
#include "store/internal/query.h"
#include "store/internal/scan_with.h"
#include "store/internal/versions.h"
#include "store/internal/walk.h"

#include <algorithm>
#include <utility>

namespace entente::store {
namespace {

using agreement::Sealed;
using internal::Chooser;
using internal::Chosen;
using internal::Dates;
using internal::InPlaceWalk;
using internal::LateWalk;
using internal::Place;
using internal::Query;

std::string_view media_type_of(std::string_view spec_version) {
    return spec_version == "2.0" ? "application/stix+json;version=2.0"
                                 : "application/stix+json;version=2.1";
}

/// What of an entry goes to the sink.
struct Found {
    Entry entry;
    Place place;
};

/// Hands entries to the sink and keeps count.
class Output {
  public:
    Output(
        const Query& query,
        Seq start,
        std::uint64_t limit,
        const std::function<bool(const Sealed&)>& sink
    )
        : query_(query),
          dates_(query.snapshot(), query.view()),
          limit_(limit),
          sink_(sink) {
        result_.end.seq = start;
    }

    [[nodiscard]] bool full() const noexcept { return taken_ == limit_; }

    void there_is_more() noexcept { result_.more = true; }

    void some_id_is_visible() noexcept { result_.any_id_visible = true; }

    [[nodiscard]] const ScanResult& result() const noexcept { return result_; }

    /// Returns whether the sink took it.
    [[nodiscard]] bool put(const Entry& entry, const Place& place, std::string_view body) {
        const Micros date = place.late ? place.date : dates_.of(entry.seq);
        const Sealed sealed(
            {.cls = entry.cls,
             .seq = entry.seq,
             .late = place.late,
             .date = date,
             .id = entry.id,
             .version = entry.version,
             .media_type = media_type_of(query_.spec_version(entry.cls)),
             .body = body}
        );
        if (!sink_(sealed)) return false;
        ++taken_;
        result_.end.seq = place.seq;
        if (!result_.first_date) result_.first_date = date;
        result_.last_date = date;
        return true;
    }

  private:
    const Query& query_;
    Dates dates_;
    std::uint64_t limit_;
    std::uint64_t taken_ = 0;
    const std::function<bool(const Sealed&)>& sink_;
    ScanResult result_;
};

/// The stream of a query in order of position: in place and late, merged.
class Stream {
  public:
    Stream(const Query& query, Seq after, std::uint64_t passed_over_max)
        : query_(query),
          in_place_(query, after, passed_over_max),
          late_(query, after),
          chooser_(query) {}

    /// The next entry of the stream; its texts live until the next call.
    [[nodiscard]] std::optional<Found> next() {
        for (;;) {
            const auto here = in_place_.peek();
            const auto late = late_.peek();
            if (!here && !late) return std::nullopt;
            const bool take_late = late && (!here || *late < *here);
            auto found = take_late ? take_from_late() : take_in_place();
            if (found && chooser_.takes(found->entry)) return found;
        }
    }

    /// Of the entry that next() gave.
    [[nodiscard]] std::string_view body(const Found& found) {
        return found.place.late ? found.entry.body : in_place_.body();
    }

  private:
    [[nodiscard]] std::optional<Found> take_in_place() {
        const Entry entry = in_place_.take();
        Place place{.seq = entry.seq, .late = false, .date = {}};
        if (query_.filter().version.last && has(entry.flags, Flag::reexposed)) {
            const auto shown = query_.place_of(entry.seq, entry.cls, entry.flags);
            if (!shown || shown->late) return std::nullopt;
        }
        return Found{entry, place};
    }

    [[nodiscard]] std::optional<Found> take_from_late() {
        const LateRow row = late_.take();
        const auto entry = query_.snapshot().entry(query_.collection(), row.entry);
        if (!entry) return std::nullopt;
        const Place place{.seq = row.seq, .late = true, .date = row.date};
        const bool has_one_row =
            row.kind == LateRow::Kind::widened && !has(entry->flags, Flag::reexposed);
        if (has_one_row) {
            if (query_.view().shows(entry->cls, entry->seq)) return std::nullopt;
            return Found{*entry, place};
        }
        const auto shown = query_.place_of(entry->seq, entry->cls, entry->flags);
        if (!shown || shown->seq != row.seq) return std::nullopt;
        return Found{*entry, place};
    }

    const Query& query_;
    InPlaceWalk in_place_;
    LateWalk late_;
    Chooser chooser_;
};

void scan_stream(const Query& query, Seq start, std::uint64_t passed_over_max, Output& output) {
    if (query.wanted().empty()) return;
    Stream stream(query, start, passed_over_max);
    while (const auto found = stream.next()) {
        if (output.full() || !output.put(found->entry, found->place, stream.body(*found))) {
            output.there_is_more();
            return;
        }
    }
}

bool earlier(const Chosen& a, const Chosen& b) {
    return a.place.seq < b.place.seq;
}

/// Keeps the `count` earliest; called often enough that `chosen` stays small whatever the number of
/// versions.
void keep_earliest(std::vector<Chosen>& chosen, std::uint64_t count) {
    if (chosen.size() <= count) return;
    std::ranges::nth_element(chosen, chosen.begin() + static_cast<std::ptrdiff_t>(count), earlier);
    chosen.resize(count);
}

void scan_ids(const Query& query, Seq start, std::uint64_t limit, Output& output) {
    std::vector<Chosen> chosen;
    for (const std::string& id : query.filter().ids) {
        const internal::Choice choice = internal::choose(query, id);
        if (choice.any_visible) output.some_id_is_visible();
        for (const Chosen& c : choice.chosen) {
            if (c.place.seq > start) chosen.push_back(c);
        }
        // One more than fits tells whether there is more.
        if (chosen.size() > 2 * limit) keep_earliest(chosen, limit + 1);
    }
    std::ranges::sort(chosen, earlier);
    for (const Chosen& c : chosen) {
        const auto entry = query.snapshot().entry(query.collection(), c.entry);
        if (!entry)
            throw StorageError(StorageError::Kind::corrupt, "an object's history names no entry");
        if (output.full() || !output.put(*entry, c.place, entry->body)) {
            output.there_is_more();
            return;
        }
    }
}

}  // namespace

ScanResult internal::scan_with(
    Snapshot& snapshot,
    const agreement::View& view,
    const agreement::ClassTable& classes,
    const Filter& filter,
    const PageBounds& bounds,
    const std::function<bool(const Sealed&)>& sink
) {
    const Query query(snapshot, view, classes, filter);
    const Seq start = std::max(bounds.from.seq, query.added_after());
    Output output(query, start, bounds.limit, sink);
    if (!filter.ids.empty()) {
        scan_ids(query, start, bounds.limit, output);
    } else if (start < agreement::seq_max) {
        scan_stream(query, start, bounds.passed_over_max, output);
    }
    return output.result();
}

ScanResult scan(
    Snapshot& snapshot,
    const agreement::View& view,
    const agreement::ClassTable& classes,
    const Filter& filter,
    Position from,
    std::uint64_t limit,
    const std::function<bool(const Sealed&)>& sink
) {
    return internal::scan_with(
        snapshot,
        view,
        classes,
        filter,
        {.from = from, .limit = limit, .passed_over_max = limits::withheld_rows_per_page_max},
        sink
    );
}

}  // namespace entente::store
