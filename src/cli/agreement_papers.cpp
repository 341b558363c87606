#include "cli/agreement_papers.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/file_kind.h"
#include "cli/key_files.h"
#include "ledger/note.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using Kind = agreement::Record::Kind;

constexpr std::string_view pack_schema = "entente-pack/1";
constexpr std::string_view signature_head = "entente-agreement/v1\n";
constexpr std::string_view statement_head = "entente-agreement-statement/v1\n";

tl::unexpected<Error> at(std::string_view where, Error error) {
    error.detail = fmt::format("{}: {}", where, error.detail);
    return tl::unexpected<Error>(std::move(error));
}

Result<Paper> read_document_paper(std::string_view text) {
    ENTENTE_TRY(agreement::Document document, agreement::read_document(text));
    return Paper{
        .kind = Kind::document,
        .agreement = std::move(document.id),
        .body = std::move(document.canonical)};
}

Result<Paper> read_signature(std::string_view text) {
    ENTENTE_TRY(const ledger::Note note, ledger::parse_note(text));
    ENTENTE_TRY(agreement::SignedText said, agreement::read_signed_text(note.text));
    return Paper{
        .kind = Kind::signature, .agreement = std::move(said.id), .body = std::string(text)};
}

Result<Paper> read_statement_paper(std::string_view text) {
    ENTENTE_TRY(const ledger::Note note, ledger::parse_note(text));
    ENTENTE_TRY(agreement::Statement said, agreement::read_statement(note.text));
    return Paper{
        .kind = Kind::statement, .agreement = std::move(said.id), .body = std::string(text)};
}

Result<Paper> read_record(const json::value& value) {
    const json::object* record = value.if_object();
    if (record == nullptr) return fail(Errc::unprocessable, "expected an object");
    const json::value* kind = record->if_contains("kind");
    const json::value* body = record->if_contains("body");
    if (record->size() != 2 || kind == nullptr || body == nullptr || !kind->is_string() ||
        !body->is_string()) {
        return fail(Errc::unprocessable, "expected two texts, `kind` and `body`, and nothing else");
    }
    const std::string_view text = body->get_string();
    if (kind->get_string() == kind_name(Kind::document)) return read_document_paper(text);
    if (kind->get_string() == kind_name(Kind::signature)) return read_signature(text);
    if (kind->get_string() == kind_name(Kind::statement)) return read_statement_paper(text);
    return fail(Errc::unprocessable, "/kind: expected document, signature or statement");
}

Result<std::vector<Paper>> read_pack(const json::object& pack) {
    const json::value* records = pack.if_contains("records");
    if (pack.size() != 2 || records == nullptr || !records->is_array()) {
        return fail(
            Errc::unprocessable, "a pack holds `schema` and a list `records`, and nothing else"
        );
    }
    const json::array& list = records->get_array();
    if (list.empty()) return fail(Errc::unprocessable, "/records: the pack is empty");
    if (list.size() > limits::agreement_records_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "/records: {} records; a pack has at most {}",
                list.size(),
                limits::agreement_records_max
            )
        );
    }
    std::vector<Paper> papers;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto paper = read_record(list[i]);
        if (!paper) return at(fmt::format("/records/{}", i), std::move(paper).error());
        papers.push_back(std::move(*paper));
    }
    return papers;
}

/// A document is read by its own strict reader; here it is only told from a pack.
Result<std::vector<Paper>> read_json(std::string_view text) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = limits::json_depth_max;
    const json::value value = json::parse(text, error, {}, options);
    if (error == json::error::incomplete)
        return fail(Errc::malformed, "the JSON is cut off: its end is missing");
    const json::object* object = error ? nullptr : value.if_object();
    const json::value* schema = object == nullptr ? nullptr : object->if_contains("schema");
    if (schema != nullptr && schema->is_string() && schema->get_string() == pack_schema) {
        return read_pack(*object);
    }
    ENTENTE_TRY(Paper paper, read_document_paper(text));
    return std::vector<Paper>{std::move(paper)};
}

}  // namespace

std::string_view kind_name(Kind kind) noexcept {
    switch (kind) {
        case Kind::document:
            return "document";
        case Kind::signature:
            return "signature";
        case Kind::statement:
            return "statement";
    }
    return "unknown";
}

Result<std::vector<Paper>> read_papers(std::string_view text) {
    if (text.size() > limits::object_bytes_max) {
        return fail(
            Errc::too_large, fmt::format("more than {} bytes: no pack is", limits::object_bytes_max)
        );
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return fail(Errc::malformed, "nothing is in it");
    if (text[first] == '{') return read_json(text);
    if (text.starts_with(signature_head)) {
        ENTENTE_TRY(Paper paper, read_signature(text));
        return std::vector<Paper>{std::move(paper)};
    }
    if (text.starts_with(statement_head)) {
        ENTENTE_TRY(Paper paper, read_statement_paper(text));
        return std::vector<Paper>{std::move(paper)};
    }
    return fail(
        Errc::malformed,
        "neither an agreement (JSON), nor a signature or statement about one (a signed note that "
        "begins with entente-agreement), nor a pack of these"
    );
}

Result<std::vector<Paper>> read_papers_from(const std::string& path) {
    ENTENTE_TRY(const std::string text, read_small(path, limits::object_bytes_max));
    auto papers = read_papers(text);
    if (!papers) {
        return at(
            path == "-" ? "standard input" : printable(path),
            with_kind(
                std::move(papers).error(),
                text,
                {FileKind::agreement, FileKind::agreement_note, FileKind::pack}
            )
        );
    }
    return papers;
}

Result<std::string> pack_text(std::span<const Paper> papers) {
    json::array records;
    std::size_t bytes = 0;
    for (const Paper& paper : papers) {
        bytes += paper.body.size();
        if (bytes > limits::object_bytes_max) break;
        records.push_back({{"kind", kind_name(paper.kind)}, {"body", paper.body}});
    }
    std::string text;
    if (bytes <= limits::object_bytes_max) {
        const json::object pack{{"schema", pack_schema}, {"records", std::move(records)}};
        text = json::serialize(pack) + '\n';
        bytes = text.size();
    }
    if (bytes > limits::object_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "the agreement's records make a pack of more than {} bytes; hand over the newest "
                "ones as files",
                limits::object_bytes_max
            )
        );
    }
    return text;
}

std::string describe(const Paper& paper) {
    if (paper.kind == Kind::document) {
        const auto document = agreement::read_document(paper.body);
        if (!document) return "a document that cannot be read";
        return fmt::format("version {} of \"{}\"", document->version, document->title);
    }
    const auto in_brackets = [](std::string_view a, std::string_view b) {
        if (a.empty() && b.empty()) return std::string();
        return fmt::format(" ({}{}{})", a, a.empty() || b.empty() ? "" : ", ", b);
    };
    const auto note = ledger::parse_note(paper.body);
    if (!note) return "a note that cannot be read";
    if (paper.kind == Kind::signature) {
        const auto said = agreement::read_signed_text(note->text);
        if (!said) return "a signature that cannot be read";
        return fmt::format(
            "signature of version {}{}", said->version, in_brackets(said->person, said->office)
        );
    }
    const auto said = agreement::read_statement(note->text);
    if (!said) return "a statement that cannot be read";
    using What = agreement::Statement::What;
    const std::string_view what = said->what == What::suspend  ? "suspend"
                                  : said->what == What::resume ? "resume"
                                                               : "end";
    return fmt::format("statement: {}{}", what, in_brackets(said->person, said->reason));
}

}  // namespace entente::cli
