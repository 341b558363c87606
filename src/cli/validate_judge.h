#pragma once
// Judging what a stream holds: each object, each bundle, and what only several objects together
// can get wrong.
#include "cli/validate_ids.h"
#include "cli/validate_json.h"
#include "cli/validate_report.h"
#include "stix/check.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// Checks one object by itself (stix::Checker in the program, something simpler in tests).
using CheckObject = std::function<
    const std::vector<stix::Finding>&(std::string_view json, const stix::CheckOptions& options)>;

/// True when the members in `head` say that the bundle is one of STIX 2.0.
[[nodiscard]] bool says_stix20(std::string_view head);

/// The objects of one list, or of one stream outside of lists: tells versions that come twice.
class Versions {
  public:
    Versions(Random& random, std::size_t max) : prints_(random), seen_(max) {}

    void clear() { seen_.clear(); }

    /// Appends a finding (203) when this version was there before.
    void take(const Facts& facts, std::vector<stix::Finding>& findings);

    /// True once there were more versions than are remembered.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  private:
    Fingerprints prints_;
    FingerprintSet seen_;
    bool overflowed_ = false;
};

struct JudgeOptions {
    stix::Spec spec = stix::Spec::as_stated;
    bool enforce_refs = false;
};

/// Takes a stream as stix::Cutter cuts it and tells the report. Threads: one at a time.
class Judge {
  public:
    /// All outlive the judge.
    Judge(const JudgeOptions& options, CheckObject check, Report& report, Random& random);

    /// A further input begins.
    void begin_input();
    void opened(std::string_view head, const FoundAt& at);
    void object(std::string_view text, const FoundAt& at);
    void closed(std::string_view tail, const FoundAt& at);
    /// Everything was given: tells what only now is known.
    void finish();

  private:
    void take_references(std::string_view text, const FoundAt& at);
    [[nodiscard]] bool is_unreadable(
        std::string_view text, const std::vector<stix::Finding>& findings, const FoundAt& at
    );

    JudgeOptions options_;
    CheckObject check_;
    Report& report_;
    Versions in_list_;
    Versions in_stream_;
    std::optional<OpenReferences> references_;
    Facts facts_;
    std::vector<stix::Finding> findings_;  // when there are some beside the checker's

    // The list that is open.
    bool list_open_ = false;
    stix::Spec list_spec_ = stix::Spec::as_stated;
    std::string head_;
    FoundAt opened_at_;
    std::uint64_t list_objects_ = 0;
};

/// Judges single lines, each by itself.
class LineJudge {
  public:
    LineJudge(stix::Spec spec, CheckObject check, Random& random);

    /// All findings of the line's object, or of the bundle, envelope or list on it and its objects;
    /// pointers lead from the line's value. They live until the next call.
    [[nodiscard]] const std::vector<stix::Finding>& check(std::string_view line);

    /// What the line's value says of itself.
    [[nodiscard]] const Facts& facts() const noexcept { return facts_; }

  private:
    void check_list(std::string_view line);
    void take(std::string_view text, const std::string& pointer, stix::Spec spec);

    stix::Spec spec_;
    CheckObject check_;
    Versions versions_;
    Facts facts_;
    Facts element_;
    std::vector<stix::Finding> findings_;
};

}  // namespace entente::cli
