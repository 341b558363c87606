#pragma once
// Who is calling: passwords (Argon2id) and tokens (`ent_` + 256 random bits, stored as keyed hashes).
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/caller.h"

namespace entente::exchange {

/// What a request brought. `secret` is a token when user is empty; a Basic user or password may also be a token
/// (peers.md C2 rule 3).
struct Credentials {
    std::string user;
    std::string secret;
    std::string address;  // the client's, for the per-address limit
};

/// A new token: the text to show once and the row to store.
struct NewToken {
    std::string text;
    Digest hash{};
};
[[nodiscard]] NewToken new_token(Random& random, const Key& token_key);
[[nodiscard]] Digest token_hash(const Key& token_key, std::string_view token);

/// Argon2id of a password. Fails: invalid_argument when shorter than 8 or longer than 1024 bytes. `fast` uses the smallest
/// cost, for tests only.
[[nodiscard]] Result<std::string> hash_password(std::string_view password);

/// Checks credentials. Tokens at once; passwords one at a time on a thread of its own behind a queue of
/// limits::password_queue_max, an unknown user costs the same, a verified login is remembered until the generation moves.
class Login {
  public:
    using Then = std::function<void(Result<Caller>)>;
    Login(StateCache& states, store::Store& store, const Clock& clock, Key token_key);
    ~Login();
    /// Calls `then` once, at once or from the password thread. Fails: unauthorized (same words whatever was wrong),
    /// overloaded.
    void check(const Credentials& credentials, Then then);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::exchange
