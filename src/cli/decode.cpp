#include "cli/decode.h"

#include "base/assert.h"
#include "base/escape.h"
#include "base/gunzip.h"
#include "cli/file_handle.h"
#include "cli/stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>
#include <zstd.h>

namespace entente::cli {
namespace {

constexpr std::size_t piece_bytes = 128U << 10U;
constexpr std::size_t magic_bytes_max = 6;
constexpr int zstd_window_log_max = 27;  // 128 MiB, what `zstd -d` takes unasked

constexpr std::string_view gzip_magic("\x1f\x8b", 2);
constexpr std::string_view zstd_magic("\x28\xb5\x2f\xfd", 4);
constexpr std::string_view xz_magic("\xfd\x37\x7a\x58\x5a\x00", 6);

/// Where decoded bytes go: counts them and refuses what is too much.
struct Out {
    Decoder::Sink sink;
    std::uint64_t max;
    std::uint64_t passed = 0;

    [[nodiscard]] Result<void> pass(std::string_view bytes) {
        if (bytes.empty()) return {};
        passed += bytes.size();
        if (passed > max) {
            return fail(
                Errc::too_large, fmt::format("the decoded input exceeds the limit of {} bytes", max)
            );
        }
        return sink(bytes);
    }
};

class Codec {
  public:
    explicit Codec(Out& out) : out_(out), piece_(piece_bytes) {}

    virtual ~Codec() = default;
    Codec(const Codec&) = delete;
    Codec& operator=(const Codec&) = delete;
    [[nodiscard]] virtual Result<void> feed(std::string_view bytes) = 0;
    [[nodiscard]] virtual Result<void> finish() = 0;

  protected:
    Out& out_;
    std::vector<char> piece_;  // decoded bytes on their way
};

tl::unexpected<Error> damaged(std::string_view kind, std::string_view why) {
    return fail(Errc::malformed, fmt::format("the {} data is damaged: {}", kind, why));
}

class PlainCodec final : public Codec {
  public:
    explicit PlainCodec(Out& out) : Codec(out) {}

    Result<void> feed(std::string_view bytes) override { return out_.pass(bytes); }

    Result<void> finish() override { return {}; }
};

class GzipCodec final : public Codec {
  public:
    using Codec::Codec;

    Result<void> feed(std::string_view bytes) override {
        // In slices: one byte may become a thousand.
        while (!bytes.empty()) {
            const std::string_view slice = bytes.substr(0, slice_bytes);
            bytes.remove_prefix(slice.size());
            decoded_.clear();
            if (gunzip_.feed(slice, decoded_, UINT64_MAX) != Gunzip::State::ok) {
                return damaged("gzip", "its check or structure is wrong");
            }
            ENTENTE_CHECK(out_.pass(decoded_));
        }
        return {};
    }

    Result<void> finish() override {
        if (!gunzip_.complete()) return damaged("gzip", "it ends too early");
        return {};
    }

  private:
    static constexpr std::size_t slice_bytes = 8U << 10U;

    // A file may be written in any number of members (RFC 1952, 2.2).
    Gunzip gunzip_{{.members_max = SIZE_MAX, .zeros_between = true}};
    std::string decoded_;
};

class ZstdCodec final : public Codec {
  public:
    explicit ZstdCodec(Out& out) : Codec(out) {
        if (!context_) throw std::bad_alloc();
        (void)ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, zstd_window_log_max);
    }

    Result<void> feed(std::string_view bytes) override {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        bool full = false;  // a full piece may hide more that is decoded already
        while (in.pos < in.size || full) {
            ZSTD_outBuffer out{piece_.data(), piece_.size(), 0};
            const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
            if (ZSTD_isError(left) != 0) return damaged("zstd", ZSTD_getErrorName(left));
            ended_ = left == 0;  // a frame is complete and all of it came out
            full = !ended_ && out.pos == out.size;
            ENTENTE_CHECK(out_.pass({piece_.data(), out.pos}));
        }
        return {};
    }

    Result<void> finish() override {
        if (!ended_) return damaged("zstd", "it ends too early");
        return {};
    }

  private:
    struct Free {
        void operator()(ZSTD_DCtx* context) const noexcept { (void)ZSTD_freeDCtx(context); }
    };

    std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
    bool ended_ = false;
};

class XzCodec final : public Codec {
  public:
    explicit XzCodec(Out& out) : Codec(out) {
        if (lzma_stream_decoder(&stream_, limits::decoder_memory_bytes_max, LZMA_CONCATENATED) !=
            LZMA_OK) {
            throw std::bad_alloc();
        }
    }

    ~XzCodec() override { lzma_end(&stream_); }

    Result<void> feed(std::string_view bytes) override {
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
        stream_.avail_in = bytes.size();
        return run(LZMA_RUN);
    }

    Result<void> finish() override {
        stream_.avail_in = 0;
        ENTENTE_CHECK(run(LZMA_FINISH));
        if (!ended_) return damaged("xz", "it ends too early");
        return {};
    }

