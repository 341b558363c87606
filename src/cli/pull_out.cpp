#include "cli/pull_out.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/find.h"
#include "cli/state_file.h"
#include "taxii/client/page.h"
#include "taxii/client/push.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::cli {
namespace {

using taxii::client::Taken;

constexpr std::size_t tail_bytes_max = 64U << 20U;  // of a file, read to know its last objects
constexpr std::size_t refusals_shown = 20;

[[noreturn]] void broken(const std::string& path, int code) {
    throw StorageError(
        StorageError::Kind::io, fmt::format("reading {}: {}", printable(path), std::strerror(code))
    );
}

std::string lines_of(std::span<const std::string_view> objects) {
    std::size_t bytes = objects.size();
    for (const std::string_view object : objects)
        bytes += object.size();
    std::string lines;
    lines.reserve(bytes);
    for (const std::string_view object : objects) {
        if (object.find_first_of("\r\n") == std::string_view::npos) {
            lines += object;
        } else {
            lines += taxii::client::one_line(object);
        }
        lines += '\n';
    }
    return lines;
}

class FileSink final : public PullSink {
  public:
    FileSink(std::string path, FileHandle file) : path_(std::move(path)), file_(std::move(file)) {}

    Result<Taken> take(std::span<const std::string_view> objects) override {
        write_all(file_.get(), lines_of(objects), path_);
        if (regular_) sync_file(file_.get(), path_);
        return Taken{.accepted = objects.size(), .refused = 0};
    }

    std::vector<std::string> last_marks() override {
        std::vector<std::string> marks;
        std::string_view rest = tail_;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            if (end > 0) marks.push_back(taxii::client::object_mark(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        const std::size_t most = limits::page_objects_max;
        if (marks.size() > most) {
            marks.erase(marks.begin(), marks.end() - static_cast<std::ptrdiff_t>(most));
        }
        tail_ = {};
        return marks;
    }

    /// Reads the end of the file and takes a torn last line away.
    void mend(std::uint64_t size) {
        const std::uint64_t from = size > tail_bytes_max ? size - tail_bytes_max : 0;
        tail_.resize(static_cast<std::size_t>(size - from));
        std::size_t got = 0;
        while (got < tail_.size()) {
            const ssize_t n = ::pread(
                file_.get(), tail_.data() + got, tail_.size() - got, static_cast<off_t>(from + got)
            );
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) broken(path_, errno);
            if (n == 0) break;
            got += static_cast<std::size_t>(n);
        }
        tail_.resize(got);
        const std::size_t end = tail_.rfind('\n');
        const std::size_t whole = end == std::string::npos ? 0 : end + 1;
        if (whole < tail_.size()) {
            if (::ftruncate(file_.get(), static_cast<off_t>(from + whole)) != 0)
                broken(path_, errno);
            tail_.resize(whole);
        }
        // The first line of the part may be half of one.
        if (from > 0) tail_.erase(0, std::min(tail_.find('\n'), tail_.size() - 1) + 1);
    }

    void is_no_regular_file() { regular_ = false; }

  private:
    std::string path_;
    FileHandle file_;
    std::string tail_;
    bool regular_ = true;
};

class StreamSink final : public PullSink {
  public:
    explicit StreamSink(std::FILE* out) : out_(out) {}

    Result<Taken> take(std::span<const std::string_view> objects) override {
        const std::string lines = lines_of(objects);
        const bool written = std::fwrite(lines.data(), 1, lines.size(), out_) == lines.size();
        if (!written || std::fflush(out_) != 0) {
            throw StorageError(
                StorageError::Kind::io, fmt::format("writing the objects: {}", std::strerror(errno))
            );
        }
        return Taken{.accepted = objects.size(), .refused = 0};
    }

  private:
    std::FILE* out_;
};

class NodeSink final : public PullSink {
  public:
    NodeSink(
        const NodeDir& node,
        Context& context,
        const store::Collection& collection,
        const store::User& user
    )
        : node_(node),
          context_(context),
          collection_(collection.no),
          user_(user.no),
          writer_(exchange::make_inline_writer(node.store())),
          exchange_(
              {node.store(), *writer_, states_, context.clock, context.random}, node.settings()
          ) {}

