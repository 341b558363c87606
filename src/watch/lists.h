#pragma once
// What is one's own, and what is probably no threat: asked about the value of each hit.
#include "exchange/feeds.h"
#include "feed/own_assets.h"
#include "feed/warning_lists.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace entente::watch {

/// What is said of a value. The views live as long as the lists.
struct Opinion {
    bool own = false;
    std::string_view warned;   // the first list that informs
    std::string_view stopped;  // the first list that stops
};

/// Immutable. Threads: safe.
class Lists {
  public:
    /// `path` is the object path where the value was, as "domain-name:value".
    [[nodiscard]] Opinion of(std::string_view path, std::string_view value) const;

  private:
    friend class ListReader;
    feed::OwnAssets own_;
    feed::WarningLists stopping_;
    feed::WarningLists informing_;
};

/// Reads them when they have changed. Threads: one at a time.
class ListReader {
  public:
    /// True when they are others now. What cannot be read stays as it was, and is told to the log.
    [[nodiscard]] bool refresh(store::Snapshot& snapshot);

    /// Null before the first `refresh`.
    [[nodiscard]] std::shared_ptr<const Lists> current() const noexcept { return lists_; }

  private:
    std::shared_ptr<const Lists> lists_;
    std::vector<std::string> own_texts_;
    std::vector<exchange::KeptList> kept_;
};

}  // namespace entente::watch
