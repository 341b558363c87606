#include "exchange/caller.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <list>
#include <mutex>
#include <utility>

namespace entente::exchange {
namespace {

using agreement::ClassTable;
using agreement::raw;
using agreement::View;
using store::ClassNo;
using store::CollectionNo;
using store::PartyNo;
using store::UserNo;
using Rights = State::Rights;

using ByNumber = boost::unordered_flat_map<std::uint32_t, std::size_t>;
using ByName = boost::unordered_flat_map<std::string_view, std::size_t>;

constexpr std::uint64_t pair_key(std::uint32_t high, std::uint32_t low) noexcept {
    return (std::uint64_t{high} << 32U) | low;
}

/// RFC 4122, section 3: the digits of a UUID are read in either case. Other ids stand as they are.
std::array<char, 36> lower_uuid(std::string_view text) noexcept {
    std::array<char, 36> out{};
    std::ranges::transform(text, out.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

template <class Row, class Member>
ByNumber by_number(const std::vector<Row>& rows, Member number) {
    ByNumber index;
    index.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (const auto no = raw(rows[i].*number); no != 0) index.emplace(no, i);
    }
    return index;
}

template <class Row>
ByName by_name(const std::vector<Row>& rows) {
    ByName index;
    index.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        index.emplace(rows[i].name, i);
    return index;
}

template <class Rows, class Index, class Key>
auto look_up(const Rows& rows, const Index& index, const Key& key) noexcept
    -> decltype(rows.data()) {
    const auto at = index.find(key);
    return at == index.end() ? nullptr : &rows[at->second];
}

/// Adds what `more` gives: the union of rights, each ceiling the highest of the grants that give
/// the right.
void unite(Rights& all, const Rights& more) noexcept {
    all.list |= more.list;
    if (more.read) {
        all.read_ceiling =
            all.read ? std::max(all.read_ceiling, more.read_ceiling) : more.read_ceiling;
        all.read = true;
        all.personal_data |= more.personal_data;
    }
    if (more.write) {
        all.write_ceiling =
            all.write ? std::max(all.write_ceiling, more.write_ceiling) : more.write_ceiling;
        all.write = true;
    }
}

Rights given_by(const store::Grant& grant) noexcept {
    Rights rights{.list = grant.list, .read = grant.read, .write = grant.write};
    if (grant.read) rights.read_ceiling = grant.max_marking;
    rights.personal_data = grant.read && grant.personal_data;
    if (grant.write) rights.write_ceiling = grant.max_marking;
    return rights;
}

/// The facets of rows that were read, added to the table. A key that cannot be read becomes a class
/// that nobody sees.
void add_classes(ClassTable& table, const std::vector<std::pair<ClassNo, std::string>>& rows) {
    for (const auto& [no, key] : rows) {
        auto facets = agreement::facets_of(key);
        if (!facets) {
            log::error(
                "a class cannot be read; its entries are withheld from everyone",
                {{"class", std::to_string(raw(no))}}
            );
        }
        table.add(no, facets ? std::move(*facets) : agreement::Facets{});
    }
}

std::shared_ptr<const ClassTable> load_classes(store::Snapshot& snapshot) {
    auto table = std::make_shared<ClassTable>();
    add_classes(*table, snapshot.classes(ClassNo{0}));
    return table;
}

/// `table` if it holds every class of the snapshot, else a copy that does.
std::shared_ptr<const ClassTable> grown(
    store::Snapshot& snapshot, std::shared_ptr<const ClassTable> table
) {
    const auto newer = snapshot.classes(ClassNo{table->size()});
    if (newer.empty()) return table;
    auto longer = std::make_shared<ClassTable>(*table);
    add_classes(*longer, newer);
    return longer;
}

}  // namespace

// ---- State

/// 1. The string keys of the indexes point into `rows`, which never changes and never moves.
/// 2. Positions in the indexes are positions in the vector of `rows` concerned.
struct State::Indexed {
    explicit Indexed(store::Directory directory);
    Indexed(const Indexed&) = delete;
    Indexed& operator=(const Indexed&) = delete;
    ~Indexed() = default;

    void index_collections();
    void index_identities();
    void index_tokens();
    void index_grants();
    void read_markings();

