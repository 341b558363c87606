#pragma once
// Declaring commands and their options. Hides the library that reads command lines (7 s of
// compiling for each file that sees it): only command_line.cpp includes it.
#include "cli/command_tree.h"
#include "cli/context.h"
#include "cli/parse.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace CLI {
class App;
}

namespace entente::cli {

/// The options of one command. Names begin with `--`; others are the words without a name, in
/// order. What is read goes to `to`, which outlives the command line. A default that is not empty
/// or zero is shown by --help.
class OptionSet {
  public:
    explicit OptionSet(CLI::App& app) : app_(app) {}

    void required(const char* name, std::string& to, const char* about);
    /// One or more words.
    void required(const char* name, std::vector<std::string>& to, const char* about);
    void required(const char* name, std::vector<std::uint64_t>& to, const char* about);

    /// Any number of words, none too.
    void words(const char* name, std::vector<std::string>& to, const char* about);
    void words(const char* name, std::vector<std::uint64_t>& to, const char* about);

    void option(const char* name, std::string& to, const char* about);
    void option(const char* name, std::optional<std::string>& to, const char* about);
    /// Any number of words, none too.
    void option(const char* name, std::vector<std::string>& to, const char* about);
    void option(const char* name, std::uint64_t& to, const char* about);
    void option(const char* name, std::int64_t& to, const char* about);
    void option(const char* name, unsigned& to, const char* about);
    void option(const char* name, int& to, const char* about);
    /// Takes one value each time it is given.
    void repeated(const char* name, std::vector<std::string>& to, const char* about);

    void flag(const char* name, bool& to, const char* about);
    void flag(const char* name, std::function<void()> given, const char* about);

  private:
    CLI::App& app_;
};

/// A group of commands, such as `user`. Owned by its CommandLine.
using Group = CLI::App*;

class CommandLine {
  public:
    enum class Data : bool { optional, required };

    CommandLine();
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    /// For commands of one word.
    [[nodiscard]] Group top() noexcept;
    [[nodiscard]] Group group(const std::string& name, const std::string& about);

    /// A command: `fill(option_set, options)` declares its options beside --data and --json;
    /// `examples` ends its --help.
    template <class Options, class Fill>
    void add(
        Group parent,
        const std::string& name,
        const std::string& about,
        Result<Exit> (*run)(const Options&, Context&),
        const std::string& examples,
        const Fill& fill,
        Data data = Data::required
    ) {
        auto options = std::make_shared<Options>();  // shared: the action that is chosen holds it
        CLI::App& command = make(parent, name, about, examples);
        OptionSet declared(command);
        fill(declared, *options);
        auto action = [options, run](Context& context) { return run(*options, context); };
        finish(command, common_of(*options), data, given_of(*options), std::move(action));
    }

    [[nodiscard]] Parsed read(int argc, const char* const* argv);

  private:
    template <class Options>
    static Common& common_of(Options& options) {
        if constexpr (std::is_same_v<Options, Common>) {
            return options;
        } else {
            return options.common;
        }
    }

    /// Where the names of options that were given are kept, if the command wants to know.
    template <class Options>
    static std::vector<std::string>* given_of(Options& options) {
        if constexpr (requires { options.given; }) {
            return &options.given;
        } else {
            return nullptr;
        }
    }

    static CLI::App& make(
        Group parent, const std::string& name, const std::string& about, const std::string& examples
    );
    void finish(
        CLI::App& command, Common& common, Data data, std::vector<std::string>* given, Action action
    );
    [[nodiscard]] Parsed help_on(const std::vector<std::string>& words) const;
    [[nodiscard]] CommandNode tree() const;
    /// Nothing, or what is wrong with the first word or words: a better answer than the library
    /// has.
    [[nodiscard]] std::optional<Parsed> unknown_command(int argc, const char* const* argv) const;

    std::unique_ptr<CLI::App> app_;
    Parsed parsed_;
};

// Each declares the commands of one kind.
void declare_node_commands(CommandLine& line);
void declare_agreement_commands(CommandLine& line);
void declare_directory_commands(CommandLine& line);
void declare_transfer_commands(CommandLine& line);
void declare_remote_commands(CommandLine& line);
void declare_peer_commands(CommandLine& line);
void declare_pattern_commands(CommandLine& line);
void declare_match_commands(CommandLine& line);
void declare_watch_commands(CommandLine& line);
void declare_stix_commands(CommandLine& line);
void declare_key_commands(CommandLine& line);
void declare_sighting_commands(CommandLine& line);
void declare_why_commands(CommandLine& line);
void declare_incident_commands(CommandLine& line);
void declare_keeping_commands(CommandLine& line);
void declare_feed_commands(CommandLine& line);

}  // namespace entente::cli
