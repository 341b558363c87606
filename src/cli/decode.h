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

/// What is known of an input before it is read.
struct InputInfo {
    bool regular = false;     // a plain file, which can be read twice
    std::uint64_t bytes = 0;  // its size; 0 = unknown
};

/// Looks at `path` ("-" = standard input). Fails: not_found, forbidden (no permission),
/// invalid_argument (a directory).
[[nodiscard]] Result<InputInfo> inspect_input(const std::string& path);

/// Reads `path` ("-" = standard input) through a Decoder into `sink`. `read` tells the bytes read
/// from the file so far. Once stop_requested() it returns without error and without the rest.
/// Fails: as inspect_input and Decoder, with the input's name before the detail. Throws
/// StorageError when reading fails.
[[nodiscard]] Result<void> decode_file(
    const std::string& path,
    const Decoder::Sink& sink,
    std::uint64_t decoded_bytes_max = limits::decoded_input_bytes_max,
    const std::function<void(std::uint64_t read)>& progress = {}
);

}  // namespace entente::cli
