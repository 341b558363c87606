#include "match/internal/segment.h"

#include "base/assert.h"
#include "base/limits.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <numeric>

namespace entente::match {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t prefix_bytes = 3;  // path and kind before each constant
constexpr std::size_t entries_max = 1U << 29U;
constexpr std::size_t filter_bits_per_constant = 16;
constexpr std::size_t row_lookups = 1;
constexpr std::uint32_t tops_blocks_min = 32;

/// `hash` spread over `size` places, rising with it.
std::size_t spread(std::uint64_t hash, std::size_t size) noexcept {
    return static_cast<std::size_t>((static_cast<Wide>(hash) * size) >> 64U);
}

bool spend(std::size_t& lookups, std::size_t cost) noexcept {
    if (cost > lookups) {
        lookups = 0;
        return false;
    }
    lookups -= cost;
    return true;
}

// Odd numbers of the split-block Bloom filter (Apache Parquet's format specification).
constexpr std::array<std::uint32_t, 8> salts{
    0x47b6137bU,
    0x44974d91U,
    0x8824ad5bU,
    0xa2b7289dU,
    0x705495c7U,
    0x2df1424bU,
    0x9efc4947U,
    0x5c6bfb31U};

std::uint64_t gram_of(const char* at, bool eight) noexcept {
    std::uint64_t gram = 0;
    std::memcpy(&gram, at, eight ? 8 : 4);
    return eight ? gram : gram ^ 0x8000'0001'0000'0000ULL;
}

std::uint64_t mixed(std::uint64_t gram, PathId path) noexcept {
    std::uint64_t h = (gram ^ (static_cast<std::uint64_t>(path) << 40U)) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 29U;
    return h * 0xbf58476d1ce4e5b9ULL;
}

bool address_less(const pattern::AddressBlock& a, const pattern::AddressBlock& b) noexcept {
    if (a.v6 != b.v6) return b.v6;
    return std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) < 0;
}

}  // namespace

// ---- Draft

bool Draft::room(std::size_t bytes) const noexcept {
    return rows_.size() < std::min<std::size_t>(limits::match_indicators_max, Target::number_max) &&
           entries_.size() + limits::match_accesses_max < entries_max &&
           bytes_.size() + bytes < limits::match_text_bytes_max;
}

void Draft::add_key(PathId path, KeyKind kind, std::string_view bytes, std::uint32_t row) {
    const std::size_t at = bytes_.size();
    bytes_.append(reinterpret_cast<const char*>(&path), sizeof path);
    bytes_.push_back(static_cast<char>(kind));
    bytes_ += bytes;
    entries_.push_back(
        {key_hash(hash_, path, kind, bytes),
         at,
         static_cast<std::uint32_t>(bytes.size() + prefix_bytes),
         row}
    );
}

std::uint32_t Draft::add(std::uint64_t key, Validity validity, const std::vector<Access>& any_of) {
    const auto row = static_cast<std::uint32_t>(rows_.size());
    rows_.push_back({key, validity, nullptr, false});
    for (const Access& access : any_of) {
        if (const auto* constant = std::get_if<KeyAccess>(&access.what)) {
            add_key(access.path, constant->kind, constant->bytes, row);
        } else {
            others_.push_back({access, row});
        }
    }
    return row;
}

std::uint32_t Draft::add(std::uint64_t key, Validity validity, std::shared_ptr<const Whole> whole) {
    rows_.push_back({key, validity, std::move(whole), false});
    return static_cast<std::uint32_t>(rows_.size() - 1);
}

Draft Draft::after(std::uint32_t rows) const {
    Draft out(hash_);
    out.rows_.assign(rows_.begin() + static_cast<std::ptrdiff_t>(rows), rows_.end());
    for (const Entry& entry : entries_) {
        if (entry.row < rows) continue;
        Entry& made = out.entries_.emplace_back(entry);
        made.row -= rows;
        made.at = out.bytes_.size();
        out.bytes_.append(bytes_, entry.at, entry.size);
    }
    for (const Other& other : others_)
        if (other.row >= rows) out.others_.push_back({other.access, other.row - rows});
    return out;
}

