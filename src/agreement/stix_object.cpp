#include "agreement/stix_object.h"

#include "agreement/internal/shape.h"
#include "base/limits.h"
#include "ledger/note.h"
#include "stix/object.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <utility>

namespace entente::agreement {
namespace {

namespace json = boost::json;

constexpr std::string_view extension_id =
    "extension-definition--f83c8940-63ef-4e6f-ab44-12a9ee1c0bfd";

constexpr std::string_view definition =
    R"({"type":"extension-definition","spec_version":"2.1",)"
    R"("id":"extension-definition--f83c8940-63ef-4e6f-ab44-12a9ee1c0bfd",)"
    R"("created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",)"
    R"("created_by_ref":"identity--46dac50f-e23c-4ed7-b81c-15e0af548869",)"
    R"("name":"Entente agreement",)"
    R"("description":"The type entente-agreement carries a signed agreement about sharing: )"
    R"(agreement_id (agr: and a SHA-256), documents (its versions in the canonical form of RFC 8785, as )"
    R"(strings, oldest first) and notes (signatures and statements as C2SP signed notes, as strings).",)"
    R"("schema":"urn:entente:agreement:1","version":"1.0.0","extension_types":["new-sdo"]})";

std::string_view view(const json::value& text) {
    return {text.get_string().data(), text.get_string().size()};
}

json::string text(std::string_view words) {
    return json::string(words.data(), words.size());
}

/// Of the object: a UUID of version 4 in its form (RFC 4122, 4.4), of which the sender makes one
/// for each agreement. Two senders have two: a STIX object has one creator (STIX 2.1, 3.6.2).
std::string object_id(std::string_view agreement, std::string_view created_by_ref) {
    Digest digest =
        sha256(fmt::format("entente-agreement/stix\n{}\n{}\n", agreement, created_by_ref));
    digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0fU) | 0x40U);
    digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3fU) | 0x80U);
    const std::string hex = to_hex(digest);
    return fmt::format(
        "{}--{}-{}-{}-{}-{}",
        agreement_stix_type,
        hex.substr(0, 8),
        hex.substr(8, 4),
        hex.substr(12, 4),
        hex.substr(16, 4),
        hex.substr(20, 12)
    );
}

/// STIX wants three digits of the fraction or more (STIX 2.1, 3.2: precise to the millisecond).
json::string moment(Micros at) {
    std::string out = format_taxii(at);
    if (at.count % 1'000 == 0) out.replace(out.size() - 4, 4, "Z");
    return text(out);
}

/// A fault in what is carried: where, and what.
tl::unexpected<Error> wrong(std::string_view pointer, std::string_view what) {
    return fail(Errc::unprocessable, fmt::format("{}: {}", pointer, what));
}

/// All documents are whole and of one agreement, whose id comes back; all notes are notes.
Result<std::string> check(const Carried& carried) {
    const std::size_t count = carried.documents.size() + carried.notes.size();
    if (count > limits::agreement_records_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{} documents and notes of one agreement; at most {}",
                count,
                limits::agreement_records_max
            )
        );
    }
    if (carried.documents.empty()) return wrong("/documents", "no version of the agreement");
    std::string id;
    for (std::size_t i = 0; i < carried.documents.size(); ++i) {
        const std::string at = fmt::format("/documents/{}", i);
        const auto document = read_document(carried.documents[i]);
        if (!document)
            return fail(document.error().code, fmt::format("{}: {}", at, document.error().detail));
        if (document->canonical != carried.documents[i])
            return wrong(at, "not in its canonical form (RFC 8785), with its id");
        if (i > 0 && document->id != id)
            return wrong(at, fmt::format("of another agreement, {}, than the first", document->id));
        id = document->id;
    }
    for (std::size_t i = 0; i < carried.notes.size(); ++i) {
        const auto note = ledger::parse_note(carried.notes[i]);
        if (!note)
            return fail(note.error().code, fmt::format("/notes/{}: {}", i, note.error().detail));
    }
    return id;
}

