#pragma once
// For tests: a whole exchange in one thread over a given store, with a clock and randomness that
// the test moves.
#include "exchange/exchange.h"
#include "exchange/rights.h"
#include "stix/tlp.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace entente::exchange::testing {

using store::CollectionNo;
using store::GrantNo;
using store::PartyNo;
using store::Role;
using store::RootNo;
using store::UserNo;

/// 2026-01-01T00:00:00Z
inline constexpr Micros start_of_tests{1'767'225'600'000'000};

/// An object with a marking; `number` makes its id, `version` its modified (seconds after a fixed
/// start).
struct ObjectSpec {
    int number = 0;
    int version = 0;
    std::optional<stix::Tlp> tlp = stix::Tlp::green;  // nothing = unmarked
    std::string type = "indicator";
    std::string created_by = "";
    std::string extra = "";  // more members, for example ,"description":"x"
};

inline std::string object_id(const ObjectSpec& o) {
    return fmt::format("{}--{:08x}-0000-4000-8000-000000000000", o.type, o.number);
}

inline std::string object_json(const ObjectSpec& o) {
    std::string text = fmt::format(
        R"({{"type":"{}","spec_version":"2.1","id":"{}","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T{:02}:{:02}:{:02}.000Z","name":"object {}")",
        o.type,
        object_id(o),
        o.version / 3600,
        o.version / 60 % 60,
        o.version % 60,
        o.number
    );
    if (o.type == "indicator") {
        text +=
            R"(,"pattern":"[ipv4-addr:value = '198.51.100.1']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z")";
    }
    if (o.type == "malware") text += R"(,"is_family":false)";
    if (!o.created_by.empty()) text += fmt::format(R"(,"created_by_ref":"{}")", o.created_by);
    if (o.tlp)
        text += fmt::format(R"(,"object_marking_refs":["{}"])", stix::tlp2_marking_id(*o.tlp));
    return text + o.extra + "}";
}

inline std::string envelope(const std::vector<std::string>& objects) {
    std::string text = R"({"objects":[)";
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (i > 0) text += ',';
        text += objects[i];
    }
    return text + "]}";
}

/// The store must outlive the harness and be empty. Each use case has ended when its method
/// returns.
class Harness {
  public:
    explicit Harness(store::Store& store, Settings settings = {}, std::uint64_t seed = 1)
        : store_(store),
          writer_(make_inline_writer(store)),
          random(seed),
          exchange_(Parts{store, *writer_, states_, clock, random}, settings) {
        store_.write([&](store::Transaction& tx) {
            own_ =
                tx.put(store::Party{.no = {}, .name = "North CERT", .own = true, .identities = {}});
            root_ = tx.put(store::ApiRoot{
                .no = {},
                .name = "api",
                .title = "API",
                .description = {},
                .max_content_length = 10'000'000,
                .is_default = true});
        });
    }

    FakeClock clock{start_of_tests};

    [[nodiscard]] store::Store& store() { return store_; }

    [[nodiscard]] Exchange& exchange() { return exchange_; }

    [[nodiscard]] StateCache& states() { return states_; }

    [[nodiscard]] Writer& writer() { return *writer_; }

    [[nodiscard]] PartyNo own() const { return own_; }

    [[nodiscard]] RootNo root() const { return root_; }

    /// The own party's identity object; without one nothing is redacted.
    void identify(const std::string& identity) {
        store_.write([&](store::Transaction& tx) {
            tx.put(store::Party{
                .no = own_, .name = "North CERT", .own = true, .identities = {identity}});
        });
    }

    PartyNo party(const std::string& name, std::vector<std::string> identities = {}) {
        PartyNo no{};
        store_.write([&](store::Transaction& tx) {
            no = tx.put(store::Party{
                .no = {}, .name = name, .own = false, .identities = std::move(identities)});
        });
        return no;
    }

    UserNo user(const std::string& name, PartyNo party, Role role = Role::publisher) {
        store::User row;
        row.name = name;
        row.party = party;
        row.role = role;
        UserNo no{};
        store_.write([&](store::Transaction& tx) { no = put_user(tx, clock, row); });
        return no;
    }

