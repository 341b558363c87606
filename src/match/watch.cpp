#include "match/watch.h"

#include "base/assert.h"
#include "base/limits.h"
#include "match/internal/snapshot.h"
#include "pattern/evaluate.h"

#include <boost/json/value.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace entente::match {
namespace {

using pattern::Prepared;

constexpr std::size_t last_bytes_looked_for_suffixes = suffix_bytes_max;

/// Calls `take` with each way a value can stand in the table as a number or flag.
template <class Take>
void scalar_key(const Event::Value& value, Take take) {
    const auto give = [&](KeyKind kind, const auto& number) {
        take(kind, std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
    };
    switch (value.kind) {
        case Event::Kind::flag:
            return give(KeyKind::flag, value.flag);
        case Event::Kind::whole:
            return give(KeyKind::whole, value.whole);
        case Event::Kind::large:
            return give(KeyKind::large, value.large);
        case Event::Kind::real:
            break;
        default:
            return;
    }
    // As access.cpp writes constants: what is whole is a whole number, however it is spelled.
    const double real = value.real;
    if (real >= -9223372036854775808.0 && real < 9223372036854775808.0 &&
        std::trunc(real) == real) {
        return give(KeyKind::whole, static_cast<std::int64_t>(real));
    }
    if (real >= 9223372036854775808.0 && real < 18446744073709551616.0) {
        return give(KeyKind::large, static_cast<std::uint64_t>(real));
    }
    give(KeyKind::real, real);
}

std::optional<long double> number_of(const Event::Value& value) {
    switch (value.kind) {
        case Event::Kind::whole:
            return static_cast<long double>(value.whole);
        case Event::Kind::large:
            return static_cast<long double>(value.large);
        case Event::Kind::real:
            return static_cast<long double>(value.real);
        default:
            return std::nullopt;
    }
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// `block` with its first `prefix` bits alone.
pattern::AddressBlock masked(pattern::AddressBlock block, unsigned prefix) {
    for (unsigned i = 0; i < block.bytes.size(); ++i) {
        const unsigned bits = std::clamp(prefix, i * 8, i * 8 + 8) - i * 8;
        block.bytes[i] = static_cast<std::uint8_t>(block.bytes[i] & (0xff00U >> bits) & 0xffU);
    }
    block.prefix = prefix;
    return block;
}

/// So many observations of one pattern are many.
constexpr std::size_t many_kept = 64;

/// The observations that one pattern waits with.
struct Waiting {
    struct One {
        std::uint64_t number = 0;
        pattern::Seen seen;
    };

    Key key = 0;
    std::shared_ptr<const Whole> whole;
    std::deque<One> kept;
    std::uint64_t times = 0;             // of all of them together
    std::vector<std::uint64_t> holding;  // of those on which each expression holds

    void count(const pattern::Seen& seen);
    void discount(const pattern::Seen& seen);
};

/// No pattern needs more.
std::uint64_t counted(const pattern::Seen& seen) {
    return std::min<std::uint64_t>(seen.times, limits::match_kept_per_pattern_max);
}

void Waiting::count(const pattern::Seen& seen) {
    times += counted(seen);
    holding.resize(seen.holds.size());
    for (std::size_t i = 0; i < holding.size(); ++i)
        holding[i] += seen.holds[i] ? counted(seen) : 0;
}

void Waiting::discount(const pattern::Seen& seen) {
    times -= counted(seen);
    for (std::size_t i = 0; i < holding.size(); ++i)
        holding[i] -= seen.holds[i] ? counted(seen) : 0;
}

std::int64_t micros(const pattern::SeenTime& time) {
    constexpr std::int64_t second_max = 250'000'000'000;  // years 0000 to 9999 lie within
    std::int64_t us = std::clamp(time.second, -second_max, second_max) * micros_per_second;
    std::int64_t unit = micros_per_second / 10;
    for (const char c : time.fraction) {
        us += (c - '0') * unit;
        unit /= 10;
    }
    return us;
}

}  // namespace

struct Watch::Inside {
    std::shared_ptr<const Snapshot> snapshot;
    WatchOptions options;
    WatchCounts counts;
    bool cut = false;

    // One event.
    const Event* event = nullptr;
    std::uint64_t number = 0;
    std::size_t lookups = 0;
    std::uint64_t steps = 0;
    std::vector<Hit> hits;
    std::optional<pattern::ObservationSet> observed;  // for the plain evaluator

    /// A pattern over several observations, some expression of which holds on this one.
    struct Joining {
        Key key = 0;
        std::uint32_t fact = 0;
        const Segment::ExpressionOf* expression = nullptr;
        std::vector<bool> holds;
    };

    std::vector<Joining> joined;

    // Memory that is used again.
    Gather gather;
    std::vector<Fact> facts;
    std::vector<Probe> probes;
    std::string keys;  // of probes that are no texts
    std::vector<Segment::Found> found;

    // Of the stream.
    boost::unordered_flat_map<Key, Waiting> waiting;
    std::size_t kept = 0;
    std::set<std::pair<std::size_t, Key>> most;  // those that wait with many, by how many
    // Beginnings of the last observations that patterns waited with, one for each event. It is as
    // late as the earliest of them: a few events from the future, as of one wrong clock, make
    // nothing old.
    std::array<std::int64_t, 16> recent = no_times();
    std::size_t recent_events = 0;
    std::uint64_t recent_number = 0;

    [[nodiscard]] static std::array<std::int64_t, 16> no_times() {
        std::array<std::int64_t, 16> times{};
        times.fill(INT64_MIN);
        return times;
    }

    [[nodiscard]] std::int64_t as_late_as(std::int64_t began) {
        if (recent_events == 0 || recent_number != number) {
            recent[recent_events++ % recent.size()] = began;
            recent_number = number;
        }
        return *std::ranges::min_element(recent);
    }

    void make_probes();
    void probes_of_text(const Fact& fact, std::uint32_t index, const Event::Value& value);
    void probes_of_block(std::string_view text, const Fact& fact, std::uint32_t index);
    void probes_of_block6(
        const pattern::AddressBlock& block, const Fact& fact, std::uint32_t index
    );
    void add_probe(PathId path, KeyKind kind, std::string_view bytes, std::uint32_t fact);
    bool look_in_others(const Segment& segment);
    bool other(const Segment& segment, const Segment::PathLook& look, std::uint32_t fact);
    void look_in(const Segment& segment, bool is_base);
    void take(const Segment& segment, bool is_base, const Segment::Found& one);
    void judge(const Segment::ExpressionOf& expression, Key key, std::uint32_t fact);
    void add_hit(Key key, std::uint32_t fact, std::vector<std::uint64_t> events);
    void wait(const Joining& join);
    void forget(Waiting& of, const Prepared& pattern, std::int64_t now);
    void drop(Waiting& of, std::size_t at);
    void resized(const Waiting& of, std::size_t before);
    void make_room(Waiting& of);
    bool read_observed();
};

// ---- From facts to probes

void Watch::Inside::add_probe(
    PathId path, KeyKind kind, std::string_view bytes, std::uint32_t fact
) {
    probes.push_back({key_hash(snapshot->inside().hash, path, kind, bytes), fact, path, kind, bytes}
    );
}

void Watch::Inside::make_probes() {
    const Snapshot::Inside& in = snapshot->inside();
    probes.clear();
    keys.clear();
    // At most 17 bytes for each prefix length of each family; never moved while views point in it.
    constexpr std::size_t room = 33 * 5 + 129 * 17 + sizeof(std::uint64_t);
    std::size_t wanted = 0;
    for (const Fact& fact : facts) {
        const auto kind = event->at(fact.value).kind;
        const auto blocks = [&](const Segment* segment) {
            if (segment == nullptr) return false;
            return segment->look(fact.path).blocks();
        };
        if (kind == Event::Kind::text) {
            wanted += blocks(in.base.get()) || blocks(in.delta.get()) ? room : 0;
        } else {
            wanted += sizeof(std::uint64_t);
        }
    }
    if (keys.capacity() < wanted) keys.reserve(wanted);
    for (std::uint32_t i = 0; i < facts.size(); ++i) {
        const Fact& fact = facts[i];
        const Event::Value& value = event->at(fact.value);
        if (value.kind == Event::Kind::text) {
            if (!in.paths->octets(fact.path)) probes_of_text(fact, i, value);
            continue;
        }
        const bool wanted_here =
            in.base->look(fact.path).keys || (in.delta && in.delta->look(fact.path).keys);
        if (!wanted_here) continue;
        scalar_key(value, [&](KeyKind kind, std::string_view bytes) {
            const std::size_t at = keys.size();
            keys += bytes;
            add_probe(fact.path, kind, std::string_view(keys).substr(at), i);
        });
    }
}

void Watch::Inside::probes_of_text(
    const Fact& fact, std::uint32_t index, const Event::Value& value
) {
    const Snapshot::Inside& in = snapshot->inside();
    const Segment::PathLook& base = in.base->look(fact.path);
    const Segment::PathLook& delta = in.delta ? in.delta->look(fact.path) : base;
    const std::string_view text = value.as_text();
    if (base.keys || delta.keys) add_probe(fact.path, KeyKind::text, text, index);
    if (base.suffixes || delta.suffixes) {
        const std::size_t from =
            text.size() - std::min(text.size(), last_bytes_looked_for_suffixes);
        for (std::size_t dot = text.find('.', from); dot != std::string_view::npos;
             dot = text.find('.', dot + 1)) {
            add_probe(fact.path, KeyKind::suffix, text.substr(dot), index);
        }
    }
    if (base.blocks() || delta.blocks()) probes_of_block(text, fact, index);
}

void Watch::Inside::probes_of_block(std::string_view text, const Fact& fact, std::uint32_t index) {
    const auto block = pattern::read_address_block(text);
    if (!block) return;
    if (block->v6) return probes_of_block6(*block, fact, index);
    const Snapshot::Inside& in = snapshot->inside();
    std::uint32_t address = 0;
    for (std::size_t i = 0; i < 4; ++i)
        address = address << 8U | block->bytes[i];
    std::uint64_t lengths = in.base->lengths4(fact.path, address);
    if (in.delta) lengths |= in.delta->lengths4(fact.path, address);
    lengths &= (2ULL << block->prefix) - 1;
    for (; lengths != 0; lengths &= lengths - 1) {
        const auto prefix = static_cast<unsigned>(std::countr_zero(lengths));
        const auto wide = static_cast<std::uint32_t>(address & ~(0xffff'ffffULL >> prefix));
        const std::array<char, 5> key{
            static_cast<char>(prefix),
            static_cast<char>(wide >> 24U),
            static_cast<char>(wide >> 16U & 0xffU),
            static_cast<char>(wide >> 8U & 0xffU),
            static_cast<char>(wide & 0xffU)};
        const std::size_t at = keys.size();
        keys.append(key.data(), key.size());
        add_probe(fact.path, KeyKind::block4, std::string_view(keys).substr(at), index);
    }
}

void Watch::Inside::probes_of_block6(
    const pattern::AddressBlock& block, const Fact& fact, std::uint32_t index
) {
    const Snapshot::Inside& in = snapshot->inside();
    auto lengths = in.base->look(fact.path).lengths6;
    if (in.delta) lengths |= in.delta->look(fact.path).lengths6;
    if (lengths.none()) return;
    for (unsigned prefix = 0; prefix <= block.prefix; ++prefix) {
        if (!lengths.test(prefix)) continue;
        const pattern::AddressBlock wide = masked(block, prefix);
        const std::size_t at = keys.size();
        keys += static_cast<char>(prefix);
        keys.append(reinterpret_cast<const char*>(wide.bytes.data()), wide.bytes.size());
        add_probe(fact.path, KeyKind::block6, std::string_view(keys).substr(at), index);
    }
}

// ---- One segment

bool Watch::Inside::other(
    const Segment& segment, const Segment::PathLook& look, std::uint32_t index
) {
    const Fact& fact = facts[index];
    const Event::Value& value = event->at(fact.value);
    const bool octets = snapshot->inside().paths->octets(fact.path);
    const bool text = value.kind == Event::Kind::text && !octets;
    if (look.others) {
        if (!segment.present(fact.path, index, lookups, found)) return false;
        if (const auto real = number_of(value)) {
            if (!segment.number(fact.path, *real, index, lookups, found)) return false;
        } else if (text && segment.has_covers(fact.path)) {
            const auto block = pattern::read_address_block(value.as_text());
            if (block && !segment.cover(fact.path, *block, index, lookups, found)) return false;
        }
    }
    if (!text || !(look.pieces4 || look.pieces8)) return true;
    if (is_ascii(value.as_text())) {
        return segment.pieces(fact.path, value.as_text(), index, lookups, found);
    }
    const std::string normal = pattern::normal_form_c(value.as_text());
    return segment.pieces(fact.path, normal, index, lookups, found);
}

bool Watch::Inside::look_in_others(const Segment& segment) {
    for (std::uint32_t i = 0; i < facts.size(); ++i) {
        const Segment::PathLook& look = segment.look(facts[i].path);
        if (!look.others && !look.pieces4 && !look.pieces8) continue;
        if (!other(segment, look, i)) return false;
    }
    return true;
}

void Watch::Inside::look_in(const Segment& segment, bool is_base) {
    found.clear();
    segment.probe(probes, found);
    if (!look_in_others(segment)) cut = true;
    std::ranges::sort(found, {}, [](const Segment::Found& one) {
        return std::pair(one.target.word(), one.fact);
    });
    std::uint32_t before = 0;
    bool first = true;
    for (const Segment::Found& one : found) {
        if (!first && one.target.word() == before) continue;
        first = false;
        before = one.target.word();
        take(segment, is_base, one);
    }
}

void Watch::Inside::take(const Segment& segment, bool is_base, const Segment::Found& one) {
    const bool expression = one.target.is_expression();
    const Segment::ExpressionOf* of =
        expression ? &segment.expressions()[one.target.number()] : nullptr;
    const std::uint32_t row = expression ? of->row : one.target.number();
    if (is_base && snapshot->inside().is_gone(row)) return;
    if (options.times == WatchOptions::Times::observed) {
        // Seen at some time at which the indicator is valid.
        const Validity validity = segment.validity(row);
        const bool timeless = event->first == Micros{} && event->last == Micros{};
        const Micros first = timeless ? options.now : event->first;
        const Micros last = timeless ? options.now : event->last;
        const bool any = timeless && options.now == Micros{};
        if (!any && (last < validity.from || !(first < validity.until))) {
            ++counts.untimely;
            return;
        }
    }
    if (expression) {
        judge(*of, segment.key(row), one.fact);
    } else {
        add_hit(segment.key(row), one.fact, {number});
    }
}

void Watch::Inside::add_hit(Key key, std::uint32_t fact, std::vector<std::uint64_t> events) {
    if (hits.size() >= limits::match_event_hits_max) {
        cut = true;
        return;
    }
    const Fact& of = facts[fact];
    const Event::Value& value = event->at(of.value);
    hits.push_back(
        {key,
         snapshot->inside().paths->spelled(of.path),
         value.kind == Event::Kind::text ? value.as_text() : std::string_view{},
         std::move(events)}
    );
}

// ---- What conditions do not decide

bool Watch::Inside::read_observed() {
    if (observed) return true;
    auto read = pattern::ObservationSet::read(event->observed_data());
    if (!read) return false;  // times out of range, for example
    observed = std::move(*read);
    return true;
}

void Watch::Inside::judge(const Segment::ExpressionOf& expression, Key key, std::uint32_t fact) {
    if (!read_observed()) return;
    ++counts.candidates;
    const Prepared& pattern = expression.whole->pattern;
    if (steps == 0) {
        cut = true;
        return;
    }
    switch (pattern.holds(expression.which, *observed, 0, steps)) {
        case Prepared::Answer::no:
            return;
        case Prepared::Answer::undecided:
            ++counts.undecided;
            cut = true;
            return;
        case Prepared::Answer::yes:
            break;
    }
    if (pattern.single()) return add_hit(key, fact, {number});
    // Targets come in their order, in which those of one pattern are neighbours.
    if (joined.empty() || joined.back().key != key) {
        joined.push_back({key, fact, &expression, {}});
        joined.back().holds.resize(pattern.expressions().size());
    }
    joined.back().holds[expression.which] = true;
}

void Watch::Inside::drop(Waiting& of, std::size_t at) {
    of.discount(of.kept[at].seen);
    of.kept.erase(of.kept.begin() + static_cast<std::ptrdiff_t>(at));
    --kept;
    resized(of, of.kept.size() + 1);
}

void Watch::Inside::resized(const Waiting& of, std::size_t before) {
    if (before >= many_kept) most.erase({before, of.key});
    if (of.kept.size() >= many_kept) most.emplace(of.kept.size(), of.key);
}

/// The pattern that waits with most gives way, so that none takes the room of all others.
void Watch::Inside::make_room(Waiting& of) {
    while (kept >= limits::match_kept_max) {
        Waiting* from = &of;
        if (!most.empty() && most.rbegin()->first > of.kept.size())
            from = &waiting.find(most.rbegin()->second)->second;
        if (from->kept.empty()) return;
        ++counts.forgotten;
        drop(*from, 0);
    }
}

/// Drops what is too old or too much. What no match can need any more is dropped without being
/// counted.
void Watch::Inside::forget(Waiting& of, const Prepared& pattern, std::int64_t now) {
    const std::int64_t window = pattern.window_s();
    const std::int64_t needless = window == 0 || window > limits::match_kept_us / micros_per_second
                                      ? INT64_MAX
                                      : window * micros_per_second + limits::match_late_us;
    const std::int64_t longest = std::min(needless, limits::match_kept_us + limits::match_late_us);
    const std::int64_t begins = now < INT64_MIN + longest ? INT64_MIN : now - longest;
    const auto is_old = [&](std::size_t at) { return micros(of.kept[at].seen.last) < begins; };
    const auto forget_at = [&](std::size_t at, bool needed) {
        if (needed || needless == INT64_MAX) ++counts.forgotten;
        drop(of, at);
    };
    while (!of.kept.empty() && is_old(0))
        forget_at(0, false);
    // What is from the future does not keep what came after it.
    if (!of.kept.empty() && micros(of.kept.front().seen.last) > now) {
        for (std::size_t at = of.kept.size(); at-- > 1;)
            if (is_old(at)) forget_at(at, false);
    }
    while (!of.kept.empty() && of.kept.size() >= limits::match_kept_per_pattern_max)
        forget_at(0, true);
    make_room(of);
}

void Watch::Inside::wait(const Joining& join) {
    const Prepared& pattern = join.expression->whole->pattern;
    Waiting& of = waiting[join.key];
    if (of.whole != join.expression->whole) {
        kept -= of.kept.size();
        const std::size_t before = std::exchange(of.kept, {}).size();
        resized(of, before);
        of = {join.key, join.expression->whole, {}, 0, {}};
    }
    pattern::Seen seen = pattern::seen(*observed, 0);
    forget(of, pattern, as_late_as(micros(seen.first)));
    if (kept >= limits::match_kept_max) {
        // All that may be kept waits for very many other patterns.
        ++counts.forgotten;
        cut = true;
        return;
    }
    seen.holds = join.holds;
    of.count(seen);
    of.kept.push_back({number, std::move(seen)});
    ++kept;
    resized(of, of.kept.size() - 1);
    if (of.times < pattern.least() || !pattern.may_match(of.holding)) return;

    std::vector<pattern::Seen> all;
    all.reserve(of.kept.size());
    for (const Waiting::One& one : of.kept)
        all.push_back(one.seen);
    const std::uint64_t granted = std::min(steps, limits::match_binding_steps_max);
    const pattern::Match match = pattern.bind(all, granted);
    steps -= std::min(steps, 64 * static_cast<std::uint64_t>(all.size()));
    if (match.verdict == pattern::Match::Verdict::gave_up) {
        ++counts.undecided;
        cut = true;
        steps -= granted;
    }
    if (match.verdict != pattern::Match::Verdict::match) return;
    std::vector<std::uint64_t> numbers;
    for (const std::size_t at : match.bound)
        numbers.push_back(of.kept[at].number);
    for (std::size_t i = match.bound.size(); i-- > 0;)
        drop(of, match.bound[i]);
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    add_hit(join.key, join.fact, std::move(numbers));
}

// ---- The watch

Watch::Watch(std::shared_ptr<const Snapshot> indicators, const WatchOptions& options)
    : inside_(std::make_unique<Inside>()) {
    inside_->snapshot = std::move(indicators);
    inside_->options = options;
}

Watch::~Watch() = default;
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;

void Watch::use(std::shared_ptr<const Snapshot> indicators) {
    Inside& in = *inside_;
    in.snapshot = std::move(indicators);
    const Snapshot::Inside& set = in.snapshot->inside();
    const auto is_there = [&](Key key) {
        const auto row = set.base->row(key);
        return (row && !set.is_gone(*row)) || (set.delta && set.delta->row(key));
    };
    for (auto at = in.waiting.begin(); at != in.waiting.end();) {
        if (is_there(at->first)) {
            ++at;
        } else {
            in.kept -= at->second.kept.size();
            in.most.erase({at->second.kept.size(), at->first});
            in.waiting.erase(at++);
        }
    }
}

const std::vector<Hit>& Watch::look(const Event& event, std::uint64_t number) {
    Inside& in = *inside_;
    const Snapshot::Inside& set = in.snapshot->inside();
    in.event = &event;
    in.number = number;
    in.cut = event.full();
    in.lookups = limits::match_event_lookups_max;
    in.steps = limits::match_event_steps_max;
    in.hits.clear();
    in.joined.clear();
    in.observed.reset();
    if (!in.gather.run(event, *set.paths, in.lookups, in.facts)) in.cut = true;
    in.make_probes();
    in.look_in(*set.base, true);
    if (set.delta) in.look_in(*set.delta, false);
    for (const Inside::Joining& join : in.joined)
        in.wait(join);
    if (in.hits.size() > 1) std::ranges::sort(in.hits, {}, &Hit::key);
    ++in.counts.events;
    in.counts.values += in.facts.size();
    in.counts.hits += in.hits.size();
    in.counts.cut += in.cut ? 1 : 0;
    return in.hits;
}

bool Watch::was_cut() const noexcept {
    return inside_->cut;
}

const WatchCounts& Watch::counts() const noexcept {
    return inside_->counts;
}

}  // namespace entente::match
