#pragma once
// For tests: an agreement of parties of a harness, drafted, signed and taken with keys that the
// test holds.
#include "agreement/document.h"
#include "agreement/life.h"
#include "exchange/agreement_changes.h"
#include "exchange/testing/harness.h"
#include "ledger/note.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace entente::exchange::testing {

/// One version's terms. Lists are JSON.
struct PactFlow {
    std::string fid = "f1";
    std::string from = R"(["north"])";
    std::string to = R"(["south"])";
    std::string max_marking = "amber";
    std::string select = "{}";
    std::string extra{};  // further keys with a comma before them, for example ,"min_delay_hours":2
};

struct PactVersion {
    std::vector<PactFlow> flows{{}};
    std::string from = "2026-01-01T00:00:00Z";
    std::string until = "2030-01-01T00:00:00Z";
    std::string extra{};  // further keys of the document
};

class Pact {
  public:
    /// pid -> party of the harness. Nothing is drafted yet.
    Pact(Harness& h, std::map<std::string, PartyNo> parties, std::string title = "Pact")
        : h_(h),
          parties_(std::move(parties)),
          title_(std::move(title)) {
        for (const auto& [pid, party] : parties_) {
            std::array<std::uint8_t, 32> seed{};
            h_.random.fill(seed);
            keys_.emplace(pid, ledger::Signer::from_seed(pid + ".example/entente", seed).value());
        }
    }

    /// Drafts the next version, without signatures.
    const agreement::Document& draft(const PactVersion& version) {
        std::string parties;
        for (const auto& [pid, key] : keys_) {
            parties += fmt::format(
                R"({}{{"pid":"{}","name":"{} of {}","sign_keys":["{}"]}})",
                parties.empty() ? "" : ",",
                pid,
                pid,
                title_,
                ledger::verifier_text(key.verifier())
            );
        }
        std::string flows;
        for (const PactFlow& f : version.flows) {
            flows += fmt::format(
                R"({}{{"fid":"{}","from":{},"to":{},"max_marking":"{}","select":{}{}}})",
                flows.empty() ? "" : ",",
                f.fid,
                f.from,
                f.to,
                f.max_marking,
                f.select,
                f.extra
            );
        }
        std::string links;
        if (!versions_.empty()) {
            const agreement::Document& before = versions_.back();
            links = fmt::format(R"("id":"{}","previous":"{}",)", before.id, to_hex(before.digest));
        }
        auto read = agreement::read_document(fmt::format(
            R"({{"schema":"entente-agreement/1",{}"version":{},"title":"{}","parties":[{}],"flows":[{}],"validity":{{"from":"{}","until":"{}"}}{}}})",
            links,
            versions_.size() + 1,
            title_,
            parties,
            flows,
            version.from,
            version.until,
            version.extra
        ));
        must(read);
        versions_.push_back(std::move(read.value()));
        const bool first = versions_.size() == 1;
        must_take(store::AgreementRecord::Kind::document, versions_.back().canonical);
        if (first) map_parties();
        return versions_.back();
    }

    void sign(const std::string& pid) {
        const agreement::Document& d = versions_.back();
        must_take(
            store::AgreementRecord::Kind::signature,
            note(
                agreement::signed_text(
                    {.id = d.id,
                     .version = d.version,
                     .digest = d.digest,
                     .person = "A. Person",
                     .office = ""}
                ),
                pid
            )
        );
    }

    void agree(const PactVersion& version) {
        draft(version);
        for (const auto& [pid, key] : keys_)
            sign(pid);
    }

    void bind(
        CollectionNo collection,
        store::AgreementBinding::Way way = store::AgreementBinding::Way::out,
        bool bound = true
    ) {
        h_.store().write([&](store::Transaction& tx) {
            const auto done = bind_collection(
                tx,
                h_.clock,
                {.agreement = id(), .flow = {}, .collection = collection, .way = way},
                bound,
                UserNo{}
            );
            must(done);
        });
    }

    void suspend(const std::string& pid) { state(pid, agreement::Statement::What::suspend, {}); }

    /// Takes back the party's oldest suspension that stands.
    void resume(const std::string& pid) {
        const auto snapshot = h_.store().snapshot();
        const auto now = h_.states().get(*snapshot);
        for (const auto& s : now->agreements.point(id())->standing.suspensions) {
            if (s.pid != pid) continue;
            state(pid, agreement::Statement::What::resume, s.digest);
            return;
        }
        throw std::runtime_error(pid + " has suspended nothing");
    }

    void end(const std::string& pid) { state(pid, agreement::Statement::What::end, {}); }

    [[nodiscard]] const std::string& id() const { return versions_.front().id; }

    [[nodiscard]] const std::vector<agreement::Document>& versions() const { return versions_; }

    [[nodiscard]] std::string note(std::string text, const std::string& pid) const {
        ledger::Note note{.text = std::move(text), .signatures = {}};
        must(ledger::sign_note(note, keys_.at(pid)));
        return ledger::note_bytes(note);
    }

    [[nodiscard]] const ledger::Signer& key(const std::string& pid) const { return keys_.at(pid); }

    Result<TakenRecord> take(store::AgreementRecord::Kind kind, std::string body) {
        std::optional<Result<TakenRecord>> taken;
        h_.store().write([&](store::Transaction& tx) {
            taken = take_record(
                tx, h_.clock, {.kind = kind, .body = std::move(body), .user = UserNo{}}
            );
        });
        return std::move(*taken);
    }

  private:
    /// A test that builds on what failed shows nothing.
    template <class T>
    static void must(const Result<T>& done) {
        if (!done) throw std::runtime_error(done.error().detail);
    }

    void must_take(store::AgreementRecord::Kind kind, std::string body) {
        must(take(kind, std::move(body)));
    }

    void map_parties() {
        h_.store().write([&](store::Transaction& tx) {
            for (const auto& [pid, party] : parties_) {
                const auto done = map_party(
                    tx, h_.clock, {.agreement = id(), .pid = pid, .party = party}, UserNo{}
                );
                must(done);
            }
        });
    }

    void state(const std::string& pid, agreement::Statement::What what, const std::string& lifts) {
        must_take(
            store::AgreementRecord::Kind::statement,
            note(
                agreement::statement_text(
                    {.what = what,
                     .id = id(),
                     .lifts = lifts,
                     .time = h_.clock.now() + static_cast<std::int64_t>(said_++),
                     .person = "",
                     .office = "",
                     .reason = ""}
                ),
                pid
            )
        );
    }

    Harness& h_;
    std::map<std::string, PartyNo> parties_;
    std::string title_;
    std::map<std::string, ledger::Signer> keys_;
    std::vector<agreement::Document> versions_;
    std::uint64_t said_ = 0;
};

}  // namespace entente::exchange::testing
