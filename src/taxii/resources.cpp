#include "taxii/resources.h"

#include "base/escape.h"
#include "base/limits.h"
#include "exchange/allowed.h"
#include "taxii/negotiate.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

namespace entente::taxii {
namespace {

using agreement::OwnWords;
using agreement::Released;

/// A JSON object written member by member.
class Members {
  public:
    Members& text(std::string_view name, std::string_view value) {
        return raw(name, json_string(value));
    }

    /// Empty optional properties are left out.
    Members& text_if_any(std::string_view name, std::string_view value) {
        return value.empty() ? *this : text(name, value);
    }

    Members& boolean(std::string_view name, bool value) {
        return raw(name, value ? "true" : "false");
    }

    Members& integer(std::string_view name, std::uint64_t value) {
        return raw(name, std::to_string(value));
    }

    Members& texts(std::string_view name, const std::vector<std::string>& values) {
        std::string list = "[";
        for (const std::string& value : values) {
            if (list.size() > 1) list += ',';
            list += json_string(value);
        }
        return raw(name, list + ']');
    }

    Members& texts_if_any(std::string_view name, const std::vector<std::string>& values) {
        return values.empty() ? *this : texts(name, values);
    }

    Members& raw(std::string_view name, std::string_view json) {
        if (!text_.empty()) text_ += ',';
        text_ += json_string(name);
        text_ += ':';
        text_ += json;
        return *this;
    }

    [[nodiscard]] std::string object() const { return '{' + text_ + '}'; }

