#include "ops/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace entente::ops {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, CountAnswersByRouteMethodAndStatus) {
    Metrics metrics({"discovery", "objects", "other"});
    metrics.answered({.method = "GET", .route = 1, .status = 200, .body_bytes = 10, .spent = 3ms});
    metrics.answered({.method = "GET", .route = 1, .status = 200, .body_bytes = 5, .spent = 40ms});
    metrics.answered({.method = "POST", .route = 1, .status = 202, .body_bytes = 1, .spent = 1s});
    const std::string text = metrics.text({});
    EXPECT_THAT(
        text,
        HasSubstr("entente_http_requests_total{method=\"GET\",route=\"objects\",status=\"200\"} 2\n"
        )
    );
    EXPECT_THAT(
        text,
        HasSubstr(
            "entente_http_requests_total{method=\"POST\",route=\"objects\",status=\"202\"} 1\n"
        )
    );
    EXPECT_THAT(text, HasSubstr("entente_http_body_bytes_total 16\n"));
    EXPECT_THAT(
        text, HasSubstr("entente_http_request_seconds_bucket{route=\"objects\",le=\"0.005\"} 1\n")
    );
    EXPECT_THAT(
        text, HasSubstr("entente_http_request_seconds_bucket{route=\"objects\",le=\"+Inf\"} 3\n")
    );
}

TEST(Metrics, AreAsManyWhateverIsAsked) {
    Metrics metrics({"discovery", "other"});
    for (int i = 0; i < 1'000; ++i) {
        metrics.answered(
            {.method = "M" + std::to_string(i), .route = 7, .status = 600 + i, .spent = 1ms}
        );
    }
    const std::string text = metrics.text({});
    EXPECT_THAT(
        text,
        HasSubstr(
            "entente_http_requests_total{method=\"other\",route=\"other\",status=\"other\"} 1000\n"
        )
    );
    EXPECT_LT(std::ranges::count(text, '\n'), 60);
}

TEST(Metrics, ReadingsOfOneNameStandTogether) {
    const Metrics metrics({"other"});
    const std::string text = metrics.text(
        {{.name = "entente_agreements",
          .about = "Agreements.",
          .labels = {{"stage", "in force"}},
          .value = 2},
         {.name = "entente_agreements",
          .about = "Agreements.",
          .labels = {{"stage", "suspended"}},
          .value = 1}}
    );
    EXPECT_THAT(
        text,
        HasSubstr("# HELP entente_agreements Agreements.\n# TYPE entente_agreements gauge\n"
                  "entente_agreements{stage=\"in force\"} 2\n"
                  "entente_agreements{stage=\"suspended\"} 1\n")
    );
}

TEST(Metrics, LabelsCannotBreakOutOfTheirLine) {
    const Metrics metrics({"other"});
    const std::string text = metrics.text(
        {{.name = "x", .about = "X.", .labels = {{"collection", "a\"} 9\nforged 1"}}, .value = 1}}
    );
    EXPECT_THAT(text, Not(HasSubstr("\nforged")));
}

TEST(Metrics, AreCountedFromManyThreads) {
    Metrics metrics({"objects"});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&metrics] {
            for (int i = 0; i < 5'000; ++i)
                metrics.answered({.method = "GET", .route = 0, .status = 200 + 3 * (i % 2)});
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    const std::string text = metrics.text({});
    EXPECT_THAT(text, HasSubstr("status=\"200\"} 10000\n"));
    EXPECT_THAT(text, HasSubstr("entente_http_request_seconds_count{route=\"objects\"} 20000\n"));
}

TEST(Metrics, TellOfTheProcess) {
    double resident = 0;
    double began = 0;
    double files = 0;
    for (const Reading& reading : process_readings()) {
        if (reading.name == "process_resident_memory_bytes") resident = reading.value;
        if (reading.name == "process_start_time_seconds") began = reading.value;
        if (reading.name == "process_open_fds") files = reading.value;
    }
    EXPECT_GT(resident, 100'000);
    EXPECT_GE(files, 3);
    EXPECT_NEAR(began, static_cast<double>(::time(nullptr)), 3'600);
}

}  // namespace
}  // namespace entente::ops
