// Real STIX by other people: what they publish must be readable. Runs where the sets are:
// ENTENTE_SHARED_DATA names their folder.
#include "stix/envelope.h"
#include "stix/object.h"
#include "stix/testing/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

namespace entente::stix {
namespace {

struct Set {
    std::string_view folder;
    std::size_t objects;
    /// Refused objects by the beginning of the reason. All of them break a MUST of the standard.
    std::map<std::string, std::size_t> refused;
};

/// Feeds the file to the cutter.
Result<void> feed_file(Cutter& cutter, const std::filesystem::path& path) {
    ENTENTE_CHECK(internal::read_test_file(path, [&](std::string_view bytes) {
        return cutter.feed(bytes).map([] { return true; });
    }));
    return cutter.finish();
}

struct Tally {
    std::size_t objects = 0;
    std::map<std::string, std::size_t> refused;
};

Tally read_all(const std::filesystem::path& folder) {
    Tally tally;
    const auto sink = [&tally](std::string_view text, std::size_t) -> Result<void> {
        ++tally.objects;
        const auto object = read_object(text);
        if (!object) {
            const std::string& why = object.error().detail;
            ++tally.refused[why.substr(
                0, why.find(object.error().code == Errc::malformed ? ": " : ";")
            )];
            return {};
        }
        const auto again = read_object(object->body);
        EXPECT_TRUE(again && again->digest == object->digest && again->body == object->body)
            << text;
        return {};
    };
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        if (extension != ".json" && extension != ".stix2" && extension != ".xz") continue;
        Cutter cutter(sink);
        const auto result = feed_file(cutter, entry.path());
        EXPECT_TRUE(result) << entry.path() << ": " << result.error().detail;
    }
    return tally;
}

TEST(SharedData, PublishedObjectsAreReadable) {
    const char* const root = std::getenv("ENTENTE_SHARED_DATA");
    if (root == nullptr)
        GTEST_SKIP() << "set ENTENTE_SHARED_DATA to the folder of the real data sets to run this";
    const std::string no_target = "/target_ref: missing";
    const std::string no_type = "/type: missing";
    for (const Set& set : {
             Set{"feeds2stix-stix21", 382, {}},
             Set{"firepit-observed-data", 1'247, {{"/created: missing", 2}, {no_type, 2}}},
             Set{"mitre-attack", 53'516, {}},
             Set{"mvt-indicators-stix21", 1'984, {}},
             Set{"oasis-cti-documentation-examples", 293, {}},
             Set{"oasis-elevator-idioms/idioms-json-2.0", 526, {{no_target, 59}}},
             Set{"oasis-elevator-idioms/idioms-json-2.1", 711, {{no_target, 53}}},
             Set{"opencti-datasets-stix21", 723, {}},
             Set{"pan-unit42-stix20", 4'445, {}},
             Set{"stix-shifter-observed-data", 2'694, {{"/objects/6/protocols", 2}}},
         }) {
        SCOPED_TRACE(set.folder);
        const Tally tally = read_all(std::filesystem::path(root) / set.folder);
        EXPECT_EQ(tally.objects, set.objects);
        EXPECT_EQ(tally.refused, set.refused);
    }
}

TEST(SharedData, AllOfAttackEnterpriseIsThere) {
    const char* const root = std::getenv("ENTENTE_SHARED_DATA");
    if (root == nullptr)
        GTEST_SKIP() << "set ENTENTE_SHARED_DATA to the folder of the real data sets to run this";
    std::size_t objects = 0;
    Cutter cutter([&objects](std::string_view text, std::size_t) -> Result<void> {
        ENTENTE_TRY(const Object object, read_object(text));
        EXPECT_EQ(object.spec_version, "2.1");
        ++objects;
        return {};
    });
    const auto result = feed_file(
        cutter,
        std::filesystem::path(root) / "mitre-attack" /
            "enterprise-attack-18.1.derived-stix21.json.xz"
    );
    EXPECT_TRUE(result) << result.error().detail;
    EXPECT_EQ(objects, 24'771U);
}

}  // namespace
}  // namespace entente::stix
