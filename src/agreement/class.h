#pragma once
// Classes: every facet of an entry that a decision may test, as one tuple interned to one number.
#include "base/result.h"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

/// Numbers that never leave the program. 0 means "none".
enum class PartyNo : std::uint32_t {};
enum class UserNo : std::uint32_t {};
enum class CollectionNo : std::uint32_t {};
enum class ClassNo : std::uint32_t {};
/// A place in the order of one collection: rising, never reused, never shown outside.
enum class Seq : std::uint64_t {};

inline constexpr Seq seq_max{(1ULL << 40U) - 1};

inline Seq next(Seq s) {
    return Seq{static_cast<std::uint64_t>(s) + 1};
}

template <class E>
[[nodiscard]] constexpr auto raw(E number) {
    return static_cast<std::underlying_type_t<E>>(number);
}

/// The type of a class that no entry has: it stands for its needs together, so that an entry can
/// need more than one class should list.
inline constexpr std::string_view joint_type = "*";

/// The facets. Two entries with equal facets get the same decision from every view at every time.
struct Facets {
    std::string type{};
    std::string spec_version{};           // "2.0" | "2.1"
    std::vector<std::string> markings{};  // object_marking_refs, sorted, unique
    std::vector<std::string> granular{};  // granular marking refs, sorted, unique
    /// Of an entry that was made of another one: the granular markings whose parts were cut out. It
    /// is for those who may see none of these parts; whoever may see one of them has a fuller
    /// entry. Sorted, unique.
    std::vector<std::string> hidden{};
    std::string producer{};  // created_by_ref or empty
    PartyNo source{};        // the party that published it here
    PartyNo held_for{};      // not 0: quarantined, only this party's own views may show it
    /// References: for each named object of the same source that not everyone may have who may have
    /// this, the classes of its versions. The entry passes when for each need at least one class
    /// passes. A need with no class never passes.
    std::vector<std::vector<ClassNo>> needs{};

    /// Whether what follows is known: not of entries that were stored before it was kept.
    bool described = false;
    /// stix::Traits. Sorted, unique; "*" among them stands for some that were left out.
    std::vector<std::string> words{};
    std::vector<std::string> pattern_paths{};
    std::uint8_t confidence = 0;  // 0 = not given, else tens of 0-100 and one: 1 to 11
    std::uint8_t age = 0;         // of the version when it was stored: `age_band`
    std::uint8_t personal = 0;    // classes of personal data in it: bits of stix::Personal
    /// Of an entry that was made of another one: the classes of personal data that were cut out. It
    /// is for those who must not get any of these; whoever may get one has a fuller entry.
    std::uint8_t cut = 0;
    /// The agreements under which a partner published it here: each that let it in, for it came by
    /// the word of each. Sorted; empty = none.
    std::vector<std::string> arrivals{};
    friend bool operator==(const Facets&, const Facets&) = default;
};

/// Bands of age, so that classes stay few: band b > 0 holds versions of at most age_days[b - 1]
/// days; 0 holds older ones and those without a date.
inline constexpr std::array<std::uint32_t, 8> age_days{1, 7, 30, 90, 180, 365, 730, 1'825};
[[nodiscard]] std::uint8_t age_band(std::uint64_t days) noexcept;

/// A text that is equal exactly for equal facets; what the store interns.
/// `facets_of(facets_key(f)) == f`.
[[nodiscard]] std::string facets_key(const Facets& facets);
/// Fails: corrupt.
[[nodiscard]] Result<Facets> facets_of(std::string_view key);

/// All classes of a store, by number. Grows only. Threads: a value; share it const.
class ClassTable {
  public:
    /// REQUIRES: `no` > 0, and the number after the last one added or any larger one (gaps are
    /// classes that never pass).
    void add(ClassNo no, Facets facets);
    [[nodiscard]] const Facets* find(ClassNo no) const noexcept;

    /// One more than the largest number added.
    [[nodiscard]] std::uint32_t size() const noexcept {
        return static_cast<std::uint32_t>(facets_.size());
    }

  private:
    std::vector<Facets> facets_;  // index = number; type empty = gap
};

}  // namespace entente::agreement
