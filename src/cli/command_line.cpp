#include "cli/command_line.h"

#include "base/escape.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <sstream>

namespace entente::cli {
namespace {

constexpr const char* exit_codes = R"(Exit codes:
    0  done
    1  done, and found problems (check) or nothing (export)
    2  the command line is wrong; validate: not sound
    3  the input, or a part of it, was refused
    4  not found, exists already, or not allowed as things stand
    5  the disk, the database or the network failed
   16  something cannot be read (validate; 18: and the rest is not sound)
  130  stopped by Ctrl-C or SIGTERM; what was confirmed before stays
)";

CLI::App* below(const CLI::App& app, const std::string& word) {
    // The const overload gives pointers that are not const: the library's own shape.
    const auto found = const_cast<CLI::App&>(app).get_subcommands([&](CLI::App* one) {
        return one->check_name(word);
    });
    return found.empty() ? nullptr : found.front();
}

Parsed usage(const std::string& what, const std::string& path) {
    return {
        {},
        false,
        fmt::format("entente: {}\nRun `{} --help` for what there is.\n", printable(what), path),
        Exit::usage};
}

template <class T>
CLI::Option* with_default(CLI::Option* option, const T& value) {
    return value == T{} ? option : option->capture_default_str();
}

CommandNode node_of(const CLI::App& app) {
    CommandNode node{
        .name = app.get_name(),
        .about = app.get_description(),
        .footer = app.get_footer(),
        .options = {},
        .words = {},
        .below = {}};
    for (const CLI::Option* option : app.get_options()) {
        const bool takes_value = option->get_items_expected_max() > 0;
        OptionNode one{
            .name = option->get_positional() ? option->get_single_name()
                                             : "--" + option->get_single_name(),
            .about = option->get_description(),
            .type = takes_value ? option->get_type_name() : std::string(),
            .otherwise = option->get_default_str(),
            .environment = option->get_envname(),
            .required = option->get_required()};
        (option->get_positional() ? node.words : node.options).push_back(std::move(one));
    }
    for (const CLI::App* next : app.get_subcommands([](const CLI::App*) { return true; }))
        node.below.push_back(node_of(*next));
    return node;
}

/// The command that was being read, such as "entente user add".
std::string path_of(const CLI::App& app) {
    std::string path = app.get_name();
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? path : path + " " + path_of(*parsed.front());
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(one->get_name());
    return names;
}

std::vector<std::string> given_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        if (option->count() > 0) names.push_back("--" + option->get_single_name());
    }
    return names;
}

/// The library says no more than "NAME is required".
std::string what_is_missing(const CLI::App& top, std::string_view said) {
    const CLI::App* at = &top;
    while (!at->get_subcommands().empty())
        at = at->get_subcommands().front();
    if (said.find("subcommand") != std::string_view::npos) {
        return fmt::format(
            "a command is missing behind '{}': {}", path_of(top), fmt::join(commands_of(*at), ", ")
        );
    }
    const std::string name(said.substr(0, said.find(' ')));
    const CLI::Option* const option = at->get_option_no_throw(name);
    if (option == nullptr) return std::string(said);
    const std::string shown = name.starts_with('-') ? name : "<" + name + ">";
    return fmt::format("{} is missing: {}", shown, option->get_description());
}

}  // namespace

void OptionSet::required(const char* name, std::string& to, const char* about) {
    app_.add_option(name, to, about)->required();
}

void OptionSet::required(const char* name, std::vector<std::string>& to, const char* about) {
    app_.add_option(name, to, about)->required();
}

void OptionSet::required(const char* name, std::vector<std::uint64_t>& to, const char* about) {
    app_.add_option(name, to, about)->required();
}

void OptionSet::words(const char* name, std::vector<std::string>& to, const char* about) {
    app_.add_option(name, to, about);
}

void OptionSet::words(const char* name, std::vector<std::uint64_t>& to, const char* about) {
    app_.add_option(name, to, about);
}

void OptionSet::option(const char* name, std::string& to, const char* about) {
    with_default(app_.add_option(name, to, about), to);
}

void OptionSet::option(const char* name, std::optional<std::string>& to, const char* about) {
    app_.add_option(name, to, about);
}

void OptionSet::option(const char* name, std::vector<std::string>& to, const char* about) {
    app_.add_option(name, to, about);
}

void OptionSet::option(const char* name, std::uint64_t& to, const char* about) {
    with_default(app_.add_option(name, to, about), to);
}

void OptionSet::option(const char* name, std::int64_t& to, const char* about) {
    with_default(app_.add_option(name, to, about), to);
}

void OptionSet::option(const char* name, unsigned& to, const char* about) {
    with_default(app_.add_option(name, to, about), to);
}

void OptionSet::option(const char* name, int& to, const char* about) {
    app_.add_option(name, to, about);
}

