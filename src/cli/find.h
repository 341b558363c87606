#pragma once
// Finding what a command line names in the directory. Each fails not_found with the command that
// lists what there is.
#include "base/result.h"
#include "store/rows.h"

#include <string>
#include <string_view>

namespace entente::cli {

[[nodiscard]] const store::Party& own_party(const store::Directory& directory);
[[nodiscard]] Result<store::Party> find_party(
    const store::Directory& directory, std::string_view name
);
[[nodiscard]] Result<store::User> find_user(
    const store::Directory& directory, std::string_view name
);
[[nodiscard]] Result<store::ApiRoot> find_root(
    const store::Directory& directory, std::string_view name
);

/// `ID`, `ALIAS`, `TITLE`, or `ROOT/` before one of them. An id goes before an alias, an alias
/// before a title. Fails: also conflict when several are meant.
[[nodiscard]] Result<store::Collection> find_collection(
    const store::Directory& directory, std::string_view text
);

/// The user that does things on this machine when none is named: the own party's first admin that
/// is not disabled. Fails: not_found.
[[nodiscard]] Result<store::User> operator_user(const store::Directory& directory);

// Names of rows by number; "?" for a number that is gone.
[[nodiscard]] std::string party_name(const store::Directory& directory, store::PartyNo no);
[[nodiscard]] std::string user_name(const store::Directory& directory, store::UserNo no);
[[nodiscard]] const store::ApiRoot* root_of(const store::Directory& directory, store::RootNo no);
[[nodiscard]] const store::Collection* collection_of(
    const store::Directory& directory, store::CollectionNo no
);

/// `/ROOT/collections/ID/`.
[[nodiscard]] std::string path_of(
    const store::Directory& directory, const store::Collection& collection
);
/// `root/alias`, or `root/id` without an alias: short and unique.
[[nodiscard]] std::string label_of(
    const store::Directory& directory, const store::Collection& collection
);

/// A token's name in commands: the first 12 hexadecimal digits of its stored hash, which tell
/// nothing about the token.
[[nodiscard]] std::string token_id(const store::Token& token);

}  // namespace entente::cli
