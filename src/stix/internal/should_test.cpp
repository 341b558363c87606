// Every public code of the reference checker's recommendations that one object can break: where it
// is found, and that it is silent when the cure is applied.
#include "stix/check.h"
#include "stix/internal/should_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {
namespace {

using Codes = std::multiset<std::pair<int, std::string>>;

constexpr std::string_view uuid4 = "e2e1a340-4415-4ba8-9671-f7343fbf0836";
constexpr std::string_view uuid5 = "28bb3599-77cd-5a82-a950-b5bc3caf07c4";

/// An object of 2.1 with the common properties and these.
std::string versioned(std::string_view type, std::string_view properties) {
    std::string out = R"({"type":")" + std::string(type) + R"(","spec_version":"2.1","id":")";
    out += std::string(type) + "--" + std::string(uuid4);
    out += R"(","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z")";
    out += properties.empty() ? "" : "," + std::string(properties);
    return out + "}";
}

std::string observable(std::string_view type, std::string_view properties) {
    return R"({"type":")" + std::string(type) + R"(","spec_version":"2.1","id":")" +
           std::string(type) + "--" + std::string(uuid5) + R"(",)" + std::string(properties) + "}";
}

/// The recommendations with a code; breaks the test when a MUST is broken.
Codes codes_of(const std::string& json, const CheckOptions& options = {}) {
    static Checker checker;
    Codes out;
    for (const Finding& f : checker.check(json, options)) {
        EXPECT_EQ(f.level, Level::should) << f.rule << " " << f.pointer << ": " << f.message << "\n"
                                          << json;
        if (f.code != 0) out.insert({f.code, f.pointer});
        EXPECT_FALSE(f.message.empty());
        EXPECT_FALSE(f.rule.empty());
    }
    return out;
}

struct Case {
    std::string name;
    int code;
    std::string pointer;
    std::string bad;
    std::string good;
};

std::string indicator(std::string_view properties) {
    std::string out =
        R"("name":"n","description":"d","pattern":"[file:name = 'a']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z")";
    if (!properties.empty()) out += "," + std::string(properties);
    return versioned("indicator", out);
}

std::string relationship(std::string_view type, std::string_view source, std::string_view target) {
    return versioned(
        "relationship",
        R"("relationship_type":")" + std::string(type) + R"(","source_ref":")" +
            std::string(source) + "--" + std::string(uuid4) + R"(","target_ref":")" +
            std::string(target) + "--" + std::string(uuid4) + "\""
    );
}

std::string traffic(std::string_view properties) {
    return observable(
        "network-traffic",
        R"("src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","src_port":1,"dst_port":2,)" +
            std::string(properties)
    );
}

std::string file(std::string_view properties) {
    return observable("file", R"("name":"a",)" + std::string(properties));
}

/// One case a value of a vocabulary: the property with a value that is listed, and one that is not.
Case value_case(
    int code,
    std::string_view type,
    std::string before,
    std::string_view property,
    std::string_view listed,
    bool list
) {
    const auto with = [&](std::string_view value) {
        const std::string quoted = "\"" + std::string(value) + "\"";
        return versioned(
            type,
            before + "\"" + std::string(property) + "\":" + (list ? "[" + quoted + "]" : quoted)
        );
    };
    return {
        "value of " + std::string(type) + " " + std::string(property),
        code,
        "/" + std::string(property) + (list ? "/0" : ""),
        with("no-such-value"),
        with(listed)};
}

std::vector<Case> value_cases() {
    const std::string name = R"("name":"n",)";
    const std::string family = R"("is_family":false,)";
    const std::string grouping =
        R"("name":"n","object_refs":["file--28bb3599-77cd-5a82-a950-b5bc3caf07c4"],)";
    const std::string report =
        R"("name":"n","published":"2020-01-01T00:00:00Z","object_refs":["file--28bb3599-77cd-5a82-a950-b5bc3caf07c4"],)";
    return {
        value_case(211, "intrusion-set", name, "primary_motivation", "revenge", false),
        value_case(211, "threat-actor", name, "personal_motivations", "coercion", true),
        value_case(212, "intrusion-set", name, "resource_level", "individual", false),
        value_case(213, "identity", name, "identity_class", "system", false),
        value_case(215, "identity", name, "sectors", "legal", true),
        value_case(216, "malware", family, "malware_types", "worm", true),
        value_case(218, "report", report, "report_types", "incident", true),
        value_case(219, "threat-actor", name, "threat_actor_types", "spy", true),
        value_case(220, "threat-actor", name, "roles", "agent", true),
        value_case(221, "threat-actor", name, "sophistication", "none", false),
        value_case(222, "tool", name, "tool_types", "exploitation", true),
        value_case(223, "location", "", "region", "africa", false),
        value_case(225, "grouping", grouping, "context", "unspecified", false),
        value_case(226, "malware", family, "implementation_languages", "rust", true),
        value_case(227, "infrastructure", name, "infrastructure_types", "botnet", true),
        value_case(228, "malware", family, "capabilities", "emails-spam", true),
        value_case(230, "malware", family, "architecture_execution_envs", "x86", true),
        value_case(231, "malware-analysis", R"("product":"p",)", "result", "benign", false),
    };
}

