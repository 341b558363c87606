#include "agreement/prose.h"

#include "agreement/internal/kinds.h"
#include "agreement/internal/schema.h"
#include "agreement/internal/shape.h"
#include "agreement/internal/terms_table.h"
#include "agreement/internal/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace entente::agreement {
namespace {

namespace json = boost::json;
using internal::counted;
using internal::listed;

/// "2026-01-01T00:00:00Z": no fraction where there is none.
std::string moment(Micros at) {
    std::string text = format_taxii(at);
    if (at.count % micros_per_second == 0) text.replace(text.find('.'), text.npos, "Z");
    return text;
}

class Writer {
  public:
    explicit Writer(const Document& document) : document_(document) {}

    std::vector<Sentence> go() {
        head();
        parties();
        flows();
        use();
        onward();
        handling();
        obligations();
        validity();
        change();
        law();
        comments();
        return std::move(out_);
    }

  private:
    void heading(std::string text) { out_.push_back({.place = "", .text = std::move(text)}); }

    void say(std::string_view place, std::string text, int indent = 1) {
        out_.push_back({.place = place, .text = std::move(text), .indent = indent});
    }

    void head() {
        say("/title", document_.title, 0);
        say("/id", document_.id, 0);
        if (document_.version == 1) {
            say("/version", "version 1", 0);
        } else {
            say("/version", fmt::format("version {}", document_.version), 0);
            say("/previous",
                fmt::format("follows the version with SHA-256 {}", document_.previous),
                0);
        }
        if (document_.one_sided) {
            say("/one_sided",
                fmt::format(
                    "one-sided terms: {} alone gives and signs; not countersigned",
                    document_.parties.front().pid
                ),
                0);
        }
    }

    void parties() {
        heading("Whom it binds");
        for (const PartyTerm& p : document_.parties) {
            say("/parties/*/name", fmt::format("{}: {}", p.pid, p.name));
            for (const ledger::Verifier& key : p.sign_keys) {
                say("/parties/*/sign_keys",
                    fmt::format(
                        "signs by key {}, fingerprint {}", key.name, ledger::fingerprint(key)
                    ),
                    2);
            }
            if (!p.countersigns) say("/parties/*/sign_keys", "has no key and signs nothing", 2);
            if (!p.identities.empty())
                say("/parties/*/identities", "answers for " + listed(p.identities, "and"), 2);
            if (!p.contact.empty()) say("/parties/*/contact", "is reached by " + p.contact, 2);
            if (!p.jurisdiction.empty())
                say("/parties/*/jurisdiction", "stands under the law of " + p.jurisdiction, 2);
        }
    }

    void flows() {
        heading("What crosses, and nothing else");
        for (const Flow& f : document_.flows) {
            say("/flows/*/to",
                fmt::format(
                    "{}: {} {} to {}",
                    f.fid,
                    listed(f.from, "and"),
                    f.from.size() == 1 ? "gives" : "give",
                    listed(f.to, "and")
                ));
            select(f.select);
            ceiling(f);
            strip(f);
            if (f.min_delay_hours > 0) {
                say("/flows/*/min_delay_hours",
                    fmt::format("{} after it was published", counted(f.min_delay_hours, "hour")),
                    2);
            }
            if (f.objects_per_day > 0) {
                say("/flows/*/objects_per_day",
                    fmt::format("at most {} a day", counted(f.objects_per_day, "object")),
                    2);
            }
            if (f.bytes_per_day > 0) {
                say("/flows/*/bytes_per_day",
                    fmt::format("at most {} a day", counted(f.bytes_per_day, "byte")),
                    2);
            }
        }
    }

    void select(const Select& s) {
        if (s.types.empty())
            say("/flows/*/select/types", "objects of any type", 2);
        else
            say("/flows/*/select/types", "objects of type " + listed(s.types, "or"), 2);
        for (const std::string& name : s.topics) {
            // One must match: told one by one, for the words of each count.
            say("/flows/*/select/topics",
                fmt::format(
                    "{} topic {}: {}",
                    name == s.topics.front() ? "of" : "or of",
                    name,
                    listed(document_.topics.at(name), "or")
                ),
                2);
        }
        if (!s.pattern_paths.empty()) {
            say("/flows/*/select/pattern_paths",
                "patterns that speak of nothing but " + listed(s.pattern_paths, "and"),
                2);
        }
        if (s.min_confidence) {
            say("/flows/*/select/min_confidence",
                fmt::format("with a confidence of {} or more", *s.min_confidence),
                2);
        }
        if (!s.exclude_labels.empty()) {
            say("/flows/*/select/exclude_labels",
                "without the label " + listed(s.exclude_labels, "or"),
                2);
        }
        if (s.not_older_days) {
            say("/flows/*/select/not_older_days",
                fmt::format("not older than {} when published", counted(*s.not_older_days, "day")),
                2);
        }
    }

