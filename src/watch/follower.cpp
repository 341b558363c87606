#include "watch/follower.h"

#include "agreement/release.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "exchange/purpose.h"
#include "store/scan.h"
#include "watch/internal/indicator.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace entente::watch {
namespace {

using agreement::raw;
using store::Seq;

constexpr int seq_bits = 40;  // agreement::seq_max

store::Filter indicators_only() {
    store::Filter filter;
    filter.types = {"indicator"};
    return filter;
}

/// Calls `take` with each line, without its line feed.
template <class Take>
void each_line(std::string_view lines, const Take& take) {
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        take(lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
}

}  // namespace

match::Key key_of(Place place) noexcept {
    return match::Key{raw(place.collection)} << seq_bits | raw(place.seq);
}

Place place_of(match::Key key) noexcept {
    return {
        store::CollectionNo{static_cast<std::uint32_t>(key >> seq_bits)},
        Seq{key & raw(agreement::seq_max)}};
}

/// One collection, and how far it was read.
struct Follower::Followed {
    store::CollectionNo no{};
    store::Position at{};
    Seq next_seq{};             // of the log when it was read to its end
    std::uint64_t entries = 0;  // then
    Seq first_end{};            // of the log when the first reading began
    bool loaded = false;        // it was read to its end once
    bool prune = false;         // something of it may have gone
    std::uint64_t refused = 0;
    std::vector<bool> classes;        // those whose entries count
    std::vector<Seq> taken;           // what of it is in the set
    bool sorted = true;               // `taken` is
    std::int64_t prune_after_us = 0;  // monotonic

    [[nodiscard]] bool has(Seq seq) {
        if (!std::exchange(sorted, true)) std::ranges::sort(taken);
        return std::ranges::binary_search(taken, seq);
    }

    void add(Seq seq) {
        sorted = sorted && (taken.empty() || taken.back() < seq);
        taken.push_back(seq);
    }

    void remove(Seq seq) {
        if (!has(seq)) return;
        taken.erase(std::ranges::lower_bound(taken, seq));
    }
};

/// What was read at once, for one snapshot.
struct Follower::Page {
    agreement::Released lines;
    std::vector<Seq> entries;
};

Follower::Follower(Around around) : around_(std::move(around)) {}

Follower::~Follower() {
    if (merge_.valid()) merge_.wait();
}

std::shared_ptr<const Live> Follower::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

bool Follower::set() const {
    const std::lock_guard lock(mutex_);
    return is_set_;
}

bool Follower::look() {
    const exchange::Present now =
        exchange::present(around_.store, around_.states, around_.clock, around_.write);
    if (generation_ != now.snapshot->generation()) refresh(*now.snapshot, *now.state);
    if (!settings_) return true;
    look_after_merge();
    for (const auto& one : followed_) {
        if (!catch_up(*one, now)) return false;
    }
    if (changed_) publish();
    return true;
}

/// What the directory, or a setting, says has changed.
void Follower::refresh(store::Snapshot& snapshot, const exchange::State& state) {
    auto settings = exchange::watch_settings(snapshot);
    if (!settings) {
        log::error("the watch cannot be read", {{"why", settings.error().detail}});
        settings = std::nullopt;
    }
    if (*settings != settings_) {
        settings_ = std::move(*settings);
        begin_anew();
    }
    if (settings_) {
        if (lists_.refresh(snapshot)) changed_ = true;
        choose_collections(state);
        for (const auto& one : followed_)
            note_classes(*one, snapshot, state);
    }
    generation_ = snapshot.generation();
}

void Follower::begin_anew() {
    if (merge_.valid()) (void)merge_.get();
    followed_.clear();
    ++epoch_;
    set_.reset();
    {
        const std::lock_guard lock(mutex_);
        current_.reset();
        is_set_ = settings_.has_value();
    }
    if (!settings_) return;
    set_.emplace(match::IndicatorSet::Options{.key = around_.key, .canonical = true});
    auto fields = std::make_shared<match::FieldMap>();
    if (const auto added = fields->add(settings_->fields); !added)
        log::error("the fields of the watch cannot be read", {{"why", added.error().detail}});
    fields_ = std::move(fields);
    changed_ = true;
}

void Follower::choose_collections(const exchange::State& state) {
    std::vector<store::CollectionNo> wanted;
    const store::User* user = state.user(settings_->user);
    const auto may_read = [&](store::CollectionNo no) {
        return user != nullptr && state.collection(no) != nullptr && state.rights(*user, no).read;
    };
    for (const store::Collection& collection : state.directory.collections) {
        const auto& named = settings_->collections;
        if (!named.empty() && std::ranges::find(named, collection.no) == named.end()) continue;
        if (may_read(collection.no)) wanted.push_back(collection.no);
    }
    std::erase_if(followed_, [&](const auto& one) {
        if (std::ranges::find(wanted, one->no) != wanted.end()) return false;
        forget(*one);
        return true;
    });
    for (const store::CollectionNo no : wanted) {
        const auto is_it = [no](const auto& one) { return one->no == no; };
        if (std::ranges::any_of(followed_, is_it)) continue;
        followed_.push_back(std::make_unique<Followed>());
        followed_.back()->no = no;
    }
}

void Follower::forget(Followed& one) {
    for (const Seq seq : one.taken)
        changed_ = set_->withdraw(key_of({one.no, seq})) || changed_;
    one.taken.clear();
}

/// Which classes count now. Where one counts no more, what was taken of it goes; where one that was
/// known counts again, the collection is read again. What comes by a right comes by late rows.
void Follower::note_classes(
    Followed& one, store::Snapshot& snapshot, const exchange::State& state
) {
    const auto view = around_.states.view(snapshot, state, settings_->user, one.no);
    std::vector<bool> classes(state.classes->size(), false);
    for (const store::ClassNo cls : view->released())
        classes[raw(cls)] = exchange::terms_hold(state, cls);
    bool came = false;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        // Of a class that is new since, something may have been taken already.
        const bool known = i < one.classes.size();
        const bool counted = known ? one.classes[i] : !one.taken.empty();
        if (counted && !classes[i]) one.prune = true;
        came = came || (known && !counted && classes[i]);
    }
    one.classes = std::move(classes);
    one.prune_after_us = 0;
    if (came) {
        one.at = {};
        one.next_seq = {};
        one.refused = 0;
    }
}

