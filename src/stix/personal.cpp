#include "stix/personal.h"

#include "base/limits.h"
#include "stix/internal/personal_text.h"
#include "stix/internal/table.h"
#include "stix/internal/tree.h"
#include "stix/internal/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

namespace entente::stix {
namespace {

using internal::Structure;
using internal::Tree;
using Part = Tree::Part;

constexpr std::array<std::string_view, 4> names = {
    "contact", "account", "free_text", "credentials"};

// STIX 2.1, 2.5 and 3.1: no name of the standard's form is longer.
constexpr std::size_t selected_name_bytes_max = 250;
constexpr double wide_precision_m = 10'000;

/// A row with its path taken apart.
struct Rule {
    const PersonalRow* row = nullptr;
    std::vector<std::string_view> steps;  // without the `**` of `anywhere`
    bool anywhere = false;
};

/// The rules of a type or group.
struct Rules {
    std::vector<Rule> paths;
    std::unordered_multimap<std::string_view, const PersonalRow*> anywhere;  // by name
    const PersonalRow* whole = nullptr;                                      // the path `**`
};

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> out;
    for (std::size_t from = 0; from <= path.size();) {
        const std::size_t dot = std::min(path.find('.', from), path.size());
        out.push_back(path.substr(from, dot - from));
        from = dot + 1;
    }
    return out;
}

const Rules& rules_of(std::string_view type) {
    static const auto all = [] {
        std::map<std::string_view, Rules> out;
        for (const PersonalRow& row : personal_table()) {
            Rules& rules = out[row.type];
            std::vector<std::string_view> steps = split(row.path);
            if (row.path == "**") {
                rules.whole = &row;
            } else if (steps.front() == "**") {
                rules.anywhere.emplace(steps.back(), &row);
            } else {
                rules.paths.push_back({&row, std::move(steps)});
            }
        }
        return out;
    }();
    static const Rules none;
    const auto at = all.find(type);
    return at == all.end() ? none : at->second;
}

/// What the versions of the standard know of a type.
class Known {
  public:
    explicit Known(std::string_view type) {
        for (const internal::Table* table : {&internal::table_21(), &internal::table_20()}) {
            for (const Structure* structure : {table->object(type), table->contained(type)}) {
                if (structure != nullptr) structures_.emplace_back(table, structure);
            }
        }
    }

    [[nodiscard]] bool any() const noexcept { return !structures_.empty(); }

    [[nodiscard]] bool is_observable() const noexcept {
        return any() && (structures_.front().second->kind == internal::Class::sco ||
                         structures_.front().second->kind == internal::Class::observable);
    }

    [[nodiscard]] bool has_property(std::string_view name) const {
        return std::any_of(structures_.begin(), structures_.end(), [name](const auto& one) {
            return one.second->find(name) != nullptr;
        });
    }

    [[nodiscard]] bool has_extension(std::string_view name) const {
        return std::any_of(structures_.begin(), structures_.end(), [name](const auto& one) {
            return one.first->extension(*one.second, name) != nullptr;
        });
    }

