#include "cli/push.h"

#include "base/escape.h"
#include "cli/decode.h"
#include "cli/remote_access.h"
#include "cli/state_file.h"
#include "cli/stop.h"
#include "stix/envelope.h"
#include "taxii/client/push.h"

#include <boost/json.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace entente::cli {
namespace {

namespace client = taxii::client;
namespace json = boost::json;

constexpr std::size_t refusals_shown = 20;
constexpr std::size_t state_line_bytes = 90;  // the longest

/// The batches that a state file tells of, in their order.
Result<std::vector<client::PushedBatch>> read_batches(
    const std::vector<std::string_view>& lines, std::string_view target
) {
    std::vector<client::PushedBatch> batches;
    boost::unordered_flat_map<std::string, std::size_t> places;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        ENTENTE_TRY(client::PushedBatch batch, client::read_batch_line(lines[i]));
        const auto [place, fresh] = places.emplace(batch.digest, batches.size());
        if (fresh) {
            batches.push_back(std::move(batch));
        } else {
            batches[place->second].complete = batches[place->second].complete || batch.complete;
        }
    }
    if (lines.empty() || lines.front() == target) return batches;
    if (!lines.front().starts_with("entente push ")) {
        return fail(Errc::corrupt, "the state file is none of a push");
    }
    return fail(
        Errc::conflict,
        fmt::format("the state file belongs to another push: {}", printable(lines.front(), 300))
    );
}

class Push {
  public:
    Push(const PushOptions& options, Context& context) : options_(options), context_(context) {}

