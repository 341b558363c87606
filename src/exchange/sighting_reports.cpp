// What is told of which agreement.
#include "base/escape.h"
#include "base/log.h"
#include "exchange/internal/agreement_steps.h"
#include "exchange/sightings.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <utility>

namespace entente::exchange {
namespace {

namespace json = boost::json;

constexpr std::string_view setting_name = "sighting_reports";

/// Throws what Boost.JSON throws, and what `read_report` says, for what was not written here.
std::map<std::string, ReportSetting, std::less<>> read_settings(std::string_view text) {
    std::map<std::string, ReportSetting, std::less<>> settings;
    const json::value whole = json::parse(text);
    for (const auto& [agreement, value] : whole.as_object()) {
        const json::object& one = value.as_object();
        const auto report = read_report(std::string_view(one.at("report").as_string()));
        if (!report) throw std::invalid_argument(report.error().detail);
        settings.emplace(
            std::string(agreement),
            ReportSetting{.report = *report, .budget = one.at("budget").to_number<std::uint64_t>()}
        );
    }
    return settings;
}

}  // namespace

std::string_view report_name(Report report) noexcept {
    switch (report) {
        case Report::off:
            return "off";
        case Report::review:
            return "review";
        case Report::automatic:
            return "auto";
    }
    return "off";
}

Result<Report> read_report(std::string_view name) {
    for (const Report report : {Report::off, Report::review, Report::automatic}) {
        if (report_name(report) == name) return report;
    }
    return fail(
        Errc::invalid_argument,
        fmt::format("'{}' is no way to report; use off, review or auto", printable(name, 40))
    );
}

Reports::Reports(store::Snapshot& snapshot) {
    const auto text = snapshot.setting(setting_name);
    if (!text || text->empty()) return;
    try {
        set_ = read_settings(*text);
    } catch (const std::exception& error) {
        log::error(
            "how sightings are reported cannot be read: none are; `entente agreement report` puts "
            "it right",
            {{"why", error.what()}}
        );
        damaged_ = true;
    }
}

ReportSetting Reports::of(std::string_view agreement) const {
    if (damaged_) return {.report = Report::off, .budget = 0};
    const auto at = set_.find(agreement);
    return at == set_.end() ? ReportSetting{} : at->second;
}

Result<void> set_report(
    store::Transaction& tx,
    const Clock& clock,
    std::string_view agreement,
    const ReportSetting& setting,
    store::UserNo user
) {
    if (setting.budget > limits::sightings_day_max) {
        return fail(
            Errc::invalid_argument,
            fmt::format("a budget of {} a day at most", limits::sightings_day_max)
        );
    }
    const State state = load_state(tx);
    if (state.agreements.find(agreement) == nullptr)
        return fail(Errc::not_found, fmt::format("no agreement {}", printable(agreement, 80)));
    json::object all;
    if (const auto text = tx.setting(setting_name); text && !text->empty()) {
        boost::system::error_code ec;
        json::value value = json::parse(*text, ec);
        if (!ec && value.is_object()) all = std::move(value.get_object());
    }
    all[agreement] =
        json::object{{"report", report_name(setting.report)}, {"budget", setting.budget}};
    tx.set_setting(setting_name, json::serialize(all));
    append_step(
        tx,
        clock.now(),
        user,
        "sightings reported",
        std::string(agreement),
        {{"report", report_name(setting.report)}, {"budget", setting.budget}}
    );
    return {};
}

}  // namespace entente::exchange
