#include "store/sqlite/internal/reader.h"

#include <algorithm>

namespace entente::store::sqlite {
namespace {

std::vector<Party> parties(Connection& c) {
    std::vector<Party> rows;
    Statement s(c, Q::parties);
    while (s.row())
        rows.push_back(
            {.no = s.as<PartyNo>(0), .name = s.text(1), .own = s.flag(2), .identities = {}}
        );
    Statement cards(c, Q::party_identities);
    while (cards.row()) {
        const auto no = cards.as<PartyNo>(0);
        const auto party = std::ranges::lower_bound(rows, no, {}, &Party::no);
        if (party != rows.end() && party->no == no) party->identities.push_back(cards.text(1));
    }
    return rows;
}

std::vector<User> users(Connection& c) {
    std::vector<User> rows;
    Statement s(c, Q::users);
    while (s.row()) {
        rows.push_back(
            {.no = s.as<UserNo>(0),
             .name = s.text(1),
             .party = s.as<PartyNo>(2),
             .role = s.as<Role>(3),
             .password_hash = s.text(4),
             .password_expires = s.maybe_time(5),
             .disabled = s.flag(6)}
        );
    }
    return rows;
}

std::vector<Token> tokens(Connection& c) {
    std::vector<Token> rows;
    Statement s(c, Q::tokens);
    while (s.row()) {
        rows.push_back(
            {.no = s.as<TokenNo>(0),
             .user = s.as<UserNo>(1),
             .hash = s.digest(2),
             .label = s.text(3),
             .created = s.time(4),
             .expires = s.maybe_time(5),
             .revoked = s.flag(6)}
        );
    }
    return rows;
}

std::vector<ApiRoot> roots(Connection& c) {
    std::vector<ApiRoot> rows;
    Statement s(c, Q::roots);
    while (s.row()) {
        rows.push_back(
            {.no = s.as<RootNo>(0),
             .name = s.text(1),
             .title = s.text(2),
             .description = s.text(3),
             .max_content_length = s.as<std::uint64_t>(4),
             .is_default = s.flag(5)}
        );
    }
    return rows;
}

std::vector<Collection> collections(Connection& c) {
    std::vector<Collection> rows;
    Statement s(c, Q::collections);
    while (s.row()) {
        rows.push_back(
            {.no = s.as<CollectionNo>(0),
             .root = s.as<RootNo>(1),
             .id = s.text(2),
             .alias = s.text(3),
             .title = s.text(4),
             .description = s.text(5),
             .accepts_stix20 = s.flag(6),
             .default_marking = s.as<stix::Tlp>(7),
             .checks = s.as<Checks>(8),
             .takes_agreements = s.flag(9)}
        );
    }
    return rows;
}

std::vector<Grant> grants(Connection& c) {
    std::vector<Grant> rows;
    Statement s(c, Q::grants);
    while (s.row()) {
        rows.push_back(
            {.no = s.as<GrantNo>(0),
             .collection = s.as<CollectionNo>(1),
             .party = s.as<PartyNo>(2),
             .user = s.as<UserNo>(3),
             .list = s.flag(4),
             .read = s.flag(5),
             .write = s.flag(6),
             .max_marking = s.as<stix::Tlp>(7),
             .personal_data = s.flag(8)}
        );
    }
    return rows;
}

std::vector<StatementMarking> statements(Connection& c) {
    std::vector<StatementMarking> rows;
    Statement s(c, Q::statements);
    while (s.row())
        rows.push_back({.marking_id = s.text(0), .source = s.as<PartyNo>(1)});
    return rows;
}

std::vector<AgreementRecord> agreement_records(Connection& c) {
    std::vector<AgreementRecord> rows;
    Statement s(c, Q::agreement_records);
    while (s.row()) {
        rows.push_back(
            {.no = s.as<AgreementRecordNo>(0),
             .agreement = s.text(1),
             .kind = s.as<AgreementRecord::Kind>(2),
             .body = s.text(3),
             .at = s.time(4)}
        );
    }
    return rows;
}

std::vector<AgreementParty> agreement_parties(Connection& c) {
    std::vector<AgreementParty> rows;
    Statement s(c, Q::agreement_parties);
    while (s.row())
        rows.push_back({.agreement = s.text(0), .pid = s.text(1), .party = s.as<PartyNo>(2)});
    return rows;
}

std::vector<AgreementBinding> agreement_bindings(Connection& c) {
    std::vector<AgreementBinding> rows;
    Statement s(c, Q::agreement_bindings);
    while (s.row()) {
        rows.push_back(
            {.agreement = s.text(0),
             .flow = s.text(1),
             .collection = s.as<CollectionNo>(2),
             .way = s.as<AgreementBinding::Way>(3)}
        );
    }
    return rows;
}

std::vector<Card> cards(Connection& c) {
    std::vector<Card> rows;
    Statement s(c, Q::cards);
    while (s.row()) {
        rows.push_back(
            {.party = s.as<PartyNo>(0),
             .sequence = s.as<std::uint64_t>(1),
             .note = s.text(2),
             .at = s.time(3)}
        );
    }
    return rows;
}

std::vector<KeyStatement> key_statements(Connection& c) {
    std::vector<KeyStatement> rows;
    Statement s(c, Q::key_statements);
    while (s.row())
        rows.push_back({.note = s.text(0), .at = s.time(1)});
    return rows;
}

std::vector<Peer> peers(Connection& c) {
    std::vector<Peer> rows;
    Statement s(c, Q::peers);
    while (s.row()) {
        rows.push_back(
            {.party = s.as<PartyNo>(0),
             .url = s.text(1),
             .settings = s.text(2),
             .secret = s.text(3)}
        );
    }
    return rows;
}

Micros agreements_at(Connection& c) {
    Statement s(c, Q::agreements_at);
    return s.row() ? s.time(0) : Micros{};
}

}  // namespace

Directory Reader::directory() {
    return {
        .generation = generation(),
        .parties = parties(connection_),
        .users = users(connection_),
        .tokens = tokens(connection_),
        .roots = roots(connection_),
        .collections = collections(connection_),
        .grants = grants(connection_),
        .statements = statements(connection_),
        .agreement_records = agreement_records(connection_),
        .agreement_parties = agreement_parties(connection_),
        .agreement_bindings = agreement_bindings(connection_),
        .cards = cards(connection_),
        .key_statements = key_statements(connection_),
        .peers = peers(connection_),
        .agreements_at = agreements_at(connection_)};
}

}  // namespace entente::store::sqlite
