// One test for each rule: markings and extensions (S60-S74). Each takes a sound object, breaks it,
// and names rule and pointer; what is still allowed stands beside.
#include "stix/internal/check_objects.h"

namespace entente::stix {
namespace {

using namespace check_objects;

TEST(CheckS60, GranularMarkingsMarkOrSpeak) {
    const auto marked = [](const json::object& marking) {
        return with(tool(), {{"granular_markings", json::array{marking}}});
    };
    EXPECT_EQ(musts(marked({{"selectors", {"name"}}, {"marking_ref", green}})), "");
    EXPECT_EQ(musts(marked({{"selectors", {"name"}}, {"lang", "fr"}})), "")
        << "the published JSON schema wants marking_ref too";
    EXPECT_EQ(musts(marked({{"selectors", {"name"}}})), "S60 /granular_markings/0");
    EXPECT_EQ(
        musts(marked({{"selectors", {"name"}}, {"lang", "fr"}, {"marking_ref", green}})),
        "S60 /granular_markings/0/marking_ref"
    );
    EXPECT_EQ(musts(marked({{"marking_ref", green}})), "S60 /granular_markings/0/selectors");
    EXPECT_EQ(
        musts(marked({{"selectors", json::array{}}, {"marking_ref", green}})),
        "S4 /granular_markings/0/selectors"
    );
    EXPECT_EQ(
        musts(marked({{"selectors", {"name"}}, {"marking_ref", identity_id}})),
        "S60 /granular_markings/0/marking_ref"
    );
    EXPECT_EQ(
        musts(marked({{"selectors", {"name"}}, {"lang", "no language"}})),
        "S60 /granular_markings/0/lang"
    );
}

TEST(CheckS62, TlpIsWhatTheStandardFixes) {
    json::object fixed{
        {"type", "marking-definition"},
        {"spec_version", "2.1"},
        {"id", green},
        {"created", "2017-01-20T00:00:00.000Z"},
        {"definition_type", "tlp"},
        {"name", "TLP:GREEN"},
        {"definition", {{"tlp", "green"}}}};
    EXPECT_EQ(musts(fixed), "");
    EXPECT_EQ(musts(with(fixed, {{"id", id_of("marking-definition")}})).substr(0, 3), "S62");
    EXPECT_EQ(musts(with(fixed, {{"definition", {{"tlp", "white"}}}})).substr(0, 3), "S62");
}

TEST(CheckS63, Tlp2IsAnExtension) {
    json::object clear{
        {"type", "marking-definition"},
        {"spec_version", "2.1"},
        {"id", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"},
        {"created", "2022-10-01T00:00:00.000Z"},
        {"name", "TLP:CLEAR"},
        {"extensions",
         {{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d",
           {{"extension_type", "property-extension"}, {"tlp_2_0", "clear"}}}}}};
    EXPECT_EQ(musts(clear), "");
    EXPECT_EQ(musts(with(clear, {{"id", id_of("marking-definition")}})).substr(0, 3), "S62");
}

TEST(CheckS64, MarkingsSayWhatTheyMean) {
    EXPECT_EQ(
        musts(marking(
            {{"definition_type", "statement"}, {"definition", {{"statement", "Copyright"}}}}
        )),
        ""
    );
    EXPECT_EQ(
        musts(marking({{"definition_type", "statement"}, {"definition", {{"text", "Copyright"}}}})),
        "S64 /definition"
    );
    EXPECT_EQ(musts(marking({})), "S62 /definition_type\nS62 /definition");
    EXPECT_EQ(musts(marking({{"definition_type", "statement"}})), "S62 /definition");
    EXPECT_EQ(
        musts(marking(with_extension(
            id_of("extension-definition"), {{"extension_type", "property-extension"}, {"rank", 1}}
        ))),
        ""
    );
}

TEST(CheckS70, DefinedExtensionsSayWhatTheyAre) {
    const std::string id = id_of("extension-definition");
    EXPECT_EQ(
        musts(with(tool(), with_extension(id, {{"rank", 5}}))),
        "S70 /extensions/" + id + "/extension_type"
    );
    EXPECT_EQ(
        musts(with(tool(), with_extension(id, {{"extension_type", "new"}}))),
        "S70 /extensions/" + id + "/extension_type"
    );
    json::object definition =
        sdo("extension-definition",
            {{"created_by_ref", identity_id},
             {"name", "x"},
             {"schema", "https://example.com/"},
             {"version", "1.0"},
             {"extension_types", {"new-sdo"}}});
    EXPECT_EQ(musts(definition), "");
    EXPECT_EQ(
        musts(with(definition, {{"extension_types", {"new-sdo", "more"}}})),
        "S70 /extension_types/1"
    );
    EXPECT_EQ(musts(with(definition, {{"schema", nullptr}})), "S70 /schema");
}

TEST(CheckS71, ExtensionPropertiesAreForTopLevelExtensions) {
    json::object definition =
        sdo("extension-definition",
            {{"created_by_ref", identity_id},
             {"name", "x"},
             {"description", "x"},
             {"schema", "x"},
             {"version", "1"},
             {"extension_types", {"toplevel-property-extension"}},
             {"extension_properties", {"rank", "toxicity"}}});
    EXPECT_EQ(musts(definition), "");
    EXPECT_EQ(
        musts(with(definition, {{"extension_types", {"property-extension"}}})),
        "S71 /extension_properties"
    );
    EXPECT_EQ(
        musts(with(definition, {{"extension_properties", {"Rank"}}})), "S72 /extension_properties/0"
    );
    EXPECT_EQ(shoulds(with(definition, {{"extension_properties", nullptr}})), "306 ");
}

TEST(CheckS71, TopLevelExtensionsMakePropertiesKnown) {
    const json::object toplevel = with_extension(
        id_of("extension-definition"), {{"extension_type", "toplevel-property-extension"}}
    );
    EXPECT_EQ(shoulds(with(with(tool(), toplevel), {{"rank", 5}})), "");
    EXPECT_EQ(shoulds(with(tool(), {{"rank", 5}})), "401 /rank\n102 /rank");
}

TEST(CheckS72, NamesInExtensionsHaveTheirForm) {
    const std::string id = id_of("extension-definition");
    EXPECT_EQ(
        musts(with(
            tool(), with_extension(id, {{"extension_type", "property-extension"}, {"Rank", 5}})
        )),
        "S72 /extensions/" + id + "/Rank"
    );
}

TEST(CheckS73, UnknownExtensionsAreTaken) {
    const json::object made =
        with_extension(id_of("extension-definition"), {{"extension_type", "new-sdo"}});
    EXPECT_EQ(shoulds(with(sdo("my-own-thing", {{"rank", 5}}), made)), "");
    EXPECT_EQ(musts(with(sdo("my-own-thing", {{"rank", 5}}), made)), "");
}

TEST(CheckS74, CustomContentIsLegalAndRecommendedAgainst) {
    EXPECT_EQ(musts(with(tool(), {{"rank", 5}, {"x_rank", 5}, {"x_example_com_rank", 5}})), "");
    EXPECT_EQ(musts(sdo("thing", {{"rank", 5}})), "");
    EXPECT_EQ(shoulds(sdo("thing", {{"rank", 5}})), "401 /type\n102 /type");
    EXPECT_EQ(shoulds(sdo("x-thing", {{"rank", 5}})), "401 /type\n101 /type");
    EXPECT_EQ(shoulds(sdo("x-example-com-thing", {{"rank", 5}})), "401 /type");
    EXPECT_EQ(musts(with(sdo("thing"), {{"created", nullptr}})), "S7 /created");
    EXPECT_EQ(musts(with(sdo("thing", {{"rank", 5}}), {{"created", "2016"}})), "V1 /created");
    EXPECT_EQ(musts(with(file(), with_extension("x-example-com-foo-ext", {{"foo", 1}}))), "");
    EXPECT_EQ(
        shoulds(with(file(), with_extension("x-example-com-foo-ext", {{"foo", 1}}))),
        "401 /extensions/x-example-com-foo-ext"
    );
    EXPECT_EQ(
        shoulds(with(file(), with_extension("foo-ext", {{"foo", 1}}))),
        "401 /extensions/foo-ext\n102 /extensions/foo-ext"
    );
    EXPECT_EQ(
        musts(with(file(), with_extension("x-example-com-foo", {{"foo", 1}}))),
        "S74 /extensions/x-example-com-foo"
    );
    EXPECT_EQ(
        musts(with(file(), with_extension("x-example-com-foo-ext", {}))),
        "S74 /extensions/x-example-com-foo-ext"
    );
    EXPECT_EQ(
        musts(with(tool(), with_extension("x-example-com-foo-ext", {{"foo", 1}}))),
        "S74 /extensions/x-example-com-foo-ext"
    );
}

}  // namespace
}  // namespace entente::stix
