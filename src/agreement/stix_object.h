#pragma once
// An agreement as a STIX object, so that any TAXII server can carry it: a type of its own by an
// extension (STIX 2.1, 7.3, `new-sdo`). Pure.
#include "agreement/document.h"
#include "base/result.h"
#include "base/time.h"
#include "stix/tlp.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::agreement {

inline constexpr std::string_view agreement_stix_type = "entente-agreement";

/// The `extension-definition` object, the same for all; who receives agreements need not have it.
[[nodiscard]] std::string_view extension_definition() noexcept;

/// What one object carries: all of one agreement.
struct Carried {
    std::vector<std::string> documents;  // versions as `Document::canonical`, oldest first
    std::vector<std::string> notes;      // signed notes: signatures and statements
};

/// What the object says about itself.
struct Envelope {
    std::string created_by_ref;  // identity of the party that sends it
    Micros created;              // the same for all that it sends of one agreement
    Micros modified;             // later each time that more is carried
    std::optional<stix::Tlp> marking;
};

/// The object: type `entente-agreement`, an id that follows from the agreement's id and the sender,
/// `agreement_id`, `documents`, `notes`. Fails invalid_argument: no document, documents of several
/// agreements or not canonical, a note that is none, no identity in `created_by_ref`, modified
/// before created; too_large: limits::agreement_records_max or limits::object_bytes_max.
[[nodiscard]] Result<std::string> as_stix(const Carried& carried, const Envelope& envelope);

/// What an object carries. Nothing is verified but that each document can be read and each note is
/// one: the records go through `Life`, which tells what counts. Fails as `stix::read_object` does,
/// and unprocessable, with a JSON pointer: another type, the extension is missing, an id that is
/// not the agreement's, documents of several agreements or not canonical; too_large:
/// limits::agreement_records_max.
[[nodiscard]] Result<Carried> from_stix(std::string_view json);

}  // namespace entente::agreement
