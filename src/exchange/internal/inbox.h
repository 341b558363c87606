#pragma once
// Agreements that partners' nodes post to a collection that takes them: their records are taken as
// `entente agreement receive` takes them, as far as that needs nobody's decision.
#include "exchange/internal/publish_job.h"
#include "exchange/internal/write_state.h"

#include <map>
#include <string>
#include <vector>

namespace entente::exchange {

/// What one object brings, read before the store is asked.
struct PostedAgreement {
    struct Paper {
        store::AgreementRecord::Kind kind = store::AgreementRecord::Kind::document;
        std::string body;
        std::string digest;  // hex, of the body
        std::string
            document;  // of a signature: the hex digest of what it signs; of a document: its own
    };

    std::size_t candidate = 0;  // its place in the request
    std::string agreement;
    std::vector<agreement::Document> documents;
    std::vector<Paper> papers;  // in an order in which they can be taken
};

/// Takes the agreements out of a request to a collection that takes them: their candidates have
/// their outcome when this returns, or when `take_posted` does, and are stored nowhere.
[[nodiscard]] std::vector<PostedAgreement> read_posted(std::vector<Candidate>& candidates);

/// Takes what counts, inside the writer's transaction, and fills the outcomes. Who posts an
/// agreement must be of a party of it, as the node's own party is; what is new and unsigned is left
/// aside. True when something was taken: the directory has changed.
bool take_posted(
    WriteState& state,
    const Clock& clock,
    const store::User& user,
    const std::vector<PostedAgreement>& posted,
    std::vector<Candidate>& candidates
);

}  // namespace entente::exchange
