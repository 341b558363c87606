// Question: what does publishing and reading cost on SQLite, without the network: entries a second
// for requests of 1,000 and of one object, pages of 1,000 under an open view, and a poll that finds
// nothing? Data: indicators of about 480 bytes in a database in the temporary folder. Run:
// scripts/bench store
#include "exchange/testing/harness.h"
#include "store/sqlite/sqlite_store.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

namespace {

using namespace entente;
using exchange::testing::Harness;

/// A node on disk with `filled` entries, one publisher, one reader of the own party.
class Node {
  public:
    explicit Node(int filled) {
        std::string made =
            (std::filesystem::temp_directory_path() / "entente-bench.XXXXXX").string();
        if (::mkdtemp(made.data()) == nullptr) std::abort();
        directory_ = made;
        store = std::move(store::open_sqlite_store(
                              {.file = directory_ + "/entente.db", .create = true, .vfs = {}}
        ).value());
        h = std::make_unique<Harness>(*store);
        collection = h->collection();
        publisher = h->user("publisher", h->own());
        reader = h->user("reader", h->own());
        h->grant(publisher, collection, {.read = true, .write = true});
        h->grant(reader, collection, {.read = true, .write = false});
        while (number_ < filled)
            publish(1'000);
        store->checkpoint();
    }

    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    ~Node() {
        h.reset();
        store.reset();
        std::filesystem::remove_all(directory_);
    }

    std::vector<std::string> objects(int count) {
        std::vector<std::string> made;
        for (int i = 0; i < count; ++i) {
            made.push_back(exchange::testing::object_json(
                {.number = ++number_,
                 .extra =
                     R"(,"indicator_types":["malicious-activity"],"labels":["sample","bench"],"confidence":80)"}
            ));
        }
        return made;
    }

    void publish(int count) {
        if (!h->publish(publisher, collection, objects(count))) std::abort();
    }

    std::unique_ptr<store::Store> store;
    std::unique_ptr<Harness> h;
    store::CollectionNo collection{};
    store::UserNo publisher{};
    store::UserNo reader{};

  private:
    std::string directory_;
    int number_ = 0;
};

void publish(benchmark::State& state) {
    Node node(static_cast<int>(state.range(1)));
    for (auto _ : state) {
        state.PauseTiming();
        const auto objects = node.objects(static_cast<int>(state.range(0)));
        state.ResumeTiming();
        benchmark::DoNotOptimize(node.h->publish(node.publisher, node.collection, objects));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(publish)
    ->ArgNames({"objects", "there"})
    ->Args({1'000, 0})
    ->Args({1'000, 100'000})
    ->Args({1, 0})
    ->MinTime(1);

void page(benchmark::State& state) {
    Node node(100'000);
    exchange::ReadRequest request;
    request.limit = static_cast<std::uint64_t>(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(node.h->read(node.reader, node.collection, request));
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(page)->ArgName("objects")->Arg(1'000)->MinTime(1);

void empty_poll(benchmark::State& state) {
    Node node(100'000);
    exchange::ReadRequest request;
    request.filter.added_after = node.h->clock.now() + 3600 * micros_per_second;
    for (auto _ : state)
        benchmark::DoNotOptimize(node.h->read(node.reader, node.collection, request));
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(empty_poll)->MinTime(1);

}  // namespace

BENCHMARK_MAIN();
