#pragma once
// Where pulled objects go: lines of a file or of standard output, or a collection of a node.
#include "base/result.h"
#include "cli/context.h"
#include "cli/file_handle.h"
#include "cli/node_dir.h"
#include "exchange/exchange.h"
#include "taxii/client/pull.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente::cli {

class PullSink {
  public:
    virtual ~PullSink() = default;
    /// Takes the objects of one page; durable on return. Throws StorageError.
    [[nodiscard]] virtual Result<taxii::client::Taken> take(
        std::span<const std::string_view> objects
    ) = 0;

    /// Marks of the objects that were written last, as far as they can be told: a page may have
    /// been written by a run that died before it could note that.
    [[nodiscard]] virtual std::vector<std::string> last_marks() { return {}; }
};

/// Appends one object a line to a file. Without `resume` the file must be empty or absent. A last
/// line that a crash cut off is taken away. Fails: conflict (there is something in it), forbidden,
/// not_found. Throws StorageError.
[[nodiscard]] Result<std::unique_ptr<PullSink>> make_file_sink(
    const std::string& path, bool resume
);

/// Writes one object a line to an open stream and flushes it. `out` outlives the sink.
[[nodiscard]] std::unique_ptr<PullSink> make_stream_sink(std::FILE* out);

/// Publishes in a collection of the node as one of its users. Everything outlives the sink. Fails:
/// not_found, conflict (the collection or user is not there, several fit).
[[nodiscard]] Result<std::unique_ptr<PullSink>> make_node_sink(
    const NodeDir& node, Context& context, const std::string& collection, const std::string& user
);

}  // namespace entente::cli
