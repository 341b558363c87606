#include "base/log.h"

#include "base/escape.h"
#include "base/time.h"

#include <atomic>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace entente::log {
namespace {

std::atomic<Form> current_form{Form::text};

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = spdlog::stderr_logger_mt("entente");
        made->set_pattern("%v");
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

const char* level_name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

}  // namespace

void configure(Level lowest, Form form) {
    logger().set_level(to_spdlog(lowest));
    current_form = form;
}

bool enabled(Level level) noexcept {
    return logger().should_log(to_spdlog(level));
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (!logger().should_log(to_spdlog(level))) return;
    std::string line;
    const std::string when = format_taxii(system_clock().now());
    if (current_form == Form::json) {
        line = fmt::format(
            R"({{"time":"{}","level":"{}","message":{})",
            when,
            level_name(level),
            json_string(message)
        );
        for (const Field& field : fields) {
            line += fmt::format(",{}:{}", json_string(field.name), json_string(field.value));
        }
        line += '}';
    } else {
        line = fmt::format("{} {} {}", when, level_name(level), printable(message));
        for (const Field& field : fields) {
            line += fmt::format(" {}={}", field.name, printable(field.value));
        }
    }
    logger().log(to_spdlog(level), "{}", line);
}

}  // namespace entente::log
