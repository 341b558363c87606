#pragma once
// The indicators that `entente match` is given in files: STIX in any wrapping, or lists of plain
// values.
#include "cli/context.h"
#include "match/indicators.h"
#include "match/values.h"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace entente::cli {

/// What is told of an indicator that is hit. Views live until more is read.
struct KnownIndicator {
    std::string_view id;    // of STIX, else the value of a list
    std::string_view name;  // of STIX; of a list the rest of its line
    std::string_view pattern;
    std::string_view created_by;  // the name of the identity where that was read, else its id
    std::string_view marking;     // the level of TLP
};

/// What came of reading.
struct IndicatorCounts {
    std::uint64_t taken = 0;
    std::uint64_t revoked = 0;
    std::uint64_t other_language = 0;       // pattern_type is not stix
    std::uint64_t older = 0;                // versions of what is there
    std::uint64_t of_several_creators = 0;  // ids that more than one created_by_ref has
    std::uint64_t refused = 0;
};

/// Threads: one at a time.
class IndicatorFiles {
  public:
    IndicatorFiles(const match::IndicatorSet::Options& options, match::Subdomains below);

    /// Takes what `path` holds ("-" = standard input). Of several versions of one indicator the
    /// newest counts, whatever becomes of it; a revoked one is none. One indicator is what has one
    /// id and one created_by_ref: another creator's stands beside it (STIX 2.1, 3.6.2). What is
    /// refused is counted, and the first few are told by `context.note`. Fails as decode_file, and
    /// malformed for what is neither STIX nor a list.
    [[nodiscard]] Result<void> read(const std::string& path, Progress& progress, Context& context);

    /// One STIX object from `path`, counted as there; other types than indicators and the
    /// identities that name their creators are passed over.
    void take_object(std::string_view text, const std::string& path, Context& context);

    [[nodiscard]] match::IndicatorSet& set() noexcept { return set_; }

    [[nodiscard]] KnownIndicator known(match::Key key) const;

    [[nodiscard]] const IndicatorCounts& counts() const noexcept { return counts_; }

  private:
    void take_line(
        std::string_view line, const std::string& path, std::uint64_t number, Context& context
    );
    void take_indicator(
        const boost::json::object& object, const std::string& path, Context& context
    );
    [[nodiscard]] Result<void> add(const boost::json::object& object, match::Key key);
    void keep(std::initializer_list<std::string_view> texts);
    void refuse(const std::string& place, std::string_view why, Context& context);

    struct Version {
        match::Key key = 0;
        std::uint32_t creator = 0;  // by creators_
        bool seen = false;
        bool live = false;
        std::string version;  // as instant_key makes it
    };

    [[nodiscard]] Version& version_of(
        const std::string& id, std::string_view creator, Context& context
    );

    match::IndicatorSet set_;
    match::Subdomains below_;
    // Millions of indicators: texts one after another, so that each costs little beside them.
    std::vector<std::uint64_t> known_;  // by key: where in texts_ it begins
    std::string texts_;                 // five texts each, each with a zero behind
    std::unordered_map<std::string, std::string> names_;  // of identities, by id
    std::unordered_map<std::string, std::uint32_t> creators_;
    std::unordered_map<std::string, Version> versions_;  // of STIX, by id: of its first creator
    std::unordered_map<std::string, Version> further_versions_;  // by creator and id
    IndicatorCounts counts_;
};

}  // namespace entente::cli
