// Arbitrary bytes as a signed note, a statement about keys (with signatures or without), a key in
// text and the file of a secret key. What is accepted has one spelling and comes back the same; an
// unsigned note is nobody's.
#include "base/assert.h"
#include "ledger/certificate.h"
#include "ledger/key_file.h"
#include "ledger/note.h"

#include <array>
#include <cstddef>
#include <cstdint>

using namespace entente::ledger;

namespace {

const Signer& our_key() {
    static const Signer key =
        Signer::from_seed("north.example/entente", std::array<std::uint8_t, 32>{1}).value();
    return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (auto note = parse_note(text)) {
        ENTENTE_ASSERT(note_bytes(*note) == text);
        const Verifier known[] = {our_key().verifier()};
        (void)verify_note(*note, known);
        if (sign_note(*note, our_key())) {
            const auto again = parse_note(note_bytes(*note));
            ENTENTE_ASSERT(again && again->text == note->text);
            const auto signers = verify_note(*again, known);
            ENTENTE_ASSERT(signers && signers->size() == 1);
        }
    }
    if (const auto statement = read_key_statement(text)) {
        ENTENTE_ASSERT(key_statement_text(*statement) == text);
        ENTENTE_ASSERT(!describe(*statement).empty());
    }
    if (const auto verified = verify_key_statement(text)) {
        const auto note = parse_note(text);
        ENTENTE_ASSERT(note && key_statement_text(*verified) == note->text);
    }
    if (const auto verifier = verifier_of(text)) {
        ENTENTE_ASSERT(verifier_text(*verifier) == text);
    }
    if (const auto head = read_key_file_head(text); head && !head->encrypted) {
        if (const auto signer = read_key_file(text, {})) {
            ENTENTE_ASSERT(signer->verifier() == head->verifier);
        }
    }
    return 0;
}
