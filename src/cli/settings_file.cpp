#include "cli/settings_file.h"

#include "base/escape.h"
#include "base/limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <toml++/toml.h>

namespace entente::cli {
namespace {

constexpr std::size_t shown_bytes = 60;

tl::unexpected<Error> wrong_at(const std::string& file, std::uint32_t line, std::string_view what) {
    return fail(Errc::malformed, fmt::format("{}:{}: {}", printable(file), line, what));
}

/// "--tls-cert" as the file names it.
std::string_view bare(std::string_view name) {
    return name.starts_with("--") ? name.substr(2) : name;
}

std::optional<Setting::Value> value_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    const toml::array* const array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const toml::node& one : *array) {
        const auto* text = one.as_string();
        if (text == nullptr) return std::nullopt;
        texts.push_back(text->get());
    }
    return texts;
}

/// How many letters differ, at the least.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = corner + (a[i] == b[j] ? 0 : 1);
            corner = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, corner + 1, changed});
        }
    }
    return row.back();
}

bool looks_secret(std::string_view name) {
    constexpr std::array<std::string_view, 4> words{"password", "token", "secret", "passphrase"};
    return std::ranges::any_of(words, [&](std::string_view word) {
        return name.find(word) != std::string_view::npos;
    });
}

/// What to write instead of a name that is none.
std::string advice(std::string_view name, const std::vector<std::string>& names) {
    constexpr std::size_t name_bytes_max = 100;
    constexpr std::size_t near = 3;
    if (looks_secret(name)) return "secrets do not stand in this file";
    if (name.size() <= name_bytes_max) {
        const auto nearest = std::ranges::min_element(names, {}, [&](const std::string& one) {
            return distance(name, one);
        });
        if (nearest != names.end() && distance(name, *nearest) <= near) {
            return fmt::format("did you mean '{}'?", *nearest);
        }
    }
    return fmt::format("there are {}", fmt::join(names, ", "));
}

}  // namespace

Result<SettingsText> parse_settings(std::string_view text, const std::string& file) {
    if (text.size() > limits::config_file_bytes_max) {
        return fail(
            Errc::too_large,
            fmt::format("{} exceeds {} bytes", printable(file), limits::config_file_bytes_max)
        );
    }
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        // Of what the library says only this is used: its words may show the text itself.
        const bool twice =
            std::string_view(error.description()).find("redefine") != std::string_view::npos;
        return wrong_at(
            file,
            error.source().begin.line,
            twice ? "this setting stands in the file already"
                  : "this is no TOML; a setting is written name = \"text\", name = 12, name = true "
                    "or name = [\"text\", \"text\"]"
        );
    }
    SettingsText all;
    for (const auto& [key, node] : table) {
        const std::uint32_t line = key.source().begin.line;
        const std::string name(key.str());
        if (node.is_table() || node.is_array_of_tables()) {
            return wrong_at(
                file,
                line,
                fmt::format("settings have no sections: '{}' is one", printable(name, shown_bytes))
            );
        }
        auto value = value_of(node);
        if (!value) {
            return wrong_at(
                file,
                line,
                fmt::format(
                    "the value of '{}' is none that a setting has: a text, a whole number, true or "
                    "false, or a list of texts",
                    printable(name, shown_bytes)
                )
            );
        }
        all.emplace(name, Setting{std::move(*value), line});
    }
    return all;
}

const Setting* SettingReader::find(const char* name) {
    names_.emplace_back(bare(name));
    if (std::ranges::find(given_, name) != given_.end()) return nullptr;
    const auto at = text_.find(bare(name));
    return at == text_.end() ? nullptr : &at->second;
}

void SettingReader::wrong(const char* name, const Setting& setting, std::string_view expected) {
    if (first_wrong_.first != 0 && first_wrong_.first <= setting.line) return;
    first_wrong_ = {setting.line, fmt::format("{} takes {}", bare(name), expected)};
}

template <class T>
void SettingReader::number(const char* name, T& to) {
    const Setting* const setting = find(name);
    if (setting == nullptr) return;
    const auto* const value = std::get_if<std::int64_t>(&setting->value);
    if (value != nullptr && *value >= 0 &&
        static_cast<std::uint64_t>(*value) <= std::numeric_limits<T>::max()) {
        to = static_cast<T>(*value);
    } else {
        wrong(name, *setting, fmt::format("a whole number, such as {} = 8", bare(name)));
    }
}

void SettingReader::option(const char* name, std::string& to, const char* /*about*/) {
    const Setting* const setting = find(name);
    if (setting == nullptr) return;
    if (const auto* const value = std::get_if<std::string>(&setting->value)) {
        to = *value;
    } else {
        wrong(name, *setting, fmt::format("a text in quotes, such as {} = \"…\"", bare(name)));
    }
}

void SettingReader::option(const char* name, unsigned& to, const char* /*about*/) {
    number(name, to);
}

void SettingReader::option(const char* name, std::uint64_t& to, const char* /*about*/) {
    number(name, to);
}

void SettingReader::repeated(
    const char* name, std::vector<std::string>& to, const char* /*about*/
) {
    const Setting* const setting = find(name);
    if (setting == nullptr) return;
    if (const auto* const values = std::get_if<std::vector<std::string>>(&setting->value)) {
        to = *values;
    } else if (const auto* const value = std::get_if<std::string>(&setting->value)) {
        to = {*value};
    } else {
        wrong(
            name, *setting, fmt::format("a list of texts, such as {} = [\"…\", \"…\"]", bare(name))
        );
    }
}

void SettingReader::flag(const char* name, bool& to, const char* /*about*/) {
    const Setting* const setting = find(name);
    if (setting == nullptr) return;
    if (const auto* const value = std::get_if<bool>(&setting->value)) {
        to = *value;
    } else {
        wrong(name, *setting, "true or false");
    }
}

Result<void> SettingReader::finish() const {
    const std::pair<const std::string, Setting>* unknown = nullptr;
    for (const auto& one : text_) {
        const bool known = std::ranges::find(names_, one.first) != names_.end();
        if (!known && (unknown == nullptr || one.second.line < unknown->second.line))
            unknown = &one;
    }
    if (unknown != nullptr &&
        (first_wrong_.first == 0 || unknown->second.line < first_wrong_.first)) {
        return wrong_at(
            file_,
            unknown->second.line,
            fmt::format(
                "there is no setting '{}'; {}",
                printable(unknown->first, shown_bytes),
                advice(unknown->first, names_)
            )
        );
    }
    if (first_wrong_.first != 0) return wrong_at(file_, first_wrong_.first, first_wrong_.second);
    return {};
}

void SettingTexts::option(const char* name, std::string& to, const char* /*about*/) {
    all_[std::string(bare(name))] = to;
}

void SettingTexts::option(const char* name, unsigned& to, const char* /*about*/) {
    all_[std::string(bare(name))] = std::to_string(to);
}

void SettingTexts::option(const char* name, std::uint64_t& to, const char* /*about*/) {
    all_[std::string(bare(name))] = std::to_string(to);
}

void SettingTexts::repeated(const char* name, std::vector<std::string>& to, const char* /*about*/) {
    all_[std::string(bare(name))] = fmt::format("{}", fmt::join(to, "\n"));
}

void SettingTexts::flag(const char* name, bool& to, const char* /*about*/) {
    all_[std::string(bare(name))] = to ? "true" : "false";
}

}  // namespace entente::cli
