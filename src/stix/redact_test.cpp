#include "stix/redact.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <array>

namespace entente::stix {
namespace {

constexpr std::string_view red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
constexpr std::string_view amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
constexpr std::string_view redactor = "identity--aaaaaaaa-0000-4000-8000-000000000001";
constexpr std::string_view uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
constexpr std::string_view new_uuid = "dddddddd-0000-4000-8000-00000000000d";
constexpr std::string_view other = "malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b";
constexpr std::string_view other_renamed = "malware--dddddddd-0000-4000-8000-0000000000aa";

std::string text(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts)
        out += part;
    return out;
}

Redaction hide(std::string_view type, std::initializer_list<std::string_view> hidden = {red}) {
    Redaction redaction;
    redaction.hidden.assign(hidden.begin(), hidden.end());
    redaction.id = text({type, "--", new_uuid});
    redaction.created_by_ref = redactor;
    redaction.created = "2025-06-01T00:00:00.000Z";
    redaction.modified = "2025-06-02T00:00:00.000Z";
    return redaction;
}

std::string_view name_of(Withheld withheld) {
    static constexpr std::array<std::string_view, 5> names = {
        "no", "required_part", "value_elsewhere", "translation", "unsound"};
    return names[static_cast<std::size_t>(withheld)];
}

/// The derived object, or why there is none.
std::string outcome(std::string_view json, const Redaction& redaction) {
    const auto redacted = redact(json, redaction);
    if (!redacted) return text({errc_name(redacted.error().code), ": ", redacted.error().detail});
    if (redacted->withheld == Withheld::no) {
        EXPECT_TRUE(redacted->why.empty());
        return redacted->body;
    }
    EXPECT_TRUE(redacted->body.empty());
    return text({name_of(redacted->withheld), ": ", redacted->why});
}

std::string granular(std::string_view ref, std::string_view selectors) {
    return text({R"({"marking_ref":")", ref, R"(","selectors":[)", selectors, "]}"});
}

std::string marked(std::string_view selectors) {
    return text({R"(,"granular_markings":[)", granular(red, selectors), "]"});
}

/// A malware with further properties behind.
std::string malware(std::string_view more) {
    return text(
        {R"({"type":"malware","spec_version":"2.1","id":"malware--)",
         uuid,
         R"(","created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",)"
         R"("created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z",)"
         R"("name":"Cryptolocker","is_family":true)",
         more,
         "}"}
    );
}

/// What `malware` becomes, with `more` behind.
std::string derived(std::string_view more) {
    return text(
        {R"({"type":"malware","spec_version":"2.1","id":"malware--)",
         new_uuid,
         R"(","created_by_ref":")",
         redactor,
         R"(","created":"2025-06-01T00:00:00.000Z","modified":"2025-06-02T00:00:00.000Z",)"
         R"("name":"Cryptolocker","is_family":true)",
         more,
         "}"}
    );
}

std::string of_malware(std::string_view more) {
    return outcome(malware(more), hide("malware"));
}

#define EXPECT_WITHHELD(reason, outcome) EXPECT_TRUE((outcome).starts_with(reason)) << (outcome)

TEST(Redact, LeavesOutWhatAMarkingSelects) {
    EXPECT_EQ(
        of_malware(text(
            {R"(,"description":"Seen at Example Bank","x_note":"kept")", marked(R"("description")")}
        )),
        derived(R"(,"x_note":"kept")")
    );
}

TEST(Redact, KeepsOrderSpellingAndWhatItDoesNotKnow) {
    EXPECT_EQ(
        of_malware(text(
            {R"( , "x_zulu" : [ 1.50, 1E3, "a\/b\u00e9" ] , "description":"secret words","x_alpha":{"b":false,"a":true})",
             marked(R"("description")")}
        )),
        derived(R"(,"x_zulu":[1.50,1E3,"a\/b\u00e9"],"x_alpha":{"b":false,"a":true})")
    );
}

