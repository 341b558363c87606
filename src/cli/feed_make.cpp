#include "cli/feed_make.h"

#include "agreement/class.h"
#include "agreement/release.h"
#include "base/assert.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/file_handle.h"
#include "cli/find.h"
#include "exchange/agreement_changes.h"
#include "exchange/own_assets.h"
#include "exchange/purpose.h"
#include "feed/extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace entente::cli {
namespace {

using agreement::Action;
using exchange::FeedSettings;

/// Where Debian's package publicsuffix has the list.
const std::string machines_suffixes = "/usr/share/publicsuffix/public_suffix_list.dat";

/// Zeek forgets what it was not told again for some time: nothing else takes a value back there.
constexpr std::int64_t zeek_renewal_us = 6 * 3'600 * micros_per_second;

/// Nothing where it cannot be looked at.
std::int64_t changed_at(const std::string& path) {
    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) return -1;
    return info.st_mtim.tv_sec * micros_per_second + info.st_mtim.tv_nsec / 1'000;
}

/// The entries of one page: those that may be used so, and the others, of which only that they are
/// there and of which version matters.
struct FeedPage {
    agreement::Released usable;
    agreement::Released others;
    std::vector<store::Seq> entries;        // of the usable ones
    std::vector<store::PartyNo> usable_of;  // whose each is
    std::vector<store::PartyNo> others_of;
    store::ScanResult found;
};

/// Whose each of the entries is: who alone may version it there.
std::vector<store::PartyNo> custodians(
    store::Snapshot& snapshot,
    const exchange::State& state,
    store::CollectionNo collection,
    const std::vector<store::Seq>& entries
) {
    std::vector<store::PartyNo> whose;
    whose.reserve(entries.size());
    for (const store::Seq seq : entries) {
        const auto entry = snapshot.entry(collection, seq);
        const agreement::Facets* facets = entry ? state.classes->find(entry->cls) : nullptr;
        if (facets == nullptr) {
            whose.emplace_back();
        } else if (facets->held_for != store::PartyNo{}) {
            whose.push_back(facets->held_for);
        } else {
            whose.push_back(state.party_of_identity(facets->producer).value_or(facets->source));
        }
    }
    return whose;
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

std::bitset<feed::kinds> kinds_of(const FeedSettings& settings) {
    const auto format = feed::format_of(settings.format);
    if (!format) return {};
    if (settings.kinds.empty()) return feed::kinds_of(*format);
    std::bitset<feed::kinds> named;
    for (const std::string& name : settings.kinds) {
        if (const auto kind = feed::kind_of(name)) named.set(static_cast<std::size_t>(*kind));
    }
    return named & feed::kinds_of(*format);
}

const std::string& suffixes_file(const FeedSettings& settings) {
    return settings.suffixes.empty() ? machines_suffixes : settings.suffixes;
}

Result<feed::PublicSuffixes> read_suffixes(const std::string& path) {
    const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        const int error = errno;
        return fail(
            error == ENOENT ? Errc::not_found : Errc::forbidden,
            fmt::format(
                "a blocking feed needs the list of public suffixes, and {} cannot be read: {}; "
                "install the package publicsuffix, or name the list with --suffixes FILE "
                "(https://publicsuffix.org/list/)",
                printable(path),
                std::strerror(error)
            )
        );
    }
    std::string text;
    std::string piece(1U << 16U, '\0');
    while (true) {
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            return fail(
                Errc::forbidden,
                fmt::format("{} cannot be read: {}", printable(path), std::strerror(errno))
            );
        }
        if (got == 0) break;
        text.append(piece, 0, static_cast<std::size_t>(got));
        if (text.size() > limits::feed_list_bytes_max) {
            return fail(
                Errc::too_large,
                fmt::format(
                    "{} has more than {} bytes", printable(path), limits::feed_list_bytes_max
                )
            );
        }
    }
    auto list = feed::PublicSuffixes::read(text);
    if (!list) {
        return fail(list.error().code, fmt::format("{}: {}", printable(path), list.error().detail));
    }
    return list;
}

