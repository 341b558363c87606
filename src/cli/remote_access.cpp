#include "cli/remote_access.h"

#include "base/escape.h"
#include "cli/secret_input.h"
#include "cli/stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace entente::cli {
namespace {

namespace client = taxii::client;

constexpr std::size_t secret_bytes_max = 8U << 10U;
constexpr int retries_max = 100;

/// The first line of a file, which may be empty.
Result<std::string> read_secret(const std::string& path, std::FILE* in) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> owned(nullptr, &std::fclose);
    std::FILE* file = in;
    if (path != "-") {
        owned.reset(std::fopen(path.c_str(), "re"));
        file = owned.get();
        if (file == nullptr) {
            return fail(
                errno == EACCES ? Errc::forbidden : Errc::not_found,
                fmt::format("{}: {}", printable(path), std::strerror(errno))
            );
        }
    }
    std::string line;
    for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file)) {
        if (line.size() == secret_bytes_max) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "{}: the secret is longer than {} bytes", printable(path), secret_bytes_max
                )
            );
        }
        line += static_cast<char>(c);
    }
    if (std::ferror(file) != 0) {
        return fail(
            Errc::invalid_argument, fmt::format("{}: {}", printable(path), std::strerror(errno))
        );
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<client::Credentials> read_credentials(
    const RemoteOptions& options, const Environment& environment, std::FILE* in, std::FILE* err
) {
    if (options.token_scheme != "Bearer" && options.token_scheme != "Token") {
        return fail(Errc::invalid_argument, "--token-scheme is Bearer or Token");
    }
    if (!options.token_file.empty() && (!options.user.empty() || !options.password_file.empty())) {
        return fail(Errc::invalid_argument, "give either a token or a user with a password");
    }
    const auto kind = options.token_scheme == "Token" ? client::Credentials::Kind::token
                                                      : client::Credentials::Kind::bearer;
    if (!options.token_file.empty()) {
        ENTENTE_TRY(std::string token, read_secret(options.token_file, in));
        if (token.empty()) return fail(Errc::invalid_argument, "the token file is empty");
        return client::Credentials{.kind = kind, .user = {}, .secret = std::move(token)};
    }
    const auto env_user = environment("ENTENTE_USER");
    const auto env_token = environment("ENTENTE_TOKEN");
    std::string user = !options.user.empty() ? options.user : env_user.value_or("");
    std::optional<std::string> password = environment("ENTENTE_PASSWORD");
    if (!options.password_file.empty()) {
        ENTENTE_TRY(password, read_secret(options.password_file, in));
    }
    // A token in the environment stands back behind a user that was typed.
    const bool user_typed = !options.user.empty() || !options.password_file.empty();
    if (env_token && !env_token->empty() && !user_typed) {
        if (!user.empty()) {
            return fail(
                Errc::invalid_argument, "ENTENTE_TOKEN and ENTENTE_USER are both set; unset one"
            );
        }
        return client::Credentials{.kind = kind, .user = {}, .secret = *env_token};
    }
    if (user.empty() && !options.password_file.empty()) {
        return fail(
            Errc::invalid_argument, "whose password is it? Say --user, or set ENTENTE_USER"
        );
    }
    if (user.empty()) return client::Credentials();
    if (!password && ::isatty(::fileno(in)) == 1) {
        ENTENTE_TRY(
            const Passphrase typed,
            read_passphrase(
                in,
                err,
                {.prompt = "Password of " + user, .where = "the terminal", .noun = "password"}
            )
        );
        password = typed.text();
    }
    if (!password) {
        return fail(
            Errc::invalid_argument,
            fmt::format(
                "no password for {}, and no terminal to ask on: set ENTENTE_PASSWORD, or give "
                "--password-file FILE (- is standard input)",
                printable(user)
            )
        );
    }
    return client::Credentials{
        .kind = client::Credentials::Kind::basic,
        .user = std::move(user),
        .secret = std::move(*password)};
}

Remote::Remote(const RemoteOptions& options, Context& context)
    : options_(options),
      world_{
          .connect = [this](const http::Origin& origin
                     ) { return client::make_client(options_, route_.access, origin); },
          .clock = context.clock,
          .random = context.random,
          .pause = &Remote::pause,
          .stopping = [] { return stop_requested(); },
          .warn = [&context](std::string_view text) { context.note(text); },
      } {}

Result<std::unique_ptr<Remote>> Remote::open(const RemoteOptions& options, Context& context) {
    std::unique_ptr<Remote> remote(new Remote(options, context));
    ENTENTE_TRY(
        client::Credentials credentials,
        read_credentials(options, process_environment, context.in, context.err)
    );
    ENTENTE_TRY(remote->route_, client::find_route(options, std::move(credentials)));
    if (options.insecure_skip_verify) {
        context.note("--insecure: anyone on the way can read and change what is exchanged");
    }
    return remote;
}

client::Session Remote::session(client::Budget budget) {
    if (options_.retries >= 0) budget.retries_max = std::min(options_.retries, retries_max);
    return {world_, route_.access, budget};
}

Result<client::Place> Remote::locate(client::Session& session) const {
    return client::locate(
        session,
        {.url = route_.address.url, .root = options_.root, .collection = options_.collection}
    );
}

void Remote::pause(std::int64_t ms) {
    constexpr std::int64_t slice_ms =
        200;  // a signal that comes between the check and poll waits so long
    for (std::int64_t left = ms; left > 0 && !stop_requested(); left -= slice_ms) {
        (void)::poll(nullptr, 0, static_cast<int>(std::min(left, slice_ms)));
    }
}

}  // namespace entente::cli