    void ceiling(const Flow& f) {
        say("/flows/*/max_marking",
            fmt::format(
                "marked up to {}; what is marked higher, or in a way that is not known, stays",
                stix::tlp_name(f.max_marking)
            ),
            2);
        if (!f.named.empty())
            say("/flows/*/named", "TLP:RED for these users alone: " + listed(f.named, "and"), 2);
        else if (f.max_marking == stix::Tlp::red)
            say("/flows/*/named", "TLP:RED reaches nobody, for no user is named", 2);
    }

    void strip(const Flow& f) {
        std::vector<std::string> out;
        std::vector<std::string> in;
        for (const Personal cls :
             {Personal::contact, Personal::account, Personal::free_text, Personal::credentials}) {
            const bool cut = std::find(f.strip.begin(), f.strip.end(), cls) != f.strip.end();
            (cut ? out : in).emplace_back(stix::personal_name(cls));
        }
        say("/flows/*/strip",
            in.empty() ? "personal data of every class is cut out"
                       : fmt::format(
                             "personal data of class {} is cut out; that of class {} crosses",
                             listed(out, "and"),
                             listed(in, "and")
                         ),
            2);
    }

    void use() {
        const Use& u = document_.use;
        heading("What receivers may do with it");
        say("/use/purposes",
            u.purposes.empty() ? "use it for any purpose"
                               : "use it for " + listed(u.purposes, "and"));
        say("/use/permitted_actions", "act on it: " + u.permitted_actions);
        say("/use/affected_party_notifications",
            internal::may(u.affected_party_notifications, "tell those whom it concerns"));
        say("/use/commercial_use", internal::may(u.commercial_use, "use it in what they sell"));
        say("/use/unmodified_resale", internal::may(u.unmodified_resale, "sell it as it is"));
        say("/use/ml_training",
            internal::may(u.ml_training, "train machine-learning models on it"));
    }

    void onward() {
        const Onward& o = document_.onward;
        heading("Passing it on");
        if (!o.allowed) return say("/onward/allowed", "receivers pass nothing on");
        say("/onward/allowed", "receivers may pass it on");
        std::vector<std::string> to;
        for (const std::string& target : o.to)
            to.push_back(internal::onward_words(target));
        say("/onward/to", "to " + listed(to, "and") + ", and to nobody else", 2);
        say("/onward/max_marking",
            fmt::format("what is marked up to {}", stix::tlp_name(o.max_marking)),
            2);
        say("/onward/attribution",
            o.attribution == "may"    ? "naming who gave it or not"
            : o.attribution == "must" ? "naming who gave it"
                                      : "without naming who gave it",
            2);
        if (o.min_delay_hours > 0) {
            say("/onward/min_delay_hours",
                fmt::format("{} after they got it", counted(o.min_delay_hours, "hour")),
                2);
        }
    }

    void handling() {
        const Handling& h = document_.handling;
        heading("How it is carried and kept");
        say("/handling/encrypt_in_transit",
            h.encrypt_in_transit == "must" ? "encrypted on its way" : "encrypted on its way or not"
        );
        say("/handling/encrypt_at_rest",
            h.encrypt_at_rest == "must" ? "encrypted where it is kept"
                                        : "encrypted where it is kept or not");
        say("/handling/retention_days",
            h.retention_days ? fmt::format("kept for {} at most", counted(*h.retention_days, "day"))
                             : "kept for any time");
        if (h.retention_days_personal) {
            say("/handling/retention_days_personal",
                fmt::format(
                    "kept for {} at most where it holds personal data",
                    counted(*h.retention_days_personal, "day")
                ));
        }
        if (h.purge_on_end_days) {
            say("/handling/purge_on_end_days",
                fmt::format(
                    "deleted within {} after the agreement has ended",
                    counted(*h.purge_on_end_days, "day")
                ));
        }
    }

    void obligations() {
        if (document_.obligations.empty()) return;
        heading("What is owed");
        for (const Obligation& o : document_.obligations) {
            say("/obligations/*/what",
                fmt::format(
                    "{}: {} {} {}{}{} within {}",
                    o.oid,
                    listed(o.who, "and"),
                    o.who.size() == 1 ? "owes" : "owe",
                    internal::duty_words(o.what),
                    o.on.empty() ? "" : " for each " + o.on,
                    o.when.empty()      ? ""
                    : o.when == "match" ? " that matches"
                                        : " whose match is confirmed",
                    internal::duration_words(o.within_seconds)
                ));
        }
    }

    void validity() {
        heading("When it holds");
        say("/validity/from", "from " + moment(document_.from));
        say("/validity/until", "until " + moment(document_.until));
        if (document_.notice_days > 0) {
            say("/validity/notice_days",
                fmt::format(
                    "who ends it says so {} before; any party suspends it at once",
                    counted(document_.notice_days, "day")
                ));
        }
    }

