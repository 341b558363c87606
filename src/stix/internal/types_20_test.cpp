// STIX 2.0: what its rules ask for where they differ from 2.1's.
#include "stix/check.h"
#include "stix/internal/table.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {
namespace {

constexpr std::string_view common =
    R"("created":"2017-01-01T00:00:00.000Z","modified":"2017-01-01T00:00:00.000Z")";

std::string versioned(
    std::string_view type, std::string_view properties, std::string_view times = common
) {
    return R"({"type":")" + std::string(type) + R"(","id":")" + std::string(type) +
           R"(--e2e1a340-4415-4ba8-9671-f7343fbf0836",)" + std::string(times) + "," +
           std::string(properties) + "}";
}

std::string observed(std::string_view objects) {
    return versioned(
        "observed-data",
        R"("first_observed":"2017-01-01T00:00:00Z","last_observed":"2017-01-01T00:00:00Z","number_observed":1,"objects":)" +
            std::string(objects)
    );
}

std::vector<std::string> broken(const std::string& json) {
    static Checker checker;
    std::vector<std::string> out;
    for (const Finding& f : checker.check(json)) {
        if (f.level == Level::must) out.push_back(std::string(f.rule) + " " + f.pointer);
    }
    return out;
}

std::vector<int> codes_of(const std::string& json) {
    static Checker checker;
    std::vector<int> out;
    for (const Finding& f : checker.check(json)) {
        EXPECT_EQ(f.level, Level::should) << f.rule << f.pointer << f.message;
        if (f.code != 0) out.push_back(f.code);
    }
    return out;
}

using Broken = std::vector<std::string>;

TEST(Stix20, SoundObjectsOfEveryTypeAreSound) {
    for (const auto& [type, properties] : std::vector<std::pair<std::string, std::string>>{
             {"attack-pattern",
              R"("name":"n","external_references":[{"source_name":"capec","external_id":"CAPEC-1"}])"},
             {"campaign", R"("name":"n","first_seen":"2017-01-01T00:00:00Z","objective":"o")"},
             {"course-of-action", R"("name":"n")"},
             {"identity", R"("name":"n","identity_class":"individual","sectors":["defence"])"},
             {"indicator",
              R"("labels":["benign"],"pattern":"[file:name = 'a']","valid_from":"2017-01-01T00:00:00Z")"},
             {"intrusion-set", R"("name":"n","resource_level":"club")"},
             {"malware", R"("name":"n","labels":["worm"])"},
             {"report",
              R"("name":"n","labels":["campaign"],"published":"2017-01-01T00:00:00Z","object_refs":["tool--e2e1a340-4415-4ba8-9671-f7343fbf0836"])"},
             {"threat-actor", R"("name":"n","labels":["spy"],"roles":["agent"])"},
             {"tool", R"("name":"n","labels":["exploitation"],"tool_version":"1")"},
             {"vulnerability", R"("name":"n","revoked":false)"},
             {"relationship",
              R"("relationship_type":"uses","source_ref":"malware--e2e1a340-4415-4ba8-9671-f7343fbf0836","target_ref":"tool--e2e1a340-4415-4ba8-9671-f7343fbf0836")"},
             {"sighting",
              R"("sighting_of_ref":"malware--e2e1a340-4415-4ba8-9671-f7343fbf0836","count":3)"}}) {
        SCOPED_TRACE(type);
        EXPECT_TRUE(codes_of(versioned(type, properties)).empty());
    }
}

TEST(Stix20, LabelsAreRequiredWhereTheySayTheKind) {
    EXPECT_EQ(
        broken(
            versioned("indicator", R"("pattern":"[a:b = 1]","valid_from":"2017-01-01T00:00:00Z")")
        ),
        (Broken{"S33 /labels"})
    );
    EXPECT_EQ(broken(versioned("malware", R"("name":"n")")), (Broken{"S35 /labels"}));
    EXPECT_EQ(broken(versioned("tool", R"("name":"n")")), (Broken{"S1 /labels"}));
    EXPECT_EQ(broken(versioned("threat-actor", R"("name":"n")")), (Broken{"S32 /labels"}));
    EXPECT_EQ(
        broken(versioned(
            "report",
            R"("name":"n","published":"2017-01-01T00:00:00Z","object_refs":["tool--e2e1a340-4415-4ba8-9671-f7343fbf0836"])"
        )),
        (Broken{"S1 /labels"})
    );
    EXPECT_EQ(broken(versioned("identity", R"("name":"n")")), (Broken{"S1 /identity_class"}));
    EXPECT_EQ(
        codes_of(versioned("malware", R"("name":"n","labels":["no-such"])")),
        (std::vector<int>{216})
    );
}

TEST(Stix20, LabelsOfOtherTypesAreAListToo) {
    EXPECT_EQ(broken(versioned("campaign", R"("name":"n","labels":"a")")), (Broken{"S4 /labels"}));
    EXPECT_EQ(broken(versioned("x-acme-thing", R"("labels":"a")")), (Broken{"S4 /labels"}));
    EXPECT_TRUE(broken(versioned("x-acme-thing", R"("labels":["a"])")).empty());
}

