// The sample campaign of examples/: every object of it is readable, and what examples/ says about
// who may see it follows from what `read_object` tells. Worked out here anew, so that two
// implementations must agree.
#include "stix/envelope.h"
#include "stix/object.h"
#include "stix/tlp.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace entente::stix {
namespace {

std::string file_text(const std::string& name) {
    std::ifstream file(std::string(ENTENTE_SOURCE_DIR) + "/examples/" + name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const std::vector<Object>& campaign() {
    static const std::vector<Object> objects = [] {
        std::vector<Object> out;
        const std::string text = file_text("campaign-harbour-lantern.json");
        const Envelope envelope = read_envelope(text).value();
        for (const std::string_view slice : envelope.objects) {
            auto object = read_object(slice);
            EXPECT_TRUE(object) << object.error().detail << "\n" << slice;
            if (object) out.push_back(std::move(*object));
        }
        return out;
    }();
    return objects;
}

bool passes(const Object& object, Tlp ceiling, const std::set<std::string>& statements) {
    constexpr Tlp default_marking = Tlp::amber;
    const auto below = [&](const std::string& marking) {
        return statements.contains(marking) || tlp_of_marking(marking) <= ceiling;
    };
    return (!object.object_markings.empty() || default_marking <= ceiling) &&
           std::all_of(object.object_markings.begin(), object.object_markings.end(), below) &&
           std::all_of(object.granular_markings.begin(), object.granular_markings.end(), below);
}

using Entries = std::set<std::pair<std::string, std::string>>;  // id, version

/// What a reader may see: takes away what names something of the bundle that is gone, until nothing
/// more goes.
Entries visible(Tlp ceiling) {
    std::set<std::string> all;
    std::set<std::string> statements;
    for (const Object& o : campaign()) {
        all.insert(o.id);
        if (o.marking && o.marking->form == MarkingContent::Form::statement)
            statements.insert(o.id);
    }
    std::vector<const Object*> shown;
    for (const Object& o : campaign()) {
        if (passes(o, ceiling, statements)) shown.push_back(&o);
    }
    for (std::size_t before = shown.size() + 1; before != shown.size();) {
        before = shown.size();
        std::set<std::string> left;
        for (const Object* o : shown)
            left.insert(o->id);
        std::erase_if(shown, [&](const Object* o) {
            return std::any_of(
                o->references.begin(),
                o->references.end(),
                [&](const std::string& ref) { return all.contains(ref) && !left.contains(ref); }
            );
        });
    }
    Entries out;
    for (const Object* o : shown)
        out.emplace(o->id, o->version);
    return out;
}

TEST(Campaign, IsReadableAndVaried) {
    EXPECT_GE(campaign().size(), 60U);
    std::set<Digest> digests;
    Entries entries;
    std::map<std::string, std::vector<const Object*>> versions;
    std::set<std::string> markings;
    std::set<Kind> kinds;
    std::size_t unmarked = 0;
    std::size_t granular = 0;
    for (const Object& o : campaign()) {
        SCOPED_TRACE(o.id);
        EXPECT_TRUE(digests.insert(o.digest).second);
        EXPECT_TRUE(entries.emplace(o.id, o.version).second);
        EXPECT_EQ(o.spec_version, "2.1");
        versions[o.id].push_back(&o);
        markings.insert(o.object_markings.begin(), o.object_markings.end());
        kinds.insert(o.kind);
        unmarked += o.object_markings.empty() ? 1 : 0;
        granular += o.granular_markings.empty() ? 0 : 1;
        // North CERT speaks, and nobody else.
        if (o.kind != Kind::cyber_observable &&
            o.id != "identity--6f2b6f5e-4c1f-4d0a-9a58-3f1c8f7d2e10") {
            EXPECT_EQ(o.created_by_ref, "identity--6f2b6f5e-4c1f-4d0a-9a58-3f1c8f7d2e10");
        }
        for (const std::string& marking : o.object_markings) {
            EXPECT_TRUE(tlp_of_marking(marking) || versions.contains(marking)) << marking;
        }
    }
    for (const Tlp level : {Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red}) {
        EXPECT_TRUE(markings.contains(std::string(tlp2_marking_id(level)))) << tlp_name(level);
    }
    EXPECT_TRUE(markings.contains("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"));
    EXPECT_EQ(kinds.size(), 4U);
    EXPECT_GE(unmarked, 3U);
    EXPECT_GE(granular, 1U);
    const auto several = std::count_if(versions.begin(), versions.end(), [](const auto& v) {
        return v.second.size() > 1;
    });
    EXPECT_GE(several, 3);
    EXPECT_TRUE(std::any_of(versions.begin(), versions.end(), [](const auto& v) {
        return v.second.size() > 1 && v.second.back()->revoked && !v.second.front()->revoked;
    }));
}

TEST(Campaign, EachReaderMaySeeWhatIsExpected) {
    const simdjson::padded_string text(file_text("campaign-harbour-lantern.expected.json"));
    simdjson::dom::parser parser;
    const simdjson::dom::object expected = parser.parse(text);
    EXPECT_EQ(expected.size(), 5U);
    std::size_t last = 0;
    for (const Tlp ceiling : {Tlp::clear, Tlp::green, Tlp::amber, Tlp::amber_strict, Tlp::red}) {
        SCOPED_TRACE(tlp_name(ceiling));
        Entries wanted;
        for (const simdjson::dom::element pair :
             simdjson::dom::array(expected[tlp_name(ceiling)])) {
            wanted.emplace(std::string_view(pair.at(0)), std::string_view(pair.at(1)));
        }
        EXPECT_EQ(visible(ceiling), wanted);
        EXPECT_GT(wanted.size(), last);  // each level adds something
        last = wanted.size();
    }
    EXPECT_EQ(last, campaign().size());
}

TEST(Campaign, AGreenRelationshipToARedObjectIsNotForGreenReaders) {
    const auto& all = campaign();
    const Entries green = visible(Tlp::green);
    const bool found = std::any_of(all.begin(), all.end(), [&](const Object& o) {
        return o.type == "relationship" &&
               o.object_markings == std::vector{std::string(tlp2_marking_id(Tlp::green))} &&
               !green.contains({o.id, o.version});
    });
    EXPECT_TRUE(found);
}

}  // namespace
}  // namespace entente::stix
