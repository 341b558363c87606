#pragma once
// Names under which others register domains (publicsuffix.org): blocking one blocks them all. Pure.
#include "base/result.h"

#include <string>
#include <string_view>
#include <unordered_set>

namespace entente::feed {

/// Names, asked for each label from the left on.
using NameSet = std::unordered_set<std::string>;

class PublicSuffixes {
  public:
    /// Reads the list in its published form: one rule a line, `*.` for any label, `!` for an
    /// exception, `//` before comments; of both divisions, for what somebody lets others use is not
    /// one domain either. Lines that are no rule are passed over. Fails: malformed, when there is
    /// no rule.
    [[nodiscard]] static Result<PublicSuffixes> read(std::string_view text);

    /// `domain` is a suffix by the published algorithm: the longest rule takes all its labels. What
    /// no rule names is one when it has a single label. REQUIRES: the spelling of `Value`.
    [[nodiscard]] bool is_suffix(std::string_view domain) const;

    [[nodiscard]] std::size_t size() const noexcept {
        return rules_.size() + wildcards_.size() + exceptions_.size();
    }

  private:
    NameSet rules_;
    NameSet wildcards_;   // without `*.`
    NameSet exceptions_;  // without `!`
};

}  // namespace entente::feed
