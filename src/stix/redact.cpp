#include "stix/redact.h"

#include "base/escape.h"
#include "base/time.h"
#include "stix/check.h"
#include "stix/identify.h"
#include "stix/internal/cut.h"
#include "stix/internal/number.h"
#include "stix/internal/personal_find.h"
#include "stix/internal/secrets.h"
#include "stix/internal/selectors.h"
#include "stix/internal/tree.h"
#include "stix/internal/value.h"
#include "stix/object.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace entente::stix {
namespace {

using internal::Cut;
using internal::Granular;
using internal::Tree;
using Part = Tree::Part;

constexpr std::size_t pointer_bytes_max = 200;
// With every character written as \u00XX.
constexpr std::size_t identifier_token_bytes_max = 6 * 300 + 2;

/// Why there is no derived object.
struct Refusal {
    Withheld reason = Withheld::no;
    std::string why;
};

/// The identifier that a string value spells; nothing for all else.
std::optional<std::string> identifier(std::string_view value) {
    if (!internal::is_string(value) || value.size() > identifier_token_bytes_max)
        return std::nullopt;
    std::string text = internal::unescaped(value);
    if (!is_identifier(text)) return std::nullopt;
    return text;
}

/// One object on its way.
class Redactor {
  public:
    Redactor(const Object& object, const Redaction& redaction)
        : object_(object),
          redaction_(redaction),
          tree_(object.body) {}

    Result<Redacted> run() &&;

  private:
    [[nodiscard]] std::optional<Refusal> refuse_kind() const;
    void find_personal();
    [[nodiscard]] std::optional<Refusal> refuse_cut(Cut& cut);
    [[nodiscard]] std::optional<Refusal> refuse_selected(Part part);
    [[nodiscard]] std::optional<Refusal> refuse_result(const Cut& cut, const std::string& body);
    [[nodiscard]] std::optional<Refusal> refuse_saying(const Cut& cut, const std::string& body);
    void add_secrets(const Cut& cut, internal::Secrets& secrets);
    void add_secret(Part part, internal::Secrets& secrets);

    [[nodiscard]] std::string write(Cut& cut);
    void write_member(Cut& cut, Part part, std::string& out);
    void write_value(const Cut& cut, Part part, std::string& out);
    [[nodiscard]] std::optional<std::string_view> replacement(std::string_view name) const;
    [[nodiscard]] std::optional<std::string_view> new_name(std::string_view id) const;

    [[nodiscard]] std::string shown_pointer(Part part) {
        return printable(tree_.pointer(part), pointer_bytes_max);
    }