TEST(Stix20, CreatedAndModifiedHaveMilliseconds) {
    const auto with = [](std::string_view created, std::string_view modified) {
        return versioned(
            "vulnerability",
            R"("name":"n")",
            R"("created":")" + std::string(created) + R"(","modified":")" + std::string(modified) +
                "\""
        );
    };
    EXPECT_EQ(
        broken(with("2017-01-01T00:00:00.0000Z", "2017-01-01T00:00:00.000Z")),
        (Broken{"S7 /created"})
    );
    EXPECT_EQ(
        broken(with("2017-01-01T00:00:00Z", "2017-01-01T00:00:00.000Z")), (Broken{"S7 /created"})
    );
    EXPECT_EQ(
        broken(with("2017-01-01T00:00:00.001Z", "2017-01-01T00:00:00.000Z")),
        (Broken{"V2 /modified"})
    );
}

TEST(Stix20, IdentifiersHaveRandomUuids) {
    std::string json = versioned("vulnerability", R"("name":"n")");
    json.replace(json.find("-4ba8-"), 6, "-9ba8-");  // the variant group stays
    json.replace(json.find("-4415-"), 6, "-5415-");
    EXPECT_EQ(broken(json), (Broken{"S18 /id"}));
    EXPECT_EQ(
        broken(versioned(
            "vulnerability",
            R"("name":"n","created_by_ref":"identity--28bb3599-77cd-5a82-a950-b5bc3caf07c4")"
        )),
        (Broken{"S18 /created_by_ref"})
    );
}

TEST(Stix20, ReservedNamesAreRefused) {
    EXPECT_EQ(
        broken(versioned("vulnerability", R"("name":"n","confidence":5)")),
        (Broken{"S10 /confidence"})
    );
    EXPECT_EQ(broken(versioned("infrastructure", R"("name":"n")")), (Broken{"S10 /type"}));
    const std::string incident = versioned("incident", R"("name":"n")");
    EXPECT_EQ(broken(incident), (Broken{"S10 /type"}));
    EXPECT_EQ(Checker().check(incident, {Spec::as_stated, false}).size(), 1U)
        << "a MUST, also where recommendations are not looked for";
}

TEST(Stix20, ObservablesStandInContainersAndNameEachOtherByKey) {
    EXPECT_TRUE(
        codes_of(
            observed(
                R"({"0":{"type":"ipv4-addr","value":"198.51.100.0/24","belongs_to_refs":["3"]},"1":{"type":"ipv4-addr","value":"198.51.100.2"},)"
                R"("2":{"type":"network-traffic","src_ref":"0","dst_ref":"1","src_port":1,"dst_port":2,"protocols":["tcp"]},"3":{"type":"autonomous-system","number":42}})"
            )
        )
            .empty()
    );
    EXPECT_EQ(
        broken(observed(R"({"0":{"type":"network-traffic","src_ref":"7","protocols":["tcp"]}})")),
        (Broken{"V7 /objects/0/src_ref"})
    );
    EXPECT_EQ(
        broken(observed(
            R"({"0":{"type":"network-traffic","src_ref":"1","protocols":["tcp"]},"1":{"type":"file","name":"a"}})"
        )),
        (Broken{"V7 /objects/0/src_ref"})
    );
    EXPECT_EQ(broken(observed("{}")), (Broken{"S37 /objects"}));
    EXPECT_EQ(
        broken(versioned(
            "observed-data",
            R"("first_observed":"2017-01-01T00:00:00Z","last_observed":"2017-01-01T00:00:00Z","number_observed":1)"
        )),
        (Broken{"S37 /objects"})
    );
}

TEST(Stix20, ObservablesHaveTheirOwnProperties) {
    EXPECT_TRUE(
        codes_of(
            observed(
                R"({"0":{"type":"file","name":"a","created":"2017-01-01T00:00:00Z","is_encrypted":true,"encryption_algorithm":"RSA","decryption_key":"k","parent_directory_ref":"1"},)"
                R"("1":{"type":"directory","path":"/","accessed":"2017-01-01T00:00:00Z","contains_refs":["0"]},)"
                R"("2":{"type":"process","name":"p","arguments":["-a"],"binary_ref":"0","extensions":{"windows-process-ext":{"window_title":"t"}}},)"
                R"("3":{"type":"user-account","user_id":"u","password_last_changed":"2017-01-01T00:00:00Z"},)"
                R"("4":{"type":"windows-registry-key","key":"HKEY_USERS\\a","modified":"2017-01-01T00:00:00Z","values":[{"name":"n","data_type":"REG_SZ"}]},)"
                R"("5":{"type":"software","name":"s","languages":["eng"]}})"
            )
        )
            .empty()
    );
    EXPECT_EQ(
        broken(observed(R"({"0":{"type":"user-account","account_login":"u"}})")),
        (Broken{"S54 /objects/0/user_id"})
    );
    EXPECT_EQ(
        broken(observed(R"({"0":{"type":"windows-registry-key","values":[{"name":"n"}]}})")),
        (Broken{"S54 /objects/0/key"})
    );
    EXPECT_EQ(
        broken(observed(R"({"0":{"type":"software","name":"s","languages":["en"]}})")),
        (Broken{"V11 /objects/0/languages/0"})
    );
    EXPECT_EQ(
        broken(observed(R"({"0":{"type":"file","name":"a","decryption_key":"k"}})")),
        (Broken{"S49 /objects/0/decryption_key"})
    );
    EXPECT_EQ(
        codes_of(observed(
            R"({"0":{"type":"file","name":"a","is_encrypted":true,"encryption_algorithm":"rot13"}})"
        )),
        (std::vector<int>{242})
    );
    EXPECT_EQ(
        codes_of(observed(R"({"first":{"type":"mutex","name":"a"}})")), (std::vector<int>{141})
    );
}