std::vector<Case> cases() {
    const std::string pe = R"("extensions":{"windows-pebinary-ext":{"imphash":"x","pe_type":")";
    std::vector<Case> out = value_cases();
    const std::vector<Case> more = {
        {"uuid of a domain object",
         103,
         "/id",
         R"({"type":"incident","spec_version":"2.1","id":"incident--28bb3599-77cd-5a82-a950-b5bc3caf07c4","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","name":"n"})",
         versioned("incident", R"("name":"n")")},
        {"uuid of an observable",
         103,
         "/id",
         R"({"type":"mutex","spec_version":"2.1","id":"mutex--e2e1a340-4415-4ba8-9671-f7343fbf0836","name":"n"})",
         observable("mutex", R"("name":"n")")},
        {"spelling of a value",
         111,
         "/indicator_types/0",
         indicator(R"("indicator_types":["Malicious Activity"])"),
         indicator(R"("indicator_types":["malicious-activity"])")},
        {"kill chain",
         121,
         "/kill_chain_phases/0/phase_name",
         indicator(R"("kill_chain_phases":[{"kill_chain_name":"foo","phase_name":"Pre Attack"}])"),
         indicator(R"("kill_chain_phases":[{"kill_chain_name":"foo","phase_name":"pre-attack"}])")},
        {"dictionary key",
         142,
         "/x_acme_scores/Impact",
         observable("mutex", R"("name":"n","x_acme_scores":{"Impact":1})"),
         observable("mutex", R"("name":"n","x_acme_scores":{"impact":1})")},
        {"product",
         143,
         "/product",
         versioned("malware-analysis", R"("product":"Acme AV","result":"benign")"),
         versioned("malware-analysis", R"("product":"acme-av","result":"benign")")},
        {"priority",
         149,
         "/extensions/windows-process-ext/priority",
         R"({"type":"process","id":"process--e2e1a340-4415-4ba8-9671-f7343fbf0836","pid":1,"extensions":{"windows-process-ext":{"priority":"HIGH"}}})",
         R"({"type":"process","id":"process--e2e1a340-4415-4ba8-9671-f7343fbf0836","pid":1,"extensions":{"windows-process-ext":{"priority":"HIGH_PRIORITY_CLASS"}}})"},
        {"long name of a hash",
         150,
         "/hashes/x_a_name_of_more_than_thirty_chars",
         file(R"("hashes":{"x_a_name_of_more_than_thirty_chars":"00"})"),
         file(R"("hashes":{"x_a_name":"00"})")},
        {"indicator type",
         214,
         "/indicator_types/0",
         indicator(R"("indicator_types":["no-such-value"])"),
         indicator(R"("indicator_types":["benign"])")},
        {"hash algorithm",
         241,
         "/hashes/SHA256",
         file(R"("hashes":{"SHA256":"00"})"),
         file(R"("hashes":{"x_other":"00"})")},
        {"hash algorithm in a part",
         241,
         "/extensions/ntfs-ext/alternate_data_streams/0/hashes/SHA256",
         file(
             R"("extensions":{"ntfs-ext":{"alternate_data_streams":[{"name":"a","hashes":{"SHA256":"00"}}]}})"
         ),
         file(R"("extensions":{"ntfs-ext":{"alternate_data_streams":[{"name":"a"}]}})")},
        {"pe type",
         243,
         "/extensions/windows-pebinary-ext/pe_type",
         file(pe + R"(com"}})"),
         file(pe + R"(exe"}})")},
        {"account type",
         244,
         "/account_type",
         observable("user-account", R"("account_type":"kavi")"),
         observable("user-account", R"("account_type":"unix")")},
        {"pattern type",
         245,
         "/pattern_type",
         versioned(
             "indicator",
             R"("name":"n","description":"d","pattern":"x","pattern_type":"spl","valid_from":"2020-01-01T00:00:00Z")"
         ),
         versioned(
             "indicator",
             R"("name":"n","description":"d","pattern":"x","pattern_type":"yara","valid_from":"2020-01-01T00:00:00Z")"
         )},
        {"media type",
         271,
         "/mime_type",
         file(R"("mime_type":"application/x-nothing")"),
         file(R"("mime_type":"application/msword")")},
        {"media type of an artifact",
         271,
         "/mime_type",
         observable("artifact", R"("payload_bin":"AAAA","mime_type":"application/x-nothing")"),
         observable("artifact", R"("payload_bin":"AAAA","mime_type":"image/png")")},
        {"protocol",
         272,
         "/protocols/1",
         traffic(R"("protocols":["ipv4","no-such"])"),
         traffic(R"("protocols":["ipv4","tcp"])")},
        {"ipfix",
         273,
         "/ipfix/octets",
         traffic(R"("protocols":["tcp"],"ipfix":{"octets":1})"),
         traffic(R"("protocols":["tcp"],"ipfix":{"octetDeltaCount":1})")},
        {"request header",
         274,
         "/extensions/http-request-ext/request_header/X-Nothing",
         traffic(
             R"("protocols":["http"],"extensions":{"http-request-ext":{"request_method":"get","request_value":"/","request_header":{"X-Nothing":["a"]}}})"
         ),
         traffic(
             R"("protocols":["http"],"extensions":{"http-request-ext":{"request_method":"get","request_value":"/","request_header":{"User-Agent":["a"]}}})"
         )},
        {"socket option",
         275,
         "/extensions/socket-ext/options/nothing",
         traffic(
             R"("protocols":["tcp"],"extensions":{"socket-ext":{"address_family":"AF_INET","options":{"nothing":1}}})"
         ),
         traffic(
             R"("protocols":["tcp"],"extensions":{"socket-ext":{"address_family":"AF_INET","options":{"SO_DEBUG":1}}})"
         )},
        {"pdf entry",
         276,
         "/extensions/pdf-ext/document_info_dict/title",
         file(R"("extensions":{"pdf-ext":{"document_info_dict":{"title":"t"}}})"),
         file(R"("extensions":{"pdf-ext":{"document_info_dict":{"Title":"t"}}})")},
        {"country",
         277,
         "/country",
         versioned("location", R"("country":"uk")"),
         versioned("location", R"("country":"gb")")},
        {"ports",
         301,
         "/dst_port",
         observable(
             "network-traffic",
             R"("protocols":["tcp"],"src_ref":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","src_port":1)"
         ),
         traffic(R"("protocols":["tcp"])")},
        {"hashes of a url",
         302,
         "/external_references/0",
         indicator(R"("external_references":[{"source_name":"a","url":"https://example.com/"}])"),
         indicator(
             R"("external_references":[{"source_name":"a","url":"https://example.com/","hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"}}])"
         )},
        {"description of an indicator",
         303,
         "/description",
         versioned(
             "indicator",
             R"("name":"n","pattern":"[a:b = 1]","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z")"
         ),
         indicator("")},
        {"the old container",
         304,
         "/objects",
         versioned(
             "observed-data",
             R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"mutex","name":"n"}})"
         ),
         versioned(
             "observed-data",
             R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"object_refs":["mutex--28bb3599-77cd-5a82-a950-b5bc3caf07c4"])"
         )},
        {"keys of the container",
         141,
         "/objects/first",
         versioned(
             "observed-data",
             R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"objects":{"first":{"type":"mutex","name":"n"}})"
         ),
         versioned(
             "observed-data",
             R"("first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"mutex","name":"n"}})"
         )},
        {"own properties", 401, "/x_acme_score", indicator(R"("x_acme_score":1)"), indicator("")},
        {"own properties without a source",
         101,
         "/x_score",
         indicator(R"("x_score":1)"),
         indicator(R"("x_acme_score":1)")},
        {"own properties without a mark",
         102,
         "/score",
         indicator(R"("score":1)"),
         indicator(R"("x_acme_score":1)")},
        {"relationship",
         202,
         "/relationship_type",
         relationship("owns", "malware", "tool"),
         relationship("uses", "malware", "tool")},
    };
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

