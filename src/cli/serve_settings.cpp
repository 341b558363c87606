#include "cli/serve_settings.h"

#include "base/escape.h"
#include "base/limits.h"
#include "cli/settings_file.h"
#include "http/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace entente::cli {
namespace {

/// What a running server can take over.
constexpr std::array<std::string_view, 13> live_settings{
    "client-ca",
    "contact",
    "description",
    "log-json",
    "log-level",
    "public-url",
    "rate-address",
    "rate-user",
    "require-client-cert",
    "title",
    "tls-cert",
    "tls-key",
    "trusted-proxy"};

template <class Set>
void declare_all(Set& a, ServeOptions& o) {
    a.option("--data", o.common.data, "The node's directory");
    declare_settings(a, o);
}

Result<std::string> read_text(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text(limits::config_file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad()) {
        return fail(
            errno == ENOENT ? Errc::not_found : Errc::forbidden,
            fmt::format("cannot read --config {}: {}", printable(path), std::strerror(errno))
        );
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

Result<log::Level> parse_level(std::string_view text) {
    if (text == "debug") return log::Level::debug;
    if (text == "info") return log::Level::info;
    if (text == "warning") return log::Level::warning;
    if (text == "error") return log::Level::error;
    return fail(
        Errc::invalid_argument,
        fmt::format("'{}' is no log level; use debug, info, warning or error", printable(text, 40))
    );
}

Result<std::string> check_public_url(const std::string& text) {
    if (text.empty()) return text;
    ENTENTE_TRY(const http::Url url, http::parse_url(text));
    // TAXII 2.1, 4.1.1: what discovery names is relative or https.
    if (url.origin.scheme != "https") {
        return fail(Errc::invalid_argument, "it is not an https URL");
    }
    if (url.target != "/") {
        return fail(
            Errc::invalid_argument,
            "it has a path, and TAXII 2.1 puts discovery at /taxii2/ of a host"
        );
    }
    std::string cleaned = text;
    while (cleaned.ends_with('/'))
        cleaned.pop_back();
    return cleaned;
}

Result<std::vector<IpNetwork>> parse_networks(const std::vector<std::string>& texts) {
    if (texts.size() > limits::trusted_proxies_max) {
        return fail(
            Errc::invalid_argument,
            fmt::format("more than {} are given", limits::trusted_proxies_max)
        );
    }
    std::vector<IpNetwork> networks;
    for (const std::string& text : texts) {
        ENTENTE_TRY(IpNetwork network, parse_network(text));
        networks.push_back(network);
    }
    return networks;
}

Result<std::uint64_t> check_rate(std::uint64_t rate) {
    if (rate <= limits::rate_max) return rate;
    return fail(
        Errc::invalid_argument,
        fmt::format("{} requests a second are more than {}; 0 is no limit", rate, limits::rate_max)
    );
}

/// Where a setting came from, for what is wrong with it.
class Places {
  public:
    Places(const ServeOptions& given, const SettingsText& text) : given_(given), text_(text) {}

    template <class T>
    [[nodiscard]] Result<T> judged(std::string_view name, Result<T> outcome) const {
        if (outcome) return outcome;
        const auto at = text_.find(name);
        const bool by_hand =
            at == text_.end() ||
            std::ranges::find(given_.given, fmt::format("--{}", name)) != given_.given.end();
        const Error& error = outcome.error();
        if (by_hand) return fail(error.code, fmt::format("--{}: {}", name, error.detail));
        return fail(
            Errc::malformed,
            fmt::format(
                "{}:{}: {}: {}", printable(given_.config), at->second.line, name, error.detail
            )
        );
    }

  private:
    const ServeOptions& given_;
    const SettingsText& text_;
};

Result<void> check_tls_choice(const ServeOptions& options, const Listen& listen) {
    const bool given = !options.tls_cert.empty() || !options.tls_key.empty();
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        return fail(Errc::invalid_argument, "--tls-cert and --tls-key belong together");
    }
    if ((given ? 1 : 0) + (options.tls_self_signed ? 1 : 0) + (options.plain_http ? 1 : 0) > 1) {
        return fail(
            Errc::invalid_argument,
            "choose one of --tls-cert with --tls-key, --tls-self-signed, and --plain-http"
        );
    }
    if (!options.client_ca.empty() && !given && !options.tls_self_signed) {
        return fail(
            Errc::invalid_argument,
            "--client-ca is about certificates that clients show over TLS; give --tls-cert with "
            "--tls-key, or --tls-self-signed"
        );
    }
    if (options.require_client_cert && options.client_ca.empty()) {
        return fail(
            Errc::invalid_argument,
            "--require-client-cert needs --client-ca FILE, which says whose certificates count"
        );
    }
    if (given || options.tls_self_signed || options.plain_http || listen.loopback) return {};
    return fail(
        Errc::invalid_argument,
        fmt::format(
            "{} can be reached from other machines, and without TLS everybody on the way reads "
            "passwords, tokens and objects; give --tls-cert FILE --tls-key FILE, or "
            "--tls-self-signed for a first try, or --plain-http when a proxy in front speaks TLS",
            listen.address
        )
    );
}

std::map<std::string, std::string> texts_of(ServeOptions options) {
    SettingTexts texts;
    declare_all(texts, options);
    return texts.all();
}

}  // namespace

Result<ServeSettings> read_serve_settings(const ServeOptions& given) {
    ServeSettings settings;
    settings.options = given;
    ServeOptions& options = settings.options;
    SettingsText text;
    if (!given.config.empty()) {
        ENTENTE_TRY(const std::string bytes, read_text(given.config));
        ENTENTE_TRY(text, parse_settings(bytes, given.config));
        SettingReader reader(text, given.config, given.given);
        declare_all(reader, options);
        ENTENTE_CHECK(reader.finish());
    }
    if (options.common.data.empty()) {
        return fail(
            Errc::invalid_argument,
            "--data is missing: The node's directory (default: $ENTENTE_DATA)"
        );
    }
    const Places places(given, text);
    ENTENTE_TRY(settings.level, places.judged("log-level", parse_level(options.log_level)));
    ENTENTE_TRY(settings.listen, places.judged("listen", parse_listen(options.listen)));
    if (!options.ops_listen.empty()) {
        ENTENTE_CHECK(places.judged("ops-listen", parse_listen(options.ops_listen)));
    }
    ENTENTE_TRY(
        settings.trusted_proxies,
        places.judged("trusted-proxy", parse_networks(options.trusted_proxies))
    );
    ENTENTE_TRY(
        settings.rates.address, places.judged("rate-address", check_rate(options.rate_address))
    );
    ENTENTE_TRY(settings.rates.user, places.judged("rate-user", check_rate(options.rate_user)));
    ENTENTE_TRY(
        options.public_url, places.judged("public-url", check_public_url(options.public_url))
    );
    ENTENTE_CHECK(check_tls_choice(options, settings.listen));
    return settings;
}

http::TlsFiles tls_files(
    const ServeOptions& options, const std::string& certificate_chain, const std::string& key
) {
    return {
        .certificate_chain = certificate_chain,
        .private_key = key,
        .client_ca = options.client_ca,
        .client_must_have_certificate = options.require_client_cert};
}

ServeChanges changes_between(const ServeOptions& before, const ServeOptions& after) {
    ServeChanges changes;
    const auto old_texts = texts_of(before);
    for (const auto& [name, value] : texts_of(after)) {
        if (old_texts.at(name) == value) continue;
        const bool live = std::ranges::find(live_settings, name) != live_settings.end();
        (live ? changes.live : changes.for_restart).push_back(name);
    }
    return changes;
}

ServeOptions with_live(const ServeOptions& fresh, ServeOptions running) {
    running.tls_cert = fresh.tls_cert;
    running.tls_key = fresh.tls_key;
    running.client_ca = fresh.client_ca;
    running.require_client_cert = fresh.require_client_cert;
    running.public_url = fresh.public_url;
    running.title = fresh.title;
    running.description = fresh.description;
    running.contact = fresh.contact;
    running.log_json = fresh.log_json;
    running.log_level = fresh.log_level;
    running.trusted_proxies = fresh.trusted_proxies;
    running.rate_address = fresh.rate_address;
    running.rate_user = fresh.rate_user;
    return running;
}

Result<void> check_files(const ServeOptions& options) {
    if (options.tls_cert.empty() && options.client_ca.empty()) return {};
    return http::check_tls_files(tls_files(options, options.tls_cert, options.tls_key));
}

std::vector<std::string> serve_setting_names() {
    std::vector<std::string> names;
    for (const auto& [name, value] : texts_of({}))
        names.push_back(name);
    return names;
}

}  // namespace entente::cli
