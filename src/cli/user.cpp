#include "base/escape.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/secret_input.h"
#include "cli/words.h"
#include "exchange/login.h"
#include "exchange/rights.h"
#include "exchange/stops.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<Micros>& time) {
    return time ? json::value(format_taxii(*time)) : json::value(nullptr);
}

std::int64_t live_tokens(const store::Directory& directory, store::UserNo no, Micros now) {
    return std::ranges::count_if(directory.tokens, [&](const store::Token& token) {
        return token.user == no && !token.revoked && (!token.expires || now < *token.expires);
    });
}

json::object user_json(
    const store::Directory& directory, const store::User& user, const Clock& clock
) {
    return {
        {"name", user.name},
        {"party", party_name(directory, user.party)},
        {"role", role_name(user.role)},
        {"password", !user.password_hash.empty()},
        {"password_expires", time_or_null(user.password_expires)},
        {"tokens", live_tokens(directory, user.no, clock.now())},
        {"disabled", user.disabled},
    };
}

std::string password_words(const store::User& user, Micros now) {
    if (user.password_hash.empty()) return "none";
    if (!user.password_expires) return "yes";
    return fmt::format(
        "{} {}",
        *user.password_expires <= now ? "expired" : "until",
        format_taxii(*user.password_expires)
    );
}

void show(const Context& context, const store::Directory& directory, const store::User& user) {
    context.out.document(user_json(directory, user, context.clock));
    context.out.field("name", user.name);
    context.out.field("party", party_name(directory, user.party));
    context.out.field("role", role_name(user.role));
    context.out.field("password", password_words(user, context.clock.now()));
    context.out.field(
        "tokens", std::to_string(live_tokens(directory, user.no, context.clock.now()))
    );
    if (user.disabled) context.out.field("disabled", "yes");
}

/// What the options say about the password, put into the row. Reads standard input, so not inside a
/// transaction.
struct PasswordChange {
    std::optional<std::string> hash;  // empty text = no password
    std::optional<std::optional<Micros>> expires;
};

Result<PasswordChange> read_password_change(const UserOptions& options, const Context& context) {
    PasswordChange change;
    if (options.password_stdin && options.no_password) {
        return fail(
            Errc::invalid_argument, "--password-stdin and --no-password contradict each other"
        );
    }
    if (!options.expires.empty() && options.never_expires) {
        return fail(Errc::invalid_argument, "--expires and --never-expires contradict each other");
    }
    if (!options.expires.empty()) {
        ENTENTE_TRY(const Micros end, parse_expiry(options.expires, context.clock.now()));
        change.expires = end;
    }
    if (options.never_expires) change.expires = std::optional<Micros>();
    if (options.no_password) change.hash = "";
    if (options.password_stdin) {
        ENTENTE_TRY(const Passphrase password, read_password(context.in, context.err));
        ENTENTE_TRY(change.hash, exchange::hash_password(password.text()));
    }
    return change;
}

Result<void> apply(const PasswordChange& change, store::User& user) {
    if (change.hash) user.password_hash = *change.hash;
    if (change.expires) user.password_expires = *change.expires;
    if (user.password_hash.empty()) {
        if (change.expires && *change.expires) {
            return fail(
                Errc::invalid_argument,
                "--expires is about a password, and there is none; a token's end is given with: "
                "entente token add USER --expires 90d"
            );
        }
        user.password_expires.reset();
    }
    return {};
}

Result<void> check_role(const store::Directory& directory, const store::User& user) {
    const bool own = own_party(directory).no == user.party;
    if (own || user.role == store::Role::publisher || user.role == store::Role::reader) return {};
    return fail(
        Errc::conflict,
        fmt::format(
            "the role {} is for users of this node's own party ('{}'); use publisher or reader",
            role_name(user.role),
            own_party(directory).name
        )
    );
}

Result<void> check_free(const store::Directory& directory, std::string_view name) {
    if (!find_user(directory, name)) return {};
    return fail(
        Errc::conflict,
        fmt::format("there is a user '{0}' already; change it with: entente user set {0}", name)
    );
}

}  // namespace

