#include "cli/command_tree.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {
namespace {

namespace json = boost::json;

json::array options_json(const std::vector<OptionNode>& options) {
    json::array all;
    for (const OptionNode& option : options) {
        json::object one{{"name", option.name}, {"about", option.about}};
        if (!option.type.empty()) one["type"] = option.type;
        if (!option.otherwise.empty()) one["default"] = option.otherwise;
        if (!option.environment.empty()) one["environment"] = option.environment;
        if (option.required) one["required"] = true;
        all.push_back(std::move(one));
    }
    return all;
}

/// For each command: what can follow it, and which of its options take a value.
void describe(const CommandNode& node, const std::string& path, std::string& to) {
    std::string words;
    for (const CommandNode& next : node.below)
        words += next.name + " ";
    std::string with_value;
    for (const OptionNode& option : node.options) {
        words += option.name + " ";
        if (!option.type.empty()) with_value += option.name + " ";
    }
    to += fmt::format(
        "    \"{}\") words=\"{}\"; with_value=\" {}\"; groups={} ;;\n",
        path,
        words,
        with_value,
        node.below.empty() ? 0 : 1
    );
    for (const CommandNode& next : node.below)
        describe(next, path.empty() ? next.name : path + " " + next.name, to);
}

// Names of commands and options are letters, digits and hyphens: nothing in them is special to a
// shell.
constexpr std::string_view bash_head = R"(# Completion of entente for bash.
_entente_command() {
  case "$1" in
)";
constexpr std::string_view bash_tail = R"(    *) words=""; with_value=""; groups=0 ;;
  esac
}

_entente() {
  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
  local path="" words="" with_value="" groups=0 i
  _entente_command ""
  for ((i = 1; i < COMP_CWORD && groups; i++)); do
    case "${COMP_WORDS[i]}" in
      -*) ;;
      *) path="${path:+$path }${COMP_WORDS[i]}"; _entente_command "$path" ;;
    esac
  done
  COMPREPLY=()
  case "$with_value" in
    *" $before "*) compopt -o default 2>/dev/null; return ;;
  esac
  if [ "$groups" = 1 ] || [ "${current#-}" != "$current" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    compopt -o default 2>/dev/null
  fi
}
complete -F _entente entente
)";

}  // namespace

json::object tree_json(const CommandNode& node) {
    json::object out{
        {"name", node.name},
        {"about", node.about},
        {"footer", node.footer},
        {"options", options_json(node.options)},
        {"words", options_json(node.words)}};
    json::array below;
    for (const CommandNode& next : node.below)
        below.push_back(tree_json(next));
    out["commands"] = std::move(below);
    return out;
}

std::string bash_completion(const CommandNode& root) {
    std::string text{bash_head};
    describe(root, "", text);
    text += bash_tail;
    return text;
}

std::string zsh_completion(const CommandNode& root) {
    return "#compdef entente\n"
           "autoload -U +X bashcompinit && bashcompinit\n"
           "(( $+functions[compopt] )) || compopt() { : }\n" +
           bash_completion(root);
}

}  // namespace entente::cli
