// agreement new: from a template, from questions, from grants.
#include "agreement/prose.h"
#include "agreement/templates.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/agreement_draft.h"
#include "cli/agreement_subject.h"
#include "cli/card_words.h"
#include "cli/find.h"
#include "cli/key_commands.h"
#include "cli/key_files.h"
#include "cli/new_file.h"
#include "cli/stop.h"
#include "cli/words.h"
#include "exchange/known_keys.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <unistd.h>
#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Answers;
using agreement::PartyTerm;
using agreement::Template;

constexpr std::size_t pid_bytes_max = 32;

Micros whole_second(Micros at) {
    return {at.count - at.count % micros_per_second};
}

/// "South CERT" becomes "south-cert".
std::string pid_of_name(std::string_view name) {
    std::string pid;
    for (const char c : name) {
        const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool plain = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
        if (plain) {
            pid += low;
        } else if (!pid.empty() && pid.back() != '-') {
            pid += '-';
        }
        if (pid.size() == pid_bytes_max) break;
    }
    while (!pid.empty() && pid.back() == '-')
        pid.pop_back();
    return pid.empty() ? "party" : pid;
}

/// The parties of the document, from cards and from what the node knows.
class Parties {
  public:
    explicit Parties(const NodeAgreements* on) : on_(on) {
        if (on != nullptr) keys_ = exchange::known_keys(on->state.directory);
    }

    /// `[PID=]NAME` or `[PID=]FILE`.
    Result<void> add(const std::string& word) {
        const std::size_t equals = word.find('=');
        const bool has_pid = equals != std::string::npos &&
                             pid_of_name(word.substr(0, equals)) == word.substr(0, equals);
        const std::string who = has_pid ? word.substr(equals + 1) : word;
        PartyTerm term;
        if (names_card(who)) {
            ENTENTE_TRY(const agreement::SignedCard card, read_card_from(who));
            term = of_card(card.card);
        } else {
            if (on_ == nullptr) {
                return fail(
                    Errc::not_found,
                    fmt::format(
                        "--party {}: no such file; a party is known by name to a node only (--data "
                        "DIR)",
                        printable(who)
                    )
                );
            }
            ENTENTE_TRY(const store::Party party, find_party(on_->state.directory, who));
            term = of_node(party);
        }
        if (has_pid) term.pid = word.substr(0, equals);
        push(std::move(term), /*first=*/false);
        return {};
    }

    /// The own party is the first one unless it was named.
    void add_own() {
        if (on_ == nullptr) return;
        PartyTerm own = of_node(on_->state.own_party());
        const bool there = std::ranges::any_of(terms_, [&](const PartyTerm& t) {
            return t.name == own.name || (!own.sign_keys.empty() && t.sign_keys == own.sign_keys);
        });
        if (!there) push(std::move(own), /*first=*/true);
    }

    /// Whoever must sign has a key.
    Result<std::vector<PartyTerm>> take(Template form) {
        for (std::size_t i = 0; i < terms_.size(); ++i) {
            const bool signs = form != Template::terms || i == 0;
            if (!signs || !terms_[i].sign_keys.empty()) continue;
            return fail(
                Errc::conflict,
                fmt::format(
                    "{} has no card here, so no key of it is known; take it with `entente party "
                    "add FILE`, or give the card's file as --party",
                    printable(terms_[i].name)
                )
            );
        }
        return std::move(terms_);
    }

    [[nodiscard]] std::string names() const {
        std::string names;
        for (const PartyTerm& t : terms_)
            names += (names.empty() ? "" : ", ") + t.name;
        return names;
    }

  private:
    static PartyTerm of_card(const agreement::Card& card) {
        PartyTerm term;
        term.pid = pid_of_name(card.name);
        term.name = card.name;
        term.identities = card.identities;
        term.sign_keys = card.identity_keys;
        term.contact = card.contact;
        return term;
    }

    [[nodiscard]] PartyTerm of_node(const store::Party& party) const {
        PartyTerm term;
        if (const auto* card = keys_.card_of(party.no)) term = of_card(card->card.card);
        term.pid = pid_of_name(party.name);
        term.name = party.name;
        for (const std::string& identity : party.identities) {
            if (std::ranges::find(term.identities, identity) == term.identities.end())
                term.identities.push_back(identity);
        }
        return term;
    }

    void push(PartyTerm term, bool first) {
        const std::string base = term.pid.substr(0, pid_bytes_max - 4);
        for (int n = 2; has(term.pid) && n < 1000; ++n)
            term.pid = fmt::format("{}-{}", base, n);
        terms_.insert(first ? terms_.begin() : terms_.end(), std::move(term));
    }

    [[nodiscard]] bool has(std::string_view pid) const {
        return std::ranges::find(terms_, pid, &PartyTerm::pid) != terms_.end();
    }

    const NodeAgreements* on_;
    exchange::KnownKeys keys_;
    std::vector<PartyTerm> terms_;
};

