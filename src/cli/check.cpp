#include "cli/node_dir.h"
#include "cli/stop.h"
#include "cli/transfer.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {

namespace {
/// Ends a verification, which only reads, from its progress. Never leaves this file.
struct Interrupted {};
}  // namespace

Result<Exit> check(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    std::vector<std::string> findings;
    try {
        Progress progress(context.err, context.progress_mode(options), context.clock, "checking");
        findings = node.store().verify([&](std::uint64_t done, std::uint64_t all) {
            if (stop_requested()) throw Interrupted{};
            progress.at(done, done, all);
        });
    } catch (const Interrupted&) {
        return Exit::interrupted;
    }
    context.out.document({
        {"data", node.path()},
        {"findings", boost::json::array(findings.begin(), findings.end())},
    });
    for (const std::string& finding : findings)
        context.out.line(finding);
    if (findings.empty()) {
        context.out.line(fmt::format("{}: all in order", node.path()));
        return Exit::ok;
    }
    context.note(fmt::format(
        "{} findings in {}; stop the server, keep a copy, and restore a backup",
        findings.size(),
        node.path()
    ));
    return Exit::findings;
}

}  // namespace entente::cli
