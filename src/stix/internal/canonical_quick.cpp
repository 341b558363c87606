#include "stix/internal/canonical_quick.h"

#include "base/limits.h"
#include "stix/internal/canonical.h"
#include "stix/internal/number.h"
#include "stix/internal/scanner.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace entente::stix::internal {
namespace {

// Most objects are far smaller, and the index takes four bytes for each byte of the text.
constexpr std::size_t text_bytes_max = 256U << 10U;
constexpr std::size_t index_bytes_min = 4096;
// A copy of so many bytes at once is cheaper than a call that looks how many there are.
constexpr std::size_t short_copy = 64;

constexpr bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// RFC 8785, 3.2.2.2: these are written as they are. (\u00XX in lower case is for some.)
constexpr bool is_canonical_escape(char c) {
    return c == '"' || c == '\\' || c == 'n' || c == 't' || c == 'r' || c == 'b' || c == 'f';
}

}  // namespace

/// Finds where tokens begin: simdjson's first stage. It also checks that the text is UTF-8, that
/// strings are closed and that no control character stands in one.
struct QuickCanonical::Index {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;

    bool find(std::string_view json) {
        if (!parser || parser->capacity() < json.size()) {
            const auto* const machine = simdjson::get_active_implementation().operator->();
            // What it has without vectors is slower than the strict reader.
            if (machine->name() == "fallback") return false;
            parser.reset();
            const std::size_t capacity = std::max(std::bit_ceil(json.size()), index_bytes_min);
            if (machine->create_dom_parser_implementation(capacity, 1, parser)) return false;
        }
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(json.data());
        return parser->stage1(bytes, json.size(), simdjson::stage1_mode::regular) ==
               simdjson::SUCCESS;
    }
};

QuickCanonical::QuickCanonical() : index_(std::make_unique<Index>()) {}

QuickCanonical::~QuickCanonical() = default;
QuickCanonical::QuickCanonical(QuickCanonical&&) noexcept = default;
QuickCanonical& QuickCanonical::operator=(QuickCanonical&&) noexcept = default;

std::size_t QuickCanonical::memory() const noexcept {
    const std::size_t indexed = index_->parser ? index_->parser->capacity() : 0;
    const std::size_t ordered = outer_order_.capacity() + inner_order_.capacity();
    return (indexed + ordered) * sizeof(std::uint32_t) + arena_.capacity() +
           members_.capacity() * sizeof(Member) + unescaped_.capacity() + respelled_.capacity();
}

bool QuickCanonical::read(std::string_view json, std::vector<Property>& properties) {
    if (json.empty() || json.size() > text_bytes_max || !index_->find(json)) return false;
    places_ = index_->parser->structural_indexes.get();
    count_ = index_->parser->n_structural_indexes;
    next_ = 0;
    begin_ = json.data();
    end_ = begin_ + json.size();
    if (peek() != '{') return false;
    backslash_ = next_backslash(begin_);
    // An object behind all that was made of what is in it: twice the text at most, but for numbers
    // that grow. Where they need more room than this the strict reader has it.
    const std::size_t bytes = 2 * json.size() + 2 * short_copy;
    if (arena_.size() < bytes) arena_.resize(bytes);
    at_ = arena_.data();
    arena_end_ = arena_.data() + arena_.size() - short_copy;
    members_.clear();
    properties_ = &properties;
    properties.clear();
    text_ = object(1);
    return text_.data() != nullptr && next_ == count_;
}

const char* QuickCanonical::next_backslash(const char* from) const noexcept {
    const void* const found = std::memchr(from, '\\', static_cast<std::size_t>(end_ - from));
    return found == nullptr ? end_ : static_cast<const char*>(found);
}

/// The next token: up to the one behind it but for white space.
inline std::string_view QuickCanonical::token() const noexcept {
    const char* const from = begin_ + places_[next_];
    const char* to = begin_ + places_[next_ + 1];
    while (is_space(to[-1]))
        --to;
    return {from, static_cast<std::size_t>(to - from)};
}