struct FeedMaker::Lists {
    std::vector<std::string> own_texts;
    feed::OwnAssets own;
    std::vector<exchange::KeptList> kept;
    feed::WarningLists stopping;
    feed::WarningLists informing;
    bool read = false;

    std::string suffixes_path;
    std::int64_t suffixes_at = -1;
    std::optional<feed::PublicSuffixes> suffixes;
};

FeedMaker::FeedMaker(FeedSurroundings around)
    : around_(std::move(around)),
      lists_(std::make_unique<Lists>()) {}

FeedMaker::~FeedMaker() = default;

/// Reads the collections of one feed, one after the other.
class FeedMaker::Reading {
  public:
    Reading(const FeedSurroundings& around, const FeedSettings& settings)
        : around_(around),
          settings_(settings),
          reader_(
              settings.observables ? feed::Objects::observables_too : feed::Objects::indicators
          ) {
        if (!settings.observables) filter_.types = {"indicator"};
    }

    [[nodiscard]] Result<void> read(
        store::CollectionNo collection, const std::function<void(std::uint64_t)>& progress
    ) {
        for (store::Position at{};;) {
            if (around_.stopping())
                return fail(Errc::overloaded, "stopped before the feed was read");
            ENTENTE_TRY(const std::optional<FeedPage> page, next(collection, at));
            // A right that ends meanwhile moves the mark: the next look makes the feed anew.
            if (!page) return {};
            take(page->usable.for_file(), page->usable_of, true);
            take(page->others.for_file(), page->others_of, false);
            auto& given = given_[collection];
            given.insert(given.end(), page->entries.begin(), page->entries.end());
            if (progress) progress(collector_.size());
            at = page->found.end;
            if (!page->found.more) return {};
        }
    }

    [[nodiscard]] const feed::Collector& collector() const noexcept { return collector_; }

    [[nodiscard]] std::map<store::CollectionNo, std::vector<store::Seq>> given() && {
        for (auto& [collection, entries] : given_) {
            std::ranges::sort(entries);
            entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
        }
        return std::move(given_);
    }

    [[nodiscard]] std::vector<std::string> notes() && { return std::move(notes_); }

  private:
    /// A snapshot for each page: a large feed never holds back the log of a running server.
    [[nodiscard]] Result<std::optional<FeedPage>> next(
        store::CollectionNo collection, store::Position from
    ) {
        const exchange::Present now =
            exchange::present(around_.store, around_.states, around_.clock, around_.write);
        const exchange::State& state = *now.state;
        const store::User* user = state.user(settings_.user);
        const store::Collection* row = state.collection(collection);
        if (user == nullptr || row == nullptr || !state.rights(*user, collection).read) {
            notes_.push_back(
                row == nullptr ? "a collection of it was removed"
                               : fmt::format("its user may not read '{}'", row->title)
            );
            return std::nullopt;
        }
        if (state.stops.of(*user) != nullptr) {
            return fail(
                Errc::forbidden,
                fmt::format("'{}' is stopped; `entente start` ends that", printable(user->name))
            );
        }
        if (state.must_wait(*user)) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "the clock is in doubt, and what '{}' may have depends on dates of agreements; "
                    "`entente clock show` says why",
                    printable(user->name)
                )
            );
        }
        const auto whole = around_.states.view(*now.snapshot, state, settings_.user, collection);
        const agreement::View permitted = exchange::view_for(*whole, state, settings_.purpose);
        agreement::Gate usable(permitted, agreement::Form::line);
        agreement::Gate others(*whole, agreement::Form::line);
        const store::ScanResult found = store::scan(
            *now.snapshot,
            *whole,
            *state.classes,
            filter_,
            from,
            limits::page_objects_max,
            [&](const agreement::Sealed& sealed) {
                const std::size_t bytes = usable.bytes() + others.bytes();
                if (bytes > limits::page_bytes_max) return false;
                if (!usable.pass(sealed)) (void)others.pass(sealed);
                return true;
            }
        );
        std::vector<store::Seq> entries = usable.entries();
        std::vector<store::PartyNo> usable_of =
            custodians(*now.snapshot, state, collection, entries);
        std::vector<store::PartyNo> others_of =
            custodians(*now.snapshot, state, collection, others.entries());
        return FeedPage{
            .usable = std::move(usable).finish({}),
            .others = std::move(others).finish({}),
            .entries = std::move(entries),
            .usable_of = std::move(usable_of),
            .others_of = std::move(others_of),
            .found = found};
    }

    void take(std::string_view lines, const std::vector<store::PartyNo>& whose, bool usable) {
        std::size_t number = 0;
        each_line(lines, [&](std::string_view line) {
            // Stored objects have no line feeds in them: there is one line for each entry.
            ENTENTE_ASSERT(number < whose.size());
            const store::PartyNo party = whose[number++];
            auto read = reader_.read(line);
            if (!read) {
                collector_.left_out(read.error());
                return;
            }
            if (!*read) return;
            (*read)->custodian = agreement::raw(party);
            if (!usable) (*read)->found = {.values = {}, .drops = {feed::Drop::use_not_permitted}};
            collector_.add(std::move(**read));
        });
    }

    const FeedSurroundings& around_;
    const FeedSettings& settings_;
    store::Filter filter_;
    feed::ObjectReader reader_;
    feed::Collector collector_;
    std::map<store::CollectionNo, std::vector<store::Seq>> given_;
    std::vector<std::string> notes_;
};

