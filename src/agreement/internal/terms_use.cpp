#include "agreement/internal/terms_table.h"
#include "base/limits.h"

#include <array>

namespace entente::agreement::internal {
namespace {

using namespace limits;
using Words = std::string_view;

constexpr std::uint64_t text_max = agreement_text_bytes_max;
constexpr std::uint64_t day_s = 86'400;
constexpr std::uint64_t days_max = 36'500;
constexpr std::uint64_t hours_max = 24 * 366;
constexpr std::array<Words, 5> levels{"clear", "green", "amber", "amber+strict", "red"};
constexpr std::array<Words, 8> purposes{
    "network-defence",
    "incident-response",
    "vulnerability-management",
    "research",
    "awareness",
    "law-enforcement",
    "product-improvement",
    "statistics"};
// IEP 2.0, permitted_actions.
constexpr std::array<Words, 5> actions{
    "none",
    "contact-for-instruction",
    "internally-visible-actions",
    "externally-visible-indirect-actions",
    "externally-visible-direct-actions"};
constexpr std::array<Words, 2> may_not{"must-not", "may"};
constexpr std::array<Words, 3> attributions{"must-not", "may", "must"};
constexpr std::array<Words, 2> must_may{"must", "may"};
constexpr std::array<Words, 4> duties{
    "sighting", "receipt", "revoke-propagate", "feedback-false-positive"};
constexpr std::array<Words, 2> occasions{"match", "confirmed"};
constexpr std::array<Words, 3> joins{"all", "quorum", "steward"};
constexpr std::array<Words, 2> precedences{"this-document", "legal-text"};
constexpr std::uint8_t both_nodes = by_sender | by_receiver;

constexpr std::array rows = {
    Term{
        .place = "/use",
        .kind = Kind::structure,
        .fallback = "{}",
        .enforced = by_receiver | only_watched,
        .means = "What the receivers may do with what they got (FIRST IEP 2.0)",
        .how = "feeds for sensors hold nothing that these terms forbid; other use can only be "
               "watched"},
    Term{
        .place = "/use/purposes",
        .kind = Kind::choice,
        .list = true,
        .fallback = "[]",
        .entries_most = purposes.size(),
        .choices = purposes,
        .enforced = by_receiver | only_watched,
        .widens = Widens::more_none,
        .means = "What it may be used for; empty means anything",
        .how = "without network-defence and incident-response among them it is in no feed that "
               "sensors look for or block"},
    Term{
        .place = "/use/permitted_actions",
        .kind = Kind::choice,
        .fallback = "\"internally-visible-actions\"",
        .choices = actions,
        .enforced = by_receiver | only_watched,
        .widens = Widens::higher,
        .means = "Which actions receivers may take on it (IEP 2.0, permitted_actions)",
        .how = "internally visible ones let sensors look for it, externally visible ones block it "
               "too; less is only for people"},
    Term{
        .place = "/use/affected_party_notifications",
        .kind = Kind::choice,
        .fallback = "\"must-not\"",
        .choices = may_not,
        .enforced = only_watched,
        .widens = Widens::higher,
        .means = "Whether receivers may tell those whom it concerns (IEP 2.0)",
        .how = "people see it with the agreement; no software stops another use"},
    Term{
        .place = "/use/commercial_use",
        .kind = Kind::choice,
        .fallback = "\"must-not\"",
        .choices = may_not,
        .enforced = only_watched,
        .widens = Widens::higher,
        .means = "Whether it may be used in products and services that are sold",
        .how = "as above"},
    Term{
        .place = "/use/unmodified_resale",
        .kind = Kind::choice,
        .fallback = "\"must-not\"",
        .choices = may_not,
        .enforced = only_watched,
        .widens = Widens::higher,
        .means = "Whether it may be sold as it is (IEP 2.0)",
        .how = "as above"},
    Term{
        .place = "/use/ml_training",
        .kind = Kind::choice,
        .fallback = "\"must-not\"",
        .choices = may_not,
        .enforced = only_watched,
        .widens = Widens::higher,
        .means = "Whether machine-learning models may be trained on it",
        .how = "as above"},
    Term{
        .place = "/onward",
        .kind = Kind::structure,
        .fallback = "{}",
        .enforced = by_receiver | only_watched,
        .means = "Whether receivers may pass it on",
        .how = "the receiver's node passes on nothing else; what people copy can only be watched"},
    Term{
        .place = "/onward/allowed",
        .kind = Kind::truth,
        .fallback = "false",
        .enforced = by_receiver | only_watched,
        .widens = Widens::higher,
        .means = "Whether anything may be passed on at all",
        .how = "as above"},
    Term{
        .place = "/onward/max_marking",
        .kind = Kind::choice,
        .fallback = "\"clear\"",
        .choices = levels,
        .enforced = by_receiver | only_watched,
        .widens = Widens::higher,
        .means = "The most closed TLP 2.0 marking that may be passed on; its own meaning holds "
                 "besides",
        .how = "as above"},
    Term{
        .place = "/onward/to",
        .kind = Kind::onward,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_list_max,
        .enforced = by_receiver | only_watched,
        .widens = Widens::more,
        .means = "To whom: `clients` of the receiver, a `community:NAME`, a `party:NAME` that is "
                 "no party here, or the `public`",
        .how = "as above"},
    Term{
        .place = "/onward/attribution",
        .kind = Kind::choice,
        .fallback = "\"must-not\"",
        .choices = attributions,
        .enforced = by_receiver | only_watched,
        .widens = Widens::higher,
        .means = "Whether the party that gave it is named when it is passed on (IEP 2.0)",
        .how =
            "where it must not be, the receiver's node passes on no object that names its creator"},
    Term{
        .place = "/onward/min_delay_hours",
        .kind = Kind::integer,
        .fallback = "0",
        .most = hours_max,
        .enforced = by_receiver | only_watched,
        .widens = Widens::lower,
        .means = "How long the receiver waits before it passes anything on, in hours",
        .how = "as above"},
    Term{
        .place = "/handling",
        .kind = Kind::structure,
        .fallback = "{}",
        .enforced = only_watched,
        .means = "How it is carried and kept",
        .how = "see its keys"},
    Term{
        .place = "/handling/encrypt_in_transit",
        .kind = Kind::choice,
        .fallback = "\"must\"",
        .choices = must_may,
        .enforced = only_watched,
        .widens = Widens::higher,
        .means = "Whether it is encrypted on its way (IEP 2.0)",
        .how = "nodes speak TLS; what is carried as files, and what runs without, can only be "
               "watched"},
    Term{
        .place = "/handling/encrypt_at_rest",
        .kind = Kind::choice,
        .fallback = "\"may\"",
        .choices = must_may,
        .enforced = only_watched,
        .widens = Widens::higher,
        .means = "Whether it is encrypted where it is kept",
        .how = "nothing shows it to the other side"},
    Term{
        .place = "/handling/retention_days",
        .kind = Kind::integer,
        .least = 1,
        .most = days_max,
        .enforced = only_watched,
        .widens = Widens::higher_absent,
        .means = "How long receivers keep it, in days",
        .how = "that no copy is left cannot be shown to the other side"},
    Term{
        .place = "/handling/retention_days_personal",
        .kind = Kind::integer,
        .least = 1,
        .most = days_max,
        .enforced = only_watched,
        .widens = Widens::higher_absent,
        .means = "How long receivers keep objects with personal data, in days",
        .how = "as above"},
    Term{
        .place = "/handling/purge_on_end_days",
        .kind = Kind::integer,
        .most = days_max,
        .enforced = only_watched,
        .widens = Widens::higher_absent,
        .means = "Within how many days after its end receivers delete what the agreement brought",
        .how = "as above"},
    Term{
        .place = "/obligations",
        .kind = Kind::structure,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_obligations_max,
        .enforced = only_watched,
        .widens = Widens::more,
        .means = "What parties owe each other",
        .how = "who owes what by when is told with the agreement; whether it is kept, and is true, "
               "can only be watched"},
    Term{
        .place = "/obligations/*/oid",
        .kind = Kind::word,
        .required = true,
        .enforced = by_reading,
        .means = "The short name of the duty",
        .how = "no two have the same"},
    Term{
        .place = "/obligations/*/who",
        .kind = Kind::pid,
        .list = true,
        .required = true,
        .entries_least = 1,
        .entries_most = agreement_parties_max,
        .enforced = only_watched,
        .widens = Widens::more,
        .means = "The parties that owe it",
        .how = "as above"},
    Term{
        .place = "/obligations/*/what",
        .kind = Kind::choice,
        .required = true,
        .choices = duties,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "What is owed: a `sighting`, a `receipt`, passing a revocation on "
                 "(`revoke-propagate`), word of a false alarm (`feedback-false-positive`)",
        .how = "as above"},
    Term{
        .place = "/obligations/*/on",
        .kind = Kind::stix_type,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "For objects of which STIX type; without it, all",
        .how = "as above"},
    Term{
        .place = "/obligations/*/when",
        .kind = Kind::choice,
        .choices = occasions,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "On a `match`, or when that is `confirmed`; without it, always",
        .how = "as above"},
    Term{
        .place = "/obligations/*/within",
        .kind = Kind::duration,
        .required = true,
        .least = 1,
        .most = days_max * day_s,
        .enforced = only_watched,
        .widens = Widens::lower,
        .means = "How soon",
        .how = "as above"},
    Term{
        .place = "/validity",
        .kind = Kind::structure,
        .required = true,
        .enforced = both_nodes,
        .means = "When the agreement holds",
        .how = "asked anew at each request"},
    Term{
        .place = "/validity/from",
        .kind = Kind::instant,
        .required = true,
        .enforced = both_nodes,
        .widens = Widens::lower,
        .means = "The moment from which it holds, once every needed party has signed",
        .how = "nothing crosses before"},
    Term{
        .place = "/validity/until",
        .kind = Kind::instant,
        .required = true,
        .enforced = both_nodes,
        .widens = Widens::higher,
        .means = "The first moment at which it holds no more",
        .how = "nothing crosses from then on"},
    Term{
        .place = "/validity/notice_days",
        .kind = Kind::integer,
        .fallback = "0",
        .most = days_max,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "How long before its end a party says that it ends it, in days. Any party "
                 "suspends at once",
        .how = "for people; a party that ends the agreement says why"},
    Term{
        .place = "/change",
        .kind = Kind::structure,
        .fallback = "{}",
        .enforced = both_nodes,
        .means = "How the agreement itself is changed. What widens what a party gives needs that "
                 "party's own signature, whatever stands here",
        .how = "a version that lacks a signature is not in force"},
    Term{
        .place = "/change/join",
        .kind = Kind::choice,
        .fallback = "\"all\"",
        .choices = joins,
        .enforced = both_nodes,
        .widens = Widens::doubt,
        .means = "Who admits parties and accepts new contacts and keys: `all` parties, a "
                 "`quorum` of them, or one `steward`",
        .how = "by the signatures under the version"},
    Term{
        .place = "/change/quorum",
        .kind = Kind::integer,
        .least = 1,
        .most = agreement_parties_max,
        .enforced = both_nodes,
        .widens = Widens::doubt,
        .means = "How many parties make a quorum; only with `join` of `quorum`",
        .how = "by the signatures under the version"},
    Term{
        .place = "/change/steward",
        .kind = Kind::pid,
        .enforced = both_nodes,
        .widens = Widens::doubt,
        .means = "The steward; only with `join` of `steward`",
        .how = "by the signatures under the version"},
    Term{
        .place = "/change/dispute_contact",
        .kind = Kind::text,
        .fallback = "\"\"",
        .most = text_max,
        .enforced = only_watched,
        .means = "Where disputes are brought",
        .how = "decides nothing"},
    Term{
        .place = "/law",
        .kind = Kind::structure,
        .fallback = "{}",
        .enforced = only_watched,
        .means = "The contract between the parties, if there is one",
        .how = "decides nothing in software"},
    Term{
        .place = "/law/text_sha256",
        .kind = Kind::digest,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "The SHA-256 of its text",
        .how = "everyone who has the text can compute it"},
    Term{
        .place = "/law/text_uri",
        .kind = Kind::uri,
        .enforced = only_watched,
        .means = "Where it can be read",
        .how = "decides nothing"},
    Term{
        .place = "/law/precedence",
        .kind = Kind::choice,
        .fallback = "\"this-document\"",
        .choices = precedences,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "Which of the two holds where they differ. Software follows this document",
        .how = "for people and courts"},
};

}  // namespace

std::span<const Term> terms_of_use() noexcept {
    return rows;
}

}  // namespace entente::agreement::internal
