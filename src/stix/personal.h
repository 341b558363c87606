#pragma once
// Personal data in STIX objects: which parts of an object tell of a natural person, by one table.
// Pure. docs/stix-personal.md shows the table and says what is not seen.
#include "base/result.h"
#include "stix/object.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {

/// Why a part is personal.
///
/// IP and MAC addresses, domain names and URLs without a login or mail address in them are
/// technical facts of defence and not personal here. Who wants them out leaves out their types.
enum class Personal : std::uint8_t {
    contact,      // who a person is and how to reach it: name, mail, street
    account,      // names and numbers of a person's accounts, and paths that hold them
    free_text,    // a text in which an e-mail address, telephone number or IBAN stands
    credentials,  // what opens an account: passwords, cookies, authorization headers, logins in
                  // URLs
};

/// A set of classes: one bit each.
using PersonalClasses = std::uint8_t;

[[nodiscard]] constexpr PersonalClasses personal_bit(Personal personal) noexcept {
    return static_cast<PersonalClasses>(1U << static_cast<unsigned>(personal));
}

inline constexpr PersonalClasses all_personal = 0x0f;

/// "contact", "account", "free-text" or "credentials", as agreements say it.
[[nodiscard]] std::string_view personal_name(Personal personal) noexcept;

/// The other way round; nothing for other words.
[[nodiscard]] std::optional<Personal> parse_personal(std::string_view name) noexcept;

/// When what a row of the table names is personal. From login_in_url on: said of every string in
/// what the row's path names.
enum class PersonalWhen : std::uint8_t {
    always,
    individual,        // the object's identity_class is individual
    precise,           // a coordinate that is told to less than about ten kilometres
    secret_header,     // its name is that of an HTTP header that carries a login
    account_variable,  // its name is that of an environment variable that holds a user's name
    whole_message,     // the object's mime_type is that of a message
    login_in_url,      // a URL with a password in its userinfo (RFC 3986, 3.2.1)
    path_of_user,      // a path through a user's folder: C:\\Users\\NAME, /home/NAME; a user's SID
    any_address,       // an e-mail address stands in it
    address,           // the same, but not one that the object states as its fact
    address_id,        // an id of email-addr that is computed from the address (STIX 2.1, 2.9)
    account_id,        // an id of user-account that is computed from the account
    account_test,      // a pattern that tests who an account is
    credential_test,   // a pattern that tests a password
    personal_text,     // as `address`, or a telephone number or IBAN
    unless_organization,  // the same, where the object's identity_class is not organization
};

/// In words, for people.
[[nodiscard]] std::string_view personal_when_text(PersonalWhen when) noexcept;

/// One row: properties of a type that are personal.
struct PersonalRow {
    /// A type of the standard, or a group: `*` all but marking-definition, `domain` all of the
    /// standard but cyber-observables and marking-definition, `observable` cyber-observables,
    /// `custom` types that the standard does not have.
    std::string_view type;
    /// Names with dots between them, from the object on. `*` is every element or key, `?` a name
    /// that the standard does not give, `**` what lies anywhere in the object.
    std::string_view path;
    Personal cls = Personal::contact;
    PersonalWhen when = PersonalWhen::always;
    std::string_view why;  // what it tells, for people
};

/// All rows. `personal_data` knows nothing else. Lives as long as the program.
[[nodiscard]] std::span<const PersonalRow> personal_table() noexcept;

/// A part of an object that is personal.
struct PersonalPart {
    Personal cls = Personal::contact;
    /// Selects it (STIX 2.1, 7.2.3.1). Where a name on the way is over 250 bytes, no selector of
    /// the standard, it selects what holds that name.
    std::string selector;
    std::string why;  // for people; never a value of the object

    friend bool operator==(const PersonalPart&, const PersonalPart&) = default;
};

/// The personal parts of one object, in the order of its text and for one part in the order of the
/// classes; a part is named once for a class, and not again where what holds it is named for the
/// same class. STIX 2.1, and 2.0 with the container `objects` of observed-data, whose objects are
/// looked at as if they stood alone; one that cannot be without what is personal in it is named as
/// a whole. An e-mail address that the object itself states as its fact, in `value` or `pattern`,
/// makes no free text of it personal: where it may be seen it tells no more. Nothing is said of a
/// marking-definition, which is a notice of who shares.
///
/// Time: linear in the object. Fails as `read_object` for what that would not take; too_large with
/// more than limits::selectors_max parts; unprocessable where no selector can be written. On
/// failure nothing may be taken for not personal: withhold the object. Threads: safe.
[[nodiscard]] Result<std::vector<PersonalPart>> personal_data(std::string_view json);

/// The same of what `read_object` made.
[[nodiscard]] Result<std::vector<PersonalPart>> personal_data(const Object& object);

/// The classes of the parts that `personal_data` names, without naming them: cheap for an object
/// that has none (about a sixth of the time that a check takes). Unlike `personal_data` it never
/// fails: there is no limit on how many parts are personal.
/// Threads: safe.
[[nodiscard]] PersonalClasses personal_classes(const Object& object);

}  // namespace entente::stix
