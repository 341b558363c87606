#pragma once
// Which certificate `serve` shows, and how it says where it listens.
#include "cli/node_dir.h"
#include "cli/serve_options.h"
#include "cli/words.h"
#include "http/server.h"

#include <cstdint>
#include <optional>
#include <string>

namespace entente::cli {

struct Tls {
    std::optional<http::TlsFiles> files;  // nothing = plain HTTP
    std::string fingerprint;              // of a self-signed certificate
};

/// REQUIRES: the options were judged by `read_serve_settings`. Makes the self-signed certificate
/// where one is asked for and none is there. Fails: corrupt, and as http::write_self_signed.
[[nodiscard]] Result<Tls> choose_tls(
    const NodeDir& node, const ServeOptions& options, const Listen& listen
);

/// Tells people and programs that the server is ready.
void announce(const Context& context, const Listen& listen, const Tls& tls, std::uint16_t port);

}  // namespace entente::cli
