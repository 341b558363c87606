#pragma once
// Whether an entry that is released has come to its reader yet.
#include "exchange/explain.h"
#include "store/store.h"

#include <optional>
#include <vector>

namespace entente::exchange {

/// Of one reader and one collection at one moment. Threads: one at a time.
class Reaches {
  public:
    struct Of {
        store::UserNo user{};  // none: nobody was ever served
        store::CollectionNo collection{};
        Micros at;
        bool as_served = true;  // as `Question::as_served`
    };

    Reaches(store::Snapshot& snapshot, const Of& of) : snapshot_(snapshot), of_(of) {}

    [[nodiscard]] Reach of(store::Seq seq, store::ClassNo cls, const agreement::Decision& decision);

  private:
    [[nodiscard]] Micros stored_at(store::Seq seq);
    [[nodiscard]] bool was_served(store::Seq seq, store::ClassNo cls);

    store::Snapshot& snapshot_;
    Of of_;
    std::optional<store::Group> group_;                         // looked at last
    std::optional<std::vector<agreement::Stretch>> stretches_;  // of the view, once needed
};

}  // namespace entente::exchange
