#include "agreement/life.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace entente::agreement {
namespace {

constexpr std::string_view head = "entente-agreement-statement/v1";

struct Word {
    Statement::What what;
    std::string_view text;
};

constexpr std::array words{
    Word{Statement::What::suspend, "suspend"},
    Word{Statement::What::resume, "resume"},
    Word{Statement::What::end, "end"},
};

bool is_digest(std::string_view hex) {
    return hex.size() == 64 && std::all_of(hex.begin(), hex.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

tl::unexpected<Error> wrong(std::size_t line, std::string_view what) {
    return fail(Errc::malformed, fmt::format("line {} of the statement: {}", line, what));
}

/// `suspend`, `end`, or `resume <digest>`.
Result<void> read_what(std::string_view line, Statement& out) {
    const std::size_t space = line.find(' ');
    const auto word = std::find_if(words.begin(), words.end(), [&](const Word& w) {
        return w.text == line.substr(0, space);
    });
    if (word == words.end()) return wrong(3, "expected suspend, resume or end");
    out.what = word->what;
    const bool has_digest = space != std::string_view::npos;
    if (has_digest != (out.what == Statement::What::resume))
        return wrong(3, "resume, and it alone, names the digest of a suspension");
    if (!has_digest) return {};
    if (!is_digest(line.substr(space + 1)))
        return wrong(3, "expected a SHA-256 in 64 lower-case hexadecimal digits");
    out.lifts = line.substr(space + 1);
    return {};
}

}  // namespace

std::string statement_text(const Statement& statement) {
    std::string text = fmt::format("{}\n{}\n", head, statement.id);
    for (const Word& w : words) {
        if (w.what == statement.what) text += w.text;
    }
    if (statement.what == Statement::What::resume) text += ' ' + statement.lifts;
    text += '\n' + format_taxii(statement.time) + '\n';
    if (!statement.person.empty()) text += "person " + statement.person + '\n';
    if (!statement.office.empty()) text += "office " + statement.office + '\n';
    if (!statement.reason.empty()) text += "reason " + statement.reason + '\n';
    return text;
}

Result<Statement> read_statement(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return wrong(lines.size() + 1, "does not end with a line feed");
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (lines.size() > 7) return wrong(8, "expected nothing more");
    }
    if (lines.empty() || lines[0] != head) return wrong(1, fmt::format("expected {}", head));
    if (lines.size() < 4) return wrong(lines.size() + 1, "is missing");
    Statement out;
    out.id = lines[1];
    if (!out.id.starts_with("agr:") || !is_digest(std::string_view(out.id).substr(4)))
        return wrong(2, "expected the agreement's id: agr: and 64 lower-case hexadecimal digits");
    ENTENTE_CHECK(read_what(lines[2], out));
    const auto time = parse_stix_time(lines[3]);
    if (!time) return wrong(4, time.error().detail);
    out.time = *time;
    const std::array fields{
        std::pair{std::string_view("person "), &out.person},
        std::pair{std::string_view("office "), &out.office},
        std::pair{std::string_view("reason "), &out.reason},
    };
    std::size_t field = 0;
    for (std::size_t i = 4; i < lines.size(); ++i) {
        while (field < fields.size() && !lines[i].starts_with(fields[field].first))
            ++field;
        if (field == fields.size())
            return wrong(i + 1, "expected person, office or reason, in this order, each once");
        *fields[field].second = lines[i].substr(fields[field].first.size());
        ++field;
    }
    return out;
}

}  // namespace entente::agreement
