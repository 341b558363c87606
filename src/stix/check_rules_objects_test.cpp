// One test for each rule: domain, relationship and meta objects (S32-S43). Each takes a sound
// object, breaks it, and names rule and pointer; what is still allowed stands beside.
#include "stix/internal/check_objects.h"

namespace entente::stix {
namespace {

using namespace check_objects;

TEST(CheckS32, LastSeenIsNotBeforeFirstSeen) {
    for (const char* type :
         {"campaign", "infrastructure", "intrusion-set", "threat-actor", "malware"}) {
        json::object object =
            sdo(type,
                {{"name", "x"},
                 {"first_seen", "2016-01-02T00:00:00Z"},
                 {"last_seen", "2016-01-02T00:00:00.0Z"}});
        if (object["type"] == "malware") object["is_family"] = false;
        EXPECT_EQ(musts(object), "") << type;
        EXPECT_EQ(musts(with(object, {{"last_seen", "2016-01-01T23:59:59.9Z"}})), "S32 /last_seen")
            << type;
    }
}

TEST(CheckS33, IndicatorsEndAfterTheyBegin) {
    EXPECT_EQ(musts(indicator()), "");
    EXPECT_EQ(musts(with(indicator(), {{"valid_until", "2016-01-01T00:00:00.000001Z"}})), "");
    EXPECT_EQ(
        musts(with(indicator(), {{"valid_until", "2016-01-01T00:00:00.00Z"}})), "S33 /valid_until"
    );
    EXPECT_EQ(
        musts(with(indicator(), {{"valid_until", "2016-01-01T00:00:00Z"}})), "S33 /valid_until"
    );
    EXPECT_EQ(musts(with(indicator(), {{"pattern", nullptr}})), "S33 /pattern");
}

TEST(CheckS33, OtherPatternLanguagesAreTexts) {
    EXPECT_EQ(
        musts(
            with(indicator(), {{"pattern_type", "yara"}, {"pattern", "rule a { condition: true }"}})
        ),
        ""
    );
    EXPECT_EQ(musts(with(indicator(), {{"pattern_type", "yara"}, {"pattern", 5}})), "S3 /pattern");
}

TEST(CheckS34, LocationsSayWhere) {
    EXPECT_EQ(musts(sdo("location", {{"region", "asia"}})), "");
    EXPECT_EQ(
        musts(sdo("location", {{"latitude", -90}, {"longitude", 180.0}, {"precision", 5}})), ""
    );
    EXPECT_EQ(musts(sdo("location", {{"city", "Berne"}})), "S34 ");
    EXPECT_EQ(musts(sdo("location", {{"latitude", 5}})), "S34 /latitude");
    EXPECT_EQ(musts(sdo("location", {{"country", "ch"}, {"longitude", 5}})), "S34 /longitude");
    EXPECT_EQ(musts(sdo("location", {{"country", "ch"}, {"precision", 5}})), "S34 /precision");
    EXPECT_EQ(musts(sdo("location", {{"latitude", 90.5}, {"longitude", 5}})), "S34 /latitude");
    EXPECT_EQ(musts(sdo("location", {{"latitude", 5}, {"longitude", -180.01}})), "S34 /longitude");
}

TEST(CheckS35, MalwareFamiliesHaveNames) {
    EXPECT_EQ(musts(sdo("malware", {{"is_family", false}})), "");
    EXPECT_EQ(musts(sdo("malware", {{"is_family", true}})), "S35 /name");
    EXPECT_EQ(musts(sdo("malware", {{"name", "x"}})), "S35 /is_family");
    EXPECT_EQ(
        musts(sdo("malware", {{"is_family", false}, {"sample_refs", {id_of("file"), id_of("url")}}})
        ),
        "S35 /sample_refs/1"
    );
    EXPECT_EQ(
        musts(sdo("malware", {{"is_family", false}, {"operating_system_refs", {id_of("tool")}}})),
        "S35 /operating_system_refs/0"
    );
}

TEST(CheckS36, MalwareAnalysesHaveResults) {
    EXPECT_EQ(
        musts(sdo("malware-analysis", {{"product", "anonymized"}, {"result", "benign"}})), ""
    );
    EXPECT_EQ(musts(sdo("malware-analysis", {{"product", "anonymized"}})), "S36 ");
    EXPECT_EQ(musts(sdo("malware-analysis", {{"result", "benign"}})), "S36 /product");
    for (const char* name : {"host_vm_ref", "operating_system_ref", "sample_ref"})
        EXPECT_EQ(
            musts(sdo(
                "malware-analysis", {{"product", "a"}, {"result", "benign"}, {name, id_of("tool")}}
            )),
            std::string("S36 /") + name
        );
    EXPECT_EQ(
        musts(sdo("malware-analysis", {{"product", "a"}, {"analysis_sco_refs", {id_of("tool")}}})),
        "S36 /analysis_sco_refs/0"
    );
}

TEST(CheckS37, ObservedDataHasOneKindOfContent) {
    const json::object objects{{"0", {{"type", "file"}, {"name", "foo"}}}};
    EXPECT_EQ(musts(observed()), "");
    EXPECT_EQ(musts(with(observed(), {{"objects", objects}})), "S37 /object_refs");
    EXPECT_EQ(musts(with(observed(), {{"object_refs", nullptr}, {"objects", objects}})), "");
    EXPECT_EQ(musts(with(observed(), {{"object_refs", nullptr}})), "S37 ");
    EXPECT_EQ(
        musts(with(observed(), {{"object_refs", nullptr}, {"objects", json::object{}}})),
        "S37 /objects"
    );
}

TEST(CheckS37, ObservedDataIsCountedAndDated) {
    EXPECT_EQ(
        musts(with(observed(), {{"last_observed", "2015-12-21T18:59:59Z"}})), "S37 /last_observed"
    );
    EXPECT_EQ(musts(with(observed(), {{"number_observed", 0}})), "S37 /number_observed");
    EXPECT_EQ(musts(with(observed(), {{"number_observed", 999'999'999}})), "");
    EXPECT_EQ(
        musts(with(observed(), {{"number_observed", 1'000'000'000}})), "S37 /number_observed"
    );
}

TEST(CheckS37, ObservedDataNamesAnObservable) {
    EXPECT_EQ(
        musts(with(observed(), {{"object_refs", {id_of("relationship")}}})), "S37 /object_refs"
    );
    EXPECT_EQ(musts(with(observed(), {{"object_refs", {id_of("x-example-com-thing")}}})), "")
        << "may be an observable";
    EXPECT_EQ(
        musts(with(observed(), {{"object_refs", {id_of("file"), id_of("tool")}}})),
        "S37 /object_refs/1"
    );
}

TEST(CheckS38, RelationshipsTieDomainObjectsAndObservables) {
    EXPECT_EQ(musts(relationship()), "");
    EXPECT_EQ(musts(with(relationship(), {{"target_ref", id_of("file")}})), "");
    EXPECT_EQ(musts(with(relationship(), {{"target_ref", id_of("x-example-com-thing")}})), "");
    for (const char* type :
         {"relationship",
          "sighting",
          "bundle",
          "language-content",
          "marking-definition",
          "extension-definition"}) {
        EXPECT_EQ(musts(with(relationship(), {{"source_ref", id_of(type)}})), "S38 /source_ref")
            << type;
        EXPECT_EQ(musts(with(relationship(), {{"target_ref", id_of(type)}})), "S38 /target_ref")
            << type;
    }
    EXPECT_EQ(
        musts(with(relationship(), {{"relationship_type", "Uses_It"}})), "S38 /relationship_type"
    );
    EXPECT_EQ(musts(with(relationship(), {{"source_ref", nullptr}})), "S38 /source_ref");
}

TEST(CheckS38, RelationshipsEndAfterTheyBegin) {
    const json::object timed = with(relationship(), {{"start_time", "2016-01-01T00:00:00Z"}});
    EXPECT_EQ(musts(with(timed, {{"stop_time", "2016-01-01T00:00:00.1Z"}})), "");
    EXPECT_EQ(musts(with(timed, {{"stop_time", "2016-01-01T00:00:00Z"}})), "S38 /stop_time");
}

TEST(CheckS39, SightingsAreOfDomainObjects) {
    const json::object sighting =
        sdo("sighting", {{"sighting_of_ref", id_of("indicator")}, {"count", 999'999'999}});
    EXPECT_EQ(musts(sighting), "");
    EXPECT_EQ(musts(with(sighting, {{"sighting_of_ref", id_of("file")}})), "S39 /sighting_of_ref");
    EXPECT_EQ(
        musts(with(sighting, {{"observed_data_refs", {id_of("file")}}})),
        "S39 /observed_data_refs/0"
    );
    EXPECT_EQ(
        musts(with(
            sighting, {{"where_sighted_refs", {identity_id, id_of("location"), id_of("tool")}}}
        )),
        "S39 /where_sighted_refs/2"
    );
    EXPECT_EQ(musts(with(sighting, {{"count", 1'000'000'000}})), "S39 /count");
    EXPECT_EQ(musts(with(sighting, {{"count", -1}})), "S39 /count");
    EXPECT_EQ(
        musts(with(
            sighting,
            {{"first_seen", "2016-01-02T00:00:00Z"}, {"last_seen", "2016-01-01T00:00:00Z"}}
        )),
        "S39 /last_seen"
    );
}

TEST(CheckS40, OpinionsAreOneOfFive) {
    const json::object opinion =
        sdo("opinion", {{"opinion", "neutral"}, {"object_refs", {id_of("tool")}}});
    EXPECT_EQ(musts(opinion), "");
    EXPECT_EQ(musts(with(opinion, {{"opinion", "undecided"}})), "S40 /opinion");
}

TEST(CheckS41, CveAndCapecIdsNameTheirSource) {
    const auto object = [](std::string_view type, std::string_view source, std::string_view id) {
        return sdo(
            type,
            {{"name", "x"},
             {"external_references", json::array{{{"source_name", source}, {"external_id", id}}}}}
        );
    };
    EXPECT_EQ(musts(object("vulnerability", "cve", "CVE-2016-1234")), "");
    EXPECT_EQ(
        musts(object("vulnerability", "nvd", "CVE-2016-1234")),
        "S41 /external_references/0/source_name"
    );
    EXPECT_EQ(musts(object("attack-pattern", "capec", "CAPEC-163")), "");
    EXPECT_EQ(
        musts(object("attack-pattern", "mitre", "CAPEC-163")),
        "S41 /external_references/0/source_name"
    );
    EXPECT_EQ(musts(object("attack-pattern", "mitre-attack", "T1059")), "");
}

TEST(CheckS42, TranslationsMirrorProperties) {
    EXPECT_EQ(musts(translation({{"de", {{"name", "Bank"}, {"labels", {"", "zwei"}}}}})), "");
    EXPECT_EQ(musts(translation({{"de", "Bank"}})), "S42 /contents/de");
    EXPECT_EQ(musts(translation({{"de", json::object{}}})), "S4 /contents/de");
    EXPECT_EQ(
        musts(with(translation({{"de", {{"name", "Bank"}}}}), {{"object_ref", nullptr}})),
        "S42 /object_ref"
    );
    EXPECT_EQ(
        musts(with(translation({{"de", {{"name", "Bank"}}}}), {{"object_modified", "2016"}})),
        "V1 /object_modified"
    );
}

TEST(CheckS43, BundlesHoldObjectsAndAreNotReferredTo) {
    const json::object bundle{
        {"type", "bundle"}, {"id", id_of("bundle")}, {"objects", json::array{tool(), file()}}};
    EXPECT_EQ(musts(bundle), "");
    EXPECT_EQ(musts(with(bundle, {{"objects", nullptr}})), "");
    EXPECT_EQ(musts(with(bundle, {{"objects", json::array{}}})), "S4 /objects");
    EXPECT_EQ(musts(with(bundle, {{"objects", json::array{tool(), 5}}})), "S43 /objects/1");
    EXPECT_EQ(
        musts(with(bundle, {{"objects", json::array{tool(), with(tool(), {{"name", nullptr}})}}})),
        "S1 /objects/1/name"
    );
    EXPECT_EQ(
        musts(sdo("note", {{"content", "x"}, {"object_refs", {id_of("tool"), id_of("bundle")}}})),
        "S43 /object_refs/1"
    );
}

}  // namespace
}  // namespace entente::stix
