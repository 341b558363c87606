#include "cli/match_files.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/stop.h"
#include "cli/validate_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace entente::cli {
namespace {

constexpr std::size_t threads_max = 64;
constexpr std::size_t ahead_max = 256;              // files that are read before their turn
constexpr std::size_t held_bytes_max = 64U << 20U;  // what they have to tell

/// A file in memory, for what is written to a std::FILE. Threads: one at a time.
class MemoryFile {
  public:
    MemoryFile() : file_(::open_memstream(&text_, &size_)) {
        if (file_ == nullptr) throw std::bad_alloc();
    }

    ~MemoryFile() {
        (void)std::fclose(file_);
        std::free(text_);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream's
    }

    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::FILE* get() const noexcept { return file_; }

    /// What was written since the last `clear`.
    [[nodiscard]] std::string_view text() const {
        if (std::fflush(file_) != 0) throw std::bad_alloc();
        return {text_, size_};
    }

    void clear() { (void)::fseeko(file_, 0, SEEK_SET); }

  private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* file_;
};

/// What a file has to tell: on standard output and on standard error.
struct Told {
    MemoryFile out, err;

    [[nodiscard]] std::size_t size() const { return out.text().size() + err.text().size(); }
};

/// The files in their order, and what was told of them so far. Threads: safe.
class Turns {
  public:
    Turns(const std::vector<std::string>& paths, const MatchShared& shared, Progress::Mode mode)
        : paths_(paths),
          shared_(shared),
          progress_(shared.context.err, mode, shared.context.clock, "matching"),
          finished_(paths.size()),
          read_(paths.size()),
          held_(paths.size()),
          stop_behind_(paths.size()) {}

    void sized(std::uint64_t bytes) { bytes_ += bytes; }

    /// Reads files until none is left.
    void work();

    /// Throws what a thread ended by.
    [[nodiscard]] Result<void> outcome();

  private:
    [[nodiscard]] std::optional<std::size_t> take();
    [[nodiscard]] Result<void> read(std::size_t file, Told& told, MatchTotals& totals);
    void read_so_far(std::size_t file, std::uint64_t bytes, std::uint64_t events, Told& told);
    void finish(
        std::size_t file, std::unique_ptr<Told> told, const MatchTotals& totals, Result<void> result
    );
    void broken();
    [[nodiscard]] bool ended(std::size_t file);
    void hold(std::size_t file, std::size_t bytes);
    void tell(std::size_t file, Told& told);

    const std::vector<std::string>& paths_;
    const MatchShared& shared_;

