#pragma once
// What parties hand each other about agreements, as files: documents, signed notes, and packs of
// all that is known of an agreement (docs/formats.md).
#include "agreement/document.h"
#include "agreement/life.h"
#include "base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// One document, signature or statement.
struct Paper {
    agreement::Record::Kind kind = agreement::Record::Kind::document;
    std::string agreement;  // id of the agreement that it is of
    std::string body;       // of a document: its canonical form
};

/// "document", "signature", "statement".
[[nodiscard]] std::string_view kind_name(agreement::Record::Kind kind) noexcept;

/// What is in a text: a document, a signed note about an agreement, or a pack, whose records keep
/// their order. No signature is checked. Fails: as `agreement::read_document`,
/// `ledger::parse_note`, `agreement::read_signed_text` and `agreement::read_statement`, in a pack
/// with the record's JSON pointer before the detail; malformed: cut off, no JSON, neither of the
/// three; unprocessable: no such pack; too_large: limits::object_bytes_max,
/// limits::agreement_records_max.
[[nodiscard]] Result<std::vector<Paper>> read_papers(std::string_view text);

/// The same of a file ("-" = standard input), with its name before the detail. Fails: also as
/// `read_small`.
[[nodiscard]] Result<std::vector<Paper>> read_papers_from(const std::string& path);

/// A pack of these. Fails too_large: limits::object_bytes_max.
[[nodiscard]] Result<std::string> pack_text(std::span<const Paper> papers);

/// One line that says what a paper is: `version 2 of "…"`, `signature of version 2 (Jane Doe,
/// CISO)`, `suspend (reason)`.
[[nodiscard]] std::string describe(const Paper& paper);

}  // namespace entente::cli
