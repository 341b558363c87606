#pragma once
// The part of a server that tells partners what waits for them, as it comes up.
#include "peer/delivery.h"

#include <memory>

namespace entente::peer {

/// Looks every limits::peer_look_ms for what is due and sends it, to limits::peer_threads_max
/// partners at once and to each over one connection, so that one who does not answer holds nobody
/// else. Threads: one that looks and one for each delivery under way; they use the store through
/// `node`.
class Courier {
  public:
    /// Starts at once. `node.stopping` is asked too.
    explicit Courier(Surroundings node);
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;
    /// Stops.
    ~Courier();

    /// Ends all threads: deliveries under way are left within some 100 ms and tried again another
    /// time. (Looking up a name takes as long as the system does.)
    void stop();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace entente::peer
