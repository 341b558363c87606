#include "cli/file_kind.h"

#include <algorithm>

namespace entente::cli {
namespace {

/// What it is and what reads it, for people.
std::string_view words(FileKind kind) noexcept {
    switch (kind) {
        case FileKind::unknown:
            return "";
        case FileKind::key:
            return "it is a key file, which nobody else should have; see: entente key show";
        case FileKind::key_statement:
            return "it is a statement about a key; see: entente key show, entente party add";
        case FileKind::card:
            return "it is a party card; see: entente party show, entente party add";
        case FileKind::agreement:
            return "it is an agreement; see: entente agreement show";
        case FileKind::agreement_note:
            return "it is a note about an agreement; see: entente agreement add";
        case FileKind::pack:
            return "it is a pack of an agreement; see: entente agreement show, entente agreement "
                   "receive";
    }
    return "";
}

}  // namespace

FileKind kind_of(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    if (text.starts_with("entente-key/") || text.starts_with("entente-key-plain/"))
        return FileKind::key;
    if (text.starts_with("entente-key-")) return FileKind::key_statement;
    if (text.starts_with("entente-agreement")) return FileKind::agreement_note;
    if (!text.starts_with('{')) return FileKind::unknown;
    // JSON names its schema anywhere; a pack holds agreements.
    const auto has = [&](std::string_view schema) {
        return text.find(schema) != std::string_view::npos;
    };
    if (has("\"entente-pack/1\"")) return FileKind::pack;
    if (has("\"entente-card/1\"")) return FileKind::card;
    if (has("\"entente-agreement/1\"")) return FileKind::agreement;
    return FileKind::unknown;
}

Error with_kind(Error error, std::string_view text, std::initializer_list<FileKind> expected) {
    const FileKind kind = kind_of(text);
    if (kind == FileKind::unknown || std::ranges::find(expected, kind) != expected.end())
        return error;
    error.detail += "; ";
    error.detail += words(kind);
    return error;
}

}  // namespace entente::cli
