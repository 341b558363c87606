#pragma once
// The functions that rows of Tie::check name. Each looks at one object and adds to
// `check.findings`; `seen[i]` is the i-th property of the row.
#include "stix/internal/types.h"

#include <string_view>

namespace entente::stix::internal {

inline constexpr std::string_view observable_id_says =
    "the UUID should be computed from the contributing properties, version 5; without any of them "
    "it is a random one, version 4";

void check_active(Check& check, const Seen& seen);
void check_extension_properties(Check& check, const Seen& seen);
void check_external_hashes(Check& check, const Seen& seen);
void check_external_id(Check& check, const Seen& seen);
void check_header_fields(Check& check, const Seen& seen);
void check_kill_chain(Check& check, const Seen& seen);
void check_malware_family(Check& check, const Seen& seen);
void check_marking_definition(Check& check, const Seen& seen);
void check_marks_itself(Check& check, const Seen& seen);
void check_multipart(Check& check, const Seen& seen);
void check_observable_id(Check& check, const Seen& seen);
void check_observed_refs(Check& check, const Seen& seen);
void check_pattern(Check& check, const Seen& seen);
void check_url_hashes(Check& check, const Seen& seen);

}  // namespace entente::stix::internal
