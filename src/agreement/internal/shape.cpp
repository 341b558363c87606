#include "agreement/internal/shape.h"

#include "agreement/internal/json_access.h"
#include "agreement/internal/kinds.h"
#include "base/escape.h"
#include "base/limits.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace entente::agreement::internal {
namespace {

namespace json = boost::json;

constexpr std::size_t shown_bytes_max = 64;

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

json::string_view json_view(std::string_view text) {
    return {text.data(), text.size()};
}

/// What stands there, short, for the one who wrote it.
std::string shown(const json::value& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "a list";
    if (value.is_string()) return "\"" + printable(text(value), shown_bytes_max) + "\"";
    return json::serialize(value);
}

/// How many letters must be changed, added or taken away to make `a` out of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
        }
    }
    return row.back();
}

std::string unknown_key(std::string_view name, std::span<const Term* const> known) {
    std::string_view nearest = "comment";
    std::size_t least = name.size() <= shown_bytes_max ? distance(name, nearest) : name.size();
    for (const Term* term : known) {
        if (name.size() > shown_bytes_max) break;
        const std::string_view key = key_of(*term);
        if (const std::size_t far = distance(name, key); far < least) {
            least = far;
            nearest = key;
        }
    }
    if (least <= std::max<std::size_t>(2, nearest.size() / 3))
        return fmt::format("unknown key; the nearest that is known here is \"{}\"", nearest);
    std::string all;
    for (const Term* term : known)
        all += fmt::format("{}, ", key_of(*term));
    return "unknown key; known here: " + all + "comment";
}

class Walk {
  public:
    explicit Walk(Findings& findings) : findings_(findings) {}

    void structure(std::string_view place, std::string_view at, const json::object& object) {
        const auto known = terms_below(place);
        for (const auto& member : object) {
            if (findings_.full()) return;
            const std::string_view name = view(member.key());
            if (name == "comment") {
                one(comment_term(), step(at, name), member.value());
                continue;
            }
            const auto found = std::find_if(known.begin(), known.end(), [name](const Term* term) {
                return key_of(*term) == name;
            });
            if (found == known.end())
                findings_.add(step(at, name), unknown_key(name, known));
            else
                whole(**found, step(at, name), member.value());
        }
        for (const Term* term : known) {
            if (term->required && object.if_contains(json_view(key_of(*term))) == nullptr)
                findings_.add(step(at, key_of(*term)), "missing; expected " + expected(*term));
        }
    }

  private:
    void whole(const Term& term, const std::string& at, const json::value& value) {
        if (!term.list) return one(term, at, value);
        const json::array* list = value.if_array();
        if (list == nullptr || list->size() < term.entries_least ||
            list->size() > term.entries_most) {
            const std::string is =
                list == nullptr ? shown(value) : fmt::format("{} entries", list->size());
            return findings_.add(at, fmt::format("{} is not {}", is, expected(term)));
        }
        std::set<std::string_view> seen;
        for (std::size_t i = 0; i < list->size() && !findings_.full(); ++i) {
            const json::value& entry = (*list)[i];
            one(term, step(at, i), entry);
            if (entry.is_string() && !seen.insert(text(entry)).second)
                findings_.add(step(at, i), shown(entry) + " stands in the list before");
        }
    }

    void one(const Term& term, const std::string& at, const json::value& value) {
        if (!is_allowed(term, value))
            return findings_.add(
                at, fmt::format("{} is not {}", shown(value), expected_value(term))
            );
        if (term.kind == Kind::structure)
            structure(
                term.list ? std::string(term.place) + "/*" : std::string(term.place),
                at,
                value.get_object()
            );
        if (term.kind == Kind::topics) topics(term, at, value.get_object());
    }

    void topics(const Term& term, const std::string& at, const json::object& object) {
        if (object.size() > term.entries_most)
            return findings_.add(
                at,
                fmt::format("{} topics are too many; at most {}", object.size(), term.entries_most)
            );
        static constexpr Term words{
            .place = "/topics/*",
            .kind = Kind::topic_word,
            .list = true,
            .entries_least = 1,
            .entries_most = limits::agreement_list_max};
        for (const auto& member : object) {
            if (findings_.full()) return;
            const std::string_view name = view(member.key());
            const std::string here = step(at, name);
            if (name == "comment") {
                one(comment_term(), here, member.value());
            } else if (!is_word(name)) {
                findings_.add(
                    here, "the name of a topic is a-z, 0-9 and - inside, at most 32 characters"
                );
            } else {
                whole(words, here, member.value());
            }
        }
    }

    Findings& findings_;
};

void complete_at(std::string_view place, json::object& object) {
    for (const Term* term : terms_below(place)) {
        const auto key = json_view(key_of(*term));
        if (!term->fallback.empty() && object.if_contains(key) == nullptr)
            object[key] = json::parse(json_view(term->fallback));
        json::value* value = object.if_contains(key);
        if (value == nullptr || term->kind != Kind::structure) continue;
        if (!term->list) {
            complete_at(term->place, value->get_object());
            continue;
        }
        const std::string below = std::string(term->place) + "/*";
        for (json::value& entry : value->get_array())
            complete_at(below, entry.get_object());
    }
}

}  // namespace

void Findings::add(std::string_view pointer, std::string_view text) {
    if (!full())
        lines_.push_back(fmt::format("{}: {}", pointer.empty() ? "the document" : pointer, text));
}

bool Findings::full() const noexcept {
    return lines_.size() >= limits::agreement_findings_max;
}

std::string Findings::detail() const {
    return fmt::format("{}", fmt::join(lines_, "; "));
}

std::string step(std::string_view pointer, std::string_view name) {
    std::string next{pointer};
    next += '/';
    for (const char c : printable(name, shown_bytes_max)) {
        if (c == '~') {
            next += "~0";
        } else if (c == '/') {
            next += "~1";
        } else {
            next += c;
        }
    }
    return next;
}

std::string step(std::string_view pointer, std::size_t index) {
    return fmt::format("{}/{}", pointer, index);
}

void check_shape(const json::object& document, Findings& findings) {
    Walk(findings).structure("", "", document);
}

json::value parse_canonical(std::string_view canonical) {
    json::parse_options options;
    // The canonical form goes no deeper.
    options.max_depth = limits::json_depth_max + 1;
    return json::parse(json_view(canonical), {}, options);
}

void complete(json::object& document) {
    complete_at("", document);
}

json::object completed(std::string_view canonical) {
    json::object document = std::move(parse_canonical(canonical).as_object());
    complete(document);
    return document;
}

}  // namespace entente::agreement::internal