  private:
    std::string text_;
};

/// TAXII forbids empty lists (2.1, 2); some clients guess UTF-16 from a body of two bytes, so this
/// one is longer.
constexpr char nothing_padded[] = "{}    \n";

std::string url_of(const Presentation& node, const store::ApiRoot& root) {
    std::string base = node.public_url;
    while (base.ends_with('/'))
        base.pop_back();
    return base + '/' + http::percent_encode(root.name) + '/';
}

std::string collection_json(
    const store::Collection& collection, const exchange::State::Rights& rights
) {
    std::vector<std::string> media_types{"application/stix+json;version=2.1"};
    if (collection.accepts_stix20) media_types.emplace_back("application/stix+json;version=2.0");
    Members members;
    members.text("id", collection.id)
        .text("title", collection.title)
        .text_if_any("description", collection.description)
        .text_if_any("alias", collection.alias)
        .boolean("can_read", rights.read)
        .boolean("can_write", rights.write)
        .texts("media_types", media_types);
    return members.object();
}

/// Every id of the Traffic Light Protocol up to `ceiling`: a client compares them as texts.
std::vector<std::string> markings_up_to(stix::Tlp ceiling) {
    using stix::Tlp;
    // STIX 2.1, 7.2.1.4: AMBER+STRICT has no id of TLP 1.
    constexpr std::array<std::string_view, 4> of_tlp1{
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"};
    std::vector<std::string> ids;
    for (const Tlp level : {Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red}) {
        if (level <= ceiling) ids.emplace_back(stix::tlp2_marking_id(level));
    }
    for (const std::string_view id : of_tlp1) {
        if (const auto level = stix::tlp_of_marking(id); level && *level <= ceiling)
            ids.emplace_back(id);
    }
    return ids;
}

/// "any", or the list.
void add_types(Members& to, const std::vector<std::string>& types) {
    if (types.empty()) {
        to.text("types", "any");
    } else {
        to.texts("types", types);
    }
}

std::string allowed_way_json(const exchange::AllowedWay& way) {
    Members members;
    members.text_if_any("agreement", way.agreement)
        .text_if_any("flow", way.flow)
        .text("max_marking", stix::tlp_name(way.ceiling));
    add_types(members, way.types);
    members.texts_if_any("words", way.words)
        .texts_if_any("pattern_paths", way.pattern_paths)
        .texts_if_any("exclude_labels", way.exclude_labels);
    if (way.min_confidence) members.integer("min_confidence", *way.min_confidence);
    if (way.not_older_days) members.integer("not_older_days", *way.not_older_days);
    members.texts_if_any("personal_data_removed", way.stripped)
        .integer("min_delay_hours", way.delay_hours);
    if (way.until) members.text("until", format_taxii(*way.until));
    return members.object();
}

http::Response response(int status, Outgoing body, std::string_view type = media_type) {
    http::Response made;
    made.status = status;
    made.headers.emplace_back("Content-Type", type);
    made.headers.emplace_back("Cache-Control", "no-store");
    made.body = std::move(body);
    return made;
}

std::string_view title_of(int status) {
    switch (status) {
        case 400:
            return "Bad request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not found";
        case 405:
            return "Method not allowed";
        case 406:
            return "Not acceptable";
        case 409:
            return "Conflict";
        case 413:
            return "Content too large";
        case 415:
            return "Unsupported media type";
        case 422:
            return "Unprocessable content";
        case 429:
            return "Too many requests";
        case 503:
            return "Service unavailable";
        default:
            return "Internal error";
    }
}

/// What the client is told. Words that could tell hidden from absent, or one wrong credential from
/// another, are fixed.
std::string_view description_of(int status, std::string_view detail) {
    switch (status) {
        case 401:
            return "Send valid credentials: HTTP Basic, or a token as Bearer.";
        case 404:
            return "There is nothing at this path that you may see. Check the API root, the "
                   "collection's id or alias, and the id at the end.";
        case 500:
            return "The server failed. Its log names this error_id.";
        case 503:
            return "The server cannot take this now. Try again after a moment.";
        default:
            return detail;
    }
}

http::Response problem_response(int status, std::string_view detail, std::string_view request_id) {
    Members members;
    members.text("title", title_of(status))
        .text_if_any("description", description_of(status, detail))
        .text("error_id", request_id)
        .text("http_status", std::to_string(status));
    return response(status, Released::own_words(OwnWords::problem, members.object()).out());
}

}  // namespace

bool sees_root(const exchange::Caller& caller, store::RootNo root) {
    return std::ranges::any_of(
        caller.state->directory.collections,
        [&](const store::Collection& collection) {
            return collection.root == root &&
                   caller.state->rights(caller.row(), collection.no).any();
        }
    );
}

agreement::Released discovery_body(const Presentation& node, const exchange::Caller& caller) {
    std::vector<std::string> urls;
    std::string default_url;
    for (const store::ApiRoot& root : caller.state->directory.roots) {
        if (!sees_root(caller, root.no)) continue;
        urls.push_back(url_of(node, root));
        if (root.is_default) default_url = urls.back();
    }
    std::ranges::sort(urls);
    Members members;
    members.text("title", node.title)
        .text_if_any("description", node.description)
        .text_if_any("contact", node.contact)
        .text_if_any("default", default_url);
    if (!urls.empty()) members.texts("api_roots", urls);
    return Released::own_words(OwnWords::configuration, members.object());
}

agreement::Released api_root_body(const store::ApiRoot& root) {
    Members members;
    members.text("title", root.title)
        .text_if_any("description", root.description)
        .texts("versions", {media_type})
        .integer("max_content_length", root.max_content_length);
    return Released::own_words(OwnWords::configuration, members.object());
}

agreement::Released collections_body(const exchange::Caller& caller, store::RootNo root) {
    std::vector<std::pair<std::string_view, std::string>> rows;
    for (const store::Collection& collection : caller.state->directory.collections) {
        if (collection.root != root) continue;
        const auto rights = caller.state->rights(caller.row(), collection.no);
        if (rights.any()) rows.emplace_back(collection.id, collection_json(collection, rights));
    }
    if (rows.empty()) return Released::own_words(OwnWords::configuration, nothing_padded);
    std::ranges::sort(rows);
    std::string list = "[";
    for (const auto& [id, json] : rows) {
        if (list.size() > 1) list += ',';
        list += json;
    }
    Members members;
    members.raw("collections", list + ']');
    return Released::own_words(OwnWords::configuration, members.object());
}

agreement::Released collection_body(
    const exchange::Caller& caller, const store::Collection& collection
) {
    const auto rights = caller.state->rights(caller.row(), collection.no);
    return Released::own_words(OwnWords::configuration, collection_json(collection, rights));
}

agreement::Released allowed_body(
    const exchange::Caller& caller, const store::Collection& collection
) {
    const exchange::Allowed allowed = exchange::allowed_to(*caller.state, caller.row(), collection);
    Members members;
    members.text("collection", collection.id)
        .boolean("can_read", allowed.read)
        .boolean("can_write", allowed.write);
    if (!allowed.ways.empty()) {
        stix::Tlp ceiling = stix::Tlp::clear;
        bool any_type = false;
        std::set<std::string> types;
        std::string ways = "[";
        for (const exchange::AllowedWay& way : allowed.ways) {
            ceiling = std::max(ceiling, way.ceiling);
            any_type = any_type || way.types.empty();
            types.insert(way.types.begin(), way.types.end());
            if (ways.size() > 1) ways += ',';
            ways += allowed_way_json(way);
        }
        if (any_type) types.clear();
        members.text("max_marking", stix::tlp_name(ceiling))
            .texts("markings", markings_up_to(ceiling))
            .text("unmarked_counts_as", stix::tlp_name(collection.default_marking));
        add_types(members, {types.begin(), types.end()});
        members.raw("ways", ways + ']');
    }
    members.texts_if_any("suspended", allowed.suspended);
    return Released::own_words(OwnWords::configuration, members.object());
}

http::Response answer_plainly(agreement::Released body) {
    return response(200, std::move(body).out(), "application/json");
}

http::Response answer(agreement::Released body) {
    return response(200, std::move(body).out());
}

http::Response accepted(const exchange::PublishReport& report) {
    return response(202, Released::own_words(OwnWords::echo, exchange::status_json(report)).out());
}

http::Response page(exchange::Page page) {
    http::Response made = response(200, std::move(page.body).out());
    if (page.first_date && page.last_date) {
        made.headers.emplace_back("X-TAXII-Date-Added-First", format_taxii(*page.first_date));
        made.headers.emplace_back("X-TAXII-Date-Added-Last", format_taxii(*page.last_date));
    }
    return made;
}

http::Response page_again(Outgoing body) {
    return response(200, std::move(body));
}

http::Response deleted() {
    return response(200, Outgoing());
}

int status_of(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_argument:
            return 400;
        case Errc::malformed:
            return 400;
        case Errc::unprocessable:
            return 422;
        case Errc::not_found:
            return 404;
        case Errc::conflict:
            return 409;
        case Errc::too_large:
            return 413;
        case Errc::unauthorized:
            return 401;
        case Errc::forbidden:
            return 403;
        case Errc::not_acceptable:
            return 406;
        case Errc::unsupported_media_type:
            return 415;
        case Errc::corrupt:
            return 500;
        case Errc::overloaded:
            return 503;
    }
    return 500;
}

http::Response problem(const Error& error, std::string_view request_id) {
    const int status = status_of(error.code);
    http::Response made = problem_response(status, error.detail, request_id);
    if (status == 401) {
        // RFC 9110, 11.6.1: two fields are read by more clients than one field with two challenges.
        made.headers.emplace_back("WWW-Authenticate", R"(Basic realm="entente", charset="UTF-8")");
        made.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="entente")");
    }
    if (status == 503) {
        made.headers.emplace_back("Retry-After", std::to_string(limits::retry_after_s));
    }
    return made;
}

http::Response problem(const StorageError& error, std::string_view request_id) {
    switch (error.kind()) {
        case StorageError::Kind::full:
        case StorageError::Kind::busy:
            return problem(Error{Errc::overloaded, {}}, request_id);
        case StorageError::Kind::io:
        case StorageError::Kind::corrupt:
            break;
    }
    return problem(Error{Errc::corrupt, {}}, request_id);
}

http::Response too_many_requests(std::int64_t retry_after_s, std::string_view request_id) {
    http::Response made = problem_response(
        429,
        "more requests came than one user or address may send; wait as Retry-After says",
        request_id
    );
    made.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
    return made;
}

http::Response method_not_allowed(Endpoint endpoint, std::string_view request_id) {
    const std::string allowed(allowed_methods(endpoint));
    http::Response made =
        problem_response(405, "this path answers " + allowed + " only", request_id);
    made.headers.emplace_back("Allow", allowed);
    return made;
}

}  // namespace entente::taxii
