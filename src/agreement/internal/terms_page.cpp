#include "agreement/internal/terms_page.h"

#include "agreement/internal/kinds.h"
#include "agreement/internal/terms_table.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::agreement::internal {
namespace {

/// Who sees to a term.
std::string who(const Term& term) {
    static constexpr std::array<std::pair<Enforced, std::string_view>, 4> names{
        {{by_reading, "reading"},
         {by_sender, "sender's node"},
         {by_receiver, "receiver's node"},
         {only_watched, "only watched"}}};
    std::string out;
    for (const auto& [bit, name] : names) {
        if ((term.enforced & bit) == 0) continue;
        if (!out.empty()) out += ", ";
        out += bit == only_watched && term.enforced != only_watched ? "rest watched" : name;
    }
    return out;
}

std::string_view expands(const Term& term) {
    switch (term.widens) {
        case Widens::nothing:
            return "";
        case Widens::doubt:
            return "any change, as it may";
        case Widens::higher:
            if (term.kind == Kind::choice) return "a later one of the list";
            return term.kind == Kind::truth     ? "true"
                   : term.kind == Kind::instant ? "later"
                                                : "more";
        case Widens::lower:
            return term.kind == Kind::instant ? "earlier" : "less";
        case Widens::higher_0:
            return "more, or 0";
        case Widens::higher_absent:
            return "more, or none";
        case Widens::lower_absent:
            return "less, or none";
        case Widens::more:
            return "an entry more";
        case Widens::more_none:
            return "an entry more, or none at all";
        case Widens::fewer:
            return "an entry less";
    }
    return "";
}

/// Words that a table may show: a bar would end the cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string row(const Term& term) {
    std::string holds = cell(expected(term));
    if (!term.fallback.empty() && term.kind != Kind::structure)
        holds += fmt::format("; without it `{}`", term.fallback);
    const std::string_view key = key_of(term);
    return fmt::format(
        "| {} | {} | {} | {} | {}: {} |\n",
        term.required ? fmt::format("**{}**", key) : std::string(key),
        holds,
        cell(term.means),
        expands(term),
        who(term),
        cell(term.how)
    );
}

/// A table of the keys below `rows`, then one for each structure in it.
void tables(std::string& out, const Term* holder, std::string_view rows) {
    if (holder != nullptr) {
        out += fmt::format(
            "### `{}`\n\n{}. {}: {}.\n\n", rows, holder->means, who(*holder), holder->how
        );
    }
    out +=
        "| key | what it holds | what it means | expanded by | who sees to it "
        "|\n|---|---|---|---|---|\n";
    std::vector<const Term*> inside;
    for (const Term* term : terms_below(rows)) {
        out += row(*term);
        if (term->kind == Kind::structure) inside.push_back(term);
    }
    if (holder == nullptr) out += row(comment_term());
    out += '\n';
    for (const Term* term : inside)
        tables(out, term, term->list ? std::string(term->place) + "/*" : std::string(term->place));
}

}  // namespace

std::string terms_page() {
    std::string out;
    tables(out, nullptr, "");
    return out;
}

}  // namespace entente::agreement::internal
