#pragma once
// For tests and fuzzing: reads texts by both ways of making the canonical form and tells how they
// differ. They never may: a text that one part of the program reads differently than another does
// is a hole.
#include "stix/internal/canonical.h"

#include <string>
#include <string_view>
#include <vector>

namespace entente::stix::internal {

/// Readers are kept from text to text, as where they are used. Threads: one at a time.
class CanonicalTwins {
  public:
    /// What differs; empty when nothing does.
    [[nodiscard]] std::string difference(std::string_view text) {
        // Without a byte behind it that a reader could look at by mistake.
        const std::vector<char> exact(text.begin(), text.end());
        const std::string_view json{exact.data(), exact.size()};
        ++texts_;
        for (const auto parts : {Canonical::Parts::all, Canonical::Parts::no_body}) {
            std::string found = compare(json, parts);
            if (!found.empty()) return found;
        }
        if (!quick_.read(json, properties_)) return {};
        ++quick_texts_;
        return quick_.text() == strict_.text() ? "" : "the quick reader alone: another text";
    }

    [[nodiscard]] std::size_t texts() const noexcept { return texts_; }

    /// Of these what the quick reader took.
    [[nodiscard]] std::size_t quick_texts() const noexcept { return quick_texts_; }

  private:
    [[nodiscard]] std::string compare(std::string_view json, Canonical::Parts parts) {
        const auto one = reader_.read(json, parts);
        const auto other = strict_.read_strictly(json, parts);
        if (one.has_value() != other.has_value())
            return other ? "refused: " + one.error().detail : "taken: " + other.error().detail;
        if (!other) {
            const bool same = one.error().code == other.error().code &&
                              one.error().detail == other.error().detail;
            return same ? "" : "another error: " + one.error().detail;
        }
        if (reader_.text() != strict_.text()) return "another text: " + std::string(reader_.text());
        if (reader_.body() != strict_.body()) return "another body: " + reader_.body();
        if (reader_.is_object() != strict_.is_object()) return "one is an object";
        return compare_properties();
    }

    [[nodiscard]] std::string compare_properties() const {
        const auto ours = reader_.properties();
        const auto theirs = strict_.properties();
        if (ours.size() != theirs.size()) return "another number of properties";
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const Property& a = ours[i];
            const Property& b = theirs[i];
            if (a.name != b.name || a.value != b.value || a.name_escaped != b.name_escaped)
                return "another property: " + std::string(a.name);
            if (!a.value_escaped && a.value.find('\\') != std::string_view::npos)
                return "escapes are hidden: " + std::string(a.name);
            // They must lie in the text that was made, not in one that is gone.
            const char* const from = reader_.text().data();
            const char* const to = from + reader_.text().size();
            if (a.value.data() < from || a.value.data() + a.value.size() > to)
                return "a property lies elsewhere: " + std::string(a.name);
        }
        return {};
    }

    Canonical reader_;
    Canonical strict_;
    QuickCanonical quick_;
    std::vector<Property> properties_;
    std::size_t texts_ = 0;
    std::size_t quick_texts_ = 0;
};

}  // namespace entente::stix::internal
