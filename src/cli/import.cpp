#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/transfer.h"
#include "exchange/exchange.h"
#include "stix/envelope.h"
#include "stix/peek.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t failures_shown = 20;

/// Objects are published in this order, so that what they name is there before them: a relationship
/// whose end the reader may not see is withheld too, which only works for ends that are known.
constexpr std::size_t ranks = 5;

std::size_t rank_of(std::string_view object) {
    const auto id = stix::peek_id(object);
    if (!id) return 1;
    const std::string_view type = std::string_view(*id).substr(0, id->find("--"));
    if (type == "marking-definition") return 0;
    if (type == "observed-data") return 2;
    if (type == "relationship" || type == "sighting") return 3;
    if (type == "report" || type == "grouping" || type == "note" || type == "opinion" ||
        type == "language-content") {
        return 4;
    }
    return 1;
}

/// Where an object was found.
struct Source {
    std::size_t file = 0;
    std::size_t at_byte = 0;
};

struct Failure {
    std::string where;
    std::string id;
    std::string version;
    std::string message;
};

/// What became of the objects so far.
struct Tally {
    std::uint64_t accepted = 0;
    std::uint64_t already_there = 0;
    std::uint64_t refused = 0;
    std::vector<Failure> failures;
    std::map<std::string, std::uint64_t> reasons;

    void refuse(Failure failure) {
        ++refused;
        const bool known = reasons.contains(failure.message);
        const bool room = reasons.size() < limits::import_reasons_max;
        ++reasons[known || room ? failure.message : "other reasons"];
        if (failures.size() < limits::import_failures_kept_max) {
            failures.push_back(std::move(failure));
        }
    }

    [[nodiscard]] std::uint64_t all() const { return accepted + already_there + refused; }
};

/// Publishes objects in batches as one user.
class Publisher {
  public:
    Publisher(
        const NodeDir& node,
        const Context& context,
        const store::User& user,
        const store::Collection& collection,
        const std::vector<std::string>& files
    )
        : node_(node),
          user_(user.no),
          collection_(collection.no),
          files_(files),
          writer_(exchange::make_inline_writer(node.store())),
          exchange_(
              {node.store(), *writer_, states_, context.clock, context.random}, node.settings()
          ) {}

    [[nodiscard]] const Tally& tally() const noexcept { return tally_; }

    Result<void> add(std::string_view object, Source source) {
        if (!sources_.empty() && (sources_.size() == limits::import_batch_objects ||
                                  body_.size() + object.size() > limits::import_batch_bytes)) {
            ENTENTE_CHECK(flush());
        }
        sources_.push_back(source);
        objects_.push_back({body_.size(), object.size()});
        body_ += object;
        return {};
    }

    /// Publishes what was added. Durable on return.
    Result<void> flush() {
        ENTENTE_CHECK(publish(0, sources_.size()));
        sources_.clear();
        objects_.clear();
        body_.clear();
        return {};
    }

  private:
    struct Slice {
        std::size_t at = 0;
        std::size_t size = 0;
    };

    /// Publishes a part of the batch. When the part cannot be read as JSON, its halves are tried,
    /// down to the object that is broken, which is refused alone.
    Result<void> publish(std::size_t from, std::size_t count) {
        if (count == 0) return {};
        std::string envelope = R"({"objects":[)";
        for (std::size_t i = from; i < from + count; ++i) {
            if (i > from) envelope += ',';
            envelope.append(body_, objects_[i].at, objects_[i].size);
        }
        envelope += "]}";
        // The state moves as statement markings become known, so each part has its own.
        const exchange::Caller caller{states_.get(*node_.store().snapshot()), user_, {}};
        std::optional<Result<exchange::PublishReport>> report;
        exchange_.publish(
            caller,
            collection_,
            std::move(envelope),
            [&report](Result<exchange::PublishReport> done) { report = std::move(done); }
        );
        if (*report) {
            take(**report, from);
            return {};
        }
        const Error& error = report->error();
        const bool content = error.code == Errc::malformed || error.code == Errc::unprocessable ||
                             error.code == Errc::too_large;
        if (!content) return tl::unexpected<Error>(error);
        if (count == 1) {
            tally_.refuse({where(sources_[from]), {}, {}, error.detail});
            return {};
        }
        ENTENTE_CHECK(publish(from, count / 2));
        return publish(from + count / 2, count - count / 2);
    }

    void take(const exchange::PublishReport& report, std::size_t from) {
        for (std::size_t i = 0; i < report.outcomes.size(); ++i) {
            const exchange::Outcome& outcome = report.outcomes[i];
            if (!outcome.accepted) {
                tally_.refuse(
                    {where(sources_[from + i]), outcome.id, outcome.version, outcome.message}
                );
            } else if (outcome.message.empty()) {
                ++tally_.accepted;
            } else {
                ++tally_.already_there;
            }
        }
    }

