#pragma once
// All commands with their options, as data: what completion in shells and the manual pages are made
// of.
#include <boost/json/fwd.hpp>

#include <string>
#include <vector>

namespace entente::cli {

/// One option, or a word without a name.
struct OptionNode {
    std::string name;         // "--data"; of a word without a name, what it is called in the usage
    std::string about;        // one line
    std::string type;         // what is given after it, such as "TEXT" or "DIR"; empty = nothing is
    std::string otherwise;    // the value where it is not given; empty = none
    std::string environment;  // a variable that gives it, too
    bool required = false;
};

struct CommandNode {
    std::string name;
    std::string about;
    std::string footer;  // examples or exit codes
    std::vector<OptionNode> options;
    std::vector<OptionNode> words;
    std::vector<CommandNode> below;
};

[[nodiscard]] boost::json::object tree_json(const CommandNode& node);

/// A script for bash that completes commands and options, and file names where a value is expected.
[[nodiscard]] std::string bash_completion(const CommandNode& root);

/// The same for zsh, which reads bash's by its own bashcompinit.
[[nodiscard]] std::string zsh_completion(const CommandNode& root);

}  // namespace entente::cli
