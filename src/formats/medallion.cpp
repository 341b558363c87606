#include "formats/medallion.h"

#include "base/escape.h"
#include "base/limits.h"
#include "formats/internal/raw_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace entente::formats {
namespace {

using internal::Member;
using Members = std::vector<Member>;

// Root, "collections", collection, "objects": the levels around an object.
constexpr std::size_t levels_around_object = 8;

/// Collects what is wrong, with the place.
class Problems {
  public:
    explicit Problems(MedallionData& data) : data_(data) {}

    void add(std::string text) {
        if (data_.problems.size() < limits::import_problems_max) {
            data_.problems.push_back(std::move(text));
        } else {
            ++data_.problems_left_out;
        }
    }

  private:
    MedallionData& data_;
};

std::string text_of(const Members& members, std::string_view name) {
    const auto value = internal::find(members, name);
    return value ? internal::string_of(*value).value_or("") : "";
}

/// How medallion pairs an object with its manifest record: id and the instant of the version.
std::optional<std::string> pair_key(const std::string& id, const std::string& version) {
    // medallion's own dates have any number of fraction digits, or none; its comparison is by
    // instant.
    if (const auto key = instant_key(version)) return id + " " + *key;
    const auto time = parse_client_time(version);
    if (!time) return std::nullopt;
    const auto key = instant_key(format_taxii(*time));
    return key ? std::optional(id + " " + *key) : std::nullopt;
}

struct Record {
    std::size_t order = 0;  // in the manifest
    Micros date;
    std::size_t object = 0;
};

/// One collection while it is read.
class CollectionReader {
  public:
    CollectionReader(std::string place, Problems& problems)
        : place_(std::move(place)),
          problems_(problems) {}

    std::vector<MedallionObject> objects(const Members& members) {
        if (const auto list = internal::find(members, "objects")) read_objects(*list);
        if (const auto list = internal::find(members, "manifest")) read_manifest(*list);
        for (const auto& [key, object] : waiting_) {
            problem(fmt::format("{} has no manifest record, so no date; not imported", key));
        }
        // Stable: records that share a date stay in manifest order.
        std::ranges::stable_sort(records_, {}, &Record::date);
        std::vector<MedallionObject> result;
        result.reserve(records_.size());
        Micros last{-1};
        for (const Record& record : records_) {
            last = std::max(record.date, last + 1);
            result.push_back({std::move(texts_[record.object]), last});
        }
        return result;
    }

  private:
    void problem(std::string_view what) {
        problems_.add(fmt::format("{}: {}", place_, printable(what, 500)));
    }

    void read_objects(std::string_view list) {
        const auto elements = internal::elements_of(list);
        if (!elements) {
            problem("'objects' is not a list");
            return;
        }
        std::size_t index = 0;
        for (const std::string_view element : *elements)
            read_object(element, index++);
    }

    void read_object(std::string_view element, std::size_t index) {
        const auto members = internal::members_of(element);
        if (!members) {
            problem(fmt::format("object {}: {}", index, members.error().detail));
            return;
        }
        const std::string id = text_of(*members, "id");
        // Only cyber-observables have neither date; medallion remembers their arrival in a property
        // of its own.
        std::string version = text_of(*members, "modified");
        if (version.empty()) version = text_of(*members, "created");
        if (version.empty()) version = text_of(*members, "_date_added");
        const auto key = pair_key(id, version);
        if (id.empty() || !key) {
            problem(fmt::format("object {} ({}) has no id or no version; not imported", index, id));
            return;
        }
        if (!waiting_.emplace(*key, texts_.size()).second) {
            problem(fmt::format("{} {} is there twice; the first is imported", id, version));
            return;
        }
        texts_.push_back(without_own_property(element, *members));
    }

    static std::string without_own_property(std::string_view element, const Members& members) {
        if (!internal::find(members, "_date_added")) return std::string(element);
        std::string text = "{";
        for (const Member& member : members) {
            if (member.name == "_date_added") continue;
            if (text.size() > 1) text += ',';
            text += json_string(member.name);
            text += ':';
            text += member.value;
        }
        return text + "}";
    }

    void read_manifest(std::string_view list) {
        const auto elements = internal::elements_of(list);
        if (!elements) {
            problem("'manifest' is not a list");
            return;
        }
        std::size_t index = 0;
        for (const std::string_view element : *elements)
            read_record(element, index++);
    }

    void read_record(std::string_view element, std::size_t index) {
        const auto members = internal::members_of(element);
        if (!members) {
            problem(fmt::format("manifest record {}: {}", index, members.error().detail));
            return;
        }
        const std::string id = text_of(*members, "id");
        const auto date = parse_client_time(text_of(*members, "date_added"));
        const std::vector<std::string> versions = versions_of(*members);
        if (!date || date->count < 0 || versions.empty()) {
            problem(fmt::format("manifest record {} ({}) has no version or date", index, id));
            return;
        }
        for (const std::string& version : versions)
            pair(id, version, *date, index);
    }

    /// One `version`, or the list of them that medallion 1 had (TAXII 2.0).
    static std::vector<std::string> versions_of(const Members& members) {
        if (const std::string one = text_of(members, "version"); !one.empty()) return {one};
        const auto list = internal::find(members, "versions");
        const auto elements =
            list ? internal::elements_of(*list) : Result<std::vector<std::string_view>>();
        std::vector<std::string> versions;
        if (!elements) return versions;
        for (const std::string_view element : *elements) {
            versions.push_back(internal::string_of(element).value_or(""));
        }
        return versions;
    }

