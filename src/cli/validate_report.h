#pragma once
// The report of `entente validate`: what was found, grouped and counted, with a bounded number of
// examples, for people and for programs.
#include "cli/validate_ids.h"
#include "cli/validate_json.h"
#include "cli/validate_rules.h"
#include "stix/check.h"

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace entente::cli {

/// One object as it was read. What it points to outlives the call that takes it.
struct Judged {
    std::string_view text;
    FoundAt at;
    const Facts& facts;
    bool counts = true;  // as an object; a bundle does not
    /// From this byte on the text stands elsewhere: what is behind the objects of a bundle.
    std::size_t tail_from = std::string_view::npos;
    FoundAt tail_at = {};
};

class Report {
  public:
    struct Options {
        bool strict = false;           // findings of level SHOULD count
        std::size_t examples_max = 3;  // of each kind of finding in each place
    };

    /// REQUIRES: `ignored` outlives the report.
    Report(Options options, const Ignored& ignored);

    /// Further inputs are numbered from 0, in this order.
    void add_input(std::string name);

    void take(const Judged& object, const std::vector<stix::Finding>& findings);
    /// A finding about an object whose text is no longer there.
    void take_reference(const OpenReferences::Reference& reference);
    /// The input, or what follows in it, cannot be read. `at.line` 0 = as a whole.
    void unreadable(const FoundAt& at, std::string detail);
    /// Something that bounds what the report says.
    void note(std::string text);

    void interrupted() noexcept { interrupted_ = true; }

    [[nodiscard]] std::uint64_t objects() const noexcept { return objects_; }

    [[nodiscard]] bool sound() const noexcept {
        return must_ == 0 && (!options_.strict || should_ == 0);
    }

    [[nodiscard]] bool readable() const noexcept { return unreadable_count_ == 0; }

    /// The whole as one JSON object.
    [[nodiscard]] boost::json::object document(std::uint64_t bytes, std::int64_t elapsed_us) const;
    /// Those of `lines` that say what cannot be read.
    [[nodiscard]] std::vector<std::string> unreadable_lines() const;
    /// The lines for people; nothing in them is escaped yet.
    [[nodiscard]] std::vector<std::string> lines(std::uint64_t bytes, std::int64_t elapsed_us)
        const;

  private:
    struct Example {
        FoundAt at;  // of the place
        std::string id;
        std::string pointer;
        std::string message;
        std::string excerpt;
    };

    /// Type of object and pointer with * for every index.
    struct Place {
        std::string type;
        std::string pointer;
        std::uint64_t count = 0;
        std::vector<Example> examples;
    };

    struct Group {
        stix::Level level = stix::Level::must;
        std::uint16_t code = 0;
        std::string rule;
        std::uint64_t count = 0;
        std::uint64_t objects = 0;
        std::uint64_t last_object = 0;                       // the one counted last
        std::unordered_map<std::string, std::size_t> index;  // of places, by type and pointer
        std::vector<Place> places;
        std::uint64_t elsewhere = 0;  // in places beyond the limit
    };

    struct Input {
        std::string name;
        std::uint64_t objects = 0;
        std::uint64_t must = 0;
        std::uint64_t should = 0;
    };

    struct Unreadable {
        FoundAt at;
        std::string detail;
    };

    Group& group_of(stix::Level level, std::uint16_t code, std::string_view rule);
    /// Nothing when the group has as many places as it may.
    Place* place_of(Group& group, std::string_view type, std::string_view pointer);
    void add_example(Place& place, Example example);
    [[nodiscard]] Example example_of(const Judged& object, const stix::Finding& finding);
    [[nodiscard]] bool wants_example(const Place& place) const noexcept;
    [[nodiscard]] std::vector<const Group*> sorted_groups() const;
    [[nodiscard]] static std::vector<const Place*> sorted_places(const Group& group);
    [[nodiscard]] std::string where(const FoundAt& at) const;
    void append_group(std::vector<std::string>& lines, const Group& group) const;
    void append_inputs(std::vector<std::string>& lines) const;
    [[nodiscard]] std::string summary(std::uint64_t bytes, std::int64_t elapsed_us) const;

    Options options_;
    const Ignored& ignored_;
    std::vector<Input> inputs_;
    std::vector<Group> groups_;
    std::map<std::string, std::uint64_t, std::less<>> types_;
    std::vector<Unreadable> unreadable_;
    std::vector<std::string> notes_;
    std::string key_;          // scratch
    std::uint64_t taken_ = 0;  // objects and bundles
    std::uint64_t objects_ = 0;
    std::uint64_t bundles_ = 0;
    std::uint64_t with_must_ = 0;    // objects and bundles with findings of that level
    std::uint64_t with_should_ = 0;  // with SHOULD only
    std::uint64_t must_ = 0;
    std::uint64_t should_ = 0;
    std::uint64_t ignored_count_ = 0;
    std::uint64_t unreadable_count_ = 0;
    std::uint64_t examples_ = 0;
    std::uint64_t located_bytes_ = 0;
    bool interrupted_ = false;
};

}  // namespace entente::cli
