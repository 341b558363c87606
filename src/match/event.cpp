#include "match/event.h"

#include "base/limits.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>

namespace entente::match {
namespace {

namespace json = boost::json;

constexpr std::size_t block_bytes = 64U << 10U;
constexpr std::size_t kept_values_max = 16'384;  // between two events
constexpr std::size_t kept_blocks_max = 16;

/// An event's values as JSON. References are the numbers of roots, as keys of `objects` are.
class Writer {
  public:
    explicit Writer(const Event& event) : event_(event) {
        for (std::size_t i = 0; i < event.roots().size(); ++i)
            keys_.emplace(event.roots()[i].value, std::to_string(i));
    }

    [[nodiscard]] const std::string& key(Event::Index object) const { return keys_.at(object); }

    // Nesting is bounded by whoever made the event (limits::match_event_depth_max).
    // NOLINTNEXTLINE(misc-no-recursion)
    [[nodiscard]] json::value of(Event::Index index) const {
        const Event::Value& value = event_.at(index);
        switch (value.kind) {
            case Event::Kind::null:
                return nullptr;
            case Event::Kind::flag:
                return value.flag;
            case Event::Kind::whole:
                return value.whole;
            case Event::Kind::large:
                return value.large;
            case Event::Kind::real:
                return value.real;
            case Event::Kind::text:
                return json::string(value.as_text());
            case Event::Kind::reference:
                return json::string(key(value.target));
            case Event::Kind::dict: {
                json::object out;
                for (Event::Index i = value.first; i != Event::none; i = event_.at(i).next)
                    out.emplace(event_.at(i).name.text, of(i));
                return out;
            }
            case Event::Kind::list:
            case Event::Kind::references: {
                json::array out;
                for (Event::Index i = value.first; i != Event::none; i = event_.at(i).next)
                    out.push_back(of(i));
                return out;
            }
        }
        return nullptr;
    }

  private:
    const Event& event_;
    std::unordered_map<Event::Index, std::string> keys_;
};

std::string stix_time(std::string_view exact, Micros rounded) {
    return exact.empty() ? format_taxii(rounded) : std::string(exact);
}

}  // namespace

Event::Event() {
    clear();
}

void Event::clear() {
    if (values_.capacity() > kept_values_max) std::vector<Value>().swap(values_);
    if (roots_.capacity() > kept_values_max) std::vector<Root>().swap(roots_);
    if (large_ || blocks_.size() > kept_blocks_max) blocks_.clear();
    large_ = false;
    values_.clear();
    values_.emplace_back();  // `none`
    roots_.clear();
    full_ = false;
    block_ = 0;
    used_ = 0;
    first = last = {};
    first_text = last_text = {};
    times = 1;
}

Event::Value& Event::add(Index into, Name name, Kind kind) {
    if (values_.size() >= limits::match_event_values_max) full_ = true;
    if (full_ || into == none) {
        values_[none] = {};  // what is written there is nobody's
        return values_[none];
    }
    const auto index = static_cast<Index>(values_.size());
    Value& made = values_.emplace_back();
    made.name = name;
    made.kind = kind;
    Value& parent = values_[into];
    if (parent.first == none) {
        parent.first = index;
    } else {
        values_[parent.size].next = index;
    }
    parent.size = index;
    return made;
}

Event::Index Event::add_children(Index into, Name name, Kind kind) {
    Value& made = add(into, name, kind);
    if (&made == &values_[none]) return none;
    made.first = none;
    return static_cast<Index>(values_.size() - 1);
}

Event::Index Event::object(Name type) {
    if (values_.size() + 1 >= limits::match_event_values_max) full_ = true;
    if (full_) return none;
    const auto index = static_cast<Index>(values_.size());
    Value& made = values_.emplace_back();
    made.kind = Kind::dict;
    made.first = none;
    roots_.push_back({type, index});
    static constexpr Name type_name{"type"};
    if (!type.text.empty()) text(index, type_name, type.text);
    return index;
}

void Event::null(Index into, Name name) {
    add(into, name, Kind::null);
}

void Event::flag(Index into, Name name, bool value) {
    add(into, name, Kind::flag).flag = value;
}

void Event::whole(Index into, Name name, std::int64_t value) {
    add(into, name, Kind::whole).whole = value;
}

void Event::large(Index into, Name name, std::uint64_t value) {
    if (value <= INT64_MAX) {
        whole(into, name, static_cast<std::int64_t>(value));
    } else {
        add(into, name, Kind::large).large = value;
    }
}

void Event::real(Index into, Name name, double value) {
    add(into, name, Kind::real).real = value;
}

void Event::text(Index into, Name name, std::string_view value) {
    Value& made = add(into, name, Kind::text);
    made.text = value.data();
    made.size = static_cast<std::uint32_t>(value.size());
}

Event::Index Event::dict(Index into, Name name) {
    return add_children(into, name, Kind::dict);
}

Event::Index Event::list(Index into, Name name) {
    return add_children(into, name, Kind::list);
}

Event::Index Event::references(Index into, Name name) {
    return add_children(into, name, Kind::references);
}

void Event::reference(Index into, Name name, Index object) {
    if (object == none) return;
    add(into, name, Kind::reference).target = object;
}

char* Event::room(std::size_t size) {
    if (size > block_bytes / 4) {
        // A block of its own, before the one that is being filled.
        large_ = true;
        blocks_.insert(
            blocks_.begin() + static_cast<std::ptrdiff_t>(block_),
            std::make_unique<char[]>(std::max(size, block_bytes))
        );
        return blocks_[block_++].get();
    }
    if (block_ < blocks_.size() && used_ + size > block_bytes) {
        ++block_;
        used_ = 0;
    }
    if (block_ == blocks_.size()) {
        blocks_.push_back(std::make_unique<char[]>(block_bytes));
        used_ = 0;
    }
    char* const out = blocks_[block_].get() + used_;
    used_ += size;
    return out;
}

std::string_view Event::keep(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* const out = room(bytes.size());
    std::memcpy(out, bytes.data(), bytes.size());
    return {out, bytes.size()};
}

json::value Event::observed_data() const {
    const Writer writer(*this);
    json::object objects;
    for (const Root& root : roots_)
        objects.emplace(writer.key(root.value), writer.of(root.value));
    return json::object{
        {"type", "observed-data"},
        {"first_observed", stix_time(first_text, first)},
        {"last_observed", stix_time(last_text, last)},
        {"number_observed", times},
        {"objects", std::move(objects)}};
}

}  // namespace entente::match
