#pragma once
// The log: one line per event on standard error, as text or JSON. Holds no object values and no
// secrets. Hides spdlog; everything from outside goes through base/escape.h by the caller of
// `text`.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace entente::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Form : std::uint8_t { text, json };

/// One named value of a line, for example {"collection", id}.
struct Field {
    std::string_view name;
    std::string value;
};

void configure(Level lowest, Form form);
/// Whether a line of `level` would be written, for callers whose fields cost time. Threads: safe.
[[nodiscard]] bool enabled(Level level) noexcept;
/// Threads: safe.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::info, m, f);
}

inline void warning(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::warning, m, f);
}

inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
    write(Level::error, m, f);
}

}  // namespace entente::log
