#pragma once
// Walking a collection in order of position: the entries in place, and the view's late rows.
#include "store/internal/query.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace entente::store::internal {

/// The entries of wanted classes that the view shows in place. At most `passed_over_max` rows in
/// between are passed over one by one; then the class index leads from one entry to the next.
class InPlaceWalk {
  public:
    InPlaceWalk(const Query& query, Seq after, std::uint64_t passed_over_max);
    /// The position of the next entry; nothing at the end.
    [[nodiscard]] std::optional<Seq> peek();
    /// The entry at that position, without its body. REQUIRES: peek() gave one. Its texts live
    /// until the next call of peek() or of the snapshot's entry().
    [[nodiscard]] Entry take();
    /// The body of the entry that was taken last, as long as its texts.
    [[nodiscard]] std::string_view body();

  private:
    struct OfClass {
        ClassNo cls{};
        std::vector<Seq> seqs;  // read ahead
        std::size_t at = 0;
        std::size_t chunk = 0;  // how many were asked for; fewer came = no more behind them

        [[nodiscard]] Seq seq() const { return seqs[at]; }
    };

    void use_index(Seq from);
    /// Moves it to the first entry from `from` on that the view shows; false if there is none.
    [[nodiscard]] bool find_shown(OfClass& of_class, Seq from);
    [[nodiscard]] bool refill(OfClass& of_class, Seq from);
    void pop_index();

    const Query& query_;
    std::unique_ptr<EntryCursor> rows_;  // null when the class index is used
    bool end_of_rows_ = false;
    std::optional<Entry> row_;
    std::uint64_t passed_over_ = 0;
    std::uint64_t passed_over_max_;
    std::vector<OfClass> index_;  // a heap, the smallest position first
    std::string_view index_body_;
};

/// The view's late rows of wanted classes that count in this stream.
class LateWalk {
  public:
    LateWalk(const Query& query, Seq after) : query_(query), from_(agreement::next(after)) {}

    [[nodiscard]] std::optional<Seq> peek();
    /// REQUIRES: peek() gave a position.
    [[nodiscard]] LateRow take();

  private:
    const Query& query_;
    Seq from_;
    std::vector<LateRow> rows_;  // read ahead
    std::size_t at_ = 0;
    std::size_t chunk_ = 0;
    bool end_ = false;
};

}  // namespace entente::store::internal
