#pragma once
// Lists of what is probably no threat, in the form in which MISP publishes its warning lists:
// https://github.com/MISP/misp-warninglists, schema.json. Pure.
#include "base/result.h"
#include "feed/address_set.h"
#include "feed/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::feed {

/// Some lists. Threads: safe to ask at once.
class WarningLists {
  public:
    WarningLists();
    ~WarningLists();
    WarningLists(WarningLists&&) noexcept;
    WarningLists& operator=(WarningLists&&) noexcept;

    /// Reads one list: an object with `name`, `type` (string, substring, hostname, cidr, regex) and
    /// `list`. Entries that are not of the type are passed over. Fails malformed, unprocessable (a
    /// type that is not known, an expression that cannot be compiled), too_large
    /// (limits::warning_list_entries_max of all lists together). Gives its name, which may be
    /// empty; it lives as long as the lists.
    [[nodiscard]] Result<std::string_view> add(std::string_view json);

    /// The name of the first list that has the value: as a `string` in either case, a url also by
    /// its host; a `hostname` or a name below one; a `substring` of it; an address in a `cidr`, or
    /// a network that has one in common with it; a `regex` that matches, or that has not said so
    /// within a bound of steps.
    /// Lives as long as the lists.
    [[nodiscard]] std::optional<std::string_view> hit(const Value& value) const;

    [[nodiscard]] std::size_t size() const noexcept;

    /// Of all lists together.
    [[nodiscard]] std::size_t entries() const noexcept { return entries_; }

  private:
    struct List;
    std::vector<std::unique_ptr<List>> lists_;
    std::size_t entries_ = 0;
};

}  // namespace entente::feed