TEST(Redact, HidesOnlyWhatIsAskedFor) {
    const std::string json = malware(text(
        {R"(,"description":"for few","labels":["for some"],"granular_markings":[)",
         granular(red, R"("description")"),
         ",",
         granular(amber, R"("labels")"),
         "]"}
    ));
    EXPECT_EQ(
        outcome(json, hide("malware", {red})),
        derived(text(
            {R"(,"labels":["for some"],"granular_markings":[)", granular(amber, R"("labels")"), "]"}
        ))
    );
    EXPECT_EQ(outcome(json, hide("malware", {amber, red})), derived(""));
}

// S67: paths are compared component by component, `aliases` is not the beginning of `aliases_more`.
TEST(Redact, ComparesPathsByComponents) {
    EXPECT_EQ(
        of_malware(text({R"(,"x_name":"secret one","x_name_enc":"utf-8")", marked(R"("x_name")")})),
        derived(R"(,"x_name_enc":"utf-8")")
    );
}

// S67: indexes shift.
TEST(Redact, MovesSelectorsToWhereThingsAre) {
    EXPECT_EQ(
        of_malware(text(
            {R"(,"labels":["label-0","label-1","label-2","label-3"],"x_rows":[["cell-00","cell-01"],["cell-10","cell-11"]],"granular_markings":[)",
             granular(red, R"("labels.[0]","labels.[2]","x_rows.[0]","x_rows.[1].[0]")"),
             ",",
             granular(
                 amber,
                 R"("labels.[1]","labels.[2]","labels.[3]","x_rows.[0].[1]","x_rows.[1].[1]","labels")"
             ),
             R"(,{"lang":"fr","selectors":["labels.[3]"]},{"selectors":["labels.[0]"],"lang":"de"}])"}
        )),
        derived(text(
            {R"(,"labels":["label-1","label-3"],"x_rows":[["cell-11"]],"granular_markings":[)",
             granular(amber, R"("labels.[0]","labels.[1]","x_rows.[0].[0]","labels")"),
             R"(,{"lang":"fr","selectors":["labels.[1]"]}])"}
        ))
    );
}

TEST(Redact, RemovesListsAndDictionariesThatBecameEmpty) {
    EXPECT_EQ(
        of_malware(text(
            {R"(,"x_deep":{"one":[{"two":{"three":"secret words"}}]},"x_kept":{"one":[1]})",
             marked(R"("x_deep.one.[0].two.three")")}
        )),
        derived(R"(,"x_kept":{"one":[1]})")
    );
}

// A selector that keys with dots let mean two things hides both.
TEST(Redact, HidesEveryMeaningOfASelector) {
    EXPECT_EQ(
        of_malware(text(
            {R"(,"x_hosts":{"www.test":"first secret","www":{"test":"second secret","other":1}})",
             marked(R"("x_hosts.www.test")")}
        )),
        derived(R"(,"x_hosts":{"www":{"other":1}})")
    );
}

TEST(Redact, NamesTheRedactorWhereTheTypeHasAProducer) {
    const std::string no_producer = text(
        {R"({"type":"tool","spec_version":"2.1","id":"tool--)",
         uuid,
         R"(","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"nmap","description":"a secret")",
         marked(R"("description")"),
         "}"}
    );
    EXPECT_EQ(
        outcome(no_producer, hide("tool")),
        text(
            {R"({"type":"tool","spec_version":"2.1","id":"tool--)",
             new_uuid,
             R"(","created_by_ref":")",
             redactor,
             R"(","created":"2025-06-01T00:00:00.000Z","modified":"2025-06-02T00:00:00.000Z","name":"nmap"})"}
        )
    );
    // The producer may be what is hidden.
    const std::string hidden = of_malware(marked(R"("created_by_ref","modified","id")"));
    EXPECT_EQ(hidden, derived(""));
    // What has a new value is still there for the markings of others.
    const std::string others =
        text({R"(,"granular_markings":[)", granular(amber, R"("created_by_ref")"), "]"});
    EXPECT_EQ(
        of_malware(text(
            {R"(,"granular_markings":[)",
             granular(red, R"("created_by_ref")"),
             ",",
             granular(amber, R"("created_by_ref")"),
             "]"}
        )),
        derived(others)
    );
}

