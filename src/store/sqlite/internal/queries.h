#pragma once
// Every statement of the SQLite store, by name, so that tests can ask how each is run (EXPLAIN
// QUERY PLAN) and each connection can keep it prepared. Texts are literals; values are always
// bound.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace entente::store::sqlite {

enum class Q : std::uint8_t {
    // transactions
    begin,
    begin_write,
    commit,
    savepoint,
    savepoint_release,
    savepoint_undo,
    // the node
    generation,
    generation_move,
    node_add,
    id_secret,
    setting,
    setting_set,
    agreements_at,
    agreements_at_set,
    // directory
    parties,
    party_identities,
    users,
    tokens,
    roots,
    collections,
    grants,
    statements,
    party_add,
    party_set,
    party_identities_erase,
    party_identity_add,
    party_erase,
    user_add,
    user_set,
    user_tokens_erase,
    user_grants_erase,
    user_views_erase,
    user_stretches_erase,
    user_late_erase,
    user_erase,
    token_add,
    token_set,
    token_erase,
    root_add,
    root_set,
    root_erase,
    collection_add,
    collection_set,
    collection_grants_erase,
    collection_views_erase,
    collection_stretches_erase,
    collection_late_erase,
    collection_quarantine_erase,
    collection_head_erase,
    collection_entries_erase,
    collection_groups_erase,
    collection_recent_erase,
    collection_ids_erase,
    collection_derived_erase,
    collection_holds_erase,
    collection_tombstones_erase,
    collection_kept_erase,
    collection_sightings_erase,
    collection_erase,
    grant_add,
    grant_set,
    grant_erase,
    statement_add,
    peers,
    peer_put,
    peer_erase,
    party_outbox_erase,
    party_sightings_erase,
    holds,
    hold_add,
    hold_set,
    hold_erase,
    // agreements
    agreement_records,
    agreement_record_add,
    agreement_parties,
    agreement_party_put,
    agreement_party_erase,
    party_agreements_erase,
    agreement_bindings,
    agreement_binding_add,
    agreement_binding_erase,
    collection_bindings_erase,
    cards,
    card_add,
    party_cards_erase,
    key_statements,
    key_statement_add,
    // classes
    classes,
    class_by_digest,
    class_add,
    // heads
    head,
    head_add,
    head_set,
    head_recent_less,
    head_less,
    head_raise,
    // entries
    entries,
    entry,
    body,
    next_of_class,
    versions,
    chain,
    entry_class_of,
    entry_id_of,
    entry_add,
    entry_newer_set,
    entry_newer_clear,
    entry_flags,
    entry_remove,
    // entries made of others
    derived,
    made_of,
    derived_add,
    derived_remove,
    // the index of ids (docs/adr/0003-entry-table.md)
    recent_add,
    recent_remove,
    settled_remove,
    recent_settle,
    recent_settled_erase,
    // what left
    tombstones_any,
    tombstone_of,
    tombstones,
    tombstone_add,
    tombstones_erase,
    kept,
    kept_add,
    kept_erase,
    // groups
    group_at,
    group_by_date,
    group_add,
    // views
    has_view,
    viewers,
    view_add,
    stretches,
    stretches_erase,
    stretch_add,
    late_rows,
    late_by_date,
    late_of_entry,
    late_add,
    late_of_class_erase,
    late_of_entry_erase,
    delayed,
    delayed_erase,
    delayed_add,
    user_delayed_erase,
    collection_delayed_erase,
    // records
    status,
    status_put,
    statuses_purge,
    quarantine_all,
    quarantine_one,
    quarantine_add,
    quarantine_set,
    quarantine_erase,
    outbox_heads,
    outbox_waiting,
    outbox_all,
    outbox_add,
    outbox_set,
    outbox_erase,
    outbox_purge,
    acts,
    acts_of_agreement,
    act_add,
    sighting_one,
    sightings_all,
    sightings_in,
    sighting_last,
    sighting_sums,
    sighting_add,
    sighting_set,
    sightings_done_erase,
    // verification
    verify_structure,
    verify_references,
    verify_count,
    verify_heads,
    verify_classes,
    verify_groups,
    verify_entries,
    verify_ids,
    verify_late,
    verify_derived,
    verify_acts,
    verify_agreement_records,
    verify_key_statements,
    verify_agreement_names,
    verify_outbox,
    verify_sums,
    verify_kept,
    verify_sightings,
    count_
};

struct Query {
    Q name;
    std::string_view label;
    const char* text;
    /// For statements on a hot path: what EXPLAIN QUERY PLAN says, its lines joined by "|". Empty
    /// for the others.
    std::string_view plan;
};

inline constexpr std::size_t query_count = static_cast<std::size_t>(Q::count_);

[[nodiscard]] const std::array<Query, query_count>& queries() noexcept;

[[nodiscard]] inline const Query& query(Q name) noexcept {
    return queries()[static_cast<std::size_t>(name)];
}

}  // namespace entente::store::sqlite
