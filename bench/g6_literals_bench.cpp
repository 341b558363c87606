// Question (goal G6): what does Vectorscan (the portable Hyperscan) reach on the same lines when it
// looks for indicators as plain texts, wherever they stand? It reads no JSON, knows no fields,
// names below names or blocks, and so hits more and less than patterns do: it is the limit for
// looking through text. Data: files that are named. Run: scripts/bench G6. By hand:
// g6_literals_bench LITERALS.txt EVENTS…, a literal a line. Each figure is the best of several
// rounds, in time that the thread had a core.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <hs.h>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int rounds = 3;

double core_s() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::vector<std::string> lines_of(const char* path) {
    std::ifstream file(path);
    if (!file) {
        std::fprintf(stderr, "g6_literals_bench: cannot read %s\n", path);
        std::exit(2);
    }
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);)
        if (!line.empty()) out.push_back(line);
    return out;
}

/// So many literals, from everywhere in `all`; null when they cannot be compiled.
hs_database_t* compiled(const std::vector<std::string>& all, std::size_t wanted) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> ids;
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::string& literal = all[i * all.size() / wanted];
        texts.push_back(literal.c_str());
        sizes.push_back(literal.size());
        ids.push_back(static_cast<unsigned>(i));
    }
    const std::vector<unsigned> flags(wanted, HS_FLAG_SINGLEMATCH);
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t failed = hs_compile_lit_multi(
        texts.data(),
        flags.data(),
        ids.data(),
        sizes.data(),
        static_cast<unsigned>(wanted),
        HS_MODE_BLOCK,
        nullptr,
        &database,
        &error
    );
    if (failed == HS_SUCCESS) return database;
    std::printf("%10zu literals, Vectorscan: not compiled: %s\n", wanted, error->message);
    hs_free_compile_error(error);
    return nullptr;
}

int on_match(unsigned, unsigned long long, unsigned long long, unsigned, void* hits) {
    ++*static_cast<std::size_t*>(hits);
    return 0;
}

void scan(const hs_database_t* database, std::size_t literals, const char* file) {
    hs_scratch_t* scratch = nullptr;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) std::exit(2);
    const std::vector<std::string> lines = lines_of(file);
    double best = 1e18;
    std::size_t hits = 0;
    double bytes = 0;
    for (int round = 0; round < rounds; ++round) {
        hits = 0;
        bytes = 0;
        const double start = core_s();
        for (const std::string& line : lines) {
            bytes += static_cast<double>(line.size());
            const auto size = static_cast<unsigned>(line.size());
            (void)hs_scan(database, line.data(), size, 0, scratch, on_match, &hits);
        }
        best = std::min(best, core_s() - start);
    }
    (void)hs_free_scratch(scratch);
    const std::string_view path = file;
    std::printf(
        "%10zu literals, Vectorscan, %.*s: %.0f lines/s, %.0f MB/s, hits %.2f of 1,000\n",
        literals,
        static_cast<int>(path.size() - path.rfind('/') - 1),
        path.data() + path.rfind('/') + 1,
        static_cast<double>(lines.size()) / best,
        bytes / best / 1e6,
        static_cast<double>(hits) * 1e3 / static_cast<double>(lines.size())
    );
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "g6_literals_bench LITERALS.txt EVENTS…\n");
        return 2;
    }
    const std::vector<std::string> literals = lines_of(argv[1]);
    // A million takes too long to compile.
    for (const std::size_t wanted : {std::size_t{10'000}, std::size_t{100'000}}) {
        if (wanted > literals.size()) continue;
        const double start = core_s();
        hs_database_t* const database = compiled(literals, wanted);
        if (database == nullptr) continue;
        std::size_t size = 0;
        (void)hs_database_size(database, &size);
        std::printf(
            "%10zu literals, Vectorscan: compiled in %.1f s, %.1f bytes each\n",
            wanted,
            core_s() - start,
            static_cast<double>(size) / static_cast<double>(wanted)
        );
        for (int i = 2; i < argc; ++i)
            scan(database, wanted, argv[i]);
        (void)hs_free_database(database);
    }
    return 0;
}