/// False when it has to go on in another look.
bool Follower::catch_up(Followed& one, const exchange::Present& now) {
    const store::Snapshot::Head head = now.snapshot->head(one.no);
    if (head.next_seq != one.next_seq || head.entries != one.entries) {
        std::uint64_t came = 0;
        if (one.loaded && raw(one.next_seq) > 0) {
            const auto cursor = now.snapshot->entries(one.no, one.next_seq);
            while (cursor->next())
                ++came;
        }
        one.prune = one.prune || (one.loaded && one.entries + came != head.entries);
        if (head.next_seq != one.next_seq) {
            if (!read_page(one, now)) return false;
            one.next_seq = head.next_seq;
        }
        one.entries = head.entries;
        one.loaded = true;
    }
    if (one.prune && around_.clock.monotonic_us() >= one.prune_after_us) prune(one, *now.snapshot);
    return true;
}

/// Reads on, a page to a snapshot so that a large collection never holds back the log; true when
/// the end that `first` knows is reached.
bool Follower::read_page(Followed& one, const exchange::Present& first) {
    const Seq end = first.snapshot->head(one.no).next_seq;
    if (raw(one.first_end) == 0) one.first_end = end;
    std::optional<exchange::Present> later;
    for (;;) {
        if (around_.stopping && around_.stopping()) return false;
        const exchange::Present& now = later ? *later : first;
        if (now.snapshot->generation() != first.snapshot->generation()) return false;
        const auto view = around_.states.view(*now.snapshot, *now.state, settings_->user, one.no);
        agreement::Gate places(*view, agreement::Form::version);
        agreement::Gate lines(*view, agreement::Form::line);
        const store::ScanResult found = store::scan(
            *now.snapshot,
            *view,
            *now.state->classes,
            indicators_only(),
            one.at,
            limits::page_objects_max,
            [&](const agreement::Sealed& sealed) {
                if (lines.bytes() > limits::page_bytes_max) return false;
                // What is there already is not opened.
                if (places.pass(sealed) && !one.has(places.entries().back()))
                    (void)lines.pass(sealed);
                return true;
            }
        );
        std::vector<Seq> entries = lines.entries();
        take(one, *now.snapshot, {std::move(lines).finish({}), std::move(entries)});
        if (!found.more) {
            // Everything up to the end was looked at, whatever its type.
            const Seq next = now.snapshot->head(one.no).next_seq;
            if (raw(next) > 0) one.at = {Seq{raw(next) - 1}};
            if (next >= end) return true;
        } else {
            one.at = found.end;
        }
        later.emplace(exchange::present(around_.store, around_.states, around_.clock, around_.write)
        );
    }
}

