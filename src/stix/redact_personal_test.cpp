// Row by row of the table of personal data: an object with the part and one without, found and
// stripped.
#include "stix/check.h"
#include "stix/personal.h"
#include "stix/redact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace entente::stix {
namespace {

using enum Personal;
using When = PersonalWhen;

constexpr std::string_view redactor = "identity--aaaaaaaa-0000-4000-8000-000000000001";
constexpr std::string_view uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
constexpr std::string_view new_uuid = "dddddddd-0000-4000-8000-00000000000d";

enum class Then : std::uint8_t { derived, withheld };

struct Case {
    // The row:
    std::string_view of;
    std::string_view path;
    Personal cls;
    When when;
    // An object with it: its type and properties, and without.
    std::string_view type;
    std::string_view with;
    std::string_view without;
    std::string_view selector;  // of the part in `with`
    std::string_view value;     // that must not be said; in `with`
    Then then = Then::derived;
};

// Ids of another object; the first is computed from an address, the second from an account.
#define ADDRESS "email-addr--2d77a846-6264-5d51-b586-e43822ea1ea3"
#define ACCOUNT "user-account--0d5b424b-93b8-5cd8-ac36-306e1789d63c"
#define MAILBOX "email-addr--2d77a846-6264-4d51-b586-e43822ea1ea3"
#define OWNER "user-account--0d5b424b-93b8-4cd8-ac36-306e1789d63c"
#define ARTIFACT "artifact--4cce66f8-6eaa-53cb-85d5-3a85fca3a6c5"
#define MAIL R"("is_multipart":false,"date":"2016-05-12T08:17:27Z")"
#define HTTP \
    R"("protocols":["tcp"],"src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","extensions":{"http-request-ext":{"request_method":"get","request_value":)"
#define PATTERN(p) R"("valid_from":"2016-05-12T08:17:27Z","pattern_type":"stix","pattern":")" p "\""
#define PLACE R"("country":"fr","latitude":48.8,"longitude":2.3)"

// One line a row.
// clang-format off
constexpr std::array cases = {
    // contact
    Case{"identity", "name", contact, When::individual, "identity", R"("name":"Alice Example","identity_class":"individual")", R"("name":"Alice Example","identity_class":"group")", "name", "Alice", Then::withheld},
    Case{"identity", "description", contact, When::individual, "identity", R"("name":"A","description":"tall","identity_class":"individual")", R"("name":"A","description":"tall","identity_class":"class")", "description", "tall", Then::withheld},
    Case{"identity", "contact_information", contact, When::individual, "identity", R"("name":"A","contact_information":"room seven","identity_class":"Individual")", R"("name":"A","contact_information":"room seven","identity_class":"organization")", "contact_information", "room", Then::withheld},
    Case{"note", "authors", contact, When::always, "note", R"("content":"text","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"],"authors":["Alice"])", R"("content":"text","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])", "authors", "Alice"},
    Case{"opinion", "authors", contact, When::always, "opinion", R"("opinion":"agree","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"],"authors":["Alice"])", R"("opinion":"agree","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])", "authors", "Alice"},
    Case{"location", "street_address", contact, When::always, "location", R"("country":"fr","street_address":"7 rue Exemple")", R"("country":"fr")", "street_address", "Exemple"},
    Case{"location", "postal_code", contact, When::always, "location", R"("country":"fr","postal_code":"75001")", R"("country":"fr")", "postal_code", "75001"},
    Case{"location", "latitude", contact, When::precise, "location", R"("country":"fr","latitude":48.8566,"longitude":2.3522)", PLACE, "latitude", "48.8"},
    Case{"location", "longitude", contact, When::precise, "location", R"("country":"fr","latitude":48,"longitude":2.3522)", PLACE, "longitude", "2.3"},
    Case{"location", "precision", contact, When::precise, "location", R"("country":"fr","latitude":48.8566,"longitude":2.3522,"precision":12.5)", R"("country":"fr","latitude":48.8566,"longitude":2.3522,"precision":10000)", "precision", "precision"},
    Case{"email-addr", "value", contact, When::always, "email-addr", R"("value":"alice@example.com")", "", "value", "alice", Then::withheld},
    Case{"email-addr", "display_name", contact, When::always, "email-addr", R"("value":"alice@example.com","display_name":"Al")", "", "display_name", "Al", Then::withheld},
    Case{"email-message", "from_ref", contact, When::always, "email-message", MAIL R"(,"from_ref":")" MAILBOX "\"", MAIL, "from_ref", MAILBOX},
    Case{"email-message", "sender_ref", contact, When::always, "email-message", MAIL R"(,"sender_ref":")" MAILBOX "\"", MAIL, "sender_ref", MAILBOX},
    Case{"email-message", "to_refs", contact, When::always, "email-message", MAIL R"(,"to_refs":[")" MAILBOX "\"]", MAIL, "to_refs", MAILBOX},
    Case{"email-message", "cc_refs", contact, When::always, "email-message", MAIL R"(,"cc_refs":[")" MAILBOX "\"]", MAIL, "cc_refs", MAILBOX},
    Case{"email-message", "bcc_refs", contact, When::always, "email-message", MAIL R"(,"bcc_refs":[")" MAILBOX "\"]", MAIL, "bcc_refs", MAILBOX},
    Case{"email-message", "received_lines", contact, When::always, "email-message", MAIL R"(,"received_lines":["from mx by mail"])", MAIL, "received_lines", "from mx"},
    Case{"email-message", "additional_header_fields", contact, When::always, "email-message", MAIL R"(,"additional_header_fields":{"Reply-To":["boss"]})", MAIL, "additional_header_fields", "boss"},
    Case{"email-message", "subject", contact, When::always, "email-message", MAIL R"(,"subject":"Our meeting")", MAIL, "subject", "meeting"},
    Case{"email-message", "body", contact, When::always, "email-message", MAIL R"(,"body":"Dear Bob")", MAIL, "body", "Bob"},
    Case{"email-message", "body_multipart", contact, When::always, "email-message", R"("is_multipart":true,"subject":"x","body_multipart":[{"body":"Dear Bob"}])", MAIL, "body_multipart", "Bob"},
    Case{"email-message", "raw_email_ref", contact, When::always, "email-message", MAIL R"(,"raw_email_ref":")" ARTIFACT "\"", MAIL, "raw_email_ref", ARTIFACT},
    Case{"url", "value", contact, When::any_address, "url", R"("value":"https://example.com/?u=alice%40example.org")", R"("value":"https://example.com/@alice")", "value", "alice", Then::withheld},
    Case{"indicator", "pattern", contact, When::any_address, "indicator", PATTERN("[email-addr:value = 'alice@example.com']"), PATTERN("[email-addr:value MATCHES '.*@example\\\\\\\\.com']"), "pattern", "alice", Then::withheld},
    Case{"artifact", "payload_bin", contact, When::whole_message, "artifact", R"("mime_type":"Message/rfc822","payload_bin":"VGhpcw==")", R"("mime_type":"text/plain","payload_bin":"VGhpcw==")", "payload_bin", "VGhp", Then::withheld},
    Case{"*", "**", contact, When::address_id, "report", R"("name":"R","published":"2016-05-12T08:17:27Z","object_refs":[")" ADDRESS R"(",")" ARTIFACT "\"]", R"("name":"R","published":"2016-05-12T08:17:27Z","object_refs":[")" MAILBOX "\"]", "object_refs.[0]", ADDRESS},
    // account
    Case{"user-account", "user_id", account, When::always, "user-account", R"("user_id":"10017","is_disabled":true)", R"("is_disabled":true)", "user_id", "10017"},
    Case{"user-account", "account_login", account, When::always, "user-account", R"("account_login":"alice","is_disabled":true)", R"("is_disabled":true)", "account_login", "alice"},
    Case{"user-account", "display_name", account, When::always, "user-account", R"("display_name":"Alice","is_disabled":true)", R"("is_disabled":true)", "display_name", "Alice"},
    Case{"user-account", "extensions.unix-account-ext.home_dir", account, When::always, "user-account", R"("is_disabled":true,"extensions":{"unix-account-ext":{"gid":5,"home_dir":"/srv/alice"}})", R"("is_disabled":true,"extensions":{"unix-account-ext":{"gid":5}})", "extensions.unix-account-ext.home_dir", "alice"},
    Case{"email-addr", "belongs_to_ref", account, When::always, "email-addr", R"("value":"a@example.com","belongs_to_ref":")" OWNER "\"", R"("value":"a@example.com")", "belongs_to_ref", OWNER},
    Case{"process", "creator_user_ref", account, When::always, "process", R"("pid":5,"creator_user_ref":")" OWNER "\"", R"("pid":5)", "creator_user_ref", OWNER},
    Case{"process", "extensions.windows-process-ext.owner_sid", account, When::always, "process", R"("pid":5,"extensions":{"windows-process-ext":{"owner_sid":"S-1-5-21-7","aslr_enabled":true}})", R"("pid":5,"extensions":{"windows-process-ext":{"aslr_enabled":true}})", "extensions.windows-process-ext.owner_sid", "S-1-5"},
    Case{"process", "environment_variables.*", account, When::account_variable, "process", R"("pid":5,"environment_variables":{"LANG":"C","UserName":"alice"})", R"("pid":5,"environment_variables":{"LANG":"C"})", "environment_variables.UserName", "alice"},
    Case{"process", "environment_variables", account, When::path_of_user, "process", R"("pid":5,"environment_variables":{"LANG":"C","HOME":"/home/alice"})", R"("pid":5,"environment_variables":{"LANG":"C","HOME":"/home/"})", "environment_variables.HOME", "alice"},
    Case{"process", "cwd", account, When::path_of_user, "process", R"("pid":5,"cwd":"C:\\Documents and Settings\\alice")", R"("pid":5,"cwd":"C:\\Users\\Public\\x")", "cwd", "alice"},
    Case{"process", "command_line", account, When::path_of_user, "process", R"("pid":5,"command_line":"type c:\\users\\alice\\a.txt")", R"("pid":5,"command_line":"type c:\\users\\%USERNAME%\\a.txt")", "command_line", "alice"},
    Case{"process", "arguments", account, When::path_of_user, "process", R"("pid":5,"arguments":["-f","/home/alice/x"])", R"("pid":5,"arguments":["-f","https://example.com/home/alice/x"])", "arguments.[1]", "alice"},
    Case{"windows-registry-key", "creator_user_ref", account, When::always, "windows-registry-key", R"("key":"HKEY_LOCAL_MACHINE\\x","creator_user_ref":")" OWNER "\"", R"("key":"HKEY_LOCAL_MACHINE\\x")", "creator_user_ref", OWNER},
    Case{"windows-registry-key", "values", account, When::path_of_user, "windows-registry-key", R"("key":"HKEY_LOCAL_MACHINE\\x","values":[{"name":"n","data":"C:\\Users\\alice\\x.exe"}])", R"("key":"HKEY_LOCAL_MACHINE\\x","values":[{"name":"n","data":"C:\\Windows\\x.exe"}])", "values.[0].data", "alice"},
    Case{"windows-registry-key", "key", account, When::path_of_user, "windows-registry-key", R"("key":"HKEY_USERS\\S-1-5-21-77-1001\\x","number_of_subkeys":3)", R"("key":"HKEY_USERS\\S-1-5-18\\x","number_of_subkeys":3)", "key", "S-1-5-21"},
    Case{"directory", "path", account, When::path_of_user, "directory", R"("path":"/Users/alice/x")", R"("path":"/Users/Shared/x")", "path", "alice", Then::withheld},
    Case{"file", "name", account, When::path_of_user, "file", R"("hashes":{"MD5":"79054025255fb1a26e4bc422aef54eb4"},"name":"C:\\Users\\alice\\x.exe")", R"("hashes":{"MD5":"79054025255fb1a26e4bc422aef54eb4"},"name":"C:\\Windows\\x.exe")", "name", "alice"},
    Case{"file", "extensions.ntfs-ext.sid", account, When::always, "file", R"("size":4,"name":"x","extensions":{"ntfs-ext":{"sid":"1234567"}})", R"("size":4,"name":"x")", "extensions.ntfs-ext.sid", "1234567"},
    Case{"indicator", "pattern", account, When::account_test, "indicator", PATTERN("[user-account:account_login = 'alice']"), PATTERN("[user-account:account_type = 'unix']"), "pattern", "alice", Then::withheld},
    Case{"indicator", "pattern", account, When::path_of_user, "indicator", PATTERN("[directory:path = 'C:\\\\\\\\Users\\\\\\\\alice']"), PATTERN("[directory:path = 'C:\\\\\\\\Users\\\\\\\\Public']"), "pattern", "alice", Then::withheld},
    Case{"*", "**", account, When::account_id, "report", R"("name":"R","published":"2016-05-12T08:17:27Z","object_refs":[")" ACCOUNT R"(",")" ARTIFACT "\"]", R"("name":"R","published":"2016-05-12T08:17:27Z","object_refs":[")" OWNER "\"]", "object_refs.[0]", ACCOUNT},
    // credentials
    Case{"user-account", "credential", credentials, When::always, "user-account", R"("is_disabled":true,"credential":"hunter22")", R"("is_disabled":true)", "credential", "hunter22"},
    Case{"network-traffic", "extensions.http-request-ext.request_header.*", credentials, When::secret_header, "network-traffic", HTTP R"("/","request_header":{"cookie":["sid=77abc"],"Host":["h"]}}})", HTTP R"("/","request_header":{"Host":["h"]}}})", "extensions.http-request-ext.request_header.cookie", "77abc"},
    Case{"network-traffic", "extensions.http-request-ext.request_value", credentials, When::login_in_url, "network-traffic", HTTP R"("http://alice:pass77@example.com/"}})", HTTP R"("http://alice@example.com/"}})", "extensions.http-request-ext.request_value", "pass77", Then::withheld},
    Case{"url", "value", credentials, When::login_in_url, "url", R"("value":"ftp://alice:pass77@192.0.2.7/")", R"("value":"ftp://192.0.2.7:21/")", "value", "pass77", Then::withheld},
    Case{"indicator", "pattern", credentials, When::login_in_url, "indicator", PATTERN("[url:value = 'ftp://alice:pass77@192.0.2.7/']"), PATTERN("[url:value = 'ftp://192.0.2.7/']"), "pattern", "pass77", Then::withheld},
    Case{"indicator", "pattern", credentials, When::credential_test, "indicator", PATTERN("[user-account:'credential' = 'pass77']"), PATTERN("[file:name = 'credential.txt']"), "pattern", "pass77", Then::withheld},
    Case{"*", "external_references.*.url", credentials, When::login_in_url, "malware", R"("is_family":false,"name":"M","external_references":[{"source_name":"s","description":"d","url":"https://alice:pass77@example.com/"}])", R"("is_family":false,"name":"M","external_references":[{"source_name":"s","url":"https://example.com/"}])", "external_references.[0].url", "pass77"},
    // free_text
    Case{"domain", "**.name", free_text, When::personal_text, "malware", R"("is_family":false,"name":"of alice@example.com")", R"("is_family":false,"name":"of @alice")", "name", "alice"},
    Case{"domain", "**.description", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","description":"Call +33 1 99 00 12 34!")", R"("is_family":false,"name":"M","description":"Seen at 2016-05-12T08:17:27+00:00, build 10.0.19041.1234")", "description", "+33"},
    Case{"domain", "**.abstract", free_text, When::personal_text, "note", R"("abstract":"call 212-555-0147","content":"text","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])", R"("abstract":"seen 212 times","content":"text","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])", "abstract", "555"},
    Case{"domain", "**.content", free_text, When::personal_text, "note", R"("content":"tel:0123456","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])", R"("content":"hotel:0123456","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"])", "content", "tel:", Then::withheld},
    Case{"domain", "**.contents", free_text, When::personal_text, "language-content", R"("object_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","contents":{"de":{"name":"alice@example.com"}})", R"("object_ref":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","contents":{"de":{"name":"alice"}})", "contents.de.name", "alice", Then::withheld},
    Case{"domain", "**.explanation", free_text, When::personal_text, "opinion", R"("opinion":"agree","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"],"explanation":"alice [at] example [dot] com")", R"("opinion":"agree","object_refs":["malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"],"explanation":"look at example [dot] com")", "explanation", "alice"},
    Case{"domain", "**.objective", free_text, When::personal_text, "campaign", R"("name":"C","objective":"GB82 WEST 1234 5698 7654 32")", R"("name":"C","objective":"GB82 WEST 1234 5698 7654 33")", "objective", "WEST"},
    Case{"domain", "**.goals", free_text, When::personal_text, "threat-actor", R"("name":"T","goals":["x","0033 199001234"])", R"("name":"T","goals":["x","00331990012345"])", "goals.[1]", "199"},
    Case{"domain", "**.roles", free_text, When::personal_text, "identity", R"("name":"I","identity_class":"group","roles":["alice@example.com"])", R"("name":"I","identity_class":"group","roles":["ceo"])", "roles.[0]", "alice"},
    Case{"domain", "**.labels", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","labels":["a","alice@example.com","b"])", R"("is_family":false,"name":"M","labels":["a"])", "labels.[1]", "alice"},
    Case{"domain", "**.contact_information", free_text, When::unless_organization, "identity", R"("name":"I","identity_class":"group","contact_information":"soc@example.com")", R"("name":"I","identity_class":"organization","contact_information":"soc@example.com")", "contact_information", "soc@"},
    Case{"domain", "**.aliases", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","aliases":["alice@example.com"])", R"("is_family":false,"name":"M","aliases":["alice"])", "aliases.[0]", "alice"},
    Case{"domain", "**.source_name", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","external_references":[{"source_name":"alice@example.com","description":"d"}])", R"("is_family":false,"name":"M")", "external_references.[0].source_name", "alice", Then::withheld},
    Case{"domain", "**.external_id", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","external_references":[{"source_name":"s","description":"d","external_id":"alice@example.com"}])", R"("is_family":false,"name":"M")", "external_references.[0].external_id", "alice"},
    Case{"file", "name", free_text, When::personal_text, "file", R"("hashes":{"MD5":"79054025255fb1a26e4bc422aef54eb4"},"name":"call +33199001234.txt")", R"("hashes":{"MD5":"79054025255fb1a26e4bc422aef54eb4"},"name":"call.txt")", "name", "3319"},
    Case{"observable", "**", free_text, When::address, "software", R"("name":"S","vendor":"alice@example.com")", R"("name":"S","vendor":"V")", "vendor", "alice"},
    Case{"*", "?", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","x_by":{"mail":"alice@example.com","n":1})", R"("is_family":false,"name":"M","x_by":{"n":1})", "x_by.mail", "alice"},
    Case{"*", "extensions.?", free_text, When::personal_text, "malware", R"("is_family":false,"name":"M","extensions":{"extension-definition--31b940d4-6f7f-459a-80ea-9c1f17b5891b":{"extension_type":"property-extension","author":"alice@example.com"}})", R"("is_family":false,"name":"M")", "extensions.extension-definition--31b940d4-6f7f-459a-80ea-9c1f17b5891b.author", "alice"},
    Case{"custom", "**", free_text, When::personal_text, "x-thing", R"("name":"N","list":[{"alice@example.com":1},"y"])", R"("name":"N","list":[{"alice":1}])", "list.[0]", "alice"},
};

