#pragma once
// Walking a JSON text without building it: values stay slices of the text, so that what is kept is
// byte for byte what came (numbers and escapes included).
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::formats::internal {

struct Member {
    std::string name;        // unescaped
    std::string_view value;  // raw, without white space around it
};

/// Fails `malformed` unless `text` is one JSON value in UTF-8, nested at most `depth_max` deep.
/// Names the byte.
[[nodiscard]] Result<void> check_json(std::string_view text, std::size_t depth_max);

// REQUIRES for all: the text, or one it is a slice of, passed `check_json`.

/// The members of an object. Fails: unprocessable when it is none, or when a name occurs twice.
[[nodiscard]] Result<std::vector<Member>> members_of(std::string_view object);
/// The elements of an array. Fails: unprocessable when it is none.
[[nodiscard]] Result<std::vector<std::string_view>> elements_of(std::string_view array);
/// The value of a name; nothing if absent.
[[nodiscard]] std::optional<std::string_view> find(
    const std::vector<Member>& members, std::string_view name
);
/// A string, unescaped; nothing if it is none.
[[nodiscard]] std::optional<std::string> string_of(std::string_view value);
[[nodiscard]] std::optional<bool> bool_of(std::string_view value);
/// A whole number that fits; nothing otherwise.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view value);

}  // namespace entente::formats::internal
