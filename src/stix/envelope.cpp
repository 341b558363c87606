#include "stix/envelope.h"

#include "base/escape.h"
#include "base/limits.h"
#include "stix/internal/scanner.h"

#include <algorithm>
#include <optional>

namespace entente::stix {
namespace {

using internal::Scanner;

constexpr std::size_t shown_bytes_max = 80;

/// One walk over the text. The grammar is checked to the last byte; names only at the top.
class EnvelopeReader {
  public:
    explicit EnvelopeReader(std::string_view body) : in_(body) {}

    Result<Envelope> run();

  private:
    [[nodiscard]] tl::unexpected<Error> malformed() const {
        return fail(Errc::malformed, "byte " + std::to_string(in_.at()) + ": " + in_.what());
    }

    Result<void> members();
    Result<void> member();
    Result<void> objects();
    Result<void> check_names();

    Scanner in_;
    Envelope envelope_;
    std::vector<std::string> names_;  // at the top, unescaped
    bool has_objects_ = false;
    bool objects_is_list_ = false;
};

Result<void> EnvelopeReader::objects() {
    has_objects_ = true;
    objects_is_list_ = in_.take('[');
    if (!objects_is_list_) {
        if (!in_.skip_value()) return malformed();
        return {};
    }
    in_.skip_space();
    if (in_.take(']')) return {};
    for (;;) {
        in_.skip_space();
        const char* const from = in_.position();
        if (!in_.skip_value()) return malformed();
        if (envelope_.objects.size() == limits::objects_per_request_max) {
            return fail(
                Errc::too_large,
                "/objects: more than " + std::to_string(limits::objects_per_request_max) +
                    " objects in one request; send them in parts"
            );
        }
        envelope_.objects.emplace_back(from, static_cast<std::size_t>(in_.position() - from));
        in_.skip_space();
        if (in_.take(']')) return {};
        if (!in_.take(',')) {
            in_.fail("expected ',' or ']' in a list");
            return malformed();
        }
    }
}

Result<void> EnvelopeReader::member() {
    in_.skip_space();
    const auto name = in_.string();
    if (!name) return malformed();
    std::string& text = names_.emplace_back();
    if (!internal::append_unescaped(text, name->raw)) {
        in_.fail(
            "the property name before holds one half of a surrogate pair (\\uD800 to \\uDFFF) alone"
        );
        return malformed();
    }
    in_.skip_space();
    if (!in_.take(':')) {
        in_.fail("expected ':' after a property name");
        return malformed();
    }
    in_.skip_space();
    if (text == "objects" && !has_objects_) return objects();
    const char* const from = in_.position();
    if (!in_.skip_value()) return malformed();
    if (text == "type" &&
        std::string_view(from, static_cast<std::size_t>(in_.position() - from)) == "\"bundle\"") {
        envelope_.form = Envelope::Form::bundle;
    }
    return {};
}

Result<void> EnvelopeReader::members() {
    in_.skip_space();
    if (in_.take('}')) return {};
    for (;;) {
        ENTENTE_CHECK(member());
        in_.skip_space();
        if (in_.take('}')) return {};
        if (!in_.take(',')) {
            in_.fail("expected ',' or '}' in an object");
            return malformed();
        }
    }
}

Result<void> EnvelopeReader::check_names() {
    std::sort(names_.begin(), names_.end());
    const auto twice = std::adjacent_find(names_.begin(), names_.end());
    if (twice == names_.end()) return {};
    return fail(
        Errc::malformed,
        "the property \"" + printable(*twice, shown_bytes_max) + "\" stands twice at the top"
    );
}

Result<Envelope> EnvelopeReader::run() {
    in_.skip_space();
    const bool is_object = in_.take('{');
    if (is_object) {
        ENTENTE_CHECK(members());
    } else if (!in_.skip_value()) {
        return malformed();
    }
    in_.skip_space();
    if (!in_.at_end()) {
        in_.fail("there is more text after the envelope");
        return malformed();
    }
    ENTENTE_CHECK(check_names());
    static constexpr std::string_view wanted = "; expected {\"objects\": [...]}";
    const auto unprocessable = [](std::string_view what) {
        return fail(Errc::unprocessable, std::string(what).append(wanted));
    };
    if (!is_object) return unprocessable("the body is JSON, but no object");
    if (!has_objects_) return unprocessable("/objects: missing");
    if (!objects_is_list_) return unprocessable("/objects: not a list");
    if (envelope_.objects.empty()) return unprocessable("/objects: the list is empty");
    return std::move(envelope_);
}

}  // namespace

Result<Envelope> read_envelope(std::string_view body) {
    if (const auto at = internal::utf8_error(body)) {
        return fail(Errc::malformed, "byte " + std::to_string(*at) + " is not UTF-8");
    }
    return EnvelopeReader(body).run();
}

}  // namespace entente::stix
