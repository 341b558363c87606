#include "taxii/client/locate.h"

#include "base/escape.h"
#include "base/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace entente::taxii::client {
namespace {

constexpr std::string_view service_name = "_taxii2._tcp.";
constexpr std::size_t listed_max = 20;  // names in one message
constexpr std::size_t name_bytes_max = 100;

std::string shown(std::string_view text) {
    return printable(text, name_bytes_max);
}

/// The path of the target with a slash at its end, without a query.
std::string folder(const http::Url& url) {
    std::string path = url.target.substr(0, url.target.find('?'));
    if (!path.ends_with('/')) path += '/';
    return path;
}

http::Url at(const http::Url& base, std::string path) {
    return {base.origin, std::move(path)};
}

std::string last_segment(const http::Url& url) {
    std::string path = folder(url);
    path.pop_back();
    const std::string segment = path.substr(path.rfind('/') + 1);
    return http::percent_decode(segment, false).value_or(segment);
}

/// A list for people: at most `listed_max` names, each short.
class Names {
  public:
    void add(std::string_view name) {
        if (++count_ > listed_max) return;
        if (!text_.empty()) text_ += ", ";
        text_ += shown(name);
    }

    [[nodiscard]] std::string text() const {
        if (count_ == 0) return "none";
        return count_ > listed_max ? text_ + fmt::format(" and {} more", count_ - listed_max)
                                   : text_;
    }

