// Question (goal G5): how many objects a second does one core check against all of STIX 2.1, from
// the bytes that came, patterns and recommendations included; how does that stand beside simdjson
// walking the same bytes, and beside the reference checker? Data: indicators of about 480 bytes,
// made here; a file of STIX 2.1, for example ATT&CK, when named. Run: scripts/bench G5. By hand:
// check_bench [--file BUNDLE.json] [--reference OBJECTS_PER_SECOND], and check_bench --write N,
// which prints N of the objects for the reference checker. Each figure is the best of several
// rounds.
#include "base/result.h"
#include "pattern/pattern.h"
#include "stix/check.h"
#include "stix/envelope.h"
#include "stix/object.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace entente;
namespace ondemand = simdjson::ondemand;

constexpr int rounds = 9;

std::string indicator(unsigned number) {
    return fmt::format(
        R"({{"type":"indicator","spec_version":"2.1","id":"indicator--{:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Address {}","description":"Seen","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.100.{}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"confidence":80,"labels":["sample"]}})",
        number,
        number,
        number % 256
    );
}

/// Nanoseconds that this thread had a core: others on the machine do not count.
double core_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Nanoseconds of one call of `work` for each of `count` things, the best of the rounds.
template <class Work>
double ns_each(std::size_t count, const Work& work) {
    double best = 1e18;
    for (int round = 0; round < rounds; ++round) {
        const double start = core_ns();
        for (std::size_t i = 0; i < count; ++i)
            work(i);
        best = std::min(best, (core_ns() - start) / static_cast<double>(count));
    }
    return best;
}

/// Visits every value: names and strings unescaped, numbers read. Gives a sum, so that nothing is
/// left out.
std::size_t walk(ondemand::value value) {
    std::size_t sum = 0;
    switch (value.type()) {
        case ondemand::json_type::object:
            for (auto field : value.get_object()) {
                sum += std::string_view(field.unescaped_key()).size();
                sum += walk(field.value());
            }
            return sum;
        case ondemand::json_type::array:
            for (auto element : value.get_array())
                sum += walk(element.value());
            return sum;
        case ondemand::json_type::string:
            return std::string_view(value.get_string()).size();
        case ondemand::json_type::number:
            return static_cast<std::size_t>(std::abs(double(value.get_double())));
        case ondemand::json_type::boolean:
            return bool(value.get_bool()) ? 1 : 0;
        case ondemand::json_type::null:
            return value.is_null() ? 1 : 0;
    }
    return sum;
}

std::size_t walk_document(ondemand::parser& parser, const simdjson::padded_string& text) {
    auto document = parser.iterate(text);
    return walk(document.get_value());
}

/// The texts of a bundle's objects.
std::vector<std::string> objects_of(const std::string& bundle) {
    std::vector<std::string> out;
    stix::Cutter cutter([&out](std::string_view text, std::size_t) -> Result<void> {
        out.emplace_back(text);
        return {};
    });
    if (!cutter.feed(bundle) || !cutter.finish()) {
        std::fprintf(stderr, "check_bench: the file is no STIX\n");
        std::exit(2);
    }
    return out;
}

struct Part {
    double measured = 0;
    double goal = 0;
};

std::string told(char letter, const Part& part, std::string_view unit) {
    return fmt::format(
        "{} {:.{}f} goal {} {}", letter, part.measured, part.goal < 10 ? 2 : 0, part.goal, unit
    );
}

struct Rates {
    double from_text = 0;    // reading and checking, objects a second
    double check_alone = 0;  // of what has been read
};