TEST(Recommendations, AreFoundWhereTheyAreNotFollowedAndNowhereElse) {
    std::set<int> met;
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        met.insert(c.code);
        const Codes bad = codes_of(c.bad);
        EXPECT_EQ(bad.count({c.code, c.pointer}), 1U) << c.bad;
        for (const auto& [code, pointer] : codes_of(c.good))
            EXPECT_NE(code, c.code) << pointer;
    }
    // Those that need more than one shape have tests of their own below.
    const std::set<int> wanted = {101, 102, 103, 111, 121, 141, 142, 143, 149, 150, 202, 211,
                                  212, 213, 214, 215, 216, 218, 219, 220, 221, 222, 223, 225,
                                  226, 227, 228, 230, 231, 241, 243, 244, 245, 271, 272, 273,
                                  274, 275, 276, 277, 301, 302, 303, 304, 401};
    EXPECT_EQ(met, wanted);
}

TEST(Recommendations, AreNotLookedForWhenNotWanted) {
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        EXPECT_TRUE(codes_of(c.bad, {Spec::as_stated, false}).empty());
    }
}

TEST(Recommendations, TellValuesOfAVocabularyFromTheirSpelling) {
    // A value that is not listed but spelled as it should be: one finding; else two (2.14).
    EXPECT_EQ(
        codes_of(indicator(R"("indicator_types":["odd"])")), (Codes{{214, "/indicator_types/0"}})
    );
    EXPECT_EQ(
        codes_of(indicator(R"("indicator_types":["benign","Odd One"])")),
        (Codes{{111, "/indicator_types/1"}, {214, "/indicator_types/1"}})
    );
}

