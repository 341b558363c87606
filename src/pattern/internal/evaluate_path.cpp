// Following object paths.
#include "pattern/internal/evaluate_comparison.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::pattern {
namespace {

namespace json = boost::json;

class Walk {
  public:
    Walk(const Observed& observed, const EvaluateOptions& options, Budget& budget)
        : observed_(observed),
          options_(options),
          budget_(budget) {}

    Result<std::vector<Place>> through(const Path& path, const json::value& root) {
        std::vector<Place> here{{&root, Place::Kind::plain}};
        for (const PathStep& step : path.steps) {
            next_.clear();
            for (const Place& place : here) {
                if (!budget_.spend(16)) return std::vector<Place>{};
                ENTENTE_CHECK(std::visit([&](const auto& s) { return take(place, s); }, step));
            }
            // Many ways may lead to one value, exponentially many where references make circles
            // (P9).
            std::ranges::sort(next_);
            next_.erase(std::unique(next_.begin(), next_.end()), next_.end());
            here.swap(next_);
        }
        return here;
    }

  private:
    [[nodiscard]] const json::value* named(const json::value& reference) const {
        if (!reference.is_string()) return nullptr;
        const auto found = observed_.by_id.find(std::string_view(reference.get_string()));
        return found == observed_.by_id.end() ? nullptr : found->second;
    }

    void add_named(const json::value& reference) {
        if (const json::value* object = named(reference))
            next_.push_back({object, Place::Kind::plain});
    }

    [[nodiscard]] Result<void> check_references(const json::value& value, const std::string& key)
        const {
        if (!options_.reference) return {};
        bool sound = value.is_array();
        if (sound)
            sound = std::ranges::all_of(value.get_array(), [](const json::value& v) {
                return v.is_string();
            });
        if (sound) return {};
        return fail(
            Errc::unprocessable, fmt::format("the value of '{}' is no list of references", key)
        );
    }

    Result<void> take(const Place& place, const std::string& key) {
        const auto* object = place.kind == Place::Kind::plain ? place.value->if_object() : nullptr;
        const json::value* value =
            object == nullptr ? nullptr
                              : object->if_contains(json::string_view(key.data(), key.size()));
        if (value == nullptr) return {};
        const std::string_view name = key;
        if (name.ends_with("_ref")) {
            if (options_.reference && !value->is_string()) {
                return fail(
                    Errc::unprocessable, fmt::format("the value of '{}' is no reference", key)
                );
            }
            add_named(*value);
        } else if (name.ends_with("_refs")) {
            ENTENTE_CHECK(check_references(*value, key));
            const auto* list = value->if_array();
            const auto resolves = [&](const json::value& v) { return named(v) != nullptr; };
            if (list == nullptr || !budget_.spend(16 * list->size())) return {};
            if (std::ranges::any_of(*list, resolves)) {
                next_.push_back({value, Place::Kind::references});
            }
        } else {
            const bool text = value->is_string();
            const auto kind = text && name.ends_with("_hex")   ? Place::Kind::hex
                              : text && name.ends_with("_bin") ? Place::Kind::base64
                                                               : Place::Kind::plain;
            next_.push_back({value, kind});
        }
        return {};
    }

    Result<void> take(const Place& place, std::int64_t index) {
        const auto* list = place.value->if_array();
        const bool in_list =
            place.kind == Place::Kind::plain || place.kind == Place::Kind::references;
        if (list == nullptr || !in_list || index < 0) return {};
        auto left = static_cast<std::uint64_t>(index);
        if (place.kind == Place::Kind::references && options_.reference) {
            // The reference matcher drops what does not resolve before it counts.
            if (!budget_.spend(16 * list->size())) return {};
            for (const json::value& one : *list) {
                if (named(one) != nullptr && left-- == 0) {
                    add_named(one);
                    return {};
                }
            }
            return {};
        }
        if (left >= list->size()) return {};
        add(place, (*list)[static_cast<std::size_t>(left)]);
        return {};
    }

    Result<void> take(const Place& place, Any) {
        const auto* list = place.value->if_array();
        if (list == nullptr || !budget_.spend(16 * list->size())) return {};
        for (const json::value& one : *list)
            add(place, one);
        return {};
    }

    void add(const Place& list, const json::value& element) {
        if (list.kind == Place::Kind::references) {
            add_named(element);
        } else {
            next_.push_back({&element, Place::Kind::plain});
        }
    }

    const Observed& observed_;
    const EvaluateOptions& options_;
    Budget& budget_;
    std::vector<Place> next_;
};

}  // namespace

Result<std::vector<Place>> follow(
    const Path& path,
    const json::value& root,
    const Observed& observed,
    const EvaluateOptions& options,
    Budget& budget
) {
    return Walk(observed, options, budget).through(path, root);
}

}  // namespace entente::pattern
