#pragma once
// Views for one use: what a reader has of a collection, less what its terms do not let it use so.
#include "agreement/use.h"
#include "exchange/caller.h"

#include <string_view>

namespace entente::exchange {

/// The most that the agreement lets its receivers do; `look` where it is not in force or not known:
/// terms that do not hold permit nothing.
[[nodiscard]] agreement::Action action_of(const State& state, std::string_view agreement);

/// Whether entries of the class may be used here at all: they came under no agreement, or under one
/// at least that is in force.
[[nodiscard]] bool terms_hold(const State& state, agreement::ClassNo cls);

/// The reader's view without the classes whose terms permit less than `action`. Both ends are
/// asked: of the agreements under which an entry came here one has to permit it (it came by the
/// word of each), and so has an agreement by which this reader gets it. What came under none, and
/// what a grant gives, has no terms of use. What is in place and what is late stays as it is in
/// `view`. REQUIRES: `view` is of this state.
[[nodiscard]] agreement::View view_for(
    const agreement::View& view, const State& state, agreement::Action action
);

}  // namespace entente::exchange
