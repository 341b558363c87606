#pragma once
// For tests: two worlds of which one reader must be told the same, each a server over a store that
// counts what it reads and leaks as it is told.
#include "base/limits.h"
#include "exchange/login.h"
#include "exchange/testing/harness.h"
#include "store/commits.h"
#include "store/memory/memory_store.h"
#include "store/testing/proxy.h"
#include "taxii/service.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace entente::taxii::testing {

using exchange::testing::Harness;
using store::CollectionNo;
using store::UserNo;

/// Faults that a server could have, each of which tells the reader something about what it may not
/// see.
enum class Leak : std::uint8_t {
    none,
    ranks_count_hidden,        // dates leave gaps
    dates_follow_positions,    // dates are shifted by what came before
    hidden_shown,              // the class of a hidden entry is mistaken
    hidden_newer_hides_older,  // "latest" is judged for all, not for the view
    custody_tells,             // an id that is taken by a hidden object is refused
    delete_tells,              // deleting a hidden object is forbidden, not "not found"
    not_found_tells,           // two kinds of 404
    more_counts_hidden,        // more:true when only hidden entries follow
    cursor_grows,              // the cursor's length follows the store
    header_counts,             // a header made of the newest position
    work_grows,                // hidden rows are read one by one without end
    retry_after_hidden,        // an answer that differs while hidden objects wait
    original_shown,            // an object that should be redacted goes out as it is
};
constexpr Leak last_leak = Leak::original_shown;

/// What of a snapshot a leak bends. `visible` is a class that the reader sees.
struct Bend {
    Leak leak = Leak::none;
    std::set<store::ClassNo> hidden_classes{};
    std::set<store::ClassNo> partly_hidden_classes{};
    store::ClassNo visible{};

    [[nodiscard]] store::ClassNo seen_as(store::ClassNo cls) const {
        return visible != store::ClassNo{} && hidden_classes.contains(cls) ? visible : cls;
    }

    [[nodiscard]] store::ClassNo original_seen_as(store::ClassNo cls) const {
        return visible != store::ClassNo{} && partly_hidden_classes.contains(cls) ? visible : cls;
    }
};

/// Sorts the classes of a snapshot for a leak.
using BendOf = std::function<Bend(store::Snapshot&)>;

class BentCursor final : public store::EntryCursor {
  public:
    BentCursor(std::unique_ptr<store::EntryCursor> inner, const Bend& bend, std::uint64_t& extra)
        : inner_(std::move(inner)),
          bend_(bend),
          extra_(extra) {}

    std::optional<store::Entry> next() override {
        auto entry = inner_->next();
        if (!entry) return entry;
        if (bend_.leak == Leak::hidden_shown) entry->cls = bend_.seen_as(entry->cls);
        if (bend_.leak == Leak::original_shown) entry->cls = bend_.original_seen_as(entry->cls);
        if (bend_.leak == Leak::hidden_newer_hides_older)
            entry->newer_cls = bend_.seen_as(entry->newer_cls);
        if (bend_.leak == Leak::work_grows && bend_.hidden_classes.contains(entry->cls)) {
            extra_ += limits::withheld_rows_per_page_max;
        }
        return entry;
    }

    std::string_view body() override { return inner_->body(); }

  private:
    std::unique_ptr<store::EntryCursor> inner_;
    const Bend& bend_;
    std::uint64_t& extra_;
};

class WatchedSnapshot final : public store::testing::SnapshotProxy {
  public:
    WatchedSnapshot(
        std::unique_ptr<store::Snapshot> inner,
        Leak leak,
        const BendOf& bend_of,
        std::uint64_t& rows
    )
        : SnapshotProxy(std::move(inner)),
          bend_(leak == Leak::none ? Bend{} : bend_of(inner_)),
          rows_(rows),
          before_(inner_.rows_touched()) {}

    WatchedSnapshot(const WatchedSnapshot&) = delete;
    WatchedSnapshot& operator=(const WatchedSnapshot&) = delete;

    ~WatchedSnapshot() override { rows_ += inner_.rows_touched() - before_ + extra_; }

    std::unique_ptr<store::EntryCursor> entries(store::CollectionNo collection, store::Seq from)
        override {
        return std::make_unique<BentCursor>(inner_.entries(collection, from), bend_, extra_);
    }

