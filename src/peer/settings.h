#pragma once
// How a partner's node is reached, as texts: what the store keeps, and what a file that only the
// node's owner may read keeps beside it.
#include "base/result.h"
#include "store/rows.h"
#include "taxii/client/way.h"

#include <string>
#include <string_view>

namespace entente::peer {

/// Everything but the URL, as JSON. Holds no secret.
[[nodiscard]] std::string settings_text(const taxii::client::Way& way);
/// Fails corrupt.
[[nodiscard]] Result<taxii::client::Way> read_way(const store::Peer& peer);

/// What is shown to the server, as JSON: secret.
[[nodiscard]] std::string credentials_text(const taxii::client::Credentials& credentials);
/// Fails corrupt; the detail holds nothing of the text.
[[nodiscard]] Result<taxii::client::Credentials> read_credentials(std::string_view text);

}  // namespace entente::peer
