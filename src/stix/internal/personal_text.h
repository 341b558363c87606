#pragma once
// What tells of a person inside a text. All in one pass or a bounded number of steps a byte. Pure.
#include "stix/personal.h"

#include <string>
#include <string_view>
#include <unordered_set>

namespace entente::stix::internal {

/// E-mail addresses in lower case.
using Addresses = std::unordered_set<std::string>;

/// Adds the e-mail addresses that stand in `text`, as `personal_text` reads them.
void add_addresses(std::string_view text, Addresses& to);

/// What stands in `text` that `when` is about, for people ("an e-mail address"); empty if nothing
/// does. Addresses in `facts` are passed over but for any_address. REQUIRES: `when` is
/// login_in_url or behind it.
///
/// - An e-mail address: something before an @, behind it labels with dots whose last begins with
///   two letters, of any script. Defanged ([@], (at), [.], [dot], {.}) and percent-encoded ones
///   are read too.
/// - A telephone number: + and 8 to 15 digits; 00, a digit other than 0 and 8 to 15 digits in
///   groups; tel: and 6 or more digits; ten digits as in North America, (212) 555-0147 or
///   212-555-0147.
/// - An IBAN (ISO 13616): country, length and check digits are right, in one piece or in groups.
/// - A path through the folder of a user: \Users\NAME, \Documents and Settings\NAME, in either
///   case and with either slash, /home/NAME, /Users/NAME. Not where NAME is one of the system's own
///   (Public, Default...) or a variable (%USERNAME%, $USER, <user>, *). Or a SID S-1-5-21-N of a
///   domain's or machine's account behind a slash.
/// - A login in a URL: userinfo with a password (RFC 3986, 3.2.1).
/// - A test of a pattern (STIX 2.1, 9.7): the name of a property, in quotes or not, behind a colon
///   or dot.
[[nodiscard]] std::string_view personal_text(
    PersonalWhen when, std::string_view text, const Addresses& facts
);

/// A name that a test of a pattern gives to who an account is or to a password. `rest` follows the
/// colon or dot, and the quote.
[[nodiscard]] bool begins_test(std::string_view rest);

/// The name of a folder of users, or of a user by SID. `rest` follows a slash.
[[nodiscard]] bool begins_path_of_user(std::string_view rest);

/// An HTTP header whose value opens an account, in either case.
[[nodiscard]] bool is_secret_header(std::string_view name);

/// An environment variable that holds a user's name, in either case.
[[nodiscard]] bool is_account_variable(std::string_view name);

}  // namespace entente::stix::internal
