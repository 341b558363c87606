#include "cli/feed_keep.h"

#include "base/escape.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/find.h"
#include "exchange/disclosure.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace entente::cli {
namespace {

namespace json = boost::json;
using exchange::FeedSettings;

constexpr std::int64_t retry_us = 10 * micros_per_second;

json::object counts_json(const feed::Counts& counts) {
    json::object all;
    for (std::size_t i = 0; i < feed::drops; ++i) {
        const auto drop = static_cast<feed::Drop>(i);
        if (counts.of(drop) > 0) all[feed::drop_text(drop)] = counts.of(drop);
    }
    return all;
}

/// One digest over the files that have something in them.
std::string digest_of(const std::vector<feed::File>& files) {
    std::string digests;
    for (const feed::File& file : files)
        digests += to_hex(sha256(file.text));
    return to_hex(sha256(digests));
}

/// Those of `now` that are not in `before`; both rise.
std::vector<store::Seq> fresh(
    const std::vector<store::Seq>& now, const std::vector<store::Seq>& before
) {
    std::vector<store::Seq> left;
    std::ranges::set_difference(now, before, std::back_inserter(left));
    return left;
}

}  // namespace

json::object report_json(
    const FeedSettings& settings, std::string_view user, const FeedReport& report
) {
    json::object warned;
    for (const auto& [list, count] : report.warned)
        warned[list] = count;
    return {
        {"feed", settings.name},
        {"for", user},
        {"purpose", agreement::action_text(settings.purpose)},
        {"format", settings.format},
        {"values", report.values},
        {"objects", report.objects},
        {"left_out", counts_json(report.left_out)},
        {"warned", std::move(warned)},
        {"overridden", json::array(report.overridden.begin(), report.overridden.end())},
        {"notes", json::array(report.notes.begin(), report.notes.end())},
        {"changes_at",
         report.changes_at ? json::value(format_taxii(*report.changes_at)) : json::value(nullptr)}};
}

/// In pieces: a record holds so many entries.
void KeptFeed::record(const MadeFeed& made) {
    std::vector<store::Act> acts;
    const auto snapshot = around_.store.snapshot();
    const auto state = around_.states.get(*snapshot);
    const store::User* user = state->user(settings_.user);
    const std::string digest = digest_of(made.files);
    for (const auto& [collection, entries] : made.given) {
        const auto before = given_.find(collection);
        const std::vector<store::Seq> more =
            before == given_.end() ? entries : fresh(entries, before->second);
        for (std::size_t at = 0; at < more.size(); at += limits::feed_entries_per_act) {
            const std::size_t end = std::min(at + limits::feed_entries_per_act, more.size());
            const std::vector<store::Seq> some(
                more.begin() + static_cast<std::ptrdiff_t>(at),
                more.begin() + static_cast<std::ptrdiff_t>(end)
            );
            acts.push_back(exchange::disclosure_act(
                {.what = "feed",
                 .user = settings_.user,
                 .party = user == nullptr ? store::PartyNo{} : user->party,
                 .collection = collection,
                 .after = {},
                 .to = {some.back()},
                 .sha256 = digest,
                 .entries = some,
                 .by = state->own_party().name},
                around_.clock.now()
            ));
        }
    }
    if (acts.empty()) return;
    around_.write([&](store::Transaction& tx) {
        for (const store::Act& act : acts)
            tx.append_act(act);
    });
}

/// Asked while the folder is locked, so that a feed that is removed with its files stays removed.
bool KeptFeed::is_set_up() const {
    const auto all = exchange::feeds(*around_.store.snapshot());
    return all && std::ranges::find(*all, settings_) != all->end();
}

