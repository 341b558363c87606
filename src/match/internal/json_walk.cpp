#include "match/internal/json_walk.h"

#include "base/limits.h"
#include "match/internal/json_name.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>
#include <utility>
#include <vector>

namespace entente::match {
namespace {

namespace ondemand = simdjson::ondemand;

/// What is only a wrapping: of Elasticsearch's answers, of Windows' own JSON, of Beats.
bool is_wrapping(std::string_view name) {
    return name == "_source" || name == "Event" || name == "EventData" || name == "System" ||
           name == "winlog" || name == "event_data";
}

}  // namespace

struct JsonWalk::Inside {
    ondemand::parser parser;
    std::vector<char> padded;
    const FieldTree* fields = nullptr;
    Record* record = nullptr;

    simdjson::error_code object(ondemand::object of, std::uint32_t at, std::size_t depth);
    simdjson::error_code value(ondemand::value of, std::uint32_t at, std::size_t depth);
};

// Recursion is as deep as limits::match_event_depth_max.
// NOLINTNEXTLINE(misc-no-recursion)
simdjson::error_code JsonWalk::Inside::object(
    ondemand::object of, std::uint32_t at, std::size_t depth
) {
    for (auto found : of) {
        ondemand::field field;
        if (const auto wrong = std::move(found).get(field)) return wrong;
        std::string_view name;
        if (const auto wrong = name_of(field, limits::match_event_bytes_max, name)) return wrong;
        auto next = fields->find(at, name);
        if (next == FieldTree::none && at == FieldTree::root && is_wrapping(name)) next = at;
        if (next == FieldTree::none) continue;
        if (const auto wrong = value(field.value(), next, depth + 1)) return wrong;
    }
    return simdjson::SUCCESS;
}

// NOLINTNEXTLINE(misc-no-recursion)
simdjson::error_code JsonWalk::Inside::value(
    ondemand::value of, std::uint32_t at, std::size_t depth
) {
    if (depth > limits::match_event_depth_max) return simdjson::SUCCESS;
    ondemand::json_type type{};
    if (const auto wrong = of.type().get(type)) return wrong;
    switch (type) {
        case ondemand::json_type::object: {
            ondemand::object inner;
            if (const auto wrong = of.get_object().get(inner)) return wrong;
            return object(inner, at, depth);
        }
        case ondemand::json_type::array: {
            ondemand::array list;
            if (const auto wrong = of.get_array().get(list)) return wrong;
            for (auto element : list) {
                ondemand::value one;
                if (const auto wrong = std::move(element).get(one)) return wrong;
                if (const auto wrong = value(one, at, depth + 1)) return wrong;
            }
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::string: {
            const FieldTree::Node& node = fields->nodes[at];
            std::string_view text;
            if (!node.says) return simdjson::SUCCESS;
            if (const auto wrong = of.get_string().get(text)) return wrong;
            record->take(node.sight, text, node.other);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::boolean: {
            const FieldTree::Node& node = fields->nodes[at];
            bool yes = false;
            if (const auto wrong = of.get_bool().get(yes)) return wrong;
            if (node.says) record->take(node.sight, yes ? "true" : "false", node.other);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::number: {
            const FieldTree::Node& node = fields->nodes[at];
            std::string_view text = of.raw_json_token();
            while (!text.empty() && (text.back() == ' ' || text.back() == '\t' ||
                                     text.back() == '\n' || text.back() == '\r'))
                text.remove_suffix(1);
            if (node.says) record->take(node.sight, text, node.other);
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::null:
            break;
    }
    return simdjson::SUCCESS;
}

JsonWalk::JsonWalk() : inside_(std::make_unique<Inside>()) {}

JsonWalk::~JsonWalk() = default;
JsonWalk::JsonWalk(JsonWalk&&) noexcept = default;
JsonWalk& JsonWalk::operator=(JsonWalk&&) noexcept = default;

Result<void> JsonWalk::walk(std::string_view line, const FieldTree& fields, Record& record) {
    Inside& in = *inside_;
    if (in.padded.size() < line.size() + simdjson::SIMDJSON_PADDING) {
        in.padded.resize(2 * line.size() + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(in.padded.data(), line.data(), line.size());
    std::memset(in.padded.data() + line.size(), ' ', simdjson::SIMDJSON_PADDING);
    in.fields = &fields;
    in.record = &record;
    ondemand::document document;
    auto error = in.parser.iterate(in.padded.data(), line.size(), in.padded.size()).get(document);
    ondemand::object object;
    if (error == simdjson::SUCCESS) error = document.get_object().get(object);
    if (error == simdjson::SUCCESS) error = in.object(object, FieldTree::root, 0);
    if (error == simdjson::SUCCESS) return {};
    return fail(Errc::malformed, fmt::format("no JSON object: {}", simdjson::error_message(error)));
}

}  // namespace entente::match
