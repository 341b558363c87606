#pragma once
// One event as patterns see it: the cyber-observable objects that it shows and how they refer to
// one another (STIX 2.1, 6; 9.7). Made afresh for each event in memory that is used again, so that
// a reader of events allocates nothing.
#include "base/time.h"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace entente::match {

/// The name of a property or type with its hash.
struct Name {
    std::string_view text;
    std::uint32_t hash = 0;

    constexpr Name() = default;

    constexpr Name(std::string_view word) noexcept : text(word), hash(2'166'136'261U) {  // FNV-1a
        for (const char c : word)
            hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    }

    constexpr Name(const char* word) noexcept : Name(std::string_view(word)) {}

    friend constexpr bool operator==(const Name& a, const Name& b) noexcept {
        return a.hash == b.hash && a.text == b.text;
    }
};

/// Threads: one at a time. Views that are given (names, texts) must live until `clear`; `keep`
/// makes them do so. Beyond limits::match_event_values_max values nothing more is taken, and `full`
/// says so.
class Event {
  public:
    using Index = std::uint32_t;
    static constexpr Index none = 0;

    enum class Kind : std::uint8_t {
        null,
        flag,
        whole,
        large,  // a whole number above 2^63 - 1
        real,
        text,
        dict,
        list,
        references,  // the list of a property …_refs: elements are `reference`, or `null` for what
                     // is not there
        reference
    };

    struct Value {
        Name name;  // empty for elements of lists and for objects
        Index next = none;
        Kind kind = Kind::null;

        union {
            bool flag;
            std::int64_t whole = 0;
            std::uint64_t large;
            double real;
            const char* text;
            Index target;  // of a reference: the object
            Index first;   // of dict and lists
        };

        std::uint32_t size = 0;  // of a text in bytes; of a dict or list the last child

        [[nodiscard]] std::string_view as_text() const noexcept { return {text, size}; }
    };

    Event();

    /// Forgets everything; memory stays for the next event, up to a bound.
    void clear();

    // ---- Making. Indexes of what is made are valid until `clear`.

    /// A root: an object of the event. Its `type` becomes a property as well. Without a type it is
    /// only for others to refer to.
    [[nodiscard]] Index object(Name type);
    void null(Index into, Name name);
    void flag(Index into, Name name, bool value);
    void whole(Index into, Name name, std::int64_t value);
    void large(Index into, Name name, std::uint64_t value);
    void real(Index into, Name name, double value);
    void text(Index into, Name name, std::string_view value);
    [[nodiscard]] Index dict(Index into, Name name);
    [[nodiscard]] Index list(Index into, Name name);
    /// The list of a property whose name ends in `_refs`.
    [[nodiscard]] Index references(Index into, Name name);
    /// A property whose name ends in `_ref`, or an element of `references`.
    void reference(Index into, Name name, Index object);

    /// `bytes`, copied so that they live until `clear`.
    [[nodiscard]] std::string_view keep(std::string_view bytes);
    /// Room for `size` bytes that live until `clear`.
    [[nodiscard]] char* room(std::size_t size);

    /// When the event was: from `first` to `last`, so many times. `first_text` and `last_text`,
    /// when given, are STIX timestamps that say it with more digits than Micros hold.
    Micros first, last;
    std::string_view first_text, last_text;
    std::uint64_t times = 1;

    // ---- Looking.

    struct Root {
        Name type;
        Index value = none;
    };

    [[nodiscard]] const std::vector<Root>& roots() const noexcept { return roots_; }

    [[nodiscard]] const Value& at(Index index) const noexcept { return values_[index]; }

    [[nodiscard]] bool full() const noexcept { return full_; }

    /// Observed data in the form of STIX 2.0 with `objects`, for the plain evaluator.
    [[nodiscard]] boost::json::value observed_data() const;

  private:
    Value& add(Index into, Name name, Kind kind);
    Index add_children(Index into, Name name, Kind kind);

    std::vector<Value> values_;
    std::vector<Root> roots_;
    bool full_ = false;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t block_ = 0;  // being filled
    std::size_t used_ = 0;   // of it
    bool large_ = false;     // some block is larger than others
};

}  // namespace entente::match
