#include "stix/internal/selectors.h"

#include "base/escape.h"
#include "base/limits.h"
#include "stix/internal/value.h"
#include "stix/object.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace entente::stix::internal {
namespace {

using Part = Tree::Part;

constexpr std::size_t shown_bytes_max = 80;
// STIX 2.1, 2.5: a dictionary key has at most 250 characters, and only such keys are looked for
// where a dot may be part of the name.
constexpr std::size_t dotted_name_bytes_max = 250;

std::string quoted(std::string_view text) {
    return "\"" + printable(text, shown_bytes_max) + "\"";
}

/// The index that a component `[n]` names; one that is too large for any list reads as the largest
/// number.
std::optional<std::size_t> index_of(std::string_view component) {
    if (component.size() < 3 || component.front() != '[' || component.back() != ']')
        return std::nullopt;
    const std::string_view digits = component.substr(1, component.size() - 2);
    std::size_t index = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (read.ptr != digits.data() + digits.size()) return std::nullopt;
    return read.ec == std::errc{} ? index : SIZE_MAX;
}

tl::unexpected<Error> wrong(const std::string& pointer, std::string_view what) {
    return fail(Errc::unprocessable, pointer + ": " + std::string(what));
}

class Reader {
  public:
    explicit Reader(Tree& tree) : tree_(tree), selectors_(tree) {}

    Result<std::vector<Granular>> run() {
        std::vector<Granular> out;
        const Part list = tree_.member(0, "granular_markings");
        if (list == Tree::none) return out;
        if (!tree_.is_list(list) || tree_.children(list).empty()) {
            return wrong(
                "/granular_markings",
                "expected a list of markings that is not empty, or no such property"
            );
        }
        std::size_t index = 0;
        for (const Part entry : tree_.children(list)) {
            const std::string pointer = "/granular_markings/" + std::to_string(index++);
            ENTENTE_TRY(out.emplace_back(), read(entry, pointer));
        }
        return out;
    }

  private:
    Result<Granular> read(Part entry, const std::string& pointer) {
        if (!tree_.is_object(entry))
            return wrong(pointer, "expected an object with selectors and marking_ref or lang");
        Granular out;
        out.entry = entry;
        const Part ref = tree_.member(entry, "marking_ref");
        const Part lang = tree_.member(entry, "lang");
        if ((ref == Tree::none) == (lang == Tree::none))
            return wrong(pointer, "expected exactly one of marking_ref and lang");
        if (lang != Tree::none && !tree_.is_string(lang))
            return wrong(pointer + "/lang", "expected a text (RFC 5646)");
        if (ref != Tree::none) {
            const auto id = plain_string(tree_.value(ref));
            if (!id || !id->starts_with("marking-definition--") || !is_identifier(*id)) {
                return wrong(
                    pointer + "/marking_ref",
                    printable(tree_.value(ref), shown_bytes_max) +
                        " names no marking; expected marking-definition--UUID in lower-case digits"
                );
            }
            out.marking_ref = *id;
        }
        ENTENTE_CHECK(read_selectors(out, pointer + "/selectors"));
        return out;
    }

    Result<void> read_selectors(Granular& out, const std::string& pointer) {
        const Part list = tree_.member(out.entry, "selectors");
        if (list == Tree::none || !tree_.is_list(list) || tree_.children(list).empty())
            return wrong(pointer, "expected a list of selectors (texts) that is not empty");
        std::size_t index = 0;
        for (const Part text : tree_.children(list)) {
            const std::string at = pointer + "/" + std::to_string(index++);
            if (!tree_.is_string(text)) return wrong(at, "expected a selector (a text)");
            if (++count_ > limits::selectors_max) {
                return fail(
                    Errc::too_large,
                    at + ": more selectors than the limit of " +
                        std::to_string(limits::selectors_max)
                );
            }
            auto parts = selectors_.resolve(unescaped(tree_.value(text)));
            if (!parts && (!out.marking_ref.empty() || parts.error().code == Errc::too_large))
                return fail(parts.error().code, at + ": " + parts.error().detail);
            out.selectors.push_back({text, std::move(parts).value_or(std::vector<Part>())});
        }
        return {};
    }

    Tree& tree_;
    Selectors selectors_;
    std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<Part>> Selectors::resolve(std::string_view selector) {
    selector_ = selector;
    found_.clear();
    miss_ = {};
    if (!follow(0, 0)) {
        return fail(
            Errc::too_large,
            "the selectors take more than " + std::to_string(limits::selector_steps_max) +
                " steps to resolve; select fewer parts, or what holds them"
        );
    }
    if (!found_.empty()) return std::move(found_);
    return fail(
        Errc::unprocessable,
        quoted(selector) + " selects nothing: component " + quoted(component_at(miss_.component)) +
            ": " + miss_.why
    );
}

std::string_view Selectors::component_at(std::size_t from) const {
    const std::string_view rest = selector_.substr(from);
    return rest.substr(0, rest.find('.'));
}

bool Selectors::pay() {
    return ++steps_ <= limits::selector_steps_max;
}

void Selectors::miss(std::size_t component, std::string why) {
    if (miss_.any && component <= miss_.component) return;
    miss_ = {component, std::move(why), true};
}

/// Reads the selector from the component that begins at `from`, which names something in `part`.
/// False when it takes too long.
bool Selectors::follow(Part part, std::size_t from) {
    if (tree_.is_list(part)) return follow_index(part, from);
    if (tree_.is_object(part)) return follow_names(part, from);
    miss(from, "there is nothing in a single value; end the selector before it");
    return true;
}

/// `part` was named by what ends at `to`.
bool Selectors::arrive(Part part, std::size_t to) {
    if (to < selector_.size()) return follow(part, to + 1);
    found_.push_back(part);
    return true;
}

bool Selectors::follow_index(Part list, std::size_t from) {
    if (!pay()) return false;
    const std::string_view component = component_at(from);
    const auto index = index_of(component);
    const auto elements = tree_.children(list);
    if (!index) {
        miss(from, "a list has no names; expected [n], counted from 0");
        return true;
    }
    if (*index >= elements.size()) {
        miss(from, "the list has " + std::to_string(elements.size()) + " elements, counted from 0");
        return true;
    }
    return arrive(elements[*index], from + component.size());
}

bool Selectors::follow_names(Part object, std::size_t from) {
    const std::string_view rest = selector_.substr(from);
    const std::size_t first_dot = std::min(rest.find('.'), rest.size());
    bool known = false;
    // From the longest name down to the first component.
    for (std::size_t to = rest.size();; to = rest.rfind('.', to - 1)) {
        if (to > first_dot && to > dotted_name_bytes_max) {
            to = first_dot > dotted_name_bytes_max ? first_dot
                                                   : rest.rfind('.', dotted_name_bytes_max);
        }
        if (!pay()) return false;
        if (const Part part = tree_.member(object, rest.substr(0, to)); part != Tree::none) {
            known = true;
            if (!arrive(part, from + to)) return false;
        }
        if (to == first_dot) break;
    }
    if (known) return true;
    miss(
        from,
        index_of(component_at(from)) ? "an index, and what it is in is no list"
                                     : "no property or key of that name is there"
    );
    return true;
}

Result<std::vector<Granular>> read_granular(Tree& tree) {
    return Reader(tree).run();
}

}  // namespace entente::stix::internal