TEST(Redact, OfACyberObservableHasNoIdFromItsContent) {
    // The id is computed from the value (S20); both go.
    const std::string json = text(
        {R"({"type":"file","spec_version":"2.1","id":"file--7d1e3a18-89e7-5bc5-be36-9879f5b7f5c8","hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"},"name":"quêry.dll")",
         marked(R"("name")"),
         "}"}
    );
    EXPECT_EQ(
        outcome(json, hide("file")),
        text(
            {R"({"type":"file","spec_version":"2.1","id":"file--)",
             new_uuid,
             R"(","hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"}})"}
        )
    );
    Redaction same = hide("file");
    same.id = "file--7d1e3a18-89e7-5bc5-be36-9879f5b7f5c8";
    EXPECT_WITHHELD("invalid_argument", outcome(json, same));
    const std::string random_id = text(
        {R"({"type":"file","spec_version":"2.1","id":"file--)",
         uuid,
         R"(","hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"},"name":"quêry.dll"})"}
    );
    EXPECT_WITHHELD("invalid_argument", outcome(random_id, same));
}

TEST(Redact, RenamesReferencesEverywhere) {
    Redaction redaction = hide("report", {});
    redaction.renamed.emplace(other, other_renamed);
    const std::string json = text(
        {R"({"type":"report","spec_version":"2.1","id":"report--)",
         uuid,
         R"(","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"Weekly","published":"2016-05-12T08:17:27.000Z","object_refs":["indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2",")",
         other,
         R"("],"x_main_ref":")",
         other,
         R"(","x_self_ref":"report--)",
         uuid,
         R"(","extensions":{"extension-definition--d83fce45-ef58-4c6c-a3f4-1fbc32e98c6e":{"extension_type":"property-extension","rank":{"of":")",
         other,
         R"("}}}})"}
    );
    EXPECT_EQ(
        outcome(json, redaction),
        text(
            {R"({"type":"report","spec_version":"2.1","id":"report--)",
             new_uuid,
             R"(","created_by_ref":")",
             redactor,
             R"(","created":"2025-06-01T00:00:00.000Z","modified":"2025-06-02T00:00:00.000Z","name":"Weekly","published":"2016-05-12T08:17:27.000Z","object_refs":["indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2",")",
             other_renamed,
             R"("],"x_main_ref":")",
             other_renamed,
             R"(","x_self_ref":"report--)",
             new_uuid,
             R"(","extensions":{"extension-definition--d83fce45-ef58-4c6c-a3f4-1fbc32e98c6e":{"extension_type":"property-extension","rank":{"of":")",
             other_renamed,
             R"("}}}})"}
        )
    );
}

TEST(Redact, IsWithheldWhenAnOriginalIdStandsElsewhere) {
    Redaction redaction = hide("malware", {});
    redaction.renamed.emplace(other, other_renamed);
    const auto with = [&redaction](std::initializer_list<std::string_view> more) {
        return outcome(malware(text(more)), redaction);
    };
    EXPECT_WITHHELD(
        "value_elsewhere: /description: ", with({R"(,"description":"see )", other, R"( too")"})
    );
    EXPECT_WITHHELD("value_elsewhere: /x_by_id/", with({R"(,"x_by_id":{")", other, R"(":1})"}));
    EXPECT_WITHHELD("value_elsewhere", with({R"(,"description":"once malware--)", uuid, "\""}));
    // The UUID alone says as much, in either case; and percent-encoded.
    EXPECT_WITHHELD(
        "value_elsewhere: /external_references/0/external_id: ",
        with(
            {R"(,"external_references":[{"source_name":"local","external_id":"8E2E2D2B-17D4-4cbf-938f-98ee46b3cd3f"}])"}
        )
    );
    EXPECT_WITHHELD(
        "value_elsewhere",
        with(
            {R"(,"external_references":[{"source_name":"local","url":"https://example.com/?id=31b940d4%2D6f7f%2d459a-80ea-9c1f17b5891b"}])"}
        )
    );
    // Another object that a producer gave the same UUID may be seen.
    const std::string twin =
        text({R"(,"x_twin_ref":"indicator--)", uuid, R"(","x_twin":"as indicator--)", uuid, "\""});
    EXPECT_EQ(with({twin}), derived(twin));
    // No marking is renamed: then it would say something else.
    redaction.renamed.emplace(amber, red);
    EXPECT_WITHHELD(
        "value_elsewhere: /object_marking_refs/0: ",
        with({R"(,"object_marking_refs":[")", amber, "\"]"})
    );
    // An id that keeps its name is no secret.
    redaction.renamed = {{std::string(other), std::string(other)}};
    const std::string kept = text({R"(,"description":"see )", other, "\""});
    EXPECT_EQ(with({kept}), derived(kept));
}

