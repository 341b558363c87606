#pragma once
// Commands for a bad night: what was given to somebody (`disclosed`), who was given an object
// (`who-has`), how far readers are (`consumers`), ending all that somebody can do here (`stop`,
// `start`), and a clock that cannot be trusted (`clock accept`). For the operator of the machine.
#include "cli/context.h"

#include <string>

namespace entente::cli {

struct DisclosedOptions {
    Common common;
    std::string to;     // a user or a party, also one that was removed; empty = everyone
    std::string token;  // its id; empty = all logins
    std::string since;  // empty = ever
    bool each = false;
};

/// Lists each version that was given, at its first time (or at each). Exit: ok; findings (nothing).
/// Fails: not_found (no such user, party, token), invalid_argument (neither --to nor --token).
[[nodiscard]] Result<Exit> disclosed(const DisclosedOptions& options, Context& context);

struct WhoHasOptions {
    Common common;
    std::string object;
};

/// Lists who was given which version of an object or of redacted copies of it. Exit: ok; findings
/// (nobody). Fails: not_found (no collection has or had it).
[[nodiscard]] Result<Exit> who_has_object(const WhoHasOptions& options, Context& context);

struct ConsumersOptions {
    Common common;
    std::string collection;  // empty = all
};

/// Lists each reader of each collection: its last request, how far it is, what it does not get and
/// why. Exit: ok; findings (no readers). Fails: not_found (no such collection).
[[nodiscard]] Result<Exit> consumers(const ConsumersOptions& options, Context& context);

struct StopOptions {
    Common common;
    std::string who;     // a user, a party, `all`; stop: empty = list who is stopped
    std::string person;  // who decides it; empty = the login name on this machine
    std::string reason;
};

/// Ends all logins of a user, a party, or everyone at once: new requests get 401, and answers that
/// are being sent are cut off. Without a name lists what is stopped (exit: ok; findings: nothing).
/// Fails: not_found, conflict (it is stopped already), forbidden never: whoever can write the
/// directory may.
[[nodiscard]] Result<Exit> stop_logins(const StopOptions& options, Context& context);

/// Takes a stop back. Fails: not_found, conflict (it is not stopped).
[[nodiscard]] Result<Exit> start_logins(const StopOptions& options, Context& context);

/// Who decides it: what was given, else the login name on this machine. Fails: invalid_argument.
[[nodiscard]] Result<std::string> deciding_person(const std::string& given);

/// Says the time, the newest date that was given, and what is wrong. Exit: ok; findings (the clock
/// is in doubt).
[[nodiscard]] Result<Exit> clock_show(const Common& options, Context& context);

struct ClockOptions {
    Common common;
    std::string person;  // as of StopOptions
};

/// A person says that the time is right. Fails: conflict (the clock is not in doubt).
[[nodiscard]] Result<Exit> clock_accept(const ClockOptions& options, Context& context);

}  // namespace entente::cli
