#include "stix/identify.h"

#include "stix/envelope.h"
#include "stix/object.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace entente::stix {
namespace {

/// The id, "random", or the error.
std::string id_of(std::string_view json) {
    const auto id = deterministic_id(json);
    if (!id) return errc_name(id.error().code) + (": " + id.error().detail);
    return id->value_or("random");
}

struct Case {
    std::string_view json;
    std::string_view id;
};

// The ids that STIX 2.1 prints, where they follow from its text (S22).
TEST(DeterministicId, IsWhatTheStandardPrints) {
    for (const Case& c : {
             Case{
                 R"({"type":"ipv4-addr","value":"198.51.100.3"})",
                 "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"},
             Case{
                 R"({"type":"ipv4-addr","value":"198.51.100.0/24"})",
                 "ipv4-addr--1ea47840-aa39-5aa8-b4a2-cd203eb6662a"},
             Case{
                 R"({"type":"domain-name","value":"example.com"})",
                 "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"},
             Case{
                 R"({"type":"url","value":"https://example.com/research/index.html"})",
                 "url--47c3cf9a-5027-5bf0-997a-017c7edc7c55"},
             Case{
                 R"({"type":"autonomous-system","number":15139,"name":"Slime Industries"})",
                 "autonomous-system--3aa27478-50b5-5ab8-9da9-cdc12b657fff"},
             Case{
                 R"({"type":"directory","path":"C:\\Windows\\System32"})",
                 "directory--0a58d0c1-59e6-5afd-8252-dcd3f13e5622"},
             // As it is written: addresses are not normalised.
             Case{
                 R"({"type":"ipv6-addr","value":"2001:0db8:85a3:0000:0000:8a2e:0370:7334"})",
                 "ipv6-addr--85a85a8c-ee99-5722-946d-3c3a3270fc6f"},
             Case{
                 R"({"type":"mac-addr","value":"d2:fb:49:24:37:18"})",
                 "mac-addr--757b1725-9903-54f5-a855-1240691d7659"},
             // UTF-8, whatever the escapes in the text.
             Case{
                 R"({"type":"file","hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"},"name":"qu\u00eary.dll"})",
                 "file--7d1e3a18-89e7-5bc5-be36-9879f5b7f5c8"},
             Case{
                 R"({"type":"software","name":"Word","cpe":"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*","version":"2002","vendor":"Microsoft"})",
                 "software--710b0b41-d4d0-5d6c-a400-fc9254554ffc"},
             Case{
                 R"({"type":"user-account","user_id":"1001","account_login":"jdoe","account_type":"unix","display_name":"John Doe"})",
                 "user-account--f94d689e-707d-58c3-b803-c720bb6ed096"},
         }) {
        EXPECT_EQ(id_of(c.json), c.id);
    }
}

// What the python library stix2 3.0.2 makes of these, which uses a canonical form of its own:
// nested floats, lists of objects, every type that has contributing properties and is not above.
TEST(DeterministicId, IsWhatTheReferenceMakes) {
    for (const Case& c : {
             Case{
                 R"({"type":"file","name":"example.exe","size":68000,"magic_number_hex":"50000000","hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"},"extensions":{"windows-pebinary-ext":{"pe_type":"exe","machine_hex":"014c","sections":[{"name":".data","size":4096,"entropy":7.980693,"hashes":{"SHA-256":"6e3b6f3978e5cd96ba7abee35c24e867b7e64072e2ecb22d0ee7a6e6af6894d0"}}]}}})",
                 "file--ced31cd4-bdcb-537d-aefa-92d291bfc11d"},
             Case{
                 R"({"type":"windows-registry-key","values":[{"name":"Foo","data":"qwerty"},{"name":"Bar","data":"42"}]})",
                 "windows-registry-key--36594eba-bcc7-5014-9835-0e154264e588"},
             Case{
                 R"({"type":"windows-registry-key","key":"hkey_local_machine\\system\\bar\\foo"})",
                 "windows-registry-key--67c068a7-2c94-526b-8e90-d0f8d96c630f"},
             Case{
                 R"({"type":"network-traffic","start":"2020-01-01T00:00:00.5Z","src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","src_port":3372,"protocols":["ipv4","tcp"]})",
                 "network-traffic--fd936bd9-4b2b-5067-95a3-fc0ceb9387e2"},
             Case{
                 R"({"type":"email-message","is_multipart":false,"from_ref":"email-addr--2d77a846-6264-5d51-b586-e43822ea1ea3","subject":"Hello\n\"you\"","body":"x"})",
                 "email-message--5e6934e9-a199-5058-b159-7c9108c04bcb"},
             Case{
                 R"({"type":"x509-certificate","serial_number":"36:f7","issuer":"C=ZA"})",
                 "x509-certificate--523001db-9d41-58eb-99c9-f940c79385c2"},
             Case{
                 R"({"type":"mutex","name":"__CLEANSWEEP__"})",
                 "mutex--f93fe911-e545-5239-b9b0-597840d0c871"},
             Case{
                 R"({"type":"email-addr","value":"john@example.com"})",
                 "email-addr--7165e2a9-671f-585d-b1e1-ca59c671d934"},
         }) {
        EXPECT_EQ(id_of(c.json), c.id);
    }
}

