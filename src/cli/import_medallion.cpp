#include "base/escape.h"
#include "base/limits.h"
#include "cli/change.h"
#include "cli/decode.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/transfer.h"
#include "cli/words.h"
#include "exchange/dated.h"
#include "exchange/login.h"
#include "exchange/rights.h"
#include "formats/medallion.h"
#include "stix/object.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t problems_shown = 20;

struct NewUser {
    std::string name;
    std::string password_hash;  // empty = its password cannot be used here
};

/// What came of it.
struct Report {
    std::uint64_t roots = 0;
    std::uint64_t collections = 0;
    std::uint64_t objects = 0;
    std::vector<std::string> users;     // new ones
    std::vector<std::string> notes;     // what is different now
    std::vector<std::string> problems;  // what was not taken
    std::size_t problems_left_out = 0;

    void problem(std::string text) {
        if (problems.size() < limits::import_problems_max) {
            problems.push_back(std::move(text));
        } else {
            ++problems_left_out;
        }
    }
};

/// A title that is not taken in the root: clients tell collections apart by titles.
std::string free_title(
    const store::Directory& directory, store::RootNo root, const std::string& wanted
) {
    std::string title = wanted;
    const auto taken = [&] {
        return std::ranges::any_of(directory.collections, [&](const store::Collection& c) {
            return c.root == root && c.title == title;
        });
    };
    for (int n = 2; taken(); ++n)
        title = fmt::format("{} ({})", wanted, n);
    return title;
}

/// Ids need not be UUIDs here, but they have to stand in a path.
bool usable_id(std::string_view id) {
    return is_uuid(id) || (check_name("id", id) && id.find('/') == std::string_view::npos);
}

/// Writes it all, inside one transaction.
class Takeover {
  public:
    Takeover(
        store::Transaction& tx,
        const Context& context,
        const std::vector<NewUser>& users,
        Progress& progress,
        std::uint64_t objects_expected
    )
        : tx_(tx),
          context_(context),
          users_(users),
          progress_(progress),
          objects_expected_(objects_expected) {}

    Result<Report> run(const formats::MedallionData& data) {
        report_.problems = data.problems;
        report_.problems_left_out = data.problems_left_out;
        operator_ = operator_user(tx_.directory()).value_or(store::User{});
        operator_.party = own_party(tx_.directory()).no;
        add_users();
        for (const formats::MedallionRoot& root : data.roots) {
            ENTENTE_CHECK(add_root(root, data.default_root));
        }
        json::array names(report_.users.begin(), report_.users.end());
        record(
            tx_,
            context_.clock,
            "imported",
            {{"format", "medallion"},
             {"collections", report_.collections},
             {"objects", report_.objects},
             {"users", std::move(names)}}
        );
        return std::move(report_);
    }

  private:
    void add_users() {
        for (const NewUser& wanted : users_) {
            const std::string shown = printable(wanted.name, 100);
            if (const auto there = find_user(tx_.directory(), wanted.name)) {
                granted_.push_back(there->no);
                report_.notes.push_back(fmt::format(
                    "user {0} exists already: it gets the rights, its password is not changed; "
                    "change it with: entente user set {0} --password-stdin",
                    shown
                ));
                continue;
            }
            if (const auto fine = check_user_name(wanted.name); !fine) {
                report_.problem(fine.error().detail + "; not imported");
                continue;
            }
            store::User user;
            user.name = wanted.name;
            user.party = own_party(tx_.directory()).no;
            user.role = store::Role::publisher;
            user.password_hash = wanted.password_hash;
            granted_.push_back(exchange::put_user(tx_, context_.clock, user));
            report_.users.push_back(user.name);
            if (wanted.password_hash.empty()) {
                report_.notes.push_back(fmt::format(
                    "user {0}: its password is not 8 to 1024 bytes long, so it has none now; give "
                    "it one with: entente user set {0} --password-stdin",
                    shown
                ));
            }
        }
    }

    Result<void> add_root(const formats::MedallionRoot& root, const std::string& default_root) {
        if (const auto fine = check_root_name(root.name); !fine) {
            report_.problem(fine.error().detail + "; not imported");
            return {};
        }
        const store::Directory directory = tx_.directory();
        store::ApiRoot row;
        if (const auto there = find_root(directory, root.name)) {
            row = *there;
        } else {
            row.name = root.name;
            row.title = check_name("title", root.title) ? root.title : root.name;
            row.description = check_text("description", root.description) ? root.description : "";
            // What clients may send can only grow by moving over.
            row.max_content_length = std::clamp<std::uint64_t>(
                root.max_content_length, limits::content_length_default, limits::content_length_max
            );
            if (root.name == default_root) take_default(directory, row);
            row.no = tx_.put(row);
        }
        ++report_.roots;
        for (const formats::MedallionCollection& collection : root.collections) {
            ENTENTE_CHECK(add_collection(row, collection));
        }
        return {};
    }

