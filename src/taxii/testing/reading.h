#pragma once
// For tests: reading a collection page by page as TAXII clients do.
#include "taxii/testing/server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entente::taxii::testing {

inline constexpr char date_form[] =
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z";

class ServiceReading : public ServiceTest {
  protected:
    /// "number/version" of each object or manifest record on the page.
    static std::vector<std::string> names(const Answer& answer) {
        std::vector<std::string> found;
        const json::object page = answer.object();
        if (const auto* list = page.if_contains("objects")) {
            for (const auto& member : list->as_array()) {
                json::object o = member.as_object();
                if (!o.contains("modified") && o.contains("version")) o["modified"] = o["version"];
                found.push_back(exchange::testing::Harness::name_of(o));
            }
        }
        return found;
    }

    std::vector<std::string> found(
        const std::string& query, const std::string& resource = "objects/"
    ) {
        const Answer answer = get(at(resource + "?" + query));
        EXPECT_EQ(answer.status, 200) << query << ' ' << answer.body;
        return names(answer);
    }

    void add(const std::vector<exchange::testing::ObjectSpec>& specs) {
        std::vector<std::string> objects;
        for (const exchange::testing::ObjectSpec& spec : specs)
            objects.push_back(exchange::testing::object_json(spec));
        const Answer answer = post(objects);
        ASSERT_EQ(answer.status, 202);
        ASSERT_EQ(answer.object().at("failure_count"), 0) << answer.body;
        server.h.clock.advance(1'000'000);
    }

    /// All names by `next`, `limit` at a time, checking what each page must say of itself.
    std::vector<std::string> walk(
        const std::string& resource, const std::string& filter, int limit
    ) {
        std::vector<std::string> all;
        std::string next;
        std::string last_date;
        for (;;) {
            const Answer page =
                get(at(resource) + "?limit=" + std::to_string(limit) + "&" + filter +
                    (next.empty() ? "" : "&next=" + http::percent_encode(next)));
            EXPECT_EQ(page.status, 200) << page.body;
            const auto some = names(page);
            EXPECT_LE(some.size(), static_cast<std::size_t>(limit));
            all.insert(all.end(), some.begin(), some.end());
            if (!some.empty()) {
                EXPECT_LT(last_date, page.header("X-TAXII-Date-Added-First"));
                last_date = page.header("X-TAXII-Date-Added-Last");
            }
            const json::object body = page.object();
            if (!body.contains("more") || !body.at("more").as_bool()) {
                EXPECT_FALSE(body.contains("next"));
                return all;
            }
            EXPECT_EQ(some.size(), static_cast<std::size_t>(limit));
            next = text(body, "next");
        }
    }

    /// All names by `added_after` from the date of the last record.
    std::vector<std::string> poll(
        const std::string& resource, const std::string& filter, int limit
    ) {
        std::vector<std::string> all;
        std::string after;
        for (;;) {
            const Answer page =
                get(at(resource) + "?limit=" + std::to_string(limit) + "&" + filter +
                    (after.empty() ? "" : "&added_after=" + after));
            const auto some = names(page);
            if (some.empty()) return all;
            all.insert(all.end(), some.begin(), some.end());
            after = page.header("X-TAXII-Date-Added-Last");
        }
    }
};

}  // namespace entente::taxii::testing
