#include "stix/internal/secrets.h"

#include "base/limits.h"
#include "stix/internal/number.h"
#include "stix/internal/types.h"
#include "stix/internal/value.h"
#include "stix/object.h"

#include <algorithm>
#include <array>

namespace entente::stix::internal {
namespace {

constexpr std::size_t uuid_bytes = 36;
constexpr std::size_t types_per_uuid_max = 16;  // with more nothing is told apart
constexpr std::size_t whole_bytes_max = 32;     // no number's canonical form is longer
constexpr std::array<std::size_t, 4> uuid_hyphens = {8, 13, 18, 23};

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// A UUID in digits of either case stands at `at`.
bool is_uuid_at(std::string_view text, std::size_t at) {
    if (text.size() - at < uuid_bytes) return false;
    for (std::size_t i = 0; i < uuid_bytes; ++i) {
        const bool hyphen =
            std::find(uuid_hyphens.begin(), uuid_hyphens.end(), i) != uuid_hyphens.end();
        if (hyphen ? text[at + i] != '-' : hex_value(text[at + i]) < 0) return false;
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
    return out;
}

bool is_bracket_or_backslash(char c) {
    return std::string_view("[](){}\\").find(c) != std::string_view::npos;
}

}  // namespace

void append_plain(std::string& out, std::string_view text) {
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%' && text.size() - i > 2 && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            c = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        }
        if (is_bracket_or_backslash(c)) continue;
        out += lower(c);
        if (out.size() - start >= 4 && out.ends_with("hxxp")) out.replace(out.size() - 3, 2, "tt");
    }
}

bool is_name_of_the_standard(std::string_view name) {
    static const std::unordered_set<std::string_view> names = [] {
        std::unordered_set<std::string_view> out = {
            "MD5",
            "SHA-1",
            "SHA-256",
            "SHA-512",
            "SHA3-256",
            "SHA3-512",
            "SSDEEP",
            "ssdeep",
            "TLSH",
            "extension_type",
            "source_name",
            "description",
            "url",
            "external_id",
            "kill_chain_name",
            "phase_name",
        };
        for (const Tables& tables : {tables_21(), tables_20()}) {
            for (const CommonRow& common : tables.common)
                out.insert(common.row.name);
            for (const auto& types : tables.types) {
                for (const TypeRow& type : types) {
                    out.insert(type.name);
                    for (const Row& row : type.rows)
                        out.insert(row.name);
                }
            }
        }
        return out;
    }();
    return names.contains(name);
}

void Secrets::add_text(std::string_view text) {
    if (text.empty()) return;
    add(text.size() < part_bytes_min ? whole_ : texts_, text.substr(0, Needles::bytes_max));
}

void Secrets::add_number(std::string_view canonical) {
    const auto digits = std::count_if(canonical.begin(), canonical.end(), [](char c) {
        return c >= '0' && c <= '9';
    });
    const bool beyond = canonical.find("e+") != std::string_view::npos;
    if (digits >= 4 || beyond) add(whole_, canonical);
}

/// Once there is too much the rest is not kept: `prepare` will fail.
void Secrets::add(std::unordered_set<std::string>& to, std::string_view text) {
    if (bytes_ > limits::hidden_bytes_max) return;
    if (to.emplace(text).second) bytes_ += text.size();
}

void Secrets::add_ids(
    std::string_view id, const std::map<std::string, std::string, std::less<>>& renamed
) {
    id_ = id;
    renamed_ = &renamed;
}

bool Secrets::prepare() {
    if (bytes_ > limits::hidden_bytes_max) return false;
    for (const std::string& text : texts_) {
        parts_.add(text);
        plain_.clear();
        append_plain(plain_, text);
        if (plain_.size() >= part_bytes_min) plain_parts_.add(plain_);
    }
    parts_.prepare();
    plain_parts_.prepare();
    return true;
}

bool Secrets::said_by(std::string_view text) {
    if (text.size() <= whole_bytes_max && whole_.contains(std::string(text))) return true;
    if (parts_.stand_in(text) || has_id(text)) return true;
    plain_.clear();
    append_plain(plain_, text);
    return plain_parts_.stand_in(plain_) || has_id(plain_);
}

bool Secrets::has_id(std::string_view text) {
    if (renamed_ == nullptr) return false;
    // Most are plain references: they need no index. (A type name can hold a UUID.)
    if (is_identifier(text) && text.size() < 2 * uuid_bytes) {
        const auto at = renamed_->find(text);
        return text == id_ || (at != renamed_->end() && at->second != text);
    }
    for (std::size_t i = uuid_hyphens[0]; i + uuid_bytes - uuid_hyphens[0] <= text.size(); ++i) {
        if (text[i] == '-' && is_uuid_at(text, i - uuid_hyphens[0]) &&
            is_id_at(text, i - uuid_hyphens[0])) {
            return true;
        }
    }
    return false;
}

/// A UUID of one of the ids says the id, unless the name of another type stands before it: some
/// producers use one UUID for several objects (S18 forbids it), and the others may be seen.
bool Secrets::is_id_at(std::string_view text, std::size_t uuid_at) {
    if (types_by_uuid_.empty()) {
        const auto add = [this](std::string_view id) {
            const std::size_t at = id.size() - uuid_bytes;
            types_by_uuid_[std::string(id.substr(at))].push_back(id.substr(0, at));
        };
        add(id_);
        for (const auto& [from, to] : *renamed_) {
            if (from != to && is_identifier(from)) add(from);
        }
    }
    const auto types = types_by_uuid_.find(lower(text.substr(uuid_at, uuid_bytes)));
    if (types == types_by_uuid_.end()) return false;
    if (types->second.size() > types_per_uuid_max) return true;
    const std::string_view before = text.substr(0, uuid_at);
    const bool typed =
        before.size() > 2 && before.ends_with("--") &&
        (hex_value(before[before.size() - 3]) >= 0 ||
         (lower(before[before.size() - 3]) >= 'g' && lower(before[before.size() - 3]) <= 'z'));
    return !typed || std::any_of(
                         types->second.begin(),
                         types->second.end(),
                         [&before](std::string_view type) {
                             return before.size() >= type.size() &&
                                    lower(before.substr(before.size() - type.size())) == type;
                         }
                     );
}

std::optional<Tree::Part> Secrets::stand_in(Tree& tree) {
    std::string scratch;
    for (Tree::Part part = 0; part < tree.size(); ++part) {
        if (said_by(tree.name(part))) return part;
        if (tree.is_object(part) || tree.is_list(part)) continue;
        const std::string_view value = tree.value(part);
        if (!tree.is_string(part)) {
            scratch.clear();
            const bool number = value != "true" && value != "false" && value != "null";
            if (number && append_number(scratch, value) && whole_.contains(scratch)) return part;
            if (number && said_by(value)) return part;
            continue;
        }
        if (const auto plain = plain_string(value)) {
            if (said_by(*plain)) return part;
        } else if (said_by(unescaped(value))) {
            return part;
        }
    }
    return std::nullopt;
}

}  // namespace entente::stix::internal
