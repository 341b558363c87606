#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/feed_commands.h"
#include "cli/feed_keep.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/remote_access.h"
#include "cli/stop.h"
#include "cli/words.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace entente::cli {
namespace {

namespace json = boost::json;
using agreement::Action;
using exchange::FeedSettings;

constexpr std::size_t name_bytes_max = 32;
// The numbers of blocking rules lie beside those of others, so that one sensor can have both.
constexpr std::uint32_t block_sid_first = 2'100'000'000;

FeedSurroundings around(const NodeDir& node, exchange::StateCache& states, const Context& context) {
    return {
        .store = node.store(),
        .states = states,
        .clock = context.clock,
        .write = [&node](const std::function<void(store::Transaction&)>& work
                 ) { node.store().write(work); },
        .stopping = [] { return stop_requested(); }};
}

Result<std::string> check_feed_name(const std::string& name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    const bool sound = !name.empty() && name.size() <= name_bytes_max && name.front() != '-' &&
                       std::ranges::all_of(name, fits);
    if (sound) return name;
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "'{}' cannot be a feed's name, which is part of names of files: a-z, 0-9 and -, at "
            "most {} characters",
            printable(name, 60),
            name_bytes_max
        )
    );
}

Result<Action> parse_purpose(const std::string& text) {
    for (const Action action : {Action::look, Action::hunt, Action::block}) {
        if (text == agreement::action_text(action)) return action;
    }
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "--purpose is block (sensors stop it), hunt (sensors tell of it) or look (people read "
            "it), not '{}'",
            printable(text, 40)
        )
    );
}

/// What `--allow` may mean: a digest is of two kinds.
Result<std::vector<std::string>> parse_allowed(const std::string& text) {
    std::vector<std::string> found;
    const auto take = [&](const tl::expected<feed::Value, feed::Drop>& value) {
        if (value) found.push_back(fmt::format("{} {}", feed::kind_name(value->kind), value->text));
        return value.has_value();
    };
    if (take(feed::read_address(text))) return found;
    for (const feed::Kind kind :
         {feed::Kind::url,
          feed::Kind::email,
          feed::Kind::md5,
          feed::Kind::ja3,
          feed::Kind::sha1,
          feed::Kind::cert_sha1,
          feed::Kind::sha256})
        (void)take(feed::read_value(kind, text));
    if (found.empty()) (void)take(feed::read_value(feed::Kind::domain, text));
    if (!found.empty()) return found;
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "--allow '{}' is no domain, URL, address, network, e-mail address or digest",
            printable(text, 100)
        )
    );
}

Result<void> apply_values(const FeedAddOptions& options, FeedSettings& feed) {
    ENTENTE_TRY(feed.name, check_feed_name(options.name));
    ENTENTE_TRY(feed.purpose, parse_purpose(options.purpose));
    const auto format = feed::format_of(options.format);
    if (!format) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "--format is plain, zeek, suricata-dataset or suricata-rules, not '{}'",
                printable(options.format, 40)
            )
        );
    }
    feed.format = options.format;
    if (feed.purpose == Action::look && *format != feed::Format::plain) {
        return fail(
            Errc::invalid_argument,
            "what a sensor looks for is hunted: --purpose look goes with --format plain only"
        );
    }
    for (const std::string& kind : options.kinds) {
        const auto known = feed::kind_of(kind);
        if (!known || !feed::kinds_of(*format).test(static_cast<std::size_t>(*known))) {
            return fail(
                Errc::invalid_argument,
                fmt::format("--kind '{}': {} has no such kind", printable(kind, 40), feed.format)
            );
        }
        feed.kinds.push_back(kind);
    }
    for (const std::string& text : options.allowed) {
        ENTENTE_TRY(const std::vector<std::string> values, parse_allowed(text));
        feed.allowed.insert(feed.allowed.end(), values.begin(), values.end());
    }
    if (feed.allowed.size() > limits::feed_allow_max) {
        return fail(
            Errc::invalid_argument,
            fmt::format("--allow lets in at most {} values", limits::feed_allow_max)
        );
    }
    if (!feed.allowed.empty() && options.reason.empty()) {
        return fail(
            Errc::invalid_argument,
            "--allow lets in what nobody should block; say why with --reason"
        );
    }
    if (!options.reason.empty()) ENTENTE_CHECK(check_text("--reason", options.reason));
    const bool suricata =
        *format == feed::Format::suricata_dataset || *format == feed::Format::suricata_rules;
    if (options.sid_first != 0) {
        const std::uint64_t most = UINT32_MAX - std::uint64_t{feed::sids} + 1;
        if (!suricata || options.sid_first > most) {
            return fail(
                Errc::invalid_argument,
                fmt::format("--sid-first goes with formats of Suricata, and is at most {}", most)
            );
        }
        feed.sid_first = static_cast<std::uint32_t>(options.sid_first);
    } else if (suricata && feed.purpose == Action::block) {
        feed.sid_first = block_sid_first;
    }
    feed.observables = options.observables;
    if (feed.observables && feed.purpose == Action::block) {
        return fail(
            Errc::invalid_argument,
            "nobody says of a cyber-observable that it is bad: --observables does not go with "
            "--purpose block"
        );
    }
    return {};
}

