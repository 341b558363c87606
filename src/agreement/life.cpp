#include "agreement/life.h"

#include "agreement/diff.h"
#include "base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace entente::agreement {
namespace {

using ledger::Note;
using ledger::Verifier;

std::string hex_digest(std::string_view bytes) {
    return to_hex(sha256(bytes));
}

const PartyTerm* countersigning(const Document& document, std::string_view pid) {
    const PartyTerm* party = document.party(pid);
    return party != nullptr && party->countersigns ? party : nullptr;
}

void sort_unique(std::vector<std::string>& texts) {
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

void add_signers(const Document& document, std::vector<std::string>& pids) {
    for (const PartyTerm& p : document.parties) {
        if (p.countersigns) pids.push_back(p.pid);
    }
}

/// Only who is in it, and how it is reached, changes: a quorum or steward may decide that.
bool changes_membership_alone(const Diff& diff) {
    constexpr std::string_view flows = "/flows/";
    return std::all_of(diff.differences.begin(), diff.differences.end(), [&](const auto& d) {
        std::string_view place = d.place;
        if (place.starts_with("/parties/")) return true;
        if (!place.starts_with(flows)) return false;
        // A flow itself may be called "to".
        place.remove_prefix(flows.size());
        const std::string_view key = place.substr(std::min(place.find('/'), place.size()));
        return key == "/from" || key == "/to";
    });
}

const Standing::Signed* signature_of(
    const std::vector<Standing::Signed>& signatures, std::string_view pid, Micros now
) {
    for (const Standing::Signed& s : signatures) {
        if (s.pid == pid && s.at <= now) return &s;
    }
    return nullptr;
}

tl::unexpected<Error> full(std::size_t count) {
    return fail(
        Errc::too_large,
        fmt::format(
            "{} documents, signatures and statements of this agreement are kept, the most that "
            "are; end it and make a new one",
            count
        )
    );
}

}  // namespace

std::string_view stage_text(Stage stage) noexcept {
    switch (stage) {
        case Stage::drafted:
            return "drafted";
        case Stage::proposed:
            return "proposed";
        case Stage::agreed:
            return "agreed";
        case Stage::in_force:
            return "in force";
        case Stage::suspended:
            return "suspended";
        case Stage::ended:
            return "ended";
        case Stage::expired:
            return "expired";
    }
    return "unknown";
}

Life::Life(std::span<const Record> records, KeyFacts keys) : keys_(std::move(keys)) {
    for (const Record& record : records)
        restore(record);
}

void Life::restore(const Record& record) {
    if (auto added = add(record, Comes::again); !added)
        problems_.push_back(std::move(added).error().detail);
}

Result<void> Life::add(const Record& record) {
    return add(record, Comes::new_here);
}

bool Life::is_full() const noexcept {
    return seen_.size() >= limits::agreement_records_max;
}

Result<void> Life::add(const Record& record, Comes comes) {
    const std::string digest = hex_digest(record.body);
    if (seen_.contains(digest)) return fail(Errc::conflict, "this is known already");
    if (is_full() && record.kind != Record::Kind::statement) return full(seen_.size());
    ENTENTE_CHECK(add_new(record, comes));
    seen_.insert(digest);
    return {};
}

Result<void> Life::add_new(const Record& record, Comes comes) {
    if (record.kind == Record::Kind::document) return add_document(record);
    if (versions_.empty()) {
        return fail(
            Errc::conflict, "the agreement that this is about is not here; take its document first"
        );
    }
    return record.kind == Record::Kind::signature ? add_signature(record)
                                                  : add_statement(record, comes);
}

Result<void> Life::add_document(const Record& record) {
    ENTENTE_TRY(Document document, read_document(record.body));
    if (!id_.empty() && document.id != id_) {
        return fail(
            Errc::conflict, fmt::format("/id: is {}, another agreement than {}", document.id, id_)
        );
    }
    std::string digest = to_hex(document.digest);
    if (find_version(digest)) return fail(Errc::conflict, "this version is known already");
    std::optional<std::size_t> previous;
    if (document.version > 1) {
        previous = find_version(document.previous);
        if (!previous || versions_[*previous].document.version + 1 != document.version) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "/previous: {} is not the digest of a version {} that is known here",
                    document.previous,
                    document.version - 1
                )
            );
        }
    }
    const std::vector<const Version*> agreed = chain(record.at);
    if (document.version <= agreed.size()) {
        return fail(
            Errc::conflict,
            fmt::format(
                "/version: another version {} is signed by all already; make the change as version "
                "{} with previous {}",
                document.version,
                agreed.size() + 1,
                to_hex(agreed.back()->document.digest)
            )
        );
    }
    const auto drafts = std::count_if(versions_.begin(), versions_.end(), [&](const Version& v) {
        return v.document.version == document.version;
    });
    if (static_cast<std::size_t>(drafts) >= limits::agreement_drafts_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{} drafts of version {} are kept, the most that are", drafts, document.version
            )
        );
    }
    id_ = document.id;
    Version taken;
    taken.document = std::move(document);
    taken.previous = previous;
    choose_signers(taken, previous ? &versions_[*previous] : nullptr, record.at);
    by_digest_.emplace(std::move(digest), versions_.size());
    versions_.push_back(std::move(taken));
    return {};
}

