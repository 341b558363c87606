#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/match_commands.h"
#include "cli/match_files.h"
#include "cli/match_follow.h"
#include "cli/match_indicators.h"
#include "cli/match_input.h"
#include "cli/match_pull.h"
#include "cli/stop.h"
#include "cli/validate_read.h"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace entente::cli {
namespace {

Result<std::optional<match::Format>> format_of(const std::string& word) {
    if (word == "auto") return std::nullopt;
    const auto format = match::format_of_word(word);
    if (format) return format;
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "there is no format '{}'; expected auto, {}", printable(word), match::format_words
        )
    );
}

Result<std::shared_ptr<const match::FieldMap>> fields_of(const MatchCommandOptions& options) {
    if (options.fields.empty()) return match::default_fields();
    auto fields = std::make_shared<match::FieldMap>();
    for (const std::string& path : options.fields) {
        std::string text;
        const auto take = [&text](std::string_view bytes) -> Result<void> {
            text += bytes;
            return {};
        };
        ENTENTE_CHECK(decode_file(path, take, limits::match_fields_bytes_max));
        if (const auto added = fields->add(text); !added) {
            return fail(
                added.error().code, fmt::format("{}: {}", shown_name(path), added.error().detail)
            );
        }
    }
    return fields;
}

Result<void> check(const MatchCommandOptions& options) {
    if (options.indicators.empty()) {
        return fail(Errc::invalid_argument, "say with --indicators what to look for");
    }
    if (options.events.empty()) {
        return fail(Errc::invalid_argument, "say in which events to look; - is standard input");
    }
    const auto standard_inputs = std::ranges::count(options.events, "-") +
                                 std::ranges::count(options.indicators, "-") +
                                 std::ranges::count(options.fields, "-") +
                                 (options.remote.password_file == "-" ? 1 : 0) +
                                 (options.remote.token_file == "-" ? 1 : 0);
    if (standard_inputs > 1) {
        return fail(Errc::invalid_argument, "standard input (-) can be read once");
    }
    if (std::ranges::count_if(options.indicators, is_indicator_url) > 1) {
        return fail(
            Errc::invalid_argument,
            "the indicators of one URL can be read, since credentials are meant for one server; "
            "`entente pull URL --out FILE` reads the others"
        );
    }
    if (options.follow && std::ranges::count(options.events, "-") > 0) {
        return fail(
            Errc::invalid_argument,
            "standard input is read to its end anyway: --follow is for files"
        );
    }
    return {};
}

void tell_indicators(const IndicatorCounts& counts, std::int64_t took_us, Context& context) {
    std::string text = counted(counts.taken, "indicator");
    const auto also = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) text += fmt::format(", {} {}", grouped(count), what);
    };
    also(counts.revoked, "revoked");
    also(counts.other_language, "in another language than STIX patterns");
    also(counts.older, "of several versions");
    also(counts.of_several_creators, "of several creators");
    also(counts.refused, "left out");
    context.note(fmt::format("{}, read in {:.2f} s", text, static_cast<double>(took_us) / 1e6));
}

void tell_totals(
    const MatchTotals& totals,
    const IndicatorCounts& indicators,
    std::int64_t took_us,
    Context& context
) {
    const match::WatchCounts& c = totals.counts;
    context.out.document(
        {{"indicators", indicators.taken},
         {"left_out", indicators.refused},
         {"events", totals.events},
         {"hits", totals.hits},
         {"unreadable", totals.unreadable},
         {"untimely", c.untimely},
         {"cut", c.cut},
         {"undecided", c.undecided},
         {"forgotten", c.forgotten}}
    );
    if (context.out.json()) return;
    std::string text = fmt::format(
        "{}, {} in {:.2f} s",
        counted(totals.events, "event"),
        counted(totals.hits, "hit"),
        static_cast<double>(took_us) / 1e6
    );
    const auto also = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) text += fmt::format("; {} {}", grouped(count), what);
    };
    also(totals.unreadable, "could not be read");
    also(c.untimely, "no hits because the indicator was not valid then (see --history)");
    also(c.cut, "were not judged in full (a bound was reached)");
    also(c.forgotten, "that patterns waited with were forgotten");
    context.note(text);
}

}  // namespace

Result<Exit> match_events(const MatchCommandOptions& options, Context& context) {
    if (options.print_fields) {
        context.out.raw(match::FieldMap::built_in());
        return Exit::ok;
    }
    ENTENTE_CHECK(check(options));
    ENTENTE_TRY(const auto format, format_of(options.format));
    ENTENTE_TRY(const auto fields, fields_of(options));
    for (const std::string& path : options.follow ? std::vector<std::string>{} : options.events)
        ENTENTE_CHECK(inspect_input(path));  // before the work of reading indicators
    match::IndicatorSet::Options how;
    context.random.fill(how.key);
    how.canonical = !options.strict;
    IndicatorFiles indicators(
        how, options.subdomains ? match::Subdomains::yes : match::Subdomains::no
    );
    const std::int64_t begun_us = context.clock.monotonic_us();
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "reading indicators"
        );
        for (const std::string& path : options.indicators) {
            if (!is_indicator_url(path)) {
                ENTENTE_CHECK(indicators.read(path, progress, context));
                continue;
            }
            RemoteOptions way = options.remote;
            way.url = path;
            ENTENTE_CHECK(pull_indicators(way, indicators, progress, context));
        }
    }
    if (stop_requested()) return Exit::interrupted;
    const auto snapshot = indicators.set().publish();
    const std::int64_t ready_us = context.clock.monotonic_us();
    if (!options.common.json) {
        tell_indicators(indicators.counts(), ready_us - begun_us, context);
    }
    if (indicators.counts().taken == 0) {
        return fail(Errc::unprocessable, "there is no indicator that can be looked for");
    }
    match::WatchOptions watching;
    if (options.history) watching.times = match::WatchOptions::Times::any;
    watching.now = context.clock.now();
    MatchTotals totals;
    const MatchShared shared{indicators, snapshot, fields, watching, format, totals, context};
    ENTENTE_CHECK(
        options.follow ? follow_files(options.events, shared)
                       : match_files(options.events, shared, context.progress_mode(options.common))
    );
    // A file that is followed ends by a signal, as it should.
    if (stop_requested() && !options.follow) return Exit::interrupted;
    tell_totals(totals, indicators.counts(), context.clock.monotonic_us() - ready_us, context);
    if (totals.hits > 0) return Exit::ok;
    return totals.events == 0 && totals.unreadable > 0 ? Exit::refused : Exit::findings;
}

}  // namespace entente::cli