/// Gives the place behind. REQUIRES: `from` lies in the text; to + from.size() <= arena_end_.
inline char* QuickCanonical::copy(char* to, std::string_view from) const noexcept {
    if (from.size() <= short_copy && static_cast<std::size_t>(end_ - from.data()) >= short_copy) {
        std::memcpy(to, from.data(), short_copy);
    } else {
        std::memcpy(to, from.data(), from.size());
    }
    return to + from.size();
}

QuickCanonical::Piece QuickCanonical::make(std::string_view bytes) {
    if (!room(bytes.size())) return {};
    const char* const from = at_;
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
    return {from, bytes.size()};
}

inline QuickCanonical::Piece QuickCanonical::string() {
    const std::string_view text = token();
    ++next_;
    // The index gives what follows a string a place of its own; so this never fails.
    if (text.size() < 2 || text.back() != '"') return {};
    return backslash_ < text.data() + text.size() ? escaped_string(text) : text;
}

QuickCanonical::Piece QuickCanonical::value(std::size_t depth) {
    switch (peek()) {
        case '"':
            return string();
        case '{':
            return object(depth + 1);
        case '[':
            return list(depth + 1);
        case 't':
            return literal("true");
        case 'f':
            return literal("false");
        case 'n':
            return literal("null");
        default:
            return number();
    }
}

QuickCanonical::Piece QuickCanonical::literal(std::string_view word) {
    const std::string_view text = token();
    ++next_;
    return text == word ? text : Piece();
}

QuickCanonical::Piece QuickCanonical::number() {
    if (next_ == count_) return {};
    const std::string_view text = token();
    ++next_;
    Scanner in(text);
    const auto number = in.number();
    if (!number || !in.at_end()) return {};
    if (number->integer && is_canonical_integer(text)) return text;
    respelled_.clear();
    return append_number(respelled_, text) ? make(respelled_) : Piece();
}

QuickCanonical::Piece QuickCanonical::escaped_string(std::string_view token) {
    const char* const quote = token.data() + token.size() - 1;
    bool canonical = true;
    while (backslash_ < quote) {
        canonical = canonical && is_canonical_escape(backslash_[1]);
        backslash_ = next_backslash(backslash_ + 2);
    }
    return canonical ? token : respelled_string(token);
}

QuickCanonical::Piece QuickCanonical::respelled_string(std::string_view token) {
    Scanner in(token);
    const auto text = in.string();
    if (!text || !in.at_end()) return {};
    unescaped_.clear();
    if (!append_unescaped(unescaped_, text->raw)) return {};
    respelled_ = '"';
    append_escaped(respelled_, unescaped_);
    respelled_ += '"';
    return make(respelled_);
}

QuickCanonical::Piece QuickCanonical::list(std::size_t depth) {
    if (depth > limits::json_depth_max || !room(2)) return {};
    const char* const start = at_;
    ++next_;
    *at_++ = '[';
    if (peek() == ']') {
        ++next_;
        *at_++ = ']';
    } else {
        for (bool more = true; more; ++next_) {
            const Piece element = value(depth);
            if (element.data() == nullptr || !room(element.size() + 1)) return {};
            // What was made lies here already.
            if (in_text(element)) at_ = copy(at_, element);
            more = peek() == ',';
            if (!more && peek() != ']') return {};
            *at_++ = more ? ',' : ']';
        }
    }
    return {start, static_cast<std::size_t>(at_ - start)};
}

QuickCanonical::Piece QuickCanonical::object(std::size_t depth) {
    if (depth > limits::json_depth_max) return {};
    ++next_;
    if (peek() == '}') {
        ++next_;
        return make("{}");
    }
    char* const start = at_;
    const std::size_t first = members_.size();
    bool rising = true;
    if (!members(depth, rising)) return {};
    std::vector<std::uint32_t>& order = depth == 1 ? outer_order_ : inner_order_;
    if (!rising && !sort(first, order)) return {};
    const bool nested = at_ != start;
    Piece all = write(first, rising ? nullptr : order.data(), depth);
    if (all.data() == nullptr) return {};
    members_.resize(first);
    // What the members were made of is needed no more. (The outermost may stay where it is.)
    if (nested && depth > 1) {
        std::memmove(start, all.data(), all.size());
        all = {start, all.size()};
        at_ = start + all.size();
    }
    return all;
}

