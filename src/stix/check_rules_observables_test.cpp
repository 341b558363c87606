// One test for each rule: cyber-observables (S44-S57). Each takes a sound object, breaks it, and
// names rule and pointer; what is still allowed stands beside.
#include "stix/internal/check_objects.h"

namespace entente::stix {
namespace {

using namespace check_objects;

TEST(CheckS44, ArtifactsHavePayloadOrUrl) {
    const json::object hashes{{"MD5", "cead3f77f6cda6ec00f57d76c9a6879f"}};
    const json::object payload = sco("artifact", {{"payload_bin", "Zm9v"}});
    const json::object url =
        sco("artifact", {{"url", "https://example.com/x"}, {"hashes", hashes}});
    EXPECT_EQ(musts(payload), "");
    EXPECT_EQ(musts(url), "");
    EXPECT_EQ(musts(with(url, {{"payload_bin", "Zm9v"}})), "S44 /url");
    EXPECT_EQ(musts(with(url, {{"url", nullptr}})), "S44 ");
    EXPECT_EQ(
        musts(with(
            url, {{"hashes", nullptr}, {"id", "artifact--1ea47840-aa39-4aa8-b4a2-cd203eb6662a"}}
        )),
        "S44 /url"
    );
    EXPECT_EQ(musts(with(url, {{"url", "nowhere"}})), "S44 /url");
    EXPECT_EQ(musts(with(payload, {{"decryption_key", "k"}})), "S44 /decryption_key");
    EXPECT_EQ(
        musts(with(
            payload, {{"decryption_key", "k"}, {"encryption_algorithm", "mime-type-indicated"}}
        )),
        ""
    );
    EXPECT_EQ(
        musts(with(payload, {{"encryption_algorithm", "ROT13"}})), "S44 /encryption_algorithm"
    );
}

TEST(CheckS45, DirectoriesHoldFilesAndDirectories) {
    const json::object directory = sco("directory", {{"path", "/tmp"}});
    EXPECT_EQ(musts(with(directory, {{"contains_refs", {id_of("file"), id_of("directory")}}})), "");
    EXPECT_EQ(musts(with(directory, {{"contains_refs", {id_of("url")}}})), "S45 /contains_refs/0");
    EXPECT_EQ(
        musts(with(file(), with_extension("archive-ext", {{"contains_refs", {id_of("url")}}}))),
        "S45 /extensions/archive-ext/contains_refs/0"
    );
}

TEST(CheckS46, DomainNamesAreDomainNames) {
    const json::object name = sco("domain-name", {{"value", "example.com"}});
    EXPECT_EQ(musts(name), "");
    EXPECT_EQ(musts(with(name, {{"value", "exa mple.com"}})), "S46 /value");
    EXPECT_EQ(
        musts(with(
            name,
            {{"resolves_to_refs", {id_of("ipv4-addr"), id_of("ipv6-addr"), id_of("domain-name")}}}
        )),
        ""
    );
    EXPECT_EQ(
        musts(with(name, {{"resolves_to_refs", {id_of("mac-addr")}}})), "S46 /resolves_to_refs/0"
    );
}

TEST(CheckS47, EmailAddressesAreBare) {
    const json::object address = sco("email-addr", {{"value", "jane@example.com"}});
    EXPECT_EQ(musts(address), "");
    EXPECT_EQ(musts(with(address, {{"value", "Jane <jane@example.com>"}})), "S47 /value");
    EXPECT_EQ(musts(with(address, {{"belongs_to_ref", identity_id}})), "S47 /belongs_to_ref");
}

TEST(CheckS48, MessagesHaveTheBodyOfTheirKind) {
    const json::object message = sco("email-message", {{"is_multipart", false}, {"subject", "x"}});
    const json::array parts{{{"body", "x"}}};
    EXPECT_EQ(musts(with(message, {{"body", "x"}})), "");
    EXPECT_EQ(musts(with(message, {{"body_multipart", parts}})), "S48 /body_multipart");
    EXPECT_EQ(musts(with(message, {{"is_multipart", true}, {"body_multipart", parts}})), "");
    EXPECT_EQ(musts(with(message, {{"is_multipart", true}, {"body", "x"}})), "S48 /body");
    EXPECT_EQ(musts(with(message, {{"is_multipart", nullptr}})), "S48 /is_multipart");
    const auto part = [&](const json::object& p) {
        return with(message, {{"is_multipart", true}, {"body_multipart", json::array{p}}});
    };
    EXPECT_EQ(musts(part({{"content_type", "text/plain"}})), "S48 /body_multipart/0");
    EXPECT_EQ(musts(part({{"body_raw_ref", id_of("artifact")}})), "");
    EXPECT_EQ(musts(part({{"body_raw_ref", id_of("url")}})), "S48 /body_multipart/0/body_raw_ref");
}

TEST(CheckS48, MessagesNameAddresses) {
    const json::object message = sco("email-message", {{"is_multipart", false}, {"subject", "x"}});
    for (const char* name : {"from_ref", "sender_ref"})
        EXPECT_EQ(musts(with(message, {{name, id_of("url")}})), std::string("S48 /") + name);
    for (const char* name : {"to_refs", "cc_refs", "bcc_refs"})
        EXPECT_EQ(
            musts(with(message, {{name, {id_of("email-addr"), id_of("url")}}})),
            std::string("S48 /") + name + "/1"
        );
    EXPECT_EQ(musts(with(message, {{"raw_email_ref", id_of("file")}})), "S48 /raw_email_ref");
}

TEST(CheckS48, FurtherHeaderFieldsAreListsOfStrings) {
    const json::object message = sco("email-message", {{"is_multipart", false}, {"subject", "x"}});
    EXPECT_EQ(
        musts(with(message, {{"additional_header_fields", {{"Reply-To", {"a@example.com"}}}}})), ""
    );
    EXPECT_EQ(
        musts(with(message, {{"additional_header_fields", {{"Reply-To", "a@example.com"}}}})),
        "S48 /additional_header_fields/Reply-To"
    );
    EXPECT_EQ(
        musts(with(message, {{"additional_header_fields", {{"Reply-To", json::array{}}}}})),
        "S4 /additional_header_fields/Reply-To"
    );
    EXPECT_EQ(
        shoulds(with(message, {{"additional_header_fields", {{"Subject", {"x"}}}}})),
        "0 /additional_header_fields/Subject"
    );
}

TEST(CheckS49, FilesHaveHashesOrNames) {
    EXPECT_EQ(
        musts(with(
            file(),
            {{"name", nullptr}, {"size", 5}, {"id", "file--1ea47840-aa39-4aa8-b4a2-cd203eb6662a"}}
        )),
        "S49 "
    );
    EXPECT_EQ(musts(with(file(), {{"size", 0}})), "");
    EXPECT_EQ(musts(with(file(), {{"size", -1}})), "S49 /size");
    EXPECT_EQ(
        musts(with(file(), {{"parent_directory_ref", id_of("file")}})), "S49 /parent_directory_ref"
    );
    EXPECT_EQ(musts(with(file(), {{"content_ref", id_of("file")}})), "S49 /content_ref");
    EXPECT_EQ(
        musts(with(file(), {{"contains_refs", {id_of("url"), id_of("tool")}}})),
        "S49 /contains_refs/1"
    );
}

TEST(CheckS50, AddressesAreAddressesOrBlocks) {
    const json::object v4 = sco("ipv4-addr", {{"value", "198.51.100.0/24"}});
    EXPECT_EQ(musts(v4), "");
    EXPECT_EQ(musts(with(v4, {{"value", "198.51.100.0/33"}})), "S50 /value");
    EXPECT_EQ(musts(with(v4, {{"value", "2001:db8::1"}})), "S50 /value");
    EXPECT_EQ(musts(with(v4, {{"resolves_to_refs", {id_of("url")}}})), "S50 /resolves_to_refs/0");
    EXPECT_EQ(musts(with(v4, {{"belongs_to_refs", {id_of("url")}}})), "S50 /belongs_to_refs/0");
    EXPECT_EQ(musts(sco("ipv6-addr", {{"value", "2001:0db8::1/128"}})), "");
    EXPECT_EQ(musts(sco("ipv6-addr", {{"value", "198.51.100.1"}})), "S50 /value");
}

TEST(CheckS51, MacAddressesAreSixLowerCaseOctets) {
    EXPECT_EQ(musts(sco("mac-addr", {{"value", "d2:fb:49:24:37:18"}})), "");
    EXPECT_EQ(musts(sco("mac-addr", {{"value", "D2:FB:49:24:37:18"}})), "S51 /value");
    EXPECT_EQ(musts(sco("mac-addr", {{"value", "d2:fb:49:24:37"}})), "S51 /value");
}

TEST(CheckS52, TrafficHasAnEnd) {
    EXPECT_EQ(musts(traffic()), "");
    EXPECT_EQ(musts(with(traffic(), {{"src_ref", nullptr}})), "S52 ");
    EXPECT_EQ(musts(with(traffic(), {{"src_ref", id_of("url")}})), "S52 /src_ref");
    EXPECT_EQ(musts(with(traffic(), {{"dst_ref", id_of("mac-addr")}})), "");
    EXPECT_EQ(musts(with(traffic(), {{"protocols", nullptr}})), "S52 /protocols");
    EXPECT_EQ(musts(with(traffic(), {{"src_port", 65'535}})), "");
    EXPECT_EQ(musts(with(traffic(), {{"src_port", 65'536}})), "S52 /src_port");
    EXPECT_EQ(musts(with(traffic(), {{"dst_port", -1}})), "S52 /dst_port");
    EXPECT_EQ(musts(with(traffic(), {{"src_payload_ref", id_of("file")}})), "S52 /src_payload_ref");
    EXPECT_EQ(
        musts(with(traffic(), {{"encapsulates_refs", {id_of("file")}}})), "S52 /encapsulates_refs/0"
    );
    EXPECT_EQ(
        musts(with(traffic(), {{"encapsulated_by_ref", id_of("file")}})), "S52 /encapsulated_by_ref"
    );
    EXPECT_EQ(
        musts(with(traffic(), {{"ipfix", {{"octetDeltaCount", true}}}})),
        "S52 /ipfix/octetDeltaCount"
    );
}

TEST(CheckS52, ActiveTrafficHasNotEnded) {
    const json::object ended =
        with(traffic(), {{"start", "2016-01-01T00:00:00Z"}, {"end", "2016-01-01T00:00:00Z"}});
    EXPECT_EQ(musts(ended), "");
    EXPECT_EQ(musts(with(ended, {{"is_active", false}})), "");
    EXPECT_EQ(musts(with(ended, {{"is_active", true}})), "S52 /end");
}

TEST(CheckS53, ProcessesSaySomething) {
    EXPECT_EQ(musts(sco("process", {{"pid", 5}}, '4')), "");
    EXPECT_EQ(musts(sco("process", {}, '4')), "S53 ");
    EXPECT_EQ(musts(sco("process", {{"defanged", true}}, '4')), "S53 ");
    EXPECT_EQ(
        musts(sco("process", with_extension("windows-process-ext", {{"priority", "A_CLASS"}}), '4')
        ),
        ""
    );
    for (const char* name : {"creator_user_ref", "image_ref", "parent_ref"})
        EXPECT_EQ(musts(sco("process", {{name, id_of("url")}}, '4')), std::string("S53 /") + name);
    for (const char* name : {"opened_connection_refs", "child_refs"})
        EXPECT_EQ(
            musts(sco("process", {{name, {id_of("url")}}}, '4')), std::string("S53 /") + name + "/0"
        );
}

TEST(CheckS54, AccountsKeysAndCertificatesSaySomething) {
    for (const char* type : {"user-account", "windows-registry-key", "x509-certificate"})
        EXPECT_EQ(musts(sco(type, {}, '4')), "S54 ") << type;
    EXPECT_EQ(
        musts(sco("windows-registry-key", {{"values", json::array{json::object{}}}})),
        "S54 /values/0"
    );
    EXPECT_EQ(
        musts(sco("windows-registry-key", {{"values", json::array{{{"data_type", "REG_X"}}}}})),
        "S5 /values/0/data_type"
    );
    EXPECT_EQ(musts(sco("windows-registry-key", {{"key", "HKEY_LOCAL_MACHINE\\System"}})), "");
    EXPECT_EQ(musts(sco("windows-registry-key", {{"key", "HKLM\\System"}})), "S54 /key");
    EXPECT_EQ(
        musts(sco("windows-registry-key", {{"key", "x"}, {"creator_user_ref", identity_id}})),
        "S54 /creator_user_ref"
    );
    EXPECT_EQ(
        musts(sco(
            "x509-certificate", {{"serial_number", "5"}, {"x509_v3_extensions", json::object{}}}
        )),
        "S54 /x509_v3_extensions"
    );
}

TEST(CheckS55, PredefinedExtensionsSaySomething) {
    for (const char* name : {"ntfs-ext", "pdf-ext", "raster-image-ext"})
        EXPECT_EQ(
            musts(with(file(), with_extension(name, {}))), std::string("S55 /extensions/") + name
        );
    EXPECT_EQ(
        musts(with(file(), with_extension("windows-pebinary-ext", {{"pe_type", "exe"}}))),
        "S55 /extensions/windows-pebinary-ext"
    );
    EXPECT_EQ(
        musts(with(file(), with_extension("windows-pebinary-ext", {{"imphash", "x"}}))),
        "S55 /extensions/windows-pebinary-ext/pe_type"
    );
    EXPECT_EQ(
        musts(with(
            file(),
            with_extension(
                "windows-pebinary-ext", {{"pe_type", "exe"}, {"optional_header", json::object{}}}
            )
        )),
        "S55 /extensions/windows-pebinary-ext/optional_header"
    );
    EXPECT_EQ(musts(with(traffic(), with_extension("tcp-ext", {}))), "S55 /extensions/tcp-ext");
    EXPECT_EQ(
        musts(with(traffic(), with_extension("icmp-ext", {{"icmp_type_hex", "08"}}))),
        "S55 /extensions/icmp-ext/icmp_code_hex"
    );
    for (const char* name : {"windows-process-ext", "windows-service-ext"})
        EXPECT_EQ(
            musts(sco("process", with_extension(name, {}), '4')),
            std::string("S55 /extensions/") + name
        );
    EXPECT_EQ(
        musts(sco("user-account", with_extension("unix-account-ext", {}), '4')),
        "S55 /extensions/unix-account-ext"
    );
}

TEST(CheckS55, BothSpellingsOfTheWindowTitleAreTaken) {
    for (const char* name : {"windows_title", "window_title"})
        EXPECT_EQ(
            shoulds(sco("process", with_extension("windows-process-ext", {{name, "x"}}), '4')), ""
        );
}

TEST(CheckS56, SoftwareSpeaksLanguages) {
    const json::object software = sco("software", {{"name", "Word"}});
    EXPECT_EQ(musts(with(software, {{"languages", {"en", "zh-Hans"}}})), "");
    EXPECT_EQ(
        musts(with(software, {{"languages", {"en", "english language"}}})), "V11 /languages/1"
    );
}

TEST(CheckS57, UrlsAreUrls) {
    EXPECT_EQ(musts(sco("url", {{"value", "https://example.com/x?y#z"}})), "");
    EXPECT_EQ(musts(sco("url", {{"value", "example.com"}})), "S57 /value");
}

}  // namespace
}  // namespace entente::stix
