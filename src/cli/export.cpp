#include "agreement/release.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/file_handle.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/transfer.h"
#include "exchange/agreement_changes.h"
#include "exchange/disclosure.h"
#include "exchange/state_cache.h"
#include "store/scan.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace json = boost::json;

/// Where the objects go. A file is written under another name and takes its own when it is
/// complete, so that nobody mistakes half of it for the whole.
class Destination {
  public:
    [[nodiscard]] static Result<Destination> open(const std::string& name, Output& out) {
        Destination made(out);
        if (name.empty() || name == "-") return made;
        made.final_ = name;

        struct stat info {};

        const bool special = ::stat(name.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
        if (special) {  // a pipe or device is written to, not replaced
            made.file_ = FileHandle(::open(name.c_str(), O_WRONLY | O_CLOEXEC));
        } else {
            made.temporary_ = fmt::format("{}.{}.part", name, ::getpid());
            made.file_ = FileHandle(
                ::open(made.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
            );
        }
        if (made.file_.get() < 0) {
            const int error = errno;
            made.temporary_.clear();
            return fail(
                error == ENOENT ? Errc::not_found : Errc::forbidden,
                fmt::format("cannot write {}: {}", printable(name), std::strerror(error))
            );
        }
        return made;
    }

    Destination(Destination&& other) noexcept
        : out_(other.out_),
          final_(std::move(other.final_)),
          temporary_(std::exchange(other.temporary_, {})),
          file_(std::move(other.file_)) {}

    ~Destination() {
        if (!temporary_.empty()) (void)::unlink(temporary_.c_str());
    }

    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;
    Destination& operator=(Destination&&) = delete;

    void write(std::string_view bytes) {
        if (file_.get() < 0) {
            out_.raw(bytes);
            return;
        }
        while (!bytes.empty()) {
            const ssize_t wrote = ::write(file_.get(), bytes.data(), bytes.size());
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) fail_now();
            bytes.remove_prefix(static_cast<std::size_t>(wrote));
        }
    }

    void finish() {
        if (temporary_.empty()) return;
        if (::fsync(file_.get()) != 0 || ::rename(temporary_.c_str(), final_.c_str()) != 0) {
            fail_now();
        }
        temporary_.clear();
    }

  private:
    explicit Destination(Output& out) : out_(out) {}

    [[noreturn]] void fail_now() const {
        const auto kind = errno == ENOSPC ? StorageError::Kind::full : StorageError::Kind::io;
        throw StorageError(
            kind, fmt::format("cannot write {}: {}", printable(final_), std::strerror(errno))
        );
    }

    Output& out_;
    std::string final_;
    std::string temporary_;
    FileHandle file_;
};

std::vector<std::string> sorted(std::vector<std::string> values) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

Result<store::Filter> filter_of(const ExportOptions& options) {
    store::Filter filter;
    filter.ids = sorted(options.match_id);
    filter.types = sorted(options.match_type);
    filter.spec_versions = sorted(options.match_spec_version);
    if (!options.added_after.empty()) {
        ENTENTE_TRY(filter.added_after, parse_client_time(options.added_after));
    }
    filter.version.last = options.match_version == "last";
    filter.version.first = options.match_version == "first";
    filter.version.all = options.match_version == "all";
    if (!filter.version.last && !filter.version.first && !filter.version.all) {
        const auto key = instant_key(options.match_version);
        if (!key) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "--version '{}' is none of last, first, all, or a version such as "
                    "2024-05-01T10:00:00.000Z",
                    printable(options.match_version, 60)
                )
            );
        }
        filter.version.keys = {*key};
    }
    return filter;
}

/// Reads one page after the other as the user's view sees them and writes them.
class Exporter {
  public:
    Exporter(
        const NodeDir& node,
        const Context& context,
        const exchange::Caller& caller,
        const store::Collection& collection,
        store::Filter filter,
        bool bundle
    )
        : node_(node),
          context_(context),
          caller_(caller),
          collection_(collection),
          filter_(std::move(filter)),
          bundle_(bundle) {}

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    Result<void> run(Destination& to, Progress& progress) {
        bool more = true;
        while (more && !stop_requested()) {
            ENTENTE_TRY(more, page(to));
            progress.at(count_, 0, 0);
        }
        if (stop_requested()) return {};
        if (bundle_) to.write(count_ > 0 ? "]}\n" : empty_bundle());
        return {};
    }