namespace {

/// Those that are named; else all that the user may read.
std::vector<store::CollectionNo> collections_of(
    const exchange::State& state, const FeedSettings& settings
) {
    if (!settings.collections.empty()) return settings.collections;
    std::vector<store::CollectionNo> all;
    const store::User* user = state.user(settings.user);
    if (user == nullptr) return all;
    for (const store::Collection& collection : state.directory.collections) {
        if (state.rights(*user, collection.no).read) all.push_back(collection.no);
    }
    return all;
}

FeedMark mark_of(
    store::Snapshot& snapshot, const exchange::State& state, const FeedSettings& settings
) {
    FeedMark mark;
    mark.generation = snapshot.generation();
    for (const store::CollectionNo collection : collections_of(state, settings)) {
        if (state.collection(collection) == nullptr) continue;
        const store::Snapshot::Head head = snapshot.head(collection);
        mark.heads.emplace_back(collection, head.next_seq, head.entries);
    }
    if (settings.purpose == Action::block) mark.suffixes_at = changed_at(suffixes_file(settings));
    return mark;
}

}  // namespace

FeedMark FeedMaker::mark(const FeedSettings& settings) {
    const exchange::Present now =
        exchange::present(around_.store, around_.states, around_.clock, around_.write);
    return mark_of(*now.snapshot, *now.state, settings);
}

