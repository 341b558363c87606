#pragma once
// Cutting many objects out of one text: a TAXII envelope or STIX bundle in memory, or a stream of any size.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace entente::stix {

/// The objects of one POST body, each a slice of the body, in order.
struct Envelope {
    enum class Form : std::uint8_t { envelope, bundle } form = Form::envelope;
    std::vector<std::string_view> objects;
};

/// Reads a TAXII envelope (TAXII 2.1, 3.7) or a STIX bundle (peers.md C2 rule 12). Unknown top-level properties are ignored
/// (T18). The whole text is checked to be JSON; what is inside an object is left to `read_object`, so that one bad object
/// does not lose the others: each slice is one JSON value, of any type.
/// Fails `malformed`: not JSON or UTF-8, duplicate top-level name, depth; `unprocessable`: not an object, no `objects`, not a
/// list, empty list; `too_large`: more than limits::objects_per_request_max. Slices live as long as `body`.
[[nodiscard]] Result<Envelope> read_envelope(std::string_view body);

/// Cuts a stream: a bundle, an envelope, an array of objects, one object, or JSON lines (objects one after the other,
/// themselves bundles or not). Memory is bounded by limits::object_bytes_max plus one chunk, whatever the stream's size.
class Cutter {
  public:
    /// Called with one object's text and the byte at which it began in the stream; an error ends the cutting.
    using Sink = std::function<Result<void>(std::string_view object, std::size_t at_byte)>;
    explicit Cutter(Sink sink);
    /// Takes the next bytes. Fails: malformed with the byte; too_large; or what the sink said.
    [[nodiscard]] Result<void> feed(std::string_view bytes);
    /// The stream has ended. Fails `malformed` ("truncated") when something is open, or when nothing was there.
    [[nodiscard]] Result<void> finish();

  private:
    struct State;
    Sink sink_;
    std::string buffer_;                   // the object being cut
    std::size_t at_ = 0;                   // bytes taken so far
    std::size_t object_at_ = 0;
    std::vector<char> open_;               // brackets that are open, outermost first
    std::string key_;                      // the property name being read at the top of a container
    std::uint8_t phase_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
    bool cutting_ = false;
    bool seen_any_ = false;
    [[nodiscard]] Result<void> take(char c);
};

}  // namespace entente::stix
