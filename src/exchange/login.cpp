#include "exchange/login.h"

#include "base/assert.h"
#include "base/digest_table.h"
#include "base/escape.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/log.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <sodium.h>
#include <thread>
#include <utility>
#include <vector>

namespace entente::exchange {
namespace {

constexpr std::string_view token_prefix = "ent_";
constexpr std::size_t token_random_bytes = 32;
constexpr std::size_t token_text_bytes = token_prefix.size() + (token_random_bytes * 8 + 5) / 6;

/// One text for everything that can be wrong with credentials, so that it tells nobody what was.
tl::unexpected<Error> refused() {
    return fail(
        Errc::unauthorized,
        "the credentials are not valid here: unknown, wrong, expired, revoked or disabled"
    );
}

tl::unexpected<Error> overloaded() {
    return fail(
        Errc::overloaded, "too many logins wait or have failed; try again in a few seconds"
    );
}

/// Bytes that are wiped when they go. Moving leaves nothing behind.
class Secret final {
  public:
    Secret() = default;

    explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}

    Secret(Secret&&) noexcept = default;

    Secret& operator=(Secret&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    ~Secret() {
        if (!bytes_.empty()) sodium_memzero(bytes_.data(), bytes_.size());
    }

    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), bytes_.size()}; }

    /// `user` and `password` in one, such that no two pairs give the same.
    static Secret of_pair(std::string_view user, std::string_view password) {
        const std::uint64_t length = user.size();
        Secret out;
        out.bytes_.reserve(
            sizeof length + user.size() + password.size()
        );  // growing would leave a copy
        const auto* raw_length = reinterpret_cast<const char*>(&length);
        out.bytes_.insert(out.bytes_.end(), raw_length, raw_length + sizeof length);
        out.bytes_.insert(out.bytes_.end(), user.begin(), user.end());
        out.bytes_.insert(out.bytes_.end(), password.begin(), password.end());
        return out;
    }

  private:
    std::vector<char> bytes_;  // a vector: a short std::string stays behind when it is moved
};

class Argon2Hasher final : public PasswordHasher {
  public:
    Argon2Hasher() { ENTENTE_ASSERT(sodium_init() >= 0); }

    bool verify(const std::string& hash, std::string_view password) const override {
        if (hash.size() >= crypto_pwhash_STRBYTES) return false;
        errno = 0;
        const int outcome =
            crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size());
        // A machine without 64 MiB left must not call a right password wrong.
        if (outcome != 0 && errno == ENOMEM) throw std::bad_alloc();
        return outcome == 0;
    }

    const std::string& dummy_hash() const noexcept override { return dummy_; }

  private:
    // Of 32 random bytes that nobody kept, at HashCost::interactive.
    const std::string dummy_ =
        "$argon2id$v=19$m=65536,t=2,p=1$eIXOcL2Sx5TL9WcHcoxs6g$"
        "HVCnoZDQEuGfY4bBErxVjJDl10hAlJzkegD0WRKU09s";
};

/// What one client may not share with others.
std::string address_key(std::string_view address) {
    const auto parsed = parse_ip(address);
    return parsed ? client_key(*parsed) : std::string(address.substr(0, 64));
}

/// Bounds what one address can make the password thread do. Each failure adds to a debt that time
/// pays off; an address with the debt of limits::password_failures_max failures waits. Threads: its
/// owner's mutex guards it.
class AddressLimits final {
  public:
    /// False when the address must wait; else it counts as waiting until `leave`.
    [[nodiscard]] bool enter(const std::string& key, std::int64_t now) {
        const auto at = addresses_.find(key);
        if (at == addresses_.end()) {
            make_room(now);
            addresses_[key].waiting = 1;
            return true;
        }
        Address& address = at->second;
        if (address.waiting >= limits::passwords_waiting_per_address_max) return false;
        if (in_debt(address, now)) return false;
        ++address.waiting;
        return true;
    }

    /// Returns true when this failure was the one that makes the address wait from now on.
    bool leave(const std::string& key, std::int64_t now, bool failed) {
        const auto at = addresses_.find(key);
        ENTENTE_ASSERT(at != addresses_.end() && at->second.waiting > 0);
        Address& address = at->second;
        const bool was_in_debt = in_debt(address, now);
        --address.waiting;
        if (failed) {
            address.paid_at =
                std::max(address.paid_at, now) + limits::password_failure_forgotten_us;
        }
        const bool crossed = !was_in_debt && in_debt(address, now);
        if (idle(address, now)) addresses_.erase(at);
        return crossed;
    }

