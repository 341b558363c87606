#pragma once
// A file of settings (TOML 1.0, without sections): `name = value`, where names are those of a
// command's options. The same list that declares the options reads them, so that none is missing.
#include "base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace entente::cli {

struct Setting {
    using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;
    Value value;
    std::uint32_t line = 0;
};

/// By name.
using SettingsText = std::map<std::string, Setting, std::less<>>;

/// Fails: malformed with `file` and the line, for what is no TOML, a section, or a value that no
/// setting can have; too_large. No value stands in an error: somebody may have typed a secret.
[[nodiscard]] Result<SettingsText> parse_settings(std::string_view text, const std::string& file);

/// Takes settings over into options: has the calls of OptionSet, so that one declaration serves
/// both. Options that the command line gave (`given`, their names with dashes) stay as they are.
class SettingReader {
  public:
    /// All that it is given outlives it.
    SettingReader(
        const SettingsText& text, const std::string& file, const std::vector<std::string>& given
    )
        : text_(text),
          file_(file),
          given_(given) {}

    void option(const char* name, std::string& to, const char* about);
    void option(const char* name, unsigned& to, const char* about);
    void option(const char* name, std::uint64_t& to, const char* about);
    void repeated(const char* name, std::vector<std::string>& to, const char* about);
    void flag(const char* name, bool& to, const char* about);

    /// Fails malformed with file and line: the first value of a wrong kind, or a setting that there
    /// is not, with what would be right. REQUIRES: all options were declared.
    [[nodiscard]] Result<void> finish() const;

  private:
    /// The setting of that name, unless the command line gave it.
    [[nodiscard]] const Setting* find(const char* name);
    void wrong(const char* name, const Setting& setting, std::string_view expected);
    template <class T>
    void number(const char* name, T& to);

    const SettingsText& text_;
    const std::string& file_;
    const std::vector<std::string>& given_;
    std::vector<std::string> names_;
    std::pair<std::uint32_t, std::string> first_wrong_;  // line and words; 0 = none
};

/// The values of options as texts, by name, to see what differs between two readings.
class SettingTexts {
  public:
    void option(const char* name, std::string& to, const char* about);
    void option(const char* name, unsigned& to, const char* about);
    void option(const char* name, std::uint64_t& to, const char* about);
    void repeated(const char* name, std::vector<std::string>& to, const char* about);
    void flag(const char* name, bool& to, const char* about);

    [[nodiscard]] const std::map<std::string, std::string>& all() const noexcept { return all_; }

  private:
    std::map<std::string, std::string> all_;
};

}  // namespace entente::cli