TEST(Redact, WithNothingHiddenOrRenamedIsACopyUnderAnotherName) {
    const std::string more =
        text({R"(,"description":"also known as )", uuid, R"(","x_self_ref":"malware--)", uuid, "\""}
        );
    EXPECT_EQ(
        outcome(malware(more), hide("malware", {})),
        derived(text(
            {R"(,"description":"also known as )",
             uuid,
             R"(","x_self_ref":"malware--)",
             new_uuid,
             "\""}
        ))
    );
}

TEST(Redact, IsWithheldWhenARequiredPartGoes) {
    EXPECT_WITHHELD("required_part: /is_family", of_malware(marked(R"("is_family")")));
    EXPECT_WITHHELD("required_part: /type", of_malware(marked(R"("type")")));
    EXPECT_WITHHELD("required_part: /spec_version", of_malware(marked(R"("spec_version")")));
    // STIX 2.1, 2.5: a reference has a description, url or external_id.
    EXPECT_WITHHELD(
        "required_part: /external_references/0",
        of_malware(text(
            {R"(,"external_references":[{"source_name":"one","url":"https://example.com/"}])",
             marked(R"("external_references.[0].url")")}
        ))
    );
    const std::string relationship = text(
        {R"({"type":"relationship","spec_version":"2.1","id":"relationship--)",
         uuid,
         R"(","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","relationship_type":"uses","source_ref":"campaign--26ffb872-1dd9-446e-b6f5-d58527e5b5d2","target_ref":")",
         other,
         "\"",
         marked(R"("target_ref")"),
         "}"}
    );
    EXPECT_WITHHELD("required_part: /target_ref", outcome(relationship, hide("relationship")));
}

TEST(Redact, IsWithheldWhenMarkingsOrRevocationAreHidden) {
    const std::string whole = text({R"(,"object_marking_refs":[")", amber, "\"]"});
    EXPECT_WITHHELD(
        "required_part: /object_marking_refs",
        of_malware(text({whole, marked(R"("object_marking_refs")")}))
    );
    EXPECT_WITHHELD(
        "required_part: /granular_markings/0",
        of_malware(marked(R"("granular_markings.[0].selectors")"))
    );
    EXPECT_WITHHELD(
        "required_part: /revoked", of_malware(text({R"(,"revoked":true)", marked(R"("revoked")")}))
    );
    EXPECT_EQ(of_malware(text({R"(,"revoked":false)", marked(R"("revoked")")})), derived(""));
    // What marks the whole hides the whole.
    EXPECT_WITHHELD(
        "required_part: /object_marking_refs",
        outcome(malware(text({whole, marked(R"("name")")})), hide("malware", {amber}))
    );
    EXPECT_EQ(
        of_malware(text({whole, R"(,"description":"a secret")", marked(R"("description")")})),
        derived(whole)
    );
    // A marking of a marking loses its meaning when entries go.
    EXPECT_WITHHELD(
        "unsound: /granular_markings/1/selectors/0",
        of_malware(text(
            {R"(,"description":"a secret","granular_markings":[)",
             granular(red, R"("description")"),
             ",",
             granular(amber, R"("granular_markings.[0]")"),
             "]"}
        ))
    );
}

