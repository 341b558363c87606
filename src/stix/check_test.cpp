#include "stix/check.h"

#include "base/limits.h"
#include "stix/internal/check_objects.h"
#include "stix/object.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// Counts, for the test that a sound object costs none. AddressSanitizer has its own operators and a
// hook in them.
#ifdef __has_feature  // clang
#if __has_feature(address_sanitizer)
#define ENTENTE_ADDRESS_SANITIZER
#endif
#endif
#ifdef __SANITIZE_ADDRESS__  // g++
#define ENTENTE_ADDRESS_SANITIZER
#endif
#ifdef ENTENTE_ADDRESS_SANITIZER
// Of compiler-rt's sanitizer/allocator_interface.h, which g++ 12 does not bring.
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*)
);

namespace {
void count(const volatile void*, std::size_t) {
    allocations.fetch_add(1, std::memory_order_relaxed);
}

[[maybe_unused]] const int hooked =
    __sanitizer_install_malloc_and_free_hooks(&count, [](const volatile void*) {});
}  // namespace
#else
void* operator new(std::size_t bytes) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* const memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace entente::stix {
namespace {

using namespace check_objects;

std::string first(Checker& checker, std::string_view text, const CheckOptions& options = {}) {
    const auto& findings = checker.check(text, options);
    if (findings.empty()) return "sound";
    return std::string(findings[0].rule) + " " + findings[0].pointer + ": " + findings[0].message;
}

TEST(Checker, TellsWhereAnUnreadableTextIsWrong) {
    Checker checker;
    EXPECT_EQ(first(checker, R"({"type":})").substr(0, 36), "S1 /type: byte 8: expected a value: ");
    EXPECT_EQ(first(checker, R"({"a":1,"a":2})").substr(0, 12), "S1 /a: byte ");
    EXPECT_EQ(first(checker, "{\"type\":\"\xFF\"}"), "S1 : byte 9 is not UTF-8");
    EXPECT_EQ(first(checker, "[1]"), "S1 : [1] is no STIX object; expected a JSON object");
    EXPECT_EQ(first(checker, "{}").substr(0, 9), "S18 /id: ");
}

TEST(Checker, SaysWhatIsWrongAndWhatWouldBeRight) {
    Checker checker;
    EXPECT_EQ(
        first(checker, json::serialize(with(tool(), {{"confidence", 101}}))),
        "S12 /confidence: 101 is out of range; expected 0 to 100"
    );
    EXPECT_EQ(
        first(checker, json::serialize(with(tool(), {{"name", 5}}))),
        "S3 /name: 5 is a number; expected a string"
    );
    EXPECT_EQ(
        first(checker, json::serialize(with(traffic(), {{"src_payload_ref", id_of("file")}}))),
        "S52 /src_payload_ref: file--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f names an object of the "
        "wrong type; expected artifact"
    );
    EXPECT_EQ(
        first(checker, json::serialize(with(tool(), {{"name", nullptr}}))),
        "S1 /name: missing; every tool has it"
    );
}

TEST(Checker, DoesNotStopAtTheFirst) {
    EXPECT_EQ(
        musts(with(
            tool(), {{"confidence", 101}, {"labels", json::array{}}, {"name", 5}, {"revoked", "x"}}
        )),
        "S12 /confidence\nS4 /labels\nS3 /name\nS3 /revoked"
    );
}

TEST(Checker, FindsTheSameInTextAndInCanonicalForm) {
    Checker one;
    Checker two;
    const std::string text = json::serialize(with(tool(), {{"confidence", 101}, {"aliases", {5}}}));
    const auto& a = one.check(text);
    const auto& b = two.check_canonical(*canonical_json(text));
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].pointer, b[i].pointer);
        EXPECT_EQ(a[i].message, b[i].message);
    }
}

TEST(Checker, GoesByTheStatedVersion) {
    // No version, but `created`: an object of STIX 2.0.
    const json::object old =
        with(tool(), {{"spec_version", nullptr}, {"labels", {"remote-access"}}});
    EXPECT_EQ(musts(old, Spec::as_stated), "");
    EXPECT_EQ(musts(old, Spec::v21), "S11 /spec_version");
    EXPECT_EQ(musts(with(tool(), {{"confidence", 101}}), Spec::as_stated), "S12 /confidence");
    // Cyber-observables are objects only since 2.1.
    EXPECT_EQ(
        musts(
            with(file(), {{"spec_version", nullptr}, {"created", "2016-01-01T00:00:00.000Z"}}),
            Spec::as_stated
        ),
        ""
    );
}

TEST(Checker, LooksForRecommendationsOnlyWhenAsked) {
    Checker checker;
    const std::string text = json::serialize(indicator());
    EXPECT_TRUE(checker.check(text, {Spec::v21, false}).empty());
    const auto& findings = checker.check(text, {Spec::v21, true});
    ASSERT_EQ(findings.size(), 2U);  // name and description
    EXPECT_EQ(findings[0].level, Level::should);
    EXPECT_EQ(findings[0].code, 303);
}