void Draft::add_from(const Segment& segment, const std::vector<std::uint64_t>& gone) {
    constexpr std::uint32_t no_row = 0xffffffffU;
    std::vector<std::uint32_t> rows(segment.rows(), no_row);
    const auto is_gone = [&](std::uint32_t row) {
        return row / 64 < gone.size() && ((gone[row / 64] >> (row % 64)) & 1U) != 0;
    };
    std::vector<const std::shared_ptr<const Whole>*> wholes(segment.rows(), nullptr);
    for (const auto& expression : segment.expressions_)
        wholes[expression.row] = &expression.whole;
    rows_.reserve(rows_.size() + segment.rows());
    entries_.reserve(entries_.size() + segment.constants_.size());
    bytes_.reserve(bytes_.size() + segment.bytes_.size());
    for (std::uint32_t row = 0; row < segment.rows(); ++row) {
        if (is_gone(row)) continue;
        const auto whole = wholes[row] == nullptr ? nullptr : *wholes[row];
        rows[row] = add(segment.key(row), segment.validity(row), whole);
    }
    std::vector<Segment::Found> targets;
    for (std::uint32_t c = 0; c + 1 < segment.constants_.size(); ++c) {
        targets.clear();
        segment.add_target(segment.constants_[c].target, 0, targets);
        for (const auto& [target, fact] : targets) {
            if (target.is_expression() || rows[target.number()] == no_row) continue;
            const std::string_view bytes = segment.constant_bytes(c);
            PathId path = 0;
            std::memcpy(&path, bytes.data(), sizeof path);
            add_key(
                path,
                static_cast<KeyKind>(bytes[2]),
                bytes.substr(prefix_bytes),
                rows[target.number()]
            );
        }
    }
    for (std::size_t path = 0; path < segment.others_.size(); ++path) {
        if (!segment.others_[path]) continue;
        const auto take = [&](std::uint32_t word, auto&& what) {
            const Target target(word);
            if (target.is_expression() || rows[target.number()] == no_row) return;
            others_.push_back({{static_cast<PathId>(path), what}, rows[target.number()]});
        };
        for (const std::uint32_t word : segment.others_[path]->present)
            take(word, PresentAccess{});
        for (const Segment::Cover& cover : segment.others_[path]->covers)
            take(cover.target, CoverAccess{cover.block});
    }
}

// ---- Making a segment

const Segment::PathLook Segment::nothing_{};

Segment::Segment(const Draft& draft, const KeyedHash& hash) : hash_(hash) {
    std::vector<std::uint32_t> order;
    order.reserve(draft.rows_.size());
    for (std::uint32_t row = 0; row < draft.rows_.size(); ++row)
        if (!draft.rows_[row].dead) order.push_back(row);
    const auto key_of = [&](std::uint32_t row) { return draft.rows_[row].key; };
    if (!std::ranges::is_sorted(order, {}, key_of)) std::ranges::sort(order, {}, key_of);

    const bool some_end = std::ranges::any_of(order, [&](std::uint32_t row) {
        return !draft.rows_[row].validity.always();
    });
    Draft placed(hash);  // conditions of whole patterns, by number of expression
    std::vector<std::uint32_t> row_of(draft.rows_.size(), Target::number_max);
    keys_.reserve(order.size());
    if (some_end) validities_.reserve(order.size());
    for (const std::uint32_t from : order) {
        const Draft::Row& row = draft.rows_[from];
        const auto number = static_cast<std::uint32_t>(keys_.size());
        row_of[from] = number;
        keys_.push_back(row.key);
        if (some_end) validities_.push_back(row.validity);
        if (!row.whole) continue;
        for (std::size_t which = 0; which < row.whole->accesses.size(); ++which) {
            (void)placed.add(0, Validity{}, row.whole->accesses[which]);
            expressions_.push_back({number, static_cast<std::uint32_t>(which), row.whole});
        }
    }

    // Everything under its target, and what the two drafts call row is the target's word.
    std::vector<Draft::Entry> entries;
    entries.reserve(draft.entries_.size() + placed.entries_.size());
    std::vector<Draft::Other> others;
    for (Draft::Entry entry : draft.entries_) {
        if (row_of[entry.row] == Target::number_max) continue;
        entry.row = Target::indicator(row_of[entry.row]).word();
        entries.push_back(entry);
    }
    for (const Draft::Other& other : draft.others_) {
        if (row_of[other.row] == Target::number_max) continue;
        others.push_back({other.access, Target::indicator(row_of[other.row]).word()});
    }
    for (Draft::Entry entry : placed.entries_) {
        entry.row = Target::expression(entry.row).word();
        entry.at += draft.bytes_.size();
        entries.push_back(entry);
    }
    for (const Draft::Other& other : placed.others_)
        others.push_back({other.access, Target::expression(other.row).word()});

    place_constants(draft.bytes_, placed.bytes_, std::move(entries));
    place_tops();
    place_others(std::move(others));
}