  private:
    std::string text_;
    std::size_t count_ = 0;
};

/// What a path …/collections/{id}/[objects/|manifest/] says.
struct Named {
    std::string root;
    std::string id;  // decoded
};

std::optional<Named> named_collection(const http::Url& url) {
    std::string path = folder(url);
    for (const std::string_view tail : {"/objects/", "/manifest/"}) {
        if (!path.ends_with(tail)) continue;
        path.resize(path.size() - tail.size() + 1);
        break;
    }
    constexpr std::string_view middle = "/collections/";
    const std::size_t found = path.rfind(middle);
    if (found == std::string::npos) return std::nullopt;
    std::string id = path.substr(found + middle.size());
    if (id.size() < 2 || id.find('/') != id.size() - 1) return std::nullopt;
    id.pop_back();
    const auto decoded = http::percent_decode(id, false);
    if (!decoded) return std::nullopt;
    return Named{.root = path.substr(0, found + 1), .id = *decoded};
}

/// …/collections/ alone: the list of an API root.
std::optional<std::string> named_list(const http::Url& url) {
    const std::string path = folder(url);
    constexpr std::string_view tail = "/collections/";
    if (!path.ends_with(tail)) return std::nullopt;
    return path.substr(0, path.size() - tail.size() + 1);
}

Result<ApiRoot> get_root(Session& session, const http::Url& url) {
    ENTENTE_TRY(const http::Reply reply, session.get(url));
    return read_root(reply.body);
}

/// One API root of a discovery resource.
struct Listed {
    std::string text;  // as written
    http::Url url;
    bool reachable = false;
};

std::vector<Listed> listed_roots(
    Session& session, const http::Url& base, const Discovery& discovery
) {
    std::vector<Listed> roots;
    for (const std::string& text : discovery.api_roots) {
        if (roots.size() == limits::client_roots_max) {
            session.warn_once(fmt::format(
                "the server lists more than {} API roots; the rest is not looked at",
                limits::client_roots_max
            ));
            break;
        }
        Result<http::Url> url = http::resolve_url(base, text);
        if (!url || url->target.find('?') != std::string::npos) {
            session.warn_once(
                fmt::format("the server lists an API root that is no https URL: {}", shown(text))
            );
            continue;
        }
        url->target = folder(*url);
        const bool reachable = session.may_reach(url->origin);
        roots.push_back({.text = text, .url = std::move(*url), .reachable = reachable});
    }
    return roots;
}

/// Roots whose text, URL or last segment is `name`; else those with this title.
Result<std::vector<const Listed*>> matching_roots(
    Session& session, const std::vector<Listed>& roots, const std::string& name
) {
    std::vector<const Listed*> found;
    for (const Listed& root : roots) {
        const std::string url = http::to_string(root.url);
        if (name == root.text || name == url || name + "/" == url || name == last_segment(root.url))
            found.push_back(&root);
    }
    if (!found.empty()) return found;
    for (const Listed& root : roots) {
        if (!root.reachable) continue;
        const Result<ApiRoot> resource = get_root(session, root.url);
        if (!resource && resource.error().code == Errc::conflict)
            return tl::unexpected<Error>(resource.error());
        if (resource && resource->title == name) found.push_back(&root);
    }
    return found;
}

Result<http::Url> choose_root(
    Session& session, const http::Url& base, const Discovery& discovery, const std::string& name
) {
    const std::vector<Listed> roots = listed_roots(session, base, discovery);
    Names names;
    for (const Listed& root : roots)
        names.add(root.text);
    if (roots.empty()) {
        return fail(
            Errc::not_found,
            fmt::format("{} lists no API root for you", printable(http::to_string(base), 300))
        );
    }
    std::vector<const Listed*> found;
    if (!name.empty()) {
        ENTENTE_TRY(found, matching_roots(session, roots, name));
        if (found.empty()) {
            return fail(
                Errc::not_found,
                fmt::format("the server has no API root {}; it has: {}", shown(name), names.text())
            );
        }
    } else if (roots.size() == 1) {
        found.push_back(&roots.front());
    } else {
        for (const Listed& root : roots) {
            if (!discovery.default_root.empty() && root.text == discovery.default_root)
                found.push_back(&root);
        }
    }
    if (found.size() != 1) {
        return fail(
            Errc::invalid_argument,
            fmt::format("say which API root with --root; the server has: {}", names.text())
        );
    }
    if (!found.front()->reachable) {
        const http::Origin& origin = found.front()->url.origin;
        return fail(
            Errc::forbidden,
            fmt::format(
                "the API root {} is on another server than the one that you named; allow it with "
                "--allow-origin {}://{}:{}",
                shown(found.front()->text),
                origin.scheme,
                shown(origin.host),
                origin.port
            )
        );
    }
    return found.front()->url;
}

Result<Collection> choose_collection(
    Session& session, const http::Url& root, const std::string& name
) {
    ENTENTE_TRY(const http::Reply reply, session.get(at(root, root.target + "collections/")));
    ENTENTE_TRY(std::vector<Collection> all, read_collections(reply.body));
    Names names;
    for (const Collection& collection : all)
        names.add(fmt::format("{} ({})", collection.id, shown(collection.title)));
    if (name.empty()) {
        if (all.size() == 1) return std::move(all.front());
        return fail(
            Errc::invalid_argument,
            fmt::format("say which collection with --collection; there is: {}", names.text())
        );
    }
    // Ids before aliases before titles: a title can be written so as to look like another
    // collection's id.
    for (std::string Collection::*field :
         {&Collection::id, &Collection::alias, &Collection::title}) {
        const auto same = [&](const Collection& c) { return c.*field == name; };
        const auto count = std::ranges::count_if(all, same);
        if (count == 1) return std::move(*std::ranges::find_if(all, same));
        if (count > 1) {
            return fail(
                Errc::invalid_argument,
                fmt::format(
                    "several collections are called {}; name one by its id: {}",
                    shown(name),
                    names.text()
                )
            );
        }
    }
    return fail(
        Errc::not_found,
        fmt::format("there is no collection {}; there is: {}", shown(name), names.text())
    );
}

/// The root's own words, as far as it has any: some servers give them to administrators only.
Result<std::uint64_t> content_length(Session& session, const http::Url& root) {
    const Result<ApiRoot> resource = get_root(session, root);
    if (resource) return resource->max_content_length;
    const Errc code = resource.error().code;
    if (code == Errc::conflict || code == Errc::overloaded || code == Errc::unauthorized) {
        return tl::unexpected<Error>(resource.error());
    }
    session.warn_once(
        fmt::format("the API root says nothing about itself: {}", resource.error().detail)
    );
    return 0;
}

Result<Place> checked(Place place) {
    if (!is_segment(place.collection.id)) {
        return fail(
            Errc::corrupt,
            fmt::format("the collection id {} cannot stand in a URL", shown(place.collection.id))
        );
    }
    return place;
}

Result<Place> place_in_root(
    Session& session,
    const http::Url& root,
    std::optional<std::uint64_t> length,
    const std::string& name
) {
    Place place;
    place.root = root;
    if (!length) {
        ENTENTE_TRY(length, content_length(session, root));
    }
    place.max_content_length = *length;
    ENTENTE_TRY(place.collection, choose_collection(session, root, name));
    return checked(std::move(place));
}

Result<Place> place_by_id(Session& session, const http::Url& root, const std::string& id) {
    Place place;
    place.root = root;
    place.collection.id = id;
    if (!is_segment(id))
        return fail(Errc::invalid_argument, fmt::format("{} is no collection id", shown(id)));
    const http::Url url = at(root, root.target + "collections/" + http::percent_encode(id) + "/");
    ENTENTE_TRY(const http::Reply reply, session.get(url));
    ENTENTE_TRY(place.collection, read_collection(reply.body));
    // An alias in the URL goes on as it was typed: it works (TAXII 2.1, 5.1), and the operator
    // knows it.
    place.collection.id = id;
    ENTENTE_TRY(place.max_content_length, content_length(session, root));
    return place;
}

}  // namespace