    void change() {
        const Change& c = document_.change;
        heading("How it is changed");
        say("/change/join",
            c.join == Change::Rule::all ? "parties join, contacts and keys change, when all sign"
            : c.join == Change::Rule::quorum
                ? fmt::format(
                      "parties join, contacts and keys change, when {} sign{}",
                      counted(c.quorum, "party"),
                      c.quorum == 1 ? "s" : ""
                  )
                : fmt::format("parties join, contacts and keys change, when {} signs", c.steward));
        say("/change", "what widens what a party gives needs that party's signature");
        if (!c.dispute_contact.empty())
            say("/change/dispute_contact", "disputes are brought to " + c.dispute_contact);
    }

    void law() {
        const Law& l = document_.law;
        if (l.text_sha256.empty() && l.text_uri.empty()) return;
        heading("The contract beside it");
        if (!l.text_uri.empty()) say("/law/text_uri", "is read at " + l.text_uri);
        if (!l.text_sha256.empty()) say("/law/text_sha256", "has the SHA-256 " + l.text_sha256);
        say("/law/precedence",
            l.precedence == "legal-text" ? "comes first where the two differ"
                                         : "comes second where the two differ");
    }

    void comments() {
        std::vector<Sentence> found;
        const json::value all = internal::parse_canonical(document_.canonical);
        collect("", all, found);
        if (found.empty()) return;
        heading("Comments, which decide nothing");
        out_.insert(out_.end(), found.begin(), found.end());
    }

    static void collect(
        const std::string& at, const json::value& value, std::vector<Sentence>& found
    ) {
        if (const json::array* list = value.if_array()) {
            for (std::size_t i = 0; i < list->size(); ++i)
                collect(internal::step(at, i), (*list)[i], found);
        }
        const json::object* object = value.if_object();
        if (object == nullptr) return;
        for (const auto& member : *object) {
            const std::string_view name(member.key().data(), member.key().size());
            if (name == "comment" && member.value().is_string())
                comment(at, member.value().get_string(), found);
            else
                collect(internal::step(at, name), member.value(), found);
        }
    }

    /// Line by line, so that no comment looks like anything else.
    static void comment(
        const std::string& at, const json::string& words, std::vector<Sentence>& found
    ) {
        std::string_view rest(words.data(), words.size());
        do {
            const auto end = std::min(rest.find('\n'), rest.size());
            found.push_back(
                {.place = "/comment",
                 .text = fmt::format("{}: {}", at.empty() ? "/" : at, rest.substr(0, end)),
                 .indent = 1}
            );
            rest.remove_prefix(std::min(end + 1, rest.size()));
        } while (!rest.empty());
    }

    const Document& document_;
    std::vector<Sentence> out_;
};

/// `object` with its keys in the order of the rows, a comment first.
json::object in_order(std::string_view rows, const json::object& object) {
    json::object out;
    if (const json::value* comment = object.if_contains("comment")) out["comment"] = *comment;
    for (const internal::Term* term : internal::terms_below(rows)) {
        const std::string_view key = internal::key_of(*term);
        const json::value* value = object.if_contains({key.data(), key.size()});
        if (value == nullptr) continue;
        json::value& to = out[json::string_view(key.data(), key.size())];
        if (term->kind != internal::Kind::structure) {
            to = *value;
        } else if (term->list) {
            json::array& list = to.emplace_array();
            for (const json::value& entry : value->get_array())
                list.push_back(in_order(std::string(term->place) + "/*", entry.get_object()));
        } else {
            to = in_order(term->place, value->get_object());
        }
    }
    return out;
}

}  // namespace

std::vector<Sentence> sentences(const Document& document) {
    return Writer(document).go();
}

std::string_view enforcement_text(std::string_view place) {
    using namespace internal;
    const Term* term = place == "/comment" ? nullptr : find_term(place);
    if (term == nullptr) return {};
    const bool by_node = (term->enforced & (by_sender | by_receiver)) != 0;
    // What only names or describes binds nobody to anything.
    const bool binds = term->enforced == only_watched && term->widens != Widens::nothing;
    if (!by_node) return binds ? "watched" : "";
    if ((term->enforced & by_sender) != 0) return "enforced";
    return (term->enforced & only_watched) != 0 ? "enforced by the receiver, else watched"
                                                : "enforced by the receiver";
}

std::string prose(const Document& document) {
    static constexpr std::size_t blanks_of_a_level = 2;
    std::string out;
    for (const Sentence& one : sentences(document)) {
        if (one.place.empty()) out += '\n';
        out.append(static_cast<std::size_t>(one.indent) * blanks_of_a_level, ' ');
        out += one.text;
        if (const std::string_view mark = enforcement_text(one.place); !mark.empty())
            out += fmt::format("  [{}]", mark);
        out += '\n';
    }
    return out;
}

std::string readable_json(const Document& document) {
    const json::value all = internal::parse_canonical(document.canonical);
    return internal::laid_out(in_order("", all.get_object()));
}

}  // namespace entente::agreement
