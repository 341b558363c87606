#pragma once
// Which ids were met, in bounded memory: 16 bytes each, keyed so that nobody can prepare two texts
// that look the same.
#include "base/random.h"
#include "base/table_hash.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::cli {

/// Stands for a text; two texts have the same with no chance that matters.
using Fingerprint = std::array<std::uint64_t, 2>;

class Fingerprints {
  public:
    explicit Fingerprints(Random& random);
    [[nodiscard]] Fingerprint of(std::string_view text) const noexcept;
    /// Of both texts, told apart from any other way to cut them.
    [[nodiscard]] Fingerprint of(std::string_view first, std::string_view second);

  private:
    TableKey key_{};
    std::string joined_;
};

/// A set of at most `max` fingerprints; those that come later are only looked up.
/// Memory: 32 to 64 bytes for two of them (a table at most three quarters full).
class FingerprintSet {
  public:
    explicit FingerprintSet(std::size_t max) : max_(max) {}

    enum class Added : std::uint8_t { yes, was_there, full };
    [[nodiscard]] Added add(Fingerprint print);
    [[nodiscard]] bool has(Fingerprint print) const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void clear();

  private:
    [[nodiscard]] std::size_t slot_of(Fingerprint print) const noexcept;
    void grow();

    std::size_t max_;
    std::size_t size_ = 0;
    std::vector<Fingerprint> slots_;  // a power of two of them; {0, 0} = free
};

/// Where an object was found.
struct FoundAt {
    std::size_t file = 0;    // index of the input
    std::uint64_t byte = 0;  // of the decoded text, from 0
    std::uint64_t line = 0;  // from 1
};

/// References that no object met so far answers.
class OpenReferences {
  public:
    struct Reference {
        std::string target;
        std::string type;     // of the object that refers first
        std::string id;       // its id
        std::string pointer;  // the place in it
        FoundAt at;
        std::uint64_t count = 0;  // references to the target
    };

    /// `ids_max` ids and `open_max` open targets are kept.
    OpenReferences(Random& random, std::size_t ids_max, std::size_t open_max)
        : prints_(random),
          known_(ids_max),
          open_max_(open_max) {}

    /// An object with this id is there.
    void is_there(std::string_view id);

    /// True when `target` was not met yet and is new here: `first_seen` then has to be called.
    [[nodiscard]] bool refers(std::string_view target);
    void first_seen(Reference reference);

    /// What is still open, by file, byte and pointer.
    [[nodiscard]] std::vector<Reference> unanswered() const;

    /// References or ids that could not be followed because a limit was reached.
    [[nodiscard]] std::uint64_t not_followed() const noexcept { return not_followed_; }

    /// True when more ids came than are kept; what is open then proves nothing.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  private:
    struct Hash {
        std::size_t operator()(const Fingerprint& print) const noexcept { return print[0]; }
    };

    Fingerprints prints_;
    FingerprintSet known_;
    std::unordered_map<Fingerprint, Reference, Hash> open_;
    std::size_t open_max_;
    std::uint64_t not_followed_ = 0;
    bool overflowed_ = false;
};

}  // namespace entente::cli
