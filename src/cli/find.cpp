#include "cli/find.h"

#include "base/assert.h"
#include "base/escape.h"
#include "http/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

namespace entente::cli {
namespace {

constexpr std::size_t token_id_digits = 12;

tl::unexpected<Error> none(std::string_view what, std::string_view name) {
    return fail(
        Errc::not_found,
        fmt::format("no {0} '{1}'; `entente {0} list` shows what there is", what, printable(name))
    );
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// The collection with this id, alias or title, in that order, in the root or anywhere.
Result<store::Collection> named(
    const store::Directory& directory, std::string_view name, const store::ApiRoot* root
) {
    const std::string id = lower(name);
    using Rule = std::function<bool(const store::Collection&)>;
    const std::array<Rule, 3> rules{
        [&](const store::Collection& c) { return c.id == name || c.id == id; },
        [&](const store::Collection& c) { return !c.alias.empty() && c.alias == name; },
        [&](const store::Collection& c) { return c.title == name; },
    };
    for (const Rule& rule : rules) {
        std::vector<const store::Collection*> found;
        for (const store::Collection& c : directory.collections) {
            if ((root == nullptr || c.root == root->no) && rule(c)) found.push_back(&c);
        }
        if (found.size() == 1) return *found.front();
        if (found.size() > 1) {
            return fail(
                Errc::conflict,
                fmt::format(
                    "'{}' names {} collections; write {} or its id",
                    printable(name),
                    found.size(),
                    label_of(directory, *found.front())
                )
            );
        }
    }
    return none("collection", name);
}

}  // namespace

const store::Party& own_party(const store::Directory& directory) {
    const auto own = std::ranges::find(directory.parties, true, &store::Party::own);
    ENTENTE_ASSERT(own != directory.parties.end());
    return *own;
}

Result<store::Party> find_party(const store::Directory& directory, std::string_view name) {
    const auto found = std::ranges::find(directory.parties, name, &store::Party::name);
    if (found == directory.parties.end()) return none("party", name);
    return *found;
}

Result<store::User> find_user(const store::Directory& directory, std::string_view name) {
    const auto found = std::ranges::find(directory.users, name, &store::User::name);
    if (found == directory.users.end()) return none("user", name);
    return *found;
}

Result<store::ApiRoot> find_root(const store::Directory& directory, std::string_view name) {
    const auto found = std::ranges::find(directory.roots, name, &store::ApiRoot::name);
    if (found == directory.roots.end()) return none("root", name);
    return *found;
}

Result<store::Collection> find_collection(
    const store::Directory& directory, std::string_view text
) {
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto root =
            std::ranges::find(directory.roots, text.substr(0, slash), &store::ApiRoot::name);
        if (root != directory.roots.end()) {
            auto found = named(directory, text.substr(slash + 1), &*root);
            // Titles may hold slashes, so not finding it there is not the end.
            if (found || found.error().code != Errc::not_found) return found;
        }
    }
    return named(directory, text, nullptr);
}

Result<store::User> operator_user(const store::Directory& directory) {
    const store::PartyNo own = own_party(directory).no;
    const store::User* first = nullptr;
    for (const store::User& user : directory.users) {
        if (user.party != own || user.role != store::Role::admin || user.disabled) continue;
        if (first == nullptr || user.no < first->no) first = &user;
    }
    if (first == nullptr) {
        return fail(
            Errc::not_found,
            "this node has no admin user; name one with --as, or make one with: "
            "entente user add NAME --role admin"
        );
    }
    return *first;
}

std::string party_name(const store::Directory& directory, store::PartyNo no) {
    const auto found = std::ranges::find(directory.parties, no, &store::Party::no);
    return found == directory.parties.end() ? "?" : found->name;
}

std::string user_name(const store::Directory& directory, store::UserNo no) {
    const auto found = std::ranges::find(directory.users, no, &store::User::no);
    return found == directory.users.end() ? "?" : found->name;
}

const store::ApiRoot* root_of(const store::Directory& directory, store::RootNo no) {
    const auto found = std::ranges::find(directory.roots, no, &store::ApiRoot::no);
    return found == directory.roots.end() ? nullptr : &*found;
}

const store::Collection* collection_of(const store::Directory& directory, store::CollectionNo no) {
    const auto found = std::ranges::find(directory.collections, no, &store::Collection::no);
    return found == directory.collections.end() ? nullptr : &*found;
}

std::string path_of(const store::Directory& directory, const store::Collection& collection) {
    const store::ApiRoot* root = root_of(directory, collection.root);
    return fmt::format(
        "/{}/collections/{}/",
        root == nullptr ? "?" : root->name,
        http::percent_encode(collection.id)
    );
}

std::string label_of(const store::Directory& directory, const store::Collection& collection) {
    const store::ApiRoot* root = root_of(directory, collection.root);
    return fmt::format(
        "{}/{}",
        root == nullptr ? "?" : root->name,
        collection.alias.empty() ? collection.id : collection.alias
    );
}

std::string token_id(const store::Token& token) {
    return to_hex(token.hash).substr(0, token_id_digits);
}

}  // namespace entente::cli
