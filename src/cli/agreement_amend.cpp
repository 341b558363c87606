// agreement amend.
#include "agreement/diff.h"
#include "agreement/prose.h"
#include "base/escape.h"
#include "base/limits.h"
#include "cli/agreement_changes_text.h"
#include "cli/agreement_draft.h"
#include "cli/agreement_subject.h"
#include "cli/key_files.h"
#include "cli/new_file.h"
#include "stix/object.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <utility>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Document;

/// The newest version that needs no further signature.
Result<Document> newest_agreed(const Subject& subject) {
    const agreement::Standing& standing = subject.standing;
    const bool next_agreed =
        standing.next != nullptr && standing.missing.empty() && standing.missing_quorum == 0 &&
        standing.stage != agreement::Stage::drafted && standing.stage != agreement::Stage::proposed;
    if (subject.life && next_agreed) return *standing.next;
    if (subject.life && standing.document != nullptr) return *standing.document;
    return fail(
        Errc::conflict,
        "no version of it is signed by all; while it is a draft, change the document itself and "
        "propose that"
    );
}

/// The terms of a file that somebody edited: whatever it says of id, version and previous.
Result<json::object> terms_of(const std::string& file) {
    ENTENTE_TRY(const std::string text, read_small(file, limits::agreement_bytes_max));
    auto canonical = stix::canonical_json(text);
    if (!canonical) {
        Error error = std::move(canonical).error();
        error.detail = fmt::format("{}: {}", printable(file), error.detail);
        return tl::unexpected<Error>(std::move(error));
    }
    json::value value = json::parse(*canonical);
    if (json::object* object = value.if_object()) return std::move(*object);
    return fail(Errc::unprocessable, printable(file) + ": an agreement is a JSON object");
}

}  // namespace

Result<Exit> agreement_amend(const AgreementAmendOptions& options, Context& context) {
    ENTENTE_TRY(const Subject subject, read_subject(options.subject, options.common, context));
    ENTENTE_TRY(const Document before, newest_agreed(subject));
    json::object terms = json::parse(before.canonical).as_object();
    if (!options.set_from.empty()) {
        ENTENTE_TRY(terms, terms_of(options.set_from));
    }
    terms["id"] = before.id;
    terms["version"] = before.version + 1;
    terms["previous"] = to_hex(before.digest);
    ENTENTE_TRY(const Document after, agreement::read_document(json::serialize(terms)));
    const std::string text = agreement::readable_json(after);
    const agreement::Diff diff = agreement::diff(before, after);
    const std::vector<std::string> lines = change_lines(diff);
    if (options.out.empty() && !context.out.json()) {
        context.out.raw(text);
        for (const std::string& line : lines)
            context.note(line);
        return Exit::ok;
    }
    if (!options.out.empty()) ENTENTE_CHECK(write_new_file(options.out, text, Readers::all));
    json::object shown{
        {"id", after.id},
        {"version", after.version},
        {"previous", to_hex(before.digest)},
        {"changes", changes_json(diff)},
        {"widened", json::array(diff.widened.begin(), diff.widened.end())},
        {"document", json::parse(after.canonical)}};
    if (!options.out.empty()) shown["file"] = options.out;
    context.out.document(shown);
    context.out.field("agreement", after.id);
    context.out.field("version", std::to_string(after.version));
    context.out.field("file", options.out);
    for (const std::string& line : lines)
        context.out.line(line);
    if (lines.empty()) context.out.line("Nothing differs yet: edit the file.");
    context.out.line(fmt::format("Then: entente agreement propose {} --key KEYFILE", options.out));
    return Exit::ok;
}

}  // namespace entente::cli