  private:
    /// A snapshot for each page: a long export never holds back the log of a running server.
    Result<bool> page(Destination& to) {
        const auto [snapshot, state] =
            exchange::present(node_.store(), states_, context_.clock, [this](const auto& work) {
                node_.store().write(work);
            });
        const store::User* user = state->user(caller_.user);
        if (user == nullptr || !state->rights(*user, collection_.no).read) {
            return fail(
                Errc::forbidden,
                fmt::format("the user may not read '{}'", printable(collection_.title))
            );
        }
        if (state->stops.of(*user) != nullptr) {
            return fail(
                Errc::forbidden,
                fmt::format("'{}' is stopped; `entente start` ends that", printable(user->name))
            );
        }
        if (state->must_wait(*user)) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "the clock is in doubt, and what '{}' may have depends on dates of agreements; "
                    "`entente clock show` says why",
                    printable(user->name)
                )
            );
        }
        const auto view = states_.view(*snapshot, *state, caller_.user, collection_.no);
        agreement::Gate gate(*view, agreement::Form::line);
        const store::Position from = at_;
        const auto found = store::scan(
            *snapshot,
            *view,
            *state->classes,
            filter_,
            from,
            limits::page_objects_max,
            [&](const agreement::Sealed& sealed) {
                if (gate.count() > 0 && gate.bytes() > limits::page_bytes_max) return false;
                (void)gate.pass(sealed);
                return true;
            }
        );
        const std::uint64_t count = gate.count();
        const agreement::Released released = std::move(gate).finish({});
        if (count > 0) {
            // Durable before the bytes are anywhere.
            const store::Act act = exchange::disclosure_act(
                {.what = "export",
                 .user = user->no,
                 .party = user->party,
                 .collection = collection_.no,
                 .after = from,
                 .to = found.end,
                 .sha256 = released.digest_hex(),
                 .entries = gate.entries(),
                 .by = state->own_party().name},
                context_.clock.now()
            );
            node_.store().write([&](store::Transaction& tx) { tx.append_act(act); });
            write(to, released.for_file());
        }
        count_ += count;
        at_ = found.end;
        return found.more;
    }

    void write(Destination& to, std::string_view lines) const {
        if (!bundle_) {
            to.write(lines);
            return;
        }
        // A line holds no line feed of its own: stored bodies have no white space outside of
        // strings.
        std::string members{lines.substr(0, lines.size() - 1)};
        std::ranges::replace(members, '\n', ',');
        to.write(count_ == 0 ? bundle_head() + R"(,"objects":[)" : ",");
        to.write(members);
    }

    [[nodiscard]] std::string bundle_head() const {
        return R"({"type":"bundle","id":"bundle--)" + new_uuid(context_.random) + '"';
    }

    [[nodiscard]] std::string empty_bundle() const { return bundle_head() + "}\n"; }

    const NodeDir& node_;
    const Context& context_;
    const exchange::Caller& caller_;
    const store::Collection& collection_;
    store::Filter filter_;
    bool bundle_;
    exchange::StateCache states_;
    store::Position at_;
    std::uint64_t count_ = 0;
};

struct Reading {
    store::Collection collection;
    store::User user;
    std::shared_ptr<const exchange::State> state;  // shared: as a Caller holds it
};

Result<Reading> reading(
    store::Snapshot& snapshot, const std::string& user, const std::string& collection
) {
    Reading found;
    found.state = std::make_shared<const exchange::State>(exchange::load_state(snapshot));
    const store::Directory& directory = found.state->directory;
    ENTENTE_TRY(found.collection, find_collection(directory, collection));
    ENTENTE_TRY(found.user, find_user(directory, user));
    return found;
}

}  // namespace

Result<Exit> export_objects(const ExportOptions& options, Context& context) {
    if (options.form != "lines" && options.form != "bundle") {
        return fail(Errc::invalid_argument, "--format is lines or bundle");
    }
    const bool to_stdout = options.out.empty() || options.out == "-";
    if (to_stdout && options.common.json) {
        return fail(
            Errc::invalid_argument,
            "--json reports on standard output, so the objects need a file: add --out FILE"
        );
    }
    ENTENTE_TRY(store::Filter filter, filter_of(options));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_TRY(
        const Reading who, reading(*node.store().snapshot(), options.for_user, options.collection)
    );
    if (!who.state->rights(who.user, who.collection.no).read) {
        return fail(
            Errc::forbidden,
            fmt::format(
                "{} may not read '{}', so there is nothing to export for it",
                who.user.name,
                who.collection.title
            )
        );
    }
    ENTENTE_TRY(Destination to, Destination::open(options.out, context.out));
    const exchange::Caller caller{who.state, who.user.no, {}};
    Exporter exporter(
        node, context, caller, who.collection, std::move(filter), options.form == "bundle"
    );
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "exporting"
        );
        ENTENTE_CHECK(exporter.run(to, progress));
    }
    if (stop_requested()) return Exit::interrupted;
    to.finish();
    context.out.document(
        {{"collection", who.collection.id},
         {"for", who.user.name},
         {"objects", exporter.count()},
         {"out", options.out}}
    );
    if (!to_stdout) {
        context.out.line(counted(exporter.count(), "object") + " in " + options.out);
    }
    return exporter.count() > 0 ? Exit::ok : Exit::findings;
}

}  // namespace entente::cli
