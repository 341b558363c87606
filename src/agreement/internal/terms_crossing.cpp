#include "agreement/internal/terms_table.h"
#include "base/limits.h"

#include <array>

namespace entente::agreement::internal {
namespace {

using namespace limits;
using Words = std::string_view;

constexpr std::uint64_t text_max = agreement_text_bytes_max;
constexpr std::uint64_t name_max = 256;
constexpr std::uint64_t days_max = 36'500;
constexpr std::uint64_t hours_max = 24 * 366;
// Exact in a double, which is what a JSON number is (RFC 8785, 3.2.2.3).
constexpr std::uint64_t number_max = (1ULL << 53U) - 1;
// From the narrowest to the widest, as seen by who gives.
constexpr std::array<Words, 1> schemas{"entente-agreement/1"};
constexpr std::array<Words, 5> levels{"clear", "green", "amber", "amber+strict", "red"};
constexpr std::array<Words, 4> personal{"contact", "account", "free-text", "credentials"};
constexpr std::uint8_t both_nodes = by_sender | by_receiver;

constexpr std::array rows = {
    Term{
        .place = "/schema",
        .kind = Kind::choice,
        .required = true,
        .choices = schemas,
        .enforced = by_reading,
        .means = "The form of the document. It also fixes what holds where a key is left out",
        .how = "another form is not read"},
    Term{
        .place = "/id",
        .kind = Kind::agreement_id,
        .enforced = by_reading,
        .means = "The name of the agreement: `agr:` and the SHA-256 of version 1 in its canonical "
                 "form without this key. Version 1 may leave it out and gets it; later versions "
                 "carry it",
        .how = "computed again for version 1"},
    Term{
        .place = "/version",
        .kind = Kind::integer,
        .required = true,
        .least = 1,
        .most = 1'000'000'000,
        .enforced = by_reading,
        .means = "1, 2, 3 …: each change is a new version that is signed anew",
        .how = "a version counts only behind the one before it"},
    Term{
        .place = "/previous",
        .kind = Kind::digest,
        .enforced = by_reading,
        .means = "The SHA-256 of the canonical form of the version before; version 1 has none",
        .how = "a version that follows another document is refused"},
    Term{
        .place = "/title",
        .kind = Kind::text,
        .required = true,
        .least = 1,
        .most = name_max,
        .enforced = only_watched,
        .means = "What people call the agreement",
        .how = "decides nothing"},
    Term{
        .place = "/one_sided",
        .kind = Kind::truth,
        .fallback = "false",
        .enforced = by_reading,
        .widens = Widens::doubt,
        .means = "Terms that the first party alone signs, for partners with no node or key. It "
                 "alone gives, and the document is shown as not countersigned",
        .how = "other flows than those of the first party are refused"},
    Term{
        .place = "/parties",
        .kind = Kind::structure,
        .list = true,
        .required = true,
        .entries_least = 2,
        .entries_most = agreement_parties_max,
        .enforced = both_nodes,
        .widens = Widens::more,
        .means = "Who agrees",
        .how = "whoever belongs to no party gets nothing by this agreement"},
    Term{
        .place = "/parties/*/pid",
        .kind = Kind::word,
        .required = true,
        .enforced = by_reading,
        .means = "The short name of the party in this document",
        .how = "no two parties have the same"},
    Term{
        .place = "/parties/*/name",
        .kind = Kind::text,
        .required = true,
        .least = 1,
        .most = name_max,
        .enforced = only_watched,
        .widens = Widens::doubt,
        .means = "The name of the organisation",
        .how = "that the organisation is who it says is found out by comparing fingerprints of "
               "keys"},
    Term{
        .place = "/parties/*/identities",
        .kind = Kind::identity,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_list_max,
        .enforced = both_nodes,
        .widens = Widens::more,
        .means = "STIX identities that the party answers for: objects made by them are its own",
        .how = "no two parties have the same identity"},
    Term{
        .place = "/parties/*/sign_keys",
        .kind = Kind::key,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_keys_max,
        .enforced = by_reading,
        .means = "Keys that sign for the party; a signature of one of them is enough. Every party "
                 "that signs has one",
        .how = "signatures of other keys do not count; no two parties have the same key"},
    Term{
        .place = "/parties/*/contact",
        .kind = Kind::text,
        .fallback = "\"\"",
        .most = text_max,
        .enforced = only_watched,
        .means = "Where people reach the party",
        .how = "decides nothing"},
    Term{
        .place = "/parties/*/jurisdiction",
        .kind = Kind::text,
        .fallback = "\"\"",
        .most = text_max,
        .enforced = only_watched,
        .means = "Under which law the party stands",
        .how = "decides nothing"},
    Term{
        .place = "/topics",
        .kind = Kind::topics,
        .fallback = "{}",
        .entries_most = agreement_topics_max,
        .enforced = both_nodes,
        .widens = Widens::more,
        .means = "Named lists of words: an object belongs to a topic when it has one of its "
                 "words, such as `type:malware`, `label:phishing` or `malware_types:ransomware`",
        .how = "through the flows that name the topic"},
    Term{
        .place = "/flows",
        .kind = Kind::structure,
        .list = true,
        .required = true,
        .entries_least = 1,
        .entries_most = agreement_flows_max,
        .enforced = both_nodes,
        .widens = Widens::more,
        .means = "What crosses, from whom to whom. What no flow allows does not cross",
        .how = "by the sender's node before anything leaves, and again by the receiver's when it "
               "comes"},
    Term{
        .place = "/flows/*/fid",
        .kind = Kind::word,
        .required = true,
        .enforced = by_reading,
        .means = "The short name of the flow",
        .how = "no two flows have the same"},
    Term{
        .place = "/flows/*/from",
        .kind = Kind::pid,
        .list = true,
        .required = true,
        .entries_least = 1,
        .entries_most = agreement_parties_max,
        .enforced = both_nodes,
        .widens = Widens::more,
        .means = "The parties that give",
        .how = "each gives what it published itself; what others sent goes on by the onward rules"},
    Term{
        .place = "/flows/*/to",
        .kind = Kind::pid,
        .list = true,
        .required = true,
        .entries_least = 1,
        .entries_most = agreement_parties_max,
        .enforced = both_nodes,
        .widens = Widens::more,
        .means = "The parties that get; none of those that give",
        .how = "others get nothing by this flow"},
    Term{
        .place = "/flows/*/select",
        .kind = Kind::structure,
        .fallback = "{}",
        .enforced = both_nodes,
        .means = "Which objects cross: those that meet every condition that is set; with none, "
                 "all",
        .how = "by the sender's node before anything leaves, and again by the receiver's when it "
               "comes"},
    Term{
        .place = "/flows/*/select/types",
        .kind = Kind::stix_type,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_list_max,
        .enforced = both_nodes,
        .widens = Widens::more_none,
        .means = "STIX types; empty means any",
        .how = "other types stay, or go to quarantine where they come in"},
    Term{
        .place = "/flows/*/select/topics",
        .kind = Kind::topic,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_topics_max,
        .enforced = both_nodes,
        .widens = Widens::more_none,
        .means = "Names of topics of the document, one of which the object must belong to; empty "
                 "means any",
        .how = "as for types"},
    Term{
        .place = "/flows/*/select/pattern_paths",
        .kind = Kind::pattern_path,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_list_max,
        .enforced = both_nodes,
        .widens = Widens::more_none,
        .means = "What patterns of indicators may speak of, such as `ipv4-addr:value` or "
                 "`file:hashes.*`: every path of a pattern must be one of them; empty means any",
        .how = "as for types"},
    Term{
        .place = "/flows/*/select/min_confidence",
        .kind = Kind::integer,
        .most = 100,
        .multiple = 10,
        .enforced = both_nodes,
        .widens = Widens::lower_absent,
        .means = "The least `confidence` of an object; objects without one stay",
        .how = "as for types"},
    Term{
        .place = "/flows/*/select/exclude_labels",
        .kind = Kind::text,
        .list = true,
        .fallback = "[]",
        .least = 1,
        .most = name_max,
        .entries_most = agreement_list_max,
        .enforced = both_nodes,
        .widens = Widens::fewer,
        .means = "Labels that keep an object back",
        .how = "as for types"},
    Term{
        .place = "/flows/*/select/not_older_days",
        .kind = Kind::integer,
        .least = 1,
        .most = days_max,
        .enforced = both_nodes,
        .widens = Widens::higher_absent,
        .means = "The greatest age of an object when it was published, by its `modified`, in days",
        .how = "as for types"},
    Term{
        .place = "/flows/*/max_marking",
        .kind = Kind::choice,
        .fallback = "\"amber\"",
        .choices = levels,
        .enforced = both_nodes,
        .widens = Widens::higher,
        .means = "The ceiling: the most closed TLP 2.0 marking that crosses. An object whose "
                 "marking is not known is withheld, whatever the ceiling",
        .how = "what is marked higher stays, or goes to quarantine where it comes in"},
    Term{
        .place = "/flows/*/strip",
        .kind = Kind::choice,
        .list = true,
        .fallback = "[\"contact\",\"account\",\"free-text\",\"credentials\"]",
        .entries_least = 1,
        .entries_most = personal.size(),
        .choices = personal,
        .enforced = both_nodes,
        .widens = Widens::fewer,
        .means = "Personal data that is cut out: `contact`, `account`, `free-text` and "
                 "`credentials`, which never cross and cannot be left out of the list",
        .how = "a redacted object crosses in place of the whole; personal data that comes all the "
               "same goes to quarantine. Names in free text can be missed"},
    Term{
        .place = "/flows/*/named",
        .kind = Kind::user,
        .list = true,
        .fallback = "[]",
        .entries_most = agreement_list_max,
        .enforced = by_sender,
        .widens = Widens::more,
        .means = "Users of the receiving parties who are named recipients: they alone get TLP:RED",
        .how = "other users get nothing that is TLP:RED. Whom they tell can only be watched"},
    Term{
        .place = "/flows/*/min_delay_hours",
        .kind = Kind::integer,
        .fallback = "0",
        .most = hours_max,
        .enforced = by_sender,
        .widens = Widens::lower,
        .means = "How long an object is held back after it was published, in hours",
        .how = "it appears when the time is over"},
    Term{
        .place = "/flows/*/objects_per_day",
        .kind = Kind::integer,
        .fallback = "0",
        .most = number_max,
        .enforced = only_watched,
        .widens = Widens::higher_0,
        .means = "Objects that cross in a day at most; 0 means no bound",
        .how = "no node counts it while objects cross; what crossed can be counted afterwards"},
    Term{
        .place = "/flows/*/bytes_per_day",
        .kind = Kind::integer,
        .fallback = "0",
        .most = number_max,
        .enforced = only_watched,
        .widens = Widens::higher_0,
        .means = "Bytes of objects that cross in a day at most; 0 means no bound",
        .how = "no node counts it while objects cross; what crossed can be counted afterwards"},
};

}  // namespace

std::span<const Term> terms_of_crossing() noexcept {
    return rows;
}

}  // namespace entente::agreement::internal
