#include "stix/internal/personal_find.h"

#include "base/assert.h"
#include "stix/internal/table.h"
#include "stix/internal/value.h"
#include "stix/object.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

namespace entente::stix::internal {
namespace {

using Part = Tree::Part;

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
    std::vector<const PersonalRow*> whole;                                   // the path `**`
};

bool is_of_text(PersonalWhen when) {
    switch (when) {
        case PersonalWhen::always:
        case PersonalWhen::individual:
        case PersonalWhen::precise:
        case PersonalWhen::secret_header:
        case PersonalWhen::account_variable:
        case PersonalWhen::whole_message:
            return false;
        case PersonalWhen::login_in_url:
        case PersonalWhen::path_of_user:
        case PersonalWhen::any_address:
        case PersonalWhen::address:
        case PersonalWhen::address_id:
        case PersonalWhen::account_id:
        case PersonalWhen::account_test:
        case PersonalWhen::credential_test:
        case PersonalWhen::personal_text:
        case PersonalWhen::unless_organization:
            return true;
    }
    return false;
}

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
                rules.whole.push_back(&row);
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
        for (const Table* table : {&table_21(), &table_20()}) {
            for (const Structure* structure : {table->object(type), table->contained(type)}) {
                if (structure != nullptr) structures_.emplace_back(table, structure);
            }
        }
    }

    [[nodiscard]] bool any() const noexcept { return !structures_.empty(); }

    [[nodiscard]] bool is_observable() const noexcept {
        return any() && (structures_.front().second->kind == Class::sco ||
                         structures_.front().second->kind == Class::observable);
    }

    [[nodiscard]] bool has_property(std::string_view name) const {
        return std::any_of(structures_.begin(), structures_.end(), [name](const auto& one) {
            return one.second->find(name) != nullptr;
        });
    }

    /// Both versions want the same of what a container's objects have.
    [[nodiscard]] bool is_required(std::string_view name) const {
        return std::any_of(structures_.begin(), structures_.end(), [name](const auto& one) {
            const Column* column = one.second->find(name);
            return column != nullptr && column->row->required;
        });
    }

    [[nodiscard]] bool has_extension(std::string_view name) const {
        return std::any_of(structures_.begin(), structures_.end(), [name](const auto& one) {
            return one.first->extension(*one.second, name) != nullptr;
        });
    }

  private:
    std::vector<std::pair<const Table*, const Structure*>> structures_;
};

double number(std::string_view text) {
    double out = 0;
    (void)std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

/// Looks through one object.
class Finder {
  public:
    Finder(Tree& tree, std::string_view type)
        : tree_(tree),
          looked_into_(tree.size()),
          type_(type) {}

    [[nodiscard]] PersonalFinds run() &&;

  private:
    /// An object, or one in 2.0's container.
    struct Unit {
        Part root = 0;
        Part container = Tree::none;
        const Known& known;
        Addresses facts;
    };

    void look_at(Part root, std::string_view type, Part container);
    void add_facts(Unit& unit, std::string_view type);
    void apply(const Unit& unit, const Rules& rules);
    void follow(const Unit& unit, const Rule& rule, std::size_t step, Part part);
    void judge(const Unit& unit, const PersonalRow& row, Part part);
    void judge_strings(const Unit& unit, const PersonalRow& row, Part part);
    [[nodiscard]] bool is_custom(const Unit& unit, Part part);
    [[nodiscard]] bool is_precise(Part root);
    [[nodiscard]] bool is_text(Part object, std::string_view name, std::string_view begins);
    [[nodiscard]] std::string text_of(Part object, std::string_view name);
    void add(const Unit& unit, const PersonalRow& row, Part part, std::string_view stands = {});

    Tree& tree_;
    std::vector<std::uint16_t> looked_into_;  // strings: a bit for what was looked for in them
    std::string_view type_;
    PersonalFinds out_;
};

PersonalFinds Finder::run() && {
    const Part container = type_ == "observed-data" ? tree_.member(0, "objects") : Part{Tree::none};
    look_at(0, type_, container);
    if (container != Tree::none) {
        for (const Part contained : tree_.children(container)) {
            if (tree_.is_object(contained))
                look_at(contained, text_of(contained, "type"), Tree::none);
        }
    }
    return std::move(out_);
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
    } else {
        apply(unit, rules_of("observable"));
    }
    out_.facts.merge(unit.facts);
}

