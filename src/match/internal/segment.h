#pragma once
// Very many access predicates as one immutable table: a split-block Bloom filter before
// fingerprints before full constants, and small structures for what is no constant.
#include "match/internal/access.h"
#include "match/internal/hash.h"
#include "match/validity.h"
#include "pattern/prepared.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::match {

/// A pattern that is more than one condition on one value.
struct Whole {
    pattern::Prepared pattern;
    std::vector<std::vector<Access>> accesses;  // of each expression in brackets
};

/// What a condition leads to: an indicator (the condition decides), or an expression in brackets of
/// a Whole that must still be judged.
class Target {
  public:
    static constexpr std::uint32_t number_max = (1U << 30U) - 1;

    static Target indicator(std::uint32_t row) { return Target(row); }

    static Target expression(std::uint32_t number) { return Target(number | 1U << 31U); }

    [[nodiscard]] bool is_expression() const noexcept { return (word_ >> 31U) != 0; }

    [[nodiscard]] std::uint32_t number() const noexcept { return word_ & number_max; }

    [[nodiscard]] std::uint32_t word() const noexcept { return word_; }

    explicit Target(std::uint32_t word) : word_(word) {}

  private:
    std::uint32_t word_;
};

/// A value of an event as the table wants it.
struct Probe {
    std::uint64_t hash = 0;
    std::uint32_t fact = 0;  // of which it comes
    PathId path = 0;
    KeyKind kind = KeyKind::text;
    std::string_view bytes;
};

[[nodiscard]] inline std::uint64_t key_hash(
    const KeyedHash& hash, PathId path, KeyKind kind, std::string_view bytes
) {
    return hash(static_cast<std::uint64_t>(path) << 8U | static_cast<std::uint64_t>(kind), bytes);
}

/// Indicators on their way into a segment. Threads: one at a time.
class Draft {
  public:
    explicit Draft(const KeyedHash& hash) : hash_(hash) {}

    struct Row {
        std::uint64_t key = 0;
        Validity validity;
        std::shared_ptr<const Whole> whole;  // null: conditions decide
        bool dead = false;
    };

    /// Returns the row. REQUIRES: room() holds.
    std::uint32_t add(std::uint64_t key, Validity validity, const std::vector<Access>& any_of);
    std::uint32_t add(std::uint64_t key, Validity validity, std::shared_ptr<const Whole> whole);

    [[nodiscard]] bool room(std::size_t bytes) const noexcept;

    /// Only what was added after the first `rows` rows.
    [[nodiscard]] Draft after(std::uint32_t rows) const;

    void kill(std::uint32_t row) { rows_[row].dead = true; }

    [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }

    /// Takes over what `segment` holds, but rows of which `gone` says so.
    void add_from(const class Segment& segment, const std::vector<std::uint64_t>& gone);

  private:
    friend class Segment;

    struct Entry {
        std::uint64_t hash;
        std::uint64_t at;  // in bytes_
        std::uint32_t size;
        std::uint32_t row;
    };

    struct Other {
        Access access;
        std::uint32_t row;
    };

    void add_key(PathId path, KeyKind kind, std::string_view bytes, std::uint32_t row);

    KeyedHash hash_;
    std::vector<Row> rows_;
    std::vector<Entry> entries_;
    std::string bytes_;
    std::vector<Other> others_;
};

/// Threads: safe, it never changes.
class Segment {
  public:
    /// Rows in the order of their keys, without the dead.
    Segment(const Draft& draft, const KeyedHash& hash);

    /// A row that may be hit, or an expression that may hold.
    struct Found {
        Target target;
        std::uint32_t fact;
    };

    // ---- Constants.

    /// Block lengths that constants of a path have, for look-ups by prefix.
    struct PathLook {
        bool keys = false;  // some constant
        bool suffixes = false;
        bool pieces4 = false;  // pieces of this length to look for
        bool pieces8 = false;
        bool others = false;          // ranges, covers, presence
        std::uint64_t lengths4 = 0;   // bit n: blocks of n bits
        std::bitset<129> lengths6{};  // likewise

        [[nodiscard]] bool blocks() const noexcept { return lengths4 != 0 || lengths6.any(); }
    };

    [[nodiscard]] const PathLook& look(PathId path) const noexcept {
        return path < looks_.size() ? looks_[path] : nothing_;
    }

    /// Lengths of blocks of IPv4 addresses that may hold `address`; where there are many blocks, 0
    /// for most addresses.
    [[nodiscard]] std::uint64_t lengths4(PathId path, std::uint32_t address) const noexcept {
        const bool known = path < tops4_.size() && tops4_[path];
        return known && !tops4_[path]->holds(address >> 16U) ? 0 : look(path).lengths4;
    }

    /// Those of `probes` that stand in the table, in `found`.
    void probe(const std::vector<Probe>& probes, std::vector<Found>& found) const;