    /// Discovery goes on naming the root that clients know, unless the node's own default is in
    /// use.
    void take_default(const store::Directory& directory, store::ApiRoot& row) {
        for (store::ApiRoot other : directory.roots) {
            if (!other.is_default) continue;
            if (std::ranges::find(directory.collections, other.no, &store::Collection::root) !=
                directory.collections.end()) {
                return;
            }
            other.is_default = false;
            (void)tx_.put(other);
        }
        row.is_default = true;
    }

    Result<void> add_collection(
        const store::ApiRoot& root, const formats::MedallionCollection& from
    ) {
        const store::Directory directory = tx_.directory();
        const std::string place = fmt::format("{}/{}", root.name, printable(from.id, 100));
        if (!usable_id(from.id)) {
            report_.problem(place + ": this id cannot stand in a URL; collection not imported");
            return {};
        }
        if (std::ranges::find(directory.collections, from.id, &store::Collection::id) !=
            directory.collections.end()) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "there is a collection with the id {} already; dates can be kept in new "
                    "collections only, so nothing was imported",
                    printable(from.id, 100)
                )
            );
        }
        store::Collection row;
        row.root = root.no;
        row.id = from.id;
        row.title =
            free_title(directory, root.no, check_name("title", from.title) ? from.title : from.id);
        if (row.title != from.title) {
            report_.notes.push_back(fmt::format(
                "{}: the title '{}' is taken or unusable; it is '{}' now",
                place,
                printable(from.title, 100),
                row.title
            ));
        }
        row.description = check_text("description", from.description) ? from.description : "";
        if (check_alias(from.alias)) row.alias = from.alias;
        row.accepts_stix20 = from.accepts_stix20;
        row.no = tx_.put(row);
        ++report_.collections;
        grant(row, from.can_read, from.can_write);
        return add_objects(row, from, place);
    }

    /// medallion's permissions hold for every user of it.
    void grant(const store::Collection& collection, bool read, bool write) {
        store::Grant grant;
        grant.collection = collection.no;
        grant.list = true;
        grant.max_marking = stix::Tlp::red;  // it knows no ceilings
        for (const store::UserNo user : granted_) {
            if (user == operator_.no) continue;
            grant.user = user;
            grant.read = read;
            grant.write = write;
            (void)exchange::put_grant(tx_, context_.clock, grant);
        }
        if (operator_.no == store::UserNo{}) return;
        grant.user = operator_.no;
        grant.read = grant.write = true;
        (void)exchange::put_grant(tx_, context_.clock, grant);
    }

    Result<void> add_objects(
        const store::Collection& collection,
        const formats::MedallionCollection& from,
        const std::string& place
    ) {
        const Micros now = context_.clock.now();
        std::vector<stix::Object> objects;
        std::vector<exchange::DatedObject> dated;
        std::uint64_t in_future = 0;
        for (std::size_t at = 0; at < from.objects.size();) {
            if (stop_requested()) {
                return fail(Errc::conflict, "interrupted; nothing was imported");
            }
            objects.clear();
            dated.clear();
            const std::size_t end =
                std::min(from.objects.size(), at + limits::import_batch_objects);
            objects.reserve(end - at);  // `dated` points into it
            for (; at < end; ++at) {
                const formats::MedallionObject& object = from.objects[at];
                if (object.date > now) ++in_future;
                auto read = read_object(object.json, now);
                if (!read) {
                    report_.problem(fmt::format(
                        "{}: object of {}: {}",
                        place,
                        format_taxii(object.date),
                        printable(read.error().detail, 500)
                    ));
                    continue;
                }
                objects.push_back(std::move(*read));
                // Later dates would stop the clock of the collection.
                dated.push_back({&objects.back(), std::min(object.date, now)});
            }
            store(collection, dated, place);
            progress_.at(report_.objects, report_.objects, objects_expected_);
        }
        if (in_future > 0) {
            report_.notes.push_back(fmt::format(
                "{}: {} records have a date in the future; they got today's", place, in_future
            ));
        }
        return {};
    }

    static Result<stix::Object> read_object(const std::string& text, Micros now) {
        ENTENTE_TRY(stix::Object object, stix::read_object(text));
        const auto at = parse_stix_time(object.version);
        if (at && *at - now > limits::modified_ahead_max_us) {
            return fail(
                Errc::unprocessable, "/modified is more than 24 hours ahead of this machine's clock"
            );
        }
        return object;
    }

    void store(
        const store::Collection& collection,
        const std::vector<exchange::DatedObject>& dated,
        const std::string& place
    ) {
        const auto outcomes = exchange::store_dated(tx_, operator_, collection, dated);
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            if (outcomes[i]) {
                ++report_.objects;
            } else {
                report_.problem(fmt::format(
                    "{}: {} {}: {}",
                    place,
                    dated[i].object->id,
                    dated[i].object->version,
                    outcomes[i].error().detail
                ));
            }
        }
    }

    store::Transaction& tx_;
    const Context& context_;
    const std::vector<NewUser>& users_;
    Progress& progress_;
    std::uint64_t objects_expected_;
    store::User operator_;
    std::vector<store::UserNo> granted_;
    Report report_;
};

