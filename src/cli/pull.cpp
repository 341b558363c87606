#include "cli/pull.h"

#include "base/escape.h"
#include "base/hash.h"
#include "cli/pull_out.h"
#include "cli/remote_access.h"
#include "cli/state_file.h"
#include "cli/stop.h"
#include "taxii/client/pull.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {
namespace {

namespace client = taxii::client;
namespace json = boost::json;

constexpr std::size_t state_bytes_max = 16U << 20U;

bool to_stream(const PullOptions& options) {
    return options.into.empty() && (options.out.empty() || options.out == "-");
}

Result<void> check_words(const PullOptions& options) {
    const bool node = !options.into.empty() || !options.as_user.empty();
    if (node && (options.common.data.empty() || options.into.empty() || options.as_user.empty())) {
        return fail(
            Errc::invalid_argument,
            "to pull into a node say all of --data DIR, --into COLLECTION and --as USER (the party "
            "of that user is the origin of what comes)"
        );
    }
    if (node && !options.out.empty()) {
        return fail(Errc::invalid_argument, "--out and --into exclude each other");
    }
    constexpr std::int64_t longest_s = 366LL * 24 * 3600;
    for (const auto& [name, seconds] :
         {std::pair("--max-time", options.seconds_max), std::pair("--follow", options.follow_s)}) {
        if (seconds < 0 || seconds > longest_s) {
            return fail(Errc::invalid_argument, fmt::format("{} is 0 to {}", name, longest_s));
        }
    }
    return {};
}

Result<client::PullFilter> filter_of(const PullOptions& options) {
    client::PullFilter filter;
    if (!options.added_after.empty()) {
        ENTENTE_TRY(filter.added_after, parse_client_time(options.added_after));
    }
    filter.ids = options.match_id;
    filter.types = options.match_type;
    filter.versions = options.match_version;
    filter.spec_versions = options.spec_version;
    return filter;
}

/// One command: what it pulls, where to, and where it stands.
class Pull {
  public:
    Pull(const PullOptions& options, Context& context) : options_(options), context_(context) {}

