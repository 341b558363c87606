#include "cli/match_pull.h"

#include "base/escape.h"
#include "cli/remote_access.h"
#include "cli/stop.h"
#include "taxii/client/pull.h"

#include <fmt/format.h>

#include <span>
#include <string_view>
#include <utility>

namespace entente::cli {

namespace client = taxii::client;

bool is_indicator_url(const std::string& text) noexcept {
    return text.starts_with("https://") || text.starts_with("http://");
}

Result<void> pull_indicators(
    const RemoteOptions& way, IndicatorFiles& indicators, Progress& progress, Context& context
) {
    ENTENTE_TRY(const auto remote, Remote::open(way, context));
    client::Session session = remote->session({});
    ENTENTE_TRY(const client::Place place, remote->locate(session));
    if (place.collection.can_read == false) {
        return fail(
            Errc::forbidden,
            fmt::format(
                "you may not read the collection {}", printable(place.collection.title, 100)
            )
        );
    }
    client::PullPlan plan{.objects = place.objects()};
    plan.filter.types = {"indicator", "identity"};
    plan.sink = [&](std::span<const std::string_view> objects) -> Result<client::Taken> {
        for (const std::string_view object : objects)
            indicators.take_object(object, way.url, context);
        return client::Taken{.accepted = objects.size()};
    };
    plan.progress = [&](std::uint64_t, std::uint64_t bytes) {
        progress.at(indicators.counts().taken, bytes, 0);
    };
    const client::PullReport report = client::pull(session, plan, {});
    if (stop_requested() || !report.stopped) return {};
    return tl::unexpected<Error>(
        {report.stopped->code,
         fmt::format("{}: not read to the end: {}", printable(way.url), report.stopped->detail)}
    );
}

}  // namespace entente::cli