void Finder::add_facts(Unit& unit, std::string_view type) {
    if (type == "indicator") {
        add_addresses(text_of(unit.root, "pattern"), unit.facts);
    } else if (unit.known.is_observable()) {
        add_addresses(text_of(unit.root, "value"), unit.facts);
    }
}

void Finder::apply(const Unit& unit, const Rules& rules) {
    for (const Rule& rule : rules.paths)
        follow(unit, rule, 0, unit.root);
    for (const PersonalRow* row : rules.whole)
        judge(unit, *row, unit.root);
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
    if (is_of_text(row.when)) {
        if (row.when == PersonalWhen::unless_organization &&
            is_text(unit.root, "identity_class", "organization"))
            return;
        judge_strings(unit, row, part);
        return;
    }
    const bool holds =
        row.when == PersonalWhen::always ||
        (row.when == PersonalWhen::individual && is_text(unit.root, "identity_class", "individual")
        ) ||
        (row.when == PersonalWhen::whole_message && is_text(unit.root, "mime_type", "message/")) ||
        (row.when == PersonalWhen::precise && is_precise(unit.root)) ||
        (row.when == PersonalWhen::secret_header && is_secret_header(tree_.name(part))) ||
        (row.when == PersonalWhen::account_variable && is_account_variable(tree_.name(part)));
    if (holds) add(unit, row, part);
}

void Finder::judge_strings(const Unit& unit, const PersonalRow& row, Part part) {
    // What was looked for in it, or in what holds it, is not looked for again.
    const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(row.when));
    if ((looked_into_[part] & bit) != 0) return;
    const bool names_too =
        row.when == PersonalWhen::personal_text || row.when == PersonalWhen::address;
    for (Part at = part; at < tree_.end(part); ++at) {
        if (at == unit.container) return;
        looked_into_[at] = static_cast<std::uint16_t>(looked_into_[at] | bit);
        if (tree_.is_string(at)) {
            const auto stands = personal_text(row.when, unescaped(tree_.value(at)), unit.facts);
            const bool own_id = tree_.parent(at) == 0 && tree_.name(at) == "id";
            if (!stands.empty() && !own_id) add(unit, row, at, stands);
        }
        // A key is told by no selector of its own: what holds it goes.
        if (names_too && at != part && !tree_.raw_name(at).empty()) {
            const auto stands = personal_text(row.when, tree_.name(at), unit.facts);
            const Part holder = tree_.parent(at);
            if (!stands.empty()) add(unit, row, holder == unit.root ? at : holder, stands);
        }
    }
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

/// The string of that name begins so, in either case.
bool Finder::is_text(Part object, std::string_view name, std::string_view begins) {
    const std::string text = text_of(object, name);
    return text.size() >= begins.size() &&
           std::equal(begins.begin(), begins.end(), text.begin(), [](char wanted, char c) {
               return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
           });
}

/// The string of that name; empty where there is none.
std::string Finder::text_of(Part object, std::string_view name) {
    const Part part = tree_.member(object, name);
    if (part == Tree::none || !tree_.is_string(part)) return {};
    return unescaped(tree_.value(part));
}

void Finder::add(const Unit& unit, const PersonalRow& row, Part part, std::string_view stands) {
    // An object in a container goes with what it cannot be without.
    if (unit.root != 0 && tree_.parent(part) == unit.root &&
        unit.known.is_required(tree_.name(part)))
        part = unit.root;
    if (part != 0) out_.finds.push_back({part, &row, stands});
}

}  // namespace

PersonalFinds find_personal(Tree& tree, std::string_view type) {
    return Finder(tree, type).run();
}

bool is_personal_by_form(std::string_view type) {
    static const std::vector<std::string_view> types = [] {
        std::vector<std::string_view> out = {"observed-data"};  // for what it contains
        for (const PersonalRow& row : personal_table()) {
            if (is_of_text(row.when)) continue;
            ENTENTE_ASSERT(Known(row.type).any());  // no group
            if (std::find(out.begin(), out.end(), row.type) == out.end()) out.push_back(row.type);
        }
        return out;
    }();
    return std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace entente::stix::internal