Result<std::vector<std::string>> strings_at(const json::object& object, const char* key) {
    std::vector<std::string> out;
    const json::value* list = object.if_contains(key);
    if (list == nullptr) return out;
    const std::string at = std::string("/") + key;
    if (!list->is_array()) return wrong(at, "expected a list of strings");
    if (list->get_array().size() > limits::agreement_records_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{}: {} entries; at most {}",
                at,
                list->get_array().size(),
                limits::agreement_records_max
            )
        );
    }
    for (const json::value& entry : list->get_array()) {
        if (!entry.is_string())
            return wrong(fmt::format("{}/{}", at, out.size()), "expected a string");
        out.emplace_back(view(entry));
    }
    return out;
}

bool has_extension(const json::object& object) {
    const json::value* extensions = object.if_contains("extensions");
    if (extensions == nullptr || !extensions->is_object()) return false;
    const json::value* entry = extensions->get_object().if_contains(
        json::string_view(extension_id.data(), extension_id.size())
    );
    if (entry == nullptr || !entry->is_object()) return false;
    const json::value* type = entry->get_object().if_contains("extension_type");
    return type != nullptr && type->is_string() && view(*type) == "new-sdo";
}

}  // namespace

std::string_view extension_definition() noexcept {
    return definition;
}

Result<std::string> as_stix(const Carried& carried, const Envelope& envelope) {
    const auto invalid = [](const Error& error) {
        return error.code == Errc::too_large
                   ? error
                   : Error{.code = Errc::invalid_argument, .detail = error.detail};
    };
    const auto id = check(carried);
    if (!id) return tl::unexpected(invalid(id.error()));
    json::object out;
    out["type"] = text(agreement_stix_type);
    out["spec_version"] = "2.1";
    out["id"] = text(object_id(*id, envelope.created_by_ref));
    out["created_by_ref"] = text(envelope.created_by_ref);
    out["created"] = moment(envelope.created);
    out["modified"] = moment(envelope.modified);
    if (envelope.marking)
        out["object_marking_refs"] = json::array{text(stix::tlp2_marking_id(*envelope.marking))};
    out["extensions"] = json::object{
        {json::string_view(extension_id.data(), extension_id.size()),
         json::object{{"extension_type", "new-sdo"}}}};
    out["agreement_id"] = text(*id);
    json::array documents;
    for (const std::string& document : carried.documents)
        documents.push_back(text(document));
    out["documents"] = std::move(documents);
    json::array notes;
    for (const std::string& note : carried.notes)
        notes.push_back(text(note));
    // STIX 2.1, 2.9: a list is never empty.
    if (!notes.empty()) out["notes"] = std::move(notes);
    // What STIX itself asks for: the identity, the order of the dates, the size.
    auto read = stix::read_object(json::serialize(out));
    if (!read) return tl::unexpected(invalid(read.error()));
    return std::move(read->body);
}

Result<Carried> from_stix(std::string_view text_of_object) {
    ENTENTE_TRY(const stix::Object object, stix::read_object(text_of_object));
    if (object.type != agreement_stix_type)
        return wrong("/type", fmt::format("{} is not {}", object.type, agreement_stix_type));
    const json::value root = internal::parse_canonical(object.body);
    const json::object& properties = root.get_object();
    if (!has_extension(properties))
        return wrong("/extensions", fmt::format("lacks {} as a new-sdo", extension_id));
    Carried carried;
    ENTENTE_TRY(carried.documents, strings_at(properties, "documents"));
    ENTENTE_TRY(carried.notes, strings_at(properties, "notes"));
    ENTENTE_TRY(const std::string id, check(carried));
    const json::value* stated = properties.if_contains("agreement_id");
    if (stated == nullptr || !stated->is_string() || view(*stated) != id)
        return wrong("/agreement_id", "expected that of the documents, " + id);
    if (object.id != object_id(id, object.created_by_ref))
        return wrong(
            "/id",
            fmt::format(
                "expected {}, which this sender's object of this agreement has",
                object_id(id, object.created_by_ref)
            )
        );
    return carried;
}

}  // namespace entente::agreement