    std::optional<store::Group> group_at(store::CollectionNo collection, store::Seq seq) override {
        return bent(inner_.group_at(collection, seq));
    }

    std::optional<store::Group> group_by_date(store::CollectionNo collection, Micros date)
        override {
        return bent(inner_.group_by_date(collection, date));
    }

  private:
    std::optional<store::Group> bent(std::optional<store::Group> group) const {
        if (!group) return group;
        if (bend_.leak == Leak::ranks_count_hidden) {
            for (auto& run : group->runs)
                run.cls = bend_.seen_as(run.cls);
        }
        if (bend_.leak == Leak::dates_follow_positions) {
            group->base = group->base + static_cast<std::int64_t>(agreement::raw(group->first));
        }
        return group;
    }

    Bend bend_;
    std::uint64_t& rows_;
    std::uint64_t before_;
    std::uint64_t extra_ = 0;
};

class BentTransaction final : public store::testing::TransactionProxy {
  public:
    BentTransaction(store::Transaction& inner, const BendOf& bend_of)
        : TransactionProxy(inner),
          bend_of_(bend_of) {}

    std::vector<store::Version> versions(store::CollectionNo collection, std::string_view id)
        override {
        auto found = inner_.versions(collection, id);
        const Bend bend = bend_of_(inner_);
        for (auto& v : found)
            v.cls = bend.seen_as(v.cls);
        return found;
    }

  private:
    const BendOf& bend_of_;
};

/// Counts the rows that snapshots touch, and leaks as it is told.
class WatchedStore final : public store::Store, public store::Commits {
  public:
    std::unique_ptr<store::Snapshot> snapshot() override {
        return std::make_unique<WatchedSnapshot>(plain->snapshot(), leak, bend_of, rows);
    }

    void write(const std::function<void(store::Transaction&)>& work) override {
        const bool tells = (leak == Leak::custody_tells && publishing) ||
                           (leak == Leak::delete_tells && !publishing);
        if (!tells) {
            plain->write(work);
            return;
        }
        plain->write([&](store::Transaction& tx) {
            BentTransaction bent(tx, bend_of);
            work(bent);
        });
    }

    [[nodiscard]] std::optional<store::CommitMark> committed() const noexcept override {
        return store::commits_of(*plain)->committed();
    }

    void checkpoint() override { plain->checkpoint(); }

    bool cut_log() override { return plain->cut_log(); }

    std::vector<std::string> verify(const std::function<void(std::uint64_t, std::uint64_t)>& p
    ) override {
        return plain->verify(p);
    }

    std::unique_ptr<store::Store> plain = store::make_memory_store();
    Leak leak = Leak::none;
    BendOf bend_of;
    bool publishing = true;
    std::uint64_t rows = 0;
};

struct Transcript {
    std::string text;  // status, headers, body, with cursors replaced by their length
    std::string next;
    std::string last_date;
    std::string status_id;
    std::uint64_t rows = 0;
};

/// One world: a server, the publisher North, and the reader that is asked about, of the party
/// South.
class WatchedWorld {
  public:
    explicit WatchedWorld(Leak leak) {
        collection = h.collection("Shared", stix::Tlp::green);
        store.plain->write([&](store::Transaction& tx) {
            store::Collection row = tx.directory().collections[0];
            row.id = collection_id;
            tx.put(row);
            // Both worlds give redacted objects the same ids.
            tx.set_setting("derive_key", to_base64url(std::string(32, 'k')));
        });
        h.identify("identity--11111111-1111-4111-8111-111111111111");
        publisher = h.user("publisher", h.own());
        south = h.party("South");
        reader = h.user("reader", south);
        h.grant(publisher, collection, {.read = true, .write = true});
        const exchange::NewToken made = exchange::new_token(h.random, token_key_);
        token_ = made.text;
        store::Token row;
        row.user = reader;
        row.hash = made.hash;
        row.created = h.clock.now();
        store.plain->write([&](store::Transaction& tx) { tx.put(row); });
        store.leak = leak;
    }

    WatchedWorld(const WatchedWorld&) = delete;
    WatchedWorld& operator=(const WatchedWorld&) = delete;

