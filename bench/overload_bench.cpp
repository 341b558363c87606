// Overload: a server on this machine is offered ten times the requests that it
// can do, first pages of 1,000 objects, then POSTs of 100 objects. The capacity is measured with 64
// connections that ask as fast as they are answered; then requests come at ten times that rate over
// 2,000 connections, whether answers come or not. One that is due while all of these wait for
// answers is not sent, and counted. Told are what was taken and what was refused (503 with
// Retry-After), how long both took, and the server's own memory (RssAnon): before, at most in the
// first half of the time, and at most in the second. The generator shares the machine with the
// server, and its own delays count as the server's. Last line of each part: overload met|missed
// <p99 of taken requests> goal 1000 ms. Missed is also what has a refusal without Retry-After, an
// answer that is neither, a connection that broke, or memory that is beyond its bound or goes on
// growing. Run: scripts/bench overload [SECONDS] (default 10)
#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::size_t capacity_connections = 64;
constexpr std::size_t overload_connections = 2'000;
constexpr double overload_factor = 10;
constexpr double goal_ms = 1'000;
constexpr double memory_mib_max = 512;  // beyond what it held before
constexpr double growth_max = 1.25;     // from the first half to the second
constexpr double noise_mib = 32;
constexpr std::chrono::milliseconds memory_interval(20);
constexpr int page_objects = 1'000;
constexpr int posted_objects = 100;
constexpr int stored_objects = 5'000;

[[noreturn]] void die(const std::string& what) {
    std::cerr << "overload_bench: " << what << "\n";
    std::exit(1);
}

std::string output_of(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) die("cannot run: " + command);
    std::string text;
    char piece[4'096];
    while (const auto n = std::fread(piece, 1, sizeof piece, pipe))
        text.append(piece, n);
    if (::pclose(pipe) != 0) die("failed: " + command);
    return text;
}

std::string indicator(std::uint64_t number) {
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"indicator--{:08x}-0000-4000-8000-{:012x}","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Address {}","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.{}.{}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"confidence":80,"labels":["sample","bench"]}})",
        number & 0xffffffffU,
        number,
        number,
        number / 256 % 256,
        number % 256
    );
}

/// A value of /proc/PID/status in MiB.
double memory_of(pid_t pid, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
    }
    return 0;
}

double ms_between(Time from, Time to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

/// The server's memory while it is under load.
class MemoryWatch {
  public:
    MemoryWatch(pid_t pid, double seconds)
        : pid_(pid),
          before_(anonymous()),
          half_(
              Clock::now() + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 5e5))
          ) {}

    void look(Time now) {
        if (now < next_) return;
        next_ = now + memory_interval;
        double& most = now < half_ ? first_ : second_;
        most = std::max(most, anonymous());
    }

    [[nodiscard]] double before() const noexcept { return before_; }

    [[nodiscard]] double first() const noexcept { return first_; }

    [[nodiscard]] double second() const noexcept { return second_; }

    [[nodiscard]] bool bounded() const noexcept {
        return std::max(first_, second_) < before_ + memory_mib_max &&
               second_ < growth_max * first_ + noise_mib;
    }

  private:
    [[nodiscard]] double anonymous() const { return memory_of(pid_, "RssAnon"); }

    const pid_t pid_;
    const double before_;
    const Time half_;
    Time next_;
    double first_ = 0;
    double second_ = 0;
};

struct Outcome {
    std::vector<double> taken_ms;
    std::vector<double> refused_ms;
    std::uint64_t without_retry_after = 0;
    std::uint64_t other = 0;   // another status, or the connection broke
    std::uint64_t due = 0;     // requests that were to be sent
    std::uint64_t unsent = 0;  // of them, those for which no connection was free
    double seconds = 0;
};

/// One connection with at most one request under way. It does not block.
class Line {
  public:
    Line(int poll, std::uint16_t port) : poll_(poll), port_(port) {}

    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    ~Line() { close(); }

