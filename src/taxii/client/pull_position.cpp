#include "base/escape.h"
#include "taxii/client/pull.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::taxii::client {
namespace {

namespace json = boost::json;

constexpr std::size_t position_bytes_max = 16U << 20U;
constexpr std::size_t mark_bytes_max = 64;

tl::unexpected<Error> broken(std::string_view why) {
    return fail(
        Errc::corrupt, fmt::format("the state file {}; remove it to pull from the beginning", why)
    );
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

Result<std::optional<Micros>> date_of(const json::object& object, std::string_view name) {
    const std::string text = text_of(object, name);
    if (text.empty()) return std::nullopt;
    const Result<Micros> date = parse_client_time(text);
    if (!date) return broken(fmt::format("has a wrong date `{}`", printable(text, 60)));
    return *date;
}

}  // namespace

std::string PullFilter::key() const {
    std::string key;
    const auto add = [&key](std::string_view name, std::vector<std::string> values) {
        if (values.empty()) return;
        std::ranges::sort(values);
        key += fmt::format(" {}=", name);
        for (const std::string& value : values)
            key += json_string(value) + ",";
        key.pop_back();
    };
    if (added_after) key += " added_after=" + format_taxii(*added_after);
    add("id", ids);
    add("type", types);
    add("version", versions);
    add("spec_version", spec_versions);
    return key;
}

std::string position_text(const PullPosition& position, std::string_view belongs_to) {
    json::object object;
    object["entente_pull"] = 1;
    object["of"] = json::string_view(belongs_to.data(), belongs_to.size());
    if (position.base) object["base"] = format_taxii(*position.base);
    if (!position.next.empty()) object["next"] = position.next;
    if (position.last) object["last"] = format_taxii(*position.last);
    object["open"] = position.open;
    json::array& recent = object["recent"].emplace_array();
    for (const std::string& mark : position.recent)
        recent.emplace_back(mark);
    return json::serialize(object) + "\n";
}

Result<PullPosition> read_position(std::string_view text, std::string_view belongs_to) {
    if (text.size() > position_bytes_max) return broken("is too large");
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    if (error || !value.is_object() || !value.get_object().contains("entente_pull"))
        return broken("is none of a pull");
    const json::object& object = value.get_object();
    if (object.at("entente_pull") != 1) return broken("was written by another version");
    if (text_of(object, "of") != belongs_to) {
        return fail(
            Errc::conflict,
            fmt::format(
                "the state file belongs to another pull: {}", printable(text_of(object, "of"), 300)
            )
        );
    }
    PullPosition position;
    ENTENTE_TRY(position.base, date_of(object, "base"));
    ENTENTE_TRY(position.last, date_of(object, "last"));
    position.next = text_of(object, "next");
    const json::value* open = object.if_contains("open");
    position.open = open != nullptr && open->is_bool() && open->get_bool();
    const json::value* recent = object.if_contains("recent");
    if (recent == nullptr || !recent->is_array()) return broken("has no `recent`");
    for (const json::value& mark : recent->get_array()) {
        if (!mark.is_string() || mark.get_string().size() > mark_bytes_max)
            return broken("has a wrong mark");
        position.recent.emplace_back(mark.get_string().data(), mark.get_string().size());
    }
    if (position.recent.size() > limits::pull_recent_objects_max)
        return broken("has too many marks");
    return position;
}

}  // namespace entente::taxii::client