    [[nodiscard]] std::string where(const Source& source) const {
        const std::string& file = files_[source.file];
        return fmt::format("{} byte {}", file == "-" ? "standard input" : file, source.at_byte);
    }

    const NodeDir& node_;
    store::UserNo user_;
    store::CollectionNo collection_;
    const std::vector<std::string>& files_;
    exchange::StateCache states_;
    std::unique_ptr<exchange::Writer> writer_;
    exchange::Exchange exchange_;
    Tally tally_;
    std::string body_;
    std::vector<Slice> objects_;  // into body_
    std::vector<Source> sources_;
};

/// Reads the files and hands their objects to the publisher in the order of their ranks: from
/// memory when they fit, by reading the files once for each rank when they are plain files, as they
/// come otherwise.
class Reader {
  public:
    Reader(const std::vector<std::string>& files, Publisher& publisher, Progress& progress)
        : files_(files),
          publisher_(publisher),
          progress_(progress) {}

    Result<void> run() {
        for (const std::string& file : files_) {
            ENTENTE_TRY(const InputInfo info, inspect_input(file));
            regular_ = regular_ && info.regular;
            bytes_ += info.bytes;
        }
        // Nothing is written before all has been cut once, so that a damaged file leaves nothing
        // behind.
        ENTENTE_CHECK(each_object([this](std::string_view object, const Source& source) {
            return first_look(object, source);
        }));
        if (stop_requested()) return {};
        if (in_order_as_read_) return publisher_.flush();
        if (regular_ && !fits_) return read_again();
        return publish_held();
    }

  private:
    struct Held {
        std::string object;
        Source source;
        std::size_t rank = 1;
    };

    using Take = std::function<Result<void>(std::string_view, const Source&)>;

    Result<void> each_object(const Take& take) {
        std::uint64_t before = 0;
        for (std::size_t index = 0; index < files_.size() && !stop_requested(); ++index) {
            stix::Cutter cutter([&](std::string_view object, std::size_t at_byte) -> Result<void> {
                if (stop_requested()) return {};
                return take(object, {index, at_byte});
            });
            std::uint64_t read = 0;
            ENTENTE_CHECK(decode_file(
                files_[index],
                [&](std::string_view bytes) { return cutter.feed(bytes); },
                limits::decoded_input_bytes_max,
                [&](std::uint64_t so_far) {
                    read = so_far;
                    read_ = before + so_far;
                }
            ));
            before += read;
            if (stop_requested()) return {};
            if (auto end = cutter.finish(); !end) {
                return fail(
                    end.error().code,
                    fmt::format("{}: {}", printable(files_[index]), end.error().detail)
                );
            }
        }
        return {};
    }

    Result<void> first_look(std::string_view object, const Source& source) {
        if (in_order_as_read_) return publish(object, source);
        const std::size_t rank = rank_of(object);
        ++of_rank_[rank];
        if (!fits_) return {};
        held_bytes_ += object.size();
        held_.push_back({std::string(object), source, rank});
        if (held_bytes_ <= limits::import_order_bytes_max) return {};
        fits_ = false;
        if (!regular_) {
            in_order_as_read_ = true;
            return publish_held();
        }
        held_.clear();
        held_.shrink_to_fit();
        return {};
    }

    Result<void> publish_held() {
        std::ranges::stable_sort(held_, {}, &Held::rank);
        for (const Held& held : held_) {
            if (stop_requested()) break;
            ENTENTE_CHECK(publish(held.object, held.source));
        }
        held_.clear();
        return stop_requested() ? Result<void>{} : publisher_.flush();
    }

    Result<void> read_again() {
        for (std::size_t rank = 0; rank < ranks; ++rank) {
            if (of_rank_[rank] == 0) continue;
            ENTENTE_CHECK(each_object([&](std::string_view object, const Source& source) {
                return rank_of(object) == rank ? publish(object, source) : Result<void>{};
            }));
            if (stop_requested()) return {};
            ENTENTE_CHECK(publisher_.flush());
        }
        return {};
    }

    Result<void> publish(std::string_view object, const Source& source) {
        ENTENTE_CHECK(publisher_.add(object, source));
        const std::uint64_t expected = std::accumulate(of_rank_.begin(), of_rank_.end(), 0ULL);
        const std::uint64_t done = publisher_.tally().all();
        if (in_order_as_read_) {
            progress_.at(done, read_, bytes_);
        } else {
            progress_.at(done, done, expected);
        }
        return {};
    }

