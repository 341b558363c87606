#pragma once
// Terms: what decides for one reader and one collection, compiled from grants or agreements, and
// the one decision over them. Pure.
#include "agreement/class.h"
#include "stix/tlp.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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

/// Whose objects a way lets through. What the reader's own party published always counts.
struct Sources {
    /// What came under another agreement and that one lets go on to this reader.
    struct Onward {
        std::string arrival;  // the agreement that it came under
        stix::Tlp ceiling = stix::Tlp::clear;
        std::uint32_t delay_hours = 0;
        bool without_producer = false;  // only what does not tell who made it
        friend bool operator==(const Onward&, const Onward&) = default;
    };

    PartyNo own{};  // this node's party
    bool own_gives = false;
    std::string agreement;           // the one that the way is of; empty of a grant
    bool without_agreement = false;  // what came under no agreement, whoever published it
    std::vector<PartyNo> parties;    // others that give by it: what they published under it; sorted
    std::vector<Onward> onward;      // where this node's party gives, and of grants; by arrival
    friend bool operator==(const Sources&, const Sources&) = default;
};

/// TLP:RED that a partner sent is for whom its flows name, whatever an own grant gives.
struct RedFromPartners {
    PartyNo own{};
    std::vector<std::string> arrivals;  // "AGREEMENT/PARTY" that name the reader; sorted
    friend bool operator==(const RedFromPartners&, const RedFromPartners&) = default;
};

/// One way by which entries reach a reader: a grant, or one flow of an agreement. Every condition
/// must hold; an empty list means any. Marking definitions need not be selected: they say what the
/// markings of other objects mean. An entry stored before its traits were kept passes no
/// condition that asks for them.
struct Way {
    std::string name{};  // for "why": "grant", "agr:…/f1"
    stix::Tlp ceiling = stix::Tlp::clear;
    std::vector<std::string> types{};           // sorted
    std::vector<std::string> words{};           // sorted: "type:malware", "label:x"; one must match
    std::vector<std::string> pattern_paths{};   // each path of a pattern lies within one of them
    std::vector<std::string> exclude_labels{};  // sorted, without "label:"
    std::optional<std::uint8_t> min_confidence{};  // 0-100
    std::optional<std::uint32_t> not_older_days{};
    std::uint8_t strip =
        0;  // classes of personal data that must not be in it: bits of stix::Personal
    std::uint32_t delay_hours = 0;         // between an entry's storing and its release
    std::optional<Sources> sources{};      // nothing = whoever published it
    std::optional<RedFromPartners> red{};  // of grants to own users
    friend bool operator==(const Way&, const Way&) = default;
};

/// The ways of one agreement (or all grants together). An entry passes it by any of its ways; what
/// the entry names must pass the same agreement.
struct Bond {
    std::vector<Way> ways{};
    bool suspended = false;   // an agreement that releases nothing for the moment: it has no ways
    std::string agreement{};  // whose; empty of grants
    friend bool operator==(const Bond&, const Bond&) = default;
};

/// The terms that decide for one user and one collection. Without a bond nothing is released.
struct Terms {
    PartyNo party{};                               // the reader's
    stix::Tlp default_marking = stix::Tlp::amber;  // of the collection, for unmarked objects
    std::vector<Bond> bonds{};

    [[nodiscard]] bool read() const noexcept { return !bonds.empty(); }

    friend bool operator==(const Terms&, const Terms&) = default;
};

/// Terms of one bond with one way that asks for nothing but a ceiling.
[[nodiscard]] Terms terms_up_to(
    PartyNo party, stix::Tlp ceiling, stix::Tlp default_marking, std::string name = "grant"
);

/// In the order in which a way asks: of several ways that withhold, the one that came furthest is
/// told.
enum class Reason : std::uint8_t {
    unknown_class,
    no_read_right,
    agreement_suspended,
    held_in_quarantine,
    not_given_by_its_source,
    onward_sharing_not_allowed,
    onward_without_attribution,
    type_not_selected,
    not_described,
    topic_not_selected,
    pattern_path_not_selected,
    label_excluded,
    confidence_too_low,
    too_old,
    personal_data,
    marking_above_ceiling,
    red_not_for_this_user,
    granular_marking_above_ceiling,
    unknown_marking,
    default_marking_above_ceiling,
    fuller_entry_released,  // of an entry made of another: this reader gets one that hides less
    names_a_withheld_object,
    released,
};

/// In words for a person, for example "marking above the ceiling".
[[nodiscard]] std::string_view reason_text(Reason reason) noexcept;

struct Decision {
    Reason reason = Reason::unknown_class;
    std::string marking;            // the id that decided, if one did
    std::string way;                // which way decided: `Way::name`
    std::string agreement;          // of which agreement that way is; empty of a grant
    std::uint32_t delay_hours = 0;  // of a release: the shortest of the ways that let it pass

    [[nodiscard]] bool releases() const noexcept { return reason == Reason::released; }
};

/// The one decision: may a reader with `terms` have entries of class `no`? Pure. All markings must
/// pass; unknown means no. A copy held in quarantine is only for the party that it is held for, and
/// there too within the ceiling. Follows `needs` through classes with smaller numbers, within one
/// bond; a name of any other number never passes.
///
/// 1. Several bonds release exactly what one of them alone releases.
/// 2. One more condition, a lower ceiling, or more to strip never releases what was not, except
/// what was made of a released entry by hiding parts of it.
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

/// Decides every class of the table once, from number 0 on: hours after storing when entries of it
/// are released (0 = at once), `never` where they are not.
inline constexpr std::uint32_t never = 0xffff'ffff;
[[nodiscard]] std::vector<std::uint32_t> decide_all(
    const Terms& terms, const ClassTable& classes, const MarkingRegistry& markings
);

}  // namespace entente::agreement
