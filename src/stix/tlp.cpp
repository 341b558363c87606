#include "stix/tlp.h"

#include <algorithm>
#include <array>

namespace entente::stix {
namespace {

struct Row {
    std::string_view id;
    Tlp level;
};

// STIX 2.1, 7.2.1.4 and the TLP 2.0 extension definition: no other ids are TLP (S62, S63).
constexpr std::array rows = {
    Row{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::clear},
    Row{"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::green},
    Row{"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::amber},
    Row{"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::amber_strict},
    Row{"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::red},
    Row{"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::clear},
    Row{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::green},
    Row{"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp::amber},
    Row{"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::red},
};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return lower(x) == lower(y);
    });
}

}  // namespace

std::optional<Tlp> tlp_of_marking(std::string_view marking_id) noexcept {
    for (const Row& row : rows) {
        if (row.id == marking_id) return row.level;
    }
    return std::nullopt;
}

std::string_view tlp_name(Tlp level) noexcept {
    switch (level) {
        case Tlp::clear:
            return "TLP:CLEAR";
        case Tlp::green:
            return "TLP:GREEN";
        case Tlp::amber:
            return "TLP:AMBER";
        case Tlp::amber_strict:
            return "TLP:AMBER+STRICT";
        case Tlp::red:
            return "TLP:RED";
    }
    return "TLP:RED";
}

std::optional<Tlp> parse_tlp(std::string_view text) noexcept {
    if (const auto level = tlp_of_marking(text)) return level;
    static constexpr std::string_view prefix = "TLP:";
    if (equal_ignoring_case(text.substr(0, prefix.size()), prefix))
        text.remove_prefix(prefix.size());
    if (equal_ignoring_case(text, "white")) return Tlp::clear;
    for (const Tlp level : {Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red}) {
        if (equal_ignoring_case(text, tlp_name(level).substr(prefix.size()))) return level;
    }
    return std::nullopt;
}

std::string_view tlp2_marking_id(Tlp level) noexcept {
    return rows[static_cast<std::size_t>(level)].id;
}

}  // namespace entente::stix
