#include "exchange/internal/cursor.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::exchange {
namespace {

namespace json = boost::json;
constexpr std::uint64_t cursor_form = 1;

std::string bound_to(store::UserNo user, store::CollectionNo collection) {
    return fmt::format("cursor/{}/{}", agreement::raw(user), agreement::raw(collection));
}

json::array list(const std::vector<std::string>& texts) {
    json::array out;
    for (const std::string& t : texts)
        out.emplace_back(t);
    return out;
}

std::vector<std::string> texts(const json::value& v) {
    std::vector<std::string> out;
    for (const json::value& t : v.as_array())
        out.emplace_back(t.as_string());
    return out;
}

bool same_version(const store::VersionFilter& a, const store::VersionFilter& b) {
    return a.all == b.all && a.first == b.first && a.last == b.last && a.keys == b.keys;
}

tl::unexpected<Error> disagrees(std::string_view field) {
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "next: {} differs from the request that gave this cursor; repeat the same filters or "
            "leave them out",
            field
        )
    );
}

}  // namespace

std::string seal_cursor(
    const Key& key, const Cursor& cursor, store::UserNo user, store::CollectionNo collection
) {
    const store::Filter& f = cursor.filter;
    // The position has a fixed width, so that the length says nothing about it.
    json::array fields{
        cursor_form,
        cursor.epoch,
        static_cast<unsigned>(cursor.what),
        cursor.one_object,
        fmt::format("{:010x}", agreement::raw(cursor.position.seq)),
        f.added_after ? json::value(f.added_after->count) : json::value(nullptr),
        list(f.ids),
        list(f.types),
        list(f.spec_versions),
        f.version.all,
        f.version.first,
        f.version.last,
        list(f.version.keys)};
    return seal_token(key, json::serialize(fields), bound_to(user, collection));
}

Result<Cursor> open_cursor(
    const Key& key, std::string_view token, store::UserNo user, store::CollectionNo collection
) {
    const auto plain = open_token(key, token, bound_to(user, collection));
    json::error_code problem;
    const json::value value = plain ? json::parse(*plain, problem) : json::value();
    if (!plain || problem || !value.is_array() || value.as_array().size() != 13 ||
        value.as_array()[0].to_number<std::uint64_t>() != cursor_form) {
        return fail(
            Errc::invalid_argument,
            "next: not a cursor that this server gave to you for this collection; start again "
            "without next"
        );
    }
    // Everything below was written by seal_cursor: it is authenticated.
    const json::array& a = value.as_array();
    Cursor c;
    c.epoch = a[1].to_number<std::uint32_t>();
    c.what = static_cast<What>(a[2].to_number<unsigned>());
    c.one_object = a[3].as_bool();
    c.position.seq = store::Seq{std::stoull(std::string(a[4].as_string()), nullptr, 16)};
    if (!a[5].is_null()) c.filter.added_after = Micros{a[5].to_number<std::int64_t>()};
    c.filter.ids = texts(a[6]);
    c.filter.types = texts(a[7]);
    c.filter.spec_versions = texts(a[8]);
    c.filter.version = {a[9].as_bool(), a[10].as_bool(), a[11].as_bool(), texts(a[12])};
    return c;
}

store::Position position_now(
    const Cursor& cursor, const Settings& settings, store::CollectionNo collection
) {
    if (cursor.epoch == settings.epoch) return cursor.position;
    auto ended = std::ranges::find(settings.ended, cursor.epoch, &EndedEpoch::epoch);
    if (ended == settings.ended.end()) return {};
    store::Position position = cursor.position;
    for (; ended != settings.ended.end(); ++ended) {
        const auto last = ended->last.find(collection);
        if (last == ended->last.end()) return {};
        position.seq = std::min(position.seq, last->second);
    }
    return position;
}

Result<store::Filter> continued_filter(const Cursor& cursor, const ReadRequest& request) {
    const store::Filter& given = request.filter;
    const store::Filter& own = cursor.filter;
    if (cursor.what != request.what || cursor.one_object != request.one_object) {
        return disagrees("the resource");
    }
    if (!given.ids.empty() && given.ids != own.ids) return disagrees("match[id]");
    if (!given.types.empty() && given.types != own.types) return disagrees("match[type]");
    if (!given.spec_versions.empty() && given.spec_versions != own.spec_versions) {
        return disagrees("match[spec_version]");
    }
    if (request.version_given && !same_version(given.version, own.version)) {
        return disagrees("match[version]");
    }
    store::Filter filter = own;
    // Clients of the field send the date of their last page or run beside an older cursor. Both
    // bounds hold then: what is after the cursor's place and was added after that date.
    if (given.added_after) filter.added_after = given.added_after;
    return filter;
}

}  // namespace entente::exchange