    [[nodiscard]] bool idle() const noexcept { return request_.empty(); }

    void begin(std::string request) {
        request_ = std::move(request);
        sent_ = 0;
        answer_.clear();
        need_ = 0;
        answered_ = {};
        began_ = Clock::now();
        if (fd_ < 0) open();
        send();  // the answer, however soon, is an event of its own
    }

    /// Goes on with what the socket allows. True when the answer is whole, and all is sent if the
    /// connection goes on, or the connection broke (status 0).
    bool advance() {
        if (fd_ < 0 || idle()) return false;
        send();  // an answer may come before all is sent
        if (answered_ != Time{}) return sent_ == request_.size() && end(true);
        static std::vector<char> piece(1U << 20U);
        while (true) {
            const ssize_t n = ::recv(fd_, piece.data(), piece.size(), 0);
            if (n < 0 && (errno == EAGAIN || errno == ENOTCONN)) return false;
            if (n <= 0) return end(false);
            take({piece.data(), static_cast<std::size_t>(n)});
            if (need_ == 0 || got_ < need_) continue;
            answered_ = Clock::now();
            return (sent_ == request_.size() || ends()) && end(true);
        }
    }

    [[nodiscard]] int status() const { return status_; }

    [[nodiscard]] bool retry_after() const {
        return answer_.find("\r\nRetry-After: ") != std::string::npos;
    }

    /// How long the answer took.
    [[nodiscard]] double ms() const {
        return ms_between(began_, answered_ != Time{} ? answered_ : Clock::now());
    }

  private:
    /// The answer said that the connection ends.
    [[nodiscard]] bool ends() const {
        return answer_.find("\r\nConnection: close") != std::string::npos;
    }

    void send() {
        while (sent_ < request_.size()) {
            const ssize_t n =
                ::send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
            if (n <= 0) return;
            sent_ += static_cast<std::size_t>(n);
        }
    }

    void take(std::string_view piece) {
        got_ += piece.size();
        if (need_ > 0) return;  // of a body only its length counts
        answer_ += piece;
        got_ = answer_.size();
        const auto head_end = answer_.find("\r\n\r\n");
        if (head_end == std::string::npos) return;
        const auto length = answer_.find("\r\nContent-Length: ");
        if (length == std::string::npos || length > head_end) die("an answer without its length");
        need_ = head_end + 4 + std::stoul(answer_.substr(length + 18, 12));
        answer_.resize(head_end + 2);
    }

    bool end(bool whole) {
        status_ = whole ? std::stoi(answer_.substr(9, 3)) : 0;
        if (!whole || ends()) close();
        request_.clear();
        got_ = 0;
        return true;
    }

    void open() {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (fd_ < 0) die("cannot open a socket: " + std::string(std::strerror(errno)));
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port_);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        (void)::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = this;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd_, &event);
    }

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

    const int poll_;
    const std::uint16_t port_;
    int fd_ = -1;
    std::string request_;  // empty = idle
    std::size_t sent_ = 0;
    std::string answer_;  // its head
    std::size_t got_ = 0;
    std::size_t need_ = 0;
    int status_ = 0;
    Time began_;
    Time answered_;  // its answer was whole; not yet = nothing
};