  private:
    struct Address {
        std::size_t waiting = 0;
        std::int64_t paid_at = 0;  // monotonic time at which no failure counts any more
    };

    static bool in_debt(const Address& address, std::int64_t now) noexcept {
        constexpr std::int64_t debt_max =
            (limits::password_failures_max - 1) * limits::password_failure_forgotten_us;
        return address.paid_at - now > debt_max;
    }

    static bool idle(const Address& address, std::int64_t now) noexcept {
        return address.waiting == 0 && address.paid_at <= now;
    }

    /// Forgets who owes nothing, and if all owe, who owes least.
    void make_room(std::int64_t now) {
        if (addresses_.size() < limits::login_addresses_max) return;
        boost::unordered::erase_if(addresses_, [&](const auto& a) { return idle(a.second, now); });
        while (addresses_.size() >= limits::login_addresses_max) {
            const auto least = std::ranges::min_element(addresses_, {}, [](const auto& a) {
                return std::pair(a.second.waiting != 0, a.second.paid_at);
            });
            ENTENTE_ASSERT(
                least->second.waiting == 0
            );  // the queue is much shorter than this table
            addresses_.erase(least);
        }
    }

    boost::unordered_flat_map<std::string, Address> addresses_;
};

static_assert(limits::password_queue_max + 1 < limits::login_addresses_max);

/// Logins that were verified in one generation, by keyed hashes of user and password. Threads: its
/// owner's mutex guards it.
class RememberedLogins final {
  public:
    [[nodiscard]] std::optional<store::UserNo> find(const Digest& login, std::uint64_t generation) {
        if (generation != generation_) return std::nullopt;
        const auto at = users_.find(login);
        if (at == users_.end()) return std::nullopt;
        return at->second;
    }

    void add(const Digest& login, std::uint64_t generation, store::UserNo user) {
        if (generation < generation_) return;
        if (generation > generation_) users_.clear();
        generation_ = generation;
        // Only right passwords come here: more than this many means as many users, and any of them
        // may be hashed again.
        if (users_.size() >= limits::remembered_logins_max) users_.erase(users_.begin());
        users_.insert_or_assign(login, user);
    }

  private:
    std::uint64_t generation_ = 0;
    boost::unordered_flat_map<Digest, store::UserNo, DigestHash, SecretDigestEqual> users_;
};

/// The token among the credentials, if that is what they are.
std::optional<std::string_view> token_in(const Credentials& credentials) noexcept {
    if (credentials.user.empty() || looks_like_token(credentials.secret)) return credentials.secret;
    if (looks_like_token(credentials.user)) return credentials.user;
    return std::nullopt;
}

}  // namespace

NewToken new_token(Random& random, const Key& token_key) {
    std::array<std::uint8_t, token_random_bytes> bytes{};
    random.fill(bytes);
    NewToken token;
    token.text = std::string(token_prefix) + to_base64url(as_text(bytes));
    token.hash = token_hash(token_key, token.text);
    sodium_memzero(bytes.data(), bytes.size());
    return token;
}

Digest token_hash(const Key& token_key, std::string_view token) {
    return keyed_hash(token_key, token);
}

bool looks_like_token(std::string_view text) noexcept {
    const auto is_base64url = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return text.size() == token_text_bytes && text.starts_with(token_prefix) &&
           std::ranges::all_of(text, is_base64url);
}

Result<std::string> hash_password(std::string_view password, HashCost cost) {
    if (password.size() < limits::password_bytes_min) {
        return fail(
            Errc::invalid_argument,
            "the password is too short: at least " + std::to_string(limits::password_bytes_min) +
                " bytes"
        );
    }
    if (password.size() > limits::password_bytes_max) {
        return fail(
            Errc::invalid_argument,
            "the password is too long: at most " + std::to_string(limits::password_bytes_max) +
                " bytes"
        );
    }
    if (looks_like_token(password)) {
        return fail(
            Errc::invalid_argument,
            "the password has the form of an access token and would be taken for one: choose "
            "another"
        );
    }
    ENTENTE_ASSERT(sodium_init() >= 0);
    const bool least = cost == HashCost::least;
    std::array<char, crypto_pwhash_STRBYTES> out{};
    const int outcome = crypto_pwhash_str(
        out.data(),
        password.data(),
        password.size(),
        least ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_INTERACTIVE,
        least ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_INTERACTIVE
    );
    if (outcome != 0) throw std::bad_alloc();  // its only failure within these lengths and costs
    return std::string(out.data());
}

