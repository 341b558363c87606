#include "taxii/client/resources.h"

#include "base/escape.h"
#include "base/limits.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::taxii::client {
namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 32;
constexpr std::size_t error_bytes_max = 1U << 20U;  // a larger error body says nothing to a person
constexpr std::size_t words_bytes_max = 300;

tl::unexpected<Error> wrong(std::string_view what, std::string_view why) {
    return fail(Errc::corrupt, fmt::format("the server's {} {}", what, why));
}

Result<json::object> parse(std::string_view body, std::string_view what) {
    if (body.size() > limits::client_resource_bytes_max) {
        return wrong(
            what,
            fmt::format(
                "has {} bytes; at most {} are read", body.size(), limits::client_resource_bytes_max
            )
        );
    }
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (body.substr(0, mark.size()) == mark) body.remove_prefix(mark.size());
    json::parse_options options;
    options.max_depth = depth_max;
    json::error_code error;
    json::value value = json::parse({body.data(), body.size()}, error, {}, options);
    if (error) return wrong(what, fmt::format("is not readable JSON ({})", error.message()));
    if (!value.is_object()) return wrong(what, "is no JSON object");
    return std::move(value.as_object());
}

/// Nothing when absent or null: some servers write null for what they do not have.
const json::value* member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value == nullptr || value->is_null() ? nullptr : value;
}

/// Reads one property of one resource; `what` names the resource in messages.
class Fields {
  public:
    Fields(const json::object& object, std::string_view what) : object_(object), what_(what) {}

    [[nodiscard]] Result<std::string> text(std::string_view name) const {
        const json::value* value = member(object_, name);
        if (value == nullptr) return std::string();
        if (!value->is_string())
            return wrong(what_, fmt::format("has a `{}` that is no string", name));
        const json::string& s = value->get_string();
        return std::string(s.data(), s.size());
    }

    [[nodiscard]] Result<std::string> required_text(std::string_view name) const {
        if (member(object_, name) == nullptr) return wrong(what_, fmt::format("has no `{}`", name));
        return text(name);
    }

    [[nodiscard]] Result<std::optional<bool>> flag(std::string_view name) const {
        const json::value* value = member(object_, name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_bool())
            return wrong(what_, fmt::format("has a `{}` that is neither true nor false", name));
        return value->get_bool();
    }

    /// Nothing when absent. Negative numbers, fractions and what is beyond 2^63 are wrong.
    [[nodiscard]] Result<std::optional<std::uint64_t>> count(std::string_view name) const {
        const json::value* value = member(object_, name);
        if (value == nullptr) return std::nullopt;
        if (!value->is_int64() || value->get_int64() < 0) {
            return wrong(what_, fmt::format("has a `{}` that is no count", name));
        }
        return static_cast<std::uint64_t>(value->get_int64());
    }

    [[nodiscard]] Result<const json::array*> list(std::string_view name) const {
        const json::value* value = member(object_, name);
        if (value == nullptr) return nullptr;
        if (!value->is_array())
            return wrong(what_, fmt::format("has a `{}` that is no list", name));
        return &value->get_array();
    }

    [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view name) const {
        ENTENTE_TRY(const json::array* items, list(name));
        std::vector<std::string> result;
        if (items == nullptr) return result;
        for (const json::value& item : *items) {
            if (!item.is_string())
                return wrong(
                    what_, fmt::format("has a `{}` with something that is no string", name)
                );
            result.emplace_back(item.get_string().data(), item.get_string().size());
        }
        return result;
    }

  private:
    const json::object& object_;
    std::string_view what_;
};

Result<Discovery> discovery_of(const json::object& object) {
    const Fields fields(object, "discovery resource");
    Discovery result;
    ENTENTE_TRY(result.title, fields.text("title"));
    ENTENTE_TRY(result.api_roots, fields.texts("api_roots"));
    ENTENTE_TRY(result.default_root, fields.text("default"));
    return result;
}

Result<ApiRoot> root_of(const json::object& object) {
    const Fields fields(object, "API root resource");
    ApiRoot result;
    ENTENTE_TRY(result.title, fields.text("title"));
    ENTENTE_TRY(result.versions, fields.texts("versions"));
    ENTENTE_TRY(const std::optional<std::uint64_t> length, fields.count("max_content_length"));
    result.max_content_length = length.value_or(0);
    return result;
}