void Follower::take(Followed& one, store::Snapshot& snapshot, const Page& page) {
    std::size_t next = 0;
    const Micros now = around_.clock.now();
    each_line(page.lines.for_file(), [&](std::string_view line) {
        ENTENTE_ASSERT(next < page.entries.size());
        const Seq seq = page.entries[next++];
        const auto read = read_indicator(line);
        if (!read) {
            ++one.refused;
            return;
        }
        // What was there when the first reading began takes nobody's place: it is the newest.
        if (one.loaded || seq >= one.first_end) {
            for (const store::Version& version : snapshot.versions(one.no, read->id)) {
                if (version.seq == seq || !set_->withdraw(key_of({one.no, version.seq}))) continue;
                one.remove(version.seq);
                changed_ = true;
            }
        }
        if (read->revoked || read->other_language || read->validity.until <= now) return;
        const std::string pattern =
            settings_->subdomains ? with_subdomains(read->pattern, read->dialect) : read->pattern;
        const auto added =
            set_->add({key_of({one.no, seq}), pattern, read->dialect, read->validity});
        if (!added) {
            ++one.refused;
            return;
        }
        one.add(seq);
        changed_ = true;
    });
}

/// Withdraws what lies there no more, or is of a class that does not count. A walk over the
/// collection's rows: not made again before it has paid.
void Follower::prune(Followed& one, store::Snapshot& snapshot) {
    constexpr std::int64_t rest = 20;  // times as long as it took
    const std::int64_t began = around_.clock.monotonic_us();
    if (!std::exchange(one.sorted, true)) std::ranges::sort(one.taken);
    const auto cursor = snapshot.entries(one.no, Seq{});
    auto entry = cursor->next();
    const auto stays = [&](Seq seq) {
        while (entry && entry->seq < seq)
            entry = cursor->next();
        if (!entry || entry->seq != seq) return false;
        const auto cls = raw(entry->cls);
        return cls >= one.classes.size() || one.classes[cls];
    };
    std::erase_if(one.taken, [&](Seq seq) {
        if (stays(seq)) return false;
        changed_ = set_->withdraw(key_of({one.no, seq})) || changed_;
        return true;
    });
    one.prune = false;
    const std::int64_t now = around_.clock.monotonic_us();
    one.prune_after_us = now + rest * (now - began);
}

void Follower::publish() {
    auto live = std::make_shared<Live>();
    live->epoch = epoch_;
    live->settings = *settings_;
    live->indicators = set_->publish();
    live->fields = fields_;
    live->lists = lists_.current();
    for (const auto& one : followed_)
        live->refused += one->refused;
    const bool first = current() == nullptr;
    if (first) {
        log::info(
            "indicators are looked for",
            {{"indicators", std::to_string(live->indicators->size())},
             {"left_out", std::to_string(live->refused)}}
        );
    }
    {
        const std::lock_guard lock(mutex_);
        current_ = std::move(live);
    }
    changed_ = false;
    if (!merge_.valid() && set_->merge_due()) {
        // Shared: std::async copies what it runs.
        auto merge = std::make_shared<match::IndicatorSet::Merge>(set_->begin_merge());
        merge_ = std::async(std::launch::async, [merge] {
            merge->run();
            return std::move(*merge);
        });
    }
}

void Follower::look_after_merge() {
    if (!merge_.valid()) return;
    if (merge_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    set_->end_merge(merge_.get());
    changed_ = true;
}

}  // namespace entente::watch
