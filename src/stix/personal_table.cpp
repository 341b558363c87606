#include "stix/personal.h"

#include <array>

namespace entente::stix {
namespace {

using enum Personal;
using When = PersonalWhen;

constexpr std::array rows = {
    // Who a person is and how to reach it.
    PersonalRow{"identity", "name", contact, When::individual, "name of a person"},
    PersonalRow{"identity", "description", contact, When::individual, "description of a person"},
    PersonalRow{
        "identity", "contact_information", contact, When::individual, "how to reach a person"},
    PersonalRow{"note", "authors", contact, When::always, "names of authors"},
    PersonalRow{"opinion", "authors", contact, When::always, "names of authors"},
    PersonalRow{"location", "street_address", contact, When::always, "street address"},
    PersonalRow{"location", "postal_code", contact, When::always, "postal code"},
    PersonalRow{"location", "latitude", contact, When::precise, "precise coordinates"},
    PersonalRow{"location", "longitude", contact, When::precise, "precise coordinates"},
    PersonalRow{"location", "precision", contact, When::precise, "belongs to precise coordinates"},
    PersonalRow{"email-addr", "value", contact, When::always, "address of a mailbox"},
    PersonalRow{"email-addr", "display_name", contact, When::always, "name beside an address"},
    PersonalRow{"email-message", "from_ref", contact, When::always, "who wrote"},
    PersonalRow{"email-message", "sender_ref", contact, When::always, "who sent"},
    PersonalRow{"email-message", "to_refs", contact, When::always, "who was written to"},
    PersonalRow{"email-message", "cc_refs", contact, When::always, "who was written to"},
    PersonalRow{"email-message", "bcc_refs", contact, When::always, "who was written to"},
    PersonalRow{"email-message", "received_lines", contact, When::always, "way of a message"},
    PersonalRow{
        "email-message",
        "additional_header_fields",
        contact,
        When::always,
        "header of a message: who gets replies, where it was delivered"},
    PersonalRow{"email-message", "subject", contact, When::always, "text of a message"},
    PersonalRow{"email-message", "body", contact, When::always, "text of a message"},
    PersonalRow{"email-message", "body_multipart", contact, When::always, "text of a message"},
    PersonalRow{"email-message", "raw_email_ref", contact, When::always, "the whole message"},
    PersonalRow{"url", "value", contact, When::any_address, "address in a URL"},
    PersonalRow{"indicator", "pattern", contact, When::any_address, "address in a pattern"},
    PersonalRow{"artifact", "payload_bin", contact, When::whole_message, "the whole message"},
    PersonalRow{"*", "**", contact, When::address_id, "tells an address to who guesses it"},
    // Accounts.
    PersonalRow{"user-account", "user_id", account, When::always, "number or name of an account"},
    PersonalRow{"user-account", "account_login", account, When::always, "name of an account"},
    PersonalRow{"user-account", "display_name", account, When::always, "name shown for an account"},
    PersonalRow{
        "user-account",
        "extensions.unix-account-ext.home_dir",
        account,
        When::always,
        "folder of an account"},
    PersonalRow{"email-addr", "belongs_to_ref", account, When::always, "account of an address"},
    PersonalRow{"process", "creator_user_ref", account, When::always, "account that started it"},
    PersonalRow{
        "process",
        "extensions.windows-process-ext.owner_sid",
        account,
        When::always,
        "number of the account that owns it"},
    PersonalRow{
        "process",
        "environment_variables.*",
        account,
        When::account_variable,
        "name of an account"},
    PersonalRow{
        "process", "environment_variables", account, When::path_of_user, "folder of an account"},
    PersonalRow{"process", "cwd", account, When::path_of_user, "folder of an account"},
    PersonalRow{"process", "command_line", account, When::path_of_user, "folder of an account"},
    PersonalRow{"process", "arguments", account, When::path_of_user, "folder of an account"},
    PersonalRow{
        "windows-registry-key",
        "creator_user_ref",
        account,
        When::always,
        "account that made the key"},
    PersonalRow{
        "windows-registry-key", "values", account, When::path_of_user, "folder of an account"},
    PersonalRow{"directory", "path", account, When::path_of_user, "folder of an account"},
    PersonalRow{"file", "name", account, When::path_of_user, "folder of an account"},
    PersonalRow{
        "file", "extensions.ntfs-ext.sid", account, When::always, "number of the owner's account"},
    PersonalRow{"windows-registry-key", "key", account, When::path_of_user, "account of a key"},
    PersonalRow{"indicator", "pattern", account, When::account_test, "account in a pattern"},
    PersonalRow{"indicator", "pattern", account, When::path_of_user, "folder in a pattern"},
    PersonalRow{"*", "**", account, When::account_id, "tells an account to who guesses it"},
    // What opens accounts.
    PersonalRow{"user-account", "credential", credentials, When::always, "password or key"},
    PersonalRow{
        "network-traffic",
        "extensions.http-request-ext.request_header.*",
        credentials,
        When::secret_header,
        "header that carries a login"},
    PersonalRow{
        "network-traffic",
        "extensions.http-request-ext.request_value",
        credentials,
        When::login_in_url,
        "login in a URL"},
    PersonalRow{"url", "value", credentials, When::login_in_url, "login in a URL"},
    PersonalRow{"indicator", "pattern", credentials, When::login_in_url, "login in a pattern"},
    PersonalRow{
        "indicator", "pattern", credentials, When::credential_test, "password in a pattern"},
    PersonalRow{
        "*", "external_references.*.url", credentials, When::login_in_url, "login in a URL"},
    // Texts in which somebody's address may stand.
    PersonalRow{"domain", "**.name", free_text, When::personal_text, "name"},
    PersonalRow{"domain", "**.description", free_text, When::personal_text, "description"},
    PersonalRow{"domain", "**.abstract", free_text, When::personal_text, "abstract"},
    PersonalRow{"domain", "**.content", free_text, When::personal_text, "content"},
    PersonalRow{"domain", "**.contents", free_text, When::personal_text, "translations"},
    PersonalRow{"domain", "**.explanation", free_text, When::personal_text, "explanation"},
    PersonalRow{"domain", "**.objective", free_text, When::personal_text, "objective"},
    PersonalRow{"domain", "**.goals", free_text, When::personal_text, "goals"},
    PersonalRow{"domain", "**.roles", free_text, When::personal_text, "roles"},
    PersonalRow{"domain", "**.labels", free_text, When::personal_text, "labels"},
    PersonalRow{
        "domain",
        "**.contact_information",
        free_text,
        When::unless_organization,
        "how to reach it"},
    PersonalRow{"domain", "**.aliases", free_text, When::personal_text, "other names"},
    PersonalRow{"domain", "**.source_name", free_text, When::personal_text, "name of a source"},
    PersonalRow{"domain", "**.external_id", free_text, When::personal_text, "number at a source"},
    PersonalRow{"file", "name", free_text, When::personal_text, "name of a file"},
    PersonalRow{"observable", "**", free_text, When::address, "text of a cyber-observable"},
    PersonalRow{"*", "?", free_text, When::personal_text, "custom property"},
    PersonalRow{"*", "extensions.?", free_text, When::personal_text, "extension"},
    PersonalRow{"custom", "**", free_text, When::personal_text, "object of a custom type"},
};

}  // namespace

std::span<const PersonalRow> personal_table() noexcept {
    return rows;
}

}  // namespace entente::stix