Result<void> apply_paths(const FeedAddOptions& options, FeedSettings& feed) {
    std::error_code ec;
    feed.folder =
        std::filesystem::weakly_canonical(std::filesystem::absolute(options.folder, ec), ec)
            .string();
    if (ec || feed.folder.empty()) {
        return fail(
            Errc::invalid_argument,
            fmt::format("--out '{}' is no folder", printable(options.folder))
        );
    }
    ENTENTE_CHECK(check_feed_folder(feed.folder));
    if (!options.suffixes.empty()) {
        if (feed.purpose != Action::block)
            return fail(Errc::invalid_argument, "--suffixes goes with --purpose block only");
        feed.suffixes = std::filesystem::absolute(options.suffixes, ec).string();
    }
    return {};
}

/// Who reads, and what. Everything by number: names change.
Result<void> apply_reader(
    const FeedAddOptions& options, const exchange::State& state, FeedSettings& feed
) {
    ENTENTE_TRY(const store::User user, find_user(state.directory, options.for_user));
    feed.user = user.no;
    for (const std::string& text : options.collections) {
        ENTENTE_TRY(const store::Collection collection, find_collection(state.directory, text));
        if (!state.rights(user, collection.no).read) {
            return fail(
                Errc::forbidden,
                fmt::format(
                    "{} may not read '{}', so a feed for it has nothing; let it with: entente "
                    "grant add",
                    printable(user.name),
                    printable(collection.title)
                )
            );
        }
        feed.collections.push_back(collection.no);
    }
    return {};
}

Result<void> check_free(const std::vector<FeedSettings>& all, const FeedSettings& feed) {
    if (std::ranges::find(all, feed.name, &FeedSettings::name) != all.end()) {
        return fail(
            Errc::conflict,
            fmt::format("there is a feed '{}'; remove it first to set it up anew", feed.name)
        );
    }
    const auto same = std::ranges::find(all, feed.folder, &FeedSettings::folder);
    if (same != all.end()) {
        return fail(
            Errc::conflict,
            fmt::format("the feed '{}' is written to {}", same->name, printable(feed.folder))
        );
    }
    return {};
}

/// The first number of its rules; nothing where it has none.
std::optional<std::uint64_t> first_number(const FeedSettings& feed) {
    const auto format = feed::format_of(feed.format);
    if (!format || feed::ruled_kinds(*format).none()) return std::nullopt;
    return feed.sid_first != 0 ? feed.sid_first : feed::WriteOptions().sid_first;
}

/// Two rules of one number cannot be in one Suricata.
void tell_numbers(
    const std::vector<FeedSettings>& all, const FeedSettings& feed, const Context& context
) {
    const auto first = first_number(feed);
    if (!first) return;
    for (const FeedSettings& other : all) {
        const auto others = first_number(other);
        if (!others || *others >= *first + feed::sids || *first >= *others + feed::sids) continue;
        context.note(fmt::format(
            "rules of this feed and of '{}' can have the same numbers; for one Suricata set it up "
            "with another --sid-first, {} apart",
            other.name,
            feed::sids
        ));
        return;
    }
}

json::object settings_json(const store::Directory& directory, const FeedSettings& feed) {
    json::array collections;
    for (const store::CollectionNo no : feed.collections) {
        const store::Collection* row = collection_of(directory, no);
        collections.emplace_back(row == nullptr ? "?" : row->id);
    }
    return {
        {"name", feed.name},
        {"for", user_name(directory, feed.user)},
        {"collections", std::move(collections)},
        {"purpose", agreement::action_text(feed.purpose)},
        {"format", feed.format},
        {"kinds", json::array(feed.kinds.begin(), feed.kinds.end())},
        {"observables", feed.observables},
        {"out", feed.folder},
        {"sid_first", feed.sid_first},
        {"allowed", json::array(feed.allowed.begin(), feed.allowed.end())},
        {"suffixes", feed.purpose == Action::block ? suffixes_file(feed) : std::string()}};
}

