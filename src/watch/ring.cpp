#include "watch/ring.h"

#include "base/limits.h"

#include <algorithm>
#include <charconv>

namespace entente::watch {
namespace {

constexpr std::size_t batch_hits_max = 500;  // the rest follows

}  // namespace

/// REQUIRES: mutex_ is held.
Ring::Batch Ring::batch_after(std::uint64_t after) const {
    Batch batch;
    const std::uint64_t first = last_ - hits_.size() + 1;
    // A number of the future is none of ours.
    std::uint64_t number = after > last_ ? first : after + 1;
    if (number < first) {
        batch.lost = true;
        number = first;
    }
    const std::uint64_t end = std::min<std::uint64_t>(last_ + 1, number + batch_hits_max);
    batch.last = end - 1;
    for (; number < end; ++number)
        batch.hits.emplace_back(number, hits_[static_cast<std::size_t>(number - first)]);
    return batch;
}

void Ring::add(std::vector<std::string> hits) {
    std::vector<std::pair<Then, Batch>> told;
    {
        const std::lock_guard lock(mutex_);
        for (std::string& hit : hits) {
            bytes_ += hit.size();
            hits_.push_back(std::move(hit));
            ++last_;
            while (hits_.size() > limits::watch_ring_hits_max ||
                   (bytes_ > limits::watch_ring_bytes_max && hits_.size() > 1)) {
                bytes_ -= hits_.front().size();
                hits_.pop_front();
            }
        }
        if (hits.empty()) return;
        for (Reader& reader : readers_)
            told.emplace_back(std::move(reader.then), batch_after(reader.after));
        readers_.clear();
    }
    for (auto& [then, batch] : told)
        then(std::move(batch));
}

void Ring::next(std::uint64_t after, std::int64_t now_us, Then then) {
    std::optional<Batch> batch;
    {
        const std::lock_guard lock(mutex_);
        if (!ended_ && after == last_) {
            readers_.push_back({after, now_us, std::move(then)});
            return;
        }
        if (!ended_) batch = batch_after(after);
    }
    then(std::move(batch));
}

void Ring::heartbeat(std::int64_t now_us) {
    std::vector<std::pair<Then, Batch>> told;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(readers_, [&](Reader& reader) {
            if (now_us - reader.since_us < limits::watch_heartbeat_ms * 1'000) return false;
            told.emplace_back(std::move(reader.then), Batch{{}, reader.after, false});
            return true;
        });
    }
    for (auto& [then, batch] : told)
        then(std::move(batch));
}

void Ring::end() {
    std::vector<Reader> readers;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        readers.swap(readers_);
    }
    for (const Reader& reader : readers)
        reader.then(std::nullopt);
}

std::uint64_t Ring::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

std::string Ring::name(std::uint64_t number) const {
    return mark_ + '-' + std::to_string(number);
}

std::optional<std::uint64_t> Ring::number(std::string_view name) const {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view digits = name.substr(dash + 1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return name.substr(0, dash) == mark_ ? number : 0;
}

}  // namespace entente::watch