    const Object& object_;
    const Redaction& redaction_;
    Tree tree_;
    std::vector<Granular> granular_;
    std::vector<Part> personal_;  // what `strip` names
    internal::Addresses facts_;   // addresses that may be said
};

std::optional<Refusal> Redactor::refuse_kind() const {
    if (object_.type == "language-content")
        return Refusal{
            Withheld::translation,
            "/type: a language-content repeats another object in other words; it is never derived"};
    if (object_.type == "marking-definition")
        return Refusal{
            Withheld::unsound,
            "/type: a marking-definition means what its id says; it is never derived"};
    for (const std::string& marking : object_.object_markings) {
        if (std::find(redaction_.hidden.begin(), redaction_.hidden.end(), marking) !=
            redaction_.hidden.end())
            return Refusal{
                Withheld::required_part,
                "/object_marking_refs: " + marking + " hides the whole object"};
    }
    return std::nullopt;
}

void Redactor::find_personal() {
    if (redaction_.strip == 0) return;
    internal::PersonalFinds found = internal::find_personal(tree_, object_.type);
    facts_ = std::move(found.facts);
    for (const internal::PersonalFind& find : found.finds) {
        if ((redaction_.strip & personal_bit(find.row->cls)) == 0) continue;
        const bool reference = find.row->when == PersonalWhen::address_id ||
                               find.row->when == PersonalWhen::account_id;
        if (reference) {
            const auto id = identifier(tree_.value(find.part));
            if (id && new_name(*id)) continue;
        }
        personal_.push_back(find.part);
    }
    // What lies in another goes with it.
    std::sort(personal_.begin(), personal_.end());
    Part end = 0;
    std::erase_if(personal_, [&](Part part) {
        if (part < end) return true;
        end = tree_.end(part);
        return false;
    });
}

/// What can be said before anything is cut.
std::optional<Refusal> Redactor::refuse_cut(Cut& cut) {
    for (const Part part : cut.selected()) {
        if (auto refusal = refuse_selected(part)) return refusal;
    }
    const Part markings = tree_.member(0, "granular_markings");
    for (const Granular& entry : granular_) {
        if (cut.is_hidden(entry)) continue;
        for (const auto& selector : entry.selectors) {
            for (const Part part : selector.parts) {
                if (part > markings && part < tree_.end(markings)) {
                    return Refusal{
                        Withheld::unsound,
                        shown_pointer(selector.text) +
                            ": it marks a marking, and the markings change when parts go"};
                }
            }
        }
    }
    return std::nullopt;
}

/// Leaving these out would change what the rest means, or who may see it.
std::optional<Refusal> Redactor::refuse_selected(Part part) {
    Part top = part;
    while (top != 0 && tree_.parent(top) != 0)
        top = tree_.parent(top);
    const std::string_view name = tree_.name(top);
    const bool needed = name == "type" || name == "spec_version" || name == "object_marking_refs" ||
                        name == "granular_markings" || (name == "revoked" && object_.revoked);
    if (!needed) return std::nullopt;
    return Refusal{
        Withheld::required_part, shown_pointer(part) + ": hidden, and cannot be left out"};
}

std::optional<std::string_view> Redactor::replacement(std::string_view name) const {
    if (name == "id") return redaction_.id;
    if (name == "created_by_ref") return redaction_.created_by_ref;
    if (name == "created") return redaction_.created;
    if (name == "modified") return redaction_.modified;
    return std::nullopt;
}

std::optional<std::string_view> Redactor::new_name(std::string_view id) const {
    if (id == object_.id) return redaction_.id;
    const auto at = redaction_.renamed.find(id);
    if (at == redaction_.renamed.end()) return std::nullopt;
    return at->second;
}

void Redactor::write_value(const Cut& cut, Part part, std::string& out) {
    if (tree_.is_object(part) || tree_.is_list(part)) {
        const bool object = tree_.is_object(part);
        char before = object ? '{' : '[';
        for (Part child = part + 1; child < tree_.end(part); child = tree_.end(child)) {
            if (!cut.is_kept(child)) continue;
            out += before;
            before = ',';
            if (object) out.append("\"").append(tree_.raw_name(child)).append("\":");
            write_value(cut, child, out);
        }
        out += object ? '}' : ']';
        return;
    }
    const auto id = identifier(tree_.value(part));
    const auto other = id ? new_name(*id) : std::nullopt;
    if (other) {
        out += json_string(*other);
    } else {
        out += tree_.value(part);
    }
}

/// A property of the object itself.
void Redactor::write_member(Cut& cut, Part part, std::string& out) {
    const std::string_view name = tree_.name(part);
    std::string value;
    if (const auto text = replacement(name)) {
        value = json_string(*text);
    } else if (name == "granular_markings") {
        value = cut.granular_markings();
        if (value.empty()) return;
    } else if (name == "object_marking_refs") {
        value = tree_.value(part);
    } else if (cut.is_kept(part)) {
        write_value(cut, part, value);
    } else {
        return;
    }
    out.append(out.empty() ? "{\"" : ",\"")
        .append(tree_.raw_name(part))
        .append("\":")
        .append(value);
    // STIX 2.1, 3.2: cyber-observables have no created_by_ref, all else has.
    if (name == "id" && object_.created_by_ref.empty() && object_.kind != Kind::cyber_observable)
        out.append(",\"created_by_ref\":").append(json_string(redaction_.created_by_ref));
}

std::string Redactor::write(Cut& cut) {
    std::string out;
    for (const Part part : tree_.children(0))
        write_member(cut, part, out);
    return out + "}";
}

/// A text, number or nothing of a hidden part.
void Redactor::add_secret(Part part, internal::Secrets& secrets) {
    const std::string_view value = tree_.value(part);
    if (tree_.is_string(part)) {
        secrets.add_text(internal::unescaped(value));
        // What is hidden here may stand elsewhere under its new name.
        const auto id = identifier(value);
        const auto other = id && *id != object_.id ? new_name(*id) : std::nullopt;
        if (other) secrets.add_text(*other);
        return;
    }
    const char first = value.front();
    if (first != '-' && (first < '0' || first > '9')) return;
    std::string canonical;
    if (internal::append_number(canonical, value)) secrets.add_number(canonical);
}

void Redactor::add_secrets(const Cut& cut, internal::Secrets& secrets) {
    std::unordered_set<std::string_view> shown;  // names that stay
    std::unordered_set<std::string_view> hidden;
    for (Part part = 1; part < tree_.size(); ++part) {
        if (cut.is_kept(part)) shown.insert(tree_.name(part));
        if (!cut.is_hidden(part)) continue;
        if (!tree_.is_object(part) && !tree_.is_list(part)) add_secret(part, secrets);
        if (cut.is_hidden(tree_.parent(part))) hidden.insert(tree_.name(part));
    }
    internal::Addresses addresses;
    for (const Part stripped : personal_) {
        for (Part part = stripped; part < tree_.end(stripped); ++part) {
            if (tree_.is_string(part))
                internal::add_addresses(internal::unescaped(tree_.value(part)), addresses);
        }
    }
    for (const std::string& address : addresses) {
        if (!facts_.contains(address)) secrets.add_text(address);
    }
    for (const std::string_view name : hidden) {
        if (!shown.contains(name) && !internal::is_name_of_the_standard(name))
            secrets.add_text(name);
    }
}

std::optional<Refusal> Redactor::refuse_saying(const Cut& cut, const std::string& body) {
    internal::Secrets secrets;
    add_secrets(cut, secrets);
    if (!redaction_.hidden.empty() || redaction_.strip != 0 || !redaction_.renamed.empty())
        secrets.add_ids(object_.id, redaction_.renamed);
    if (!secrets.prepare())
        return Refusal{
            Withheld::value_elsewhere,
            (personal_.empty() ? "/granular_markings" : shown_pointer(personal_.front())) +
                ": more texts are hidden than can be looked for in the rest (limit "
                "hidden_bytes_max)"};
    Tree result(body);
    const auto at = secrets.stand_in(result);
    if (!at) return std::nullopt;
    return Refusal{
        Withheld::value_elsewhere,
        printable(result.pointer(*at), pointer_bytes_max) +
            ": what is left here says something that is hidden, or an id that has another name for "
            "the reader"};
}

std::optional<Refusal> Redactor::refuse_result(const Cut& cut, const std::string& body) {
    thread_local Checker checker;
    CheckOptions options;
    options.spec = object_.spec_version == "2.0" ? Spec::v20 : Spec::v21;
    options.should = false;
    std::string what;
    if (const auto read = read_object(body); !read) {
        // The pointer; what follows may show a value.
        what = read.error().detail.substr(0, read.error().detail.find(": ")) +
               ": no object that can be stored";
    } else if (const auto& findings = checker.check(body, options); !findings.empty()) {
        what = printable(findings.front().pointer, pointer_bytes_max) + ": breaks " +
               std::string(findings.front().rule);
    } else {
        return std::nullopt;
    }
    const bool was_sound = checker.check(object_.body, options).empty();
    if (was_sound && !cut.selected().empty())
        return Refusal{Withheld::required_part, what + " without what is hidden"};
    return Refusal{Withheld::unsound, what};
}

Result<Redacted> Redactor::run() && {
    const auto withheld = [](Refusal refusal) {
        return Redacted{refusal.reason, std::move(refusal.why), {}};
    };
    if (auto refusal = refuse_kind()) return withheld(std::move(*refusal));
    auto granular = internal::read_granular(tree_);
    if (!granular) return withheld({Withheld::unsound, std::move(granular.error().detail)});
    granular_ = std::move(*granular);
    find_personal();
    Cut cut(tree_, granular_, redaction_.hidden, personal_);
    if (auto refusal = refuse_cut(cut)) return withheld(std::move(*refusal));
    Redacted out;
    out.body = write(cut);
    if (auto refusal = refuse_result(cut, out.body)) return withheld(std::move(*refusal));
    if (auto refusal = refuse_saying(cut, out.body)) return withheld(std::move(*refusal));
    return out;
}

Result<void> check_arguments(const Object& object, const Redaction& redaction) {
    const auto wrong = [](std::string_view name, const std::string& what) {
        return fail(Errc::invalid_argument, std::string(name) + ": " + what);
    };
    const auto is_id_of = [](std::string_view type, std::string_view id) {
        return is_identifier(id) && id.starts_with(type) && id.size() == type.size() + 2 + 36;
    };
    if (!is_id_of(object.type, redaction.id) || redaction.id == object.id)
        return wrong("id", "expected " + object.type + "--UUID, another one than the object's");
    if (!is_id_of("identity", redaction.created_by_ref))
        return wrong("created_by_ref", "expected identity--UUID");
    for (const auto& [name, time] :
         {std::pair{"created", &redaction.created}, std::pair{"modified", &redaction.modified}}) {
        if (const auto key = instant_key(*time); !key)
            return wrong(name, printable(*time, pointer_bytes_max) + " is " + key.error().detail);
    }
    const auto derived = deterministic_id(object.body);
    if (derived && *derived == redaction.id)
        return wrong("id", "this one is computed from the object's content (STIX 2.1, 2.9)");
    return {};
}

}  // namespace

Result<Redacted> redact(std::string_view json, const Redaction& redaction) {
    ENTENTE_TRY(const Object object, read_object(json));
    ENTENTE_CHECK(check_arguments(object, redaction));
    return Redactor(object, redaction).run();
}

}  // namespace entente::stix
