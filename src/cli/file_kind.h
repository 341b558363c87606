#pragma once
// Which of Entente's own files a text is: for errors, when a command was given another one's file.
#include "base/result.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace entente::cli {

enum class FileKind : std::uint8_t {
    unknown,
    key,
    key_statement,
    card,
    agreement,
    agreement_note,
    pack
};

/// By its first words; whether it is sound is not looked at.
[[nodiscard]] FileKind kind_of(std::string_view text) noexcept;

/// `error` of reading `text`, which should have been one of `expected`. When it is another of ours,
/// the words say which, and what reads it.
[[nodiscard]] Error with_kind(
    Error error, std::string_view text, std::initializer_list<FileKind> expected
);

}  // namespace entente::cli