Result<std::string> whole_file(const std::string& file) {
    std::string text;
    ENTENTE_CHECK(decode_file(
        file,
        [&](std::string_view bytes) -> Result<void> {
            text += bytes;
            return {};
        },
        limits::medallion_bytes_max
    ));
    return text;
}

/// Hashing is slow on purpose, so it is done before the transaction.
Result<std::vector<NewUser>> read_users(const std::string& config) {
    std::vector<NewUser> users;
    if (config.empty()) return users;
    ENTENTE_TRY(const std::string text, whole_file(config));
    const auto found = formats::read_medallion_users(text);
    if (!found) {
        return fail(
            found.error().code, fmt::format("{}: {}", printable(config), found.error().detail)
        );
    }
    for (const formats::MedallionUser& user : *found) {
        users.push_back({user.name, exchange::hash_password(user.password).value_or("")});
    }
    return users;
}

void show(const Context& context, const Report& report) {
    context.out.document({
        {"roots", report.roots},
        {"collections", report.collections},
        {"objects", report.objects},
        {"users", json::array(report.users.begin(), report.users.end())},
        {"notes", json::array(report.notes.begin(), report.notes.end())},
        {"problems", json::array(report.problems.begin(), report.problems.end())},
        {"problems_left_out", report.problems_left_out},
    });
    for (const std::string& note : report.notes)
        context.out.line(note);
    const std::size_t shown = std::min(problems_shown, report.problems.size());
    for (std::size_t i = 0; i < shown; ++i)
        context.out.line(report.problems[i]);
    const std::size_t more = report.problems.size() + report.problems_left_out - shown;
    if (more > 0) {
        context.out.line(fmt::format("and {} more; --json tells them", grouped(more)));
    }
    context.out.line(fmt::format(
        "{} objects in {} collections of {} API roots, {} new users",
        grouped(report.objects),
        report.collections,
        report.roots,
        report.users.size()
    ));
}

}  // namespace

Result<Exit> import_medallion(const ImportOptions& options, Context& context) {
    if (options.files.size() != 1) {
        return fail(Errc::invalid_argument, "--format medallion takes one data file");
    }
    if (!options.collection.empty() || !options.as_user.empty()) {
        return fail(
            Errc::invalid_argument,
            "--format medallion brings its own collections; --collection and --as do not go with it"
        );
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_TRY(const std::string text, whole_file(options.files.front()));
    if (stop_requested()) return Exit::interrupted;
    const auto data = formats::read_medallion(text);
    if (!data) {
        return fail(
            data.error().code,
            fmt::format("{}: {}", printable(options.files.front()), data.error().detail)
        );
    }
    ENTENTE_TRY(const std::vector<NewUser> users, read_users(options.config));
    std::uint64_t expected = 0;
    for (const formats::MedallionRoot& root : data->roots) {
        for (const formats::MedallionCollection& c : root.collections)
            expected += c.objects.size();
    }
    Report report;
    {
        Progress progress(
            context.err, context.progress_mode(options.common), context.clock, "importing"
        );
        const auto work = [&](store::Transaction& tx) -> Result<void> {
            ENTENTE_TRY(report, Takeover(tx, context, users, progress, expected).run(*data));
            return {};
        };
        ENTENTE_CHECK(in_transaction(node.store(), work));
    }
    show(context, report);
    return report.problems.empty() ? Exit::ok : Exit::refused;
}

}  // namespace entente::cli
