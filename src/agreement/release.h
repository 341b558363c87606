#pragma once
// One way out. The store hands out `Sealed`; only a `Gate`, which holds a view, can open one, and
// only into a `Released`; http writes nothing but the `Outgoing` made from it. tests/one_way_out
// proves that other ways do not compile.
#include "agreement/view.h"
#include "base/outgoing.h"
#include "base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::agreement {

/// One entry as the store found it: its bytes cannot be read here. Views into the store's row; use
/// before the next step.
class Sealed {
  public:
    struct Parts {
        ClassNo cls{};
        Seq seq{};          // where the entry itself lies
        bool late = false;  // reached through a late row of the view
        Micros date;        // the date this view sees
        std::string_view id;
        std::string_view version;
        std::string_view media_type;
        std::string_view body;
    };

    explicit Sealed(const Parts& parts) : parts_(parts) {}

    [[nodiscard]] Micros date() const noexcept { return parts_.date; }

  private:
    friend class Gate;
    Parts parts_;
};

/// Why a text that is no object may leave: what it is made of.
enum class OwnWords : std::uint8_t {
    configuration,   // titles, rights and limits that concern the caller
    echo,            // what the caller itself sent, and what became of it
    problem,         // an error text
    administration,  // for the own party's roles on this machine
};

/// Bytes that passed the decision, with the view they passed for. Append-only; move-only.
class Released {
  public:
    /// A text of our own; the reason is named at each place that calls this, and tests/layering
    /// lists those places.
    [[nodiscard]] static Released own_words(OwnWords why, std::string text);

    Released(Released&& other) noexcept { swap(other); }

    Released& operator=(Released&& other) noexcept {
        Released taken(std::move(other));
        swap(taken);
        return *this;
    }

    Released(const Released&) = delete;
    Released& operator=(const Released&) = delete;
    ~Released() = default;

    [[nodiscard]] std::size_t size() const noexcept { return text_.size() - begin_; }

    [[nodiscard]] std::uint64_t objects() const noexcept { return objects_; }

    /// Digest of the bytes, for the disclosure act.
    [[nodiscard]] std::string digest_hex() const;
    /// Gives the bytes to the way out. The buffer is empty afterwards.
    [[nodiscard]] Outgoing out() &&;

    /// The bytes for a file that the own party writes (`export`), in order. The same decision as
    /// for the network. They live as long as this buffer.
    [[nodiscard]] std::string_view for_file() const noexcept {
        return std::string_view(text_).substr(begin_);
    }

  private:
    friend class Gate;
    Released() = default;

    void swap(Released& other) noexcept {
        std::swap(text_, other.text_);
        std::swap(begin_, other.begin_);
        std::swap(objects_, other.objects_);
    }

    std::string text_;
    // The bytes begin here: the page's head goes before its objects without moving them.
    std::size_t begin_ = 0;
    std::uint64_t objects_ = 0;
};

/// What is written for each entry that passes.
enum class Form : std::uint8_t {
    object,    // the stored bytes
    manifest,  // {"id":…,"date_added":…,"version":…,"media_type":…} (TAXII 2.1, 5.3.1)
    version,   // "…" (TAXII 2.1, 5.8)
    line,      // the stored bytes and a line feed, for files
};

/// Opens entries for one view. Threads: one at a time.
class Gate {
  public:
    Gate(const View& view, Form form) : view_(view), form_(form) {}

    /// Appends the entry when the view releases it; returns whether it did. A `false` here means
    /// that a scan offered what the view does not show: a second lock behind the scan's own.
    [[nodiscard]] bool pass(const Sealed& sealed);

    [[nodiscard]] std::uint64_t count() const noexcept { return page_.objects_; }

    /// Where the entries lie that passed, in order of passing: what a record of the handing over
    /// names. Stays after `finish`.
    [[nodiscard]] const std::vector<Seq>& entries() const noexcept { return entries_; }

    /// Bytes of the entries so far, with what separates them.
    [[nodiscard]] std::size_t bytes() const noexcept { return page_.text_.size() - page_.begin_; }

    struct Tail {
        bool more = false;
        std::string next;  // empty = none
    };

    /// The finished page: objects -> `{"more":…,"next":…,"objects":[…]}`, manifest likewise under
    /// "objects", version under "versions"; `next` stands only when `more` does and it is not
    /// empty. A page without entries has no list (TAXII 2.1 forbids empty ones): `{"more":false}`
    /// for objects and `{}` with white space after it for the others, because a common client takes
    /// a body of two bytes for none. Form::line gives just the lines. The gate is spent.
    [[nodiscard]] Released finish(const Tail& tail) &&;

  private:
    const View& view_;
    Form form_;
    Released page_;
    std::vector<Seq> entries_;
};

}  // namespace entente::agreement
