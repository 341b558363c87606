#pragma once
// Lives of agreements: documents, signatures and statements of parties that are made up.
#include "agreement/life.h"
#include "ledger/note.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace entente::agreement::testing {

inline Micros day(int n) {
    // From 2026-01-01T00:00:00Z on.
    return {1'767'225'600'000'000 + n * micros_per_day};
}

inline ledger::Signer key(const std::string& name, std::uint8_t seed) {
    std::array<std::uint8_t, 32> bytes{};
    bytes.fill(seed);
    return ledger::Signer::from_seed(name, bytes).value();
}

/// North and South (and whoever else is asked for), and what they sign.
class LifeTest : public ::testing::Test {
  protected:
    struct Draft {
        std::vector<std::string> pids{"north", "south"};
        std::string title = "Indicators";
        std::uint32_t version = 1;
        std::string id{};
        std::string previous{};
        std::string ceiling = "amber";
        std::string from = "2026-01-01T00:00:00Z";
        std::string until = "2027-01-01T00:00:00Z";
        std::string extra{};  // further keys of the document
        std::string more_flows{};
    };

    const ledger::Signer& signer(const std::string& pid) {
        const auto at = signers_.find(pid);
        if (at != signers_.end()) return at->second;
        const auto seed = static_cast<std::uint8_t>(signers_.size() + 1);
        return signers_.emplace(pid, key(pid + ".example/entente", seed)).first->second;
    }

    Document document(const Draft& draft) {
        std::string parties;
        for (const std::string& pid : draft.pids) {
            parties += fmt::format(
                R"({}{{"pid":"{}","name":"{}","sign_keys":["{}"]}})",
                parties.empty() ? "" : ",",
                pid,
                pid,
                ledger::verifier_text(signer(pid).verifier())
            );
        }
        std::string links;
        if (!draft.id.empty())
            links = fmt::format(R"("id":"{}","previous":"{}",)", draft.id, draft.previous);
        auto read = read_document(fmt::format(
            R"({{"schema":"entente-agreement/1",{}"version":{},"title":"{}","parties":[{}],)"
            R"("flows":[{{"fid":"f1","from":["{}"],"to":["{}"],"max_marking":"{}"}}{}],{})"
            R"("validity":{{"from":"{}","until":"{}"}}}})",
            links,
            draft.version,
            draft.title,
            parties,
            draft.pids[0],
            draft.pids[1],
            draft.ceiling,
            draft.more_flows,
            draft.extra,
            draft.from,
            draft.until
        ));
        EXPECT_TRUE(read) << (read ? "" : read.error().detail);
        return read.value();
    }

    /// Version 2 behind `before`.
    static Draft after(const Document& before, std::string ceiling) {
        Draft draft;
        draft.version = before.version + 1;
        draft.id = before.id;
        draft.previous = to_hex(before.digest);
        draft.ceiling = std::move(ceiling);
        return draft;
    }

    static Record record(const Document& d, Micros at) {
        return {.kind = Record::Kind::document, .body = d.canonical, .at = at};
    }

    static std::string note(std::string text, const ledger::Signer& by) {
        ledger::Note note{.text = std::move(text), .signatures = {}};
        EXPECT_TRUE(ledger::sign_note(note, by));
        return ledger::note_bytes(note);
    }

    static Record signature(const Document& d, const ledger::Signer& by, Micros at) {
        const std::string text = signed_text(
            {.id = d.id,
             .version = d.version,
             .digest = d.digest,
             .person = "A. Person",
             .office = "Director"}
        );
        return {.kind = Record::Kind::signature, .body = note(text, by), .at = at};
    }

    Record signature(const Document& d, const std::string& pid, Micros at) {
        return signature(d, signer(pid), at);
    }

    Record statement(
        const Document& d,
        Statement::What what,
        const std::string& pid,
        Micros at,
        std::string lifts = {}
    ) {
        const std::string text = statement_text(
            {.what = what,
             .id = d.id,
             .lifts = std::move(lifts),
             .time = at,
             .person = "B. Person",
             .office = "",
             .reason = "audit"}
        );
        return {.kind = Record::Kind::statement, .body = note(text, signer(pid)), .at = at};
    }

    /// A life with version 1 signed by both on day 1.
    Life agreed(const Document& d) {
        Life life({}, {});
        take(life, record(d, day(0)));
        take(life, signature(d, "north", day(1)));
        take(life, signature(d, "south", day(1)));
        return life;
    }

    /// North, South and East, which is the steward, signed on day 1.
    static constexpr std::string_view by_steward =
        R"("change":{"join":"steward","steward":"east"},)";

    Document stewarded(Life& life, std::string more_flows = {}) {
        Draft draft;
        draft.pids = {"north", "south", "east"};
        draft.extra = by_steward;
        draft.more_flows = std::move(more_flows);
        Document d = document(draft);
        take(life, record(d, day(0)));
        for (const std::string& pid : draft.pids)
            take(life, signature(d, pid, day(1)));
        return d;
    }

    /// The version behind it, with the same parties.
    static Draft behind(const Document& before, std::string ceiling = "amber") {
        Draft draft = after(before, std::move(ceiling));
        draft.pids = {"north", "south", "east"};
        draft.extra = by_steward;
        return draft;
    }

    void new_key(const std::string& pid, std::uint8_t seed) {
        signers_.erase(pid);
        signers_.emplace(pid, key(pid + ".example/entente", seed));
    }

    static void take(Life& life, const Record& r) {
        const auto added = life.add(r);
        EXPECT_TRUE(added) << (added ? "" : added.error().detail);
    }

    static Errc refused(Life& life, const Record& r) {
        const auto added = life.add(r);
        EXPECT_FALSE(added);
        return added ? Errc::corrupt : added.error().code;
    }

    std::map<std::string, ledger::Signer> signers_;
};

}  // namespace entente::agreement::testing