Rates indicators() {
    std::vector<std::string> texts;
    std::vector<std::string> canonical;
    std::vector<simdjson::padded_string> padded;
    for (unsigned i = 0; i < 256; ++i) {
        texts.push_back(indicator(i));
        canonical.push_back(*stix::canonical_json(texts.back()));
        padded.emplace_back(texts.back());
    }
    stix::Checker checker;
    ondemand::parser parser;
    std::size_t sum = 0;
    const std::size_t n = texts.size() * 64;
    const auto at = [&](std::size_t i) { return i % texts.size(); };
    const double read =
        ns_each(n, [&](std::size_t i) { sum += stix::read_object(texts[at(i)])->id.size(); });
    const double form =
        ns_each(n, [&](std::size_t i) { sum += stix::canonical_json(texts[at(i)])->size(); });
    const double musts = ns_each(n, [&](std::size_t i) {
        sum += checker.check_canonical(canonical[at(i)], {stix::Spec::as_stated, false}).size();
    });
    const double shoulds =
        ns_each(n, [&](std::size_t i) { sum += checker.check_canonical(canonical[at(i)]).size(); });
    const double pattern = ns_each(n, [&](std::size_t) {
        sum += pattern::sound("[ipv4-addr:value = '198.51.100.7']") ? 1U : 0U;
    });
    const double all =
        ns_each(n, [&](std::size_t i) { sum += checker.check(texts[at(i)]).size(); });
    const double walked =
        ns_each(n, [&](std::size_t i) { sum += walk_document(parser, padded[at(i)]); });
    fmt::print("an indicator of {} bytes, ns each ({}):\n", texts[0].size(), sum % 10);
    fmt::print("  read_object (with its digest)        {:8.0f}\n", read);
    fmt::print("  canonical form                       {:8.0f}\n", form);
    fmt::print("  check of that form, MUST             {:8.0f}\n", musts);
    fmt::print("  check of that form, MUST and SHOULD  {:8.0f}\n", shoulds);
    fmt::print("    of these its pattern               {:8.0f}\n", pattern);
    fmt::print("  check of the text, all               {:8.0f}\n", all);
    fmt::print("  simdjson walking the text            {:8.0f}\n", walked);
    return {1e9 / all, 1e9 / shoulds};
}

Part attack(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::vector<std::string> objects = objects_of(text);
    std::size_t bytes = 0;
    std::vector<simdjson::padded_string> padded;
    for (const std::string& object : objects) {
        bytes += object.size();
        padded.emplace_back(object);
    }
    stix::Checker checker;
    ondemand::parser parser;
    std::size_t sum = 0;
    const double checked = ns_each(objects.size(), [&](std::size_t i) {
        sum += checker.check(objects[i], {stix::Spec::as_stated, false}).size();
    });
    const double walked =
        ns_each(padded.size(), [&](std::size_t i) { sum += walk_document(parser, padded[i]); });
    const double per_object = static_cast<double>(bytes) / static_cast<double>(objects.size());
    fmt::print("{}: {} objects of {:.0f} bytes ({})\n", path, objects.size(), per_object, sum % 10);
    fmt::print(
        "  check of the text, MUST              {:8.0f} ns each, {:.0f} MB/s\n",
        checked,
        per_object / checked * 1e3
    );
    fmt::print(
        "  simdjson walking the text            {:8.0f} ns each, {:.0f} MB/s\n",
        walked,
        per_object / walked * 1e3
    );
    return {walked / checked, 0.4};
}

}  // namespace

int main(int argc, char** argv) {
    std::string file;
    double reference = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view option = argv[i];
        if (option == "--file") file = argv[i + 1];
        if (option == "--reference") reference = std::strtod(argv[i + 1], nullptr);
        if (option != "--write") continue;
        for (unsigned k = 0; k < static_cast<unsigned>(std::atoi(argv[i + 1])); ++k)
            fmt::print("{}\n", indicator(k));
        return 0;
    }
    const Rates rates = indicators();
    const Part a{rates.from_text, 1e6};
    std::string line = told('a', a, "objects/s");
    bool met = a.measured >= a.goal;
    if (!file.empty()) {
        const Part b = attack(file);
        line += "; " + told('b', b, "of simdjson walking ATT&CK");
        met = met && b.measured >= b.goal;
    }
    if (reference > 0) {
        // The reference is given parsed objects, so that neither side reads.
        const Part c{rates.check_alone / reference, 5'000};
        line += "; " + told('c', c, "times the reference checker, checking alone");
        met = met && c.measured >= c.goal;
    }
    fmt::print("G5 {} {}\n", met ? "met" : "missed", line);
    return 0;
}
