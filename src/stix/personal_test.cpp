// What of an object is personal, row by row of the table.
#include "stix/personal.h"

#include <gtest/gtest.h>

#include <string>

namespace entente::stix {
namespace {

/// "class selector" of each part.
std::vector<std::string> found(std::string_view json) {
    const auto parts = personal_data(json);
    if (!parts) return {"error: " + parts.error().detail};
    std::vector<std::string> out;
    for (const PersonalPart& part : *parts)
        out.push_back(std::string(personal_name(part.cls)) + " " + part.selector);
    return out;
}

using List = std::vector<std::string>;

TEST(Personal, ClassesHaveNamesThatAreReadAgain) {
    for (const Personal cls :
         {Personal::contact, Personal::account, Personal::free_text, Personal::credentials})
        EXPECT_EQ(parse_personal(personal_name(cls)), cls);
    EXPECT_EQ(parse_personal("Contact"), std::nullopt);
    EXPECT_EQ(parse_personal(""), std::nullopt);
}

TEST(Personal, NamesContactOfIndividualsAlone) {
    const std::string head =
        R"({"type":"identity","spec_version":"2.1","id":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"Someone","contact_information":"room 7",)";
    EXPECT_EQ(
        found(head + R"("identity_class":"individual"})"),
        (List{"contact name", "contact contact_information"})
    );
    EXPECT_EQ(found(head + R"("identity_class":"organization"})"), List{});
}

TEST(Personal, NamesAddressesAndAccounts) {
    EXPECT_EQ(
        found(
            R"({"type":"email-addr","spec_version":"2.1","id":"email-addr--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","value":"a@example.com","display_name":"A"})"
        ),
        (List{"contact value", "contact display_name"})
    );
    EXPECT_EQ(
        found(
            R"({"type":"user-account","spec_version":"2.1","id":"user-account--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","user_id":"1001","credential":"hunter22"})"
        ),
        (List{"account user_id", "credentials credential"})
    );
}

}  // namespace
}  // namespace entente::stix
