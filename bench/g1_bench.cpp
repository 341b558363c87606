// Goal G1, ingest: POSTs of 1,000 indicators of about 480 bytes, fsynced and fully checked, to a
// server that holds a million objects already; objects per second of the server process's CPU time,
// beside bare SQLite doing the least that must be done: one thread, prepared statements, 1,000 rows
// a transaction, the same bodies and pragmas, key (collection, seq), one unique index (collection,
// id, version), filled alike. Last line: G1 met|missed <ratio> goal 0.6. Both fill themselves
// first. Run: scripts/bench g1 [OBJECTS-BEFORE] (default 1,000,000; the run takes some minutes)
#include <fmt/format.h>
#include <sqlite3.h>

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::uint64_t batch = 1'000;
constexpr std::uint64_t measured_batches = 200;
constexpr int connections = 8;
constexpr double goal = 0.6;

[[noreturn]] void die(const std::string& what) {
    std::cerr << "g1_bench: " << what << "\n";
    std::exit(1);
}

std::uint64_t mixed(std::uint64_t x) {  // SplitMix64: ids without order
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
}

std::string id_of(std::uint64_t number) {
    const std::uint64_t a = mixed(number);
    const std::uint64_t b = mixed(~number);
    return fmt::format(
        "indicator--{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32U,
        (a >> 16U) & 0xffffU,
        a & 0xfffU,
        b >> 52U,
        b & 0xffffffffffffU
    );
}

constexpr const char* modified = "2025-01-01T00:00:00.000Z";

std::string indicator(std::uint64_t number) {
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"{}","created":"{}","modified":"{}","name":"Address {}","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.{}.{}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"confidence":80,"labels":["sample","bench"]}})",
        id_of(number),
        modified,
        modified,
        number,
        number / 256 % 256,
        number % 256
    );
}

/// Wrong use: nothing has been measured.
[[noreturn]] void refuse(const std::string& what) {
    std::cerr << "g1_bench: " << what << "\n";
    std::exit(2);
}

std::string folder() {
    const char* const named = std::getenv("TMPDIR");
    const std::string parent = named == nullptr || *named == '\0' ? "/tmp" : named;
    std::error_code error;
    if (!std::filesystem::is_directory(parent, error))
        refuse(parent + " is no folder; set TMPDIR to one that has room for the data");
    std::string made = parent + "/entente-g1.XXXXXX";
    if (::mkdtemp(made.data()) == nullptr) {
        const std::string why = std::strerror(errno);
        refuse("cannot make a folder in " + parent + ": " + why + "; set TMPDIR to another one");
    }
    return made;
}

double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

// ---- The server

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

/// utime + stime of a process, in seconds (proc(5)).
double cpu_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::stringstream all;
    all << file.rdbuf();
    const std::string text = all.str();
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string skip;
    for (int i = 0; i < 11; ++i)
        rest >> skip;
    double user = 0;
    double system = 0;
    rest >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

class Connection {
  public:
    explicit Connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection() { ::close(fd_); }

    [[nodiscard]] bool connected() const { return connected_; }

    /// The status of the answer, whose body is read and dropped.
    int send(const std::string& request) {
        for (std::size_t at = 0; at < request.size();) {
            const ssize_t n = ::send(fd_, request.data() + at, request.size() - at, MSG_NOSIGNAL);
            if (n <= 0) return 0;
            at += static_cast<std::size_t>(n);
        }
        std::string answer;
        std::size_t need = 0;
        while (need == 0 || answer.size() < need) {
            char piece[65'536];
            const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
            if (n <= 0) return 0;
            answer.append(piece, static_cast<std::size_t>(n));
            const auto end = answer.find("\r\n\r\n");
            if (need != 0 || end == std::string::npos) continue;
            const auto length = answer.find("Content-Length: ");
            if (length == std::string::npos) return 0;
            need = end + 4 + std::stoul(answer.substr(length + 16, 12));
        }
        return std::stoi(answer.substr(9, 3));
    }

  private:
    int fd_;
    bool connected_ = false;
};

class Server {
  public:
    Server(const std::string& program, const std::string& dir) {
        const std::string made =
            output_of(program + " init --data " + dir + "/node --name Bench --json");
        const auto at = made.find("ent_");
        if (at == std::string::npos) die("init gave no token");
        token_ = made.substr(at, made.find('"', at) - at);
        (void)output_of(program + " collection add Feed --alias feed --data " + dir + "/node");
        port_ = free_port();
        pid_ = ::fork();
        if (pid_ == 0) {
            const std::string listen = "127.0.0.1:" + std::to_string(port_);
            const std::string data = dir + "/node";
            ::execl(
                program.c_str(),
                program.c_str(),
                "serve",
                "--data",
                data.c_str(),
                "--listen",
                listen.c_str(),
                "--log-level",
                "error",
                "--rate-user",
                "0",
                static_cast<char*>(nullptr)
            );
            std::_Exit(127);
        }
        for (int i = 0; i < 200; ++i) {
            if (Connection(port_).connected()) return;
            ::usleep(50'000);
        }
        die("the server does not answer");
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    ~Server() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] double cpu() const { return cpu_of(pid_); }

    /// Posts objects first … first + batches * batch over all connections.
    void post(std::uint64_t first, std::uint64_t batches) const {
        std::atomic<std::uint64_t> next{0};
        std::atomic<bool> failed{false};
        std::vector<std::thread> threads;
        for (int i = 0; i < connections; ++i) {
            threads.emplace_back([&] {
                Connection connection(port_);
                for (std::uint64_t n = next++; n < batches && !failed; n = next++) {
                    if (connection.send(request(first + n * batch)) != 202) failed = true;
                }
            });
        }
        for (std::thread& t : threads)
            t.join();
        if (failed) die("the server refused a request");
    }

  private:
    [[nodiscard]] std::string request(std::uint64_t first) const {
        std::string body = R"({"objects":[)";
        for (std::uint64_t i = 0; i < batch; ++i)
            body += (i > 0 ? "," : "") + indicator(first + i);
        body += "]}";
        return fmt::format(
                   "POST /api/collections/feed/objects/ HTTP/1.1\r\nHost: localhost\r\n"
                   "Authorization: Bearer {}\r\nAccept: application/taxii+json;version=2.1\r\n"
                   "Content-Type: application/taxii+json;version=2.1\r\nContent-Length: {}\r\n\r\n",
                   token_,
                   body.size()
               ) +
               body;
    }

    static std::uint16_t free_port() {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
            die("no port is free");
        }
        ::close(fd);
        return ntohs(at.sin_port);
    }