    // Guards all below, and standard output and standard error.
    std::mutex mutex_;
    std::condition_variable turned_;
    Progress progress_;
    std::size_t next_ = 0;   // the first file that nobody has taken
    std::size_t front_ = 0;  // the one that tells now
    std::vector<std::unique_ptr<Told>> finished_;
    std::vector<std::uint64_t> read_;  // bytes of each file
    std::vector<std::size_t> held_;    // bytes that each file has to tell
    std::size_t held_of_all_ = 0;
    std::uint64_t bytes_ = 0;  // of all files
    std::uint64_t events_ = 0;
    std::size_t stop_behind_;  // the first file that failed: those behind it are not told
    std::optional<Error> failure_;
    std::exception_ptr broken_;
};

void Turns::hold(std::size_t file, std::size_t bytes) {
    held_of_all_ += bytes - std::exchange(held_[file], bytes);
}

void Turns::tell(std::size_t file, Told& told) {
    hold(file, 0);
    const std::string_view err = told.err.text();
    const std::string_view out = told.out.text();
    (void)std::fwrite(err.data(), 1, err.size(), shared_.context.err);
    if (!out.empty()) {
        shared_.context.out.raw(out);
        // Who looks at a stream sees a hit when it is there.
        shared_.context.out.flush();
    }
    told.err.clear();
    told.out.clear();
}

std::optional<std::size_t> Turns::take() {
    std::unique_lock lock(mutex_);
    turned_.wait(lock, [this] { return broken_ || next_ - front_ < ahead_max; });
    if (broken_ || next_ == paths_.size() || next_ > stop_behind_ || stop_requested()) {
        return std::nullopt;
    }
    return next_++;
}

bool Turns::ended(std::size_t file) {
    const std::scoped_lock lock(mutex_);
    return broken_ || file > stop_behind_;
}

/// A piece of `file` was read.
void Turns::read_so_far(std::size_t file, std::uint64_t bytes, std::uint64_t events, Told& told) {
    const std::size_t size = told.size();
    std::unique_lock lock(mutex_);
    events_ += events;
    read_[file] = bytes;
    std::uint64_t all = 0;
    for (const std::uint64_t one : read_)
        all += one;
    progress_.at(events_, all, bytes_);
    if (size == 0) return;
    hold(file, size);
    turned_.wait(lock, [&] {
        return broken_ || front_ == file || file > stop_behind_ || held_of_all_ <= held_bytes_max;
    });
    if (front_ == file && !broken_) tell(file, told);
}

void Turns::finish(
    std::size_t file, std::unique_ptr<Told> told, const MatchTotals& totals, Result<void> result
) {
    const std::scoped_lock lock(mutex_);
    hold(file, told->size());
    finished_[file] = std::move(told);
    if (file <= stop_behind_) {
        MatchTotals& all = shared_.totals;
        all.events += totals.events;
        all.hits += totals.hits;
        all.unreadable += totals.unreadable;
        all.counts.cut += totals.counts.cut;
        all.counts.undecided += totals.counts.undecided;
        all.counts.forgotten += totals.counts.forgotten;
        all.counts.untimely += totals.counts.untimely;
        if (!result) {
            stop_behind_ = file;
            failure_ = std::move(result.error());
        }
    }
    for (; front_ < finished_.size() && finished_[front_]; ++front_) {
        if (front_ <= stop_behind_) tell(front_, *finished_[front_]);
        hold(front_, 0);
        finished_[front_].reset();
    }
    turned_.notify_all();
}

void Turns::broken() {
    const std::scoped_lock lock(mutex_);
    if (!broken_) broken_ = std::current_exception();
    turned_.notify_all();
}

Result<void> Turns::read(std::size_t file, Told& told, MatchTotals& totals) {
    const std::string& path = paths_[file];
    Output out(told.out.get(), shared_.context.out.json());
    const Context& of = shared_.context;
    Context context{out, of.in, told.err.get(), of.clock, of.random};
    const MatchShared shared{
        shared_.indicators,
        shared_.snapshot,
        shared_.fields,
        shared_.watching,
        shared_.format,
        totals,
        context};
    MatchInput input(path, shared);
    std::uint64_t events = 0;
    const auto feed = [&](std::string_view bytes) -> Result<void> {
        if (ended(file)) return fail(Errc::conflict, "the input before it failed");
        return input.feed(bytes);
    };
    ENTENTE_CHECK(decode_file(path, feed, limits::validate_bytes_max, [&](std::uint64_t bytes) {
        read_so_far(file, bytes, totals.events - std::exchange(events, totals.events), told);
    }));
    if (stop_requested()) return {};
    if (auto finished = input.finish(); !finished) {
        return fail(
            finished.error().code,
            fmt::format("{}: {}", printable(shown_name(path)), finished.error().detail)
        );
    }
    return {};
}

void Turns::work() {
    try {
        while (const auto file = take()) {
            auto told = std::make_unique<Told>();
            MatchTotals totals;
            Result<void> result = read(*file, *told, totals);
            finish(*file, std::move(told), totals, std::move(result));
        }
    } catch (...) {  // it is thrown again on the thread that waits for all
        broken();
    }
}

Result<void> Turns::outcome() {
    const std::scoped_lock lock(mutex_);
    if (broken_) std::rethrow_exception(broken_);
    if (failure_) return tl::make_unexpected(std::move(*failure_));
    return {};
}

}  // namespace

Result<void> match_files(
    const std::vector<std::string>& paths, const MatchShared& shared, Progress::Mode progress
) {
    Turns turns(paths, shared, progress);
    std::size_t threads = std::clamp<std::size_t>(
        std::thread::hardware_concurrency(), 1, std::min(threads_max, paths.size())
    );
    std::uint64_t bytes = 0;
    bool sizes_known = true;
    for (const std::string& path : paths) {
        ENTENTE_TRY(const InputInfo info, inspect_input(path));
        bytes += info.bytes;
        sizes_known = sizes_known && info.bytes > 0;
        // Waiting for a pipe is ended by a signal, which comes to this thread alone.
        if (!info.regular) threads = 1;
    }
    if (sizes_known) turns.sized(bytes);
    std::vector<std::jthread> others;
    while (others.size() + 1 < threads)
        others.emplace_back([&turns] { turns.work(); });
    turns.work();
    others.clear();  // waits for them
    return turns.outcome();
}

}  // namespace entente::cli
