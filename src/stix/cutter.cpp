#include "stix/envelope.h"
#include "stix/internal/scanner.h"

namespace entente::stix {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// "objects" with each letter as \u00XX is 42 bytes; a longer name is another one.
constexpr std::size_t name_bytes_kept = 43;

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// A byte of a number, true, false, null, or of what pretends to be one.
bool is_scalar_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

}  // namespace

Cutter::Cutter(Sink sink) : sink_(std::move(sink)) {}

Cutter::Cutter(Sink sink, Around around) : sink_(std::move(sink)), around_(std::move(around)) {}

Result<void> Cutter::feed(std::string_view bytes) {
    if (failed_) return tl::unexpected(*failed_);
    chunk_ = next_ = kept_from_ = bytes.data();
    end_ = chunk_ + bytes.size();
    Result<void> result;
    while (result && next_ != end_)
        result = step();
    if (result && keeping_) result = keep_chunk();
    before_ += bytes.size();
    chunk_ = next_ = end_ = kept_from_ = nullptr;
    if (!result) failed_ = result.error();
    return result;
}

Result<void> Cutter::finish() {
    if (failed_) return tl::unexpected(*failed_);
    if (place_ != Place::top || mark_bytes_ % byte_order_mark.size() != 0) {
        return malformed(
            "truncated: the text ends inside the value that began at byte " +
            std::to_string(opened_at_)
        );
    }
    if (objects_ == 0 && !told_) return malformed("no objects: the text holds none");
    return {};
}

/// Takes at least one byte, or changes the place.
Result<void> Cutter::step() {
    switch (place_) {
        case Place::in_name:
            return take_name();
        case Place::in_member:
        case Place::in_element: {
            ENTENTE_TRY(const bool ended, pass_value());
            if (!ended) return {};
            if (place_ == Place::in_member) {
                place_ = Place::after_member;
                return {};
            }
            place_ = Place::after_element;
            return deliver();
        }
        default:
            break;
    }
    const char c = *next_;
    if (is_space(c)) {
        ++next_;
        return {};
    }
    switch (place_) {
        case Place::top:
            return begin_top(c);
        case Place::first_name:
            if (c == '}') return end_member(c);
            [[fallthrough]];
        case Place::name:
            if (c != '"') return malformed("expected a property name in double quotes");
            ++next_;
            name_.clear();
            place_ = Place::in_name;
            return {};
        case Place::colon:
            if (c != ':') return malformed("expected ':' after a property name");
            ++next_;
            place_ = Place::member;
            return {};
        case Place::member:
            return begin_member(c);
        case Place::after_member:
            return end_member(c);
        case Place::first_element:
            if (c == ']') return end_element(c);
            [[fallthrough]];
        case Place::element:
            return begin_element(c);
        default:
            return end_element(c);
    }
}

Result<void> Cutter::begin_top(char c) {
    if (position() == mark_bytes_ && mark_bytes_ < byte_order_mark.size() &&
        c == byte_order_mark[mark_bytes_]) {
        ++mark_bytes_;
        ++next_;
        return {};
    }
    if ((c != '{' && c != '[') || mark_bytes_ % byte_order_mark.size() != 0) {
        return malformed(
            "expected '{' or '[': a bundle, an envelope, a list of objects, or objects one after "
            "the other"
        );
    }
    opened_at_ = position();
    in_object_ = c == '{';
    holds_list_ = has_objects_ = overgrown_ = false;
    only_paging_ = true;
    if (in_object_) begin_keeping();
    ++next_;
    place_ = in_object_ ? Place::first_name : Place::first_element;
    return in_object_ ? Result<void>{} : open_list();
}

Result<void> Cutter::take_name() {
    for (; next_ != end_; ++next_) {
        if (*next_ == '"' && !escaped_) {
            ++next_;
            place_ = Place::colon;
            if (name_ != "more" && name_ != "next") only_paging_ = false;
            return {};
        }
        escaped_ = *next_ == '\\' && !escaped_;
        if (name_.size() < name_bytes_kept) name_ += *next_;
    }
    return {};
}

bool Cutter::name_is_objects() const {
    if (name_.find('\\') == std::string::npos) return name_ == "objects";
    std::string text;
    // Half an escape at the place where a long name was cut off is no match either.
    const std::string quoted = '"' + name_ + '"';
    internal::Scanner scanner(quoted);
    const auto token = scanner.string();
    return token && internal::append_unescaped(text, token->raw) && text == "objects";
}

Result<void> Cutter::begin_member(char c) {
    if (name_is_objects()) {
        if (has_objects_ && (holds_list_ || c == '['))
            return malformed("a second property \"objects\" in one object");
        has_objects_ = true;
        if (c == '[') {
            holds_list_ = true;
            auto told = open_list();
            ++next_;
            place_ = Place::first_element;
            return told;
        }
    }
    place_ = Place::in_member;
    return begin_value(c);
}

Result<void> Cutter::end_member(char c) {
    if (c == ',') {
        ++next_;
        place_ = Place::name;
        return {};
    }
    if (c != '}') return malformed("expected ',' or '}' in an object");
    ++next_;
    place_ = Place::top;
    if (holds_list_) return close_list();
    if (overgrown_) return too_large();
    if (!only_paging_) return deliver();
    stop_keeping();
    return {};
}