TEST(Recommendations, KeysThatKeepTheirCaseAreLeftAlone) {
    // 2.3 wants small letters; the properties of these keep the case of what they name.
    EXPECT_TRUE(
        codes_of(
            R"({"type":"process","id":"process--e2e1a340-4415-4ba8-9671-f7343fbf0836","environment_variables":{"PATH":"/"},"extensions":{"windows-process-ext":{"startup_info":{"dwFlags":1}}}})"
        )
            .empty()
    );
    EXPECT_TRUE(
        codes_of(
            file(
                R"("hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"},"extensions":{"raster-image-ext":{"exif_tags":{"Make":"Nikon"}}})"
            )
        )
            .empty()
    );
}

TEST(ExternalReferences, AllowOnlyHashesOfTheVocabulary) {
    static Checker checker;
    const auto with = [](std::string_view name) {
        return indicator(
            R"("external_references":[{"source_name":"a","url":"https://example.com/","hashes":{")" +
            std::string(name) + R"(":"d41d8cd98f00b204e9800998ecf8427e"}}])"
        );
    };
    EXPECT_TRUE(codes_of(with("MD5")).empty());
    const auto& findings = checker.check(with("x_own"), {Spec::as_stated, false});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "S8");
    EXPECT_EQ(findings[0].pointer, "/external_references/0/hashes/x_own");
}

TEST(Recommendations, KeysOfHashesElsewhereKeepTheirCaseToo) {
    EXPECT_EQ(
        codes_of(observable("mutex", R"("name":"n","hashes":{"SHA-256":"00"})"))
            .count({142, "/hashes/SHA-256"}),
        0U
    );
}

TEST(Recommendations, PatternsAreRemarkedOn) {
    static Checker checker;
    std::string json = indicator("");
    json.replace(json.find("[file:name"), 10, "[flie:name");
    const auto& findings = checker.check(json);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "V12");
    EXPECT_EQ(findings[0].level, Level::should);
    EXPECT_EQ(findings[0].pointer, "/pattern");
    EXPECT_TRUE(checker.check(json, {Spec::as_stated, false}).empty());
}

