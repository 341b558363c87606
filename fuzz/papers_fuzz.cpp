// Arbitrary bytes as what parties hand each other about agreements: a document, a note, a pack of
// them, and as the object that a partner's node posts. What is read makes a pack that reads the
// same.
#include "base/assert.h"
#include "cli/agreement_papers.h"
#include "exchange/internal/inbox.h"
#include "exchange/internal/publish_job.h"
#include "stix/object.h"

#include <cstddef>
#include <cstdint>

using namespace entente;

namespace {

void read_as_posted(std::string_view text) {
    auto object = stix::read_object(text);
    if (!object) return;
    std::vector<exchange::Candidate> candidates(1);
    candidates.front().object = std::move(*object);
    for (const exchange::PostedAgreement& posted : exchange::read_posted(candidates)) {
        ENTENTE_ASSERT(posted.candidate == 0 && !posted.documents.empty());
        for (const agreement::Document& document : posted.documents)
            ENTENTE_ASSERT(document.id == posted.agreement);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    read_as_posted(text);
    const auto papers = cli::read_papers(text);
    if (!papers) {
        ENTENTE_ASSERT(!papers.error().detail.empty());
        return 0;
    }
    for (const cli::Paper& paper : *papers)
        ENTENTE_ASSERT(!cli::describe(paper).empty());
    const auto pack = cli::pack_text(*papers);
    if (!pack) return 0;
    const auto again = cli::read_papers(*pack);
    ENTENTE_ASSERT(again && again->size() == papers->size());
    for (std::size_t i = 0; i < papers->size(); ++i) {
        ENTENTE_ASSERT((*again)[i].kind == (*papers)[i].kind);
        ENTENTE_ASSERT((*again)[i].agreement == (*papers)[i].agreement);
        ENTENTE_ASSERT((*again)[i].body == (*papers)[i].body);
    }
    return 0;
}
