#include "cli/agreement_subject.h"

#include "base/escape.h"
#include "cli/find.h"
#include "exchange/state_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unistd.h>
#include <utility>

namespace entente::cli {
namespace {

using agreement::Document;
using exchange::Agreements;
using store::AgreementRecord;
using Kind = agreement::Record::Kind;

constexpr std::string_view id_prefix = "agr:";
constexpr std::size_t short_id_bytes = 16;

Kind kind_of(AgreementRecord::Kind kind) {
    switch (kind) {
        case AgreementRecord::Kind::document:
            return Kind::document;
        case AgreementRecord::Kind::signature:
            return Kind::signature;
        case AgreementRecord::Kind::statement:
            return Kind::statement;
    }
    return Kind::statement;
}

const Document* holding_or_next(const agreement::Standing& standing) {
    return standing.document != nullptr ? standing.document : standing.next;
}

struct Named {
    std::string word;
    std::optional<std::uint32_t> version;
};

/// `WORD@3`. An address or a title may hold an @ of its own: only digits behind the last one count.
Named split_version(const std::string& word) {
    const std::size_t at = word.rfind('@');
    if (at == std::string::npos || at == 0 || at + 1 == word.size()) return {word, std::nullopt};
    std::uint32_t version = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data() + at + 1, end, version);
    if (error != std::errc() || stop != end) return {word, std::nullopt};
    return {word.substr(0, at), version};
}

std::vector<Document> documents_of(const std::vector<Paper>& papers) {
    std::vector<Document> documents;
    for (const Paper& paper : papers) {
        if (paper.kind != Kind::document) continue;
        if (auto document = agreement::read_document(paper.body))
            documents.push_back(std::move(*document));
    }
    return documents;
}

/// Of several drafts of one version the one that was agreed, else the one that waits, else the
/// newest.
Result<Document> pick_version(const Subject& subject, std::uint32_t version) {
    const std::vector<Document> documents = documents_of(subject.papers);
    const Document* at = subject.standing.next;
    if (at == nullptr || at->version < version) at = holding_or_next(subject.standing);
    while (at != nullptr && at->version > version) {
        const auto before = std::ranges::find_if(documents, [&](const Document& d) {
            return to_hex(d.digest) == at->previous;
        });
        at = before == documents.end() ? nullptr : &*before;
    }
    if (at != nullptr && at->version == version) return *at;
    const auto newest = std::find_if(documents.rbegin(), documents.rend(), [&](const Document& d) {
        return d.version == version;
    });
    if (newest != documents.rend()) return *newest;
    return fail(
        Errc::not_found,
        fmt::format("there is no version {} of {}", version, short_id(documents.front().id))
    );
}

Result<void> choose_document(Subject& subject, std::optional<std::uint32_t> version) {
    if (version) {
        subject.named_version = true;
        if (subject.life) {
            ENTENTE_TRY(subject.document, pick_version(subject, *version));
            return {};
        }
        if (subject.document.version == *version) return {};
        return fail(
            Errc::not_found,
            fmt::format(
                "{} holds version {} alone", printable(subject.word), subject.document.version
            )
        );
    }
    if (subject.life) subject.document = *holding_or_next(subject.standing);
    return {};
}

/// What a file tells of an agreement, its records taken now, in their order.
Result<void> read_life(Subject& subject) {
    const std::vector<Paper>& papers = subject.papers;
    for (const Paper& paper : papers) {
        if (paper.agreement != papers.front().agreement) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "{} holds records of several agreements; take it into a node with: entente "
                    "agreement receive",
                    printable(subject.word)
                )
            );
        }
    }
    std::vector<agreement::Record> records;
    for (const Paper& paper : papers)
        records.push_back({.kind = paper.kind, .body = paper.body, .at = subject.now});
    auto life = std::make_unique<agreement::Life>(records, ledger::KeyFacts{});
    if (!life->id().empty()) {
        subject.life = std::move(life);
        subject.standing = subject.life->at(subject.now);
        return {};
    }
    // A later version is no life without the ones before it.
    std::vector<Document> documents = documents_of(papers);
    if (documents.size() == 1) {
        subject.document = std::move(documents.front());
        return {};
    }
    return fail(
        Errc::conflict,
        fmt::format(
            "{}: the document that this is about is not in it; take it into the node that has it "
            "with: entente agreement add",
            printable(subject.word)
        )
    );
}

