#pragma once
// Cutting many objects out of one text: a TAXII envelope or STIX bundle in memory, or a stream of
// any size.
#include "base/limits.h"
#include "base/result.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {

/// The objects of one POST body, each a slice of the body, in order.
struct Envelope {
    enum class Form : std::uint8_t { envelope, bundle } form = Form::envelope;
    std::vector<std::string_view> objects;
};

/// Reads a TAXII envelope (TAXII 2.1, 3.7) or a STIX bundle (which some clients post). Unknown
/// top-level properties are ignored (T18). The whole text is checked to be JSON; what is inside an
/// object is left to `read_object`, so that one bad object does not lose the others: each slice is
/// one JSON value, of any type. Fails `malformed`: not JSON or UTF-8, duplicate top-level name,
/// depth; `unprocessable`: not an object, no `objects`, not a list, empty list; `too_large`: more
/// than limits::objects_per_request_max. Slices live as long as `body`.
[[nodiscard]] Result<Envelope> read_envelope(std::string_view body);

/// Cuts a stream: a bundle, an envelope, an array of objects, one object, or JSON lines (objects
/// one after the other, themselves bundles or not); a byte order mark before it is passed over.
/// Memory is bounded by limits::object_bytes_max plus one chunk, whatever the stream's size.
///
/// It finds where objects begin and end and checks no more than that needs: what is inside one is
/// left to `read_object`, other properties of a bundle are passed over. A top-level object with a
/// list `objects` is a bundle or envelope; with nothing but `more` and `next` it is an envelope
/// that holds nothing; any other is delivered as an object itself.
class Cutter {
  public:
    /// Called with one object's text (a JSON value of any type, good until the call returns) and
    /// the byte at which it began in the stream; an error ends the cutting.
    using Sink = std::function<Result<void>(std::string_view object, std::size_t at_byte)>;

    /// What is told of the lists that objects are cut from, to who checks what is around them. The
    /// texts are good until the call returns; nothing is known of them but their brackets. Those
    /// longer than limits::object_bytes_max come empty. An error ends the cutting.
    struct Around {
        /// A list begins: the text from the { of what holds it to before the [; of a list that
        /// nothing holds "". `at_byte` is where the { or [ stands.
        Sink opened;
        /// It has ended: the text from behind the ] to the } and with it; of a list that nothing
        /// holds "". `at_byte` is where that text begins.
        Sink closed;
    };

    explicit Cutter(Sink sink);
    /// REQUIRES: both functions of `around` are set.
    Cutter(Sink sink, Around around);
    Cutter(const Cutter&) = delete;
    Cutter& operator=(const Cutter&) = delete;

    /// Takes the next bytes. Fails: malformed with the byte; too_large; or what the sink said. Once
    /// failed, it fails so for ever.
    [[nodiscard]] Result<void> feed(std::string_view bytes);
    /// The stream has ended. Fails `malformed` when something is open ("truncated"), or when no
    /// object was there (nor, if `Around` asks for them, a list).
    [[nodiscard]] Result<void> finish();

  private:
    /// Where in the stream the next byte lies.
    enum class Place : std::uint8_t {
        top,            // between the values of the stream
        first_name,     // behind the { of a top-level object
        name,           // behind a , in it
        in_name,        // in the quotes
        colon,          // behind a name
        member,         // behind the colon
        in_member,      // in a value that is passed over
        after_member,   // behind it
        first_element,  // behind the [ of a list of objects
        element,        // behind a , in it
        in_element,     // in an object that is being cut
        after_element,  // behind it
    };
    Result<void> step();
    Result<void> begin_top(char c);
    Result<void> take_name();
    Result<void> begin_member(char c);
    Result<void> end_member(char c);
    Result<void> begin_element(char c);
    Result<void> end_element(char c);
    Result<void> begin_value(char c);
    Result<bool> pass_value();
    Result<void> pass_bracket(char c);
    void pass_string();
    void begin_keeping();
    void stop_keeping();
    [[nodiscard]] std::string_view kept();
    Result<void> keep_chunk();
    Result<void> deliver();
    Result<void> open_list();
    Result<void> close_list();
    [[nodiscard]] bool name_is_objects() const;
    [[nodiscard]] std::size_t position() const;
    [[nodiscard]] std::size_t kept_bytes() const;
    [[nodiscard]] tl::unexpected<Error> malformed(std::string_view what) const;
    [[nodiscard]] tl::unexpected<Error> too_large() const;

    Sink sink_;
    std::optional<Around> around_;
    Place place_ = Place::top;
    std::size_t before_ = 0;       // bytes of the stream before this chunk
    const char* chunk_ = nullptr;  // this chunk; not set between calls
    const char* next_ = nullptr;
    const char* end_ = nullptr;
    std::size_t mark_bytes_ = 0;  // of the byte order mark
    std::size_t objects_ = 0;     // delivered
    bool told_ = false;           // of a list
    std::optional<Error> failed_;

    // The top-level value that is open.
    std::size_t opened_at_ = 0;
    bool in_object_ = false;    // an object; else a list
    bool holds_list_ = false;   // it has an `objects` that is a list
    bool has_objects_ = false;  // it has an `objects`
    bool only_paging_ = false;  // it has no properties but `more` and `next`
    bool overgrown_ = false;    // too large to be an object itself
    std::string name_;          // the property name, as far as it matters, escapes as they stand

    // The value that is cut or passed over.
    std::bitset<limits::cut_depth_max> braces_;  // of its open brackets: is it {
    std::size_t depth_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;  // the next byte belongs to an escape

    // What may have to be delivered: an element, a top-level object until it turns out to hold a
    // list of them, or what stands behind such a list.
    bool keeping_ = false;
    std::size_t kept_at_ = 0;
    const char* kept_from_ = nullptr;  // in this chunk
    std::string kept_;                 // from chunks before
};

}  // namespace entente::stix
