// agreement send, receive: packs as files, and agreements as STIX objects in any TAXII collection.
#include "agreement/stix_object.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/agreement_commands.h"
#include "cli/agreement_subject.h"
#include "cli/key_files.h"
#include "cli/new_file.h"
#include "cli/remote_access.h"
#include "cli/stop.h"
#include "exchange/outbox.h"
#include "taxii/client/pull.h"
#include "taxii/client/push.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace entente::cli {
namespace {

namespace client = taxii::client;

// ---- Out

Result<Exit> push_object(
    const std::string& id, std::string_view object, const RemoteOptions& remote, Context& context
) {
    ENTENTE_TRY(const std::unique_ptr<Remote> opened, Remote::open(remote, context));
    client::Session session = opened->session({});
    ENTENTE_TRY(const client::Place place, opened->locate(session));
    client::PushPlan plan;
    plan.body_bytes_max = client::body_bytes_for(place.max_content_length);
    plan.refused = [&context](const client::RefusedObject& refused) {
        context.note(fmt::format("refused by the server: {}", printable(refused.message, 300)));
    };
    client::Pusher pusher(session, place, std::move(plan));
    ENTENTE_CHECK(pusher.add(object));
    ENTENTE_CHECK(pusher.finish());
    if (stop_requested()) return Exit::interrupted;
    const client::PushReport& report = pusher.report();
    if (report.accepted == 0 && report.refused == 0) {
        return fail(Errc::corrupt, "whether the server took it is not known: it does not say");
    }
    context.out.document(
        {{"agreement", id},
         {"collection", http::to_string(place.objects())},
         {"accepted", report.accepted > 0}}
    );
    context.out.field("agreement", id);
    context.out.field("collection", http::to_string(place.objects()));
    context.out.field("taken", report.accepted > 0 ? "yes" : "no");
    return report.refused > 0 ? Exit::refused : Exit::ok;
}

// ---- In

/// The first document, then the notes, then later versions: who has left before a version was
/// drafted need not sign it, so statements go before what follows them.
Result<void> add_carried(std::string_view object, std::vector<Paper>& papers) {
    ENTENTE_TRY(const agreement::Carried carried, agreement::from_stix(object));
    const auto add = [&papers](std::string_view text) -> Result<void> {
        ENTENTE_TRY(std::vector<Paper> read, read_papers(text));
        std::move(read.begin(), read.end(), std::back_inserter(papers));
        return {};
    };
    for (std::size_t i = 0; i < carried.documents.size(); ++i) {
        ENTENTE_CHECK(add(carried.documents[i]));
        if (i > 0) continue;
        for (const std::string& note : carried.notes)
            ENTENTE_CHECK(add(note));
    }
    return {};
}

/// Keeps the agreements of the pages that come by.
class Collector {
  public:
    explicit Collector(Context& context) : context_(context) {}

    Result<client::Taken> take(std::span<const std::string_view> objects) {
        client::Taken taken;
        for (const std::string_view object : objects) {
            // Servers that do not filter by type send everything.
            if (object.find(agreement::agreement_stix_type) == std::string_view::npos) continue;
            bytes_ += object.size();
            if (bytes_ > bytes_max) {
                return fail(
                    Errc::too_large,
                    fmt::format("more than {} bytes of agreements are there", bytes_max)
                );
            }
            std::vector<Paper> read;
            if (auto added = add_carried(object, read); added) {
                ++taken.accepted;
                std::move(read.begin(), read.end(), std::back_inserter(papers_));
            } else {
                ++taken.refused;
                context_.note("an object is no agreement: " + added.error().detail);
            }
        }
        return taken;
    }

    [[nodiscard]] const std::vector<Paper>& papers() const noexcept { return papers_; }

  private:
    static constexpr std::uint64_t bytes_max = 4 * limits::object_bytes_max;
    Context& context_;
    std::vector<Paper> papers_;
    std::uint64_t bytes_ = 0;
};

Result<Exit> receive_from(const AgreementReceiveOptions& options, Context& context) {
    ENTENTE_TRY(const std::unique_ptr<Remote> opened, Remote::open(options.remote, context));
    client::Session session = opened->session({});
    ENTENTE_TRY(const client::Place place, opened->locate(session));
    Collector collector(context);
    client::PullPlan plan{.objects = place.objects()};
    plan.filter.types = {std::string(agreement::agreement_stix_type)};
    plan.sink = [&collector](std::span<const std::string_view> objects) {
        return collector.take(objects);
    };
    const client::PullReport report = client::pull(session, plan, {});
    if (stop_requested()) return Exit::interrupted;
    if (report.stopped) return tl::unexpected<Error>(*report.stopped);
    if (collector.papers().empty()) {
        return fail(
            Errc::not_found,
            fmt::format("no agreement is in {}", printable(http::to_string(place.objects())))
        );
    }
    ENTENTE_TRY(const Exit exit, take_and_tell(collector.papers(), options.common, context));
    return report.refused > 0 ? Exit::refused : exit;
}

}  // namespace

Result<Exit> agreement_send(const AgreementSendOptions& options, Context& context) {
    if (!options.out.empty() && !options.remote.url.empty()) {
        return fail(Errc::invalid_argument, "give one of --out FILE and --to-url URL");
    }
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    ENTENTE_TRY(const auto* known, on.find(options.id));
    const std::vector<Paper> papers = on.papers(known->id);
    if (!options.remote.url.empty()) {
        ENTENTE_TRY(
            const std::string object, exchange::agreement_object(on.state.directory, known->id)
        );
        return push_object(known->id, object, options.remote, context);
    }
    ENTENTE_TRY(const std::string text, pack_text(papers));
    if (options.out.empty() || options.out == "-") {
        context.out.raw(text);
        return Exit::ok;
    }
    ENTENTE_CHECK(write_new_file(options.out, text, Readers::all));
    context.out.document(
        {{"agreement", known->id}, {"records", papers.size()}, {"file", options.out}}
    );
    context.out.field("agreement", known->id);
    context.out.field("records", std::to_string(papers.size()));
    context.out.field("file", options.out);
    context.out.line("The partners take it with: entente agreement receive FILE");
    return Exit::ok;
}

Result<Exit> agreement_receive(const AgreementReceiveOptions& options, Context& context) {
    if (options.file.empty() == options.remote.url.empty()) {
        return fail(Errc::invalid_argument, "give one of FILE and --from-url URL");
    }
    if (!options.remote.url.empty()) return receive_from(options, context);
    ENTENTE_TRY(const std::vector<Paper> papers, read_papers_from(options.file));
    return take_and_tell(papers, options.common, context);
}

}  // namespace entente::cli