    void pair(const std::string& id, const std::string& version, Micros date, std::size_t index) {
        const auto key = pair_key(id, version);
        if (!key) {
            problem(fmt::format("manifest record {} ({}) has no version or date", index, id));
            return;
        }
        const auto object = waiting_.find(*key);
        if (object == waiting_.end()) {
            problem(
                fmt::format("manifest record {} ({}) has no object, or a second record", index, id)
            );
            return;
        }
        records_.push_back({index, date, object->second});
        waiting_.erase(object);
    }

    std::string place_;
    Problems& problems_;
    std::vector<std::string> texts_;
    std::map<std::string, std::size_t> waiting_;  // objects without a record yet, into texts_
    std::vector<Record> records_;
};

bool takes_stix20(const Members& members) {
    const auto list = internal::find(members, "media_types");
    if (!list) return false;
    const auto types = internal::elements_of(*list);
    return types && std::ranges::any_of(*types, [](std::string_view type) {
               return internal::string_of(type).value_or("").find("version=2.0") !=
                      std::string::npos;
           });
}

void read_collection(
    std::string_view text, const std::string& place, MedallionRoot& root, Problems& problems
) {
    const auto members = internal::members_of(text);
    if (!members) {
        problems.add(fmt::format("{}: {}", place, members.error().detail));
        return;
    }
    MedallionCollection collection;
    collection.id = text_of(*members, "id");
    if (collection.id.empty()) {
        problems.add(fmt::format("{}: a collection without id; not imported", place));
        return;
    }
    const auto flag = [&](std::string_view name) {
        const auto value = internal::find(*members, name);
        return value && internal::bool_of(*value).value_or(false);
    };
    collection.title = text_of(*members, "title");
    collection.description = text_of(*members, "description");
    collection.alias = text_of(*members, "alias");
    collection.can_read = flag("can_read");
    collection.can_write = flag("can_write");
    collection.accepts_stix20 = takes_stix20(*members);
    const std::string here = fmt::format("{}/{}", root.name, printable(collection.id, 100));
    collection.objects = CollectionReader(here, problems).objects(*members);
    root.collections.push_back(std::move(collection));
}

std::optional<MedallionRoot> read_root(const Member& member, Problems& problems) {
    const std::string place = printable(member.name, 100);
    const auto members = internal::members_of(member.value);
    if (!members) {
        problems.add(fmt::format("{}: {}", place, members.error().detail));
        return std::nullopt;
    }
    const auto information = internal::find(*members, "information");
    const auto collections = internal::find(*members, "collections");
    if (!information && !collections) {
        problems.add(fmt::format("{}: no API root; not imported", place));
        return std::nullopt;
    }
    MedallionRoot root;
    root.name = member.name;
    if (information) {
        if (const auto about = internal::members_of(*information)) {
            root.title = text_of(*about, "title");
            root.description = text_of(*about, "description");
            const auto length = internal::find(*about, "max_content_length");
            root.max_content_length = length ? internal::number_of(*length).value_or(0) : 0;
        } else {
            problems.add(fmt::format("{}/information: {}", place, about.error().detail));
        }
    }
    if (!collections) return root;
    const auto list = internal::elements_of(*collections);
    if (!list) {
        problems.add(fmt::format("{}/collections is not a list", place));
        return root;
    }
    for (const std::string_view text : *list)
        read_collection(text, place, root, problems);
    return root;
}

/// The last path segment of the URL that discovery calls default.
std::string default_root_of(std::string_view discovery) {
    const auto members = internal::members_of(discovery);
    if (!members) return {};
    std::string url = text_of(*members, "default");
    while (url.ends_with('/'))
        url.pop_back();
    const auto slash = url.rfind('/');
    return slash == std::string::npos ? url : url.substr(slash + 1);
}

}  // namespace

Result<MedallionData> read_medallion(std::string_view text) {
    ENTENTE_CHECK(internal::check_json(text, limits::json_depth_max + levels_around_object));
    ENTENTE_TRY(const Members members, internal::members_of(text));
    MedallionData data;
    Problems problems(data);
    for (const Member& member : members) {
        if (member.name == "/discovery") {
            data.default_root = default_root_of(member.value);
        } else if (auto root = read_root(member, problems)) {
            data.roots.push_back(std::move(*root));
        }
    }
    if (data.roots.empty()) {
        return fail(
            Errc::unprocessable,
            "no API root in it: not a data file of medallion's, which has the API roots' names as "
            "properties beside \"/discovery\""
        );
    }
    return data;
}

Result<std::vector<MedallionUser>> read_medallion_users(std::string_view text) {
    ENTENTE_CHECK(internal::check_json(text, limits::json_depth_max));
    ENTENTE_TRY(const Members members, internal::members_of(text));
    std::vector<MedallionUser> users;
    const auto list = internal::find(members, "users");
    if (!list) return users;
    const auto entries = internal::members_of(*list);
    if (!entries) return fail(Errc::unprocessable, "/users: " + entries.error().detail);
    for (const Member& entry : *entries) {
        auto password = internal::string_of(entry.value);
        if (!password) {
            return fail(
                Errc::unprocessable,
                fmt::format("/users/{} is not a text", printable(entry.name, 100))
            );
        }
        users.push_back({entry.name, std::move(*password)});
    }
    return users;
}

}  // namespace entente::formats