// Everyone in it and in the version before, unless that one lets a quorum or steward decide: then
// these, whoever joins or would go, and whoever gives more than before. Of one-sided terms the
// first party alone.
void Life::choose_signers(Version& version, const Version* previous, Micros at_time) const {
    const Document& document = version.document;
    const auto alone = [&](const Document& d) {
        return d.one_sided && d.parties.front().pid == document.parties.front().pid;
    };
    // What all have signed becomes no one's own terms by its own word.
    if (alone(document) && (previous == nullptr || alone(previous->document))) {
        version.needed = {document.parties.front().pid};
        return;
    }
    add_signers(document, version.needed);
    if (previous == nullptr) {
        sort_unique(version.needed);
        return;
    }
    const Document& before = previous->document;
    add_signers(before, version.needed);
    sort_unique(version.needed);
    // Who has left need not agree to what follows.
    const auto gone = left(at_time);
    const auto has_left = [&](const std::string& pid) { return gone.contains(pid); };
    std::erase_if(version.needed, has_left);
    const Diff changes = diff(before, document);
    version.widened = changes.widened;
    if (before.change.join == Change::Rule::all) return;
    if (!changes_membership_alone(changes)) return;
    const bool by_quorum = before.change.join == Change::Rule::quorum;
    // Where the steward is gone, or too few are left for the quorum, all who are left decide: no
    // version holds by nobody's word.
    if (by_quorum) {
        std::vector<std::string> electors;
        add_signers(before, electors);
        std::erase_if(electors, has_left);
        if (electors.size() < before.change.quorum) return;
        version.quorum = before.change.quorum;
        version.electors = std::move(electors);
    } else if (std::ranges::find(version.needed, before.change.steward) == version.needed.end()) {
        return;
    }
    std::erase_if(version.needed, [&](const std::string& pid) {
        const bool stays = before.party(pid) != nullptr && countersigning(document, pid) != nullptr;
        return stays && !changes.widens_giving_of(pid) &&
               (by_quorum || pid != before.change.steward);
    });
}