    const std::vector<std::string>& files_;
    Publisher& publisher_;
    Progress& progress_;
    bool regular_ = true;
    bool fits_ = true;
    bool in_order_as_read_ = false;
    std::uint64_t bytes_ = 0;
    std::uint64_t read_ = 0;
    std::uint64_t held_bytes_ = 0;
    std::vector<Held> held_;
    std::array<std::uint64_t, ranks> of_rank_{};
};

void report(
    const Context& context,
    const store::Collection& collection,
    const Tally& tally,
    std::int64_t elapsed_us
) {
    json::array reasons;
    for (const auto& [message, count] : tally.reasons) {
        reasons.push_back(json::object{{"message", message}, {"count", count}});
    }
    json::array failures;
    for (const Failure& failure : tally.failures) {
        failures.push_back(json::object{
            {"where", failure.where},
            {"id", failure.id},
            {"version", failure.version},
            {"message", failure.message}});
    }
    context.out.document({
        {"collection", collection.id},
        {"accepted", tally.accepted},
        {"already_there", tally.already_there},
        {"refused", tally.refused},
        {"reasons", std::move(reasons)},
        {"failures", std::move(failures)},
        {"failures_left_out", tally.refused - tally.failures.size()},
        {"interrupted", stop_requested()},
        {"elapsed_ms", elapsed_us / 1'000},
    });
    for (std::size_t i = 0; i < std::min(failures_shown, tally.failures.size()); ++i) {
        const Failure& failure = tally.failures[i];
        context.out.line(
            fmt::format("refused {} ({}): {}", failure.id, failure.where, failure.message)
        );
    }
    if (tally.refused > failures_shown) {
        context.out.line(
            fmt::format("and {} more; in all:", grouped(tally.refused - failures_shown))
        );
        for (const auto& [message, count] : tally.reasons) {
            context.out.line(fmt::format("{:>8}  {}", grouped(count), message));
        }
    }
    const double seconds = static_cast<double>(std::max<std::int64_t>(elapsed_us, 1)) / 1e6;
    context.out.line(fmt::format(
        "{}{}: {} accepted, {} already there, {} refused ({:.1f} s, {}/s)",
        stop_requested() ? "interrupted after a whole batch; " : "",
        collection.title,
        grouped(tally.accepted),
        grouped(tally.already_there),
        grouped(tally.refused),
        seconds,
        grouped(static_cast<std::uint64_t>(static_cast<double>(tally.all()) / seconds))
    ));
}

Result<store::User> importing_user(
    const store::Directory& directory,
    const exchange::State& state,
    const ImportOptions& options,
    const store::Collection& collection
) {
    store::User user;
    if (options.as_user.empty()) {
        ENTENTE_TRY(user, operator_user(directory));
    } else {
        ENTENTE_TRY(user, find_user(directory, options.as_user));
    }
    if (state.rights(user, collection.no).write) return user;
    return fail(
        Errc::forbidden,
        fmt::format(
            "{0} may not write to '{1}'; give the right with: entente grant add {2} --user {0} "
            "--write",
            user.name,
            collection.title,
            label_of(directory, collection)
        )
    );
}

}  // namespace

Result<Exit> import_stix(const ImportOptions& options, Context& context) {
    if (options.collection.empty()) {
        return fail(Errc::invalid_argument, "--collection is missing: where should objects go?");
    }
    if (std::ranges::count(options.files, "-") > 1) {
        return fail(Errc::invalid_argument, "standard input (-) can be read once only");
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    // The snapshot ends here: one that lasted would keep the log from being moved, and a large
    // import from going on.
    const exchange::State state = exchange::load_state(*node.store().snapshot());
    ENTENTE_TRY(
        const store::Collection collection, find_collection(state.directory, options.collection)
    );
    ENTENTE_TRY(
        const store::User user, importing_user(state.directory, state, options, collection)
    );
    const std::int64_t started = context.clock.monotonic_us();
    Publisher publisher(node, context, user, collection, options.files);
    Result<void> outcome;
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "importing"
        );
        outcome = Reader(options.files, publisher, progress).run();
    }
    if (!outcome) {
        if (publisher.tally().all() > 0) {
            context.note(fmt::format(
                "stopped by an error after {} objects were accepted; run it again when it is "
                "cured: what is there already is skipped",
                publisher.tally().accepted
            ));
        }
        return tl::unexpected<Error>(outcome.error());
    }
    report(context, collection, publisher.tally(), context.clock.monotonic_us() - started);
    if (stop_requested()) return Exit::interrupted;
    return publisher.tally().refused > 0 ? Exit::refused : Exit::ok;
}

}  // namespace entente::cli