Segment::PathLook& Segment::look_for(PathId path) {
    if (looks_.size() <= path) looks_.resize(path + std::size_t{1});
    return looks_[path];
}

Segment::Others& Segment::others_for(PathId path) {
    if (others_.size() <= path) others_.resize(path + std::size_t{1});
    if (!others_[path]) others_[path] = std::make_unique<Others>();
    look_for(path).others = true;
    return *others_[path];
}

void Segment::place_constants(
    std::string_view first, std::string_view second, std::vector<Draft::Entry> entries
) {
    const auto text = [&](const Draft::Entry& entry) {
        return entry.at < first.size() ? first.substr(entry.at, entry.size)
                                       : second.substr(entry.at - first.size(), entry.size);
    };
    std::ranges::sort(entries, {}, &Draft::Entry::hash);
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < entries.size(); ++i)
        distinct += i == 0 || entries[i].hash != entries[i - 1].hash ? 1 : 0;
    constants_.reserve(distinct + 1);
    slots_.resize(distinct + distinct / 3 + 2);
    filter_.resize(distinct * filter_bits_per_constant / 256 + 1);
    const std::size_t spread_over = slots_.size() - 1;
    spread_ = spread_over;
    std::size_t size = 0;
    for (const Draft::Entry& entry : entries)
        size += entry.size;
    bytes_.reserve(size);
    std::vector<std::uint32_t> same;
    // In the order of their hashes texts lie anywhere: each is asked for some turns before its own.
    constexpr std::size_t ahead = 16;
    for (std::size_t i = 0; i < entries.size();) {
        // Different constants of one hash are next to each other; they are few, unless the key is
        // known.
        std::size_t end = i;
        while (end < entries.size() && entries[end].hash == entries[i].hash)
            ++end;
        for (std::size_t next = i + ahead; next < std::min(end + ahead, entries.size()); ++next)
            __builtin_prefetch(text(entries[next]).data());
        const auto from = entries.begin() + static_cast<std::ptrdiff_t>(i);
        const auto to = entries.begin() + static_cast<std::ptrdiff_t>(end);
        std::sort(from, to, [&](const Draft::Entry& a, const Draft::Entry& b) {
            return text(a) < text(b);
        });
        while (i < end) {
            const std::string_view bytes = text(entries[i]);
            const std::uint64_t hash = entries[i].hash;
            same.clear();
            for (; i < end && text(entries[i]) == bytes; ++i)
                same.push_back(entries[i].row);
            std::ranges::sort(same);
            same.erase(std::unique(same.begin(), same.end()), same.end());
            place_constant(bytes, hash, same);
        }
    }
    constants_.push_back({static_cast<std::uint32_t>(bytes_.size()), 0});
    if (slots_.back().constant != 0) slots_.emplace_back();
    bytes_.shrink_to_fit();
    lists_.shrink_to_fit();
}

void Segment::place_constant(
    std::string_view bytes, std::uint64_t hash, const std::vector<std::uint32_t>& targets
) {
    std::uint32_t word = targets.front();
    if (targets.size() > 1) {
        word = static_cast<std::uint32_t>(lists_.size()) | list_bit;
        lists_.push_back(static_cast<std::uint32_t>(targets.size()));
        lists_.insert(lists_.end(), targets.begin(), targets.end());
    }
    constants_.push_back({static_cast<std::uint32_t>(bytes_.size()), word});
    bytes_ += bytes;
    std::size_t slot = spread(hash, spread_);
    while (slots_[slot].constant != 0)
        if (++slot == slots_.size()) slots_.emplace_back();
    slots_[slot] = {
        static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(constants_.size())};
    if (slot + 1 == slots_.size()) slots_.emplace_back();  // the last is always free
    admit(hash);

    PathId path = 0;
    std::memcpy(&path, bytes.data(), sizeof path);
    PathLook& look = look_for(path);
    const auto kind = static_cast<KeyKind>(bytes[2]);
    const auto length = static_cast<unsigned char>(bytes.size() > 3 ? bytes[3] : 0);
    if (kind == KeyKind::block4) {
        look.lengths4 |= 1ULL << length;
    } else if (kind == KeyKind::block6) {
        look.lengths6.set(length);
    } else if (kind == KeyKind::suffix) {
        look.suffixes = true;
    } else {
        look.keys = true;
    }
}