// clang-format on

std::string object_of(const Case& row, std::string_view properties) {
    static const std::set<std::string_view> observables = {
        "email-addr",
        "email-message",
        "url",
        "artifact",
        "user-account",
        "process",
        "windows-registry-key",
        "directory",
        "file",
        "network-traffic",
        "software"};
    std::string out = R"({"type":")" + std::string(row.type) + R"(","spec_version":"2.1","id":")" +
                      std::string(row.type) + "--" + std::string(uuid) + "\"";
    if (!observables.contains(row.type))
        out += R"(,"created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z")";
    return out + "," + std::string(properties) + "}";
}

Redaction strip(const Case& row, PersonalClasses classes) {
    Redaction redaction;
    redaction.strip = classes;
    redaction.id = std::string(row.type) + "--" + std::string(new_uuid);
    redaction.created_by_ref = redactor;
    redaction.created = redaction.modified = "2025-06-01T00:00:00.000Z";
    return redaction;
}

bool is_sound(const std::string& json) {
    Checker checker;
    CheckOptions options;
    options.should = false;
    return checker.check(json, options).empty();
}

using Parts = std::vector<std::pair<Personal, std::string>>;

Parts parts_of(std::string_view json) {
    const auto parts = personal_data(json);
    Parts out;
    EXPECT_TRUE(parts.has_value()) << json;
    if (!parts) return out;
    for (const PersonalPart& part : *parts)
        out.emplace_back(part.cls, part.selector);
    return out;
}

