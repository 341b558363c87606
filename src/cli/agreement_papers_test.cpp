#include "cli/agreement_papers.h"

#include "base/limits.h"
#include "ledger/note.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

namespace entente::cli {
namespace {

using Kind = agreement::Record::Kind;

ledger::Signer signer() {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(7);
    return ledger::Signer::from_seed("north.example/identity", seed).value();
}

std::string document_text() {
    return fmt::format(
        R"({{ "title": "t", "schema": "entente-agreement/1", "version": 1,
        "parties": [{{"pid":"north","name":"North","sign_keys":["{}"]}},{{"pid":"south","name":"South"}}],
        "one_sided": true,
        "flows": [{{"fid":"f1","from":["north"],"to":["south"]}}],
        "validity": {{"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}} }})",
        ledger::verifier_text(signer().verifier())
    );
}

std::string note_of(std::string text) {
    ledger::Note note;
    note.text = std::move(text);
    EXPECT_TRUE(ledger::sign_note(note, signer()));
    return ledger::note_bytes(note);
}

struct Papers {
    agreement::Document document = agreement::read_document(document_text()).value();
    std::string signature = note_of(agreement::signed_text(
        {.id = document.id,
         .version = 1,
         .digest = document.digest,
         .person = "Jane Doe",
         .office = "CISO"}
    ));
    std::string statement = note_of(agreement::statement_text(
        {.what = agreement::Statement::What::suspend,
         .id = document.id,
         .lifts = {},
         .time = Micros{0},
         .person = {},
         .office = {},
         .reason = "a breach"}
    ));
};

TEST(AgreementPapers, TellsADocumentFromASignatureAndAStatement) {
    const Papers p;
    for (const auto& [text, kind, about] :
         {std::tuple{document_text(), Kind::document, "version 1 of \"t\""},
          std::tuple{p.signature, Kind::signature, "signature of version 1 (Jane Doe, CISO)"},
          std::tuple{p.statement, Kind::statement, "statement: suspend (a breach)"}}) {
        const auto papers = read_papers(text);
        ASSERT_TRUE(papers) << papers.error().detail;
        ASSERT_EQ(papers->size(), 1U);
        EXPECT_EQ(papers->front().kind, kind);
        EXPECT_EQ(papers->front().agreement, p.document.id);
        EXPECT_EQ(describe(papers->front()), about);
    }
}

TEST(AgreementPapers, ADocumentIsKeptInItsCanonicalForm) {
    const Papers p;
    EXPECT_EQ(read_papers(document_text()).value().front().body, p.document.canonical);
}

TEST(AgreementPapers, APackGivesBackTheSameBytesInTheSameOrder) {
    const Papers p;
    std::vector<Paper> papers;
    for (const std::string& text : {p.statement, document_text(), p.signature})
        papers.push_back(read_papers(text).value().front());
    const std::string pack = pack_text(papers).value();
    const auto back = read_papers(pack);
    ASSERT_TRUE(back) << back.error().detail;
    ASSERT_EQ(back->size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ((*back)[i].kind, papers[i].kind);
        EXPECT_EQ((*back)[i].body, papers[i].body);
    }
}

TEST(AgreementPapers, APackThatIsCutOffAnywhereIsRefused) {
    const Papers p;
    const std::vector<Paper> papers{
        read_papers(document_text()).value().front(), read_papers(p.signature).value().front()};
    std::string pack = pack_text(papers).value();
    pack.pop_back();  // the line feed at its end may be missing
    ASSERT_TRUE(read_papers(pack));
    for (std::size_t bytes = 0; bytes < pack.size(); bytes += 7)
        EXPECT_FALSE(read_papers(pack.substr(0, bytes))) << bytes;
}

TEST(AgreementPapers, ARecordOfAnotherKindThanItsBodyIsRefused) {
    const Papers p;
    Paper paper = read_papers(p.signature).value().front();
    for (const Kind kind : {Kind::document, Kind::statement}) {
        paper.kind = kind;
        const auto read = read_papers(pack_text(std::vector<Paper>{paper}).value());
        ASSERT_FALSE(read);
        EXPECT_TRUE(read.error().detail.starts_with("/records/0: ")) << read.error().detail;
    }
}

TEST(AgreementPapers, ManyRecordsAndManyBytesAreTooLarge) {
    std::string records;
    for (std::size_t i = 0; i <= limits::agreement_records_max; ++i)
        records += R"({"kind":"document","body":""},)";
    records.pop_back();
    const auto many = read_papers(R"({"schema":"entente-pack/1","records":[)" + records + "]}");
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().code, Errc::too_large);
    const auto big = read_papers(std::string(limits::object_bytes_max + 1, '{'));
    ASSERT_FALSE(big);
    EXPECT_EQ(big.error().code, Errc::too_large);
    Paper paper;
    paper.body.assign(limits::object_bytes_max, 'x');
    EXPECT_EQ(pack_text(std::vector<Paper>{paper}).error().code, Errc::too_large);
}

}  // namespace
}  // namespace entente::cli