Result<WrittenFeed> KeptFeed::write(
    FeedMaker& maker, const std::function<void(std::uint64_t objects)>& progress
) {
    const std::int64_t began = around_.clock.monotonic_us();
    mark_.reset();
    ENTENTE_TRY(MadeFeed made, maker.make(settings_, progress));
    record(made);  // durable before the bytes are anywhere
    given_ = std::move(made.given);
    WrittenFeed written;
    const std::string user = user_name(around_.store.snapshot()->directory(), settings_.user);
    written.report = report_json(settings_, user, made.report);
    written.empty = made.report.values == 0;
    FeedWriting asking;
    if (when_ == When::set_up) asking.wanted = [this] { return is_set_up(); };
    asking.last = [&](std::size_t replaced) -> std::optional<feed::File> {
        if (replaced == 0 && report_ == written.report) return std::nullopt;
        json::object text{{"written_at", format_taxii(around_.clock.now())}};
        for (const auto& [name, value] : written.report)
            text[name] = value;
        return feed::File{std::string(feed_report_name), json::serialize(text) + '\n'};
    };
    ENTENTE_TRY(written.replaced, write_feed_files(settings_.folder, made.files, asking));
    report_ = written.report;
    mark_ = std::move(made.mark);
    changes_at_ = made.report.changes_at;
    if (made.renew_at && (!changes_at_ || *made.renew_at < *changes_at_))
        changes_at_ = made.renew_at;
    const std::int64_t now = around_.clock.monotonic_us();
    not_before_us_ = now + (now - began);
    return written;
}

Result<std::optional<WrittenFeed>> KeptFeed::keep(FeedMaker& maker) {
    if (around_.clock.monotonic_us() < not_before_us_) return std::nullopt;
    const bool in_time = !changes_at_ || around_.clock.now() < *changes_at_;
    if (mark_ && in_time && maker.mark(settings_) == *mark_) return std::nullopt;
    not_before_us_ = around_.clock.monotonic_us() + retry_us;
    ENTENTE_TRY(WrittenFeed written, write(maker));
    return written;
}

std::vector<FeedRound::Outcome> FeedRound::look(const std::vector<std::string>& only) {
    std::vector<Outcome> outcomes;
    const auto told = [&](const std::string& feed, Error error) {
        if (std::exchange(failures_[feed], error.detail) != error.detail)
            outcomes.push_back({feed, tl::unexpected(std::move(error))});
    };
    auto settings = exchange::feeds(*around_.store.snapshot());
    if (!settings) {
        told("", settings.error());
        return outcomes;
    }
    std::map<std::string, KeptFeed> kept;
    for (FeedSettings& one : *settings) {
        if (!only.empty() && std::ranges::find(only, one.name) == only.end()) continue;
        const auto known = feeds_.find(one.name);
        if (known != feeds_.end() && known->second.settings() == one) {
            kept.insert(feeds_.extract(known));
        } else {
            const std::string name = one.name;
            kept.emplace(name, KeptFeed(around_, std::move(one), KeptFeed::When::set_up));
        }
    }
    feeds_ = std::move(kept);
    for (auto& [name, feed] : feeds_) {
        try {
            auto written = feed.keep(maker_);
            if (!written) {
                told(name, written.error());
            } else if (*written) {
                failures_.erase(name);
                outcomes.push_back({name, std::move(**written)});
            }
        } catch (const StorageError& error) {
            told(name, {Errc::overloaded, error.what()});
        }
    }
    return outcomes;
}

FeedSurroundings FeedKeeper::stopped_by_me(FeedSurroundings around) {
    around.stopping = [this] { return stop_.stop_requested(); };
    return around;
}

FeedKeeper::FeedKeeper(FeedSurroundings around) : round_(stopped_by_me(std::move(around))) {
    thread_ = std::thread([this] { run(); });
}

FeedKeeper::~FeedKeeper() {
    {
        const std::lock_guard lock(mutex_);
        stop_.request_stop();
    }
    wake_.notify_one();
    thread_.join();
}

void FeedKeeper::run() {
    while (!stop_.stop_requested()) {
        try {
            look();
        } catch (const std::exception& error) {
            log::warning("cannot look after the feeds now", {{"why", error.what()}});
        }
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::milliseconds(limits::feed_look_ms), [this] {
            return stop_.stop_requested();
        });
    }
}

void FeedKeeper::look() {
    for (const FeedRound::Outcome& outcome : round_.look()) {
        if (!outcome.written) {
            if (stop_.stop_requested()) return;
            log::warning(
                "a feed was not written",
                {{"feed", printable(outcome.feed)}, {"why", outcome.written.error().detail}}
            );
        } else if (outcome.written->replaced > 0) {
            log::info(
                "a feed was written",
                {{"feed", printable(outcome.feed)},
                 {"values", std::to_string(outcome.written->report.at("values").as_uint64())}}
            );
        }
    }
}

}  // namespace entente::cli
