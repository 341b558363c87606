#pragma once
// Checking STIX objects against the standard: every rule of STIX 2.1 sections 2 to 11 that one
// object alone can break (items S1-S74 and V1-V16 of docs/conformance.md), the checks that the
// standard recommends, and STIX 2.0's rules for 2.0 objects.
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::stix {

enum class Level : std::uint8_t { must, should };

/// One thing that is wrong.
struct Finding {
    Level level = Level::must;
    std::uint16_t code =
        0;  // public number of the reference checker's SHOULD checks (101 … 401); 0 = it has none
    std::string_view rule;  // item of docs/conformance.md, for example "S32", "V13", "P2"
    std::string
        pointer;  // JSON pointer (RFC 6901) into the object, names unescaped; "" = the object
    std::string message;  // what is wrong, and what would be right
};

enum class Spec : std::uint8_t { as_stated, v20, v21 };

struct CheckOptions {
    Spec spec = Spec::as_stated;  // by `spec_version`; where that is absent by T72's inference
    bool should = true;           // look for what the standard recommends too
};

/// Checks objects one after the other and reuses its memory. A sound object costs no allocation.
/// Threads: one at a time.
class Checker {
  public:
    Checker();
    ~Checker();
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    /// All findings of the object that `canonical` spells in RFC 8785 form (`canonical_json`, or
    /// `Reading::canonical`), in the order of the properties there; at most
    /// limits::findings_per_object_max, the last then says that there are more. They live until the
    /// next call.
    [[nodiscard]] const std::vector<Finding>& check_canonical(
        std::string_view canonical, const CheckOptions& options = {}
    );

    /// The same for any JSON text. What is no I-JSON (RFC 7493) gives one finding with the byte or
    /// pointer of the error.
    [[nodiscard]] const std::vector<Finding>& check(
        std::string_view json, const CheckOptions& options = {}
    );

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::stix