std::string text_in(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::uint64_t number_in(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    if (value == nullptr) return 0;
    boost::system::error_code ec;
    const auto number = value->to_number<std::uint64_t>(ec);
    return ec ? 0 : number;
}

/// The report for people. It may come from a file: what is not as it should be is passed over.
void show_report(const Context& context, const json::object& report) {
    context.out.line(fmt::format(
        "{}: {} of {}",
        text_in(report, "feed"),
        counted(number_in(report, "values"), "value"),
        counted(number_in(report, "objects"), "object")
    ));
    const auto counts = [&](std::string_view name, std::string_view before) {
        const json::value* all = report.if_contains(name);
        if (all == nullptr || !all->is_object()) return;
        for (const auto& [what, count] : all->get_object())
            context.out.line(fmt::format(
                "  {}: {} {}",
                before,
                grouped(number_in(all->get_object(), what)),
                std::string_view(what)
            ));
    };
    counts("left_out", "left out");
    counts("warned", "on a warning list");
    const auto texts = [&](std::string_view name, std::string_view before) {
        const json::value* all = report.if_contains(name);
        if (all == nullptr || !all->is_array()) return;
        for (const json::value& text : all->get_array()) {
            if (text.is_string())
                context.out.line(
                    fmt::format("  {}: {}", before, std::string_view(text.get_string()))
                );
        }
    };
    texts("overridden", "let in by --allow");
    texts("notes", "note");
    if (const std::string at = text_in(report, "changes_at"); !at.empty())
        context.out.line("  a date of an indicator changes it at " + at);
}

Result<FeedSettings> find_feed(store::Snapshot& snapshot, const std::string& name) {
    ENTENTE_TRY(const std::vector<FeedSettings> all, exchange::feeds(snapshot));
    const auto at = std::ranges::find(all, name, &FeedSettings::name);
    if (at != all.end()) return *at;
    return fail(
        Errc::not_found,
        fmt::format("no feed '{}'; `entente feed list` shows what there is", printable(name, 60))
    );
}

}  // namespace

Result<Exit> feed_add(const FeedAddOptions& options, Context& context) {
    FeedSettings feed;
    ENTENTE_CHECK(apply_values(options, feed));
    ENTENTE_CHECK(apply_paths(options, feed));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    {
        const auto snapshot = node.store().snapshot();
        ENTENTE_CHECK(apply_reader(options, exchange::load_state(*snapshot), feed));
        ENTENTE_TRY(const std::vector<FeedSettings> all, exchange::feeds(*snapshot));
        ENTENTE_CHECK(check_free(all, feed));
        tell_numbers(all, feed, context);
    }
    // Written before it is kept: what cannot be written is not set up.
    exchange::StateCache states;
    FeedMaker maker(around(node, states, context));
    KeptFeed kept(around(node, states, context), feed, KeptFeed::When::first);
    WrittenFeed written;
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "reading"
        );
        auto first = kept.write(maker, [&](std::uint64_t objects) { progress.at(objects, 0, 0); });
        if (!first && stop_requested()) return Exit::interrupted;
        ENTENTE_TRY(written, std::move(first));
    }
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(std::vector<FeedSettings> all, exchange::feeds(tx));
        ENTENTE_CHECK(check_free(all, feed));
        all.push_back(feed);
        ENTENTE_CHECK(exchange::put_feeds(tx, std::move(all)));
        json::object facts = settings_json(tx.directory(), feed);
        // Values of indicators stand in no record; how many a person lets in does.
        facts["allowed"] = feed.allowed.size();
        facts["reason"] = options.reason;
        record(tx, context.clock, "feed added", std::move(facts));
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    json::object told = settings_json(node.store().snapshot()->directory(), feed);
    told["report"] = written.report;
    context.out.document(told);
    show_report(context, written.report);
    context.out.line("in " + feed.folder);
    context.out.line("`entente serve` keeps it current, and so does: entente feed write --watch");
    return Exit::ok;
}

