#pragma once
// A set of entry numbers: a bit each, in pieces of 4,096 that exist only where one is set.
#include "agreement/class.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstdint>

namespace entente::exchange {

class SeqSet {
  public:
    /// True when it was not there.
    bool insert(agreement::Seq seq) {
        const std::uint64_t number = agreement::raw(seq);
        auto& piece = pieces_[number / piece_bits];
        std::uint64_t& word = piece[number % piece_bits / 64];
        const std::uint64_t bit = std::uint64_t{1} << (number % 64);
        if ((word & bit) != 0) return false;
        word |= bit;
        return true;
    }

  private:
    static constexpr std::uint64_t piece_bits = 4'096;
    boost::unordered_flat_map<std::uint64_t, std::array<std::uint64_t, piece_bits / 64>> pieces_;
};

}  // namespace entente::exchange
