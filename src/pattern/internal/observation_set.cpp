#include "pattern/internal/observation_set.h"

#include "base/escape.h"

#include <fmt/format.h>

namespace entente::pattern {
namespace {

namespace json = boost::json;
using Pool = std::unordered_map<std::string_view, const json::value*>;

constexpr std::size_t microsecond_digits = 6;
constexpr std::size_t every_digit = 64;

std::string_view text_of(const json::value* value) {
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view{};
}

tl::unexpected<Error> wrong(const std::string& at, std::string_view what) {
    return fail(Errc::unprocessable, fmt::format("{}: {}", at.empty() ? "/" : at, what));
}

/// Reads observations out of JSON of several shapes. The objects of a list or bundle can be named
/// by every observed-data in it; what its own bundle lacks is looked for in all of them.
class Collector {
  public:
    Collector(ObservationSet::Inside& into, const EvaluateOptions& options)
        : into_(into),
          options_(options) {}

    Result<void> all() {
        const json::value& top = into_.kept;
        pool(top);
        if (const auto* list = top.if_array()) {
            for (std::size_t i = 0; i < list->size(); ++i)
                ENTENTE_CHECK(element((*list)[i], all_, fmt::format("/{}", i)));
            return {};
        }
        return element(top, all_, "");
    }

  private:
    static bool is_container(const json::value* objects) {
        return objects != nullptr && objects->is_object();
    }

    static const json::array* bundled(const json::object& object) {
        const json::value* objects = object.if_contains("objects");
        return objects == nullptr ? nullptr : objects->if_array();
    }

    static void add(const json::value& object, Pool& to) {
        const auto* members = object.if_object();
        if (members == nullptr || text_of(members->if_contains("type")) == "observed-data") return;
        if (const auto id = text_of(members->if_contains("id")); !id.empty()) to[id] = &object;
    }

    void pool(const json::value& value) {
        if (const auto* list = value.if_array()) {
            for (const json::value& one : *list)
                pool(one);
        } else if (const auto* object = value.if_object()) {
            if (const auto* inner = bundled(*object)) {
                for (const json::value& one : *inner)
                    add(one, all_);
            } else {
                add(value, all_);
            }
        }
    }

    Result<void> element(const json::value& value, const Pool& near, const std::string& at) {
        const auto* object = value.if_object();
        if (object == nullptr)
            return wrong(at, "not an object; expected observed-data or a bundle");
        const json::array* inner = bundled(*object);
        if (inner == nullptr) {
            const bool observed = text_of(object->if_contains("type")) == "observed-data" ||
                                  is_container(object->if_contains("objects"));
            if (observed) return observation(*object, near, at);
            if (text_of(object->if_contains("id")).empty()) {
                return wrong(at, "neither observed-data nor a bundle nor an object with an id");
            }
            return {};
        }
        Pool own;
        for (const json::value& one : *inner)
            add(one, own);
        for (std::size_t i = 0; i < inner->size(); ++i) {
            const auto* member = (*inner)[i].if_object();
            const std::string place = fmt::format("{}/objects/{}", at, i);
            if (member == nullptr) return wrong(place, "not an object");
            if (text_of(member->if_contains("type")) == "observed-data") {
                ENTENTE_CHECK(observation(*member, options_.reference ? all_ : own, place));
            }
        }
        return {};
    }

    Result<Instant> time(const json::object& object, std::string_view name, const std::string& at) {
        const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
        if (value == nullptr) return wrong(at, fmt::format("no {}", name));
        const auto read =
            read_instant(text_of(value), options_.reference ? microsecond_digits : every_digit);
        if (!read) {
            return wrong(
                fmt::format("{}/{}", at, name),
                "not a STIX timestamp; expected YYYY-MM-DDTHH:MM:SS[.fraction]Z in UTC"
            );
        }
        return *read;
    }

    Result<void> observation(const json::object& object, const Pool& near, const std::string& at) {
        Observed made;
        ENTENTE_TRY(made.first, time(object, "first_observed", at));
        ENTENTE_TRY(made.last, time(object, "last_observed", at));
        if (made.last < made.first) return wrong(at, "last_observed is before first_observed");
        const json::value* times = object.if_contains("number_observed");
        if (times == nullptr) return wrong(at, "no number_observed");
        json::error_code error;
        made.times = times->is_double() ? 0 : times->to_number<std::uint64_t>(error);
        if (error || made.times == 0) {
            return wrong(at + "/number_observed", "not a whole number of at least 1");
        }
        const json::value* references = object.if_contains("object_refs");
        const json::value* objects = object.if_contains("objects");
        const bool old = is_container(objects) &&
                         (references == nullptr ||
                          (options_.dialect == Dialect::v20 && !objects->get_object().empty()));
        if (old) {
            ENTENTE_CHECK(contained(objects->get_object(), made, at + "/objects"));
        } else if (references != nullptr) {
            ENTENTE_CHECK(referenced(*references, near, made, at + "/object_refs"));
        } else {
            return wrong(at, "neither object_refs nor objects");
        }
        into_.observations.push_back(std::move(made));
        return {};
    }

    static void give(Observed& to, std::string_view name, const json::value& object) {
        if (!to.by_id.emplace(name, &object).second) return;
        const auto type = text_of(object.get_object().if_contains("type"));
        if (!type.empty()) to.by_type[type].push_back(&object);
    }

    static Result<void> contained(
        const json::object& objects, Observed& made, const std::string& at
    ) {
        for (const auto& [key, object] : objects) {
            const std::string_view name(key.data(), key.size());
            if (!object.is_object())
                return wrong(fmt::format("{}/{}", at, printable(name)), "not an object");
            give(made, name, object);
        }
        return {};
    }

    Result<void> referenced(
        const json::value& references, const Pool& near, Observed& made, const std::string& at
    ) {
        const auto* list = references.if_array();
        if (list == nullptr) return wrong(at, "not a list");
        for (const json::value& reference : *list) {
            if (!reference.is_string()) return wrong(at, "holds something else than identifiers");
            const std::string_view id = text_of(&reference);
            auto found = near.find(id);
            if (found == near.end()) {
                found = all_.find(id);
                if (found == all_.end()) continue;
            }
            give(made, id, *found->second);
        }
        return {};
    }

    ObservationSet::Inside& into_;
    const EvaluateOptions& options_;
    Pool all_;
};

}  // namespace

ObservationSet::ObservationSet() : inside_(std::make_unique<Inside>()) {}

ObservationSet::ObservationSet(ObservationSet&&) noexcept = default;
ObservationSet& ObservationSet::operator=(ObservationSet&&) noexcept = default;
ObservationSet::~ObservationSet() = default;

Result<ObservationSet> ObservationSet::read(
    const json::value& observations, const EvaluateOptions& options
) {
    ObservationSet set;
    set.inside_->kept = observations;
    ENTENTE_CHECK(Collector(*set.inside_, options).all());
    return set;
}

Result<ObservationSet> ObservationSet::read_text(
    std::string_view text, const EvaluateOptions& options
) {
    ObservationSet set;
    ENTENTE_TRY(set.inside_->kept, read_json(text));
    ENTENTE_CHECK(Collector(*set.inside_, options).all());
    return set;
}

std::size_t ObservationSet::size() const noexcept {
    return inside_->observations.size();
}

}  // namespace entente::pattern
