#pragma once
// Input files as a stream of decoded bytes: plain, gzip, zstd, xz, told by their first bytes, with
// a limit on what comes out.
#include "base/limits.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace entente::cli {

/// Decodes one stream fed in pieces. Concatenated gzip members, zstd frames and xz streams are one
/// stream; memory is bounded (xz and zstd windows by limits::decoder_memory_bytes_max) whatever the
/// input. Threads: one at a time.
class Decoder {
  public:
    /// Called with decoded bytes in order; an error ends the decoding and is returned from `feed`.
    using Sink = std::function<Result<void>(std::string_view bytes)>;
    explicit Decoder(Sink sink, std::uint64_t decoded_bytes_max = limits::decoded_input_bytes_max);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// Fails: malformed (not what its first bytes say, broken), too_large (more than
    /// `decoded_bytes_max` came out, or the window is too big), or what the sink said.
    [[nodiscard]] Result<void> feed(std::string_view bytes);
    /// The input has ended. Fails: malformed when a compressed stream is cut off.
    [[nodiscard]] Result<void> finish();
    [[nodiscard]] std::uint64_t decoded_bytes() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Reads `path` ("-" = standard input) through a Decoder into `sink`. `read` tells the bytes read
/// from the file so far. Fails: not_found, invalid_argument (a directory), and as Decoder. Throws
/// StorageError when reading fails.
[[nodiscard]] Result<void> decode_file(
    const std::string& path,
    const Decoder::Sink& sink,
    std::uint64_t decoded_bytes_max = limits::decoded_input_bytes_max,
    const std::function<void(std::uint64_t read)>& progress = {}
);

}  // namespace entente::cli
