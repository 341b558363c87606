#include "store/sqlite/internal/reader.h"

#include <algorithm>

namespace entente::store::sqlite {
namespace {

/// What `read` makes of each row that the query gives, in its order.
template <class Row, class Read>
std::vector<Row> all(Connection& connection, Q query, const Read& read) {
    std::vector<Row> rows;
    Statement s(connection, query);
    while (s.row())
        rows.push_back(read(s));
    return rows;
}

std::vector<Party> parties(Connection& c) {
    auto rows = all<Party>(c, Q::parties, [](const Statement& s) -> Party {
        return {.no = s.as<PartyNo>(0), .name = s.text(1), .own = s.flag(2), .identities = {}};
    });
    Statement cards(c, Q::party_identities);
    while (cards.row()) {
        const auto no = cards.as<PartyNo>(0);
        const auto party = std::ranges::lower_bound(rows, no, {}, &Party::no);
        if (party != rows.end() && party->no == no) party->identities.push_back(cards.text(1));
    }
    return rows;
}

User user_from(const Statement& s) {
    return {
        .no = s.as<UserNo>(0),
        .name = s.text(1),
        .party = s.as<PartyNo>(2),
        .role = s.as<Role>(3),
        .password_hash = s.text(4),
        .password_expires = s.maybe_time(5),
        .disabled = s.flag(6)};
}

Token token_from(const Statement& s) {
    return {
        .no = s.as<TokenNo>(0),
        .user = s.as<UserNo>(1),
        .hash = s.digest(2),
        .binding = s.text(7),
        .label = s.text(3),
        .created = s.time(4),
        .expires = s.maybe_time(5),
        .revoked = s.flag(6)};
}

ApiRoot root_from(const Statement& s) {
    return {
        .no = s.as<RootNo>(0),
        .name = s.text(1),
        .title = s.text(2),
        .description = s.text(3),
        .max_content_length = s.as<std::uint64_t>(4),
        .is_default = s.flag(5)};
}

Collection collection_from(const Statement& s) {
    return {
        .no = s.as<CollectionNo>(0),
        .root = s.as<RootNo>(1),
        .id = s.text(2),
        .alias = s.text(3),
        .title = s.text(4),
        .description = s.text(5),
        .accepts_stix20 = s.flag(6),
        .default_marking = s.as<stix::Tlp>(7),
        .checks = s.as<Checks>(8),
        .takes_agreements = s.flag(9),
        .keep_us = s.number(10),
        .bytes_max = s.as<std::uint64_t>(11),
        .objects_max = s.as<std::uint64_t>(12),
        .drop_oldest = s.flag(13)};
}

Grant grant_from(const Statement& s) {
    return {
        .no = s.as<GrantNo>(0),
        .collection = s.as<CollectionNo>(1),
        .party = s.as<PartyNo>(2),
        .user = s.as<UserNo>(3),
        .list = s.flag(4),
        .read = s.flag(5),
        .write = s.flag(6),
        .max_marking = s.as<stix::Tlp>(7),
        .personal_data = s.flag(8)};
}

StatementMarking statement_from(const Statement& s) {
    return {.marking_id = s.text(0), .source = s.as<PartyNo>(1)};
}

AgreementRecord agreement_record_from(const Statement& s) {
    return {
        .no = s.as<AgreementRecordNo>(0),
        .agreement = s.text(1),
        .kind = s.as<AgreementRecord::Kind>(2),
        .body = s.text(3),
        .at = s.time(4)};
}

AgreementParty agreement_party_from(const Statement& s) {
    return {.agreement = s.text(0), .pid = s.text(1), .party = s.as<PartyNo>(2)};
}

AgreementBinding agreement_binding_from(const Statement& s) {
    return {
        .agreement = s.text(0),
        .flow = s.text(1),
        .collection = s.as<CollectionNo>(2),
        .way = s.as<AgreementBinding::Way>(3)};
}

Card card_from(const Statement& s) {
    return {
        .party = s.as<PartyNo>(0),
        .sequence = s.as<std::uint64_t>(1),
        .note = s.text(2),
        .at = s.time(3)};
}

KeyStatement key_statement_from(const Statement& s) {
    return {.note = s.text(0), .at = s.time(1)};
}

Peer peer_from(const Statement& s) {
    return {
        .party = s.as<PartyNo>(0), .url = s.text(1), .settings = s.text(2), .secret = s.text(3)};
}

Hold hold_from(const Statement& s) {
    return {
        .no = s.as<HoldNo>(0),
        .collection = s.as<CollectionNo>(1),
        .party = s.as<PartyNo>(2),
        .id = s.text(3),
        .person = s.text(4),
        .reason = s.text(5),
        .at = s.time(6)};
}

Micros agreements_at(Connection& c) {
    Statement s(c, Q::agreements_at);
    return s.row() ? s.time(0) : Micros{};
}

}  // namespace

Directory Reader::directory() {
    Connection& c = connection_;
    return {
        .generation = generation(),
        .parties = parties(c),
        .users = all<User>(c, Q::users, user_from),
        .tokens = all<Token>(c, Q::tokens, token_from),
        .roots = all<ApiRoot>(c, Q::roots, root_from),
        .collections = all<Collection>(c, Q::collections, collection_from),
        .grants = all<Grant>(c, Q::grants, grant_from),
        .statements = all<StatementMarking>(c, Q::statements, statement_from),
        .agreement_records = all<AgreementRecord>(c, Q::agreement_records, agreement_record_from),
        .agreement_parties = all<AgreementParty>(c, Q::agreement_parties, agreement_party_from),
        .agreement_bindings =
            all<AgreementBinding>(c, Q::agreement_bindings, agreement_binding_from),
        .cards = all<Card>(c, Q::cards, card_from),
        .key_statements = all<KeyStatement>(c, Q::key_statements, key_statement_from),
        .peers = all<Peer>(c, Q::peers, peer_from),
        .holds = all<Hold>(c, Q::holds, hold_from),
        .agreements_at = agreements_at(c)};
}

}  // namespace entente::store::sqlite
