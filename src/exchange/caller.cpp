#include "exchange/caller.h"

#include "base/assert.h"
#include "base/random.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <list>
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

}  // namespace

// ---- State

/// 1. The string keys of the indexes point into `rows`, which never changes and never moves.
/// 2. Positions in the indexes are positions in the vector of `rows` concerned.
struct State::Indexed {
    Indexed(store::Directory directory, Holds what_is_held_back);
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
    ByName bindings;
    // What all grants to one principal on one collection give together; key: (collection,
    // principal).
    boost::unordered_flat_map<std::uint64_t, Rights> party_rights;
    boost::unordered_flat_map<std::uint64_t, Rights> user_rights;
    Agreements agreements;
    const Holds holds;
};

namespace {
std::uint64_t first_bytes(const Digest& hash) noexcept {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, hash.data(), sizeof bytes);
    return bytes;
}
}  // namespace

State::Indexed::Indexed(store::Directory directory, Holds what_is_held_back)
    : rows(std::move(directory)),
      parties(by_number(rows.parties, &store::Party::no)),
      party_names(by_name(rows.parties)),
      users(by_number(rows.users, &store::User::no)),
      user_names(by_name(rows.users)),
      roots(by_number(rows.roots, &store::ApiRoot::no)),
      root_names(by_name(rows.roots)),
      collections(by_number(rows.collections, &store::Collection::no)),
      agreements(rows),
      holds(std::move(what_is_held_back)) {
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
        const store::Token& token = rows.tokens[i];
        if (token.binding.empty()) {
            tokens.emplace_back(first_bytes(token.hash), i);
        } else if (const auto [at, fresh] = bindings.emplace(token.binding, i); !fresh) {
            if (!token.revoked) at->second = i;
        }
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

State::State(store::Directory rows, std::shared_ptr<const ClassTable> table, Holds held)
    : indexed_(std::make_shared<const Indexed>(std::move(rows), std::move(held))),
      directory(indexed_->rows),
      classes(std::move(table)),
      markings(indexed_->markings),
      agreements(indexed_->agreements),
      stops(indexed_->holds.stops),
      clock_doubt(indexed_->holds.clock_doubt) {
    ENTENTE_ASSERT(classes != nullptr);
}

State::State(const State& other, std::shared_ptr<const ClassTable> table)
    : indexed_(other.indexed_),
      directory(indexed_->rows),
      classes(std::move(table)),
      markings(indexed_->markings),
      agreements(indexed_->agreements),
      stops(indexed_->holds.stops),
      clock_doubt(indexed_->holds.clock_doubt) {
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

const store::Token* State::binding(std::string_view text) const noexcept {
    return look_up(directory.tokens, indexed_->bindings, text);
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
    // An auditor, a sensor, and a role that is none of ours, has none.
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
        // Word of an agreement must come in before it begins, while it is suspended, after its end.
        const store::Collection* where = this->collection(collection);
        if (where != nullptr && where->takes_agreements && granted(user, collection).write) {
            all.list = all.write = true;
        }
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

bool State::must_wait(const store::User& user) const noexcept {
    return clock_doubt && user.party != own_party().no && agreements.governs(user.party);
}

Holds holds_of(store::Snapshot& snapshot) {
    return {.stops = stops_of(snapshot), .clock_doubt = clock_doubt_of(snapshot)};
}

}  // namespace entente::exchange