/// `rising` becomes false where the members are not in canonical order, or may be not.
bool QuickCanonical::members(std::size_t depth, bool& rising) {
    constexpr std::size_t key_bytes = sizeof(std::uint64_t);
    std::uint64_t last_key = 0;
    for (bool more = true; more; ++next_) {
        if (peek() != '"') return false;
        const std::string_view quoted = token();
        ++next_;
        if (quoted.size() < 2 || quoted.back() != '"' || peek() != ':' ||
            backslash_ < quoted.data() + quoted.size()) {
            return false;
        }
        ++next_;
        const std::string_view name = quoted.substr(1, quoted.size() - 2);
        const std::uint64_t key = utf16_sort_key(name);
        // Of no text the key is 0; so it never rises to the first, if that is empty.
        rising = rising && last_key < key;
        last_key = key;
        const char* const escape = backslash_;
        const Piece piece = value(depth);
        if (piece.data() == nullptr || members_.size() == limits::json_properties_max) return false;
        Member& member = members_.emplace_back();
        member.first_key = key;
        member.second_key = name.size() > key_bytes ? utf16_sort_key(name.substr(key_bytes)) : 0;
        member.name = name;
        member.value = piece;
        member.escaped = backslash_ != escape;
        more = peek() == ',';
        if (!more && peek() != '}') return false;
    }
    return true;
}

bool QuickCanonical::comes_before(const Member& a, const Member& b) noexcept {
    if (a.first_key != b.first_key) return a.first_key < b.first_key;
    if (a.second_key != b.second_key) return a.second_key < b.second_key;
    return compare_utf16(a.name, b.name) < 0;
}

/// Finds the canonical order of the members from `first` on. False where a name stands twice.
bool QuickCanonical::sort(std::size_t first, std::vector<std::uint32_t>& order) const {
    const Member* const members = members_.data() + first;
    const std::size_t count = members_.size() - first;
    const auto before = [members](std::uint32_t a, std::uint32_t b) {
        return comes_before(members[a], members[b]);
    };
    const auto not_before = [&before](std::uint32_t a, std::uint32_t b) { return !before(a, b); };
    const auto is_order = [&order, &not_before] {
        return std::adjacent_find(order.begin(), order.end(), not_before) == order.end();
    };
    // One maker writes the same properties in the same order: the last object's order is a
    // permutation of as many, and often the right one.
    if (order.size() == count && is_order()) return true;
    order.resize(count);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), before);
    return is_order();
}

/// Writes the object of the members from `first` on; without `order` as they come.
QuickCanonical::Piece QuickCanonical::write(
    std::size_t first, const std::uint32_t* order, std::size_t depth
) {
    if (!room(1)) return {};
    const char* const start = at_;
    char* to = at_;
    *to++ = '{';  // from here on, too, `to` is at most `arena_end_`
    const std::size_t count = members_.size() - first;
    for (std::size_t i = 0; i < count; ++i) {
        const Member& member = members_[first + (order == nullptr ? i : order[i])];
        const std::string_view name = member.name;
        const Piece value = member.value;
        // Two quotes, a colon, and a comma or bracket.
        if (static_cast<std::size_t>(arena_end_ - to) < name.size() + value.size() + 4) return {};
        // With its quotes it stands so in the text.
        to = copy(to, {name.data() - 1, name.size() + 2});
        *to++ = ':';
        if (depth == 1) {
            properties_->push_back(
                {{to - name.size() - 2, name.size()}, {to, value.size()}, false, member.escaped}
            );
        }
        if (in_text(value)) {
            to = copy(to, value);
        } else {
            std::memcpy(to, value.data(), value.size());
            to += value.size();
        }
        *to++ = ',';
    }
    to[-1] = '}';
    at_ = to;
    return {start, static_cast<std::size_t>(to - start)};
}

}  // namespace entente::stix::internal
