#pragma once
// For tests: sound objects that are easily changed, and what is found in them as short texts.
#include "stix/check.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace entente::stix::check_objects {

namespace json = boost::json;

inline constexpr std::string_view identity_id = "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff";
inline constexpr std::string_view green =
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";

/// The findings of level MUST, a line each: "S34 /latitude", in the order of their rules' places.
inline std::string musts(const json::object& object, Spec spec = Spec::v21) {
    static Checker checker;
    std::string out;
    for (const Finding& f : checker.check(json::serialize(object), {spec, false})) {
        EXPECT_EQ(f.level, Level::must);
        EXPECT_FALSE(f.message.empty());
        out.append(out.empty() ? "" : "\n").append(f.rule).append(" ").append(f.pointer);
    }
    return out;
}

/// The findings of level SHOULD: "103 /id".
inline std::string shoulds(const json::object& object, Spec spec = Spec::v21) {
    static Checker checker;
    std::string out;
    for (const Finding& f : checker.check(json::serialize(object), {spec, true})) {
        if (f.level != Level::should) continue;
        out.append(out.empty() ? "" : "\n")
            .append(std::to_string(f.code))
            .append(" ")
            .append(f.pointer);
    }
    return out;
}

inline std::string message(const json::object& object) {
    static Checker checker;
    const auto& findings = checker.check(json::serialize(object), {Spec::v21, false});
    return findings.empty() ? std::string() : findings[0].message;
}

/// `object` with properties set; those set to null are taken away.
inline json::object with(json::object object, const json::object& changes) {
    for (const auto& [name, value] : changes) {
        if (value.is_null()) {
            object.erase(name);
        } else {
            object[name] = value;
        }
    }
    return object;
}

/// A domain or relationship object of the type with its common properties and these.
inline json::object sdo(std::string_view type, const json::object& own = {}) {
    return with(
        {{"type", type},
         {"spec_version", "2.1"},
         {"id", std::string(type) + "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"},
         {"created", "2016-04-06T20:03:48.000Z"},
         {"modified", "2016-04-06T20:03:48.000Z"}},
        own
    );
}

/// A cyber-observable of the type with these properties.
inline json::object sco(std::string_view type, const json::object& own, char version = '5') {
    return with(
        {{"type", type},
         {"spec_version", "2.1"},
         {"id", std::string(type) + "--1ea47840-aa39-" + version + "aa8-b4a2-cd203eb6662a"}},
        own
    );
}

inline json::object with_extension(std::string_view name, const json::object& content) {
    return {{"extensions", json::object{{name, content}}}};
}

inline std::string id_of(std::string_view type) {
    return std::string(type) + "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
}

inline json::object indicator() {
    return sdo(
        "indicator",
        {{"pattern", "[file:size > 5]"},
         {"pattern_type", "stix"},
         {"valid_from", "2016-01-01T00:00:00Z"}}
    );
}

inline json::object tool() {
    return sdo("tool", {{"name", "VNC"}});
}

inline json::object file() {
    return sco("file", {{"name", "foo.exe"}});
}

inline json::object traffic() {
    return sco("network-traffic", {{"protocols", {"tcp"}}, {"src_ref", id_of("ipv4-addr")}});
}

inline json::object observed() {
    return sdo(
        "observed-data",
        {{"first_observed", "2015-12-21T19:00:00Z"},
         {"last_observed", "2015-12-21T19:00:00Z"},
         {"number_observed", 1},
         {"object_refs", {id_of("file"), id_of("relationship")}}}
    );
}

inline json::object relationship() {
    return sdo(
        "relationship",
        {{"relationship_type", "uses"},
         {"source_ref", id_of("malware")},
         {"target_ref", id_of("tool")}}
    );
}

inline json::object translation(const json::object& contents) {
    return sdo("language-content", {{"object_ref", id_of("campaign")}, {"contents", contents}});
}

inline json::object marking(const json::object& own) {
    return with(sdo("marking-definition"), with({{"modified", nullptr}}, own));
}

}  // namespace entente::stix::check_objects