Result<Collection> collection_of(const json::object& object) {
    const Fields fields(object, "collection resource");
    Collection result;
    ENTENTE_TRY(result.id, fields.required_text("id"));
    if (result.id.empty() || result.id.size() > limits::client_id_bytes_max) {
        return wrong(
            "collection resource",
            fmt::format(
                "has an `id` of {} bytes; 1 to {} are taken",
                result.id.size(),
                limits::client_id_bytes_max
            )
        );
    }
    ENTENTE_TRY(result.title, fields.text("title"));
    ENTENTE_TRY(result.alias, fields.text("alias"));
    ENTENTE_TRY(result.can_read, fields.flag("can_read"));
    ENTENTE_TRY(result.can_write, fields.flag("can_write"));
    return result;
}

}  // namespace

Result<Document> read_document(std::string_view body) {
    ENTENTE_TRY(const json::object object, parse(body, "answer"));
    Document result;
    // What only the one resource must have, tells it from the others.
    if (member(object, "id") != nullptr) {
        ENTENTE_TRY(result.collection, collection_of(object));
    } else if (member(object, "versions") != nullptr || member(object, "max_content_length") != nullptr) {
        ENTENTE_TRY(result.root, root_of(object));
    } else if (member(object, "title") != nullptr || member(object, "api_roots") != nullptr) {
        ENTENTE_TRY(result.discovery, discovery_of(object));
    } else {
        return wrong("answer", "is neither a discovery, an API root nor a collection resource");
    }
    return result;
}

Result<Discovery> read_discovery(std::string_view body) {
    ENTENTE_TRY(const json::object object, parse(body, "discovery resource"));
    return discovery_of(object);
}

Result<ApiRoot> read_root(std::string_view body) {
    ENTENTE_TRY(const json::object object, parse(body, "API root resource"));
    return root_of(object);
}

Result<Collection> read_collection(std::string_view body) {
    ENTENTE_TRY(const json::object object, parse(body, "collection resource"));
    return collection_of(object);
}

Result<std::vector<Collection>> read_collections(std::string_view body) {
    ENTENTE_TRY(const json::object object, parse(body, "collections resource"));
    const Fields fields(object, "collections resource");
    ENTENTE_TRY(const json::array* items, fields.list("collections"));
    std::vector<Collection> result;
    if (items == nullptr) return result;
    for (const json::value& item : *items) {
        if (!item.is_object())
            return wrong("collections resource", "lists something that is no collection");
        ENTENTE_TRY(Collection collection, collection_of(item.get_object()));
        result.push_back(std::move(collection));
    }
    return result;
}

Result<Status> read_status(std::string_view body) {
    ENTENTE_TRY(const json::object object, parse(body, "status resource"));
    const Fields fields(object, "status resource");
    Status result;
    ENTENTE_TRY(result.id, fields.required_text("id"));
    if (result.id.empty() || result.id.size() > limits::client_id_bytes_max) {
        return wrong("status resource", "has an `id` that is empty or too long");
    }
    ENTENTE_TRY(const std::string state, fields.required_text("status"));
    if (state != "complete" && state != "pending") {
        return wrong("status resource", fmt::format("has the status `{}`", printable(state, 40)));
    }
    result.complete = state == "complete";
    const auto counted = [&fields](std::string_view name, std::uint64_t& to) -> Result<void> {
        ENTENTE_TRY(const std::optional<std::uint64_t> count, fields.count(name));
        to = count.value_or(0);
        return {};
    };
    ENTENTE_CHECK(counted("total_count", result.total));
    ENTENTE_CHECK(counted("success_count", result.successes));
    ENTENTE_CHECK(counted("failure_count", result.failures));
    ENTENTE_CHECK(counted("pending_count", result.pendings));
    ENTENTE_TRY(const json::array* failed, fields.list("failures"));
    if (failed == nullptr) return result;
    for (const json::value& item : *failed) {
        if (result.failed.size() == limits::push_failures_kept_max) break;
        if (!item.is_object()) return wrong("status resource", "lists a failure that is no object");
        const Fields details(item.get_object(), "status resource");
        Failure failure;
        ENTENTE_TRY(failure.id, details.text("id"));
        ENTENTE_TRY(failure.version, details.text("version"));
        ENTENTE_TRY(failure.message, details.text("message"));
        result.failed.push_back(std::move(failure));
    }
    return result;
}

std::string error_words(std::string_view body) {
    if (body.size() > error_bytes_max) return {};
    const Result<json::object> object = parse(body, "error");
    if (!object) return {};
    const Fields fields(*object, "error");
    std::string title = fields.text("title").value_or("");
    const std::string description = fields.text("description").value_or("");
    if (!title.empty() && !description.empty()) title += ": ";
    return printable(title + description, words_bytes_max);
}

}  // namespace entente::taxii::client
