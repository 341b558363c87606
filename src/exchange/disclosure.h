#pragma once
// Records of handing over: the act "disclosed", which names every entry that a page or a file held.
#include "base/result.h"
#include "base/time.h"
#include "store/scan.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::exchange {

/// One handing over to one user. An entry's number is enough to name it for ever: numbers are not
/// given twice, a version's content never changes, and what is removed leaves its name in an act.
struct HandedOver {
    std::string_view what;  // "objects", "manifest", "versions", "export", "feed"
    store::UserNo user{};
    store::PartyNo party{};
    store::CollectionNo collection{};
    store::TokenNo token{};  // 0 = a password, or no login
    store::Position after{};
    store::Position to{};
    std::string sha256{};                    // of the bytes; empty when there were none
    const std::vector<store::Seq>& entries;  // in any order
    std::string_view by{};                   // who wrote it, when it was not the server
};

/// Size of the facts: a run of neighbours takes a few bytes, entries far apart up to eight each.
[[nodiscard]] store::Act disclosure_act(const HandedOver& handed, Micros at);

/// What a "disclosed" act says.
struct Disclosure {
    std::string what;
    store::TokenNo token{};
    store::Seq after{};
    store::Seq to{};
    std::uint64_t count = 0;
    std::string sha256;
    /// `entry_list` of the entries; nothing in acts from before lists were kept.
    std::optional<std::string> entries;
};

/// Fails: corrupt, for facts that no version of this program writes.
[[nodiscard]] Result<Disclosure> read_disclosure(const store::Act& act);

/// Numbers as text: rising runs, each as the distance from the end of the one before and, after a
/// `+`, how many follow without a gap: {17,18,19,20,25} is "17+3 5". Repeated numbers count once.
[[nodiscard]] std::string entry_list(std::vector<store::Seq> entries);

/// Hands on the runs of such a text, rising, until `run` returns false. Fails: corrupt, when it is
/// none (what came before has been handed on).
[[nodiscard]] Result<void> each_run(
    std::string_view list, const std::function<bool(store::Seq first, store::Seq last)>& run
);

/// An entry that was removed, by name.
struct RemovedEntry {
    store::Seq seq{};
    std::string id;
    std::string version;
    std::string original;  // the id of what it was made of; empty = it was published
};

/// Appends acts "entries removed", of at most limits::removed_entries_per_act each; none when there
/// are no entries. For whoever removes entries: without it nobody can say later what was given.
void record_removed(
    store::Transaction& tx,
    Micros at,
    store::CollectionNo collection,
    const std::vector<RemovedEntry>& entries
);

/// What such an act says; empty for acts of other kinds. Fails: corrupt.
[[nodiscard]] Result<std::vector<RemovedEntry>> read_removed(const store::Act& act);

}  // namespace entente::exchange
