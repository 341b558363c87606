#include "base/limits.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/words.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t content_length_min = 64U << 10U;  // below it ordinary objects do not fit

json::object root_json(const store::Directory& directory, const store::ApiRoot& root) {
    return {
        {"name", root.name},
        {"path", fmt::format("/{}/", root.name)},
        {"title", root.title},
        {"description", root.description},
        {"max_content_length", root.max_content_length},
        {"default", root.is_default},
        {"collections",
         std::ranges::count(directory.collections, root.no, &store::Collection::root)},
    };
}

void show(const Context& context, const store::Directory& directory, const store::ApiRoot& root) {
    context.out.document(root_json(directory, root));
    context.out.field("name", root.name);
    context.out.field("path", fmt::format("/{}/", root.name));
    context.out.field("title", root.title);
    if (!root.description.empty()) context.out.field("description", root.description);
    context.out.field("request limit", fmt::format("{} bytes", root.max_content_length));
    context.out.field("default", root.is_default ? "yes" : "no");
}

Result<void> apply(const RootOptions& options, store::ApiRoot& root) {
    if (options.title) {
        ENTENTE_CHECK(check_name("title", *options.title));
        root.title = *options.title;
    }
    if (options.description) {
        if (!options.description->empty()) {
            ENTENTE_CHECK(check_text("description", *options.description));
        }
        root.description = *options.description;
    }
    if (!options.max_content_length.empty()) {
        ENTENTE_TRY(root.max_content_length, parse_bytes(options.max_content_length));
        if (root.max_content_length < content_length_min ||
            root.max_content_length > limits::content_length_max) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "a request limit of {} bytes is not between {} and {}",
                    root.max_content_length,
                    content_length_min,
                    limits::content_length_max
                )
            );
        }
    }
    return {};
}

/// At most one root is the default.
void take_default(store::Transaction& tx, const store::Directory& directory, store::ApiRoot& root) {
    for (store::ApiRoot other : directory.roots) {
        if (other.no == root.no || !other.is_default) continue;
        other.is_default = false;
        (void)tx.put(other);
    }
    root.is_default = true;
}

}  // namespace

Result<Exit> root_add(const RootOptions& options, Context& context) {
    ENTENTE_CHECK(check_root_name(options.name));
    store::ApiRoot root;
    root.name = options.name;
    root.title = options.name;
    root.max_content_length = limits::content_length_default;
    ENTENTE_CHECK(apply(options, root));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        if (find_root(directory, root.name)) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "there is an API root '{0}' already; change it with: entente root set {0}",
                    root.name
                )
            );
        }
        if (options.make_default || directory.roots.empty()) take_default(tx, directory, root);
        root.no = tx.put(root);
        record(tx, context.clock, "root added", {{"root", root.name}, {"title", root.title}});
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, root);
    return Exit::ok;
}

Result<Exit> root_set(const RootOptions& options, Context& context) {
    if (!options.title && !options.description && options.max_content_length.empty() &&
        !options.make_default) {
        return fail(
            Errc::invalid_argument,
            "nothing to change; give --title, --description, --max-content-length or --default"
        );
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::ApiRoot root;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(root, find_root(directory, options.name));
        ENTENTE_CHECK(apply(options, root));
        if (options.make_default) take_default(tx, directory, root);
        (void)tx.put(root);
        record(
            tx,
            context.clock,
            "root changed",
            {{"root", root.name},
             {"title", root.title},
             {"max_content_length", root.max_content_length},
             {"default", root.is_default}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, root);
    return Exit::ok;
}

Result<Exit> root_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    store::Directory directory = node.store().snapshot()->directory();
    std::ranges::sort(directory.roots, {}, &store::ApiRoot::name);
    Table table({"ROOT", "TITLE", "COLLECTIONS", "REQUEST LIMIT", "DEFAULT"});
    for (const store::ApiRoot& root : directory.roots) {
        context.out.document(root_json(directory, root));
        table.row(
            {root.name,
             root.title,
             std::to_string(
                 std::ranges::count(directory.collections, root.no, &store::Collection::root)
             ),
             std::to_string(root.max_content_length),
             root.is_default ? "yes" : "no"}
        );
    }
    context.out.table(table, "no API roots; add one with: entente root add NAME");
    return Exit::ok;
}

Result<Exit> root_show(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    ENTENTE_TRY(const store::ApiRoot root, find_root(directory, options.name));
    show(context, directory, root);
    return Exit::ok;
}

Result<Exit> root_remove(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const store::ApiRoot root, find_root(directory, options.name));
        if (const auto count =
                std::ranges::count(directory.collections, root.no, &store::Collection::root)) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "the API root '{}' has {} collections; remove them first with: "
                    "entente collection remove COLLECTION",
                    root.name,
                    count
                )
            );
        }
        tx.erase(root.no);
        record(tx, context.clock, "root removed", {{"root", root.name}});
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"removed", options.name}});
    context.out.line(fmt::format("API root '{}' removed", options.name));
    return Exit::ok;
}

}  // namespace entente::cli
