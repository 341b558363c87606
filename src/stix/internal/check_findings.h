#pragma once
// Gathering what is wrong with one object.
#include "stix/check.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#ifdef ENTENTE_MUTANTS
#include "rule.h"  // tests/mutants: a Rule that knows the line that found it, for `scripts/soak rules`
#endif

namespace entente::stix::internal {

#ifndef ENTENTE_MUTANTS
/// What is broken: an item of the standard or of the reference checker (S34, V12).
using Rule = std::string_view;

/// Only builds that look for rules without a test take findings away.
constexpr bool taken_away(Rule, std::uint16_t) {
    return false;
}
#endif

/// A place in an object: a property or element, and the place that it is in. Lives on the stack of
/// the walk, so that sound objects cost no pointers.
struct Where {
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

    const Where* up = nullptr;
    std::string_view name = {};  // between its quotes, as in the text
    std::size_t index = no_index;

    [[nodiscard]] Where operator/(std::string_view property) const noexcept {
        return {this, property, no_index};
    }

    [[nodiscard]] Where operator[](std::size_t element) const noexcept {
        return {this, {}, element};
    }
};

/// RFC 6901; names longer than STIX allows are cut.
[[nodiscard]] std::string pointer_to(const Where& where);

/// A JSON value as a message may show it.
[[nodiscard]] std::string shown(std::string_view value);

class Findings {
  public:
    /// Begins with the next object.
    void begin(bool should) noexcept {
        all_.clear();
        should_ = should;
        left_out_must_ = left_out_should_ = recommended_ = 0;
    }

    /// The object is done: where something was left out, the last finding says so.
    void finish();

    /// Are recommendations looked for?
    [[nodiscard]] bool should() const noexcept { return should_; }

    /// A MUST that is broken.
    void must(Rule rule, const Where& where, std::initializer_list<std::string_view> message);

    /// A SHOULD that is not followed; `code` as the reference checker has it, or 0. Does nothing
    /// unless `should()`.
    void recommend(
        std::uint16_t code,
        Rule rule,
        const Where& where,
        std::initializer_list<std::string_view> message
    );

    /// With a pointer that is text already.
    void must_at(Rule rule, std::string pointer, std::string message);

    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

    [[nodiscard]] const std::vector<Finding>& all() const noexcept { return all_; }

  private:
    /// Is there room for one more? If not, counts it. Recommendations get half of the room, so that
    /// they cannot hide what is wrong.
    [[nodiscard]] bool room(Level level) noexcept;

    std::vector<Finding> all_;
    bool should_ = true;
    std::size_t recommended_ = 0;  // of those kept
    std::size_t left_out_must_ = 0;
    std::size_t left_out_should_ = 0;
};

}  // namespace entente::stix::internal