const PasswordHasher& argon2_hasher() noexcept {
    static const Argon2Hasher hasher;
    return hasher;
}

// ---- Login

struct Login::Inside {
    struct Job {
        std::string user;
        Secret password;
        std::string address;
        std::string address_key;
        Then then;
    };

    Inside(
        StateCache& the_states,
        store::Store& the_store,
        const Clock& the_clock,
        const Key& key,
        const PasswordHasher& the_hasher
    )
        : states(the_states),
          store(the_store),
          clock(the_clock),
          hasher(the_hasher),
          token_key(key) {
        // Of this process alone: what is remembered means nothing outside of it.
        system_random().fill(remember_key);
        thread = std::thread([this] { loop(); });
    }

    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    ~Inside() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        wake.notify_one();
        thread.join();
        sodium_memzero(token_key.data(), token_key.size());
        sodium_memzero(remember_key.data(), remember_key.size());
    }

    [[nodiscard]] std::shared_ptr<const State> current() {
        const auto snapshot = store.snapshot();
        return states.get(*snapshot);
    }

    [[nodiscard]] Result<Caller> by_token(std::string_view text) {
        auto state = current();
        const store::Token* token = state->token(token_hash(token_key, text));
        return let_in(std::move(state), token);
    }

    [[nodiscard]] Result<Caller> by_certificate(const ShownCertificate& shown) {
        auto state = current();
        // A connection may outlive the certificate that it began with.
        if (clock.now() >= shown.not_after) return refused();
        const CertificateBinding key{std::string(shown.key_sha256)};
        const store::Token* bound = state->binding(key.text());
        // A key that was taken back is not let in by the names beside it.
        if (bound == nullptr) bound = by_names(*state, shown);
        return let_in(std::move(state), bound);
    }

    /// Nothing when names belong to several users: whose it is must not be a guess.
    [[nodiscard]] const store::Token* by_names(const State& state, const ShownCertificate& shown)
        const {
        const store::Token* found = nullptr;
        for (const std::string& authority : shown.authorities) {
            for (const std::string& name : shown.names) {
                const auto* one = state.binding(CertificateBinding{authority, name}.text());
                if (!live(one)) continue;
                if (found != nullptr && found->user != one->user) return nullptr;
                found = one;
            }
        }
        return found;
    }

    [[nodiscard]] bool live(const store::Token* token) const {
        return token != nullptr && !token->revoked &&
               (!token->expires || clock.now() < *token->expires);
    }

    [[nodiscard]] Result<Caller> let_in(
        std::shared_ptr<const State> state, const store::Token* token
    ) const {
        if (!live(token)) return refused();
        const store::User* user = state->user(token->user);
        if (user == nullptr || user->disabled) return refused();
        if (state->stops.of(*user) != nullptr) return refused();
        return Caller{.state = std::move(state), .user = token->user, .token = token->no};
    }

    void by_password(const Credentials& credentials, Then then) {
        if (credentials.user.size() > limits::user_name_bytes_max ||
            credentials.secret.size() > limits::password_bytes_max) {
            then(refused());
            return;
        }
        if (auto caller =
                remembered(current(), login_digest(credentials.user, credentials.secret))) {
            then(*std::move(caller));
            return;
        }
        if (!enqueue(credentials, then)) then(overloaded());
    }

    /// False when a limit forbids it; `then` is taken only if not.
    [[nodiscard]] bool enqueue(const Credentials& credentials, Then& then) {
        Job job{
            .user = credentials.user,
            .password = Secret(credentials.secret),
            .address = credentials.address,
            .address_key = address_key(credentials.address),
            .then = nullptr};
        {
            const std::lock_guard lock(mutex);
            if (waiting.size() >= limits::password_queue_max) return false;
            if (!addresses.enter(job.address_key, clock.monotonic_us())) return false;
            job.then = std::move(then);
            waiting.push_back(std::move(job));
        }
        wake.notify_one();
        return true;
    }

    [[nodiscard]] Digest login_digest(std::string_view user, std::string_view password) const {
        return keyed_hash(remember_key, Secret::of_pair(user, password).text());
    }

    /// May log in with a password at all; not whether it is the right one.
    [[nodiscard]] bool admissible(const State& state, const store::User& user) const {
        if (user.disabled || user.password_hash.empty()) return false;
        if (state.stops.of(user) != nullptr) return false;
        return !user.password_expires || clock.now() < *user.password_expires;
    }

    [[nodiscard]] std::optional<Caller> remembered(
        std::shared_ptr<const State> state, const Digest& login
    ) {
        std::optional<store::UserNo> no;
        {
            const std::lock_guard lock(mutex);
            no = logins.find(login, state->directory.generation);
        }
        if (!no) return std::nullopt;
        const store::User* user = state->user(*no);
        // One that has expired since goes the long way, like any that fails.
        if (user == nullptr || !admissible(*state, *user)) return std::nullopt;
        return Caller{.state = std::move(state), .user = *no, .token = {}};
    }

    void loop() {
        for (auto job = next(); job; job = next()) {
            auto result = judged(*job);
            bool limited = false;
            {
                const std::lock_guard lock(mutex);
                const bool failed = !result && result.error().code == Errc::unauthorized;
                limited = addresses.leave(job->address_key, clock.monotonic_us(), failed);
            }
            if (limited) {
                log::warning(
                    "too many wrong passwords from one address; it has to wait",
                    {{"address", printable(job->address)}}
                );
            }
            tell(*job, std::move(result));
        }
        const std::lock_guard lock(mutex);
        for (Job& job : waiting)
            tell(job, overloaded());
        waiting.clear();
    }

    /// Waits for the next job; nothing when the Login ends.
    [[nodiscard]] std::optional<Job> next() {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !waiting.empty(); });
        if (stopping) return std::nullopt;
        std::optional<Job> job(std::move(waiting.front()));
        waiting.pop_front();
        return job;
    }

    /// What `verified` says. This thread has no session around it that could catch a broken world.
    [[nodiscard]] Result<Caller> judged(const Job& job) {
        try {
            return verified(job);
        } catch (const std::exception& e) {
            log::error("a password could not be checked", {{"why", e.what()}});
            return overloaded();
        }
    }

    [[nodiscard]] Result<Caller> verified(const Job& job) {
        auto state = current();
        const Digest login = login_digest(job.user, job.password.text());
        // A client that opens eight connections at once waits for one hashing, not for eight.
        if (auto caller = remembered(state, login)) return *std::move(caller);
        const store::User* user = state->user(job.user);
        const bool may = user != nullptr && admissible(*state, *user);
        // Whoever may not log in costs the same time as whoever typed a wrong password.
        const bool equal =
            hasher.verify(may ? user->password_hash : hasher.dummy_hash(), job.password.text());
        if (!may || !equal) return refused();
        const store::UserNo no = user->no;
        {
            const std::lock_guard lock(mutex);
            logins.add(login, state->directory.generation, no);
        }
        return Caller{.state = std::move(state), .user = no, .token = {}};
    }

    /// noexcept: a `then` that throws is a bug and ends the program.
    static void tell(Job& job, Result<Caller> result) noexcept { job.then(std::move(result)); }

    StateCache& states;
    store::Store& store;
    const Clock& clock;
    const PasswordHasher& hasher;
    Key token_key;
    Key remember_key{};
    std::mutex mutex;  // guards the rest but the thread; not held while hashing
    std::condition_variable wake;
    std::deque<Job> waiting;
    AddressLimits addresses;
    RememberedLogins logins;
    bool stopping = false;
    std::thread thread;
};

Login::Login(
    StateCache& states,
    store::Store& store,
    const Clock& clock,
    Key token_key,
    const PasswordHasher& hasher
)
    : inside_(std::make_unique<Inside>(states, store, clock, token_key, hasher)) {
    sodium_memzero(token_key.data(), token_key.size());
}

Login::~Login() = default;

Result<Caller> Login::by_certificate(const ShownCertificate& shown) {
    return inside_->by_certificate(shown);
}

void Login::check(const Credentials& credentials, Then then) {
    if (const auto token = token_in(credentials)) {
        then(inside_->by_token(*token));
    } else {
        inside_->by_password(credentials, std::move(then));
    }
}

}  // namespace entente::exchange