Result<Exit> feed_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto snapshot = node.store().snapshot();
    ENTENTE_TRY(const std::vector<FeedSettings> all, exchange::feeds(*snapshot));
    const store::Directory directory = snapshot->directory();
    Table table({"name", "purpose", "format", "for", "values", "written", "out"});
    for (const FeedSettings& feed : all) {
        const json::object report = read_feed_report(feed.folder).value_or(json::object());
        const std::string at = text_in(report, "written_at");
        json::object one = settings_json(directory, feed);
        one["values"] =
            at.empty() ? json::value(nullptr) : json::value(number_in(report, "values"));
        one["written_at"] = at.empty() ? json::value(nullptr) : json::value(at);
        context.out.document(one);
        table.row(
            {feed.name,
             std::string(agreement::action_text(feed.purpose)),
             feed.format,
             user_name(directory, feed.user),
             at.empty() ? "" : grouped(number_in(report, "values")),
             at.empty() ? "never" : at,
             feed.folder}
        );
    }
    context.out.table(table, "no feeds; set one up with: entente feed add");
    return all.empty() ? Exit::findings : Exit::ok;
}

Result<Exit> feed_show(const FeedNameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    ENTENTE_TRY(const FeedSettings feed, find_feed(*snapshot, options.name));
    json::object shown = settings_json(snapshot->directory(), feed);
    const auto report = read_feed_report(feed.folder);
    shown["report"] = report ? json::value(*report) : json::value(nullptr);
    context.out.document(shown);
    for (const auto& [name, value] : shown) {
        if (name == "report") continue;
        const std::string text =
            value.is_string() ? std::string(value.get_string()) : json::serialize(value);
        if (!text.empty() && text != "[]") context.out.field(std::string_view(name), text);
    }
    if (report) {
        context.out.field("written at", text_in(*report, "written_at"));
        show_report(context, *report);
    } else {
        context.out.line("it was not written yet");
    }
    return Exit::ok;
}

Result<Exit> feed_remove(const FeedNameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    FeedSettings feed;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(feed, find_feed(tx, options.name));
        ENTENTE_TRY(std::vector<FeedSettings> all, exchange::feeds(tx));
        std::erase_if(all, [&](const FeedSettings& one) { return one.name == feed.name; });
        ENTENTE_CHECK(exchange::put_feeds(tx, std::move(all)));
        record(tx, context.clock, "feed removed", {{"name", feed.name}, {"files", options.files}});
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    std::size_t removed = 0;
    if (options.files) {
        const auto format = feed::format_of(feed.format);
        feed::WriteOptions names;
        names.wanted = kinds_of(feed);
        names.prefix = "entente-" + feed.name;
        std::vector<feed::File> files;
        if (format) files = feed::write_feed(*format, {}, names);
        files.push_back({std::string(feed_report_name), {}});
        ENTENTE_TRY(removed, remove_feed_files(feed.folder, files));
    }
    context.out.document({{"name", feed.name}, {"out", feed.folder}, {"files_removed", removed}});
    context.out.line(
        options.files
            ? fmt::format("feed {} removed, and {} of it", feed.name, counted(removed, "file"))
            : fmt::format(
                  "feed {} removed; its files in {} stay as they are, and nobody keeps them "
                  "current",
                  feed.name,
                  feed.folder
              )
    );
    return Exit::ok;
}

Result<Exit> feed_write(const FeedWriteOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    {
        const auto snapshot = node.store().snapshot();
        for (const std::string& name : options.names)
            ENTENTE_CHECK(find_feed(*snapshot, name));
        ENTENTE_TRY(const std::vector<FeedSettings> all, exchange::feeds(*snapshot));
        if (all.empty()) {
            return fail(Errc::not_found, "there is no feed; set one up with: entente feed add");
        }
    }
    exchange::StateCache states;
    FeedRound round(around(node, states, context));
    bool empty = true;
    std::optional<Error> first;
    do {
        for (const FeedRound::Outcome& outcome : round.look(options.names)) {
            if (!outcome.written) {
                if (stop_requested()) return Exit::interrupted;
                context.note(fmt::format("{}: {}", outcome.feed, outcome.written.error().detail));
                if (!first) first = outcome.written.error();
                continue;
            }
            const WrittenFeed& written = *outcome.written;
            empty = empty && written.empty;
            json::object told = written.report;
            told["files_replaced"] = written.replaced;
            context.out.document(told);
            show_report(context, written.report);
        }
        if (!options.watch) break;
        context.out.flush();
        Remote::pause(limits::feed_look_ms);
    } while (!stop_requested());
    if (options.watch) return Exit::interrupted;
    if (first) return tl::unexpected(std::move(*first));
    return empty ? Exit::findings : Exit::ok;
}

}  // namespace entente::cli
