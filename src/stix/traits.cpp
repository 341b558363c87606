#include "stix/traits.h"

#include "base/limits.h"
#include "pattern/pattern.h"
#include "stix/internal/number.h"
#include "stix/internal/scanner.h"
#include "stix/internal/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace entente::stix {
namespace {

using internal::Scanner;

/// The first of different texts in the order of their bytes, and whether there were more.
class FirstTexts {
  public:
    static constexpr std::size_t most =
        std::max(limits::traits_words_max, limits::traits_paths_max);
    static_assert(most <= 256, "places must fit a byte");

    /// REQUIRES: count_max <= most.
    FirstTexts(std::size_t count_max, std::size_t bytes_max) noexcept
        : count_max_(count_max),
          bytes_max_(bytes_max) {}

    void leave_out() noexcept { left_out_ = true; }

    void add(std::string_view text) {
        if (text.size() > bytes_max_) return leave_out();
        std::uint8_t* const end = order_.data() + texts_.size();
        std::uint8_t* const at =
            std::lower_bound(order_.data(), end, text, [this](std::size_t i, std::string_view t) {
                return texts_[i] < t;
            });
        if (at != end && texts_[*at] == text) return;
        if (texts_.size() < count_max_) {
            std::copy_backward(at, end, end + 1);
            *at = static_cast<std::uint8_t>(texts_.size());
            texts_.emplace_back(text);
            return;
        }
        leave_out();
        if (at == end) return;
        texts_[*(end - 1)] = text;
        std::rotate(at, end - 1, end);
    }

    [[nodiscard]] std::vector<std::string> take() && {
        constexpr std::string_view mark = "*";
        if (left_out_) texts_.emplace_back(mark);
        std::sort(texts_.begin(), texts_.end());
        return std::move(texts_);
    }

  private:
    std::size_t count_max_;
    std::size_t bytes_max_;
    std::vector<std::string> texts_;          // as they came
    std::array<std::uint8_t, most> order_{};  // of `texts_`: to make room moves these and no texts
    bool left_out_ = false;
};

/// One pass over the body of one object.
class Reader {
  public:
    explicit Reader(const Object& object)
        : in_(object.body),
          v20_(object.spec_version == "2.0"),
          indicator_(object.type == "indicator") {
        const internal::Table& table = v20_ ? internal::table_20() : internal::table_21();
        const internal::Structure* const type = table.object(object.type);
        if (type == nullptr) return;
        for (const internal::Column& column : type->columns) {
            using internal::Form;
            if (column.row->form == Form::open || column.row->form == Form::closed)
                vocabulary_[vocabularies_++] = column.name;
        }
    }

    [[nodiscard]] Traits read() {
        Traits out;
        if (!members()) {
            words_ = FirstTexts(0, 0);
            words_.leave_out();
            pattern_ = pattern_type_ = std::nullopt;
            confidence_ = std::nullopt;
        }
        out.words = std::move(words_).take();
        if (indicator_) out.pattern_paths = paths();
        out.confidence = confidence_;
        return out;
    }

  private:
    [[nodiscard]] bool members() {
        in_.skip_space();
        if (!in_.take('{')) return false;
        in_.skip_space();
        if (in_.take('}')) return in_.at_end();
        do {
            in_.skip_space();
            const auto token = in_.string();
            in_.skip_space();
            if (!token || !in_.take(':')) return false;
            in_.skip_space();
            if (!member(token->escaped ? unescaped(*token, name_).value_or("") : token->raw))
                return false;
            in_.skip_space();
        } while (in_.take(','));
        return in_.take('}') && in_.at_end();
    }

    [[nodiscard]] bool member(std::string_view name) {
        if (name == "labels") return words("label");
        const std::span<const std::string_view> names(vocabulary_.data(), vocabularies_);
        const bool worded = std::find(names.begin(), names.end(), name) != names.end();
        const char* const from = in_.position();
        if (worded) {
            if (!words(name)) return false;
        } else if (in_.plain_string().data() == nullptr && !in_.skip_value()) {
            return false;
        }
        const std::string_view value(from, static_cast<std::size_t>(in_.position() - from));
        if (name == "confidence") confidence_ = percentage(value);
        if (name == "pattern") pattern_ = value;
        if (name == "pattern_type") pattern_type_ = value;
        return true;
    }

    /// A string, or a list of strings, as words of that name.
    [[nodiscard]] bool words(std::string_view name) {
        if (!in_.take('[')) return word(name);
        in_.skip_space();
        if (in_.take(']')) return true;
        do {
            in_.skip_space();
            if (!word(name)) return false;
            in_.skip_space();
        } while (in_.take(','));
        return in_.take(']');
    }

    [[nodiscard]] bool word(std::string_view name) {
        if (in_.peek() != '"') {
            words_.leave_out();
            return in_.skip_value();
        }
        const auto token = in_.string();
        if (!token) return false;
        const auto value = unescaped(*token, text_);
        if (!value || value->size() > limits::traits_word_bytes_max) {
            words_.leave_out();
            return true;
        }
        word_ = name;
        word_ += ':';
        word_ += *value;
        words_.add(word_);
        return true;
    }

    /// The characters of the token, in `room` where they do not stand there as they are. Nothing
    /// for half of a surrogate pair.
    static std::optional<std::string_view> unescaped(
        const Scanner::Text& token, std::string& room
    ) {
        if (!token.escaped) return token.raw;
        room.clear();
        if (!internal::append_unescaped(room, token.raw)) return std::nullopt;
        return room;
    }

