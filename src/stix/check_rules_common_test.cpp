// One test for each rule: data types, common properties, identifiers, versions (S1-S25). Each takes
// a sound object, breaks it, and names rule and pointer; what is still allowed stands beside.
#include "stix/internal/check_objects.h"

namespace entente::stix {
namespace {

using namespace check_objects;

TEST(CheckS1, NamesOfPropertiesAndTypesHaveTheirForm) {
    EXPECT_EQ(musts(with(tool(), {{"Tool_Version", "1"}})), "S1 /Tool_Version");
    EXPECT_EQ(musts(with(tool(), {{"ab", "1"}})), "S1 /ab");
    EXPECT_EQ(musts(with(tool(), {{std::string(250, 'a'), "1"}})), "");
    EXPECT_NE(musts(with(tool(), {{std::string(251, 'a'), "1"}})), "");
    json::object odd = sdo("x--y", {{"some_value", 1}});
    EXPECT_TRUE(musts(odd).starts_with("S18 /id\nS1 /type") || musts(odd).starts_with("S1 /type"))
        << musts(odd);
}

TEST(CheckS1, RequiredPropertiesAreThere) {
    EXPECT_EQ(musts(with(tool(), {{"name", nullptr}})), "S1 /name");
    EXPECT_EQ(musts(with(tool(), {{"type", nullptr}})), "S1 /type");
    EXPECT_EQ(musts(with(sdo("thing"), {{"type", nullptr}})), "S1 /type");
}

TEST(CheckS2, EncodingsStandBesideWhatTheyEncode) {
    const json::object hashes{{"MD5", "cead3f77f6cda6ec00f57d76c9a6879f"}};
    EXPECT_EQ(musts(with(file(), {{"name_enc", "UTF-8"}})), "");
    EXPECT_EQ(
        musts(with(file(), {{"name_enc", "UTF-8"}, {"name", nullptr}, {"hashes", hashes}})),
        "S2 /name_enc"
    );
}

TEST(CheckS2, EndsOfNamesSayWhatCustomPropertiesHold) {
    EXPECT_EQ(
        musts(with(tool(), {{"x_example_com_raw_bin", "Zm9v"}, {"x_example_com_raw_hex", "ff00"}})),
        ""
    );
    EXPECT_EQ(musts(with(tool(), {{"x_example_com_raw_bin", "Zm9"}})), "S2 /x_example_com_raw_bin");
    EXPECT_EQ(musts(with(tool(), {{"x_example_com_raw_hex", "F"}})), "S2 /x_example_com_raw_hex");
    EXPECT_EQ(musts(with(tool(), {{"x_example_com_raw_hex", 5}})), "S2 /x_example_com_raw_hex");
    EXPECT_EQ(
        shoulds(with(tool(), {{"x_example_com_ref", "no id"}})),
        "0 /x_example_com_ref\n401 /x_example_com_ref"
    );
    EXPECT_EQ(
        shoulds(with(tool(), {{"x_example_com_refs", {id_of("tool"), "no id"}}})),
        "0 /x_example_com_refs\n401 /x_example_com_refs"
    );
    EXPECT_EQ(
        shoulds(with(
            tool(), {{"x_example_com_ref", id_of("tool")}, {"x_example_com_refs", {id_of("tool")}}}
        )),
        "401 /x_example_com_ref\n401 /x_example_com_refs"
    );
}

TEST(CheckS3, ScalarsHaveTheirType) {
    EXPECT_EQ(musts(with(tool(), {{"name", 5}})), "S3 /name");
    EXPECT_EQ(musts(with(tool(), {{"revoked", "true"}})), "S3 /revoked");
    EXPECT_EQ(musts(with(tool(), {{"confidence", "80"}})), "S3 /confidence");
    EXPECT_EQ(musts(with(tool(), {{"x_example_com_nothing", nullptr}})), "");  // taken away
    json::object nothing = tool();
    nothing["x_example_com_nothing"] = nullptr;
    EXPECT_EQ(musts(nothing), "S3 /x_example_com_nothing");
}

TEST(CheckS3, IntegersReachToTwoToThe53) {
    const auto number = [](std::string_view n) {
        static Checker checker;
        const std::string text =
            R"({"type":"autonomous-system","id":"autonomous-system--1ea47840-aa39-5aa8-b4a2-cd203eb6662a","number":)" +
            std::string(n) + "}";
        const auto& findings = checker.check(text, {Spec::as_stated, false});
        return findings.empty() ? std::string()
                                : std::string(findings[0].rule) + " " + findings[0].pointer;
    };
    EXPECT_EQ(number("9007199254740991"), "");
    EXPECT_EQ(number("-9007199254740991"), "");
    EXPECT_EQ(number("9007199254740992"), "S3 /number");
    EXPECT_EQ(number("9007199254740993"), "S3 /number");
    EXPECT_EQ(number("1e300"), "S3 /number");
    EXPECT_EQ(number("1.5"), "S3 /number");
    EXPECT_EQ(number("1.5e-7"), "S3 /number");
    EXPECT_EQ(number("1.0"), "");  // the same number as 1
}

TEST(CheckS3, BinaryIsBase64AndHexIsPairs) {
    const json::object artifact = sco("artifact", {{"payload_bin", "Zm9v"}});
    EXPECT_EQ(musts(artifact), "");
    EXPECT_EQ(musts(with(artifact, {{"payload_bin", "Zm9"}})), "S3 /payload_bin");
    EXPECT_EQ(musts(with(file(), {{"magic_number_hex", "ffd8"}})), "");
    EXPECT_EQ(musts(with(file(), {{"magic_number_hex", "FFD8"}})), "S3 /magic_number_hex");
    EXPECT_EQ(musts(with(file(), {{"magic_number_hex", "ffd"}})), "S3 /magic_number_hex");
}

TEST(CheckS4, ListsAndDictionariesAreNotEmpty) {
    EXPECT_EQ(musts(with(tool(), {{"labels", json::array{}}})), "S4 /labels");
    EXPECT_EQ(musts(with(tool(), {{"labels", "one"}})), "S4 /labels");
    EXPECT_EQ(musts(with(tool(), {{"labels", {"one", 2}}})), "S3 /labels/1");
    EXPECT_EQ(
        musts(with(tool(), {{"x_example_com_list", json::array{}}})), "S4 /x_example_com_list"
    );
    const json::object deep =
        with(tool(), {{"x_example_com_deep", {{"a", {{"b", json::array{}}}}}}});
    EXPECT_EQ(musts(deep), "") << "the types inside are the producer's own";
    EXPECT_EQ(shoulds(deep), "0 /x_example_com_deep/a/b\n401 /x_example_com_deep");
    const json::object spaced =
        with(tool(), {{"x_example_com_deep", {{"some_key", {{"a b", 1}}}}}});
    EXPECT_EQ(musts(spaced), "");
    EXPECT_EQ(shoulds(spaced), "0 /x_example_com_deep/some_key/a b\n401 /x_example_com_deep");
    EXPECT_EQ(
        musts(with(sco("process", {{"pid", 1}}, '4'), {{"environment_variables", json::object{}}})),
        "S4 /environment_variables"
    );
}

TEST(CheckS4, DictionaryKeysHaveTheirForm) {
    const json::object process = sco("process", {{"pid", 1}}, '4');
    EXPECT_EQ(musts(with(process, {{"environment_variables", {{"PATH", "/bin"}}}})), "");
    EXPECT_EQ(
        musts(with(process, {{"environment_variables", {{"ProgramFiles(x86)", "C:"}}}})),
        "S4 /environment_variables/ProgramFiles(x86)"
    );
    EXPECT_EQ(
        musts(with(process, {{"environment_variables", {{std::string(251, 'k'), "C:"}}}})
        ).substr(0, 2),
        "S4"
    );
    EXPECT_EQ(
        musts(with(process, {{"environment_variables", {{"a/b~c", "x"}}}})),
        "S4 /environment_variables/a~1b~0c"
    );
    EXPECT_EQ(
        musts(with(process, {{"environment_variables", {{"PATH", 5}}}})),
        "S53 /environment_variables/PATH"
    );
}

TEST(CheckS5, EnumerationsAreClosedAndVocabulariesOpen) {
    const json::object socket =
        with(traffic(), with_extension("socket-ext", {{"address_family", "AF_INET"}}));
    EXPECT_EQ(musts(socket), "");
    EXPECT_EQ(
        musts(with(traffic(), with_extension("socket-ext", {{"address_family", "AF_INET7"}}))),
        "S5 /extensions/socket-ext/address_family"
    );
    EXPECT_EQ(
        musts(with(
            traffic(),
            with_extension(
                "socket-ext", {{"address_family", "AF_INET"}, {"socket_type", "AF_ISOCK_DGRAMNET"}}
            )
        )),
        ""
    );
    EXPECT_EQ(musts(with(tool(), {{"tool_types", {"my-own"}}})), "");
    EXPECT_EQ(shoulds(with(tool(), {{"tool_types", {"my-own"}}})), "222 /tool_types/0");
    EXPECT_EQ(
        shoulds(with(tool(), {{"tool_types", {"My Own"}}})), "222 /tool_types/0\n111 /tool_types/0"
    );
}

TEST(CheckS6, HashesHaveTheFormOfTheirAlgorithm) {
    const auto hashes = [](std::string_view name, std::string_view value) {
        return with(file(), {{"hashes", {{name, value}}}});
    };
    EXPECT_EQ(musts(hashes("MD5", "cead3f77f6cda6ec00f57d76c9a6879f")), "");
    EXPECT_EQ(musts(hashes("MD5", "cead3f77")), "S6 /hashes/MD5");
    EXPECT_EQ(musts(hashes("ab", "cead3f77")), "S6 /hashes/ab");
    EXPECT_EQ(musts(hashes("x_my_hash", "anything")), "");
    EXPECT_EQ(musts(with(file(), {{"hashes", json::object{}}})), "S4 /hashes");
    EXPECT_EQ(shoulds(hashes("x_my_hash", "anything")), "");
    EXPECT_EQ(shoulds(hashes("MyHash", "anything")), "241 /hashes/MyHash");
}

TEST(CheckS7, TimestampsHaveTheirPrecision) {
    EXPECT_EQ(musts(with(tool(), {{"created", "2016-04-06T20:03:48.00Z"}})), "S7 /created");
    EXPECT_EQ(musts(with(tool(), {{"modified", "2016-04-06T20:03:48Z"}})), "S7 /modified");
    EXPECT_EQ(musts(with(tool(), {{"modified", "2016-04-06T20:03:48.0000000000001Z"}})), "");
    EXPECT_EQ(musts(with(tool(), {{"modified", 5}})), "S7 /modified");
    const auto pe = [](std::string_view time) {
        return with(
            file(),
            with_extension("windows-pebinary-ext", {{"pe_type", "exe"}, {"time_date_stamp", time}})
        );
    };
    EXPECT_EQ(musts(pe("2016-01-22T12:31:12Z")), "");
    EXPECT_EQ(
        musts(pe("2016-01-22T12:31:12.0Z")), "S7 /extensions/windows-pebinary-ext/time_date_stamp"
    );
}

TEST(CheckS8, ExternalReferencesNameSomething) {
    const auto reference = [](const json::object& own) {
        return with(tool(), {{"external_references", json::array{own}}});
    };
    EXPECT_EQ(musts(reference({{"source_name", "ACME"}, {"description", "x"}})), "");
    EXPECT_EQ(musts(reference({{"source_name", "ACME"}})), "S8 /external_references/0");
    EXPECT_EQ(musts(reference({{"external_id", "1"}})), "S8 /external_references/0/source_name");
    EXPECT_EQ(
        musts(reference({{"source_name", "ACME"}, {"url", "no url"}})),
        "S8 /external_references/0/url"
    );
    EXPECT_EQ(musts(reference({{"source_name", "cve"}, {"external_id", "CVE-2016-1234"}})), "");
    EXPECT_EQ(
        musts(reference({{"source_name", "cve"}, {"external_id", "2016-1234"}})),
        "S8 /external_references/0/external_id"
    );
    EXPECT_EQ(
        musts(reference({{"source_name", "cve"}, {"url", "https://example.com/"}})),
        "S8 /external_references/0/external_id"
    );
    EXPECT_EQ(musts(reference({{"source_name", "capec"}, {"external_id", "CAPEC-163"}})), "");
    EXPECT_EQ(
        musts(reference({{"source_name", "capec"}, {"external_id", "163"}})),
        "S8 /external_references/0/external_id"
    );
    EXPECT_EQ(
        shoulds(reference({{"source_name", "ACME"}, {"url", "https://example.com/"}})),
        "302 /external_references/0"
    );
}

TEST(CheckS9, KillChainPhasesHaveBothNames) {
    const auto phase = [](const json::object& own) {
        return with(tool(), {{"kill_chain_phases", json::array{own}}});
    };
    EXPECT_EQ(musts(phase({{"kill_chain_name", "a-chain"}, {"phase_name", "first"}})), "");
    EXPECT_EQ(musts(phase({{"kill_chain_name", "a-chain"}})), "S9 /kill_chain_phases/0/phase_name");
    EXPECT_EQ(musts(phase({{"phase_name", "first"}})), "S9 /kill_chain_phases/0/kill_chain_name");
    EXPECT_EQ(musts(with(tool(), {{"kill_chain_phases", {"first"}}})), "S9 /kill_chain_phases/0");
    EXPECT_EQ(
        shoulds(phase({{"kill_chain_name", "A Chain"}, {"phase_name", "first"}})),
        "121 /kill_chain_phases/0/kill_chain_name"
    );
}

TEST(CheckS10, ReservedNamesAreNowhere) {
    for (const char* name : {"severity", "username", "phone_number", "action"}) {
        EXPECT_EQ(musts(with(tool(), {{name, "x"}})), std::string("S10 /") + name);
        EXPECT_EQ(musts(sdo("x-example-com-thing", {{name, "x"}})), std::string("S10 /") + name);
        EXPECT_EQ(
            musts(with(
                tool(),
                {{"external_references",
                  json::array{{{"source_name", "A"}, {"external_id", "1"}, {name, "x"}}}}}
            )),
            std::string("S10 /external_references/0/") + name
        );
    }
    EXPECT_EQ(musts(with(tool(), {{"phone_numbers", "x"}})), "");
}

TEST(CheckS11, SpecVersionIsTheStandards) {
    EXPECT_EQ(musts(with(tool(), {{"spec_version", "2.2"}}), Spec::as_stated), "S11 /spec_version");
    EXPECT_EQ(musts(with(tool(), {{"spec_version", "2.0"}})), "S11 /spec_version");
    EXPECT_EQ(musts(with(tool(), {{"spec_version", nullptr}})), "S11 /spec_version");
    EXPECT_EQ(musts(with(file(), {{"spec_version", nullptr}})), "");
}

TEST(CheckS12, ConfidenceIsZeroToHundred) {
    EXPECT_EQ(musts(with(tool(), {{"confidence", 0}})), "");
    EXPECT_EQ(musts(with(tool(), {{"confidence", 100}})), "");
    EXPECT_EQ(musts(with(tool(), {{"confidence", 101}})), "S12 /confidence");
    EXPECT_EQ(musts(with(tool(), {{"confidence", -1}})), "S12 /confidence");
}

TEST(CheckS13, LanguagesAreTags) {
    EXPECT_EQ(musts(with(tool(), {{"lang", "en"}})), "");
    EXPECT_EQ(musts(with(tool(), {{"lang", "en_US"}})), "V10 /lang");
    EXPECT_EQ(musts(with(tool(), {{"lang", 5}})), "V10 /lang");
}

TEST(CheckS14, TheCreatorIsAnIdentity) {
    EXPECT_EQ(musts(with(tool(), {{"created_by_ref", identity_id}})), "");
    EXPECT_EQ(musts(with(tool(), {{"created_by_ref", id_of("tool")}})), "S14 /created_by_ref");
    EXPECT_EQ(
        musts(sdo(
            "extension-definition",
            {{"name", "x"}, {"schema", "x"}, {"version", "1"}, {"extension_types", {"new-sdo"}}}
        )),
        "S14 /created_by_ref"
    );
}

TEST(CheckS15, MarkingsAreMarkingDefinitions) {
    EXPECT_EQ(musts(with(tool(), {{"object_marking_refs", {green}}})), "");
    EXPECT_EQ(
        musts(with(tool(), {{"object_marking_refs", {green, identity_id}}})),
        "S15 /object_marking_refs/1"
    );
}

TEST(CheckS16, DefangedIsForObservables) {
    EXPECT_EQ(musts(with(file(), {{"defanged", true}})), "");
    EXPECT_EQ(musts(with(tool(), {{"defanged", true}})), "S16 /defanged");
    EXPECT_EQ(musts(with(file(), {{"defanged", "no"}})), "S3 /defanged");
}

TEST(CheckS17, ExtensionsAreUnderTheirNames) {
    const json::object entry{{"extension_type", "property-extension"}, {"rank", 5}};
    EXPECT_EQ(musts(with(tool(), with_extension(id_of("extension-definition"), entry))), "");
    EXPECT_EQ(
        musts(with(tool(), with_extension("extension-definition--17", entry))),
        "S17 /extensions/extension-definition--17"
    );
    EXPECT_EQ(
        musts(with(tool(), {{"extensions", {{id_of("extension-definition"), 5}}}})),
        "S17 /extensions/" + id_of("extension-definition")
    );
    EXPECT_EQ(musts(with(tool(), {{"extensions", json::object{}}})), "S4 /extensions");
    EXPECT_EQ(musts(with(tool(), {{"extensions", "x"}})), "S17 /extensions");
}

TEST(CheckS18, IdentifiersAreTypeAndUuid) {
    EXPECT_EQ(musts(with(tool(), {{"id", "tool--8e2e2d2b"}})), "S18 /id");
    EXPECT_EQ(musts(with(tool(), {{"id", id_of("malware")}})), "S18 /id");
    EXPECT_EQ(
        musts(with(tool(), {{"id", "tool--8E2E2D2B-17d4-4cbf-938f-98ee46b3cd3f"}})), "S18 /id"
    );
    EXPECT_EQ(
        musts(with(tool(), {{"id", "tool--8e2e2d2b-17d4-4cbf-038f-98ee46b3cd3f"}})), "S18 /id"
    ) << "the variant is not RFC 4122's";
    EXPECT_EQ(musts(with(tool(), {{"created_by_ref", "identity--1"}})), "S18 /created_by_ref");
}

TEST(CheckS19, ObjectsShouldHaveRandomIds) {
    EXPECT_EQ(
        shoulds(with(tool(), {{"id", "tool--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f"}})), "103 /id"
    );
    EXPECT_EQ(shoulds(tool()), "");
}

TEST(CheckS20, ObservablesShouldHaveComputedIds) {
    EXPECT_EQ(
        shoulds(with(file(), {{"id", "file--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}})), "103 /id"
    );
    EXPECT_EQ(shoulds(file()), "");
}

TEST(CheckS25, ModifiedIsNotBeforeCreated) {
    EXPECT_EQ(musts(with(tool(), {{"modified", "2016-04-06T20:03:47.999Z"}})), "V2 /modified");
    EXPECT_EQ(musts(with(tool(), {{"modified", "2016-04-06T20:03:48.000000Z"}})), "")
        << "the same time in another spelling";
}

}  // namespace
}  // namespace entente::stix