TEST(Redact, NeverDerivesTranslationsAndMarkings) {
    EXPECT_WITHHELD(
        "translation: /type",
        outcome(
            text(
                {R"({"type":"language-content","spec_version":"2.1","id":"language-content--)",
                 uuid,
                 R"(","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","object_ref":")",
                 other,
                 R"(","contents":{"de":{"name":"Bank-Angriff"}}})"}
            ),
            hide("language-content")
        )
    );
    EXPECT_WITHHELD(
        "unsound: /type",
        outcome(
            text(
                {R"({"type":"marking-definition","spec_version":"2.1","id":"marking-definition--)",
                 uuid,
                 R"(","created":"2016-05-12T08:17:27.000Z","definition_type":"statement","definition":{"statement":"Copyright"}})"}
            ),
            hide("marking-definition")
        )
    );
}

TEST(Redact, IsWithheldWhenAValueStillStandsElsewhere) {
    const auto with = [](std::string_view value, std::string_view more) {
        return of_malware(text({R"(,"x_secret":)", value, more, marked(R"("x_secret")")}));
    };
    constexpr std::string_view place = "value_elsewhere: /description: ";
    for (const auto& [value, description] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("victim.example")", R"("seen at victim.example too")"},
             {R"("victim.example")", R"("seen at VICTIM.Example")"},
             {R"("victim.example")", R"("seen at vict\u0069m.example")"},
             {R"("victim.example")", R"("seen at victim[.]example")"},
             {R"("http://victim.example/")", R"("hxxp://victim[.]example/")"},
             {R"("C:\\secret\\plan.txt")", R"("[file:name = 'C:\\\\secret\\\\plan.txt']")"},
             {R"("a plan's name")", R"("[file:name = 'a plan\\'s name']")"},
             {"\"((a))\"", "\"see ((a))\""},
             {R"("a plan/b")", R"("https://example.com/?q=a%20plan%2Fb")"},
             {R"({"deep":["first","second one"]})", R"("the second one")"},
             {R"("port")", R"("a report")"},
             {R"("usb")", R"("usb")"},
             {"48123", "48123.0"},
             {"48123", R"("48123")"},
             {"48.8566", "48.85660"},
             {R"({"vault_code_name":1})", R"("the vault_code_name")"},
         }) {
        const std::string result = with(value, text({R"(,"description":)", description}));
        if (description.front() != '"') {
            // A description is a text; a number stands in a property of the producer's
            // own.
            EXPECT_WITHHELD(
                "value_elsewhere: /x_number: ", with(value, text({R"(,"x_number":)", description}))
            );
            continue;
        }
        EXPECT_TRUE(result.starts_with(place)) << value << " " << description << ": " << result;
    }
    EXPECT_WITHHELD(
        "value_elsewhere: /x_keys/victim_example: ",
        with(R"("victim_example")", R"(,"x_keys":{"victim_example":1})")
    );
    EXPECT_WITHHELD(
        "value_elsewhere: /labels/0: ",
        with(R"("victim.example")", R"(,"labels":["not victim.example"])")
    );
    // What it says goes with the name that replaces it.
    Redaction renaming = hide("malware");
    renaming.renamed.emplace(other, other_renamed);
    EXPECT_WITHHELD(
        "value_elsewhere: /x_ref: ",
        outcome(
            malware(text(
                {R"(,"x_secret":")", other, R"(","x_ref":")", other, "\"", marked(R"("x_secret")")}
            )),
            renaming
        )
    );
}

TEST(Redact, CallsSmallAndCommonValuesNoSecrets) {
    for (const auto& [value, more] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"true", R"(,"x_flag":true)"},
             {"443", R"(,"x_port":443)"},
             {"-1.5", R"(,"x_number":-1.5)"},
             {R"("")", R"(,"x_text":"")"},
             {R"("usb")", R"(,"x_text":"usb stick")"},
             {"48123", R"(,"x_text":"148123")"},
             // A name of the standard, and one that other parts have too.
             {R"([{"source_name":false}])", R"(,"x_text":"the source_name")"},
             {R"([{"x_common_name":false}])",
              R"(,"x_list":[{"x_common_name":1}],"x_text":"an x_common_name")"},
         }) {
        EXPECT_EQ(
            of_malware(text({R"(,"x_secret":)", value, more, marked(R"("x_secret")")})),
            derived(more)
        );
    }
}

