#include "cli/run.h"

#include "base/escape.h"
#include "base/log.h"
#include "cli/context.h"
#include "cli/parse.h"
#include "cli/stop.h"
#include "cli/visible_json.h"

#include <boost/json.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <span>
#include <string_view>

namespace entente::cli {
namespace {

/// One line that says what is wrong.
void complain(std::FILE* err, bool json, std::string_view code, std::string_view text) {
    if (json) {
        const boost::json::object line{{"error", {{"code", code}, {"detail", text}}}};
        (void)std::fputs((visible_json(boost::json::serialize(line)) + "\n").c_str(), err);
    } else {
        (void)std::fputs(("entente: " + printable(text, text.size()) + "\n").c_str(), err);
    }
}

std::string storage_words(const StorageError& error) {
    std::string text = error.what();
    switch (error.kind()) {
        case StorageError::Kind::full:
            return text +
                   "; there is no space left: free some and try again, nothing that was confirmed "
                   "is lost";
        case StorageError::Kind::busy:
            return text + "; another process held the database too long: try again";
        case StorageError::Kind::corrupt:
            return text + "; the database is damaged: run entente check, and restore a backup";
        case StorageError::Kind::io:
            return text;
    }
    return text;
}

Exit act(const Parsed& parsed, std::FILE* in, std::FILE* out, std::FILE* err) {
    Output output(out, parsed.json);
    Context context{output, in, err, system_clock(), system_random()};
    try {
        Result<Exit> outcome = parsed.action(context);
        if (!outcome) {
            complain(err, parsed.json, errc_name(outcome.error().code), outcome.error().detail);
            (void)std::fflush(out);
            return stop_requested() ? Exit::interrupted : exit_of(outcome.error().code);
        }
        output.flush();
        return *outcome;
    } catch (const StorageError& error) {
        complain(err, parsed.json, "storage", storage_words(error));
    } catch (const std::bad_alloc&) {
        complain(err, parsed.json, "memory", "out of memory");
    } catch (const std::exception& error) {
        complain(err, parsed.json, "internal", error.what());
    }
    (void)std::fflush(out);
    return Exit::broken;
}

/// A command line that was not understood has no options; its words have to do.
bool asks_for_json(int argc, const char* const* argv) {
    const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
    return std::ranges::any_of(words, [](std::string_view word) { return word == "--json"; });
}

/// The first line, without the program's name.
std::string_view what_is_wrong(std::string_view text) {
    constexpr std::string_view name = "entente: ";
    text = text.substr(0, text.find('\n'));
    if (text.starts_with(name)) text.remove_prefix(name.size());
    return text;
}

}  // namespace

int run(int argc, const char* const* argv, std::FILE* in, std::FILE* out, std::FILE* err) noexcept {
    const Parsed parsed = parse(argc, argv);
    if (!parsed.action) {
        if (parsed.exit == Exit::usage && asks_for_json(argc, argv)) {
            complain(err, true, errc_name(Errc::invalid_argument), what_is_wrong(parsed.text));
            return static_cast<int>(parsed.exit);
        }
        std::FILE* const to = parsed.exit == Exit::ok ? out : err;
        if (std::fputs(parsed.text.c_str(), to) < 0 || std::fflush(to) != 0) {
            return static_cast<int>(Exit::broken);
        }
        return static_cast<int>(parsed.exit);
    }
    catch_stop_signals();
    log::configure(log::Level::warning, log::Form::text);
    return static_cast<int>(act(parsed, in, out, err));
}

}  // namespace entente::cli