    const store::Directory rows;
    agreement::MarkingRegistry markings;
    std::optional<std::size_t> own;
    ByNumber parties;
    ByName party_names;
    ByNumber users;
    ByName user_names;
    ByNumber roots;
    ByName root_names;
    ByNumber collections;
    // By root number, id or alias.
    boost::unordered_flat_map<std::pair<std::uint32_t, std::string_view>, std::size_t>
        collection_ids;
    boost::unordered_flat_map<std::pair<std::uint32_t, std::string_view>, std::size_t> aliases;
    std::list<std::string>
        lower_ids;  // keys of `collection_ids` that differ from the stored spelling
    boost::unordered_flat_map<std::string_view, PartyNo> identities;
    // The first bytes of a keyed hash say nothing that could be of use; the rest is compared in
    // constant time.
    std::vector<std::pair<std::uint64_t, std::size_t>> tokens;  // sorted
    // What all grants to one principal on one collection give together; key: (collection,
    // principal).
    boost::unordered_flat_map<std::uint64_t, Rights> party_rights;
    boost::unordered_flat_map<std::uint64_t, Rights> user_rights;
    Agreements agreements;
};

namespace {
std::uint64_t first_bytes(const Digest& hash) noexcept {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, hash.data(), sizeof bytes);
    return bytes;
}
}  // namespace

State::Indexed::Indexed(store::Directory directory)
    : rows(std::move(directory)),
      parties(by_number(rows.parties, &store::Party::no)),
      party_names(by_name(rows.parties)),
      users(by_number(rows.users, &store::User::no)),
      user_names(by_name(rows.users)),
      roots(by_number(rows.roots, &store::ApiRoot::no)),
      root_names(by_name(rows.roots)),
      collections(by_number(rows.collections, &store::Collection::no)),
      agreements(rows) {
    const auto at = std::ranges::find(rows.parties, true, &store::Party::own);
    if (at != rows.parties.end()) own = static_cast<std::size_t>(at - rows.parties.begin());
    index_collections();
    index_identities();
    index_tokens();
    index_grants();
    read_markings();
}

void State::Indexed::index_collections() {
    for (std::size_t i = 0; i < rows.collections.size(); ++i) {
        const store::Collection& c = rows.collections[i];
        std::string_view id = c.id;
        if (is_uuid(id)) {
            const auto lower = lower_uuid(id);
            const std::string_view spelt(lower.data(), lower.size());
            if (spelt != id) id = lower_ids.emplace_back(spelt);
        }
        collection_ids.emplace(std::pair(raw(c.root), id), i);
        if (!c.alias.empty()) aliases.emplace(std::pair(raw(c.root), std::string_view(c.alias)), i);
    }
}

void State::Indexed::index_identities() {
    // One identity on two cards: custody must not pass to whoever wrote it on a later card.
    std::vector<const store::Party*> order;
    for (const store::Party& p : rows.parties)
        order.push_back(&p);
    std::ranges::sort(order, [](const store::Party* a, const store::Party* b) {
        return a->own != b->own ? a->own : raw(a->no) < raw(b->no);
    });
    for (const store::Party* p : order) {
        for (const std::string& identity : p->identities)
            identities.emplace(identity, p->no);
    }
}

void State::Indexed::index_tokens() {
    tokens.reserve(rows.tokens.size());
    for (std::size_t i = 0; i < rows.tokens.size(); ++i) {
        tokens.emplace_back(first_bytes(rows.tokens[i].hash), i);
    }
    std::ranges::sort(tokens);
}

void State::Indexed::index_grants() {
    for (const store::Grant& g : rows.grants) {
        const bool to_party = raw(g.party) != 0;
        const bool to_user = raw(g.user) != 0;
        if (to_party == to_user) continue;  // a damaged row gives nobody anything
        if (to_party) {
            unite(party_rights[pair_key(raw(g.collection), raw(g.party))], given_by(g));
        } else {
            unite(user_rights[pair_key(raw(g.collection), raw(g.user))], given_by(g));
        }
    }
}

void State::Indexed::read_markings() {
    for (const store::StatementMarking& s : rows.statements) {
        const store::Party* source = look_up(rows.parties, parties, raw(s.source));
        markings.add_statement(s.marking_id, s.source, source != nullptr && source->own);
    }
}

State::State(store::Directory rows, std::shared_ptr<const ClassTable> table)
    : indexed_(std::make_shared<const Indexed>(std::move(rows))),
      directory(indexed_->rows),
      classes(std::move(table)),
      markings(indexed_->markings),
      agreements(indexed_->agreements) {
    ENTENTE_ASSERT(classes != nullptr);
}

State::State(const State& other, std::shared_ptr<const ClassTable> table)
    : indexed_(other.indexed_),
      directory(indexed_->rows),
      classes(std::move(table)),
      markings(indexed_->markings),
      agreements(indexed_->agreements) {
    ENTENTE_ASSERT(classes != nullptr);
}

const store::Party* State::party(PartyNo no) const noexcept {
    return look_up(directory.parties, indexed_->parties, raw(no));
}

const store::Party* State::party(std::string_view name) const noexcept {
    return look_up(directory.parties, indexed_->party_names, name);
}

const store::Party& State::own_party() const noexcept {
    ENTENTE_ASSERT(indexed_->own.has_value());
    return directory.parties[*indexed_->own];
}

const store::User* State::user(UserNo no) const noexcept {
    return look_up(directory.users, indexed_->users, raw(no));
}

const store::User* State::user(std::string_view name) const noexcept {
    return look_up(directory.users, indexed_->user_names, name);
}

const store::Token* State::token(const Digest& hash) const noexcept {
    const std::uint64_t start = first_bytes(hash);
    const auto& index = indexed_->tokens;
    auto at = std::ranges::lower_bound(index, std::pair(start, std::size_t{0}));
    for (; at != index.end() && at->first == start; ++at) {
        const store::Token& row = directory.tokens[at->second];
        if (equal_secrets(as_text(row.hash), as_text(hash))) return &row;
    }
    return nullptr;
}

const store::ApiRoot* State::root(std::string_view name) const noexcept {
    return look_up(directory.roots, indexed_->root_names, name);
}

const store::ApiRoot* State::root(store::RootNo no) const noexcept {
    return look_up(directory.roots, indexed_->roots, raw(no));
}

const store::Collection* State::collection(CollectionNo no) const noexcept {
    return look_up(directory.collections, indexed_->collections, raw(no));
}

const store::Collection* State::collection(store::RootNo root, std::string_view id_or_alias)
    const noexcept {
    std::string_view id = id_or_alias;
    std::array<char, 36> lower{};
    if (is_uuid(id)) {
        lower = lower_uuid(id);
        id = {lower.data(), lower.size()};
    }
    if (const auto* found =
            look_up(directory.collections, indexed_->collection_ids, std::pair(raw(root), id))) {
        return found;
    }
    return look_up(directory.collections, indexed_->aliases, std::pair(raw(root), id_or_alias));
}

std::optional<PartyNo> State::party_of_identity(std::string_view identity) const noexcept {
    const auto at = indexed_->identities.find(identity);
    if (at == indexed_->identities.end()) return std::nullopt;
    return at->second;
}

State::Rights State::granted(const store::User& user, CollectionNo collection) const noexcept {
    Rights all;
    const auto add = [&](const auto& grants, std::uint32_t principal) {
        if (principal == 0) return;
        const auto at = grants.find(pair_key(raw(collection), principal));
        if (at != grants.end()) unite(all, at->second);
    };
    add(indexed_->party_rights, raw(user.party));
    add(indexed_->user_rights, raw(user.no));
    return all;
}

agreement::Principal State::principal(const store::User& user) const noexcept {
    const store::Party* party = this->party(user.party);
    const std::string_view name = party == nullptr ? std::string_view() : party->name;
    return {
        .party = user.party,
        .party_name = name,
        .user_name = user.name,
        .client = agreements.is_client(name)};
}

State::Rights State::rights(const store::User& user, CollectionNo collection) const {
    // An auditor, and a role that is none of ours, has none.
    const bool may_have_rights = user.role == store::Role::admin ||
                                 user.role == store::Role::publisher ||
                                 user.role == store::Role::reader;
    if (user.disabled || !may_have_rights) return {};
    Rights all;
    if (agreements.governs(user.party) && user.party != own_party().no) {
        const agreement::Principal who = principal(user);
        const auto highest = [](const std::vector<agreement::Bond>& bonds) {
            stix::Tlp level = stix::Tlp::clear;
            for (const agreement::Bond& bond : bonds) {
                for (const agreement::Way& way : bond.ways)
                    level = std::max(level, way.ceiling);
            }
            return level;
        };
        const auto reads = agreements.reading(who, own_party().no, collection);
        const auto writes = agreements.writing(who, own_party().no, collection);
        all.read = !reads.empty();
        all.write = !writes.empty();
        all.list = all.read || all.write;
        all.read_ceiling = highest(reads);
        all.write_ceiling = highest(writes);
    } else {
        all = granted(user, collection);
    }
    if (user.role == store::Role::reader) {
        all.write = false;
        all.write_ceiling = stix::Tlp::clear;
    }
    return all;
}

agreement::Terms State::read_terms(const store::User& user, const store::Collection& collection)
    const {
    agreement::Terms terms{
        .party = user.party, .default_marking = collection.default_marking, .bonds = {}};
    const Rights all = rights(user, collection.no);
    if (!all.read) return terms;
    const store::PartyNo own = own_party().no;
    if (user.party != own && agreements.governs(user.party)) {
        terms.bonds = agreements.reading(principal(user), own, collection.no);
        return terms;
    }
    agreement::Way way{.name = "grant", .ceiling = all.read_ceiling};
    if (user.party == own) {
        way.red = {
            .own = own,
            .arrivals = agreement::red_arrivals(principal(user), own, agreements.points())};
    } else {
        way.sources = agreement::granted_sources(principal(user), own, agreements.points());
        if (!all.personal_data) way.strip = stix::all_personal;
    }
    terms.bonds.push_back({.ways = {std::move(way)}});
    return terms;
}

agreement::Terms State::write_terms(const store::User& user, const store::Collection& collection)
    const {
    agreement::Terms terms{
        .party = user.party, .default_marking = collection.default_marking, .bonds = {}};
    const Rights all = rights(user, collection.no);
    if (!all.write) return terms;
    const store::PartyNo own = own_party().no;
    if (user.party != own && agreements.governs(user.party)) {
        terms.bonds = agreements.writing(principal(user), own, collection.no);
        return terms;
    }
    return agreement::terms_up_to(user.party, all.write_ceiling, collection.default_marking);
}

State load_state(store::Snapshot& snapshot) {
    return {snapshot.directory(), load_classes(snapshot)};
}

// ---- StateCache

namespace {

/// The views used last, at most limits::cached_views_max of them over at most
/// limits::cached_view_classes_max classes. Threads: its owner's mutex guards it.
class ViewCache {
  public:
    struct Kept {
        std::uint64_t key = 0;
        std::uint64_t generation = 0;
        std::uint32_t classes = 0;
        std::shared_ptr<const View> view;  // shared with the requests that use it
    };

