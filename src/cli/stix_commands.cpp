#include "cli/stix_commands.h"

#include "base/escape.h"
#include "base/hash.h"
#include "base/limits.h"
#include "cli/decode.h"
#include "cli/stop.h"
#include "cli/validate_json.h"
#include "cli/validate_read.h"
#include "stix/envelope.h"
#include "stix/identify.h"
#include "stix/marking_paths.h"
#include "stix/object.h"
#include "stix/tlp.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {
namespace {

namespace json = boost::json;

/// The error with the place of the object that it is about.
tl::unexpected<Error> at_place(const Error& error, const std::string& place) {
    return fail(error.code, fmt::format("{}: {}", place, error.detail));
}

Result<void> print_canonical(
    std::string_view canonical,
    std::string_view id,
    const CanonicalOptions& options,
    Context& context
) {
    const std::string digest = to_hex(sha256(canonical));
    if (options.common.json) {
        // By hand: the canonical text goes out as it is.
        context.out.raw(fmt::format(
            R"({{"id":{},"sha256":"{}","canonical":{}}})"
            "\n",
            id.empty() ? "null" : json_string(id),
            digest,
            json_string(canonical)
        ));
    } else if (options.digest) {
        context.out.line(id.empty() ? digest : fmt::format("{}  {}", digest, id));
    } else {
        context.out.raw(canonical);
        context.out.raw("\n");
    }
    return {};
}

Result<void> print_whole(const CanonicalOptions& options, Context& context) {
    std::string text;
    ENTENTE_CHECK(decode_file(
        options.file,
        [&](std::string_view bytes) -> Result<void> {
            text += bytes;
            return {};
        },
        limits::object_bytes_max
    ));
    if (stop_requested()) return {};
    const auto canonical = stix::canonical_json(text);
    if (!canonical) return at_place(canonical.error(), shown_name(options.file));
    Facts facts;
    read_facts(*canonical, facts);
    return print_canonical(*canonical, facts.id, options, context);
}

/// What `stix id` has to say of one object.
struct IdVerdict {
    std::string_view word;
    std::string text;
    bool good = true;
};

IdVerdict verdict_of(const std::string& id, const std::optional<std::string>& derived) {
    constexpr std::size_t version_digit = 14;  // of a UUID
    const std::size_t dashes = id.find("--");
    const bool is_v5 = dashes != std::string::npos && id.size() > dashes + 2 + version_digit &&
                       id[dashes + 2 + version_digit] == '5';
    if (!derived) {
        if (is_v5)
            return {"random", "its id should be random (UUID version 4), not derived", false};
        return {"random", "", true};
    }
    if (id == *derived) return {"same", "", true};
    return {"differs", *derived, false};
}

Result<void> print_id(
    std::string_view object, const std::string& place, bool& all_good, Context& context
) {
    Facts facts;
    read_facts(object, facts);
    const auto derived = stix::deterministic_id(object);
    if (!derived && derived.error().code == Errc::unprocessable) {
        context.out.document(
            {{"id", facts.id}, {"deterministic_id", nullptr}, {"verdict", "no observable"}}
        );
        return {};
    }
    if (!derived) return at_place(derived.error(), place);
    const IdVerdict verdict = verdict_of(facts.id, *derived);
    all_good = all_good && verdict.good;
    context.out.document({
        {"id", facts.id},
        {"deterministic_id", *derived ? json::value(**derived) : json::value()},
        {"verdict", verdict.word},
        {"good", verdict.good},
    });
    const std::string id = facts.id.empty() ? fmt::format("({})", place) : facts.id;
    context.out.line(
        fmt::format("{:<8} {}{}", verdict.word, id, verdict.text.empty() ? "" : "  " + verdict.text)
    );
    return {};
}

json::array names_json(const std::vector<std::string>& markings) {
    json::array names;
    for (const std::string& id : markings)
        names.push_back(json::object{{"id", id}, {"name", marking_name(id)}});
    return names;
}

std::string names_text(const std::vector<std::string>& markings) {
    std::string text;
    for (const std::string& id : markings)
        text += (text.empty() ? "" : ", ") + marking_name(id);
    return text.empty() ? "not marked" : text;
}

Result<void> print_markings(std::string_view text, const std::string& place, Context& context) {
    const auto object = stix::read_object(text);
    if (!object) return at_place(object.error(), place);
    const auto canonical = stix::canonical_json(text);
    if (!canonical) return at_place(canonical.error(), place);
    const auto parts = stix::marked_parts(*canonical);
    if (!parts) return at_place(parts.error(), fmt::format("{} ({})", object->id, place));
    json::array listed;
    context.out.line(fmt::format("{}  {}", object->id, names_text(object->object_markings)));
    for (const stix::MarkedPart& part : *parts) {
        const std::string pointer = stix::pointer_of(part.path);
        listed.push_back(json::object{{"pointer", pointer}, {"markings", names_json(part.markings)}}
        );
        context.out.line(fmt::format("  {}  {}", pointer, names_text(part.markings)));
    }
    context.out.document({
        {"id", object->id},
        {"version", object->version},
        {"markings", names_json(object->object_markings)},
        {"parts", std::move(listed)},
    });
    return {};
}

Exit exit_for(bool good) {
    if (stop_requested()) return Exit::interrupted;
    return good ? Exit::ok : Exit::findings;
}

}  // namespace

std::string marking_name(const std::string& id) {
    const auto level = stix::tlp_of_marking(id);
    return level ? std::string(stix::tlp_name(*level)) : id;
}

Result<void> each_object(
    const std::string& file,
    const std::function<Result<void>(std::string_view object, const std::string& place)>& take
) {
    stix::Cutter cutter([&](std::string_view object, std::size_t at_byte) -> Result<void> {
        if (stop_requested()) return {};
        return take(object, fmt::format("byte {}", at_byte));
    });
    ENTENTE_CHECK(decode_file(file, [&](std::string_view bytes) { return cutter.feed(bytes); }));
    if (stop_requested()) return {};
    if (auto end = cutter.finish(); !end) {
        return at_place(end.error(), printable(shown_name(file)));
    }
    return {};
}

Result<Exit> stix_id(const StixOptions& options, Context& context) {
    bool all_good = true;
    ENTENTE_CHECK(each_object(options.file, [&](std::string_view object, const std::string& place) {
        return print_id(object, place, all_good, context);
    }));
    return exit_for(all_good);
}

Result<Exit> stix_canonical(const CanonicalOptions& options, Context& context) {
    if (options.whole) {
        ENTENTE_CHECK(print_whole(options, context));
        return exit_for(true);
    }
    ENTENTE_CHECK(each_object(
        options.file,
        [&](std::string_view object, const std::string& place) -> Result<void> {
            const auto canonical = stix::canonical_json(object);
            if (!canonical) return at_place(canonical.error(), place);
            Facts facts;
            read_facts(*canonical, facts);
            return print_canonical(*canonical, facts.id, options, context);
        }
    ));
    return exit_for(true);
}

Result<Exit> stix_markings(const StixOptions& options, Context& context) {
    ENTENTE_CHECK(each_object(options.file, [&](std::string_view object, const std::string& place) {
        return print_markings(object, place, context);
    }));
    return exit_for(true);
}

}  // namespace entente::cli