TEST(Checker, TellsHowManyFindingsItLeftOut) {
    Checker checker;
    json::object object = tool();
    for (int i = 0; i < 500; ++i)
        object["Wrong" + std::to_string(1'000 + i)] = 1;
    const auto& findings = checker.check(json::serialize(object), {Spec::v21, false});
    ASSERT_EQ(findings.size(), limits::findings_per_object_max);
    EXPECT_EQ(findings.back().level, Level::must);
    EXPECT_NE(
        findings.back().message.find("401 of level MUST and 0 of level SHOULD"), std::string::npos
    ) << findings.back().message;
}

TEST(Checker, RecommendationsDoNotHideWhatIsWrong) {
    Checker checker;
    json::object object = tool();
    for (int i = 0; i < 5'000; ++i)
        object["own_" + std::to_string(10'000 + i)] = 1;
    const auto& harmless = checker.check(json::serialize(object));
    EXPECT_LE(harmless.size(), limits::findings_per_object_max);
    EXPECT_TRUE(std::all_of(harmless.begin(), harmless.end(), [](const Finding& f) {
        return f.level == Level::should;
    }));
    object["zzz_bin"] = "*";
    const auto& findings = checker.check(json::serialize(object));
    const auto wrong = std::find_if(findings.begin(), findings.end(), [](const Finding& f) {
        return f.level == Level::must;
    });
    ASSERT_NE(wrong, findings.end());
    EXPECT_EQ(wrong->pointer, "/zzz_bin");
}

TEST(Checker, ASoundObjectCostsNoAllocation) {
    Checker checker;
    const std::string canonical = *canonical_json(json::serialize(with(
        indicator(),
        {{"name", "An \"indicator\""},
         {"description", "x"},
         {"labels", {"a", "b"}},
         {"created_by_ref", identity_id},
         {"object_marking_refs", {green}},
         {"external_references", json::array{{{"source_name", "A"}, {"external_id", "1"}}}},
         {"kill_chain_phases",
          json::array{{{"kill_chain_name", "a-chain"}, {"phase_name", "first"}}}}}
    )));
    ASSERT_TRUE(checker.check_canonical(canonical).empty());
    const std::size_t counts = allocations.load();
    const auto some = std::make_unique<std::string>(1'000, 'x');
    EXPECT_GT(allocations.load(), counts) << some->size();
    const std::size_t before = allocations.load();
    for (int i = 0; i < 10; ++i)
        (void)checker.check_canonical(canonical);
    EXPECT_EQ(allocations.load(), before);
}

TEST(Checker, PointersAreRfc6901) {
    EXPECT_EQ(musts(with(tool(), {{"a/b~c", 1}})), "S1 /a~1b~0c");
    EXPECT_EQ(musts(with(tool(), {{"a\"b", 1}})), "S1 /a\"b");
    EXPECT_EQ(musts(with(tool(), {{"\xC3\xA4pfel", 1}})), "S1 /\xC3\xA4pfel");
    EXPECT_EQ(musts(with(tool(), {{"", 1}})), "S1 /");
    const std::string long_name = "A" + std::string(10'000, 'a');
    EXPECT_EQ(musts(with(tool(), {{long_name, 1}})), "S1 /" + long_name.substr(0, 256) + "...");
}

TEST(Checker, NamesWithEscapesDoNotDisturbTheirNeighbours) {
    // Unescaped, the first sorts before `name`; as it is spelled, behind.
    json::object object = tool();
    object[std::string("nam\x01")] = 1;
    object["nam\""] = 1;
    object["name\\"] = 1;
    EXPECT_EQ(musts(object), "S1 /nam\x01\nS1 /nam\"\nS1 /name\\");
    object["name"] = 5;
    EXPECT_EQ(musts(object), "S1 /nam\x01\nS1 /nam\"\nS3 /name\nS1 /name\\");
}

TEST(Checker, ChecksTheObjectsOfABundleAtTheirPlaces) {
    const json::object bad = with(
        sdo("x-example-com-thing", {{"rank", 1}}),
        {{"created", "2016"},
         {"granular_markings", json::array{{{"selectors", {"none"}}, {"marking_ref", green}}}}}
    );
    const json::object bundle{
        {"type", "bundle"}, {"id", id_of("bundle")}, {"objects", json::array{tool(), bad, file()}}};
    EXPECT_EQ(
        musts(bundle), "V1 /objects/1/created\nV6 /objects/1/granular_markings/0/selectors/0"
    );
    const json::object empty{{"type", "bundle"}, {"id", id_of("bundle")}};
    EXPECT_EQ(musts(with(bundle, {{"objects", json::array{tool(), empty}}})), "S43 /objects/1");
}

TEST(Checker, WithoutATypeTheIdSaysWhatTheObjectIs) {
    EXPECT_EQ(
        musts(with(tool(), {{"type", nullptr}, {"confidence", 101}})), "S12 /confidence\nS1 /type"
    );
    EXPECT_EQ(musts(with(tool(), {{"type", 5}})), "S1 /type");
}

TEST(Checker, WorkIsLinearInTheSizeOfTheObject) {
    Checker checker;
    json::object object = tool();
    json::array many;
    for (int i = 0; i < 200'000; ++i)
        many.push_back(json::value("own_" + std::to_string(i)));
    object["aliases"] = many;
    json::array selectors;
    for (int i = 0; i < 5'000; ++i)
        selectors.push_back(json::value("aliases.[" + std::to_string(199'999 - i) + "]"));
    object["granular_markings"] = json::array{{{"selectors", selectors}, {"marking_ref", green}}};
    EXPECT_EQ(first(checker, json::serialize(object), {Spec::v21, false}), "sound");
}

}  // namespace
}  // namespace entente::stix