TEST(DeterministicId, TakesOneHashByPreferenceElseTheFirstGiven) {
    constexpr std::string_view sha512 =
        "ee26b0dd4af7e749aa1a8ee3c10ae9923f618980772e473f8819a5d4940e0db27ac185f8a0e1d5f84f88bc887f"
        "d67b143732c304cc5fa9ad8e6f57f50028a8ff";
    EXPECT_EQ(
        id_of(
            std::string(R"({"type":"artifact","payload_bin":"VGVzdA==","hashes":{"SHA-512":")") +
            std::string(sha512) + R"(","MD5":"0cbc6611f5540bd0809a388dc95a615b"}})"
        ),
        "artifact--e1bdd465-ce5c-5c94-b225-06e5122a3ffe"
    );
    EXPECT_EQ(
        id_of(
            std::string(
                R"({"type":"file","hashes":{"SHA3-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649","SHA-512":")"
            ) +
            std::string(sha512) + "\"}}"
        ),
        "file--41b19743-cb2a-5a58-83bf-5c7a997fb080"
    );
    const std::string tlsh = R"("TLSH":")" + std::string(70, '0') + '"';
    EXPECT_EQ(
        id_of(R"({"type":"file","hashes":{)" + tlsh + R"(,"SSDEEP":"3:a:b"}})"),
        "file--57c33d62-5b4d-5e0d-af20-2885ead663df"
    );
    EXPECT_EQ(
        id_of(R"({"type":"file","ha\u0073hes" : { "SSDEEP":"3:a:b",)" + tlsh + "}}"),
        "file--7bf4d875-4548-5029-a26e-dbb5839022dd"
    );
}

TEST(DeterministicId, DependsOnNothingElse) {
    EXPECT_EQ(
        id_of(
            R"({"value":"198.51.100.3", "type":"ipv4-addr","id":"ipv4-addr--00000000-0000-4000-8000-000000000000","spec_version":"2.1","defanged":true})"
        ),
        "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    );
    EXPECT_NE(
        id_of(R"({"type":"ipv4-addr","value":"198.51.100.4"})"),
        "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    );
}

TEST(DeterministicId, IsRandomWhereNothingContributes) {
    EXPECT_EQ(id_of(R"({"type":"process","pid":1221,"command_line":"x"})"), "random");
    for (const std::string_view type :
         {"artifact",
          "email-message",
          "file",
          "user-account",
          "windows-registry-key",
          "x509-certificate"}) {
        EXPECT_EQ(
            id_of(std::string(R"({"type":")").append(type).append(R"(","x_a":1})")), "random"
        );
    }
    EXPECT_EQ(id_of(R"({"type":"file","hashes":{}})"), "random");
}

TEST(DeterministicId, IsForObservablesOfTheStandard) {
    EXPECT_TRUE(id_of(R"({"type":"indicator","name":"x"})").starts_with("unprocessable: /type: "));
    EXPECT_TRUE(id_of(R"({"type":"x-sensor","value":"x"})").starts_with("unprocessable: /type: "));
    EXPECT_TRUE(id_of(R"({"value":"x"})").starts_with("unprocessable: /type: missing"));
    EXPECT_TRUE(id_of(R"(["ipv4-addr"])").starts_with("unprocessable: "));
    EXPECT_TRUE(id_of(R"({"type":"url","value":"x","value":"y"})").starts_with("malformed: "));
}

// Ids that other producers computed. Those that differ are of other schemes or of older drafts of
// the standard; for all that agree stix2 3.0.2 computes the same.
TEST(DeterministicId, AgreesWithPublishedOnes) {
    const char* const root = std::getenv("ENTENTE_SHARED_DATA");
    if (root == nullptr)
        GTEST_SKIP() << "set ENTENTE_SHARED_DATA to the folder of the real data sets to run this";

    struct Set {
        std::string_view folder;
        std::size_t agree;
        std::size_t other;
    };

    for (const Set& set : {
             Set{"feeds2stix-stix21", 6, 162},
             Set{"firepit-observed-data", 2, 12},
             Set{"oasis-cti-documentation-examples", 2, 0},
             Set{"oasis-elevator-idioms", 58, 5},
         }) {
        std::size_t agree = 0;
        std::size_t other = 0;
        const auto look = [&](std::string_view text, std::size_t) -> Result<void> {
            const auto object = read_object(text);
            const auto id = deterministic_id(text);
            // Version 5 is the digit behind the second hyphen of the UUID.
            if (!object || !id || object->id[object->id.size() - 22] != '5') return {};
            ++(*id == object->id ? agree : other);
            return {};
        };
        for (const auto& entry : std::filesystem::recursive_directory_iterator(
                 std::filesystem::path(root) / set.folder
             )) {
            if (entry.path().extension() != ".json") continue;
            std::ifstream file(entry.path(), std::ios::binary);
            Cutter cutter(look);
            EXPECT_TRUE(cutter.feed(std::string(std::istreambuf_iterator<char>(file), {})));
            EXPECT_TRUE(cutter.finish()) << entry.path();
        }
        EXPECT_EQ(agree, set.agree) << set.folder;
        EXPECT_EQ(other, set.other) << set.folder;
    }
}

}  // namespace
}  // namespace entente::stix