    /// The text of a string; nothing for other values.
    static std::optional<std::string_view> text(
        std::optional<std::string_view> value, std::string& room
    ) {
        if (!value) return std::nullopt;
        Scanner in(*value);
        const auto token = in.string();
        return token ? unescaped(*token, room) : std::nullopt;
    }

    static std::optional<std::uint8_t> percentage(std::string_view value) {
        const bool number = value.starts_with('-') || (value[0] >= '0' && value[0] <= '9');
        std::string canonical;
        if (!number || !internal::append_number(canonical, value)) return std::nullopt;
        std::uint8_t whole = 0;
        const char* const end = canonical.data() + canonical.size();
        const auto [stop, error] = std::from_chars(canonical.data(), end, whole);
        if (error != std::errc() || stop != end || whole > 100) return std::nullopt;
        return whole;
    }

    [[nodiscard]] std::vector<std::string> paths() {
        FirstTexts found(limits::traits_paths_max, limits::traits_path_bytes_max);
        const auto type = text(pattern_type_, name_);
        const bool stix = type ? *type == "stix" : v20_ && !pattern_type_;
        const auto pattern = text(pattern_, text_);
        const bool told = stix && pattern &&
                          pattern::object_paths(
                              *pattern,
                              v20_ ? pattern::Dialect::v20 : pattern::Dialect::v21,
                              [&found](std::string_view path) { found.add(path); }
                          );
        if (told) return std::move(found).take();
        return {"*"};
    }

    Scanner in_;
    bool v20_;
    bool indicator_;
    std::array<std::string_view, 64> vocabulary_;  // names of properties; a type has no more
    std::size_t vocabularies_ = 0;
    FirstTexts words_{limits::traits_words_max, limits::traits_word_bytes_max};
    std::optional<std::string_view> pattern_;       // as JSON
    std::optional<std::string_view> pattern_type_;  // as JSON
    std::optional<std::uint8_t> confidence_;
    std::string name_;
    std::string text_;
    std::string word_;
};

/// The steps of an object path, one after the other.
class Steps {
  public:
    enum class Step : std::uint8_t {
        name,
        index,
        any_index,
        wildcard,  // .* at the end
        end,
        broken  // no path from here on; so is all that follows
    };

    /// The type, which has no quotes, is the first step.
    explicit Steps(std::string_view path) noexcept : rest_(path) {}

    Step next() noexcept {
        switch (place_) {
            case Place::type:
                return type();
            case Place::property:
                place_ = Place::behind;
                return name();
            case Place::behind:
                break;
        }
        if (rest_.empty()) return Step::end;
        if (rest_.front() == '[') return index();
        if (rest_.front() != '.') return fail();
        rest_.remove_prefix(1);
        return name();
    }

    /// Of a name, without its quotes.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// Is all that follows well-formed?
    [[nodiscard]] bool ends_well() noexcept {
        for (;;) {
            const Step kind = next();
            if (kind == Step::end) return true;
            if (kind == Step::broken || kind == Step::wildcard) return false;
        }
    }

  private:
    enum class Place : std::uint8_t { type, property, behind };

    Step fail() noexcept {
        rest_ = "!";  // begins no step
        place_ = Place::behind;
        return Step::broken;
    }

    Step type() noexcept {
        const std::size_t colon = rest_.find_first_of(":'");
        if (colon == 0 || colon == std::string_view::npos || rest_[colon] != ':') return fail();
        text_ = rest_.substr(0, colon);
        rest_.remove_prefix(colon + 1);
        place_ = Place::property;
        return Step::name;
    }

    Step name() noexcept {
        if (rest_ == "*") {
            rest_ = {};
            return Step::wildcard;
        }
        if (rest_.starts_with('\'')) return quoted();
        constexpr std::string_view bare =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
        const std::size_t size = std::min(rest_.find_first_not_of(bare), rest_.size());
        if (size == 0) return fail();
        text_ = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return Step::name;
    }

    Step quoted() noexcept {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                // Only these are escaped and they always are, so that the same names have the same
                // bytes.
                if (++i == rest_.size() || (rest_[i] != '\'' && rest_[i] != '\\')) break;
            } else if (rest_[i] == '\'') {
                text_ = rest_.substr(1, i - 1);
                rest_.remove_prefix(i + 1);
                return Step::name;
            }
        }
        return fail();
    }

    Step index() noexcept {
        const std::size_t close = rest_.find(']');
        if (close == std::string_view::npos) return fail();
        std::string_view inside = rest_.substr(1, close - 1);
        rest_.remove_prefix(close + 1);
        if (inside == "*") return Step::any_index;
        if (inside.starts_with('-')) inside.remove_prefix(1);
        if (inside.empty() || inside.find_first_not_of("0123456789") != std::string_view::npos)
            return fail();
        return Step::index;
    }

    std::string_view rest_;
    std::string_view text_;
    Place place_ = Place::type;
};

}  // namespace

Traits traits_of(const Object& object) {
    return Reader(object).read();
}

bool path_within(std::string_view path, std::string_view allowed) noexcept {
    using Step = Steps::Step;
    if (path == allowed || allowed == "*") return true;
    Steps steps(path);
    Steps wanted(allowed);
    bool open_ended = false;
    for (;;) {
        const Step want = wanted.next();
        const Step have = steps.next();
        if (want == Step::broken || have == Step::broken || have == Step::wildcard) return false;
        if (want == Step::wildcard) return have != Step::end && steps.ends_well();
        if (want == Step::end) return have == Step::end || (open_ended && steps.ends_well());
        if (have == Step::end) return false;
        if ((want == Step::name) != (have == Step::name)) return false;
        if (want == Step::name && wanted.text() != steps.text()) return false;
        open_ended = want == Step::any_index;
    }
}

}  // namespace entente::stix