Result<void> Cutter::begin_element(char c) {
    begin_keeping();
    place_ = Place::in_element;
    return begin_value(c);
}

Result<void> Cutter::end_element(char c) {
    if (c == ',') {
        ++next_;
        place_ = Place::element;
        return {};
    }
    if (c != ']') return malformed("expected ',' or ']' in a list of objects");
    ++next_;
    place_ = in_object_ ? Place::after_member : Place::top;
    if (!in_object_) return close_list();
    if (around_) begin_keeping();
    return {};
}

/// The list of objects begins at `next_`.
Result<void> Cutter::open_list() {
    if (!around_) {
        stop_keeping();
        return {};
    }
    told_ = true;
    auto result = around_->opened(kept(), opened_at_);
    stop_keeping();
    return result;
}

/// What began with the list has ended before `next_`.
Result<void> Cutter::close_list() {
    if (!around_) return {};
    auto result = around_->closed(kept(), keeping_ ? kept_at_ : position());
    stop_keeping();
    return result;
}

Result<void> Cutter::begin_value(char c) {
    depth_ = 0;
    in_string_ = escaped_ = false;
    if (c == '{' || c == '[') return pass_bracket(c);
    if (c == '"') {
        in_string_ = true;
        ++next_;
        return {};
    }
    if (!is_scalar_byte(c)) return malformed("expected a value");
    return {};
}

Result<void> Cutter::pass_bracket(char c) {
    if (c == '{' || c == '[') {
        if (depth_ == limits::cut_depth_max) return malformed("nested too deeply");
        braces_[depth_++] = c == '{';
    } else if (braces_[--depth_] != (c == '}')) {
        return malformed("this bracket closes one of the other kind");
    }
    ++next_;
    return {};
}

/// Goes on in a string up to its end or the chunk's.
void Cutter::pass_string() {
    while (next_ != end_) {
        if (escaped_) {
            escaped_ = false;
            ++next_;
            continue;
        }
        next_ = internal::skip_plain(next_, end_);
        if (next_ == end_) return;
        const char c = *next_++;
        escaped_ = c == '\\';
        if (c == '"') {
            in_string_ = false;
            return;
        }
    }
}

/// Goes on in the value that `begin_value` began; true when it has ended before `next_`.
Result<bool> Cutter::pass_value() {
    if (depth_ == 0 && !in_string_) {
        while (next_ != end_ && is_scalar_byte(*next_))
            ++next_;
        return next_ != end_;
    }
    while (next_ != end_) {
        if (in_string_) {
            pass_string();
        } else {
            const char c = *next_;
            if (c == '"') {
                in_string_ = true;
                ++next_;
            } else if (c == '{' || c == '[' || c == '}' || c == ']') {
                ENTENTE_CHECK(pass_bracket(c));
            } else {
                ++next_;
            }
        }
        if (depth_ == 0 && !in_string_) return true;
    }
    return false;
}

void Cutter::begin_keeping() {
    keeping_ = true;
    kept_.clear();
    kept_from_ = next_;
    kept_at_ = position();
}

void Cutter::stop_keeping() {
    keeping_ = false;
    kept_.clear();
}

/// What was kept, up to `next_`; nothing if nothing is being kept or it is too long.
std::string_view Cutter::kept() {
    if (!keeping_ || kept_bytes() > limits::object_bytes_max) return {};
    const std::string_view here{kept_from_, static_cast<std::size_t>(next_ - kept_from_)};
    if (kept_.empty()) return here;
    kept_.append(here);
    return kept_;
}

std::size_t Cutter::kept_bytes() const {
    return kept_.size() + static_cast<std::size_t>(next_ - kept_from_);
}

/// Saves what the chunk has of the value that is being kept.
Result<void> Cutter::keep_chunk() {
    if (kept_bytes() <= limits::object_bytes_max) {
        kept_.append(kept_from_, next_);
        return {};
    }
    if (place_ == Place::in_element) return too_large();
    // A top-level object may still turn out to be a bundle whose list comes late.
    overgrown_ = true;
    keeping_ = false;
    kept_.clear();
    return {};
}

Result<void> Cutter::deliver() {
    if (kept_bytes() > limits::object_bytes_max) return too_large();
    const std::string_view object = kept();
    keeping_ = false;
    ++objects_;
    return sink_(object, kept_at_);
}

std::size_t Cutter::position() const {
    return before_ + static_cast<std::size_t>(next_ - chunk_);
}

tl::unexpected<Error> Cutter::malformed(std::string_view what) const {
    return fail(Errc::malformed, "byte " + std::to_string(position()) + ": " + std::string(what));
}

tl::unexpected<Error> Cutter::too_large() const {
    return fail(
        Errc::too_large,
        "the object at byte " + std::to_string(in_object_ && !holds_list_ ? opened_at_ : kept_at_) +
            " exceeds the limit of " + std::to_string(limits::object_bytes_max) + " bytes"
    );
}

}  // namespace entente::stix
