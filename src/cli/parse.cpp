#include "cli/parse.h"

#include "cli/command_line.h"

#include <string>
#include <vector>

namespace entente::cli {

std::string_view version() noexcept {
    return ENTENTE_VERSION;
}

Parsed parse(int argc, const char* const* argv) {
    CommandLine line;
    declare_node_commands(line);
    declare_agreement_commands(line);
    declare_directory_commands(line);
    declare_key_commands(line);
    declare_transfer_commands(line);
    declare_why_commands(line);
    declare_incident_commands(line);
    declare_keeping_commands(line);
    declare_feed_commands(line);
    declare_remote_commands(line);
    declare_peer_commands(line);
    declare_sighting_commands(line);
    declare_stix_commands(line);
    declare_pattern_commands(line);
    declare_match_commands(line);
    declare_watch_commands(line);
    // The library takes a word like [a:b = 1] among several for a list and strips its brackets; a blank at the end hides them.
    std::vector<std::string> words(argv, argv + argc);
    if (argc > 1 && words[1] == "pattern") {
        for (std::string& word : words)
            if (word.starts_with('[') && word.ends_with(']')) word += ' ';
    }
    std::vector<const char*> pointers;
    for (const std::string& word : words)
        pointers.push_back(word.c_str());
    pointers.push_back(nullptr);
    return line.read(argc, pointers.data());
}

}  // namespace entente::cli