  private:
    std::vector<std::pair<const internal::Table*, const Structure*>> structures_;
};

double number(std::string_view text) {
    double out = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

/// Looks through one object.
class Finder {
  public:
    explicit Finder(const Object& object)
        : tree_(object.body),
          looked_into_(tree_.size()),
          type_(object.type) {}

    Result<std::vector<PersonalPart>> run() &&;
    [[nodiscard]] PersonalClasses classes() &&;

  private:
    /// An object, or one in 2.0's container.
    struct Unit {
        Part root = 0;
        Part container = Tree::none;
        const Known& known;
        internal::Addresses facts;
    };

    struct Found {
        Part part = 0;
        const PersonalRow* row = nullptr;
        std::string_view stands;  // in it
    };

    void find();
    void look_at(Part root, std::string_view type, Part container);
    void add_facts(Unit& unit, std::string_view type);
    void apply(const Unit& unit, const Rules& rules);
    void follow(const Unit& unit, const Rule& rule, std::size_t step, Part part);
    void judge(const Unit& unit, const PersonalRow& row, Part part);
    void judge_strings(const Unit& unit, const PersonalRow& row, Part part);
    [[nodiscard]] std::string_view stands_in(
        const Unit& unit, PersonalWhen when, const std::string& text
    ) const;
    [[nodiscard]] bool is_custom(const Unit& unit, Part part);
    [[nodiscard]] bool is_precise(Part root);
    [[nodiscard]] std::string text_of(Part object, std::string_view name);
    void add(const PersonalRow& row, Part part, std::string_view stands = {});
    [[nodiscard]] Part selectable(Part part);
    [[nodiscard]] Result<std::vector<PersonalPart>> told();
    [[nodiscard]] std::string selector_to(Part part);

    Tree tree_;
    std::vector<bool> looked_into_;  // strings that were read for PersonalWhen::personal_text
    std::string type_;
    std::vector<Found> found_;
};

Result<std::vector<PersonalPart>> Finder::run() && {
    find();
    return told();
}

PersonalClasses Finder::classes() && {
    find();
    PersonalClasses out = 0;
    for (const Found& found : found_)
        out |= personal_bit(found.row->cls);
    return out;
}

void Finder::find() {
    const Part container = type_ == "observed-data" ? tree_.member(0, "objects") : Part{Tree::none};
    look_at(0, type_, container);
    if (container != Tree::none) {
        for (const Part contained : tree_.children(container)) {
            if (tree_.is_object(contained))
                look_at(contained, text_of(contained, "type"), Tree::none);
        }
    }
}

void Finder::look_at(Part root, std::string_view type, Part container) {
    if (type == "marking-definition") return;
    const Known known(type);
    Unit unit{root, container, known, {}};
    add_facts(unit, type);
    apply(unit, rules_of(type));
    apply(unit, rules_of("*"));
    if (!known.any()) {
        apply(unit, rules_of("custom"));
    } else if (!known.is_observable()) {
        apply(unit, rules_of("domain"));
    }
}

void Finder::add_facts(Unit& unit, std::string_view type) {
    if (type == "indicator") {
        internal::add_addresses(text_of(unit.root, "pattern"), unit.facts);
    } else if (unit.known.is_observable()) {
        internal::add_addresses(text_of(unit.root, "value"), unit.facts);
    }
}

void Finder::apply(const Unit& unit, const Rules& rules) {
    for (const Rule& rule : rules.paths)
        follow(unit, rule, 0, unit.root);
    if (rules.whole != nullptr) judge(unit, *rules.whole, unit.root);
    if (rules.anywhere.empty()) return;
    for (Part part = unit.root + 1; part < tree_.end(unit.root); ++part) {
        if (part == unit.container) {
            part = tree_.end(part) - 1;
            continue;
        }
        const auto [from, to] = rules.anywhere.equal_range(tree_.name(part));
        for (auto at = from; at != to; ++at)
            judge(unit, *at->second, part);
    }
}

void Finder::follow(const Unit& unit, const Rule& rule, std::size_t step, Part part) {
    if (step == rule.steps.size()) {
        judge(unit, *rule.row, part);
        return;
    }
    const std::string_view name = rule.steps[step];
    if (name != "*" && name != "?") {
        const Part next = tree_.member(part, name);
        if (next != Tree::none) follow(unit, rule, step + 1, next);
        return;
    }
    if (!tree_.is_object(part) && !tree_.is_list(part)) return;
    for (const Part child : tree_.children(part)) {
        if (name == "*" || is_custom(unit, child)) follow(unit, rule, step + 1, child);
    }
}

/// A property that the type does not have, or an extension that it does not have.
bool Finder::is_custom(const Unit& unit, Part part) {
    if (tree_.parent(part) == unit.root) return !unit.known.has_property(tree_.name(part));
    return !unit.known.has_extension(tree_.name(part));
}

void Finder::judge(const Unit& unit, const PersonalRow& row, Part part) {
    switch (row.when) {
        case PersonalWhen::always:
            add(row, part);
            return;
        case PersonalWhen::individual: {
            std::string text = text_of(unit.root, "identity_class");
            for (char& c : text)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            if (text == "individual") add(row, part);
            return;
        }
        case PersonalWhen::precise:
            if (is_precise(unit.root)) add(row, part);
            return;
        case PersonalWhen::secret_header:
            if (internal::is_secret_header(tree_.name(part))) add(row, part);
            return;
        case PersonalWhen::account_variable:
            if (internal::is_account_variable(tree_.name(part))) add(row, part);
            return;
        case PersonalWhen::login_in_url:
        case PersonalWhen::path_of_user:
        case PersonalWhen::personal_text:
            judge_strings(unit, row, part);
            return;
    }
}

void Finder::judge_strings(const Unit& unit, const PersonalRow& row, Part part) {
    const bool text = row.when == PersonalWhen::personal_text;
    for (Part at = part; at < tree_.end(part); ++at) {
        if (at == unit.container) return;
        if (text && looked_into_[at]) continue;
        if (text) looked_into_[at] = true;
        if (tree_.is_string(at)) {
            const auto stands = stands_in(unit, row.when, internal::unescaped(tree_.value(at)));
            if (!stands.empty()) add(row, at, stands);
        }
        // A key is told by no selector of its own: what holds it goes.
        if (text && at != part && !tree_.name(at).empty()) {
            const auto stands = stands_in(unit, row.when, std::string(tree_.name(at)));
            const Part holder = tree_.parent(at);
            if (!stands.empty()) add(row, holder == unit.root ? at : holder, stands);
        }
    }
}

/// What stands in the text that makes it personal; empty for nothing.
std::string_view Finder::stands_in(const Unit& unit, PersonalWhen when, const std::string& text)
    const {
    if (when == PersonalWhen::login_in_url)
        return internal::has_login_in_url(text) ? "a login" : std::string_view();
    if (when == PersonalWhen::path_of_user)
        return internal::has_path_of_user(text) ? "a user's folder" : std::string_view();
    return internal::personal_text(text, unit.facts);
}

/// To more than one place behind the point, which is some eleven kilometres.
bool Finder::is_precise(Part root) {
    const Part precision = tree_.member(root, "precision");
    if (precision != Tree::none && number(tree_.value(precision)) >= wide_precision_m) return false;
    for (const std::string_view name : {"latitude", "longitude"}) {
        const Part part = tree_.member(root, name);
        if (part == Tree::none) continue;
        const double tenths = number(tree_.value(part)) * 10;
        if (std::abs(tenths - std::round(tenths)) > 1e-6) return true;
    }
    return false;
}

/// The string of that name; empty where there is none.
std::string Finder::text_of(Part object, std::string_view name) {
    const Part part = tree_.member(object, name);
    if (part == Tree::none || !tree_.is_string(part)) return {};
    return internal::unescaped(tree_.value(part));
}

void Finder::add(const PersonalRow& row, Part part, std::string_view stands) {
    found_.push_back({selectable(part), &row, stands});
}

/// The part, or what holds the outermost of the names on the way to it that are too long.
Part Finder::selectable(Part part) {
    Part out = part;
    for (Part at = part; at != 0; at = tree_.parent(at)) {
        if (tree_.raw_name(at).size() > selected_name_bytes_max &&
            tree_.name(at).size() > selected_name_bytes_max)
            out = tree_.parent(at) == 0 ? at : tree_.parent(at);
    }
    return out;
}

Result<std::vector<PersonalPart>> Finder::told() {
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
        return std::pair(a.part, a.row->cls) < std::pair(b.part, b.row->cls);
    });
    std::vector<PersonalPart> out;
    std::array<Part, names.size()> told_until{};  // by class
    for (const Found& found : found_) {
        Part& until = told_until[static_cast<std::size_t>(found.row->cls)];
        if (found.part < until) continue;
        until = tree_.end(found.part);
        if (out.size() == limits::selectors_max) {
            return fail(
                Errc::too_large,
                "more parts are personal than can be selected (limit selectors_max, " +
                    std::to_string(limits::selectors_max) + ")"
            );
        }
        std::string why(found.row->why);
        if (!found.stands.empty()) why.append(": ").append(found.stands).append(" stands in it");
        std::string selector = selector_to(found.part);
        if (selector.empty()) {
            return fail(
                Errc::unprocessable,
                "a property whose name is longer than 250 bytes is personal, and no selector can "
                "name it"
            );
        }
        out.push_back({found.row->cls, std::move(selector), std::move(why)});
    }
    return out;
}

/// Empty when there is none.
std::string Finder::selector_to(Part part) {
    std::vector<Part> way;
    for (; part != 0; part = tree_.parent(part))
        way.push_back(part);
    std::string out;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        if (at != way.rbegin()) out += '.';
        if (tree_.is_list(tree_.parent(*at))) {
            out.append("[").append(std::to_string(tree_.position(*at))).append("]");
            continue;
        }
        const std::string_view name = tree_.name(*at);
        if (name.size() > selected_name_bytes_max) return {};
        out += name;
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
        case PersonalWhen::login_in_url:
            return "a URL with a login (`user:password@` or `user@`) stands in it";
        case PersonalWhen::path_of_user:
            return "a path through a user's folder stands in it";
        case PersonalWhen::personal_text:
            return "an e-mail address, a telephone number or an IBAN stands in it";
    }
    return "always";
}

Result<std::vector<PersonalPart>> personal_data(const Object& object) {
    return Finder(object).run();
}

PersonalClasses personal_classes(const Object& object) {
    return Finder(object).classes();
}

Result<std::vector<PersonalPart>> personal_data(std::string_view json) {
    ENTENTE_TRY(const Object object, read_object(json));
    return personal_data(object);
}

}  // namespace entente::stix
