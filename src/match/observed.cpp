#include "match/observed.h"

#include "base/limits.h"
#include "pattern/evaluate.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace entente::match {
namespace {

namespace json = boost::json;
using Pool = std::unordered_map<std::string_view, const json::object*>;

std::string_view text_of(const json::value* value) {
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view{};
}

tl::unexpected<Error> wrong(const std::string& at, std::string_view what) {
    return fail(Errc::unprocessable, fmt::format("{}: {}", at.empty() ? "/" : at, what));
}

/// The objects of a bundle, or nothing.
const json::array* bundled(const json::object& object) {
    const json::value* objects = object.if_contains("objects");
    return objects == nullptr ? nullptr : objects->if_array();
}

class Reader {
  public:
    Reader(Event& event, const std::function<void(const Event&)>& take)
        : event_(event),
          take_(take) {}

    Result<void> all(const json::value& top) {
        pool(top);
        if (const auto* list = top.if_array()) {
            for (std::size_t i = 0; i < list->size(); ++i)
                ENTENTE_CHECK(element((*list)[i], fmt::format("/{}", i)));
            return {};
        }
        return element(top, "");
    }

  private:
    static void add(const json::value& value, Pool& to) {
        const auto* object = value.if_object();
        if (object == nullptr || text_of(object->if_contains("type")) == "observed-data") return;
        if (const auto id = text_of(object->if_contains("id")); !id.empty()) to[id] = object;
    }

    void pool(const json::value& value) {
        const auto take = [&](const json::value& one) {
            const auto* object = one.if_object();
            if (const auto* inner = object == nullptr ? nullptr : bundled(*object)) {
                for (const json::value& member : *inner)
                    add(member, all_);
            } else {
                add(one, all_);
            }
        };
        if (const auto* list = value.if_array()) {
            for (const json::value& one : *list)
                take(one);
        } else {
            take(value);
        }
    }

    Result<void> element(const json::value& value, const std::string& at) {
        const auto* object = value.if_object();
        if (object == nullptr)
            return wrong(at, "not an object; expected observed-data or a bundle");
        const json::array* inner = bundled(*object);
        if (inner != nullptr) {
            Pool own;
            for (const json::value& one : *inner)
                add(one, own);
            for (std::size_t i = 0; i < inner->size(); ++i) {
                const auto* member = (*inner)[i].if_object();
                const std::string place = fmt::format("{}/objects/{}", at, i);
                if (member == nullptr) return wrong(place, "not an object");
                if (text_of(member->if_contains("type")) != "observed-data") continue;
                ENTENTE_CHECK(observation(*member, own, place));
            }
            return {};
        }
        const json::value* objects = object->if_contains("objects");
        if (text_of(object->if_contains("type")) == "observed-data" ||
            (objects != nullptr && objects->is_object())) {
            return observation(*object, all_, at);
        }
        if (text_of(object->if_contains("id")).empty()) {
            return wrong(at, "neither observed-data nor a bundle nor an object with an id");
        }
        return {};
    }

    static Result<Micros> time(
        const json::object& object,
        std::string_view name,
        const std::string& at,
        std::string_view& text
    ) {
        text = text_of(object.if_contains(json::string_view(name.data(), name.size())));
        const auto read = parse_stix_time(text);
        if (read) return *read;
        return wrong(
            fmt::format("{}/{}", at, name),
            "not a STIX timestamp; expected YYYY-MM-DDTHH:MM:SS[.fraction]Z in UTC"
        );
    }