Result<void> Life::add_signature(const Record& record) {
    ENTENTE_TRY(const Note note, ledger::parse_note(record.body));
    ENTENTE_TRY(const SignedText text, read_signed_text(note.text));
    if (text.id != id_)
        return fail(Errc::conflict, fmt::format("a signature of {}, another agreement", text.id));
    const std::string digest = to_hex(text.digest);
    const auto where = find_version(digest);
    if (!where || versions_[*where].document.version != text.version) {
        return fail(
            Errc::conflict,
            fmt::format(
                "a signature of version {} with digest {}, which is not here; take that document "
                "first",
                text.version,
                digest
            )
        );
    }
    Version& signed_version = versions_[*where];
    const std::vector<const Version*> agreed = chain(record.at);
    if (text.version <= agreed.size() && agreed[text.version - 1] != &signed_version) {
        return fail(
            Errc::conflict, fmt::format("another version {} is signed by all already", text.version)
        );
    }
    ENTENTE_TRY(const auto signers, signers_of(note, signed_version.document, record.at));
    bool more = false;
    std::string lent;  // who signed with a key that it did not bring itself, where it must
    auto& there = signed_version.signatures;
    std::set<std::string> have;
    for (const Standing::Signed& s : there)
        have.insert(s.pid);
    for (const auto& [pid, key] : signers) {
        if (have.contains(pid)) continue;
        if (signed_version.widened.contains(pid)) {
            const std::vector<Verifier> own = own_keys(signed_version, pid);
            if (std::find(own.begin(), own.end(), key) == own.end()) {
                lent = pid;
                continue;
            }
        }
        have.insert(pid);
        there.push_back(
            {.pid = pid,
             .version = text.version,
             .digest = text.digest,
             .key = key,
             .person = text.person,
             .office = text.office,
             .at = record.at}
        );
        more = true;
    }
    if (more) {
        if (!signed_version.complete) signed_version.complete = completed(signed_version);
        return {};
    }
    if (lent.empty())
        return fail(Errc::conflict, "whoever signed this has signed this version already");
    return fail(
        Errc::unauthorized,
        fmt::format(
            "'{}' signs with a key that the others gave it; what widens what it gives needs a key "
            "that it brought itself, so make a new agreement with it",
            lent
        )
    );
}

Result<void> Life::add_statement(const Record& record, Comes comes) {
    ENTENTE_TRY(const Note note, ledger::parse_note(record.body));
    ENTENTE_TRY(Statement statement, read_statement(note.text));
    if (statement.id != id_)
        return fail(
            Errc::conflict, fmt::format("a statement about {}, another agreement", statement.id)
        );
    const Standing now = at(record.at);
    if (now.stage == Stage::drafted || now.stage == Stage::proposed) {
        return fail(
            Errc::conflict, "the agreement is not signed by all, so there is nothing to stop"
        );
    }
    const Document& document = now.document != nullptr ? *now.document : *now.next;
    const bool stops = statement.what != Statement::What::resume;
    ENTENTE_TRY(
        const auto signers, signers_of(note, document, record.at, stops && comes == Comes::again)
    );
    const auto& [pid, key] = signers.front();
    // Of the signer, too: else whoever says the same first could keep another from saying it. With
    // other signatures beside, it is the same word again.
    const std::string digest = hex_digest(note.text + ledger::verifier_text(key));
    if (std::any_of(said_.begin(), said_.end(), [&](const Said& s) { return s.digest == digest; }))
        return fail(Errc::conflict, "this statement is known already");
    if (now.left.contains(pid))
        return fail(Errc::conflict, fmt::format("{} has left the agreement", pid));
    const bool stopped = std::ranges::find(now.suspensions, pid, &Standing::Suspension::pid) !=
                         now.suspensions.end();
    if (is_full() && (!stops || (statement.what == Statement::What::suspend && stopped)))
        return full(seen_.size());
    if (statement.what == Statement::What::resume) {
        const auto& open = now.suspensions;
        const auto which = std::find_if(open.begin(), open.end(), [&](const auto& s) {
            return s.digest == statement.lifts;
        });
        if (which == open.end()) {
            return fail(
                Errc::conflict,
                fmt::format("no suspension {} stands that could be taken back", statement.lifts)
            );
        }
        if (which->pid != pid) {
            return fail(
                Errc::unauthorized,
                fmt::format("{} suspended it, and alone may take that back", which->pid)
            );
        }
    }
    said_.push_back(
        {.statement = std::move(statement),
         .key = key,
         .pid = pid,
         .digest = digest,
         .at = record.at}
    );
    return {};
}

std::optional<std::size_t> Life::find_version(std::string_view digest_hex) const {
    const auto at = by_digest_.find(digest_hex);
    if (at == by_digest_.end()) return std::nullopt;
    return at->second;
}