bool is_segment(std::string_view segment) noexcept {
    return !segment.empty() && segment != "." && segment != ".." &&
           segment.size() <= limits::client_id_bytes_max &&
           std::ranges::none_of(segment, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

http::Url Place::objects() const {
    return at(
        root, root.target + "collections/" + http::percent_encode(collection.id) + "/objects/"
    );
}

http::Url Place::status(std::string_view id) const {
    return at(root, root.target + "status/" + http::percent_encode(id) + "/");
}

Result<Address> read_address(std::string_view text, const LookupService& lookup) {
    if (text.find("://") != std::string_view::npos) {
        ENTENTE_TRY(http::Url url, http::parse_url(text));
        return Address{.url = std::move(url)};
    }
    if (text.empty() || text.find_first_of("/?#") != std::string_view::npos) {
        return fail(
            Errc::invalid_argument,
            fmt::format("{} is no URL; write https:// before it", shown(text))
        );
    }
    ENTENTE_TRY(http::Url url, http::parse_url(fmt::format("https://{}/taxii2/", text)));
    const std::string& domain = url.origin.host;
    const bool bare = text.find(':') == std::string_view::npos &&
                      text.find('.') != std::string_view::npos &&
                      text.find_first_not_of("0123456789.") != std::string_view::npos;
    if (!bare) return Address{.url = std::move(url)};
    ENTENTE_TRY(const std::vector<Service> services, lookup(std::string(service_name) + domain));
    if (services.empty()) return Address{.url = std::move(url)};
    const Service& best = services.front();
    std::string host = best.host;
    if (host.ends_with('.')) host.pop_back();
    Address address;
    ENTENTE_TRY(
        address.url, http::parse_url(fmt::format("https://{}:{}/taxii2/", host, best.port))
    );
    const std::string& target = address.url.origin.host;
    address.foreign = target != domain && !target.ends_with("." + domain);
    return address;
}

Result<Place> locate(Session& session, const Where& where) {
    if (const auto named = named_collection(where.url)) {
        return place_by_id(session, at(where.url, named->root), named->id);
    }
    if (const auto root = named_list(where.url)) {
        return place_in_root(session, at(where.url, *root), std::nullopt, where.collection);
    }
    std::string path = folder(where.url);
    if (path == "/") path = "/taxii2/";  // TAXII 2.1, 4.1: discovery is there and nowhere else
    const http::Url url = at(where.url, path);
    ENTENTE_TRY(const http::Reply reply, session.get(url));
    ENTENTE_TRY(const Document document, read_document(reply.body));
    if (document.root) {
        return place_in_root(session, url, document.root->max_content_length, where.collection);
    }
    if (document.discovery) {
        ENTENTE_TRY(
            const http::Url root, choose_root(session, url, *document.discovery, where.root)
        );
        return place_in_root(session, root, std::nullopt, where.collection);
    }
    return fail(
        Errc::corrupt,
        fmt::format(
            "{} is a collection, but not below …/collections/", printable(http::to_string(url), 300)
        )
    );
}

}  // namespace entente::taxii::client