/// For paths with so many blocks that it pays: 8 KiB for each of the paths of a small set would
/// make a change slow.
void Segment::place_tops() {
    const auto some = [](const PathLook& look) { return look.lengths4 != 0; };
    if (std::ranges::none_of(looks_, some)) return;
    std::vector<std::uint32_t> counts(looks_.size());
    const auto each = [this](auto take) {
        for (std::uint32_t c = 0; c + 1 < constants_.size(); ++c) {
            const std::string_view bytes = constant_bytes(c);
            PathId path = 0;
            std::memcpy(&path, bytes.data(), sizeof path);
            if (static_cast<KeyKind>(bytes[2]) == KeyKind::block4) take(path, bytes);
        }
    };
    each([&](PathId path, std::string_view) { ++counts[path]; });
    tops4_.resize(looks_.size());
    each([&](PathId path, std::string_view bytes) {
        if (counts[path] < tops_blocks_min) return;
        if (!tops4_[path]) tops4_[path] = std::make_unique<Tops>();
        // Behind the prefix: the length, and the address in network order.
        const auto byte = [&](std::size_t at) {
            return static_cast<unsigned char>(bytes[prefix_bytes + at]);
        };
        const std::size_t first = static_cast<std::size_t>(byte(1)) << 8U | byte(2);
        auto& words = tops4_[path]->words;
        if (byte(0) <= 10) {
            // Whole words: a power of two of them, of which the first is a multiple.
            const std::size_t count = std::size_t{1} << (10U - byte(0));
            std::fill_n(words.begin() + static_cast<std::ptrdiff_t>(first / 64), count, ~0ULL);
        } else {
            const unsigned bits = byte(0) >= 16 ? 1U : 1U << (16U - byte(0));
            words[first / 64] |= ((1ULL << bits) - 1) << (first % 64);
        }
    });
}

void Segment::place_others(std::vector<Draft::Other> others) {
    std::vector<const Draft::Other*> pieces;
    for (const Draft::Other& other : others) {
        if (std::holds_alternative<PieceAccess>(other.access.what)) {
            pieces.push_back(&other);
            continue;
        }
        Others& into = others_for(other.access.path);
        if (const auto* range = std::get_if<RangeAccess>(&other.access.what)) {
            (range->at_least ? into.at_least : into.at_most).push_back({range->bound, other.row});
        } else if (const auto* cover = std::get_if<CoverAccess>(&other.access.what)) {
            into.covers.push_back({cover->block, other.row});
        } else {
            into.present.push_back(other.row);
        }
    }
    for (const auto& into : others_) {
        if (!into) continue;
        std::ranges::sort(into->at_least, {}, &Range::bound);
        std::ranges::sort(into->at_most, {}, &Range::bound);
        std::ranges::sort(into->covers, address_less, &Cover::block);
    }
    place_pieces(pieces);
}

void Segment::place_pieces(const std::vector<const Draft::Other*>& pieces) {
    const auto bits = std::bit_ceil(std::max<std::size_t>(1U << 13U, pieces.size() * 32));
    if (!pieces.empty()) gram_bits_.resize(bits / 64);
    for (const Draft::Other* other : pieces) {
        const std::string& text = std::get<PieceAccess>(other->access.what).text;
        const PathId path = other->access.path;
        const bool eight = text.size() >= 8;
        const std::size_t width = eight ? 8 : 4;
        // The part that fewest others are found by.
        std::size_t best = 0;
        std::size_t fewest = SIZE_MAX;
        for (std::size_t i = 0; i + width <= text.size() && fewest > 0; ++i) {
            const auto at = grams_.find(mixed(gram_of(text.data() + i, eight), path));
            const std::size_t count = at == grams_.end() ? 0 : at->second.size();
            if (count < fewest) {
                fewest = count;
                best = i;
            }
        }
        const std::uint64_t gram = mixed(gram_of(text.data() + best, eight), path);
        grams_[gram].push_back(
            {static_cast<std::uint32_t>(pieces_text_.size()),
             static_cast<std::uint32_t>(text.size()),
             static_cast<std::uint32_t>(best),
             path,
             other->row}
        );
        pieces_text_ += text;
        const std::size_t bit = gram & (bits - 1);
        gram_bits_[bit / 64] |= 1ULL << (bit % 64);
        PathLook& look = look_for(path);
        (eight ? look.pieces8 : look.pieces4) = true;
    }
}

