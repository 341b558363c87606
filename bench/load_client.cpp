// A client that asks as fast as a server answers, on one thread, so that the server is what is
// measured. Used by scripts/bench G2, G3, G4 and G10 against Entente and its rivals alike.
//
//   load_client objects FIRST COUNT [EVERY]  indicators of about 480 bytes, one a line: TLP:GREEN,
//                                            and each EVERYth TLP:CLEAR (0: all TLP:AMBER)
//   load_client run --port N --connections N --targets FILE [--requests N] [--seconds S]
//                   [--header 'Name: value']… [--follow PAGES] [--post FIRST] [--save DIR]
//
// Targets are the lines of the file, taken in turn; with --follow connection i begins with line i
// and goes on with the `next` of each answer for so many pages; with --post each request carries
// one object of its own. --save keeps the bodies, one file each. Prints one line of JSON.
#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& what) {
    std::cerr << "load_client: " << what << "\n";
    std::exit(2);
}

std::uint64_t mixed(std::uint64_t x) {  // SplitMix64: ids without order
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
}

constexpr std::string_view green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
constexpr std::string_view clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
constexpr std::string_view amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";

std::string indicator(std::uint64_t number, std::string_view marking) {
    const std::uint64_t a = mixed(number);
    const std::uint64_t b = mixed(~number);
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"indicator--{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Address {}","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.{}.{}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["{}"],"confidence":80,"labels":["sample","bench"]}})",
        a >> 32U,
        (a >> 16U) & 0xffffU,
        a & 0xfffU,
        b >> 52U,
        b & 0xffffffffffffU,
        number,
        number / 256 % 256,
        number % 256,
        marking
    );
}

int write_objects(std::uint64_t first, std::uint64_t count, std::uint64_t every) {
    std::string out;
    for (std::uint64_t n = first; n < first + count; ++n) {
        out += indicator(n, every == 0 ? amber : n % every == every / 2 ? clear : green);
        out += '\n';
        if (out.size() > 1U << 20U) {
            std::cout << out;
            out.clear();
        }
    }
    std::cout << out << std::flush;
    return std::cout ? 0 : 1;
}

struct Options {
    std::uint16_t port = 0;
    int connections = 1;
    std::vector<std::string> targets;
    std::uint64_t requests = UINT64_MAX;
    double seconds = 1e9;
    std::string headers;
    std::uint64_t follow = 0;
    std::optional<std::uint64_t> post;
    std::string save;
};

Options read_options(int argc, char** argv) {
    Options o;
    for (int i = 2; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        const std::string value = argv[i + 1];
        const auto number = [&] { return std::strtoull(value.c_str(), nullptr, 10); };
        if (name == "--port") {
            o.port = static_cast<std::uint16_t>(number());
        } else if (name == "--connections") {
            o.connections = static_cast<int>(number());
        } else if (name == "--targets") {
            std::ifstream file(value);
            for (std::string line; std::getline(file, line);)
                o.targets.push_back(line);
        } else if (name == "--requests") {
            o.requests = number();
        } else if (name == "--seconds") {
            o.seconds = std::strtod(value.c_str(), nullptr);
        } else if (name == "--header") {
            o.headers += value + "\r\n";
        } else if (name == "--follow") {
            o.follow = number();
        } else if (name == "--post") {
            o.post = number();
        } else if (name == "--save") {
            o.save = value;
        } else {
            die("unknown option " + name);
        }
    }
    if (o.port == 0 || o.targets.empty() || o.connections < 1)
        die("--port, --targets, --connections");
    return o;
}

std::string_view header_in(std::string_view head, std::string_view name) {
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
        const std::size_t end = head.find("\r\n", at + 2);
        const std::string_view line =
            head.substr(at + 2, end == std::string_view::npos ? end : end - at - 2);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
            return line.substr(line.find_first_not_of(' ', name.size() + 1));
        }
        at = end;
    }
    return {};
}

struct Connection {
    int fd = -1;
    std::string request;
    std::size_t sent = 0;
    std::string answer;
    std::size_t need = 0;  // of head and body; 0 = the head is not whole
    std::size_t body_at = 0;
    bool chunked = false;
    std::uint64_t pages = 0;
    std::string next;
    SteadyClock::time_point began;
    bool open = true;
};

class Run {
  public:
    explicit Run(Options options) : o_(std::move(options)), poll_(::epoll_create1(0)) {}

    int go();

  private:
    bool begin(Connection& c, std::size_t index);
    void send(Connection& c) const;
    bool receive(Connection& c);
    void ended(Connection& c);
    void report(double seconds);

    Options o_;
    int poll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::size_t turn_ = 0;
    std::uint64_t asked_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t bad_ = 0;
    std::uint64_t busy_ = 0;  // 503
    std::string last_bad_;
    std::string dates_;  // of the last entries of the answers
    std::vector<std::uint32_t> us_;
    SteadyClock::time_point start_ = SteadyClock::now();
};

