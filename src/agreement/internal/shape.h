#pragma once
// Whether a JSON document has the shape that the table of terms gives to agreements.
#include "agreement/internal/terms_table.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement::internal {

/// What is wrong with a document, at most limits::agreement_findings_max of it.
class Findings {
  public:
    void add(std::string_view pointer, std::string_view text);

    [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }

    /// Further ones are dropped: whoever looks for them may stop.
    [[nodiscard]] bool full() const noexcept;
    /// "POINTER: TEXT", joined by "; ".
    [[nodiscard]] std::string detail() const;

  private:
    std::vector<std::string> lines_;
};

/// `pointer` with one more step (RFC 6901); a name from outside is made printable and cut.
[[nodiscard]] std::string step(std::string_view pointer, std::string_view name);
[[nodiscard]] std::string step(std::string_view pointer, std::size_t index);

/// Every key is known, every value of its kind, none missing that is required. Time: linear in the
/// document but for the names that are compared with an unknown one.
void check_shape(const boost::json::object& document, Findings& findings);

/// REQUIRES: `canonical` is JSON in RFC 8785 form.
[[nodiscard]] boost::json::value parse_canonical(std::string_view canonical);

/// Sets what holds for each key that was left out. REQUIRES: `check_shape` found nothing.
void complete(boost::json::object& document);
/// The keys of a document that was read, with what holds for those that were left out.
[[nodiscard]] boost::json::object completed(std::string_view canonical);

}  // namespace entente::agreement::internal