std::vector<Verifier> Life::own_keys(const Version& version, std::string_view pid) const {
    std::vector<const Version*> line;  // back to the one that the party came with
    for (const Version* v = &version; v->document.party(pid) != nullptr;
         v = &versions_[*v->previous]) {
        line.push_back(v);
        if (!v->previous || countersigning(versions_[*v->previous].document, pid) == nullptr) break;
    }
    std::vector<Verifier> own;
    for (auto at = line.rbegin(); at != line.rend(); ++at) {
        const Version& v = **at;
        const bool came = at == line.rbegin();
        const bool signed_itself = std::ranges::any_of(v.signatures, [&](const auto& s) {
            return s.pid == pid && std::find(own.begin(), own.end(), s.key) != own.end();
        });
        if (!came && !signed_itself) continue;
        for (Verifier& key : ledger::with_successors(v.document.party(pid)->sign_keys, keys_)) {
            if (std::find(own.begin(), own.end(), key) == own.end()) own.push_back(std::move(key));
        }
    }
    return own;
}

Result<std::vector<std::pair<std::string, Verifier>>> Life::signers_of(
    const Note& note, const Document& document, Micros at, bool ended_too
) const {
    std::vector<Verifier> known;
    std::vector<std::string> pids;  // of `known`, in its order
    const auto before = document.version > 1 ? find_version(document.previous) : std::nullopt;
    const Version* previous = before ? &versions_[*before] : nullptr;
    const auto add_keys = [&](const PartyTerm& party) {
        for (Verifier& key : ledger::with_successors(party.sign_keys, keys_)) {
            known.push_back(std::move(key));
            pids.push_back(party.pid);
        }
    };
    if (previous != nullptr) {
        for (const PartyTerm& p : previous->document.parties)
            add_keys(p);
    }
    for (const PartyTerm& p : document.parties) {
        if (previous == nullptr || countersigning(previous->document, p.pid) == nullptr)
            add_keys(p);
    }
    ENTENTE_TRY(const std::vector<Verifier> verified, ledger::verify_note(note, known));
    std::vector<std::pair<std::string, Verifier>> signers;
    bool stale = false;
    for (const Verifier& key : verified) {
        if (!ended_too && !ledger::key_counts(key, keys_, at)) {
            stale = true;
            continue;
        }
        const auto which = std::find(known.begin(), known.end(), key);
        signers.emplace_back(pids[static_cast<std::size_t>(which - known.begin())], key);
    }
    if (signers.empty()) {
        return fail(
            Errc::unauthorized,
            stale ? "signed with a key that was revoked before this came"
                  : "signed by no key of a party of this agreement"
        );
    }
    return signers;
}

std::vector<Micros> Life::votes(const Version& version, Micros now) {
    std::vector<Micros> votes;
    for (const std::string& pid : version.electors) {
        if (const auto* s = signature_of(version.signatures, pid, now)) votes.push_back(s->at);
    }
    std::sort(votes.begin(), votes.end());
    return votes;
}

std::optional<Micros> Life::completed(const Version& version) {
    // A version that nobody has to sign is in nobody's power.
    if (version.needed.empty() && version.quorum == 0) return std::nullopt;
    std::map<std::string_view, Micros> signed_at;
    for (const Standing::Signed& s : version.signatures)
        signed_at.emplace(s.pid, s.at);
    Micros last{};
    for (const std::string& pid : version.needed) {
        const auto s = signed_at.find(pid);
        if (s == signed_at.end()) return std::nullopt;
        last = std::max(last, s->second);
    }
    std::vector<Micros> cast;
    for (const std::string& pid : version.electors) {
        if (const auto s = signed_at.find(pid); s != signed_at.end()) cast.push_back(s->second);
    }
    if (cast.size() < version.quorum) return std::nullopt;
    std::sort(cast.begin(), cast.end());
    return version.quorum == 0 ? last : std::max(last, cast[version.quorum - 1]);
}

