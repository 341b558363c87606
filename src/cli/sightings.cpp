// sightings list, show, approve, decline; agreement report.
#include "exchange/sightings.h"

#include "base/escape.h"
#include "cli/agreement_subject.h"
#include "cli/change.h"
#include "cli/find.h"
#include "cli/incident.h"
#include "cli/progress.h"
#include "cli/sighting_commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::raw;
using store::Sighting;
using store::SightingNo;

constexpr std::size_t chunk = 256;

std::string_view state_name(Sighting::State state) {
    switch (state) {
        case Sighting::State::waiting:
            return "waiting";
        case Sighting::State::approved:
            return "approved";
        case Sighting::State::counted:
            return "counted";
        case Sighting::State::declined:
            return "declined";
        case Sighting::State::sent:
            return "sent";
    }
    return "counted";
}

/// What names an indicator for people, of the object that is here.
std::string indicator_name(store::Snapshot& snapshot, const Sighting& row) {
    const auto entry = snapshot.entry(row.collection, row.seq);
    if (!entry || entry->id != row.indicator) return {};
    boost::system::error_code ec;
    const json::value object = json::parse(entry->body, ec);
    if (ec || !object.is_object()) return {};
    const json::value* name = object.get_object().if_contains("name");
    return name != nullptr && name->is_string() ? std::string(name->get_string()) : std::string();
}

/// In a word what a person should know before deciding.
std::string held_text(const Sighting& row) {
    std::string why = exchange::why_held(row);
    if (why.empty() && !row.warned.empty())
        why = fmt::format("what matched is on the list {}", row.warned);
    return why;
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object sighting_json(
    store::Snapshot& snapshot, const store::Directory& directory, const Sighting& row
) {
    return {
        {"number", raw(row.no)},
        {"state", state_name(row.state)},
        {"indicator", row.indicator},
        {"name", text_or_null(indicator_name(snapshot, row))},
        {"party",
         row.party == store::PartyNo{} ? json::value(nullptr)
                                       : json::value(party_name(directory, row.party))},
        {"agreement", text_or_null(row.agreement)},
        {"hour", format_taxii(row.hour)},
        {"count", row.count},
        {"first_seen", format_taxii(row.first_seen)},
        {"last_seen", format_taxii(row.last_seen)},
        {"held", text_or_null(exchange::why_held(row))},
        {"warned", text_or_null(row.warned)},
        {"path", row.path},
        {"value", row.value},
        {"object", text_or_null(row.object)}};
}

/// Hands on all sightings that are asked for, in order.
template <class Take>
void each_sighting(store::Snapshot& snapshot, const Take& take) {
    for (SightingNo from{1};;) {
        const auto rows = snapshot.sightings(from, chunk);
        for (const Sighting& row : rows)
            take(row);
        if (rows.size() < chunk) return;
        from = SightingNo{raw(rows.back().no) + 1};
    }
}

bool still_waits(const Sighting& row) {
    return row.state == Sighting::State::waiting || row.state == Sighting::State::approved;
}

/// The agreement that is meant; empty for any.
Result<std::string> agreement_of(const std::string& word, const Common& common, Context& context) {
    if (word.empty()) return std::string();
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(common, context.clock));
    ENTENTE_TRY(const auto* known, on.find(word));
    return known->id;
}

/// Which ones a decision is about.
Result<std::vector<SightingNo>> meant(
    const SightingsOptions& options, const std::string& agreement, store::Snapshot& snapshot
) {
    if (options.numbers.empty() == !options.all) {
        return fail(
            Errc::invalid_argument,
            "say which: their numbers, or --all; `entente sightings list` shows them"
        );
    }
    std::vector<SightingNo> numbers;
    for (const std::uint64_t no : options.numbers)
        numbers.push_back(SightingNo{no});
    if (options.all) {
        each_sighting(snapshot, [&](const Sighting& row) {
            if (row.state == Sighting::State::waiting &&
                (agreement.empty() || row.agreement == agreement))
                numbers.push_back(row.no);
        });
    }
    return numbers;
}

Result<Exit> decide(const SightingsOptions& options, Context& context, exchange::Review review) {
    ENTENTE_TRY(const std::string person, deciding_person(options.person));
    ENTENTE_TRY(
        const std::string agreement, agreement_of(options.agreement, options.common, context)
    );
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    std::vector<SightingNo> numbers;
    exchange::SentSightings sent;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(numbers, meant(options, agreement, tx));
        const auto user = operator_user(tx.directory());
        ENTENTE_CHECK(exchange::review_sightings(
            tx,
            context.clock.now(),
            {.user = user ? user->no : store::UserNo{}, .person = person},
            numbers,
            review
        ));
        if (review == exchange::Review::approve)
            sent = exchange::send_sightings(tx, context.clock, nullptr, exchange::Again::all);
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    const std::string_view word = review == exchange::Review::approve ? "approved" : "declined";
    json::array decided;
    for (const SightingNo no : numbers)
        decided.push_back(raw(no));
    json::object shown{{word, std::move(decided)}, {"person", person}};
    if (review == exchange::Review::approve) {
        shown["sent"] = sent.sent;
        shown["held"] = sent.held;
    }
    context.out.document(shown);
    context.out.line(
        numbers.empty() ? "no sighting waits for a person"
                        : fmt::format("{} {}", counted(numbers.size(), "sighting"), word)
    );
    if (sent.sent > 0) context.out.line(fmt::format("{} sent now", sent.sent));
    if (sent.held > 0) {
        context.out.line(
            fmt::format("{} held for now; `entente sightings list` says why", sent.held)
        );
    }
    return numbers.empty() && sent.sent == 0 ? Exit::findings : Exit::ok;
}