    /// What is kept for the key, whatever its age; becomes the one used last.
    [[nodiscard]] std::optional<Kept> find(std::uint64_t key) {
        const auto at = index_.find(key);
        if (at == index_.end()) return std::nullopt;
        order_.splice(order_.begin(), order_, at->second);
        return *at->second;
    }

    /// Keeps it unless a newer one for the key is there.
    void put(Kept kept) {
        if (const auto at = index_.find(kept.key); at != index_.end()) {
            const Kept& old = *at->second;
            if (std::pair(old.generation, old.classes) > std::pair(kept.generation, kept.classes)) {
                return;
            }
            drop(at->second);
        }
        classes_ += kept.classes;
        order_.push_front(std::move(kept));
        index_[order_.front().key] = order_.begin();
        // The newest stays even when it alone is over the limit: the request has it anyway.
        while (order_.size() > 1 && (order_.size() > limits::cached_views_max ||
                                     classes_ > limits::cached_view_classes_max)) {
            drop(std::prev(order_.end()));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

  private:
    void drop(std::list<Kept>::iterator which) {
        classes_ -= which->classes;
        index_.erase(which->key);
        order_.erase(which);
    }

    std::list<Kept> order_;  // used last first
    boost::unordered_flat_map<std::uint64_t, std::list<Kept>::iterator> index_;
    std::size_t classes_ = 0;  // of all kept views together
};

/// Few enough new classes to decide them one by one beside the old decisions.
constexpr std::uint32_t decide_singly_max = 64;

/// The view over a class table that has grown since `old` was made, in the same generation: the
/// decision on a class depends on the terms, the markings and smaller classes alone, so those that
/// were made stand.
View extended(const View& old, std::uint32_t old_size, const State& state) {
    std::vector<bool> released(state.classes->size(), false);
    std::vector<agreement::Delay> delays = old.delays();
    for (const ClassNo cls : old.released())
        released[raw(cls)] = true;
    for (std::uint32_t no = std::max(old_size, 1U); no < released.size(); ++no) {
        const agreement::Decision decision =
            agreement::decide(old.terms(), *state.classes, state.markings, ClassNo{no});
        released[no] = decision.releases();
        if (decision.delay_hours != 0) delays.push_back({ClassNo{no}, decision.delay_hours});
    }
    return {
        old.user(),
        old.collection(),
        old.terms(),
        std::move(released),
        old.stretches(),
        std::move(delays)};
}

View fresh_view(
    store::Snapshot& snapshot, const State& state, UserNo user, CollectionNo collection
) {
    const store::User* u = state.user(user);
    const store::Collection* c = state.collection(collection);
    const agreement::Terms terms =
        u != nullptr && c != nullptr ? state.read_terms(*u, *c) : agreement::Terms{};
    std::vector<agreement::Stretch> stretches;
    if (snapshot.has_view(user, collection)) stretches = snapshot.stretches(user, collection);
    return agreement::make_view(
        user, collection, terms, *state.classes, state.markings, std::move(stretches)
    );
}

bool is_transaction(const store::Snapshot& snapshot) noexcept {
    return dynamic_cast<const store::Transaction*>(&snapshot) != nullptr;
}

}  // namespace

struct StateCache::Inside {
    mutable std::mutex
        mutex;  // guards all below; held for look-ups only, never while the store is read
    std::shared_ptr<const State>
        state;  // the newest committed one that was read; null before the first
    ViewCache views;
};

StateCache::StateCache() : inside_(std::make_unique<Inside>()) {}

StateCache::~StateCache() = default;

std::shared_ptr<const State> StateCache::get(store::Snapshot& snapshot) {
    const std::uint64_t generation = snapshot.generation();
    std::shared_ptr<const State> kept;
    {
        const std::lock_guard lock(inside_->mutex);
        kept = inside_->state;
    }
    const bool stands = kept && kept->directory.generation == generation;
    // Committed classes never change, so those of an earlier generation are taken over; a snapshot
    // older than what is kept (a request that began before a change) reads all of its own.
    const bool newer = !kept || generation > kept->directory.generation;
    auto table =
        kept && (stands || newer) ? grown(snapshot, kept->classes) : load_classes(snapshot);
    if (stands && table == kept->classes) return kept;
    auto fresh = stands ? std::make_shared<const State>(*kept, std::move(table))
                        : std::make_shared<const State>(snapshot.directory(), std::move(table));
    if (is_transaction(snapshot)) return fresh;
    const std::lock_guard lock(inside_->mutex);
    const State* now = inside_->state.get();
    if (now == nullptr || std::pair(fresh->directory.generation, fresh->classes->size()) >
                              std::pair(now->directory.generation, now->classes->size())) {
        inside_->state = fresh;
    }
    return fresh;
}

std::shared_ptr<const View> StateCache::view(
    store::Snapshot& snapshot, const State& state, UserNo user, CollectionNo collection
) {
    // Stretches of one generation with rights of another would show what neither does.
    if (snapshot.generation() != state.directory.generation) {
        const auto own = get(snapshot);
        return view(snapshot, *own, user, collection);
    }
    if (is_transaction(snapshot)) {
        return std::make_shared<const View>(fresh_view(snapshot, state, user, collection));
    }
    const std::uint64_t key = pair_key(raw(user), raw(collection));
    const std::uint64_t generation = state.directory.generation;
    const std::uint32_t classes = state.classes->size();
    std::optional<ViewCache::Kept> kept;
    {
        const std::lock_guard lock(inside_->mutex);
        kept = inside_->views.find(key);
    }
    const bool same_rights = kept && kept->generation == generation;
    if (same_rights && kept->classes == classes) return kept->view;
    auto made =
        same_rights && kept->classes < classes && classes - kept->classes <= decide_singly_max
            ? std::make_shared<const View>(extended(*kept->view, kept->classes, state))
            : std::make_shared<const View>(fresh_view(snapshot, state, user, collection));
    const std::lock_guard lock(inside_->mutex);
    inside_->views.put({.key = key, .generation = generation, .classes = classes, .view = made});
    return made;
}

std::size_t StateCache::cached_views() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->views.size();
}

}  // namespace entente::exchange
