#include "cli/node_dir.h"
#include "cli/transfer.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace entente::cli {

Result<Exit> check(const Common& options, Context& context) {
    ENTENTE_TRY(const NodeDir node, NodeDir::open(options.data));
    std::uint64_t rows = 0;
    std::vector<std::string> findings;
    {
        Progress progress(context.err, context.progress_mode(options), context.clock, "checking");
        findings = node.store().verify([&](std::uint64_t done, std::uint64_t all) {
            rows = done;
            progress.at(done, done, all);
        });
    }
    context.out.document({
        {"data", node.path()},
        {"checked", rows},
        {"findings", boost::json::array(findings.begin(), findings.end())},
    });
    for (const std::string& finding : findings)
        context.out.line(finding);
    if (findings.empty()) {
        context.out.line(
            fmt::format("{}: {} rows checked, all in order", node.path(), grouped(rows))
        );
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
