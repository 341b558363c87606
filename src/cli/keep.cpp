// How long and how much a collection keeps, in words.
#include "base/escape.h"
#include "cli/keeping.h"
#include "cli/words.h"
#include "store/sqlite/sqlite_store.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace entente::cli {
namespace {

constexpr std::string_view bytes_left_setting = "bytes_left";

constexpr std::uint64_t amount_max = std::numeric_limits<std::int64_t>::max();

std::string amount(std::uint64_t now, std::uint64_t max, std::string_view of) {
    std::string text = fmt::format("{} {}", grouped(now), of);
    if (max > 0) text += fmt::format(" of {}", grouped(max));
    return text;
}

/// "90d", "36h": the largest unit that says it exactly.
std::string duration_text(std::int64_t us) {
    struct Unit {
        char name;
        std::int64_t us;
    };

    for (const Unit unit :
         {Unit{'d', micros_per_day},
          Unit{'h', 3600 * micros_per_second},
          Unit{'m', 60 * micros_per_second}}) {
        if (us % unit.us == 0) return fmt::format("{}{}", us / unit.us, unit.name);
    }
    return fmt::format("{}s", us / micros_per_second);
}

}  // namespace

Result<void> apply_keeping(const KeepOptions& options, store::Collection& row) {
    if (options.keep) {
        row.keep_us = 0;
        if (*options.keep != "forever") {
            ENTENTE_TRY(row.keep_us, parse_duration_us(*options.keep));
        }
    }
    if (options.bytes_max) {
        row.bytes_max = 0;
        if (*options.bytes_max != "none") {
            ENTENTE_TRY(row.bytes_max, parse_bytes(*options.bytes_max));
        }
    }
    if (options.objects_max) {
        const std::string& text = *options.objects_max;
        row.objects_max = 0;
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), row.objects_max);
        if (text != "none" && (error != std::errc() || end != text.data() + text.size())) {
            return fail(
                Errc::invalid_argument,
                fmt::format("--max-objects is a number or none, not '{}'", printable(text, 40))
            );
        }
    }
    if (row.bytes_max > amount_max || row.objects_max > amount_max)
        return fail(Errc::invalid_argument, "no disk holds that much");
    if (options.when_full) {
        const std::string& text = *options.when_full;
        if (text != "refuse" && text != "drop-oldest") {
            return fail(
                Errc::invalid_argument,
                fmt::format("--when-full is refuse or drop-oldest, not '{}'", printable(text, 40))
            );
        }
        row.drop_oldest = text == "drop-oldest";
    }
    return {};
}

void add_keeping(boost::json::object& shown, const store::Collection& row) {
    shown["keep_seconds"] = row.keep_us / micros_per_second;
    shown["max_bytes"] = row.bytes_max;
    shown["max_objects"] = row.objects_max;
    shown["when_full"] = row.drop_oldest ? "drop-oldest" : "refuse";
}

void show_keeping(
    const Context& context, const store::Collection& row, const store::Snapshot::Head& head
) {
    context.out.field("keeps", row.keep_us == 0 ? "forever" : duration_text(row.keep_us));
    context.out.field(
        "holds",
        amount(head.entries, row.objects_max, "versions") + ", " +
            amount(head.bytes, row.bytes_max, "bytes")
    );
    if (row.bytes_max > 0 || row.objects_max > 0)
        context.out.field("when full", row.drop_oldest ? "the oldest leave" : "refuses more");
}

Result<void> check_no_copy(
    store::Snapshot& snapshot, const std::string& id, std::string_view verb
) {
    for (const store::Collection& c : snapshot.directory().collections) {
        for (const store::Version& v : snapshot.versions(c.no, id)) {
            const auto original = snapshot.made_of(c.no, v.seq);
            if (!original) continue;
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "{} is a redacted copy; {} what it was made of: {}",
                    printable(id, 100),
                    verb,
                    *original
                )
            );
        }
    }
    return {};
}

void bytes_are_left(store::Transaction& tx) {
    tx.set_setting(bytes_left_setting, "yes");
}

bool are_bytes_left(store::Snapshot& snapshot) {
    return snapshot.setting(bytes_left_setting).value_or("") == "yes";
}

bool forget_bytes(
    store::Store& store, const std::string& database, bool compact, Context& context
) {
    if (compact) {
        try {
            store::compact_database(database);
        } catch (const StorageError& error) {
            context.note(std::string("cannot write the database anew: ") + error.what());
            compact = false;
        }
    }
    const bool gone = store.cut_log() && compact;
    if (gone) store.write([](store::Transaction& tx) { tx.set_setting(bytes_left_setting, ""); });
    return gone;
}

}  // namespace entente::cli