Result<std::uint32_t> small(const char* option, std::uint64_t value) {
    if (value <= std::numeric_limits<std::uint32_t>::max()) {
        return static_cast<std::uint32_t>(value);
    }
    return fail(Errc::invalid_argument, fmt::format("{}: {} is too many", option, value));
}

/// A date, a time, or a duration from `now`; dates that have passed are allowed.
Result<Micros> parse_begin(const std::string& text, Micros now) {
    if (text.empty()) return whole_second(now);
    if (const auto time = parse_client_time(text)) return whole_second(*time);
    if (const auto date = parse_client_time(text + "T00:00:00Z")) return *date;
    ENTENTE_TRY(const Micros at, parse_expiry(text, now));
    return whole_second(at);
}

Result<Answers> answers_of(const AgreementNewOptions& options, Micros now) {
    Answers answers;
    answers.title = options.title;
    answers.types = options.types;
    answers.named = options.named;
    answers.onward = options.onward;
    ENTENTE_TRY(answers.max_marking, parse_marking(options.max_marking));
    for (const std::string& word : options.keep) {
        const auto personal = stix::parse_personal(word);
        if (!personal) {
            return fail(
                Errc::invalid_argument,
                fmt::format("--keep {}: expected contact, account or free-text", printable(word))
            );
        }
        answers.keep.push_back(*personal);
    }
    ENTENTE_TRY(answers.min_delay_hours, small("--delay-hours", options.delay_hours));
    ENTENTE_TRY(answers.notice_days, small("--notice-days", options.notice_days));
    if (options.sightings_days > 0) {
        ENTENTE_TRY(
            answers.sightings_within_days, small("--sightings-days", options.sightings_days)
        );
    }
    ENTENTE_TRY(answers.from, parse_begin(options.from, now));
    ENTENTE_TRY(const Micros until, parse_expiry(options.until, answers.from));
    answers.until = whole_second(until);
    return answers;
}

// ---- From grants

/// The options that say what the grants to a party say.
Result<AgreementNewOptions> options_of_grants(
    const AgreementNewOptions& options, const NodeAgreements& on, Context& context
) {
    if (options.collection.empty()) {
        return fail(Errc::invalid_argument, "--from-grants: name the --collection, too");
    }
    const store::Directory& directory = on.state.directory;
    ENTENTE_TRY(const store::Party party, find_party(directory, options.from_grants));
    ENTENTE_TRY(const store::Collection collection, find_collection(directory, options.collection));
    if (party.own) return fail(Errc::invalid_argument, "--from-grants: terms are for a partner");
    const store::Grant* found = nullptr;
    for (const store::Grant& grant : directory.grants) {
        if (grant.collection != collection.no) continue;
        if (grant.party == party.no && grant.read) found = &grant;
        const store::User* user = on.state.user(grant.user);
        if (user != nullptr && user->party == party.no) {
            context.note(fmt::format(
                "the grant to the user '{}' alone is not in it: an agreement is with all of a "
                "party",
                user->name
            ));
        }
    }
    if (found == nullptr) {
        return fail(
            Errc::not_found,
            fmt::format(
                "'{}' has no grant to read '{}'; `entente grant list` shows what there is",
                party.name,
                collection.title
            )
        );
    }
    if (found->write) context.note("the right to publish is not in it: one-sided terms only give");
    AgreementNewOptions filled = options;
    filled.form = template_name(Template::terms);
    filled.parties = {options.from_grants};
    filled.max_marking = stix::tlp_name(found->max_marking);
    if (found->personal_data) filled.keep = {"contact", "account", "free-text"};
    if (found->max_marking == stix::Tlp::red) {
        for (const store::User& user : directory.users) {
            if (user.party == party.no && !user.disabled) filled.named.push_back(user.name);
        }
    }
    if (filled.title.empty()) filled.title = fmt::format("{} for {}", collection.title, party.name);
    return filled;
}

// ---- Questions

/// Asks on the terminal; an empty line takes what stands in brackets.
class Questions {
  public:
    explicit Questions(const Context& context) : context_(context) {}

    /// Nothing more comes from the terminal.
    [[nodiscard]] bool ended() const noexcept { return ended_; }

    std::string ask(std::string_view question, std::string_view otherwise) {
        if (ended_) return {};
        if (otherwise.empty()) {
            fmt::print(context_.err, "{}: ", question);
        } else {
            fmt::print(context_.err, "{} [{}]: ", question, printable(otherwise));
        }
        (void)std::fflush(context_.err);
        std::string line;
        // A terminal gives whole lines: only the first of its characters is waited for.
        int c = wait_for_input(::fileno(context_.in)) ? std::fgetc(context_.in) : EOF;
        for (; c != '\n'; c = std::fgetc(context_.in)) {
            if (c == EOF || line.size() > limits::agreement_text_bytes_max) {
                (void)std::fputs("\n", context_.err);
                ended_ = true;
                return {};
            }
            line += static_cast<char>(c);
        }
        return line.empty() ? std::string(otherwise) : line;
    }