    CollectionNo collection(
        const std::string& title = "Indicators", stix::Tlp default_marking = stix::Tlp::amber
    ) {
        store::Collection row;
        row.root = root_;
        row.id = new_uuid(random);
        row.title = title;
        row.default_marking = default_marking;
        CollectionNo no{};
        store_.write([&](store::Transaction& tx) { no = tx.put(row); });
        return no;
    }

    struct Rights {
        bool read = true;
        bool write = false;
        bool list = true;
        stix::Tlp ceiling = stix::Tlp::red;
    };

    GrantNo grant(UserNo user, CollectionNo collection, Rights rights, GrantNo no = GrantNo{}) {
        store_.write([&](store::Transaction& tx) {
            no = put_grant(
                tx,
                clock,
                store::Grant{
                    .no = no,
                    .collection = collection,
                    .party = {},
                    .user = user,
                    .list = rights.list,
                    .read = rights.read,
                    .write = rights.write,
                    .max_marking = rights.ceiling}
            );
        });
        return no;
    }

    void revoke(GrantNo no) {
        store_.write([&](store::Transaction& tx) { erase_grant(tx, clock, no); });
    }

    [[nodiscard]] Caller caller(UserNo user) {
        const auto snapshot = store_.snapshot();
        return Caller{.state = states_.get(*snapshot), .user = user, .token = {}};
    }

    Result<PublishReport> publish(
        UserNo user, CollectionNo collection, const std::vector<std::string>& objects
    ) {
        std::optional<Result<PublishReport>> answer;
        exchange_.publish(
            caller(user),
            collection,
            envelope(objects),
            [&](Result<PublishReport> r) { answer = std::move(r); }
        );
        return std::move(*answer);
    }

    Result<Page> read(UserNo user, CollectionNo collection, const ReadRequest& request = {}) {
        std::optional<Result<Page>> answer;
        exchange_.read(caller(user), collection, request, [&](Result<Page> r) {
            answer = std::move(r);
        });
        return std::move(*answer);
    }

    Result<std::size_t> remove(UserNo user, CollectionNo collection, const DeleteRequest& request) {
        std::optional<Result<std::size_t>> answer;
        exchange_.remove(caller(user), collection, request, [&](Result<std::size_t> r) {
            answer = std::move(r);
        });
        return std::move(*answer);
    }

    /// The page as JSON; fails the program when the read failed.
    boost::json::object read_json(
        UserNo user, CollectionNo collection, const ReadRequest& request = {}
    ) {
        auto page = read(user, collection, request);
        if (!page) throw std::runtime_error(page.error().detail);
        return boost::json::parse(std::string(page->body.for_file())).as_object();
    }

    /// "number/version" of the objects that a whole walk gives, for ids that `object_id` made.
    std::vector<std::string> ids(UserNo user, CollectionNo collection, ReadRequest request = {}) {
        std::vector<std::string> found;
        for (;;) {
            const auto page = read_json(user, collection, request);
            if (const auto* objects = page.if_contains("objects")) {
                for (const auto& o : objects->as_array())
                    found.push_back(name_of(o.as_object()));
            }
            if (!page.at("more").as_bool()) return found;
            request.next = std::string(page.at("next").as_string());
        }
    }

    static std::string name_of(const boost::json::object& o) {
        const std::string id{o.at("id").as_string()};
        const std::string modified{
            o.contains("modified") ? o.at("modified").as_string() : "1970-01-01T00:00:00.000Z"};
        const auto dash = id.find("--");
        const int number = std::stoi(id.substr(dash + 2, 8), nullptr, 16);
        const int seconds = std::stoi(modified.substr(11, 2)) * 3600 +
                            std::stoi(modified.substr(14, 2)) * 60 +
                            std::stoi(modified.substr(17, 2));
        return fmt::format("{}/{}", number, seconds);
    }

  private:
    store::Store& store_;
    std::unique_ptr<Writer> writer_;
    StateCache states_;

  public:
    SeededRandom random;

  private:
    Exchange exchange_;
    PartyNo own_{};
    RootNo root_{};
};

}  // namespace entente::exchange::testing
