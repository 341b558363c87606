#pragma once
// The names under which people know findings: public numbers and names of the reference checker's
// SHOULD checks, and what each rule is about.
#include "base/result.h"
#include "stix/check.h"

#include <bitset>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// The name of the check with this public number, such as "extensions-use"; "" if there is none.
[[nodiscard]] std::string_view check_name(std::uint16_t code) noexcept;

/// What the rule is about, in a few words with the section of the standard; "" if it is unknown.
[[nodiscard]] std::string_view rule_title(std::string_view rule) noexcept;

/// Findings that the user does not want to hear of.
class Ignored {
  public:
    /// Each word, or each part of it between commas, is a number of a check (401), a group of them
    /// (1 = all 1xx, 2 = all 2xx, 210 = all vocabularies, 270 = all external sources), the name of
    /// a check or group (extensions-use), or a rule (S34). Fails: invalid_argument.
    [[nodiscard]] static Result<Ignored> read(const std::vector<std::string>& words);

    [[nodiscard]] bool has(const stix::Finding& finding) const {
        return codes_[finding.code % codes_.size()] ||
               (!rules_.empty() && rules_.contains(finding.rule));
    }

    [[nodiscard]] bool empty() const noexcept { return codes_.none() && rules_.empty(); }

  private:
    [[nodiscard]] bool add(std::string_view word);
    [[nodiscard]] bool add_code(unsigned number);
    void add_range(unsigned first, unsigned last);

    std::bitset<1'000> codes_;  // never 0, which no check has
    std::set<std::string, std::less<>> rules_;
};

}  // namespace entente::cli