    std::string token_;
    std::uint16_t port_ = 0;
    pid_t pid_ = 0;
};

// ---- The baseline

class Bare {
  public:
    explicit Bare(const std::string& file) {
        if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) die("cannot open the baseline");
        run("PRAGMA page_size = 8192");
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = FULL");
        run("PRAGMA mmap_size = 0x7fff0000");
        run("PRAGMA cache_size = -65536");
        run("PRAGMA secure_delete = ON");
        run("CREATE TABLE entry(place INTEGER PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT "
            "NULL, body BLOB NOT NULL)");
        run("CREATE UNIQUE INDEX entry_id ON entry((place >> 40), id, version)");
        sqlite3_prepare_v2(db_, "INSERT INTO entry VALUES(?1, ?2, ?3, ?4)", -1, &insert_, nullptr);
    }

    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    ~Bare() {
        sqlite3_finalize(insert_);
        sqlite3_close(db_);
    }

    /// The objects are made beforehand: only the storing is counted.
    void store(
        std::uint64_t first, const std::vector<std::pair<std::string, std::string>>& objects
    ) {
        run("BEGIN IMMEDIATE");
        std::uint64_t number = first;
        for (const auto& [id, body] : objects) {
            sqlite3_bind_int64(insert_, 1, static_cast<sqlite3_int64>((1ULL << 40U) | ++number));
            sqlite3_bind_text(insert_, 2, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
            sqlite3_bind_text(insert_, 3, modified, -1, SQLITE_STATIC);
            sqlite3_bind_blob(
                insert_, 4, body.data(), static_cast<int>(body.size()), SQLITE_STATIC
            );
            if (sqlite3_step(insert_) != SQLITE_DONE) die(sqlite3_errmsg(db_));
            sqlite3_reset(insert_);
        }
        run("COMMIT");
    }

  private:
    void run(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            die(sqlite3_errmsg(db_));
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

double own_cpu() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Objects per second of CPU time, of the measured batches after `before` objects.
double baseline(const std::string& dir, std::uint64_t before) {
    Bare bare(dir + "/bare.db");
    double cpu = 0;
    std::vector<std::pair<std::string, std::string>> objects(batch);
    for (std::uint64_t first = 0; first < before + measured_batches * batch; first += batch) {
        for (std::uint64_t i = 0; i < batch; ++i)
            objects[i] = {id_of(first + i), indicator(first + i)};
        const double begun = own_cpu();
        bare.store(first, objects);
        if (first >= before) cpu += own_cpu() - begun;
    }
    return static_cast<double>(measured_batches * batch) / cpu;
}

}  // namespace

int main(int argc, char** argv) {
    const char* program = std::getenv("ENTENTE_BIN");
    if (program == nullptr) refuse("ENTENTE_BIN names no program; run scripts/bench g1");
    const std::uint64_t asked = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const std::uint64_t before = asked / batch * batch;
    const std::string dir = folder();
    double ours = 0;
    {
        const Server server(program, dir);
        server.post(0, before / batch);
        const double begun = server.cpu();
        const auto clock = std::chrono::steady_clock::now();
        server.post(before, measured_batches);
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - clock;
        const double objects = static_cast<double>(measured_batches * batch);
        ours = objects / (server.cpu() - begun);
        std::cout << fmt::format(
            "entente: {:.0f} objects per CPU second, {:.0f} per second, {} connections, {} objects "
            "there\n",
            ours,
            objects / wall.count(),
            connections,
            before
        );
    }
    const double bare = baseline(dir, before);
    std::filesystem::remove_all(dir);
    std::cout << fmt::format("bare SQLite: {:.0f} objects per CPU second\n", bare);
    const double ratio = ours / bare;
    std::cout << fmt::format(
        "G1 {} {:.2f} goal {:.1f} of bare SQLite\n", ratio >= goal ? "met" : "missed", ratio, goal
    );
    return 0;
}
