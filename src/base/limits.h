#pragma once
// Every limit of the program, by name, in one place; docs/configuration.md lists them with what
// happens at each.
#include <cstddef>
#include <cstdint>

namespace entente::limits {

// -- JSON and STIX objects
inline constexpr std::size_t json_depth_max = 64;            // nesting of one object
inline constexpr std::size_t object_bytes_max = 16U << 20U;  // one STIX object
inline constexpr std::size_t id_bytes_max = 300;             // type (250) + "--" + UUID, with room
inline constexpr std::size_t markings_max = 256;             // distinct marking ids on one object
inline constexpr std::size_t references_max = 50'000;        // references in one object
inline constexpr std::size_t selectors_max = 10'000;  // of the granular markings of one object
inline constexpr std::size_t selector_steps_max =
    1'000'000;  // names and indexes looked up to resolve them all
inline constexpr std::size_t marked_part_refs_max =
    1'000'000;  // markings told of the parts of one object together
inline constexpr std::size_t hidden_bytes_max =
    1U << 20U;  // of different hidden texts of one object that are looked for in the rest
inline constexpr std::size_t json_properties_max =
    250'000;                                         // of one JSON object and those around it
inline constexpr std::size_t cut_depth_max = 1'024;  // nesting of a text that is cut into objects
inline constexpr std::size_t findings_per_object_max =
    100;  // told of one object that is checked; SHOULD has half of it
inline constexpr std::size_t reader_kept_bytes_max =
    1U << 20U;  // scratch a thread keeps between two objects

// -- Patterns
inline constexpr std::size_t pattern_bytes_max = 256U << 10U;
inline constexpr std::size_t pattern_depth_max = 128;  // parentheses within parentheses
inline constexpr std::size_t pattern_nodes_max =
    50'000;  // comparisons, constants, path steps, qualifiers
inline constexpr std::size_t pattern_remarks_max = 100;  // told of one pattern, of each level

// -- Evaluating patterns
inline constexpr std::uint64_t pattern_steps_max =
    1ULL << 28U;  // of one evaluation; a step is some nanoseconds
inline constexpr std::uint64_t pattern_groups_max =
    20'000;  // groups of observations, those under REPEATS written out
inline constexpr std::size_t pattern_regex_bytes_max = 32U << 10U;  // one regular expression
inline constexpr std::uint32_t pattern_regex_calls_max =
    1'000'000;  // of the matching function, for one value
inline constexpr std::uint32_t pattern_regex_memory_kib_max = 64U << 10U;  // for one value
inline constexpr std::size_t pattern_observed_bytes_max =
    256U << 20U;  // of one text of observations, decoded
inline constexpr std::size_t pattern_observed_depth_max = 96;  // nesting of observations as JSON

// -- Matching indicators against events
inline constexpr std::size_t match_indicators_max = 500'000'000;  // live in one set
inline constexpr std::uint64_t match_text_bytes_max =
    0xf000'0000ULL;  // constants of the indicators of one set
inline constexpr std::size_t match_changes_max =
    4'096;  // indicators beside the base before it is to be merged
inline constexpr std::size_t match_paths_max = 4'096;    // different object paths of all patterns
inline constexpr std::size_t match_path_steps_max = 32;  // of one path
inline constexpr std::size_t match_accesses_max =
    65'536;  // constants of one pattern by which it is found
inline constexpr std::size_t match_broad_max =
    256;  // patterns on one path that no constant narrows down
inline constexpr std::size_t match_event_bytes_max = 16U << 20U;  // one event
inline constexpr std::size_t match_event_depth_max = 64;          // its nesting
inline constexpr std::size_t match_event_values_max =
    262'144;  // values of one event that patterns may look at
inline constexpr std::size_t match_event_lookups_max = 1'000'000;  // of values of one event
inline constexpr std::uint64_t match_event_steps_max =
    1ULL << 26U;  // of evaluating patterns on one event; a step is some nanoseconds
inline constexpr std::size_t match_event_hits_max = 10'000;  // told of one event
inline constexpr std::uint64_t match_binding_steps_max =
    1ULL << 22U;  // of joining the observations of one pattern
inline constexpr std::size_t match_kept_per_pattern_max =
    1'024;                                              // observations that one pattern waits with
inline constexpr std::size_t match_kept_max = 262'144;  // and all patterns of one stream
inline constexpr std::int64_t match_kept_us =
    24LL * 3600 * 1'000'000;  // where WITHIN says nothing shorter
inline constexpr std::int64_t match_late_us =
    60'000'000;  // what comes so late is still joined with what a WITHIN has passed
inline constexpr std::size_t match_fields_max = 10'000;           // of all field maps together
inline constexpr std::size_t match_fields_bytes_max = 1U << 20U;  // one file of fields

// -- Agreements
inline constexpr std::size_t agreement_bytes_max = 1U << 20U;  // one document
inline constexpr std::size_t agreement_parties_max = 256;
inline constexpr std::size_t agreement_flows_max = 1'024;
inline constexpr std::size_t agreement_obligations_max = 1'024;
inline constexpr std::size_t agreement_topics_max = 256;
inline constexpr std::size_t agreement_list_max = 1'024;        // entries of any other list of it
inline constexpr std::size_t agreement_keys_max = 16;           // keys that sign for one party
inline constexpr std::size_t agreement_text_bytes_max = 1'024;  // one text for people
inline constexpr std::size_t agreement_comment_bytes_max = 16U << 10U;
inline constexpr std::size_t agreement_records_max =
    1'000;  // documents, signatures and statements of one agreement
inline constexpr std::size_t agreement_drafts_max = 16;  // of one version of it
inline constexpr std::size_t agreement_inbox_records_max =
    800;  // of one agreement; what a partner's node brings beyond waits for a person
inline constexpr std::size_t agreement_inbox_unsigned_max =
    100;  // agreements that the own party has not signed; no more are taken from partners' nodes
inline constexpr std::size_t agreement_inbox_step_max = 64;     // new records taken of one request
inline constexpr std::size_t agreement_inbox_objects_max = 16;  // agreements in one request
inline constexpr std::size_t agreement_findings_max = 10;       // told of one document

// -- What terms of agreements ask about objects
inline constexpr std::size_t traits_words_max = 32;  // labels and values of vocabularies
inline constexpr std::size_t traits_word_bytes_max = 128;
inline constexpr std::size_t traits_paths_max = 16;  // different object paths of one pattern
inline constexpr std::size_t traits_path_bytes_max = 256;

// -- TAXII requests
inline constexpr std::size_t request_target_bytes_max = 32U << 10U;
inline constexpr std::size_t header_bytes_max = 48U << 10U;
inline constexpr std::size_t content_length_default =
    32U << 20U;  // max_content_length of a new API root
inline constexpr std::size_t content_length_max = 512U << 20U;
inline constexpr std::size_t objects_per_request_max = 100'000;
inline constexpr std::uint64_t page_objects_default = 1'000;  // when the client gives no limit
inline constexpr std::uint64_t page_objects_max = 10'000;     // larger limits are clamped to it
inline constexpr std::size_t page_bytes_max = 32U
                                              << 20U;  // a page ends early when its bodies pass it
inline constexpr std::size_t filter_values_max = 1'000;  // comma values in one match field
inline constexpr std::size_t versions_per_object_max =
    10'000;  // versions of one object in one collection
inline constexpr std::size_t ignored_body_bytes_max =
    8U << 10U;                           // body of a request that has no use for one
inline constexpr int retry_after_s = 2;  // said with every 503

// -- Server
inline constexpr std::size_t header_fields_max = 200;  // header lines of one message
inline constexpr std::size_t media_ranges_max = 100;   // ranges read of one Accept header
inline constexpr std::size_t gzip_members_max =
    65'536;  // gzip streams one after another in one body
inline constexpr std::size_t compressed_reply_bytes_min =
    1U << 10U;  // smaller replies stay as they are
inline constexpr std::int64_t linger_timeout_ms =
    5'000;  // reading on after an early refusal, so it arrives
inline constexpr std::size_t linger_bytes_max = 64U << 20U;
inline constexpr std::size_t refused_body_bytes_max =
    1U << 20U;  // a body refused for now is read and dropped, so that its connection goes on
inline constexpr std::size_t connections_max = 4'096;
inline constexpr std::size_t ops_connections_max = 64;  // of the listener for health and metrics
inline constexpr std::size_t bodies_in_flight_bytes_max =
    1U << 30U;  // request and reply bytes held at once
inline constexpr std::int64_t header_timeout_ms = 15'000;
inline constexpr std::int64_t idle_timeout_ms = 75'000;
inline constexpr std::int64_t body_timeout_ms =
    300'000;  // for the whole body, and a floor on its rate below
inline constexpr std::size_t body_bytes_per_second_min = 4U << 10U;
inline constexpr std::int64_t write_timeout_ms =
    60'000;  // no progress for so long ends the connection
inline constexpr std::size_t write_queue_max =
    4'096;  // requests waiting for the writer; more get 503
inline constexpr std::int64_t write_wait_ms_max =
    300;  // for the writer, as far as it can be told; then 503
inline constexpr std::int64_t write_arriving_ms =
    500;  // at least so long a body that is let in counts while it comes; slower ones do not
inline constexpr std::size_t write_patience_requests =
    64;  // so many may wait for the writer however long it takes
inline constexpr std::size_t password_queue_max = 64;  // password checks waiting; more get 503
inline constexpr std::size_t passwords_waiting_per_address_max =
    8;  // of them from one address (IPv6: one /64)
inline constexpr std::int64_t password_failures_max =
    20;  // wrong passwords at once from one address; more get 503
inline constexpr std::int64_t password_failure_forgotten_us =
    3'000'000;  // after so long one more is allowed
inline constexpr std::size_t login_addresses_max =
    8'192;  // addresses with wrong passwords that are remembered
inline constexpr std::size_t remembered_logins_max =
    16'384;  // verified passwords that are not hashed again
inline constexpr std::size_t kept_answers_max =
    16'384;  // empty answers that may be given again without asking the store
inline constexpr std::size_t password_bytes_min = 8;
inline constexpr std::size_t password_bytes_max = 1'024;
inline constexpr std::size_t user_name_bytes_max = 1'024;  // in credentials; longer ones are wrong

// -- The edge of the server
inline constexpr std::size_t config_file_bytes_max = 256U << 10U;  // of serve --config
inline constexpr std::size_t trusted_proxies_max = 256;
inline constexpr std::size_t forwarded_addresses_max =
    32;  // read of X-Forwarded-For; more in front of them are not looked at
inline constexpr std::uint64_t rate_address_default =
    200;  // requests a second of one address (IPv6: one /64); more get 429
inline constexpr std::uint64_t rate_user_default = 500;  // requests a second of one user
inline constexpr std::uint64_t rate_max = 1'000'000;     // that can be asked for
inline constexpr std::uint64_t rate_burst_s = 10;  // requests of so many seconds may come at once
inline constexpr std::uint64_t rate_failed_login_cost = 20;  // requests that a refused login counts
inline constexpr std::size_t rate_addresses_max = 65'536;    // addresses remembered
inline constexpr std::size_t rate_users_max = 16'384;        // users remembered
inline constexpr std::size_t requests_waiting_max = 1'024;   // for a worker; more get 503
inline constexpr std::int64_t request_wait_ms_max = 400;     // for a worker; then 503

inline constexpr std::size_t client_names_max = 16;  // of a client's certificate that count
inline constexpr std::size_t client_name_bytes_max = 255;
inline constexpr int client_chain_max = 8;  // certificates between a client's and its CA

// -- Writer
inline constexpr std::size_t group_commit_requests_max = 512;
inline constexpr std::size_t group_commit_bytes_max = 64U << 20U;
inline constexpr std::int64_t group_commit_ms_max =
    100;  // then those that have not run wait for the next commit
inline constexpr std::int64_t group_commit_pause_us =
    200;  // lets commands in other processes take the lock
inline constexpr std::int64_t checkpoint_period_ms =
    2'000;  // at least so often, while anything runs
inline constexpr std::size_t checkpoint_bytes = 16U
                                                << 20U;  // and after so many bytes were committed

// -- Store
inline constexpr std::size_t body_inline_bytes_max =
    4'096;  // longer bodies are read apart from the scan that passes over them
inline constexpr std::int64_t lock_wait_us =
    10'000'000;  // for another process's transaction or a full log; then "busy"
inline constexpr std::int64_t checkpoint_wait_us =
    100'000;  // a background checkpoint makes writers wait for readers at most so long
inline constexpr std::uint64_t recent_ids_max =
    32'768;  // of a collection, before a part of them settles in the large index
inline constexpr std::size_t verify_findings_max = 1'000;  // lines of one verification

// -- Release
inline constexpr std::uint64_t withheld_rows_per_page_max =
    1'024;  // passed over one by one before the class index is used
inline constexpr std::size_t scan_remembered_max =
    262'144;  // versions that one scan remembers, so that an id is looked up once
/// Bytes of objects of which redacted copies are made while one request is published, once for each
/// copy.
inline constexpr std::size_t redacted_bytes_per_request_max = 32U << 20U;
inline constexpr std::size_t needs_max = 64;  // distinct reference conditions of one class
inline constexpr std::size_t cached_views_max = 4'096;  // views kept ready, the ones used last
inline constexpr std::size_t cached_view_classes_max =
    16U << 20U;  // their classes together: about 5 bytes of memory each
inline constexpr std::int64_t modified_ahead_max_us = 24LL * 3600 * 1'000'000;
inline constexpr std::int64_t status_kept_us =
    7LL * 24 * 3600 * 1'000'000;  // T94 asks for at least 24 h
inline constexpr std::int64_t clock_behind_max_us = 5LL * 60 * 1'000'000;
inline constexpr std::int64_t clock_jump_max_us = 10LL * 60 * 1'000'000;

inline constexpr std::size_t own_reads_kept_max =
    65'536;  // reads of own users kept in memory between two flushes
inline constexpr std::size_t own_reads_kept_bytes_max = 16U << 20U;  // of their records

// -- Records of what was given
inline constexpr std::size_t removed_entries_per_act = 1'000;  // named in one record
inline constexpr std::size_t acts_per_read = 256;              // records in memory at once
inline constexpr std::size_t readers_noted_max =
    65'536;  // whose last requests are kept in memory between two flushes
inline constexpr std::uint64_t lag_counted_max =
    100'000;                                      // entries that a reader has not asked for
inline constexpr std::size_t stops_max = 10'000;  // users and parties stopped at once
inline constexpr std::int64_t stop_seen_ms =
    200;  // after so long a running answer of who was stopped ends

// -- Client (pull, push)
inline constexpr std::size_t reply_bytes_max = 256U << 20U;
inline constexpr std::size_t decoded_input_bytes_max = 4ULL << 30U;
inline constexpr std::size_t decoder_memory_bytes_max =
    256U << 20U;  // what an xz or zstd window may take
inline constexpr std::uint64_t pull_pages_max = 1'000'000;
inline constexpr std::uint64_t pull_bytes_max = 64ULL << 30U;  // of answers in one pull
inline constexpr std::int64_t pull_seconds_max = 24LL * 3600;  // one pull
inline constexpr int pull_empty_pages_max = 20;    // in a row, each saying that there is more
inline constexpr int pull_repeated_pages_max = 3;  // in a row, each served before in this pull
inline constexpr std::size_t pull_recent_objects_max =
    100'000;  // remembered to drop what a server repeats
inline constexpr std::size_t client_resource_bytes_max =
    32U << 20U;  // discovery, API root, collections, status
inline constexpr std::size_t client_next_bytes_max = 8U << 10U;  // of a server's `next`
inline constexpr std::size_t client_id_bytes_max = 300;  // of a collection or status id of a server
inline constexpr std::size_t client_roots_max = 100;     // API roots asked for their title
inline constexpr int client_retries_max = 6;
inline constexpr int interim_replies_max = 16;      // 1xx answers before the real one
inline constexpr std::size_t srv_records_max = 32;  // DNS SRV records read of one answer
inline constexpr int client_redirects_max = 3;
inline constexpr std::int64_t client_backoff_ms =
    500;  // before the first retry; doubles, with jitter
inline constexpr std::int64_t client_backoff_ms_max = 60'000;
inline constexpr std::int64_t client_retry_after_ms_max =
    300'000;  // a server that asks for more ends the run
inline constexpr std::size_t push_buffer_bytes_max =
    64U << 20U;  // input up to it is put in order before sending
inline constexpr std::uint64_t push_body_bytes_default = 8U
                                                         << 20U;  // where the API root says nothing
inline constexpr std::uint64_t push_body_bytes_max = 64U << 20U;
inline constexpr int push_status_polls_max = 1'000;
inline constexpr int push_refused_in_a_row_max =
    64;  // with nothing accepted at all: the whole is refused
inline constexpr std::size_t push_failures_kept_max =
    10'000;  // told one by one; more are only counted
inline constexpr std::size_t push_state_lines_max =
    10'000'000;  // acknowledged batches read from a state file

// -- Outbox and peers
inline constexpr std::size_t outbox_rows_max = 1'000;  // waiting objects for one party
inline constexpr std::size_t outbox_body_bytes_max = 8U << 20U;
inline constexpr std::size_t outbox_error_bytes_max = 300;  // kept of the last failure
inline constexpr std::int64_t outbox_age_max_us =
    30LL * 24 * 3600 * 1'000'000;  // what waits longer is given up
inline constexpr std::int64_t outbox_kept_us =
    7LL * 24 * 3600 * 1'000'000;  // what was delivered or given up stays listed
inline constexpr std::int64_t peer_backoff_ms_min =
    1'000;  // doubles with each failure, with jitter
inline constexpr std::int64_t peer_backoff_ms_max = 3'600'000;
inline constexpr std::int64_t peer_look_ms = 250;   // how often a server looks for what waits
inline constexpr std::size_t peer_threads_max = 8;  // partners that are sent to at once
inline constexpr std::int64_t peer_delivery_ms_max = 60'000;  // one try
inline constexpr std::size_t peer_settings_bytes_max = 64U << 10U;

// -- Keeping: ageing, purges, holds, backups
inline constexpr std::size_t removal_step_entries = 256;  // removed in one transaction
inline constexpr std::int64_t ageing_ms_max = 500;        // of a server's time in a row for it
inline constexpr std::size_t holds_max = 1'000;
inline constexpr std::size_t backup_chunk_bytes = 1U << 20U;     // encrypted and checked at once
inline constexpr std::size_t backup_files_max = 1'000;           // of a node, beside the database
inline constexpr std::size_t backup_file_bytes_max = 1U << 20U;  // of each of them
inline constexpr std::size_t restores_known_max = 100;           // that cursors are told apart by
inline constexpr std::int64_t restore_dates_ahead_us =
    60'000'000;  // dates go on so long after the restore, or after the newest that is known

// -- Commands (import, export)
inline constexpr std::size_t import_batch_objects = 1'000;    // in one transaction
inline constexpr std::size_t import_batch_bytes = 8U << 20U;  // or so many bytes
inline constexpr std::size_t import_order_bytes_max =
    64U << 20U;  // more is put in order by reading again
inline constexpr std::size_t import_failures_kept_max =
    10'000;                                                // told one by one; more are only counted
inline constexpr std::size_t import_reasons_max = 100;     // different reasons counted by name
inline constexpr std::size_t import_problems_max = 1'000;  // of a medallion file, told one by one
inline constexpr std::uint64_t medallion_bytes_max = 2ULL << 30U;  // its data file, decoded

// -- Commands (validate)
inline constexpr std::uint64_t validate_bytes_max = 1ULL << 40U;  // decoded, of one input
inline constexpr std::size_t validate_files_max = 100'000;
inline constexpr std::size_t validate_depth_max = 64;  // folders in folders
inline constexpr std::size_t validate_ids_max =
    10'000'000;  // of one list, remembered in 16 bytes each (256 MiB at most)
inline constexpr std::size_t validate_references_max =
    1'000'000;                                          // that wait for an object to come
inline constexpr std::size_t validate_places_max = 64;  // of one rule, counted by name
inline constexpr std::size_t validate_examples_max = 10'000;
inline constexpr std::size_t validate_located_bytes_max =
    1U << 30U;  // objects walked through to find the line of an example
inline constexpr std::size_t validate_types_max = 256;             // counted by name
inline constexpr std::size_t validate_unreadable_max = 1'000;      // told one by one
inline constexpr std::size_t validate_line_findings_max = 10'000;  // of one line

// -- Feeds for sensors
inline constexpr std::size_t feed_values_max = 10'000'000;           // of one feed
inline constexpr std::size_t own_assets_max = 10'000;                // networks, domains, accounts
inline constexpr std::size_t warning_list_entries_max = 10'000'000;  // of all lists together
inline constexpr std::size_t feed_list_bytes_max =
    64U << 20U;  // one file of warnings, own assets or public suffixes
inline constexpr std::size_t feed_allow_max = 1'000;     // values that are let into one feed
inline constexpr std::size_t feeds_max = 100;            // that a node keeps current
inline constexpr std::size_t warning_lists_max = 1'000;  // that a node keeps
inline constexpr std::int64_t feed_look_ms = 1'000;      // between looks whether a feed changed
inline constexpr std::size_t feed_entries_per_act = 100'000;  // that one record of a feed names

// -- The matcher of a node
inline constexpr std::size_t watch_body_bytes_max = 16U
                                                    << 20U;  // one request with events, unpacked
inline constexpr std::size_t watch_requests_max = 2;         // with events, judged at once
inline constexpr std::size_t watch_waiting_max = 8;          // that wait for their turn
inline constexpr std::size_t watch_streams_max = 64;         // sensors that are remembered
inline constexpr std::int64_t watch_look_ms = 3;  // between looks whether something was committed
inline constexpr std::size_t watch_hits_per_request_max = 10'000;
inline constexpr std::uint64_t watch_hits_per_hour_max = 1'000;  // of one indicator
inline constexpr std::size_t watch_counted_max = 100'000;        // indicators that hit in one hour
inline constexpr std::size_t watch_muted_told_max = 100;         // of those that are muted
inline constexpr std::size_t watch_value_bytes_max = 1'024;      // told of what an event had
inline constexpr std::size_t watch_errors_told_max = 10;         // of one request
inline constexpr std::size_t watch_ring_hits_max = 10'000;       // that a reader may still ask for
inline constexpr std::size_t watch_ring_bytes_max = 16U << 20U;
inline constexpr std::size_t watch_readers_max = 32;        // of the hit stream at once
inline constexpr std::int64_t watch_heartbeat_ms = 15'000;  // without a hit

// -- Sightings: hits of own sensors, and telling partners
inline constexpr std::size_t sightings_max = 100'000;        // rows kept: indicator, agreement, hour
inline constexpr std::size_t sightings_waiting_max = 5'000;  // that wait for one party
inline constexpr std::uint64_t sighting_hits_hour_max =
    1'000;  // an indicator that hits so often in an hour tells nothing
inline constexpr std::uint64_t sightings_day_default = 1'000;  // told to one party in a day
inline constexpr std::uint64_t sightings_day_max = 100'000;    // as an operator may set it
inline constexpr std::int64_t sightings_kept_us =
    90LL * 24 * 3600 * 1'000'000;  // what waits for nothing any more stays listed
inline constexpr std::size_t sighting_example_bytes_max = 200;  // of a value that was seen
inline constexpr std::size_t sightings_sent_at_once = 100;      // in one envelope
inline constexpr std::int64_t sightings_look_ms = 1'000;  // between looks for what may go out
inline constexpr std::int64_t sighting_retry_us =
    300LL * 1'000'000;  // before one that could not go out is tried again

// -- Signed notes, keys and certificates
inline constexpr std::size_t note_bytes_max = 1U << 20U;
inline constexpr std::size_t note_signatures_max = 64;  // under one note
inline constexpr std::size_t key_file_bytes_max = 16U << 10U;
inline constexpr std::uint32_t key_kdf_passes_max = 4;  // of Argon2id, as a key file may ask for
inline constexpr std::size_t key_kdf_memory_bytes_max = 256U << 20U;
inline constexpr std::size_t certificate_bytes_max = 16U << 10U;  // of one statement about a key
inline constexpr std::size_t identity_chain_max = 32;  // identity keys that follow one another
inline constexpr std::size_t card_bytes_max = 512U << 10U;
inline constexpr std::size_t card_keys_max = 8;  // identity keys of one card
inline constexpr std::size_t card_identities_max = 256;
inline constexpr std::size_t card_urls_max = 16;
inline constexpr std::size_t card_clients_max = 4'096;
inline constexpr std::size_t card_statements_max = 64;  // about keys

}  // namespace entente::limits