// ---- Looking

void Segment::admit(std::uint64_t hash) noexcept {
    Block& block = filter_[(hash & 0xffffffffU) * filter_.size() >> 32U];
    const auto high = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t i = 0; i < 8; ++i)
        block.words[i] |= 1U << ((high * salts[i]) >> 27U);
}

bool Segment::may_hold(std::uint64_t hash) const noexcept {
    const Block& block = filter_[(hash & 0xffffffffU) * filter_.size() >> 32U];
    const auto high = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t i = 0; i < 8; ++i)
        if ((block.words[i] >> ((high * salts[i]) >> 27U) & 1U) == 0) return false;
    return true;
}

std::string_view Segment::constant_bytes(std::uint32_t constant) const {
    const std::uint32_t from = constants_[constant].at;
    return std::string_view(bytes_).substr(from, constants_[constant + 1].at - from);
}

void Segment::add_target(std::uint32_t word, std::uint32_t fact, std::vector<Found>& found) const {
    const Target target(word);
    if (target.is_expression() || (word & list_bit) == 0) {
        found.push_back({target, fact});
        return;
    }
    const std::uint32_t at = word & (list_bit - 1);
    for (std::uint32_t i = 1; i <= lists_[at]; ++i)
        found.push_back({Target(lists_[at + i]), fact});
}

void Segment::probe(const std::vector<Probe>& probes, std::vector<Found>& found) const {
    constexpr std::size_t batch = 32;
    for (std::size_t from = 0; from < probes.size(); from += batch) {
        const std::size_t to = std::min(probes.size(), from + batch);
        for (std::size_t i = from; i < to; ++i)
            __builtin_prefetch(&filter_[(probes[i].hash & 0xffffffffU) * filter_.size() >> 32U]);
        std::array<std::uint32_t, batch> likely{};
        std::size_t count = 0;
        for (std::size_t i = from; i < to; ++i) {
            if (!may_hold(probes[i].hash)) continue;
            __builtin_prefetch(&slots_[spread(probes[i].hash, spread_)]);
            likely[count++] = static_cast<std::uint32_t>(i);
        }
        for (std::size_t i = 0; i < count; ++i) {
            const Probe& probe = probes[likely[i]];
            const auto print = static_cast<std::uint32_t>(probe.hash);
            for (std::size_t s = spread(probe.hash, spread_); slots_[s].constant != 0; ++s) {
                if (slots_[s].print != print) continue;
                const std::uint32_t constant = slots_[s].constant - 1;
                const std::string_view bytes = constant_bytes(constant);
                PathId path = 0;
                std::memcpy(&path, bytes.data(), sizeof path);
                if (path == probe.path && static_cast<KeyKind>(bytes[2]) == probe.kind &&
                    bytes.substr(prefix_bytes) == probe.bytes) {
                    add_target(constants_[constant].target, probe.fact, found);
                    break;
                }
            }
        }
    }
}

bool Segment::present(
    PathId path, std::uint32_t fact, std::size_t& lookups, std::vector<Found>& found
) const {
    const auto& targets = others_[path]->present;
    if (!spend(lookups, targets.size())) return false;
    for (const std::uint32_t word : targets)
        found.push_back({Target(word), fact});
    return true;
}

