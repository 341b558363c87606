#pragma once
// Parts of patterns in canonical spelling, appended to a text.
#include "pattern/pattern.h"

namespace entente::pattern {

/// Names that a path can hold bare: identifiers without hyphen that are no words of the language.
[[nodiscard]] bool is_bare(std::string_view name);
[[nodiscard]] std::string_view operator_name(Op op);
void print_step(std::string& out, const PathStep& step, bool first);
void print_path(std::string& out, const Path& path);
void print_literal(std::string& out, const Literal& literal);

}  // namespace entente::pattern
