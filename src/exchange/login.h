#pragma once
// Who is calling: passwords (Argon2id) and tokens (`ent_` + 256 random bits, stored as keyed
// hashes).
#include "base/hash.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/certificate_login.h"
#include "exchange/state_cache.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace entente::exchange {

/// What a request brought. `secret` is a token when user is empty. Of HTTP Basic, a user or
/// password that has the form of a token is one: many clients can send an API key only so.
struct Credentials {
    std::string user;
    std::string secret;
    std::string address;  // the client's IP address in text, for the per-address limit
};

/// A new token: the text to show once and the row to store.
struct NewToken {
    std::string text;
    Digest hash{};
};

[[nodiscard]] NewToken new_token(Random& random, const Key& token_key);
[[nodiscard]] Digest token_hash(const Key& token_key, std::string_view token);
/// True for `ent_` and 43 characters of base64url (RFC 4648, 5), which is what `new_token` makes.
[[nodiscard]] bool looks_like_token(std::string_view text) noexcept;

/// What one hashing costs: `least` is for tests only.
enum class HashCost : std::uint8_t { interactive, least };

/// Argon2id of a password (RFC 9106; libsodium's crypto_pwhash_str: 64 MiB, 2 passes). Fails:
/// invalid_argument when shorter than limits::password_bytes_min or longer than
/// limits::password_bytes_max, or of the form of a token (it would be taken for one at login).
/// Throws std::bad_alloc.
[[nodiscard]] Result<std::string> hash_password(
    std::string_view password, HashCost cost = HashCost::interactive
);

/// Compares passwords with their hashes. Threads: `Login` calls it from one thread.
class PasswordHasher {
  public:
    virtual ~PasswordHasher() = default;
    /// Takes the time that `hash` was made to take. Throws std::bad_alloc.
    [[nodiscard]] virtual bool verify(const std::string& hash, std::string_view password) const = 0;
    /// A hash of the usual cost, for logins that must fail whatever the password is.
    [[nodiscard]] virtual const std::string& dummy_hash() const noexcept = 0;
};

[[nodiscard]] const PasswordHasher& argon2_hasher() noexcept;

/// Checks credentials. Tokens at once; passwords one at a time on a thread of its own behind a
/// queue of limits::password_queue_max and a limit for each address; an unknown user costs the
/// same; a verified login is remembered (as a keyed hash) until the generation moves. Threads:
/// safe.
///
/// A valid token tells who calls; a user name beside it says nothing and is not looked at. (To
/// refuse it beside the name of another user would tell every owner of a token which names exist.)
class Login {
  public:
    using Then = std::function<void(Result<Caller>)>;
    /// All outlive the Login. `hasher` is a fake in tests.
    Login(
        StateCache& states,
        store::Store& store,
        const Clock& clock,
        Key token_key,
        const PasswordHasher& hasher = argon2_hasher()
    );
    Login(const Login&) = delete;
    Login& operator=(const Login&) = delete;
    /// Passwords that wait are not verified any more: `overloaded`.
    ~Login();
    /// Calls `then` once, at once or from the password thread; it must be short and must not throw.
    /// Fails: unauthorized (same words whatever was wrong), overloaded (queue, address limit, or
    /// the store or memory failed while a password waited). Throws StorageError when the store
    /// fails before `then` is called.
    void check(const Credentials& credentials, Then then);

    /// Who shows this certificate: by its key, or, where that was never bound, by its names; at
    /// once. Fails: unauthorized, also when names are bound to several users. Throws StorageError.
    [[nodiscard]] Result<Caller> by_certificate(const ShownCertificate& shown);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::exchange
