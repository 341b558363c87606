#include "agreement/document.h"

#include "agreement/internal/build.h"
#include "agreement/internal/json_access.h"
#include "agreement/internal/shape.h"
#include "agreement/internal/ties.h"
#include "base/limits.h"
#include "stix/object.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::agreement {
namespace {

namespace json = boost::json;

/// What the id of a version 1 is made of.
Result<std::string> computed_id(json::object version_1) {
    version_1.erase("id");
    ENTENTE_TRY(const std::string text, stix::canonical_json(json::serialize(version_1)));
    return "agr:" + to_hex(sha256(text));
}

/// Gives version 1 its id, or tells that the one it has is not its own.
Result<void> settle_id(json::object& document) {
    if (internal::number(document, "version") != 1) return {};
    ENTENTE_TRY(const std::string id, computed_id(document));
    const json::value* stated = document.if_contains("id");
    if (stated != nullptr && internal::text(*stated) != id) {
        return fail(
            Errc::unprocessable,
            fmt::format(
                "/id: {} is not this document's, which is {}; something was changed after it was "
                "named, or leave `id` out",
                internal::text(*stated),
                id
            )
        );
    }
    document["id"] = id;
    return {};
}

}  // namespace

const PartyTerm* Document::party(std::string_view pid) const noexcept {
    const auto found = std::find_if(parties.begin(), parties.end(), [pid](const PartyTerm& p) {
        return p.pid == pid;
    });
    return found == parties.end() ? nullptr : &*found;
}

Result<Document> read_document(std::string_view text) {
    if (text.size() > limits::agreement_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "an agreement of {} bytes; at most {} are read",
                text.size(),
                limits::agreement_bytes_max
            )
        );
    }
    // Canonical first: names are unescaped and compared there, and integers are written as such
    // however they came (RFC 8785, 3.2.2.3).
    ENTENTE_TRY(const std::string canonical, stix::canonical_json(text));
    json::value root = internal::parse_canonical(canonical);
    if (!root.is_object())
        return fail(Errc::unprocessable, "an agreement is a JSON object; this is none");
    json::object& object = root.get_object();

    internal::Findings findings;
    internal::check_shape(object, findings);
    json::object complete = object;
    if (findings.empty()) {
        internal::complete(complete);
        internal::check_ties(complete, findings);
    }
    if (!findings.empty()) return fail(Errc::unprocessable, findings.detail());

    ENTENTE_CHECK(settle_id(object));
    complete["id"] = object.at("id");
    Document document = internal::build(complete);
    ENTENTE_TRY(document.canonical, stix::canonical_json(json::serialize(object)));
    // The id of a version 1 that had none comes on top.
    if (document.canonical.size() > limits::agreement_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "an agreement of {} bytes in its canonical form; at most {} are read",
                document.canonical.size(),
                limits::agreement_bytes_max
            )
        );
    }
    document.digest = sha256(document.canonical);
    return document;
}

}  // namespace entente::agreement