    /// One a line, until an empty one.
    void ask_all(std::string_view question, std::vector<std::string>& answers) {
        while (!ended_) {
            std::string answer = ask(question, "");
            if (answer.empty()) return;
            answers.push_back(std::move(answer));
        }
    }

    Result<std::uint64_t> ask_number(std::string_view question) {
        const std::string answer = ask(question, "0");
        const bool digits = !answer.empty() && answer.size() <= 9 &&
                            answer.find_first_not_of("0123456789") == std::string::npos;
        if (!digits && !ended_) {
            return fail(
                Errc::invalid_argument, fmt::format("{}: expected a number", printable(answer))
            );
        }
        return ended_ ? 0 : std::stoull(answer);
    }

  private:
    const Context& context_;
    bool ended_ = false;
};

Result<AgreementNewOptions> options_of_questions(
    const AgreementNewOptions& options, const Context& context
) {
    if (::isatty(::fileno(context.in)) != 1) {
        return fail(
            Errc::invalid_argument,
            "--template: say bilateral, hub, circle or terms; without it questions are asked on a "
            "terminal, and there is none"
        );
    }
    AgreementNewOptions filled = options;
    Questions q(context);
    filled.form = q.ask(
        "Who gives to whom: bilateral, hub, circle, or terms that you alone sign", "bilateral"
    );
    if (filled.parties.empty())
        q.ask_all(
            "A party: its name here or the file of its card (empty: no more)", filled.parties
        );
    if (filled.title.empty()) filled.title = q.ask("Title", "");
    filled.max_marking = q.ask("The most closed marking that crosses", filled.max_marking);
    if (filled.types.empty())
        q.ask_all(
            "A STIX type that crosses (empty: no more; none at all: every type)", filled.types
        );
    ENTENTE_TRY(
        filled.sightings_days,
        q.ask_number("Within how many days is a sighting owed (0: not at all)")
    );
    filled.until = q.ask("Until when: 365d, 2030-12-31", filled.until);
    ENTENTE_CHECK(go_on());
    if (q.ended()) return fail(Errc::invalid_argument, "the answers ended; nothing was written");
    return filled;
}

Result<Exit> write_draft(
    const agreement::Document& document, const AgreementNewOptions& options, Context& context
) {
    const std::string text = agreement::readable_json(document);
    if (options.out.empty() && !context.out.json()) {
        context.out.raw(text);
        return Exit::ok;
    }
    if (!options.out.empty()) ENTENTE_CHECK(write_new_file(options.out, text, Readers::all));
    json::object shown{
        {"id", document.id},
        {"title", document.title},
        {"version", document.version},
        {"document", json::parse(document.canonical)}};
    if (!options.out.empty()) shown["file"] = options.out;
    context.out.document(shown);
    context.out.field("agreement", document.id);
    context.out.field("title", document.title);
    for (const PartyTerm& party : document.parties)
        context.out.field("party", fmt::format("{} ({})", party.pid, party.name));
    context.out.field("file", options.out);
    if (options.out.empty()) return Exit::ok;
    context.out.line(fmt::format("Read it with: entente agreement show {}", options.out));
    context.out.line(fmt::format("Then: entente agreement propose {} --key KEYFILE", options.out));
    return Exit::ok;
}

}  // namespace

Result<Exit> agreement_new(const AgreementNewOptions& options, Context& context) {
    if (!options.out.empty()) ENTENTE_CHECK(check_new_file(options.out));
    std::unique_ptr<NodeAgreements> on;
    if (!options.common.data.empty()) {
        ENTENTE_TRY(NodeAgreements opened, NodeAgreements::open(options.common, context.clock));
        on = std::make_unique<NodeAgreements>(std::move(opened));
    }
    AgreementNewOptions filled = options;
    if (!options.from_grants.empty()) {
        if (!on)
            return fail(Errc::invalid_argument, "--from-grants: name the node with --data DIR");
        ENTENTE_TRY(filled, options_of_grants(options, *on, context));
    } else if (options.form.empty()) {
        ENTENTE_TRY(filled, options_of_questions(options, context));
    }
    const auto form = agreement::parse_template(filled.form);
    if (!form) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "--template {}: expected bilateral, hub, circle or terms", printable(filled.form)
            )
        );
    }
    ENTENTE_TRY(Answers answers, answers_of(filled, context.clock.now()));
    Parties parties(on.get());
    for (const std::string& word : filled.parties) {
        ENTENTE_CHECK(parties.add(word));
    }
    parties.add_own();
    if (answers.title.empty()) answers.title = parties.names();
    ENTENTE_TRY(answers.parties, parties.take(*form));
    ENTENTE_TRY(const agreement::Document document, agreement::from_template(*form, answers));
    return write_draft(document, filled, context);
}

}  // namespace entente::cli
