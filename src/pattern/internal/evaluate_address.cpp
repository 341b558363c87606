#include "pattern/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

namespace entente::pattern {
namespace {

/// A whole number of at most `digits` digits without leading zeros.
std::optional<unsigned> read_number(std::string_view text, std::size_t digits, unsigned max) {
    if (text.empty() || text.size() > digits || (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value <= max ? std::optional(value) : std::nullopt;
}

bool read_v4(std::string_view text, std::span<std::uint8_t, 4> out) {
    for (std::size_t i = 0; i < 4; ++i) {
        const auto dot = text.find('.');
        if ((dot == std::string_view::npos) != (i == 3)) return false;
        const auto byte = read_number(text.substr(0, dot), 3, 255);
        if (!byte) return false;
        out[i] = static_cast<std::uint8_t>(*byte);
        if (i < 3) text.remove_prefix(dot + 1);
    }
    return true;
}

bool read_group(std::string_view text, std::vector<std::uint8_t>& out) {
    if (text.empty() || text.size() > 4) return false;
    unsigned value = 0;
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        if (lower >= '0' && lower <= '9') {
            value = value * 16 + static_cast<unsigned>(lower - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    out.push_back(static_cast<std::uint8_t>(value >> 8U));
    out.push_back(static_cast<std::uint8_t>(value & 0xffU));
    return true;
}

/// Groups between colons; the last may be an IPv4 address when `last` (RFC 4291, 2.2).
bool read_groups(std::string_view text, bool last, std::vector<std::uint8_t>& out) {
    if (text.empty()) return true;
    while (true) {
        const auto colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        if (colon == std::string_view::npos && last && group.find('.') != std::string_view::npos) {
            std::array<std::uint8_t, 4> v4{};
            if (!read_v4(group, v4)) return false;
            out.insert(out.end(), v4.begin(), v4.end());
            return out.size() <= 16;
        }
        if (!read_group(group, out) || out.size() > 16) return false;
        if (colon == std::string_view::npos) return true;
        text.remove_prefix(colon + 1);
    }
}

bool read_v6(std::string_view text, std::array<std::uint8_t, 16>& out) {
    std::vector<std::uint8_t> head;
    std::vector<std::uint8_t> tail;
    const auto gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (!read_groups(text, true, head) || head.size() != 16) return false;
    } else {
        if (!read_groups(text.substr(0, gap), false, head)) return false;
        if (!read_groups(text.substr(gap + 2), true, tail)) return false;
        if (head.size() + tail.size() > 14) return false;  // `::` stands for at least one group
    }
    out.fill(0);
    std::ranges::copy(head, out.begin());
    std::ranges::copy(tail, out.end() - static_cast<std::ptrdiff_t>(tail.size()));
    return true;
}

void mask(AddressBlock& block, unsigned prefix) {
    for (unsigned i = 0; i < block.bytes.size(); ++i) {
        const unsigned bits = std::clamp(prefix, i * 8, i * 8 + 8) - i * 8;
        block.bytes[i] = static_cast<std::uint8_t>(block.bytes[i] & (0xff00U >> bits) & 0xffU);
    }
    block.prefix = prefix;
}

}  // namespace

std::optional<AddressBlock> read_address_block(std::string_view text) {
    AddressBlock block;
    const auto slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    block.v6 = address.find(':') != std::string_view::npos;
    if (block.v6) {
        if (!read_v6(address, block.bytes)) return std::nullopt;
    } else if (!read_v4(address, std::span(block.bytes).first<4>())) {
        return std::nullopt;
    }
    unsigned prefix = block.v6 ? 128 : 32;
    if (slash != std::string_view::npos) {
        const auto given = read_number(text.substr(slash + 1), 3, prefix);
        if (!given) return std::nullopt;
        prefix = *given;
    }
    mask(block, prefix);
    return block;
}

std::string address_text(const AddressBlock& block) {
    const auto& b = block.bytes;
    if (!block.v6) return fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3]);
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i)
        groups[i] = b[2 * i] * 256U + b[2 * i + 1];
    // RFC 5952, 4.2: the longest run of two zero groups or more, the first of equal ones.
    std::size_t from = groups.size();
    std::size_t length = 1;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::size_t end = i;
        while (end < groups.size() && groups[end] == 0)
            ++end;
        if (end - i > length) {
            from = i;
            length = end - i;
        }
        i = std::max(i, end);
    }
    std::string out;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (i == from) {
            out += "::";
            i += length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') out += ':';
        fmt::format_to(std::back_inserter(out), "{:x}", groups[i]);
    }
    return out;
}

bool is_subset(const AddressBlock& part, const AddressBlock& whole) {
    if (part.v6 != whole.v6 || part.prefix < whole.prefix) return false;
    AddressBlock wider = part;
    mask(wider, whole.prefix);
    return wider == whole;
}

}  // namespace entente::pattern
