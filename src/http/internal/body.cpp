#include "http/internal/body.h"

#include <algorithm>

namespace entente::http {
namespace {

// Encoded bytes that may exceed the decoded limit: headers of gzip members and stored blocks.
constexpr std::uint64_t gzip_overhead_bytes = 64U << 10U;
// A sender is trusted with this share of what it announced once it has sent a quarter of it.
constexpr std::uint64_t trusted_share = 4;

}  // namespace

BodyCollector::BodyCollector(std::uint64_t bytes_max, bool gunzip, Budget& budget)
    : bytes_max_(bytes_max),
      charge_(budget) {
    if (gunzip) gunzip_.emplace();
}

BodyCollector::State BodyCollector::append(std::string_view bytes) {
    if (state_ != State::ok) return state_;
    received_ += bytes.size();
    state_ = gunzip_ ? append_gzip(bytes) : append_plain(bytes);
    return state_;
}

BodyCollector::State BodyCollector::append_plain(std::string_view bytes) {
    const std::uint64_t size = body_.size() + bytes.size();
    if (size > bytes_max_) return State::too_large;
    if (size > body_.capacity()) {
        std::uint64_t room = std::max<std::uint64_t>(size, 2 * body_.size());
        if (expected_ >= size && expected_ / trusted_share <= size) room = expected_;
        if (!charge_.grow_to(room)) return State::busy;
        body_.reserve(room);
    }
    body_ += bytes;
    return State::ok;
}

BodyCollector::State BodyCollector::append_gzip(std::string_view bytes) {
    if (received_ > bytes_max_ + gzip_overhead_bytes) return State::too_large;
    constexpr std::size_t piece_bytes = 4U
                                        << 10U;  // bounds how far one step can outgrow the budget
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        const Gunzip::State step = gunzip_->feed(piece, body_, bytes_max_);
        if (step == Gunzip::State::broken) return State::broken;
        if (step == Gunzip::State::too_large) return State::too_large;
        if (!charge_.grow_to(body_.capacity())) return State::busy;
    }
    return State::ok;
}

BodyCollector::State BodyCollector::finish() {
    if (state_ == State::ok && gunzip_ && !gunzip_->complete()) state_ = State::broken;
    return state_;
}

int status_of(BodyCollector::State state) noexcept {
    switch (state) {
        case BodyCollector::State::ok:
            return 0;
        case BodyCollector::State::too_large:
            return 413;
        case BodyCollector::State::broken:
            return 400;
        case BodyCollector::State::busy:
            return 503;
    }
    return 500;
}

}  // namespace entente::http
