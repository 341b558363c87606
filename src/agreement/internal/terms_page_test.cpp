#include "agreement/internal/terms_page.h"

#include "agreement/document.h"
#include "agreement/internal/samples_faults.h"
#include "agreement/internal/samples_random.h"
#include "agreement/internal/schema.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

bool writes() {
    return std::getenv("ENTENTE_WRITE_DOCS") != nullptr;
}

std::string file_text(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

/// The file says `text`; with ENTENTE_WRITE_DOCS it is made to.
void expect_file(const std::string& path, const std::string& text) {
    if (writes()) std::ofstream(path) << text;
    EXPECT_TRUE(file_text(path) == text)
        << path << " is not what the table of terms says; write it again: ENTENTE_WRITE_DOCS=1 "
        << "agreement_test --gtest_filter='AgreementPage.*'";
}

TEST(AgreementPage, IsWhatTheTableSays) {
    const std::string path = ENTENTE_SOURCE_DIR "/docs/agreements.md";
    const std::string page = file_text(path);
    const auto begin = page.find(begin_of_terms);
    const auto end = page.find(end_of_terms);
    ASSERT_NE(begin, page.npos);
    ASSERT_NE(end, page.npos);
    expect_file(
        path, page.substr(0, begin) + begin_of_terms + '\n' + terms_page() + page.substr(end)
    );
}

TEST(AgreementPage, HasARowForEveryTerm) {
    const std::string page = terms_page();
    std::size_t rows = 0;
    for (auto at = page.find("\n| "); at != page.npos; at = page.find("\n| ", at + 1))
        ++rows;
    std::size_t tables = 1;
    for (const Term& term : terms())
        tables += term.kind == Kind::structure ? 1 : 0;
    // All tables but the first have their head after a line feed.
    EXPECT_EQ(rows + 1, terms().size() + 1 + tables);
    for (const char* line :
         {"| **title** |",
          "### `/flows/*/select`",
          "| max_marking | one of clear, green, amber, amber+strict, red; without it `\"amber\"` |",
          "| receiver's node, rest watched: ",
          "| only watched: "})
        EXPECT_NE(page.find(line), page.npos) << line;
}

TEST(AgreementPage, SchemaIsWhatTheTableSays) {
    expect_file(ENTENTE_SOURCE_DIR "/docs/agreement.schema.json", laid_out(schema()));
}

/// Documents with the reader's verdict, for tests/cli/test_agreement_schema.py, where another's
/// implementation of JSON schema judges them by docs/agreement.schema.json.
TEST(AgreementPage, DocumentsForOtherReadersAreJudgedAsTheyWere) {
    json::object out;
    out["about"] =
        "A sound agreement, changes of it that are refused (a change without `value` takes the key "
        "away), and other sound ones. beyond_schema: a schema has no words for what is wrong. "
        "Written by agreement_test, which judges each";
    out["sample"] = full_sample();
    json::array faults;
    for (const Fault& fault : Faults::all()) {
        EXPECT_FALSE(read_document(json::serialize(with_fault(fault)))) << fault.pointer;
        json::object one{{"pointer", fault.pointer}};
        if (fault.value) one["value"] = *fault.value;
        if (fault.beyond_schema) one["beyond_schema"] = true;
        // Two thousand letters say no more than their number.
        if (fault.value && fault.value->is_string() && fault.value->get_string().size() > 200) {
            one.erase("value");
            one["letters"] = fault.value->get_string().size();
        }
        faults.push_back(std::move(one));
    }
    out["faults"] = std::move(faults);
    json::array sound;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        sound.push_back(RandomSample(seed).document(2 + seed % 3));
        EXPECT_TRUE(read_document(json::serialize(sound.back())));
    }
    out["sound"] = std::move(sound);
    expect_file(ENTENTE_SOURCE_DIR "/tests/cli/agreement_documents.json", laid_out(out));
}

TEST(LaidOut, IsTheSameValueOnShortLines) {
    const json::value value(full_sample());
    const std::string text = laid_out(value);
    EXPECT_EQ(json::parse(text), value);
    EXPECT_NE(text.find("\n  \"version\": 2,\n"), text.npos);
    EXPECT_NE(text.find("\n      \"from\": [\"north\"],\n"), text.npos) << text;
}

}  // namespace
}  // namespace entente::agreement::internal
