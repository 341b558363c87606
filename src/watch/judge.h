#pragma once
// Whether a hit counts: asked of the store for each indicator that was hit, so that what was
// withdrawn is silent from its commit on, however far behind the set of patterns is.
#include "exchange/purpose.h"
#include "watch/follower.h"
#include "watch/hit.h"

#include <map>
#include <memory>
#include <optional>

namespace entente::watch {

/// As of the moment when it was made. Threads: one.
class Judge {
  public:
    /// `live` outlives it. Throws StorageError.
    Judge(const Around& around, const Live& live);
    Judge(const Judge&) = delete;
    Judge& operator=(const Judge&) = delete;
    ~Judge();

    /// What of a hit comes from its indicator, and when it is valid. Nothing, when the watch's user
    /// may not see it, it is not the newest version, it is revoked, its valid_until has passed, or
    /// no agreement under which it came is in force. Answers are remembered. Throws StorageError.
    struct Known {
        Hit hit;
        match::Validity validity;
    };

    [[nodiscard]] const std::optional<Known>& ask(match::Key key);

    [[nodiscard]] const std::shared_ptr<const exchange::State>& state() const noexcept {
        return now_.state;
    }

    [[nodiscard]] Micros at() const noexcept { return at_; }

  private:
    struct Views;

    [[nodiscard]] std::optional<Known> look_up(Place place);
    [[nodiscard]] const Views& views(store::CollectionNo collection);

    const Around& around_;
    const Live& live_;
    exchange::Present now_;
    Micros at_;
    bool nobody_ = true;  // the user is gone, stopped or has to wait: nothing counts
    std::map<store::CollectionNo, std::unique_ptr<const Views>> views_;
    std::map<match::Key, std::optional<Known>> known_;
};

}  // namespace entente::watch
