#pragma once
// From the options of `push` and `pull` to a session with a stranger's server: where it is, who may
// see which secret.
#include "base/result.h"
#include "cli/context.h"
#include "cli/remote.h"
#include "taxii/client/locate.h"
#include "taxii/client/session.h"
#include "taxii/client/way.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace entente::cli {

/// The environment as a function, so that tests have their own: nothing when a name is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

[[nodiscard]] std::optional<std::string> process_environment(const char* name);

/// User and secret from files, the options and the environment; what was said on the command line
/// goes before the environment, and where `in` is a terminal a password that is missing is asked
/// for there, without echo. Fails: invalid_argument (two kinds at once, a user without a password,
/// an unknown scheme), not_found, forbidden (files), conflict (Ctrl-C).
[[nodiscard]] Result<taxii::client::Credentials> read_credentials(
    const RemoteOptions& options, const Environment& environment, std::FILE* in, std::FILE* err
);

/// An opened way to a server. Not movable: the session refers to its world.
class Remote {
  public:
    /// Reads the address, which may ask the DNS, and the credentials. Fails: invalid_argument,
    /// forbidden (the DNS leads to a host outside of the domain), not_found, overloaded (DNS).
    [[nodiscard]] static Result<std::unique_ptr<Remote>> open(
        const RemoteOptions& options, Context& context
    );

    Remote(const Remote&) = delete;
    Remote& operator=(const Remote&) = delete;
    ~Remote() = default;

    /// A new session with its own budget of retries, bytes and time.
    [[nodiscard]] taxii::client::Session session(taxii::client::Budget budget);
    [[nodiscard]] Result<taxii::client::Place> locate(taxii::client::Session& session) const;

    /// Waits, or less when the user wants to stop.
    static void pause(std::int64_t ms);

  private:
    Remote(const RemoteOptions& options, Context& context);

    RemoteOptions options_;
    taxii::client::Route route_;
    taxii::client::World world_;
};

}  // namespace entente::cli