    // ---- What is no constant. Each takes from `lookups` what it costs and is false when that was
    // not enough.

    [[nodiscard]] bool present(
        PathId path, std::uint32_t fact, std::size_t& lookups, std::vector<Found>& found
    ) const;
    [[nodiscard]] bool number(
        PathId path,
        long double value,
        std::uint32_t fact,
        std::size_t& lookups,
        std::vector<Found>& found
    ) const;
    [[nodiscard]] bool cover(
        PathId path,
        const pattern::AddressBlock& value,
        std::uint32_t fact,
        std::size_t& lookups,
        std::vector<Found>& found
    ) const;
    /// `text` is in normal form C.
    [[nodiscard]] bool pieces(
        PathId path,
        std::string_view text,
        std::uint32_t fact,
        std::size_t& lookups,
        std::vector<Found>& found
    ) const;

    [[nodiscard]] bool has_covers(PathId path) const noexcept {
        return !others_[path]->covers.empty();
    }

    // ---- Rows.

    [[nodiscard]] std::size_t rows() const noexcept { return keys_.size(); }

    [[nodiscard]] std::uint64_t key(std::uint32_t row) const { return keys_[row]; }

    [[nodiscard]] Validity validity(std::uint32_t row) const {
        return validities_.empty() ? Validity{} : validities_[row];
    }

    [[nodiscard]] std::optional<std::uint32_t> row(std::uint64_t key) const;

    struct ExpressionOf {
        std::uint32_t row = 0;
        std::uint32_t which = 0;  // of the pattern's expressions
        std::shared_ptr<const Whole> whole;
    };

    [[nodiscard]] const std::vector<ExpressionOf>& expressions() const noexcept {
        return expressions_;
    }

    /// Bytes of memory, without those of constants' texts, which `text_bytes` tells.
    [[nodiscard]] std::size_t memory_bytes() const;

    [[nodiscard]] std::size_t text_bytes() const noexcept;

  private:
    friend class Draft;

    struct Block {
        alignas(32) std::array<std::uint32_t, 8> words{};
    };

    struct Slot {
        std::uint32_t print = 0;
        std::uint32_t constant = 0;  // + 1; 0 = free
    };

    struct Constant {
        std::uint32_t at = 0;      // in bytes_; ends where the next begins
        std::uint32_t target = 0;  // a Target, or with bit 30 set a place in lists_
    };

    struct Range {
        long double bound;
        std::uint32_t target;
    };

    struct Cover {
        pattern::AddressBlock block;
        std::uint32_t target;
    };

    struct Piece {
        std::uint32_t at = 0, size = 0;  // in pieces_text_
        std::uint32_t gram = 0;          // where in it the gram stands
        PathId path = 0;
        std::uint32_t target = 0;
    };

    struct Others {
        std::vector<Range> at_least, at_most;  // by bound
        std::vector<Cover> covers;             // by address
        std::vector<std::uint32_t> present;    // targets
    };

    static constexpr std::uint32_t list_bit = 1U << 30U;

    void place_constants(
        std::string_view first, std::string_view second, std::vector<Draft::Entry> entries
    );
    void place_constant(
        std::string_view bytes, std::uint64_t hash, const std::vector<std::uint32_t>& targets
    );
    void place_others(std::vector<Draft::Other> others);
    void place_pieces(const std::vector<const Draft::Other*>& pieces);
    void add_target(std::uint32_t word, std::uint32_t fact, std::vector<Found>& found) const;
    PathLook& look_for(PathId path);
    void place_tops();
    Others& others_for(PathId path);
    [[nodiscard]] std::string_view constant_bytes(std::uint32_t constant) const;
    [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept;
    void admit(std::uint64_t hash) noexcept;

    static const PathLook nothing_;
    KeyedHash hash_;

    /// The first 16 bits of all addresses that lie in some block.
    struct Tops {
        std::array<std::uint64_t, 1024> words{};

        [[nodiscard]] bool holds(std::uint32_t top) const noexcept {
            return (words[top / 64] >> (top % 64) & 1U) != 0;
        }
    };

    std::vector<PathLook> looks_;
    std::vector<std::unique_ptr<Tops>> tops4_;  // by path, where it has many such blocks
    std::vector<Block> filter_;
    std::vector<Slot> slots_;          // from where a hash is spread to, to the next free one
    std::size_t spread_ = 0;           // over so many of them
    std::vector<Constant> constants_;  // and one more for the end
    std::string bytes_;
    std::vector<std::uint32_t> lists_;             // a count and so many Targets
    std::vector<std::unique_ptr<Others>> others_;  // by path
    std::vector<std::uint64_t> gram_bits_;
    boost::unordered_flat_map<std::uint64_t, std::vector<Piece>> grams_;
    std::string pieces_text_;
    std::vector<std::uint64_t> keys_;
    std::vector<Validity> validities_;
    std::vector<ExpressionOf> expressions_;
};

}  // namespace entente::match
