#include "watch/hit.h"

#include <boost/json.hpp>

#include <string_view>

namespace entente::watch {

namespace json = boost::json;

std::string json_of(const Hit& hit) {
    json::object told{{"input", hit.sensor}, {"line", hit.line}};
    const auto put = [&](const char* name, std::string_view text) {
        if (!text.empty()) told[name] = text;
    };
    put("time", format_taxii(hit.at));
    put("path", hit.path);
    put("value", hit.value);
    put("indicator", hit.indicator);
    put("name", hit.name);
    put("pattern", hit.pattern);
    put("created_by", hit.created_by);
    put("marking", hit.marking);
    if (hit.lines.size() > 1) told["lines"] = json::array(hit.lines.begin(), hit.lines.end());
    put("collection", hit.collection_id);
    put("shared_by", hit.shared_by);
    if (!hit.agreements.empty())
        told["agreements"] = json::array(hit.agreements.begin(), hit.agreements.end());
    put("may", agreement::action_text(hit.may));
    if (hit.own) told["own"] = true;
    put("warned", hit.warned);
    put("stopped", hit.stopped);
    return json::serialize(told);
}

}  // namespace entente::watch
