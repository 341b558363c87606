#pragma once
// For the tests of pulling: a server of pages whose manners can be chosen after real ones, and a
// client that keeps what it gets and may die at any step.
#include "taxii/client/fake_server.h"
#include "taxii/client/pull.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace entente::taxii::client {

inline const http::Url objects_url{
    {"https", "peer.example", 443}, "/exchange/collections/107/objects/"};
inline constexpr std::int64_t epoch = 1'700'000'000'000'000;

inline std::map<std::string, std::string> query_of(const Asked& asked) {
    const std::size_t mark = asked.url.target.find('?');
    std::map<std::string, std::string> result;
    if (mark == std::string::npos) return result;
    const auto fields = http::parse_query(asked.url.target.substr(mark + 1)).value();
    for (const auto& [name, value] : fields) {
        EXPECT_TRUE(result.emplace(name, value).second) << "twice: " << name;
    }
    return result;
}

/// A collection behind a server whose manners can be chosen after real ones.
struct PagedPeer {
    enum class Cursor { stateless, consuming, none };

    struct Row {
        std::string text;
        std::int64_t date = 0;
    };

    std::vector<Row> rows = {};  // rising dates
    Cursor cursor = Cursor::stateless;
    std::size_t page_max = 10;
    bool dates = true;
    std::int64_t date_grain = 1;   // header dates are cut to it
    bool check_parameters = true;  // as medallion: other filters with `next` are 400
    std::function<bool(std::size_t request)> drop = {};  // the answer is made, and lost on its way
    std::function<bool(std::size_t request)> forget =
        {};  // all cursors are gone before this request

    void add(std::size_t count, std::int64_t date) {
        for (std::size_t i = 0; i < count; ++i)
            rows.push_back({fmt::format(R"({{"id":"x--{}"}})", rows.size()), epoch + date});
    }

    struct Walk {
        std::vector<Row> left;
        std::map<std::string, std::string> query;
    };

    std::map<std::string, Walk> walks = {};
    FakeServer server{[this](const Asked& asked) { return serve(asked); }};

    Result<http::Reply> serve(const Asked& asked) {
        if (forget && forget(server.asked.size())) walks.clear();
        auto query = query_of(asked);
        // medallion breaks when `limit` is not repeated beside `next`.
        if (!query.contains("limit")) return answer(500, "");
        const std::size_t limit = std::min<std::size_t>(std::stoul(query["limit"]), page_max);
        Walk walk;
        const std::string next = query["next"];
        query.erase("next");
        query.erase("limit");
        if (next.empty()) {
            const std::int64_t after =
                query.contains("added_after") ? parse_client_time(query["added_after"])->count : 0;
            for (const Row& row : rows) {
                if (row.date > after) walk.left.push_back(row);
            }
            walk.query = query;
        } else {
            const auto found = walks.find(next);
            if (found == walks.end()) return answer(400, R"({"title":"'next' not valid"})");
            if (check_parameters && query != found->second.query)
                return answer(400, R"({"title":"params changed"})");
            walk = found->second;
        }
        Result<http::Reply> reply = page(std::move(walk), limit, next);
        if (drop && drop(server.asked.size())) return fail(Errc::overloaded, "connection lost");
        return reply;
    }

    http::Reply page(Walk walk, std::size_t limit, const std::string& came_by) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(limit, walk.left.size()));
        const std::vector<Row> now(walk.left.begin(), walk.left.begin() + count);
        walk.left.erase(walk.left.begin(), walk.left.begin() + count);
        const bool more = !walk.left.empty();
        std::string body = fmt::format("{{\"more\":{}", more);
        if (more && cursor != Cursor::none) {
            // medallion keeps one cursor and drops what it served; others give a new one each time.
            const std::string next = cursor == Cursor::consuming && !came_by.empty()
                                         ? came_by
                                         : fmt::format("c{}", server.asked.size());
            body += fmt::format(",\"next\":\"{}\"", next);
            walks[next] = std::move(walk);
        } else if (cursor == Cursor::consuming) {
            walks.erase(came_by);
        }
        std::vector<std::pair<std::string, std::string>> headers;
        if (!now.empty()) {
            std::string objects;
            for (const Row& row : now)
                objects += (objects.empty() ? "" : ", ") + row.text;
            body += ",\"objects\":[" + objects + "]";
            const auto date = [&](const Row& row) {
                return format_taxii(Micros{row.date / date_grain * date_grain});
            };
            if (dates)
                headers = {
                    {"X-TAXII-Date-Added-First", date(now.front())},
                    {"X-TAXII-Date-Added-Last", date(now.back())}};
        }
        return answer(200, body + "}", std::move(headers));
    }
};

/// What a pull hands over and remembers.
struct Keeper {
    std::vector<std::string> got;
    std::string state;
    std::size_t fail_at = 0;  // the page whose sink fails, from 1; 0 = none
    bool die_before_save = false;
    bool die_in_sink = false;  // the page came, and was not handed over
    std::size_t sinks = 0;
    std::size_t pages = 0;

    struct Killed {};

    PullReport run(
        FakeServer& server,
        PullFilter filter = {},
        std::uint64_t limit = 10,
        Budget budget = {},
        std::uint64_t pages_max = 10'000
    ) {
        Session session = server.session(budget);
        PullPlan plan{
            .objects = objects_url,
            .filter = std::move(filter),
            .limit = limit,
            .pages_max = pages_max};
        plan.sink = [this](std::span<const std::string_view> objects) -> Result<Taken> {
            if (++sinks == fail_at && die_in_sink) throw Killed();
            got.insert(got.end(), objects.begin(), objects.end());
            return Taken{.accepted = objects.size()};
        };
        plan.save = [this](const PullPosition& position) {
            if (++pages == fail_at && die_before_save) throw Killed();
            state = position_text(position, "test");
            if (pages == fail_at && !die_in_sink) throw Killed();
        };
        const PullPosition from =
            state.empty() ? PullPosition() : read_position(state, "test").value();
        return pull(session, plan, from);
    }
};

inline void expect_once(const PagedPeer& peer, const Keeper& keeper) {
    std::vector<std::string> want;
    for (const PagedPeer::Row& row : peer.rows)
        want.push_back(row.text);
    std::vector<std::string> got = keeper.got;
    std::ranges::sort(want);
    std::ranges::sort(got);
    EXPECT_EQ(got, want);
}

/// A page with its last date.
inline http::Reply page_of(
    const std::string& objects, const std::string& rest, std::int64_t date = epoch
) {
    return answer(
        200,
        "{\"objects\":[" + objects + "]" + rest + "}",
        {{"X-TAXII-Date-Added-Last", format_taxii(Micros{date})}}
    );
}

}  // namespace entente::taxii::client
