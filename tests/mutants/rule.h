#pragma once
// Only in builds with ENTENTE_MUTANTS: takes findings of the checker away, to see which tests miss
// them (rules.py beside this). Threads: one.
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

namespace entente::stix::internal {

/// The name of a rule, and the line of the source that names it to report a finding.
class Rule {
  public:
    template <std::convertible_to<std::string_view> Text>
    Rule(  // NOLINT(google-explicit-constructor): stands for the text
        const Text& name,
        std::string_view file = __builtin_FILE(),
        int line = __builtin_LINE()
    )
        : name_(name),
          line_(std::string(file.substr(file.rfind('/') + 1)) + ":" + std::to_string(line)) {}

    // NOLINTNEXTLINE(google-explicit-constructor): stands for the text
    operator std::string_view() const noexcept { return name_; }

    /// "check_ties.cpp:305"
    [[nodiscard]] const std::string& line() const noexcept { return line_; }

  private:
    std::string_view name_;
    std::string line_;
};

/// Does ENTENTE_TAKE_AWAY name the finding: by its rule ("S34"), by its public number ("103"), or
/// by line, rule and number ("check_ties.cpp:305 S34 0")? Each of the latter that comes by is
/// written to the file ENTENTE_FOUND, once.
inline bool taken_away(const Rule& rule, std::uint16_t code) {
    static const char* const away = std::getenv("ENTENTE_TAKE_AWAY");
    static const char* const found = std::getenv("ENTENTE_FOUND");
    const std::string_view name = rule;
    const std::string number = std::to_string(code);
    const std::string finding = rule.line() + " " + std::string(name) + " " + number;
    if (found != nullptr) {
        static std::set<std::string> written;
        if (written.insert(finding).second) std::ofstream(found, std::ios::app) << finding << '\n';
    }
    return away != nullptr && (finding == away || name == away || (code != 0 && number == away));
}

}  // namespace entente::stix::internal
