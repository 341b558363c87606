#pragma once
// The JSON schema of agreements, and a layout of JSON that people can read.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace entente::agreement::internal {

/// JSON schema (draft 2020-12) of a document, from the table of terms. It refuses nothing that
/// `read_document` takes; what only that sees is named in the schema's `$comment`.
[[nodiscard]] boost::json::object schema();

/// `value` on several lines, two blanks for each level; what fits stands on one line.
[[nodiscard]] std::string laid_out(const boost::json::value& value);

}  // namespace entente::agreement::internal
