// The server of a node with its parts chosen, for scripts/bench G4: whether requests share a
// commit, and how long the disk takes to sync beyond its own time.
//
//   write_server DIR batching|single SYNC_US    serves the node in DIR; prints "port N"
#include "cli/node_dir.h"
#include "exchange/exchange.h"
#include "exchange/login.h"
#include "http/server.h"
#include "taxii/service.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace {
std::atomic<long> sync_us{0};
}

// SQLite finds this one before the C library's.
extern "C" int fdatasync(int fd) {
    std::this_thread::sleep_for(std::chrono::microseconds(sync_us.load()));
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace {

using namespace entente;

int serve(const std::string& directory, bool batching) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread is made
    auto node = cli::NodeDir::open(directory);
    if (!node) {
        std::cerr << "write_server: " << node.error().detail << "\n";
        return 2;
    }
    exchange::StateCache states;
    auto writer = exchange::make_group_writer(node->store(), batching);
    exchange::Exchange exchange(
        {node->store(), *writer, states, system_clock(), system_random()}, node->settings()
    );
    exchange::Login login(states, node->store(), system_clock(), node->keys().token);
    taxii::ServiceOptions options;
    options.node.title = "Bench";
    taxii::Service service(exchange, login, options);
    http::ServerOptions server_options;
    server_options.port = 0;
    const auto server = http::Server::listen(server_options, service);
    if (!server) {
        std::cerr << "write_server: " << server.error().detail << "\n";
        return 2;
    }
    (*server)->start();
    std::cout << "port " << (*server)->port() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
    (*server)->stop(1'000);
    writer.reset();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "write_server: DIR batching|single SYNC_US\n";
        return 2;
    }
    sync_us = std::strtol(argv[3], nullptr, 10);
    return serve(argv[1], std::string(argv[2]) == "batching");
}