    Transcript ask(const std::string& method, const std::string& target, const std::string& body) {
        auto head = std::make_shared<http::Head>();
        head->method = method;
        const std::size_t mark = target.find('?');
        head->path = target.substr(0, mark);
        if (mark != std::string::npos) head->query = target.substr(mark + 1);
        head->headers.add("Accept", "application/taxii+json;version=2.1");
        head->headers.add("Authorization", "Bearer " + token_);
        if (method == "POST") {
            head->headers.add("Content-Type", "application/taxii+json;version=2.1");
            head->content_length = body.size();
        }
        head->address = "192.0.2.1";
        head->request_id = "0000000000000001";
        store.publishing = method == "POST";
        store.rows = 0;
        std::optional<http::Response> response = service_.at_once(*head);
        if (response) return transcript(*response, target);
        service_.admit(head, [&](http::Admission admission) {
            if (admission.refuse) {
                response = std::move(*admission.refuse);
            } else {
                service_.handle(head, body, admission.context, [&](http::Response r) {
                    response = std::move(r);
                });
            }
        });
        return transcript(*response, target);
    }

    /// Lets delays and dates of agreements act.
    void look() { exchange_.look_at_agreements(); }

    static constexpr const char* collection_id = "aaaaaaaa-0000-4000-8000-000000000001";
    WatchedStore store;
    Harness h{*store.plain};
    UserNo publisher{};
    store::PartyNo south{};
    UserNo reader{};
    CollectionNo collection{};

  private:
    [[nodiscard]] std::size_t hidden_entries() {
        std::size_t count = 0;
        const auto snapshot = store.plain->snapshot();
        const Bend bend = store.bend_of(*snapshot);
        const auto cursor = snapshot->entries(collection, store::Seq{1});
        while (const auto entry = cursor->next())
            count += bend.hidden_classes.contains(entry->cls) ? 1 : 0;
        return count;
    }

    /// Faults above the store.
    void leak_in_answer(
        int& status, std::string& head, std::string& body, const std::string& target
    ) {
        if (store.leak == Leak::none) return;
        const std::size_t count = hidden_entries();
        if (store.leak == Leak::header_counts) {
            head += fmt::format(
                "ETag: {}\n", agreement::raw(store.plain->snapshot()->head(collection).next_seq)
            );
        }
        if (store.leak == Leak::retry_after_hidden && count > 3) head += "Retry-After: 1\n";
        if (store.leak == Leak::not_found_tells && status == 404 && count > 0 &&
            target.find("objects/indicator") != std::string::npos) {
            body += " withheld";
        }
        if (store.leak == Leak::more_counts_hidden && count > 0) {
            if (const auto at = body.find("\"more\":false,"); at != std::string::npos)
                body.replace(at, 13, "\"more\":true,");
        }
        if (store.leak == Leak::cursor_grows) {
            if (const auto at = body.find("\"next\":\""); at != std::string::npos) {
                const auto head_of = store.plain->snapshot()->head(collection);
                body.insert(at + 8, std::string(agreement::raw(head_of.next_seq), 'c'));
            }
        }
    }

    Transcript transcript(const http::Response& response, const std::string& target) {
        Transcript answer;
        answer.rows = store.rows;
        int status = response.status;
        std::string head;
        for (const auto& [name, value] : response.headers) {
            head += name + ": " + value + "\n";
            if (name == "X-TAXII-Date-Added-Last") answer.last_date = value;
        }
        std::string body{response.body.bytes()};
        leak_in_answer(status, head, body, target);
        const auto json = body.empty() ? boost::json::value()
                                       : boost::json::parse(body.substr(0, body.rfind('}') + 1));
        if (json.is_object()) {
            if (const auto* next = json.as_object().if_contains("next")) {
                answer.next = std::string(next->as_string());
                const auto at = body.find(answer.next);
                body.replace(at, answer.next.size(), fmt::format("<{} bytes>", answer.next.size()));
            }
            if (json.as_object().contains("total_count"))
                answer.status_id = json.as_object().at("id").as_string().c_str();
        }
        answer.text = fmt::format("{}\n{}\n{}", status, head, body);
        return answer;
    }

    Key token_key_{};
    std::string token_;

    class NoHasher final : public exchange::PasswordHasher {
      public:
        [[nodiscard]] bool verify(const std::string&, std::string_view) const override {
            return false;
        }

        [[nodiscard]] const std::string& dummy_hash() const noexcept override { return none_; }

      private:
        std::string none_;
    } hasher_;

