#include "base/escape.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/login.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

std::string state_of(const store::Token& token, Micros now) {
    if (token.revoked) return "revoked";
    if (token.expires && *token.expires <= now) return "expired";
    return "active";
}

json::object token_json(const store::Directory& directory, const store::Token& token, Micros now) {
    return {
        {"id", token_id(token)},
        {"user", user_name(directory, token.user)},
        {"label", token.label},
        {"created", format_taxii(token.created)},
        {"expires",
         token.expires ? json::value(format_taxii(*token.expires)) : json::value(nullptr)},
        {"state", state_of(token, now)},
    };
}

void show(const Context& context, const store::Directory& directory, const store::Token& token) {
    context.out.field("id", token_id(token));
    context.out.field("user", user_name(directory, token.user));
    context.out.field("label", token.label);
    context.out.field("created", format_taxii(token.created));
    context.out.field("expires", token.expires ? format_taxii(*token.expires) : "never");
    context.out.field("state", state_of(token, context.clock.now()));
}

Result<store::Token> find_token(const store::Directory& directory, std::string_view id) {
    for (const store::Token& token : directory.tokens) {
        if (token_id(token) == id) return token;
    }
    return fail(
        Errc::not_found,
        fmt::format("no token '{}'; `entente token list` shows their ids", printable(id, 40))
    );
}

Result<void> check_label(const std::string& label) {
    if (label.empty()) return {};
    return check_name("label", label);
}

}  // namespace

Result<Exit> token_add(const TokenOptions& options, Context& context) {
    store::Token token;
    token.label = options.label.value_or("");
    ENTENTE_CHECK(check_label(token.label));
    token.created = context.clock.now();
    if (!options.expires.empty()) {
        ENTENTE_TRY(token.expires, parse_expiry(options.expires, token.created));
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const exchange::NewToken secret = exchange::new_token(context.random, node.keys().token);
    token.hash = secret.hash;
    store::Directory after;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(const store::User user, find_user(tx.directory(), options.user));
        token.user = user.no;
        token.no = tx.put(token);
        record(
            tx,
            context.clock,
            "token added",
            {{"user", user.name}, {"token", token_id(token)}, {"label", token.label}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    json::object shown = token_json(after, token, context.clock.now());
    shown["token"] = secret.text;
    context.out.document(shown);
    show(context, after, token);
    context.out.field("token", secret.text);
    context.out.line("The token is shown this once; keep it secret.");
    return Exit::ok;
}

Result<Exit> token_set(const TokenOptions& options, Context& context) {
    if (!options.expires.empty() && options.never_expires) {
        return fail(Errc::invalid_argument, "--expires and --never-expires contradict each other");
    }
    if (!options.label && options.expires.empty() && !options.never_expires) {
        return fail(
            Errc::invalid_argument, "nothing to change; give --label, --expires or --never-expires"
        );
    }
    if (options.label) ENTENTE_CHECK(check_label(*options.label));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory after;
    store::Token token;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(token, find_token(tx.directory(), options.id));
        if (options.label) token.label = *options.label;
        if (options.never_expires) token.expires.reset();
        if (!options.expires.empty()) {
            ENTENTE_TRY(token.expires, parse_expiry(options.expires, context.clock.now()));
        }
        (void)tx.put(token);
        record(
            tx, context.clock, "token changed", {{"token", token_id(token)}, {"label", token.label}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document(token_json(after, token, context.clock.now()));
    show(context, after, token);
    return Exit::ok;
}

Result<Exit> token_list(const TokenOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    store::Directory directory = node.store().snapshot()->directory();
    store::UserNo only{};
    if (!options.user.empty()) {
        ENTENTE_TRY(const store::User user, find_user(directory, options.user));
        only = user.no;
    }
    const Micros now = context.clock.now();
    std::ranges::sort(directory.tokens, {}, &store::Token::created);
    Table table({"TOKEN", "USER", "LABEL", "CREATED", "EXPIRES", "STATE"});
    for (const store::Token& token : directory.tokens) {
        if (only != store::UserNo{} && token.user != only) continue;
        context.out.document(token_json(directory, token, now));
        table.row(
            {token_id(token),
             user_name(directory, token.user),
             token.label,
             format_taxii(token.created),
             token.expires ? format_taxii(*token.expires) : "never",
             state_of(token, now)}
        );
    }
    context.out.table(table, "no tokens");
    return Exit::ok;
}

Result<Exit> token_show(const TokenOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    ENTENTE_TRY(const store::Token token, find_token(directory, options.id));
    context.out.document(token_json(directory, token, context.clock.now()));
    show(context, directory, token);
    return Exit::ok;
}

Result<Exit> token_remove(const TokenOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        ENTENTE_TRY(store::Token token, find_token(tx.directory(), options.id));
        token.revoked = true;  // the row stays: records name it
        (void)tx.put(token);
        record(tx, context.clock, "token revoked", {{"token", token_id(token)}});
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"removed", options.id}});
    context.out.line(fmt::format("token {} revoked; it is dead at its next request", options.id));
    return Exit::ok;
}

}  // namespace entente::cli
