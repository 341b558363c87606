#include "stix/check.h"

#include "stix/internal/canonical.h"
#include "stix/internal/check_object.h"

namespace entente::stix {

struct Checker::Inside {
    internal::Canonical reader;
    internal::Check check;
};

Checker::Checker() : inside_(std::make_unique<Inside>()) {}

Checker::~Checker() = default;

const std::vector<Finding>& Checker::check_canonical(
    std::string_view canonical, const CheckOptions& options
) {
    inside_->check.run(canonical, options);
    return inside_->check.findings.all();
}

const std::vector<Finding>& Checker::check(std::string_view json, const CheckOptions& options) {
    if (const auto read = inside_->reader.read(json, internal::Canonical::Parts::no_body); !read) {
        internal::Findings& findings = inside_->check.findings;
        findings.begin(options.should);
        // "/pointer: byte 17: what", or "byte 17: what"
        const std::string_view detail = read.error().detail;
        const std::size_t colon =
            detail.starts_with('/') ? detail.find(": ") : std::string_view::npos;
        const bool has_pointer = colon != std::string_view::npos;
        findings.must_at(
            "S1",
            std::string(has_pointer ? detail.substr(0, colon) : ""),
            std::string(has_pointer ? detail.substr(colon + 2) : detail)
        );
        return findings.all();
    }
    inside_->check.run(inside_->reader.text(), options, inside_->reader.properties());
    inside_->reader.forget_large();
    return inside_->check.findings.all();
}

}  // namespace entente::stix
