#pragma once
// The settings of `serve`, read and judged: once when it starts, and again on SIGHUP.
#include "base/ip.h"
#include "base/log.h"
#include "cli/serve_options.h"
#include "cli/words.h"
#include "http/server.h"
#include "ops/rate_limits.h"

#include <string>
#include <vector>

namespace entente::cli {

/// Settings that make sense, as far as that can be told without the node's directory.
struct ServeSettings {
    ServeOptions options;  // those of the file taken over, `public_url` without a slash at its end
    log::Level level = log::Level::info;
    Listen listen;
    std::vector<IpNetwork> trusted_proxies;
    ops::Rates rates;
};

/// Reads `given.config`, if there is one, and judges everything. Fails: invalid_argument (an option
/// is wrong), malformed (a setting of the file; with file and line), not_found (no such file),
/// forbidden (it cannot be read).
[[nodiscard]] Result<ServeSettings> read_serve_settings(const ServeOptions& given);

/// A certificate with its key, and what the settings say of clients.
[[nodiscard]] http::TlsFiles tls_files(
    const ServeOptions& options, const std::string& certificate_chain, const std::string& key
);

/// The names of settings that differ, in two parts.
struct ServeChanges {
    std::vector<std::string> live;         // a running server takes them over
    std::vector<std::string> for_restart;  // these count from the next start on
};

[[nodiscard]] ServeChanges changes_between(const ServeOptions& before, const ServeOptions& after);

/// `running` with what a running server takes over from `fresh`.
[[nodiscard]] ServeOptions with_live(const ServeOptions& fresh, ServeOptions running);

/// Whether the files that the settings name can be used. Fails: invalid_argument.
[[nodiscard]] Result<void> check_files(const ServeOptions& options);

/// All settings that a file may hold, by name.
[[nodiscard]] std::vector<std::string> serve_setting_names();

}  // namespace entente::cli