Result<void> read_node(Subject& subject, const Common& common, const Context& context) {
    ENTENTE_TRY(NodeAgreements opened, NodeAgreements::open(common, context.clock));
    subject.on = std::make_unique<NodeAgreements>(std::move(opened));
    ENTENTE_TRY(const Agreements::Known* known, subject.on->find(subject.word));
    subject.now = subject.on->now;
    subject.papers = subject.on->papers(known->id);
    subject.life = std::make_unique<agreement::Life>(known->life);
    subject.standing = subject.life->at(subject.now);
    if (holding_or_next(subject.standing) != nullptr) return {};
    return fail(
        Errc::corrupt,
        fmt::format("no document of {} can be read; see: entente agreement check", known->id)
    );
}

bool is_file(const std::string& word) {
    return word == "-" || ::access(word.c_str(), F_OK) == 0;
}

}  // namespace

std::string short_id(std::string_view id) {
    return std::string(id.substr(0, short_id_bytes));
}

Result<NodeAgreements> NodeAgreements::open(const Common& common, const Clock& clock) {
    if (common.data.empty()) {
        return fail(
            Errc::invalid_argument,
            "this is about an agreement of a node; name the node's directory with --data DIR"
        );
    }
    ENTENTE_TRY(NodeDir node, NodeDir::open(common.data));
    const auto snapshot = node.store().snapshot();
    exchange::State state = exchange::load_state(*snapshot);
    const Micros now = std::max(clock.now(), state.directory.agreements_at);
    return NodeAgreements{.node = std::move(node), .state = std::move(state), .now = now};
}

Result<const Agreements::Known*> NodeAgreements::find(std::string_view word) const {
    std::vector<const Agreements::Known*> found;
    const bool by_id = word.starts_with(id_prefix) && word.size() > id_prefix.size();
    for (const Agreements::Known& known : state.agreements.all()) {
        if (by_id) {
            if (known.id.starts_with(word)) found.push_back(&known);
            continue;
        }
        const Document* document = holding_or_next(known.life.at(now));
        if (document != nullptr && document->title == word) found.push_back(&known);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        return fail(
            Errc::not_found,
            fmt::format(
                "no agreement '{}' here; `entente agreement list` shows what there is",
                printable(word)
            )
        );
    }
    return fail(
        Errc::conflict,
        fmt::format(
            "'{}' names {} agreements, such as {} and {}",
            printable(word),
            found.size(),
            found[0]->id,
            found[1]->id
        )
    );
}

std::vector<Paper> NodeAgreements::papers(std::string_view id) const {
    std::vector<Paper> papers;
    for (const AgreementRecord& r : state.directory.agreement_records) {
        if (r.agreement == id)
            papers.push_back({.kind = kind_of(r.kind), .agreement = r.agreement, .body = r.body});
    }
    return papers;
}

const store::Party* NodeAgreements::party(std::string_view id, std::string_view pid) const {
    for (const store::AgreementParty& row : state.directory.agreement_parties) {
        if (row.agreement == id && row.pid == pid) return state.party(row.party);
    }
    return nullptr;
}

std::string NodeAgreements::own_pid(std::string_view id) const {
    const store::PartyNo own = state.own_party().no;
    for (const store::AgreementParty& row : state.directory.agreement_parties) {
        if (row.agreement == id && row.party == own) return row.pid;
    }
    return {};
}

const Document& Subject::to_sign() const {
    if (named_version || standing.next == nullptr) return document;
    return *standing.next;
}

const ledger::KeyFacts& Subject::keys() const {
    static const ledger::KeyFacts none;
    return on ? on->state.agreements.keys() : none;
}

std::string Subject::pid_words(std::string_view pid) const {
    const agreement::PartyTerm* party = document.party(pid);
    if (party == nullptr && standing.next != nullptr) party = standing.next->party(pid);
    return party == nullptr ? std::string(pid) : fmt::format("{} ({})", pid, party->name);
}

Result<Subject> read_subject(
    const std::string& word, const Common& common, const Context& context
) {
    Named named = split_version(word);
    if (named.version && !word.starts_with(id_prefix) && is_file(word)) named = {word, {}};
    Subject subject;
    subject.word = named.word;
    subject.now = context.clock.now();
    const bool of_node = named.word.starts_with(id_prefix) || !is_file(named.word);
    if (of_node && common.data.empty() && !named.word.starts_with(id_prefix)) {
        return fail(Errc::not_found, fmt::format("{}: no such file", printable(named.word)));
    }
    if (of_node) {
        if (auto read = read_node(subject, common, context); !read) {
            Error error = std::move(read).error();
            if (error.code == Errc::not_found && !named.word.starts_with(id_prefix))
                error.detail += ", and no file has that name";
            return tl::unexpected<Error>(std::move(error));
        }
    } else {
        ENTENTE_TRY(subject.papers, read_papers_from(named.word));
        ENTENTE_CHECK(read_life(subject));
    }
    ENTENTE_CHECK(choose_document(subject, named.version));
    return subject;
}

}  // namespace entente::cli