TEST(Redact, IsWithheldWhenTheMarkingsAreNotUnderstood) {
    EXPECT_WITHHELD(
        "unsound: /granular_markings/0/selectors/0: ", of_malware(marked(R"("x_absent")"))
    );
    // Also where the marking is not among the hidden ones: nobody knows what it was to protect.
    EXPECT_WITHHELD(
        "unsound: /granular_markings/0/selectors/0: ",
        outcome(malware(marked(R"("x_absent")")), hide("malware", {amber}))
    );
}

TEST(Redact, IsWithheldWhenMoreIsHiddenThanCanBeLookedFor) {
    std::string many;
    for (int i = 0; many.size() < limits::hidden_bytes_max * 2; ++i)
        many.append(many.empty() ? "\"word" : "\",\"word").append(std::to_string(i));
    EXPECT_WITHHELD(
        "value_elsewhere: /granular_markings: ",
        of_malware(text({R"(,"x_list":[)", many, "\"]", marked(R"("x_list")")}))
    );
}

TEST(Redact, DoesNotRepairWhatWasUnsound) {
    const std::string unsound = text(
        {R"({"type":"malware","spec_version":"2.1","id":"malware--)",
         uuid,
         R"(","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"Cryptolocker","description":"a secret")",
         marked(R"("description")"),
         "}"}
    );
    EXPECT_WITHHELD("unsound: /is_family", outcome(unsound, hide("malware")));
}

TEST(Redact, WantsArgumentsThatMakeSense) {
    const std::string json = malware("");
    const auto with = [&json](void (*change)(Redaction&)) {
        Redaction redaction = hide("malware");
        change(redaction);
        return outcome(json, redaction);
    };
    EXPECT_WITHHELD("invalid_argument: id", with([](Redaction& r) {
                        r.id = "tool--" + std::string(new_uuid);
                    }));
    EXPECT_WITHHELD("invalid_argument: id", with([](Redaction& r) { r.id = "malware--1"; }));
    EXPECT_WITHHELD("invalid_argument: id", with([](Redaction& r) {
                        r.id = "malware--" + std::string(uuid);
                    }));
    EXPECT_WITHHELD("invalid_argument: created_by_ref", with([](Redaction& r) {
                        r.created_by_ref.clear();
                    }));
    EXPECT_WITHHELD("invalid_argument: created", with([](Redaction& r) { r.created = "today"; }));
    EXPECT_WITHHELD("invalid_argument: modified", with([](Redaction& r) { r.modified.clear(); }));
    EXPECT_WITHHELD("malformed", outcome("{", hide("malware")));
    EXPECT_WITHHELD("unprocessable", outcome("{}", hide("malware")));
}

// An observed-data of STIX 2.0 holds its observables itself.
TEST(Redact, KnowsTheObjectsOfStix20) {
    const std::string json = text(
        {R"({"type":"observed-data","id":"observed-data--)",
         uuid,
         R"(","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","first_observed":"2016-05-12T08:17:27Z","last_observed":"2016-05-12T08:17:27Z","number_observed":2,"objects":{"0":{"type":"ipv4-addr","value":"203.0.113.9"},"1":{"type":"url","value":"https://victim.example/"}})",
         marked(R"("objects.1")"),
         "}"}
    );
    EXPECT_EQ(
        outcome(json, hide("observed-data")),
        text(
            {R"({"type":"observed-data","id":"observed-data--)",
             new_uuid,
             R"(","created_by_ref":")",
             redactor,
             R"(","created":"2025-06-01T00:00:00.000Z","modified":"2025-06-02T00:00:00.000Z","first_observed":"2016-05-12T08:17:27Z","last_observed":"2016-05-12T08:17:27Z","number_observed":2,"objects":{"0":{"type":"ipv4-addr","value":"203.0.113.9"}}})"}
        )
    );
}

}  // namespace
}  // namespace entente::stix
