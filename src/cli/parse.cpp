#include "cli/parse.h"

#include "cli/command_line.h"

namespace entente::cli {

std::string_view version() noexcept {
    return ENTENTE_VERSION;
}

Parsed parse(int argc, const char* const* argv) {
    CommandLine line;
    declare_node_commands(line);
    declare_directory_commands(line);
    declare_transfer_commands(line);
    declare_remote_commands(line);
    return line.read(argc, argv);
}

}  // namespace entente::cli