    Result<Exit> run() {
        ENTENTE_CHECK(check_words());
        ENTENTE_CHECK(inspect_inputs());
        ENTENTE_TRY(const std::unique_ptr<Remote> remote, Remote::open(options_.remote, context_));
        // A long push is no attack on us: only single answers are bounded.
        client::Session session = remote->session({.bytes_max = INT64_MAX, .ms_max = INT64_MAX});
        ENTENTE_TRY(const client::Place place, remote->locate(session));
        if (place.collection.can_write == false) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "you may not write to the collection {}", printable(place.collection.title, 100)
                )
            );
        }
        ENTENTE_TRY(client::PushPlan plan, plan_for(place));
        Progress progress(
            context_.err, context_.progress_mode(options_.common), context_.clock, "pushed"
        );
        plan.progress = [&](std::uint64_t objects, std::uint64_t) {
            progress.at(objects, read_before_ + reading_, input_bytes_);
        };
        client::Pusher pusher(session, place, std::move(plan));
        const Result<void> sent = send(pusher);
        say(pusher.report(), session, !sent);
        if (stop_requested()) return Exit::interrupted;
        if (!sent) return tl::unexpected<Error>(sent.error());
        const client::PushReport& report = pusher.report();
        if (report.unconfirmed > 0) {
            return fail(
                Errc::corrupt,
                fmt::format(
                    "what became of {} objects is not known: the server does not say",
                    grouped(report.unconfirmed)
                )
            );
        }
        return report.refused > 0 ? Exit::refused : Exit::ok;
    }

  private:
    Result<void> check_words() const {
        if (options_.files.empty()) return fail(Errc::invalid_argument, "name at least one file");
        const auto inputs = std::ranges::count(options_.files, "-");
        const bool secret =
            options_.remote.password_file == "-" || options_.remote.token_file == "-";
        if (inputs + (secret ? 1 : 0) > 1) {
            return fail(Errc::invalid_argument, "standard input can be used once only");
        }
        constexpr std::int64_t wait_s_max = 24LL * 3600;
        if (options_.status_wait_s < 0 || options_.status_wait_s > wait_s_max) {
            return fail(Errc::invalid_argument, fmt::format("--wait is 0 to {}", wait_s_max));
        }
        return {};
    }

    /// All of them at once: a file that is not there is told before anything is sent.
    Result<void> inspect_inputs() {
        bool known = true;
        for (const std::string& name : options_.files) {
            ENTENTE_TRY(const InputInfo info, inspect_input(name));
            known = known && info.bytes > 0;
            input_bytes_ += info.bytes;
        }
        if (!known) input_bytes_ = 0;
        return {};
    }

    Result<client::PushPlan> plan_for(const client::Place& place) {
        client::PushPlan plan;
        plan.batch = options_.batch;
        plan.body_bytes_max = client::body_bytes_for(place.max_content_length);
        if (options_.body_bytes_max > 0) {
            plan.body_bytes_max = std::min(plan.body_bytes_max, options_.body_bytes_max);
        }
        plan.status_wait_ms = options_.status_wait_s * 1'000;
        plan.refused = [this](const client::RefusedObject& object) { note(object); };
        if (options_.state_file.empty()) return plan;
        const std::string target = "entente push " + http::to_string(place.objects());
        ENTENTE_TRY(
            StateLog log,
            StateLog::open(options_.state_file, limits::push_state_lines_max * state_line_bytes)
        );
        ENTENTE_TRY(plan.earlier, read_batches(log.lines(), target));
        state_.emplace(std::move(log));
        if (state_->lines().empty()) state_->add(target + "\n");
        plan.record = [this](const client::PushedBatch& batch) {
            state_->add(client::batch_line(batch));
        };
        return plan;
    }

    Result<void> send(client::Pusher& pusher) {
        for (const std::string& name : options_.files) {
            std::optional<Error> failed;  // of the push; what else fails is the file's fault
            stix::Cutter cutter([&](std::string_view object, std::size_t) -> Result<void> {
                Result<void> added = pusher.add(object);
                if (!added) failed = added.error();
                return added;
            });
            Result<void> read = decode_file(
                name,
                [&](std::string_view bytes) { return cutter.feed(bytes); },
                limits::decoded_input_bytes_max,
                [this](std::uint64_t bytes) { reading_ = bytes; }
            );
            if (stop_requested()) return fail(Errc::conflict, "stopped");
            if (failed) return tl::unexpected<Error>(*failed);
            if (!read) return read;
            if (const Result<void> end = cutter.finish(); !end) {
                return fail(
                    end.error().code,
                    fmt::format(
                        "{}: {}",
                        name == "-" ? "standard input" : printable(name),
                        end.error().detail
                    )
                );
            }
            read_before_ += std::exchange(reading_, 0);
        }
        return pusher.finish();
    }

    void note(const client::RefusedObject& object) {
        const std::string text = fmt::format(
            "refused {} {}: {}",
            printable(object.id.empty() ? "an object without id" : object.id, 300),
            printable(object.version, 60),
            printable(object.message, 500)
        );
        if (refusals_.size() < limits::push_failures_kept_max && options_.common.json) {
            refusals_.push_back(
                {{"id", printable(object.id, 300)},
                 {"version", printable(object.version, 60)},
                 {"message", printable(object.message, 500)}}
            );
        }
        if (++told_ > refusals_shown) return;
        context_.note(text);
        if (told_ == refusals_shown) context_.note("more refusals are only counted");
    }

    void say(const client::PushReport& report, const client::Session& session, bool stopped) {
        context_.out.document({
            {"accepted", report.accepted},
            {"refused", report.refused},
            {"pending", report.pending},
            {"unconfirmed", report.unconfirmed},
            {"skipped", report.skipped},
            {"requests", session.requests()},
            {"bytes", report.bytes_sent},
            {"complete", !stopped},
            {"failures", std::move(refusals_)},
        });
        std::string text = counted(report.accepted, "object") + " accepted in " +
                           counted(report.requests, "request");
        if (report.refused > 0) text += fmt::format(", {} refused", grouped(report.refused));
        if (report.pending > 0) text += fmt::format(", {} pending", grouped(report.pending));
        if (report.skipped > 0) {
            text += fmt::format(", {} sent by an earlier run", grouped(report.skipped));
        }
        if (stopped) text += ", not to the end";
        if (stopped && state_) text += "; the same command goes on from here";
        context_.out.line(text);
    }

    const PushOptions& options_;
    Context& context_;
    std::optional<StateLog> state_;
    json::array refusals_;
    std::size_t told_ = 0;
    std::uint64_t input_bytes_ = 0;  // of all files; 0 = not known
    std::uint64_t read_before_ = 0;  // of the files that are done
    std::uint64_t reading_ = 0;      // of the one at hand
};

}  // namespace

Result<Exit> run_push(const PushOptions& options, Context& context) {
    return Push(options, context).run();
}

}  // namespace entente::cli
