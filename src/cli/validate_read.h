#pragma once
// Reading the inputs of `entente validate`: whole texts, cut into objects, or line by line.
#include "cli/context.h"
#include "cli/validate_inputs.h"
#include "cli/validate_judge.h"
#include "cli/validate_report.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

/// "standard input" for "-".
[[nodiscard]] std::string shown_name(const std::string& path);

/// The way through the inputs: decoding, progress, the bytes so far.
class Reading {
  public:
    /// Both outlive the reading.
    Reading(const std::vector<ValidateInput>& inputs, Progress& progress);

    /// Hands the decoded bytes of an input to `take`, up to its end, its first error or a request
    /// to stop. `count` tells what is done, for the progress. Fails, in all of it about this input
    /// alone: with the input's known problem, as decode_file, or with what `take` said. Throws
    /// StorageError when the disk does not give what it has.
    [[nodiscard]] Result<void> input(
        std::size_t index,
        const std::function<Result<void>(std::string_view bytes)>& take,
        const std::function<std::uint64_t()>& count
    );

    /// Decoded, of all inputs.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return decoded_; }

  private:
    const std::vector<ValidateInput>& inputs_;
    Progress& progress_;
    std::uint64_t all_bytes_ = 0;
    std::uint64_t before_ = 0;  // bytes of the inputs that are done, as they lie there
    std::uint64_t decoded_ = 0;
};

/// Cuts every input into objects and has them judged. What cannot be read goes to the report.
void read_objects(
    const std::vector<ValidateInput>& inputs, Reading& reading, Judge& judge, Report& report
);

/// One line of an input with what is wrong with it.
struct LineAnswer {
    std::string_view text;  // without its line feed; a part of it when it is too long
    FoundAt at;
    const Facts& facts;
    const std::vector<stix::Finding>& findings;
};

/// Has every line of every input judged and told to `answer`, in order; lines longer than
/// limits::object_bytes_max are told as such. `pause` is called whenever what has come so far is
/// answered. What cannot be read goes to the report.
void read_lines(
    const std::vector<ValidateInput>& inputs,
    Reading& reading,
    LineJudge& judge,
    Report& report,
    const std::function<void(const LineAnswer&)>& answer,
    const std::function<void()>& pause
);

}  // namespace entente::cli
