#include "stix/internal/personal_page.h"

#include "stix/personal.h"

#include <array>
#include <string_view>

namespace entente::stix::internal {
namespace {

constexpr std::string_view introduction =
    R"(# Personal data in STIX objects

This page is written by the table that decides (`src/stix/personal_table.cpp`); a test fails when it is not what the table says, and
`ENTENTE_WRITE_DOCS=1 stix_test --gtest_filter='PersonalPage.*'` writes it again.

Entente exchanges technical facts about attacks, not files on people. Each row below names a part of an object that is personal, and its class:

- **contact**: who a person is and how to reach it;
- **account**: names and numbers of a person's accounts, and paths that hold them;
- **free-text**: a text in which an e-mail address, a telephone number or an IBAN stands;
- **credentials**: what opens an account.

Where a class is to be stripped, a reader gets a derived object without these parts, under another id (STIX 2.1, 3.6 lets only the creator make versions). The whole object
is withheld where a part is one that it cannot be without (the `value` of an `email-addr`, the `pattern` of an indicator), where the value still stands in another part, or
where the rest would not be sound. An object in the container of STIX 2.0's `observed-data` goes as a whole where it cannot be without the part. A stripped value stands nowhere in what is sent; texts are compared as
[redaction](stix.md) compares them. Try it on a file: `entente stix redact --strip all --as identity--… --json FILE`.

An id that STIX derives from an address or account (STIX 2.1, 2.9) is that address for everybody who can guess it: references by such an id go too, unless
the reader knows the object by another one.

## The table

`*` in the first column is every type but marking-definition; *domain* all of the standard but cyber-observables and marking-definition; *observable* cyber-observables; *custom* types that the
standard does not have. In the second `*` is every element or key, `?` a name that the standard does not give, `**` what lies anywhere in the object. Keys of
dictionaries are read like values.

| Type | Part | Class | When | What it tells |
|---|---|---|---|---|
)";

constexpr std::string_view limits_text = R"(
## How texts are read

- An e-mail address: something before an `@`, behind it labels with dots of which one after the first begins with two letters, of any script; also as `[at]`, `(at)`, `{at}`, `[.]`,
  `[dot]`, `%40` and in full width.
- A telephone number: `+` and 8 to 15 digits; `00` and 8 to 15 digits in groups; `tel:` and 6 or more digits; ten digits as in North America, `(212) 555-0147` or `212-555-0147`.
- An IBAN (ISO 13616) whose length and check digits are right for its country.
- A user's folder: `\Users\NAME`, `\Documents and Settings\NAME`, `/home/NAME`, `/Users/NAME`, but not folders of the system (`Public`, `Default`) nor variables (`%USERNAME%`,
  `<user>`). A SID that begins with `S-1-5-21-`, behind a slash.
- A login in a URL: `user:password@` before the host.

## What is not found

- Names of people in texts, in `name` of anything but an individual's identity, in `aliases`, file names, paths without a user's folder, labels.
- Who a victim is: IP and MAC addresses, domain names and URLs pass, and so does an `observed-data` or `sighting` that tells where they were seen. Who wants them out leaves out these types or marks them.
- Telephone numbers and IBANs in cyber-observables, numbers in other spellings (`555 0147`, `0171 1234567`), street addresses in texts, numbers of passports, cards and taxpayers.
- Passwords in command lines, texts and patterns; tokens in the query of a URL.
- What is encoded or packed: `payload_bin` of an artifact that is no message, scripts, images, texts in base64.
- Who tests an account in a pattern that is no STIX pattern (Sigma, YARA, Snort); addresses, folders and logins are found there too.

It also finds more than it must: an attacker's address is an address, so an indicator for it crosses only where `contact` is not stripped, and coordinates of a whole country are exact unless `precision` says 10 km or more.
The e-mail address that an object states as its fact makes no text of it personal: where the fact may be seen the text tells no more.
)";

}  // namespace

std::string personal_page() {
    static constexpr std::array<std::string_view, 3> groups = {"domain", "observable", "custom"};
    std::string page(introduction);
    for (const PersonalRow& row : personal_table()) {
        bool group = false;
        for (const std::string_view name : groups)
            group = group || name == row.type;
        const std::string_view quote = group ? "*" : "`";
        page.append("| ").append(quote).append(row.type).append(quote);
        page.append(" | `").append(row.path).append("` | ").append(personal_name(row.cls));
        page.append(" | ").append(personal_when_text(row.when));
        page.append(" | ").append(row.why).append(" |\n");
    }
    return page.append(limits_text);
}

}  // namespace entente::stix::internal
