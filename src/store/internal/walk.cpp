#include "store/internal/walk.h"

#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace entente::store::internal {
namespace {

// Reading ahead begins small, so that a page of a few entries reads few rows, and doubles.
constexpr std::size_t chunk_first = 2;
constexpr std::size_t chunk_max = 128;

std::size_t next_chunk(std::size_t chunk) {
    return chunk == 0 ? chunk_first : std::min(chunk * 2, chunk_max);
}

}  // namespace

InPlaceWalk::InPlaceWalk(const Query& query, Seq after, std::uint64_t passed_over_max)
    : query_(query),
      rows_(query.snapshot().entries(query.collection(), agreement::next(after))),
      passed_over_max_(passed_over_max) {}

std::optional<Seq> InPlaceWalk::peek() {
    if (row_) return row_->seq;
    while (rows_ && !end_of_rows_) {
        const auto entry = rows_->next();
        if (!entry) {
            end_of_rows_ = true;
            break;
        }
        if (query_.wants(entry->cls) && query_.view().shows(entry->cls, entry->seq)) {
            row_ = entry;
            return row_->seq;
        }
        if (++passed_over_ > passed_over_max_) use_index(agreement::next(entry->seq));
    }
    if (index_.empty()) return std::nullopt;
    return index_.front().seq();
}

Entry InPlaceWalk::take() {
    if (row_) return *std::exchange(row_, std::nullopt);
    ENTENTE_ASSERT(!index_.empty());
    const auto entry = query_.snapshot().entry(query_.collection(), index_.front().seq());
    if (!entry) throw StorageError(StorageError::Kind::corrupt, "the class index names no entry");
    index_body_ = entry->body;
    pop_index();
    return *entry;
}

std::string_view InPlaceWalk::body() {
    return rows_ ? rows_->body() : index_body_;
}

// A heap has its greatest in front.
constexpr auto later = [](const auto& a, const auto& b) { return a.seq() > b.seq(); };

void InPlaceWalk::use_index(Seq from) {
    rows_.reset();
    for (const ClassNo cls : query_.wanted()) {
        OfClass of_class{.cls = cls, .seqs = {}, .at = 0, .chunk = 0};
        if (find_shown(of_class, from)) index_.push_back(std::move(of_class));
    }
    std::ranges::make_heap(index_, later);
}

bool InPlaceWalk::find_shown(OfClass& of_class, Seq from) {
    for (;;) {
        from = query_.view().next_shown(of_class.cls, from);
        if (from >= agreement::seq_max) return false;
        // What was read ahead, as far as it reaches.
        while (of_class.at < of_class.seqs.size() && of_class.seq() < from)
            ++of_class.at;
        if (of_class.at == of_class.seqs.size()) {
            if (of_class.chunk != 0 && of_class.seqs.size() < of_class.chunk) return false;
            if (!refill(of_class, from)) return false;
        }
        if (query_.view().shows(of_class.cls, of_class.seq())) return true;
        from = of_class.seq();
    }
}

bool InPlaceWalk::refill(OfClass& of_class, Seq from) {
    of_class.chunk = next_chunk(of_class.chunk);
    of_class.at = 0;
    of_class.seqs =
        query_.snapshot().next_of_class(query_.collection(), of_class.cls, from, of_class.chunk);
    return !of_class.seqs.empty();
}

void InPlaceWalk::pop_index() {
    std::ranges::pop_heap(index_, later);
    OfClass& of_class = index_.back();
    if (find_shown(of_class, agreement::next(of_class.seq()))) {
        std::ranges::push_heap(index_, later);
    } else {
        index_.pop_back();
    }
}

std::optional<Seq> LateWalk::peek() {
    for (;;) {
        if (at_ == rows_.size()) {
            if (end_) return std::nullopt;
            chunk_ = next_chunk(chunk_);
            rows_ = query_.snapshot().late_rows(
                query_.view().user(), query_.collection(), from_, chunk_
            );
            at_ = 0;
            end_ = rows_.size() < chunk_;
            if (rows_.empty()) return std::nullopt;
            from_ = agreement::next(rows_.back().seq);
        }
        const LateRow& row = rows_[at_];
        // Whether the entry stands in place as well is known only when it is read.
        if (query_.wants(row.cls) && query_.counts(row, false)) return row.seq;
        ++at_;
    }
}

LateRow LateWalk::take() {
    ENTENTE_ASSERT(at_ < rows_.size());
    return rows_[at_++];
}

}  // namespace entente::store::internal