Result<std::uint64_t> read_budget(const std::string& text) {
    std::uint64_t budget = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), budget);
    if (problem == std::errc{} && end == text.data() + text.size() &&
        budget <= limits::sightings_day_max) {
        return budget;
    }
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "--budget is a number of sightings in a day, up to {}", limits::sightings_day_max
        )
    );
}

std::string_view report_text(exchange::Report report) {
    switch (report) {
        case exchange::Report::off:
            return "off: hits are counted and nothing is told";
        case exchange::Report::review:
            return "review: a person decides on each sighting";
        case exchange::Report::automatic:
            return "auto: what nothing warns of goes out when its hour is over";
    }
    return "off";
}

}  // namespace

Result<Exit> sightings_list(const SightingsOptions& options, Context& context) {
    ENTENTE_TRY(
        const std::string agreement, agreement_of(options.agreement, options.common, context)
    );
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    Table table(
        {"NUMBER", "INDICATOR", "NAME", "PARTY", "AGREEMENT", "HOUR", "COUNT", "STATE", "WHY"}
    );
    each_sighting(*snapshot, [&](const Sighting& row) {
        if (!options.all && !still_waits(row)) return;
        if (!agreement.empty() && row.agreement != agreement) return;
        context.out.document(sighting_json(*snapshot, directory, row));
        table.row(
            {std::to_string(raw(row.no)),
             row.indicator,
             indicator_name(*snapshot, row),
             row.party == store::PartyNo{} ? "" : party_name(directory, row.party),
             row.agreement.empty() ? "" : short_id(row.agreement),
             format_taxii(row.hour),
             std::to_string(row.count),
             std::string(state_name(row.state)),
             held_text(row)}
        );
    });
    context.out.table(table, options.all ? "no sightings" : "no sighting waits");
    return table.empty() ? Exit::findings : Exit::ok;
}

Result<Exit> sightings_show(const SightingsOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    for (const std::uint64_t number : options.numbers) {
        exchange::SightingPreview preview;
        Sighting row;
        json::object shown;
        store::Directory directory;
        const auto work = [&](store::Transaction& tx) -> Result<void> {
            ENTENTE_TRY(preview, exchange::preview_sighting(tx, context.clock, SightingNo{number}));
            row = *tx.sighting(SightingNo{number});
            directory = tx.directory();
            shown = sighting_json(tx, directory, row);
            return {};
        };
        ENTENTE_CHECK(in_transaction(node.store(), work));
        const store::Collection* through = collection_of(directory, preview.through);
        std::vector<std::string> readers;
        for (const store::PartyNo no : preview.readers)
            readers.push_back(party_name(directory, no));
        shown["held"] = text_or_null(preview.held);
        shown["would_send"] = text_or_null(preview.object);
        shown["collection"] = through == nullptr ? json::value(nullptr) : json::value(through->id);
        shown["pushed"] = preview.pushed;
        shown["other_readers"] = json::array(readers.begin(), readers.end());
        context.out.document(shown);
        context.out.field("number", std::to_string(number));
        context.out.field("state", state_name(row.state));
        context.out.field("indicator", row.indicator);
        if (row.party != store::PartyNo{})
            context.out.field("party", party_name(directory, row.party));
        if (!row.agreement.empty()) context.out.field("agreement", short_id(row.agreement));
        context.out.field("hour", format_taxii(row.hour));
        context.out.field("count", std::to_string(row.count));
        context.out.field("seen, kept here", fmt::format("{} {}", row.path, row.value));
        if (!row.warned.empty()) context.out.field("on the list", row.warned);
        if (!preview.held.empty()) context.out.field("held", preview.held);
        if (through != nullptr) {
            context.out.field("goes to", label_of(directory, *through));
            context.out.field(
                "and then",
                preview.pushed ? "sent to the party's server" : "the party fetches it there"
            );
            if (!readers.empty())
                context.out.field("others there", fmt::format("{}", fmt::join(readers, ", ")));
        }
        context.out.line(preview.object.empty() ? "no object can be made" : preview.object);
    }
    return Exit::ok;
}

Result<Exit> sightings_approve(const SightingsOptions& options, Context& context) {
    return decide(options, context, exchange::Review::approve);
}

Result<Exit> sightings_decline(const SightingsOptions& options, Context& context) {
    return decide(options, context, exchange::Review::decline);
}

Result<Exit> agreement_report(const AgreementReportOptions& options, Context& context) {
    ENTENTE_TRY(const NodeAgreements on, NodeAgreements::open(options.common, context.clock));
    ENTENTE_TRY(const auto* known, on.find(options.id));
    exchange::ReportSetting setting = exchange::Reports(*on.node.store().snapshot()).of(known->id);
    if (!options.report.empty()) {
        ENTENTE_TRY(setting.report, exchange::read_report(options.report));
    }
    if (options.budget) {
        ENTENTE_TRY(setting.budget, read_budget(*options.budget));
    }
    if (!options.report.empty() || options.budget) {
        ENTENTE_CHECK(in_transaction(on.node.store(), [&](store::Transaction& tx) {
            const auto user = operator_user(tx.directory());
            return exchange::set_report(
                tx, context.clock, known->id, setting, user ? user->no : store::UserNo{}
            );
        }));
    }
    context.out.document(
        {{"agreement", known->id},
         {"report", exchange::report_name(setting.report)},
         {"budget", setting.budget}}
    );
    context.out.field("agreement", short_id(known->id));
    context.out.field("report", report_text(setting.report));
    context.out.field("budget", fmt::format("{} a day", counted(setting.budget, "sighting")));
    return Exit::ok;
}

}  // namespace entente::cli
