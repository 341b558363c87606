#pragma once
// Views: what one user may see of one collection: a set of classes, one bit each, and how that set
// came about.
#include "agreement/class.h"
#include "stix/tlp.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace entente::agreement {

/// What is known of marking ids beyond TLP: statement markings that a source has published
/// (STIX 2.1, 7.2.1.3). A statement resolves only for objects of the source that published it, or
/// where this node's own party did: otherwise a partner could "define" another's unknown marking
/// and so widen it.
class MarkingRegistry {
  public:
    void add_statement(std::string marking_id, PartyNo source, bool own_party);
    /// Whether `marking_id` restricts nothing on an object that `source` published.
    [[nodiscard]] bool is_statement(std::string_view marking_id, PartyNo source) const;

  private:
    std::map<std::string, std::vector<PartyNo>, std::less<>> sources_;  // PartyNo{0} = for everyone
};

/// The terms that decide for one user and one collection, from grants (agreements later).
struct Terms {
    PartyNo party{};  // the reader's
    bool read = false;
    stix::Tlp ceiling = stix::Tlp::clear;
    stix::Tlp default_marking = stix::Tlp::amber;  // of the collection, for unmarked objects
    friend bool operator==(const Terms&, const Terms&) = default;
};

enum class Reason : std::uint8_t {
    released,
    no_read_right,
    marking_above_ceiling,
    granular_marking_above_ceiling,
    default_marking_above_ceiling,
    unknown_marking,
    held_in_quarantine,
    names_a_withheld_object,
    fuller_entry_released,  // of an entry made of another: this reader gets one that hides less
    unknown_class,
};

/// In words for a person, for example "marking above the ceiling".
[[nodiscard]] std::string_view reason_text(Reason reason) noexcept;

struct Decision {
    Reason reason = Reason::unknown_class;
    std::string marking;  // the id that decided, if one did

    [[nodiscard]] bool releases() const noexcept { return reason == Reason::released; }
};

/// The one decision: may a reader with `terms` have entries of class `no`? Pure. All markings must
/// pass; unknown means no. A copy held in quarantine is only for the party that it is held for, and
/// there too within the ceiling. Follows `needs` through classes with smaller numbers; a name of
/// any other number never passes.
[[nodiscard]] Decision decide(
    const Terms& terms, const ClassTable& classes, const MarkingRegistry& markings, ClassNo no
);

/// The same for facets that are not interned yet; the write side uses it with the writer's own
/// terms.
[[nodiscard]] Decision decide(
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& markings,
    const Facets& facets
);

/// A stretch of positions in which a view counts a class in place: after < seq <= upto. Those of
/// one class do not overlap.
struct Stretch {
    ClassNo cls{};
    Seq after{};
    Seq upto = seq_max;  // seq_max = still open
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// What one user may see of one collection, at one generation.
///
/// 1. `shows(c, s)`: the reader gets an entry of class c that lies in place at s: c is released,
/// and s lies in the open
///    stretch of c (or c has no stretches). What lies in closed stretches only was served once,
///    then taken away; when the class comes back it is shown by late rows, so that a reader who had
///    not come so far does not miss it.
/// 2. `counts(c, s)`: an entry of class c at s was, at some time, in place for this reader; it
/// takes part in the ranks that
///    make up dates, so that a date once served never changes when a right is taken away.
/// 3. shows implies counts. A class without stretches is open from the beginning if it is released,
/// else not counted. Threads: immutable after construction; share it const.
class View {
  public:
    View() = default;
    View(
        UserNo user,
        CollectionNo collection,
        Terms terms,
        std::vector<bool> released,
        std::vector<Stretch> stretches
    );

    [[nodiscard]] UserNo user() const noexcept { return user_; }

    [[nodiscard]] PartyNo party() const noexcept { return terms_.party; }

    [[nodiscard]] CollectionNo collection() const noexcept { return collection_; }

    [[nodiscard]] const Terms& terms() const noexcept { return terms_; }

    /// The class is released now, wherever it lies (in place or late).
    [[nodiscard]] bool releases(ClassNo cls) const noexcept {
        return raw(cls) < released_.size() && released_[raw(cls)];
    }

    [[nodiscard]] bool shows(ClassNo cls, Seq seq) const noexcept;
    [[nodiscard]] bool counts(ClassNo cls, Seq seq) const noexcept;
    /// How many of the `count` positions from `first` on `counts` holds for. REQUIRES: the
    /// stretches of a class do not overlap.
    [[nodiscard]] std::uint64_t counted(ClassNo cls, Seq first, std::uint64_t count) const noexcept;
    /// `shows(cls, s)` is true for exactly the s greater than this; seq_max when it is true for
    /// none.
    [[nodiscard]] Seq shown_after(ClassNo cls) const noexcept;

    /// All released classes, rising.
    [[nodiscard]] const std::vector<ClassNo>& released() const noexcept { return released_list_; }

    [[nodiscard]] const std::vector<Stretch>& stretches() const noexcept { return stretches_; }

  private:
    [[nodiscard]] bool has_stretches(ClassNo cls) const noexcept {
        return raw(cls) < has_stretches_.size() && has_stretches_[raw(cls)];
    }
    template <class Fits>
    [[nodiscard]] bool any_stretch(ClassNo cls, const Fits& fits) const noexcept;

    UserNo user_{};
    CollectionNo collection_{};
    Terms terms_;
    std::vector<bool> released_;
    std::vector<bool> has_stretches_;
    std::vector<ClassNo> released_list_;
    std::vector<Stretch> stretches_;  // sorted by (cls, after)
};

/// Decides every class of the table once.
[[nodiscard]] View make_view(
    UserNo user,
    CollectionNo collection,
    const Terms& terms,
    const ClassTable& classes,
    const MarkingRegistry& markings,
    std::vector<Stretch> stretches
);

}  // namespace entente::agreement
