#include "base/escape.h"
#include "base/limits.h"
#include "exchange/exchange.h"
#include "exchange/simulate.h"
#include "stix/peek.h"
#include "store/memory/memory_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace entente::exchange {
namespace {

constexpr std::size_t refusals_kept = 20;

/// What others name comes before them, as in an import: a relationship whose end a reader may not
/// have is withheld too, which only works for ends that are known.
int rank_of(std::string_view object) {
    const auto id = stix::peek_id(object);
    if (!id) return 1;
    const std::string_view type = std::string_view(*id).substr(0, id->find("--"));
    if (type == "marking-definition") return 0;
    if (type == "observed-data") return 2;
    if (type == "relationship" || type == "sighting") return 3;
    const bool names_others = type == "report" || type == "grouping" || type == "note" ||
                              type == "opinion" || type == "language-content";
    return names_others ? 4 : 1;
}

}  // namespace

struct TrialCollection::Inside {
    struct Held {
        std::string object;
        int rank = 1;
    };

    Inside(const State& state, const store::Collection& like, const Clock& clock, Random& random);

    Result<void> publish(std::size_t from, std::size_t count);
    void refuse(std::string id, std::string why);

    std::unique_ptr<store::Store> store = store::make_memory_store();
    StateCache states;
    std::unique_ptr<Writer> writer = make_inline_writer(*store);
    Exchange exchange;
    store::UserNo user{};
    store::Collection collection;
    std::vector<Held> held;
    std::size_t held_bytes = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::vector<Refused> refusals;
};

TrialCollection::Inside::Inside(
    const State& state, const store::Collection& like, const Clock& clock, Random& random
)
    : exchange({*store, *writer, states, clock, random}, {}) {
    store->write([&](store::Transaction& tx) {
        // Parties keep their numbers, for the terms that decide name them; only this node's own
        // publishes here.
        const store::Party& own = state.own_party();
        for (std::uint32_t no = 1; no < agreement::raw(own.no); ++no)
            tx.put(store::Party{
                .no = {},
                .name = fmt::format("{} {}", own.name, no),
                .own = false,
                .identities = {}});
        store::Party party = own;
        party.no = {};
        const store::PartyNo number = tx.put(party);
        for (const store::StatementMarking& s : state.directory.statements) {
            if (s.source == own.no) tx.put(store::StatementMarking{s.marking_id, number});
        }
        store::ApiRoot root;
        root.name = "trial";
        store::User publisher;
        publisher.name = "trial";
        publisher.party = number;
        publisher.role = store::Role::publisher;
        user = tx.put(publisher);
        collection = like;
        collection.no = {};
        collection.root = tx.put(root);
        collection.no = tx.put(collection);
        store::Grant grant;
        grant.collection = collection.no;
        grant.user = user;
        grant.read = true;
        grant.write = true;
        grant.max_marking = stix::Tlp::red;
        tx.put(grant);
    });
}

void TrialCollection::Inside::refuse(std::string id, std::string why) {
    ++refused;
    if (refusals.size() < refusals_kept) refusals.push_back({std::move(id), std::move(why)});
}

/// When a part cannot be read as JSON, its halves are tried, down to the object that is broken.
Result<void> TrialCollection::Inside::publish(std::size_t from, std::size_t count) {
    if (count == 0) return {};
    std::string envelope = R"({"objects":[)";
    for (std::size_t i = from; i < from + count; ++i) {
        if (i > from) envelope += ',';
        envelope += held[i].object;
    }
    envelope += "]}";
    std::optional<Result<PublishReport>> report;
    exchange.publish(
        {.state = states.get(*store->snapshot()), .user = user, .token = {}},
        collection.no,
        std::move(envelope),
        [&](Result<PublishReport> done) { report = std::move(done); }
    );
    if (*report) {
        for (const Outcome& outcome : (*report)->outcomes) {
            if (outcome.accepted) {
                ++accepted;
            } else {
                refuse(outcome.id, outcome.message);
            }
        }
        return {};
    }
    const Error& error = report->error();
    const bool content = error.code == Errc::malformed || error.code == Errc::unprocessable ||
                         error.code == Errc::too_large;
    if (!content) return tl::unexpected<Error>(error);
    if (count == 1) {
        refuse({}, error.detail);
        return {};
    }
    ENTENTE_CHECK(publish(from, count / 2));
    return publish(from + count / 2, count - count / 2);
}

TrialCollection::TrialCollection(
    const State& state, const store::Collection& like, const Clock& clock, Random& random
)
    : inside_(std::make_unique<Inside>(state, like, clock, random)) {}

TrialCollection::~TrialCollection() = default;

Result<void> TrialCollection::add(std::string_view object) {
    inside_->held_bytes += object.size();
    if (inside_->held_bytes > limits::import_order_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "the files hold more than {} bytes of objects; import them into a collection and "
                "simulate against that",
                limits::import_order_bytes_max
            )
        );
    }
    inside_->held.push_back({std::string(object), rank_of(object)});
    return {};
}

Result<void> TrialCollection::publish() {
    std::vector<Inside::Held>& held = inside_->held;
    std::ranges::stable_sort(held, {}, &Inside::Held::rank);
    std::size_t from = 0;
    while (from < held.size()) {
        std::size_t count = 0;
        std::size_t bytes = 0;
        while (from + count < held.size() && count < limits::import_batch_objects &&
               (count == 0 || bytes + held[from + count].object.size() <= limits::import_batch_bytes
               )) {
            bytes += held[from + count].object.size();
            ++count;
        }
        ENTENTE_CHECK(inside_->publish(from, count));
        from += count;
    }
    held.clear();
    return {};
}

std::uint64_t TrialCollection::accepted() const noexcept {
    return inside_->accepted;
}

std::uint64_t TrialCollection::refused() const noexcept {
    return inside_->refused;
}

const std::vector<TrialCollection::Refused>& TrialCollection::refusals() const noexcept {
    return inside_->refusals;
}

void TrialCollection::show(Simulation& simulation, const store::Collection& like) const {
    const auto snapshot = inside_->store->snapshot();
    simulation.look_at(*snapshot, *inside_->states.get(*snapshot), inside_->collection.no, like);
}

}  // namespace entente::exchange
