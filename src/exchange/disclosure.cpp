#include "exchange/disclosure.h"

#include "base/limits.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace entente::exchange {
namespace {

namespace json = boost::json;
using agreement::raw;
using store::Seq;

constexpr std::string_view removed_kind = "entries removed";

tl::unexpected<Error> damaged(const store::Act& act) {
    return fail(Errc::corrupt, fmt::format("the record {} cannot be read", raw(act.no)));
}

/// A number at the front of the text, which it is taken from.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || number > raw(agreement::seq_max)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::optional<json::object> facts_of(const store::Act& act) {
    boost::system::error_code ec;
    json::value value = json::parse(act.facts, ec);
    if (ec || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::optional<std::uint64_t> number_in(const json::object& facts, std::string_view name) {
    const json::value* value = facts.if_contains(name);
    if (value == nullptr) return std::uint64_t{0};  // exports name no token
    boost::system::error_code ec;
    const auto number = value->to_number<std::uint64_t>(ec);
    if (ec) return std::nullopt;
    return number;
}

std::optional<std::string> text_in(const json::object& facts, std::string_view name) {
    const json::value* value = facts.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

}  // namespace

std::string entry_list(std::vector<Seq> entries) {
    std::ranges::sort(entries);
    std::string list;
    std::uint64_t end = 0;  // of the run before
    for (std::size_t i = 0; i < entries.size();) {
        const std::uint64_t first = raw(entries[i]);
        std::uint64_t last = first;
        for (++i; i < entries.size() && raw(entries[i]) <= last + 1; ++i)
            last = raw(entries[i]);
        if (!list.empty()) list += ' ';
        fmt::format_to(std::back_inserter(list), "{}", first - end);
        if (last > first) fmt::format_to(std::back_inserter(list), "+{}", last - first);
        end = last;
    }
    return list;
}

Result<void> each_run(std::string_view list, const std::function<bool(Seq first, Seq last)>& run) {
    const auto wrong = [] { return fail(Errc::corrupt, "a list of entries cannot be read"); };
    std::uint64_t end = 0;
    while (!list.empty()) {
        const auto gap = take_number(list);
        if (!gap || *gap == 0) return wrong();
        std::uint64_t more = 0;
        if (list.starts_with('+')) {
            list.remove_prefix(1);
            const auto following = take_number(list);
            if (!following) return wrong();
            more = *following;
        }
        const std::uint64_t first = end + *gap;
        end = first + more;
        if (end > raw(agreement::seq_max)) return wrong();
        if (!list.empty()) {
            if (list.size() == 1 || list.front() != ' ') return wrong();
            list.remove_prefix(1);
        }
        if (!run(Seq{first}, Seq{end})) return {};
    }
    return {};
}

store::Act disclosure_act(const HandedOver& handed, Micros at) {
    json::object facts{{"what", handed.what}};
    if (!handed.by.empty()) facts["by"] = handed.by;
    facts["token"] = raw(handed.token);
    facts["after"] = raw(handed.after.seq);
    facts["to"] = raw(handed.to.seq);
    facts["count"] = handed.entries.size();
    facts["sha256"] = handed.sha256;
    facts["entries"] = entry_list(handed.entries);
    store::Act act;
    act.kind = "disclosed";
    act.at = at;
    act.user = handed.user;
    act.party = handed.party;
    act.collection = handed.collection;
    act.facts = json::serialize(facts);
    return act;
}

Result<Disclosure> read_disclosure(const store::Act& act) {
    const auto facts = facts_of(act);
    if (!facts) return damaged(act);
    const auto what = text_in(*facts, "what");
    const auto token = number_in(*facts, "token");
    const auto after = number_in(*facts, "after");
    const auto to = number_in(*facts, "to");
    const auto count = number_in(*facts, "count");
    const auto sha256 = text_in(*facts, "sha256");
    if (!what || !token || *token > UINT32_MAX || !after || !to || !count || !sha256)
        return damaged(act);
    Disclosure read{
        .what = *what,
        .token = store::TokenNo{static_cast<std::uint32_t>(*token)},
        .after = Seq{*after},
        .to = Seq{*to},
        .count = *count,
        .sha256 = *sha256,
        .entries = text_in(*facts, "entries")};
    return read;
}

void record_removed(
    store::Transaction& tx,
    Micros at,
    store::CollectionNo collection,
    const std::vector<RemovedEntry>& entries
) {
    for (std::size_t from = 0; from < entries.size(); from += limits::removed_entries_per_act) {
        json::array list;
        const std::size_t end = std::min(entries.size(), from + limits::removed_entries_per_act);
        for (std::size_t i = from; i < end; ++i) {
            json::array one{raw(entries[i].seq), entries[i].id, entries[i].version};
            if (!entries[i].original.empty()) one.emplace_back(entries[i].original);
            list.push_back(std::move(one));
        }
        store::Act act;
        act.kind = std::string(removed_kind);
        act.at = at;
        act.collection = collection;
        act.facts = json::serialize(json::object{{"entries", std::move(list)}});
        tx.append_act(act);
    }
}

Result<std::vector<RemovedEntry>> read_removed(const store::Act& act) {
    std::vector<RemovedEntry> removed;
    if (act.kind != removed_kind) return removed;
    const auto facts = facts_of(act);
    const json::value* list = facts ? facts->if_contains("entries") : nullptr;
    if (list == nullptr || !list->is_array()) return damaged(act);
    for (const json::value& value : list->get_array()) {
        if (!value.is_array()) return damaged(act);
        const json::array& one = value.get_array();
        boost::system::error_code ec;
        const auto seq = one.empty() ? 0 : one[0].to_number<std::uint64_t>(ec);
        const bool texts = std::ranges::all_of(
            one.begin() + (one.empty() ? 0 : 1),
            one.end(),
            [](const json::value& v) { return v.is_string(); }
        );
        if (ec || !texts || one.size() < 3 || one.size() > 4) return damaged(act);
        removed.push_back(
            {.seq = Seq{seq},
             .id = std::string(one[1].get_string()),
             .version = std::string(one[2].get_string()),
             .original = one.size() == 4 ? std::string(one[3].get_string()) : std::string()}
        );
    }
    return removed;
}

}  // namespace entente::exchange