void OptionSet::repeated(const char* name, std::vector<std::string>& to, const char* about) {
    // Without this it would swallow the words that follow.
    app_.add_option(name, to, about)->allow_extra_args(false);
}

void OptionSet::flag(const char* name, bool& to, const char* about) {
    app_.add_flag(name, to, about);
}

void OptionSet::flag(const char* name, std::function<void()> given, const char* about) {
    app_.add_flag_callback(name, std::move(given), about);
}

CommandLine::CommandLine()
    : app_(std::make_unique<CLI::App>(
          "A threat-intelligence exchange: TAXII 2.1, with release decided by policy", "entente"
      )) {
    app_->set_version_flag("--version", fmt::format("entente {}", version()));
    app_->require_subcommand(1);
    app_->footer(exit_codes);
}

CommandLine::~CommandLine() = default;

Group CommandLine::top() noexcept {
    return app_.get();
}

Group CommandLine::group(const std::string& name, const std::string& about) {
    CLI::App* made = app_->add_subcommand(name, about);
    made->require_subcommand(1);
    return made;
}

CLI::App& CommandLine::make(
    Group parent, const std::string& name, const std::string& about, const std::string& examples
) {
    CLI::App* command = parent->add_subcommand(name, about);
    command->footer("Examples:\n" + examples);
    return *command;
}

void CommandLine::finish(
    CLI::App& command, Common& common, Data data, std::vector<std::string>* given, Action action
) {
    auto* option =
        command.add_option("--data", common.data, "The node's directory (default: $ENTENTE_DATA)")
            ->type_name("DIR")
            ->envname("ENTENTE_DATA");
    if (data == Data::required) option->required();
    command.add_flag("--json", common.json, "Print JSON for programs");
    command.callback([this, &command, &common, given, action = std::move(action)] {
        parsed_.json = common.json;
        if (given != nullptr) *given = given_names(command);
        parsed_.action = action;
    });
}

CommandNode CommandLine::tree() const {
    return node_of(*app_);
}

Parsed CommandLine::help_on(const std::vector<std::string>& words) const {
    if (words.size() == 1 && words[0] == "exit-codes") return {{}, false, exit_codes, Exit::ok};
    const CLI::App* at = app_.get();
    std::string path;
    for (const std::string& word : words) {
        path += path.empty() ? at->get_name() : " " + at->get_name();
        at = below(*at, word);
        if (at == nullptr) return usage(fmt::format("there is no command '{}'", word), path);
    }
    return {{}, false, at->help(path), Exit::ok};
}

std::optional<Parsed> CommandLine::unknown_command(int argc, const char* const* argv) const {
    const CLI::App* at = app_.get();
    std::string path = "entente";
    for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
        const CLI::App* next = below(*at, argv[i]);
        if (next == nullptr) {
            return usage(
                fmt::format(
                    "there is no command '{} {}'; there are {}",
                    path,
                    argv[i],
                    fmt::join(commands_of(*at), ", ")
                ),
                path
            );
        }
        at = next;
        path += " " + at->get_name();
        if (at->get_subcommands([](const CLI::App*) { return true; }).empty()) break;
    }
    return std::nullopt;
}

Parsed CommandLine::read(int argc, const char* const* argv) {
    std::vector<std::string> help_words;
    CLI::App* help = app_->add_subcommand("help", "Explain a command, or `help exit-codes`");
    help->add_option("command", help_words, "The command's words");
    bool as_tree = false;
    help->add_flag("--tree", as_tree, "All commands and their options, as JSON");
    std::string shell;
    CLI::App* completion =
        app_->add_subcommand("completion", "Print a script that completes commands in a shell");
    completion->add_option("shell", shell, "bash or zsh")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh"}));
    completion->footer(
        "Examples:\n"
        "  source <(entente completion bash)\n"
        "  entente completion zsh > ~/.zfunc/_entente\n"
    );
    CLI::App* show_version = app_->add_subcommand("version", "Print the version");
    if (auto wrong = unknown_command(argc, argv)) return *wrong;
    try {
        app_->parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        std::ostringstream text;
        (void)app_->exit(asked, text, text);
        return {{}, false, text.str(), Exit::ok};
    } catch (const CLI::RequiredError& error) {
        return usage(what_is_missing(*app_, error.what()), path_of(*app_));
    } catch (const CLI::ParseError& error) {
        return usage(error.what(), path_of(*app_));
    }
    if (as_tree) return {{}, false, boost::json::serialize(tree_json(tree())) + "\n", Exit::ok};
    if (completion->parsed()) {
        return {
            {}, false, shell == "zsh" ? zsh_completion(tree()) : bash_completion(tree()), Exit::ok};
    }
    if (help->parsed()) return help_on(help_words);
    if (show_version->parsed()) {
        return {{}, false, fmt::format("entente {}\n", version()), Exit::ok};
    }
    return parsed_;
}

}  // namespace entente::cli
