#include "stix/personal.h"

#include "base/limits.h"
#include "stix/internal/personal_find.h"
#include "stix/internal/personal_glance.h"
#include "stix/internal/tree.h"

#include <algorithm>
#include <array>
#include <utility>

namespace entente::stix {
namespace {

using internal::PersonalFind;
using internal::Tree;
using Part = Tree::Part;

constexpr std::array<std::string_view, 4> names = {
    "contact", "account", "free-text", "credentials"};

// STIX 2.1, 2.5 and 3.1: no name of the standard's form is longer.
constexpr std::size_t selected_name_bytes_max = 250;

/// The part, or what holds the outermost of the names on the way to it that are too long.
Part selectable(Tree& tree, Part part) {
    Part out = part;
    for (Part at = part; at != 0; at = tree.parent(at)) {
        if (tree.raw_name(at).size() > selected_name_bytes_max &&
            tree.name(at).size() > selected_name_bytes_max)
            out = tree.parent(at) == 0 ? at : tree.parent(at);
    }
    return out;
}

/// Empty when there is none.
std::string selector_to(Tree& tree, Part part) {
    std::vector<Part> way;
    for (; part != 0; part = tree.parent(part))
        way.push_back(part);
    std::string out;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        if (at != way.rbegin()) out += '.';
        if (tree.is_list(tree.parent(*at))) {
            out.append("[").append(std::to_string(tree.position(*at))).append("]");
            continue;
        }
        const std::string_view name = tree.name(*at);
        if (name.size() > selected_name_bytes_max) return {};
        out += name;
    }
    return out;
}

Result<std::vector<PersonalPart>> told(Tree& tree, std::vector<PersonalFind> finds) {
    for (PersonalFind& find : finds)
        find.part = selectable(tree, find.part);
    std::stable_sort(finds.begin(), finds.end(), [](const auto& a, const auto& b) {
        return std::pair(a.part, a.row->cls) < std::pair(b.part, b.row->cls);
    });
    std::vector<PersonalPart> out;
    std::array<Part, names.size()> told_until{};  // by class
    for (const PersonalFind& find : finds) {
        Part& until = told_until[static_cast<std::size_t>(find.row->cls)];
        if (find.part < until) continue;
        until = tree.end(find.part);
        if (out.size() == limits::selectors_max) {
            return fail(
                Errc::too_large,
                "more parts are personal than can be selected (limit selectors_max, " +
                    std::to_string(limits::selectors_max) + ")"
            );
        }
        std::string why(find.row->why);
        if (!find.stands.empty()) why.append(": ").append(find.stands).append(" stands in it");
        std::string selector = selector_to(tree, find.part);
        if (selector.empty()) {
            return fail(
                Errc::unprocessable,
                "a property whose name is longer than 250 bytes is personal, and no selector can "
                "name it"
            );
        }
        out.push_back({find.row->cls, std::move(selector), std::move(why)});
    }
    return out;
}

}  // namespace

std::string_view personal_name(Personal personal) noexcept {
    return names[static_cast<std::size_t>(personal)];
}

std::optional<Personal> parse_personal(std::string_view name) noexcept {
    const auto* const at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<Personal>(at - names.begin());
}

std::string_view personal_when_text(PersonalWhen when) noexcept {
    switch (when) {
        case PersonalWhen::always:
            return "always";
        case PersonalWhen::individual:
            return "`identity_class` is `individual`";
        case PersonalWhen::precise:
            return "told to more than one decimal, unless `precision` is 10 km or more";
        case PersonalWhen::secret_header:
            return "the header is Cookie, Set-Cookie, Authorization, Proxy-Authorization, "
                   "X-Api-Key or X-Auth-Token";
        case PersonalWhen::account_variable:
            return "the variable is USER, USERNAME, LOGNAME or SUDO_USER";
        case PersonalWhen::whole_message:
            return "`mime_type` begins with message/";
        case PersonalWhen::login_in_url:
            return "a URL with a login (`user:password@`) stands in it";
        case PersonalWhen::path_of_user:
            return "a path through a user's folder or a user's SID stands in it";
        case PersonalWhen::any_address:
            return "an e-mail address stands in it";
        case PersonalWhen::address:
            return "an e-mail address stands in it, and `value` does not state it";
        case PersonalWhen::address_id:
            return "an id of email-addr that is computed from the address (UUID of version 5)";
        case PersonalWhen::account_id:
            return "an id of user-account that is computed from the account (UUID of version 5)";
        case PersonalWhen::account_test:
            return "a STIX pattern that tests `user_id`, `account_login` or `display_name`";
        case PersonalWhen::credential_test:
            return "a STIX pattern that tests `credential`";
        case PersonalWhen::unless_organization:
            return "as the rows beside, and `identity_class` is not `organization`";
        case PersonalWhen::personal_text:
            return "an e-mail address that `value` or `pattern` does not state, a telephone number "
                   "or "
                   "an IBAN stands in it";
    }
    return "always";
}

Result<std::vector<PersonalPart>> personal_data(const Object& object) {
    Tree tree(object.body);
    return told(tree, internal::find_personal(tree, object.type).finds);
}

PersonalClasses personal_classes(const Object& object) {
    if (!internal::is_personal_by_form(object.type) &&
        !internal::may_hold_personal_text(object.body))
        return 0;
    Tree tree(object.body);
    PersonalClasses out = 0;
    for (const PersonalFind& find : internal::find_personal(tree, object.type).finds)
        out |= personal_bit(find.row->cls);
    return out;
}

Result<std::vector<PersonalPart>> personal_data(std::string_view json) {
    ENTENTE_TRY(const Object object, read_object(json));
    return personal_data(object);
}

}  // namespace entente::stix
