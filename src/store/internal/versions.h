#pragma once
// Which versions of an object a stream shows (TAXII 2.1, 3.4.1; T70-T73).
#include "store/internal/query.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::store::internal {

/// One version that a stream shows, and where.
struct Chosen {
    Seq entry{};
    Place place;
};

/// The versions of one object that a stream shows, in no order, and whether the view sees any
/// version of it at all.
struct Choice {
    std::vector<Chosen> chosen;
    bool any_visible = false;
};

/// The plain definition, in this order:
/// 1. A version is visible when the stream shows it somewhere. But a copy held for the viewer's own
///    party gives way to a visible version of the collection itself with the same version key and
///    spec version.
/// 2. Candidates are the visible versions that the filters of type and spec version let through
///    and that lie after added_after (T73).
/// 3. Without a filter of spec version, only candidates of the newest one stay (T72).
/// 4. The version filter takes all of these; or the first, the last and the named, as it says
///    (T70, T71).
[[nodiscard]] Choice choose(const Query& query, std::string_view id);

/// Asks the definition entry by entry; most entries tell by their own flags.
class Chooser {
  public:
    explicit Chooser(const Query& query) : query_(query) {}

    /// REQUIRES: the query wants the entry's class, and the stream shows it at a position after
    /// added_after.
    [[nodiscard]] bool takes(const Entry& entry);

  private:
    [[nodiscard]] std::optional<bool> told_by_flags(const Entry& entry) const;
    [[nodiscard]] bool newer_takes_its_place(const Entry& entry) const;
    [[nodiscard]] bool look_up(const Entry& entry);

    const Query& query_;
    // Entries chosen, by id, so that many versions of one object do not each read them all.
    // Bounded: cleared when full.
    std::unordered_map<std::string, std::vector<Seq>> known_;
    std::size_t known_seqs_ = 0;
};

}  // namespace entente::store::internal
