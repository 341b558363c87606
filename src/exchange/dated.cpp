#include "exchange/dated.h"

#include "base/limits.h"
#include "exchange/internal/publish_job.h"
#include "exchange/internal/write_state.h"
#include "exchange/rights.h"

#include <fmt/format.h>

namespace entente::exchange {
namespace {

Result<void> check(
    store::Transaction& tx, const store::Collection& collection, const stix::Object& object
) {
    if (object.spec_version == "2.0" && !collection.accepts_stix20) {
        return fail(
            Errc::unprocessable,
            "STIX 2.0 object; this collection takes application/stix+json;version=2.1 only"
        );
    }
    const auto versions = tx.versions(collection.no, object.id);
    if (versions.size() >= limits::versions_per_object_max) {
        return fail(
            Errc::too_large,
            fmt::format(
                "{} versions of this object are stored, the most that is kept", versions.size()
            )
        );
    }
    if (tx.kept_out(collection.no, object.id, object.version_key))
        return fail(Errc::conflict, "it was purged here and is not taken in again");
    for (const store::Version& v : versions) {
        if (v.lane == store::PartyNo{} && v.version_key == object.version_key) {
            return fail(Errc::conflict, "this version is there already");
        }
    }
    return {};
}

}  // namespace

std::vector<Result<void>> store_dated(
    store::Transaction& tx,
    const store::User& user,
    const store::Collection& collection,
    std::span<const DatedObject> objects
) {
    for (const DatedObject& dated : objects) {
        const auto& marking = dated.object->marking;
        if (!marking || marking->form != stix::MarkingContent::Form::statement) continue;
        const FakeClock at(dated.date);
        add_statement(tx, at, {dated.object->id, user.party});
    }
    WriteState state(tx, nullptr);
    std::vector<Result<void>> outcomes;
    outcomes.reserve(objects.size());
    for (const DatedObject& dated : objects) {
        outcomes.push_back(check(tx, collection, *dated.object));
        if (!outcomes.back()) continue;
        const FakeClock at(dated.date);  // the date that the group asks for
        PublishJob(state, user, collection, at).store_unjudged(*dated.object);
    }
    return outcomes;
}

}  // namespace entente::exchange