    Result<void> observation(const json::object& object, const Pool& near, const std::string& at) {
        event_.clear();
        names_.clear();
        ENTENTE_TRY(event_.first, time(object, "first_observed", at, event_.first_text));
        ENTENTE_TRY(event_.last, time(object, "last_observed", at, event_.last_text));
        if (event_.last < event_.first) return wrong(at, "last_observed is before first_observed");
        const json::value* times = object.if_contains("number_observed");
        json::error_code error;
        event_.times =
            times == nullptr || times->is_double() ? 0 : times->to_number<std::uint64_t>(error);
        if (error || event_.times == 0) {
            return wrong(at + "/number_observed", "not a whole number of at least 1");
        }
        const json::value* references = object.if_contains("object_refs");
        const json::value* objects = object.if_contains("objects");
        std::vector<std::pair<Event::Index, const json::object*>> made;
        const auto give = [&](std::string_view name, const json::object& one) {
            if (names_.contains(name)) return;
            const Event::Index index = event_.object(Name(text_of(one.if_contains("type"))));
            names_.emplace(name, index);
            made.emplace_back(index, &one);
        };
        if (references != nullptr && references->is_array()) {
            for (const json::value& reference : references->get_array()) {
                const std::string_view id = text_of(&reference);
                auto found = near.find(id);
                if (found == near.end()) {
                    found = all_.find(id);
                    if (found == all_.end()) continue;
                }
                give(id, *found->second);
            }
        } else if (references == nullptr && objects != nullptr && objects->is_object()) {
            for (const auto& [key, one] : objects->get_object()) {
                if (!one.is_object())
                    return wrong(at + "/objects", "holds something else than objects");
                give(std::string_view(key.data(), key.size()), one.get_object());
            }
        } else {
            return wrong(at, "neither object_refs nor objects");
        }
        for (const auto& [index, one] : made)
            ENTENTE_CHECK(properties(index, *one, 1, at));
        take_(event_);
        return {};
    }

    [[nodiscard]] Event::Index named(const json::value& reference) const {
        const auto found = names_.find(text_of(&reference));
        return found == names_.end() ? Event::none : found->second;
    }

    // NOLINTNEXTLINE(misc-no-recursion)
    Result<void> properties(
        Event::Index into, const json::object& object, std::size_t depth, const std::string& at
    ) {
        if (depth > limits::match_event_depth_max) {
            return wrong(
                at, fmt::format("nested deeper than {} levels", limits::match_event_depth_max)
            );
        }
        for (const auto& [key, value] : object) {
            const Name name(std::string_view(key.data(), key.size()));
            const bool is_type = depth == 1 && name.text == "type" && !text_of(&value).empty();
            if (is_type) continue;  // it has it already
            if (name.text.ends_with("_ref")) {
                event_.reference(into, name, named(value));
            } else if (name.text.ends_with("_refs")) {
                references(into, name, value);
            } else {
                ENTENTE_CHECK(property(into, name, value, depth, at));
            }
        }
        return {};
    }

    void references(Event::Index into, Name name, const json::value& value) {
        const auto* list = value.if_array();
        if (list == nullptr) return;
        bool some = false;
        for (const json::value& one : *list)
            some = some || named(one) != Event::none;
        if (!some) return;  // where nothing can be followed there is nothing
        const Event::Index made = event_.references(into, name);
        for (const json::value& one : *list) {
            if (const Event::Index object = named(one); object != Event::none) {
                event_.reference(made, {}, object);
            } else {
                event_.null(made, {});
            }
        }
    }

    // NOLINTNEXTLINE(misc-no-recursion)
    Result<void> property(
        Event::Index into,
        Name name,
        const json::value& value,
        std::size_t depth,
        const std::string& at
    ) {
        switch (value.kind()) {
            case json::kind::null:
                event_.null(into, name);
                return {};
            case json::kind::bool_:
                event_.flag(into, name, value.get_bool());
                return {};
            case json::kind::int64:
                event_.whole(into, name, value.get_int64());
                return {};
            case json::kind::uint64:
                event_.large(into, name, value.get_uint64());
                return {};
            case json::kind::double_:
                event_.real(into, name, value.get_double());
                return {};
            case json::kind::string:
                event_.text(into, name, value.get_string());
                return {};
            case json::kind::object:
                return properties(event_.dict(into, name), value.get_object(), depth + 1, at);
            case json::kind::array:
                break;
        }
        if (depth > limits::match_event_depth_max) {
            return wrong(
                at, fmt::format("nested deeper than {} levels", limits::match_event_depth_max)
            );
        }
        const Event::Index list = event_.list(into, name);
        for (const json::value& one : value.get_array())
            ENTENTE_CHECK(property(list, {}, one, depth + 1, at));
        return {};
    }

    Event& event_;
    const std::function<void(const Event&)>& take_;
    Pool all_;
    std::unordered_map<std::string_view, Event::Index> names_;  // of the observation's objects
};

}  // namespace

Result<void> read_observed(
    std::string_view text, Event& event, const std::function<void(const Event&)>& take
) {
    ENTENTE_TRY(const json::value read, pattern::read_json(text));
    return Reader(event, take).all(read);
}

}  // namespace entente::match
