#pragma once
// Answers without entries, kept by the request that got them.
#include "base/digest_table.h"
#include "base/outgoing.h"
#include "exchange/exchange.h"
#include "http/http.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <memory>
#include <mutex>
#include <optional>

namespace entente::taxii {

/// 1. A key tells everything of a request that its answer depends on: path, query, credentials and
/// Accept. It is a keyed hash with a key of this process alone, so no credential is kept.
/// 2. What is kept says nothing by itself: whoever finds it asks the exchange whether it still
/// holds. Threads: safe.
class KeptAnswers {
  public:
    struct Kept {
        exchange::NothingNew nothing;
        Outgoing body;
    };

    KeptAnswers();

    /// Nothing for requests whose answers are not kept: other methods than GET, and credentials
    /// that are not one Authorization field.
    [[nodiscard]] std::optional<Digest> key_of(const http::Head& head) const;
    /// Null when there is none.
    [[nodiscard]] std::shared_ptr<const Kept> find(const Digest& key) const;
    /// Of limits::kept_answers_max any one goes.
    void put(const Digest& key, Kept kept);

  private:
    Key key_{};
    mutable std::mutex mutex_;  // guards answers_
    // Shared: with the requests that found them.
    boost::unordered_flat_map<Digest, std::shared_ptr<const Kept>, DigestHash, SecretDigestEqual>
        answers_;
};

}  // namespace entente::taxii
