#include "feed/warning_lists.h"

#include "base/escape.h"
#include "base/limits.h"
#include "feed/internal/expression.h"
#include "feed/internal/names.h"
#include "feed/internal/text.h"
#include "feed/suffixes.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace entente::feed {
namespace {

namespace json = boost::json;

enum class Type : std::uint8_t { string, substring, hostname, cidr, regex };

std::optional<Type> type_of(std::string_view name) {
    if (name == "string") return Type::string;
    if (name == "substring") return Type::substring;
    if (name == "hostname") return Type::hostname;
    if (name == "cidr") return Type::cidr;
    if (name == "regex") return Type::regex;
    return std::nullopt;
}

/// Texts that are looked for anywhere in another, found by their first bytes: the cost of a
/// question hardly grows with their number.
class Substrings {
  public:
    void add(std::string text) {
        if (text.size() < head) {
            if (!text.empty()) short_.push_back(std::move(text));
            return;
        }
        std::string key = text.substr(0, head);
        by_head_[std::move(key)].push_back(std::move(text));
    }

    [[nodiscard]] bool in(std::string_view text) const {
        for (const std::string& one : short_) {
            if (text.find(one) != std::string_view::npos) return true;
        }
        for (std::size_t at = 0; at + head <= text.size(); ++at) {
            const auto found = by_head_.find(std::string(text.substr(at, head)));
            if (found == by_head_.end()) continue;
            for (const std::string& one : found->second) {
                if (text.substr(at).starts_with(one)) return true;
            }
        }
        return false;
    }

  private:
    static constexpr std::size_t head = 5;
    std::unordered_map<std::string, std::vector<std::string>> by_head_;
    std::vector<std::string> short_;
};

}  // namespace

struct WarningLists::List {
    std::string name;
    NameSet strings;    // small letters
    NameSet hostnames;  // in the spelling of names
    Substrings substrings;
    AddressSet networks;
    std::vector<internal::Expression> expressions;

    Result<void> add(Type type, std::string_view entry) {
        switch (type) {
            case Type::string:
                strings.insert(internal::lowered(entry));
                // Networks stand in lists of strings, too.
                if (const auto block = pattern::read_address_block(entry)) networks.add(*block);
                break;
            case Type::substring:
                substrings.add(internal::lowered(entry));
                break;
            case Type::hostname: {
                if (entry.starts_with('.')) entry.remove_prefix(1);
                if (auto host = internal::name_of(entry)) hostnames.insert(std::move(*host));
                break;
            }
            case Type::cidr:
                if (const auto block = pattern::read_address_block(entry)) networks.add(*block);
                break;
            case Type::regex: {
                ENTENTE_TRY(internal::Expression made, internal::Expression::compile(entry));
                expressions.push_back(std::move(made));
                break;
            }
        }
        return {};
    }

    [[nodiscard]] bool has(const Value& value, std::string_view small) const {
        if (strings.contains(std::string(small))) return true;
        const std::string host(host_of(value));
        if (!host.empty()) {
            if (value.kind == Kind::url && strings.contains(host)) return true;
            const auto is_host = [&](std::string_view one) {
                return hostnames.contains(std::string(one));
            };
            if (is_host(host) || internal::any_parent(host, is_host)) return true;
        }
        if (const auto block = internal::block_of(value); block && networks.touches(*block))
            return true;
        return substrings.in(small) ||
               std::ranges::any_of(expressions, [&](const internal::Expression& one) {
                   return one.matches(value.text);
               });
    }
};

WarningLists::WarningLists() = default;
WarningLists::~WarningLists() = default;
WarningLists::WarningLists(WarningLists&&) noexcept = default;
WarningLists& WarningLists::operator=(WarningLists&&) noexcept = default;

Result<std::string_view> WarningLists::add(std::string_view text) {
    boost::system::error_code error;
    const json::value root = json::parse(text, error);
    if (error || !root.is_object()) return fail(Errc::malformed, "no warning list: no JSON object");
    const json::object& object = root.as_object();
    const auto string_at = [&](const char* name) -> std::string_view {
        const json::value* value = object.if_contains(name);
        return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                      : std::string_view();
    };
    const auto type = type_of(string_at("type"));
    const json::value* entries = object.if_contains("list");
    if (!type || entries == nullptr || !entries->is_array()) {
        return fail(
            Errc::unprocessable,
            "no warning list: it needs a `type` of string, substring, hostname, cidr or regex and "
            "a "
            "`list`"
        );
    }
    if (entries->as_array().size() > limits::warning_list_entries_max - entries_) {
        return fail(
            Errc::too_large,
            fmt::format("warning lists of more than {} entries", limits::warning_list_entries_max)
        );
    }
    auto list = std::make_unique<List>();
    list->name = string_at("name");
    for (const json::value& entry : entries->as_array()) {
        if (!entry.is_string()) continue;
        if (auto added = list->add(*type, entry.as_string()); !added) {
            return fail(
                added.error().code,
                fmt::format(
                    "/list: '{}': {}", printable(entry.as_string(), 60), added.error().detail
                )
            );
        }
    }
    list->networks.close();
    entries_ += entries->as_array().size();
    lists_.push_back(std::move(list));
    return std::string_view(lists_.back()->name);
}

std::optional<std::string_view> WarningLists::hit(const Value& value) const {
    const std::string small = internal::lowered(value.text);
    for (const auto& list : lists_) {
        if (list->has(value, small)) return list->name;
    }
    return std::nullopt;
}

std::size_t WarningLists::size() const noexcept {
    return lists_.size();
}

}  // namespace entente::feed
