#include "base/escape.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/holds.h"
#include "exchange/rights.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

json::object collection_json(
    const store::Directory& directory, const store::Collection& collection
) {
    const store::ApiRoot* root = root_of(directory, collection.root);
    json::array media_types{"application/stix+json;version=2.1"};
    if (collection.accepts_stix20) media_types.emplace_back("application/stix+json;version=2.0");
    json::object shown{
        {"id", collection.id},
        {"alias", collection.alias},
        {"root", root == nullptr ? "" : root->name},
        {"path", path_of(directory, collection)},
        {"title", collection.title},
        {"description", collection.description},
        {"default_marking", stix::tlp_name(collection.default_marking)},
        {"media_types", std::move(media_types)},
        {"check", checks_name(collection.checks)},
        {"takes_agreements", collection.takes_agreements},
        {"grants", std::ranges::count(directory.grants, collection.no, &store::Grant::collection)},
    };
    add_keeping(shown, collection);
    return shown;
}

void show(
    const Context& context, const store::Directory& directory, const store::Collection& collection
) {
    context.out.field("title", collection.title);
    context.out.field("id", collection.id);
    if (!collection.alias.empty()) context.out.field("alias", collection.alias);
    context.out.field("path", path_of(directory, collection));
    if (!collection.description.empty()) {
        context.out.field("description", collection.description);
    }
    context.out.field("default marking", stix::tlp_name(collection.default_marking));
    context.out.field("takes", collection.accepts_stix20 ? "STIX 2.1 and 2.0" : "STIX 2.1");
    context.out.field("check", checks_name(collection.checks));
    if (collection.takes_agreements) context.out.field("takes agreements", "yes");
}

/// Titles, ids and aliases are how people and clients tell collections apart.
Result<void> check_unique(const store::Directory& directory, const store::Collection& row) {
    const auto taken = [&](std::string_view what, std::string_view text) {
        return fail(
            Errc::conflict,
            fmt::format("there is a collection with the {} '{}' already", what, printable(text))
        );
    };
    for (const store::Collection& other : directory.collections) {
        if (other.no == row.no) continue;
        if (other.id == row.id) return taken("id", row.id);
        if (other.root != row.root) continue;
        if (other.title == row.title) return taken("title", row.title);
        if (!row.alias.empty() && (other.alias == row.alias || other.id == row.alias)) {
            return taken("alias or id", row.alias);
        }
        if (other.alias == row.id) return taken("alias", row.id);
    }
    return {};
}

Result<void> apply(const CollectionOptions& options, store::Collection& row) {
    if (options.title) {
        ENTENTE_CHECK(check_name("title", *options.title));
        row.title = *options.title;
    }
    if (options.alias) {
        if (!options.alias->empty()) ENTENTE_CHECK(check_alias(*options.alias));
        row.alias = *options.alias;
    }
    if (options.description) {
        if (!options.description->empty()) {
            ENTENTE_CHECK(check_text("description", *options.description));
        }
        row.description = *options.description;
    }
    if (!options.default_marking.empty()) {
        ENTENTE_TRY(row.default_marking, parse_marking(options.default_marking));
    }
    if (!options.check.empty()) {
        ENTENTE_TRY(row.checks, parse_checks(options.check));
    }
    if (options.accept_stix20) row.accepts_stix20 = *options.accept_stix20;
    if (options.takes_agreements) row.takes_agreements = *options.takes_agreements;
    return apply_keeping(options.keep, row);
}

Result<store::ApiRoot> root_for(const store::Directory& directory, const std::string& name) {
    if (!name.empty()) return find_root(directory, name);
    const auto found = std::ranges::find(directory.roots, true, &store::ApiRoot::is_default);
    if (found != directory.roots.end()) return *found;
    if (directory.roots.size() == 1) return directory.roots.front();
    return fail(
        Errc::not_found,
        "there is no default API root; name one with --root, or make one with: entente root add "
        "NAME --default"
    );
}

std::string lower_uuid(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

/// The operator works on the new collection at once: import, and a first look with its token.
std::string grant_operator(
    store::Transaction& tx, const Clock& clock, const store::Collection& collection
) {
    const auto user = operator_user(tx.directory());
    if (!user) return {};
    store::Grant grant;
    grant.collection = collection.no;
    grant.user = user->no;
    grant.list = grant.read = grant.write = true;
    grant.max_marking = stix::Tlp::red;
    (void)exchange::put_grant(tx, clock, grant);
    record(
        tx,
        clock,
        "granted",
        {{"user", user->name},
         {"rights", "list,read,write"},
         {"max_marking", stix::tlp_name(grant.max_marking)}},
        collection.no
    );
    return user->name;
}

}  // namespace

