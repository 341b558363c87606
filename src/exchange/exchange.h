#pragma once
// The use cases of an exchange: publish, read, delete, status. TAXII is one way to call them; commands are another.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agreement/release.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/consumers.h"
#include "exchange/intake.h"
#include "exchange/state_cache.h"
#include "exchange/writer.h"
#include "store/scan.h"

namespace entente::exchange {

/// An epoch that ended when a backup was restored: up to these positions the next epoch goes on with what it held.
struct EndedEpoch {
    std::uint32_t epoch = 0;
    std::map<store::CollectionNo, store::Seq> last;  // a collection that is missing goes on from nothing
};

struct Settings {
    Key cursor_key{};
    std::uint32_t epoch = 1;            // a restore opens a new one
    std::vector<EndedEpoch> ended{};    // those before it, oldest first
    bool delete_newest_only = false;    // medallion's reading of a bare DELETE (T98)
};

/// The parts that the use cases work with; all outlive the Exchange.
struct Parts {
    store::Store& store;
    Writer& writer;
    StateCache& states;
    const Clock& clock;
    Random& random;
};

// ---- reading

enum class What : std::uint8_t { objects, manifest, versions };

struct ReadRequest {
    What what = What::objects;
    store::Filter filter{};
    /// The path named one object (its id is the only one of filter.ids): not_found when no version of it is visible, an
    /// empty page when some are but the other filters leave none (T80). Without it an id that is not there is just no hit.
    bool one_object = false;
    /// The client gave at least one filter field. With `next`, each field that it gave must equal the cursor's own, but for
    /// added_after, which may be another: both it and the cursor's place are bounds then (clients send a newer one beside an
    /// older cursor). Fields that it left out are the cursor's (others drop added_after on later pages). Given: added_after
    /// if set; ids, types, spec_versions if not empty; version if `version_given`.
    bool filter_given = false;
    bool version_given = false;
    std::string next{};          // cursor, empty = none
    std::uint64_t limit = 0;     // 0 = not given
};

/// What an answer without entries was true of: as long as `Exchange::still_nothing` says so, the same request by the same login
/// has the same answer.
struct NothingNew {
    store::UserNo user{};
    store::CollectionNo collection{};
    std::uint64_t generation = 0;
    store::Seq next_seq{};             // of the collection
    std::uint64_t entries = 0;         // in it
    std::optional<Micros> expires{};   // the login, by itself
    ReaderNote note{};                 // what each such request adds
};

struct Page {
    agreement::Released body;
    std::uint64_t count = 0;
    std::optional<Micros> first_date;
    std::optional<Micros> last_date;
    std::optional<NothingNew> nothing{};  // of a page without entries, when it may be given again
};

// ---- publishing

struct Outcome {
    std::string id;       // as far as it could be read
    std::string version;
    bool accepted = false;
    std::string message;  // for failures: what is wrong, where, what would be right; for duplicates: that it was there
};

struct PublishReport {
    std::string status_id;
    Micros at;
    std::vector<Outcome> outcomes;  // in the order of the request
    [[nodiscard]] std::size_t accepted() const;
};

struct DeleteRequest {
    std::string id;
    std::optional<store::VersionFilter> version;  // nothing = all versions, or the newest by Settings
    std::vector<std::string> spec_versions;
};

/// Threads: all methods are safe to call at once.
class Exchange {
  public:
    Exchange(Parts parts, Settings settings);
    ~Exchange();

    /// One page of what the caller may see. `then` is called once, from this thread or the writer's: a page for a partner
    /// waits until its disclosure act is durable. Fails: not_found (no right at all, unknown collection, or for one id:
    /// nothing of it visible), forbidden (rights, but not read), invalid_argument (cursor, filters).
    void read(const Caller& caller, store::CollectionNo collection, const ReadRequest& request, std::function<void(Result<Page>)> then);

    /// Whether a request that was answered with `then` has the same answer now. Touches no file and makes no system call but
    /// for the time, so that threads of the network may ask. False also when it cannot be told: then it is to be read.
    [[nodiscard]] bool still_nothing(const NothingNew& then) const;
    /// Such a request was answered so: the reader is noted, as `read` does it.
    void note_nothing(const NothingNew& then);

    /// Room for a request that is to publish about `bytes`, asked before its body is read; nothing when more is under way
    /// than is written in time: then it is to be refused.
    [[nodiscard]] std::optional<Intake::Place> room_to_publish(const Caller& caller, std::uint64_t bytes);
    [[nodiscard]] Intake::Counts intake() const;

    /// Publishes the objects of one request; each is judged alone. `then` is called after the commit is durable, or with the
    /// failure of the whole: not_found / forbidden (rights), malformed, unprocessable, too_large, overloaded.
    /// `body` is an envelope or bundle; `place` is what `room_to_publish` gave, if it was asked.
    void publish(
        const Caller& caller, store::CollectionNo collection, std::string body, std::function<void(Result<PublishReport>)> then,
        Intake::Place place = {}
    );

    /// Deletes versions the caller can see and is custodian of. Fails: not_found, forbidden (rights: exactly one of read and
    /// write; or not the custodian), conflict.
    void remove(const Caller& caller, store::CollectionNo collection, const DeleteRequest& request, std::function<void(Result<std::size_t>)> then);

    /// The stored status resource, for the user that submitted; else not_found.
    [[nodiscard]] Result<agreement::Released> status(const Caller& caller, store::RootNo root, std::string_view id);

    /// Whether the caller's login still counts at that state. Touches no store.
    [[nodiscard]] bool valid(const State& state, const Caller& caller) const;

    /// Lets dates and delays of agreements act; called every few seconds. Reading and writing look at dates by
    /// themselves, so that nothing is released after its end; what a delay holds back waits for this.
    void look_at_agreements();

    /// Moves own users' disclosure records and notes of where readers stand, which are kept in memory, to the store; called every
    /// few seconds and on stopping. Tells the log how many writes were refused since the last time. Throws StorageError; then they are kept for the next time.
    void flush();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// The status resource of a report (TAXII 2.1, 4.3; T86-T88), as JSON text.
[[nodiscard]] std::string status_json(const PublishReport& report);

}  // namespace entente::exchange
