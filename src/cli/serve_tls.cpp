#include "cli/serve_tls.h"

#include "base/escape.h"
#include "base/hash.h"
#include "cli/serve_settings.h"
#include "http/client.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace entente::cli {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// SHA-256 of the first certificate in a PEM file, in hex; nothing if there is none.
std::optional<std::string> fingerprint_of(const std::string& pem_file) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    const std::string pem = read_file(pem_file);
    const auto from = pem.find(begin);
    const auto to = pem.find("-----END CERTIFICATE-----");
    if (from == std::string::npos || to == std::string::npos || to < from) return std::nullopt;
    std::string body;
    for (const char c :
         std::string_view(pem).substr(from + begin.size(), to - from - begin.size())) {
        if (c != '\n' && c != '\r') body += c;
    }
    const auto der = from_base64(body);
    if (!der) return std::nullopt;
    return to_hex(sha256(*der));
}

/// The names under which a first try will reach this machine.
std::vector<std::string> usual_names(const ServeOptions& options, const Listen& listen) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    const auto add = [&](const std::string& name) {
        if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    if (listen.address != "0.0.0.0" && listen.address != "::") add(listen.address);
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0) add(host.data());
    if (const auto url = http::parse_url(options.public_url)) add(url->origin.host);
    for (const std::string& name : options.tls_names)
        add(name);
    return names;
}

Result<Tls> self_signed(const NodeDir& node, const ServeOptions& options, const Listen& listen) {
    ENTENTE_TRY(const std::string directory, node.subdirectory("tls"));
    Tls tls;
    tls.files = tls_files(options, directory + "/cert.pem", directory + "/key.pem");
    const bool there = std::filesystem::exists(tls.files->certificate_chain) &&
                       std::filesystem::exists(tls.files->private_key);
    if (!there) {
        ENTENTE_TRY(
            tls.fingerprint, http::write_self_signed(*tls.files, usual_names(options, listen))
        );
        node.give_to_owner(tls.files->certificate_chain);
        node.give_to_owner(tls.files->private_key);
        return tls;
    }
    const auto fingerprint = fingerprint_of(tls.files->certificate_chain);
    if (!fingerprint) {
        return fail(
            Errc::corrupt,
            fmt::format(
                "{} holds no certificate; remove the directory {} to have a new one made",
                printable(tls.files->certificate_chain),
                printable(directory)
            )
        );
    }
    tls.fingerprint = *fingerprint;
    return tls;
}

std::string base_url(const Listen& listen, bool tls, std::uint16_t port) {
    const bool six = listen.address.find(':') != std::string::npos;
    return fmt::format(
        "{}://{}:{}",
        tls ? "https" : "http",
        six ? "[" + listen.address + "]" : listen.address,
        port
    );
}

/// The address that a client on this machine uses for a server on every address.
Listen reachable(Listen listen) {
    if (listen.address == "0.0.0.0") listen.address = "127.0.0.1";
    if (listen.address == "::") listen.address = "::1";
    return listen;
}

}  // namespace

Result<Tls> choose_tls(const NodeDir& node, const ServeOptions& options, const Listen& listen) {
    if (!options.tls_cert.empty()) {
        return Tls{tls_files(options, options.tls_cert, options.tls_key), {}};
    }
    if (options.tls_self_signed) return self_signed(node, options, listen);
    return Tls{};
}

void announce(const Context& context, const Listen& listen, const Tls& tls, std::uint16_t port) {
    const bool secure = tls.files.has_value();
    const std::string url = base_url(listen, secure, port) + "/taxii2/";
    context.out.document({{"listening", url}, {"port", port}, {"fingerprint", tls.fingerprint}});
    if (!tls.fingerprint.empty()) {
        context.note("certificate SHA-256 fingerprint " + tls.fingerprint);
        context.note(fmt::format(
            "try: curl --cacert '{}' -H 'Accept: application/taxii+json;version=2.1' "
            "-H \"Authorization: Bearer $ENTENTE_TOKEN\" {}/taxii2/",
            tls.files->certificate_chain,
            base_url(reachable(listen), secure, port)
        ));
    }
    context.out.line("listening on " + url);
    context.out.flush();
}

}  // namespace entente::cli
