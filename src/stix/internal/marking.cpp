#include "stix/internal/marking.h"

#include "stix/internal/value.h"
#include "stix/tlp.h"

#include <algorithm>
#include <optional>
#include <string>

namespace entente::stix::internal {
namespace {

constexpr std::string_view tlp2_extension =
    "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

std::string_view property(std::span<const Property> properties, std::string_view name) {
    const auto at = std::find_if(properties.begin(), properties.end(), [name](const Property& p) {
        return p.name == name;
    });
    return at == properties.end() ? std::string_view() : at->value;
}

bool is_tlp_word(std::string_view value) {
    if (!is_string(value)) return false;
    const std::string text = unescaped(value);
    return text.size() == 3 && (text[0] | 0x20) == 't' && (text[1] | 0x20) == 'l' &&
           (text[2] | 0x20) == 'p';
}

/// How the definition tries to say that it is TLP, whatever its id.
struct Claim {
    std::string_view what;     // where in the object; empty = it does not try
    std::string_view version;  // of TLP
    std::optional<std::string_view> level;
};

Claim claim_of(
    std::string_view definition_type, std::string_view definition, std::string_view extensions
) {
    if (is_tlp_word(definition_type)) {
        const auto level = find(definition, "tlp");
        return {"/definition_type", "1", level ? plain_string(*level) : std::nullopt};
    }
    for (const Property& extension : properties(extensions)) {
        const auto level = find(extension.value, "tlp_2_0");
        if (level || extension.name == tlp2_extension) {
            return {
                "/extensions",
                extension.name == tlp2_extension ? "2.0" : "unknown",
                level ? plain_string(*level) : std::nullopt};
        }
    }
    return {};
}

/// The word that TLP `version` has for `level`; TLP 1 called clear white.
std::string word_of(Tlp level, std::string_view version) {
    if (level == Tlp::clear && version == "1") return "white";
    std::string word(tlp_name(level).substr(4));
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return word;
}

}  // namespace

Result<MarkingContent> read_marking(std::string_view id, std::span<const Property> properties) {
    const std::string_view definition_type = property(properties, "definition_type");
    const std::string_view definition = property(properties, "definition");
    const Claim claim = claim_of(definition_type, definition, property(properties, "extensions"));
    const auto level = tlp_of_marking(id);
    if (!level) {
        if (!claim.what.empty()) {
            return fail(
                Errc::unprocessable,
                std::string(claim.what) +
                    ": this defines TLP under an id of its own; only the ids of the standard are "
                    "TLP: name them in object_marking_refs and send no definition"
            );
        }
        MarkingContent content;
        const auto statement = find(definition, "statement");
        if (definition_type == "\"statement\"" && statement && is_string(*statement)) {
            content.form = MarkingContent::Form::statement;
            content.statement = unescaped(*statement);
        }
        return content;
    }
    const bool is_tlp2 = id == tlp2_marking_id(*level);
    const std::string_view version = is_tlp2 ? "2.0" : "1";
    const bool mixed = is_tlp2 && (!definition_type.empty() || !definition.empty());
    if (mixed || claim.version != version || claim.level != word_of(*level, version)) {
        return fail(
            Errc::unprocessable,
            "/id: this is the id of TLP " + std::string(version) + " " +
                std::string(tlp_name(*level)) +
                ", and the definition says something else; expected " +
                (is_tlp2 ? "extensions." + std::string(tlp2_extension) + ".tlp_2_0"
                         : std::string("definition.tlp")) +
                " to be \"" + word_of(*level, version) + "\"" +
                (is_tlp2 ? " and no definition" : "")
        );
    }
    return MarkingContent{is_tlp2 ? MarkingContent::Form::tlp2 : MarkingContent::Form::tlp1, {}};
}

}  // namespace entente::stix::internal