/// Sends requests over a number of connections: so many a second, or (0) each as soon as one is
/// free.
template <class Make>
Outcome offer(
    std::uint16_t port,
    std::size_t connections,
    double per_second,
    double seconds,
    const Make& make,
    MemoryWatch* memory = nullptr
) {
    const int poll = ::epoll_create1(0);
    std::vector<std::unique_ptr<Line>> lines;
    std::vector<Line*> idle;
    for (std::size_t i = 0; i < connections; ++i) {
        lines.push_back(std::make_unique<Line>(poll, port));
        idle.push_back(lines.back().get());
    }
    Outcome out;
    const Time start = Clock::now();
    const Time end = start + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
    const auto note = [&](Line& line) {
        idle.push_back(&line);
        const double ms = line.ms();
        if (line.status() == 200 || line.status() == 202) {
            out.taken_ms.push_back(ms);
        } else if (line.status() == 503) {
            out.refused_ms.push_back(ms);
            if (!line.retry_after()) ++out.without_retry_after;
        } else {
            ++out.other;
        }
    };
    std::vector<epoll_event> events(512);
    for (Time now = start; now < end || idle.size() < lines.size(); now = Clock::now()) {
        if (now > end + std::chrono::seconds(30)) die("answers are missing after 30 s");
        if (memory != nullptr) memory->look(now);
        if (now < end) {
            const double passed = std::chrono::duration<double>(now - start).count();
            const auto all_due = static_cast<std::uint64_t>(passed * per_second);
            while (per_second <= 0 ? !idle.empty() : out.due < all_due) {
                ++out.due;
                if (idle.empty()) {
                    ++out.unsent;
                    continue;
                }
                Line* const line = idle.back();
                idle.pop_back();
                line->begin(make());
            }
        }
        const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1);
        for (int i = 0; i < count; ++i) {
            auto& line = *static_cast<Line*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (line.advance()) note(line);
        }
    }
    out.seconds = seconds;
    lines.clear();
    ::close(poll);
    return out;
}

double part(std::vector<double>& values, double share) {
    if (values.empty()) return 0;
    const auto at = static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share);
    std::nth_element(
        values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end()
    );
    return values[at];
}

class Server {
  public:
    Server(const std::string& program, const std::string& dir) {
        const std::string node = dir + "/node";
        const std::string made =
            output_of(program + " init --data " + node + " --name Bench --json");
        const auto at = made.find("ent_");
        if (at == std::string::npos) die("init gave no token");
        token_ = made.substr(at, made.find('"', at) - at);
        (void)output_of(program + " collection add Feed --alias feed --data " + node);
        (void)output_of(program + " collection add Sink --alias sink --data " + node);
        {
            std::ofstream file(dir + "/objects.jsonl");
            for (std::uint64_t i = 0; i < stored_objects; ++i)
                file << indicator(i) << "\n";
        }
        (void
        )output_of(program + " import " + dir + "/objects.jsonl --collection feed --data " + node);
        int ready[2];
        if (::pipe(ready) != 0) die("no pipe");
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ready[1], 1);
            ::execl(
                program.c_str(),
                program.c_str(),
                "serve",
                "--data",
                node.c_str(),
                "--listen",
                "127.0.0.1:0",
                "--log-level",
                "error",
                "--rate-user",
                "0",
                static_cast<char*>(nullptr)
            );
            std::_Exit(127);
        }
        ::close(ready[1]);
        std::string line;
        for (char c = 0; ::read(ready[0], &c, 1) == 1 && c != '\n';)
            line += c;
        const auto colon = line.rfind(':');
        if (colon == std::string::npos) die("the server does not answer");
        port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    ~Server() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] const std::string& token() const noexcept { return token_; }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  private:
    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
    std::string token_;
};

/// POSTs of objects that nobody has sent before, made at the price of a copy.
class PostMaker {
  public:
    explicit PostMaker(const std::string& common) {
        std::string body = R"({"objects":[)";
        for (int i = 0; i < posted_objects; ++i)
            body += (i == 0 ? "" : ",") + indicator(0);
        body += "]}";
        text_ = fmt::format(
            "POST /api/collections/sink/objects/ HTTP/1.1\r\n{}Content-Type: "
            "application/taxii+json;version=2.1\r\nContent-Length: {}\r\n\r\n{}",
            common,
            body.size(),
            body
        );
        constexpr std::string_view mark = "indicator--00000000-";
        for (auto at = text_.find(mark); at != std::string::npos; at = text_.find(mark, at + 1))
            numbers_.push_back(at + std::string_view("indicator--").size());
    }

