#pragma once
// Counts of what the node does, in Prometheus' text format (0.0.4). Hides prometheus-cpp.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::ops {

/// One answer that was sent.
struct Answered {
    std::string_view method;  // as the client sent it
    std::size_t route = 0;    // a number in the list that Metrics was made with
    int status = 0;
    std::uint64_t body_bytes = 0;
    std::chrono::nanoseconds spent{};
};

/// A value that is read when somebody asks. Readings of one name stand beside one another.
struct Reading {
    enum class Kind : std::uint8_t { gauge, counter } kind = Kind::gauge;
    std::string name;   // in Prometheus' characters, with its unit
    std::string about;  // one line
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

/// Threads: safe.
class Metrics {
  public:
    /// The names of all routes; those beyond the list count as its last.
    explicit Metrics(std::vector<std::string> routes);
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Cheap: an atomic increment or two and one short lock.
    void answered(const Answered& answer);
    [[nodiscard]] std::string text(const std::vector<Reading>& readings) const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// Of this process, from /proc: memory, processor seconds, open files, start.
[[nodiscard]] std::vector<Reading> process_readings();

}  // namespace entente::ops