  private:
    Result<void> run(lzma_action action) {
        while (!ended_) {
            stream_.next_out = reinterpret_cast<std::uint8_t*>(piece_.data());
            stream_.avail_out = piece_.size();
            const lzma_ret code = lzma_code(&stream_, action);
            ENTENTE_CHECK(out_.pass({piece_.data(), piece_.size() - stream_.avail_out}));
            if (code == LZMA_STREAM_END) {
                ended_ = true;
            } else if (code == LZMA_MEMLIMIT_ERROR) {
                return fail(
                    Errc::too_large,
                    fmt::format(
                        "the xz data needs more than {} MiB to decode",
                        limits::decoder_memory_bytes_max >> 20U
                    )
                );
            } else if (code == LZMA_BUF_ERROR) {
                return action == LZMA_FINISH ? damaged("xz", "it ends too early") : Result<void>{};
            } else if (code != LZMA_OK) {
                return damaged("xz", "its check or structure is wrong");
            } else if (action == LZMA_RUN && stream_.avail_in == 0 && stream_.avail_out > 0) {
                return {};
            }
        }
        return {};
    }

    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool ended_ = false;
};

}  // namespace

struct Decoder::State {
    State(Sink s, std::uint64_t decoded_bytes_max) : out{std::move(s), decoded_bytes_max} {}

    Out out;
    std::string first;  // until there is enough to know the kind
    std::unique_ptr<Codec> codec;

    Result<void> begin() {
        if (first.starts_with(gzip_magic)) {
            codec = std::make_unique<GzipCodec>(out);
        } else if (first.starts_with(zstd_magic)) {
            codec = std::make_unique<ZstdCodec>(out);
        } else if (first.starts_with(xz_magic)) {
            codec = std::make_unique<XzCodec>(out);
        } else {
            codec = std::make_unique<PlainCodec>(out);
        }
        return codec->feed(std::exchange(first, {}));
    }
};

Decoder::Decoder(Sink sink, std::uint64_t decoded_bytes_max)
    : state_(std::make_unique<State>(std::move(sink), decoded_bytes_max)) {}

Decoder::~Decoder() = default;

Result<void> Decoder::feed(std::string_view bytes) {
    if (state_->codec) return state_->codec->feed(bytes);
    state_->first += bytes;
    if (state_->first.size() < magic_bytes_max) return {};
    return state_->begin();
}

Result<void> Decoder::finish() {
    if (!state_->codec) ENTENTE_CHECK(state_->begin());
    return state_->codec->finish();
}

std::uint64_t Decoder::decoded_bytes() const noexcept {
    return state_->out.passed;
}

namespace {

tl::unexpected<Error> cannot_read(const std::string& path, int error) {
    const auto code = error == EACCES || error == EPERM ? Errc::forbidden : Errc::not_found;
    return fail(code, fmt::format("cannot read {}: {}", printable(path), std::strerror(error)));
}

}  // namespace

Result<InputInfo> inspect_input(const std::string& path) {
    struct stat info {};

    if (path == "-") {
        (void)::fstat(STDIN_FILENO, &info);
    } else if (::stat(path.c_str(), &info) != 0) {
        return cannot_read(path, errno);
    } else if (::access(path.c_str(), R_OK) != 0) {
        return cannot_read(path, errno);
    }
    if (S_ISDIR(info.st_mode)) {
        return fail(
            Errc::invalid_argument,
            fmt::format("{} is a directory; name the files in it", printable(path))
        );
    }
    // Standard input may be a file, but not one to be read twice: it is where the shell left it.
    InputInfo found{.regular = S_ISREG(info.st_mode) && path != "-"};
    if (S_ISREG(info.st_mode)) found.bytes = static_cast<std::uint64_t>(info.st_size);
    return found;
}

Result<void> decode_file(
    const std::string& path,
    const Decoder::Sink& sink,
    std::uint64_t decoded_bytes_max,
    const std::function<void(std::uint64_t read)>& progress
) {
    ENTENTE_CHECK(inspect_input(path));
    const std::string name = path == "-" ? "standard input" : printable(path);
    const auto named = [&](const Error& error) {
        return fail(error.code, fmt::format("{}: {}", name, error.detail));
    };
    const FileHandle opened(path == "-" ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (path != "-" && opened.get() < 0) return cannot_read(path, errno);
    const int fd = path == "-" ? STDIN_FILENO : opened.get();
    Decoder decoder(sink, decoded_bytes_max);
    std::vector<char> piece(piece_bytes);
    std::uint64_t taken = 0;
    while (!stop_requested()) {
        // read(2), not fread: a signal has to end the waiting, and what a pipe has is used at once.
        const ssize_t got = ::read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            throw StorageError(
                StorageError::Kind::io,
                fmt::format("cannot read {}: {}", name, std::strerror(errno))
            );
        }
        if (got == 0) {
            if (auto done = decoder.finish(); !done) return named(done.error());
            return {};
        }
        taken += static_cast<std::uint64_t>(got);
        const std::string_view bytes{piece.data(), static_cast<std::size_t>(got)};
        if (auto fed = decoder.feed(bytes); !fed) return named(fed.error());
        if (progress) progress(taken);
    }
    return {};
}

}  // namespace entente::cli