    Result<Taken> take(std::span<const std::string_view> objects) override {
        taken_ = {};
        // What is named before what names it, within the page.
        std::vector<std::pair<std::size_t, std::string_view>> ranked;
        ranked.reserve(objects.size());
        for (const std::string_view object : objects)
            ranked.emplace_back(taxii::client::rank_of(object), object);
        std::ranges::stable_sort(ranked, {}, [](const auto& object) { return object.first; });
        std::vector<std::string_view> batch;
        std::size_t bytes = 0;
        for (const auto& [rank, object] : ranked) {
            if (!batch.empty() && (batch.size() == limits::import_batch_objects ||
                                   bytes + object.size() > limits::import_batch_bytes)) {
                ENTENTE_CHECK(publish(batch));
                batch.clear();
                bytes = 0;
            }
            batch.push_back(object);
            bytes += object.size();
        }
        ENTENTE_CHECK(publish(batch));
        return taken_;
    }

  private:
    /// Publishes; where the whole cannot be read, its halves, down to the object that is broken.
    Result<void> publish(std::span<const std::string_view> objects) {
        if (objects.empty()) return {};
        std::string envelope = R"({"objects":[)";
        for (const std::string_view object : objects) {
            if (envelope.back() != '[') envelope += ',';
            envelope += object;
        }
        envelope += "]}";
        const exchange::Caller caller{states_.get(*node_.store().snapshot()), user_, {}};
        std::optional<Result<exchange::PublishReport>> report;
        exchange_.publish(
            caller,
            collection_,
            std::move(envelope),
            [&report](Result<exchange::PublishReport> done) { report = std::move(done); }
        );
        if (*report) {
            for (const exchange::Outcome& outcome : (*report)->outcomes)
                count(outcome);
            return {};
        }
        const Error& error = report->error();
        const bool content = error.code == Errc::malformed || error.code == Errc::unprocessable ||
                             error.code == Errc::too_large;
        if (!content) return tl::unexpected<Error>(error);
        if (objects.size() == 1) {
            count({.id = {}, .version = {}, .accepted = false, .message = error.detail});
            return {};
        }
        ENTENTE_CHECK(publish(objects.first(objects.size() / 2)));
        return publish(objects.subspan(objects.size() / 2));
    }

    void count(const exchange::Outcome& outcome) {
        if (outcome.accepted) {
            ++taken_.accepted;
            return;
        }
        ++taken_.refused;
        if (++refusals_ > refusals_shown) return;
        context_.note(fmt::format("refused {}: {}", outcome.id, outcome.message));
        if (refusals_ == refusals_shown) context_.note("more refusals are only counted");
    }

    const NodeDir& node_;
    Context& context_;
    store::CollectionNo collection_;
    store::UserNo user_;
    exchange::StateCache states_;
    std::unique_ptr<exchange::Writer> writer_;
    exchange::Exchange exchange_;
    Taken taken_;
    std::size_t refusals_ = 0;
};

}  // namespace

Result<std::unique_ptr<PullSink>> make_file_sink(const std::string& path, bool resume) {
    FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (file.get() < 0) {
        return fail(
            errno == EACCES ? Errc::forbidden : Errc::not_found,
            fmt::format("{}: {}", printable(path), std::strerror(errno))
        );
    }

    struct stat info {};

    if (::fstat(file.get(), &info) != 0) broken(path, errno);
    if (S_ISREG(info.st_mode) && info.st_size > 0 && !resume) {
        return fail(
            Errc::conflict,
            fmt::format(
                "{} is not empty; remove it, or pull with --state FILE from the first time on to "
                "append to it",
                printable(path)
            )
        );
    }
    auto sink = std::make_unique<FileSink>(path, std::move(file));
    if (S_ISREG(info.st_mode)) {
        sink->mend(static_cast<std::uint64_t>(info.st_size));
    } else {
        sink->is_no_regular_file();
    }
    return std::unique_ptr<PullSink>(std::move(sink));
}

std::unique_ptr<PullSink> make_stream_sink(std::FILE* out) {
    return std::make_unique<StreamSink>(out);
}

Result<std::unique_ptr<PullSink>> make_node_sink(
    const NodeDir& node, Context& context, const std::string& collection, const std::string& user
) {
    const store::Directory directory = node.store().snapshot()->directory();
    ENTENTE_TRY(const store::Collection into, find_collection(directory, collection));
    ENTENTE_TRY(const store::User as, find_user(directory, user));
    return std::unique_ptr<PullSink>(std::make_unique<NodeSink>(node, context, into, as));
}

}  // namespace entente::cli