std::vector<const Life::Version*> Life::chain(Micros now) const {
    // Of those behind the same version, the one that was complete first.
    std::map<std::optional<std::size_t>, std::size_t> next;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
        const Version& v = versions_[i];
        if (!v.complete || *v.complete > now) continue;
        const auto [at, first] = next.emplace(v.previous, i);
        if (!first && *v.complete < *versions_[at->second].complete) at->second = i;
    }
    std::vector<const Version*> agreed;
    for (auto at = next.find(std::nullopt); at != next.end(); at = next.find(at->second))
        agreed.push_back(&versions_[at->second]);
    return agreed;
}

std::set<std::string, std::less<>> Life::left(Micros now) const {
    std::set<std::string, std::less<>> pids;
    for (const Said& said : said_) {
        if (said.at <= now && said.statement.what == Statement::What::end) pids.insert(said.pid);
    }
    return pids;
}

void Life::add_statements(Standing& standing, Micros now) const {
    for (const Said& said : said_) {
        if (said.at > now) continue;
        switch (said.statement.what) {
            case Statement::What::suspend:
                standing.suspensions.push_back(
                    {.pid = said.pid,
                     .digest = said.digest,
                     .reason = said.statement.reason,
                     .at = said.at}
                );
                break;
            case Statement::What::resume:
                std::erase_if(standing.suspensions, [&](const Standing::Suspension& s) {
                    return s.digest == said.statement.lifts;
                });
                break;
            case Statement::What::end:
                standing.left.insert(said.pid);
                // Nobody is left who could take it back.
                std::erase_if(standing.suspensions, [&](const Standing::Suspension& s) {
                    return s.pid == said.pid;
                });
                break;
        }
    }
}

Standing Life::at(Micros now) const {
    Standing standing;
    for (const Version& v : versions_) {
        for (const Standing::Signed& s : v.signatures) {
            if (s.at <= now) standing.signatures.push_back(s);
        }
    }
    std::stable_sort(
        standing.signatures.begin(),
        standing.signatures.end(),
        [](const auto& a, const auto& b) { return a.version < b.version; }
    );
    add_statements(standing, now);
    const std::vector<const Version*> agreed = chain(now);
    const Version* holds = nullptr;
    const Version* next = nullptr;
    const auto comes = [&](Micros when) {
        if (when > now && (!standing.changes_at || when < *standing.changes_at))
            standing.changes_at = when;
    };
    for (const Version* v : agreed) {
        comes(v->document.from);
        if (v->document.from <= now) {
            holds = v;
        } else if (next == nullptr) {
            next = v;
        }
    }
    if (next == nullptr) {
        // The newest draft of what would come next.
        for (const Version& v : versions_) {
            if (v.document.version == agreed.size() + 1) next = &v;
        }
    }
    if (next != nullptr) {
        standing.next = &next->document;
        for (const std::string& pid : next->needed) {
            if (signature_of(next->signatures, pid, now) == nullptr)
                standing.missing.push_back(pid);
        }
        const std::size_t cast = votes(*next, now).size();
        standing.missing_quorum = next->quorum > cast ? next->quorum - cast : 0;
    }
    if (agreed.empty()) {
        standing.stage = standing.signatures.empty() ? Stage::drafted : Stage::proposed;
        return standing;
    }
    const Document& latest = agreed.back()->document;
    const auto staying =
        std::count_if(latest.parties.begin(), latest.parties.end(), [&](const PartyTerm& p) {
            return !standing.left.contains(p.pid);
        });
    const bool over = staying < 2 || (latest.one_sided && !standing.left.empty());
    if (holds != nullptr) {
        standing.document = &holds->document;
        comes(holds->document.until);
    }
    if (over) {
        standing.stage = Stage::ended;
        standing.changes_at.reset();
    } else if (holds == nullptr) {
        standing.stage = Stage::agreed;
    } else if (holds->document.until <= now) {
        standing.stage = Stage::expired;
    } else {
        standing.stage = standing.suspensions.empty() ? Stage::in_force : Stage::suspended;
    }
    return standing;
}

}  // namespace entente::agreement
