// Reads arbitrary bytes as an agreement, as the text that is signed and as the STIX object that
// carries agreements. What is read must come back the same from its canonical form and from the
// form that people read, must not differ from itself, and must be told in words.
#include "agreement/diff.h"
#include "agreement/document.h"
#include "agreement/prose.h"
#include "agreement/stix_object.h"
#include "base/assert.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace entente;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto read = agreement::read_signed_text(text))
        ENTENTE_ASSERT(agreement::signed_text(*read) == text);
    (void)agreement::from_stix(text);
    const auto document = agreement::read_document(text);
    if (!document) {
        ENTENTE_ASSERT(!document.error().detail.empty());
        return 0;
    }
    for (const std::string& form : {document->canonical, agreement::readable_json(*document)}) {
        const auto again = agreement::read_document(form);
        ENTENTE_ASSERT(again && again->canonical == document->canonical);
        ENTENTE_ASSERT(again->id == document->id && again->digest == document->digest);
    }
    const agreement::Diff none = agreement::diff(*document, *document);
    ENTENTE_ASSERT(none.differences.empty() && none.widened.empty());
    ENTENTE_ASSERT(!agreement::prose(*document).empty());
    return 0;
}