/// Makes the next request; false when this connection has no more to ask.
bool Run::begin(Connection& c, std::size_t index) {
    const std::chrono::duration<double> so_far = SteadyClock::now() - start_;
    if (asked_ >= o_.requests || so_far.count() > o_.seconds) return false;
    std::string target;
    if (o_.follow > 0) {
        if (c.pages == o_.follow || (c.pages > 0 && c.next.empty())) return false;
        target = o_.targets[index % o_.targets.size()];
        if (c.pages > 0)
            target = target.substr(0, target.find("&added_after=")) + "&next=" + c.next;
    } else {
        target = o_.targets[turn_++ % o_.targets.size()];
    }
    std::string body;
    if (o_.post) body = R"({"objects":[)" + indicator((*o_.post)++, green) + "]}";
    c.request = fmt::format(
        "{} {} HTTP/1.1\r\nHost: localhost\r\n{}", o_.post ? "POST" : "GET", target, o_.headers
    );
    if (o_.post) c.request += fmt::format("Content-Length: {}\r\n", body.size());
    c.request += "\r\n" + body;
    c.sent = 0;
    c.answer.clear();
    c.need = 0;
    c.began = SteadyClock::now();
    ++asked_;
    send(c);
    return true;
}

void Run::send(Connection& c) const {
    while (c.sent < c.request.size()) {
        const ssize_t n =
            ::send(c.fd, c.request.data() + c.sent, c.request.size() - c.sent, MSG_NOSIGNAL);
        if (n <= 0) die(std::string("sending failed: ") + std::strerror(errno));
        c.sent += static_cast<std::size_t>(n);
    }
}

/// True when the answer is whole.
bool Run::receive(Connection& c) {
    static std::vector<char> piece(1U << 20U);
    const ssize_t n = ::recv(c.fd, piece.data(), piece.size(), 0);
    if (n <= 0) die("the server closed a connection");
    c.answer.append(piece.data(), static_cast<std::size_t>(n));
    if (c.need == 0) {
        const auto end = c.answer.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        c.body_at = end + 4;
        const std::string_view head = std::string_view(c.answer).substr(0, end);
        const std::string_view length = header_in(head, "Content-Length");
        c.chunked = length.empty();
        c.need = c.body_at + (c.chunked ? 0 : std::strtoull(length.data(), nullptr, 10));
        c.answer.reserve(c.need);
    }
    // Nobody here sends trailers, so the last chunk ends the answer.
    return c.chunked ? c.answer.ends_with("\r\n0\r\n\r\n") : c.answer.size() >= c.need;
}

void Run::ended(Connection& c) {
    const std::string_view head = std::string_view(c.answer).substr(0, c.body_at);
    const std::string_view body = std::string_view(c.answer).substr(c.body_at);
    const int status = std::atoi(c.answer.c_str() + 9);
    us_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - c.began).count()
    ));
    ++answered_;
    ++c.pages;
    bytes_ += body.size();
    if (status == 503) {
        ++busy_;
    } else if (status < 200 || status > 299) {
        ++bad_;
        last_bad_ = c.answer.substr(0, 600);
    }
    c.next.clear();
    if (o_.follow > 0) {
        const std::string_view front = body.substr(0, 2'000);
        if (const auto at = front.find(R"("next":")"); at != std::string_view::npos)
            c.next = front.substr(at + 8, front.find('"', at + 8) - at - 8);
    }
    const std::string_view date = header_in(head, "X-TAXII-Date-Added-Last");
    if (o_.follow > 0 && !date.empty() && o_.connections == 1)
        dates_ += fmt::format(R"({}"{}")", dates_.empty() ? "" : ",", date);
    if (!o_.save.empty())
        std::ofstream(fmt::format("{}/{:06}.json", o_.save, answered_), std::ios::binary) << body;
}

void Run::report(double seconds) {
    std::ranges::sort(us_);
    const auto at = [&](double part) {
        return us_.empty() ? 0U
                           : us_[std::min(
                                 us_.size() - 1,
                                 static_cast<std::size_t>(static_cast<double>(us_.size()) * part)
                             )];
    };
    std::cout
        << fmt::format(
               R"({{"requests":{},"bytes":{},"bad":{},"busy":{},"seconds":{:.6f},"p50_us":{},"p99_us":{},"dates":[{}]}})",
               answered_,
               bytes_,
               bad_,
               busy_,
               seconds,
               at(0.5),
               at(0.99),
               dates_
           )
        << "\n";
    if (bad_ > 0) std::cerr << "load_client: a refusal: " << last_bad_ << "\n";
}

int Run::go() {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(o_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < o_.connections; ++i) {
        auto c = std::make_unique<Connection>();
        c->fd = ::socket(AF_INET, SOCK_STREAM, 0);
        const int on = 1;
        ::setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(c->fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            die("cannot connect");
        epoll_event event{.events = EPOLLIN, .data = {.u64 = static_cast<std::uint64_t>(i)}};
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, c->fd, &event);
        connections_.push_back(std::move(c));
    }
    start_ = SteadyClock::now();
    std::size_t open = 0;
    for (std::size_t i = 0; i < connections_.size(); ++i)
        open += begin(*connections_[i], i) ? 1 : 0;
    std::vector<epoll_event> events(connections_.size());
    while (open > 0) {
        const int count = ::epoll_wait(poll_, events.data(), o_.connections, 60'000);
        if (count == 0) die("no answer for a minute");
        for (int i = 0; i < count; ++i) {
            const auto index =
                static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64);
            Connection& c = *connections_[index];
            if (!receive(c)) continue;
            ended(c);
            if (!begin(c, index)) --open;
        }
    }
    const std::chrono::duration<double> all = SteadyClock::now() - start_;
    report(all.count());
    return bad_ == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "objects" && argc > 3) {
        return write_objects(
            std::strtoull(argv[2], nullptr, 10),
            std::strtoull(argv[3], nullptr, 10),
            argc > 4 ? std::strtoull(argv[4], nullptr, 10) : UINT64_MAX
        );
    }
    if (what != "run") die("objects or run; its first comment says more");
    return Run(read_options(argc, argv)).go();
}