    std::string next() {
        for (const std::size_t at : numbers_)
            fmt::format_to(text_.begin() + static_cast<std::ptrdiff_t>(at), "{:08x}", ++number_);
        return text_;
    }

  private:
    std::string text_;
    std::vector<std::size_t> numbers_;  // where the first digits of ids stand
    std::uint32_t number_ = 1'000'000;
};

template <class Make>
bool measure(const std::string& name, Server& server, double seconds, const Make& make) {
    Outcome alone = offer(server.port(), capacity_connections, 0, seconds / 2, make);
    const double capacity = static_cast<double>(alone.taken_ms.size()) / alone.seconds;
    fmt::print(
        "{}: capacity {:.0f} requests/s (p99 {:.1f} ms)\n",
        name,
        capacity,
        part(alone.taken_ms, 0.99)
    );
    MemoryWatch memory(server.pid(), seconds);
    Outcome out = offer(
        server.port(), overload_connections, capacity * overload_factor, seconds, make, &memory
    );
    const double p99 = part(out.taken_ms, 0.99);
    const auto answers = static_cast<double>(out.taken_ms.size() + out.refused_ms.size());
    fmt::print(
        "{}: offered {:.0f}/s, {:.0f}/s of them not sent for want of a connection; taken {:.0f}/s "
        "in p50 {:.0f} ms p99 {:.0f} ms; refused {:.0f}/s, {:.1f} % of the answers, in p50 {:.0f} "
        "ms p99 {:.0f} ms, {} of {} without Retry-After; other {}\n",
        name,
        static_cast<double>(out.due) / out.seconds,
        static_cast<double>(out.unsent) / out.seconds,
        static_cast<double>(out.taken_ms.size()) / out.seconds,
        part(out.taken_ms, 0.5),
        p99,
        static_cast<double>(out.refused_ms.size()) / out.seconds,
        100 * static_cast<double>(out.refused_ms.size()) / std::max(answers, 1.0),
        part(out.refused_ms, 0.5),
        part(out.refused_ms, 0.99),
        out.without_retry_after,
        out.refused_ms.size(),
        out.other
    );
    fmt::print(
        "{}: memory {:.0f} MiB before, at most {:.0f} MiB in the first half and {:.0f} MiB in the "
        "second: {}\n",
        name,
        memory.before(),
        memory.first(),
        memory.second(),
        memory.bounded() ? "bounded" : "NOT BOUNDED"
    );
    const bool met = p99 < goal_ms && out.without_retry_after == 0 && out.other == 0 &&
                     !out.taken_ms.empty() && !out.refused_ms.empty() && memory.bounded();
    fmt::print(
        "overload {} {:.0f} goal {:.0f} ms ({})\n", met ? "met" : "missed", p99, goal_ms, name
    );
    return met;
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
    const char* const program = std::getenv("ENTENTE_BIN");
    if (program == nullptr) die("ENTENTE_BIN names no program: run scripts/bench overload");
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    std::string dir = (std::filesystem::temp_directory_path() / "entente-overload.XXXXXX").string();
    if (::mkdtemp(dir.data()) == nullptr) die("cannot make a folder");
    bool met = true;
    {
        Server server(program, dir);
        const std::string common = fmt::format(
            "Host: localhost\r\nAccept: application/taxii+json;version=2.1\r\nAuthorization: "
            "Bearer "
            "{}\r\n",
            server.token()
        );
        const std::string get = fmt::format(
            "GET /api/collections/feed/objects/?limit={} HTTP/1.1\r\n{}\r\n", page_objects, common
        );
        met = measure("pages", server, seconds, [&] { return get; }) && met;
        PostMaker posts(common);
        const auto post = [&] { return posts.next(); };
        met = measure("posts", server, seconds, post) && met;
    }
    std::filesystem::remove_all(dir);
    return met ? 0 : 1;
}