    Result<Exit> run() {
        ENTENTE_CHECK(check_words(options_));
        ENTENTE_TRY(filter_, filter_of(options_));
        if (!options_.into.empty()) {
            ENTENTE_TRY(NodeDir node, NodeDir::open(options_.common.data));
            node_.emplace(std::move(node));
        }
        ENTENTE_TRY(remote_, Remote::open(options_.remote, context_));
        while (true) {
            const Result<Exit> exit = once();
            const bool again = options_.follow_s > 0 && !stop_requested() &&
                               (exit ? *exit == Exit::ok || *exit == Exit::refused
                                     : exit.error().code == Errc::overloaded);
            if (!again) return options_.follow_s > 0 && stop_requested() ? Exit::interrupted : exit;
            if (!exit) context_.note(exit.error().detail + "; trying again later");
            Remote::pause(options_.follow_s * 1'000);
            if (stop_requested()) return Exit::interrupted;
        }
    }

  private:
    Result<Exit> once() {
        client::Budget budget;
        if (options_.bytes_max > 0) budget.bytes_max = options_.bytes_max;
        if (options_.seconds_max > 0) budget.ms_max = options_.seconds_max * 1'000;
        client::Session session = remote_->session(budget);
        if (!place_) {
            ENTENTE_TRY(client::Place place, remote_->locate(session));
            place_.emplace(std::move(place));
        }
        if (place_->collection.can_read == false) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "you may not read the collection {}", printable(place_->collection.title, 100)
                )
            );
        }
        ENTENTE_TRY(client::PullPosition position, prepare());
        Progress progress(
            context_.err, context_.progress_mode(options_.common), context_.clock, "pulled"
        );
        client::PullPlan plan{.objects = place_->objects(), .filter = filter_};
        if (options_.limit > 0) plan.limit = options_.limit;
        if (options_.pages_max > 0) plan.pages_max = options_.pages_max;
        plan.sink = [this](std::span<const std::string_view> objects) {
            return sink_->take(objects);
        };
        plan.save = [this](const client::PullPosition& at) { save(at); };
        plan.progress = [&progress](std::uint64_t objects, std::uint64_t) {
            progress.at(objects, 0, 0);
        };
        const client::PullReport report = client::pull(session, plan, std::move(position));
        return finish(report, session);
    }

    /// Opens the output and reads where the last run ended.
    Result<client::PullPosition> prepare() {
        belongs_to_ = http::to_string(place_->objects()) + filter_.key();
        ENTENTE_TRY(state_path_, state_path());
        client::PullPosition position = last_;  // of the pull before, with --follow
        bool resume = false;
        if (!state_path_.empty()) {
            ENTENTE_TRY(const auto text, read_state(state_path_, state_bytes_max));
            if (text) {
                ENTENTE_TRY(position, client::read_position(*text, belongs_to_));
                resume = true;
            }
        }
        if (!sink_) {
            ENTENTE_TRY(sink_, open_sink(resume));
        }
        if (position.open) {
            for (std::string& mark : sink_->last_marks())
                position.recent.push_back(std::move(mark));
        }
        // From here on the output belongs to this state, even if the first page never comes.
        if (!resume && !state_path_.empty()) {
            client::PullPosition beginning;
            beginning.open = true;
            save(beginning);
        }
        return position;
    }

    Result<std::unique_ptr<PullSink>> open_sink(bool resume) {
        if (node_) return make_node_sink(*node_, context_, options_.into, options_.as_user);
        if (to_stream(options_)) return make_stream_sink(stdout);
        return make_file_sink(options_.out, resume);
    }

    Result<std::string> state_path() {
        if (!options_.state_file.empty()) return options_.state_file;
        if (!node_) return std::string();
        ENTENTE_TRY(const std::string folder, node_->subdirectory("pull"));
        const Digest name = sha256(belongs_to_ + "\n" + options_.into + "\n" + options_.as_user);
        return fmt::format("{}/{}.json", folder, to_hex(std::span(name).first(16)));
    }

    void save(const client::PullPosition& position) {
        last_ = position;
        if (state_path_.empty()) return;
        write_state(state_path_, client::position_text(position, belongs_to_));
        if (node_) node_->give_to_owner(state_path_);
    }

    Result<Exit> finish(const client::PullReport& report, const client::Session& session) {
        say(report, session);
        if (report.stopped) {
            if (stop_requested()) return Exit::interrupted;
            return tl::unexpected<Error>(*report.stopped);
        }
        return report.refused > 0 ? Exit::refused : Exit::ok;
    }

    void say(const client::PullReport& report, const client::Session& session) const {
        if (options_.common.json) {
            json::object summary{
                {"accepted", report.accepted},
                {"refused", report.refused},
                {"repeated", report.repeated},
                {"pages", report.pages},
                {"requests", session.requests()},
                {"bytes", session.bytes_received()},
                {"complete", !report.stopped},
            };
            if (report.last_date) summary["last_date"] = format_taxii(*report.last_date);
            if (!state_path_.empty()) summary["state"] = state_path_;
            if (to_stream(options_)) {
                // Standard output is the objects' alone.
                (void)std::fputs((json::serialize(summary) + "\n").c_str(), context_.err);
            } else {
                context_.out.document(summary);
            }
            return;
        }
        std::string text =
            counted(report.accepted, "object") + " in " + counted(report.pages, "page");
        if (report.refused > 0) text += fmt::format(", {} refused", grouped(report.refused));
        if (report.repeated > 0) {
            text += fmt::format(", {} that had come before", grouped(report.repeated));
        }
        if (report.last_date) text += ", added up to " + format_taxii(*report.last_date);
        if (report.stopped) text += ", not to the end";
        if (report.stopped && !state_path_.empty()) text += "; the same command goes on from here";
        if (to_stream(options_)) {
            context_.note(text);
        } else {
            context_.out.line(text);
        }
    }

    const PullOptions& options_;
    Context& context_;
    client::PullFilter filter_;
    std::optional<NodeDir> node_;
    std::unique_ptr<Remote> remote_;
    std::optional<client::Place> place_;
    std::unique_ptr<PullSink> sink_;
    std::string belongs_to_;
    std::string state_path_;
    client::PullPosition last_;
};

}  // namespace

Result<Exit> run_pull(const PullOptions& options, Context& context) {
    return Pull(options, context).run();
}

}  // namespace entente::cli
