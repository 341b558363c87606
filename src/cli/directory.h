#pragma once
// `entente init` and the commands on who and what there is: party, user, token, root, collection,
// grant. Each command is one function on plain options; texts are as the user typed them. All fail
// as their checks say, and throw StorageError.
#include "cli/context.h"
#include "cli/keeping.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace entente::cli {

struct InitOptions {
    Common common;
    std::string name;
    std::string identity;  // empty = a new one
};

[[nodiscard]] Result<Exit> init(const InitOptions& options, Context& context);

/// `list`, and `show`/`remove` of what has one name.
struct NameOptions {
    Common common;
    std::string name;
    bool force = false;  // remove: with everything in it
};

struct PartyOptions {
    Common common;
    std::string name;
    std::optional<std::string> new_name;  // set
    std::vector<std::string> identities;  // set: replaces them all when given
    // add, when `name` is a file or an address of a card:
    std::string fingerprint;
    std::string party;
    std::string ca_file;
};

[[nodiscard]] Result<Exit> party_add(const PartyOptions& options, Context& context);
[[nodiscard]] Result<Exit> party_set(const PartyOptions& options, Context& context);
[[nodiscard]] Result<Exit> party_list(const Common& options, Context& context);
[[nodiscard]] Result<Exit> party_show(const NameOptions& options, Context& context);
[[nodiscard]] Result<Exit> party_remove(const NameOptions& options, Context& context);

struct UserOptions {
    Common common;
    std::string name;
    std::optional<std::string> new_name;  // set
    std::string party;                    // add; empty = the own one
    std::optional<std::string> role;      // add: reader if not given
    bool password_stdin = false;
    bool no_password = false;
    std::string expires;  // of the password
    bool never_expires = false;
    bool disable = false;
    bool enable = false;
};

[[nodiscard]] Result<Exit> user_add(const UserOptions& options, Context& context);
[[nodiscard]] Result<Exit> user_set(const UserOptions& options, Context& context);
[[nodiscard]] Result<Exit> user_list(const Common& options, Context& context);
[[nodiscard]] Result<Exit> user_show(const NameOptions& options, Context& context);
[[nodiscard]] Result<Exit> user_remove(const NameOptions& options, Context& context);

struct TokenOptions {
    Common common;
    std::string user;  // add; list: only this one's, empty = all
    std::string id;    // show, set, remove
    std::optional<std::string> label;
    std::string expires;
    bool never_expires = false;
    // add: a client certificate instead of a secret
    std::string cert;  // a PEM file: those of this key
    std::string pin;   // the same by the SHA-256 of the key
    std::string san;   // those with this name, by `ca`
    std::string ca;    // a PEM file
};

[[nodiscard]] Result<Exit> token_add(const TokenOptions& options, Context& context);
[[nodiscard]] Result<Exit> token_set(const TokenOptions& options, Context& context);
[[nodiscard]] Result<Exit> token_list(const TokenOptions& options, Context& context);
[[nodiscard]] Result<Exit> token_show(const TokenOptions& options, Context& context);
[[nodiscard]] Result<Exit> token_remove(const TokenOptions& options, Context& context);

struct RootOptions {
    Common common;
    std::string name;
    std::optional<std::string> title;  // add: the name if not given
    std::optional<std::string> description;
    std::string max_content_length;
    bool make_default = false;
};

[[nodiscard]] Result<Exit> root_add(const RootOptions& options, Context& context);
[[nodiscard]] Result<Exit> root_set(const RootOptions& options, Context& context);
[[nodiscard]] Result<Exit> root_list(const Common& options, Context& context);
[[nodiscard]] Result<Exit> root_show(const NameOptions& options, Context& context);
[[nodiscard]] Result<Exit> root_remove(const NameOptions& options, Context& context);

struct CollectionOptions {
    Common common;
    std::string name;                  // add: the title; set: what find_collection takes
    std::string root;                  // add; empty = the default root
    std::string id;                    // add; empty = a new one
    std::optional<std::string> title;  // set
    std::optional<std::string> alias;  // empty text = none
    std::optional<std::string> description;
    std::string default_marking;
    std::optional<bool> accept_stix20;
    std::optional<bool> takes_agreements;
    std::string check;  // must, strict, off; empty = as it is
    KeepOptions keep;
    bool no_grant = false;  // add: the operator gets no rights
};

[[nodiscard]] Result<Exit> collection_add(const CollectionOptions& options, Context& context);
[[nodiscard]] Result<Exit> collection_set(const CollectionOptions& options, Context& context);
[[nodiscard]] Result<Exit> collection_list(const Common& options, Context& context);
[[nodiscard]] Result<Exit> collection_show(const NameOptions& options, Context& context);
[[nodiscard]] Result<Exit> collection_remove(const NameOptions& options, Context& context);

struct GrantOptions {
    Common common;
    std::string collection;  // list: empty = all
    std::string party;       // one of the two; list: may be both empty
    std::string user;
    bool list = false;
    bool read = false;
    bool write = false;
    bool no_list = false;  // set
    bool no_read = false;
    bool no_write = false;
    bool personal_data = false;
    bool no_personal_data = false;  // set
    std::string max_marking;
};

[[nodiscard]] Result<Exit> grant_add(const GrantOptions& options, Context& context);
[[nodiscard]] Result<Exit> grant_set(const GrantOptions& options, Context& context);
[[nodiscard]] Result<Exit> grant_list(const GrantOptions& options, Context& context);
[[nodiscard]] Result<Exit> grant_show(const GrantOptions& options, Context& context);
[[nodiscard]] Result<Exit> grant_remove(const GrantOptions& options, Context& context);

}  // namespace entente::cli