TEST(PersonalTable, EveryRowHasItsCase) {
    std::set<std::tuple<std::string_view, std::string_view, Personal, When>> rows;
    std::set<std::tuple<std::string_view, std::string_view, Personal, When>> tested;
    for (const PersonalRow& row : personal_table())
        EXPECT_TRUE(rows.emplace(row.type, row.path, row.cls, row.when).second) << row.path;
    for (const Case& row : cases)
        tested.emplace(row.of, row.path, row.cls, row.when);
    for (const auto& row : rows)
        EXPECT_TRUE(tested.contains(row))
            << std::get<0>(row) << " " << std::get<1>(row) << " " << personal_name(std::get<2>(row))
            << " " << personal_when_text(std::get<3>(row));
    EXPECT_EQ(rows.size(), tested.size());
}

TEST(PersonalTable, FindsThePartOfEveryRowAndNothingInAnObjectWithoutIt) {
    for (const Case& row : cases) {
        SCOPED_TRACE(
            std::string(row.of) + " " + std::string(row.path) + " " + std::string(row.with)
        );
        const std::string with = object_of(row, row.with);
        EXPECT_TRUE(is_sound(with));
        const Parts parts = parts_of(with);
        EXPECT_TRUE(
            std::find(
                parts.begin(), parts.end(), Parts::value_type(row.cls, std::string(row.selector))
            ) != parts.end()
        );
        EXPECT_NE(personal_classes(*read_object(with)) & personal_bit(row.cls), 0);
        if (row.without.empty()) continue;  // the part is required
        const std::string without = object_of(row, row.without);
        EXPECT_TRUE(is_sound(without)) << without;
        for (const auto& [cls, selector] : parts_of(without))
            EXPECT_NE(cls, row.cls) << selector;
        EXPECT_EQ(personal_classes(*read_object(without)) & personal_bit(row.cls), 0);
    }
}

TEST(PersonalTable, WhatIsStrippedIsNotSaidAndTheRestIsSound) {
    for (const Case& row : cases) {
        SCOPED_TRACE(
            std::string(row.of) + " " + std::string(row.path) + " " + std::string(row.with)
        );
        const auto out = redact(object_of(row, row.with), strip(row, personal_bit(row.cls)));
        ASSERT_TRUE(out.has_value()) << out.error().detail;
        EXPECT_EQ(out->withheld == Withheld::no, row.then == Then::derived)
            << out->why << out->body;
        EXPECT_EQ(out->why.find(row.value), std::string::npos) << out->why;
        if (out->withheld != Withheld::no) continue;
        EXPECT_EQ(out->body.find(row.value), std::string::npos) << out->body;
        EXPECT_TRUE(is_sound(out->body));
        EXPECT_EQ(personal_classes(*read_object(out->body)) & personal_bit(row.cls), 0);
    }
}

}  // namespace
}  // namespace entente::stix