Result<MadeFeed> FeedMaker::make(
    const FeedSettings& settings, const std::function<void(std::uint64_t)>& progress
) {
    const auto format = feed::format_of(settings.format);
    if (!format) return fail(Errc::corrupt, "a feed with a format that is not known");
    MadeFeed made;
    std::vector<store::CollectionNo> collections;
    {
        const exchange::Present now =
            exchange::present(around_.store, around_.states, around_.clock, around_.write);
        made.mark = mark_of(*now.snapshot, *now.state, settings);
        collections = collections_of(*now.state, settings);
        ENTENTE_CHECK(refresh_lists(*now.snapshot));
        if (now.state->user(settings.user) == nullptr)
            made.report.notes.emplace_back("its user was removed");
    }
    feed::Guard guard;
    guard.wanted = kinds_of(settings);
    guard.format = feed::kinds_of(*format);
    guard.ruled = feed::ruled_kinds(*format);
    guard.own = &lists_->own;
    guard.stopping = &lists_->stopping;
    guard.informing = &lists_->informing;
    if (settings.purpose == Action::block) {
        guard.purpose = feed::Purpose::block;
        ENTENTE_TRY(guard.suffixes, suffixes(suffixes_file(settings)));
    }
    for (const std::string& text : settings.allowed) {
        const std::size_t blank = text.find(' ');
        const auto kind = feed::kind_of(std::string_view(text).substr(0, blank));
        if (!kind || blank == std::string::npos) continue;
        if (auto value = feed::read_value(*kind, std::string_view(text).substr(blank + 1)))
            guard.allowed.insert(feed::folded(std::move(*value)));
    }
    Reading reading(around_, settings);
    for (const store::CollectionNo collection : collections)
        ENTENTE_CHECK(reading.read(collection, progress));

    const feed::Feed feed = reading.collector().make(guard, around_.clock.now());
    made.report.values = feed.entries.size();
    made.report.objects = feed.objects;
    made.report.left_out = feed.left_out;
    made.report.warned = feed.warned;
    made.report.changes_at = feed.changes_at;
    for (const feed::Value& value : feed.overridden)
        made.report.overridden.push_back(
            fmt::format("{} {}", feed::kind_name(value.kind), value.text)
        );
    feed::WriteOptions options;
    options.purpose = guard.purpose;
    options.wanted = guard.wanted;
    options.prefix = "entente-" + settings.name;
    if (settings.sid_first != 0) options.sid_first = settings.sid_first;
    if (*format == feed::Format::zeek) {
        const Micros now = around_.clock.now();
        const std::int64_t period = now.count / zeek_renewal_us;
        options.renewed = format_taxii(Micros{period * zeek_renewal_us});
        made.renew_at = Micros{(period + 1) * zeek_renewal_us};
    }
    made.files = feed::write_feed(*format, feed.entries, options);
    made.given = std::move(reading).given();
    for (std::string& note : std::move(reading).notes())
        made.report.notes.push_back(std::move(note));
    return made;
}

Result<void> FeedMaker::refresh_lists(store::Snapshot& snapshot) {
    std::vector<std::string> own_texts = exchange::own_assets(snapshot);
    if (!lists_->read || own_texts != lists_->own_texts) {
        std::vector<feed::OwnAsset> assets;
        for (const std::string& text : own_texts) {
            ENTENTE_TRY(feed::OwnAsset asset, feed::read_own_asset(text));
            assets.push_back(std::move(asset));
        }
        lists_->own = feed::OwnAssets(assets);
        lists_->own_texts = std::move(own_texts);
    }
    ENTENTE_TRY(std::vector<exchange::KeptList> kept, exchange::kept_lists(snapshot));
    if (!lists_->read || kept != lists_->kept) {
        lists_->read = false;
        lists_->stopping = {};
        lists_->informing = {};
        for (const exchange::KeptList& list : kept) {
            feed::WarningLists& to = list.stops ? lists_->stopping : lists_->informing;
            if (auto taken = to.add(exchange::kept_list_text(snapshot, list)); !taken) {
                return fail(
                    Errc::corrupt,
                    fmt::format(
                        "the warning list '{}': {}", printable(list.name), taken.error().detail
                    )
                );
            }
        }
        lists_->kept = std::move(kept);
    }
    lists_->read = true;
    return {};
}

Result<const feed::PublicSuffixes*> FeedMaker::suffixes(const std::string& path) {
    const std::int64_t at = changed_at(path);
    const bool same = lists_->suffixes && lists_->suffixes_path == path;
    if (!same || at != lists_->suffixes_at) {
        auto fresh = read_suffixes(path);
        if (fresh) {
            lists_->suffixes = std::move(*fresh);
        } else if (!same) {
            return tl::unexpected(fresh.error());
        }
        // A list that is gone for the moment, as when a package is put in anew, is known still.
        lists_->suffixes_path = path;
        lists_->suffixes_at = at;
    }
    return &*lists_->suffixes;
}

}  // namespace entente::cli