Result<Exit> user_add(const UserOptions& options, Context& context) {
    ENTENTE_CHECK(check_user_name(options.name));
    store::User user;
    user.name = options.name;
    if (options.role) {
        ENTENTE_TRY(user.role, parse_role(*options.role));
    }
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    // Before the password is asked for: what cannot work should fail at once.
    {
        const store::Directory directory = node.store().snapshot()->directory();
        ENTENTE_CHECK(check_free(directory, options.name));
        if (!options.party.empty()) ENTENTE_CHECK(find_party(directory, options.party));
    }
    ENTENTE_TRY(const PasswordChange password, read_password_change(options, context));
    ENTENTE_CHECK(apply(password, user));
    store::Directory after;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_CHECK(check_free(directory, options.name));
        user.party = own_party(directory).no;
        if (!options.party.empty()) {
            ENTENTE_TRY(const store::Party party, find_party(directory, options.party));
            user.party = party.no;
        }
        ENTENTE_CHECK(check_role(directory, user));
        user.no = exchange::put_user(tx, context.clock, user);
        record(
            tx,
            context.clock,
            "user added",
            {{"user", user.name},
             {"party", party_name(directory, user.party)},
             {"role", role_name(user.role)}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, user);
    if (user.password_hash.empty()) {
        context.out.line(fmt::format(
            "It cannot log in yet; give it a token with: entente token add {}", user.name
        ));
    }
    return Exit::ok;
}

Result<Exit> user_set(const UserOptions& options, Context& context) {
    if (options.disable && options.enable) {
        return fail(Errc::invalid_argument, "--disable and --enable contradict each other");
    }
    if (options.new_name) ENTENTE_CHECK(check_user_name(*options.new_name));
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    ENTENTE_CHECK(find_user(node.store().snapshot()->directory(), options.name));
    ENTENTE_TRY(const PasswordChange password, read_password_change(options, context));
    if (!options.new_name && !options.role && !options.disable && !options.enable &&
        !password.hash && !password.expires) {
        return fail(
            Errc::invalid_argument,
            "nothing to change; give --name, --role, --password-stdin, --no-password, --expires, "
            "--never-expires, --disable or --enable"
        );
    }
    store::Directory after;
    store::User user;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(user, find_user(directory, options.name));
        if (options.new_name && *options.new_name != user.name) {
            ENTENTE_CHECK(check_free(directory, *options.new_name));
            user.name = *options.new_name;
        }
        if (options.role) {
            ENTENTE_TRY(user.role, parse_role(*options.role));
        }
        ENTENTE_CHECK(check_role(directory, user));
        ENTENTE_CHECK(apply(password, user));
        user.disabled = options.disable || (user.disabled && !options.enable);
        (void)exchange::put_user(tx, context.clock, user);
        record(
            tx,
            context.clock,
            "user changed",
            {{"user", options.name},
             {"name", user.name},
             {"role", role_name(user.role)},
             {"new_password", password.hash.has_value()},
             {"disabled", user.disabled}}
        );
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    show(context, after, user);
    return Exit::ok;
}

Result<Exit> user_list(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    const auto snapshot = node.store().snapshot();
    store::Directory directory = snapshot->directory();
    const exchange::Stops stops = exchange::stops_of(*snapshot);
    std::ranges::sort(directory.users, {}, &store::User::name);
    const Micros now = context.clock.now();
    Table table({"USER", "PARTY", "ROLE", "PASSWORD", "TOKENS", "STATE"});
    for (const store::User& user : directory.users) {
        const bool stopped = stops.of(user) != nullptr;
        json::object told = user_json(directory, user, context.clock);
        told["stopped"] = stopped;
        context.out.document(told);
        table.row(
            {user.name,
             party_name(directory, user.party),
             std::string(role_name(user.role)),
             password_words(user, now),
             std::to_string(live_tokens(directory, user.no, now)),
             user.disabled ? "disabled"
             : stopped     ? "stopped"
                           : "active"}
        );
    }
    context.out.table(table, "no users");
    return Exit::ok;
}

Result<Exit> user_show(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const store::Directory directory = node.store().snapshot()->directory();
    ENTENTE_TRY(const store::User user, find_user(directory, options.name));
    show(context, directory, user);
    return Exit::ok;
}

Result<Exit> user_remove(const NameOptions& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const store::User user, find_user(directory, options.name));
        // Records of what it was given tell it, and its tokens, by number.
        json::array tokens;
        for (const store::Token& token : directory.tokens) {
            if (token.user != user.no) continue;
            tokens.push_back(json::object{
                {"no", agreement::raw(token.no)}, {"token", token_id(token)}});
        }
        tx.erase(user.no);
        record(
            tx,
            context.clock,
            "user removed",
            {{"user", user.name},
             {"no", agreement::raw(user.no)},
             {"party", party_name(directory, user.party)},
             {"tokens", std::move(tokens)}}
        );
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    context.out.document({{"removed", options.name}});
    context.out.line(fmt::format("user '{}' removed with its tokens and grants", options.name));
    return Exit::ok;
}

}  // namespace entente::cli
