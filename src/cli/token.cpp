#include "base/escape.h"
#include "cli/change.h"
#include "cli/directory.h"
#include "cli/find.h"
#include "cli/node_dir.h"
#include "cli/words.h"
#include "exchange/login.h"
#include "http/client_certificate.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace entente::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t table_digits = 12;  // of a digest, to tell it by

std::string state_of(const store::Token& token, Micros now) {
    if (token.revoked) return "revoked";
    if (token.expires && *token.expires <= now) return "expired";
    return "active";
}

/// Which certificates it stands for, or null for a secret.
json::value certificate_json(const store::Token& token) {
    const auto bound = exchange::CertificateBinding::read(token.binding);
    if (!bound) return nullptr;
    if (bound->name.empty()) return json::object{{"key_sha256", bound->key_sha256}};
    return json::object{{"name", bound->name}, {"ca_key_sha256", bound->key_sha256}};
}

/// "token", or the certificates in words, the digest shortened for a table.
std::string kind_words(const store::Token& token, std::size_t digits) {
    const auto bound = exchange::CertificateBinding::read(token.binding);
    if (!bound) return "token";
    const std::string key = "sha256:" + bound->key_sha256.substr(0, digits);
    if (bound->name.empty()) return "certificate " + key;
    return fmt::format("certificate {} by {}", printable(bound->name), key);
}

json::object token_json(const store::Directory& directory, const store::Token& token, Micros now) {
    return {
        {"id", token_id(token)},
        {"user", user_name(directory, token.user)},
        {"certificate", certificate_json(token)},
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
    context.out.field("kind", kind_words(token, std::string::npos));
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

/// "sha256:" and 64 digits, or the digits alone; colons between them as OpenSSL prints them.
Result<std::string> parse_pin(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with("sha256:")) digits.remove_prefix(7);
    std::string pin;
    for (const char c : digits) {
        if (c == ':') continue;
        pin += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const auto read = exchange::CertificateBinding::read("key:" + pin);
    if (read) return pin;
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "--pin: '{}' is no SHA-256 of a key: sha256: and 64 hexadecimal digits; --cert FILE "
            "takes it from a certificate",
            printable(text, 100)
        )
    );
}

/// Which certificates are meant; nothing = a secret is.
Result<std::optional<exchange::CertificateBinding>> read_binding(const TokenOptions& options) {
    const int ways = (options.cert.empty() ? 0 : 1) + (options.pin.empty() ? 0 : 1) +
                     (options.san.empty() ? 0 : 1);
    if (ways > 1) {
        return fail(Errc::invalid_argument, "choose one of --cert, --pin, and --san with --ca");
    }
    if (options.san.empty() != options.ca.empty()) {
        return fail(
            Errc::invalid_argument,
            "--san and --ca belong together: a name says nothing without who vouches for it"
        );
    }
    exchange::CertificateBinding binding;
    if (!options.cert.empty()) {
        ENTENTE_TRY(const auto file, http::read_certificate_file(options.cert));
        binding.key_sha256 = file.key_sha256;
    } else if (!options.pin.empty()) {
        ENTENTE_TRY(binding.key_sha256, parse_pin(options.pin));
    } else if (!options.san.empty()) {
        ENTENTE_TRY(binding.name, http::certificate_name(options.san));
        ENTENTE_TRY(const auto file, http::read_certificate_file(options.ca));
        if (!file.authority) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "{} is not the certificate of a CA; --cert FILE binds a client's own",
                    printable(options.ca)
                )
            );
        }
        binding.key_sha256 = file.key_sha256;
    } else {
        return std::nullopt;
    }
    return binding;
}

/// Each certificate belongs to one user at a time, by one credential.
Result<void> check_unbound(const store::Directory& directory, const store::Token& token) {
    if (token.binding.empty()) return {};
    for (const store::Token& other : directory.tokens) {
        if (other.revoked || other.binding != token.binding) continue;
        return fail(
            Errc::conflict,
            fmt::format(
                "this is bound to the user '{}' already; take that back with: entente token "
                "remove {}",
                user_name(directory, other.user),
                token_id(other)
            )
        );
    }
    return {};
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
    ENTENTE_TRY(const auto binding, read_binding(options));
    if (binding) token.binding = binding->text();
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.common.data));
    // Of a binding only the hash is kept, as its number: nobody is given the secret to it.
    const exchange::NewToken secret = exchange::new_token(context.random, node.keys().token);
    token.hash = secret.hash;
    store::Directory after;
    const auto work = [&](store::Transaction& tx) -> Result<void> {
        const store::Directory directory = tx.directory();
        ENTENTE_TRY(const store::User user, find_user(directory, options.user));
        ENTENTE_CHECK(check_unbound(directory, token));
        token.user = user.no;
        token.no = tx.put(token);
        json::object facts{{"user", user.name}, {"token", token_id(token)}, {"label", token.label}};
        if (binding) facts["certificate"] = certificate_json(token);
        record(tx, context.clock, "token added", std::move(facts));
        after = tx.directory();
        return {};
    };
    ENTENTE_CHECK(in_transaction(node.store(), work));
    json::object shown = token_json(after, token, context.clock.now());
    if (!binding) shown["token"] = secret.text;
    context.out.document(shown);
    show(context, after, token);
    if (binding) return Exit::ok;
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
    Table table({"TOKEN", "USER", "KIND", "LABEL", "CREATED", "EXPIRES", "STATE"});
    for (const store::Token& token : directory.tokens) {
        if (only != store::UserNo{} && token.user != only) continue;
        context.out.document(token_json(directory, token, now));
        table.row(
            {token_id(token),
             user_name(directory, token.user),
             kind_words(token, table_digits),
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