TEST(Stix20, CustomObservablesKeepTheRulesOfNames) {
    // `id` is too short for a name, and 2.0's observables have none; reserved names are those of
    // objects (part 1, 3.6).
    EXPECT_EQ(
        broken(observed(R"({"0":{"type":"x-acme-asset","id":"a7"}})")), (Broken{"S1 /objects/0/id"})
    );
    EXPECT_TRUE(broken(observed(R"({"0":{"type":"x-acme-event","action":"a"}})")).empty());
    EXPECT_EQ(
        codes_of(observed(R"({"0":{"type":"x-acme-event","x_acme_map":{"Key":1}}})")),
        (std::vector<int>{142})
    );
    EXPECT_EQ(
        codes_of(observed(
            R"({"0":{"type":"x-acme-event","x_acme_map":{"a_key_of_more_than_thirty_letters":1}}})"
        )),
        (std::vector<int>{142})
    );
}

TEST(Stix20, MarkingsOfTlpAreTheStandards) {
    const auto tlp = [](std::string_view created) {
        return R"({"type":"marking-definition","id":"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da","created":")" +
               std::string(created) + R"(","definition_type":"tlp","definition":{"tlp":"green"}})";
    };
    EXPECT_TRUE(broken(tlp("2017-01-20T00:00:00.000Z")).empty());
    EXPECT_EQ(broken(tlp("2017-01-20T00:00:01.000Z")), (Broken{"S62 /created"}));
}

TEST(Stix20, ATopLevelObservableIsNone) {
    EXPECT_EQ(
        broken(
            R"({"type":"mutex","spec_version":"2.0","id":"mutex--e2e1a340-4415-4ba8-9671-f7343fbf0836","name":"n"})"
        )
            .front(),
        "S37 /type"
    );
}

TEST(Stix20, AContainerOf21HoldsObservablesOfEitherVersion) {
    const auto with = [](std::string_view object) {
        std::string json = observed(R"({"0":)" + std::string(object) + "}");
        json.insert(1, R"("spec_version":"2.1",)");
        return json;
    };
    // `created` and `arguments` are 2.0's, `ctime` and `cwd` 2.1's.
    EXPECT_TRUE(
        broken(with(R"({"type":"file","name":"a","created":"2017-01-01T00:00:00Z"})")).empty()
    );
    EXPECT_TRUE(broken(with(R"({"type":"file","name":"a","ctime":"2017-01-01T00:00:00Z"})")).empty()
    );
    EXPECT_EQ(
        broken(with(R"({"type":"file","name":"a","ctime":"yesterday"})")),
        (Broken{"V1 /objects/0/ctime"})
    );
    EXPECT_EQ(
        broken(with(R"({"type":"file","name":"a","created":"yesterday"})")),
        (Broken{"V1 /objects/0/created"})
    );
    EXPECT_TRUE(broken(with(R"({"type":"user-account","account_login":"u"})")).empty());
    EXPECT_TRUE(
        broken(
            with(R"({"type":"mutex","id":"mutex--28bb3599-77cd-5a82-a950-b5bc3caf07c4","name":"n"})"
            )
        )
            .empty()
    );
    EXPECT_EQ(
        broken(with(R"({"type":"network-traffic","src_ref":"9","protocols":["tcp"]})")),
        (Broken{"V7 /objects/0/src_ref"})
    );
}

TEST(Stix20, ABundleSaysItsVersion) {
    const std::string tool = versioned("tool", R"("name":"n","labels":["exploitation"])");
    const auto bundle = [&tool](std::string_view version) {
        return R"({"type":"bundle","id":"bundle--e2e1a340-4415-4ba8-9671-f7343fbf0836",)" +
               std::string(version) + R"("objects":[)" + tool + "]}";
    };
    EXPECT_TRUE(broken(bundle(R"("spec_version":"2.0",)")).empty());
    static Checker checker;
    const auto& findings = checker.check(bundle(""), {Spec::v20, false});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].pointer, "/spec_version");
}

TEST(Stix20, EveryTypeAndPartHasAtMost64Properties) {
    EXPECT_GE(internal::table_20().all().size(), 19U + 2 * 18U + 18U);
    for (const auto& structure : internal::table_20().all())
        EXPECT_LE(structure->columns.size(), 64U);
}

}  // namespace
}  // namespace entente::stix
