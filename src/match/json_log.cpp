#include "match/json_log.h"

#include "match/internal/event_bytes.h"
#include "match/internal/json_walk.h"
#include "match/internal/record.h"
#include "match/internal/sightings.h"

#include <utility>

namespace entente::match {

struct JsonLogReader::Inside {
    std::shared_ptr<const FieldMap> fields;
    const FieldTree& tree;
    JsonWalk walk;
    Sightings seen;
    Record record;
};

JsonLogReader::JsonLogReader(Format format, std::shared_ptr<const FieldMap> fields) {
    const FieldTree& tree = fields->tree(format);
    inside_.reset(new Inside{std::move(fields), tree, {}, {}, {}});
}

JsonLogReader::~JsonLogReader() = default;
JsonLogReader::JsonLogReader(JsonLogReader&&) noexcept = default;
JsonLogReader& JsonLogReader::operator=(JsonLogReader&&) noexcept = default;

Result<void> JsonLogReader::read(std::string_view line, Event& event) {
    event.clear();
    ENTENTE_CHECK(check_event_bytes(line));
    Inside& in = *inside_;
    in.seen.begin(event);
    in.record.begin(event, in.seen);
    if (auto walked = in.walk.walk(line, in.tree, in.record); !walked) {
        event.clear();
        return walked;
    }
    in.record.finish();
    return {};
}

}  // namespace entente::match
