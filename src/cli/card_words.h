#pragma once
// Cards of parties as commands read and show them.
#include "agreement/card.h"
#include "cli/context.h"

#include <boost/json/object.hpp>

#include <string>

namespace entente::cli {

/// The card in a file ("-" = standard input). Fails: as `read_small` and `agreement::read_card`,
/// with the file before the detail.
[[nodiscard]] Result<agreement::SignedCard> read_card_from(const std::string& source);

[[nodiscard]] boost::json::object card_json(const agreement::SignedCard& card);

/// For people: one field a line.
void show_card(const agreement::SignedCard& card, Context& context);

}  // namespace entente::cli
