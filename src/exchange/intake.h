#pragma once
// How much publishing is under way, and whether there is room for more: asked before a body is
// read, so that what cannot be written in time costs nothing.
#include "base/time.h"
#include "store/rows.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace entente::exchange {

/// Lets requests in as long as everything under way is done within limits::write_wait_ms_max, as
/// far as that can be told: from how much was done lately while several waited, all of it counted
/// (judging, the writer's queue, the commit). Three rules let in what that would refuse:
/// 1. No more than limits::write_patience_requests are under way.
/// 2. The user has none under way, and what has come whole is done within twice the limit: one that
/// sends or announces very much does not shut out the others.
/// 3. Nothing is known of the pace, and no more than a few hundred are under way.
/// A body that comes slowly counts for limits::write_arriving_ms (at most twice that), then again
/// when it is complete: who sends a byte a second takes no room from others.
/// Threads: safe. `clock` outlives all places.
class Intake {
  private:
    struct Inside;

  public:
    /// A request that was let in. Gives its room back when it goes. Threads: one at a time.
    class Place {
      public:
        Place() = default;
        Place(Place&& other) noexcept;
        Place& operator=(Place&& other) noexcept;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        ~Place() { give_up(); }

        /// The body is complete, and has so many bytes.
        void arrived(std::uint64_t bytes);
        /// What it was let in for was done: its time tells how long others will take. REQUIRES:
        /// `arrived`.
        void end();
        /// It came to nothing, and tells nothing.
        void give_up();

      private:
        friend class Intake;
        // Shared: the place may outlive the intake. Null = an empty place, of which all calls are
        // without effect.
        std::shared_ptr<Inside> intake_;
        store::UserNo user_{};
        std::size_t cost_ = 0;
        std::int64_t period_ = 0;  // in which it was let in
        bool arrived_ = false;
    };

    explicit Intake(const Clock& clock);

    /// A place for a request of about `bytes`; nothing when it would wait too long.
    [[nodiscard]] std::optional<Place> enter(store::UserNo user, std::uint64_t bytes);

    /// One that was let in was refused by the writer after all.
    void refused_late();

    struct Counts {
        std::size_t under_way = 0;  // requests; without slow bodies
        double wait_ms = 0;         // until all of them are done
        std::uint64_t refused = 0;  // since the beginning
    };

    [[nodiscard]] Counts counts() const;

    /// How many were refused since the last call.
    [[nodiscard]] std::uint64_t take_refused();

  private:
    std::shared_ptr<Inside> inside_;  // shared: with the places
};

}  // namespace entente::exchange