TEST(Recommendations, MarkingTypesAreThoseOfTheStandard) {
    const auto marking = [](std::string_view type, std::string_view definition) {
        return R"({"type":"marking-definition","spec_version":"2.1","id":"marking-definition--e2e1a340-4415-4ba8-9671-f7343fbf0836","created":"2020-01-01T00:00:00.000Z","definition_type":")" +
               std::string(type) + R"(","definition":)" + std::string(definition) + "}";
    };
    const Codes other = codes_of(marking("acme", R"({"acme":"x"})"));
    EXPECT_EQ(other.count({201, "/definition_type"}), 1U);
    EXPECT_EQ(other.count({401, ""}), 1U);
    const Codes statement = codes_of(marking("statement", R"({"statement":"x"})"));
    EXPECT_EQ(statement.count({201, "/definition_type"}), 0U);
    EXPECT_EQ(statement.count({401, ""}), 0U);
}

TEST(Recommendations, ExtensionsAreDescribed) {
    const auto extension = [](std::string_view properties) {
        return versioned(
            "extension-definition",
            R"("created_by_ref":"identity--e2e1a340-4415-4ba8-9671-f7343fbf0836","name":"n","schema":"s","version":"1.0.0")" +
                std::string(properties)
        );
    };
    EXPECT_EQ(
        codes_of(extension(R"(,"extension_types":["new-sdo"])")), (Codes{{305, "/description"}})
    );
    EXPECT_EQ(
        codes_of(extension(R"(,"description":"d","extension_types":["toplevel-property-extension"])"
        )),
        (Codes{{306, ""}})
    );
    EXPECT_TRUE(
        codes_of(
            extension(
                R"(,"description":"d","extension_types":["toplevel-property-extension"],"extension_properties":["rank"])"
            )
        )
            .empty()
    );
}

TEST(Recommendations, AVersionStandsOnceInABundle) {
    const std::string one = versioned("incident", R"("name":"n")");
    std::string later = one;
    later.replace(later.find("\"modified\":\"2020"), 16, "\"modified\":\"2021");
    const auto bundle = [](const std::string& objects) {
        return R"({"type":"bundle","id":"bundle--e2e1a340-4415-4ba8-9671-f7343fbf0836","objects":[)" +
               objects + "]}";
    };
    EXPECT_EQ(codes_of(bundle(one + "," + later + "," + one)), (Codes{{203, "/objects/2"}}));
    EXPECT_TRUE(codes_of(bundle(one + "," + later)).empty());
}

TEST(Relationships, FitTheStandardsTable) {
    using internal::Fit;
    using internal::fit_of_relationship;
    for (const bool is_20 : {false, true}) {
        for (const auto& row : internal::relationship_rows(is_20)) {
            std::string_view targets = row.targets;
            const std::string first(targets.substr(0, targets.find(' ')));
            EXPECT_EQ(fit_of_relationship(row.type, row.source, first, is_20), Fit::right)
                << row.source << row.type;
            EXPECT_EQ(
                fit_of_relationship(row.type, row.source, "opinion", is_20), Fit::target_unknown
            );
            EXPECT_EQ(fit_of_relationship("x-own", row.source, first, is_20), Fit::type_unknown);
        }
    }
    EXPECT_EQ(internal::relationship_rows(false).size(), 63U);
    EXPECT_EQ(fit_of_relationship("consists-of", "infrastructure", "mutex", false), Fit::right);
    EXPECT_EQ(
        fit_of_relationship("consists-of", "infrastructure", "x-own", false), Fit::target_unknown
    );
    EXPECT_EQ(fit_of_relationship("uses", "note", "tool", false), Fit::source_unknown);
    EXPECT_EQ(fit_of_relationship("related-to", "x-own", "note", false), Fit::right);
    EXPECT_EQ(fit_of_relationship("derived-from", "tool", "tool", false), Fit::right);
    EXPECT_EQ(fit_of_relationship("duplicate-of", "tool", "malware", false), Fit::same_type_wanted);
    EXPECT_EQ(fit_of_relationship("uses", "malware", "malware", false), Fit::right);
    EXPECT_EQ(fit_of_relationship("uses", "malware", "malware", true), Fit::target_unknown);
}

TEST(Relationships, SayWhichEndDoesNotFit) {
    EXPECT_EQ(codes_of(relationship("uses", "malware", "identity")), (Codes{{202, "/target_ref"}}));
    EXPECT_EQ(codes_of(relationship("uses", "note", "tool")), (Codes{{202, "/relationship_type"}}));
    EXPECT_EQ(
        codes_of(relationship("derived-from", "note", "tool")), (Codes{{202, "/target_ref"}})
    );
    EXPECT_TRUE(codes_of(relationship("related-to", "note", "mutex")).empty());
}

}  // namespace
}  // namespace entente::stix
