// One test for each rule: what the reference checker checks (V1-V16). Each takes a sound object,
// breaks it, and names rule and pointer; what is still allowed stands beside.
#include "stix/internal/check_objects.h"

namespace entente::stix {
namespace {

using namespace check_objects;

TEST(CheckV1, TimestampsAreOnDaysOfTheCalendar) {
    EXPECT_EQ(musts(with(tool(), {{"created", "2016-02-29T20:03:48.000Z"}})), "");
    EXPECT_EQ(musts(with(tool(), {{"created", "2015-02-29T20:03:48.000Z"}})), "V1 /created");
    EXPECT_EQ(musts(with(tool(), {{"created", "2015-02-28T20:03:48.000+00:00"}})), "V1 /created");
    EXPECT_EQ(musts(with(tool(), {{"created", ""}})), "V1 /created");
    EXPECT_EQ(
        musts(with(
            observed(),
            {{"object_refs", nullptr},
             {"objects",
              {{"0", {{"type", "file"}, {"name", "x"}, {"mtime", "2015-02-29T00:00:00Z"}}}}}}
        )),
        "V1 /objects/0/mtime"
    ) << "the reference looks for a type observable-data and passes over containers";
}

TEST(CheckV2, TimesOfDomainObjectsAreInOrder) {
    EXPECT_EQ(musts(with(tool(), {{"created", "2016-04-06T20:03:48.0001Z"}})), "V2 /modified");
}

TEST(CheckV3, TrafficEndsAfterItBegins) {
    EXPECT_EQ(
        musts(with(traffic(), {{"start", "2016-01-01T00:00:01Z"}, {"end", "2016-01-01T00:00:00Z"}})
        ),
        "V3 /end"
    );
}

TEST(CheckV4, AMarkingDoesNotMarkItself) {
    const json::object statement =
        marking({{"definition_type", "statement"}, {"definition", {{"statement", "x"}}}});
    EXPECT_EQ(musts(with(statement, {{"object_marking_refs", {green}}})), "");
    EXPECT_EQ(
        musts(with(statement, {{"object_marking_refs", {green, id_of("marking-definition")}}})),
        "V4 /object_marking_refs/1"
    );
}

TEST(CheckV5, AMarkingDoesNotMarkItsParts) {
    const json::object statement =
        marking({{"definition_type", "statement"}, {"definition", {{"statement", "x"}}}});
    EXPECT_EQ(
        musts(with(
            statement,
            {{"granular_markings",
              json::array{
                  {{"selectors", {"definition"}}, {"marking_ref", id_of("marking-definition")}}}}}
        )),
        "V5 /granular_markings/0/marking_ref"
    );
}

TEST(CheckV6, SelectorsSelectWhatIsThere) {
    const auto marked = [](std::string_view selector) {
        return with(
            file(),
            {{"hashes", {{"MD5", "cead3f77f6cda6ec00f57d76c9a6879f"}}},
             {"x_example_com_list", {"a", "b"}},
             {"granular_markings",
              json::array{{{"selectors", {"name", selector}}, {"marking_ref", green}}}}}
        );
    };
    EXPECT_EQ(musts(marked("id")), "");
    EXPECT_EQ(musts(marked("x_example_com_list.[1]")), "");
    EXPECT_EQ(musts(marked("hashes.MD5")), "")
        << "the published JSON schema takes small letters only";
    for (const char* selector :
         {"",
          "names",
          "x_example_com_list.[2]",
          "name.[0]",
          "hashes.[0]",
          "x_example_com_list.first",
          "name."})
        EXPECT_EQ(musts(marked(selector)), "V6 /granular_markings/0/selectors/1") << selector;
}

TEST(CheckV7, ReferencesInAContainerStayInIt) {
    const auto container = [](const json::object& second) {
        return with(
            observed(),
            {{"object_refs", nullptr},
             {"objects", {{"0", {{"type", "directory"}, {"path", "/"}}}, {"1", second}}}}
        );
    };
    EXPECT_EQ(
        musts(container({{"type", "file"}, {"name", "x"}, {"parent_directory_ref", "0"}})), ""
    );
    EXPECT_EQ(
        musts(container({{"type", "file"}, {"name", "x"}, {"parent_directory_ref", "7"}})),
        "V7 /objects/1/parent_directory_ref"
    );
    EXPECT_EQ(
        musts(container({{"type", "file"}, {"name", "x"}, {"content_ref", "0"}})),
        "V7 /objects/1/content_ref"
    );
    EXPECT_EQ(musts(container({{"type", "file"}, {"name", "x"}, {"contains_refs", {"0"}}})), "");
}

TEST(CheckV8, MediaTypesShouldBeIanas) {
    const json::object artifact = sco("artifact", {{"payload_bin", "Zm9v"}});
    EXPECT_EQ(shoulds(with(artifact, {{"mime_type", "application/zip"}})), "");
    EXPECT_EQ(shoulds(with(artifact, {{"mime_type", "application/x-my-own"}})), "271 /mime_type");
    EXPECT_EQ(musts(with(artifact, {{"mime_type", 5}})), "V8 /mime_type");
}

TEST(CheckV9, CharacterSetsAreIanas) {
    EXPECT_EQ(musts(with(file(), {{"name_enc", "windows-1252"}})), "");
    EXPECT_EQ(musts(with(file(), {{"name_enc", "my-charset"}})), "V9 /name_enc");
    EXPECT_EQ(musts(sco("directory", {{"path", "/"}, {"path_enc", "my-charset"}})), "V9 /path_enc");
}

TEST(CheckV10, LanguagesAreRfc5646) {
    EXPECT_EQ(musts(with(tool(), {{"lang", "de-CH"}})), "");
    EXPECT_EQ(musts(with(tool(), {{"lang", "german language"}})), "V10 /lang");
}

TEST(CheckV11, LanguagesOfSoftwareAreRfc5646) {
    EXPECT_EQ(
        musts(sco("software", {{"name", "Word"}, {"languages", {"??"}}})), "V11 /languages/0"
    );
}

TEST(CheckV12, PatternsAreRead) {
    EXPECT_EQ(musts(with(indicator(), {{"pattern", "[file:size >]"}})).substr(0, 1), "P");
    EXPECT_EQ(musts(with(indicator(), {{"pattern", "file:size > 5"}})).substr(0, 1), "P");
    EXPECT_EQ(musts(with(indicator(), {{"pattern", "[file:name = 'a\\\\b \"c\"']"}})), "");
    // Written by the grammar, and still against the text of the standard.
    EXPECT_EQ(
        musts(with(indicator(), {{"pattern", "[file:size = 9007199254740992]"}})), "P2 /pattern"
    );
    EXPECT_NE(
        message(with(indicator(), {{"pattern", "[file:size >]"}})).find("at character"),
        std::string::npos
    );
}

TEST(CheckV13, CpeIsVersion23) {
    const json::object software = sco("software", {{"name", "Word"}});
    EXPECT_EQ(musts(with(software, {{"cpe", "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*"}})), "");
    EXPECT_EQ(musts(with(software, {{"cpe", "cpe:/a:microsoft:word:2000"}})), "V13 /cpe");
}

TEST(CheckV14, TranslationsAreByLanguage) {
    EXPECT_EQ(
        musts(translation({{"german language", {{"name", "Bank"}}}})),
        "V14 /contents/german language"
    );
    EXPECT_EQ(musts(translation({{"de", {{"Name", "Bank"}}}})), "V14 /contents/de/Name");
}

TEST(CheckV15, IdsThatCannotBeComputedAreRandom) {
    EXPECT_EQ(musts(sco("x509-certificate", {{"subject", "x"}}, '4')), "");
    EXPECT_EQ(musts(sco("x509-certificate", {{"subject", "x"}}, '5')), "V15 /id");
    EXPECT_EQ(musts(sco("windows-registry-key", {{"number_of_subkeys", 1}}, '5')), "V15 /id");
    EXPECT_EQ(musts(sco("user-account", {{"display_name", "x"}}, '5')), "V15 /id");
    EXPECT_EQ(musts(sco("email-message", {{"is_multipart", false}}, '5')), "V15 /id");
    EXPECT_EQ(shoulds(sco("email-message", {{"is_multipart", false}}, '4')), "")
        << "a random one is right here";
}

TEST(CheckV16, ProcessesHaveRandomIds) {
    EXPECT_EQ(musts(sco("process", {{"pid", 1}}, '4')), "");
    EXPECT_EQ(musts(sco("process", {{"pid", 1}}, '5')), "V16 /id");
}

}  // namespace
}  // namespace entente::stix
