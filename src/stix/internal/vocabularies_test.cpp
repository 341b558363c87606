#include "stix/internal/vocabularies.h"

#include "stix/internal/iana.h"
#include "stix/internal/iana_lists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace entente::stix::internal {
namespace {

TEST(Vocabularies, HaveSortedDistinctValuesAndHoldThem) {
    for (const VocabularyInfo& info : vocabularies()) {
        SCOPED_TRACE(info.name);
        EXPECT_FALSE(info.name.empty());
        EXPECT_FALSE(info.section.empty());
        EXPECT_EQ(&vocabulary(info.id), &info);
        EXPECT_NE(info.values.empty(), info.listed == nullptr);
        EXPECT_TRUE(std::is_sorted(info.values.begin(), info.values.end()));
        EXPECT_EQ(std::adjacent_find(info.values.begin(), info.values.end()), info.values.end());
        for (const std::string_view value : info.values) {
            EXPECT_TRUE(in_vocabulary(info.id, value)) << value;
            EXPECT_FALSE(in_vocabulary(info.id, std::string(value) + "x")) << value;
            EXPECT_FALSE(
                in_vocabulary(info.id, std::string(value.substr(0, value.size() - 1)) + "~")
            );
        }
        EXPECT_FALSE(in_vocabulary(info.id, ""));
        EXPECT_FALSE(in_vocabulary(info.id, std::string(10'000, 'a')));
    }
}

TEST(Vocabularies, HaveAsManyValuesAsTheStandardLists) {
    // STIX 2.1, 10.1-10.32, in order; 10.17 with both spellings of the datagram socket.
    const std::size_t counts[] = {11, 10, 6, 3, 5,  3,  8,  6, 22, 7, 35, 15, 37, 4, 22, 8,
                                  6,  5,  6, 8, 29, 12, 13, 7, 7,  8, 4,  3,  14, 5, 4,  7};
    std::size_t at = 0;
    for (const std::size_t count : counts) {
        const VocabularyInfo& info = vocabularies()[at++];
        EXPECT_EQ(info.values.size(), count) << info.name;
        EXPECT_EQ(info.section, "10." + std::to_string(at));
    }
}

TEST(Vocabularies, AreOpenWithACodeOrClosedWithoutOne) {
    std::set<std::uint16_t> codes;
    for (const VocabularyInfo& info : vocabularies()) {
        SCOPED_TRACE(info.name);
        EXPECT_EQ(info.closed, info.code == 0);
        if (!info.section.starts_with("part") && info.code != 0) {
            EXPECT_TRUE(codes.insert(info.code).second) << info.code;
        }
    }
    // The public numbers of the reference checker's checks of values.
    EXPECT_EQ(codes, (std::set<std::uint16_t>{201, 211, 212, 213, 214, 215, 216, 218, 219, 220,
                                              221, 222, 223, 225, 226, 227, 228, 230, 231, 241,
                                              243, 244, 245, 271, 272, 273, 274, 275, 276, 277}));
}

TEST(Vocabularies, KnowWhatErrataAdded) {
    EXPECT_TRUE(in_vocabulary(Vocabulary::implementation_language, "rust"));
    EXPECT_TRUE(in_vocabulary(Vocabulary::industry_sector, "legal"));
    EXPECT_TRUE(in_vocabulary(Vocabulary::report_type, "incident"));
    EXPECT_TRUE(in_vocabulary(Vocabulary::threat_actor_type, "private-sector"));
    EXPECT_TRUE(in_vocabulary(Vocabulary::attack_resource_level, "individual"));
    EXPECT_FALSE(in_vocabulary(Vocabulary::account_type, "kavi"));
    EXPECT_TRUE(in_vocabulary(Vocabulary::network_socket_type, "SOCK_DGRAM"));
    EXPECT_FALSE(in_vocabulary(Vocabulary::opinion, "Agree"));
}

/// Every word of a list is found, and the list is sorted without repeats.
void expect_listed(
    std::string_view list, std::string_view before, bool (*rule)(std::string_view) noexcept
) {
    std::string last;
    std::size_t words = 0;
    for (std::size_t at = 0; at < list.size(); ++words) {
        const std::size_t end = std::min(list.find(' ', at), list.size());
        const std::string word(list.substr(at, end - at));
        EXPECT_LT(last, word);
        EXPECT_TRUE(rule(std::string(before) + word)) << word;
        EXPECT_FALSE(rule(std::string(before) + word + "~")) << word;
        last = word;
        at = end + 1;
    }
    EXPECT_GT(words, 5U);
}

TEST(Registries, FindEveryNameOfTheirLists) {
    expect_listed(service_names_1, "", is_service_name);
    expect_listed(service_names_2, "", is_service_name);
    expect_listed(character_sets, "", is_character_set);
    expect_listed(ipfix_elements, "", is_ipfix_element);
    expect_listed(media_application, "application/", is_registered_media_type);
    expect_listed(media_audio, "audio/", is_registered_media_type);
    expect_listed(media_font, "FONT/", is_registered_media_type);
    expect_listed(media_image, "image/", is_registered_media_type);
    expect_listed(media_message, "message/", is_registered_media_type);
    expect_listed(media_model, "model/", is_registered_media_type);
    expect_listed(media_multipart, "multipart/", is_registered_media_type);
    expect_listed(media_text, "text/", is_registered_media_type);
    expect_listed(media_video, "video/", is_registered_media_type);
}

TEST(Registries, CharacterSetsAreNamedAsStixWants) {
    EXPECT_TRUE(is_character_set("UTF-8"));
    EXPECT_TRUE(is_character_set("ISO-8859-1"));  // its name is ISO_8859-1:1987
    EXPECT_TRUE(is_character_set("windows-1252"));
    EXPECT_FALSE(is_character_set("utf-8"));
    EXPECT_FALSE(is_character_set("latin1"));
}

TEST(Registries, MediaTypesHaveNoCaseAndNoParameters) {
    EXPECT_TRUE(is_registered_media_type("application/msword"));
    EXPECT_TRUE(is_registered_media_type("Application/STIX+json"));
    EXPECT_FALSE(is_registered_media_type("text/html; charset=utf-8"));
    EXPECT_FALSE(is_registered_media_type("application/x-msdownload"));
    EXPECT_FALSE(is_registered_media_type("text/msword"));
    EXPECT_FALSE(is_registered_media_type("msword"));
    EXPECT_FALSE(is_registered_media_type("chemical/x-pdb"));
}

TEST(Registries, ServiceNamesAreThoseOfTheExamples) {
    for (const char* name :
         {"ipv4", "ipv6", "tcp", "udp", "http", "https", "ssl", "tls", "dns", "domain", "ssh"}) {
        EXPECT_TRUE(is_service_name(name)) << name;
    }
    EXPECT_FALSE(is_service_name("TCP"));
    EXPECT_FALSE(is_service_name("no-such-service"));
}

TEST(Registries, IpfixElementsKeepTheirCase) {
    EXPECT_TRUE(is_ipfix_element("octetDeltaCount"));
    EXPECT_FALSE(is_ipfix_element("octetdeltacount"));
    EXPECT_FALSE(is_ipfix_element("Reserved"));
}

TEST(Registries, HeaderFieldsHaveNoCase) {
    for (const char* name :
         {"User-Agent", "user-agent", "Host", "Referer", "X-Forwarded-For", "Sec-Fetch-Mode"}) {
        EXPECT_TRUE(is_http_request_header(name)) << name;
    }
    EXPECT_FALSE(is_http_request_header("Set-Cookie"));
    EXPECT_FALSE(is_http_request_header("User Agent"));
}

TEST(Registries, SocketOptionsPdfKeysAndCountries) {
    EXPECT_TRUE(is_socket_option("SO_ACCEPTCONN"));
    EXPECT_TRUE(is_socket_option("IPV6_V6ONLY"));
    EXPECT_FALSE(is_socket_option("so_acceptconn"));
    EXPECT_FALSE(is_socket_option("SO_"));
    EXPECT_FALSE(is_socket_option("FOO_BAR"));
    EXPECT_TRUE(is_pdf_info_key("Title"));
    EXPECT_FALSE(is_pdf_info_key("title"));
    EXPECT_TRUE(is_country("th"));
    EXPECT_TRUE(is_country("GB"));
    EXPECT_FALSE(is_country("UK"));
    EXPECT_FALSE(is_country("XX"));
    EXPECT_FALSE(is_country("GBR"));
    std::size_t countries = 0;
    for (char a = 'A'; a <= 'Z'; ++a) {
        for (char b = 'A'; b <= 'Z'; ++b)
            countries += is_country(std::string{a, b}) ? 1U : 0U;
    }
    EXPECT_EQ(countries, 249U);
}

}  // namespace
}  // namespace entente::stix::internal
