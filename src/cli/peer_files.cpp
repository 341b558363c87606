#include "cli/peer_files.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/new_file.h"
#include "peer/settings.h"

#include <cstring>
#include <filesystem>
#include <system_error>

namespace entente::cli {
namespace {

constexpr const char* directory_name = "peers";

}  // namespace

Result<std::string> keep_credentials(
    const NodeDir& node, const taxii::client::Credentials& credentials, Random& random
) {
    if (credentials.kind == taxii::client::Credentials::Kind::none) return std::string();
    ENTENTE_TRY(const std::string directory, node.subdirectory(directory_name));
    const std::string name = new_uuid(random);
    const std::string path = directory + "/" + name;
    std::string text = peer::credentials_text(credentials);
    const auto written = write_new_file(path, text, Readers::owner);
    ::explicit_bzero(text.data(), text.size());
    if (!written) return tl::unexpected<Error>(written.error());
    node.give_to_owner(path);
    return name;
}

Result<taxii::client::Credentials> read_credentials(const NodeDir& node, const std::string& name) {
    if (!is_uuid(name)) return fail(Errc::corrupt, "the peer names no file of credentials");
    ENTENTE_TRY(
        std::string text, node.read_private(directory_name, name, limits::peer_settings_bytes_max)
    );
    auto read = peer::read_credentials(text);
    ::explicit_bzero(text.data(), text.size());
    return read;
}

void forget_credentials(const NodeDir& node, const std::string& name) {
    if (!is_uuid(name)) return;
    std::error_code ignored;  // what stays is a file that nobody else can read
    std::filesystem::remove(std::filesystem::path(node.path()) / directory_name / name, ignored);
}

peer::Surroundings surroundings(const NodeDir& node, const Clock& clock, Random& random) {
    return {
        .store = node.store(),
        .clock = clock,
        .random = random,
        .write = [&node](const std::function<void(store::Transaction&)>& work
                 ) { node.store().write(work); },
        .credentials = [&node](const std::string& name) { return read_credentials(node, name); },
        .stopping = [] { return false; },
        .warn =
            [](const std::string& party, std::string_view text) {
                log::warning(
                    "on the way to a partner",
                    {{"party", printable(party)}, {"what", std::string(text)}}
                );
            }};
}

}  // namespace entente::cli
