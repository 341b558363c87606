// The fast look against the search itself.
#include "stix/internal/personal_glance.h"

#include "stix/internal/personal_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace entente::stix::internal {
namespace {

bool finds(const std::string& text) {
    for (const PersonalWhen when :
         {PersonalWhen::login_in_url,
          PersonalWhen::path_of_user,
          PersonalWhen::any_address,
          PersonalWhen::address_id,
          PersonalWhen::account_id,
          PersonalWhen::account_test,
          PersonalWhen::credential_test,
          PersonalWhen::personal_text}) {
        if (!personal_text(when, text, {}).empty()) return true;
    }
    return false;
}

/// The text as the value of a property, with `before` bytes before it.
std::string object_with(const std::string& text, std::size_t before) {
    return R"({"x":")" + std::string(before, 'x') + R"(","name":")" + text + R"(","n":1})";
}

TEST(PersonalGlance, SeesEveryKindWhereverItStands) {
    for (const std::string text :
         {"alice@example.com",
          "alice [at] example.com",
          "alice (AT) example.com",
          "alice{at}example.com",
          "alice%40example.com",
          "alice\xef\xbc\xa0"
          "example.com",
          "+33199001234",
          "call +(33)199001234",
          "(212) 555-0147",
          "212-555-0147",
          "T:212.555.0147",
          "0033 199001234",
          "(0033 199001234)",
          "tel:123456",
          "TEL:123456",
          "GB82WEST12345698765432",
          "_gb82 WEST 1234 5698 7654 32",
          "/home/alice",
          "see /Users/alice/x",
          "ftp://alice:pw@192.0.2.7/",
          "[user-account:user_id = 1]",
          "[user-account:'account_login' = 1]",
          "[x:y_ref.display_name = 1]",
          "[x:y_ref[0].credential = 1]",
          "email-addr--2d77a846-6264-5d51-b586-e43822ea1ea3",
          "user-account--0d5b424b-93b8-5cd8-ac36-306e1789d63c"}) {
        ASSERT_TRUE(finds(text)) << text;
        for (std::size_t before = 0; before < 150; ++before)
            ASSERT_TRUE(may_hold_personal_text(object_with(text, before))) << text << " " << before;
    }
}

TEST(PersonalGlance, SeesNothingInWhatMostIndicatorsSay) {
    EXPECT_FALSE(may_hold_personal_text(
        R"({"type":"indicator","spec_version":"2.1","id":"indicator--00000007-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","name":"Address 7","description":"Seen","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"confidence":80,"labels":["sample"]})"
    ));
    EXPECT_FALSE(may_hold_personal_text(
        R"({"pattern":"[file:hashes.'SHA-256' = 'de8e2e2d2b17d44cbf938f98ee46b3cd3f841a8921140aba50671ebb0770fecc']","url":"https://example.com/a/b?c=d&e=1-2-3","refs":["email-addr--2d77a846-6264-4d51-b586-e43822ea1ea3"]})"
    ));
}

TEST(PersonalGlance, NeverMissesWhatTheSearchFinds) {
    static constexpr std::string_view pieces[] = {
        "0",
        "1",
        "2",
        "5",
        "7",
        "00",
        "212",
        "555",
        "0147",
        "4711",
        "+",
        "-",
        ".",
        " ",
        "(",
        ")",
        "/",
        "'",
        ":",
        "@",
        "[at]",
        "%40",
        "tel:",
        "a",
        "example.com",
        "GB82",
        "WEST",
        "12345698765432",
        "_",
        "user_id",
        "[",
        "{",
        "/home/",
        "bob",
        "://",
        "--",
        "email-addr",
        "2d77a846-6264-5d51-b586-e43822ea1ea3",
        "x"};
    std::mt19937 random(20'250'601);
    int found = 0;
    int passed = 0;
    for (int i = 0; i < 60'000; ++i) {
        std::string text;
        for (std::size_t k = 0, n = 1 + random() % 9; k < n; ++k)
            text += pieces[random() % std::size(pieces)];
        const bool may = may_hold_personal_text(object_with(text, random() % 70));
        if (finds(text)) {
            ++found;
            ASSERT_TRUE(may) << text;
        } else if (!may) {
            ++passed;
        }
    }
    EXPECT_GT(found, 1'000);
    EXPECT_GT(passed, 10'000);
}

}  // namespace
}  // namespace entente::stix::internal