    exchange::StateCache states_;
    std::unique_ptr<exchange::Writer> writer_ = exchange::make_inline_writer(store);
    exchange::Exchange exchange_{{store, *writer_, states_, h.clock, h.random}, {}};
    exchange::Login login_{states_, store, h.clock, token_key_, hasher_};
    Service service_{exchange_, login_, {}};
};

/// Asks both worlds the same and says where their answers differ. World is a WatchedWorld.
template <class World>
class Twins {
  public:
    template <class... Args>
    explicit Twins(std::uint64_t seed, const Args&... args)
        : dice_(seed),
          seed_(seed),
          with_(true, args...),
          without_(false, args...) {}

    [[nodiscard]] std::int64_t rows_differ_max() const { return rows_differ_max_; }

  protected:
    /// Time goes on in both; randomness is the same in both.
    void step_to(int step, std::int64_t wait) {
        for (World* w : {&with_, &without_}) {
            w->h.clock.advance(wait);
            w->h.random.reseed(seed_ * 1'000 + static_cast<std::uint64_t>(step));
        }
    }

    std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

    int pick(int from, int count) {
        return from + static_cast<int>(roll(static_cast<std::uint64_t>(count)));
    }

    static std::string collection_path() {
        return fmt::format("/api/collections/{}/", World::collection_id);
    }

    /// Reads what is there of all, or of one id, by a filter and some pages.
    std::optional<std::string> read(const std::string& one) {
        const std::string base = collection_path();
        const std::array paths{
            base + "objects/",
            base + "manifest/",
            base + "objects/" + one + "/",
            base + "objects/" + one + "/versions/",
            base};
        const std::string path = paths[dice_() % paths.size()];
        std::string query = fmt::format("?limit={}", 1 + dice_() % 5);
        switch (dice_() % 6) {
            case 0:
                query += "&match[version]=all";
                break;
            case 1:
                query += "&match[version]=first";
                break;
            case 2:
                query += "&match[type]=campaign";
                break;
            case 3:
                query += "&match[id]=" + one;
                break;
            default:
                break;
        }
        if (dice_() % 3 == 0 && !last_date_.empty()) query += "&added_after=" + last_date_;
        std::optional<std::string> difference = compare("GET", path + query, path + query, "");
        // Go on by the cursors of the page just read; each world has its own.
        while (!difference && !next_with_.empty() && dice_() % 4 != 0) {
            const std::string a = path + query + "&next=" + next_with_;
            const std::string b = path + query + "&next=" + next_without_;
            difference = compare("GET", a, b, "");
        }
        return difference;
    }

    std::optional<std::string> compare(
        const std::string& method,
        const std::string& target_with,
        const std::string& target_without,
        const std::string& body
    ) {
        const Transcript a = with_.ask(method, target_with, body);
        const Transcript b = without_.ask(method, target_without, body);
        next_with_ = a.next;
        next_without_ = b.next;
        if (!b.last_date.empty()) last_date_ = b.last_date;
        if (!b.status_id.empty()) status_id_ = b.status_id;
        if (a.text != b.text) {
            return fmt::format(
                "{} {}\n-- with hidden objects:\n{}\n-- without:\n{}",
                method,
                target_without,
                a.text,
                b.text
            );
        }
        if (method == "GET") {
            const auto differ =
                static_cast<std::int64_t>(a.rows) - static_cast<std::int64_t>(b.rows);
            rows_differ_max_ = std::max(rows_differ_max_, std::abs(differ));
            if (std::abs(differ) > rows_constant) {
                return fmt::format(
                    "{} {}: {} rows with hidden objects, {} without",
                    method,
                    target_without,
                    a.rows,
                    b.rows
                );
            }
        }
        return std::nullopt;
    }

    /// The stated constant: what a page may pass over one by one, and what a change to the class
    /// index and the reading of ids, groups and classes costs in these small worlds.
    static constexpr std::int64_t rows_constant =
        static_cast<std::int64_t>(limits::withheld_rows_per_page_max) + 512;

    std::mt19937_64 dice_;
    std::uint64_t seed_;
    World with_;
    World without_;
    std::string next_with_;
    std::string next_without_;
    std::string last_date_;
    std::string status_id_;
    std::int64_t rows_differ_max_ = 0;
};

inline int from_environment(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
}

}  // namespace entente::taxii::testing