Result<Exit> collection_add(const CollectionOptions& options, Context& context) {
    ENTENTE_CHECK(check_name("title", options.name));
    store::Collection row;
    row.title = options.name;
    ENTENTE_CHECK(apply(options, row));
    if (!options.id.empty() && !is_uuid(options.id)) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "'{}' is not a UUID, which a collection id has to be (TAXII 2.1, 5.2); for a name "
                "of your own use --alias",
                printable(options.id, 100)
            )
        );
    }
    row.id = options.id.empty() ? new_uuid(context.random) : lower_uuid(options.id);
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    std::string granted;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const store::ApiRoot root, root_for(directory, options.root));
        row.root = root.no;
        ENTENTE_CHECK(check_unique(directory, row));
        row.no = tx.put(row);
        record(
            tx,
            context.clock,
            "collection added",
            {{"id", row.id},
             {"title", row.title},
             {"root", root.name},
             {"default_marking", stix::tlp_name(row.default_marking)}},
            row.no
        );
        if (!options.no_grant) granted = grant_operator(tx, context.clock, row);
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    json::object shown = collection_json(after, row);
    shown["granted_to"] = granted;
    context.out.document(shown);
    show(context, after, row);
    if (!granted.empty()) {
        context.out.field("granted", granted + ": list, read, write up to TLP:RED");
    }
    return Exit::ok;
}

Result<Exit> collection_set(const CollectionOptions& options, Context& context) {
    if (!options.title && !options.alias && !options.description &&
        options.default_marking.empty() && options.check.empty() && !options.accept_stix20 &&
        !options.takes_agreements && !options.keep.any()) {
        return fail(
            Errc::invalid_argument,
            "nothing to change; give --title, --alias, --description, --default-marking, "
            "--check, --keep, --max-bytes, --max-objects, --when-full, --accept-stix20, "
            "--no-accept-stix20, --takes-agreements or --no-takes-agreements"
        );
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::Collection row;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(row, find_collection(directory, options.name));
        ENTENTE_CHECK(apply(options, row));
        ENTENTE_CHECK(check_unique(directory, row));
        exchange::change_collection(tx, context.clock, row);
        record(
            tx,
            context.clock,
            "collection changed",
            {{"id", row.id},
             {"title", row.title},
             {"alias", row.alias},
             {"default_marking", stix::tlp_name(row.default_marking)},
             {"accepts_stix20", row.accepts_stix20},
             {"check", checks_name(row.checks)},
             {"takes_agreements", row.takes_agreements},
             {"keep_us", row.keep_us},
             {"max_bytes", row.bytes_max},
             {"max_objects", row.objects_max},
             {"drop_oldest", row.drop_oldest}},
            row.no
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document(collection_json(after, row));
    show(context, after, row);
    return Exit::ok;
}

Result<Exit> collection_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    store::Directory directory = node.store().snapshot()->directory();
    std::ranges::sort(directory.collections, {}, [&](const store::Collection& c) {
        return std::pair(c.root, c.title);
    });
    Table table({"TITLE", "ID", "ALIAS", "ROOT", "DEFAULT MARKING", "GRANTS"});
    for (const store::Collection& row : directory.collections) {
        context.out.document(collection_json(directory, row));
        const store::ApiRoot* root = root_of(directory, row.root);
        table.row(
            {row.title,
             row.id,
             row.alias,
             root == nullptr ? "" : root->name,
             std::string(stix::tlp_name(row.default_marking)),
             std::to_string(std::ranges::count(directory.grants, row.no, &store::Grant::collection)
             )}
        );
    }
    context.out.table(table, "no collections; add one with: entente collection add TITLE");
    return Exit::ok;
}

Result<Exit> collection_show(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto snapshot = node.store().snapshot();
    const store::Directory directory = snapshot->directory();
    ENTENTE_TRY(const store::Collection row, find_collection(directory, options.name));
    const store::Snapshot::Head head = snapshot->head(row.no);
    json::object shown = collection_json(directory, row);
    shown["versions"] = head.entries;
    shown["bytes"] = head.bytes;
    context.out.document(shown);
    show(context, directory, row);
    show_keeping(context, row, head);
    context.out.field(
        "grants",
        std::to_string(std::ranges::count(directory.grants, row.no, &store::Grant::collection))
    );
    return Exit::ok;
}

Result<Exit> collection_remove(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Collection row;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(row, find_collection(tx.directory(), options.name));
        const bool used = tx.entries(row.no, store::Seq{1})->next().has_value();
        if (used && !options.force) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "the collection '{}' holds objects; to delete them with it add --force",
                    row.title
                )
            );
        }
        if (const auto hold = exchange::hold_in(tx, row.no)) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "hold {} by {} lies on what is in the collection '{}', or was; end it first "
                    "(entente hold list)",
                    agreement::raw(hold->no),
                    hold->person,
                    row.title
                )
            );
        }
        tx.erase(row.no);
        record(
            tx,
            context.clock,
            "collection removed",
            {{"id", row.id},
             {"title", row.title},
             {"held_objects", used},
             {"no", agreement::raw(row.no)}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"removed", row.id}});
    context.out.line(fmt::format("collection '{}' ({}) removed", row.title, row.id));
    return Exit::ok;
}

}  // namespace entente::cli
