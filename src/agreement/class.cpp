#include "agreement/class.h"

#include "base/assert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace entente::agreement {
namespace {

// The key: "1|", or "2|" where something is hidden, or "3|" of a described entry, then texts as
// `<bytes>:<text>`, numbers as
// `<number>;`, lists as their count and then their parts. Lengths come first, so no text can
// imitate a border; numbers have one spelling, so equal keys mean equal facets.
constexpr std::string_view form_mark = "1|";
constexpr std::string_view hiding_mark = "2|";
constexpr std::string_view described_mark = "3|";

void put_number(std::string& out, std::uint64_t number, char end) {
    out += std::to_string(number);
    out += end;
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size(), ':');
    out += text;
}

void put_texts(std::string& out, const std::vector<std::string>& texts) {
    put_number(out, texts.size(), ';');
    for (const std::string& text : texts)
        put_text(out, text);
}

class KeyReader {
  public:
    explicit KeyReader(std::string_view key) : rest_(key) {}

    [[nodiscard]] bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    template <class N>
    [[nodiscard]] bool number(N& out, char end) {
        const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        const auto digits = static_cast<std::size_t>(stop - rest_.data());
        if (error != std::errc() || digits == rest_.size() || *stop != end) return false;
        if (rest_.front() == '0' && digits > 1) return false;
        rest_.remove_prefix(digits + 1);
        return true;
    }

    /// A count of parts that take at least `bytes_each`: never more than the rest can hold.
    [[nodiscard]] bool count(std::size_t& out, std::size_t bytes_each) {
        return number(out, ';') && out <= rest_.size() / bytes_each;
    }

    [[nodiscard]] bool text(std::string& out) {
        std::size_t size = 0;
        if (!number(size, ':') || size > rest_.size()) return false;
        out.assign(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return true;
    }

    [[nodiscard]] bool texts(std::vector<std::string>& out) {
        std::size_t size = 0;
        if (!count(size, 2)) return false;
        out.resize(size);
        for (std::string& each : out) {
            if (!text(each)) return false;
        }
        return true;
    }

    template <class E>
    [[nodiscard]] bool numbered(E& out) {
        std::underlying_type_t<E> value = 0;
        if (!number(value, ';')) return false;
        out = E{value};
        return true;
    }

    [[nodiscard]] bool needs(std::vector<std::vector<ClassNo>>& out) {
        std::size_t size = 0;
        if (!count(size, 2)) return false;
        out.resize(size);
        for (std::vector<ClassNo>& need : out) {
            if (!count(size, 2)) return false;
            need.resize(size);
            for (ClassNo& cls : need) {
                if (!numbered(cls)) return false;
            }
        }
        return true;
    }

    /// What form 3 has beyond form 2.
    [[nodiscard]] bool described(Facets& facets) {
        facets.described = true;
        return texts(facets.hidden) && texts(facets.words) && texts(facets.pattern_paths) &&
               number(facets.confidence, ';') && number(facets.age, ';') &&
               number(facets.personal, ';') && number(facets.cut, ';') && joined(facets.arrivals);
    }

    /// Ids of agreements, which have no blanks in them, as one text.
    [[nodiscard]] bool joined(std::vector<std::string>& out) {
        std::string all;
        if (!text(all)) return false;
        for (std::size_t from = 0; !all.empty() && from <= all.size();) {
            const std::size_t end = std::min(all.find(' ', from), all.size());
            out.push_back(all.substr(from, end - from));
            from = end + 1;
        }
        return true;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

}  // namespace

std::uint8_t age_band(std::uint64_t days) noexcept {
    const auto at = std::ranges::lower_bound(age_days, days);
    return at == age_days.end() ? std::uint8_t{0}
                                : static_cast<std::uint8_t>(at - age_days.begin() + 1);
}

std::string facets_key(const Facets& facets) {
    std::string out(
        facets.described        ? described_mark
        : facets.hidden.empty() ? form_mark
                                : hiding_mark
    );
    put_text(out, facets.type);
    put_text(out, facets.spec_version);
    put_texts(out, facets.markings);
    put_texts(out, facets.granular);
    put_text(out, facets.producer);
    put_number(out, raw(facets.source), ';');
    put_number(out, raw(facets.held_for), ';');
    put_number(out, facets.needs.size(), ';');
    for (const std::vector<ClassNo>& need : facets.needs) {
        put_number(out, need.size(), ';');
        for (const ClassNo cls : need)
            put_number(out, raw(cls), ';');
    }
    if (!facets.described) {
        if (!facets.hidden.empty()) put_texts(out, facets.hidden);
        return out;
    }
    put_texts(out, facets.hidden);
    put_texts(out, facets.words);
    put_texts(out, facets.pattern_paths);
    for (const unsigned n : {facets.confidence, facets.age, facets.personal, facets.cut})
        put_number(out, n, ';');
    put_text(out, fmt::format("{}", fmt::join(facets.arrivals, " ")));
    return out;
}

Result<Facets> facets_of(std::string_view key) {
    KeyReader reader(key);
    Facets facets;
    const bool described = reader.take(described_mark);
    const bool hides = !described && reader.take(hiding_mark);
    const bool read = (described || hides || reader.take(form_mark)) && reader.text(facets.type) &&
                      reader.text(facets.spec_version) && reader.texts(facets.markings) &&
                      reader.texts(facets.granular) && reader.text(facets.producer) &&
                      reader.numbered(facets.source) && reader.numbered(facets.held_for) &&
                      reader.needs(facets.needs) &&
                      (!hides || (reader.texts(facets.hidden) && !facets.hidden.empty())) &&
                      (!described || reader.described(facets)) && reader.at_end();
    if (!read) return fail(Errc::corrupt, "a stored class cannot be read");
    return facets;
}

void ClassTable::add(ClassNo no, Facets facets) {
    ENTENTE_ASSERT(raw(no) > 0 && raw(no) >= facets_.size());
    facets_.resize(std::size_t{raw(no)} + 1);
    facets_[raw(no)] = std::move(facets);
}

const Facets* ClassTable::find(ClassNo no) const noexcept {
    if (raw(no) >= facets_.size() || facets_[raw(no)].type.empty()) return nullptr;
    return &facets_[raw(no)];
}

}  // namespace entente::agreement