bool Segment::number(
    PathId path,
    long double value,
    std::uint32_t fact,
    std::size_t& lookups,
    std::vector<Found>& found
) const {
    const Others& others = *others_[path];
    // Bounds that the value reaches; that it may have to pass them is judged later.
    const auto low = std::ranges::upper_bound(others.at_least, value, {}, &Range::bound);
    const auto high = std::ranges::lower_bound(others.at_most, value, {}, &Range::bound);
    const auto count = (low - others.at_least.begin()) + (others.at_most.end() - high);
    if (!spend(lookups, row_lookups + static_cast<std::size_t>(count))) return false;
    for (auto at = others.at_least.begin(); at != low; ++at)
        found.push_back({Target(at->target), fact});
    for (auto at = high; at != others.at_most.end(); ++at)
        found.push_back({Target(at->target), fact});
    return true;
}

bool Segment::cover(
    PathId path,
    const pattern::AddressBlock& value,
    std::uint32_t fact,
    std::size_t& lookups,
    std::vector<Found>& found
) const {
    const auto& covers = others_[path]->covers;
    auto at = std::ranges::lower_bound(covers, value, address_less, &Cover::block);
    for (; at != covers.end() && at->block.v6 == value.v6; ++at) {
        if (!spend(lookups, row_lookups)) return false;
        pattern::AddressBlock first = at->block;
        first.prefix = value.v6 ? 128 : 32;
        if (!pattern::is_subset(first, value)) break;  // past its last address
        if (pattern::is_subset(at->block, value)) found.push_back({Target(at->target), fact});
    }
    return true;
}

bool Segment::pieces(
    PathId path,
    std::string_view text,
    std::uint32_t fact,
    std::size_t& lookups,
    std::vector<Found>& found
) const {
    const PathLook& here = look(path);
    const std::size_t mask = gram_bits_.size() * 64 - 1;
    if (!spend(lookups, 1 + text.size() / 16)) return false;
    for (const bool eight : {true, false}) {
        if (!(eight ? here.pieces8 : here.pieces4)) continue;
        const std::size_t width = eight ? 8 : 4;
        for (std::size_t i = 0; i + width <= text.size(); ++i) {
            const std::uint64_t gram = mixed(gram_of(text.data() + i, eight), path);
            const std::size_t bit = gram & mask;
            if ((gram_bits_[bit / 64] >> (bit % 64) & 1U) == 0) continue;
            const auto at = grams_.find(gram);
            if (!spend(lookups, row_lookups)) return false;
            if (at == grams_.end()) continue;
            for (const Piece& piece : at->second) {
                if (!spend(lookups, 1 + piece.size / 64)) return false;
                if (piece.path != path || piece.gram > i) continue;
                const auto whole = std::string_view(pieces_text_).substr(piece.at, piece.size);
                if (text.substr(i - piece.gram).starts_with(whole)) {
                    found.push_back({Target(piece.target), fact});
                }
            }
        }
    }
    return true;
}

std::optional<std::uint32_t> Segment::row(std::uint64_t key) const {
    const auto at = std::ranges::lower_bound(keys_, key);
    if (at == keys_.end() || *at != key) return std::nullopt;
    return static_cast<std::uint32_t>(at - keys_.begin());
}

std::size_t Segment::text_bytes() const noexcept {
    return bytes_.size() - prefix_bytes * (constants_.size() - 1) + pieces_text_.size();
}

std::size_t Segment::memory_bytes() const {
    std::size_t sum = looks_.capacity() * sizeof(PathLook) + filter_.capacity() * sizeof(Block) +
                      slots_.capacity() * sizeof(Slot) + constants_.capacity() * sizeof(Constant) +
                      bytes_.capacity() + lists_.capacity() * sizeof(std::uint32_t) +
                      gram_bits_.capacity() * sizeof(std::uint64_t) +
                      grams_.bucket_count() * sizeof(std::vector<Piece>) * 2 +
                      pieces_text_.capacity() + keys_.capacity() * sizeof(std::uint64_t) +
                      validities_.capacity() * sizeof(Validity) +
                      expressions_.capacity() * sizeof(ExpressionOf);
    for (const auto& others : others_) {
        if (!others) continue;
        sum += (others->at_least.capacity() + others->at_most.capacity()) * sizeof(Range) +
               others->covers.capacity() * sizeof(Cover) +
               others->present.capacity() * sizeof(std::uint32_t);
    }
    for (const auto& tops : tops4_)
        if (tops) sum += sizeof(Tops);
    return sum - text_bytes();
}

}  // namespace entente::match
